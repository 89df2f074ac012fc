"""What is known of loans when they are applied for, and the base of the parts that decide whether they may be lent."""

from enum import IntEnum, unique

import msgspec

from yinhe.products.parts.base import Int32Column, Int64Column, Part


@unique
class Purpose(IntEnum):
    """What a loan is for."""

    HOME = 1
    """Buying a home to live in."""
    RENOVATION = 2
    CAR = 3
    EDUCATION = 4
    MEDICAL = 5
    TRAVEL = 6
    GOODS = 7
    """Household goods and other daily consumption."""
    WORKING_CAPITAL = 8
    """Stock, wages and other running costs of a business."""
    EQUIPMENT = 9
    CONSTRUCTION = 10
    """Building plants, roads and the like: fixed assets."""
    RESEARCH = 11
    """Research and development."""
    FREIGHT = 12
    """Paying carriers."""
    PROPERTY = 13
    """Dealing in property."""
    SECURITIES = 14
    """Shares, bonds, funds, futures."""
    DEPOSITS = 15
    """Deposits and wealth management."""
    EQUITY = 16
    """Investing in other companies."""
    LENDING_ON = 17
    """Lending the money to others."""


PURPOSE_WORDS = {
    Purpose.HOME: ("a home", "购买自住住房"),
    Purpose.RENOVATION: ("renovating a home", "房屋装修"),
    Purpose.CAR: ("a car", "购车"),
    Purpose.EDUCATION: ("education", "教育"),
    Purpose.MEDICAL: ("medical care", "医疗"),
    Purpose.TRAVEL: ("travel", "旅游"),
    Purpose.GOODS: ("goods of daily life", "日常消费"),
    Purpose.WORKING_CAPITAL: ("the running costs of a business", "生产经营周转"),
    Purpose.EQUIPMENT: ("equipment", "购置设备"),
    Purpose.CONSTRUCTION: ("building fixed assets", "固定资产建设"),
    Purpose.RESEARCH: ("research and development", "研究开发"),
    Purpose.FREIGHT: ("freight", "支付运费"),
    Purpose.PROPERTY: ("dealing in property", "房地产投资"),
    Purpose.SECURITIES: ("securities and futures", "证券、期货投资"),
    Purpose.DEPOSITS: ("deposits and wealth management", "存款及理财"),
    Purpose.EQUITY: ("investing in other companies", "股本权益性投资"),
    Purpose.LENDING_ON: ("lending to others", "转贷他人"),
}
"""The purposes in English and Chinese."""


class Application(msgspec.Struct, frozen=True, eq=False):
    """Loans applied for; one entry a loan in each column, int64[n] of minor units where nothing else is said."""

    amount: Int64Column
    """What is to be lent, or the limit asked for."""
    price: Int64Column
    """The price of what is bought with it, 0 for none."""
    collateral: Int64Column
    """What the collateral is worth, after what is owed on it elsewhere."""
    guaranteed: Int64Column
    """What the guarantors answer for together."""
    guarantors: Int64Column
    """How many guarantors there are."""
    income: Int64Column
    """The borrower's income a month."""
    instalment: Int64Column
    """What is to be repaid a month."""
    other_dues: Int64Column
    """What the borrower repays a month on other debts."""
    tier: Int32Column
    """The customer's tier, int32[n]."""
    purpose: Int32Column
    """`Purpose`, int32[n]."""


class ApplicationPart(Part, frozen=True, kw_only=True):
    """The base of the parts that decide whether a loan applied for may be granted; all of a product's must agree."""

    def refuse(self, application: Application) -> Int64Column:
        """Why a loan may not be granted, int64[n] of `PartRefusal`, 0 where it may."""
        raise NotImplementedError
