"""What the test kit asks a part: a sample of accounts and dates, and every columnar answer a part gives to it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from yinhe.kernel.dates import add_months_many
from yinhe.kernel.money import Money
from yinhe.kernel.rates import RATE_ONE
from yinhe.products.accrual import accrue_regime
from yinhe.products.parts.accrual import Accrual, AccumulatedBalance, TransactionMethod
from yinhe.products.parts.amount import AmountPart
from yinhe.products.parts.base import BoolColumn, Facts, Int32Column, Int64Column, Part, Regime
from yinhe.products.parts.closing import Closing
from yinhe.products.parts.dormancy import Dormancy
from yinhe.products.parts.early import EarlyWithdrawal
from yinhe.products.parts.eligibility import Eligibility
from yinhe.products.parts.fee import Fee
from yinhe.products.parts.instalment import Instalment
from yinhe.products.parts.interest import Interest
from yinhe.products.parts.interest_dated import AtWill
from yinhe.products.parts.notice import Notice
from yinhe.products.parts.opening import Opening
from yinhe.products.parts.overdraft import Overdraft
from yinhe.products.parts.pricing import Pricing
from yinhe.products.parts.renewal import Renewal
from yinhe.products.parts.settlement import Settlement
from yinhe.products.parts.sweep import Sweep
from yinhe.products.parts.tax import Tax
from yinhe.products.parts.term import TermPart
from yinhe.products.parts.transfer import TransferPart
from yinhe.products.period import Period
from yinhe.products.rates import RateBook, RateEntry, RateSource

Answers = Mapping[str, npt.NDArray[Any]]
"""A part's answers by name, one entry an account in each."""

BASIS_DAYS: Final = 360
"""The year interest parts are accrued by, where the accrual part is not what is asked."""

