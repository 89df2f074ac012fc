"""Each outcome of a transfer, as a banker would tell it: accounts before, postings, answers, balances after.

Accounts are numbered from 1 in the order given. Where no balance is written, the account starts empty with floor 0.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from yinhe.ledger.batch import LEGS_MAX, VALUE_DATE_MAX, VALUE_DATE_MIN, Flag
from yinhe.ledger.columns import AMOUNT_MAX, AccountFlag
from yinhe.ledger.outcomes import Outcome
from yinhe.ledger.rules import ID_SKEW_MS

from .hall import DOLLAR, NOON, A, Hall, uuid7

NONE = Flag(0)
L = Flag.LINKED
HOLD, POST, VOID, EXPIRE = Flag.PENDING, Flag.POST, Flag.VOID, Flag.EXPIRE
TAKE, GIVE = Flag.BALANCING_DEBIT, Flag.BALANCING_CREDIT
CLOSED, NO_DEBIT, NO_CREDIT = AccountFlag.CLOSED, AccountFlag.DEBIT_BLOCKED, AccountFlag.CREDIT_BLOCKED
X = uuid7(10**6)
FIRST = 2
"""The seq of the first posting: seq 1 opened the accounts."""


@dataclass(frozen=True)
class P:
    """One posting and the answer expected."""

    debit: int
    credit: int
    amount: int
    expected: Outcome
    flags: Flag = NONE
    more: dict[str, Any] = field(default_factory=dict)


def p(debit: int, credit: int, amount: int, expected: Outcome, flags: Flag = NONE, **more: Any) -> P:
    return P(debit, credit, amount, expected, flags, more)


RICH, POOR = A(balance=100), A()
FAR = (1 << 31) - 1

CASES: dict[str, tuple[list[A], list[P], list[int]]] = {
    "a payment moves money": ([RICH, POOR], [p(1, 2, 30, Outcome.POSTED)], [70, 30]),
    "the last cent may go": ([RICH, POOR], [p(1, 2, 100, Outcome.POSTED)], [0, 100]),
    "one sees the effect of the one before": (
        [RICH, POOR],
        [p(1, 2, 90, Outcome.POSTED), p(2, 1, 90, Outcome.POSTED)],
        [100, 0],
    ),
    "the same again is a duplicate": (
        [RICH, POOR],
        [p(1, 2, 30, Outcome.POSTED, txn_id=X), p(1, 2, 30, Outcome.DUPLICATE, txn_id=X)],
        [70, 30],
    ),
    "the same id with another amount": (
        [RICH, POOR],
        [p(1, 2, 30, Outcome.POSTED, txn_id=X), p(1, 2, 31, Outcome.ID_CONFLICT, txn_id=X)],
        [70, 30],
    ),
    "the same id with another code": (
        [RICH, POOR],
        [p(1, 2, 30, Outcome.POSTED, txn_id=X), p(1, 2, 30, Outcome.ID_CONFLICT, txn_id=X, code=1)],
        [70, 30],
    ),
    "the same id the other way round": (
        [RICH, POOR],
        [p(1, 2, 30, Outcome.POSTED, txn_id=X), p(2, 1, 30, Outcome.ID_CONFLICT, txn_id=X)],
        [70, 30],
    ),
    "a value date named and one filled in are not the same request": (
        [RICH, POOR],
        [p(1, 2, 30, Outcome.POSTED, txn_id=X), p(1, 2, 30, Outcome.ID_CONFLICT, txn_id=X, value_date=20_000)],
        [70, 30],
    ),
    "a refused id may be tried again": (
        [POOR, POOR, RICH],
        [
            p(1, 2, 30, Outcome.INSUFFICIENT_FUNDS, txn_id=X),
            p(3, 1, 30, Outcome.POSTED),
            p(1, 2, 30, Outcome.POSTED, txn_id=X),
        ],
        [0, 30, 70],
    ),
    "an id of version 4": (
        [RICH, POOR],
        [p(1, 2, 1, Outcome.ID_MALFORMED, txn_id=UUID(int=X.int ^ 0x3 << 76))],
        [100, 0],
    ),
    "an id of another variant": (
        [RICH, POOR],
        [p(1, 2, 1, Outcome.ID_MALFORMED, txn_id=UUID(int=X.int ^ 1 << 63))],
        [100, 0],
    ),
    "the nil id": ([RICH, POOR], [p(1, 2, 1, Outcome.ID_MALFORMED, txn_id=UUID(int=0))], [100, 0]),
    "an id as far ahead as clocks may differ": (
        [RICH, POOR],
        [p(1, 2, 1, Outcome.POSTED, txn_id=uuid7(1, NOON // 1000 + ID_SKEW_MS))],
        [99, 1],
    ),
    "an id a millisecond further": (
        [RICH, POOR],
        [p(1, 2, 1, Outcome.ID_FROM_FUTURE, txn_id=uuid7(1, NOON // 1000 + ID_SKEW_MS + 1))],
        [100, 0],
    ),
    "an id of the last year 10889": (
        [RICH, POOR],
        [p(1, 2, 1, Outcome.ID_FROM_FUTURE, txn_id=uuid7(1, (1 << 48) - 1))],
        [100, 0],
    ),
    "legs that end on a link": ([RICH, POOR], [p(1, 2, 1, Outcome.LINKED_BROKEN, L, txn_id=X)], [100, 0]),
    "legs cut by another transaction": (
        [RICH, POOR],
        [
            p(1, 2, 1, Outcome.LINKED_BROKEN, L, txn_id=X),
            p(1, 2, 5, Outcome.POSTED),
            p(1, 2, 1, Outcome.LINKED_BROKEN, txn_id=X, leg=1),
        ],
        [95, 5],
    ),
    "legs out of order": (
        [RICH, POOR],
        [p(1, 2, 1, Outcome.LINKED_BROKEN, L, txn_id=X, leg=1), p(1, 2, 1, Outcome.LINKED_BROKEN, txn_id=X, leg=0)],
        [100, 0],
    ),
    "a leg missing": (
        [RICH, POOR],
        [p(1, 2, 1, Outcome.LINKED_BROKEN, L, txn_id=X), p(1, 2, 1, Outcome.LINKED_BROKEN, txn_id=X, leg=2)],
        [100, 0],
    ),
    "a second leg alone": ([RICH, POOR], [p(1, 2, 1, Outcome.LINKED_BROKEN, leg=1)], [100, 0]),
    "a link forgotten: the first leg stands alone": (
        [RICH, POOR],
        [p(1, 2, 1, Outcome.POSTED, txn_id=X), p(1, 2, 1, Outcome.ID_CONFLICT, txn_id=X, leg=1)],
        [99, 1],
    ),
    "three legs, all or none: all": (
        [RICH, POOR, POOR],
        [
            p(1, 2, 60, Outcome.POSTED, L, txn_id=X),
            p(2, 3, 50, Outcome.POSTED, L, txn_id=X, leg=1),
            p(1, 3, 40, Outcome.POSTED, txn_id=X, leg=2),
        ],
        [0, 10, 90],
    ),
    "three legs, none: the first fails": (
        [RICH, POOR, POOR],
        [
            p(2, 3, 1, Outcome.INSUFFICIENT_FUNDS, L, txn_id=X),
            p(1, 2, 60, Outcome.LINKED_FAILED, L, txn_id=X, leg=1),
            p(1, 3, 40, Outcome.LINKED_FAILED, txn_id=X, leg=2),
        ],
        [100, 0, 0],
    ),
    "three legs, none: the middle one fails": (
        [RICH, POOR, POOR],
        [
            p(1, 2, 60, Outcome.LINKED_FAILED, L, txn_id=X),
            p(2, 3, 61, Outcome.INSUFFICIENT_FUNDS, L, txn_id=X, leg=1),
            p(1, 3, 40, Outcome.LINKED_FAILED, txn_id=X, leg=2),
        ],
        [100, 0, 0],
    ),
    "three legs, none: the last one fails": (
        [RICH, POOR, POOR],
        [
            p(1, 2, 60, Outcome.LINKED_FAILED, L, txn_id=X),
            p(2, 3, 60, Outcome.LINKED_FAILED, L, txn_id=X, leg=1),
            p(1, 3, 41, Outcome.INSUFFICIENT_FUNDS, txn_id=X, leg=2),
        ],
        [100, 0, 0],
    ),
    "the next transaction is none the worse": (
        [RICH, POOR],
        [
            p(1, 2, 60, Outcome.LINKED_FAILED, L, txn_id=X),
            p(1, 2, 41, Outcome.INSUFFICIENT_FUNDS, txn_id=X, leg=1),
            p(1, 2, 99, Outcome.POSTED),
        ],
        [1, 99],
    ),
    "a hold and a post at once": (
        [RICH, POOR],
        [p(1, 2, 5, Outcome.FLAGS_INVALID, HOLD | POST, reference=1)],
        [100, 0],
    ),
    "an expiry without a void": ([RICH, POOR], [p(1, 2, 5, Outcome.FLAGS_INVALID, EXPIRE, reference=1)], [100, 0]),
    "a balancing hold": ([RICH, POOR], [p(1, 2, 5, Outcome.FLAGS_INVALID, HOLD | TAKE)], [100, 0]),
    "a reference that means nothing": ([RICH, POOR], [p(1, 2, 5, Outcome.FLAGS_INVALID, reference=1)], [100, 0]),
    "a reversal of a row that is still to come": (
        [RICH, POOR],
        [p(1, 2, 5, Outcome.FLAGS_INVALID, Flag.REVERSAL, reference=FIRST)],
        [100, 0],
    ),
    "a reversal of a row that is there": (
        [RICH, POOR],
        [p(1, 2, 5, Outcome.POSTED), p(2, 1, 5, Outcome.POSTED, Flag.REVERSAL, reference=FIRST)],
        [100, 0],
    ),
    "a negative code": ([RICH, POOR], [p(1, 2, 5, Outcome.FLAGS_INVALID, code=-1)], [100, 0]),
    "a code beyond the largest": ([RICH, POOR], [p(1, 2, 5, Outcome.FLAGS_INVALID, code=1 << 15)], [100, 0]),
    "an account beyond the last": ([RICH, POOR], [p(1, 3, 5, Outcome.UNKNOWN_ACCOUNT)], [100, 0]),
    "account 0 is no account": ([RICH, POOR], [p(0, 2, 5, Outcome.UNKNOWN_ACCOUNT)], [100, 0]),
    "an account beyond int32": ([RICH, POOR], [p(1, (1 << 32) + 2, 5, Outcome.UNKNOWN_ACCOUNT)], [100, 0]),
    "from an account to itself": ([RICH], [p(1, 1, 5, Outcome.SAME_ACCOUNT)], [100]),
    "an amount of nothing": ([RICH, POOR], [p(1, 2, 0, Outcome.AMOUNT_NOT_POSITIVE)], [100, 0]),
    "a negative amount": ([RICH, POOR], [p(1, 2, -5, Outcome.AMOUNT_NOT_POSITIVE)], [100, 0]),
    "an amount below int64": ([RICH, POOR], [p(1, 2, -(1 << 70), Outcome.AMOUNT_NOT_POSITIVE)], [100, 0]),
    "the largest amount is only too much for the account": (
        [RICH, POOR],
        [p(1, 2, AMOUNT_MAX, Outcome.INSUFFICIENT_FUNDS)],
        [100, 0],
    ),
    "one above the largest amount": ([RICH, POOR], [p(1, 2, AMOUNT_MAX + 1, Outcome.AMOUNT_OUT_OF_RANGE)], [100, 0]),
    "an amount beyond int64": ([RICH, POOR], [p(1, 2, (1 << 64) + 5, Outcome.AMOUNT_OUT_OF_RANGE)], [100, 0]),
    "a value date on the first day": ([RICH, POOR], [p(1, 2, 5, Outcome.POSTED, value_date=VALUE_DATE_MIN)], [95, 5]),
    "a value date on the last day": ([RICH, POOR], [p(1, 2, 5, Outcome.POSTED, value_date=VALUE_DATE_MAX)], [95, 5]),
    "a value date before the first": (
        [RICH, POOR],
        [p(1, 2, 5, Outcome.VALUE_DATE_OUT_OF_RANGE, value_date=VALUE_DATE_MIN - 1)],
        [100, 0],
    ),
    "a value date after the last": (
        [RICH, POOR],
        [p(1, 2, 5, Outcome.VALUE_DATE_OUT_OF_RANGE, value_date=VALUE_DATE_MAX + 1)],
        [100, 0],
    ),
    "a value date beyond int32": (
        [RICH, POOR],
        [p(1, 2, 5, Outcome.VALUE_DATE_OUT_OF_RANGE, value_date=1 << 31)],
        [100, 0],
    ),
    "yuan to dollars": ([RICH, A(currency=DOLLAR)], [p(1, 2, 5, Outcome.CURRENCY_DIFFERS)], [100, 0]),
    "a post of a hold nobody placed": (
        [RICH, POOR],
        [p(1, 2, 5, Outcome.PENDING_NOT_FOUND, POST, reference=99)],
        [100, 0],
    ),
    "a posting is no hold": (
        [RICH, POOR],
        [p(1, 2, 5, Outcome.POSTED), p(1, 2, 5, Outcome.PENDING_NOT_FOUND, POST, reference=FIRST)],
        [95, 5],
    ),
    "a post to another account than held for": (
        [RICH, POOR, POOR],
        [p(1, 2, 5, Outcome.POSTED, HOLD), p(1, 3, 5, Outcome.PENDING_DIFFERS, POST, reference=FIRST)],
        [100, 0, 0],
    ),
    "a hold posted whole": (
        [RICH, POOR],
        [p(1, 2, 40, Outcome.POSTED, HOLD), p(1, 2, 0, Outcome.POSTED, POST, reference=FIRST)],
        [60, 40],
    ),
    "a hold posted in two parts": (
        [RICH, POOR],
        [
            p(1, 2, 40, Outcome.POSTED, HOLD),
            p(1, 2, 30, Outcome.POSTED, POST, reference=FIRST),
            p(1, 2, 11, Outcome.OVER_PENDING, POST, reference=FIRST),
            p(1, 2, 10, Outcome.POSTED, POST, reference=FIRST),
            p(1, 2, 0, Outcome.PENDING_RESOLVED, POST, reference=FIRST),
        ],
        [60, 40],
    ),
    "held money cannot be spent": (
        [RICH, POOR],
        [p(1, 2, 40, Outcome.POSTED, HOLD), p(1, 2, 61, Outcome.INSUFFICIENT_FUNDS), p(1, 2, 60, Outcome.POSTED)],
        [40, 60],
    ),
    "released money can be spent": (
        [RICH, POOR],
        [
            p(1, 2, 40, Outcome.POSTED, HOLD),
            p(1, 2, 0, Outcome.POSTED, VOID, reference=FIRST),
            p(1, 2, 100, Outcome.POSTED),
        ],
        [0, 100],
    ),
    "a voided hold cannot be posted": (
        [RICH, POOR],
        [
            p(1, 2, 40, Outcome.POSTED, HOLD),
            p(1, 2, 0, Outcome.POSTED, VOID, reference=FIRST),
            p(1, 2, 40, Outcome.PENDING_RESOLVED, POST, reference=FIRST),
        ],
        [100, 0],
    ),
    "a part voided, the rest still held": (
        [RICH, POOR],
        [
            p(1, 2, 40, Outcome.POSTED, HOLD),
            p(1, 2, 30, Outcome.POSTED, VOID, reference=FIRST),
            p(1, 2, 91, Outcome.INSUFFICIENT_FUNDS),
            p(1, 2, 0, Outcome.POSTED, POST, reference=FIRST),
        ],
        [90, 10],
    ),
    "more posted than held": (
        [RICH, POOR],
        [p(1, 2, 40, Outcome.POSTED, HOLD), p(1, 2, 41, Outcome.OVER_PENDING, POST, reference=FIRST)],
        [100, 0],
    ),
    "a hold that expires now is late": (
        [RICH, POOR],
        [p(1, 2, 5, Outcome.PENDING_EXPIRED, HOLD, reference=NOON)],
        [100, 0],
    ),
    "a hold with a microsecond to live": (
        [RICH, POOR],
        [p(1, 2, 5, Outcome.POSTED, HOLD, reference=NOON + 1)],
        [100, 0],
    ),
    "a hold released before its time by the ledger": (
        [RICH, POOR],
        [
            p(1, 2, 5, Outcome.POSTED, HOLD, reference=NOON + 1),
            p(1, 2, 0, Outcome.PENDING_NOT_EXPIRED, VOID | EXPIRE, reference=FIRST),
        ],
        [100, 0],
    ),
    "a hold without end never expires": (
        [RICH, POOR],
        [p(1, 2, 5, Outcome.POSTED, HOLD), p(1, 2, 0, Outcome.PENDING_NOT_EXPIRED, VOID | EXPIRE, reference=FIRST)],
        [100, 0],
    ),
    "from a closed account": ([A(flags=CLOSED, floor=-9), POOR], [p(1, 2, 5, Outcome.ACCOUNT_CLOSED)], [0, 0]),
    "to a closed account": ([RICH, A(flags=CLOSED)], [p(1, 2, 5, Outcome.ACCOUNT_CLOSED)], [100, 0]),
    "from an account blocked for debits": (
        [A(100, flags=NO_DEBIT), POOR],
        [p(1, 2, 5, Outcome.DEBIT_BLOCKED), p(2, 1, 5, Outcome.INSUFFICIENT_FUNDS)],
        [100, 0],
    ),
    "to an account blocked for debits": ([RICH, A(flags=NO_DEBIT)], [p(1, 2, 5, Outcome.POSTED)], [95, 5]),
    "to an account blocked for credits": ([RICH, A(flags=NO_CREDIT)], [p(1, 2, 5, Outcome.CREDIT_BLOCKED)], [100, 0]),
    "from an account blocked for credits": ([A(100, flags=NO_CREDIT), POOR], [p(1, 2, 5, Outcome.POSTED)], [95, 5]),
    "up to the daily limit": (
        [A(100, limit_daily=30), POOR],
        [p(1, 2, 20, Outcome.POSTED), p(1, 2, 10, Outcome.POSTED)],
        [70, 30],
    ),
    "over the daily limit": (
        [A(100, limit_daily=30), POOR],
        [p(1, 2, 20, Outcome.POSTED), p(1, 2, 11, Outcome.OVER_DAILY_LIMIT)],
        [80, 20],
    ),
    "receiving does not count to the limit": ([A(100), A(limit_daily=1)], [p(1, 2, 50, Outcome.POSTED)], [50, 50]),
    "a hold counts to the daily limit, its post not again": (
        [A(100, limit_daily=30), POOR],
        [
            p(1, 2, 20, Outcome.POSTED, HOLD),
            p(1, 2, 11, Outcome.OVER_DAILY_LIMIT),
            p(1, 2, 0, Outcome.POSTED, POST, reference=FIRST),
            p(1, 2, 10, Outcome.POSTED),
        ],
        [70, 30],
    ),
    "a hold voided the same day gives the limit back": (
        [A(100, limit_daily=30), POOR],
        [
            p(1, 2, 30, Outcome.POSTED, HOLD),
            p(1, 2, 0, Outcome.POSTED, VOID, reference=FIRST),
            p(1, 2, 30, Outcome.POSTED),
        ],
        [70, 30],
    ),
    "one cent too much": ([RICH, POOR], [p(1, 2, 101, Outcome.INSUFFICIENT_FUNDS)], [100, 0]),
    "into the overdraft agreed": ([A(100, floor=-50), POOR], [p(1, 2, 150, Outcome.POSTED)], [-50, 150]),
    "beyond the overdraft agreed": ([A(100, floor=-50), POOR], [p(1, 2, 151, Outcome.INSUFFICIENT_FUNDS)], [100, 0]),
    "below a minimum balance": (
        [A(100, floor=20), POOR],
        [p(1, 2, 81, Outcome.INSUFFICIENT_FUNDS), p(1, 2, 80, Outcome.POSTED)],
        [20, 80],
    ),
    "a balance beyond the ledger": (
        [A(9, floor=-AMOUNT_MAX), A(AMOUNT_MAX - 4)],
        [p(1, 2, 5, Outcome.BALANCE_OVERFLOW), p(1, 2, 4, Outcome.POSTED)],
        [5, AMOUNT_MAX],
    ),
    "the largest debt": (
        [A(-AMOUNT_MAX + 5, floor=-AMOUNT_MAX), POOR],
        [p(1, 2, 6, Outcome.INSUFFICIENT_FUNDS), p(1, 2, 5, Outcome.POSTED)],
        [-AMOUNT_MAX, 5],
    ),
    "up to the ceiling": (
        [RICH, A(10, ceiling=50)],
        [p(1, 2, 41, Outcome.OVER_CEILING), p(1, 2, 40, Outcome.POSTED)],
        [60, 50],
    ),
    "a debt repaid, never overpaid": (
        [RICH, A(-30, floor=-99, ceiling=0)],
        [p(1, 2, 31, Outcome.OVER_CEILING), p(1, 2, 30, Outcome.POSTED)],
        [70, 0],
    ),
    "a hold does not look at the ceiling, its post does": (
        [RICH, A(ceiling=10)],
        [
            p(1, 2, 11, Outcome.POSTED, HOLD),
            p(1, 2, 0, Outcome.OVER_CEILING, POST, reference=FIRST),
            p(1, 2, 10, Outcome.POSTED, POST, reference=FIRST),
        ],
        [90, 10],
    ),
    "take what is there": ([RICH, POOR], [p(1, 2, 500, Outcome.POSTED, TAKE)], [0, 100]),
    "take no more than asked": ([RICH, POOR], [p(1, 2, 30, Outcome.POSTED, TAKE)], [70, 30]),
    "take what is not held and not the minimum": (
        [A(100, floor=10), POOR],
        [p(1, 2, 40, Outcome.POSTED, HOLD), p(1, 2, 500, Outcome.POSTED, TAKE)],
        [50, 50],
    ),
    "nothing there to take": ([POOR, POOR], [p(1, 2, 500, Outcome.INSUFFICIENT_FUNDS, TAKE)], [0, 0]),
    "give what there is room for": (
        [RICH, A(-30, floor=-99, ceiling=0)],
        [p(1, 2, 500, Outcome.POSTED, GIVE)],
        [70, 0],
    ),
    "no room to give": ([RICH, A(ceiling=0)], [p(1, 2, 500, Outcome.OVER_CEILING, GIVE)], [100, 0]),
    "take and give: the smaller": (
        [A(20), A(-30, floor=-99, ceiling=0)],
        [p(1, 2, 500, Outcome.POSTED, TAKE | GIVE)],
        [0, -10],
    ),
    "take and give: nothing there and no room": (
        [POOR, A(ceiling=0)],
        [p(1, 2, 500, Outcome.INSUFFICIENT_FUNDS, TAKE | GIVE)],
        [0, 0],
    ),
    "giving does not take what is not there": (
        [A(10), A(ceiling=50)],
        [p(1, 2, 500, Outcome.INSUFFICIENT_FUNDS, GIVE)],
        [10, 0],
    ),
    "a balancing transfer again is a duplicate though there is nothing left": (
        [RICH, POOR],
        [p(1, 2, 500, Outcome.POSTED, TAKE, txn_id=X), p(1, 2, 500, Outcome.DUPLICATE, TAKE, txn_id=X)],
        [0, 100],
    ),
    "nothing to take is no question of a limit since lowered": (
        [A(0, limit_daily=5, spent=9), POOR],
        [p(1, 2, 500, Outcome.INSUFFICIENT_FUNDS, TAKE)],
        [0, 0],
    ),
}


@pytest.mark.parametrize(("before", "postings", "after"), CASES.values(), ids=CASES.keys())
def test_transfers(before: list[A], postings: list[P], after: list[int]) -> None:
    hall = Hall(*before)
    asked = [hall.t(x.debit, x.credit, x.amount, x.flags, **x.more) for x in postings]
    assert hall.post(*asked) == [x.expected for x in postings]
    assert [hall.balance(index) for index in range(1, len(before) + 1)] == after
    for seq, posting in zip(hall.seqs, postings, strict=True):
        assert (seq != 0) == (posting.expected in (Outcome.POSTED, Outcome.DUPLICATE))


@pytest.mark.parametrize(("before", "postings", "after"), CASES.values(), ids=CASES.keys())
def test_a_refusal_leaves_no_trace(before: list[A], postings: list[P], after: list[int]) -> None:
    """One by one, each transaction in a commit of its own; what is refused changes not a byte."""
    hall = Hall(*before)
    transactions: list[list[P]] = []
    for x in postings:
        linked = (
            transactions
            and transactions[-1][-1].flags & L
            and transactions[-1][-1].more.get("txn_id") == x.more.get("txn_id")
        )
        if linked:
            transactions[-1].append(x)
        else:
            transactions.append([x])
    for legs in transactions:
        memory = hall.core.columns.line.copy()
        answers = hall.post(*(hall.t(x.debit, x.credit, x.amount, x.flags, **x.more) for x in legs))
        assert answers == [x.expected for x in legs]
        if Outcome.POSTED not in answers:
            assert (hall.core.columns.line == memory).all()
    assert [hall.balance(index) for index in range(1, len(before) + 1)] == after


def test_every_outcome_stands_in_the_table() -> None:
    assert {posting.expected for _, postings, _ in CASES.values() for posting in postings} == set(Outcome)


def test_a_hold_is_late_from_the_microsecond_it_expires_and_the_ledger_releases_it() -> None:
    hall = Hall(A(100, limit_daily=40), POOR)
    hall.post(hall.t(1, 2, 40, HOLD, reference=NOON + 1_000_000))
    hall.clock.advance(999_999)
    assert hall.core.expire() is None
    hall.clock.advance(1)
    assert hall.post(hall.t(1, 2, 0, POST, reference=FIRST)) == [Outcome.PENDING_EXPIRED]
    assert hall.post(hall.t(1, 2, 0, VOID, reference=FIRST)) == [Outcome.PENDING_EXPIRED]
    released = hall.core.expire()
    assert released is not None
    hall.keep(released.block)
    assert (hall.held(1), hall.spent(1)) == (0, 0)
    assert hall.post(hall.t(1, 2, 0, POST, reference=FIRST)) == [Outcome.PENDING_EXPIRED]
    assert hall.core.expire() is None
    hall.restart()
    assert hall.post(hall.t(1, 2, 0, POST, reference=FIRST)) == [Outcome.PENDING_EXPIRED]


def chain(hall: Hall, legs: int, *, numbered_from: int = 0, linked_on: bool = False) -> list[Any]:
    txn_id = uuid7(77)
    last = legs - 1
    return [
        hall.t(1, 2, 1, NONE if i == last and not linked_on else L, txn_id=txn_id, leg=i + numbered_from)
        for i in range(legs)
    ]


def test_a_transaction_of_the_most_legs_posts() -> None:
    hall = Hall(A(LEGS_MAX), POOR)
    assert hall.post(*chain(hall, LEGS_MAX)) == [Outcome.POSTED] * LEGS_MAX


def test_a_transaction_of_one_leg_more_is_refused_whole() -> None:
    hall = Hall(A(LEGS_MAX + 1), POOR)
    assert hall.post(*chain(hall, LEGS_MAX + 1)) == [Outcome.LINKED_BROKEN] * (LEGS_MAX + 1)


def test_of_too_long_a_chain_that_counts_its_legs_anew_no_part_posts() -> None:
    hall = Hall(A(LEGS_MAX + 1), POOR)
    legs = [*chain(hall, LEGS_MAX, linked_on=True), *chain(hall, 1)]
    assert set(hall.post(*legs)) == {Outcome.LINKED_BROKEN}
    assert hall.balance(2) == 0


# --- precedence

ODD = Flag.PENDING | Flag.POST
V4_AHEAD = UUID(int=uuid7(1, NOON // 1000 + 10**6).int ^ 0x3 << 76)
AHEAD = uuid7(1, NOON // 1000 + 10**6)

PRECEDENCE: dict[tuple[Outcome, Outcome], tuple[list[A], list[P], P]] = {
    (Outcome.ID_CONFLICT, Outcome.LINKED_BROKEN): (
        [RICH, POOR],
        [p(1, 2, 1, Outcome.POSTED, txn_id=X)],
        p(1, 2, 1, Outcome.ID_CONFLICT, L, txn_id=X),
    ),
    (Outcome.ID_CONFLICT, Outcome.FLAGS_INVALID): (
        [RICH, POOR],
        [p(1, 2, 1, Outcome.POSTED, txn_id=X)],
        p(1, 2, 1, Outcome.ID_CONFLICT, ODD, txn_id=X),
    ),
    (Outcome.ID_MALFORMED, Outcome.ID_FROM_FUTURE): (
        [RICH, POOR],
        [],
        p(1, 2, 1, Outcome.ID_MALFORMED, txn_id=V4_AHEAD),
    ),
    (Outcome.ID_FROM_FUTURE, Outcome.LINKED_BROKEN): (
        [RICH, POOR],
        [],
        p(1, 2, 1, Outcome.ID_FROM_FUTURE, L, txn_id=AHEAD),
    ),
    (Outcome.LINKED_BROKEN, Outcome.FLAGS_INVALID): ([RICH, POOR], [], p(1, 2, 1, Outcome.LINKED_BROKEN, L | ODD)),
    (Outcome.FLAGS_INVALID, Outcome.UNKNOWN_ACCOUNT): ([RICH, POOR], [], p(1, 9, 1, Outcome.FLAGS_INVALID, ODD)),
    (Outcome.UNKNOWN_ACCOUNT, Outcome.SAME_ACCOUNT): ([RICH, POOR], [], p(9, 9, 1, Outcome.UNKNOWN_ACCOUNT)),
    (Outcome.SAME_ACCOUNT, Outcome.AMOUNT_NOT_POSITIVE): ([RICH, POOR], [], p(1, 1, 0, Outcome.SAME_ACCOUNT)),
    (Outcome.AMOUNT_NOT_POSITIVE, Outcome.VALUE_DATE_OUT_OF_RANGE): (
        [RICH, POOR],
        [],
        p(1, 2, 0, Outcome.AMOUNT_NOT_POSITIVE, value_date=FAR),
    ),
    (Outcome.AMOUNT_OUT_OF_RANGE, Outcome.VALUE_DATE_OUT_OF_RANGE): (
        [RICH, POOR],
        [],
        p(1, 2, 1 << 62, Outcome.AMOUNT_OUT_OF_RANGE, value_date=FAR),
    ),
    (Outcome.VALUE_DATE_OUT_OF_RANGE, Outcome.CURRENCY_DIFFERS): (
        [RICH, A(currency=DOLLAR)],
        [],
        p(1, 2, 1, Outcome.VALUE_DATE_OUT_OF_RANGE, value_date=FAR),
    ),
    (Outcome.CURRENCY_DIFFERS, Outcome.PENDING_NOT_FOUND): (
        [RICH, A(currency=DOLLAR)],
        [],
        p(1, 2, 1, Outcome.CURRENCY_DIFFERS, POST, reference=9),
    ),
    (Outcome.CURRENCY_DIFFERS, Outcome.PENDING_DIFFERS): (
        [RICH, POOR, A(currency=DOLLAR)],
        [p(1, 2, 1, Outcome.POSTED, HOLD)],
        p(1, 3, 1, Outcome.CURRENCY_DIFFERS, POST, reference=FIRST),
    ),
    (Outcome.PENDING_NOT_FOUND, Outcome.ACCOUNT_CLOSED): (
        [RICH, A(flags=CLOSED)],
        [],
        p(1, 2, 1, Outcome.PENDING_NOT_FOUND, POST, reference=9),
    ),
    (Outcome.PENDING_DIFFERS, Outcome.PENDING_RESOLVED): (
        [RICH, POOR, POOR],
        [p(1, 2, 1, Outcome.POSTED, HOLD), p(1, 2, 0, Outcome.POSTED, VOID, reference=FIRST)],
        p(1, 3, 1, Outcome.PENDING_DIFFERS, POST, reference=FIRST),
    ),
    (Outcome.PENDING_RESOLVED, Outcome.PENDING_EXPIRED): (
        [RICH, POOR],
        [p(1, 2, 1, Outcome.POSTED, HOLD, reference=NOON + 1), p(1, 2, 0, Outcome.POSTED, VOID, reference=FIRST)],
        p(1, 2, 1, Outcome.PENDING_RESOLVED, POST, reference=FIRST),
    ),
    (Outcome.PENDING_EXPIRED, Outcome.OVER_PENDING): (
        [RICH, POOR],
        [p(1, 2, 1, Outcome.POSTED, HOLD, reference=NOON + 1)],
        p(1, 2, 5, Outcome.PENDING_EXPIRED, POST, reference=FIRST),
    ),
    (Outcome.PENDING_NOT_EXPIRED, Outcome.OVER_PENDING): (
        [RICH, POOR],
        [p(1, 2, 1, Outcome.POSTED, HOLD)],
        p(1, 2, 5, Outcome.PENDING_NOT_EXPIRED, VOID | EXPIRE, reference=FIRST),
    ),
    (Outcome.PENDING_EXPIRED, Outcome.ACCOUNT_CLOSED): (
        [RICH, A(flags=CLOSED)],
        [],
        p(1, 2, 5, Outcome.PENDING_EXPIRED, HOLD, reference=1),
    ),
    (Outcome.OVER_PENDING, Outcome.DEBIT_BLOCKED): (
        [RICH, POOR],
        [p(1, 2, 1, Outcome.POSTED, HOLD)],
        p(1, 2, 5, Outcome.OVER_PENDING, POST, reference=FIRST),
    ),
    (Outcome.ACCOUNT_CLOSED, Outcome.DEBIT_BLOCKED): (
        [A(100, flags=NO_DEBIT), A(flags=CLOSED)],
        [],
        p(1, 2, 5, Outcome.ACCOUNT_CLOSED),
    ),
    (Outcome.DEBIT_BLOCKED, Outcome.CREDIT_BLOCKED): (
        [A(100, flags=NO_DEBIT), A(flags=NO_CREDIT)],
        [],
        p(1, 2, 5, Outcome.DEBIT_BLOCKED),
    ),
    (Outcome.CREDIT_BLOCKED, Outcome.OVER_DAILY_LIMIT): (
        [A(100, limit_daily=1), A(flags=NO_CREDIT)],
        [],
        p(1, 2, 5, Outcome.CREDIT_BLOCKED),
    ),
    (Outcome.OVER_DAILY_LIMIT, Outcome.INSUFFICIENT_FUNDS): (
        [A(limit_daily=1), POOR],
        [],
        p(1, 2, 5, Outcome.OVER_DAILY_LIMIT),
    ),
    (Outcome.INSUFFICIENT_FUNDS, Outcome.BALANCE_OVERFLOW): (
        [POOR, A(AMOUNT_MAX)],
        [],
        p(1, 2, 5, Outcome.INSUFFICIENT_FUNDS),
    ),
    (Outcome.BALANCE_OVERFLOW, Outcome.OVER_CEILING): (
        [RICH, A(AMOUNT_MAX, ceiling=3)],
        [],
        p(1, 2, 5, Outcome.BALANCE_OVERFLOW),
    ),
}


@pytest.mark.parametrize(
    ("before", "first", "both"), PRECEDENCE.values(), ids=[f"{a.name} before {b.name}" for a, b in PRECEDENCE]
)
def test_where_two_reasons_apply_the_first_in_the_order_of_the_outcomes_is_the_answer(
    before: list[A], first: list[P], both: P
) -> None:
    hall = Hall(*before)
    for x in first:
        assert hall.post(hall.t(x.debit, x.credit, x.amount, x.flags, **x.more)) == [x.expected]
    if both.expected is Outcome.OVER_PENDING:
        hall.set(1, flags=AccountFlag.OPEN | NO_DEBIT)
    if both.flags & POST:
        hall.clock.advance(1)
    assert hall.post(hall.t(both.debit, both.credit, both.amount, both.flags, **both.more)) == [both.expected]


def test_the_precedence_table_names_the_pairs_in_the_order_of_the_outcomes() -> None:
    assert all(first < second for first, second in PRECEDENCE)
    # What is left can be neither first with its neighbour: a new id is no conflict, one amount is not too small and
    # too large at once, a hold is not both absent and different, and a leg that fails itself is not failed by another.
    apart = {(2, 3), (9, 10), (13, 14), (16, 17), (25, 26), (0, 1), (1, 2)}
    neighbours = {(a, a + 1) for a in range(26)} - apart
    replaced = {(10, 11), (17, 18), (18, 19)}
    named = {(int(a), int(b)) for a, b in PRECEDENCE}
    assert neighbours - replaced <= named
