"""One or more of every part of loans, as products of a Chinese bank use them."""

import datetime as dt

from yinhe.kernel.daycount import DayCount
from yinhe.kernel.rounding import Rounding
from yinhe.products.parts import (
    allocation,
    allowance,
    card,
    classification,
    drawdown,
    grace,
    limit,
    loan_interest,
    loan_ledger,
    loan_term,
    overdue,
    prepayment,
    purpose,
    repayment,
    restructuring,
    security,
    writeoff,
)
from yinhe.products.parts.allocation import Bucket
from yinhe.products.parts.application import Purpose
from yinhe.products.parts.base import Part

from .words import percent, source, yuan

STAGES = allowance.ThreeStages(
    first=allowance.StageLoss(default=percent("1%"), lost=percent("45%")),
    second=allowance.StageLoss(default=percent("12%"), lost=percent("45%")),
    third=allowance.StageLoss(default=percent("100%"), lost=percent("60%")),
)
PLAN = (
    repayment.PlanStep(month=12, share=percent("10%")),
    repayment.PlanStep(month=24, share=percent("33.3333%")),
    repayment.PlanStep(month=30, share=percent("20%")),
)
PLANS = (
    card.PlanFee(count=3, fee=percent("0.65%")),
    card.PlanFee(count=12, fee=percent("0.6%")),
    card.PlanFee(count=24, fee=percent("0.6%")),
)
FEES = (
    prepayment.FeeStep(months=12, rate=percent("1%")),
    prepayment.FeeStep(months=36, rate=percent("0.5%")),
)

LOAN_SPECIMENS: tuple[Part, ...] = (
    loan_term.LoanMonths(most=360),
    loan_term.LoanMonths(least=6, most=66),
    loan_term.LoanOpenEnded(),
    limit.LoanAmount(least=yuan("10000"), most=yuan("300000"), step=yuan("1000")),
    limit.LoanAmount(least=yuan("0.01")),
    limit.ByTierMost(
        tiers=(limit.TierMost(tier=2, most=yuan("50000")), limit.TierMost(tier=5, most=yuan("500000"))),
    ),
    limit.DebtToIncome(),
    limit.DownPayment(share=percent("20%")),
    limit.DownPayment(share=percent("33.333333%")),
    purpose.OnlyFor(purposes=(Purpose.CAR, Purpose.GOODS, Purpose.TRAVEL)),
    purpose.NeverFor(purposes=(Purpose.PROPERTY, Purpose.SECURITIES)),
    security.WithCollateral(
        accepted=(security.Collateral.HOME, security.Collateral.LAND), loan_to_value=percent("70%")
    ),
    security.WithGuarantors(),
    security.WithGuarantors(least=3, share=percent("50%")),
    security.Unsecured(),
    purpose.ToSupplier(above=yuan("300000")),
    purpose.OnlyTo(payees=(purpose.Payee.CARRIER,)),
    purpose.Freely(),
    drawdown.Single(),
    drawdown.Single(days=30, least=yuan("100")),
    drawdown.Tranches(most=5, months=24, least=yuan("1000")),
    drawdown.Revolving(),
    drawdown.Revolving(least=yuan("10000")),
    loan_interest.FixedRate(yearly=source("5.4%")),
    loan_interest.FixedRate(
        yearly=source("board:LPR_1Y + 45bp"),
        basis=DayCount.ACT_365F,
        rounding=Rounding.HALF_EVEN,
        begins=dt.date(2022, 1, 1),
    ),
    loan_interest.IndexedRate(index=source("board:LPR_5Y - 30bp"), basis=DayCount.CN_MONTHS_DAYS),
    loan_interest.IndexedRate(index=source("board:LPR_1Y"), repricing=loan_interest.Repricing.ANNIVERSARY),
    loan_interest.IndexedRate(index=source("board:LPR_1Y + 1%"), repricing=loan_interest.Repricing.QUARTER),
    loan_interest.IndexedRate(
        index=source("board:LPR_1Y"),
        repricing=loan_interest.Repricing.CHANGE,
        floor=percent("2%"),
        cap=percent("9%"),
        basis=DayCount.THIRTY_360,
    ),
    loan_interest.FlatRate(yearly=source("6%")),
    loan_interest.SteppedRate(
        steps=(
            loan_interest.MonthStep(month=0, yearly=source("2.5%")),
            loan_interest.MonthStep(month=12, yearly=source("board:LPR_1Y + 50bp")),
            loan_interest.MonthStep(month=24, yearly=source("7%")),
        )
    ),
    repayment.EqualInstalments(),
    repayment.EqualInstalments(every=3, day=20),
    repayment.EqualPrincipal(),
    repayment.EqualPrincipal(day=31),
    repayment.InterestOnly(every=3, day=20),
    repayment.AtEnd(),
    repayment.ByPlan(steps=PLAN, every=3),
    repayment.Balloon(last=percent("50%")),
    repayment.ByStatement(),
    grace.PrincipalGrace(months=12),
    grace.InterestGrace(months=6),
    grace.InterestGrace(months=6, after=grace.AfterGrace.CAPITALISED),
    prepayment.NoPrepayment(),
    prepayment.AtWill(),
    prepayment.WholeEarly(after_months=6),
    prepayment.WholeEarly(fees=FEES),
    prepayment.PartEarly(),
    prepayment.PartEarly(
        afterwards=prepayment.Afterwards.LOWER, least=yuan("10000"), times=2, after_months=12, fees=FEES
    ),
    card.BillingCycle(),
    card.BillingCycle(day=28, due_after=25),
    card.InterestFree(),
    card.InterestFree(cash=True),
    card.MinimumPayment(),
    card.MinimumPayment(share=percent("5%"), least=yuan("100")),
    card.InstalmentPlans(plans=PLANS, least=yuan("600")),
    overdue.Penalty(),
    overdue.Penalty(grace_days=3, multiple=130, compound=False, cap=percent("18%")),
    overdue.LateCharge(),
    overdue.LateCharge(grace_days=3, least=yuan("10"), most=yuan("500"), tolerated=yuan("10")),
    overdue.NoPenalty(grace_days=1),
    overdue.Misuse(),
    overdue.Misuse(multiple=150),
    allocation.InSequence(),
    allocation.InSequence(
        first=(Bucket.INTEREST, Bucket.PRINCIPAL, Bucket.PENALTY, Bucket.COMPOUND, Bucket.FEE),
        after_days=30,
        by_instalment=False,
    ),
    restructuring.Extension(),
    restructuring.Extension(times=2, short_share=50),
    restructuring.ReAgeing(),
    restructuring.RateChange(least=percent("3%")),
    restructuring.Capitalisation(),
    classification.FiveGrades(),
    classification.NonAccrual(),
    STAGES,
    writeoff.AfterDays(),
    writeoff.AfterDays(small=yuan("50000"), principal_first=False),
    loan_ledger.LoanLedger(),
    loan_ledger.WrittenOffLedger(),
)
