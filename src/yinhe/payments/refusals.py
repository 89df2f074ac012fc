"""Why a payment or a payment file is refused, and the code by which ISO 20022 says so.

The codes are those of the external code sets ExternalStatusReason1Code and ExternalReturnReason1Code (four characters).
"""

from enum import unique
from types import MappingProxyType
from typing import Final

import msgspec

from yinhe.kernel.refusals import ReasonEnum, Refusal


@unique
class FileReason(ReasonEnum):
    """Why a whole file is refused; nothing of it was kept."""

    TOO_LARGE = "the file is larger than is taken", "文件过大"
    ENCODING_NOT_UTF8 = "the file is not in UTF-8, or says it is in something else", "文件编码不是UTF-8"
    DOCTYPE_NOT_ALLOWED = "a document type or entity declaration is not taken", "不接受文档类型或实体声明"
    NOT_XML = "the file is not well-formed XML", "文件不是格式良好的XML"
    TOO_MANY_ELEMENTS = "the file has more elements than are taken", "文件元素过多"
    TOO_DEEP = "elements lie deeper in each other than is taken", "文件嵌套过深"
    TEXT_TOO_LONG = "a text is longer than is taken", "文本过长"
    MESSAGE_NOT_TAKEN = "this is not a message that is taken here", "不接受此类报文"
    NAMESPACE_MIXED = "an element has another namespace than the message", "元素命名空间与报文不符"
    FIELD_MISSING = "a field that must be there is missing", "缺少必填字段"
    FIELD_TWICE = "a field stands more often than it may", "字段重复"
    FIELD_MALFORMED = "a field does not have its form", "字段格式有误"
    TOO_MANY_LINES = "the file has more payments than are taken in one", "文件笔数过多"
    NO_LINES = "the file has no payment in it", "文件不含任何支付"
    COUNT_DIFFERS = "the number of payments is not the one the file gives", "笔数与文件声明不符"
    SUM_DIFFERS = "the sum of the amounts is not the control sum the file gives", "金额合计与控制总额不符"
    MESSAGE_ID_USED = "this message id was used before for another file", "该报文编号已用于其他文件"


@unique
class PaymentReason(ReasonEnum):
    """Why one payment is rejected or sent back, or a command about one refused."""

    AMOUNT_MALFORMED = "the amount is not a decimal number", "金额格式有误"
    AMOUNT_NOT_POSITIVE = "the amount must be more than zero", "金额必须大于零"
    AMOUNT_TOO_FINE = "the amount has more decimals than its currency", "金额小数位数超出币种允许"
    AMOUNT_TOO_LARGE = "the amount is larger than can be booked", "金额超出可记账范围"
    CURRENCY_UNKNOWN = "there is no such currency", "币种不存在"
    CURRENCY_DIFFERS = "the account has another currency", "账户币种不同"
    LINE_MALFORMED = "a field of the payment is missing or does not have its form", "支付字段缺失或格式有误"
    METHOD_NOT_OFFERED = "only credit transfers are taken", "仅受理贷记转账"
    DATE_NOT_OFFERED = "the date asked for lies too far ahead or behind", "指定日期超出受理范围"
    END_TO_END_ID_TWICE = "the end-to-end id stands twice in the file", "端到端编号在文件中重复"
    DEBTOR_UNKNOWN = "there is no such account to be debited", "付款账户不存在"
    CREDITOR_UNKNOWN = "there is no such account to be credited", "收款账户不存在"
    CREDITOR_MISSING = "it must be said to which account the money goes", "须指明收款账户"
    CREDITOR_NAME_MISSING = "it must be said who is paid", "须指明收款人名称"
    IBAN_INVALID = "the IBAN fails its check", "IBAN校验未通过"
    BIC_INVALID = "the BIC does not have its form", "BIC格式有误"
    BANK_MISSING = "it must be said at which bank the account is", "须指明收款行"
    NOT_OUR_DEBTOR = "the account to be debited is at another bank", "付款账户不在本行"
    NOT_OUR_BANK = "the payment is for another bank", "收款行不是本行"
    SAME_ACCOUNT = "debit and credit are the same account", "收付账户相同"
    NOT_FOR_PAYMENTS = "the account is not one that payments are made from or to", "该账户不可办理收付"
    ACCOUNT_CLOSED = "the account is closed", "账户已销户"
    ACCOUNT_BLOCKED = "the account is blocked", "账户已冻结或止付"
    NAME_DIFFERS = "the account is held under another name", "户名不符"
    INSUFFICIENT_FUNDS = "not enough money available", "可用余额不足"
    OVER_LIMIT = "over a limit of the account", "超过账户限额"
    REFUSED_BY_BOOKS = "the books refused it", "账务系统拒绝"
    CANCELLED = "it was cancelled by the payer", "付款人已撤销"
    PAYMENT_UNKNOWN = "there is no such payment", "支付不存在"
    FILE_UNKNOWN = "there is no such file", "文件不存在"
    RECEIPT_UNKNOWN = "there is no such payment from another bank", "来账不存在"
    NOT_WAITING = "it waits for nothing any more", "该支付不在等待状态"
    NOT_IN_SUSPENSE = "the money is not in suspense", "该款项不在挂账中"
    RETURN_NOT_SENT_BACK = "money that came back is not sent away again", "退汇款项不再退出"
    FIELD_MALFORMED = "a field does not have its form", "字段格式有误"
    NOT_SENT = "no such payment was sent to another bank, or it came back already", "该支付未发送他行或已退回"
    RETURN_DIFFERS = "what comes back is not what was sent", "退回金额或币种与原支付不符"
    ALIAS_TAKEN = "this number names another account already", "该账号别名已被占用"
    RETRY_OUT_OF_BOUNDS = "payments are tried again at most five times a day on ten business days", "重试规则超出范围"
    PERIOD_NOT_OFFERED = "a statement is of days gone by, and of today, in order", "对账单期间须为已过日期且先后有序"
    STATEMENT_TOO_LONG = "a statement has more entries than are given in one", "对账单笔数过多"
    NOTHING_TO_SEND = "no payment waits to be sent", "没有待发送的支付"


