"""What customers read in the terms, in English and Chinese."""

import pytest

from yinhe.kernel.currency import currency
from yinhe.kernel.money import parse_money
from yinhe.products.parts import amount, early, fee, interest, notice, renewal, settlement, term, text
from yinhe.products.parts.words import money_chinese, source_chinese, source_english

from .specimens import DEMAND, SPECIMENS, TIERS, percent, period, source, yuan


@pytest.mark.parametrize(
    ("part", "english", "chinese"),
    [
        (
            interest.Flat(rate=source("3.25%")),
            "The balance earns 3.25% a year.",
            "存款按年利率3.25%计息。",
        ),
        (
            interest.TieredSlice(tiers=TIERS[1:]),
            "Each slice of the balance earns the yearly rate of its tier: from 50,000.00 CNY: the posted rate demand "
            "plus 0.2%; from 1,000,000.00 CNY: 1.15%.",
            "余额分段计息，各段年利率：50,000.00元起：挂牌利率demand加0.2%；1,000,000.00元起：1.15%。",
        ),
        (
            settlement.Quarterly(),
            "Interest is settled on day 20 of March, June, September and December and credited on the next day.",
            "按季结息，每季末月20日为结息日，次日入账。",
        ),
        (
            term.Fixed(offered=(period("3 months"), period("1 year"), period("7 days"))),
            "Terms: 3 months, 12 months and 7 days.",
            "存期：3个月、1年、7天。",
        ),
        (
            amount.OpeningAmount(least=yuan("200000"), step=yuan("10000")),
            "First deposit: at least 200,000.00 CNY, in steps of 10,000.00 CNY.",
            "开立金额：200,000.00元起，以10,000.00元递增。",
        ),
        (amount.DepositAmount(), "", ""),
        (
            notice.DaysOfNotice(days=1, minimum_left=yuan("50000"), without=DEMAND),
            "Drawing needs 1 day of notice of the day and the amount. What is drawn without notice, on another day or "
            "beyond the amount noticed earns the posted rate demand a year, and so does a drawing of less than was "
            "noticed. With less than 50,000.00 CNY left, the deposit is closed.",
            "支取须提前1天通知，约定支取日期和金额。未提前通知、未按约定日期支取的部分，超过约定金额的部分，"
            "以及支取不足约定金额的，按挂牌利率demand计息。支取后余额低于50,000.00元的，予以清户。",
        ),
        (
            early.AtRate(rate=DEMAND, times=0),
            "Only the whole may be drawn before maturity. The part drawn earns the posted rate demand a year as of the "
            "day of drawing.",
            "提前支取只能全部支取。提前支取部分按支取日挂牌利率demand计息。",
        ),
        (
            renewal.SameTerm(after=DEMAND, with_interest=False),
            "Where agreed, the principal is renewed at maturity for the same term at the rate of that day; the "
            "interest is paid out. Else the deposit earns the posted rate demand a year after maturity.",
            "约定自动转存的，到期本金按转存日利率续存同一存期，利息转入关联账户；"
            "未约定的，逾期部分按支取日挂牌利率demand计息。",
        ),
        (
            fee.PercentFee(event=fee.FeeEvent.TRANSFER, rate=percent("0.1%"), least=yuan("1"), most=yuan("50")),
            "The fee for a transfer is 0.1% of the amount, at least 1.00 CNY, at most 50.00 CNY.",
            "转账手续费为金额的0.1%，最低1.00元，最高50.00元。",
        ),
        (
            text.FreeText(english_text="Bring your card.", chinese_text="请携带银行卡。"),
            "Bring your card.",
            "请携带银行卡。",
        ),
    ],
)
def test_a_part_says_what_it_means(part, english, chinese):
    assert part.text() == (english, chinese)


@pytest.mark.parametrize("part", SPECIMENS, ids=lambda part: part.name)
def test_terms_read_as_sentences(part):
    english, chinese = part.text()
    assert (english == "") == (chinese == "")
    assert english == "" or english.endswith(".")
    assert chinese == "" or chinese.endswith("。")
    assert "  " not in english
    assert "None" not in english + chinese


def test_an_empty_text_is_found():
    assert [problem.parameter for problem in text.FreeText(english_text=" ", chinese_text="").problems()] == [
        "english_text",
        "chinese_text",
    ]


def test_a_rate_from_a_table_reads_as_what_it_is():
    rate = source("board:lump_sum_12m * 60% - 5bp")
    assert source_english(rate) == "60% of the posted rate lump_sum_12m less 0.05%"
    assert source_chinese(rate) == "挂牌利率lump_sum_12m的60%减0.05%"


def test_money_reads_in_chinese_by_its_currency():
    assert money_chinese(parse_money("1,234.50", currency("USD"))) == "1,234.50美元"
