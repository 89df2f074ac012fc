"""The words of parties: kinds, states, and what a party has several of."""

import datetime as dt
from enum import StrEnum, unique
from typing import Final

import msgspec

ITEMS_MAX: Final = 200
"""Most entries (names, identifiers, …) of one party, ended ones counted."""
RELATIONS_MAX: Final = 1_000
"""Most relations of one party, from and to it, that hold."""
TIER_MAX: Final = 99


@unique
class PartyKind(StrEnum):
    """What a party is."""

    PERSON = "person"
    ORGANISATION = "organisation"


@unique
class PartyStatus(StrEnum):
    """Where a party stands in its life with the bank."""

    PROSPECT = "prospect"
    CUSTOMER = "customer"
    DORMANT = "dormant"
    CLOSED = "closed"


@unique
class Risk(StrEnum):
    """How much care a party needs under the law against money laundering."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    PROHIBITED = "prohibited"


@unique
class Area(StrEnum):
    """What an entry of a party is."""

    NAME = "name"
    IDENTIFIER = "identifier"
    ADDRESS = "address"
    CONTACT = "contact"
    CONSENT = "consent"
    DOCUMENT = "document"


@unique
class NameKind(StrEnum):
    """What a name is to its bearer."""

    LEGAL = "legal"
    ALIAS = "alias"
    FORMER = "former"


@unique
class IdentifierKind(StrEnum):
    """Who gave an identifier, to whom."""

    CITIZEN_ID = "citizen_id"
    """居民身份证: GB 11643."""
    RESIDENCE_PERMIT = "residence_permit"
    """居住证 of residents of Hong Kong, Macao and Taiwan: the same form, its place 81, 82 or 83."""
    PASSPORT = "passport"
    USCC = "uscc"
    """统一社会信用代码: GB 32100."""
    LEI = "lei"
    """Legal entity identifier: ISO 17442."""
    OTHER = "other"


@unique
class AddressKind(StrEnum):
    """What is found at an address."""

    HOME = "home"
    WORK = "work"
    REGISTERED = "registered"
    BUSINESS = "business"
    POSTAL = "postal"


@unique
class ContactKind(StrEnum):
    """By what a party is reached."""

    MOBILE = "mobile"
    PHONE = "phone"
    EMAIL = "email"


class Name(msgspec.Struct, frozen=True, kw_only=True, tag="name", forbid_unknown_fields=True):
    """A name in one script."""

    text: str
    kind: NameKind = NameKind.LEGAL
    preferred: bool = False
    """Whether the party is called by it; the one so marked before is it no more."""


class Identifier(msgspec.Struct, frozen=True, kw_only=True, tag="identifier", forbid_unknown_fields=True):
    """What an authority calls the party by."""

    kind: IdentifierKind
    value: str
    country: str = "CN"
    """Whose authority gave it, ISO 3166-1 alpha-2."""
    expires: dt.date | None = None
    """The last day it holds; a passport needs it."""


class Address(msgspec.Struct, frozen=True, kw_only=True, tag="address", forbid_unknown_fields=True):
    """A postal address; its parts are those of PostalAddress in ISO 20022."""

    kind: AddressKind
    country: str = "CN"
    province: str = ""
    """CtrySubDvsn: province, autonomous region, state."""
    town: str = ""
    """TwnNm."""
    district: str = ""
    """DstrctNm."""
    street: str = ""
    """StrtNm."""
    building: str = ""
    """BldgNb, BldgNm."""
    room: str = ""
    """Room."""
    post_code: str = ""
    """PstCd."""
    preferred: bool = False


class Contact(msgspec.Struct, frozen=True, kw_only=True, tag="contact", forbid_unknown_fields=True):
    """A number or an e-mail address."""

    kind: ContactKind
    value: str
    preferred: bool = False


class Consent(msgspec.Struct, frozen=True, kw_only=True, tag="consent", forbid_unknown_fields=True):
    """What the party allows the bank to do with its data; withdrawn by ending it."""

    purpose: str
    """A code: `marketing`, `credit_bureau`."""
    evidence: str = ""
    """Where the consent is found: a reference."""
    given: dt.date | None = None
    """Today, if it is not said."""


class Document(msgspec.Struct, frozen=True, kw_only=True, tag="document", forbid_unknown_fields=True):
    """A document that lies elsewhere: what it is, where, and the digest of its content."""

    kind: str
    """A code: `identity_card_copy`, `business_licence`."""
    reference: str
    sha256: str
    expires: dt.date | None = None


Item = Name | Identifier | Address | Contact | Consent | Document
"""What a party has several of, as it is given."""

ADDRESS_PARTS: Final = ("province", "town", "district", "street", "building", "room", "post_code")


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """An item found in order, in the form it is kept in."""

    area: Area
    kind: str
    fields: dict[str, str]
    """The personal part, by name; what is not there is not kept."""
    index: str = ""
    """What it is found by: equal for items that are the same. Empty: it is not looked up."""
    country: str = ""
    script: str = ""
    preferred: bool = False
    since: dt.date | None = None
    expires: dt.date | None = None
    digest: bytes | None = None
