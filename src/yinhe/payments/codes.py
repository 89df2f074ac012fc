"""Why money of payments moves, by transfer code, and the bank's own accounts it meets."""

from types import MappingProxyType
from typing import Final

import psycopg

from yinhe.products.naming import Coded, names_of, note_names


class PaymentCode(Coded):
    """Why a transfer of a payment was made; a member is declared as (code, English, Chinese)."""

    OUT = 700, "Payment to another bank", "汇出汇款"
    ON_US = 701, "Payment inside the bank", "行内付款"
    BATCH = 702, "Batch of payments", "批量付款"
    IN = 703, "Payment from another bank", "汇入汇款"
    SUSPENSE = 704, "Payment put into suspense", "来账挂账"
    APPLIED = 705, "Payment credited out of suspense", "挂账入账"
    SENT_BACK = 706, "Payment sent back", "退汇转出"
    CAME_BACK = 707, "Payment that came back", "退汇转入"


CODES: Final = frozenset(code.code for code in PaymentCode)

CLEARING: Final = 3001
"""The general-ledger code of what is owed between this bank and the clearing."""
TRANSIT: Final = 3003
"""… of batches of payments on their way from one debit to many credits: empty after each transaction."""
SUSPENSE: Final = 2242
"""… of money from other banks that found no account yet."""

GENERAL_LEDGER_NAMES: Final = MappingProxyType(
    {
        CLEARING: ("Clearing", "清算资金往来"),
        TRANSIT: ("Batch payments in transit", "批量付款过渡"),
        SUSPENSE: ("Payments in suspense", "待处理来账款项"),
    }
)


def note_codes(session: psycopg.Connection) -> None:
    """Write down what the codes mean, where that is not written yet."""
    note_names(session, names_of(PaymentCode), GENERAL_LEDGER_NAMES)
