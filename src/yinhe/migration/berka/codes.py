"""The closed sets of words the source uses, each with its meaning in English and Chinese."""

from enum import Enum


class SourceCode(Enum):
    """A word of the source; a member is declared as (source word, English, Chinese)."""

    source: str
    english: str
    chinese: str

    def __init__(self, source: str, english: str, chinese: str) -> None:
        self.source = source
        self.english = english
        self.chinese = chinese


class TransactionType(SourceCode):
    """Which way a transaction moves the customer's balance."""

    CREDIT = "PRIJEM", "credit", "贷记"
    DEBIT = "VYDAJ", "debit", "借记"
    WITHDRAWAL = "VYBER", "debit, cash withdrawal", "借记(取现)"


class Operation(SourceCode):
    """How the money came or went; empty where the bank itself credits interest."""

    NONE = "", "booked by the bank itself", "银行自行入账"
    CASH_IN = "VKLAD", "cash in", "现金存入"
    CASH_OUT = "VYBER", "cash out", "现金支取"
    FROM_BANK = "PREVOD Z UCTU", "transfer from another bank", "他行转入"
    TO_BANK = "PREVOD NA UCET", "transfer to another bank", "转至他行"
    CARD = "VYBER KARTOU", "card withdrawal", "银行卡取款"


class Purpose(SourceCode):
    """What a transaction was for (`k_symbol`); the source leaves it empty in two ways, kept apart here."""

    EMPTY = "", "not stated", "未注明"
    BLANK = " ", "not stated (blank)", "未注明(空格)"
    INTEREST = "UROK", "interest credited", "利息入账"
    SANCTION_INTEREST = "SANKC. UROK", "sanction interest on a negative balance", "透支罚息"
    STATEMENT_FEE = "SLUZBY", "statement fee", "对账单费"
    HOUSEHOLD = "SIPO", "household payment", "家庭缴费"
    PENSION = "DUCHOD", "pension", "养老金"
    INSURANCE = "POJISTNE", "insurance payment", "保险费"
    LOAN = "UVER", "loan payment", "贷款还款"


class OrderPurpose(SourceCode):
    """What a standing order is for; never empty, but it may be blank."""

    BLANK = " ", "not stated (blank)", "未注明(空格)"
    HOUSEHOLD = "SIPO", "household payment", "家庭缴费"
    INSURANCE = "POJISTNE", "insurance payment", "保险费"
    LOAN = "UVER", "loan payment", "贷款还款"
    LEASING = "LEASING", "leasing payment", "租赁付款"


class StatementFrequency(SourceCode):
    """How often an account's statement is issued."""

    MONTHLY = "POPLATEK MESICNE", "monthly", "每月"
    WEEKLY = "POPLATEK TYDNE", "weekly", "每周"
    AFTER_TRANSACTION = "POPLATEK PO OBRATU", "after each transaction", "每笔交易后"


class LoanStatus(SourceCode):
    """How a loan stood when the books were taken."""

    FINISHED = "A", "finished", "已结清"
    FINISHED_UNPAID = "B", "finished unpaid", "到期未还清"
    RUNNING = "C", "running", "正常还款中"
    RUNNING_IN_DEBT = "D", "running in debt", "还款中且欠款"


class CardType(SourceCode):
    """The kind of a card."""

    JUNIOR = "junior", "junior", "青少年卡"
    CLASSIC = "classic", "classic", "普卡"
    GOLD = "gold", "gold", "金卡"


class DispositionType(SourceCode):
    """What a client may do with an account."""

    OWNER = "OWNER", "owner", "户主"
    DISPONENT = "DISPONENT", "authorised user", "授权使用人"
