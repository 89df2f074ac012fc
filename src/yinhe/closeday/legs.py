"""Journal rows as an explanation shows them."""

import numpy as np
from numpy.typing import NDArray

from yinhe.closeday.explanation import Leg
from yinhe.deposits.codes import TransferCode
from yinhe.lending.codes import LoanCode
from yinhe.payments.codes import PaymentCode
from yinhe.products.pricing import Reason
from yinhe.transact.codes import TransferKind


def words_of(code: int) -> Reason:
    """Why money moves, by transfer code."""
    found = next((one for one in (*TransferCode, *LoanCode, *TransferKind, *PaymentCode) if one.code == code), None)
    return (
        Reason(f"Transfer of code {code}", f"代码{code}转账") if found is None else Reason(found.english, found.chinese)
    )


def legs_of(rows: NDArray[np.void]) -> tuple[Leg, ...]:
    """The legs of a transaction, dtype ROW."""
    return tuple(
        Leg(
            seq=int(row["seq"]),
            debit=int(row["debit"]),
            credit=int(row["credit"]),
            amount_minor=int(row["amount"]),
            code=int(row["code"]),
            what=words_of(int(row["code"])),
            value_date=int(row["value_date"]),
        )
        for row in rows
    )
