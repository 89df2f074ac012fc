"""What should be looked at, the gravest first."""

import datetime as dt

import msgspec
import numpy as np
import pytest

from yinhe.kernel.dates import days_from_date
from yinhe.ledger.batch import Flag
from yinhe.ledger.memory import ROW
from yinhe.overview.alerts import (
    alerts_of_contracts,
    alerts_of_holds,
    alerts_of_loans,
    alerts_of_papers,
    sorted_alerts,
)
from yinhe.overview.holds import holds_after
from yinhe.overview.people import Expiry, Known
from yinhe.overview.reading import ContractRow, OpenHold
from yinhe.overview.records import (
    CardPicture,
    ContractPicture,
    ContractStatus,
    HoldPicture,
    LoanPicture,
    LoanStatus,
    ProductName,
)

TODAY = dt.date(2026, 3, 10)
DAY = days_from_date(TODAY)
PRODUCT = ProductName("p", 1, "p", "p")
CONTRACT = ContractPicture(
    contract=7, account=2, number="", product=PRODUCT, status=ContractStatus.OPEN, currency="CNY", opened=TODAY,
    maturity=None, closed=None, renews=False, linked=None, balance_minor=5_00, held_minor=0, available_minor=5_00,
    rate=None, accrued_minor=None, accrued_until=None, is_blocked=False,
)  # fmt: skip
ROW_OF = ContractRow(7, 2, 0, 1, DAY, DAY, 0, 0, 0, 1, 0, 0, 0, 0)
LOAN = LoanPicture(
    loan=3, account=4, number="", product=PRODUCT, status=LoanStatus.OPEN, currency="CNY", agreed=TODAY, maturity=None,
    closed=None, limit_minor=9, lent_minor=9, principal_minor=9, receivable_minor=0, rate=1, due_minor=0,
    overdue_minor=0, overdue_since=None, days_late=0, running_minor=0, next_due=None, next_minor=None, grade=None,
    linked=None, is_blocked=False, written_off_minor=0,
)  # fmt: skip
CARD = CardPicture(
    loan=3, currency="CNY", limit_minor=9, used_minor=1, free_minor=8, statement_on=TODAY, due=TODAY,
    statement_minor=5, minimum_minor=1, left_minor=5, next_statement=None,
)  # fmt: skip


def days(count: int) -> dt.date:
    return TODAY + dt.timedelta(days=count)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, []),
        ({"balance_minor": -100}, ["overdrawn"]),
        ({"balance_minor": -101}, ["over_overdraft"]),
        ({"is_blocked": True}, ["blocked"]),
        ({"maturity": days(7)}, ["matures"]),
        ({"maturity": days(8)}, []),
        ({"maturity": days(-1)}, []),
        ({"maturity": days(0), "status": ContractStatus.MATURED}, []),
        ({"status": ContractStatus.DORMANT}, ["dormant"]),
    ],
)
def test_contracts_tell_what_is_soon_or_wrong(change: dict[str, object], told: list[str]) -> None:
    one = msgspec.structs.replace(CONTRACT, **change)
    assert [alert.name for alert in alerts_of_contracts([one], [ROW_OF], {2: -100}, DAY)] == told


def test_instalments_missed_are_told() -> None:
    found = list(alerts_of_contracts([CONTRACT], [ROW_OF._replace(missed=1)], {2: 0}, DAY))
    assert [(alert.name, alert.object) for alert in found] == [("instalment_missed", "contract/7")]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, []),
        ({"status": LoanStatus.OVERDUE, "overdue_since": days(-3), "overdue_minor": 5}, ["loan_overdue"]),
        ({"status": LoanStatus.WRITTEN_OFF}, ["loan_written_off"]),
        ({"is_blocked": True}, ["blocked"]),
        ({"next_due": days(7), "next_minor": 4}, ["loan_due"]),
        ({"next_due": days(8), "next_minor": 4}, []),
    ],
)
def test_loans_tell_what_is_due_or_late(change: dict[str, object], told: list[str]) -> None:
    one = msgspec.structs.replace(LOAN, **change)
    assert [alert.name for alert in alerts_of_loans([one], [], DAY)] == told


