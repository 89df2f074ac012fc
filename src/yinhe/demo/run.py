"""Opens the sample bank, lives through its quarters, closes every date, and draws up the figures."""

from collections.abc import Callable
from typing import Final

import msgspec
import numpy as np

from yinhe.bootstrap import Configuration, DepositUnit, deposit_unit, open_ledger
from yinhe.demo.bank import FROZEN, LANES, STOPPED, Bank, draw_bank, opening_balances, openings_of
from yinhe.demo.bulk import late_entry
from yinhe.demo.contract_report import (
    counter_refusals,
    errand_figures,
    explained,
    night_figures,
    product_figures,
    quarter_figures,
)
from yinhe.demo.counter import Counter, Errand
from yinhe.demo.days import CLOSES_AT, DAY_US, OPENS_AT, DemoClock, Quarter, quarters_before
from yinhe.demo.errors import DemoError, UnitHasBusinessError
from yinhe.demo.figures import DayFigures, DemoFigures, ExplainedFigures, OrdinaryFigures
from yinhe.demo.names import note_names
from yinhe.demo.nights import Nights, is_quarter_end
from yinhe.demo.report import general_ledger, hold_figures, out_of_balance, refusal_figures, statements
from yinhe.demo.savers import SELLING_DAYS, open_all, opening_orders, pay_in, rents, sales
from yinhe.demo.script import Today
from yinhe.demo.shelf import post_rates, stock
from yinhe.demo.tally import Tally
from yinhe.demo.traffic import Traffic
from yinhe.deposits.standing_orders import write_order
from yinhe.kernel.clock import Clock
from yinhe.kernel.dates import date_from_days
from yinhe.ledger.invariants import CheckReport, Invariant, check
from yinhe.ledger.ledger import WAIT_SECONDS, Ledger
from yinhe.storage.connection import unit_schema

STAGES_A_DAY: Final = 6
OPENING_STAGES: Final = 5
RATES_POSTED_AFTER: Final = 10
"""Days into the last quarter on which new rates are posted."""
ENTERED_AFTER: Final = 5
VALUED_BEFORE: Final = 10
"""A transfer is entered so many days after a quarter's end, and counts from so many days before it."""
ENTERED_LATE: Final = 80_000_00


class Plan(msgspec.Struct, frozen=True):
    """What to live through: the quarters up to yesterday, the last `days` of them with full traffic."""

    accounts: int
    days: int
    seed: int
    quarters: int = 2


class Stage(msgspec.Struct, frozen=True):
    """What is going on: in which part of the run, how many of its steps are done, and transfers handed in so far."""

    part: str
    words: str
    done: int
    of: int
    transfers: int


Watch = Callable[[Stage], None]


