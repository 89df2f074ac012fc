"""The laws every part keeps, and the test kit that proves them: `prove(part)` returns what it found broken.

It is for the parts of Yinhe and for those of other packages alike:

    def test_my_part_keeps_the_laws():
        assert prove(MyPart(...)) == ()

A part is asked for samples of accounts and dates that a seed decides, around the amounts and terms it names itself; the
answers are compared with one another, and interest with fractions. See `probes` for what is asked.
"""

import re
from fractions import Fraction
from typing import Final

import msgspec
import numpy as np

from yinhe.kernel.dates import date_from_days
from yinhe.kernel.daycount import basis_days, days
from yinhe.kernel.rates import RATE_MAX, RATE_ONE
from yinhe.kernel.rounding import divide_round
from yinhe.products.lawbook_signs import Law, Signs, where
from yinhe.products.loan_laws import loan_laws
from yinhe.products.loan_probes import LOAN_BOOLS, LOAN_DAYS, loan_answers
from yinhe.products.parts.accrual import Accrual, AccumulatedBalance, TransactionMethod
from yinhe.products.parts.base import Part, Regime
from yinhe.products.parts.early import EarlyWithdrawal
from yinhe.products.parts.fee import Fee
from yinhe.products.parts.instalment import Instalment
from yinhe.products.parts.interest import Interest
from yinhe.products.parts.overdraft import Overdraft
from yinhe.products.parts.refusals import PartRefusal
from yinhe.products.parts.renewal import AtMaturityAction, Renewal
from yinhe.products.parts.settlement import Settlement
from yinhe.products.parts.sweep import Sweep
from yinhe.products.parts.tax import Tax
from yinhe.products.parts.term import TermPart
from yinhe.products.probes import (
    BASIS_DAYS,
    Answers,
    Sample,
    accrued,
    answers,
    sample_of,
    some_regimes,
    terms_asked,
)
from yinhe.products.registry import why_unlawful

ACCOUNTS: Final = 48
"""Accounts of a sample."""
ROUNDS: Final = 4
"""Samples a proof takes."""

_CHINESE: Final = re.compile("[\u4e00-\u9fff]")
_NO_SPREAD: Final = np.zeros(1, np.int64)
_BOOLS: Final = frozenset({"by_itself", "offers", "is_dormant", "leaves", "keeps", "stays_open", "is_due"}) | LOAN_BOOLS
_DAYS: Final = frozenset({"maturity", "due_on", "last_due"}) | LOAN_DAYS
"""Answers that are bool and int32 columns; all others are int64."""


class Broken(msgspec.Struct, frozen=True):
    """A law a part breaks, and how that was seen."""

    law: Law
    part: str
    detail: str


def prove(part: Part, seed: int = 0, rounds: int = ROUNDS, accounts: int = ACCOUNTS) -> tuple[Broken, ...]:
    """The laws a part breaks, each once with the first sign of it; none for a part that keeps them all.

    The samples are those of the seeds `seed` to `seed + rounds - 1`. `part` must be able to answer for its own
    parameters: a table of rates it names is filled by the kit.
    """
    found = list(_of_record(part))
    if not found:
        for number in range(seed, seed + rounds):
            sample = sample_of(part, number, accounts)
            try:
                found += _of_answers(part, sample, number)
            except Exception as fault:
                # The kit is run on code nobody knows: whatever it raises is what there is to report.
                found.append((Law.ANSWERS, f"seed {number}: {type(fault).__name__}: {fault}"))
    first: dict[Law, str] = {}
    for law, detail in found:
        first.setdefault(law, detail)
    return tuple(Broken(law, getattr(part, "name", type(part).__name__), first[law]) for law in Law if law in first)


def _asked(part: Part, sample: Sample) -> Answers:
    """Every answer of a part to a sample, of a deposit's and of a loan's alike."""
    return {**answers(part, sample), **loan_answers(part, sample)}


def _of_record(part: Part) -> Signs:
    """The laws that need no sample."""
    if reasons := why_unlawful(type(part)):
        yield Law.LAWFUL_CLASS, "; ".join(reasons)
        return
    if problems := part.problems():
        yield Law.CONSISTENT, "; ".join(f"{problem.parameter}: {problem.english}" for problem in problems)
        return
    english, chinese = part.text()
    if bool(english.strip()) != bool(chinese.strip()) or (chinese and not _CHINESE.search(chinese)):
        yield Law.BOTH_LANGUAGES, f"it says {english!r} and {chinese!r}"


