"""Contracts as they stood on a business date gone by, worked out from the journal and what was agreed.

What a contract has accrued is not kept for days gone by; it need not be, for it follows: from the first day of the
interest period, or from the last time a part of it was paid out, day by day on balances as they were known.
"""

from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.closeday.past import ContractEvent, Past
from yinhe.closeday.plan import STEPS
from yinhe.closeday.rerun import Scene, facts_of
from yinhe.deposits.book import Book
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import NO_RATE, ContractFlag
from yinhe.deposits.interest import accrue, begin_period, forget_missed, last_settled, rounded
from yinhe.deposits.recompute import PastDays, first_days, past_days, recompute
from yinhe.deposits.withdrawals import Manner, manner_of
from yinhe.products.catalogue import Catalogue
from yinhe.products.parts.accrual import Accrual
from yinhe.products.parts.base import Int64Column
from yinhe.products.parts.interest import Interest
from yinhe.products.parts.term import TermPart
from yinhe.products.product import Product

CONTRACTS_AT_ONCE: Final = 1 << 15
"""Contracts whose days lie in memory together."""

_CORRECTS: Final = (TransferCode.INTEREST_CORRECTION.code, TransferCode.INTEREST_TAX.code)
_OPEN: Final = int(ContractFlag.OPEN)
_MATURED: Final = int(ContractFlag.MATURED)
_BROKEN: Final = int(ContractFlag.BROKEN)


class Begun(msgspec.Struct, frozen=True, eq=False):
    """Contracts at the point from which their accrual follows: `through` says from which day on, `whole` with what."""

    rows: NDArray[np.void]
    is_whole_period: NDArray[np.bool_]
    """Whether that is the first day of an interest period, with nothing accrued."""


def stood(past: Past, numbers: Sequence[int], date: int) -> NDArray[np.void]:
    """Some contracts as the close of `date` found them, accrued for the days before it; dtype CONTRACT, ascending.

    Contracts that began or were taken over later are left out; those closed by then are there, closed and with nothing
    accrued; those no night had seen stand where they start.
    """
    begun = begun_by(past, numbers, date)
    written = past.written_on(begun.rows)
    first = past.first_night()
    seen = (written < date) & (first is not None and first < date)
    rows = begun.rows.copy()
    rows["through"] = rows["settled"] = rows["start"]
    rows[seen] = walk(past, Begun(begun.rows[seen], begun.is_whole_period[seen]), date, known=date - 1)
    return rows[written <= date]


def begun_by(past: Past, numbers: Sequence[int], date: int, without: UUID | None = None) -> Begun:
    """Some contracts with their terms of a date, at the point from which their accrual up to it follows.

    `without` is the id of an event that is not to be looked at, nor what came after it.
    """
    catalogue = past.known_on(date)
    events: dict[int, list[ContractEvent]] = {}
    for event in past.events(numbers):
        if without is None or (event.id < without and event.date <= date):
            events.setdefault(event.contract, []).append(event)
    rows = past.contracts(numbers)
    for place in range(len(rows)):
        own = events.get(int(rows["contract"][place]), [])
        rows[place : place + 1] = _terms_on(past, rows[place : place + 1], own, date, catalogue)
    rows = rows[(rows["start"] <= date) & (rows["opened"] <= date)]
    rows["through"] = rows["settled"] = rows["start"]
    rows["whole"] = rows["remainder"] = 0
    forget_missed(rows, np.arange(len(rows)))
    whole_period = np.ones(len(rows), np.bool_)
    for version in np.unique(rows["version"]).tolist():
        places = np.flatnonzero(rows["version"] == version)
        product = catalogue.in_force(version, date)
        accrual = product.one(Accrual)
        if accrual is not None and not accrual.carry:
            rows["settled"][places] = last_settled(product, date - 1, rows[places]) + 1
            rows["through"][places] = rows["settled"][places]
    for place in range(len(rows)):
        own = events.get(int(rows["contract"][place]), [])
        paid = _last_paid(rows[place], own, date, catalogue) if own else None
        if paid is not None:
            for name in ("through", "settled", "whole", "remainder", "missed", "kept"):
                rows[name][place] = paid[name][0]
            rows["flags"][place] |= int(paid["flags"][0]) & _BROKEN
            whole_period[place] = False
    return Begun(rows, whole_period)


