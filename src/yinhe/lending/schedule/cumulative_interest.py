"""Interest of one row by the cumulative policy: on the declining balance, or flat; with its grace periods."""

from datetime import date
from typing import assert_never

import msgspec

from yinhe.lending.schedule.instalment_terms import Amortisation, InstalmentTerms, InterestMethod, Span
from yinhe.lending.schedule.loan_walk import LoanWalk
from yinhe.lending.schedule.period_rate import period_rate, term_rate


class Flat(msgspec.Struct, frozen=True):
    """Flat interest of a whole loan, in minor units."""

    total: int
    """Of the term, less what the rows without interest go without."""
    row: int
    """An equal share of the term's interest, as if every row bore some."""


def flat_of(terms: InstalmentTerms, principal_minor: int, end: date) -> Flat:
    """Flat interest of a principal up to the last due date; nothing where interest is on the declining balance."""
    match terms.interest_method:
        case InterestMethod.DECLINING_BALANCE:
            return Flat(0, 0)
        case InterestMethod.FLAT:
            loan = LoanWalk(terms.rounding)
            loan.disburse(principal_minor)
            total = loan.interest(term_rate(terms, end))
            row = terms.rounding.share(total, terms.count)
            return Flat(total - row * terms.grace.interest_charged, row)
        case _:
            assert_never(terms.interest_method)


def flat_interest(terms: InstalmentTerms, number: int, flat: Flat, brought_minor: int) -> tuple[int, int]:
    """Flat interest of a row and what it leaves to a later one, in minor units.

    With equal instalments the rows that pay share the interest of those that do not; with equal principal it waits
    for the first row after the grace.
    """
    unpaid = number <= terms.grace.interest_payment
    free = number <= terms.grace.interest_charged
    match terms.amortisation:
        case Amortisation.EQUAL_INSTALMENTS:
            if unpaid or free:
                return 0, brought_minor
            paying = terms.count - terms.grace.interest_payment - terms.grace.interest_charged
            return terms.rounding.share(flat.total, paying), brought_minor
        case Amortisation.EQUAL_PRINCIPAL:
            if unpaid:
                return 0, brought_minor + flat.row
            if free:
                return 0, brought_minor
            first = number == terms.grace.interest_payment + 1
            return (brought_minor + flat.row, 0) if first else (flat.row, brought_minor)
        case _:
            assert_never(terms.amortisation)


def last_interest(interest_minor: int, total_to_date: int, total: int, last: bool) -> int:
    """Flat interest of a row, so that the rows come to the total; all amounts in minor units."""
    left = total - total_to_date
    return interest_minor + left if left < 0 or last else interest_minor


def declining_interest(
    terms: InstalmentTerms,
    number: int,
    span: Span,
    loan: LoanWalk,
    brought_minor: int,
    arriving: tuple[tuple[date, int], ...],
) -> tuple[int, int]:
    """Interest of a row on the balance and what it leaves to a later one, in minor units; the arrivals are paid out.

    `arriving` are dates and amounts of principal paid out in the row, which bear interest from their day; interest up
    to each of them is rounded by itself.
    """
    interest, brought, start = 0, brought_minor, span.start
    early = terms.interest_from is not None and (span.start < terms.interest_from or span.due <= terms.interest_from)
    for day, amount in arriving:
        if day > start:
            accrued, start = loan.interest(period_rate(terms, start, day)), day
            part, brought = _after_grace(terms, number, accrued, brought, early)
            interest += part
        loan.disburse(amount)
    accrued = loan.interest(period_rate(terms, start, span.due))
    part, brought = _after_grace(terms, number, accrued, brought, early)
    return interest + part, brought


def _after_grace(
    terms: InstalmentTerms, number: int, accrued_minor: int, brought_minor: int, early: bool
) -> tuple[int, int]:
    """What of the interest accrued is due in a row and what waits for a later one, in minor units.

    `early` says that the row begins before interest is charged: what accrues waits.
    """
    if number <= terms.grace.interest_charged:
        return 0, brought_minor
    if early or number <= terms.grace.interest_payment or accrued_minor <= 0:
        return 0, brought_minor + accrued_minor
    return brought_minor + accrued_minor, 0
