"""The past, from sealed segments and from the tail alike, against a plain recomputation."""

from collections import defaultdict
from uuid import UUID

import numpy as np
import pytest
from tests.conftest import UnitDatabase
from tests.postgres.ledger.conftest import (
    CNY,
    MONDAY,
    OpenLedger,
    opened,
    post_all,
    random_transactions,
    wait_sealed,
    wait_until,
)

from yinhe.kernel.clock import ManualClock
from yinhe.ledger.accounts import openings
from yinhe.ledger.batch import Flag, Transfer
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.history import SEQ_END, Entry, History, Page
from yinhe.ledger.ledger import Ledger
from yinhe.ledger.outcomes import Outcome
from yinhe.ledger.stood import stood_at
from yinhe.ledger.store import Detail
from yinhe.ledger.tail import TailView

HOUR_US = 3_600_000_000


@pytest.fixture
def people(open_ledger: OpenLedger, clock: ManualClock) -> tuple[Ledger, range]:
    """Six accounts over three days and some five sealed segments; an hour between batches of transactions."""
    ledger = open_ledger()
    random = np.random.default_rng(3)
    accounts = ledger.open_accounts(openings(6, currency=CNY, gl_code=2011, floor=-100_000_00))
    for day in range(3):
        for _ in range(5):
            post_all(ledger, random_transactions(ledger.ids, accounts, 16, random))
            ledger.hold(debit=accounts[0], credit=accounts[1], amount_minor=5)
            clock.advance(HOUR_US)
        ledger.roll_date(MONDAY + day + 1)
    wait_sealed(ledger, ledger.committed_seq // 100)
    return ledger, accounts


def whole_history(ledger: Ledger, account: int, limit: int) -> list[Entry]:
    entries: list[Entry] = []
    page = ledger.history(account, limit=limit)
    while True:
        entries += page.entries
        if page.before_seq is None:
            return entries
        page = ledger.history(account, before_seq=page.before_seq, limit=limit)


def test_the_feed_gives_every_row_once_and_in_order(people: tuple[Ledger, range]) -> None:
    ledger, _ = people
    whole = ledger.feed(0, 10_000)
    events = 1 + 3
    assert len(whole) == ledger.committed_seq - events
    assert (np.diff(whole["seq"]) > 0).all()
    pieces, after = [], 0
    while len(piece := ledger.feed(after, 37)):
        pieces.append(piece)
        after = int(piece["seq"][-1])
    assert np.array_equal(np.concatenate(pieces), whole)
    assert 0 < ledger.engine.core.tail.view().range(0, 10_000).size < whole.size


@pytest.mark.parametrize("limit", [1, 7, 50, 10_000])
def test_a_statement_is_paged_across_sealed_segments_and_the_tail(people: tuple[Ledger, range], limit: int) -> None:
    ledger, accounts = people
    account = accounts[0]
    feed = ledger.feed(0, 10_000)
    mine = feed[(feed["debit"] == account) | (feed["credit"] == account)]
    entries = whole_history(ledger, account, limit)
    assert [entry.seq for entry in entries] == mine["seq"][::-1].tolist()
    balance = 0
    for entry in reversed(entries):
        balance += entry.amount_minor
        assert entry.balance_minor == balance
    assert balance == ledger.account(account).balance_minor
    assert sum(entry.held_minor for entry in entries) == ledger.account(account).held_minor == 15 * 5


@pytest.mark.parametrize("window_seqs", [1, 100])
def test_a_page_is_the_same_however_far_a_search_looks_at_once(people: tuple[Ledger, range], window_seqs: int) -> None:
    ledger, accounts = people
    history = History(ledger.connect, window_seqs)
    for tail in (ledger.engine.core.tail.view(), TailView(SEQ_END, ())):
        for account in accounts:
            for before_seq in (SEQ_END, ledger.committed_seq // 2, 3):
                wanted = ledger.history(account, before_seq=before_seq, limit=60)
                assert history.page(tail, account, before_seq, 60) == wanted
    history.close()


def test_a_page_ends_where_the_statement_ends(people: tuple[Ledger, range]) -> None:
    ledger, accounts = people
    count = len(whole_history(ledger, accounts[0], 10_000))
    assert ledger.history(accounts[0], limit=count).before_seq is None
    assert ledger.history(accounts[0], limit=count - 1).before_seq is not None
    assert ledger.history(accounts[0], before_seq=1) == Page((), None)


@pytest.mark.parametrize("limit", [0, 10_001])
def test_a_page_is_neither_empty_nor_endless(people: tuple[Ledger, range], limit: int) -> None:
    ledger, accounts = people
    with pytest.raises(ValueError, match="1 to 10000"):
        ledger.history(accounts[0], limit=limit)


def test_balances_at_any_seq_are_the_sum_of_the_rows_up_to_it(people: tuple[Ledger, range]) -> None:
    ledger, accounts = people
    feed = ledger.feed(0, 10_000)
    balances: dict[int, int] = defaultdict(int)
    checked = 0
    for row in feed:
        if not row["flags"] & np.uint16(Flag.PENDING | Flag.VOID):
            balances[int(row["debit"])] -= int(row["amount"])
            balances[int(row["credit"])] += int(row["amount"])
        if row["seq"] % 40 == 0:
            for account in accounts:
                assert ledger.balance_at(account, int(row["seq"])) == balances[account]
                checked += 1
    assert checked > 60
    assert ledger.balance_at(accounts[0], 0) == 0


def test_balances_at_a_time_and_at_a_date_are_those_of_the_last_row_before(people: tuple[Ledger, range]) -> None:
    ledger, accounts = people
    entries = whole_history(ledger, accounts[0], 10_000)
    for entry in entries[::20]:
        last = next(e for e in entries if e.booked_at <= entry.booked_at)
        assert ledger.balance_at_time(accounts[0], entry.booked_at) == last.balance_minor
        assert ledger.balance_at_time(accounts[0], entry.booked_at + HOUR_US - 1) == last.balance_minor
    for date in range(MONDAY - 1, MONDAY + 4):
        last_balance = next((e.balance_minor for e in entries if e.business_date <= date), 0)
        assert ledger.balance_at_date(accounts[0], date) == last_balance
    assert ledger.balance_at_time(accounts[0], 0) == 0


def test_a_transaction_is_found_whole_wherever_it_lies(people: tuple[Ledger, range]) -> None:
    ledger, _ = people
    feed = ledger.feed(0, 10_000)
    starts = np.flatnonzero(feed["leg"] == 0)
    straddling = 0
    for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(feed)], strict=True):
        legs = feed[start:end]
        if start % 9 == 0 or legs["seq"][0] // 100 != legs["seq"][-1] // 100:
            straddling += legs["seq"][0] // 100 != legs["seq"][-1] // 100
            txn_id = UUID(int=(int(legs["txn_hi"][0]) << 64) | int(legs["txn_lo"][0]))
            assert np.array_equal(ledger.transaction(txn_id), legs)
    assert straddling > 0
    assert len(ledger.transaction(ledger.ids.next())) == 0


