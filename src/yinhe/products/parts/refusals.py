"""Why a part refuses what a customer asks: a closed list, in English and Chinese."""

from collections.abc import Mapping
from enum import IntEnum, unique
from types import MappingProxyType
from typing import Final


@unique
class PartRefusal(IntEnum):
    """What parts answer, one code an entry; 0 is no refusal. The order is that of asking, and never changes."""

    NONE = 0
    PERSONS_ONLY = 1
    COMPANIES_ONLY = 2
    CUSTOMER_TIER = 3
    REGION = 4
    CHANNEL = 5
    NEW_MONEY_ONLY = 6
    NOT_ON_SALE = 7
    UNDER_MINIMUM = 8
    OVER_MAXIMUM = 9
    OFF_STEP = 10
    BALANCE_OVER_MAXIMUM = 11
    BALANCE_UNDER_MINIMUM = 12
    TERM_NOT_OFFERED = 13
    FIRST_DEPOSIT_MISSING = 14
    FIRST_DEPOSIT_LATER = 15
    EARLY_NOT_ALLOWED = 16
    EARLY_USED_UP = 17
    EARLY_WHOLE_ONLY = 18
    TOO_LITTLE_LEFT = 19
    TOO_SOON_TO_CLOSE = 20
    NOT_TRANSFERABLE = 21
    TRANSFER_TOO_SOON = 22
    TRANSFER_OTHER_KIND = 23
    NOT_EMPTY = 24
    OVER_LIMIT = 25
    INCOME_TOO_LOW = 26
    OWN_FUNDS_TOO_LITTLE = 27
    PURPOSE_NOT_ALLOWED = 28
    PURPOSE_FORBIDDEN = 29
    COLLATERAL_TOO_LITTLE = 30
    GUARANTEE_TOO_LITTLE = 31
    GUARANTORS_TOO_FEW = 32
    SUPPLIER_ONLY = 33
    PAYEE_NOT_ALLOWED = 34
    DRAWN_ALREADY = 35
    TRANCHES_USED_UP = 36
    DRAWING_NOT_BEGUN = 37
    DRAWING_OVER = 38
    PREPAYMENT_NOT_ALLOWED = 39
    PREPAYMENT_TOO_SOON = 40
    PREPAYMENT_WHOLE_ONLY = 41
    PREPAYMENT_TOO_SMALL = 42
    PREPAYMENTS_USED_UP = 43
    PREPAYMENT_OVER_BALANCE = 44
    RESTRUCTURED_TOO_OFTEN = 45
    EXTENSION_TOO_LONG = 46
    EXTENSION_TOO_LATE = 47
    ARREARS_TOO_NEW = 48
    RATE_TOO_LOW = 49
    CAPITALISED_TOO_MUCH = 50
    NOT_YET_LOST = 51
    PLAN_NOT_OFFERED = 52
    RATE_TOO_HIGH = 53


