"""The vault: personal data and secrets sealed one field at a time, and found again without being opened.

A sealed field is `1 || key number (4 bytes) || nonce (12) || ciphertext || tag (16)`: AES-256-GCM (NIST SP 800-38D).
The key of a field is `HMAC-SHA-256(master key, "seal" || context)`, so that no key seals many messages and random
nonces never meet; the context (`party/12/name/3`) and the header are authenticated: a field copied to another row does
not open. A blind index is an HMAC-SHA-256 under a key of its own: equal values of one purpose have equal indexes, and
without the key neither the value nor a guess of it can be checked.

Keys stand in `field.keys` in the home, made at first use, or in YINHE_FIELD_KEYS: lines (or parts between semicolons)
`seal <number> <64 hexadecimal digits>` and one `blind <64 hexadecimal digits>`. The highest number seals, all unseal.
Whoever has a copy of the database and not these keys has no personal data; whoever loses them has lost it.
"""

import hashlib
import hmac
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from yinhe.storage.errors import FieldKeysUnusable, SealBroken

KEYS_FILE: Final = "field.keys"
KEYS_VARIABLE: Final = "YINHE_FIELD_KEYS"
KEYS_MAX: Final = 64
"""Most keys in force at a time; a bank that rotates yearly reaches it never."""
KEY_NUMBER_MAX: Final = 2**31 - 1
BLIND_BYTES: Final = 32
"""Length of a blind index."""
OVERHEAD_BYTES: Final = 1 + 4 + 12 + 16
"""By how much a sealed field is longer than what is in it."""

_FORM: Final = b"\x01"
_NONCE_BYTES: Final = 12
_HEADER_BYTES: Final = 5
_KEY_BYTES: Final = 32
_SEAL_LINE: Final = re.compile(r"seal ([1-9][0-9]{0,9}) ([0-9a-f]{64})")
_BLIND_LINE: Final = re.compile(r"blind ([0-9a-f]{64})")


class Vault:
    """Seals, unseals and blinds; holds the keys and never shows them. Safe between threads.

    A vault of a home learns of a key that another process added: when it meets a field sealed with it, or by `renew`.
    """

    def __init__(self, seal_keys: Mapping[int, bytes], blind_key: bytes) -> None:
        """A vault of these keys, by number. Raises FieldKeysUnusable without any, or for one of another length."""
        if not 1 <= len(seal_keys) <= KEYS_MAX:
            raise FieldKeysUnusable(f"There must be 1 to {KEYS_MAX} keys that seal, not {len(seal_keys)}.")
        if any(len(key) != _KEY_BYTES for key in (*seal_keys.values(), blind_key)):
            raise FieldKeysUnusable(f"A key has {_KEY_BYTES} bytes.")
        self._seal_keys = dict(seal_keys)
        self._blind_key: Final = blind_key
        self._path: Path | None = None
        self._stamp = 0

    @property
    def newest(self) -> int:
        """The number of the key that seals."""
        return max(self._seal_keys)

    @classmethod
    def open(cls, home: Path, environment: Mapping[str, str]) -> Self:
        """The vault of a home: keys from YINHE_FIELD_KEYS, else from `field.keys`, which is made if it is not there.

        Raises FieldKeysUnusable if keys do not read, or others on the machine may read the file.
        """
        given = environment.get(KEYS_VARIABLE)
        if given is not None:
            return cls(*read_keys(given, KEYS_VARIABLE))
        path = home / KEYS_FILE
        if not path.exists():
            home.mkdir(parents=True, exist_ok=True)
            _put(path, write_keys({1: secrets.token_bytes(_KEY_BYTES)}, secrets.token_bytes(_KEY_BYTES)), fresh=True)
        stamp = _stamp(path)
        vault = cls(*_read_file(path))
        vault._path, vault._stamp = path, stamp
        return vault

    def renew(self) -> None:
        """Take in keys that were added to the home's file since. Raises FieldKeysUnusable, and keeps those it has."""
        if self._path is None or (stamp := _stamp(self._path)) == self._stamp:
            return
        seal_keys, blind_key = _read_file(self._path)
        if not hmac.compare_digest(blind_key, self._blind_key):
            raise FieldKeysUnusable(f"The `blind` key in {self._path} was changed; nothing would be found by it.")
        # Old keys stay: what was sealed with them a moment ago must open.
        self._seal_keys = {**self._seal_keys, **seal_keys}
        self._stamp = stamp

    def seal(self, plain: bytes, context: str) -> bytes:
        """Seal a field; it opens in the same context only. The same field sealed twice never looks the same."""
        newest = self.newest
        header = _FORM + newest.to_bytes(4, "big")
        nonce = secrets.token_bytes(_NONCE_BYTES)
        cipher = self._cipher(newest, context)
        return header + nonce + cipher.encrypt(nonce, plain, header + context.encode())

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """What was sealed. Raises SealBroken if it was changed, sealed in another context, or its key is not here."""
        number = key_number(sealed)
        if number not in self._seal_keys:
            self.renew()
        if number not in self._seal_keys:
            raise SealBroken(f"A field was sealed with key {number}, which is not among the keys.")
        header, nonce = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES : _HEADER_BYTES + _NONCE_BYTES]
        cipher = self._cipher(number, context)
        try:
            return cipher.decrypt(nonce, sealed[_HEADER_BYTES + _NONCE_BYTES :], header + context.encode())
        except InvalidTag:
            raise SealBroken(f"The field {context} does not open: it was changed, or sealed elsewhere.") from None

    def blind(self, value: str, purpose: str) -> bytes:
        """The blind index of a value, BLIND_BYTES long: equal for equal values of one purpose."""
        message = len(purpose).to_bytes(4, "big") + purpose.encode() + value.encode()
        return hmac.digest(self._blind_key, message, hashlib.sha256)

    def _cipher(self, number: int, context: str) -> AESGCM:
        return AESGCM(hmac.digest(self._seal_keys[number], b"seal" + context.encode(), hashlib.sha256))


