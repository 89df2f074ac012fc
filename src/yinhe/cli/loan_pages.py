"""How loans look on the command line: one, its instalments to come, its history, and a list of loans."""

from datetime import date
from typing import Any, Final

import msgspec
from rich.console import RenderableType

from yinhe.cli.contract_pages import Shown
from yinhe.cli.output import amount, amount_or_blank, facts, number, table, titled
from yinhe.closeday.loan_reader import loan_reader
from yinhe.export.books import Books
from yinhe.kernel.currency import currency
from yinhe.kernel.dates import date_from_days
from yinhe.kernel.rates import Rate, format_rate
from yinhe.lending.card_store import last_statement
from yinhe.lending.columns import LoanFlag
from yinhe.lending.decide import Standing
from yinhe.lending.forthcoming import Forthcoming
from yinhe.lending.owing import Owing, PayOffQuote, owing_of, pay_off_quote
from yinhe.lending.reading import Agreement, read_agreement
from yinhe.lending.refusals import LoanRefusal, Refusal
from yinhe.products.parts.application import PURPOSE_WORDS
from yinhe.products.parts.classification import GRADE_WORDS, Grade

MARKS: Final = {
    LoanFlag.COMPANY: ("company", "企业"),
    LoanFlag.REVOLVING: ("revolving line", "循环额度"),
    LoanFlag.BLOCKED: ("blocked", "止付"),
    LoanFlag.NON_ACCRUAL: ("interest off balance", "非应计"),
    LoanFlag.MISUSED: ("misused", "挪用"),
    LoanFlag.WRITTEN_OFF: ("written off", "已核销"),
    LoanFlag.RESTRUCTURED: ("arranged anew", "已重组"),
    LoanFlag.IMPAIRED: ("impaired", "已减值"),
    LoanFlag.PAYS_WHOLE: ("statements collected whole", "全额自动还款"),
}
"""What else is noted of loans, in English and Chinese."""


def loan_page(books: Books, loan: int, *, pay_off: bool, as_of: date | None = None) -> Shown | Refusal:
    """One loan, where it stands or stood when a business date was closed, and its instalments fallen due."""
    with books.session("loans") as session, loan_reader(session) as reader:
        standing, agreement = reader.standing(loan, as_of), read_agreement(session, loan)
        if not isinstance(standing, Standing):
            return standing
        if agreement is None:
            return Refusal(LoanRefusal.LOAN_UNKNOWN)
        following = next(reader.to_come(standing), None)
    owing, quote = owing_of(standing), pay_off_quote(standing) if pay_off else None
    answer = {
        "loan": loan,
        **_agreed_answer(standing, agreement),
        **_stands_answer(standing, owing),
        "next_instalment": None if following is None else to_come_answer(following),
        "instalments": _instalments_answer(standing),
        "statement": _statement_answer(standing),
        **({} if quote is None else {"pay_off": _quote_answer(quote)}),
    }
    its = currency(standing.product.currency).number
    pairs = _agreed_pairs(books.unit, standing, agreement, its) | _stands_pairs(standing, owing, following, its)
    title = f"Loan {loan}" if as_of is None else f"Loan {loan} as of {as_of}"
    shown = facts(title, {name: value for name, value in pairs.items() if value})
    sections = _statement(standing, its), _instalments(standing, its), None if quote is None else _quote(quote, its)
    return Shown(answer, (shown, *(part for section in sections if section is not None for part in ("", section))))


def _agreed_answer(standing: Standing, agreement: Agreement) -> dict[str, Any]:
    row, product = standing.at.row[0], standing.product
    return {
        "product": product.name,
        "english": product.english,
        "chinese": product.chinese,
        "currency": product.currency,
        "borrower": agreement.borrower,
        "purpose": agreement.purpose if isinstance(agreement.purpose, str) else agreement.purpose.name.lower(),
        "collateral": agreement.collateral,
        "guarantors": agreement.guarantors,
        **{name: int(row[name]) for name in ("account", "linked", "months", "rate", "margin")},
        **{f"{name}_minor": int(row[name]) for name in ("limit", "lent")},
        **{name: told_date(int(row[name])) for name in ("agreed", "start", "maturity", "closed")},
    }


