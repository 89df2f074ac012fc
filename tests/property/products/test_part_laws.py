"""Every part of Yinhe keeps every law, for samples that Hypothesis chooses; and each law is seen when it is broken."""

from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yinhe.products.lawbook import Law, prove
from yinhe.products.parts import early, fee, instalment, interest, renewal, settlement, sweep, tax, term, text
from yinhe.products.parts.accrual import AccumulatedBalance, TransactionMethod
from yinhe.products.parts.base import Part, Regime
from yinhe.products.registry import PARTS

from ...unit.products.parts.specimens import DEMAND, SPECIMENS, source, yuan


def named(part: Part) -> str:
    return part.name


def test_there_is_a_specimen_of_every_part_and_each_reads_in_two_languages():
    assert {type(part) for part in SPECIMENS} == set(PARTS)


@pytest.mark.parametrize("part", SPECIMENS, ids=named)
def test_a_part_keeps_every_law(part):
    assert prove(part, rounds=2) == ()


@given(st.sampled_from(SPECIMENS), st.integers(1, 2**32 - 1))
@settings(deadline=None, max_examples=60)
def test_a_part_keeps_every_law_whatever_the_sample(part, seed):
    assert prove(part, seed, rounds=1, accounts=16) == ()


# --- each law is seen when it is broken: parts as a beginner might write them


class WithoutChinese(fee.FlatFee, frozen=True, kw_only=True):
    """A fee nobody described in Chinese."""

    name: ClassVar[str] = "fee.without_chinese"
    chinese: ClassVar[str] = "a fee"


class OneLanguage(text.FreeText, frozen=True, kw_only=True):
    """A text that is there in English only."""

    name: ClassVar[str] = "text.one_language"

    def text(self):
        return self.english_text, ""


class Raises(interest.Flat, frozen=True, kw_only=True):
    """A rate that is not there on some days."""

    name: ClassVar[str] = "interest.raises"

    def regimes(self, book, start, end, months, days):
        raise KeyError("demand")


class Floats(fee.FlatFee, frozen=True, kw_only=True):
    """A fee that forgot that money is whole."""

    name: ClassVar[str] = "fee.floats"

    def fee(self, count, amount, balance):
        return amount * 0.001


class OneForAll(fee.FlatFee, frozen=True, kw_only=True):
    """A fee that forgot the column."""

    name: ClassVar[str] = "fee.one_for_all"

    def fee(self, count, amount, balance):
        return np.array([self.charge.amount_minor])


class Moody(fee.FlatFee, frozen=True, kw_only=True):
    """A fee that is another each time."""

    name: ClassVar[str] = "fee.moody"
    asked: ClassVar[list[int]] = []

    def fee(self, count, amount, balance):
        self.asked.append(1)
        return np.full(len(count), len(self.asked), np.int64)


class Scribbles(sweep.ToTarget, frozen=True, kw_only=True):
    """A sweep that reckons in the bank's own columns."""

    name: ClassVar[str] = "sweep.scribbles"

    def moves(self, balance, linked):
        balance -= self.target.amount_minor
        return np.maximum(balance, 0)


class Compares(fee.FlatFee, frozen=True, kw_only=True):
    """A fee for the largest payment of those looked at together."""

    name: ClassVar[str] = "fee.compares"

    def fee(self, count, amount, balance):
        return np.where(amount == amount.max(), self.charge.amount_minor, 0)


class Queues(fee.FlatFee, frozen=True, kw_only=True):
    """A fee for all but the first."""

    name: ClassVar[str] = "fee.queues"

    def fee(self, count, amount, balance):
        return np.where(np.arange(len(count)) > 0, self.charge.amount_minor, 0)


class QueuesAndSaysSo(Queues, frozen=True, kw_only=True):
    """A fee for all but the first that does not claim otherwise."""

    name: ClassVar[str] = "fee.queues_and_says_so"
    order_free: ClassVar[bool] = False


class Pays(fee.FlatFee, frozen=True, kw_only=True):
    """A fee the bank pays."""

    name: ClassVar[str] = "fee.pays"

    def fee(self, count, amount, balance):
        return np.full(len(count), -1, np.int64)


class NegativeTax(tax.NoTax, frozen=True, kw_only=True):
    """A tax the state pays."""

    name: ClassVar[str] = "tax.negative"

    def withhold(self, interest, is_company, date):
        return np.full(len(interest), -1, np.int64)


class TaxOfAll(tax.NoTax, frozen=True, kw_only=True):
    """A tax of more than the interest."""

    name: ClassVar[str] = "tax.of_all"

    def withhold(self, interest, is_company, date):
        return interest + 1


class Overdraws(sweep.ToTarget, frozen=True, kw_only=True):
    """A sweep that forgot that the linked account may be empty."""

    name: ClassVar[str] = "sweep.overdraws"

    def moves(self, balance, linked):
        return balance - self.target.amount_minor


class Rewards(early.AtRate, frozen=True, kw_only=True):
    """A rate of what is drawn early above the agreed one."""

    name: ClassVar[str] = "early_withdrawal.rewards"

    def rate_of_drawn(self, book, date, start, agreed):
        return agreed + 1


class Loses(renewal.SameTerm, frozen=True, kw_only=True):
    """A renewal that forgets the interest."""

    name: ClassVar[str] = "renewal.loses"

    def split(self, principal, interest):
        return principal.copy(), np.zeros_like(interest)


