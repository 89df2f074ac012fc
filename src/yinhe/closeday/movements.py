"""A calendar of movements as a file (CSV): the day, and the amount paid in, or drawn with a minus before it."""

import csv
import datetime as dt
from typing import Final

import msgspec

from yinhe.closeday.scenario import Movement
from yinhe.kernel.currency import Currency
from yinhe.kernel.dates import days_from_date
from yinhe.kernel.errors import OutOfRangeError, ParseError
from yinhe.kernel.money import parse_money

MOVEMENTS_MAX: Final = 100_000
"""Lines of one file."""
FINDINGS_MAX: Final = 100


class MovementFinding(msgspec.Struct, frozen=True):
    """What is wrong with one line of the file."""

    file: str
    line: int
    english: str
    chinese: str

    def __str__(self) -> str:
        """Render in the form editors can jump to."""
        return f"{self.file}:{self.line}: {self.english}"


def read_movements(
    text: str, file: str, currency: Currency, start: int, last: int
) -> tuple[Movement, ...] | tuple[MovementFinding, ...]:
    """Read lines `2026-02-10,-1,500.00` (quotes around an amount with commas) under a header `date,amount`.

    Every line is looked at; where any is wrong, the findings alone. Days lie between `start` and `last`.
    """
    found: list[MovementFinding] = []
    movements: list[Movement] = []

    def wrong(line: int, english: str, chinese: str) -> None:
        if len(found) < FINDINGS_MAX:
            found.append(MovementFinding(file, line, english, chinese))

    lines = csv.reader(text.splitlines())
    header = next(lines, None)
    if header is None or [word.strip().lower() for word in header] != ["date", "amount"]:
        wrong(1, "the first line must be 'date,amount'", "首行须为“date,amount”")
    for number, fields in enumerate(lines, start=2):
        if not fields:
            continue
        if number > MOVEMENTS_MAX:
            wrong(number, f"more than {MOVEMENTS_MAX:,} lines", f"超过{MOVEMENTS_MAX:,}行")
            break
        if len(fields) != 2:
            words = f"{len(fields)} fields instead of a date and an amount; an amount with commas needs quotes"
            wrong(number, words, f"应为日期和金额两项，实有{len(fields)}项")
            continue
        day, amount = _date(fields[0].strip()), _amount(fields[1].strip(), currency)
        if day is None:
            wrong(number, f"{fields[0]!r} is no date; write 2026-01-31", f"“{fields[0]}”不是日期，应如2026-01-31")
        elif not start <= day <= last:
            wrong(number, f"{fields[0]} lies outside the days simulated", f"{fields[0]}不在模拟期内")
        if not amount:
            wrong(
                number,
                f"{fields[1]!r} is no amount of {currency.code} other than zero",
                f"“{fields[1]}”不是非零的{currency.code}金额",
            )
        if day is not None and amount:
            movements.append(Movement(day, amount))
    return tuple(found) if found else tuple(movements)


def _date(text: str) -> int | None:
    try:
        return days_from_date(dt.date.fromisoformat(text))
    except ValueError:
        return None


def _amount(text: str, currency: Currency) -> int | None:
    try:
        return parse_money(text, currency).amount_minor
    except (ParseError, OutOfRangeError):
        return None
