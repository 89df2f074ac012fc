"""What is given of a party, checked and brought into the form it is kept in. Pure."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final

from yinhe.kernel.refusals import Refusal
from yinhe.parties.contacts import check_contact, contact_index
from yinhe.parties.countries import COUNTRIES
from yinhe.parties.identifiers import check_identifier
from yinhe.parties.model import (
    ADDRESS_PARTS,
    Address,
    Area,
    Checked,
    Consent,
    Contact,
    ContactKind,
    Document,
    Identifier,
    Item,
    Name,
    PartyKind,
)
from yinhe.parties.refusals import PartyRefusal
from yinhe.parties.text import REFERENCE_MAX, code_text, name_index, name_text, plain_text, script_of

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def check_item(given: Item, kind: PartyKind, today: dt.date) -> Checked | Refusal:
    """An item in the form it is kept in, or what is wrong with it."""
    match given:
        case Name():
            return _check_name(given, kind)
        case Identifier():
            return check_identifier(given, kind, today)
        case Address():
            return _check_address(given)
        case Contact():
            return check_contact(given)
        case Consent():
            return _check_consent(given, today)
        case Document():
            return _check_document(given, today)


def as_checked(area: Area, kind: str, fields: Mapping[str, str]) -> Checked:
    """A name or contact on file in the form it is looked up in."""
    index = name_index(fields["text"]) if area is Area.NAME else contact_index(ContactKind(kind), fields["value"])
    return Checked(area=area, kind=kind, fields=dict(fields), index=index)


def _check_name(given: Name, kind: PartyKind) -> Checked | Refusal:
    text = name_text(given.text, kind)
    if isinstance(text, Refusal):
        return text
    return Checked(
        area=Area.NAME,
        kind=given.kind,
        script=script_of(text),
        preferred=given.preferred,
        fields={"text": text},
        index=name_index(text),
    )


def _check_address(given: Address) -> Checked | Refusal:
    if given.country not in COUNTRIES:
        return Refusal(PartyRefusal.COUNTRY_UNKNOWN, "address")
    fields: dict[str, str] = {}
    for part in ADDRESS_PARTS:
        text = plain_text(getattr(given, part), part, empty=True)
        if isinstance(text, Refusal):
            return text
        if text:
            fields[part] = text
    # ISO 20022 asks structured addresses for country and town at least.
    if "town" not in fields:
        return Refusal(PartyRefusal.TEXT_EMPTY, "town")
    return Checked(area=Area.ADDRESS, kind=given.kind, country=given.country, preferred=given.preferred, fields=fields)


def _check_consent(given: Consent, today: dt.date) -> Checked | Refusal:
    purpose = code_text(given.purpose, "purpose")
    evidence = plain_text(given.evidence, "evidence", REFERENCE_MAX, empty=True)
    if isinstance(purpose, Refusal):
        return purpose
    if isinstance(evidence, Refusal):
        return evidence
    if given.given is not None and given.given > today:
        return Refusal(PartyRefusal.DATE_IN_FUTURE, "given")
    fields = {"evidence": evidence} if evidence else {}
    return Checked(area=Area.CONSENT, kind=purpose, since=given.given, fields=fields)


def _check_document(given: Document, today: dt.date) -> Checked | Refusal:
    kind = code_text(given.kind, "kind")
    reference = plain_text(given.reference, "reference", REFERENCE_MAX)
    if isinstance(kind, Refusal):
        return kind
    if isinstance(reference, Refusal):
        return reference
    if not _DIGEST.fullmatch(given.sha256):
        return Refusal(PartyRefusal.DIGEST_MALFORMED)
    if given.expires is not None and given.expires < today:
        return Refusal(PartyRefusal.EXPIRED, kind)
    return Checked(
        area=Area.DOCUMENT,
        kind=kind,
        expires=given.expires,
        digest=bytes.fromhex(given.sha256),
        fields={"reference": reference},
    )
