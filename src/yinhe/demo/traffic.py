"""A day's business as it is handed in: the files by columns, the online requests by lanes, and what became of it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
from numpy.typing import NDArray

from yinhe.demo.bank import LANES, Bank
from yinhe.demo.bulk import (
    Overnight,
    card_settlement,
    clearing,
    payments_by_code,
    payroll,
    receipts,
    sent_twice,
    standing_orders,
    supplier_payments,
)
from yinhe.demo.clients import IN_FLIGHT_MAX, Lane, LaneDay, expiring
from yinhe.demo.days import HOLDS_END_AT, DemoClock
from yinhe.demo.errors import DemoError
from yinhe.demo.figures import SpeedFigures
from yinhe.demo.script import Today, write_script
from yinhe.demo.tally import Tally
from yinhe.deposits.refusals import Refusal
from yinhe.deposits.service import Deposits
from yinhe.kernel.dates import date_from_days, end_of_month
from yinhe.ledger.batch import Flag
from yinhe.ledger.ledger import WAIT_SECONDS

REQUESTS_MIN: Final = 60
"""Fewest steps of a lane in a day: enough for every kind of business to turn up."""
ACCOUNTS_A_REQUEST: Final = 25
"""One online request a day for so many accounts."""
EXPIRY_SECONDS_MAX: Final = 60.0
NEIGHBOURHOODS: Final = 40
"""On an ordinary day the households of one of so many go shopping."""
RECEIPTS_ON: Final = 14
PAYDAY: Final = 15
SAVING_ON: Final = 16
"""Days of a month on which, on ordinary days, employers are paid, pay their staff, and the staff saves."""


class Traffic:
    """Hands the day's business in, and counts."""

    def __init__(self, deposits: Deposits, clock: DemoClock, bank: Bank, seed: int, days: int) -> None:
        """`days` is how many days have full traffic."""
        self._ledger: Final = deposits.ledger
        self._deposits: Final = deposits
        self._clock: Final = clock
        self._bank: Final = bank
        self._seed: Final = seed
        self._days: Final = days
        self.tally: Final = Tally()
        self.expired: int = 0
        self.reversed: int = 0
        self.closings: Final[list[Refusal | None]] = []
        """How those who left were answered; None where they could."""
        self._overnight: tuple[Overnight, ...] = ()
        self._bulk_transfers: int = 0
        self._bulk_us: int = 0
        self._online_us: int = 0
        self._latency_us: Final[list[int]] = []

    def rng(self, *what: str | int) -> np.random.Generator:
        """Random numbers for one purpose: drawing more for one changes no other."""
        return np.random.default_rng([self._seed, *"".join(map(str, what)).encode()])

    def counts(self) -> tuple[int, int, int, int]:
        """Transfers handed in so far, posted, duplicates, refused."""
        return self.tally.transfers, self.tally.posted, self.tally.duplicates, self.tally.refused

    # --- an ordinary day

    def ordinary_day(self, date: int) -> None:
        """What is handed in on an ordinary date: a neighbourhood's shopping, and the files of its day of the month."""
        bank, ids, rng = self._bank, self._ledger.ids, self.rng("ordinary", date)
        self.post(payments_by_code(bank, ids, rng, bank.block(date % NEIGHBOURHOODS, NEIGHBOURHOODS)))
        day = date_from_days(date)
        if day.day == RECEIPTS_ON:
            self.post(receipts(bank, ids))
        elif day.day == PAYDAY:
            self.post(payroll(bank, ids, 0, 1))
        elif day.day == SAVING_ON:
            self.post(standing_orders(bank, ids, 0, 1, rng))
        if day == end_of_month(day):
            self.post(supplier_payments(bank, ids, rng))

    def settle_clearing(self) -> None:
        """Settle what other banks owe, or are owed, with the central bank."""
        balance = self._ledger.account(self._bank.own.clearing).balance_minor
        self.post(clearing(self._bank, self._ledger.ids, balance))

    def post(self, rows: NDArray[np.void]) -> None:
        """Hand in a file (dtype TRANSFER), wait until all of it is durable, and count what became of it."""
        if len(rows):
            answers = self._ledger.submit_columns(rows).result(WAIT_SECONDS)
            self.tally.add(rows["flags"], rows["amount"], answers.outcome)

    # --- a day of full traffic, where it is measured

    def morning(self, today: Today) -> None:
        """The files of the morning; one payroll file comes twice."""
        bank, ids, number = self._bank, self._ledger.ids, today.number
        if number == 0:
            self._post_measured(receipts(bank, ids))
        salaries = payroll(bank, ids, number, self._days)
        self._post_measured(salaries)
        self._post_measured(sent_twice(salaries))
        self._post_measured(card_settlement(ids, self._overnight))
        self._post_measured(standing_orders(bank, ids, number, self._days, self.rng("orders", number)))

    def online(self, today: Today) -> Sequence[LaneDay]:
        """The online business: every lane in a thread of its own."""
        requests = max(REQUESTS_MIN, self._bank.accounts // ACCOUNTS_A_REQUEST // LANES)
        lanes: list[Lane] = []
        for lane in range(LANES):
            script = write_script(self._bank, lane, today, requests, self.rng("lane", today.number, "/", lane))
            lanes.append(Lane(self._deposits, self._clock, script, self._seed))
        started = self._clock.monotonic_us()
        with ThreadPoolExecutor(LANES, "yinhe-demo") as threads:
            done = tuple(threads.map(Lane.run, lanes))
        self._online_us += self._clock.monotonic_us() - started
        for lane in done:
            self.tally.take(lane.tally)
            self._latency_us.extend(lane.latency_us)
            self.closings.extend(lane.closings)
            self.reversed += lane.reversed
        self._overnight = tuple(hold for lane in done for hold in lane.overnight)
        return done

    def shopping(self, today: Today) -> None:
        """Payments by code of all households."""
        rng = self.rng("scans", today.number)
        self._post_measured(payments_by_code(self._bank, self._ledger.ids, rng, self._bank.households))

    def suppliers(self, today: Today) -> None:
        """What merchants pay for goods."""
        self._post_measured(supplier_payments(self._bank, self._ledger.ids, self.rng("suppliers", today.number)))

    def expire_holds(self, today: Today) -> None:
        """Wait until the ledger has released by itself the holds that end today."""
        after_seq = self._ledger.committed_seq
        self._clock.move_to(today.date, HOLDS_END_AT)
        count, released = expiring(self._overnight), 0
        started = self._clock.monotonic_us()
        while released < count:
            rows = self._ledger.feed(after_seq)
            if len(rows):
                released += int(np.count_nonzero(rows["flags"] & np.uint16(Flag.EXPIRE)))
                after_seq = int(rows["seq"][-1])
            elif self._clock.monotonic_us() - started > EXPIRY_SECONDS_MAX * 1e6:
                raise DemoError(f"{count - released} holds did not expire at the end of their day.")
        self.expired += released

    def _post_measured(self, rows: NDArray[np.void]) -> None:
        started = self._clock.monotonic_us()
        self.post(rows)
        self._bulk_us += self._clock.monotonic_us() - started
        self._bulk_transfers += len(rows)

    def speed(self) -> SpeedFigures:
        """How fast the days of full traffic were."""
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
