"""Why money of deposits moves, by transfer code, and what the general-ledger codes they meet are called."""

from types import MappingProxyType
from typing import Final, NamedTuple

import psycopg

from yinhe.products.naming import Coded, names_of, note_names


class Words(NamedTuple):
    """A name in English and Chinese."""

    english: str
    chinese: str


class TransferCode(Coded):
    """Why a transfer of a deposit was made; a member is declared as (code, English, Chinese)."""

    INTEREST = 2001, "Interest", "结息"
    INTEREST_ACCRUED = 2002, "Interest accrued", "计提利息"
    INTEREST_CORRECTION = 2003, "Correction of interest", "利息调整"
    INTEREST_TAX = 2004, "Tax on interest", "利息税"
    FEE = 2005, "Fee", "手续费"
    SWEEP_OUT = 2006, "Sweep into the cash-management product", "归集转出"
    SWEEP_IN = 2007, "Sweep back from the cash-management product", "归集转入"
    OPENING = 2008, "Opening of a deposit", "开户存入"
    WITHDRAWAL = 2009, "Withdrawal of a deposit", "支取"
    MATURITY = 2010, "Deposit at maturity", "到期转出"
    RENEWAL = 2011, "Renewal of a deposit", "到期转存"
    INSTALMENT = 2012, "Instalment", "分期存取"
    STANDING_ORDER = 2013, "Standing order", "定期代付"
    CLOSING = 2014, "Closing of a deposit", "销户转出"
    DEPOSIT = 2015, "Deposit", "续存"
    UNCLAIMED = 2016, "Unclaimed money", "转入久悬未取"
    OVERDRAFT_INTEREST = 2017, "Overdraft interest", "透支利息"
    OVERDRAFT_ACCRUED = 2018, "Overdraft interest accrued", "计提透支利息"


OTHER_PAYABLES: Final = 2241
"""The general-ledger code of what is kept for its owner where no account can take it."""

GENERAL_LEDGER_NAMES: Final = MappingProxyType(
    {
        1001: Words("Cash", "库存现金"),
        1132: Words("Interest receivable", "应收利息"),
        2011: Words("Customer deposits", "吸收存款"),
        2221: Words("Taxes payable", "应交税费"),
        OTHER_PAYABLES: Words("Other payables", "其他应付款"),
        2231: Words("Interest payable", "应付利息"),
        6011: Words("Interest income", "利息收入"),
        6021: Words("Fee income", "手续费及佣金收入"),
        6411: Words("Interest expense", "利息支出"),
    }
)
"""What the general-ledger codes of the product library are called."""


def note_codes(session: psycopg.Connection) -> None:
    """Write down what the codes mean, where that is not written yet."""
    note_names(session, names_of(TransferCode), GENERAL_LEDGER_NAMES)
