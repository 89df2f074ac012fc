"""What an engine knew before it was closed, and what it forgot meanwhile, it knows again."""

import threading
from uuid import UUID

import numpy as np
import pytest
from tests.conftest import UnitDatabase
from tests.postgres.ledger.conftest import (
    CNY,
    MONDAY,
    START_US,
    Examine,
    OpenLedger,
    opened,
    post_all,
    random_transactions,
    wait_sealed,
    wait_until,
)

from yinhe.kernel.clock import ManualClock
from yinhe.ledger.accounts import CloseAccount, OpenAccounts, RollDate, SetBlocks, SetLimits, openings
from yinhe.ledger.batch import Flag, Transfer, columns_of, rows_of
from yinhe.ledger.columns import AccountFlag
from yinhe.ledger.errors import BooksCorrupt, StepRefused, UnitTaken
from yinhe.ledger.ledger import Ledger
from yinhe.ledger.outcomes import AccountOutcome, Outcome
from yinhe.ledger.store import Checkpoint
from yinhe.storage.errors import SchemaTooNew, ServerTooOld

HOUR_US = 3_600_000_000


def state(ledger: Ledger) -> list[object]:
    accounts = [ledger.account(index) for index in range(1, ledger.engine.core.columns.count)]
    return [*accounts, ledger.business_date, ledger.committed_seq, ledger.trial_balance()]


def test_a_restart_changes_nothing(busy: Ledger, open_ledger: OpenLedger, examine: Examine) -> None:
    before, feed = state(busy), busy.feed(0)
    busy.close()
    again = open_ledger()
    assert state(again) == before
    assert np.array_equal(again.feed(0), feed)
    assert examine().sound


def test_a_restart_without_any_balance_written_changes_nothing(
    open_ledger: OpenLedger, empty_unit: UnitDatabase, examine: Examine
) -> None:
    ledger = open_ledger(pass_seconds=1_000_000.0)
    post_all(ledger, random_transactions(ledger.ids, opened(ledger), 100, np.random.default_rng(4)))
    ledger.hold(debit=1, credit=2, amount_minor=7)
    before = state(ledger)
    ledger.close()
    with empty_unit.connect() as session:
        session.execute("DELETE FROM balance_page; DELETE FROM hold; UPDATE balance_pass SET as_of_seq = 0")
    assert state(open_ledger()) == before
    assert examine().sound


COMMANDS = [
    ("open", lambda id_: OpenAccounts(id_, openings(2, currency=CNY, gl_code=1))),
    ("limits", lambda id_: SetLimits(id_, 1, -5, 500, 50)),
    ("blocks", lambda id_: SetBlocks(id_, 1, debit_blocked=True, credit_blocked=True)),
    ("close", lambda id_: CloseAccount(id_, 1)),
    ("roll", lambda id_: RollDate(id_, MONDAY + 1)),
]


@pytest.mark.parametrize(("command"), [make for _, make in COMMANDS], ids=[name for name, _ in COMMANDS])
def test_an_account_command_is_done_once_under_its_id_also_after_a_restart(open_ledger: OpenLedger, command) -> None:
    ledger = open_ledger()
    opened(ledger)
    request = ledger.ids.next()
    first = ledger.command(command(request))
    assert first.outcome is AccountOutcome.DONE
    after = state(ledger)
    for _ in range(2):
        again = ledger.command(command(request))
        assert (again.outcome, again.account, again.seq) == (AccountOutcome.DUPLICATE, first.account, first.seq)
        other = ledger.command(SetLimits(request, 2, -7, 700, 70))
        assert other.outcome is AccountOutcome.ID_CONFLICT
        assert state(ledger) == after
        ledger.close()
        ledger = open_ledger()
    assert state(ledger) == after


def test_accounts_are_after_a_restart_as_they_were_set(open_ledger: OpenLedger) -> None:
    ledger = open_ledger()
    opened(ledger)
    ledger.set_limits(1, floor=-5, ceiling=500, limit_daily=50)
    ledger.block(2, debit=True, credit=False)
    ledger.close_account(3)
    before = state(ledger)
    ledger.close()
    again = open_ledger()
    assert state(again) == before
    assert again.account(2).flags == AccountFlag.OPEN | AccountFlag.DEBIT_BLOCKED
    assert again.transfer(debit=4, credit=3, amount_minor=1).outcome is Outcome.ACCOUNT_CLOSED
    assert again.transfer(debit=2, credit=4, amount_minor=1).outcome is Outcome.DEBIT_BLOCKED
    assert again.transfer(debit=1, credit=4, amount_minor=51).outcome is Outcome.OVER_DAILY_LIMIT


