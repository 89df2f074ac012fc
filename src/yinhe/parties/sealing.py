"""Personal data between the vault and the table of sealed fields, and the form it has in the log.

The context of a field is `party/<number>/<area>.<field>/<item>`; item 0 is the party itself.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any, Final, cast

import msgspec

from yinhe.parties.model import ADDRESS_PARTS, Checked
from yinhe.storage.vault import Vault

BORN: Final = "party.born"
PERSONAL: Final = frozenset({"text", "value", "evidence", "reference", "born", *ADDRESS_PARTS})
"""The fields of commands that hold personal data."""


def context_of(party: int, item: int, field: str) -> str:
    """The context a field is sealed in."""
    return f"party/{party}/{field}/{item}"


def index_of(vault: Vault, checked: Checked) -> bytes | None:
    """The blind index an item is found by; None if it is not looked up."""
    return vault.blind(checked.index, f"party.{checked.area}") if checked.index else None


def twin_of(vault: Vault, name_index: str, born: str) -> bytes:
    """The blind index of a name with a date of birth."""
    return vault.blind(f"{name_index}|{born}", "party.twin")


def logged(sealed: bytes, context: str) -> dict[str, str]:
    """A sealed field as it stands in the log: with what opens it, but the key."""
    return {"sealed": b64encode(sealed).decode(), "as": context}


def opened(value: Any, vault: Vault | None) -> Any:
    """What stands in the log with its sealed fields opened; without a vault they are hidden."""
    if isinstance(value, dict):
        parts = cast("dict[str, Any]", value)
        if parts.keys() == {"sealed", "as"}:
            return "***" if vault is None else vault.unseal(b64decode(parts["sealed"]), parts["as"]).decode()
        return {name: opened(part, vault) for name, part in parts.items()}
    if isinstance(value, list):
        return [opened(part, vault) for part in cast("list[Any]", value)]
    return value


def content_of(command: msgspec.Struct, vault: Vault) -> Any:
    """A command for the log and for telling whether it is the same again: personal data stands in it blinded."""
    return _blinded(msgspec.to_builtins(command), vault)


def _blinded(value: Any, vault: Vault) -> Any:
    if isinstance(value, dict):
        return {
            name: vault.blind(part, f"party.content.{name}").hex()
            if name in PERSONAL and isinstance(part, str) and part
            else _blinded(part, vault)
            for name, part in cast("dict[str, Any]", value).items()
        }
    if isinstance(value, list | tuple):
        return [_blinded(part, vault) for part in cast("Sequence[Any]", value)]
    return value
