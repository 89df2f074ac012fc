"""What the day is asked: a transfer between two accounts, or a hold placed, posted or released."""

from enum import Enum, unique
from typing import Final
from uuid import UUID

import msgspec

from yinhe.products.parts.base import Channel
from yinhe.transact.codes import TransferKind

NARRATIVE_LENGTH_MAX: Final = 140
"""Most characters of a narrative: what ISO 20022 has room for in one line of remittance information."""


class Transfer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Money from one account to another; accounts are indexes of the ledger.

    `amount_minor` is in minor units of `currency` (ISO 4217 number), `value_date` in days since 1970-01-01 (None: the
    business date).
    """

    id: UUID
    debit: int
    credit: int
    amount_minor: int
    currency: int
    narrative: str = ""
    value_date: int | None = None
    channel: Channel = Channel.ONLINE
    code: int = TransferKind.TRANSFER.code


@unique
class HoldAct(Enum):
    """What is done with a hold."""

    PLACE = "place"
    POST = "post"
    """Money moves, the whole of the hold (amount 0) or a part."""
    VOID = "void"
    """Money is free again, the whole of the hold (amount 0) or a part."""


class Hold(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Money on `debit` kept for a later post to `credit`; posting and releasing name the same two accounts."""

    id: UUID
    act: HoldAct
    debit: int
    credit: int
    amount_minor: int
    currency: int
    hold: int = 0
    """The hold's number: the seq its placing was answered with."""
    expires_at: int = 0
    """Of a hold that is placed: when it ends by itself, in microseconds since 1970-01-01; 0 for never."""
    narrative: str = ""
    channel: Channel = Channel.ONLINE

    @property
    def code(self) -> int:
        """The transfer code."""
        return _HOLD_CODES[self.act]

    @property
    def value_date(self) -> int | None:
        """Holds have none of their own."""
        return None


_HOLD_CODES: Final = {
    HoldAct.PLACE: TransferKind.HOLD.code,
    HoldAct.POST: TransferKind.HOLD_POSTED.code,
    HoldAct.VOID: TransferKind.HOLD_RELEASED.code,
}

Command = Transfer | Hold
