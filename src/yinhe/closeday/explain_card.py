"""How the interest of a card's statement came about: the balances that bore it, and those that bore it afterwards."""

from typing import NamedTuple

from yinhe.closeday.errors import ExplanationDiffers
from yinhe.closeday.explanation import Derivation, RateUsed, Span
from yinhe.closeday.lent import LoanPast
from yinhe.kernel.dates import date_from_days
from yinhe.kernel.interest import accrue
from yinhe.kernel.rounding import round_quotient
from yinhe.lending.accrual import running_rates
from yinhe.lending.ageing import owed_of
from yinhe.lending.instalments import required
from yinhe.lending.position import Position
from yinhe.products.catalogue import Catalogue
from yinhe.products.parts.card import InterestFree
from yinhe.products.pricing import Reason
from yinhe.products.product import Product


class _Day(NamedTuple):
    """A card at the end of a day, before what its due day decides; minor units."""

    day: int
    since: int
    """The billing day of the last statement."""
    rate: int
    bearing: int
    """Bears interest whatever becomes of the statement."""
    billed: int
    """On the last statement, and free of interest so far."""
    bought: int
    """Since then, and free of interest so far."""
    lapses: bool
    """Whether `billed` bears interest from now on, and for the days before."""


def derivation_of_card(lent: LoanPast, known: Catalogue, date: int) -> Derivation | None:
    """The interest that a statement of a date charged; None where it charged none. Raises ExplanationDiffers."""
    days: list[_Day] = []

    def seen(day: int, at: Position) -> None:
        if len(at.card):
            days.append(_seen(day, at, known.in_force(lent.version, day)))

    at = lent.position(date, known, seen=seen)
    product = known.in_force(lent.version, date)
    interest, _ = required(product)
    whole, remainder = int(at.row["whole"][0]), int(at.row["remainder"][0])
    spans: list[Span] = []
    for part, some in _bore(days, int(at.row["since"][0])):
        spans += _spans(some, part, product)
    total, rest = sum(span.whole for span in spans), sum(span.remainder for span in spans)
    if (total + rest // interest.base, rest % interest.base) != (whole, remainder):
        raise ExplanationDiffers(
            f"The days of card {lent.number} to {date_from_days(date)} add up to {total} + {rest}/D minor units; "
            f"worked out day by day it is {whole} + {remainder}/D."
        )
    if not spans:
        return None
    amount = round_quotient(whole, remainder, interest.base, interest.rounding)
    return Derivation(lent.number, tuple(spans), 0, 0, interest.base, whole, remainder, interest.rounding, amount)


def _seen(day: int, at: Position, product: Product) -> _Day:
    row, card = at.row[0], at.card[0]
    billed, bought = int(card["billed"]), int(card["bought"])
    owed = int(owed_of(at.row, at.unpaid).principal[0])
    return _Day(
        day=day,
        since=int(row["since"]),
        rate=int(running_rates(at.row["rate"].copy(), at.row["flags"].copy(), product)[0]),
        bearing=owed - int(card["planned"]) - billed - bought,
        billed=billed,
        bought=bought,
        lapses=int(card["due"]) == day and int(card["left"]) > 0,
    )


_Balance = tuple[int, int, int]
"""A day, what bore interest on it, and the rate."""


def _bore(days: list[_Day], since: int) -> list[tuple[str, list[_Balance]]]:
    """What bore interest that the statement after `since` charges, by the part that says so."""
    period = [one for one in days if one.day >= since]
    plain = [(one.day, one.bearing + (one.billed if one.lapses else 0), one.rate) for one in period]
    found = [("", plain)]
    lapsed = next((one.day for one in period if one.lapses), None)
    if lapsed is not None:
        # Its purchases were free of interest since they were posted: in the period before, and up to the due day.
        before = [one for one in days if one.day < since]
        first = before[-1].since if before else since
        late = [(one.day, one.bought, one.rate) for one in before if one.day >= first]
        late += [(one.day, one.billed, one.rate) for one in period if one.day < lapsed]
        found.insert(0, (InterestFree.name, late))
    return found


def _spans(days: list[_Balance], part: str, product: Product) -> list[Span]:
    """Days one after another on which balance and rate were the same, together; those without a balance left out."""
    interest, _ = required(product)
    english, chinese = interest.text()
    source, base_days = Reason(english, chinese), interest.base // 10**8
    runs: list[list[int]] = []
    for day, balance, rate in days:
        if runs and runs[-1][1:] == [day, balance, rate]:
            runs[-1][1] = day + 1
        else:
            runs.append([day, day + 1, balance, rate])
    made: list[Span] = []
    for start, end, balance, rate in runs:
        if balance:
            whole, rest = accrue(balance, rate, end - start, base_days)
            used = (RateUsed(0, rate, source),)
            made.append(Span(start, end, end - start, balance, product.name, part or interest.name, used, whole, rest))
    return made
