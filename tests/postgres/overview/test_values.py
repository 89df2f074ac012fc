"""The table of values counts each row of the journal once, whatever happens on the way."""

import threading
from collections import Counter
from typing import Any

import pytest
from psycopg import Rollback
from tests.postgres.overview.story import Story

from yinhe.kernel.dates import date_from_days
from yinhe.lending.commands import PayOff
from yinhe.overview.values import Follower, Values
from yinhe.overview.worth import CODES, LOAN_CODES
from yinhe.storage.sessions import Sessions


def table(sessions: Sessions) -> tuple[int, list[Any]]:
    with sessions.lend() as session:
        (seq,) = session.execute("SELECT seq FROM account_value_head").fetchone()
        rows = session.execute("SELECT * FROM account_value ORDER BY account, month, code").fetchall()
    return seq, rows


@pytest.fixture(autouse=True)
def empty(sessions: Sessions) -> None:
    with sessions.lend() as session:
        session.execute("TRUNCATE account_value")
        session.execute("UPDATE account_value_head SET seq = 0")


def expected(story: Story) -> list[tuple[Any, ...]]:
    """The table worked out row by row from the feed."""
    debits: Counter[tuple[Any, ...]] = Counter()
    credits: Counter[tuple[Any, ...]] = Counter()
    pools = set(story.house.bank.pools.all().values())
    rows = story.lending.book.rows
    loans = {int(row[name]): int(row["account"]) for row in rows for name in ("account", "receivable")}
    for row in story.ledger.feed(0, 100_000):
        code, flags = int(row["code"]), int(row["flags"])
        if code not in CODES or flags & 10:
            continue
        month = date_from_days(int(row["value_date"])).replace(day=1)
        debit, credit, amount = int(row["debit"]), int(row["credit"]), int(row["amount"])
        if code in LOAN_CODES:
            loan = loans.get(credit) or loans.get(debit) or next(iter(loans.values()))
            (debits if credit not in loans and debit in loans else credits)[loan, month, code] += amount
            continue
        if debit not in pools:
            debits[debit, month, code] += amount
        if credit not in pools:
            credits[credit, month, code] += amount
    return [(*key, debits[key], credits[key]) for key in sorted(debits.keys() | credits.keys())]


@pytest.mark.parametrize("step_seqs", [1 << 20, 97, 1])
def test_steps_of_any_size_come_to_the_same_sums(
    story: Story, values: Values, sessions: Sessions, step_seqs: int
) -> None:
    # Rows lie in sealed segments and in memory.
    assert 1 < story.ledger.engine.core.tail.first_seq < story.ledger.committed_seq
    with sessions.lend() as session:
        assert values.catch_up(session, step_seqs) == story.ledger.committed_seq
        assert values.catch_up(session, step_seqs) == story.ledger.committed_seq
    assert table(sessions) == (story.ledger.committed_seq, expected(story))


def test_a_step_that_is_stopped_has_not_been(story: Story, values: Values, sessions: Sessions) -> None:
    with sessions.lend() as session:
        reached = values.step(session, 150)
        with session.transaction() as transaction:
            assert values.step(session, 300) > reached
            raise Rollback(transaction)
        assert table(sessions)[0] == reached == 150
        values.catch_up(session)
    assert table(sessions) == (story.ledger.committed_seq, expected(story))


def test_two_who_keep_it_up_take_turns(story: Story, values: Values, sessions: Sessions) -> None:
    def follow() -> None:
        with sessions.lend() as session:
            values.catch_up(session, 13)

    threads = [threading.Thread(target=follow) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert table(sessions) == (story.ledger.committed_seq, expected(story))


def test_the_follower_keeps_it_up_by_itself(story: Story, values: Values, sessions: Sessions) -> None:
    follower = Follower(values, story.ledger, every_seconds=0.01)
    pause = threading.Event()
    for _ in range(1_000):
        if table(sessions)[0] == story.ledger.committed_seq:
            break
        pause.wait(0.01)
    follower.close()
    assert follower.fault is None
    assert table(sessions) == (story.ledger.committed_seq, expected(story))


def test_interest_paid_at_the_counter_past_the_loans_accounts_is_the_loans(
    story: Story, values: Values, sessions: Sessions
) -> None:
    loan = story.lend(1_000_00, 3, int(story.lending.book.rows["version"][0]))
    story.house.night()
    paid = story.lending.do(PayOff(id=story.next_id(), loan=loan, payer=story.accounts["current"]))
    assert paid.loan == loan, paid
    rows = story.ledger.transaction(story.ledger.history(story.accounts["current"]).entries[0].txn_id)
    interest = rows[rows["code"] == 3003]
    account = int(story.lending.book.rows["account"][loan - 1])
    with sessions.lend() as session:
        values.catch_up(session)
    mine = [row for row in table(sessions)[1] if row[0] == account and row[2] == 3003]
    # A day of 1,000.00 at 4.90 %.
    assert [row[3:] for row in mine] == [(0, 14)] == [(0, interest["amount"].sum())]
    # It went from the payer to the bank: no side of these rows names the loan.
    assert account not in {*interest["debit"].tolist(), *interest["credit"].tolist()}
