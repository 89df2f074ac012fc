"""Identifiers: each mistake has its own reason."""

import datetime as dt

import pytest

from yinhe.kernel.refusals import Refusal
from yinhe.parties.identifiers import born_of, check_identifier
from yinhe.parties.model import Checked, Identifier, IdentifierKind, PartyKind
from yinhe.parties.refusals import PartyRefusal

TODAY = dt.date(2026, 3, 2)
CITIZEN, PERMIT, PASSPORT, USCC, LEI, OTHER = (
    IdentifierKind.CITIZEN_ID,
    IdentifierKind.RESIDENCE_PERMIT,
    IdentifierKind.PASSPORT,
    IdentifierKind.USCC,
    IdentifierKind.LEI,
    IdentifierKind.OTHER,
)
LENGTH, FORMAT, CHECKSUM = (
    PartyRefusal.IDENTIFIER_LENGTH,
    PartyRefusal.IDENTIFIER_FORMAT,
    PartyRefusal.IDENTIFIER_CHECKSUM,
)


def check(kind: IdentifierKind, value: str, country: str = "CN", expires: dt.date | None = None) -> Checked | Refusal:
    party = PartyKind.ORGANISATION if kind in (USCC, LEI) else PartyKind.PERSON
    return check_identifier(Identifier(kind=kind, value=value, country=country, expires=expires), party, TODAY)


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        (CITIZEN, "110101199003078515", "110101199003078515"),
        (CITIZEN, " 110101 19900307 8515 ", "110101199003078515"),
        (CITIZEN, "１１０１０１１９９００３０７８５１５", "110101199003078515"),
        (PERMIT, "810000199003071237", "810000199003071237"),
        (USCC, "91110000600037341l", "91110000600037341L"),
        (LEI, "2138-00KU-D8LA-JWSQ-9D15", "213800KUD8LAJWSQ9D15"),
        (OTHER, "ab/12.3", "AB/12.3"),
    ],
)
def test_an_identifier_is_kept_without_grouping(kind: IdentifierKind, value: str, kept: str) -> None:
    checked = check(kind, value)
    assert isinstance(checked, Checked)
    assert checked.fields == {"value": kept}


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        (CITIZEN, "11010119900307851", LENGTH),
        (CITIZEN, "110101900307851", LENGTH),  # the form of before 1999
        (CITIZEN, "", LENGTH),
        (CITIZEN, "1" * 10_000, LENGTH),
        (CITIZEN, "11010119900307851A", FORMAT),
        (CITIZEN, "1101011990030785١5", FORMAT),  # an Arabic digit
        (CITIZEN, "X10101199003078515", FORMAT),
        (CITIZEN, "110101199003078516", CHECKSUM),
        (CITIZEN, "110101199003087515", CHECKSUM),  # two digits changed places
        (CITIZEN, "110101199013078519", PartyRefusal.IDENTIFIER_DATE),
        (CITIZEN, "110101203003078514", PartyRefusal.IDENTIFIER_DATE),
        (CITIZEN, "990101199003078519", PartyRefusal.IDENTIFIER_PLACE),
        (PERMIT, "110101199003078515", PartyRefusal.IDENTIFIER_PLACE),
        (USCC, "91110000600037341", LENGTH),
        (USCC, "9111000060003734IL", FORMAT),  # no letter I
        (USCC, "91110000600037342L", CHECKSUM),
        (LEI, "213800KUD8LAJWSQ9D1", LENGTH),
        (LEI, "213800KUD8LA_WSQ9D15", FORMAT),
        (LEI, "213800KUD8LXJWSQ9D15", CHECKSUM),
        (OTHER, "", LENGTH),
        (OTHER, "x" * 36, LENGTH),
        (OTHER, "12'34", FORMAT),
    ],
)
def test_what_is_wrong_with_an_identifier_is_said(kind: IdentifierKind, value: str, reason: PartyRefusal) -> None:
    assert check(kind, value) == Refusal(reason, kind)


NEXT_YEAR = dt.date(2027, 1, 1)


@pytest.mark.parametrize(
    ("value", "country", "expires", "reason"),
    [
        ("E12345678", "CN", NEXT_YEAR, None),
        ("EA1234567", "CN", NEXT_YEAR, None),
        ("C01X00T47", "DE", TODAY, None),
        ("E1234567", "CN", NEXT_YEAR, LENGTH),
        ("123456789", "CN", NEXT_YEAR, FORMAT),
        ("ABCD", "DE", NEXT_YEAR, LENGTH),
        ("ABCDEFGHIJ", "DE", NEXT_YEAR, LENGTH),
        ("ABC/123", "DE", NEXT_YEAR, FORMAT),
        ("E12345678", "CN", None, PartyRefusal.IDENTIFIER_EXPIRY_MISSING),
        ("E12345678", "CN", dt.date(2026, 3, 1), PartyRefusal.EXPIRED),
    ],
)
def test_a_passport_has_a_number_a_country_and_an_end(value, country, expires, reason) -> None:
    checked = check(PASSPORT, value, country, expires)
    assert (checked.because if isinstance(checked, Refusal) else None) is reason


def test_an_identifier_belongs_to_its_kind_of_party_and_country() -> None:
    for kind in IdentifierKind:
        given = Identifier(kind=kind, value="x", country="XX")
        persons = check_identifier(given, PartyKind.PERSON, TODAY)
        organisations = check_identifier(given, PartyKind.ORGANISATION, TODAY)
        wrong = {CITIZEN: 1, PERMIT: 1, PASSPORT: 1, USCC: 0, LEI: 0, OTHER: None}[kind]
        for place, refusal in enumerate((persons, organisations)):
            assert isinstance(refusal, Refusal)
            expected = PartyRefusal.IDENTIFIER_KIND if place == wrong else PartyRefusal.COUNTRY_UNKNOWN
            assert refusal.because is expected
    for country in ("DE", "HK"):
        assert check(CITIZEN, "110101199003078515", country) == Refusal(PartyRefusal.IDENTIFIER_COUNTRY, CITIZEN)
    for country in ("", "cn", "UK", "EU"):
        assert check(OTHER, "1", country) == Refusal(PartyRefusal.COUNTRY_UNKNOWN, "identifier")


def test_what_an_identifier_is_found_by_tells_kinds_and_countries_apart() -> None:
    found = [
        check(PASSPORT, "AB1234567", "DE", NEXT_YEAR),
        check(PASSPORT, "AB1234567", "FR", NEXT_YEAR),
        check(OTHER, "AB1234567", "DE"),
    ]
    indexes = {checked.index for checked in found if isinstance(checked, Checked)}
    assert len(indexes) == 3
    leis = [check(LEI, "213800KUD8LAJWSQ9D15", country) for country in ("CN", "DE")]
    assert len({lei.index for lei in leis if isinstance(lei, Checked)}) == 1


def test_a_citizens_number_tells_the_date_of_birth() -> None:
    assert born_of("110101199003078515") == dt.date(1990, 3, 7)
