"""How payments have money moved: through whoever posts for them, the day's pipeline in production."""

from collections.abc import Sequence
from typing import Final, Protocol
from uuid import UUID

import msgspec

from yinhe.audit.record import Author


class MoneyOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One debit, one credit; accounts are indexes of the ledger, dates days since 1970-01-01.

    Orders of one transaction have one id, stand next to each other with `leg` 0, 1, 2, …, and are `linked`, all but the
    last: they are posted together or not at all.
    """

    id: UUID
    debit: int
    credit: int
    amount_minor: int
    code: int
    narrative: str
    value_date: int | None = None
    leg: int = 0
    linked: bool = False


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an order; of a transaction refused, the legs not at fault have the refusal `linked_failed`."""

    posted: bool
    """Whether the books hold it: posted now, or under this id before."""
    seq: int = 0
    refusal: str = ""
    """The refusal's lower-case name, with its words; "" when posted."""
    english: str = ""
    chinese: str = ""


class Poster(Protocol):
    """Whoever posts for payments."""

    def post(self, orders: Sequence[MoneyOrder], author: Author) -> tuple[Result, ...]:
        """Post orders and wait until they are durable: one result an order, in order.

        An id posted before with the same content counts as posted. Raises a fault where it is not known whether an
        order was posted; then it is asked again under the same id.
        """
        ...

    def foresee(self, order: MoneyOrder, author: Author) -> Result:
        """What `post` would answer to an order of its own at this moment; nothing is done, the seq is 0."""
        ...


LINKED_FAILED: Final = "linked_failed"
"""The refusal of a leg that was not at fault."""
ASK_AGAIN: Final = "ask_again"
"""The refusal that says nothing but to ask again under the same id: what waits, waits on."""
