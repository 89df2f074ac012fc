"""What every command on loans does: read what was typed, carry it out, tell what became of it."""

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
import numpy as np
import typer

from yinhe.bootstrap import DepositUnit, open_unit_of_deposits
from yinhe.cli.contract_teller import Teller, refused
from yinhe.cli.options import configured
from yinhe.cli.output import CommandFailed, Output, amount, facts, number
from yinhe.kernel.currency import currency
from yinhe.kernel.dates import date_from_days
from yinhe.kernel.rates import parse_rate
from yinhe.lending.accrual import Loans
from yinhe.lending.commands import Command
from yinhe.lending.refusals import LoanRefusal, Refusal
from yinhe.lending.service import Done, Lending
from yinhe.products.parts.loan_interest import LoanInterest
from yinhe.products.period import parse_period
from yinhe.products.product import Product

Word = TypeVar("Word", bound=Enum)


class LoanTeller:
    """Reads what was typed for one command."""

    def __init__(self, opened: DepositUnit, unit: int, request_id: UUID | None) -> None:
        """`request_id` is a new one where None was typed."""
        self._teller: Final = Teller(opened.deposits, unit, request_id)
        self.lending: Final[Lending] = opened.lending
        self._catalogue: Final = opened.deposits.catalogue
        self.id: Final = self._teller.id

    def account(self, text: str, product: Product) -> int:
        """An account by index, by 16-digit number, or `cash`; 0 for nothing typed."""
        return self._teller.account(text, product)

    def on_sale(self, text: str) -> tuple[int, Product]:
        """The version `consumer_loan/1`, or the one of `consumer_loan` that is sold today, with its id."""
        return self._teller.on_sale(text)

    def product_of(self, loan: int) -> Product:
        """The product of a loan that is there."""
        row = self.lending.book.row(loan)
        if row is None:
            raise refused(Refusal(LoanRefusal.LOAN_UNKNOWN))
        return self._catalogue.product(int(row["version"][0]))

    def margin(self, margin: str, rate: str, product: Product) -> int:
        """What is agreed on top of the product's rate: said as it is, or by the rate that comes of it today."""
        if margin and rate:
            raise typer.BadParameter("Say either the margin or the rate, not both.")
        if margin:
            return parse_rate(margin).units
        interest = product.one(LoanInterest)
        if not rate or interest is None:
            return 0
        today = self.lending.ledger.business_date
        start, nothing = np.array([today], np.int32), np.zeros(1, np.int64)
        return parse_rate(rate).units - int(interest.rate(self._catalogue.rates, today, start, nothing)[0])


def months_of(text: str) -> int:
    """A term of whole months; 0 for nothing typed."""
    if not text:
        return 0
    period = parse_period(text)
    if period.days:
        raise typer.BadParameter(f"{text!r} is not in months; write '12 months' or '1 year'.")
    return period.months


def word(text: str, words: type[Word], what: str) -> Word:
    """A member by its name in lower case, with hyphens or underscores. Raises BadParameter, in words."""
    found = words.__members__.get(text.upper().replace("-", "_"))
    if found is None:
        raise typer.BadParameter(f"{text!r} is no {what}; write {listed(words)}.")
    return found


def listed(words: type[Enum]) -> str:
    """`borrower, supplier, carrier or other`."""
    names = [one.name.lower() for one in words]
    return f"{', '.join(names[:-1])} or {names[-1]}"


def carry_out(
    unit: int,
    home: Path | None,
    database_url: str | None,
    as_json: bool,
    request_id: UUID | None,
    make: Callable[[LoanTeller], Command],
) -> None:
    """Carry a command out beside nobody: the unit's engine runs here for as long as it takes."""
    with open_unit_of_deposits(configured(home, database_url, unit)) as opened:
        teller = LoanTeller(opened, unit, request_id)
        answer = opened.lending.do(make(teller))
        if isinstance(answer, Refusal):
            raise refused(answer)
        row = opened.lending.book.row(answer.loan)
        if row is None:
            raise CommandFailed(f"Loan {answer.loan} was {answer.kind}, and is not in the book.")
        scale = currency(teller.product_of(answer.loan).currency).number
        items = opened.lending.book.items_of(row["loan"])
        owed = int(row["undue"][0]) + int(items["principal_left"].sum())
    Output(as_json).show(_told(answer, row, owed), facts(f"Loan {answer.loan}", _pairs(answer, row, owed, unit, scale)))


def _told(done: Done, row: Loans, owed: int) -> dict[str, Any]:
    return {
        **msgspec.structs.asdict(done),
        "id": str(done.id),
        "account": int(row["account"][0]),
        "principal_owed_minor": owed,
        "next_due": _day(row, "next_due"),
        "maturity": _day(row, "maturity"),
    }


def _pairs(done: Done, row: Loans, owed: int, unit: int, currency_number: int) -> dict[str, str]:
    account = int(row["account"][0])
    amounts = {
        "Paid in": max(done.paid_minor, 0),
        "Of it a fee": done.fee_minor,
        "Paid out": max(-done.paid_minor, 0),
        "Principal owed": owed,
    }
    days = {"Next due": _day(row, "next_due"), "Ends": _day(row, "maturity")}
    return {
        "Done": done.kind,
        "Account": f"{number(unit, account)} (index {account})",
        **{name: amount(minor_units, currency_number) for name, minor_units in amounts.items() if minor_units},
        **{name: day for name, day in days.items() if day},
    }


def _day(row: Loans, name: str) -> str | None:
    day = int(row[name][0])
    return str(date_from_days(day)) if day else None