def run_demo(configuration: Configuration, plan: Plan, clock: Clock, watch: Watch) -> DemoFigures:
    """Open the bank as a new unit, live through the plan's quarters up to yesterday, and check the books.

    The same plan gives the same money, whatever the machine. Raises UnitHasBusinessError, DemoError, or a fault of the
    ledger, the nights or of storage.
    """
    started = clock.monotonic_us()
    quarters = quarters_before(clock.now_us() // DAY_US, plan.quarters)
    first_day = quarters[0].first
    demo_clock = DemoClock(clock, first_day)
    watch(Stage("Opening", "starting PostgreSQL", 0, OPENING_STAGES, 0))
    with open_ledger(configuration, business_date=first_day, clock=demo_clock) as ledger:
        if ledger.committed_seq:
            raise UnitHasBusinessError(
                f"Unit {configuration.unit} in {configuration.place} has business of its own; the sample bank opens a "
                f"new one. Leave --home away for a temporary home, or name another unit (--unit)."
            )
        bank = draw_bank(plan.accounts, 1, np.random.default_rng([plan.seed, *b"bank"]))
        watch(Stage("Opening", "the product library, checked and approved", 1, OPENING_STAGES, 0))
        _found(ledger, bank, first_day)
        with deposit_unit(ledger, demo_clock) as unit:
            demo = _Demo(unit, demo_clock, plan, bank, quarters, watch)
            demo.open()
            ordinary = demo.live_ordinarily()
            first = quarters[-1].last - plan.days + 1
            days = tuple(demo.live(Today(number, first + number)) for number in range(plan.days))
            demo_clock.catch_up()
            watch(Stage("Checking", "every invariant, from the first row", 0, 2, 0))
            ledger.settle()
            example = explained(configuration, unit, demo.nights)
            verdict = check(ledger.database, configuration.unit, lambda done, total: None)
            return demo.figures(ordinary, days, example, verdict, (clock.monotonic_us() - started) / 1e6)


def _found(ledger: Ledger, bank: Bank, date: int) -> None:
    """Open every account the bank begins with, note what its codes mean, and put its products on sale."""
    ledger.open_accounts(openings_of(bank))
    schema = unit_schema(ledger.engine.core.unit)
    with ledger.database.connect(application_name="yinhe demo", schema=schema) as session:
        note_names(session)
        stock(session, date)


class _Demo:
    """One run: the bank, and what was counted so far."""

    def __init__(
        self,
        unit: DepositUnit,
        clock: DemoClock,
        plan: Plan,
        bank: Bank,
        quarters: tuple[Quarter, ...],
        watch: Watch,
    ) -> None:
        self._unit: Final = unit
        self._ledger: Final = unit.ledger
        self._clock: Final = clock
        self._plan: Final = plan
        self._bank: Final = bank
        self._quarters: Final = quarters
        self._watch: Final = watch
        self._traffic: Final = Traffic(unit.deposits, clock, bank, plan.seed, plan.days)
        self._counter: Final = Counter(unit.deposits, bank)
        self.nights: Final = Nights(unit, quarters)
        self._opening_transfers: int = 0
        self._blocked: int = 0

    @property
    def _tally(self) -> Tally:
        return self._traffic.tally

    def _say(self, part: str, words: str, done: int, of: int) -> None:
        self._watch(Stage(part, words, done, of, self._tally.transfers))

    # --- opening

    def open(self) -> None:
        """Give each account its opening balance and its contract, order some rents, and block some accounts."""
        ledger, bank, first = self._ledger, self._bank, self._quarters[0].first
        self._say("Opening", f"{bank.accounts:,} accounts, a contract for each", 2, OPENING_STAGES)
        open_all(self._unit.deposits, *opening_orders(bank, self._unit.bank.catalogue, first))
        self._say("Opening", "balances (the first run compiles the state machine)", 3, OPENING_STAGES)
        rows = opening_balances(bank, ledger.ids, self._traffic.rng("balances"))
        answers = ledger.submit_columns(rows).result(WAIT_SECONDS)
        if answers.outcome.any():
            raise DemoError(f"{np.count_nonzero(answers.outcome):,} opening balances were refused.")
        self._opening_transfers = len(rows)
        self._say("Opening", "standing orders and blocks", 4, OPENING_STAGES)
        with self._unit.bank.connect() as session, session.transaction():
            for order in rents(bank, ledger.ids, first, self._traffic.rng("rents")):
                write_order(session, order)
        for lane in range(LANES):
            homes = bank.lane(lane)
            ledger.block(int(homes[STOPPED]), debit=True, credit=False)
            ledger.block(int(homes[FROZEN]), debit=False, credit=True)
            self._blocked += 2
        ledger.block(int(bank.merchants[len(bank.merchants) // 2]), debit=False, credit=True)
        self._blocked += 1
        self._say("Opening", "open", OPENING_STAGES, OPENING_STAGES)

    # --- ordinary days

    def live_ordinarily(self) -> OrdinaryFigures:
        """Every day before those of full traffic: some business, some errands, and the night."""
        before, started = self._traffic.counts(), self._clock.monotonic_us()
        first, last = self._quarters[0].first, self._quarters[-1].last - self._plan.days
        for place, quarter in enumerate(self._quarters):
            days = range(quarter.first, min(quarter.last, last) + 1)
            for date in days:
                part = f"Quarter {place + 1}", date - quarter.first, len(days)
                self._ordinary_day(date, part)
            self._say(f"Quarter {place + 1}", "", len(days), len(days))
        transfers, posted, duplicates, refused = self._since(before)
        return OrdinaryFigures(
            first=date_from_days(first),
            last=date_from_days(last),
            days=last - first + 1,
            transfers=transfers,
            posted=posted,
            duplicates=duplicates,
            refused=refused,
            seconds=self._seconds_since(started),
        )

    def _ordinary_day(self, date: int, part: tuple[str, int, int]) -> None:
        told, done, of = part

        def watch(step: str, posted: int, wanted: int) -> None:
            self._say(told, f"{date_from_days(date)}, night: {step}", done, of)

        self._say(told, f"{date_from_days(date)}: payments, deposits sold", done, of)
        self._clock.move_to(date, OPENS_AT)
        self._traffic.ordinary_day(date)
        self._contracts_of(date)
        self._traffic.settle_clearing()
        self._clock.move_to(date, CLOSES_AT)
        self.nights.close(date, watch)

    def _contracts_of(self, date: int) -> None:
        """What happens to contracts on a date: deposits sold, errands, now and then new rates, or a late entry."""
        unit, bank = self._unit, self._bank
        if date - self._quarters[0].first < SELLING_DAYS:
            asked, holders = sales(bank, unit.bank.catalogue, date, self._traffic.rng("sales", date))
            sold = open_all(unit.deposits, asked, holders)
            pay_in(self._ledger, bank, sold)
        self._counter.serve(self._traffic.rng("errands", date))
        if date == self._quarters[-1].first + RATES_POSTED_AFTER:
            with unit.bank.connect() as session:
                post_rates(session, date + 1, date)
            unit.bank.reload_catalogue()
        if is_quarter_end(date - ENTERED_AFTER) and date - ENTERED_AFTER - VALUED_BEFORE >= self._quarters[0].first:
            valued = date - ENTERED_AFTER - VALUED_BEFORE
            self._traffic.post(late_entry(bank, self._ledger.ids, valued, ENTERED_LATE))

    # --- one day of full traffic

    def live(self, today: Today) -> DayFigures:
        """One day of full traffic, from the morning's files to the end of the night."""
        before, expired_before = self._traffic.counts(), self._traffic.expired
        started, traffic, part = self._clock.monotonic_us(), self._traffic, f"Day {today.number + 1}"
        self._clock.move_to(today.date, OPENS_AT)
        self._say(part, "payrolls, card files, standing orders", 0, STAGES_A_DAY)
        traffic.morning(today)
        self._say(part, "errands at the counter", 1, STAGES_A_DAY)
        self._contracts_of(today.date)
        self._say(part, "online requests", 2, STAGES_A_DAY)
        for lane in traffic.online(today):
            for answer in lane.closings:
                self._counter.note(Errand.LEAVE, answer)
        self._say(part, "payments by code", 3, STAGES_A_DAY)
        traffic.shopping(today)
        self._say(part, "suppliers and clearing", 4, STAGES_A_DAY)
        traffic.suppliers(today)
        traffic.settle_clearing()
        traffic.expire_holds(today)
        self._clock.move_to(today.date, CLOSES_AT)
        self.nights.close(today.date, lambda step, posted, of: self._say(part, f"night: {step}", 5, STAGES_A_DAY))
        self._say(part, "closed", STAGES_A_DAY, STAGES_A_DAY)
        transfers, posted, duplicates, refused = self._since(before)
        return DayFigures(
            business_date=date_from_days(today.date),
            transfers=transfers,
            posted=posted,
            duplicates=duplicates,
            refused=refused,
            expired=traffic.expired - expired_before,
            seconds=self._seconds_since(started),
        )

    def _since(self, before: tuple[int, int, int, int]) -> tuple[int, ...]:
        return tuple(now - then for now, then in zip(self._traffic.counts(), before, strict=True))

    def _seconds_since(self, started_us: int) -> float:
        return round((self._clock.monotonic_us() - started_us) / 1e6, 3)

    # --- the end

    def figures(
        self,
        ordinary: OrdinaryFigures,
        days: tuple[DayFigures, ...],
        example: ExplainedFigures,
        verdict: CheckReport,
        seconds: float,
    ) -> DemoFigures:
        """Everything a run shows."""
        balance, closings = self._ledger.trial_balance(), self._traffic.closings
        return DemoFigures(
            seed=self._plan.seed,
            unit=self._ledger.engine.core.unit,
            accounts=self._plan.accounts,
            opening_transfers=self._opening_transfers,
            ordinary=ordinary,
            days=days,
            quarters=quarter_figures(self._unit, self.nights, self._quarters),
            products=product_figures(self._unit, self.nights, len(self._quarters)),
            nights=night_figures(self.nights),
            counter=errand_figures(self._counter),
            counter_refusals=counter_refusals(self._counter),
            explained=example,
            speed=self._traffic.speed(),
            refusals=refusal_figures(self._tally),
            duplicates=self._tally.duplicates,
            reversed=self._traffic.reversed,
            holds=hold_figures(self._tally, self._traffic.expired),
            accounts_blocked=self._blocked,
            accounts_closed=closings.count(None),
            closings_refused=len(closings) - closings.count(None),
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
        answered = self._opening_transfers + self._tally.posted + self._traffic.expired + self.nights.rows
        if found != answered:
            raise DemoError(f"The journal holds {found:,} rows, but {answered:,} transfers were answered as posted.")
        return found
