"""Why there is no schedule: values, each with a sentence in English and Chinese, and the term at fault."""

from datetime import date
from enum import Enum, unique

import msgspec


@unique
class ScheduleRefusal(Enum):
    """What bad terms or events are refused for; a member is declared as (English, Chinese)."""

    english: str
    chinese: str

    def __init__(self, english: str, chinese: str) -> None:
        self.english = english
        self.chinese = chinese

    TERM_MISSING = "the term is missing", "缺少该条款"
    TERM_UNKNOWN = "the term has a value that is not known", "该条款的取值无法识别"
    TERM_NEGATIVE = "the term must not be less than zero", "该条款不得小于零"
    PRINCIPAL_NOT_POSITIVE = "the principal must be more than zero", "本金必须大于零"
    RATE_OUT_OF_RANGE = "the rate lies outside what is computed exactly", "利率超出可精确计算的范围"
    AMOUNT_TOO_LARGE = "an amount grows beyond what is computed exactly", "金额超出可精确计算的范围"
    YEAR_UNEQUAL = "the day count has years of unequal length", "该计息基准的年天数不固定"
    FIRST_DUE_TOO_EARLY = "the first due date is not after the disbursement", "首个还款日须晚于放款日"
    MATURITY_TOO_EARLY = "the loan ends before it starts", "到期日不得早于放款日"
    MATURITY_TOO_LATE = "the loan ends after the last year that is computed", "到期日超出可计算的年份"
    TOO_MANY_INSTALMENTS = "there are more instalments than are computed", "期数过多"
    EVENT_TOO_EARLY = "it lies before the disbursement", "日期早于放款日"
    EVENT_TOO_LATE = "it lies after the end of the loan", "日期晚于到期日"
    GRACE_TOO_LONG = "the grace leaves no instalment", "宽限期过长，没有剩余还款期"
    GRACE_UNEVEN = "interest rests longer than principal", "利息宽限期长于本金宽限期"
    BALLOON_TOO_LARGE = "the balloon is more than the principal", "尾款大于本金"
    DOWN_PAYMENT_TOO_LARGE = "the down payment is more than the principal", "首付款大于本金"
    PLAN_TOO_LARGE = "the plan repays more than is owed", "还款计划超过欠款"
    OVERPAID = "it repays more than is owed", "还款金额超过欠款"
    PRINCIPAL_GROWS = "the instalment is less than the interest", "每期还款额不足以支付利息"
    NO_INSTALMENT_LEFT = "no instalment is left to be found", "没有剩余还款期"


class ScheduleRefused(msgspec.Struct, frozen=True):
    """Why there is no schedule, the term or event at fault, and its day if it has one."""

    because: ScheduleRefusal
    term: str
    day: date | None = None

    @property
    def english(self) -> str:
        """The reason in English, with the term, without a full stop."""
        when = "" if self.day is None else f" of {self.day}"
        return f"{self.term}{when}: {self.because.english}"

    @property
    def chinese(self) -> str:
        """The reason in Chinese, with the term, without a full stop."""
        when = "" if self.day is None else f"（{self.day}）"
        return f"{self.term}{when}：{self.because.chinese}"
