"""What the log of acts keeps of loans: which columns changed, what was posted, for whom. Names never."""

from typing import Any, Final
from uuid import UUID

import msgspec

from yinhe.audit.record import Author, Outcome, Record, parties_in
from yinhe.kernel.dates import date_from_days
from yinhe.lending.accrual import Loans
from yinhe.lending.columns import LOAN, LoanFlag
from yinhe.lending.commands import Command
from yinhe.lending.plans import Plan
from yinhe.lending.refusals import Refusal

_DATES: Final = frozenset(
    (
        "through",
        "since",
        "next_due",
        "agreed",
        "start",
        "maturity",
        "next_reset",
        "overdue_since",
        "closed",
        "arranged",
    )
)
_OWN: Final = frozenset(("loan",))
"""What says which loan it is; the record's object does."""
_PERSONAL: Final = frozenset(("borrower", "collateral", "guarantors", "income_minor", "other_dues_minor"))
"""What an application tells of people."""


def done(plan: Plan, author: Author, before: Loans | None, borrower: str) -> Record:
    """What was done with a loan; `before` has dtype LOAN, shape (1,)."""
    was, now = changed(before, plan.row)
    detail: dict[str, Any] = {}
    if plan.legs:
        detail["legs"] = [
            {"debit": leg.debit, "credit": leg.credit, "amount_minor": leg.amount_minor, "code": leg.code.name.lower()}
            for leg in plan.legs
        ]
    if plan.act is not None:
        detail["value_date"] = _date(plan.act.day)
    return Record(
        action=f"loan.{plan.kind}",
        author=author,
        object=f"loan/{plan.loan}",
        parties=parties_in(borrower),
        request_id=plan.id,
        before=was,
        after=now,
        detail=detail or None,
    )


def agreed(event_id: UUID, author: Author, row: Loans, borrower: str) -> Record:
    """A loan (dtype LOAN, shape (1,)) was agreed on."""
    return Record(
        action="loan.agree",
        author=author,
        object=f"loan/{int(row['loan'][0])}",
        parties=parties_in(borrower),
        request_id=event_id,
        after=changed(None, row)[1],
    )


def taken_over(event_id: UUID, author: Author, row: Loans, borrower: str, happened: int) -> Record:
    """A loan of another bank (dtype LOAN, shape (1,)) was taken over, with so many things that happened to it."""
    return Record(
        action="loan.take_over",
        author=author,
        object=f"loan/{int(row['loan'][0])}",
        parties=parties_in(borrower),
        request_id=event_id,
        after=changed(None, row)[1],
        detail={"happened": happened},
    )


def refused(command: Command, author: Author, refusal: Refusal, borrower: str) -> Record:
    """What was asked of a loan and not done."""
    given = msgspec.structs.asdict(command)
    asked = {name: value for name, value in given.items() if name not in _PERSONAL | {"id"} and value is not None}
    loan = int(asked.pop("loan", 0))
    return Record(
        action=f"loan.{kind_of(command)}",
        author=author,
        outcome=Outcome.REFUSED,
        object=f"loan/{loan}" if loan else "",
        parties=parties_in(borrower, str(given.get("borrower", ""))),
        request_id=command.id,
        why=refusal.name,
        detail=asked,
    )


def abandoned(plan: Plan, author: Author, refusal: Refusal, borrower: str) -> Record:
    """What was begun with a loan and came to nothing."""
    return Record(
        action=f"loan.{plan.kind}",
        author=author,
        outcome=Outcome.REFUSED,
        object=f"loan/{plan.loan}",
        parties=parties_in(borrower),
        request_id=plan.id,
        why=refusal.name,
    )


def kind_of(command: Command) -> str:
    """The verb of a command; a plan that carries it out has it as its kind."""
    return type(command).__name__.lower()


def changed(before: Loans | None, after: Loans) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The columns of a loan that changed, as they were and as they are; of a new one all that say something.

    Amounts are minor units, rates 1e-8 a year, dates ISO strings.
    """
    names = [name for name in LOAN.names or () if name not in _OWN]
    if before is None:
        return None, {name: _value(name, int(after[name][0])) for name in names if after[name][0]}
    moved = [name for name in names if before[name][0] != after[name][0]]
    was = {name: _value(name, int(before[name][0])) for name in moved}
    return was, {name: _value(name, int(after[name][0])) for name in moved}


def _value(name: str, value: int) -> Any:
    if name in _DATES:
        return _date(value) if value else None
    if name == "flags":
        return [flag.name.lower() for flag in LoanFlag(value) if flag.name]
    return value


def _date(days: int) -> str:
    return date_from_days(days).isoformat()
