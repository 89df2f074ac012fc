"""One or more of every part, as products of a Chinese bank use them."""

import datetime as dt

from yinhe.kernel.daycount import DayCount
from yinhe.kernel.rounding import Rounding
from yinhe.products.parts import (
    accrual,
    amount,
    closing,
    dormancy,
    early,
    eligibility,
    fee,
    instalment,
    interest,
    interest_dated,
    ledger,
    notice,
    opening,
    overdraft,
    pricing,
    renewal,
    settlement,
    sweep,
    tax,
    term,
    text,
    transfer,
)
from yinhe.products.parts.base import Channel, Part

from .loan_specimens import LOAN_SPECIMENS
from .words import book, counts, day, days, facts, fen, percent, period, source, yuan

__all__ = [
    "DEMAND",
    "SPECIMENS",
    "TIERS",
    "book",
    "counts",
    "day",
    "days",
    "facts",
    "fen",
    "percent",
    "period",
    "source",
    "yuan",
]

DEMAND = source("board:demand")
TIERS = (
    interest.Tier(at_least=yuan("0"), rate=DEMAND),
    interest.Tier(at_least=yuan("50000"), rate=source("board:demand + 20bp")),
    interest.Tier(at_least=yuan("1000000"), rate=source("1.15%")),
)
LADDER = (
    interest_dated.HeldRate(held=period("3 months"), rate=source("board:lump_sum_3m")),
    interest_dated.HeldRate(held=period("6 months"), rate=source("board:lump_sum_6m")),
    interest_dated.HeldRate(held=period("1 year"), rate=source("board:lump_sum_12m")),
)
MAY = (dt.date(2026, 5, 1), dt.date(2026, 5, 31))

