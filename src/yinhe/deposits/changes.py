"""What was done with contracts in days gone by that their balances do not tell: a part drawn, a rate agreed anew.

Interest worked out anew from history counts with both: a part that was drawn took its interest with it, and a rate
counts from the day it was agreed on.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec
import numpy as np
import psycopg
from numpy.typing import NDArray

from yinhe.deposits.codes import TransferCode
from yinhe.deposits.withdrawals import Manner, manner_of
from yinhe.products.parts.accrual import Accrual
from yinhe.products.parts.base import Int64Column
from yinhe.products.product import Product
from yinhe.storage.statements import load_statements


class Change(msgspec.Struct, frozen=True):
    """One change of a contract on a business date (days since 1970-01-01)."""

    contract: int
    date: int
    drawn_minor: int
    """The part drawn, without its interest; 0 where nothing was."""
    balance_minor: int
    """What the contract held before it."""
    rate_before: int
    """The contract's own rate until then, NO_RATE for none …"""
    rate: int
    """… and from then on."""


Changes: TypeAlias = Sequence[Change]
"""In the order they were done."""

_TAKES: Final = {
    TransferCode.WITHDRAWAL.name: 1,
    TransferCode.INTEREST.name: -1,
    TransferCode.INTEREST_TAX.name: 1,
}
"""How the legs of a withdrawal add up to the part drawn: what was paid, less interest, before tax."""


def change_of(contract: int, date: int, kind: str, body: Mapping[str, Any]) -> Change:
    """What an event that was done says; `body` is as the database keeps it."""
    legs, rate = body["legs"], int(body["row"]["rate"])
    drawn = sum(_TAKES.get(str(code), 0) * int(amount) for _, _, amount, code in legs) if kind == "withdraw" else 0
    return Change(contract, date, drawn, int(body.get("balance_before", 0)), int(body.get("rate_before", rate)), rate)


def read_changes(session: psycopg.Connection, numbers: Sequence[int]) -> tuple[Change, ...]:
    """What was done with some contracts, in order."""
    found = session.execute(load_statements("deposits")["contract_changes"], {"contracts": list(numbers)})
    return tuple(change_of(int(contract), int(date), str(kind), body) for contract, date, kind, body in found)


class _Drawing(NamedTuple):
    place: int
    drawn_minor: int
    with_later_minor: int
    """It and what was drawn later on the same day: what was there besides what is left at the day's end."""


class Replayed:
    """The changes of some contracts, ready to be gone through day by day."""

    def __init__(self, rows: NDArray[np.void], start: int, changes: Changes) -> None:
        """`rows` (dtype CONTRACT) get the rate they had before `start`, in place."""
        place_of = {contract: place for place, contract in enumerate(rows["contract"].tolist())}
        self._changes: Final = [
            (place_of[one.contract], one) for one in changes if one.contract in place_of and one.date >= start
        ]
        self._rates: defaultdict[int, dict[int, int]] = defaultdict(dict)
        self._drawings: defaultdict[int, list[_Drawing]] = defaultdict(list)
        # The newest first: what is left in the end is what was before the earliest.
        for place, one in reversed(self._changes):
            if one.rate != one.rate_before:
                self._rates[one.date].setdefault(place, one.rate)
                rows["rate"][place] = one.rate_before
            if one.drawn_minor:
                later = sum(late.drawn_minor for late in self._drawings[one.date] if late.place == place)
                self._drawings[one.date].append(_Drawing(place, one.drawn_minor, later + one.drawn_minor))
        for drawings in self._drawings.values():
            drawings.reverse()

    def morning(self, rows: NDArray[np.void], day: int, balances: Int64Column, product: Product) -> None:
        """Before a day accrues: the rates agreed on it, and what parts drawn on it took along; in place.

        `balances` (int64[n]) is what the contracts hold at the end of the day.
        """
        for place, rate in self._rates.get(day, {}).items():
            rows["rate"][place] = rate
        for place, drawn, with_later in self._drawings.get(day, ()):
            _take_along(rows[place : place + 1], day, drawn, int(balances[place]) + with_later, product)

    def already(self, rows: NDArray[np.void], end: int, product: Product) -> None:
        """After the last day accrued, that before `end`: what was changed since, while its night was to come."""
        for place, one in self._changes:
            if one.date < end:
                continue
            rows["rate"][place] = one.rate
            if one.drawn_minor:
                _take_along(rows[place : place + 1], one.date, one.drawn_minor, one.balance_minor, product)


def _take_along(row: NDArray[np.void], day: int, drawn_minor: int, before_minor: int, product: Product) -> None:
    """Take from one contract (dtype CONTRACT, shape (1,)), in place, the accrual that a part drawn was paid."""
    accrual = product.one(Accrual)
    manner = manner_of(product, row, date=day, amount_minor=drawn_minor, notice=None, closes=False)
    if accrual is None or manner is Manner.RUNNING or before_minor <= 0:
        return
    accrued = int(row["whole"][0]) * accrual.base + int(row["remainder"][0])
    kept = accrued * max(0, before_minor - drawn_minor) // before_minor
    row["whole"], row["remainder"] = divmod(kept, accrual.base)