PART_REASONS: Final[Mapping[PartRefusal, tuple[str, str]]] = MappingProxyType(
    {
        PartRefusal.NONE: ("nothing against it", "符合条件"),
        PartRefusal.PERSONS_ONLY: ("this product is for persons only", "该产品仅限个人客户"),
        PartRefusal.COMPANIES_ONLY: ("this product is for companies only", "该产品仅限单位客户"),
        PartRefusal.CUSTOMER_TIER: ("this product is for customers of a higher tier", "您的客户等级未达到该产品的要求"),
        PartRefusal.REGION: ("this product is not offered in your region", "您所在地区不办理该产品"),
        PartRefusal.CHANNEL: ("this product is not offered through this channel", "该渠道不办理该产品"),
        PartRefusal.NEW_MONEY_ONLY: ("this product is for money that is new to the bank", "该产品仅限行外新转入资金"),
        PartRefusal.NOT_ON_SALE: ("this product is not on sale today", "该产品当日不在发售期内"),
        PartRefusal.UNDER_MINIMUM: ("the amount is under the minimum", "金额低于最低限额"),
        PartRefusal.OVER_MAXIMUM: ("the amount is over the maximum", "金额超过最高限额"),
        PartRefusal.OFF_STEP: ("the amount is not a multiple of the step", "金额不是递增单位的整数倍"),
        PartRefusal.BALANCE_OVER_MAXIMUM: ("the balance would be over the maximum", "余额将超过最高限额"),
        PartRefusal.BALANCE_UNDER_MINIMUM: ("the balance would be under the minimum", "余额将低于最低限额"),
        PartRefusal.TERM_NOT_OFFERED: ("this term is not offered", "不提供该期限"),
        PartRefusal.FIRST_DEPOSIT_MISSING: ("a first deposit is needed to open", "开立时须存入首笔资金"),
        PartRefusal.FIRST_DEPOSIT_LATER: ("it is opened empty; deposit afterwards", "须先开立再存入"),
        PartRefusal.EARLY_NOT_ALLOWED: ("nothing may be drawn before maturity", "到期前不得支取"),
        PartRefusal.EARLY_USED_UP: ("no further part may be drawn before maturity", "提前支取次数已用完"),
        PartRefusal.EARLY_WHOLE_ONLY: ("before maturity only the whole may be drawn", "提前支取只能全部支取"),
        PartRefusal.TOO_LITTLE_LEFT: (
            "less than the minimum would be left; draw the whole",
            "剩余金额低于最低限额，须全部支取",
        ),
        PartRefusal.TOO_SOON_TO_CLOSE: ("it cannot be closed yet", "尚未到可销户日期"),
        PartRefusal.NOT_TRANSFERABLE: ("it cannot be transferred to another holder", "不可转让"),
        PartRefusal.TRANSFER_TOO_SOON: ("it cannot be transferred yet", "尚未到可转让日期"),
        PartRefusal.TRANSFER_OTHER_KIND: (
            "it can be transferred between persons, or between companies, only",
            "仅限个人之间或单位之间转让",
        ),
        PartRefusal.NOT_EMPTY: ("it can only be closed when it is empty", "余额为零方可销户"),
        PartRefusal.OVER_LIMIT: ("the amount is over the limit", "金额超过可用额度"),
        PartRefusal.INCOME_TOO_LOW: (
            "the instalments would be too large a share of your income",
            "月供占收入的比例过高",
        ),
        PartRefusal.OWN_FUNDS_TOO_LITTLE: ("your own down payment is too small", "首付款比例不足"),
        PartRefusal.PURPOSE_NOT_ALLOWED: ("the loan is not for this purpose", "贷款用途不在允许范围内"),
        PartRefusal.PURPOSE_FORBIDDEN: ("a loan must not be used for this purpose", "贷款资金不得用于该用途"),
        PartRefusal.COLLATERAL_TOO_LITTLE: ("the collateral is worth too little for the amount", "抵质押物价值不足"),
        PartRefusal.GUARANTEE_TOO_LITTLE: ("the guarantee covers too little of the amount", "保证担保金额不足"),
        PartRefusal.GUARANTORS_TOO_FEW: ("more guarantors are needed", "保证人数量不足"),
        PartRefusal.SUPPLIER_ONLY: (
            "an amount of this size is paid to the supplier by the bank",
            "该金额须由本行受托支付给交易对象",
        ),
        PartRefusal.PAYEE_NOT_ALLOWED: ("the loan may not be paid to this payee", "贷款资金不得支付给该收款人"),
        PartRefusal.DRAWN_ALREADY: ("the loan has been drawn; it is drawn once", "贷款已发放，只能提款一次"),
        PartRefusal.TRANCHES_USED_UP: ("no further tranche may be drawn", "提款次数已用完"),
        PartRefusal.DRAWING_NOT_BEGUN: ("nothing can be drawn before the contract begins", "合同生效前不得提款"),
        PartRefusal.DRAWING_OVER: ("the time for drawing is over", "提款期已过"),
        PartRefusal.PREPAYMENT_NOT_ALLOWED: ("nothing may be repaid before it is due", "不得提前还款"),
        PartRefusal.PREPAYMENT_TOO_SOON: ("it is too soon to repay before it is due", "尚未到可提前还款日期"),
        PartRefusal.PREPAYMENT_WHOLE_ONLY: ("only the whole may be repaid before it is due", "提前还款只能全部结清"),
        PartRefusal.PREPAYMENT_TOO_SMALL: (
            "a part repaid before it is due must be larger",
            "部分提前还款金额低于最低限额",
        ),
        PartRefusal.PREPAYMENTS_USED_UP: (
            "no further part may be repaid before it is due this year",
            "本年度部分提前还款次数已用完",
        ),
        PartRefusal.PREPAYMENT_OVER_BALANCE: ("more would be repaid than is owed", "还款金额超过剩余本金"),
        PartRefusal.RESTRUCTURED_TOO_OFTEN: ("it cannot be arranged anew once more", "调整次数已用完"),
        PartRefusal.EXTENSION_TOO_LONG: ("the loan cannot be extended for so long", "展期期限过长"),
        PartRefusal.EXTENSION_TOO_LATE: ("a loan is extended before it is overdue", "逾期后不得展期"),
        PartRefusal.ARREARS_TOO_NEW: ("too few instalments were paid in a row", "连续正常还款期数不足"),
        PartRefusal.RATE_TOO_LOW: ("the new rate is too low", "调整后利率过低"),
        PartRefusal.CAPITALISED_TOO_MUCH: ("too much interest would become principal", "转为本金的利息过多"),
        PartRefusal.NOT_YET_LOST: ("the loan cannot be written off yet", "尚未达到核销条件"),
        PartRefusal.PLAN_NOT_OFFERED: ("no such instalment plan is offered", "不提供该分期方案"),
        PartRefusal.RATE_TOO_HIGH: ("the new rate is too high", "调整后利率过高"),
    }
)
"""What a customer reads, in English and Chinese."""
