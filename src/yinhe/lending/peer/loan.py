"""A peer's loan as its events make it: applied for, approved, paid out; and its schedule at each moment."""

from datetime import date
from typing import Final

import msgspec

from yinhe.lending.peer.case_file import Case, Event, Product
from yinhe.lending.peer.terms import Dates, first_due_fixed, rest_of, terms_of
from yinhe.lending.peer.words import UnknownTermError, minor_of
from yinhe.lending.schedule.instalment_terms import Disbursement, InstalmentRow
from yinhe.lending.schedule.policy_rows import Overdue, policy_rows

_CLOSES: Final = frozenset({"cob", "inline_cob"})
"""The close of a day: what is overdue then may bear interest."""


class Loan(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a loan; amounts in minor units."""

    product: Product
    dates: Dates
    amount: int
    """Applied for, or approved once it is."""
    applied: bool = False
    """Whether it was applied for; a case without that exercises the peer's calculator alone."""
    today: date | None = None
    """The business date."""
    looked_at: date | None = None
    """When it was last looked at what is overdue."""
    disbursements: tuple[Disbursement, ...] = ()
    """Made, in the order in which they were."""

    @property
    def paid_out(self) -> bool:
        """Whether any of it is."""
        return bool(self.disbursements)

    @property
    def planned(self) -> tuple[Disbursement, ...]:
        """The disbursements its schedule is of: those made, else the one expected."""
        if not self.paid_out:
            return (Disbursement(self.dates.disbursed, self.amount),)
        return tuple(sorted(self.disbursements, key=lambda one: one.date)) if self.applied else self.disbursements

    @property
    def rows(self) -> tuple[InstalmentRow, ...]:
        """Its schedule."""
        rest = rest_of(self.product)
        overdue = None if rest is None or self.looked_at is None else Overdue(self.looked_at, rest)
        made = self.applied and self.paid_out
        return policy_rows(terms_of(self.product, self.dates), self.planned, paid_out=made, overdue=overdue)


def loan_of(case: Case) -> Loan:
    """The loan of a case before its first event. Raises `UnknownTermError`."""
    product = case.product
    days = (product.submitted_on, product.expected_disbursement, *(event.date for event in case.events))
    first = next((day for day in days if day is not None), None)
    if first is None:
        raise UnknownTermError("product.submitted_on", None, "a loan has a date")
    dates = Dates(product.submitted_on or first, product.expected_disbursement or first)
    amount = minor_of("product.principal", product.principal or "0", product.decimals)
    return Loan(product=product, dates=_fixed(product, dates), amount=amount)


def _fixed(product: Product, dates: Dates) -> Dates:
    """The dates with the first due date that stays, where one does."""
    return Dates(dates.submitted, dates.disbursed, first_due_fixed(product, dates.submitted, dates.disbursed))


def after(loan: Loan, at: int, event: Event) -> Loan:
    """The loan after an event, the one at a place of its case. Raises `UnknownTermError`."""
    place = f"events[{at}]"
    match event.type:
        case "submit":
            dates = Dates(_day(place, event), event.expected_disbursement or loan.dates.disbursed)
            amount = _amount(loan, f"{place}.principal", event.principal)
            return msgspec.structs.replace(loan, dates=_fixed(loan.product, dates), amount=amount, applied=True)
        case "approve":
            expected = event.expected_disbursement or loan.dates.disbursed
            dates = Dates(loan.dates.submitted, expected, loan.dates.first_due)
            return msgspec.structs.replace(
                loan, dates=dates, amount=_amount(loan, f"{place}.amount", event.amount or event.principal)
            )
        case "disburse":
            return _disbursed(loan, _day(place, event), _amount(loan, f"{place}.amount", event.amount))
        case "business_date":
            return msgspec.structs.replace(loan, today=event.date)
        case kind if kind in _CLOSES:
            return msgspec.structs.replace(loan, looked_at=loan.today or event.date)
        case _:
            known = ", ".join(("submit", "approve", "disburse", "business_date", *sorted(_CLOSES)))
            raise UnknownTermError(f"{place}.type", event.type, f"it is one of {known}")


def _day(place: str, event: Event) -> date:
    """The day of an event. Raises `UnknownTermError`."""
    if event.date is None:
        raise UnknownTermError(f"{place}.date", None, f"{event.type} has a date")
    return event.date


def _amount(loan: Loan, field: str, text: str | None) -> int:
    return loan.amount if text is None else minor_of(field, text, loan.product.decimals)


def _disbursed(loan: Loan, day: date, amount_minor: int) -> Loan:
    """The loan after a disbursement: from the first one on its day is the one the schedule starts from."""
    first = min((one.date for one in loan.disbursements), default=day)
    dates = Dates(loan.dates.submitted, min(first, day), loan.dates.first_due)
    made = (*loan.disbursements, Disbursement(day, amount_minor))
    return msgspec.structs.replace(loan, dates=dates, disbursements=made, looked_at=loan.today)
