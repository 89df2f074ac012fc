"""Why a borrower is refused: values, each with a sentence in English and Chinese the borrower can read."""

from enum import Enum, unique
from typing import TypeAlias

import msgspec

from yinhe.ledger.outcomes import REASONS, Outcome
from yinhe.products.catalogue import VersionRefusal
from yinhe.products.parts.refusals import PART_REASONS, PartRefusal


@unique
class LoanRefusal(Enum):
    """What lending refuses by itself; a member is declared as (English, Chinese)."""

    english: str
    chinese: str

    def __init__(self, english: str, chinese: str) -> None:
        self.english = english
        self.chinese = chinese

    NIGHT_OPEN = "the close of the day is being finished; ask again shortly", "日终处理尚未完成，请稍后再试"
    NOT_A_LOAN = "this product is no loan", "该产品不是贷款产品"
    BORROWER_MISSING = "it must be said who borrows", "须指明借款人"
    AMOUNT_NOT_POSITIVE = "the amount must be more than zero", "金额必须大于零"
    ACCOUNT_UNKNOWN = "there is no such account", "账户不存在"
    CURRENCY_DIFFERS = "the other account has another currency", "对方账户币种不同"
    MARGIN_OUT_OF_BOUNDS = "the rate lies outside what may be agreed", "协商利率超出允许范围"
    LOAN_UNKNOWN = "there is no such loan", "贷款不存在"
    LOAN_CLOSED = "the loan is repaid and closed", "贷款已结清"
    LOAN_BLOCKED = (
        "the loan is blocked: nothing is drawn or repaid early until it is released",
        "贷款已被止付，解除前不得提款或提前还款",
    )
    LOAN_NOT_DRAWN = "nothing of the loan has been drawn yet", "贷款尚未发放"
    LOAN_OVERDUE = "nothing is drawn or repaid early while something is overdue", "贷款逾期期间不得提款或提前还款"
    LOAN_WRITTEN_OFF = "the loan was written off; what is paid is a recovery", "贷款已核销，还款按收回已核销贷款处理"
    NOT_WRITTEN_OFF = "the loan was not written off", "贷款未核销"
    NOTHING_DUE = "nothing is due", "当前无应还款项"
    MORE_THAN_DUE = (
        "more is paid than is due; say that the rest repays the loan early",
        "还款金额超过应还款项，如提前还款请另行说明",
    )
    MORE_THAN_OWED = "more is paid than is owed", "还款金额超过全部欠款"
    NOTHING_ASKED = "nothing is to be changed", "未提出任何变更"
    NOT_ARRANGED_ANEW = "this product is not arranged anew in this way", "该产品不允许此种调整"
    NOT_WRITTEN_OFF_EVER = "this product is not written off", "该产品不可核销"
    DATE_IN_FUTURE = "a value date lies not after the business date", "起息日不得晚于会计日期"
    BEFORE_START = "a value date lies not before the loan was drawn", "起息日不得早于贷款发放日"
    AS_OF_IN_FUTURE = "this business date has not come yet", "该会计日期尚未到来"
    DATE_NOT_CLOSED = "the close of that business date is not done", "该会计日期尚未完成日终"
    NOT_ON_BOOKS_YET = "the loan was not on the books on that date", "该日期贷款尚未入账"
    YEAR_CLOSED = "the books of that year are closed", "该年度账务已结账，不得倒起息"
    NOT_A_CARD = "only a card has this", "仅信用卡可办理"
    MORE_THAN_BOUGHT = (
        "this is more than the purchases that may become an instalment plan",
        "金额超过可分期的消费金额",
    )
    TOO_MANY_PLANS = "too many instalment plans are running on the card", "在途分期笔数已达上限"
    PAYEE_MISSING = "it must be said to which account the money goes", "须指明转入账户"
    INTERRUPTED = "it was interrupted and nothing was done; ask again under a new id", "办理中断且未生效，请重新提交"
    ID_CONFLICT = "this id was used before with other content", "该编号已用于不同内容的请求"


Because: TypeAlias = LoanRefusal | VersionRefusal | PartRefusal | Outcome
"""Who refused: lending, the catalogue, a part of the product, or the ledger."""


class Refusal(msgspec.Struct, frozen=True):
    """Why something was not done; nothing was changed."""

    because: Because

    @property
    def name(self) -> str:
        """The refusal for programs: a lower-case word."""
        return self.because.name.lower()

    @property
    def english(self) -> str:
        """The reason in English, without a full stop."""
        return self._words()[0].removesuffix(".")

    @property
    def chinese(self) -> str:
        """The reason in Chinese, without a full stop."""
        return self._words()[1].removesuffix("。")

    def _words(self) -> tuple[str, str]:
        match self.because:
            case LoanRefusal() | VersionRefusal():
                return self.because.english, self.because.chinese
            case PartRefusal():
                return PART_REASONS[self.because]
            case Outcome():
                return REASONS[self.because].english, REASONS[self.because].chinese


_KINDS = {"loan": LoanRefusal, "version": VersionRefusal, "part": PartRefusal, "ledger": Outcome}


def refusal_words(refusal: Refusal) -> str:
    """The refusal as the database keeps it: who refused, and its name."""
    kind = next(kind for kind, members in _KINDS.items() if type(refusal.because) is members)
    return f"{kind} {refusal.because.name}"


def read_refusal(words: str) -> Refusal:
    """What `refusal_words` wrote. Raises KeyError for other words."""
    kind, name = words.split(" ")
    return Refusal(_KINDS[kind][name])