def test_the_words_of_a_transaction_are_kept_with_it(people: tuple[Ledger, range]) -> None:
    ledger, accounts = people
    told = Detail(ledger.ids.next(), "teller 7", "branch", "房租 rent", {"invoice": [1, "二"]})
    ledger.transfer(debit=accounts[0], credit=accounts[1], amount_minor=1, txn_id=told.txn_id, detail=told)
    assert ledger.detail(told.txn_id) == told
    assert ledger.detail(ledger.ids.next()) is None


def test_a_reversal_takes_a_transaction_back_once(people: tuple[Ledger, range]) -> None:
    ledger, accounts = people
    before = [ledger.account(account).balance_minor for account in accounts]
    wrong = random_transactions(ledger.ids, accounts, 1, np.random.default_rng(12))[0]
    post_all(ledger, [wrong])
    correction = ledger.reversal_of(wrong[0].txn_id)
    built_at_the_same_time = ledger.reversal_of(wrong[0].txn_id)
    assert len(correction) == len(wrong) > 1
    assert all(answer.posted for answer in ledger.post(correction))
    assert [ledger.account(account).balance_minor for account in accounts] == before
    assert {answer.outcome for answer in ledger.post(built_at_the_same_time)} == {Outcome.DUPLICATE}
    assert {answer.outcome for answer in ledger.post(ledger.reversal_of(wrong[0].txn_id))} == {Outcome.DUPLICATE}
    assert [ledger.account(account).balance_minor for account in accounts] == before
    with pytest.raises(LookupError):
        ledger.reversal_of(ledger.ids.next())


def test_a_hold_is_voided_not_reversed(people: tuple[Ledger, range]) -> None:
    ledger, accounts = people
    hold = ledger.hold(debit=accounts[0], credit=accounts[1], amount_minor=5)
    with pytest.raises(ValueError, match="void the hold"):
        ledger.reversal_of(hold.txn_id)


def test_readers_find_their_way_back_after_their_session_is_lost(
    people: tuple[Ledger, range], empty_unit: UnitDatabase
) -> None:
    ledger, accounts = people
    page = ledger.history(accounts[0], limit=10_000)
    with empty_unit.connect() as session:
        session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'yinhe history' AND datname = current_database()"
        )
    assert ledger.history(accounts[0], limit=10_000) == page


