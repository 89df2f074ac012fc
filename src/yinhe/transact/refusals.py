"""Why the day refuses: its own reasons, and those of product parts and of the ledger, all in one form."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, cast

from yinhe.access.refusals import AccessRefusal
from yinhe.kernel.refusals import ReasonEnum, Refusal
from yinhe.ledger.outcomes import REASONS, Outcome
from yinhe.products.parts.refusals import PART_REASONS, PartRefusal


class DayRefusal(ReasonEnum):
    """What the day refuses by itself, in the order of asking."""

    CODE_NOT_ALLOWED = "this kind of transfer may not be asked for", "不受理该类交易"
    NARRATIVE_UNREADABLE = (
        "the narrative is too long or holds characters that are no text",
        "附言过长或含有不可显示字符",
    )
    CURRENCY_NOT_THE_ACCOUNTS = "the account has another currency", "账户币种与交易币种不符"
    DEBIT_OWN_ACCOUNT = "money is not taken from an account of the bank by a transfer", "不得以转账方式动用银行内部账户"
    CREDIT_OWN_ACCOUNT = "money is not paid to an account of the bank by a transfer", "不得以转账方式转入银行内部账户"
    CASH_ACCOUNT_ONLY = "cash is paid in from and out to the bank's cash accounts only", "现金存取仅限银行现金账户"
    DEBIT_LOAN = "a loan is drawn by its contract, not by a transfer", "贷款须按合同提款，不得转账支取"
    CREDIT_LOAN = "a loan is repaid by its contract, not by a transfer", "贷款须按合同还款，不得直接转入"
    CONTRACT_CLOSED = "the account's contract is closed", "账户合约已销户"
    DEBIT_TERM = (
        "a deposit with a term is drawn by its contract, not by a transfer",
        "定期存款须按合约支取，不得直接转账",
    )
    DEBIT_NOTICE = (
        "a deposit at notice is drawn by its contract, not by a transfer",
        "通知存款须按通知支取，不得直接转账",
    )
    DEBIT_PAYS_INTEREST = (
        "this deposit pays its interest when it is drawn: draw it by its contract",
        "该存款利随本清，须按合约支取",
    )
    CREDIT_NO_FURTHER = "nothing more may be paid into this deposit", "该存款不可续存"
    DORMANT = "the account is dormant; wake it at the counter", "账户为不动户，请到柜面激活"
    VALUE_DATE_NOT_ALLOWED = (
        "an earlier value date than the business date needs the right to correct",
        "倒起息须具备冲正权限",
    )
    PARTY_PROHIBITED = "one of the accounts may not be used for transfers", "涉及的账户禁止交易"
    REPEATED_PAYMENT = (
        "the same payment was made a moment ago; confirm it under a new narrative",
        "短时间内重复付款，请更改附言后确认",
    )
    ASK_AGAIN = (
        "other transfers of this account are being posted; ask again with the same id",
        "该账户有其他交易正在处理，请以相同编号重试",
    )
    NOT_REVERSIBLE = "this transaction is not taken back by a transfer", "该交易不可冲正"
    TRANSACTION_UNKNOWN = "there is no such transaction", "交易不存在"


def _as_reasons(name: str, words: Mapping[str, tuple[str, str]]) -> Mapping[str, ReasonEnum]:
    """The members of a closed list of reasons made of words that are written down elsewhere."""
    made = cast("type[ReasonEnum]", ReasonEnum(name, dict(words)))
    return {member.name: member for member in made}


_LEDGER = _as_reasons("LedgerReason", {one.name: (REASONS[one].english, REASONS[one].chinese) for one in Outcome})
_PARTS = _as_reasons("PartReason", {one.name: PART_REASONS[one] for one in PartRefusal})

LEDGER_REFUSALS: Final[Mapping[Outcome, Refusal]] = MappingProxyType(
    {one: Refusal(_LEDGER[one.name]) for one in Outcome}
)
"""What the ledger answers, as a refusal with the same name and words."""
PART_REFUSALS: Final[Mapping[PartRefusal, Refusal]] = MappingProxyType(
    {one: Refusal(_PARTS[one.name]) for one in PartRefusal}
)
"""What a part of a product answers, likewise."""
DAY_REFUSALS: Final[Mapping[DayRefusal, Refusal]] = MappingProxyType({one: Refusal(one) for one in DayRefusal})
"""The day's own, each once."""

LIMIT_REFUSALS: Final[Mapping[AccessRefusal, Refusal]] = MappingProxyType(
    {one: Refusal(one) for one in (AccessRefusal.OVER_SINGLE_LIMIT, AccessRefusal.OVER_DAILY_LIMIT)}
)
"""The limits of whoever asks."""

ALL_REFUSALS: Final[tuple[Refusal, ...]] = (
    *LEDGER_REFUSALS.values(),
    *DAY_REFUSALS.values(),
    *LIMIT_REFUSALS.values(),
    *PART_REFUSALS.values(),
)
"""Every refusal there is. Columns of outcomes hold places in it: those of the ledger's outcomes are their numbers."""

PLACES: Final[Mapping[ReasonEnum, int]] = MappingProxyType(
    {refusal.because: place for place, refusal in enumerate(ALL_REFUSALS)}
)
"""The place of each reason in `ALL_REFUSALS`."""

RETRY_CAN_CHANGE: Final = frozenset(
    {_LEDGER[one.name] for one in Outcome if REASONS[one].retry_can_change}
    | {
        DayRefusal.DORMANT,
        AccessRefusal.OVER_SINGLE_LIMIT,
        AccessRefusal.OVER_DAILY_LIMIT,
        DayRefusal.PARTY_PROHIBITED,
        DayRefusal.REPEATED_PAYMENT,
        DayRefusal.ASK_AGAIN,
        DayRefusal.TRANSACTION_UNKNOWN,
    }
)
"""Reasons after which the same request, sent again later under the same id, may get another answer."""