def _of_answers(part: Part, sample: Sample, seed: int) -> Signs:
    """The laws of one sample."""
    before = {name: column.copy() for name, column in sample.columns().items()}
    given = _asked(part, sample)
    again = _asked(part, sample)
    for name, column in sample.columns().items():
        if not np.array_equal(column, before[name]):
            yield Law.INPUTS_KEPT, f"seed {seed}: it wrote into {name}"
            return
    accounts = len(sample.rate)
    for name, column in given.items():
        wanted = "bool" if name in _BOOLS else "int32" if name in _DAYS else "int64"
        if column.shape != (accounts,) or str(column.dtype) != wanted:
            yield Law.SHAPE, f"{name} is {column.dtype}{list(column.shape)}, not {wanted}[{accounts}]"
            return
    yield from _differing(Law.REPEATABLE, given, again, seed)
    if part.order_free:
        order = np.random.default_rng(seed).permutation(accounts)
        there = {name: column[order] for name, column in given.items()}
        yield from _differing(Law.ORDER_FREE, there, _asked(part, sample.take(order)), seed)
    for place in range(accounts):
        alone = _asked(part, sample.take(np.array([place])))
        there = {name: column[place : place + 1] for name, column in given.items()}
        yield from _differing(Law.ALONE, there, alone, seed)
    yield from _of_kind(part, sample, given, seed)


def _differing(law: Law, expected: Answers, seen: Answers, seed: int) -> Signs:
    for name, column in expected.items():
        if not np.array_equal(column, seen[name]):
            place = int(np.flatnonzero(column != seen[name])[0])
            yield law, f"seed {seed}: {name} of account {place} is {seen[name][place]}, not {column[place]}"


def _of_kind(part: Part, sample: Sample, given: Answers, seed: int) -> Signs:
    """The laws of the part's kind."""
    if "refuse" in given:
        unknown = ~np.isin(given["refuse"], [refusal.value for refusal in PartRefusal])
        yield from where(Law.BOUNDED, unknown, "no refusal there is:", given["refuse"], seed)
    match part:
        case Interest():
            yield from _of_interest(part, sample, seed)
        case Accrual():
            yield from _of_accrual(part, sample, given, seed)
        case Overdraft():
            yield from _of_regimes(
                part.regimes(sample.book, sample.date - 90, sample.date), sample.date - 90, sample.date
            )
            yield from where(Law.BOUNDED, given["floor"] > 0, "a floor above zero:", given["floor"], seed)
        case Settlement():
            yield from _of_settlement(part, sample, given, seed)
        case Instalment():
            yield from _of_instalment(part, sample, given, seed)
        case _:
            yield from _of_money(part, sample, given, seed)
            yield from loan_laws(part, sample, given, seed)


def _of_money(part: Part, sample: Sample, given: Answers, seed: int) -> Signs:
    """What is never below zero, and never more than there is."""
    match part:
        case Fee():
            yield from where(Law.NOT_NEGATIVE, given["fee"] < 0, "a fee of", given["fee"], seed)
        case Tax():
            tax = given["withhold"]
            yield from where(Law.NOT_NEGATIVE, tax < 0, "a tax of", tax, seed)
            yield from where(Law.BOUNDED, tax > sample.other, "more than the interest:", tax, seed)
        case EarlyWithdrawal():
            rate = given["rate"]
            yield from where(Law.NOT_NEGATIVE, rate < 0, "a rate of", rate, seed)
            yield from where(Law.BOUNDED, rate > sample.rate, "more than the agreed rate:", rate, seed)
        case Renewal():
            kept, paid = given["kept"], given["paid"]
            yield from where(Law.NOT_NEGATIVE, (kept < 0) | (paid < 0), "paid or kept", np.minimum(kept, paid), seed)
            lost = kept + paid != sample.facts.amount + sample.other
            yield from where(Law.BOUNDED, lost, "principal and interest become", kept + paid, seed)
            unknown = ~np.isin(given["action"], [action.value for action in AtMaturityAction])
            yield from where(Law.BOUNDED, unknown, "no action there is:", given["action"], seed)
        case Sweep():
            moves, back = given["moves"], given["recall"]
            too_much = (moves > np.maximum(sample.facts.balance, 0)) | (-moves > np.maximum(sample.other, 0))
            yield from where(Law.BOUNDED, too_much, "moves more than there is:", moves, seed)
            beyond = (back < 0) | (back > np.maximum(sample.other, 0))
            yield from where(Law.BOUNDED, beyond, "recalls what is not there:", back, seed)
        case TermPart():
            ends = given["maturity"]
            past = (ends != 0) & (ends <= sample.facts.opened)
            yield from where(Law.CONSISTENT_DATES, past, "matures before it begins:", ends, seed)
        case _:
            return


