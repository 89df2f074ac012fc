"""Explains the fee of a single transaction: worked out again from the product of its day and the month's journal."""

from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from yinhe.closeday.errors import ExplanationDiffers, NotExplained
from yinhe.closeday.explanation import Explanation
from yinhe.closeday.legs import legs_of, words_of
from yinhe.closeday.past import Past
from yinhe.ledger.batch import Flag
from yinhe.products.parts.fee import EVENT_WORDS, FeeEvent
from yinhe.products.pricing import Reason
from yinhe.transact.answers import without_recalls
from yinhe.transact.codes import TransferKind, codes_of, event_of
from yinhe.transact.rules import charges_of
from yinhe.transact.tallies import month_start

RECALLED: Final = Reason(
    "What the account was short of, above its floor and what is held on it, came back from its linked product.",
    "账户可用余额不足的部分由关联产品自动转回。",
)
_FEE: Final = TransferKind.FEE.code
_RECALL: Final = TransferKind.RECALL.code
_NOT_COUNTED: Final = np.uint16(Flag.PENDING | Flag.POST | Flag.VOID | Flag.REVERSAL)


def has_fee(rows: NDArray[np.void]) -> bool:
    """Whether a transaction (dtype ROW) was charged a fee of its own, and is none that takes one back."""
    return bool((rows["code"] == _FEE).any()) and not (rows["flags"] & np.uint16(Flag.REVERSAL)).any()


def explain_fee(past: Past, txn_id: UUID, rows: NDArray[np.void]) -> Explanation:
    """Why a transaction was charged what it was. Raises ExplanationDiffers, NotExplained, PartMissing."""
    main, posted = without_recalls(rows)[0], rows[rows["code"] == _FEE]
    event = event_of(int(main["code"]))
    payer = int(posted["debit"][0])
    found = past.contract_of_account(payer)
    if event is None or found is None:
        raise NotExplained(f"Transaction {txn_id} was charged a fee, but account {payer} has no contract that says so.")
    contract, version = found
    date = past.booked_on(int(main["seq"]))
    product = past.known_on(date).in_force(version, date)
    charge = charges_of(product, int(posted["credit"][0])).get(event)
    if charge is None:
        raise ExplanationDiffers(f"Transaction {txn_id} was charged a fee; by {product.name} it is free.")
    count = _earlier(past, payer, event, date, int(main["seq"])) + 1
    balance = past.balance_at(payer, int(main["seq"]) - 1)
    again = charge.fee_minor(count, int(main["amount"]), balance)
    charged = int(posted["amount"].sum())
    if again != charged:
        raise ExplanationDiffers(
            f"Transaction {txn_id} was charged {charged} minor units; worked out again it is {again}."
        )
    english, chinese = EVENT_WORDS[event]
    said = Reason(
        f"It was number {count} of its month charged as {english}, under {product.name}, contract {contract}.",
        f"该笔为合约{contract}当月第{count}笔{chinese}，适用产品{product.name}。",
    )
    return Explanation(
        txn_id=txn_id,
        what=words_of(int(main["code"])),
        business_date=date,
        night=None,
        currency=past.currency_of(payer),
        legs=legs_of(rows),
        contracts=1,
        reasons=(said, *(Reason(*part.text()) for part in charge.parts), *recalled(rows)),
    )


def recalled(rows: NDArray[np.void]) -> tuple[Reason, ...]:
    """Why money came back from a linked product with a transaction (dtype ROW); nothing where none did."""
    back = rows[(rows["code"] == _RECALL) & (rows["flags"] & np.uint16(Flag.REVERSAL) == 0)]
    return (RECALLED,) if len(back) else ()


def _earlier(past: Past, payer: int, event: FeeEvent, date: int, seq: int) -> int:
    """How many transactions of its month, charged as an event, an account had before a seq."""
    first_seq = past.seq_at_date(month_start(date) - 1) + 1
    rows = past.rows_of(np.array([payer], np.int32), first_seq, seq)
    side = "credit" if event is FeeEvent.DEPOSIT else "debit"
    counted = (rows[side] == payer) & np.isin(rows["code"], codes_of(event))
    return int(np.count_nonzero(counted & (rows["flags"] & _NOT_COUNTED == 0)))
