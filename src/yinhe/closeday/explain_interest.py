"""The days of one contract's interest: what each earned, at which rate, and where the rate came from."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from yinhe.closeday.explanation import Derivation, RateUsed, Span
from yinhe.closeday.past import Past
from yinhe.closeday.steps.accrue import sources_of
from yinhe.closeday.stood import Begun, accrued, days_of, walk
from yinhe.deposits.columns import NO_RATE, ContractFlag
from yinhe.deposits.interest import keeps_rates, period_start
from yinhe.kernel.dates import date_from_days
from yinhe.kernel.daycount import days_many
from yinhe.kernel.rates import RATE_MAX, Rate, format_rate
from yinhe.kernel.rounding import round_quotient
from yinhe.products.catalogue import Catalogue
from yinhe.products.errors import RateMissing
from yinhe.products.parts.accrual import Accrual, TransactionMethod
from yinhe.products.parts.base import Kind, Regime
from yinhe.products.parts.instalment import SaveMonthly
from yinhe.products.parts.interest import Interest
from yinhe.products.parts.renewal import Renewal
from yinhe.products.pricing import Reason
from yinhe.products.product import Product
from yinhe.products.rates import RateBook, RateSource

AGREED: Final = Reason("agreed in the contract", "合约约定")


def derive(past: Past, begun: Begun, until: int, known: int, booked: int) -> Derivation | None:
    """How the accrual of one contract to before `until` comes about; None without interest.

    `begun` holds the one contract; products and rates are as `known` on a date, and what was `booked` through a date
    counts. Raises RateMissing.
    """
    catalogue = past.known_on(known)
    version = int(begun.rows["version"][0])
    product = catalogue.in_force(version, until - 1)
    accrual = product.one(Accrual)
    if accrual is None or product.one(Interest) is None:
        return None
    row = begun.rows
    if accrual.carry and bool(begun.is_whole_period[0]):
        row = walk(past, begun, int(period_start(product, until - 1, row)[0]), known)
    start = int(row["through"][0])
    brought = int(row["whole"][0]), int(row["remainder"][0])
    days = days_of(past, row, start, until, known)
    states = [row.copy()]
    accrued(row, days, lambda day: catalogue.in_force(version, day), catalogue, lambda one: states.append(one.copy()))
    held = [int(balance) for balance in days.balances[0]]
    if isinstance(accrual, TransactionMethod) or int(row["flags"][0]) & ContractFlag.MATURED:
        spans = _counted(catalogue, version, states[0], states[-1], held[-1] if held else 0)
        brought = 0, 0
    else:
        spans = _by_day(catalogue, version, states, held)
    whole, remainder = int(states[-1]["whole"][0]), int(states[-1]["remainder"][0])
    return Derivation(
        contract=int(row["contract"][0]),
        spans=tuple(spans),
        brought_whole=brought[0],
        brought_remainder=brought[1],
        base=accrual.base,
        whole=whole,
        remainder=remainder,
        rounding=accrual.rounding,
        amount_minor=round_quotient(whole, remainder, accrual.base, accrual.rounding),
    )


def _by_day(catalogue: Catalogue, version: int, states: list[NDArray[np.void]], held: list[int]) -> list[Span]:
    spans: list[Span] = []
    for before, after, balance in zip(states, states[1:], held, strict=False):
        day = int(before["through"][0])
        product = catalogue.in_force(version, day)
        accrual, interest = product.one(Accrual), product.one(Interest)
        assert accrual is not None
        assert interest is not None
        earned = _exact(after, accrual.base) - _exact(before, accrual.base)
        name = catalogue.origin(version, day, Kind.INTEREST).name
        rates = _rates(catalogue.rates, product, before, day, balance)
        last = spans[-1] if spans else None
        if last and (last.balance_minor, last.product, last.rates) == (balance, name, rates):
            earned += last.whole * accrual.base + last.remainder
            start, days = spans.pop().start, last.days + 1
        else:
            start, days = day, 1
        span = Span(start, day + 1, days, balance, name, interest.name, rates, *divmod(earned, accrual.base))
        spans.append(span)
    return spans


def _exact(row: NDArray[np.void], base: int) -> int:
    return int(row["whole"][0]) * base + int(row["remainder"][0])


def _counted(
    catalogue: Catalogue, version: int, before: NDArray[np.void], after: NDArray[np.void], balance: int
) -> list[Span]:
    """One span: by the transaction method all days count anew, on what is there at their end."""
    start, end = int(before["settled"][0]), int(after["through"][0])
    if start >= end:
        return []
    product = catalogue.in_force(version, end - 1)
    accrual, interest = product.one(Accrual), product.one(Interest)
    assert accrual is not None
    assert interest is not None
    days, kind = end - start, Kind.INTEREST
    if int(before["flags"][0]) & ContractFlag.MATURED:
        renewal = product.one(Renewal)
        rate = 0 if renewal is None else renewal.rate_after(catalogue.rates, end)
        source = _source(catalogue.rates, sources_of(renewal), end, rate)
        rates, part = (RateUsed(0, rate, source),), "" if renewal is None else renewal.name
        kind = Kind.RENEWAL
    else:
        if isinstance(accrual, TransactionMethod):
            first, last = np.array([start], np.int32), np.array([end], np.int32)
            days = int(days_many(accrual.basis, first, last)[0])
        rates, part = _rates(catalogue.rates, product, before, end - 1, balance), interest.name
    whole, remainder = int(after["whole"][0]), int(after["remainder"][0])
    name = catalogue.origin(version, end - 1, kind).name
    return [Span(start, end, days, balance, name, part, rates, whole, remainder)]


def _rates(book: RateBook, product: Product, row: NDArray[np.void], day: int, balance: int) -> tuple[RateUsed, ...]:
    """The rates that count for a balance on a day, tier by tier."""
    interest, saving = product.one(Interest), product.one(SaveMonthly)
    assert interest is not None
    late: tuple[RateUsed, ...] = ()
    if saving is not None and int(row["flags"][0]) & ContractFlag.BROKEN:
        kept = int(row["kept"][0])
        if balance > kept:
            rate = saving.broken.on(book, day)
            late = (RateUsed(kept, rate, _source(book, (saving.broken,), day, rate)),)
        if not kept:
            return late
        balance = min(balance, kept)
    own, spread = int(row["rate"][0]), int(row["spread"][0])
    # Rates that are kept are those of the day the contract began on.
    day = int(row["start"][0]) if keeps_rates(product) else day
    months, days = int(row["months"][0]), int(row["days"][0])
    used: list[RateUsed] = []
    own_from = 0
    if own == NO_RATE or interest.own_tier:
        regime = interest.regimes(book, day, day + 1, months, days)[0]
        own_from = int(regime.thresholds[interest.own_tier])
        for tier in _tiers(regime, balance):
            if own == NO_RATE or tier < interest.own_tier:
                rate = int(regime.rates[tier])
                source = _source(book, _fitting(sources_of(interest), book, day, rate), day, rate, spread)
                used.append(RateUsed(int(regime.thresholds[tier]), _bounded(rate + spread), source))
    if own != NO_RATE and max(0, balance) >= own_from:
        used.append(RateUsed(own_from, _bounded(own + spread), _agreed_source(book, interest, row)))
    return (*used, *late)


def _agreed_source(book: RateBook, interest: Interest, row: NDArray[np.void]) -> Reason:
    """A rate kept since the contract began: that of the product then, or one agreed with the customer."""
    own, spread, start = int(row["rate"][0]), int(row["spread"][0]), int(row["start"][0])
    try:
        product_rates = interest.regimes(book, start, start + 1, int(row["months"][0]), int(row["days"][0]))[0].rates
    except RateMissing:
        return AGREED
    if own not in product_rates.tolist():
        return AGREED
    found = _source(book, _fitting(sources_of(interest), book, start, own), start, own, spread)
    kept = date_from_days(start)
    return Reason(f"kept since {kept}: {found.english}", f"自{kept}起保持：{found.chinese}")


def _tiers(regime: Regime, balance: int) -> range:
    """The tiers a balance earns by: that it lies in, or all slices it reaches."""
    top = max(0, int(np.searchsorted(regime.thresholds, max(0, balance), side="right")) - 1)
    return range(top + 1) if regime.by_slice else range(top, top + 1)


def _fitting(sources: tuple[RateSource, ...], book: RateBook, day: int, rate: int) -> tuple[RateSource, ...]:
    """The sources that give a rate on a day."""
    found: list[RateSource] = []
    for source in sources:
        try:
            if source.on(book, day) == rate and source not in found:
                found.append(source)
        except RateMissing:
            continue
    return tuple(found)


def _source(book: RateBook, sources: tuple[RateSource, ...], day: int, rate: int, spread: int = 0) -> Reason:
    """Where a rate came from: the product, or a table and its entry, and the spread priced at opening."""
    named = next((source for source in sources if source.table), None)
    if named is None:
        english, chinese = f"{_text(rate)} as the product says", f"产品规定{_text(rate)}"
    else:
        entry = [one for one in book.entries if one.table == named.table and one.effective <= day][-1]
        effective, recorded = date_from_days(entry.effective), date_from_days(entry.recorded)
        english = f"{named}, {_text(entry.rate)} from {effective}, written down on {recorded}"
        chinese = f"{named}，{effective}起{_text(entry.rate)}，{recorded}登记"
    if spread:
        english, chinese = f"{english}; {_text(spread)} priced at opening", f"{chinese}；开户定价浮动{_text(spread)}"
    return Reason(english, chinese)


def _bounded(rate: int) -> int:
    return min(RATE_MAX, max(0, rate))


def _text(rate: int) -> str:
    return format_rate(Rate(rate))
