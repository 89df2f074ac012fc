"""Accrue: every contract earns the interest of the day; what is known late is worked out anew."""

from typing import Final, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.closeday.facts import NO_PLACES, Facts, Plan, Posting, mapping_of, net_transfers
from yinhe.closeday.identity import keys_of
from yinhe.closeday.steps.settle import UNCLAIMED, joined
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import NO_RATE, ContractFlag
from yinhe.deposits.interest import accrue, last_paid
from yinhe.deposits.recompute import Correction, PastDays, past_days, recompute
from yinhe.kernel.currency import currency
from yinhe.ledger.batch import TRANSFER
from yinhe.products.parts.accrual import Accrual
from yinhe.products.parts.base import Int64Column
from yinhe.products.parts.instalment import SaveMonthly
from yinhe.products.parts.interest import Interest
from yinhe.products.product import Product
from yinhe.products.rates import RateSource

CONTRACTS_AT_ONCE: Final = 1 << 16
"""Contracts worked out anew at a time: their days lie in memory together."""


def decide(facts: Facts) -> Plan:
    """Move every accrual on by the day, and book the change of each product's accrued interest."""
    rows, date = facts.book.rows, facts.date
    changed: dict[int, tuple[Product, int]] = {}
    accrued = 0
    for version, places in facts.book.by_version().items():
        product = facts.product(version)
        more = accrue(rows, places, facts.balances, product, facts.rates, date, date + 1)
        _add(changed, product, more)
        accrued += len(places)
    given_up = _give_up_rests(facts, changed)
    anew, corrections, corrected = _work_out_anew(facts, changed)
    moved = facts.moved_since[rows["account"]] & (rows["flags"] & int(ContractFlag.OPEN) != 0)
    touched = np.unique(np.concatenate([np.flatnonzero(moved), anew, given_up])).astype(np.int64)
    postings = np.concatenate(
        [net_transfers(facts, Posting.ACCRUAL, changed, TransferCode.INTEREST_ACCRUED), corrections]
    )
    savers = [places for version, places in facts.book.by_version().items() if facts.product(version).one(SaveMonthly)]
    figures = {
        "contracts": accrued,
        "worked_out_anew": len(anew),
        "corrections": corrected,
        "accrued_minor": sum(amount for _, amount in changed.values()),
    }
    # What a saver has missed is written with what has accrued: each follows from the other's day.
    written = np.intersect1d(touched, np.concatenate([NO_PLACES, *savers]))
    return Plan(postings=postings, accruals=touched, contracts=written, figures=figures)


def _add(changed: dict[int, tuple[Product, int]], product: Product, more: int) -> None:
    _, before = changed.get(product.number, (product, 0))
    changed[product.number] = (product, before + more)


def _give_up_rests(facts: Facts, changed: dict[int, tuple[Product, int]]) -> Int64Column:
    """What a closed contract had accrued and was not paid (a fraction, or the higher rate) is owed no more."""
    rows = facts.book.rows
    left = np.flatnonzero((rows["flags"] & int(ContractFlag.OPEN) == 0) & (rows["whole"] != 0))
    for place in left.tolist():
        _add(changed, facts.product(int(rows["version"][place])), -int(rows["whole"][place]))
        rows["whole"][place] = rows["remainder"][place] = 0
    return left


def _work_out_anew(facts: Facts, changed: dict[int, tuple[Product, int]]) -> tuple[Int64Column, np.ndarray, int]:
    """Contracts whose past looks different today: their places, the corrections to post, and how many."""
    rows = facts.book.rows
    since = _known_late(facts)
    places = np.array(sorted(since), np.int64)
    postings: list[np.ndarray] = [np.zeros(0, TRANSFER)]
    done: list[Int64Column] = [np.zeros(0, np.int64)]
    corrected = 0
    for version in np.unique(rows["version"][places]).tolist() if len(places) else ():
        product = facts.product(version)
        ours = places[rows["version"][places] == version]
        from_day = np.array([since[place] for place in ours.tolist()], np.int32)
        starts = _period_starts(facts, version, ours, from_day)
        for start in np.unique(starts).tolist():
            group = ours[starts == start]
            for first in range(0, len(group), CONTRACTS_AT_ONCE):
                some = group[first : first + CONTRACTS_AT_ONCE]
                more, corrections = _anew(facts, version, some, start)
                _add(changed, product, more)
                postings.append(_corrections(facts, product, some, corrections))
                corrected += len(corrections)
                done.append(some)
    return np.concatenate(done), np.concatenate(postings), corrected


def _known_late(facts: Facts) -> dict[int, int]:
    """Places of contracts, and from which day on each is to be worked out anew."""
    since: dict[int, int] = {}
    late = facts.value_dated
    late = late[late["value_date"] < facts.date]
    for side in ("debit", "credit"):
        found = facts.book.of_accounts(late[side].astype(np.int32))
        for place, day in zip(found[found >= 0].tolist(), late["value_date"][found >= 0].tolist(), strict=True):
            since[place] = min(day, since.get(place, facts.date))
    rows = facts.book.rows
    for version, places in facts.book.by_version().items():
        day = _rates_corrected_from(facts, version)
        if day is not None:
            # Below its own tier an agreed rate leaves the posted one; a saver who broke the plan earns a posted one.
            interest = facts.product(version).one(Interest)
            follows = (rows["rate"][places] == NO_RATE) | (interest is not None and interest.own_tier > 0)
            follows |= rows["flags"][places] & int(ContractFlag.BROKEN) != 0
            following = places[follows & (rows["start"][places] <= facts.date)]
            since.update({place: min(day, since.get(place, facts.date)) for place in following.tolist()})
    is_open = rows["flags"] & int(ContractFlag.OPEN) != 0
    # Days that no night has seen: before the bank's first one, or before a contract taken over with an earlier start.
    for place in np.flatnonzero(is_open & (rows["through"] < facts.date)).tolist():
        since[place] = min(int(rows["through"][place]), since.get(place, facts.date))
    return {place: max(day, int(rows["start"][place])) for place, day in since.items() if is_open[place]}


