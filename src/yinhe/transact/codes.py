"""Kinds of transfers of the day, by transfer code, and what each is charged as."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import psycopg

from yinhe.products.naming import Coded, names_of, note_names
from yinhe.products.parts.fee import FeeEvent


class TransferKind(Coded):
    """A kind of transfer; a member is declared as (code, English, Chinese)."""

    TRANSFER = 650, "Transfer", "转账"
    FEE = 651, "Fee for a transaction", "交易手续费"
    CASH_OUT = 652, "Cash withdrawal", "现金支取"
    CASH_IN = 653, "Cash deposit", "现金存入"
    HOLD = 654, "Hold", "冻结"
    HOLD_POSTED = 655, "Posting of a hold", "预授权完成"
    HOLD_RELEASED = 656, "Release of a hold", "解除冻结"
    RECALL = 657, "Recall from the linked product", "关联产品资金转回"


PAYMENT_CODES: Final = range(700, 750)
"""Codes of payments to and from other banks; money leaving an account by one is a transfer to its holder."""

ASKED_CODES: Final = frozenset({TransferKind.TRANSFER.code, TransferKind.CASH_OUT.code, TransferKind.CASH_IN.code})
"""What a caller may name; every other code is the bank's own."""

LIMITED_CODES: Final = frozenset({*ASKED_CODES, TransferKind.HOLD.code})
"""What counts against the limits of whoever asks."""

_EVENTS: Final[Mapping[int, FeeEvent]] = MappingProxyType(
    {
        TransferKind.TRANSFER.code: FeeEvent.TRANSFER,
        TransferKind.CASH_OUT.code: FeeEvent.WITHDRAWAL,
        TransferKind.CASH_IN.code: FeeEvent.DEPOSIT,
        **dict.fromkeys(PAYMENT_CODES, FeeEvent.TRANSFER),
    }
)


def event_of(code: int) -> FeeEvent | None:
    """What a transfer of a code is charged as, None for nothing. Of DEPOSIT the credited account pays."""
    return _EVENTS.get(code)


def codes_of(event: FeeEvent) -> tuple[int, ...]:
    """The codes charged as an event."""
    return tuple(code for code, charged in _EVENTS.items() if charged is event)


REVERSIBLE_CODES: Final = frozenset(
    {*ASKED_CODES, TransferKind.FEE.code, TransferKind.HOLD_POSTED.code, TransferKind.RECALL.code}
)
"""What staff may take back by a reversal; other transactions belong to a contract, a payment or a night."""


def note_codes(session: psycopg.Connection) -> None:
    """Write down what the codes mean, where that is not written yet."""
    note_names(session, names_of(TransferKind), {})