def _of_interest(part: Interest, sample: Sample, seed: int) -> Signs:
    end = sample.date
    start = end - 400
    random = np.random.default_rng(seed)
    for months, days_ in terms_asked(part):
        regimes = part.regimes(sample.book, start, end, months, days_)
        yield from _of_regimes(regimes, start, end)
        if part.regimes(sample.book, end, end, months, days_):
            yield Law.COVERING, "a period without days has regimes"
        whole, remainder = accrued(regimes, sample.facts.balance, _NO_SPREAD)
        yield from where(Law.NOT_NEGATIVE, whole < 0, "interest of", whole, seed)
        exact = [_fraction(regimes, int(balance)) for balance in sample.facts.balance]
        base = BASIS_DAYS * RATE_ONE
        seen = [int(w) + Fraction(int(r), base) for w, r in zip(whole, remainder, strict=True)]
        if exact != seen:
            place = next(at for at, (one, other) in enumerate(zip(exact, seen, strict=True)) if one != other)
            yield Law.EXACT, f"seed {seed}: account {place} earns {seen[place]}, not {exact[place]}"
        cuts = {start, end, *(r.start + step for r in regimes for step in (-1, 0, 1)), *random.integers(start, end, 5)}
        for cut in sorted(int(cut) for cut in cuts if start <= cut <= end):
            halves = (
                part.regimes(sample.book, start, cut, months, days_),
                part.regimes(sample.book, cut, end, months, days_),
            )
            yield from _of_regimes(halves[0], start, cut)
            yield from _of_regimes(halves[1], cut, end)
            parted = accrued((*halves[0], *halves[1]), sample.facts.balance, _NO_SPREAD)
            wrong = (parted[0] != whole) | (parted[1] != remainder)
            yield from where(Law.SPLITTING, wrong, f"split on {date_from_days(cut)} it earns", parted[0], seed)


def _of_regimes(regimes: tuple[Regime, ...], start: int, end: int) -> Signs:
    """Whether regimes cover the days from start to before end, and are made as `Regime` says."""
    ends = [start, *(regime.end for regime in regimes)]
    if [regime.start for regime in regimes] != ends[:-1] or ends[-1] != end:
        spans = ", ".join(f"{regime.start} to {regime.end}" for regime in regimes)
        yield Law.COVERING, f"asked for {start} to {end}, it covers {spans or 'nothing'}"
    for regime in regimes:
        lows, rates = regime.thresholds, regime.rates
        if regime.start >= regime.end:
            yield Law.COVERING, f"a regime from {regime.start} to {regime.end} has no day"
        if lows.dtype != np.int64 or rates.dtype != np.int64 or lows.shape != rates.shape or lows.ndim != 1:
            yield Law.SHAPE, f"thresholds are {lows.dtype}{list(lows.shape)}, rates {rates.dtype}{list(rates.shape)}"
        elif not len(lows) or lows[0] != 0 or (np.diff(lows) <= 0).any():
            yield Law.COVERING, f"thresholds must ascend from 0: {lows.tolist()}"
        elif (np.abs(rates) > RATE_MAX).any():
            yield Law.BOUNDED, f"a rate is beyond what can accrue: {rates.tolist()}"


