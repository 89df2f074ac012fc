"""The vault: what is sealed opens in its place only, and its keys are nobody else's."""

import hmac
import itertools
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yinhe.storage.errors import FieldKeysUnusable, SealBroken
from yinhe.storage.vault import (
    BLIND_BYTES,
    KEYS_FILE,
    OVERHEAD_BYTES,
    Vault,
    add_key,
    drop_old_keys,
    key_number,
    read_keys,
    write_keys,
)

SEAL = "seal 1 " + "11" * 32
BLIND = "blind " + "22" * 32


def test_what_is_sealed_opens_in_its_own_context_only(tmp_path: Path) -> None:
    vault = Vault.open(tmp_path, {})
    sealed = vault.seal("张三".encode(), "party/1/name.text/7")
    assert vault.unseal(sealed, "party/1/name.text/7") == "张三".encode()
    with pytest.raises(SealBroken, match="party/2"):
        vault.unseal(sealed, "party/2/name.text/7")


def test_a_sealed_field_that_was_changed_anywhere_does_not_open(tmp_path: Path) -> None:
    vault = Vault.open(tmp_path, {})
    sealed = vault.seal(b"secret", "x")
    assert len(sealed) == len(b"secret") + OVERHEAD_BYTES
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            vault.unseal(bytes(changed), "x")
    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            vault.unseal(sealed[:length], "x")


def test_one_field_sealed_twice_never_looks_the_same(tmp_path: Path) -> None:
    vault = Vault.open(tmp_path, {})
    assert len({vault.seal(b"same", "x") for _ in range(50)}) == 50


def test_a_sealed_field_is_what_the_description_says() -> None:
    master, context = b"\x11" * 32, "party/1/name.text/7"
    sealed = Vault({300: master}, b"\x22" * 32).seal(b"secret", context)
    header, nonce, rest = sealed[:5], sealed[5:17], sealed[17:]
    assert header == b"\x01" + (300).to_bytes(4, "big")
    key = hmac.digest(master, b"seal" + context.encode(), "sha256")
    assert AESGCM(key).decrypt(nonce, rest, header + context.encode()) == b"secret"


def test_blind_indexes_are_equal_for_equal_values_of_one_purpose_and_key(tmp_path: Path) -> None:
    vault, other = Vault.open(tmp_path / "a", {}), Vault.open(tmp_path / "b", {})
    assert vault.blind("x", "p") == vault.blind("x", "p")
    assert len(vault.blind("x", "p")) == BLIND_BYTES
    alike = [
        vault.blind("x", "p"),
        vault.blind("x", "q"),
        vault.blind("y", "p"),
        vault.blind("px", ""),
        other.blind("x", "p"),
    ]
    assert all(a != b for a, b in itertools.combinations(alike, 2))


def test_keys_are_made_at_first_use_for_the_owner_alone_and_found_again(tmp_path: Path) -> None:
    sealed = Vault.open(tmp_path / "home", {}).seal(b"secret", "x")
    path = tmp_path / "home" / KEYS_FILE
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == [KEYS_FILE]
    assert Vault.open(tmp_path / "home", {}).unseal(sealed, "x") == b"secret"


def test_processes_that_start_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        vaults = list(threads.map(lambda _: Vault.open(tmp_path, {}), range(16)))
    assert len({vault.blind("x", "p") for vault in vaults}) == 1


def test_keys_that_others_may_read_are_not_used(tmp_path: Path) -> None:
    Vault.open(tmp_path, {})
    (tmp_path / KEYS_FILE).chmod(0o640)
    with pytest.raises(FieldKeysUnusable, match="0600"):
        Vault.open(tmp_path, {})


def test_keys_of_the_environment_come_first_and_nothing_is_written(tmp_path: Path) -> None:
    vault = Vault.open(tmp_path, {"YINHE_FIELD_KEYS": f"{SEAL};{BLIND}"})
    assert vault.newest == 1
    assert list(tmp_path.iterdir()) == []


def test_the_newest_key_seals_and_every_key_unseals(tmp_path: Path) -> None:
    old = Vault.open(tmp_path, {})
    sealed = old.seal(b"secret", "x")
    assert (add_key(tmp_path), add_key(tmp_path)) == (2, 3)
    new = Vault.open(tmp_path, {})
    assert new.unseal(sealed, "x") == b"secret"
    assert (key_number(sealed), key_number(new.seal(b"secret", "x"))) == (1, 3)
    assert new.blind("x", "p") == old.blind("x", "p")
    with pytest.raises(SealBroken, match="key 3"):
        Vault({1: bytes(32)}, bytes(32)).unseal(new.seal(b"secret", "x"), "x")
    assert drop_old_keys(tmp_path) == 2
    with pytest.raises(SealBroken, match="key 1"):
        Vault.open(tmp_path, {}).unseal(sealed, "x")
    assert (tmp_path / KEYS_FILE).stat().st_mode & 0o777 == 0o600


def test_whoever_serves_learns_of_a_key_that_was_added_and_seals_with_it(tmp_path: Path) -> None:
    serving, idle = Vault.open(tmp_path, {}), Vault.open(tmp_path, {})
    before = serving.seal(b"before", "x")
    add_key(tmp_path)
    sealed = Vault.open(tmp_path, {}).seal(b"secret", "x")
    assert serving.unseal(sealed, "x") == b"secret"
    assert key_number(serving.seal(b"after", "x")) == 2
    assert serving.unseal(before, "x") == b"before"
    assert idle.newest == 1
    idle.renew()
    assert idle.newest == 2


def test_a_file_of_keys_that_cannot_be_read_takes_none_of_those_that_are_known(tmp_path: Path) -> None:
    serving = Vault.open(tmp_path, {})
    sealed = serving.seal(b"secret", "x")
    (tmp_path / KEYS_FILE).write_text(f"{SEAL};{BLIND}")
    with pytest.raises(FieldKeysUnusable, match="blind"):
        serving.renew()
    (tmp_path / KEYS_FILE).unlink()
    with pytest.raises(FieldKeysUnusable):
        serving.renew()
    assert serving.unseal(sealed, "x") == b"secret"


def test_keys_read_as_they_are_written() -> None:
    keys = ({1: b"\x01" * 32, 20: b"\x02" * 32}, b"\x03" * 32)
    assert read_keys(write_keys(*keys), "here") == keys


@pytest.mark.parametrize(
    "text",
    [
        "",
        SEAL,
        BLIND,
        f"{SEAL}\n{BLIND}\n{BLIND}",
        f"{SEAL}\n{SEAL}\n{BLIND}",
        f"seal 0 {'11' * 32}\n{BLIND}",
        f"seal 2147483648 {'11' * 32}\n{BLIND}",
        f"seal 1 {'11' * 31}\n{BLIND}",
        f"seal 1 {'1G' * 32}\n{BLIND}",
        f"{SEAL}\n{BLIND}\nsomething else",
    ],
)
def test_keys_that_do_not_read_are_a_fault_that_shows_none(text: str) -> None:
    with pytest.raises(FieldKeysUnusable) as caught:
        read_keys(text, "here")
    assert "1111" not in str(caught.value)


def test_a_vault_does_not_show_its_keys() -> None:
    vault = Vault({1: b"\x11" * 32}, b"\x22" * 32)
    assert "11" * 4 not in repr(vault)
    with pytest.raises(FieldKeysUnusable):
        Vault({}, b"\x22" * 32)
    with pytest.raises(FieldKeysUnusable):
        Vault({1: b"short"}, b"\x22" * 32)
