"""Arithmetic as it is written on paper, worked out exactly: no code of the program has a part in it.

A line is a calculation, or a count of days or months between two dates; words and a colon may stand before it:

    accumulated: 36 × 10,000.00 + 19 × 6,000.00 = 474,000.00
    interest: 474,000.00 × 0.05% / 360 = 0.6583… ≈ 0.66
    2026-01-05 → 2026-02-10 = 36 days
    2026-01-31 → 2026-03-01 = 1 month 1 day
    instalment: 1,000.00 × 1% / (1 − 1 / (1 + 1%) ^ 2) = 507.5124… ≈ 507.51

`=` is exact, with `…` the digits before it are; `≈` is rounded half up (四舍五入) to two decimals, `↓` down.
"""

import datetime as dt
import re
from fractions import Fraction
from typing import NamedTuple

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?%?")
TOKEN = re.compile(rf"\s*({NUMBER.pattern}|[×+−/^()])")
SPAN = re.compile(r"(\d{4}-\d\d-\d\d) → (\d{4}-\d\d-\d\d) = (.+)")
COUNT = re.compile(r"(\d+) (month|day)s?")


class Worked(NamedTuple):
    """What a line comes to: the numbers that went in, those that came out, and those of them that were rounded."""

    taken: list[Fraction]
    made: list[Fraction]
    rounded: list[Fraction]


def number(text: str) -> Fraction:
    """`10,000.00`, `0.05%`, `−3`: exactly."""
    sign = -1 if text.startswith(("-", "−")) else 1
    digits = text.lstrip("-−").replace(",", "")
    return sign * (Fraction(digits[:-1]) / 100 if digits.endswith("%") else Fraction(digits))


def half_up(value: Fraction) -> Fraction:
    """To two decimals, a half away from zero."""
    cents = abs(value) * 100
    return (1 if value >= 0 else -1) * Fraction(
        (2 * cents.numerator + cents.denominator) // (2 * cents.denominator), 100
    )


def evaluate(text: str) -> tuple[Fraction, list[Fraction]]:
    """The value of a calculation, and the numbers in it."""
    tokens = TOKEN.findall(text)
    assert "".join(tokens).replace(" ", "") == text.replace(" ", ""), f"not arithmetic: {text!r}"
    taken: list[Fraction] = []

    def single() -> Fraction:
        token = tokens.pop(0)
        if token == "(":
            value = total()
            assert tokens.pop(0) == ")", text
            return value
        taken.append(number(token))
        return taken[-1]

    def factor() -> Fraction:
        value = single()
        if tokens and tokens[0] == "^":
            tokens.pop(0)
            exponent = single()
            assert exponent.denominator == 1, f"not a whole power: {text!r}"
            value = value ** int(exponent)
        return value

    def product() -> Fraction:
        value = factor()
        while tokens and tokens[0] in "×/":
            value = value * factor() if tokens.pop(0) == "×" else value / factor()
        return value

    def total() -> Fraction:
        value = product()
        while tokens and tokens[0] in "+−":
            value = value + product() if tokens.pop(0) == "+" else value - product()
        return value

    value = total()
    assert not tokens, f"not arithmetic: {text!r}"
    return value, taken


def months_and_days(start: dt.date, end: dt.date) -> tuple[int, int]:
    """Full months date to date (对年对月对日), a month that lacks the day ending on its last, and the odd days."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if after(start, months) > end:
        months -= 1
    return months, (end - after(start, months)).days


def after(start: dt.date, months: int) -> dt.date:
    """The same day some months later, or the last of a shorter month."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = (dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) - dt.timedelta(1)).day
    return dt.date(year, month + 1, min(start.day, last))


def work_out(line: str) -> Worked:
    """A line worked out again; fails where it says something else than what comes out."""
    words, colon, rest = line.partition(": ")
    body = rest if colon and not NUMBER.match(words) else line
    body = body.strip()
    span = SPAN.fullmatch(body)
    if span:
        return _span(dt.date.fromisoformat(span[1]), dt.date.fromisoformat(span[2]), span[3])
    calculation, *results = re.split(r" (?=[=≈↓] )", body)
    assert results, f"nothing comes of {line!r}"
    exact, taken = evaluate(calculation)
    made, rounded = [exact], list[Fraction]()
    for result in results:
        sign, said = result[0], result[2:]
        if sign == "≈":
            assert number(said) == half_up(exact), f"{line!r}: rounded it is {float(half_up(exact)):,.2f}"
            rounded.append(number(said))
        elif sign == "↓":
            assert number(said) == Fraction(int(exact * 100), 100), f"{line!r}: it is {float(exact)}"
            rounded.append(number(said))
        elif said.endswith("…"):
            digits = said[:-1]
            unit = Fraction(1, 10 ** len(digits.partition(".")[2]))
            assert 0 < exact - number(digits) < unit, f"{line!r}: it is {float(exact)}"
        else:
            value, more = evaluate(said)
            assert value == exact, f"{line!r}: it is {float(exact)}"
            taken += more[:-1] if len(more) == 1 else more
    if not rounded and exact * 100 == int(exact * 100):
        rounded.append(exact)
    return Worked(taken, [*made, *rounded], rounded)


def _span(start: dt.date, end: dt.date, said: str) -> Worked:
    counts = {unit: int(many) for many, unit in COUNT.findall(said)}
    assert counts, said
    assert " ".join(f"{many} {unit}{'s' * (many != 1)}" for unit, many in counts.items()) == said
    if "month" in counts:
        assert months_and_days(start, end) == (counts["month"], counts.get("day", 0)), said
    else:
        assert (end - start).days == counts["day"], f"{start} → {end}: {(end - start).days} days"
    return Worked([], [Fraction(many) for many in counts.values()], [])
