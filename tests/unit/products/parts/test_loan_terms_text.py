"""What borrowers read in the terms, in English and Chinese."""

import pytest

from yinhe.products.parts import (
    allocation,
    card,
    drawdown,
    grace,
    limit,
    loan_interest,
    loan_term,
    overdue,
    prepayment,
    purpose,
    repayment,
    restructuring,
    security,
)
from yinhe.products.parts.application import Purpose
from yinhe.products.parts.loan_words import every_chinese, every_english, index_chinese, index_english
from yinhe.products.parts.prepayment import Afterwards

from .loan_specimens import FEES, PLANS
from .words import percent, source, yuan

COUNTED = "Interest counts from the day it is drawn, by day, a day's rate being the yearly rate over 360."
COUNTED_CHINESE = "利息自提款日起按日计息，日利率＝年利率÷360。"


@pytest.mark.parametrize(
    ("part", "english", "chinese"),
    [
        (loan_term.LoanMonths(most=360), "At most 30 years.", "期限最长30年。"),
        (loan_term.LoanMonths(least=6, most=24), "From 6 months to 2 years.", "期限6个月至2年。"),
        (
            limit.LoanAmount(least=yuan("1000"), most=yuan("300000"), step=yuan("100")),
            "At least 1,000.00 CNY, in steps of 100.00 CNY, at most 300,000.00 CNY.",
            "1,000.00元起，以100.00元递增，最高300,000.00元。",
        ),
        (
            limit.DownPayment(share=percent("15%")),
            "The borrower pays at least 15% of the price from own funds.",
            "借款人以自有资金支付的首付款不低于价款的15%。",
        ),
        (
            purpose.OnlyFor(purposes=(Purpose.CAR, Purpose.GOODS, Purpose.TRAVEL)),
            "Only for a car, goods of daily life or travel.",
            "仅限用于购车、日常消费、旅游。",
        ),
        (
            purpose.NeverFor(purposes=(Purpose.SECURITIES,)),
            "Never for securities and futures.",
            "资金不得用于证券、期货投资。",
        ),
        (
            purpose.OnlyTo(payees=(purpose.Payee.CARRIER,)),
            "The bank pays what is drawn to carriers only, never to the borrower.",
            "贷款资金由本行直接支付，仅限支付给承运人，不得转入借款人账户。",
        ),
        (
            security.WithCollateral(accepted=(security.Collateral.HOME,), loan_to_value=percent("70%")),
            "Collateral is needed: a home; the loan is at most 70% of its worth.",
            "须提供抵质押担保（住宅），贷款金额不超过其价值的70%。",
        ),
        (
            drawdown.Revolving(least=yuan("10000")),
            "Within the limit and the time of the line the borrower draws and repays at will, at least 10,000.00 CNY "
            "each time.",
            "在额度和有效期内可循环使用，随借随还，每次不低于10,000.00元。",
        ),
        (
            loan_interest.IndexedRate(index=source("board:LPR_5Y - 30bp")),
            f"The rate is the LPR over 5 years less 30 basis points a year, set anew each 1 January. {COUNTED}",
            f"浮动利率，年利率为五年期以上LPR减30个基点，每年1月1日重定价。{COUNTED_CHINESE}",
        ),
        (
            loan_interest.FixedRate(yearly=source("18%")),
            f"The rate is 18% a year. {COUNTED}",
            f"年利率18%。{COUNTED_CHINESE}",
        ),
        (
            repayment.EqualInstalments(day=20),
            "Repaid each month on day 20 in equal instalments of principal and interest.",
            "等额本息还款，每月20日为还款日，每期还款额相同。",
        ),
        (
            repayment.InterestOnly(every=3, day=20),
            "Interest is paid every 3 months on day 20 and the principal at the end.",
            "按期付息、到期还本，每3个月的20日为付息日。",
        ),
        (
            grace.InterestGrace(months=6, after=grace.AfterGrace.CAPITALISED),
            "In the first 6 months nothing is due; the interest of these months becomes principal when they end.",
            "放款后6个月为宽限期，期内不还本息，利息照计，于宽限期满转为本金。",
        ),
        (
            prepayment.PartEarly(afterwards=Afterwards.SHORTER, least=yuan("100"), times=1, after_months=1, fees=FEES),
            "The whole or a part may be repaid early, a part of at least 100.00 CNY, a part at most 1 time a year; "
            "after a part the instalment stays and the loan ends sooner. Not before the loan has run 1 month. The fee "
            "for what is repaid early: in the first 12 months 1% of it; in the first 36 months 0.5% of it; afterwards "
            "none.",
            "放款满1个月后，可提前结清或部分提前还款，部分还款不低于100.00元，每年最多部分还款1次；"
            "部分还款后每期还款额不变，期限缩短。手续费：放款未满12个月的，收取提前还款金额的1%；"
            "放款未满36个月的，收取提前还款金额的0.5%；其后免收。",
        ),
        (
            overdue.Penalty(multiple=130, compound=False, grace_days=1),
            "A payment up to 1 day late is in time. Principal that is late bears 130% of the contract's rate; at most "
            "24% a year.",
            "还款宽限期1天。逾期本金按合同利率的130%计收罚息；罚息利率最高24%。",
        ),
        (
            allocation.InSequence(then=allocation.InSequence().first, by_instalment=False),
            "A payment pays fees, then penalty interest, then compound interest, then interest, then principal.",
            "还款依次冲还：费用、罚息、复利、利息、本金。",
        ),
        (
            restructuring.Extension(times=2),
            "Before it is overdue the loan may be extended, at most 2 times: a term of up to one year by 100% of it, "
            "of up to five years by 50% of it, a longer one by 36 months.",
            "到期前可申请展期，最多2次：一年以内的不超过原期限的100%，五年以内的不超过原期限的50%，五年以上的不超过36个月。",
        ),
        (
            card.InstalmentPlans(plans=PLANS[:1], least=yuan("600")),
            "From 600.00 CNY an amount may be repaid in equal monthly instalments, each with a fee on the whole "
            "amount: 3 months (0.65% each, 11.66% a year).",
            "600.00元起可申请分期，本金按月等额归还，每期按分期总额收取手续费：3期（每期0.65%，折合年化利率11.66%）。",
        ),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_part_of_a_loan_says_what_it_means(part, english, chinese):
    assert part.text() == (english, chinese)


@pytest.mark.parametrize(
    ("rate", "english", "chinese"),
    [
        ("board:LPR_1Y", "the 1-year LPR", "一年期LPR"),
        ("board:LPR_1Y + 0.125%", "the 1-year LPR plus 12.5 basis points", "一年期LPR加12.5个基点"),
        ("board:LPR_5Y - 100bp", "the LPR over 5 years less 100 basis points", "五年期以上LPR减100个基点"),
        ("board:LPR_1Y * 90%", "90% of the posted rate LPR_1Y", "挂牌利率LPR_1Y的90%"),
        ("board:demand + 20bp", "the posted rate demand plus 0.2%", "挂牌利率demand加0.2%"),
    ],
)
def test_an_index_reads_as_the_market_calls_it(rate, english, chinese):
    assert (index_english(source(rate)), index_chinese(source(rate))) == (english, chinese)


def test_intervals_read_as_months():
    assert [every_english(months) for months in (1, 3)] == ["each month", "every 3 months"]
    assert [every_chinese(months) for months in (1, 3)] == ["每月", "每3个月的"]
