"""Which general-ledger account each kind of transaction meets, and by which transfer code it is booked.

The codes are those of the chart of accounts for Chinese banks (财政部《企业会计准则——应用指南》附录);
two digits more name the sub-account.
"""

from enum import Enum
from typing import Final

import msgspec

from yinhe.migration.berka.codes import Operation, Purpose, TransactionType
from yinhe.products.naming import Coded


class LedgerAccount(Enum):
    """A general-ledger sub-account; a member is declared as (code, sub-account, English, Chinese)."""

    code: int
    sub_account: int
    english: str
    chinese: str

    def __init__(self, code: int, sub_account: int, english: str, chinese: str) -> None:
        self.code = code
        self.sub_account = sub_account
        self.english = english
        self.chinese = chinese

    CASH = 1001, 1, "Cash at the counter", "库存现金——柜面"
    OTHER_BANKS = 1011, 1, "Due from banks: transfers with other banks", "存放同业——他行往来"
    CUSTOMER_DEPOSITS = 2011, 1, "Customer deposits: current accounts", "吸收存款——活期存款"
    CARDS = 3001, 1, "Clearing: card withdrawals", "清算资金往来——银行卡取款"
    SOURCE_ROUNDING = 3001, 99, "Clearing: source rounding differences", "清算资金往来——源系统尾差"
    SANCTION_INTEREST = 6011, 1, "Interest income: sanction interest", "利息收入——透支罚息"
    STATEMENT_FEES = 6021, 1, "Fee income: statement fees", "手续费收入——对账单费"
    INTEREST_PAID = 6411, 1, "Interest expense: current accounts", "利息支出——活期存款"

    @property
    def number(self) -> int:
        """Return the six-digit number: the code and the sub-account."""
        return self.code * 100 + self.sub_account


class TransferReason(Coded):
    """Why a transfer was made; a member is declared as (transfer code, English narrative, Chinese narrative)."""

    CASH_DEPOSIT = 101, "Cash paid in", "现金存入"
    CASH_WITHDRAWAL = 102, "Cash paid out", "现金支取"
    HOUSEHOLD_IN_CASH = 103, "Household payment in cash", "现金家庭缴费"
    TRANSFER_IN = 201, "Transfer from another bank", "他行转入"
    PENSION_IN = 202, "Pension from another bank", "养老金转入"
    TRANSFER_OUT = 211, "Transfer to another bank", "转至他行"
    HOUSEHOLD_OUT = 212, "Household payment to another bank", "家庭缴费转出"
    INSURANCE_OUT = 213, "Insurance payment to another bank", "保险费转出"
    LOAN_OUT = 214, "Loan payment to another bank", "贷款还款转出"
    CARD_WITHDRAWAL = 301, "Card withdrawal", "银行卡取款"
    INTEREST = 401, "Interest credited", "利息入账"
    SANCTION_INTEREST = 402, "Sanction interest on a negative balance", "透支罚息"
    STATEMENT_FEE = 501, "Statement fee", "对账单费"
    SOURCE_ROUNDING = 901, "Rounding difference of the source", "源系统尾差"


Kind = tuple[TransactionType, Operation, Purpose]


class PostingRule(msgspec.Struct, frozen=True):
    """One line of the chart: transactions of this kind meet this general-ledger account for this reason."""

    type: TransactionType
    operation: Operation
    purpose: Purpose
    contra: LedgerAccount
    reason: TransferReason


_IN, _OUT = TransactionType.CREDIT, TransactionType.DEBIT
_CASH, _BANKS = LedgerAccount.CASH, LedgerAccount.OTHER_BANKS

CHART: Final = (
    PostingRule(_IN, Operation.CASH_IN, Purpose.EMPTY, _CASH, TransferReason.CASH_DEPOSIT),
    PostingRule(_OUT, Operation.CASH_OUT, Purpose.EMPTY, _CASH, TransferReason.CASH_WITHDRAWAL),
    PostingRule(_OUT, Operation.CASH_OUT, Purpose.BLANK, _CASH, TransferReason.CASH_WITHDRAWAL),
    PostingRule(TransactionType.WITHDRAWAL, Operation.CASH_OUT, Purpose.EMPTY, _CASH, TransferReason.CASH_WITHDRAWAL),
    PostingRule(_OUT, Operation.CASH_OUT, Purpose.HOUSEHOLD, _CASH, TransferReason.HOUSEHOLD_IN_CASH),
    PostingRule(_IN, Operation.FROM_BANK, Purpose.EMPTY, _BANKS, TransferReason.TRANSFER_IN),
    PostingRule(_IN, Operation.FROM_BANK, Purpose.PENSION, _BANKS, TransferReason.PENSION_IN),
    PostingRule(_OUT, Operation.TO_BANK, Purpose.EMPTY, _BANKS, TransferReason.TRANSFER_OUT),
    PostingRule(_OUT, Operation.TO_BANK, Purpose.BLANK, _BANKS, TransferReason.TRANSFER_OUT),
    PostingRule(_OUT, Operation.TO_BANK, Purpose.HOUSEHOLD, _BANKS, TransferReason.HOUSEHOLD_OUT),
    PostingRule(_OUT, Operation.TO_BANK, Purpose.INSURANCE, _BANKS, TransferReason.INSURANCE_OUT),
    PostingRule(_OUT, Operation.TO_BANK, Purpose.LOAN, _BANKS, TransferReason.LOAN_OUT),
    PostingRule(_OUT, Operation.CARD, Purpose.EMPTY, LedgerAccount.CARDS, TransferReason.CARD_WITHDRAWAL),
    PostingRule(_IN, Operation.NONE, Purpose.INTEREST, LedgerAccount.INTEREST_PAID, TransferReason.INTEREST),
    PostingRule(
        _OUT,
        Operation.CASH_OUT,
        Purpose.SANCTION_INTEREST,
        LedgerAccount.SANCTION_INTEREST,
        TransferReason.SANCTION_INTEREST,
    ),
    PostingRule(
        _OUT, Operation.CASH_OUT, Purpose.STATEMENT_FEE, LedgerAccount.STATEMENT_FEES, TransferReason.STATEMENT_FEE
    ),
)
"""Every kind of transaction the books contain; a kind that is not here is refused, never guessed."""


def posting_rules() -> dict[Kind, PostingRule]:
    """Return the chart by kind of transaction."""
    return {(rule.type, rule.operation, rule.purpose): rule for rule in CHART}
