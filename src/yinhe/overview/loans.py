"""Loans and cards in a picture: terms from the database, what is due worked out by the night's own steps."""

import threading
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.kernel.currency import currency
from yinhe.kernel.dates import date_from_days
from yinhe.lending.book import LoanBook
from yinhe.lending.card import is_card
from yinhe.lending.columns import CARD, ITEM, LOAN, LoanFlag
from yinhe.lending.decide import Standing
from yinhe.lending.forthcoming import INSTALMENTS_MAX, instalments_to_come
from yinhe.lending.owing import Owing, owing_of
from yinhe.lending.position import Position
from yinhe.overview.deposits import product_name
from yinhe.overview.reading import LoanRow
from yinhe.overview.records import CardPicture, LoanPicture, LoanStatus
from yinhe.products.catalogue import Catalogue
from yinhe.products.errors import RateMissing
from yinhe.products.parts.classification import GRADE_WORDS, Grade
from yinhe.products.product import Product

WORKED_OUT_MAX: Final = 4_096
"""Loans whose worked-out state is remembered."""
_LOOKED_AHEAD: Final = INSTALMENTS_MAX * 366
"""Days within which versions of a product are looked for."""


class LoanMemory(NamedTuple):
    """A loan as memory has it, as bytes, so that two of them compare."""

    row: bytes
    """dtype LOAN, shape (1,)."""
    items: bytes
    """Unpaid instalments, dtype ITEM."""
    card: bytes
    """dtype CARD, shape (1,) or (0,)."""

    def position(self) -> Position:
        """The loan's position."""
        row, items, card = (
            np.frombuffer(data, dtype).copy() for data, dtype in zip(self, (LOAN, ITEM, CARD), strict=True)
        )
        return Position(row, items, card=card)


class WorkedOut(NamedTuple):
    """What is worked out of a loan on a business date; minor units, days since 1970-01-01."""

    owing: Owing
    next_due: int
    """0 for none to come."""
    next_minor: int


def memory_of(book: LoanBook, loans: Sequence[int]) -> dict[int, LoanMemory]:
    """Loans as memory has them, by number."""
    found: dict[int, LoanMemory] = {}
    rows, items, cards = book.rows, book.items, book.cards
    for number in loans:
        if number <= len(rows):
            its = _slice(items, number)
            found[number] = LoanMemory(rows[number - 1 : number].tobytes(), its, _slice(cards, number))
    return found


def _slice(rows: NDArray[np.void], loan: int) -> bytes:
    # Bisection touches a few rows; NumPy's search would first copy the column.
    column = rows["loan"]
    first = bisect_left(column, loan)
    return rows[first : bisect_left(column, loan + 1, first)].tobytes()


class LoanWorker:
    """Works loans out, and remembers those that have not changed since; safe between threads."""

    def __init__(self) -> None:
        self._lock: Final = threading.Lock()
        self._catalogue: Catalogue | None = None
        self._known: dict[tuple[LoanMemory, int], WorkedOut] = {}

    def work_out(self, memory: LoanMemory, catalogue: Catalogue, today: int) -> WorkedOut | None:
        """What a loan owes on the business date and what comes next; None where nothing was drawn, or it is closed.

        While a night is at work a loan stands as the day before ended, until its interest has accrued.
        """
        at = memory.position()
        row = at.row[0]
        if not (row["start"] and row["flags"] & int(LoanFlag.OPEN)):
            return None
        known = self._known_by(catalogue)
        found = known.get((memory, today))
        if found is None:
            found = self._work_out(at, catalogue, min(today, int(row["through"])))
            known[memory, today] = found
        return found

    def _known_by(self, catalogue: Catalogue) -> dict[tuple[LoanMemory, int], WorkedOut]:
        """What was worked out by a catalogue; of another one nothing is kept. Replaced whole, never emptied in use."""
        with self._lock:
            if self._catalogue is not catalogue or len(self._known) >= WORKED_OUT_MAX:
                self._catalogue, self._known = catalogue, {}
            return self._known

    def _work_out(self, at: Position, catalogue: Catalogue, date: int) -> WorkedOut:
        version = int(at.row["version"][0])
        number = currency(catalogue.product(version).currency).number

        def product_on(day: int) -> Product:
            return catalogue.in_force(version, day)

        def currency_of(account: int) -> int | None:
            return number if account else None

        standing = Standing(
            date=date,
            at=at,
            agreed=at.row,
            acts=(),
            product_on=product_on,
            rates=catalogue.rates,
            currency_of=currency_of,
        )
        owing = owing_of(standing)
        try:
            turns = catalogue.turns(standing.product.code, date, date + _LOOKED_AHEAD)
            coming = instalments_to_come(at, date, standing.product_on, turns, catalogue.rates)
            first = next((one for one in coming if one.total), None)
        except RateMissing:
            first = None
        return WorkedOut(owing, 0, 0) if first is None else WorkedOut(owing, first.due, first.total)


