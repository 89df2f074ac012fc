"""Telephone numbers in the form of ITU-T E.164 and e-mail addresses after RFC 5321, each normalised to be compared."""

import re
import unicodedata
from typing import Final

from yinhe.kernel.refusals import Refusal
from yinhe.parties.model import Area, Checked, Contact, ContactKind
from yinhe.parties.refusals import PartyRefusal

EMAIL_MAX: Final = 254
LOCAL_MAX: Final = 64
GIVEN_MAX: Final = 300
"""Longest text that is looked at."""

_CHINESE_MOBILE: Final = re.compile(r"(?:\+86|0086|86)?(1[3-9][0-9]{9})")
_CHINESE_PHONE: Final = re.compile(r"(?:\+86|0086)?0?([1-9][0-9]{9,10})")
_INTERNATIONAL: Final = re.compile(r"(?:\+|00)([1-9][0-9]{6,14})")
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL: Final = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@({_LABEL}(?:\.{_LABEL})+)")
_GROUPING: Final = str.maketrans("", "", " -()./")


def check_contact(given: Contact) -> Checked | Refusal:
    """A contact in the form it is kept in, or that it is none."""
    value = None if len(given.value) > GIVEN_MAX else normal_contact(given.kind, given.value)
    if value is None:
        return Refusal(PartyRefusal.CONTACT_MALFORMED, given.kind)
    return Checked(
        area=Area.CONTACT,
        kind=given.kind,
        preferred=given.preferred,
        fields={"value": value},
        index=contact_index(given.kind, value),
    )


def contact_index(kind: ContactKind, value: str) -> str:
    """What a contact in normal form is found by: a number is one number, mobile or not; case is no difference."""
    return f"email|{value.lower()}" if kind is ContactKind.EMAIL else f"number|{value}"


def normal_contact(kind: ContactKind, text: str) -> str | None:
    """`+8613812345678` or `Name@example.org`; None if the text is no such thing."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain.isascii():
        return None
    match kind:
        case ContactKind.EMAIL:
            return _normal_email(plain)
        case ContactKind.MOBILE:
            digits = plain.translate(_GROUPING)
            if chinese := _CHINESE_MOBILE.fullmatch(digits):
                return f"+86{chinese[1]}"
            number = _international(digits)
            return None if number is None or number.startswith("+86") else number
        case ContactKind.PHONE:
            digits = plain.translate(_GROUPING)
            if digits.startswith("0") and not digits.startswith("00") and (chinese := _CHINESE_PHONE.fullmatch(digits)):
                return f"+86{chinese[1]}"
            return _international(digits)


def _international(digits: str) -> str | None:
    found = _INTERNATIONAL.fullmatch(digits)
    return f"+{found[1]}" if found else None


def _normal_email(text: str) -> str | None:
    found = _EMAIL.fullmatch(text)
    if found is None or len(text) > EMAIL_MAX or len(found[1]) > LOCAL_MAX:
        return None
    return f"{found[1]}@{found[2].lower()}"
