"""yinhe explain: why a posting has the amount it has."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
import typer
from rich.console import RenderableType

from yinhe.bootstrap import open_past
from yinhe.cli.options import AsJson, DatabaseUrl, Debug, Home, UnitNumber, configured
from yinhe.cli.output import Output, amount, facts, table, titled
from yinhe.closeday.explain import explain as explain_transaction
from yinhe.closeday.explanation import Derivation, Explanation
from yinhe.kernel.dates import date_from_days
from yinhe.kernel.rates import Rate, format_rate
from yinhe.products.pricing import Reason


def explain(
    txn: Annotated[UUID, typer.Argument(metavar="TXN", help="The transaction's id, as a statement shows it.")],
    chinese: Annotated[bool, typer.Option("--chinese", help="Reasons in Chinese.")] = False,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Explain a posting: days, balances, rates and where they came from, the remainder, the rounding.

    Everything is worked out again from the journal and the history of products, as known on the night that posted
    it. Exits with 1 when that does not give the amount posted. Reads only; an engine may be running.

    For example:

    $ yinhe explain 0199b3a1-2c00-7a5b-b140-00000000002a
    """
    with open_past(configured(home, database_url, unit)) as past:
        found = explain_transaction(past, txn)
    Output(as_json).show(_told(found), *_pages(found, chinese))


def _told(found: Explanation) -> dict[str, Any]:
    return msgspec.to_builtins(found)


def _pages(found: Explanation, chinese: bool) -> list[RenderableType]:
    def words(reason: Reason) -> str:
        return reason.chinese if chinese else reason.english

    night = "" if found.night is None else f", posted by the close of {date_from_days(found.night)}"
    legs = table("Seq", "What", "Debit", "Credit", "Amount", "Value date", right=frozenset({"Seq", "Amount"}))
    for leg in found.legs:
        money = amount(leg.amount_minor, found.currency)
        accounts = f"{leg.debit}", f"{leg.credit}"
        legs.add_row(f"{leg.seq:,}", words(leg.what), *accounts, money, str(date_from_days(leg.value_date)))
    pages: list[RenderableType] = [
        titled(f"{words(found.what)}, booked {date_from_days(found.business_date)}{night}", legs)
    ]
    if found.derivation is not None:
        pages += _derived(found.derivation, found.currency, chinese)
    if found.shares:
        shares = table("Contract", "Share", right=frozenset({"Contract", "Share"}))
        for share in found.shares:
            shares.add_row(f"{share.contract:,}", amount(share.amount_minor, found.currency))
        pages.append(titled(f"From {found.contracts:,} contracts, the largest", shares))
    if found.reasons:
        pages.append("\n".join(f" {words(reason)}" for reason in found.reasons))
    if not found.derived:
        pages.append(" It was asked for as it is: its amount follows from nothing else.")
    return pages


def _derived(derivation: Derivation, currency: int, chinese: bool) -> list[RenderableType]:
    spans = table("From", "To", "Days", "Balance", "Rates", "Product", "Earned", right=frozenset({"Days", "Balance"}))
    for span in derivation.spans:
        rates = "; ".join(
            f"{format_rate(Rate(used.rate))} ({used.source.chinese if chinese else used.source.english})"
            for used in span.rates
        )
        spans.add_row(
            str(date_from_days(span.start)),
            str(date_from_days(span.end - 1)),
            f"{span.days:,}",
            amount(span.balance_minor, currency),
            rates,
            span.product,
            f"{span.whole:,} + {span.remainder:,}/D",
        )
    pairs = {
        "Brought forward": f"{derivation.brought_whole:,} + {derivation.brought_remainder:,}/D",
        "Together": f"{derivation.whole:,} + {derivation.remainder:,}/D minor units, D = {derivation.base:,}",
        "Rounded": f"{derivation.rounding.value.replace('_', ' ')}: {amount(derivation.amount_minor, currency)}",
    }
    return [titled(f"Contract {derivation.contract}", spans), facts("Sum", pairs)]
