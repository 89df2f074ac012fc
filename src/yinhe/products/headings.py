"""The headings of terms sheets, and how they say what may change: of deposits, and of loans."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from yinhe.products.families import Family
from yinhe.products.parts.base import Kind
from yinhe.products.product import TermRule

Words = tuple[str, str]
"""English and Chinese."""

_DEPOSIT: Final[Mapping[Kind, Words]] = MappingProxyType(
    {
        Kind.ELIGIBILITY: ("Who may have it", "办理对象"),
        Kind.OPENING: ("Opening", "开户"),
        Kind.AMOUNT: ("Amounts", "金额"),
        Kind.TERM: ("Term", "存期"),
        Kind.INTEREST: ("Interest", "利率"),
        Kind.PRICING: ("Rate adjustments", "利率浮动"),
        Kind.ACCRUAL: ("How interest is counted", "计息方法"),
        Kind.SETTLEMENT: ("When interest is paid", "结息"),
        Kind.INSTALMENT: ("Instalments", "分次存取"),
        Kind.NOTICE: ("Notice", "通知"),
        Kind.EARLY_WITHDRAWAL: ("Early withdrawal", "提前支取"),
        Kind.RENEWAL: ("At maturity", "到期"),
        Kind.SWEEP: ("Sweep", "自动归集"),
        Kind.OVERDRAFT: ("Overdraft", "透支"),
        Kind.FEE: ("Fees", "费用"),
        Kind.TAX: ("Tax", "税"),
        Kind.TRANSFER: ("Transfer to another holder", "转让"),
        Kind.DORMANCY: ("Dormancy", "久悬"),
        Kind.CLOSING: ("Closing", "销户"),
        Kind.TEXT: ("Further terms", "其他条款"),
    }
)

_LOAN: Final[Mapping[Kind, Words]] = MappingProxyType(
    {
        Kind.ELIGIBILITY: ("Who may have it", "借款人"),
        Kind.LIMIT: ("Amount", "金额"),
        Kind.DOWN_PAYMENT: ("Down payment", "首付款"),
        Kind.TERM: ("Term", "期限"),
        Kind.PURPOSE: ("Purpose", "用途"),
        Kind.SECURITY: ("Security", "担保方式"),
        Kind.DRAWDOWN: ("Drawing", "提款"),
        Kind.PAYMENT: ("To whom it is paid", "支付方式"),
        Kind.LOAN_INTEREST: ("Interest", "利率"),
        Kind.PRICING: ("Rate adjustments", "利率浮动"),
        Kind.REPAYMENT: ("Repayment", "还款方式"),
        Kind.GRACE: ("Grace", "宽限期"),
        Kind.CARD: ("The card", "账单与还款"),
        Kind.PREPAYMENT: ("Early repayment", "提前还款"),
        Kind.FEE: ("Fees", "费用"),
        Kind.OVERDUE: ("Late payment", "逾期"),
        Kind.MISUSE: ("Misuse", "挪用"),
        Kind.ALLOCATION: ("Order of repayment", "还款顺序"),
        Kind.RESTRUCTURING: ("Extension and restructuring", "展期与重组"),
        Kind.TEXT: ("Further terms", "其他条款"),
    }
)

HEADINGS: Final[Mapping[Family, Mapping[Kind, Words]]] = MappingProxyType(
    {Family.DEPOSIT: _DEPOSIT, Family.LOAN: _LOAN}
)
"""Every kind a customer reads about, in the order of a terms sheet.

The general ledger is the bank's own matter, and so is how it grades a loan and what it sets aside for it.
"""

RULES: Final[Mapping[Family, Mapping[TermRule, Words]]] = MappingProxyType(
    {
        Family.DEPOSIT: MappingProxyType(
            {
                TermRule.FOLLOW: ("follows the product as the bank publishes it", "随本行公布的产品条款调整"),
                TermRule.FREEZE: ("stays as it was on the day of opening", "以开户日为准，期内不变"),
                TermRule.NEGOTIATE: ("is agreed individually", "由双方协商确定"),
            }
        ),
        Family.LOAN: MappingProxyType(
            {
                TermRule.FOLLOW: ("follows the product as the bank publishes it", "随本行公布的产品条款调整"),
                TermRule.FREEZE: ("stays as it was on the day of the contract", "以合同签订日为准，期内不变"),
                TermRule.NEGOTIATE: ("is agreed individually", "由双方协商确定"),
            }
        ),
    }
)
"""What each rule means to a customer."""
