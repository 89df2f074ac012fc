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
        PartRefusal.TERM_NOT_OFFERED: ("this term is not offered", "不提供该存期"),
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
    }
)
"""What a customer reads, in English and Chinese."""
