"""Opens the sample bank, lives through its days, and draws up the figures."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.bootstrap import Configuration, open_ledger
from yinhe.demo.bank import FROZEN, LANES, STOPPED, Bank, draw_bank, opening_balances, openings_of
from yinhe.demo.bulk import (
    Overnight,
    card_settlement,
    clearing,
    payments_by_code,
    payroll,
    sent_twice,
    standing_orders,
    supplier_payments,
)
from yinhe.demo.clients import IN_FLIGHT_MAX, Lane, LaneDay, expiring
from yinhe.demo.days import CLOSES_AT, DAY_US, HOLDS_END_AT, OPENS_AT, DemoClock
from yinhe.demo.errors import DemoError, UnitHasBusinessError
from yinhe.demo.figures import DayFigures, DemoFigures, SpeedFigures
from yinhe.demo.names import note_names
from yinhe.demo.report import general_ledger, hold_figures, out_of_balance, refusal_figures, statements
from yinhe.demo.script import Today, write_script
from yinhe.demo.tally import Tally
from yinhe.kernel.clock import Clock
from yinhe.kernel.dates import date_from_days
from yinhe.ledger.batch import Flag
from yinhe.ledger.invariants import CheckReport, Invariant, check
from yinhe.ledger.ledger import WAIT_SECONDS, Ledger
from yinhe.ledger.outcomes import AccountOutcome
from yinhe.storage.connection import unit_schema

REQUESTS_MIN: Final = 60
"""Fewest steps of a lane in a day: enough for every kind of business to turn up."""
ACCOUNTS_A_REQUEST: Final = 25
"""One online request a day for so many accounts."""
STAGES_A_DAY: Final = 5
EXPIRY_SECONDS_MAX: Final = 60.0


class Plan(msgspec.Struct, frozen=True):
    """What to live through."""

    accounts: int
    days: int
    seed: int


Watch = Callable[[str, str, int, int], None]
"""Hears what is going on: of which day (or the opening), which stage, how many stages are done, transfers so far."""


def run_demo(configuration: Configuration, plan: Plan, clock: Clock, watch: Watch) -> DemoFigures:
    """Open the bank as a new unit, live through `plan.days` days up to yesterday, and check the books.

    The same plan gives the same money, whatever the machine. Raises UnitHasBusinessError, DemoError, or a fault of the
    ledger or of storage.
    """
    started = clock.monotonic_us()
    today = clock.now_us() // DAY_US
    first_day = today - plan.days
    demo_clock = DemoClock(clock, first_day)
    watch("Opening", "starting PostgreSQL", 0, 0)
    with open_ledger(configuration, business_date=first_day, clock=demo_clock) as ledger:
        if ledger.committed_seq:
            raise UnitHasBusinessError(
                f"Unit {configuration.unit} in {configuration.place} has business of its own; the sample bank opens a "
                f"new one. Leave --home away for a temporary home, or name another unit (--unit)."
            )
        demo = _Demo(ledger, demo_clock, plan, watch)
        demo.open()
        days = tuple(demo.live(Today(number, first_day + number)) for number in range(plan.days))
        demo_clock.catch_up()
        watch("Checking", "every invariant, from the first row", 0, 0)
        ledger.settle()
        verdict = check(ledger.database, configuration.unit, lambda done, total: None)
        return demo.figures(configuration.unit, days, verdict, (clock.monotonic_us() - started) / 1e6)


class _Demo:
    """One run: the bank, and what was counted so far."""

    def __init__(self, ledger: Ledger, clock: DemoClock, plan: Plan, watch: Watch) -> None:
        self._ledger: Final = ledger
        self._clock: Final = clock
        self._plan: Final = plan
        self._watch: Final = watch
        self._tally: Final = Tally()
        self._bank: Final[Bank] = draw_bank(plan.accounts, 1, self._rng("bank"))
        self._overnight: tuple[Overnight, ...] = ()
        self._opening_transfers: int = 0
        self._expired: int = 0
        self._bulk_transfers: int = 0
        self._bulk_us: int = 0
        self._online_us: int = 0
        self._latency_us: Final[list[int]] = []
        self._closings: Final[list[AccountOutcome]] = []
        self._reversed: int = 0
        self._blocked: int = 0

    def _rng(self, *what: str | int) -> np.random.Generator:
        """Random numbers for one purpose: drawing more for one changes no other."""
        return np.random.default_rng([self._plan.seed, *"".join(map(str, what)).encode()])

    # --- opening

    def open(self) -> None:
        """Open every account, give each its opening balance, and block some."""
        ledger, bank = self._ledger, self._bank
        self._watch("Opening", f"{self._plan.accounts:,} accounts", 1, 0)
        ledger.open_accounts(openings_of(bank, self._rng("openings")))
        with ledger.database.connect(
            application_name="yinhe demo", schema=unit_schema(ledger.engine.core.unit)
        ) as session:
            note_names(session)
        self._watch("Opening", "balances (the first run compiles the state machine)", 2, 0)
        rows = opening_balances(bank, ledger.ids, self._rng("balances"))
        answers = ledger.submit_columns(rows).result(WAIT_SECONDS)
        if answers.outcome.any():
            raise DemoError(f"{np.count_nonzero(answers.outcome):,} opening balances were refused.")
        self._opening_transfers = len(rows)
        self._watch("Opening", "blocks", 3, len(rows))
        for lane in range(LANES):
            homes = bank.lane(lane)
            ledger.block(int(homes[STOPPED]), debit=True, credit=False)
            ledger.block(int(homes[FROZEN]), debit=False, credit=True)
            self._blocked += 2
        ledger.block(int(bank.merchants[len(bank.merchants) // 2]), debit=False, credit=True)
        self._blocked += 1
        self._watch("Opening", "open", 4, len(rows))

    # --- one day

    def live(self, today: Today) -> DayFigures:
        """One business day, from the morning's files to the roll to the next date."""
        before, expired_before = self._counts(), self._expired
        started = self._clock.monotonic_us()
        self._clock.move_to(today.date, OPENS_AT)
        self._morning(today)
        self._counters(today)
        self._evening(today)
        self._close(today)
        transfers, posted, duplicates, refused = (now - then for now, then in zip(self._counts(), before, strict=True))
        return DayFigures(
            business_date=date_from_days(today.date),
            transfers=transfers,
            posted=posted,
            duplicates=duplicates,
            refused=refused,
            expired=self._expired - expired_before,
            seconds=round((self._clock.monotonic_us() - started) / 1e6, 3),
        )

    def _counts(self) -> tuple[int, int, int, int]:
        tally = self._tally
        return tally.transfers, tally.posted, tally.duplicates, tally.refused

    def _say(self, today: Today, stage: str, done: int) -> None:
        self._watch(f"Day {today.number + 1}", stage, done, self._tally.transfers)

    def _morning(self, today: Today) -> None:
        """The files of the morning; one payroll file comes twice."""
        self._say(today, "payrolls, card files, standing orders", 0)
        bank, ids, number = self._bank, self._ledger.ids, today.number
        salaries = payroll(bank, ids, number, self._plan.days)
        self._post(salaries)
        self._post(sent_twice(salaries))
        self._post(card_settlement(ids, self._overnight))
        self._post(standing_orders(bank, ids, number, self._plan.days, self._rng("orders", number)))

    def _counters(self, today: Today) -> None:
        """The online business: every lane in a thread of its own."""
        self._say(today, "online requests", 1)
        requests = max(REQUESTS_MIN, self._plan.accounts // ACCOUNTS_A_REQUEST // LANES)
        lanes: list[Lane] = []
        for lane in range(LANES):
            script = write_script(self._bank, lane, today, requests, self._rng("lane", today.number, "/", lane))
            lanes.append(Lane(self._ledger, self._clock, script, self._plan.seed))
        started = self._clock.monotonic_us()
        with ThreadPoolExecutor(LANES, "yinhe-demo") as threads:
            done = tuple(threads.map(Lane.run, lanes))
        self._online_us += self._clock.monotonic_us() - started
        self._take(done)

    def _take(self, done: Sequence[LaneDay]) -> None:
        for lane in done:
            self._tally.take(lane.tally)
            self._latency_us.extend(lane.latency_us)
            self._closings.extend(lane.closings)
            self._reversed += lane.reversed
        self._overnight = tuple(hold for lane in done for hold in lane.overnight)

    def _evening(self, today: Today) -> None:
        self._say(today, "payments by code", 2)
        bank, ids, number = self._bank, self._ledger.ids, today.number
        self._post(payments_by_code(bank, ids, self._rng("scans", number)))
        self._say(today, "suppliers and clearing", 3)
        self._post(supplier_payments(bank, ids, self._rng("suppliers", number)))
        self._post(clearing(bank, ids, self._ledger.account(bank.own.clearing).balance_minor))

    def _close(self, today: Today) -> None:
        """Holds that end today expire by themselves; then the cut-off."""
        self._say(today, "close of day", 4)
        after_seq = self._ledger.committed_seq
        self._clock.move_to(today.date, HOLDS_END_AT)
        self._await_expiry(after_seq, expiring(self._overnight))
        self._clock.move_to(today.date, CLOSES_AT)
        self._ledger.roll_date(today.date + 1)
        self._say(today, "closed", STAGES_A_DAY)

    def _await_expiry(self, after_seq: int, count: int) -> None:
        """Wait until the ledger has released `count` holds by itself."""
        started = self._clock.monotonic_us()
        released = 0
        while released < count:
            rows = self._ledger.feed(after_seq)
            if len(rows):
                released += int(np.count_nonzero(rows["flags"] & np.uint16(Flag.EXPIRE)))
                after_seq = int(rows["seq"][-1])
            elif self._clock.monotonic_us() - started > EXPIRY_SECONDS_MAX * 1e6:
                raise DemoError(f"{count - released} holds did not expire at the end of their day.")
        self._expired += released

    def _post(self, rows: NDArray[np.void]) -> None:
        """Hand in a file and wait until all of it is durable."""
        if not len(rows):
            return
        started = self._clock.monotonic_us()
        answers = self._ledger.submit_columns(rows).result(WAIT_SECONDS)
        self._bulk_us += self._clock.monotonic_us() - started
        self._bulk_transfers += len(rows)
        self._tally.add(rows["flags"], rows["amount"], answers.outcome)

    # --- the end

    def figures(self, unit: int, days: tuple[DayFigures, ...], verdict: CheckReport, seconds: float) -> DemoFigures:
        """Everything a run shows."""
        balance = self._ledger.trial_balance()
        return DemoFigures(
            seed=self._plan.seed,
            unit=unit,
            accounts=self._plan.accounts,
            opening_transfers=self._opening_transfers,
            days=days,
            speed=self._speed(),
            refusals=refusal_figures(self._tally),
            duplicates=self._tally.duplicates,
            reversed=self._reversed,
            holds=hold_figures(self._tally, self._expired),
            accounts_blocked=self._blocked,
            accounts_closed=self._closings.count(AccountOutcome.DONE),
            closings_refused=len(self._closings) - self._closings.count(AccountOutcome.DONE),
            trial_balance=general_ledger(balance),
            out_of_balance_minor=out_of_balance(balance),
            statements=statements(self._ledger, self._bank),
            journal_rows=self._journal_rows(verdict),
            checked=verdict.checked,
            sound=verdict.sound,
            seconds=round(seconds, 2),
        )

    def _journal_rows(self, verdict: CheckReport) -> int:
        """The rows in the journal; raises DemoError unless they are as many as the answers said."""
        found = next(entry.count for entry in verdict.checked if entry.invariant == Invariant.I9.name)
        answered = self._opening_transfers + self._tally.posted + self._expired
        if found != answered:
            raise DemoError(f"The journal holds {found:,} rows, but {answered:,} transfers were answered as posted.")
        return found

    def _speed(self) -> SpeedFigures:
        bulk_s, online_s = self._bulk_us / 1e6, self._online_us / 1e6
        p50, p99 = np.percentile(self._latency_us, [50, 99]).tolist()
        requests = len(self._latency_us)
        return SpeedFigures(
            bulk_transfers=self._bulk_transfers,
            bulk_seconds=round(bulk_s, 3),
            bulk_transfers_per_s=round(self._bulk_transfers / bulk_s),
            online_requests=requests,
            online_seconds=round(online_s, 3),
            online_requests_per_s=round(requests / online_s),
            threads=LANES,
            in_flight=LANES * IN_FLIGHT_MAX,
            p50_ms=round(p50 / 1000, 2),
            p99_ms=round(p99 / 1000, 2),
        )
