"""The life of a product in the catalogue, what of it never changes, and which version holds on which day."""

import datetime as dt

import msgspec
import psycopg
import pytest
from tests.postgres.products.conftest import DEMAND, MONDAY, Bring

from yinhe.kernel.dates import date_from_days
from yinhe.products.assembly import write_product
from yinhe.products.catalogue import VersionRefusal, load
from yinhe.products.catalogue_store import approve, check, draft, events, publish, set_rate, withdraw
from yinhe.products.errors import ProductChanged, ProductUnknown
from yinhe.products.findings import Code, Refused
from yinhe.products.parts.ledger import DepositLedger
from yinhe.products.product import Product
from yinhe.products.product_library import Installed, install_library, library_products, library_rates
from yinhe.products.status import Status

STEPS = {Status.CHECKED: check, Status.APPROVED: approve, Status.PUBLISHED: publish}


def version(which: int, day: int, **changes: object) -> Product:
    return msgspec.structs.replace(DEMAND, version=which, effective=date_from_days(day), **changes)


FIRST = version(1, MONDAY)


def codes(answer: object) -> set[Code]:
    assert isinstance(answer, Refused)
    return set(answer.codes)


def test_a_product_lives_from_draft_to_withdrawn_with_every_step_noted(session, bring) -> None:
    version_id = bring(FIRST)
    assert withdraw(session, "demand/1", "chen", MONDAY + 30) == version_id
    assert [
        (event.status.value, event.actor, event.business_date - MONDAY) for event in events(session, version_id)
    ] == [
        ("draft", "li", 0),
        ("checked", "li", 0),
        ("approved", "chen", 0),
        ("published", "chen", 0),
        ("withdrawn", "chen", 30),
    ]
    found = load(session).version(version_id)
    assert (found.status, found.author, found.approver) == (Status.WITHDRAWN, "li", "chen")
    assert (found.published_on, found.withdrawn_on) == (dt.date(2026, 1, 5), dt.date(2026, 2, 4))


def test_what_is_stored_is_what_was_written(session, bring) -> None:
    version_id = bring(FIRST)
    found = load(session).version(version_id)
    assert found.product == FIRST
    assert found.text == write_product(FIRST)


@pytest.mark.parametrize(
    ("until", "step"),
    [
        ("draft", Status.APPROVED),
        ("draft", Status.PUBLISHED),
        ("checked", Status.PUBLISHED),
        ("checked", Status.CHECKED),
        ("published", Status.CHECKED),
        ("published", Status.APPROVED),
        ("published", Status.PUBLISHED),
    ],
)
def test_no_step_of_a_life_can_be_left_out_or_taken_twice(session, bring, until: str, step: Status) -> None:
    bring(FIRST, until=until)
    assert codes(STEPS[step](session, "demand/1", "chen", MONDAY)) == {Code.STATUS_WRONG}
    assert load(session).versions[0].status.value == until


def test_the_author_cannot_approve_and_nobody_does_nothing(session, bring) -> None:
    bring(FIRST, until="checked")
    assert codes(approve(session, "demand/1", "li", MONDAY)) == {Code.SAME_PERSON}
    assert codes(approve(session, "demand/1", " ", MONDAY)) == {Code.ACTOR_MISSING}
    assert not isinstance(approve(session, "demand/1", "chen", MONDAY), Refused)


def test_the_table_itself_knows_that_two_persons_are_needed(session, bring) -> None:
    bring(FIRST, until="checked")
    with pytest.raises(psycopg.errors.CheckViolation):
        session.execute("UPDATE product_version SET status = 'approved', approver = author")


def test_a_version_written_anew_is_a_draft_again(session, bring) -> None:
    first = bring(FIRST, until="approved")
    again = bring(version(1, MONDAY, english="Everyday account"), until="draft")
    assert first == again
    found = load(session).version(again)
    assert (found.status, found.product.english, found.approver) == (Status.DRAFT, "Everyday account", None)


@pytest.mark.parametrize("published", ["published", "withdrawn"])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE product_version SET text = '#', sha256 = encode(sha256('#'), 'hex')",
        "UPDATE product_version SET effective = effective + 1",
        "UPDATE product_version SET number = number + 1",
        "UPDATE product_version SET author = 'x'",
        "UPDATE product_version SET status = 'draft'",
        "DELETE FROM product_version",
    ],
)
def test_a_published_version_never_changes(session, bring, change: str, published: str) -> None:
    bring(FIRST)
    if published == "withdrawn":
        withdraw(session, "demand/1", "chen", MONDAY)
    with pytest.raises(psycopg.Error, match=r"never changes|violates foreign key"):
        session.execute(change)