def _stands_answer(standing: Standing, owing: Owing) -> dict[str, Any]:
    row = standing.at.row[0]
    grade = int(row["grade"])
    return {
        "open": bool(row["flags"] & int(LoanFlag.OPEN)),
        "marks": [flag.name.lower() for flag in marks_of(int(row["flags"])) if flag.name],
        "principal_minor": owing.not_due + owing.principal,
        "due_minor": owing.due,
        "due": {
            f"{name}_minor": getattr(owing, name) for name in ("principal", "interest", "penalty", "compound", "fee")
        },
        "overdue_minor": owing.overdue,
        "overdue_since": told_date(int(row["overdue_since"])),
        "days_late": owing.days_late,
        "interest_to_date_minor": owing.running,
        "grade": Grade(grade).name.lower() if grade else None,
        "stage": int(row["stage"]) or None,
        "allowance_minor": int(row["allowance"]),
        "written_off_minor": int(row["written_off"]),
        "business_date": told_date(standing.date),
    }


def _instalments_answer(standing: Standing) -> list[dict[str, Any]]:
    return [
        {
            "number": int(item["number"]),
            "due": told_date(int(item["due"])),
            **{f"{name}_minor": int(item[name]) for name in ("principal", "interest")},
            "left_minor": int(item["principal_left"] + item["interest_left"]),
            "paid": told_date(int(item["paid"])),
        }
        for item in standing.at.items
    ]


def _statement_answer(standing: Standing) -> dict[str, Any] | None:
    """The last statement of a card; None before the first, and of other loans."""
    last = last_statement(standing.at.card)
    if last is None:
        return None
    return {
        "number": last.number,
        **{name: told_date(getattr(last, name)) for name in ("closed", "due", "paid")},
        **{f"{name}_minor": getattr(last, name) for name in ("balance", "minimum", "interest", "fee", "left")},
    }


def _statement(standing: Standing, its: int) -> RenderableType | None:
    told = _statement_answer(standing)
    if told is None:
        return None
    names = {
        "Balance": "balance",
        "Of it interest": "interest",
        "Of it fees": "fee",
        "Least to be paid": "minimum",
        "Not paid": "left",
    }
    pairs = {name: amount_or_blank(told[f"{what}_minor"], its) for name, what in names.items()}
    title = f"Statement {told['number']} of {told['closed']}, due {told['due']}"
    return facts(title, {name: value for name, value in pairs.items() if value} | {"Paid": told["paid"] or ""})


def _quote_answer(quote: PayOffQuote | Refusal) -> dict[str, Any]:
    if isinstance(quote, Refusal):
        return {"refusal": quote.name, "english": quote.english, "chinese": quote.chinese}
    return {f"{name}_minor": value for name, value in msgspec.structs.asdict(quote).items()}


def _agreed_pairs(unit: int, standing: Standing, agreement: Agreement, its: int) -> dict[str, str]:
    row, product, purpose = standing.at.row[0], standing.product, agreement.purpose
    months, start = int(row["months"]), int(row["start"])
    ends = _text(int(row["maturity"]))
    margin = Rate(abs(int(row["margin"])))
    sign = "less" if row["margin"] < 0 else "plus"
    return {
        "Product": f"{product.name} {product.english} {product.chinese}",
        "Borrower": agreement.borrower,
        "Purpose": purpose if isinstance(purpose, str) else " ".join(PURPOSE_WORDS[purpose]),
        "Account": f"{number(unit, int(row['account']))} (index {row['account']})",
        "Linked account": number(unit, int(row["linked"])),
        "Agreed": f"{amount(int(row['limit']), its)} {product.currency} on {_text(int(row['agreed']))}",
        "Drawn": f"{amount(int(row['lent']), its)}, from {_text(start)} on" if start else "nothing yet",
        "Term": f"{months} months{f', to {ends}' if ends else ''}" if months else "",
        "Rate": format_rate(Rate(int(row["rate"]))) if start else "",
        "Agreed on the rate": f"{sign} {format_rate(margin)}" if margin.units else "",
        "Collateral": ", ".join(agreement.collateral),
        "Guarantors": ", ".join(agreement.guarantors),
    }


