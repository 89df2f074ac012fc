"""Why money of loans moves, by transfer code."""

from types import MappingProxyType
from typing import Final

import psycopg

from yinhe.products.naming import Coded, names_of, note_names


class LoanCode(Coded):
    """Why a transfer of a loan was made; a member is declared as (code, English, Chinese)."""

    DRAWING = 3001, "Drawing of a loan", "贷款发放"
    PRINCIPAL = 3002, "Repayment of principal", "归还贷款本金"
    INTEREST = 3003, "Payment of loan interest", "归还贷款利息"
    FEE = 3004, "Payment of a loan fee", "归还贷款费用"
    INTEREST_DUE = 3005, "Loan interest due", "应收贷款利息"
    INTEREST_ACCRUED = 3006, "Loan interest accrued", "计提贷款利息"
    FEE_CHARGED = 3007, "Loan fee charged", "计收贷款费用"
    CORRECTION = 3008, "Correction of a loan", "贷款账务调整"
    CAPITALISED = 3009, "Loan interest become principal", "贷款利息转本金"
    LEFT_BOOKS = 3010, "Loan interest taken off the books", "贷款利息转表外"
    CAME_BACK = 3011, "Loan interest taken back onto the books", "贷款利息转回表内"
    OFF_BALANCE = 3012, "Loan interest followed off balance", "表外应收利息"
    OFF_BALANCE_PAID = 3013, "Loan interest received that was off balance", "收回表外利息"
    ALLOWANCE = 3014, "Allowance for loan losses", "计提贷款损失准备"
    WRITE_OFF = 3015, "Loan written off", "贷款核销"
    RECOVERY = 3016, "Recovery of a loan written off", "收回已核销贷款"
    COLLECTION = 3017, "Collection of what is due of a loan", "贷款到期扣款"


GENERAL_LEDGER_NAMES: Final = MappingProxyType(
    {
        1132: ("Interest receivable", "应收利息"),
        1303: ("Loans", "贷款"),
        1304: ("Loan-loss allowance", "贷款损失准备"),
        3001: ("Clearing", "清算资金往来"),
        6011: ("Interest income", "利息收入"),
        6702: ("Credit-loss expense", "信用减值损失"),
        7132: ("Interest receivable off balance", "表外应收利息"),
        7133: ("Loans written off", "已核销贷款"),
    }
)
"""What the general-ledger codes of the loan products in the library are called."""


def note_codes(session: psycopg.Connection) -> None:
    """Write down what the codes mean, where that is not written yet."""
    note_names(session, names_of(LoanCode), GENERAL_LEDGER_NAMES)
