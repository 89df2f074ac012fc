"""yinhe statement: the history of one account."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
import typer
from rich.console import Group, RenderableType

from yinhe.bootstrap import open_books
from yinhe.cli.options import AsJson, DatabaseUrl, Debug, Home, UnitNumber, configured
from yinhe.cli.output import Output, amount, amount_or_blank, facts, number, table
from yinhe.export.books import AccountCard
from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.dates import date_from_days
from yinhe.ledger.history import PAGE_MAX, SEQ_END, Page


class Statement(msgspec.Struct, frozen=True):
    """One page of an account's history, newest line first; `before_seq` asks for the page before it."""

    account: AccountCard
    page: Page


def statement(
    account: Annotated[
        str,
        typer.Argument(metavar="ACCOUNT", help="Index, 16-digit account number, or another bank's number (berka:576)."),
    ],
    limit: Annotated[int, typer.Option(min=1, max=PAGE_MAX, help="Most lines shown.")] = 50,
    before_seq: Annotated[int, typer.Option(min=1, max=SEQ_END, help="Show lines before this seq.")] = SEQ_END,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show an account's latest lines, each with the balance after it. Reads only; an engine may be running.

    For example:

    $ yinhe statement 17

    $ yinhe statement "0001 0000 0000 1762" --limit 20

    $ yinhe statement berka:576 --before-seq 4711
    """
    with open_books(configured(home, database_url, unit)) as books:
        card = books.account(books.find_account(account))
        page = books.statement(card.account, before_seq=before_seq, limit=limit)
        codes = books.transfer_codes()
    Output(as_json).show(Statement(card, page), _card(card), _lines(unit, card, page, codes))


def _card(card: AccountCard) -> RenderableType:
    pairs = {
        "Currency": currency_by_number(card.currency).code,
        "General ledger": f"{card.gl_code} {card.gl_name}".strip(),
        "Branch": str(card.branch),
        "Known as": ", ".join(card.aliases),
        "Held by": ", ".join(card.holders),
    }
    digits = card.number
    title = f"Account {' '.join(digits[start : start + 4] for start in range(0, len(digits), 4))}"
    return facts(f"{title} (index {card.account})", {name: value for name, value in pairs.items() if value})


def _lines(unit: int, card: AccountCard, page: Page, codes: Mapping[int, str]) -> RenderableType:
    if not page.entries:
        return "\n No lines."
    columns = "Date", "Value date", "Seq", "What", "Counter account", "Debit", "Credit", "Held", "Balance"
    made = table(*columns, right=frozenset({"Seq", "Debit", "Credit", "Held", "Balance"}))
    for entry in reversed(page.entries):
        made.add_row(
            str(date_from_days(entry.business_date)),
            str(date_from_days(entry.value_date)),
            f"{entry.seq:,}",
            codes.get(entry.code, f"code {entry.code}"),
            number(unit, entry.counter_account),
            amount_or_blank(max(0, -entry.amount_minor), card.currency),
            amount_or_blank(max(0, entry.amount_minor), card.currency),
            amount_or_blank(entry.held_minor, card.currency),
            amount(entry.balance_minor, card.currency),
        )
    if page.before_seq is None:
        return made
    return Group(made, f" Earlier lines: the same with --before-seq {page.before_seq}")