class Cause(msgspec.Struct, frozen=True):
    """A reason as payments keep it: its name, words and code, whoever gave it."""

    name: str
    english: str
    chinese: str
    iso_code: str


FILE_CODES: Final = MappingProxyType(
    {
        FileReason.COUNT_DIFFERS: "AM18",
        FileReason.SUM_DIFFERS: "AM10",
        FileReason.MESSAGE_ID_USED: "DU01",
    }
)
"""The codes of reasons for a whole file; FF01 (invalid file format) for every other."""

ISO_CODES: Final = MappingProxyType(
    {
        PaymentReason.AMOUNT_MALFORMED: "AM12",
        PaymentReason.AMOUNT_NOT_POSITIVE: "AM01",
        PaymentReason.AMOUNT_TOO_FINE: "AM12",
        PaymentReason.AMOUNT_TOO_LARGE: "AM02",
        PaymentReason.CURRENCY_UNKNOWN: "AM11",
        PaymentReason.CURRENCY_DIFFERS: "AM03",
        PaymentReason.LINE_MALFORMED: "FF01",
        PaymentReason.METHOD_NOT_OFFERED: "AG01",
        PaymentReason.DATE_NOT_OFFERED: "DT01",
        PaymentReason.END_TO_END_ID_TWICE: "AM05",
        PaymentReason.DEBTOR_UNKNOWN: "AC02",
        PaymentReason.CREDITOR_UNKNOWN: "AC01",
        PaymentReason.CREDITOR_MISSING: "AC03",
        PaymentReason.CREDITOR_NAME_MISSING: "BE22",
        PaymentReason.IBAN_INVALID: "AC01",
        PaymentReason.BIC_INVALID: "RC01",
        PaymentReason.BANK_MISSING: "RC04",
        PaymentReason.NOT_OUR_DEBTOR: "AC02",
        PaymentReason.NOT_OUR_BANK: "RC07",
        PaymentReason.SAME_ACCOUNT: "AC03",
        PaymentReason.NOT_FOR_PAYMENTS: "AG01",
        PaymentReason.ACCOUNT_CLOSED: "AC04",
        PaymentReason.ACCOUNT_BLOCKED: "AC06",
        PaymentReason.NAME_DIFFERS: "BE01",
        PaymentReason.INSUFFICIENT_FUNDS: "AM04",
        PaymentReason.OVER_LIMIT: "AM02",
        PaymentReason.CANCELLED: "DS02",
    }
)
"""The codes of reasons for one payment; MS03 (reason not specified) for every other."""

FORMAT_CODE: Final = "FF01"
NO_CODE: Final = "MS03"

_BY_LEDGER_NAME: Final = MappingProxyType(
    {
        "unknown_account": PaymentReason.CREDITOR_UNKNOWN,
        "same_account": PaymentReason.SAME_ACCOUNT,
        "amount_not_positive": PaymentReason.AMOUNT_NOT_POSITIVE,
        "amount_out_of_range": PaymentReason.AMOUNT_TOO_LARGE,
        "currency_differs": PaymentReason.CURRENCY_DIFFERS,
        "account_closed": PaymentReason.ACCOUNT_CLOSED,
        "debit_blocked": PaymentReason.ACCOUNT_BLOCKED,
        "credit_blocked": PaymentReason.ACCOUNT_BLOCKED,
        "over_daily_limit": PaymentReason.OVER_LIMIT,
        "insufficient_funds": PaymentReason.INSUFFICIENT_FUNDS,
        "over_ceiling": PaymentReason.OVER_LIMIT,
        "over_single_limit": PaymentReason.OVER_LIMIT,
        "currency_not_the_accounts": PaymentReason.CURRENCY_DIFFERS,
        "contract_closed": PaymentReason.ACCOUNT_CLOSED,
        "credit_no_further": PaymentReason.ACCOUNT_BLOCKED,
        "dormant": PaymentReason.ACCOUNT_BLOCKED,
        "party_prohibited": PaymentReason.ACCOUNT_BLOCKED,
        "debit_own_account": PaymentReason.NOT_FOR_PAYMENTS,
        "credit_own_account": PaymentReason.NOT_FOR_PAYMENTS,
        "debit_loan": PaymentReason.NOT_FOR_PAYMENTS,
        "credit_loan": PaymentReason.NOT_FOR_PAYMENTS,
        "debit_term": PaymentReason.NOT_FOR_PAYMENTS,
        "debit_notice": PaymentReason.NOT_FOR_PAYMENTS,
        "debit_pays_interest": PaymentReason.NOT_FOR_PAYMENTS,
    }
)


def cause_of(refusal: Refusal) -> Cause:
    """A refusal of ours as it is kept and told."""
    return Cause(refusal.name, refusal.english, refusal.chinese, code_of(refusal))


def cause_by_books(name: str, english: str, chinese: str) -> Cause:
    """A refusal of whoever posts, with the code that says it best: the posting's own words are kept."""
    known = _BY_LEDGER_NAME.get(name)
    return Cause(name, english, chinese, NO_CODE if known is None else ISO_CODES[known])


def code_of(refusal: Refusal) -> str:
    """The four characters that say a refusal in a message."""
    match refusal.because:
        case FileReason():
            return FILE_CODES.get(refusal.because, FORMAT_CODE)
        case PaymentReason():
            return ISO_CODES.get(refusal.because, NO_CODE)
        case _:
            return NO_CODE
