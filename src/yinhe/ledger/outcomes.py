"""What the ledger answers: one closed, ordered list of outcomes for transfers, one for account commands.

The order is the law: where several reasons apply, the machine reports the first in this order, and the reference page
and the tests list them in the same order.
"""

from enum import IntEnum, unique
from types import MappingProxyType
from typing import Final, NamedTuple


class Reason(NamedTuple):
    """What an outcome means, in words a customer can read."""

    english: str
    chinese: str
    retry_can_change: bool
    """Whether the same request, sent again later, may get another answer."""


@unique
class Outcome(IntEnum):
    """The answer to one transfer; every one but POSTED and DUPLICATE leaves the books untouched."""

    POSTED = 0
    DUPLICATE = 1
    ID_CONFLICT = 2
    ID_MALFORMED = 3
    ID_FROM_FUTURE = 4
    LINKED_BROKEN = 5
    FLAGS_INVALID = 6
    UNKNOWN_ACCOUNT = 7
    SAME_ACCOUNT = 8
    AMOUNT_NOT_POSITIVE = 9
    AMOUNT_OUT_OF_RANGE = 10
    VALUE_DATE_OUT_OF_RANGE = 11
    CURRENCY_DIFFERS = 12
    PENDING_NOT_FOUND = 13
    PENDING_DIFFERS = 14
    PENDING_RESOLVED = 15
    PENDING_EXPIRED = 16
    PENDING_NOT_EXPIRED = 17
    OVER_PENDING = 18
    ACCOUNT_CLOSED = 19
    DEBIT_BLOCKED = 20
    CREDIT_BLOCKED = 21
    OVER_DAILY_LIMIT = 22
    INSUFFICIENT_FUNDS = 23
    BALANCE_OVERFLOW = 24
    OVER_CEILING = 25
    LINKED_FAILED = 26


@unique
class AccountOutcome(IntEnum):
    """The answer to one account command; every one but DONE and DUPLICATE leaves the books untouched."""

    DONE = 0
    DUPLICATE = 1
    ID_CONFLICT = 2
    ID_MALFORMED = 3
    ID_FROM_FUTURE = 4
    UNKNOWN_ACCOUNT = 5
    ACCOUNT_CLOSED = 6
    UNKNOWN_CURRENCY = 7
    LIMITS_CROSSED = 8
    LIMITS_OUT_OF_RANGE = 9
    ACCOUNT_NOT_EMPTY = 10
    HOLDS_OPEN = 11
    DATE_OUT_OF_RANGE = 12
    DATE_NOT_LATER = 13
    UNIT_FULL = 14


