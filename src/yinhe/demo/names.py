"""What the sample bank's codes mean: its general ledger, and why money moves.

The general-ledger codes are those of the chart of accounts for Chinese banks (财政部《企业会计准则——应用指南》附录).
"""

import psycopg

from yinhe.products import naming
from yinhe.products.naming import Coded


class GeneralLedger(Coded):
    """The general-ledger codes in use."""

    CASH = 1001, "Cash", "库存现金"
    CENTRAL_BANK = 1003, "Due from the central bank", "存放中央银行款项"
    OTHER_BANKS = 1011, "Due from banks", "存放同业"
    DEPOSITS = 2011, "Customer deposits", "吸收存款"
    TAXES = 2221, "Taxes payable", "应交税费"
    INTEREST_PAYABLE = 2231, "Interest payable", "应付利息"
    OTHER_PAYABLES = 2241, "Other payables", "其他应付款"
    CLEARING = 3001, "Clearing", "清算资金往来"
    POSITION = 3002, "Currency position", "货币兑换"
    CAPITAL = 4001, "Capital", "实收资本"
    FEES = 6021, "Fee income", "手续费及佣金收入"
    INTEREST_EXPENSE = 6411, "Interest expense", "利息支出"


class Reason(Coded):
    """Why money moves: the transfer codes. What moves for a contract has those of `deposits.codes`."""

    EXPIRED = 0, "Hold expired", "冻结到期"
    """The ledger's own rows carry no code."""
    OPENING = 100, "Opening balance", "期初余额"
    SALARY = 110, "Salary", "代发工资"
    CARD = 120, "Card purchase", "银行卡消费"
    CARD_ABROAD = 121, "Card purchase abroad", "境外消费"
    SCAN = 122, "Payment by code", "扫码支付"
    TRANSFER = 130, "Transfer", "行内转账"
    TRANSFER_OUT = 131, "Transfer to another bank", "跨行汇出"
    TRANSFER_IN = 132, "Transfer from another bank", "跨行汇入"
    ENTERED_LATE = 133, "Transfer entered late", "补记汇入"
    CASH_OUT = 140, "Cash paid out", "现金支取"
    CASH_IN = 141, "Cash paid in", "现金存入"
    FEE = 150, "Fee", "手续费"
    SAVING = 160, "Standing order: saving", "约定转存"
    TOP_UP = 161, "Standing order: top up", "约定充值"
    EXCHANGE = 170, "Currency exchange", "结售汇"
    SUPPLIER = 180, "Payment for goods", "支付货款"
    CLEARING = 190, "Clearing settled", "清算轧差"


def note_names(session: psycopg.Connection) -> None:
    """Write the names into the unit's tables, so that statements and trial balances show them."""
    naming.note_names(session, naming.names_of(Reason), naming.names_of(GeneralLedger))
