"""Identifiers, checked as far as their form can tell: length, alphabet, check digit, place and date of birth.

The check digits are those of python-stdnum: GB 11643 (citizens), GB 32100 (organisations), ISO 17442 (LEI).
"""

import datetime as dt
import re
import unicodedata
from typing import Final

from stdnum import exceptions, lei
from stdnum.cn import ric, uscc

from yinhe.kernel.refusals import Refusal
from yinhe.parties.countries import COUNTRIES
from yinhe.parties.model import Area, Checked, Identifier, IdentifierKind, PartyKind
from yinhe.parties.refusals import PartyRefusal

CITIZEN_LENGTH: Final = 18
USCC_LENGTH: Final = 18
LEI_LENGTH: Final = 20
PASSPORT_LENGTHS: Final = range(5, 10)
"""ICAO 9303: at most nine."""
OTHER_MAX: Final = 35
AGE_MAX: Final = 150
"""Years."""

KINDS: Final = {
    PartyKind.PERSON: frozenset(
        {IdentifierKind.CITIZEN_ID, IdentifierKind.RESIDENCE_PERMIT, IdentifierKind.PASSPORT, IdentifierKind.OTHER}
    ),
    PartyKind.ORGANISATION: frozenset({IdentifierKind.USCC, IdentifierKind.LEI, IdentifierKind.OTHER}),
}
SINGLE: Final = frozenset(
    {IdentifierKind.CITIZEN_ID, IdentifierKind.RESIDENCE_PERMIT, IdentifierKind.USCC, IdentifierKind.LEI}
)
"""Of these nobody has two different ones."""
_CHINESE: Final = frozenset({IdentifierKind.CITIZEN_ID, IdentifierKind.RESIDENCE_PERMIT, IdentifierKind.USCC})
_PERMIT_PLACES: Final = ("81", "82", "83")
_CHINESE_PASSPORT: Final = re.compile(r"[A-Z][A-Z0-9][0-9]{7}")
_LETTERS_AND_DIGITS: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_OTHER_SIGNS: Final = _LETTERS_AND_DIGITS | frozenset("-/.")


def check_identifier(given: Identifier, kind: PartyKind, today: dt.date) -> Checked | Refusal:
    """An identifier in the form it is kept in, or what is wrong with it."""
    if given.kind not in KINDS[kind]:
        return Refusal(PartyRefusal.IDENTIFIER_KIND, given.kind)
    if given.country not in COUNTRIES:
        return Refusal(PartyRefusal.COUNTRY_UNKNOWN, "identifier")
    if given.kind in _CHINESE and given.country != "CN":
        return Refusal(PartyRefusal.IDENTIFIER_COUNTRY, given.kind)
    if len(given.value) > OTHER_MAX * 4:
        return Refusal(PartyRefusal.IDENTIFIER_LENGTH, given.kind)
    value = compact(given.value)
    reason = _wrong(given.kind, value, given.country, today)
    if reason is not None:
        return Refusal(reason, given.kind)
    if given.kind is IdentifierKind.PASSPORT and given.expires is None:
        return Refusal(PartyRefusal.IDENTIFIER_EXPIRY_MISSING, given.kind)
    if given.expires is not None and given.expires < today:
        return Refusal(PartyRefusal.EXPIRED, given.kind)
    # An LEI is one over the whole world, whoever gave it.
    country = "" if given.kind is IdentifierKind.LEI else given.country
    return Checked(
        area=Area.IDENTIFIER,
        kind=given.kind,
        country=given.country,
        expires=given.expires,
        fields={"value": value},
        index=identifier_index(given.kind, country, value),
    )


def identifier_index(kind: IdentifierKind, country: str, value: str) -> str:
    """What an identifier in compact form is found by."""
    return f"{kind}|{'' if kind is IdentifierKind.LEI else country}|{value}"


