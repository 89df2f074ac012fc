"""Why a customer is refused: values, each with a sentence in English and Chinese the customer can read."""

from enum import Enum, unique
from typing import TypeAlias

import msgspec

from yinhe.ledger.outcomes import REASONS, Outcome
from yinhe.products.catalogue import VersionRefusal
from yinhe.products.parts.refusals import PART_REASONS, PartRefusal


@unique
class ContractRefusal(Enum):
    """What deposits refuse by themselves; a member is declared as (English, Chinese)."""

    english: str
    chinese: str

    def __init__(self, english: str, chinese: str) -> None:
        self.english = english
        self.chinese = chinese

    NIGHT_OPEN = "the close of the day is being finished; ask again shortly", "日终处理尚未完成，请稍后再试"
    NOT_A_DEPOSIT = "this product is no deposit", "该产品不是存款产品"
    HOLDER_MISSING = "it must be said who holds the deposit", "须指明存款人"
    CURRENCY_DIFFERS = "the other account has another currency", "对方账户币种不同"
    ACCOUNT_UNKNOWN = "there is no such account", "账户不存在"
    FUNDING_MISSING = "it must be said from which account the first deposit comes", "须指明首笔存款的转出账户"
    RATE_NOT_NEGOTIABLE = "the rate of this product is not negotiated", "该产品利率不可协商"
    RATE_NOT_ONE = "one rate cannot be agreed where the product pays several", "该产品分档计息，不能协商单一利率"
    RATE_OUT_OF_BOUNDS = "the rate lies outside what may be agreed", "协商利率超出允许范围"
    RENEWAL_NOT_OFFERED = "this product is not renewed", "该产品不提供到期转存"
    CONTRACT_UNKNOWN = "there is no such deposit", "存款不存在"
    CONTRACT_CLOSED = "the deposit is closed", "存款已销户"
    NOTHING_ASKED = "nothing is to be changed", "未提出任何变更"
    AMOUNT_NOT_POSITIVE = "the amount must be more than zero", "金额必须大于零"
    AMOUNT_OVER_BALANCE = "the amount is more than the deposit", "金额超过存款余额"
    NO_FURTHER_DEPOSIT = "nothing more may be paid into this deposit", "该存款不可续存"
    CHARGED_BY_TRANSFER = (
        "this product charges a fee for it: pay in or draw by a transfer, of cash at the counter",
        "该产品对此收费，请以转账或柜面现金存取办理",
    )
    PAYEE_MISSING = "it must be said to which account the money goes", "须指明转入账户"
    OVERDRAFT_OWED = (
        "interest of an overdraft is still to be settled and taken",
        "尚有未结清的透支利息",
    )
    MONEY_HELD = "money of the deposit is held", "存款中有冻结资金"
    NOTICE_NOT_TAKEN = "this product takes no notice of withdrawal", "该产品无需通知"
    NOTICE_TOO_LATE = "the day of withdrawal is too near for the notice agreed", "支取日期距通知日不足约定天数"
    NOTICE_OVER_BALANCE = "notice is given of more than the deposit", "通知金额超过存款余额"
    NOTICE_UNKNOWN = "there is no such notice, or it was drawn or cancelled", "通知不存在，或已支取、已撤销"
    ORDER_NOT_TAKEN = "no standing order is taken on this deposit", "该存款不办理定期代付"
    ORDER_TO_ITSELF = "the money would go back to the deposit it comes from", "收付账户相同"
    ORDER_DAY_UNKNOWN = "the day of the month is one of 1 to 31", "每月扣款日应为1至31日"
    ORDER_IN_THE_PAST = "a standing order begins today at the earliest", "定期代付不能早于当日开始"
    ORDER_NEVER_DUE = "the standing order ends before it is due once", "定期代付在首次执行前即已到期"
    ORDER_UNKNOWN = "there is no such standing order, or it was stopped", "定期代付不存在，或已终止"
    SAME_HOLDER = "it is held by that party already", "受让人已是存款人"
    NIGHT_BEHIND = "the bank is still closing an earlier day; try again shortly", "银行日终处理尚未完成，请稍后再试"
    INTERRUPTED = "it was interrupted and nothing was done; ask again under a new id", "办理中断且未生效，请重新提交"
    ID_CONFLICT = "this id was used before with other content", "该编号已用于不同内容的请求"


Because: TypeAlias = ContractRefusal | VersionRefusal | PartRefusal | Outcome
"""Who refused: deposits, the catalogue, a part of the product, or the ledger."""


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
        match self.because:
            case ContractRefusal() | VersionRefusal():
                return self.because.english.removesuffix(".")
            case PartRefusal():
                return PART_REASONS[self.because][0]
            case Outcome():
                return REASONS[self.because].english

    @property
    def chinese(self) -> str:
        """The reason in Chinese, without a full stop."""
        match self.because:
            case ContractRefusal() | VersionRefusal():
                return self.because.chinese.removesuffix("。")
            case PartRefusal():
                return PART_REASONS[self.because][1]
            case Outcome():
                return REASONS[self.because].chinese


_KINDS = {"contract": ContractRefusal, "version": VersionRefusal, "part": PartRefusal, "ledger": Outcome}


def refusal_words(refusal: Refusal) -> str:
    """The refusal as the database keeps it: who refused, and its name."""
    match refusal.because:
        case ContractRefusal():
            return f"contract {refusal.because.name}"
        case VersionRefusal():
            return f"version {refusal.because.name}"
        case PartRefusal():
            return f"part {refusal.because.name}"
        case Outcome():
            return f"ledger {refusal.because.name}"


def read_refusal(words: str) -> Refusal:
    """What `refusal_words` wrote. Raises KeyError for other words."""
    kind, name = words.split(" ")
    return Refusal(_KINDS[kind][name])