def _rates_corrected_from(facts: Facts, version: int) -> int | None:
    """The first day on which a rate was corrected today that contracts of a version follow; None when none was."""
    corrected = [one for one in facts.rates.entries if one.recorded == facts.date and one.effective < facts.date]
    if not corrected:
        return None
    days = range(min(one.effective for one in corrected), facts.date + 1)
    products = {id(product): product for product in (facts.catalogue.in_force(version, day) for day in days)}
    parts = [part for one in products.values() for part in (*one.of_kind(Interest.kind), *one.all(SaveMonthly))]
    tables = {source.table for part in parts for source in sources_of(part)}
    return min((one.effective for one in corrected if one.table in tables), default=None)


def sources_of(value: object) -> tuple[RateSource, ...]:
    """Every rate source within a part."""
    if isinstance(value, RateSource):
        return (value,)
    if isinstance(value, tuple):
        return tuple(source for item in cast("tuple[object, ...]", value) for source in sources_of(item))
    if isinstance(value, msgspec.Struct):
        return tuple(source for item in msgspec.structs.astuple(value) for source in sources_of(item))
    return ()


def _period_starts(facts: Facts, version: int, places: Int64Column, from_day: np.ndarray) -> np.ndarray:
    """The day from which each contract is worked out: the first of the interest period `from_day` lies in."""
    rows = facts.book.rows[places]
    accrual = facts.product(version).one(Accrual)
    if accrual is not None and accrual.carry:
        return rows["start"].copy()

    def product_on(day: int) -> Product:
        return facts.catalogue.in_force(version, day)

    starts = rows["start"].copy()
    for day in np.unique(from_day).tolist():
        same = from_day == day
        starts[same] = last_paid(rows[same], product_on, int(rows["start"][same].min()), day - 1) + 1
    return starts


def _anew(facts: Facts, version: int, places: Int64Column, start: int) -> tuple[int, tuple[Correction, ...]]:
    """Work contracts of one version out anew from `start`, in the book; the change in whole units, and corrections."""
    rows = facts.book.rows
    journal = facts.journal(start)
    accounts = rows["account"][places]
    past = past_days(accounts, facts.balances[accounts], journal.rows, journal.booked, start, facts.date + 1)
    _add_unclaimed(facts, facts.product(version), places, past, journal.rows)
    before = int(rows["whole"][places].sum())

    def product_on(day: int) -> Product:
        return facts.catalogue.in_force(version, day)

    changes = facts.changes(rows["contract"][places])
    again, corrections = recompute(rows[places], past, product_on, facts.rates, changes)
    rows[places] = again
    return int(again["whole"].sum()) - before, corrections


def _add_unclaimed(
    facts: Facts, product: Product, places: Int64Column, past: PastDays, journal: NDArray[np.void]
) -> None:
    """Add to what settlements paid, in place, what went to unclaimed interest: the account lacks it, but it is owed."""
    pool = facts.pools.all().get((UNCLAIMED, currency(product.currency).number, product.number))
    kept = journal[journal["credit"] == pool] if pool else journal[:0]
    ours, keys = keys_of(kept, int(Posting.SETTLEMENT_UNCLAIMED))
    ours &= kept["code"] == TransferCode.INTEREST.code
    place_of = {contract: at for at, contract in enumerate(facts.book.rows["contract"][places].tolist())}
    for contract, day, amount in zip(
        keys[ours].tolist(), kept["value_date"][ours].tolist(), kept["amount"][ours].tolist(), strict=True
    ):
        if contract in place_of and 0 <= day - 1 - past.start < past.interest.shape[1]:
            past.interest[place_of[contract], day - 1 - past.start] += amount


def _corrections(
    facts: Facts, product: Product, places: Int64Column, corrections: tuple[Correction, ...]
) -> np.ndarray:
    """Corrections of interest settled, straight from (or back to) the product's expense, value-dated as it was.

    Tax withheld from one, or given back, goes with it in the same transaction.
    """
    if not corrections:
        return np.zeros(0, TRANSFER)
    rows, mapping = facts.book.rows[places[[correction.place for correction in corrections]]], mapping_of(product)
    account = rows["account"].astype(np.int64)
    day = np.array([correction.day for correction in corrections], np.int64)
    # A contract may have several corrections, of different settlements: the day is part of the key.
    keys = rows["contract"] * 4_096 + day % 4_096

    def legs(amount: Int64Column, other: int, code: TransferCode) -> np.ndarray:
        """To the contracts from another account, or back to it where the amount is negative."""
        debit, credit = np.where(amount > 0, other, account), np.where(amount > 0, account, other)
        return facts.transfers(Posting.CORRECTION, keys, debit, credit, np.abs(amount), code, value_date=day + 1)

    amount = np.array([correction.amount_minor for correction in corrections], np.int64)
    tax = np.array([correction.tax_minor for correction in corrections], np.int64)
    interest = legs(amount, facts.pool(product, mapping.expense), TransferCode.INTEREST_CORRECTION)
    if not tax.any():
        return interest
    taxes = legs(-tax, facts.pool(product, mapping.tax_payable), TransferCode.INTEREST_TAX)
    # What comes to an account comes first: a transaction may not go below its floor on the way.
    to_account = np.isin(interest["credit"], account), np.isin(taxes["credit"], account)
    return joined([interest[to_account[0]], taxes[to_account[1]], taxes[~to_account[1]], interest[~to_account[0]]])