def test_a_transaction_is_posted_once_though_memory_of_its_id_is_long_gone(
    open_ledger: OpenLedger, clock: ManualClock, examine: Examine
) -> None:
    ledger = open_ledger(identities=64)
    accounts = opened(ledger)
    random = np.random.default_rng(5)
    asked: list[list[Transfer]] = []
    seqs: dict[UUID, int] = {}
    for _ in range(8):
        some = random_transactions(ledger.ids, accounts, 20, random)
        seqs |= post_all(ledger, some)
        asked += some
        clock.advance(HOUR_US)
    wait_sealed(ledger, ledger.committed_seq // 100)
    committed = ledger.committed_seq
    for _ in range(2):
        for some in (asked[:30], asked[30:31], asked[100:], asked):
            for transaction in some:
                answers = ledger.post(transaction)
                assert [answer.outcome for answer in answers] == [Outcome.DUPLICATE] * len(answers)
                assert [answer.seq - seqs[answer.txn_id] for answer in answers] == list(range(len(answers)))
        altered = [Transfer(txn_id=asked[3][0].txn_id, debit=accounts[0], credit=accounts[1], amount_minor=99_999)]
        assert ledger.post(altered)[0].outcome is Outcome.ID_CONFLICT
        assert ledger.committed_seq == committed
        ledger.close()
        ledger = open_ledger(identities=64)
    assert examine().sound


def test_a_retry_is_recognised_in_the_very_batch_that_makes_memory_forget(
    open_ledger: OpenLedger, clock: ManualClock, examine: Examine
) -> None:
    """Memory keeps two generations of ids; the batch that starts a third must still know those of the first."""
    ledger = open_ledger(identities=64, segment_rows=8)
    accounts = opened(ledger, 2)
    asked = [
        Transfer(txn_id=ledger.ids.next(), debit=accounts[0], credit=accounts[1], amount_minor=1) for _ in range(1)
    ]
    ledger.post(asked)
    for _ in range(60):
        clock.advance(60_000_000)
        asked.append(Transfer(txn_id=ledger.ids.next(), debit=accounts[0], credit=accounts[1], amount_minor=1))
        wait_sealed(ledger, ledger.committed_seq // 8)
        outcomes = [answer.outcome for answer in ledger.post([asked[-1], *asked[:-1][-24:]])]
        assert outcomes[0] is Outcome.POSTED
        assert set(outcomes[1:]) == {Outcome.DUPLICATE}, len(asked)
    assert examine().sound


@pytest.mark.parametrize("first_leg", range(96, 101))
def test_a_transaction_across_two_segments_is_recognised_whole_after_a_restart(
    open_ledger: OpenLedger, first_leg: int
) -> None:
    ledger = open_ledger()
    accounts = opened(ledger)
    filler = first_leg - ledger.committed_seq - 1
    ledger.post(
        [
            Transfer(txn_id=ledger.ids.next(), debit=accounts[0], credit=accounts[1], amount_minor=1)
            for _ in range(filler)
        ]
    )
    txn_id = ledger.ids.next()
    legs = [
        Transfer(
            txn_id=txn_id,
            debit=accounts[leg],
            credit=accounts[leg + 1],
            amount_minor=leg + 1,
            leg=leg,
            flags=Flag.LINKED if leg < 3 else Flag(0),
        )
        for leg in range(4)
    ]
    first = ledger.post(legs)
    assert [answer.seq for answer in first] == list(range(first_leg, first_leg + 4))
    if first_leg + 4 > 101:
        wait_sealed(ledger, 1)
    ledger.close()
    ledger = open_ledger()
    again = ledger.post(legs)
    assert [(answer.outcome, answer.seq) for answer in again] == [(Outcome.DUPLICATE, answer.seq) for answer in first]


def test_holds_outlive_a_restart_and_expire_when_their_time_comes(
    open_ledger: OpenLedger, clock: ManualClock, examine: Examine
) -> None:
    ledger = open_ledger()
    accounts = opened(ledger)
    short = ledger.hold(debit=accounts[0], credit=accounts[1], amount_minor=30_00, expires_at=START_US + HOUR_US)
    lasting = ledger.hold(debit=accounts[0], credit=accounts[1], amount_minor=12_00)
    ledger.transfer(debit=accounts[0], credit=accounts[1], amount_minor=2_00, flags=Flag.POST, reference=lasting.seq)
    ledger.close()
    ledger = open_ledger()
    assert ledger.account(accounts[0]).held_minor == 40_00
    clock.advance(HOUR_US - 1)
    assert ledger.account(accounts[0]).held_minor == 40_00
    clock.advance(1)
    wait_until(lambda: ledger.account(accounts[0]).held_minor == 10_00)
    late = ledger.transfer(debit=accounts[0], credit=accounts[1], amount_minor=0, flags=Flag.POST, reference=short.seq)
    assert late.outcome is Outcome.PENDING_EXPIRED
    rest = ledger.transfer(
        debit=accounts[0], credit=accounts[1], amount_minor=0, flags=Flag.POST, reference=lasting.seq
    )
    assert (rest.outcome, rest.amount_minor) == (Outcome.POSTED, 10_00)
    assert ledger.account(accounts[0]).balance_minor == -12_00
    ledger.close()
    assert examine().sound


def test_a_hold_that_expired_while_no_engine_ran_is_released_at_the_start(
    open_ledger: OpenLedger, clock: ManualClock
) -> None:
    ledger = open_ledger()
    accounts = opened(ledger)
    ledger.hold(debit=accounts[0], credit=accounts[1], amount_minor=30_00, expires_at=START_US + HOUR_US)
    ledger.close()
    clock.advance(2 * HOUR_US)
    ledger = open_ledger()
    wait_until(lambda: ledger.account(accounts[0]).held_minor == 0)


@pytest.mark.parametrize("restarts", [0, 1])
def test_what_became_of_a_hold_is_remembered(open_ledger: OpenLedger, clock: ManualClock, restarts: int) -> None:
    ledger = open_ledger()
    accounts = opened(ledger)
    pair = {"debit": accounts[0], "credit": accounts[1]}
    posted, voided, expired, parted = (
        ledger.hold(**pair, amount_minor=10, expires_at=START_US + HOUR_US if n == 2 else 0).seq for n in range(4)
    )
    ledger.transfer(**pair, amount_minor=0, flags=Flag.POST, reference=posted)
    ledger.transfer(**pair, amount_minor=0, flags=Flag.VOID, reference=voided)
    ledger.transfer(**pair, amount_minor=4, flags=Flag.POST, reference=parted)
    ledger.transfer(**pair, amount_minor=6, flags=Flag.VOID, reference=parted)
    clock.advance(HOUR_US)
    wait_until(lambda: ledger.account(accounts[0]).held_minor == 0)
    plain = ledger.transfer(**pair, amount_minor=1).seq
    for _ in range(restarts):
        post_all(ledger, random_transactions(ledger.ids, accounts, 60, np.random.default_rng(6)))
        wait_sealed(ledger, 1)
        ledger.close()
        ledger = open_ledger()
    for seq, outcome in [
        (posted, Outcome.PENDING_RESOLVED),
        (voided, Outcome.PENDING_RESOLVED),
        (parted, Outcome.PENDING_RESOLVED),
        (expired, Outcome.PENDING_EXPIRED),
        (plain, Outcome.PENDING_NOT_FOUND),
        (10**9, Outcome.PENDING_NOT_FOUND),
    ]:
        for flags in (Flag.POST, Flag.VOID):
            late = ledger.transfer(**pair, amount_minor=0, flags=flags, reference=seq)
            assert late.outcome is outcome, (seq, flags)


def test_a_step_of_bulk_work_counts_once_across_restarts(open_ledger: OpenLedger, examine: Examine) -> None:
    ledger = open_ledger()
    accounts = opened(ledger)

    def step(number: int) -> list[int]:
        rows = rows_of(random_transactions(ledger.ids, accounts, 20, np.random.default_rng(number))[0])
        return ledger.submit_columns(rows, Checkpoint("interest", number)).result(60).outcome.tolist()

    assert set(step(1)) == {Outcome.POSTED}
    after = state(ledger)
    assert set(step(1)) == {Outcome.DUPLICATE}
    ledger.close()
    ledger = open_ledger()
    assert set(step(1)) == {Outcome.DUPLICATE}
    assert state(ledger) == after
    with pytest.raises(StepRefused, match="before step 2"):
        step(3)
    assert set(step(2)) == {Outcome.POSTED}
    assert examine().sound


def test_a_second_engine_is_told_who_serves_the_unit_and_the_first_goes_on(open_ledger: OpenLedger) -> None:
    ledger = open_ledger()
    accounts = opened(ledger)
    with pytest.raises(UnitTaken, match=r"served by another engine: yinhe engine of .+:\d+ \(database session \d+"):
        open_ledger()
    assert ledger.transfer(debit=accounts[0], credit=accounts[1], amount_minor=1).outcome is Outcome.POSTED
    ledger.close()
    assert open_ledger().account(accounts[1]).balance_minor == 1


def test_books_of_a_newer_program_are_refused(open_ledger: OpenLedger, empty_unit: UnitDatabase) -> None:
    open_ledger().close()
    with empty_unit.connect() as session:
        session.execute("INSERT INTO schema_migration (number, name, sha256) VALUES (999, 'later', 'x')")
    with pytest.raises(SchemaTooNew):
        open_ledger()


def test_a_server_too_old_is_refused(open_ledger: OpenLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yinhe.storage.connection.OLDEST_SERVER", 990_000)
    with pytest.raises(ServerTooOld, match="99"):
        open_ledger()


def test_a_batch_may_span_any_number_of_segments(open_ledger: OpenLedger, examine: Examine) -> None:
    ledger = open_ledger(segment_rows=10)
    accounts = opened(ledger)
    post_all(ledger, random_transactions(ledger.ids, accounts, 60, np.random.default_rng(8)))
    assert len(ledger.feed(0)) == ledger.committed_seq - 1 > 100
    before = state(ledger)
    ledger.close()
    assert state(open_ledger()) == before
    assert examine().sound


def test_accounts_may_be_opened_beside_postings_in_any_number(open_ledger: OpenLedger, examine: Examine) -> None:
    ledger = open_ledger()
    accounts = opened(ledger, 2)
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            ledger.transfer(debit=accounts[0], credit=accounts[1], amount_minor=1)

    poster = threading.Thread(target=work)
    poster.start()
    try:
        total = 3
        for count in (1, 60, 2, 63, 64, 65, 1_000, 20_000):
            assert ledger.open_accounts(openings(count, currency=CNY, gl_code=2011)) == range(total, total + count)
            total += count
    finally:
        done.set()
        poster.join()
    assert ledger.transfer(debit=accounts[0], credit=total - 1, amount_minor=5).outcome is Outcome.POSTED
    before = state(ledger)
    ledger.close()
    assert state(open_ledger()) == before
    assert examine().sound


def test_a_million_rows_go_in_as_columns_without_a_transaction_cut_in_two(
    open_ledger: OpenLedger, examine: Examine
) -> None:
    ledger = open_ledger(segment_rows=1 << 18)
    ledger.open_accounts(openings(1_000, currency=CNY, gl_code=2011, floor=-(10**12)))
    random = np.random.default_rng(9)
    rows = 1_000_000
    sizes = random.integers(1, 200, 20_000)
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), rows))]
    sizes = np.append(sizes, rows - int(sizes.sum()))
    hi, lo = ledger.ids.take(len(sizes))
    last = np.zeros(rows, np.bool_)
    last[np.cumsum(sizes) - 1] = True
    debit = random.integers(1, 1_001, rows)
    batch = columns_of(
        txn_hi=np.repeat(hi, sizes),
        txn_lo=np.repeat(lo, sizes),
        debit=debit,
        credit=debit % 1_000 + 1,
        amount_minor=random.integers(1, 1_000, rows),
        flags=np.where(last, 0, int(Flag.LINKED)),
        leg=np.arange(rows) - np.repeat(np.cumsum(sizes) - sizes, sizes),
    )
    answers = ledger.submit_columns(batch).result(300)
    assert set(answers.outcome.tolist()) == {Outcome.POSTED}
    assert np.array_equal(answers.seq, np.arange(2, rows + 2))
    again = ledger.submit_columns(batch).result(300)
    assert set(again.outcome.tolist()) == {Outcome.DUPLICATE}
    assert np.array_equal(again.seq, answers.seq)
    report = examine()
    assert report.sound
    assert report.last_seq == rows + 1


def test_the_writer_holds_the_lock_and_nobody_else_can(open_ledger: OpenLedger, empty_unit: UnitDatabase) -> None:
    open_ledger()
    with empty_unit.connect() as session:
        taken = session.execute("SELECT pg_try_advisory_lock(hashtext('yinhe.writer'), hashtext(current_schema()))")
        assert taken.fetchone() == (False,)


def test_balances_that_do_not_chain_stop_the_start(open_ledger: OpenLedger, empty_unit: UnitDatabase) -> None:

    ledger = open_ledger(pass_seconds=1_000_000.0)
    post_all(ledger, random_transactions(ledger.ids, opened(ledger), 10, np.random.default_rng(4)))
    ledger.close()
    with empty_unit.connect() as session:
        session.execute("DELETE FROM balance_page; UPDATE balance_pass SET as_of_seq = 0")
        session.execute("UPDATE journal SET debit_balance = debit_balance + 1 WHERE seq = 5")
    with pytest.raises(BooksCorrupt, match="row 5"):
        open_ledger()
