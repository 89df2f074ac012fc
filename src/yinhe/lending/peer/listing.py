"""The schedule as the peer lists it: disbursements among the instalments, balances run down, and what is paid."""

import datetime as dt

import msgspec

from yinhe.lending.peer.loan import Loan
from yinhe.lending.peer.terms import terms_of
from yinhe.lending.schedule.instalment_terms import Disbursement, InstalmentRow, RowPart
from yinhe.lending.schedule.policies import SchedulePolicy


class ListedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list; amounts in minor units."""

    n: int | None = None
    """The instalment's number, down payments counted; none for a disbursement."""
    date: dt.date
    from_date: dt.date | None = None
    balance: int
    """Of the whole loan after an instalment; what is paid out of a disbursement."""
    principal: int = 0
    interest: int = 0
    paid: int = 0
    late: int = 0
    """What of it was paid after it was due."""
    paid_date: dt.date | None = None
    """When the last of it was paid."""
    completed: bool = False
    parts: tuple[RowPart, ...] = ()

    @property
    def due(self) -> int:
        """What is due in all."""
        return self.principal + self.interest


class Transfer(msgspec.Struct, frozen=True, order=True):
    """Money that moved, in the peer's words."""

    date: dt.date
    type: str
    amount_minor: int


def listed(loan: Loan) -> tuple[ListedRow, ...]:
    """The list of a loan's schedule. Raises `UnknownTermError`."""
    policy = terms_of(loan.product, loan.dates).policy
    waiting, found = list(loan.planned), list[ListedRow]()
    balance = 0
    for number, row in enumerate(loan.rows, 1):
        for one in [one for one in waiting if _before(policy, loan, one, row)]:
            waiting.remove(one)
            balance += one.amount_minor
            found.append(ListedRow(date=one.date, balance=one.amount_minor))
        balance -= row.principal_minor
        # Where the periods are given the calculator itself is looked at: it counts what is paid out on a due date.
        owed = row.owed_minor if loan.product.periods else None
        found.append(
            ListedRow(
                n=number,
                date=row.span.due,
                from_date=row.span.start,
                balance=balance if owed is None else owed,
                principal=row.principal_minor,
                interest=row.interest_minor,
                parts=row.parts,
            )
        )
    return _paid(loan, tuple(found))


def _before(policy: SchedulePolicy, loan: Loan, one: Disbursement, row: InstalmentRow) -> bool:
    """Whether a disbursement is listed before a row.

    One on a due date belongs to the row due that day in the cumulative policy, to the next one in the progressive.
    """
    if one.date == row.span.start and (row.down_payment or one.date == loan.dates.disbursed):
        return True
    if policy is SchedulePolicy.PROGRESSIVE:
        return row.span.start <= one.date < row.span.due
    return row.span.start < one.date <= row.span.due


def transfers(loan: Loan) -> tuple[Transfer, ...]:
    """The money that moved: disbursements, and the down payments paid by themselves with them."""
    moved = [Transfer(one.date, "Disbursement", one.amount_minor) for one in loan.disbursements]
    return (*moved, *(Transfer(one.date, "Down Payment", one.amount_minor) for one in _down_payments(loan)))


def _down_payments(loan: Loan) -> tuple[Disbursement, ...]:
    """Down payments that are made by themselves: dates and amounts."""
    down = loan.product.down_payment
    if down is None or not down.auto or not loan.paid_out:
        return ()
    rows = (row for row in loan.rows if row.down_payment)
    return tuple(Disbursement(row.span.due, row.principal_minor) for row in rows)


def _paid(loan: Loan, rows: tuple[ListedRow, ...]) -> tuple[ListedRow, ...]:
    """The list with the down payments put on what is owed: the oldest instalment due first.

    An instalment of nothing is complete from the disbursement on.
    """
    found = [_with_payment(row, 0, loan.dates.disbursed) if loan.paid_out and row.n else row for row in rows]
    for payment in _down_payments(loan):
        left = payment.amount_minor
        for at, row in enumerate(found):
            if row.n is None or row.date > payment.date:
                continue
            put = min(left, row.due - row.paid)
            if put:
                left -= put
                found[at] = _with_payment(row, put, payment.date)
    return tuple(found)


def _with_payment(row: ListedRow, amount_minor: int, day: dt.date) -> ListedRow:
    paid = row.paid + amount_minor
    done = paid == row.due
    late = row.late + (amount_minor if day > row.date else 0)
    return msgspec.structs.replace(row, paid=paid, late=late, completed=done, paid_date=day if done else None)
