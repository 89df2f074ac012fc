"""The progressive policy: every period has a rate factor, the instalment follows from all of them and is then nudged.

Conventions of Apache Fineract's schedule type PROGRESSIVE. A period is split where principal is paid out inside it;
interest of each part is rounded. The instalment is rounded once; when the last row would differ too much from the
others, it is moved by a share of the difference and kept if the difference is then smaller.
"""

from datetime import date
from decimal import Decimal

import msgspec

from yinhe.lending.schedule.cumulative import down_payment_minor, net_minor
from yinhe.lending.schedule.due_dates import spans_of
from yinhe.lending.schedule.instalment_terms import Disbursement, InstalmentRow, InstalmentTerms, RowPart, Span
from yinhe.lending.schedule.loan_walk import LoanWalk
from yinhe.lending.schedule.rate_factor import rate_factor

Instalments = tuple["Instalment", ...]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Part of a period between changes of the balance; amounts in minor units."""

    span: Span
    factor: Decimal = Decimal(0)
    """The rate of these days, as a fraction."""
    added: int = 0
    """Principal paid out at its end."""
    corrected: int = 0
    """What the balance that bears interest changes by at its end, beside what is paid out."""


class Instalment(msgspec.Struct, frozen=True, kw_only=True):
    """A period with its parts and what is to be paid at its end, in minor units."""

    span: Span
    parts: tuple[Part, ...]
    amount: int = 0

    @property
    def growth(self) -> Decimal:
        """What one becomes over the period: 1 and the factors of its parts."""
        return sum((part.factor for part in self.parts), Decimal(1))

    @property
    def added(self) -> int:
        """Principal paid out in the period, in minor units."""
        return sum(part.added for part in self.parts)


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What follows for one instalment; amounts in minor units."""

    part_interest: tuple[int, ...]
    interest: int
    """That is due: of all parts and what waited, unless the instalment is too small for it; then it waits."""
    principal: int
    balance: int
    """Principal owed after it."""


def instalments_of(terms: InstalmentTerms, disbursements: tuple[Disbursement, ...]) -> Instalments:
    """The instalments after all disbursements, each net of its down payment, in the order of their dates.

    What is paid out before the first period or after the last is in none of them.
    """
    periods = tuple(Instalment(span=span, parts=(Part(span=span),)) for span in spans_of(terms))
    for one in disbursements:
        periods = disburse(terms, periods, one.date, net_minor(terms, one.amount_minor))
    return periods


def figures_of(terms: InstalmentTerms, periods: Instalments) -> tuple[Figures, ...]:
    """Interest, principal and balance of each instalment, going forward from the first."""
    found: list[Figures] = []
    loan, waiting = LoanWalk(terms.rounding), 0
    for period in periods:
        interest: list[int] = []
        for part in period.parts:
            interest.append(loan.interest(part.factor))
            loan.disburse(part.added + part.corrected)
        accrued = waiting + sum(interest)
        due = max(accrued, 0) if period.amount >= accrued else 0
        principal, waiting = max(period.amount - due, 0), accrued - due
        # Not a redemption, which ends at nothing: tranches told out of order may let more fall due than is owed.
        loan.disburse(-principal)
        balance = max(loan.balance, 0)
        found.append(Figures(part_interest=tuple(interest), interest=due, principal=principal, balance=balance))
    return tuple(found)


def disburse(terms: InstalmentTerms, periods: Instalments, day: date, amount_minor: int) -> Instalments:
    """The instalments once more principal is paid out: those from that day on are computed anew."""
    at = _period_at(periods, day)
    if at is None:
        return periods
    periods = _changed(periods, at, day, added=amount_minor)
    # Paid out on a due date, it counts from the next instalment on; on the last one, from that one.
    first = at + 1 if periods[at].span.due == day and at + 1 < len(periods) else at
    counted = tuple(_counted(terms, period) for period in periods[first:])
    before = figures_of(terms, periods[:first])
    owed = (before[-1].balance if before else 0) + counted[0].added
    equal = equal_amount(terms, tuple(period.growth for period in counted), owed)
    return _nudged(terms, _closed(terms, (*periods[:first], *_set(counted, equal))), first)


def correct(terms: InstalmentTerms, periods: Instalments, day: date, amount_minor: int) -> Instalments:
    """The instalments with the balance that bears interest changed from a day on; the last one takes what follows."""
    at = _period_at(periods, day)
    if at is None:
        return periods
    changed = _changed(periods, at, day, corrected=amount_minor)
    return _closed(terms, (*changed[:at], _counted(terms, changed[at]), *changed[at + 1 :]))


def _period_at(periods: Instalments, day: date) -> int | None:
    """The period a day falls into: after its start up to its due date; the first one from its start on."""
    for at, period in enumerate(periods):
        if period.span.start < day <= period.span.due or (at == 0 and day == period.span.start):
            return at
    return None


def _changed(periods: Instalments, at: int, day: date, *, added: int = 0, corrected: int = 0) -> Instalments:
    """The instalments with the balance changed on a day; the part of that day is split there, unless it ends then."""
    parts = list(periods[at].parts)
    place = next((place for place, part in enumerate(parts) if part.span.due == day), None)
    if place is None:
        # A day is always looked for in the last part, even if it lies before it: then the part begins with it.
        place = len(parts) - 1 if day > periods[at].span.start else 0
        span = parts[place].span
        cut = min(max(day, span.start), span.due)
        parts[place] = msgspec.structs.replace(parts[place], span=Span(span.start, cut))
        parts.append(Part(span=Span(cut, span.due)))
    part = parts[place]
    parts[place] = msgspec.structs.replace(part, added=part.added + added, corrected=part.corrected + corrected)
    return (*periods[:at], msgspec.structs.replace(periods[at], parts=tuple(parts)), *periods[at + 1 :])


