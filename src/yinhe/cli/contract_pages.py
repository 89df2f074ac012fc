"""How contracts look on the command line: one, and a list of them."""

from typing import Any, Final

import msgspec
from rich.console import RenderableType

from yinhe.cli.output import amount, facts, number, table, titled
from yinhe.deposits.cards import CARDS_MAX, ContractCard, list_cards, read_card
from yinhe.deposits.events import Event, of_contract
from yinhe.export.books import Books
from yinhe.kernel.currency import currency
from yinhe.kernel.dates import date_from_days
from yinhe.kernel.rates import Rate, format_rate
from yinhe.products.catalogue import Catalogue, load
from yinhe.products.period import Period

LIST_MAX: Final = CARDS_MAX
"""Most contracts of one listing."""


class Shown(msgspec.Struct, frozen=True):
    """What is shown: to programs, and to people."""

    answer: dict[str, Any]
    parts: tuple[RenderableType, ...]


def contract_page(books: Books, contract: int) -> Shown | None:
    """One contract with its balance and its events; None where there is none."""
    with books.session("contracts") as session:
        card = read_card(session, contract)
        if card is None:
            return None
        catalogue, events = load(session), of_contract(session, contract)
    lines = books.statement(card.account, limit=1).entries
    balance = lines[0].balance_minor if lines else 0
    answer = _answer(card, catalogue) | {"balance_minor": balance, "events": [_event_answer(one) for one in events]}
    return Shown(answer, (_facts(books.unit, card, catalogue, balance), _events(events)))


def list_page(books: Books, *, holder: str | None, code: str | None, closed: bool, after: int, limit: int) -> Shown:
    """Contracts in the order they were opened."""
    with books.session("contracts") as session:
        catalogue = load(session)
        versions = None if code is None else [one.id for one in catalogue.versions if one.product.code == code]
        cards = list_cards(session, holder=holder, versions=versions, closed=closed, after=after, limit=limit)
    columns = "Contract", "Account", "Product", "Holder", "Opened", "Matures", "Principal", "Rate", "Closed"
    made = table(*columns, right=frozenset({"Contract", "Principal", "Rate"}))
    for card in cards:
        product = catalogue.product(card.version)
        made.add_row(
            str(card.contract),
            number(books.unit, card.account),
            product.name,
            card.holder or "",
            str(card.opened),
            str(card.maturity or ""),
            amount(card.principal, currency(product.currency).number) if card.principal else "",
            _rate(card),
            str(card.closed or ""),
        )
    answer = {"contracts": [_answer(card, catalogue) for card in cards]}
    return Shown(answer, (titled(f"Contracts of unit {books.unit}", made) if cards else "\n No contracts.",))


def _answer(card: ContractCard, catalogue: Catalogue) -> dict[str, Any]:
    product = catalogue.product(card.version)
    return {**msgspec.to_builtins(card), "product": product.name, "currency": product.currency}


def _event_answer(event: Event) -> dict[str, Any]:
    return {"id": str(event.id), "kind": event.kind, "business_date": date_from_days(event.business_date)}


def _rate(card: ContractCard) -> str:
    """The contract's own rate with what it was priced on top; else it is the product's."""
    return "the product's" if card.rate is None else format_rate(Rate(card.rate + card.spread))


def _facts(unit: int, card: ContractCard, catalogue: Catalogue, balance_minor: int) -> RenderableType:
    product = catalogue.product(card.version)
    its = currency(product.currency).number
    term = Period(card.months or 0, card.days or 0) if card.months or card.days else None
    pairs = {
        "Product": f"{product.name} {product.english} {product.chinese}",
        "Holder": card.holder or "",
        "Account": f"{number(unit, card.account)} (index {card.account})",
        "Linked account": number(unit, card.linked) if card.linked else "",
        "Balance": f"{amount(balance_minor, its)} {product.currency}",
        "Opened": str(card.opened),
        "Term": f"{term}, from {card.start} to {card.maturity}" if term else "",
        "Rate": _rate(card),
        "Priced on top": format_rate(Rate(card.spread)) if card.spread else "",
        "At maturity": "renewed" if card.renews else "",
        "Closed": str(card.closed or ""),
    }
    return facts(f"Contract {card.contract}", {name: value for name, value in pairs.items() if value})


def _events(events: tuple[Event, ...]) -> RenderableType:
    if not events:
        return ""
    made = table("Date", "What", "Id")
    for event in events:
        made.add_row(str(date_from_days(event.business_date)), event.kind, str(event.id))
    return titled("What happened", made)
