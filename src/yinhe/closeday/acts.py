"""What the log of acts keeps of a night: what it did that a customer would call a change. Accruals are none."""

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from yinhe.audit.record import BANK, Outcome, Record
from yinhe.closeday.facts import Happened
from yinhe.kernel.dates import date_from_days

NUMBERS_MAX: Final = 5_000
"""Most contracts or loans of one record: with so many it stays below what the log keeps of one."""


def night_records(step: str, date: int, happened: Happened) -> Iterator[Record]:
    """One record for each thing that happened to up to NUMBERS_MAX contracts or loans in a step of a night."""
    for what, numbers in happened.numbers.items():
        for first in range(0, len(numbers), NUMBERS_MAX):
            detail = {
                "step": step,
                "closed_date": date_from_days(date),
                "happened": what,
                "numbers": numbers[first : first + NUMBERS_MAX].tolist(),
            }
            yield Record(action=f"{happened.object}.night", author=BANK, detail=detail)


def records_of_given_up(orders: Sequence[UUID]) -> Iterator[Record]:
    """One record for each standing order that was tried often enough without money, as a notice to its customer."""
    for order in orders:
        yield Record(
            action="order.give_up",
            author=BANK,
            outcome=Outcome.REFUSED,
            object=f"standing-order/{order}",
            why="insufficient_funds",
        )