DEPOSIT_SPECIMENS: tuple[Part, ...] = (
    eligibility.PersonsOnly(),
    eligibility.CompaniesOnly(),
    eligibility.CustomerTier(least=3),
    eligibility.Regions(regions=(3, 11)),
    eligibility.Channels(channels=(Channel.MOBILE, Channel.ONLINE)),
    eligibility.NewMoneyOnly(),
    eligibility.SalesPeriod(first=dt.date(2020, 1, 1), last=dt.date(2024, 6, 30)),
    amount.OpeningAmount(least=yuan("50000"), step=yuan("10000"), most=yuan("20000000")),
    amount.OpeningAmount(least=yuan("0.01")),
    amount.DepositAmount(least=yuan("10"), step=yuan("10")),
    amount.DepositAmount(),
    amount.WithdrawalAmount(least=yuan("50000"), most=yuan("500000")),
    amount.BalanceMost(most=yuan("200000")),
    amount.BalanceLeast(least=yuan("50000")),
    opening.WithDeposit(),
    opening.OrEmpty(),
    opening.Empty(),
    closing.AnyTime(),
    closing.WhenDrawn(),
    closing.AfterDays(days=90),
    closing.EmptyOnly(),
    term.OpenEnded(),
    term.TermAtWill(),
    term.Fixed(offered=(period("3 months"), period("6 months"), period("1 year"), period("7 days"))),
    term.AnyDays(least=7, most=366),
    term.AnyMonths(least=1, most=60),
    term.ToDate(date=dt.date(2025, 12, 31)),
    notice.DaysOfNotice(days=7, minimum_left=yuan("50000"), without=DEMAND),
    notice.DaysOfNotice(days=1, minimum_left=yuan("0"), without=source("0.1%"), grace=2),
    interest.Flat(rate=source("3.25%")),
    interest.Flat(rate=source("board:demand * 90%")),
    interest.NoInterest(),
    interest.TieredWhole(tiers=TIERS),
    interest.TieredSlice(tiers=TIERS),
    interest.Agreement(threshold=yuan("500000"), base=DEMAND, agreed=source("board:agreement")),
    interest.ByTerm(
        rates=(
            interest.TermRate(term=period("3 months"), rate=source("board:lump_sum_3m")),
            interest.TermRate(term=period("1 year"), rate=source("1.35%")),
            interest.TermRate(term=period("7 days"), rate=source("board:notice_7d")),
        )
    ),
    interest_dated.Indexed(index=source("board:LPR_1Y - 25bp"), floor=percent("2%"), cap=percent("9%")),
    interest_dated.Indexed(index=source("board:LPR_1Y"), reset=interest_dated.Reset.MONTHLY),
    interest_dated.Indexed(index=source("board:LPR_1Y"), reset=interest_dated.Reset.QUARTERLY),
    interest_dated.Indexed(index=source("board:LPR_1Y"), reset=interest_dated.Reset.YEARLY),
    interest_dated.Stepped(
        before=DEMAND,
        steps=(
            interest_dated.DatedRate(effective=dt.date(2021, 5, 1), rate=source("2.05%")),
            interest_dated.DatedRate(effective=dt.date(2024, 8, 1), rate=DEMAND),
        ),
    ),
    interest_dated.AtWill(demand=DEMAND, ladder=LADDER),
    accrual.AccumulatedBalance(),
    accrual.AccumulatedBalance(basis=DayCount.ACT_365F, rounding=Rounding.DOWN, carry=True),
    accrual.TransactionMethod(),
    accrual.TransactionMethod(basis=DayCount.ACT_365F, rounding=Rounding.HALF_EVEN, carry=True),
    settlement.Daily(),
    settlement.Monthly(),
    settlement.Monthly(day=31),
    settlement.Quarterly(),
    settlement.HalfYearly(),
    settlement.Yearly(month=2, day=29),
    settlement.Anniversary(),
    settlement.Anniversary(every=3),
    settlement.AtMaturity(),
    settlement.OnClosing(),
    early.Forbidden(),
    early.AtRate(rate=DEMAND),
    early.AtRate(rate=DEMAND, times=0),
    early.AtRate(rate=DEMAND, times=3, minimum_left=yuan("50000")),
    early.ByDaysHeld(
        ladder=(
            early.Rung(days=0, rate=DEMAND),
            early.Rung(days=90, rate=source("board:lump_sum_3m")),
            early.Rung(days=365, rate=source("1%")),
        )
    ),
    early.ShareOfAgreed(share=60, times=2),
    renewal.NoRenewal(after=DEMAND),
    renewal.SameTerm(after=DEMAND),
    renewal.SameTerm(after=DEMAND, with_interest=False),
    renewal.ToLinked(after=DEMAND),
    renewal.RenewElsePay(after=DEMAND),
    instalment.SaveMonthly(broken=DEMAND),
    instalment.SaveMonthly(broken=DEMAND, every=2, missed_most=0),
    instalment.DrawMonthly(),
    instalment.DrawMonthly(every=3),
    instalment.InterestMonthly(),
    instalment.InterestMonthly(every=6),
    overdraft.FixedLimit(rate=source("board:LPR_1Y + 2%"), limit=yuan("100000")),
    overdraft.ByTierLimit(
        rate=source("5.25%"),
        limits=(
            overdraft.TierLimit(tier=3, limit=yuan("10000")),
            overdraft.TierLimit(tier=7, limit=yuan("50000")),
        ),
    ),
    sweep.AboveFloor(floor=yuan("10000"), step=yuan("100"), least=yuan("1000")),
    sweep.AboveFloor(floor=yuan("10000"), step=yuan("0.01"), refills=False),
    sweep.ToTarget(target=yuan("0")),
    sweep.ToTarget(target=yuan("5000")),
    sweep.ShareAbove(floor=yuan("10000"), share=80),
    fee.FlatFee(event=fee.FeeEvent.STATEMENT, charge=yuan("5")),
    fee.FreeCountFee(event=fee.FeeEvent.WITHDRAWAL, charge=yuan("2"), free=3),
    fee.PercentFee(event=fee.FeeEvent.TRANSFER, rate=percent("0.1%"), least=yuan("1"), most=yuan("50")),
    fee.PercentFee(event=fee.FeeEvent.TRANSFER, rate=percent("0.05%")),
    fee.TieredFee(
        event=fee.FeeEvent.TRANSFER,
        tiers=(
            fee.FeeTier(at_least=yuan("0"), charge=yuan("2")),
            fee.FeeTier(at_least=yuan("2000"), charge=yuan("5")),
            fee.FeeTier(at_least=yuan("50000"), charge=yuan("15")),
        ),
    ),
    fee.WaivedFee(event=fee.FeeEvent.MONTH, charge=yuan("3"), waived_from=yuan("300")),
    tax.NoTax(),
    tax.Withholding(),
    tax.Withholding(
        steps=(
            tax.TaxStep(effective=dt.date(2020, 1, 1), rate=percent("20%")),
            tax.TaxStep(effective=dt.date(2025, 1, 1), rate=percent("5%")),
        ),
        persons_only=False,
    ),
    pricing.ByCustomerTier(
        tiers=(
            pricing.TierSpread(tier=3, spread=percent("0.1%")),
            pricing.TierSpread(tier=6, spread=percent("0.2%")),
        )
    ),
    pricing.ByRegion(regions=(3, 11), spread_there=percent("0.05%")),
    pricing.ByChannel(channels=(Channel.MOBILE,), spread_there=percent("-0.05%")),
    pricing.ByAmount(
        amounts=(
            pricing.AmountSpread(at_least=yuan("50000"), spread=percent("0.05%")),
            pricing.AmountSpread(at_least=yuan("200000"), spread=percent("0.15%")),
        )
    ),
    pricing.ByTermAgreed(terms=(pricing.TermSpread(term=period("3 months"), spread=percent("0.02%")),)),
    pricing.ForNewMoney(spread_new=percent("0.3%")),
    pricing.Campaign(first=MAY[0], last=MAY[1], spread_then=percent("0.25%")),
    transfer.NotTransferable(),
    transfer.Whole(),
    transfer.Whole(held_days=30, same_kind=False),
    dormancy.AfterMonths(months=1),
    dormancy.AfterMonths(months=12, below=yuan("10")),
    dormancy.Unclaimed(months=12, below=yuan("10"), more_months=24),
    ledger.DepositLedger(),
    ledger.OverdraftLedger(),
    ledger.UnclaimedLedger(),
    text.FreeText(english_text="Bring your card.", chinese_text="请携带银行卡。"),
    text.DepositInsurance(limit=yuan("500000")),
)

SPECIMENS: tuple[Part, ...] = (*DEPOSIT_SPECIMENS, *LOAN_SPECIMENS)