def key_number(sealed: bytes) -> int:
    """The number of the key a field was sealed with. Raises SealBroken if it is no sealed field."""
    if len(sealed) < OVERHEAD_BYTES or sealed[:1] != _FORM:
        raise SealBroken("These bytes are no sealed field.")
    return int.from_bytes(sealed[1:_HEADER_BYTES], "big")


def add_key(home: Path) -> int:
    """Add a key to `field.keys` that seals from the next start on; its number. Raises FieldKeysUnusable."""
    path = home / KEYS_FILE
    seal_keys, blind_key = _read_file(path)
    number = max(seal_keys) + 1
    _put(path, write_keys({**seal_keys, number: secrets.token_bytes(_KEY_BYTES)}, blind_key), fresh=False)
    return number


def drop_old_keys(home: Path) -> int:
    """Take all keys but the newest out of `field.keys`, once everything is sealed anew; how many went."""
    path = home / KEYS_FILE
    seal_keys, blind_key = _read_file(path)
    newest = max(seal_keys)
    _put(path, write_keys({newest: seal_keys[newest]}, blind_key), fresh=False)
    return len(seal_keys) - 1


def read_keys(text: str, place: str) -> tuple[dict[int, bytes], bytes]:
    """Keys that seal, by number, and the key of blind indexes. Raises FieldKeysUnusable, which shows no key."""
    seal_keys: dict[int, bytes] = {}
    blind_keys: list[bytes] = []
    lines = (line.strip() for line in re.split(r"[;\n]", text))
    for number, line in enumerate((line for line in lines if line and not line.startswith("#")), start=1):
        if seal := _SEAL_LINE.fullmatch(line):
            key_id = int(seal[1])
            if key_id in seal_keys or key_id > KEY_NUMBER_MAX:
                raise FieldKeysUnusable(f"{place}: key {key_id} stands there twice, or its number is too high.")
            seal_keys[key_id] = bytes.fromhex(seal[2])
        elif blind := _BLIND_LINE.fullmatch(line):
            blind_keys.append(bytes.fromhex(blind[1]))
        else:
            raise FieldKeysUnusable(
                f"{place}: line {number} reads neither `seal <number> <64 hex>` nor `blind <64 hex>`."
            )
    if not seal_keys or len(blind_keys) != 1:
        raise FieldKeysUnusable(f"{place} needs at least one `seal` key and exactly one `blind` key.")
    return seal_keys, blind_keys[0]


def write_keys(seal_keys: Mapping[int, bytes], blind_key: bytes) -> str:
    """Keys as `read_keys` reads them."""
    lines = [f"seal {number} {key.hex()}" for number, key in sorted(seal_keys.items())]
    return "\n".join(["# Keys of personal data. Without them it cannot be read: keep a copy apart from the database's.",
                      *lines, f"blind {blind_key.hex()}", ""])  # fmt: skip


def _stamp(path: Path) -> int:
    """What changes with a file that is written whole."""
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise FieldKeysUnusable(f"The keys in {path} cannot be read: {error}") from error


def _read_file(path: Path) -> tuple[dict[int, bytes], bytes]:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FieldKeysUnusable(f"The keys in {path} cannot be read: {error}") from error
    if mode & 0o077:
        raise FieldKeysUnusable(f"Others may read the keys in {path} (mode {mode:04o}); set it to 0600.")
    return read_keys(text, str(path))


def _put(path: Path, text: str, *, fresh: bool) -> None:
    """Write a file whole and durably, readable by its owner alone; a fresh one yields to one made meanwhile."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if fresh:
            try:
                os.link(name, path)
            except FileExistsError:
                return
        else:
            Path(name).replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        Path(name).unlink(missing_ok=True)
