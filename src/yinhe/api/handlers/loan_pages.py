"""How loans are told: one as it stands, its instalments, its statements, its history, and lines of a list."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from yinhe.api.forms import MoneyForm, account_text, date_form, date_or_none, money_form, rate_text
from yinhe.api.handlers.loan_forms import (
    LoanDetails,
    LoanDue,
    LoanEvent,
    LoanForthcoming,
    LoanInstalment,
    LoanLine,
    LoanPayOffQuote,
    LoanSchedule,
    LoanStatement,
)
from yinhe.api.problem import Reasons
from yinhe.kernel.currency import currency
from yinhe.lending.accrual import Items
from yinhe.lending.card_store import Statement, last_statement
from yinhe.lending.columns import LoanFlag
from yinhe.lending.decide import Standing
from yinhe.lending.events import ABANDONED, Event
from yinhe.lending.forthcoming import Forthcoming
from yinhe.lending.legs import Cash
from yinhe.lending.owing import Owing, PayOffQuote, owing_of
from yinhe.lending.position import Act, ActKind
from yinhe.lending.reading import Agreement, LoanCard
from yinhe.lending.refusals import read_refusal
from yinhe.products.parts.classification import Grade
from yinhe.products.product import Product

_NOT_MARKS: Final = LoanFlag.OPEN


def details_of(unit: int, standing: Standing, agreement: Agreement, following: Forthcoming | None) -> LoanDetails:
    """A loan, where it stands."""
    row, product, owing = standing.at.row[0], standing.product, owing_of(standing)
    last = last_statement(standing.at.card)
    its = currency(product.currency).number

    def money(name: str) -> MoneyForm:
        return money_form(int(row[name]), its)

    purpose = agreement.purpose if isinstance(agreement.purpose, str) else agreement.purpose.name.lower()
    return LoanDetails(
        loan=int(row["loan"]),
        business_date=date_form(standing.date),
        product=product.name,
        product_names=Reasons(product.english, product.chinese),
        borrower=agreement.borrower,
        purpose=purpose,
        collateral=agreement.collateral,
        guarantors=agreement.guarantors,
        account=account_text(int(row["account"]), unit),
        linked=account_text(int(row["linked"]), unit) if row["linked"] else None,
        agreed=date_or_none(int(row["agreed"])),
        start=date_or_none(int(row["start"])),
        maturity=date_or_none(int(row["maturity"])),
        months=int(row["months"]),
        closed=date_or_none(int(row["closed"])),
        currency=product.currency,
        limit=money("limit"),
        lent=money("lent"),
        rate=rate_text(int(row["rate"])),
        margin=rate_text(int(row["margin"])),
        open=bool(int(row["flags"]) & int(LoanFlag.OPEN)),
        marks=marks_of(int(row["flags"])),
        principal=money_form(owing.not_due + owing.principal, its),
        undue=money_form(owing.not_due, its),
        due=_due_of(owing, its),
        overdue=money_form(owing.overdue, its),
        overdue_since=date_or_none(int(row["overdue_since"])),
        days_late=owing.days_late,
        interest_to_date=money_form(owing.running, its),
        next_instalment=None if following is None else forthcoming_of(following, its),
        grade=_grade(int(row["grade"])),
        stage=int(row["stage"]) or None,
        allowance=money("allowance"),
        written_off=money("written_off"),
        statement=None if last is None else statement_of(last, its),
    )


def _due_of(owing: Owing, its: int) -> LoanDue:
    return LoanDue(
        principal=money_form(owing.principal, its),
        interest=money_form(owing.interest, its),
        penalty=money_form(owing.penalty, its),
        compound=money_form(owing.compound, its),
        fee=money_form(owing.fee, its),
        total=money_form(owing.due, its),
    )


def marks_of(flags: int) -> tuple[str, ...]:
    """What else is noted of a loan, in lower case."""
    return tuple(flag.name.lower() for flag in LoanFlag if flag is not _NOT_MARKS and flag.name and flags & int(flag))


def _grade(grade: int) -> str | None:
    return Grade(grade).name.lower() if grade else None


def forthcoming_of(one: Forthcoming, its: int) -> LoanForthcoming:
    """An instalment to come; `its` is the currency's ISO 4217 number."""
    return LoanForthcoming(
        number=one.number,
        due=date_form(one.due),
        principal=money_form(one.principal, its),
        interest=money_form(one.interest, its),
        total=money_form(one.total, its),
        capitalised=money_form(one.capitalised, its),
        owed=money_form(one.owed, its),
        rate=rate_text(one.rate),
    )