REASONS: Final = MappingProxyType(
    {
        Outcome.POSTED: Reason("posted", "已记账", False),
        Outcome.DUPLICATE: Reason(
            "already posted under this id; the first answer again", "该编号已记账，返回首次结果", False
        ),
        Outcome.ID_CONFLICT: Reason("this id was used before with other content", "该编号已用于不同内容的交易", False),
        Outcome.ID_MALFORMED: Reason("the id is not a version-7 UUID", "编号不是第七版UUID", False),
        Outcome.ID_FROM_FUTURE: Reason("the id's time lies in the future", "编号时间晚于当前时间", True),
        Outcome.LINKED_BROKEN: Reason(
            "the legs of the transaction are not complete and in order", "交易分录不完整或次序有误", False
        ),
        Outcome.FLAGS_INVALID: Reason("these flags or fields do not go together", "标志或字段组合无效", False),
        Outcome.UNKNOWN_ACCOUNT: Reason("there is no such account", "账户不存在", True),
        Outcome.SAME_ACCOUNT: Reason("debit and credit are the same account", "借贷双方为同一账户", False),
        Outcome.AMOUNT_NOT_POSITIVE: Reason("the amount is not positive", "金额必须大于零", False),
        Outcome.AMOUNT_OUT_OF_RANGE: Reason(
            "the amount is larger than the ledger can hold", "金额超出可记账范围", False
        ),
        Outcome.VALUE_DATE_OUT_OF_RANGE: Reason(
            "the value date lies outside 1900 to 2199", "起息日超出1900年至2199年", False
        ),
        Outcome.CURRENCY_DIFFERS: Reason("the two accounts have different currencies", "两个账户币种不同", False),
        Outcome.PENDING_NOT_FOUND: Reason("there is no such hold", "冻结不存在", True),
        Outcome.PENDING_DIFFERS: Reason("the hold is between other accounts", "冻结的账户与请求不符", False),
        Outcome.PENDING_RESOLVED: Reason("the hold was already posted or voided", "冻结已入账或已解除", False),
        Outcome.PENDING_EXPIRED: Reason("the hold has expired", "冻结已过期", False),
        Outcome.PENDING_NOT_EXPIRED: Reason("the hold has not expired yet", "冻结尚未到期", True),
        Outcome.OVER_PENDING: Reason("more than is held", "金额超过冻结余额", True),
        Outcome.ACCOUNT_CLOSED: Reason("the account is closed", "账户已销户", False),
        Outcome.DEBIT_BLOCKED: Reason("debits to the account are blocked", "账户止付", True),
        Outcome.CREDIT_BLOCKED: Reason("credits to the account are blocked", "账户止收", True),
        Outcome.OVER_DAILY_LIMIT: Reason("over the account's daily limit", "超过账户日累计限额", True),
        Outcome.INSUFFICIENT_FUNDS: Reason("not enough money available", "可用余额不足", True),
        Outcome.BALANCE_OVERFLOW: Reason(
            "the balance would be larger than the ledger can hold", "余额将超出可记账范围", True
        ),
        Outcome.OVER_CEILING: Reason("over the account's highest balance", "超过账户余额上限", True),
        Outcome.LINKED_FAILED: Reason("another leg of the transaction was refused", "同一交易的其他分录被拒绝", True),
    }
)
"""Each outcome's reason, in the order of the enum."""

ACCOUNT_REASONS: Final = MappingProxyType(
    {
        AccountOutcome.DONE: Reason("done", "已办理", False),
        AccountOutcome.DUPLICATE: Reason(
            "already done under this id; the first answer again", "该编号已办理，返回首次结果", False
        ),
        AccountOutcome.ID_CONFLICT: Reason(
            "this id was used before with other content", "该编号已用于不同内容的请求", False
        ),
        AccountOutcome.ID_MALFORMED: Reason("the id is not a version-7 UUID", "编号不是第七版UUID", False),
        AccountOutcome.ID_FROM_FUTURE: Reason("the id's time lies in the future", "编号时间晚于当前时间", True),
        AccountOutcome.UNKNOWN_ACCOUNT: Reason("there is no such account", "账户不存在", True),
        AccountOutcome.ACCOUNT_CLOSED: Reason("the account is closed", "账户已销户", False),
        AccountOutcome.UNKNOWN_CURRENCY: Reason("there is no such currency", "币种不存在", False),
        AccountOutcome.LIMITS_CROSSED: Reason(
            "the lowest balance allowed is above the highest", "余额下限高于上限", False
        ),
        AccountOutcome.LIMITS_OUT_OF_RANGE: Reason(
            "a limit is larger than the ledger can hold, or negative", "限额超出范围或为负", False
        ),
        AccountOutcome.ACCOUNT_NOT_EMPTY: Reason("the balance is not zero", "账户余额不为零", True),
        AccountOutcome.HOLDS_OPEN: Reason("money on the account is held", "账户尚有冻结金额", True),
        AccountOutcome.DATE_OUT_OF_RANGE: Reason(
            "the business date lies outside 1900 to 2199", "会计日期超出1900年至2199年", False
        ),
        AccountOutcome.DATE_NOT_LATER: Reason(
            "the new business date is not later than the present one", "新会计日期不晚于当前会计日期", False
        ),
        AccountOutcome.UNIT_FULL: Reason("the unit cannot hold more accounts", "本单元账户数已满", False),
    }
)
"""Each account outcome's reason, in the order of the enum."""