def _stands_pairs(standing: Standing, owing: Owing, following: Forthcoming | None, its: int) -> dict[str, str]:
    row, principal = standing.at.row[0], owing.not_due + owing.principal
    grade, since = int(row["grade"]), _text(int(row["overdue_since"]))
    names = {"principal": "principal", "interest": "interest", "penalty": "penalty", "compound": "compound interest"}
    parts = [(getattr(owing, name), words) for name, words in (names | {"fee": "fees"}).items()]
    due = ", ".join(f"{words} {amount(value, its)}" for value, words in parts if value)
    return {
        "Principal owed": amount(principal, its) if row["start"] else "",
        "Due today": f"{amount(owing.due, its)}: {due}" if owing.due else "",
        "Overdue": f"{amount(owing.overdue, its)}, since {since}, {owing.days_late} days late" if owing.overdue else "",
        "Interest to date": amount_or_blank(owing.running, its),
        "Next instalment": f"{amount(following.total, its)} on {_text(following.due)}" if following else "",
        "Grade": " ".join(GRADE_WORDS[Grade(grade)]) if grade else "",
        "Stage": f"{row['stage']}, allowance {amount(int(row['allowance']), its)}" if row["stage"] else "",
        "Claimed still": amount_or_blank(int(row["written_off"]), its),
        "Marks": ", ".join(" ".join(MARKS[flag]) for flag in marks_of(int(row["flags"]))),
        "Closed": _text(int(row["closed"])),
    }


def marks_of(flags: int) -> list[LoanFlag]:
    """What is noted of a loan, in the order of `MARKS`."""
    return [flag for flag in MARKS if flags & int(flag)]


def _instalments(standing: Standing, its: int) -> RenderableType | None:
    if not len(standing.at.items):
        return None
    columns = "No.", "Due", "Principal", "Interest", "Left", "Paid"
    made = table(*columns, right=frozenset({"No.", "Principal", "Interest", "Left"}))
    for told in _instalments_answer(standing):
        made.add_row(
            str(told["number"]),
            told["due"],
            *(amount(told[f"{name}_minor"], its) for name in ("principal", "interest")),
            amount_or_blank(told["left_minor"], its),
            told["paid"] or "",
        )
    return titled("Instalments fallen due", made)


def _quote(quote: PayOffQuote | Refusal, its: int) -> RenderableType:
    title = "To repay everything today"
    if isinstance(quote, Refusal):
        return facts(title, {"Refused": f"{quote.english} ({quote.chinese})"})
    names = {
        "Due": quote.due,
        "Interest to date": quote.interest,
        "Principal not due": quote.principal,
        "Fee": quote.fee,
    }
    pairs = {name: amount(value, its) for name, value in names.items() if value}
    return facts(title, pairs | {"Together": amount(quote.total, its)})


def to_come_answer(one: Forthcoming) -> dict[str, Any]:
    """An instalment to come for programs."""
    amounts = {"principal": one.principal, "interest": one.interest, "total": one.total, "owed": one.owed}
    return {
        "number": one.number,
        "due": told_date(one.due),
        **{f"{name}_minor": value for name, value in amounts.items()},
        "capitalised_minor": one.capitalised,
        "rate": one.rate,
    }


def told_date(day: int) -> str | None:
    """A date, and nothing for day 0."""
    return str(date_from_days(day)) if day else None


def _text(day: int) -> str:
    return told_date(day) or ""
