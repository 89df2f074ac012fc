"""Passwords: which are taken, how they are kept."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yinhe.identity import passwords
from yinhe.identity.errors import IdentityError
from yinhe.identity.passwords import (
    LENGTH_LEAST,
    LENGTH_MOST,
    Passwords,
    normalised,
    one_time_secret,
    wrong_with,
)
from yinhe.identity.refusals import IdentityRefusal as R
from yinhe.kernel.refusals import Refusal

CHEAP = Passwords(memory_kib=64, passes=1)
SOUND = "ferry lantern 41 moss"


@pytest.mark.parametrize(
    ("password", "refused"),
    [
        (SOUND, None),
        ("correct horse battery tin", None),
        ("银河落九天疑是飞流直下三千", None),
        ("x7#kQ2!mZp9v", None),
        ("x7#kQ2!mZp9", R.PASSWORD_TOO_SHORT),
        ("", R.PASSWORD_TOO_SHORT),
        ("ab1!" * 32 + "x", R.PASSWORD_TOO_LONG),
        ("teller-seven is me", R.PASSWORD_HAS_NAME),
        ("TELLER-SEVEN is me", R.PASSWORD_HAS_NAME),
        ("ｔｅｌｌｅｒ-seven is me", R.PASSWORD_HAS_NAME),
        ("password2024!", R.PASSWORD_COMMON),
        ("PASSWORD!!!!1", R.PASSWORD_COMMON),
        ("123 password 456", R.PASSWORD_COMMON),
        ("passwordpassword", R.PASSWORD_COMMON),
        ("qwertyuiop[]1", R.PASSWORD_COMMON),
        ("123456789012", R.PASSWORD_COMMON),
        ("abcdefghijklm", R.PASSWORD_COMMON),
        ("1qaz2wsx3edc4rfv", R.PASSWORD_COMMON),
        ("aaaaaaaaaaaaaa", R.PASSWORD_COMMON),
        ("aabbbabaabba1", R.PASSWORD_COMMON),
        ("ab1!cab1!cab1!c", R.PASSWORD_COMMON),
        ("woaini5201314!", R.PASSWORD_COMMON),
        ("correct horse battery staple", R.PASSWORD_COMMON),
    ],
)
def test_a_password_is_long_enough_and_not_one_of_the_first_to_be_tried(password: str, refused: R | None) -> None:
    refusal = wrong_with(password, "teller-seven")
    assert (refusal and refusal.because) is refused


def test_a_short_name_is_looked_for_in_no_password() -> None:
    assert wrong_with("blithe spirits 90", "li") is None


@given(st.text(min_size=0, max_size=200))
@settings(max_examples=60, deadline=None)
def test_whatever_is_typed_a_password_that_is_taken_has_its_length(password: str) -> None:
    if wrong_with(password, "teller-seven") is None:
        assert LENGTH_LEAST <= len(normalised(password)) <= LENGTH_MOST


def test_a_password_fits_its_own_hash_alone_however_it_was_typed() -> None:
    hashed = CHEAP.hash("Ａ wide letter 12")
    assert hashed.startswith("$argon2id$")
    assert CHEAP.fits("A wide letter 12", hashed) is True
    assert CHEAP.fits("a wide letter 12", hashed) is False
    assert CHEAP.fits("A wide letter 12", None) is False
    assert CHEAP.fits("A" * 10_000, hashed) is False
    assert CHEAP.hash("Ａ wide letter 12") != hashed


def test_so_many_are_checked_at_a_time_and_one_more_hears_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.01)
    hasher = Passwords(memory_kib=64, passes=1)
    hashed = hasher.hash(SOUND)
    for _ in range(passwords.AT_A_TIME):
        assert hasher._turns.acquire(blocking=False)
    refusal = hasher.fits(SOUND, hashed)
    assert isinstance(refusal, Refusal)
    assert refusal.because is R.BUSY
    hasher._turns.release()
    assert hasher.fits(SOUND, hashed) is True
    assert hasher.fits("wrong password", hashed) is False
    assert hasher.fits(SOUND, hashed) is True


def test_a_hash_is_made_anew_when_the_parameters_were_changed() -> None:
    hashed = CHEAP.hash(SOUND)
    assert not CHEAP.is_outdated(hashed)
    assert Passwords(memory_kib=128, passes=1).is_outdated(hashed)


def test_the_parameters_are_those_of_owasp() -> None:
    assert "$m=19456,t=2,p=1$" in Passwords().hash(SOUND)


def test_a_hash_that_does_not_read_is_a_fault_and_not_a_wrong_password() -> None:
    with pytest.raises(IdentityError):
        CHEAP.fits(SOUND, "plain text")


def test_one_time_secrets_are_random_and_would_be_taken_as_passwords() -> None:
    secrets = {one_time_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert all(wrong_with(secret, "teller-seven") is None for secret in secrets)
    assert all(len(secret) == 24 for secret in secrets)
