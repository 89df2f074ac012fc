"""Runs the night: begins or takes up a close, posts what the steps decide, and writes their ends.

The rule that makes it safe to kill: a step decides on the contracts as they were written before it and on balances as
of a seq that is noted first; its postings have ids made of what they are for; and its changes to contracts are written
in one transaction with its end. So a step begun again decides the same and posts what is missing, and a step that has
ended is not begun again.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.audit.follower import catch_up
from yinhe.audit.log import append
from yinhe.closeday.acts import night_records, records_of_given_up
from yinhe.closeday.bank import DepositBank
from yinhe.closeday.errors import NightFault, NightOutOfOrder, NotReconciled
from yinhe.closeday.facts import (
    NIGHT_CODES,
    NO_COLUMNS,
    AccountColumns,
    Facts,
    Happened,
    JournalDays,
    Plan,
    by_value_date,
    followed,
)
from yinhe.closeday.lent import read_loan
from yinhe.closeday.plan import STEPS, AsOf, Reads, Step
from yinhe.closeday.report import NightReport, Posted, StepReport, posted_of
from yinhe.closeday.steps.instalments import unpaid_orders
from yinhe.closeday.store import NightStore
from yinhe.deposits.changes import read_changes
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.overdraft_store import write_overdrafts
from yinhe.deposits.standing_orders import StandingOrder, active_orders, orders_ran, orders_wanting
from yinhe.deposits.store import update_contracts, write_accruals
from yinhe.kernel.clock import Clock
from yinhe.kernel.dates import date_from_days, end_of_month
from yinhe.ledger.accounts import RollDate
from yinhe.ledger.batch import TRANSFER, Flag
from yinhe.ledger.ledger import WAIT_SECONDS
from yinhe.ledger.memory import Answers
from yinhe.ledger.outcomes import AccountOutcome, Outcome
from yinhe.ledger.stood import stood_at
from yinhe.lending.card_store import write_cards
from yinhe.lending.position import Position
from yinhe.lending.store import write_collected, write_items, write_loans
from yinhe.products.catalogue import Catalogue

CHUNK_ROWS: Final = 1 << 18
"""Postings handed to the ledger at a time; the next are handed in while these are posted."""
CHUNKS_WAITING_MAX: Final = 2
HOLD_GRACE_SECONDS: Final = 60
"""How long a hold may outlive its time before a night says so: the ledger looks many times a second."""
READ_ROWS: Final = 1 << 20
"""Journal rows read at a time."""

_WANT_OF_MONEY: Final = (int(Outcome.INSUFFICIENT_FUNDS), int(Outcome.OVER_DAILY_LIMIT))

Watch = Callable[[str, int, int], None]
"""Hears how far a step has come: its name, postings done, and of how many."""


Finish = tuple[Callable[[], int], ...]
"""Each finishes what one organ began, and says how many things that were."""


class NightRunner:
    """Closes business dates of one bank, one after another."""

    def __init__(
        self, bank: DepositBank, clock: Clock, chunk_rows: int = CHUNK_ROWS, finish_begun: Finish = ()
    ) -> None:
        """`chunk_rows` changes how much is handed in at a time, never what is posted.

        `finish_begun` finishes what was begun for customers who are served beside, before the cut-off.
        """
        self._bank: Final = bank
        self._finish_begun: Final = finish_begun
        self._ledger: Final = bank.ledger
        self._clock: Final = clock
        self._chunk_rows: Final = chunk_rows

    def close_through(self, date: int, watch: Watch) -> tuple[NightReport, ...]:
        """Close every business date that is open up to and including `date` (days since 1970-01-01), in order.

        Raises NightOutOfOrder when `date` is closed already or nothing before it is open, and what `close` raises.
        """
        first = self.next_date()
        if date < first:
            raise NightOutOfOrder(f"Business date {_iso(date)} is closed already; the next is {_iso(first)}.")
        return tuple(self.close(day, watch) for day in range(first, date + 1))

    def next_date(self) -> int:
        """The business date that is to be closed next."""
        with self._bank.connect() as session:
            return self._next_date(NightStore(session))

    def _next_date(self, store: NightStore) -> int:
        closed = store.last_closed()
        business_date = self._ledger.business_date
        if closed is not None:
            return closed + 1
        begun = store.read(business_date - 1)
        return business_date if begun is None else business_date - 1

    def close(self, date: int, watch: Watch) -> NightReport:
        """Close one business date, or go on where an earlier try stopped.

        Raises NightOutOfOrder for a date that is not the next, NotReconciled when the books disagree, and faults of
        ledger and storage, after which it may be called again.
        """
        with self._bank.connect() as session:
            store = NightStore(session)
            following = self._next_date(store)
            if date != following or date > self._ledger.business_date:
                raise NightOutOfOrder(f"The next business date to close is {_iso(following)}, not {_iso(date)}.")
            try:
                return self._close(store, date, watch)
            except BaseException:
                # What the steps changed in memory may not be in the database; read it again before anything else.
                self._bank.stale = True
                raise

    def _close(self, store: NightStore, date: int, watch: Watch) -> NightReport:
        began = self._clock.monotonic_us()
        if self._bank.stale:
            self._bank.reload()
        for finish in self._finish_begun:
            finish()
        known = store.read(date)
        night = store.begin(date, self._clock.now_us() // 1_000, self._clock.now_us())
        cutoff = night.cutoff_seq or self._cut_off(store, date)
        over = {} if known is None else store.steps_over(date)
        reports = [
            msgspec.convert(over[step.name], StepReport)
            if step.name in over
            else self._step(store, step, date, night.id_ms, cutoff, watch)
            for step in STEPS
        ]
        elapsed = (self._clock.monotonic_us() - began) // 1_000
        report = NightReport(date, cutoff, known is not None, elapsed, tuple(reports))
        store.end(date, self._clock.now_us(), msgspec.to_builtins(report) | {"summary": dict(report.summary)})
        catch_up(store.session, self._clock)
        return report

    def _cut_off(self, store: NightStore, date: int) -> int:
        """Roll the business date: everything booked from now on belongs to the next. The last seq of the date."""
        if self._ledger.business_date == date:
            answer = self._ledger.command(RollDate(self._ledger.ids.next(), date + 1))
            if answer.outcome not in (AccountOutcome.DONE, AccountOutcome.DATE_NOT_LATER):
                raise NightFault(f"The business date {_iso(date)} could not be cut off: {answer.outcome.name}.")
        seq = self._ledger.seq_at_date(date)
        store.cut_off(date, seq)
        return seq

    # --- one step

    def _step(self, store: NightStore, step: Step, date: int, id_ms: int, cutoff: int, watch: Watch) -> StepReport:
        began = self._clock.monotonic_us()
        watch(step.english, 0, 0)
        with self._bank.lock:
            as_of = cutoff if step.as_of is AsOf.CUT_OFF else self._ledger.committed_seq
            if not self._concerns(step, date):
                report = StepReport(step.name, 0, {}, {}, (), (self._clock.monotonic_us() - began) // 1_000, ())
                store.pass_step(date, step.name, as_of, self._clock.now_us(), msgspec.to_builtins(report))
                self._bank.night_open = False
                return report
            noted = store.begin_step(date, step.name, as_of, self._clock.now_us())
            # What only compares looks at the books anew each time: their cause may have been mended since.
            as_of = as_of if step.must_hold else noted
            facts = self._facts(store, step, date, id_ms, as_of)
            plan = step.decide(facts)
            if plan.findings and step.must_hold:
                raise NotReconciled("; ".join(plan.findings))
            posted: list[NDArray[np.void]] = []
            wanting: list[NDArray[np.void]] = []
            refused = self._post(step, facts, plan, posted, watch, wanting)
            if step.then is not None:
                after = step.then(facts)
                refused += self._post(step, facts, after, posted, watch)
                plan = followed(plan, after)
            elapsed = (self._clock.monotonic_us() - began) // 1_000
            figures, sums = dict(plan.figures), self._sums(posted)
            report = StepReport(step.name, len(plan.postings), dict(refused), figures, plan.findings, elapsed, sums)
            happened = None if step.happened is None else step.happened(facts, plan)
            orders = unpaid_orders(plan.orders, wanting)
            self._end(store, step, date, plan, report, happened, orders)
        return report

    def _end(
        self,
        store: NightStore,
        step: Step,
        date: int,
        plan: Plan,
        report: StepReport,
        happened: Happened | None,
        unpaid: Sequence[UUID],
    ) -> None:
        """Write the step's changes and its end in one transaction; `unpaid`: orders there was no money for."""
        rows = self._bank.book.rows
        with store.session.transaction():
            update_contracts(store.session, rows[plan.contracts])
            write_accruals(store.session, rows[plan.accruals])
            if len(plan.loans):
                write_loans(store.session, self._bank.loans, self._bank.loans.rows[plan.loans - 1])
                write_items(store.session, plan.items)
                write_cards(store.session, self._bank.loans.cards_of(plan.loans))
                write_collected(store.session, plan.payers, date, plan.collected)
            write_overdrafts(store.session, self._bank.overdrafts.of(plan.overdrafts))
            if plan.orders:
                orders_ran(store.session, [order for order in plan.orders if order not in unpaid], date + 1)
            given_up = orders_wanting(store.session, unpaid, date + 1) if unpaid else ()
            store.end_step(date, step.name, self._clock.now_us(), msgspec.to_builtins(report))
            records = () if happened is None else tuple(night_records(step.name, date, happened))
            records += tuple(records_of_given_up(given_up))
            if records:
                append(store.session, self._clock, records)
        self._bank.night_open = False

    def _concerns(self, step: Step, date: int) -> bool:
        """Whether any product in use has a part the step is about."""
        catalogue = self._bank.catalogue
        versions = [*self._bank.book.by_version(), *self._bank.loans.by_version()]
        kinds = {part.kind for version in versions for part in catalogue.in_force(version, date).parts}
        return not step.kinds or bool(step.kinds & kinds)

    def _facts(self, store: NightStore, step: Step, date: int, id_ms: int, as_of: int) -> Facts:
        """What the step reads."""
        ledger, reads = self._ledger, step.reads
        before = ledger.seq_at_date(date - 1)
        cutoff = ledger.seq_at_date(date)

        @cache
        def journal(start: int) -> JournalDays:
            first = ledger.seq_at_date(start - 1) + 1
            rows = ledger.rows_between(first, cutoff + 1)
            ends = np.array([ledger.seq_at_date(day) for day in range(start, date + 1)], np.int64)
            booked = (start + np.searchsorted(ends, rows["seq"])).astype(np.int32)
            return JournalDays(rows, booked)

        balances = self._balances(step, date, as_of) if Reads.BALANCES in reads else np.zeros(0, np.int64)
        return Facts(
            date=date,
            id_ms=id_ms,
            book=self._bank.book,
            catalogue=self._bank.catalogue,
            rates=self._bank.catalogue.rates.known(date),
            pools=self._bank.pools,
            balances=balances,
            moved_since=ledger.touched_since(before) if Reads.MOVED in reads else np.zeros(0, np.bool_),
            value_dated=ledger.rows_between(
                before + 1, cutoff + 1 if Reads.VALUE_DATED in reads else 0, valued_before=date
            ),
            journal=journal,
            moved_by_customer=lambda: self._moved_by_customer(before + 1, cutoff + 1),
            columns=self._columns(len(balances)) if Reads.COLUMNS in reads else NO_COLUMNS,
            overdue_holds=ledger.holds_overdue(HOLD_GRACE_SECONDS),
            loans=self._bank.loans,
            overdrafts=self._bank.overdrafts,
            worked_out=lambda number: self._worked_out(store, number, date),
            stood=lambda: stood_at(ledger, store.session, as_of),
            since_cut_off=lambda: ledger.rows_between(cutoff + 1, ledger.committed_seq + 1),
            orders=_orders(store, date + 1) if Reads.ORDERS in reads else (),
            changes=lambda contracts: read_changes(store.session, contracts.tolist()),
        )

    def _worked_out(self, store: NightStore, number: int, date: int) -> Position | None:
        """A loan as it stands before the end of a date, by the rates known then."""
        lent, catalogue = read_loan(store.session, number), self._bank.catalogue
        known = Catalogue(catalogue.versions, catalogue.rates.known(date))
        return None if lent is None else lent.position(date, known)

    def _balances(self, step: Step, date: int, as_of: int) -> NDArray[np.int64]:
        """By account index, minor units, at the step's moment."""
        if step.as_of is not AsOf.DAY_END:
            return self._ledger.balances_at(as_of)
        cutoff = self._ledger.seq_at_date(date)
        balances = self._ledger.balances_at(cutoff)
        for start in range(cutoff + 1, as_of + 1, READ_ROWS):
            end = min(as_of + 1, start + READ_ROWS)
            by_value_date(balances, self._ledger.rows_between(start, end, valued_before=date + 2))
        return balances

    def _moved_by_customer(self, first_seq: int, end_seq: int) -> NDArray[np.bool_]:
        """Accounts touched by a posting of the day that no night made; read piece by piece."""
        moved = np.zeros(self._ledger.engine.core.columns.count, np.bool_)
        for start in range(first_seq, end_seq, READ_ROWS):
            rows = self._ledger.rows_between(start, min(end_seq, start + READ_ROWS))
            rows = rows[~np.isin(rows["code"], NIGHT_CODES)]
            moved[rows["debit"]] = moved[rows["credit"]] = True
        return moved

    def _columns(self, count: int) -> AccountColumns:
        """What is agreed about the first `count` accounts: those whose balances the step decides on."""
        with self._ledger.engine.memory:
            columns = self._ledger.engine.core.columns
            return AccountColumns(
                columns.line["currency"][:count].copy(),
                columns.gl_code[:count],
                columns.product[:count],
                columns.line["flags"][:count].copy(),
            )

    # --- posting

    def _post(
        self,
        step: Step,
        facts: Facts,
        plan: Plan,
        posted: list[NDArray[np.void]],
        watch: Watch,
        wanting: list[NDArray[np.void]] | None = None,
    ) -> "Counter[str]":
        """Post what the plan wants, and what is to be posted instead of what is refused; refusals by outcome.

        What was posted is added to `posted`, transactions there was no money for to `wanting`.
        """
        outcomes = self._submit(step, plan.postings, watch)
        is_refused = (outcomes != Outcome.POSTED) & (outcomes != Outcome.DUPLICATE)
        refused = plan.postings[is_refused]
        posted.append(plan.postings[~is_refused])
        if wanting is not None:
            # Whatever keeps money from coming back, what it was for wants it.
            comes_back = (plan.postings["code"] == TransferCode.SWEEP_IN.code) & is_refused
            wants = np.isin(outcomes, _WANT_OF_MONEY) | (comes_back & (outcomes != Outcome.LINKED_FAILED))
            wanting.append(plan.postings[np.isin(plan.postings["txn_lo"], plan.postings["txn_lo"][wants])])
        counted = Counter(Outcome(outcome).name.lower() for outcome in outcomes[is_refused].tolist())
        if len(refused) and step.remedy is not None:
            instead = step.remedy(facts, refused)
            posted.append(instead)
            again = self._submit(step, instead, watch)
            failed = (again != Outcome.POSTED) & (again != Outcome.DUPLICATE)
            if failed.any():
                raise NightFault(f"Step {step.name} could not post: {Outcome(again[failed][0]).name}.")
        if counted.get(Outcome.ID_CONFLICT.name.lower()):
            raise NightFault(f"Step {step.name} decided otherwise than when it was begun; nothing more is posted.")
        return counted

    def _sums(self, posted: list[NDArray[np.void]]) -> tuple[Posted, ...]:
        """What was posted by code and currency; of a balancing posting it is not known here how much."""
        rows = np.concatenate([np.zeros(0, TRANSFER), *posted])
        rows = rows[rows["flags"] & np.uint16(Flag.BALANCING_DEBIT | Flag.BALANCING_CREDIT) == 0]
        with self._ledger.engine.memory:
            currency = self._ledger.engine.core.columns.line["currency"][rows["debit"]]
        return posted_of(rows, currency)

    def _submit(self, step: Step, postings: NDArray[np.void], watch: Watch) -> NDArray[np.uint8]:
        """Hand postings in, piece by piece; the outcome of each, uint8[n]. Transactions are never cut in two."""
        total = len(postings)
        outcomes = np.zeros(total, np.uint8)
        waiting: list[tuple[int, int, Callable[[float], Answers]]] = []

        def settle_first() -> None:
            start, end, result = waiting.pop(0)
            outcomes[start:end] = result(WAIT_SECONDS).outcome
            watch(step.english, end, total)

        start = 0
        while start < total:
            end = _whole(postings, min(total, start + self._chunk_rows))
            waiting.append((start, end, self._ledger.submit_columns(postings[start:end]).result))
            if len(waiting) > CHUNKS_WAITING_MAX:
                settle_first()
            start = end
        while waiting:
            settle_first()
        return outcomes


def _whole(postings: NDArray[np.void], end: int) -> int:
    """The end of the transaction that the row before `end` belongs to."""
    while end < len(postings) and postings["flags"][end - 1] & np.uint16(Flag.LINKED):
        end += 1
    return end


def _orders(store: NightStore, day: int) -> tuple[StandingOrder, ...]:
    """The standing orders of a day, on the last of a month those of days it does not have, and those tried again."""
    date = date_from_days(day)
    last = date == end_of_month(date)
    return tuple(
        order
        for order in active_orders(store.session, day)
        if order.last_run < day
        and (
            order.due
            or (day <= order.last and (order.day_of_month == date.day or (last and order.day_of_month > date.day)))
        )
    )


def _iso(days: int) -> str:
    return str(np.datetime64(days, "D"))