def compact(value: str) -> str:
    """An identifier without spaces and the dashes people group it by, in upper case, full-width digits made plain."""
    plain = unicodedata.normalize("NFKC", value).upper()
    return unicodedata.normalize("NFKC", "".join(plain.split()).replace("-", ""))


def born_of(value: str) -> dt.date:
    """The date of birth in a citizen's number found in order."""
    return dt.datetime.strptime(value[6:14], "%Y%m%d").replace(tzinfo=dt.UTC).date()


def likely_birth(born: dt.date, today: dt.date) -> bool:
    """Whether somebody can have been born (or an organisation founded) on a day."""
    return born <= today and born.year >= today.year - AGE_MAX


def _wrong(kind: IdentifierKind, value: str, country: str, today: dt.date) -> PartyRefusal | None:
    match kind:
        case IdentifierKind.CITIZEN_ID | IdentifierKind.RESIDENCE_PERMIT:
            return _wrong_citizen(value, today, permit=kind is IdentifierKind.RESIDENCE_PERMIT)
        case IdentifierKind.USCC:
            return _wrong_uscc(value)
        case IdentifierKind.LEI:
            return _wrong_lei(value)
        case IdentifierKind.PASSPORT:
            if len(value) not in PASSPORT_LENGTHS or (country == "CN" and len(value) != PASSPORT_LENGTHS[-1]):
                return PartyRefusal.IDENTIFIER_LENGTH
            if not _LETTERS_AND_DIGITS.issuperset(value):
                return PartyRefusal.IDENTIFIER_FORMAT
            if country == "CN" and not _CHINESE_PASSPORT.fullmatch(value):
                return PartyRefusal.IDENTIFIER_FORMAT
            return None
        case IdentifierKind.OTHER:
            if not 1 <= len(value) <= OTHER_MAX:
                return PartyRefusal.IDENTIFIER_LENGTH
            return None if _OTHER_SIGNS.issuperset(value) else PartyRefusal.IDENTIFIER_FORMAT


def _wrong_citizen(value: str, today: dt.date, *, permit: bool) -> PartyRefusal | None:
    if len(value) != CITIZEN_LENGTH:
        return PartyRefusal.IDENTIFIER_LENGTH
    if not (value.isascii() and value[:-1].isdigit() and (value[-1].isdigit() or value[-1] == "X")):
        return PartyRefusal.IDENTIFIER_FORMAT
    if ric.calc_check_digit(value) != value[-1]:
        return PartyRefusal.IDENTIFIER_CHECKSUM
    try:
        born = ric.get_birth_date(value)
    except exceptions.ValidationError:
        return PartyRefusal.IDENTIFIER_DATE
    if not likely_birth(born, today):
        return PartyRefusal.IDENTIFIER_DATE
    if permit:
        return None if value.startswith(_PERMIT_PLACES) else PartyRefusal.IDENTIFIER_PLACE
    try:
        ric.get_birth_place(value)
    except exceptions.ValidationError:
        return PartyRefusal.IDENTIFIER_PLACE
    return None


def _wrong_uscc(value: str) -> PartyRefusal | None:
    if len(value) != USCC_LENGTH:
        return PartyRefusal.IDENTIFIER_LENGTH
    if not value.isascii():
        return PartyRefusal.IDENTIFIER_FORMAT
    try:
        uscc.validate(value)
    except exceptions.InvalidChecksum:
        return PartyRefusal.IDENTIFIER_CHECKSUM
    except exceptions.ValidationError:
        return PartyRefusal.IDENTIFIER_FORMAT
    return None


def _wrong_lei(value: str) -> PartyRefusal | None:
    if len(value) != LEI_LENGTH:
        return PartyRefusal.IDENTIFIER_LENGTH
    if not _LETTERS_AND_DIGITS.issuperset(value):
        return PartyRefusal.IDENTIFIER_FORMAT
    try:
        lei.validate(value)
    except exceptions.ValidationError:
        return PartyRefusal.IDENTIFIER_CHECKSUM
    return None