def _fraction(regimes: tuple[Regime, ...], balance: int) -> Fraction:
    """The interest of a balance by the definition, day by day and tier by tier."""
    total = Fraction(0)
    for regime in regimes if balance > 0 else ():
        tiers = list(zip(regime.thresholds.tolist(), regime.rates.tolist(), strict=True))
        if regime.by_slice:
            tops = [low for low, _ in tiers[1:]] + [max(balance, tiers[-1][0])]
            earning = [(max(min(balance, top) - low, 0), rate) for (low, rate), top in zip(tiers, tops, strict=True)]
        else:
            earning = [(balance, next(rate for low, rate in reversed(tiers) if balance >= low))]
        a_day = sum((amount * Fraction(max(rate, 0), RATE_ONE) for amount, rate in earning), Fraction(0))
        total += a_day * Fraction(regime.end - regime.start, BASIS_DAYS)
    return total


def _of_accrual(part: Accrual, sample: Sample, given: Answers, seed: int) -> Signs:
    base = part.base
    for place, (whole, rest) in enumerate(zip(sample.facts.balance.tolist(), sample.remainder.tolist(), strict=True)):
        paid = int(given["paid"][place])
        left = (int(given["whole"][place]), int(given["remainder"][place]))
        if paid != divide_round(whole * base + rest, base, part.rounding):
            yield Law.EXACT, f"seed {seed}: {whole} and {rest}/{base} settle as {paid}"
        if left != ((whole - paid, rest) if part.carry else (0, 0)):
            yield Law.EXACT, f"seed {seed}: after paying {paid} of {whole} and {rest}/{base}, {left} is carried on"
    year = basis_days(part.basis)
    match part:
        case TransactionMethod():
            rows = zip(sample.facts.amount, sample.rate, sample.facts.opened, strict=True)
            for place, (principal, rate, start) in enumerate(rows):
                first = min(int(start), sample.date)
                count = days(part.basis, date_from_days(first), date_from_days(sample.date))
                seen = int(given["interest"][place]) + Fraction(int(given["interest remainder"][place]), base)
                if seen != Fraction(max(int(principal), 0) * int(rate) * count, year * RATE_ONE):
                    yield Law.EXACT, f"seed {seed}: account {place} earns {seen} by the transaction method"
        case AccumulatedBalance():
            for place, balance in enumerate(sample.facts.balance.tolist()):
                exact = _fraction(some_regimes(), balance) * Fraction(BASIS_DAYS, year)
                exact += Fraction(int(sample.remainder[place]), base)
                seen = int(given["accrued"][place]) + Fraction(int(given["accrued remainder"][place]), base)
                if seen != exact:
                    yield Law.EXACT, f"seed {seed}: account {place} accrues {seen}, not {exact}"
        case _:
            return


def _of_settlement(part: Settlement, sample: Sample, given: Answers, seed: int) -> Signs:
    start, date, last = sample.facts.opened, sample.date, given["last_due"]
    begun = start <= date
    outside = (last < start - 1) | (begun & (last > date))
    yield from where(Law.CONSISTENT_DATES, outside, "last due on day", last, seed)
    agrees = given["is_due"] == (begun & (last == date))
    yield from where(Law.CONSISTENT_DATES, ~agrees, f"on day {date} last due on", last, seed)
    later = part.last_due(date + 1, start, sample.maturity)
    back = begun & (later < last)
    yield from where(Law.CONSISTENT_DATES, back, "a day later it was last due on day", later, seed)
    skipped = begun & (later > last) & (later != date + 1)
    yield from where(Law.CONSISTENT_DATES, skipped, "a day later it is said to have been due on day", later, seed)


def _of_instalment(part: Instalment, sample: Sample, given: Answers, seed: int) -> Signs:
    start, months, date = sample.facts.opened, sample.facts.months, sample.date
    count, done = given["count"], given["done"]
    yield from where(Law.BOUNDED, (done < 0) | (done > count), "instalments done:", done, seed)
    earlier = part.done(date - 1, start, months)
    jumped = (done - earlier < 0) | (done - earlier > 1)
    yield from where(Law.CONSISTENT_DATES, jumped, "instalments done in one day:", done - earlier, seed)
    agrees = given["is_due"] == (done > earlier)
    yield from where(Law.CONSISTENT_DATES, ~agrees, "due, with instalments done:", done, seed)
    amount = given["amount"]
    beside = ((sample.count < 1) | (sample.count > count)) & (amount != 0)
    yield from where(Law.BOUNDED, beside, "an amount for no instalment:", amount, seed)
