"""Account commands: each answer, in the order of precedence."""

from typing import Any
from uuid import UUID

import pytest

from yinhe.ledger.accounts import (
    AccountCommand,
    CloseAccount,
    OpenAccounts,
    RollDate,
    SetBlocks,
    SetLimits,
    digest_of,
    openings,
    refusal,
)
from yinhe.ledger.batch import VALUE_DATE_MAX, VALUE_DATE_MIN, Flag
from yinhe.ledger.columns import ACCOUNTS_MAX, AMOUNT_MAX, AccountFlag, Columns
from yinhe.ledger.outcomes import AccountOutcome as O
from yinhe.ledger.outcomes import Outcome

from .hall import NOON, TODAY, A, Hall, uuid7

X = uuid7(900_000)
V4 = UUID(int=X.int ^ 0x3 << 76)
AHEAD = uuid7(900_000, NOON // 1000 + 10**6)
CLOSED = AccountFlag.CLOSED


def opening(request_id: UUID = X, **fields: Any) -> OpenAccounts:
    return OpenAccounts(request_id, openings(2, **({"currency": 156, "gl_code": 2011} | fields)))


CASES: dict[str, tuple[A, AccountCommand, O]] = {
    "open": (A(), opening(), O.DONE),
    "open under a malformed id": (A(), opening(V4), O.ID_MALFORMED),
    "open under an id ahead": (A(), opening(AHEAD), O.ID_FROM_FUTURE),
    "a malformed id goes before an unknown account": (A(), CloseAccount(V4, 9), O.ID_MALFORMED),
    "an id ahead goes before an unknown account": (A(), CloseAccount(AHEAD, 9), O.ID_FROM_FUTURE),
    "close account 0": (A(), CloseAccount(X, 0), O.UNKNOWN_ACCOUNT),
    "close an account below 0": (A(), CloseAccount(X, -1), O.UNKNOWN_ACCOUNT),
    "close an account beyond int64": (A(), CloseAccount(X, 1 << 70), O.UNKNOWN_ACCOUNT),
    "close the one after the last": (A(), CloseAccount(X, 2), O.UNKNOWN_ACCOUNT),
    "an unknown account goes before limits that cross": (A(), SetLimits(X, 2, 5, 4, 0), O.UNKNOWN_ACCOUNT),
    "close twice": (A(flags=CLOSED), CloseAccount(X, 1), O.ACCOUNT_CLOSED),
    "block a closed account": (A(flags=CLOSED), SetBlocks(X, 1, True, True), O.ACCOUNT_CLOSED),
    "a closed account goes before limits that cross": (A(flags=CLOSED), SetLimits(X, 1, 5, 4, 0), O.ACCOUNT_CLOSED),
    "open in no currency": (A(), opening(currency=999), O.UNKNOWN_CURRENCY),
    "no currency goes before limits that cross": (A(), opening(currency=999, floor=5, ceiling=4), O.UNKNOWN_CURRENCY),
    "open with limits that cross": (A(), opening(floor=5, ceiling=4), O.LIMITS_CROSSED),
    "set limits that cross": (A(), SetLimits(X, 1, 5, 4, 0), O.LIMITS_CROSSED),
    "limits that cross go before limits out of range": (A(), SetLimits(X, 1, 5, 4, -1), O.LIMITS_CROSSED),
    "floor and ceiling alike": (A(), SetLimits(X, 1, 5, 5, 0), O.DONE),
    "the widest limits": (A(), SetLimits(X, 1, -AMOUNT_MAX, AMOUNT_MAX, AMOUNT_MAX), O.DONE),
    "a floor too low": (A(), SetLimits(X, 1, -AMOUNT_MAX - 1, 0, 0), O.LIMITS_OUT_OF_RANGE),
    "a ceiling too high": (A(), SetLimits(X, 1, 0, AMOUNT_MAX + 1, 0), O.LIMITS_OUT_OF_RANGE),
    "a ceiling beyond int64": (A(), SetLimits(X, 1, 0, 1 << 70, 0), O.LIMITS_OUT_OF_RANGE),
    "a negative daily limit": (A(), SetLimits(X, 1, 0, 5, -1), O.LIMITS_OUT_OF_RANGE),
    "open with a floor too low": (A(), opening(floor=-AMOUNT_MAX - 1), O.LIMITS_OUT_OF_RANGE),
    "open with a ceiling too high": (A(), opening(ceiling=AMOUNT_MAX + 1), O.LIMITS_OUT_OF_RANGE),
    "open with a floor too high": (A(), opening(floor=AMOUNT_MAX + 1, ceiling=AMOUNT_MAX + 1), O.LIMITS_OUT_OF_RANGE),
    "open with a ceiling too low": (
        A(),
        opening(floor=-AMOUNT_MAX - 2, ceiling=-AMOUNT_MAX - 1),
        O.LIMITS_OUT_OF_RANGE,
    ),
    "open with a negative daily limit": (A(), opening(limit_daily=-1), O.LIMITS_OUT_OF_RANGE),
    "close with money on it": (A(balance=1), CloseAccount(X, 1), O.ACCOUNT_NOT_EMPTY),
    "close with debt on it": (A(balance=-1, floor=-5), CloseAccount(X, 1), O.ACCOUNT_NOT_EMPTY),
    "close": (A(), CloseAccount(X, 1), O.DONE),
    "roll to tomorrow": (A(), RollDate(X, TODAY + 1), O.DONE),
    "roll over a holiday": (A(), RollDate(X, TODAY + 9), O.DONE),
    "roll beyond the last date": (A(), RollDate(X, VALUE_DATE_MAX + 1), O.DATE_OUT_OF_RANGE),
    "a date before the first is out of range before it is not later": (
        A(),
        RollDate(X, VALUE_DATE_MIN - 1),
        O.DATE_OUT_OF_RANGE,
    ),
    "roll to today": (A(), RollDate(X, TODAY), O.DATE_NOT_LATER),
    "roll back": (A(), RollDate(X, TODAY - 1), O.DATE_NOT_LATER),
}


@pytest.mark.parametrize(("before", "command", "expected"), CASES.values(), ids=CASES.keys())
def test_account_commands(before: A, command: AccountCommand, expected: O) -> None:
    hall = Hall(before)
    memory = hall.core.columns.line.copy()
    work = hall.core.command(command)
    assert work.answer.outcome is expected
    assert (work.block is not None) == (expected is O.DONE)
    if expected is not O.DONE:
        assert (hall.core.columns.line == memory).all()
        assert (work.answer.account, work.answer.seq) == (0, 0)


def test_the_table_and_the_tests_below_name_every_answer() -> None:
    elsewhere = {O.DUPLICATE, O.ID_CONFLICT, O.HOLDS_OPEN, O.UNIT_FULL}
    assert {expected for _, _, expected in CASES.values()} | elsewhere == set(O)


def test_an_account_on_which_money_is_held_cannot_be_closed_though_its_balance_is_zero() -> None:
    hall = Hall(A(floor=-9), A())
    hall.post(hall.t(1, 2, 5, Flag.PENDING))
    assert hall.core.command(CloseAccount(X, 1)).answer.outcome is O.HOLDS_OPEN
    assert hall.post(hall.t(1, 2, 4)) == [Outcome.POSTED]
    assert hall.core.command(CloseAccount(X, 1)).answer.outcome is O.ACCOUNT_NOT_EMPTY


def test_a_unit_takes_no_account_more_than_it_can_hold() -> None:
    columns = Columns(1)
    columns.count = ACCOUNTS_MAX - 2
    assert refusal(columns, TODAY, opening()) is O.DONE
    columns.count = ACCOUNTS_MAX - 1
    assert refusal(columns, TODAY, opening()) is O.UNIT_FULL


@pytest.mark.parametrize("business_date", [VALUE_DATE_MAX + 1, 1 << 31, 1 << 40])
def test_the_business_date_stays_a_date_that_postings_may_bear(business_date: int) -> None:
    """It becomes the value date of every posting, an int32 column and a DATE; a wild one would stop the commits."""
    hall = Hall(A())
    assert hall.core.command(RollDate(X, business_date)).answer.outcome is not O.DONE
    assert hall.core.business_date == TODAY


@pytest.mark.parametrize("restarted", [False, True])
def test_a_command_again_hears_the_first_answer_and_another_under_its_id_is_a_conflict(restarted: bool) -> None:
    hall = Hall(A())
    first = hall.core.command(opening())
    hall.keep(first.block)
    if restarted:
        hall.restart()
    again = hall.core.command(opening()).answer
    assert (again.outcome, again.account, again.seq) == (O.DUPLICATE, first.answer.account, first.answer.seq)
    assert hall.core.command(opening(floor=-1)).answer.outcome is O.ID_CONFLICT
    assert hall.core.command(CloseAccount(X, 1)).answer.outcome is O.ID_CONFLICT
    assert hall.core.columns.count == 4


def test_commands_that_ask_for_different_things_have_different_digests() -> None:
    commands: list[AccountCommand] = [
        CloseAccount(X, 1),
        CloseAccount(X, 2),
        RollDate(X, 1),
        SetBlocks(X, 1, True, False),
        SetBlocks(X, 1, False, True),
        SetLimits(X, 1, 0, 0, 0),
        SetLimits(X, 1, 0, 0, 1),
        opening(),
        opening(branch=1),
    ]
    assert len({digest_of(command) for command in commands}) == len(commands)
    assert digest_of(CloseAccount(X, 1)) == digest_of(CloseAccount(V4, 1))


def test_a_new_day_has_its_whole_limit_and_a_hold_of_the_day_before_gives_none_of_it_back() -> None:
    hall = Hall(A(100, limit_daily=30), A())
    hall.post(hall.t(1, 2, 30, Flag.PENDING))
    hold = hall.seqs[0]
    assert hall.post(hall.t(1, 2, 1)) == [Outcome.OVER_DAILY_LIMIT]
    hall.keep(hall.core.command(RollDate(X, TODAY + 1)).block)
    assert hall.post(hall.t(1, 2, 20)) == [Outcome.POSTED]
    assert hall.post(hall.t(1, 2, 0, Flag.VOID, reference=hold)) == [Outcome.POSTED]
    assert hall.post(hall.t(1, 2, 11)) == [Outcome.OVER_DAILY_LIMIT]
    assert hall.post(hall.t(1, 2, 10)) == [Outcome.POSTED]


def test_blocks_are_put_on_and_taken_off() -> None:
    hall = Hall(A(100), A())
    for debit_blocked, credit_blocked, out, back in [
        (True, False, Outcome.DEBIT_BLOCKED, Outcome.POSTED),
        (False, True, Outcome.POSTED, Outcome.CREDIT_BLOCKED),
        (False, False, Outcome.POSTED, Outcome.POSTED),
    ]:
        hall.keep(hall.core.command(SetBlocks(hall.id(), 1, debit_blocked, credit_blocked)).block)
        hall.set(2, balance=50)
        assert hall.post(hall.t(1, 2, 1), hall.t(2, 1, 1)) == [out, back]
