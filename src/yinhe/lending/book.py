"""All loans of a unit in memory, loan n in row n - 1, and what of them has fallen due and is not paid."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from yinhe.lending.accrual import Items, Loans
from yinhe.lending.columns import CARD, ITEM, LOAN, LoanFlag
from yinhe.products.parts.base import Int64Column

_ROOM_LEAST: Final = 1_024


class LoanBook:
    """The loans, for reading, and for changes that have been made durable."""

    def __init__(self, rows: Loans, items: Items, cards: NDArray[np.void] | None = None) -> None:
        """Take over all loans (dtype LOAN, in order, without a gap) and their unpaid instalments (dtype ITEM).

        Of cards also what they have beside (dtype CARD, by loan).
        """
        self._rows: Loans = rows
        self._count: int = len(rows)
        self.items: Items = np.sort(items, order=["loan", "number"])
        """Instalments not wholly paid, by loan and number."""
        self.cards: NDArray[np.void] = np.zeros(0, CARD) if cards is None else cards
        """What cards have beside, dtype CARD, by loan."""

    def __len__(self) -> int:
        return self._count

    @property
    def rows(self) -> Loans:
        """Every loan, closed ones too, dtype LOAN; a view, good until loans are added."""
        return self._rows[: self._count]

    @property
    def next_number(self) -> int:
        """The number the next loan gets."""
        return self._count + 1

    def row(self, loan: int) -> Loans | None:
        """A copy of one loan's row, shape (1,); None where there is no such loan."""
        return self.rows[loan - 1 : loan].copy() if 0 < loan <= self._count else None

    def items_of(self, loans: Int64Column) -> Items:
        """A copy of the unpaid instalments of loans (numbers, int64[k]), by loan and number."""
        if len(loans) == 1:
            first, last = np.searchsorted(self.items["loan"], (loans[0], loans[0] + 1))
            return self.items[first:last].copy()
        wanted = np.zeros(self._count + 1, np.bool_)
        wanted[loans] = True
        return self.items[wanted[self.items["loan"]]]

    def cards_of(self, loans: Int64Column) -> NDArray[np.void]:
        """A copy of what those of some loans (numbers, int64[k], ascending) that are cards have beside, by loan."""
        place = np.minimum(np.searchsorted(self.cards["loan"], loans), max(0, len(self.cards) - 1))
        if not len(self.cards):
            return self.cards.copy()
        return self.cards[place[self.cards["loan"][place] == loans]]

    def put_cards(self, cards: NDArray[np.void]) -> None:
        """Put what cards have beside (dtype CARD, by loan), in the place of what was; new ones are added."""
        if not len(cards):
            return
        place = np.searchsorted(self.cards["loan"], cards["loan"])
        known = np.zeros(len(cards), np.bool_)
        inside = place < len(self.cards)
        known[inside] = self.cards["loan"][place[inside]] == cards["loan"][inside]
        self.cards[place[known]] = cards[known]
        if not known.all():
            joined = np.concatenate([self.cards, cards[~known]])
            self.cards = joined[np.argsort(joined["loan"], kind="stable")]

    def by_version(self) -> Mapping[int, Int64Column]:
        """The places of the open loans of each product version, ascending, int64[k]; versions ascending."""
        places = np.flatnonzero(self.rows["flags"] & int(LoanFlag.OPEN)).astype(np.int64)
        versions = self.rows["version"][places]
        order = np.argsort(versions, kind="stable")
        found, starts = np.unique(versions[order], return_index=True)
        parts = np.split(places[order], starts[1:])
        return dict(zip(found.tolist(), parts, strict=True)) if len(found) else {}

    def append(self, rows: Loans) -> None:
        """Add loans with the next numbers, dtype LOAN."""
        end = self._count + len(rows)
        if end > len(self._rows):
            wider = np.zeros(max(end, 2 * len(self._rows), _ROOM_LEAST), LOAN)
            wider[: self._count] = self.rows
            self._rows = wider
        self._rows[self._count : end] = rows
        self._count = end

    def put(self, rows: Loans, items: Items) -> None:
        """Put changed loans, and all of their instalments that are not paid (dtype ITEM), in the place of what was."""
        self.rows[rows["loan"] - 1] = rows
        self.put_items(rows["loan"], items)

    def put_items(self, loans: NDArray[np.int64], items: Items) -> None:
        """Put the unpaid among some instalments in the place of all that loans (numbers, int64[k]) had."""
        kept = self.items[~np.isin(self.items["loan"], loans)] if len(self.items) else self.items
        unpaid = items[items["paid"] == 0]
        if not len(unpaid):
            self.items = kept
            return
        joined = np.concatenate([kept, unpaid])
        self.items = joined[np.lexsort((joined["number"], joined["loan"]))]


def no_items() -> Items:
    """No instalment."""
    return np.zeros(0, ITEM)


def no_loans() -> LoanBook:
    """A bank that lends nothing."""
    return LoanBook(np.zeros(0, LOAN), no_items())