def schedule_of(standing: Standing, items: Items, to_come: Sequence[Forthcoming]) -> LoanSchedule:
    """What has fallen due (dtype ITEM) and what is to come."""
    its = currency(standing.product.currency).number
    return LoanSchedule(
        loan=int(standing.at.row["loan"][0]),
        business_date=date_form(standing.date),
        currency=standing.product.currency,
        fallen_due=tuple(
            LoanInstalment(
                number=int(item["number"]),
                due=date_form(int(item["due"])),
                principal=money_form(int(item["principal"]), its),
                interest=money_form(int(item["interest"]), its),
                left=money_form(int(item["principal_left"]) + int(item["interest_left"]), its),
                paid=date_or_none(int(item["paid"])),
            )
            for item in items
        ),
        to_come=tuple(forthcoming_of(one, its) for one in to_come),
        principal_to_come=money_form(sum(one.principal for one in to_come), its),
        interest_to_come=money_form(sum(one.interest for one in to_come), its),
    )


def statement_of(one: Statement, its: int) -> LoanStatement:
    """A statement of a card."""
    return LoanStatement(
        number=one.number,
        closed=date_form(one.closed),
        due=date_form(one.due),
        balance=money_form(one.balance, its),
        minimum=money_form(one.minimum, its),
        interest=money_form(one.interest, its),
        fee=money_form(one.fee, its),
        left=money_form(one.left, its),
        paid=date_or_none(one.paid),
    )


def quote_of(standing: Standing, quote: PayOffQuote) -> LoanPayOffQuote:
    """What it takes to repay a loan today."""
    its = currency(standing.product.currency).number
    return LoanPayOffQuote(
        loan=int(standing.at.row["loan"][0]),
        business_date=date_form(standing.date),
        due=money_form(quote.due, its),
        interest=money_form(quote.interest, its),
        principal=money_form(quote.principal, its),
        fee=money_form(quote.fee, its),
        total=money_form(quote.total, its),
    )


def line_of(unit: int, card: LoanCard, account: int, product: Product) -> LoanLine:
    """One loan of a list."""
    its = currency(product.currency).number
    return LoanLine(
        loan=card.loan,
        product=product.name,
        borrower=card.borrower,
        account=account_text(account, unit),
        linked=account_text(card.linked, unit) if card.linked else None,
        open=bool(card.flags & int(LoanFlag.OPEN)),
        agreed=card.agreed,
        start=card.start,
        maturity=card.maturity,
        limit=money_form(card.limit, its),
        lent=money_form(card.lent, its),
        principal=money_form(card.principal, its),
        rate=rate_text(card.rate),
        next_due=card.next_due,
        overdue_since=card.overdue_since,
        grade=_grade(card.grade),
        marks=marks_of(card.flags),
        closed=card.closed,
    )


def history_of(events: Iterable[Event], acts: Iterable[Act], its: int) -> list[LoanEvent]:
    """What was done with a loan and what the nights collected for it, in the order of business dates."""
    told = [(one.business_date, 0, _event_of(one, its)) for one in events]
    # A night's collection is the last thing of its day.
    told += [(act.day, 1, _collected(act, its)) for act in acts if act.kind is ActKind.COLLECT]
    return [event for _, _, event in sorted(told, key=lambda one: one[:2])]


def _event_of(event: Event, its: int) -> LoanEvent:
    kept: Any = event.body.get("cash")
    cash = Cash(0, 0) if kept is None else Cash(*kept)
    because = read_refusal(event.body["because"]) if event.state == ABANDONED else None
    return LoanEvent(
        id=str(event.id),
        kind=event.kind,
        business_date=date_form(event.business_date),
        value_date=date_form(event.value_date),
        paid=money_form(cash.amount_minor, its),
        fee=money_form(cash.fee_minor, its),
        refused=None if because is None else Reasons(because.english, because.chinese),
    )


def _collected(act: Act, its: int) -> LoanEvent:
    return LoanEvent(
        id=None,
        kind="collect",
        business_date=date_form(act.day),
        value_date=date_form(act.day),
        paid=money_form(act.amount, its),
        fee=money_form(0, its),
        refused=None,
    )
