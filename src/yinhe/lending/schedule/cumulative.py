"""The cumulative policy: a schedule computed row by row from the balance that is left.

Conventions of Apache Fineract's schedule type CUMULATIVE. Interest of a row is rounded once; the instalment is rounded
once, before the first row, and kept; what rounding leaves comes into the last row.
"""

from datetime import date
from decimal import Decimal
from typing import Final, assert_never

import msgspec

from yinhe.kernel.errors import YinheError
from yinhe.lending.schedule.cumulative_interest import Flat, declining_interest, flat_interest, flat_of, last_interest
from yinhe.lending.schedule.due_dates import first_due, next_due, spans_of, step
from yinhe.lending.schedule.instalment_terms import (
    Amortisation,
    Disbursement,
    InstalmentRow,
    InstalmentTerms,
    InterestMethod,
    Span,
)
from yinhe.lending.schedule.loan_walk import LoanWalk
from yinhe.lending.schedule.period_rate import equal_instalment, instalment_rate
from yinhe.lending.schedule.policies import EXACT

ROWS_MAX: Final = 5_000
"""More instalments than any loan has; past it the terms never repay the principal."""


class ScheduleNeverEndsError(YinheError):
    """The instalment does not cover the interest due with it, or never repays the principal."""


class _Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is found once, before the first row; amounts in minor units."""

    instalment: int | None
    """The equal instalment, where there is one."""
    principal: int | None
    """The equal principal, where there is one."""
    flat: Flat


class _State(msgspec.Struct, frozen=True, kw_only=True):
    """What is known between two rows, beside the balance; amounts in minor units."""

    number: int
    """Of the row to come, down payments not counted."""
    start: date
    coming: tuple[Disbursement, ...]
    """Not yet paid out, in the order of their dates."""
    principal: int
    """Principal the rows are to repay, of what has been paid out so far."""
    brought: int = 0
    """Interest of a grace period, to be charged with the next row that bears some."""
    reduction: int = 0
    """Principal below zero of an earlier row, taken off later ones."""
    principal_total: int = 0
    interest_total: int = 0


def down_payment_minor(terms: InstalmentTerms, amount_minor: int) -> int:
    """The part of a disbursement that is due the same day, in minor units; 0 without a down payment."""
    if terms.down_payment_rate is None:
        return 0
    part = EXACT.multiply(Decimal(amount_minor), terms.down_payment_rate)
    return terms.rounding.to_multiple(terms.rounding.money(part))


def net_minor(terms: InstalmentTerms, amount_minor: int) -> int:
    """A disbursement less its down payment, in minor units: what instalments are to repay."""
    return amount_minor - down_payment_minor(terms, amount_minor)


def cumulative_rows(terms: InstalmentTerms, disbursements: tuple[Disbursement, ...]) -> tuple[InstalmentRow, ...]:
    """The rows of a schedule by the cumulative policy, down payments among them, in order.

    `disbursements` are those made or planned, in the order of their dates. Raises `ScheduleNeverEndsError`.
    """
    plan = _plan_of(terms, sum(one.amount_minor for one in disbursements))
    loan = LoanWalk(terms.rounding)
    state, rows = _opening(terms, disbursements, loan)
    due = first_due(terms)
    while loan.balance or state.coming:
        if len(rows) >= ROWS_MAX:
            raise ScheduleNeverEndsError
        rows += [_down_payment(terms, one) for one in state.coming if one.date <= due and _has_down_payment(terms)]
        state, row = _next_row(terms, plan, loan, state, due)
        rows.append(row)
        due = next_due(due, terms)
    if state.brought > 0:
        last = rows[-1]
        rows[-1] = msgspec.structs.replace(last, interest_minor=last.interest_minor + state.brought)
    return tuple(rows)


def _plan_of(terms: InstalmentTerms, total_minor: int) -> _Plan:
    """The equal instalment or the equal principal of all that is lent less its down payment, and its flat interest."""
    flat = flat_of(terms, total_minor, spans_of(terms)[-1].due)
    amortised, count = net_minor(terms, total_minor), terms.count - terms.grace.principal
    match terms.amortisation:
        case Amortisation.EQUAL_PRINCIPAL:
            part = terms.rounding.share(amortised, count)
            return _Plan(instalment=terms.fixed_instalment_minor, principal=part, flat=flat)
        case Amortisation.EQUAL_INSTALMENTS:
            instalment = terms.fixed_instalment_minor
            if instalment is None and terms.interest_method is InterestMethod.DECLINING_BALANCE:
                exact = equal_instalment(amortised, instalment_rate(terms), count)
                instalment = terms.rounding.to_multiple(exact)
            return _Plan(instalment=instalment, principal=None, flat=flat)
        case _:
            assert_never(terms.amortisation)


def _opening(
    terms: InstalmentTerms, disbursements: tuple[Disbursement, ...], loan: LoanWalk
) -> tuple[_State, list[InstalmentRow]]:
    """What stands before the first row, and the down payments of what is paid out on the day the loan starts."""
    first = disbursements if not terms.tranches else tuple(one for one in disbursements if one.date == terms.start)
    paid_out = sum(one.amount_minor for one in first)
    # Of several tranches on one day the down payment is taken of their sum.
    loan.disburse(net_minor(terms, paid_out))
    state = _State(
        number=1,
        start=terms.start,
        coming=tuple(one for one in disbursements if one not in first),
        principal=loan.balance if terms.tranches else paid_out,
    )
    return state, [_down_payment(terms, one) for one in first if _has_down_payment(terms)]


def _has_down_payment(terms: InstalmentTerms) -> bool:
    return terms.down_payment_rate is not None


def _down_payment(terms: InstalmentTerms, one: Disbursement) -> InstalmentRow:
    amount = down_payment_minor(terms, one.amount_minor)
    return InstalmentRow(span=Span(one.date, one.date), principal_minor=amount, down_payment=True)


def _interest_start(terms: InstalmentTerms, state: _State) -> date:
    """From when a row's interest is counted.

    A first period of another length counts from the day that would make it a usual one.
    """
    first = first_due(terms)
    ideal = step(first, -terms.every, terms.unit)
    if not (state.start < ideal or state.start < first):
        return state.start
    if terms.interest_from is not None:
        early = state.start == terms.disbursed or state.start < terms.interest_from
        return terms.interest_from if early else state.start
    return ideal if state.start == terms.disbursed else state.start


def _next_row(
    terms: InstalmentTerms, plan: _Plan, loan: LoanWalk, state: _State, due: date
) -> tuple[_State, InstalmentRow]:
    """One row up to its due date, and what stands after it."""
    last = state.number == terms.count
    arriving = tuple((one.date, net_minor(terms, one.amount_minor)) for one in state.coming if one.date <= due)
    state = msgspec.structs.replace(state, principal=state.principal + sum(amount for _, amount in arriving))
    match terms.interest_method:
        case InterestMethod.DECLINING_BALANCE:
            span = Span(_interest_start(terms, state), due)
            interest, brought = declining_interest(terms, state.number, span, loan, state.brought, arriving)
            own = interest - state.brought if interest > 0 else brought - state.brought
            principal = _declining_principal(terms, plan, state, own)
        case InterestMethod.FLAT:
            for _, amount in arriving:
                loan.disburse(amount)
            interest, brought = flat_interest(terms, state.number, plan.flat, state.brought)
            principal = _flat_principal(terms, plan, state, interest)
            interest = last_interest(interest, state.interest_total + interest, plan.flat.total, last)
        case _:
            assert_never(terms.interest_method)
    if plan.instalment is not None and plan.instalment < interest:
        raise ScheduleNeverEndsError
    principal = _last_principal(terms, state, principal, last)
    # A principal below zero, which rounding to a multiple can give, is taken off the next one.
    taken = min(state.reduction, principal)
    principal = loan.redeem(principal - taken)
    after = msgspec.structs.replace(
        state,
        number=state.number + 1,
        start=due,
        coming=tuple(one for one in state.coming if one.date > due),
        brought=brought,
        reduction=state.reduction - taken,
        principal_total=state.principal_total + principal,
        interest_total=state.interest_total + interest,
    )
    return after, InstalmentRow(span=Span(state.start, due), principal_minor=principal, interest_minor=interest)


def _declining_principal(terms: InstalmentTerms, plan: _Plan, state: _State, interest_minor: int) -> int:
    """The principal of a row: the equal principal, or what the instalment leaves after the row's own interest."""
    if state.number <= terms.grace.principal:
        return 0
    if plan.principal is not None:
        return plan.principal
    assert plan.instalment is not None
    return plan.instalment - interest_minor


def _flat_principal(terms: InstalmentTerms, plan: _Plan, state: _State, interest_minor: int) -> int:
    """The principal of a row where interest is flat: an equal share of the principal.

    To a multiple, principal and interest are each rounded to it and the interest that is due taken off their sum.
    """
    if plan.instalment is not None:
        return plan.instalment - interest_minor
    share = 0
    if state.number > terms.grace.principal:
        share = terms.rounding.share(state.principal, terms.count - terms.grace.principal)
    if terms.rounding.instalment_multiple is None:
        return share
    return terms.rounding.to_multiple(share) + terms.rounding.to_multiple(interest_minor) - interest_minor


def _last_principal(terms: InstalmentTerms, state: _State, principal_minor: int, last: bool) -> int:
    """The principal of a row, never more than is left, and in the last row all that is left."""
    left = state.principal - (state.principal_total - state.reduction + principal_minor)
    if left < 0:
        return principal_minor + left
    if terms.fixed_instalment_minor is not None:
        threshold = terms.rounding.share(principal_minor * terms.threshold_percent, 100)
        return principal_minor + left if left < threshold else principal_minor
    return principal_minor + left if last else principal_minor