class Repays(instalment.SaveMonthly, frozen=True, kw_only=True):
    """An instalment that goes on after the last."""

    name: ClassVar[str] = "instalment.repays"

    def amount(self, number, months, principal, rate):
        return principal.copy()


class RoundsDown(AccumulatedBalance, frozen=True, kw_only=True):
    """A settlement that keeps the half fen."""

    name: ClassVar[str] = "accrual.rounds_down"

    def settle(self, whole, remainder):
        return whole.copy(), np.zeros_like(whole), np.zeros_like(whole)


class CountsTheLastDay(TransactionMethod, frozen=True, kw_only=True):
    """Interest that counts the first day and the last."""

    name: ClassVar[str] = "accrual.counts_the_last_day"

    def interest(self, principal, rate, start, end):
        return super().interest(principal, rate, start, end + np.int32(1))


class LeavesADayOut(interest.Flat, frozen=True, kw_only=True):
    """Regimes that end a day early."""

    name: ClassVar[str] = "interest.leaves_a_day_out"

    def regimes(self, book, start, end, months, days):
        return super().regimes(book, start, max(start, end - 1), months, days)


class RateOfTheFirstDay(interest.Flat, frozen=True, kw_only=True):
    """The rate of the first day asked about, for all of them."""

    name: ClassVar[str] = "interest.rate_of_the_first_day"

    def regimes(self, book, start, end, months, days):
        rate = np.array([self.rate.on(book, start)])
        return (Regime(start, end, np.zeros(1, np.int64), rate),) if start < end else ()


class Unsorted(interest.TieredWhole, frozen=True, kw_only=True):
    """Tiers nobody sorted."""

    name: ClassVar[str] = "interest.unsorted"

    def regimes(self, book, start, end, months, days):
        if start == end:
            return ()
        return (Regime(start, end, np.array([0, 500, 100]), np.array([1_000_000, 2_000_000, 3_000_000])),)


class AlwaysTomorrow(settlement.Quarterly, frozen=True, kw_only=True):
    """A settlement that is due the day after it is asked about."""

    name: ClassVar[str] = "settlement.always_tomorrow"

    def last_due(self, date, start, maturity):
        return np.maximum(np.full(len(start), date + 1, np.int32), start - np.int32(1)).astype(np.int32)


class EndsBeforeItBegins(term.OpenEnded, frozen=True, kw_only=True):
    """A term of minus one day."""

    name: ClassVar[str] = "term.ends_before_it_begins"

    def maturity(self, start, months, days):
        return start - np.int32(1)


FEE = {"event": fee.FeeEvent.TRANSFER, "charge": yuan("2")}
BREAKS = [
    (WithoutChinese(**FEE), Law.LAWFUL_CLASS),
    (fee.PercentFee(event=FEE["event"], rate=DEMAND, least=yuan("2"), most=yuan("1")), Law.CONSISTENT),
    (interest.TieredSlice(tiers=()), Law.CONSISTENT),
    (OneLanguage(english_text="Bring your card.", chinese_text="请携带银行卡。"), Law.BOTH_LANGUAGES),
    (Raises(rate=DEMAND), Law.ANSWERS),
    (Floats(**FEE), Law.SHAPE),
    (OneForAll(**FEE), Law.SHAPE),
    (Moody(**FEE), Law.REPEATABLE),
    (Scribbles(target=yuan("100")), Law.INPUTS_KEPT),
    (Compares(**FEE), Law.ALONE),
    (Queues(**FEE), Law.ORDER_FREE),
    (Queues(**FEE), Law.ALONE),
    (Pays(**FEE), Law.NOT_NEGATIVE),
    (NegativeTax(), Law.NOT_NEGATIVE),
    (TaxOfAll(), Law.BOUNDED),
    (Overdraws(target=yuan("100")), Law.BOUNDED),
    (Rewards(rate=DEMAND), Law.BOUNDED),
    (Loses(after=DEMAND), Law.BOUNDED),
    (Repays(broken=DEMAND), Law.BOUNDED),
    (RoundsDown(), Law.EXACT),
    (CountsTheLastDay(), Law.EXACT),
    (LeavesADayOut(rate=source("1%")), Law.COVERING),
    (RateOfTheFirstDay(rate=DEMAND), Law.SPLITTING),
    (Unsorted(tiers=(interest.Tier(at_least=yuan("0"), rate=DEMAND),)), Law.COVERING),
    (AlwaysTomorrow(), Law.CONSISTENT_DATES),
    (EndsBeforeItBegins(), Law.CONSISTENT_DATES),
]


@pytest.mark.parametrize(("part", "law"), BREAKS, ids=lambda value: getattr(value, "name", None))
def test_a_part_that_breaks_a_law_is_found_out(part, law):
    assert law in {broken.law for broken in prove(part)}


def test_every_law_has_a_part_that_breaks_it():
    assert {law for _, law in BREAKS} == set(Law)


def test_a_part_that_claims_no_order_is_not_asked_for_it():
    assert Law.ORDER_FREE not in {broken.law for broken in prove(QueuesAndSaysSo(**FEE))}


def test_what_is_found_names_the_part_and_shows_the_account():
    (broken,) = prove(Pays(**FEE))
    assert broken.part == "fee.pays"
    assert broken.detail == "seed 0: account 0: a fee of -1"