def test_a_published_version_cannot_be_drafted_again(session, bring) -> None:
    bring(FIRST)
    answer = draft(session, write_product(FIRST), "demand.toml", "li", MONDAY)
    assert codes(answer) == {Code.VERSION_FIXED}
    assert "write version 2" in str(answer)


def test_a_text_that_is_not_what_was_published_is_found_on_loading(session, bring) -> None:
    bring(FIRST)
    session.execute("ALTER TABLE product_version DISABLE TRIGGER ALL")
    session.execute("ALTER TABLE product_version DROP CONSTRAINT product_version_check")
    session.execute("UPDATE product_version SET text = replace(text, 'board:demand', '9.99%')")
    with pytest.raises(ProductChanged, match="demand/1"):
        load(session)


def test_a_draft_that_does_not_fit_the_bank_is_refused_whole(session, bring) -> None:
    bring(FIRST)
    late = version(2, MONDAY - 1)
    assert codes(draft(session, write_product(late), "f", "li", MONDAY)) == {Code.EFFECTIVE_PAST, Code.EFFECTIVE_ORDER}
    far = version(3, MONDAY + 5)
    assert codes(draft(session, write_product(far), "f", "li", MONDAY)) == {Code.VERSION_NOT_NEXT}
    other = version(1, MONDAY, code="other")
    assert codes(draft(session, write_product(other), "f", "li", MONDAY)) == {Code.NUMBER_TAKEN}
    renumbered = version(2, MONDAY + 5, number=77)
    assert codes(draft(session, write_product(renumbered), "f", "li", MONDAY)) == {Code.NUMBER_CHANGED}
    parts = tuple(
        msgspec.structs.replace(part, payable=2232) if isinstance(part, DepositLedger) else part
        for part in DEMAND.parts
    )
    elsewhere = version(2, MONDAY + 5, parts=parts)
    assert codes(draft(session, write_product(elsewhere), "f", "li", MONDAY)) == {Code.LEDGER_CHANGED}
    assert len(load(session).versions) == 1


def test_what_was_sound_on_drafting_is_looked_at_again_before_publishing(session, bring) -> None:
    bring(FIRST, until="approved")
    assert codes(publish(session, "demand/1", "chen", MONDAY + 1)) == {Code.EFFECTIVE_PAST}


# --- which version holds


def test_contracts_are_opened_on_the_latest_version_that_is_published_and_effective(session, bring) -> None:
    first, second = bring(FIRST), bring(version(2, MONDAY + 10))
    bring(version(3, MONDAY + 20), until="approved")
    catalogue = load(session)
    held = [catalogue.current("demand", MONDAY + days) for days in (-1, 0, 9, 10, 30)]
    assert [one and one[0] for one in held] == [None, first, first, second, second]
    assert catalogue.current("unknown", MONDAY) is None
    assert catalogue.id_of("demand", 2) == second


def test_a_contract_follows_later_versions_and_never_goes_back_behind_its_own(session, bring) -> None:
    first, second = bring(FIRST), bring(version(2, MONDAY + 10))
    third = bring(version(3, MONDAY + 20))
    withdraw(session, "demand/3", "chen", MONDAY + 25)
    catalogue = load(session)

    def versions(version_id: int) -> list[int]:
        return [catalogue.in_force(version_id, MONDAY + days).version for days in (0, 9, 10, 20, 24, 25, 40)]

    assert versions(first) == [1, 1, 2, 3, 3, 2, 2]
    assert versions(second) == [2, 2, 2, 3, 3, 2, 2]
    assert versions(third) == [3, 3, 3, 3, 3, 3, 3]
    assert catalogue.turns("demand", MONDAY, MONDAY + 40) == (MONDAY + 10, MONDAY + 20, MONDAY + 25)


def test_a_contract_of_a_product_that_is_no_longer_sold_keeps_its_version(session, bring) -> None:
    first = bring(FIRST)
    withdraw(session, "demand/1", "chen", MONDAY + 5)
    assert load(session).in_force(first, MONDAY + 50).version == 1