def _last_paid(
    row: np.void, events: Sequence[ContractEvent], date: int, catalogue: Catalogue
) -> NDArray[np.void] | None:
    """The contract after the last event of its period that left another accrual than follows from its balances."""

    def leaves_another(event: ContractEvent) -> bool:
        if event.kind != "withdraw":
            return event.kind == "amend"
        product = catalogue.in_force(int(row["version"]), event.date)
        manner = manner_of(product, event.row, date=event.date, amount_minor=1, notice=None, closes=False)
        return manner is not Manner.RUNNING

    first = int(row["settled"])
    found = [
        event.row
        for event in events
        if first <= event.date <= date and int(event.row["through"][0]) >= first and leaves_another(event)
    ]
    return found[-1] if found else None


# --- terms


def _terms_on(
    past: Past, row: NDArray[np.void], events: Sequence[ContractEvent], date: int, catalogue: Catalogue
) -> NDArray[np.void]:
    """What was agreed in one contract (dtype CONTRACT, shape (1,)) on a date."""
    earlier = [event.row for event in events if event.date <= date]
    if earlier and (int(row["start"][0]) > date or len(earlier) < len(events)):
        found = earlier[-1].copy()
        found["contract"], found["account"] = row["contract"], row["account"]
    elif int(row["start"][0]) > date:
        found = _as_opened(past, row, catalogue)
    else:
        found = row.copy()
    closed = int(row["closed"][0])
    found["closed"] = closed if 0 < closed <= date else 0
    found["flags"] |= _OPEN
    while 0 < int(found["maturity"][0]) <= date and int(found["flags"][0]) & ContractFlag.AUTO_RENEW:
        start = int(found["start"][0])
        found = _renewed(past, found)
        if int(found["start"][0]) == start:
            break
    is_matured = 0 < int(found["maturity"][0]) <= date
    found["flags"] = found["flags"] & ~_MATURED | (_MATURED if is_matured else 0)
    if int(found["closed"][0]):
        found["flags"] &= ~_OPEN
    return found


def _as_opened(past: Past, row: NDArray[np.void], catalogue: Catalogue) -> NDArray[np.void]:
    """A contract renewed since and opened in bulk: its first term, on the version and at the rate of its first day."""
    found, start = row.copy(), int(row["opened"][0])
    current = catalogue.current(catalogue.product(int(row["version"][0])).code, start)
    product = catalogue.product(int(row["version"][0])) if current is None else current[1]
    found["version"] = row["version"] if current is None else current[0]
    found["start"] = start
    term, interest = product.one(TermPart), product.one(Interest)
    if term is not None:
        found["maturity"] = term.maturity(found["start"].copy(), found["months"].copy(), found["days"].copy())
    if interest is not None and int(row["rate"][0]) != NO_RATE:
        months, days = int(row["months"][0]), int(row["days"][0])
        found["rate"] = interest.regimes(past.known_on(start).rates, start, start + 1, months, days)[0].rates[0]
    found["principal"] = past.balance_at(int(row["account"][0]), past.seq_at_date(start))
    return found


def _renewed(past: Past, row: NDArray[np.void]) -> NDArray[np.void]:
    """The contract after the night before its maturity: what that night's step makes of it."""
    date = int(row["maturity"][0]) - 1
    known = past.known_on(date)
    row = row.copy()
    row["flags"] &= ~_MATURED
    step = next(step for step in STEPS if step.name == "mature")
    begun = past.nights.read_step(date, step.name)
    as_of = past.seq_at_date(date) if begun is None else begun.as_of_seq
    book = Book(row)
    scene = Scene(
        date=date,
        id_ms=0,
        book=book,
        catalogue=known,
        rates=known.rates,
        pools=past.pools(),
        balances=lambda _: balances_of(past, row, as_of),
    )
    step.decide(facts_of(scene, step))
    return book.rows[:]