@pytest.mark.parametrize(
    ("change", "told"), [({}, ["card_due"]), ({"left_minor": 0}, []), ({"due": days(9)}, []), ({"due": None}, [])]
)
def test_cards_tell_what_is_to_be_paid_soon(change: dict[str, object], told: list[str]) -> None:
    one = msgspec.structs.replace(CARD, **change)
    assert [alert.name for alert in alerts_of_loans([], [one], DAY)] == told


@pytest.mark.parametrize(("left_us", "told"), [(None, 0), (86_400_000_000, 0), (86_399_999_999, 1), (0, 1)])
def test_a_hold_is_told_of_in_its_last_day(left_us: int | None, told: int) -> None:
    now = 1_770_000_000_000_000
    hold = HoldPicture(
        hold=4, account=2, number="", to_number="", currency="CNY", remaining_minor=1, placed_on=TODAY,
        expires_at=None if left_us is None else now + left_us,
    )  # fmt: skip
    assert len(list(alerts_of_holds([hold], now))) == told


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (Known(party=1), []),
        (Known(party=1, review=days(0)), ["risk_review_due"]),
        (Known(party=1, review=days(1)), []),
        (Known(party=1, expiries=(Expiry(what="identifier", kind="passport", on=days(-1)),)), ["identifier_expired"]),
        (Known(party=1, expiries=(Expiry(what="identifier", kind="passport", on=days(0)),)), ["identifier_expires"]),
        (Known(party=1, expiries=(Expiry(what="document", kind="licence", on=days(30)),)), ["document_expires"]),
        (Known(party=1, expiries=(Expiry(what="document", kind="licence", on=days(31)),)), []),
        (Known(party=1, expiries=(Expiry(what="document", kind="licence", on=days(-9)),)), ["document_expired"]),
    ],
)
def test_papers_and_reviews_are_told_in_time(known: Known, told: list[str]) -> None:
    assert [alert.name for alert in alerts_of_papers(known, DAY)] == told


def test_the_gravest_comes_first() -> None:
    late = msgspec.structs.replace(LOAN, status=LoanStatus.OVERDUE)
    asleep = msgspec.structs.replace(CONTRACT, status=ContractStatus.DORMANT, is_blocked=True)
    found = [*alerts_of_contracts([asleep], [ROW_OF], {2: 0}, DAY), *alerts_of_loans([late], [], DAY)]
    assert [alert.name for alert in sorted_alerts(found)] == ["loan_overdue", "blocked", "dormant"]


def happened(*given: tuple[int, int, int, int]) -> np.ndarray:
    """Journal rows of (seq, amount, flags, reference)."""
    rows = np.zeros(len(given), ROW)
    for place, (seq, amount, flags, reference) in enumerate(given):
        rows[place]["seq"], rows[place]["amount"], rows[place]["flags"] = seq, amount, flags
        rows[place]["reference"], rows[place]["debit"], rows[place]["value_date"] = reference, 2, DAY
    return rows


@pytest.mark.parametrize(
    ("rows", "left"),
    [
        ([], {5: 100}),
        ([(9, 30, Flag.POST, 5)], {5: 70}),
        ([(9, 30, Flag.POST, 5), (10, 70, Flag.VOID | Flag.WHOLE, 5)], {}),
        ([(9, 100, Flag.POST, 5)], {}),
        ([(9, 40, Flag.PENDING, 777)], {5: 100, 9: 40}),
        ([(9, 40, Flag.PENDING, 777), (10, 40, Flag.POST | Flag.WHOLE, 9)], {5: 100}),
        # Of a hold that was over before the pass nothing is known any more.
        ([(9, 1, Flag.POST, 3)], {5: 100}),
    ],
)
def test_holds_are_those_of_the_pass_with_what_came_since(rows, left: dict[int, int]) -> None:
    found = holds_after([OpenHold(5, 2, 3, 100, 0, DAY - 1)], happened(*rows), DAY)
    assert {hold.seq: hold.remaining for hold in found} == left
    assert all(hold.placed_on == (DAY - 1 if hold.seq == 5 else DAY) for hold in found)
