"""A draft of a product over the bank's own history: what it would have paid in interest, against what was paid.

Every contract of a live product is accrued again over days gone by, by the night's own computation: by the terms it had
until the first of the days, and by the draft from then on. Nothing is posted, and nothing is written.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.closeday.errors import NotExplained
from yinhe.closeday.facts import mapping_of
from yinhe.closeday.past import Past
from yinhe.closeday.stood import CONTRACTS_AT_ONCE, begun_by
from yinhe.deposits.columns import NO_RATE, ContractFlag
from yinhe.deposits.interest import last_settled, period_start, rounded, settlement_amounts
from yinhe.deposits.opening import freeze_rates
from yinhe.deposits.recompute import PastDays, first_days, past_days, recompute
from yinhe.kernel.currency import Currency, currency
from yinhe.products.catalogue import Catalogue, Version
from yinhe.products.parts.base import Int64Column
from yinhe.products.product import Product, TermRule
from yinhe.products.terms import RATE, resolved

_MATURED: Final = int(ContractFlag.MATURED)


class ReplayedContract(msgspec.Struct, frozen=True):
    """One contract's, or loan's, interest of the days, in minor units."""

    contract: int
    account: int
    posted_minor: int
    draft_minor: int

    @property
    def difference_minor(self) -> int:
        """What the draft would have paid more, or less where negative."""
        return self.draft_minor - self.posted_minor


class ReplayedLine(msgspec.Struct, frozen=True):
    """One general-ledger code, in minor units, credits above zero for liabilities and debits for expense."""

    gl_code: int
    what: str
    """`principal`, `payable` or `expense`; of loans `loans`, `receivable` or `income`."""
    live_minor: int
    draft_minor: int


class ReplayedDay(msgspec.Struct, frozen=True):
    """The interest whose last day was this one; it was credited on the next."""

    date: int
    posted_minor: int
    draft_minor: int


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """A draft against a live product over the days from `start` to `last`, both included."""

    draft: str
    against: str
    currency: int
    """ISO 4217 number."""
    start: int
    last: int
    contracts: int
    changed: int
    """Contracts the draft would have paid another amount."""
    posted_minor: int
    draft_minor: int
    top: tuple[ReplayedContract, ...]
    """The contracts of the largest differences, the largest first."""
    ledger: tuple[ReplayedLine, ...]
    days: tuple[ReplayedDay, ...]
    """The days with interest on either side, ascending."""
    unlike: int
    """Contracts whose own product, run the same way, does not give what was posted: read them with care."""


class _Sums:
    """What has been replayed so far."""

    def __init__(self) -> None:
        self.contracts: list[ReplayedContract] = []
        self.posted: dict[int, int] = defaultdict(int)
        self.draft: dict[int, int] = defaultdict(int)
        self.live_accrued: int = 0
        self.draft_accrued: int = 0
        self.unlike: int = 0


def live_product(
    past: Past, draft: Product, code: str, start: int, last: int, sold: str
) -> tuple[Catalogue, list[Version], Currency]:
    """The catalogue as it is known now, and the versions of product `code` with their currency, fit for the draft.

    `sold` is what the product's contracts are called. Raises NotExplained where the product is not there or has
    another currency than the draft, ValueError for days in the wrong order.
    """
    if start > last:
        raise ValueError("The first day is after the last.")
    catalogue = past.known_on(past.latest_date())
    versions = [one for one in catalogue.versions if one.product.code == code]
    if not versions:
        raise NotExplained(f"There is no product {code!r} to replay against.")
    money = currency(versions[0].product.currency)
    if draft.currency != money.code:
        raise NotExplained(f"The draft is in {draft.currency}, the {sold} of {code} are in {money.code}.")
    return catalogue, versions, money


def replay(past: Past, draft: Product, code: str, start: int, last: int, *, top: int = 20) -> Replay:
    """What a draft would have paid the contracts of product `code` for settlements of the days `start` to `last`.

    A contract renewed or matured within the days is replayed for its last whole term in them. Tax is left out: interest
    is compared before it. Raises NotExplained where the product is not there or has another currency, ValueError for
    days in the wrong order, RateMissing where the draft's tables lack a day.
    """
    catalogue, versions, money = live_product(past, draft, code, start, last, "contracts")
    sums = _Sums()
    numbers = past.contracts_of([one.id for one in versions])
    for first in range(0, len(numbers), CONTRACTS_AT_ONCE):
        rows = begun_by(past, numbers[first : first + CONTRACTS_AT_ONCE], last).rows
        for group, version, days in _groups(past, catalogue, rows, start, last):
            is_on_draft = int(group["start"][0]) >= start
            _replay_group(group, days, _Terms(catalogue, version, draft, start, is_on_draft), (start, last), sums)
    live = catalogue.current(code, last)
    product = versions[-1].product if live is None else live[1]
    ordered = sorted(sums.contracts, key=lambda one: (-abs(one.difference_minor), one.contract))
    return Replay(
        draft=draft.name,
        against=product.name,
        currency=money.number,
        start=start,
        last=last,
        contracts=len(sums.contracts),
        changed=sum(1 for one in sums.contracts if one.difference_minor),
        posted_minor=sum(sums.posted.values()),
        draft_minor=sum(sums.draft.values()),
        top=tuple(one for one in ordered[:top] if one.difference_minor),
        ledger=_ledger(product, draft, sums),
        days=tuple(
            ReplayedDay(day, sums.posted.get(day, 0), sums.draft.get(day, 0))
            for day in sorted({*sums.posted, *sums.draft})
            if sums.posted.get(day, 0) or sums.draft.get(day, 0)
        ),
        unlike=sums.unlike,
    )


class _Terms(msgspec.Struct, frozen=True, eq=False):
    """What contracts of a version have on a day: their own terms before `start`, and the draft from then on.

    Those that began on it have all of it; to those that began before it comes as a later version does, term by term.
    """

    catalogue: Catalogue
    version: int
    draft: Product
    start: int
    is_on_draft: bool

    @property
    def sold(self) -> Product:
        """The version they were sold on."""
        return self.catalogue.product(self.version)

    def live(self, day: int) -> Product:
        """The product they have."""
        return self.catalogue.in_force(self.version, day)

    def drafted(self, day: int) -> Product:
        """The product they would have."""
        if day < self.start:
            return self.live(day)
        return self.draft if self.is_on_draft else resolved(self.sold, self.draft)


def _groups(
    past: Past, catalogue: Catalogue, rows: NDArray[np.void], start: int, last: int
) -> Iterator[tuple[NDArray[np.void], int, "_Days"]]:
    """The contracts by version, first day of the period `start` lies in, and the day their days end before."""
    closed = rows["closed"]
    rows = rows[(closed == 0) | (closed > start)].copy()
    matures = (rows["maturity"] > start) & (rows["maturity"] <= last)
    ends = np.where(matures, rows["maturity"], last + 1)
    rows["flags"][matures] &= ~_MATURED
    firsts = rows["start"].copy()
    for version in np.unique(rows["version"]).tolist():
        ours = rows["version"] == version
        begins = period_start(catalogue.in_force(version, start), start, rows[ours])
        firsts[ours] = np.maximum(rows["start"][ours], begins)
    keys = np.stack([rows["version"], firsts, ends, rows["start"] >= start], axis=1)
    kinds, kind = np.unique(keys, axis=0, return_inverse=True)
    for number, (version, first, end, _) in enumerate(kinds.tolist()):
        if first < end:
            group = rows[kind.ravel() == number]
            yield group, version, _Days(_history(past, group["account"].copy(), first, end), end)


class _Days(msgspec.Struct, frozen=True, eq=False):
    """The days of a group of contracts, as all that is known by now has them, and the day they end before."""

    past: PastDays
    end: int


def _history(past: Past, accounts: NDArray[np.int32], first: int, end: int) -> PastDays:
    # What the last day's settlement paid was booked on the next.
    journal = past.journal(accounts, first, end + 1)
    balances = past.balances_at(accounts, past.seq_at_date(end))
    found = past_days(accounts, balances, journal.rows, journal.booked, first, end + 1)
    return first_days(found, end - first)


def _replay_group(rows: NDArray[np.void], days: _Days, terms: _Terms, window: tuple[int, int], sums: _Sums) -> None:
    start, _ = window
    within = np.arange(days.past.start, days.end) >= start
    past = days.past
    settled, withheld = (np.where(within, of, 0) for of in (past.interest, past.tax))
    posted = settled + np.where(within, past.drawn, 0)
    # Without the interest that was credited in the days: what would have been instead is put in as it falls due.
    credited = np.cumsum(settled - withheld, axis=1)
    before = np.concatenate([np.zeros((len(rows), 1), np.int64), credited[:, :-1]], axis=1)
    bare = PastDays(past.start, past.balances - before, past.interest - settled, past.tax - withheld, past.drawn)
    live, live_left = _paid(rows, bare, terms.live, terms.catalogue, days.end)
    draft, draft_left = _paid(_drafted(rows, terms), bare, terms.drafted, terms.catalogue, days.end)
    for column in (live, draft):
        column[:, ~within] = 0
    sums.live_accrued += live_left
    sums.draft_accrued += draft_left
    sums.unlike += int((live != posted).any(axis=1).sum())
    for day, was, would in zip(
        range(days.past.start, days.end), posted.sum(axis=0).tolist(), draft.sum(axis=0).tolist(), strict=True
    ):
        sums.posted[day] += was
        sums.draft[day] += would
    pairs = zip(posted.sum(axis=1).tolist(), draft.sum(axis=1).tolist(), strict=True)
    for row, (was, would) in zip(rows, pairs, strict=True):
        sums.contracts.append(ReplayedContract(int(row["contract"]), int(row["account"]), was, would))


def _drafted(rows: NDArray[np.void], terms: _Terms) -> NDArray[np.void]:
    """The contracts as agreed on the draft: those that began on it anew; of the others what follows takes its rates."""
    rule = (terms.draft if terms.is_on_draft else terms.sold).rule(RATE)
    if rule is TermRule.NEGOTIATE or (rule is TermRule.FREEZE and not terms.is_on_draft):
        return rows.copy()
    rows = rows.copy()
    rows["rate"] = NO_RATE
    freeze_rates(terms.drafted(terms.start), terms.catalogue.rates, rows)
    return rows


def _paid(
    rows: NDArray[np.void], days: PastDays, product_on: Callable[[int], Product], catalogue: Catalogue, end: int
) -> tuple[Int64Column, int]:
    """What settlements of the days pay, by contract and day, int64[n, days], and what has accrued at their end."""
    again, settled = recompute(rows, days, product_on, catalogue.rates)
    paid = np.zeros(days.balances.shape, np.int64)
    for one in settled:
        paid[one.place, one.day - days.start] += one.amount_minor
    product = product_on(end - 1)
    due = np.flatnonzero(last_settled(product, end - 1, again) == end - 1)
    paid[due, end - 1 - days.start] += settlement_amounts(again[due], product, end - 1)
    is_left = np.ones(len(rows), np.bool_)
    is_left[due] = False
    # Who closes is paid what has accrued then.
    closed = np.flatnonzero((rows["closed"] > days.start) & (rows["closed"] <= end))
    for place in closed.tolist():
        day = int(rows["closed"][place]) - 1 - days.start
        later = int(paid[place, day + 1 :].sum())
        paid[place, day + 1 :] = 0
        paid[place, day] += later
        if is_left[place]:
            paid[place, day] += max(0, int(rounded(again[place : place + 1], product)[0]))
            is_left[place] = False
    return paid, int(again["whole"][is_left].sum())


def _ledger(live: Product, draft: Product, sums: _Sums) -> tuple[ReplayedLine, ...]:
    """Interest credited to deposits, what is payable at the end, and the expense of both, by general-ledger code."""
    ours, theirs = mapping_of(live), mapping_of(draft)
    was, would = sum(sums.posted.values()), sum(sums.draft.values())
    figures = (
        ("principal", ours.principal, theirs.principal, was, would),
        ("payable", ours.payable, theirs.payable, sums.live_accrued, sums.draft_accrued),
        ("expense", ours.expense, theirs.expense, was + sums.live_accrued, would + sums.draft_accrued),
    )
    lines: list[ReplayedLine] = []
    for what, code, other, now, then in figures:
        if code == other:
            lines.append(ReplayedLine(code, what, now, then))
        else:
            lines += [ReplayedLine(code, what, now, 0), ReplayedLine(other, what, 0, then)]
    return tuple(lines)