def balances_of(past: Past, rows: NDArray[np.void], seq: int) -> Int64Column:
    """By account index, the balances of contracts and of their linked accounts after a seq; others are 0."""
    accounts = np.unique(np.concatenate([rows["account"], rows["linked"][rows["linked"] != 0]])).astype(np.int32)
    # Pages that are not written take no memory, so the room may be as wide as the unit.
    found = np.zeros(int(accounts.max(initial=0)) + 1, np.int64)
    if len(accounts):
        found[accounts] = past.balances_at(accounts, seq)
    return found


# --- accruals


def days_of(past: Past, rows: NDArray[np.void], start: int, end: int, booked: int) -> PastDays:
    """The days from `start` to before `end` of contracts, by value date, of what was booked through a date.

    So do the corrections that the close of that date booked on the next: whoever posted them counted with them.
    """
    accounts = rows["account"].copy()
    journal = past.journal(accounts, start, booked + 1)
    balances = past.balances_at(accounts, past.seq_at_date(booked))
    nightly = past.journal(accounts, booked + 1, booked + 2).rows
    nightly = nightly[np.isin(nightly["code"], _CORRECTS) & (nightly["value_date"] <= booked)]
    place = {account: at for at, account in enumerate(accounts.tolist())}
    for row in nightly:
        for side, sign in (("debit", -1), ("credit", 1)):
            if int(row[side]) in place:
                balances[place[int(row[side])]] += sign * int(row["amount"])
    found = past_days(
        accounts,
        balances,
        np.concatenate([journal.rows, nightly]),
        np.concatenate([journal.booked, np.full(len(nightly), booked, np.int32)]),
        start,
        booked + 1,
    )
    return first_days(found, end - start)


def walk(past: Past, begun: Begun, until: int, known: int) -> NDArray[np.void]:
    """Contracts accrued from where they begun to before `until`, with products and rates as known on a date.

    What was booked by the end of the day before `until` counts.
    """
    rows, catalogue = begun.rows.copy(), past.known_on(known)
    is_open = rows["flags"] & _OPEN != 0
    groups = np.stack([rows["version"], rows["through"], begun.is_whole_period], axis=1)[is_open]
    kinds, kind = np.unique(groups, axis=0, return_inverse=True)
    all_places = np.flatnonzero(is_open)
    for number, (version, start, is_whole) in enumerate(kinds.tolist()):
        places = all_places[kind.ravel() == number]
        if start >= until:
            continue
        for first in range(0, len(places), CONTRACTS_AT_ONCE):
            some = places[first : first + CONTRACTS_AT_ONCE]
            rows[some] = _walked(past, rows[some], catalogue, version, (start, until), is_whole=bool(is_whole))
    return rows


def _walked(
    past: Past,
    rows: NDArray[np.void],
    catalogue: Catalogue,
    version: int,
    span: tuple[int, int],
    *,
    is_whole: bool,
) -> NDArray[np.void]:
    days = days_of(past, rows, *span, span[1] - 1)

    def product_on(day: int) -> Product:
        return catalogue.in_force(version, day)

    if is_whole:
        again = recompute(rows, days, product_on, catalogue.rates)[0]
        _settle_last(again, product_on(span[1] - 1), span[1] - 1)
        return again
    return accrued(rows, days, product_on, catalogue, lambda _: None)


def _settle_last(rows: NDArray[np.void], product: Product, day: int) -> None:
    """Settle what is due on the last of the days, which `recompute` leaves to the night; in place."""
    accrual = product.one(Accrual)
    due = np.flatnonzero(last_settled(product, day, rows) == day)
    if accrual is not None and len(due):
        begin_period(rows, due, rounded(rows[due], product), accrual, day + 1)


def accrued(
    rows: NDArray[np.void],
    days: PastDays,
    product_on: Callable[[int], Product],
    catalogue: Catalogue,
    watch: Callable[[NDArray[np.void]], None],
) -> NDArray[np.void]:
    """Contracts accrued over days in which nothing is settled; `watch` sees them after each. New rows."""
    rows = rows.copy()
    accounts, places = rows["account"].copy(), np.arange(len(rows), dtype=np.int64)
    rows["account"] = places
    for k in range(days.balances.shape[1]):
        day = days.start + k
        balances = np.ascontiguousarray(days.balances[:, k])
        accrue(rows, places, balances, product_on(day), catalogue.rates, day, day + 1)
        watch(rows)
    rows["account"] = accounts
    return rows