def status_of(row: LoanRow) -> LoanStatus:
    """Where a loan stands."""
    if row.closed:
        return LoanStatus.CLOSED
    if row.flags & int(LoanFlag.WRITTEN_OFF):
        return LoanStatus.WRITTEN_OFF
    if not row.start:
        return LoanStatus.AGREED
    return LoanStatus.OVERDUE if row.overdue_since else LoanStatus.OPEN


def loan_then(
    row: LoanRow, owed: int, receivable: int, catalogue: Catalogue, day: int, number: Callable[[int], str]
) -> LoanPicture:
    """A loan at the end of a past day: what is agreed now, and what its accounts owed then, minor units."""
    is_closed = row.closed and row.closed <= day
    return LoanPicture(
        loan=row.loan,
        account=row.account,
        number=number(row.account),
        product=product_name(catalogue, row.version),
        status=LoanStatus.CLOSED if is_closed else LoanStatus.OPEN,
        currency=catalogue.product(row.version).currency,
        agreed=date_from_days(row.agreed),
        maturity=date_from_days(row.maturity) if row.maturity else None,
        closed=date_from_days(row.closed) if is_closed else None,
        limit_minor=row.limit,
        lent_minor=row.lent,
        principal_minor=owed,
        receivable_minor=receivable,
        rate=row.rate,
        due_minor=None,
        overdue_minor=None,
        overdue_since=None,
        days_late=None,
        running_minor=None,
        next_due=None,
        next_minor=None,
        grade=None,
        linked=number(row.linked) if row.linked else None,
        is_blocked=bool(row.flags & int(LoanFlag.BLOCKED)),
        written_off_minor=row.written_off,
    )


def loan_now(
    row: LoanRow,
    owed: int,
    receivable: int,
    worked_out: WorkedOut | None,
    catalogue: Catalogue,
    day: int,
    number: Callable[[int], str],
) -> LoanPicture:
    """A loan as it stands on the business date `day`."""
    known = {
        "status": status_of(row),
        "overdue_since": date_from_days(row.overdue_since) if row.overdue_since else None,
        "grade": GRADE_WORDS[Grade(row.grade)][0] if row.grade else None,
    }
    if worked_out is not None:
        owing = worked_out.owing
        known |= {
            "due_minor": owing.due,
            "overdue_minor": owing.overdue,
            "days_late": owing.days_late,
            "running_minor": owing.running,
            "next_due": date_from_days(worked_out.next_due) if worked_out.next_due else None,
            "next_minor": worked_out.next_minor if worked_out.next_due else None,
        }
    return msgspec.structs.replace(loan_then(row, owed, receivable, catalogue, day, number), **known)


def card_now(row: LoanRow, owed: int, memory: LoanMemory, catalogue: Catalogue, day: int) -> CardPicture | None:
    """The card a loan is; None where it is none."""
    if not is_card(catalogue.in_force(row.version, day)):
        return None
    at = memory.position()
    card = at.card[0] if len(at.card) else np.zeros(1, CARD)[0]
    # What is in instalment plans is owed, and counts with the limit.
    return CardPicture(
        loan=row.loan,
        currency=catalogue.product(row.version).currency,
        limit_minor=row.limit,
        used_minor=owed,
        free_minor=max(0, row.limit - owed),
        statement_on=date_from_days(int(card["closed"])) if card["closed"] else None,
        due=date_from_days(int(card["due"])) if card["due"] else None,
        statement_minor=int(card["balance"]),
        minimum_minor=int(card["minimum"]),
        left_minor=int(card["left"]),
        next_statement=date_from_days(int(at.row["next_due"][0])) if at.row["next_due"][0] else None,
    )