def test_a_transfer_answers_with_the_balances_of_its_row(people: tuple[Ledger, range]) -> None:
    ledger, accounts = people
    debit, credit = (ledger.account(account).balance_minor for account in accounts[:2])
    answer = ledger.transfer(debit=accounts[0], credit=accounts[1], amount_minor=12)
    assert (answer.amount_minor, answer.debit_balance_minor, answer.credit_balance_minor) == (
        12,
        debit - 12,
        credit + 12,
    )
    again = ledger.post(
        [Transfer(txn_id=answer.txn_id, debit=accounts[0], credit=accounts[1], amount_minor=12)],
    )[0]
    assert (again.seq, again.debit_balance_minor) == (answer.seq, debit - 12)


def test_balances_of_any_seq_are_those_the_rows_say(busy: Ledger) -> None:
    """Forward through the whole journal, from nothing: what memory takes back agrees with what the rows add up to."""
    rows = busy.rows_between(1, busy.committed_seq + 1)
    assert (np.diff(rows["seq"]) > 0).all()
    for at in (0, 1, len(rows) // 3, len(rows) // 2, len(rows) - 1):
        seq = int(rows["seq"][at])
        wanted = np.zeros(busy.engine.core.columns.count, np.int64)
        held = np.zeros_like(wanted)
        for row in rows[: at + 1]:
            wanted[row["debit"]], wanted[row["credit"]] = row["debit_balance"], row["credit_balance"]
            way = {int(Flag.PENDING): 1, int(Flag.POST): -1, int(Flag.VOID): -1}
            held[row["debit"]] += sum(sign * row["amount"] for flag, sign in way.items() if row["flags"] & flag)
        assert (busy.balances_at(seq) == wanted).all()
        with busy.connect("yinhe test") as session:
            free = stood_at(busy, session, seq).free
            changed = session.execute("SELECT first_account FROM account_event WHERE seq > %s", (seq,)).fetchall()
        floors = busy.engine.core.columns.line["floor"][: len(free)]
        same = ~np.isin(np.arange(len(free)), [account for (account,) in changed])
        assert (free == wanted - held - floors)[same].all()
    assert same.all()
    assert held.any()


def test_floors_and_blocks_of_any_seq_are_those_it_had(busy: Ledger) -> None:
    told: list[tuple[int, int, bool, bool]] = []
    for floor, debit, credit in ((-7, False, True), (3, True, True), (3, False, False), (0, True, False)):
        busy.set_limits(2, floor=floor, ceiling=AMOUNT_MAX, limit_daily=AMOUNT_MAX)
        busy.block(2, debit=debit, credit=credit)
        assert busy.transfer(debit=3, credit=1, amount_minor=1).posted
        told.append((busy.committed_seq, floor, debit, credit))
    with busy.connect("yinhe test") as session:
        for seq, floor, debit, credit in told:
            stood = stood_at(busy, session, seq)
            assert stood.free[2] == busy.balances_at(seq)[2] - busy.account(2).held_minor - floor
            assert (bool(stood.gives[2]), bool(stood.takes[2])) == (not debit, not credit)


def test_rows_of_sealed_segments_and_of_the_tail_are_one_journal(busy: Ledger) -> None:
    for place in range(150):
        # Some of them today, some with an earlier value date, some with a later one.
        given = None if place % 3 == 0 else MONDAY - 1 + place % 4
        assert busy.transfer(debit=1, credit=2, amount_minor=1, value_date=given).posted
    wait_sealed(busy, 4)
    last = busy.committed_seq
    whole = busy.rows_between(1, last + 1)
    assert (whole == busy.feed(0, 10_000)).all()
    for first, end in ((50, 150), (199, 202), (1, 2), (last, last + 1)):
        assert (busy.rows_between(first, end) == whole[(whole["seq"] >= first) & (whole["seq"] < end)]).all()
    dated = whole[whole["flags"] & np.uint16(Flag.VALUE_DATED) != 0]
    for date in (MONDAY, MONDAY + 1, MONDAY + 2):
        wanted = dated[dated["value_date"] < date]
        assert 0 < len(wanted) < len(dated)
        assert (busy.rows_between(1, last + 1, valued_before=date) == wanted).all()


def test_accounts_touched_since_a_seq_are_those_of_the_rows_after_it(busy: Ledger) -> None:
    rows = busy.rows_between(1, busy.committed_seq + 1)
    seq = int(rows["seq"][-30])
    later = rows[rows["seq"] > seq]
    touched = set(np.flatnonzero(busy.touched_since(seq)).tolist())
    assert touched == set(later["debit"].tolist()) | set(later["credit"].tolist())


def test_a_hold_past_its_time_is_overdue_until_the_ledger_has_released_it(open_ledger, clock) -> None:
    ledger = open_ledger()
    payer, payee = opened(ledger, 2)
    ledger.hold(debit=payer, credit=payee, amount_minor=1, expires_at=clock.now_us() + 1_000_000)
    assert ledger.holds_overdue(0) == 0
    with ledger.engine.memory:
        clock.advance(5_000_000)
        assert ledger.engine.core.holds_overdue(clock.now_us()) == 1
    wait_until(lambda: ledger.holds_overdue(0) == 0)
