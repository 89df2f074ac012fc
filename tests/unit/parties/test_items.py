"""Contacts, addresses, consents and documents: what is kept of them and what is refused; and all of it masked."""

import datetime as dt

import pytest

from yinhe.kernel.refusals import Refusal
from yinhe.parties.contacts import contact_index, normal_contact
from yinhe.parties.items import check_item
from yinhe.parties.masks import mask_date, mask_email, mask_field, mask_name, mask_number, mask_telephone
from yinhe.parties.model import (
    Address,
    AddressKind,
    Area,
    Checked,
    Consent,
    Contact,
    ContactKind,
    Document,
    IdentifierKind,
    PartyKind,
)
from yinhe.parties.refusals import PartyRefusal

TODAY = dt.date(2026, 3, 2)
MOBILE, PHONE, EMAIL = ContactKind.MOBILE, ContactKind.PHONE, ContactKind.EMAIL


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [
        (MOBILE, "13812345678", "+8613812345678"),
        (MOBILE, "+86 138-1234-5678", "+8613812345678"),
        (MOBILE, "008613812345678", "+8613812345678"),
        (MOBILE, "８６13812345678", "+8613812345678"),
        (MOBILE, "+44 7700 900123", "+447700900123"),
        (MOBILE, "0049 151 23456789", "+4915123456789"),
        (MOBILE, "12812345678", None),
        (MOBILE, "1381234567", None),
        (MOBILE, "+861012345678", None),
        (MOBILE, "+1", None),
        (MOBILE, "+1234567890123456", None),
        (MOBILE, "+0123456789", None),
        (MOBILE, "138 1234 567x", None),
        (MOBILE, "١٣٨١٢٣٤٥٦٧٨", None),
        (PHONE, "010-12345678", "+861012345678"),
        (PHONE, "(0755) 12345678", "+8675512345678"),
        (PHONE, "+86 10 1234 5678", "+861012345678"),
        (PHONE, "12345678", None),
        (EMAIL, "Name.Family+tag@Example.ORG", "Name.Family+tag@example.org"),
        (EMAIL, " name@example.org ", "name@example.org"),
        (EMAIL, "name@example", None),
        (EMAIL, "name@@example.org", None),
        (EMAIL, ".name@example.org", None),
        (EMAIL, "na..me@example.org", None),
        (EMAIL, "name@-example.org", None),
        (EMAIL, "name@exam_ple.org", None),
        (EMAIL, "name@example.org\nBcc: other@example.org", None),
        (EMAIL, "näme@example.org", None),
        (EMAIL, "a" * 65 + "@example.org", None),
        (EMAIL, "a@" + "b." * 130 + "org", None),
    ],
)
def test_a_contact_is_kept_in_one_form(kind: ContactKind, text: str, kept: str | None) -> None:
    assert normal_contact(kind, text) == kept
    checked = check_item(Contact(kind=kind, value=text), PartyKind.PERSON, TODAY)
    assert checked == Refusal(PartyRefusal.CONTACT_MALFORMED, kind) if kept is None else isinstance(checked, Checked)


def test_a_number_is_found_as_mobile_and_as_fixed_and_an_address_in_any_case() -> None:
    assert contact_index(MOBILE, "+441") == contact_index(PHONE, "+441")
    assert contact_index(EMAIL, "A@b.org") == contact_index(EMAIL, "a@b.org")


@pytest.mark.parametrize(
    ("item", "refusal"),
    [
        (Address(kind=AddressKind.HOME), Refusal(PartyRefusal.TEXT_EMPTY, "town")),
        (Address(kind=AddressKind.HOME, town="北京市", country="XX"), Refusal(PartyRefusal.COUNTRY_UNKNOWN, "address")),
        (Address(kind=AddressKind.HOME, town="北京市", room="1\u202e2"), Refusal(PartyRefusal.TEXT_INVISIBLE, "room")),
        (Consent(purpose="Marketing"), Refusal(PartyRefusal.CODE_MALFORMED, "purpose")),
        (Consent(purpose="marketing", evidence="\x00"), Refusal(PartyRefusal.TEXT_INVISIBLE, "evidence")),
        (Consent(purpose="marketing", given=dt.date(2026, 3, 3)), Refusal(PartyRefusal.DATE_IN_FUTURE, "given")),
        (Document(kind="", reference="x", sha256="0" * 64), Refusal(PartyRefusal.CODE_MALFORMED, "kind")),
        (Document(kind="copy", reference="", sha256="0" * 64), Refusal(PartyRefusal.TEXT_EMPTY, "reference")),
        (Document(kind="copy", reference="x", sha256="0" * 63), Refusal(PartyRefusal.DIGEST_MALFORMED)),
        (Document(kind="copy", reference="x", sha256="G" * 64), Refusal(PartyRefusal.DIGEST_MALFORMED)),
        (
            Document(kind="copy", reference="x", sha256="0" * 64, expires=dt.date(2026, 3, 1)),
            Refusal(PartyRefusal.EXPIRED, "copy"),
        ),
    ],
)
def test_what_is_wrong_with_an_entry_is_said(item: Address | Consent | Document, refusal: Refusal) -> None:
    assert check_item(item, PartyKind.PERSON, TODAY) == refusal


def test_of_an_address_only_what_is_written_is_kept() -> None:
    checked = check_item(Address(kind=AddressKind.HOME, town=" 北京市 ", street="长安街"), PartyKind.PERSON, TODAY)
    assert isinstance(checked, Checked)
    assert (checked.fields, checked.index) == ({"town": "北京市", "street": "长安街"}, "")


def test_a_consent_may_be_older_than_its_entry() -> None:
    checked = check_item(Consent(purpose="marketing", given=dt.date(2020, 1, 1)), PartyKind.PERSON, TODAY)
    assert isinstance(checked, Checked)
    assert (checked.since, checked.fields) == (dt.date(2020, 1, 1), {})


@pytest.mark.parametrize(
    ("mask", "text", "masked"),
    [
        (mask_name, "张三", "张*"),
        (mask_name, "欧阳锋", "欧**"),
        (mask_name, "阿卜杜拉·买买提", "阿***"),
        (mask_name, "张", "张*"),
        (mask_name, "Zhang San", "Z*** S***"),
        (mask_name, "Cher", "C***"),
        (mask_number, "110101199003078515", "1101**********8515"),
        (mask_number, "E12345678", "E1*****78"),
        (mask_number, "12345", "1***5"),
        (mask_number, "12", "***"),
        (mask_telephone, "+8613812345678", "138****5678"),
        (mask_telephone, "+447700900123", "+447*******23"),
        (mask_email, "john@example.org", "j***@example.org"),
        (mask_date, "1990-03-07", "1990-**-**"),
    ],
)
def test_personal_data_is_masked(mask, text: str, masked: str) -> None:
    assert mask(text) == masked


def test_what_stands_in_a_public_register_is_shown() -> None:
    firm = PartyKind.ORGANISATION
    assert mask_field(Area.NAME, "legal", "text", "某某公司", firm) == "某某公司"
    assert mask_field(Area.IDENTIFIER, IdentifierKind.USCC, "value", "91110000600037341L", firm) == "91110000600037341L"
    assert mask_field(Area.CONTACT, "email", "value", "name@example.org", firm) == "n***@example.org"
    assert mask_field(Area.ADDRESS, "home", "town", "北京市", PartyKind.PERSON) == "北京市"
    for part in ("district", "street", "building", "room", "post_code"):
        assert mask_field(Area.ADDRESS, "home", part, "x", firm) == "***"
