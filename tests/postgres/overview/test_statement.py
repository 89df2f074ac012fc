"""Statements of an account: they balance for every period, and follow one another without a gap."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from tests.postgres.overview.story import Story

from yinhe.kernel.account_number import decode
from yinhe.kernel.dates import days_from_date
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.store import Detail
from yinhe.overview.refusals import OverviewRefusal
from yinhe.overview.statement import Statement, Statements
from yinhe.storage.sessions import Sessions


@pytest.fixture(scope="module")
def statements(story: Story, sessions: Sessions) -> Iterator[Statements]:
    made = Statements(sessions, story.ledger)
    yield made
    made.close()


def made(statements: Statements, account: int, first: int, last: int, **more: object) -> Statement:
    found = statements.make(account, first, last, **more)
    assert isinstance(found, Statement), found
    return found


def test_a_statement_tells_what_the_account_held_and_all_that_moved(story: Story, statements: Statements) -> None:
    account, today = story.accounts["current"], story.house.today
    whole = made(statements, account, 0, today, holder="张三")
    assert whole.opening_minor == 0
    assert whole.closing_minor == story.house.balance(account)
    entries = [one for one in story.ledger.history(account, limit=10_000).entries if one.amount_minor]
    assert [line.seq for line in whole.lines] == [entry.seq for entry in reversed(entries)]
    assert (whole.debits + whole.credits, whole.currency, whole.scale) == (len(whole.lines), "CNY", 2)
    assert decode(whole.number).index == account
    assert whole.seq == story.ledger.committed_seq


@pytest.mark.parametrize("days", [1, 7, 40])
def test_statements_of_following_periods_close_where_the_next_opens(
    story: Story, statements: Statements, days: int
) -> None:
    account, today = story.accounts["passed"], story.house.today
    first = days_from_date(made(statements, account, 0, today).lines[0].business_date)
    ends = [min(day + days - 1, today) for day in range(first, today + 1, days)]
    parts = [made(statements, account, end - days + 1 if end < today else ends[-2] + 1, end) for end in ends[:-1]]
    parts.append(made(statements, account, (ends[-2] + 1) if len(ends) > 1 else first, today))
    for before, after in pairwise(parts):
        assert before.closing_minor == after.opening_minor
    lines = [line for part in parts for line in part.lines]
    assert lines == list(made(statements, account, 0, today).lines)
    for part in parts:
        assert part.closing_minor == story.ledger.balance_at_date(account, days_from_date(part.last))


def test_a_line_carries_what_the_payer_wrote(story: Story, statements: Statements) -> None:
    txn_id = story.next_id()
    story.ledger.transfer(
        debit=story.accounts["current"], credit=story.accounts["other"], amount_minor=3, txn_id=txn_id,
        detail=Detail(txn_id, "teller", "branch", "房租 March", {}),
    )  # fmt: skip
    line = made(statements, story.accounts["other"], story.house.today, story.house.today).lines[-1]
    assert (line.narrative, line.txn_id, line.amount_minor) == ("房租 March", txn_id, 3)
    assert (line.english, line.chinese) == ("Transfer", "转账")


def test_a_statement_before_the_account_was_there_is_empty(story: Story, statements: Statements) -> None:
    found = made(statements, story.accounts["current"], 0, 10)
    assert (found.lines, found.opening_minor, found.closing_minor) == ((), 0, 0)


@pytest.mark.parametrize(
    ("account", "first", "last", "lines_max", "because"),
    [
        (10_000, 0, 10, 10, OverviewRefusal.ACCOUNT_UNKNOWN),
        (0, 0, 10, 10, OverviewRefusal.ACCOUNT_UNKNOWN),
        (-1, 0, 10, 10, OverviewRefusal.ACCOUNT_UNKNOWN),
        (2, 10, 9, 10, OverviewRefusal.PERIOD_REVERSED),
        (2, 0, 30_000, 10, OverviewRefusal.DATE_AHEAD),
        (2, 0, None, 3, OverviewRefusal.STATEMENT_TOO_LONG),
    ],
)
def test_what_cannot_be_stated_is_refused(
    story: Story, statements: Statements, account: int, first: int, last: int | None, lines_max: int, because
) -> None:
    last = story.house.today if last is None else last
    found = statements.make(account, first, last, lines_max=lines_max)
    assert isinstance(found, Refusal)
    assert found.because is because
