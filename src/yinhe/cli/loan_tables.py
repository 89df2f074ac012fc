"""How the instalments of a loan to come, its history, and lists of loans look on the command line."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from rich.console import RenderableType

from yinhe.cli.contract_pages import Shown
from yinhe.cli.loan_pages import marks_of, to_come_answer, told_date
from yinhe.cli.output import amount, amount_or_blank, table, titled
from yinhe.closeday.loan_reader import loan_reader
from yinhe.export.books import Books
from yinhe.kernel.currency import currency
from yinhe.kernel.rates import Rate, format_rate
from yinhe.lending import events
from yinhe.lending.columns import LoanFlag
from yinhe.lending.decide import Standing
from yinhe.lending.events import ABANDONED, Event
from yinhe.lending.forthcoming import Forthcoming
from yinhe.lending.legs import Cash
from yinhe.lending.owing import owing_of
from yinhe.lending.position import Act, ActKind
from yinhe.lending.reading import CARDS_MAX, LoanCard, list_cards
from yinhe.lending.refusals import LoanRefusal, Refusal, read_refusal
from yinhe.products.catalogue import Catalogue
from yinhe.products.parts.classification import GRADE_WORDS, Grade
from yinhe.products.product import Product

LIST_MAX: Final = CARDS_MAX
"""Most loans of one listing."""

_NO_MONEY: Final = frozenset({ActKind.SET_FLAGS, ActKind.CLEAR_FLAGS, ActKind.EXTEND, ActKind.RATE})
"""Acts whose amount is no money."""


def schedule_page(books: Books, loan: int) -> Shown | Refusal:
    """The instalments of a loan to come."""
    with books.session("loans") as session, loan_reader(session) as reader:
        standing = reader.standing(loan)
        if not isinstance(standing, Standing):
            return standing
        if not standing.at.row["start"][0]:
            return Refusal(LoanRefusal.LOAN_NOT_DRAWN)
        to_come = tuple(reader.to_come(standing))
    its, owing = currency(standing.product.currency), owing_of(standing)
    before = owing.due - _due_today(to_come, standing.date)
    answer = {
        "loan": loan,
        "currency": its.code,
        "business_date": told_date(standing.date),
        "due_before_minor": before,
        "principal_minor": sum(one.principal for one in to_come),
        "interest_minor": sum(one.interest for one in to_come),
        "instalments": [to_come_answer(one) for one in to_come],
    }
    title = f"Instalments of loan {loan} to come, in {its.code}"
    shown = titled(title, _schedule(to_come, its.number)) if to_come else "\n No instalments to come."
    late = f"\n Due before, and counted as paid on {_text(standing.date)}: {amount(before, its.number)}."
    return Shown(answer, (shown, late) if before else (shown,))


def _due_today(to_come: Sequence[Forthcoming], date: int) -> int:
    return to_come[0].total if to_come and to_come[0].due == date else 0


def _schedule(to_come: Sequence[Forthcoming], its: int) -> RenderableType:
    grows = any(one.capitalised for one in to_come)
    amounts = "Principal", "Interest", "Total", *(["Becomes principal"] if grows else []), "Owed after"
    made = table("No.", "Due", "Rate", *amounts, right=frozenset({"No.", "Rate", *amounts}))
    for one in to_come:
        added = [amount_or_blank(one.capitalised, its)] if grows else []
        made.add_row(
            str(one.number),
            _text(one.due),
            format_rate(Rate(one.rate)),
            *(amount(value, its) for value in (one.principal, one.interest, one.total)),
            *added,
            amount(one.owed, its),
        )
    sums = (sum(one.principal for one in to_come), sum(one.interest for one in to_come))
    made.add_section()
    made.add_row("", "", "", *(amount(value, its) for value in (*sums, sum(sums))), *([""] if grows else []), "")
    return made


def history_page(books: Books, loan: int) -> Shown | Refusal:
    """What was done with a loan and what the nights took for it, in the order of its business dates."""
    with books.session("loans") as session, loan_reader(session) as reader:
        standing = reader.standing(loan)
        if not isinstance(standing, Standing):
            return standing
        told = [(one.business_date, _event_answer(one)) for one in events.of_loan(session, loan)]
    # A night's collection is the last thing of its day.
    told += [(act.day, _collection_answer(act)) for act in standing.acts if act.kind is ActKind.COLLECT]
    lines = [line for _, line in sorted(told, key=lambda one: one[0])]
    its = currency(standing.product.currency).number
    sums = "Paid in", "Of it a fee", "Paid out"
    made = table("Date", "Counts from", "What", *sums, "Id", right=frozenset(sums))
    for line in lines:
        what = f"{line['kind']}: refused, {line['english']}" if line["refusal"] else line["kind"]
        paid, fee = (line[f"{name}_minor"] for name in ("amount", "fee"))
        amounts = [amount_or_blank(value, its) for value in (max(paid, 0), fee, max(-paid, 0))]
        value_date = "" if line["value_date"] == line["business_date"] else str(line["value_date"])
        made.add_row(str(line["business_date"]), value_date, what, *amounts, line["id"] or "")
    return Shown({"loan": loan, "history": lines}, (titled(f"History of loan {loan}", made),))


def _event_answer(event: Event) -> dict[str, Any]:
    """`amount` is what its customer paid, or was paid where negative."""
    refusal = read_refusal(event.body["because"]) if event.state == ABANDONED else None
    kept = event.body.get("cash")
    cash = None if kept is None else Cash(*kept)
    return {
        "id": str(event.id),
        "kind": event.kind,
        "business_date": told_date(event.business_date),
        "value_date": told_date(event.value_date),
        "amount_minor": 0 if cash is None else cash.amount_minor,
        "fee_minor": 0 if cash is None else cash.fee_minor,
        "act": None if event.act is None else _act_answer(event.act),
        "refusal": None if refusal is None else refusal.name,
        "english": None if refusal is None else refusal.english,
        "chinese": None if refusal is None else refusal.chinese,
    }


def _act_answer(act: Act) -> dict[str, Any]:
    name = "number" if act.kind in _NO_MONEY else "amount_minor"
    return {"kind": act.kind.value, name: act.amount}


def _collection_answer(act: Act) -> dict[str, Any]:
    nothing: dict[str, Any] = dict.fromkeys(("id", "act", "refusal", "english", "chinese"))
    day = told_date(act.day)
    return {
        "kind": "collect",
        "business_date": day,
        "value_date": day,
        "amount_minor": act.amount,
        "fee_minor": 0,
        **nothing,
    }


# --- many


def list_page(
    books: Books,
    *,
    borrower: str | None,
    linked: int | None,
    code: str | None,
    overdue: bool,
    closed: bool,
    after: int,
    limit: int,
) -> Shown:
    """Loans in the order they were agreed."""
    with books.session("loans") as session, loan_reader(session) as reader:
        catalogue = reader.catalogue
        versions = None if code is None else [one.id for one in catalogue.versions if one.product.code == code]
        cards = list_cards(
            session,
            borrower=borrower,
            linked=linked,
            versions=versions,
            overdue=overdue,
            closed=closed,
            after=after,
            limit=limit,
        )
    columns = "Loan", "Product", "Borrower", "Drawn", "Ends", "Principal owed", "Rate", "Next due", "Overdue since"
    made = table(*columns, "Grade", "Closed", right=frozenset({"Loan", "Principal owed", "Rate"}))
    for card in cards:
        product = catalogue.product(card.version)
        made.add_row(
            str(card.loan),
            product.name,
            card.borrower,
            str(card.start or ""),
            str(card.maturity or ""),
            amount(card.principal, currency(product.currency).number),
            format_rate(Rate(card.rate)) if card.start else "",
            *(str(day or "") for day in (card.next_due, card.overdue_since)),
            " ".join(GRADE_WORDS[Grade(card.grade)]) if card.grade else "",
            str(card.closed or ""),
        )
    answer = {"loans": [_card_answer(card, catalogue) for card in cards]}
    return Shown(answer, (titled(f"Loans of unit {books.unit}", made) if cards else "\n No loans.",))


def _card_answer(card: LoanCard, catalogue: Catalogue) -> dict[str, Any]:
    product: Product = catalogue.product(card.version)
    told = msgspec.to_builtins(card)
    amounts = {f"{name}_minor": told.pop(name) for name in ("limit", "lent", "principal")}
    flags, grade = told.pop("flags"), told.pop("grade")
    return {
        **told,
        **amounts,
        "product": product.name,
        "currency": product.currency,
        "open": bool(flags & int(LoanFlag.OPEN)),
        "marks": [flag.name.lower() for flag in marks_of(flags) if flag.name],
        "grade": Grade(grade).name.lower() if grade else None,
    }


def _text(day: int) -> str:
    return told_date(day) or ""
