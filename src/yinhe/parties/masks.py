"""Personal data masked: enough to recognise who is known already, too little to learn who is not.

Organisations stand in public registers under their names and registration numbers: those are shown as they are.
"""

from typing import Final

from yinhe.parties.model import Area, IdentifierKind, PartyKind

HIDDEN: Final = "***"
_PUBLIC_NUMBERS: Final = frozenset({IdentifierKind.USCC, IdentifierKind.LEI})
_PUBLIC_PARTS: Final = frozenset({"province", "town"})


def mask_field(area: Area, kind: str, name: str, text: str, party: PartyKind) -> str:
    """One field of an entry, masked."""
    match area:
        case Area.NAME:
            return text if party is PartyKind.ORGANISATION else mask_name(text)
        case Area.IDENTIFIER:
            return text if kind in _PUBLIC_NUMBERS else mask_number(text)
        case Area.CONTACT:
            return mask_email(text) if "@" in text else mask_telephone(text)
        case Area.ADDRESS:
            return text if name in _PUBLIC_PARTS else HIDDEN
        case Area.DOCUMENT | Area.CONSENT:
            return HIDDEN


def mask_name(text: str) -> str:
    """`张*`, `欧**`, `J*** S***`: the first letter of each word."""
    words = text.split(" ")
    if len(words) == 1 and not text.isascii():
        return text[0] + "*" * max(1, min(len(text) - 1, 3))
    return " ".join(word[0] + HIDDEN for word in words)


def mask_number(text: str) -> str:
    """`1101**********1234`: four at each end of a long one, one at each end of a short one."""
    kept = 4 if len(text) >= 15 else 2 if len(text) >= 8 else 1
    if len(text) <= 2 * kept:
        return HIDDEN
    return text[:kept] + "*" * (len(text) - 2 * kept) + text[-kept:]


def mask_telephone(text: str) -> str:
    """`138****1234` of a Chinese mobile number; of others the first three and the last two digits."""
    if text.startswith("+861") and len(text) == 14:
        return f"{text[3:6]}****{text[-4:]}"
    return text[:4] + "*" * max(3, len(text) - 6) + text[-2:]


def mask_email(text: str) -> str:
    """`j***@example.org`."""
    local, _, domain = text.rpartition("@")
    return f"{local[0]}{HIDDEN}@{domain}"


def mask_date(date: str) -> str:
    """A date as `1990-**-**`."""
    return f"{date[:4]}-**-**"