def _counted(terms: InstalmentTerms, period: Instalment) -> Instalment:
    """The period with the rate factors of its parts."""
    parts = tuple(
        msgspec.structs.replace(part, factor=rate_factor(terms, part.span, period.span)) for part in period.parts
    )
    return msgspec.structs.replace(period, parts=parts)


def equal_amount(terms: InstalmentTerms, growths: tuple[Decimal, ...], owed_minor: int) -> int:
    """The equal instalment that repays what is owed over periods of these growths, in minor units.

    It is P · g₁g₂…gₙ / (1 + gₙ(1 + gₙ₋₁(… (1 + g₂)))), each step rounded to the digits of the policy.
    """
    context = terms.rounding.context
    product, weight = Decimal(1), Decimal(1)
    for growth in growths:
        product = context.multiply(product, growth)
    for growth in growths[1:]:
        weight = context.add(Decimal(1), context.multiply(weight, growth))
    amount = context.divide(context.multiply(product, Decimal(owed_minor)), weight)
    return terms.rounding.to_multiple(terms.rounding.money(amount))


def _set(periods: Instalments, amount_minor: int) -> Instalments:
    return tuple(msgspec.structs.replace(period, amount=amount_minor) for period in periods)


def _closed(terms: InstalmentTerms, periods: Instalments) -> Instalments:
    """The instalments with the last one changed so that they repay all principal and interest."""
    interest = sum(one.interest for one in figures_of(terms, periods))
    missing = sum(period.added for period in periods) + interest - sum(period.amount for period in periods)
    last = periods[-1]
    return (*periods[:-1], msgspec.structs.replace(last, amount=last.amount + missing))


def _nudged(terms: InstalmentTerms, periods: Instalments, first: int) -> Instalments:
    """The instalments from `first` on moved by a share of the difference of the last one, if that makes it smaller.

    They are left as they are while a hundred times the difference is not more than half their number, in whole units
    of the currency and rounded down.
    """
    count = len(periods) - first
    difference = _last_difference(periods) if count > 1 else 0
    half = count // 2
    if half == 0 or abs(difference) * 100 <= half * 10**terms.rounding.scale:
        return periods
    equal = periods[-2].amount
    share = terms.rounding.share(difference, count)
    moved = terms.rounding.to_multiple(equal + share)
    if moved == equal:
        return periods
    redone = _closed(terms, (*periods[:first], *_set(periods[first:], moved)))
    return redone if abs(_last_difference(redone)) < abs(difference) else periods


def _last_difference(periods: Instalments) -> int:
    """By how much the last instalment is above the one before, in minor units."""
    return periods[-1].amount - periods[-2].amount


def progressive_rows(
    terms: InstalmentTerms, disbursements: tuple[Disbursement, ...], periods: Instalments
) -> tuple[InstalmentRow, ...]:
    """The rows of instalments by the progressive policy, the down payments of disbursements among them, in order."""
    figures = figures_of(terms, periods)
    rows = [
        InstalmentRow(
            span=period.span,
            principal_minor=one.principal,
            interest_minor=one.interest,
            parts=tuple(map(RowPart, (part.factor for part in period.parts), one.part_interest)),
            owed_minor=one.balance,
        )
        for period, one in zip(periods, figures, strict=True)
    ]
    return _with_down_payments(terms, disbursements, rows)


def _with_down_payments(
    terms: InstalmentTerms, disbursements: tuple[Disbursement, ...], rows: list[InstalmentRow]
) -> tuple[InstalmentRow, ...]:
    """The rows with a down payment before the one in whose period it is paid out, its due date not in it."""
    if terms.down_payment_rate is None:
        return tuple(rows)
    found: list[InstalmentRow] = []
    left = list(disbursements)
    for row in (*rows, None):
        due = [one for one in left if row is None or row.span.start <= one.date < row.span.due]
        for one in due:
            left.remove(one)
            amount, day = down_payment_minor(terms, one.amount_minor), Span(one.date, one.date)
            found.append(InstalmentRow(span=day, principal_minor=amount, down_payment=True))
        if row is not None:
            found.append(row)
    return tuple(found)


def spread_rows(terms: InstalmentTerms, disbursements: tuple[Disbursement, ...]) -> tuple[InstalmentRow, ...]:
    """The rows of a loan without interest: each disbursement shared equally by the instalments due after its day.

    The last one takes what rounding leaves of it. Down payments are among the rows, in order.
    """
    spans = spans_of(terms)
    amounts = [0] * len(spans)
    for one in disbursements:
        later = [at for at, span in enumerate(spans) if span.due > one.date]
        if not later:
            continue
        left = net_minor(terms, one.amount_minor)
        share = terms.rounding.share(left, len(later))
        for at in later:
            raised = terms.rounding.to_multiple(amounts[at] + share)
            left -= raised - amounts[at]
            amounts[at] = raised
        amounts[later[-1]] += left
    rows = [InstalmentRow(span=span, principal_minor=amount) for span, amount in zip(spans, amounts, strict=True)]
    return _with_down_payments(terms, disbursements, rows)