def test_a_contract_is_refused_on_a_version_that_is_not_on_offer(session, bring) -> None:
    first = bring(FIRST)
    second = bring(version(2, MONDAY + 10))
    draft_id = bring(version(3, MONDAY + 20), until="checked")
    withdraw(session, "demand/1", "chen", MONDAY + 1)
    catalogue = load(session)
    assert [
        catalogue.refusal(first, MONDAY),
        catalogue.refusal(second, MONDAY + 9),
        catalogue.refusal(second, MONDAY + 10),
        catalogue.refusal(draft_id, MONDAY + 30),
        catalogue.refusal(99, MONDAY),
    ] == [
        VersionRefusal.WITHDRAWN,
        VersionRefusal.NOT_YET_EFFECTIVE,
        None,
        VersionRefusal.UNPUBLISHED,
        VersionRefusal.UNKNOWN,
    ]
    assert all(reason.english and reason.chinese for reason in VersionRefusal)


def test_an_unknown_version_is_named(session) -> None:
    catalogue = load(session)
    for ask in (lambda: catalogue.product(7), lambda: catalogue.status(7), lambda: catalogue.id_of("demand", 9)):
        with pytest.raises(ProductUnknown):
            ask()
    assert codes(check(session, "demnd/1", "li", MONDAY)) == {Code.VERSION_UNKNOWN}


# --- rates


def test_a_rate_is_dated_and_its_correction_is_another_entry(session) -> None:
    assert set_rate(session, "demand", MONDAY + 3, 200_000, MONDAY, "wang") is None
    refused = set_rate(session, "demand", MONDAY - 3, 300_000, MONDAY, "wang")
    assert codes(refused) == {Code.RATE_PAST}
    assert set_rate(session, "demand", MONDAY - 3, 300_000, MONDAY, "wang", correction=True) is None
    rates = load(session).rates
    assert [rates.on("demand", MONDAY + days) for days in (-4, -3, 2, 3)] == [100_000, 300_000, 300_000, 200_000]
    assert rates.known(MONDAY - 1).tables == ()


def test_of_two_entries_of_one_day_the_later_written_stands(session) -> None:
    for rate in (300_000, 200_000):
        assert set_rate(session, "demand", MONDAY, rate, MONDAY, "wang") is None
    assert load(session).rates.on("demand", MONDAY) == 200_000


@pytest.mark.parametrize(
    ("table", "rate", "author", "code"),
    [
        ("demand", 325_000_000, "wang", Code.OUT_OF_BOUNDS),
        ("demand", -1, "wang", Code.OUT_OF_BOUNDS),
        ("de mand", 1, "wang", Code.UNREADABLE),
        ("demand", 1, "", Code.ACTOR_MISSING),
    ],
)
def test_a_rate_that_cannot_be_meant_is_refused(session, table: str, rate: int, author: str, code: Code) -> None:
    answer = set_rate(session, table, MONDAY, rate, MONDAY, author)
    assert codes(answer) == {code}
    if rate == 325_000_000:
        assert "did you mean 3.25%?" in str(answer)


# --- the library


def test_the_library_is_installed_once(session: psycopg.Connection) -> None:
    done = install_library(session, MONDAY, author="li", approver="chen")
    assert isinstance(done, Installed), done
    assert len(done.products) == len(library_products())
    assert done.rates == len(library_rates())
    catalogue = load(session)
    assert {one.status for one in catalogue.versions} == {Status.PUBLISHED}
    assert all(catalogue.current(one.code, MONDAY) for one in library_products())
    again = install_library(session, MONDAY + 3, author="li", approver="chen")
    assert isinstance(again, Installed)
    assert (again.products, len(again.known), again.rates) == ((), len(library_products()), 0)


def test_one_person_alone_cannot_install_the_library(session: psycopg.Connection) -> None:
    assert codes(install_library(session, MONDAY, author="li", approver="li")) == {Code.SAME_PERSON}
    assert load(session).versions == ()


def test_a_library_that_does_not_fit_the_bank_is_not_installed_at_all(
    session: psycopg.Connection, bring: Bring
) -> None:
    bring(version(1, MONDAY, code="own", number=1005))
    assert codes(install_library(session, MONDAY, author="li", approver="chen")) == {Code.NUMBER_TAKEN}
    assert len(load(session).versions) == 1
    assert load(session).rates.tables == ("demand",)