_FIRST: Final = 17_897
"""2019-01-01: samples lie in the ten years from here."""
_LAST: Final = _FIRST + 3_652
_LONG_AGO: Final = 7_305
"""1990-01-01: every table of a sample's book has a rate since then."""
_RANDOM_RATE_MOST: Final = 20_000_000
_AMOUNT_MOST: Final = 10**13
_REMAINDERS: Final = np.array(
    [0, 1, *(year * RATE_ONE // 2 + step for year in (360, 365) for step in (-1, 0, 1)), 360 * RATE_ONE - 1], np.int64
)


class Sample(msgspec.Struct, frozen=True, eq=False):
    """Accounts, one entry each in every column, a business date and a book of rates."""

    book: RateBook
    facts: Facts
    """Its `business_date` is the date of every question."""
    maturity: Int32Column
    given: Int32Column
    """The day a notice fell due, or of the last movement."""
    rate: Int64Column
    """1e-8 a year, zero or above."""
    remainder: Int64Column
    """Parts of a minor unit that fit any year, halves among them."""
    other: Int64Column
    """Another amount, of minor units: a linked balance, an interest."""
    count: Int64Column
    """A small number: which of the month, of the plan, how often before."""
    wants: BoolColumn
    has: BoolColumn

    @property
    def date(self) -> int:
        """The business date."""
        return self.facts.business_date

    def take(self, places: npt.NDArray[np.int64]) -> "Sample":
        """The sample of some of the accounts, in that order."""
        return msgspec.structs.replace(
            self,
            facts=_taken(self.facts, places),
            **{name: getattr(self, name)[places] for name in _columns(self)},
        )

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Every column, those of the facts too, by name."""
        own = {name: getattr(self, name) for name in _columns(self)}
        return own | {f"facts.{name}": getattr(self.facts, name) for name in _columns(self.facts)}


def _columns(record: msgspec.Struct) -> tuple[str, ...]:
    names = record.__struct_fields__
    return tuple(name for name in names if isinstance(getattr(record, name), np.ndarray))


def _taken(facts: Facts, places: npt.NDArray[np.int64]) -> Facts:
    return msgspec.structs.replace(facts, **{name: getattr(facts, name)[places] for name in _columns(facts)})


def values_of(value: object) -> Iterator[object]:
    """Every parameter's value inside a part, records and tuples opened."""
    match value:
        case Money() | RateSource() | Period():
            yield value
        case msgspec.Struct():
            for name in value.__struct_fields__:
                yield from values_of(getattr(value, name))
        case tuple():
            for one in value:  # pyright: ignore[reportUnknownVariableType] - a tuple of whatever a part holds
                yield from values_of(one)  # pyright: ignore[reportUnknownArgumentType] - the same
        case _:
            yield value


def sample_of(part: Part, seed: int, accounts: int) -> Sample:
    """A sample that a seed decides: amounts around those the part names, dates of ten years."""
    random = np.random.default_rng(seed)
    named = [value.amount_minor for value in values_of(part) if isinstance(value, Money)]
    amounts = np.array(
        [0, 1, 2, 99, 100, _AMOUNT_MOST, *(m + step for m in named for step in (-1, 0, 1, 100))], np.int64
    )
    periods = [value for value in values_of(part) if isinstance(value, Period)]
    terms = np.array(
        [(0, 0), (1, 0), (3, 0), (12, 0), (60, 0), (0, 7), *((p.months, p.days) for p in periods)], np.int32
    )

    def some_amounts() -> Int64Column:
        chosen, any_at_all = random.choice(amounts, accounts), random.integers(0, 10**8, accounts)
        return np.where(random.random(accounts) < 0.6, np.maximum(chosen, 0), any_at_all).astype(np.int64)

    date = int(random.integers(_FIRST, _LAST))
    start = (date - random.integers(-40, 1_200, accounts)).astype(np.int32)
    agreed = terms[random.integers(0, len(terms), accounts)]
    months, days = agreed[:, 0].copy(), agreed[:, 1].copy()
    ends = add_months_many(start, months.astype(np.int64)) + days
    balance = np.where(random.random(accounts) < 0.1, -some_amounts(), some_amounts())
    facts = Facts(
        business_date=date,
        amount=some_amounts(),
        balance=balance,
        months=months,
        days=days,
        opened=start,
        is_company=random.random(accounts) < 0.5,
        tier=random.integers(0, 10, accounts, np.int32),
        region=random.integers(0, 20, accounts, np.int32),
        channel=random.integers(1, 5, accounts, np.int32),
        is_new_money=random.random(accounts) < 0.5,
    )
    return Sample(
        book=_book(part, random),
        facts=facts,
        maturity=np.where(ends > start, ends, 0).astype(np.int32),
        given=(date - random.integers(0, 40, accounts) ** 2).astype(np.int32),
        rate=random.integers(0, _RANDOM_RATE_MOST, accounts),
        remainder=random.choice(_REMAINDERS, accounts),
        other=some_amounts(),
        count=random.integers(0, 8, accounts),
        wants=random.random(accounts) < 0.5,
        has=random.random(accounts) < 0.5,
    )


def _book(part: Part, random: np.random.Generator) -> RateBook:
    """Rates for every table the part names: one long ago, and changes within the years of the sample."""
    tables = sorted({value.table for value in values_of(part) if isinstance(value, RateSource) and value.table})
    return RateBook(
        RateEntry(table, int(day), int(day), int(random.integers(0, _RANDOM_RATE_MOST)))
        for table in tables
        for day in (_LONG_AGO, *random.integers(_FIRST - 1_200, _LAST, 12))
    )


def accrued(regimes: tuple[Regime, ...], balance: Int64Column, spread: Int64Column) -> tuple[Int64Column, Int64Column]:
    """The interest of the regimes' days on balances as (whole, remainder), int64[n] each, over `BASIS_DAYS`."""
    whole, remainder = np.zeros(len(balance), np.int64), np.zeros(len(balance), np.int64)
    for regime in regimes:
        accrue_regime(regime, BASIS_DAYS, balance, spread, whole, remainder)
    return whole, remainder


def terms_asked(part: Interest) -> tuple[tuple[int, int], ...]:
    """The terms (months, days) to ask a part for rates of."""
    return tuple((term.months, term.days) for term in part.terms()) or ((0, 0),)


def answers(part: Part, sample: Sample) -> Answers:
    """Every columnar answer of a part to a sample, by what was asked; empty for kinds that give none."""
    facts, date, start = sample.facts, sample.date, sample.facts.opened
    match part:
        case Eligibility() | AmountPart() | Opening():
            return {"refuse": part.refuse(facts)}
        case Closing():
            return {"refuse": part.refuse(facts), "by_itself": part.by_itself(facts.balance)}
        case TransferPart():
            return {"refuse": part.refuse(facts, sample.wants)}
        case TermPart():
            asked = (start, facts.months, facts.days)
            return {"maturity": part.maturity(*asked), "offers": part.offers(*asked)}
        case Pricing():
            return {"spread": part.spread(facts, sample.book)}
        case Overdraft():
            return {"floor": part.floor(facts)}
        case Sweep():
            recalled = part.recall(facts.amount, sample.other)
            return {"moves": part.moves(facts.balance, sample.other), "recall": recalled}
        case Fee():
            return {"fee": part.fee(sample.count + 1, facts.amount, facts.balance)}
        case Tax():
            return {"withhold": part.withhold(sample.other, facts.is_company, date)}
        case Dormancy():
            asked = (date, sample.given, facts.balance)
            return {"is_dormant": part.is_dormant(*asked), "leaves": part.leaves(*asked)}
        case _:
            return _of_time(part, sample)


def _of_time(part: Part, sample: Sample) -> Answers:
    """`answers` for the kinds that look at time and interest."""
    facts, date, start = sample.facts, sample.date, sample.facts.opened
    match part:
        case Notice():
            kept = part.keeps(np.full(len(start), date, np.int32), facts.amount, sample.given, sample.other)
            return {"due_on": part.due_on(start), "keeps": kept, "stays_open": part.stays_open(facts.balance)}
        case Settlement():
            asked = (date, start, sample.maturity)
            return {"last_due": part.last_due(*asked), "is_due": part.is_due(*asked)}
        case EarlyWithdrawal():
            refused = part.refuse(facts.amount, facts.balance, sample.count)
            return {"refuse": refused, "rate": part.rate_of_drawn(sample.book, date, start, sample.rate)}
        case Renewal():
            kept, paid = part.split(facts.amount, sample.other)
            return {"action": part.action(sample.wants, sample.has), "kept": kept, "paid": paid}
        case Instalment():
            amount = part.amount(sample.count, facts.months, facts.amount, sample.rate)
            asked = (date, start, facts.months)
            return {
                "count": part.count(facts.months),
                "done": part.done(*asked),
                "is_due": part.is_due(*asked),
                "amount": amount,
            }
        case Interest():
            return _of_interest(part, sample)
        case Accrual():
            return _of_accrual(part, sample)
        case _:
            return {}


def _of_interest(part: Interest, sample: Sample) -> Answers:
    found: dict[str, npt.NDArray[Any]] = {}
    for months, days in terms_asked(part):
        regimes = part.regimes(sample.book, sample.date - 400, sample.date, months, days)
        whole, remainder = accrued(regimes, sample.facts.balance, np.zeros(1, np.int64))
        found |= {f"whole of {months}m{days}d": whole, f"remainder of {months}m{days}d": remainder}
    if isinstance(part, AtWill):
        found["rate_of_drawn"] = part.rate_of_drawn(sample.book, sample.date, sample.facts.opened)
    return found


def _of_accrual(part: Accrual, sample: Sample) -> Answers:
    paid, whole, remainder = part.settle(sample.facts.balance, sample.remainder)
    found: dict[str, npt.NDArray[Any]] = {"paid": paid, "whole": whole, "remainder": remainder}
    match part:
        case TransactionMethod():
            start = np.minimum(sample.facts.opened, np.int32(sample.date))
            end = np.full(len(start), sample.date, np.int32)
            more = part.interest(sample.facts.amount, sample.rate, start, end)
            found |= {"interest": more[0], "interest remainder": more[1]}
        case AccumulatedBalance():
            earned, left = np.zeros(len(sample.rate), np.int64), sample.remainder.copy()
            part.accrue(some_regimes(), sample.facts.balance, np.zeros(1, np.int64), earned, left)
            found |= {"accrued": earned, "accrued remainder": left}
        case _:
            pass
    return found


def some_regimes() -> tuple[Regime, ...]:
    """Regimes to accrue by where the interest part is not what is asked: a flat one, and one of slices."""
    low, lows = np.zeros(1, np.int64), np.array([0, 1_000_000], np.int64)
    flat = Regime(0, 31, low, np.array([350_000], np.int64))
    return flat, Regime(31, 90, lows, np.array([350_000, 1_150_000], np.int64), by_slice=True)
