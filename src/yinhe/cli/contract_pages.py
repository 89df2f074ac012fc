"""How contracts look on the command line: one, and a list of them."""

from typing import Any, Final

import msgspec
from rich.console import RenderableType

from yinhe.cli.output import amount, facts, number, table, titled
from yinhe.deposits.cards import CARDS_MAX, ContractCard, NoticeCard, list_cards, notices_of, read_card
from yinhe.deposits.events import Event, of_contract
from yinhe.deposits.standing_orders import WITHOUT_END, StandingOrder, orders_from
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
        notices = notices_of(session, contract)
    lines = books.statement(card.account, limit=1).entries
    balance = lines[0].balance_minor if lines else 0
    answer = _answer(card, catalogue) | {
        "balance_minor": balance,
        "notices": [msgspec.to_builtins(one) for one in notices],
        "events": [_event_answer(one) for one in events],
    }
    its = currency(catalogue.product(card.version).currency).number
    return Shown(answer, (_facts(books.unit, card, catalogue, balance), _notices(notices, its), _events(events)))


def orders_page(books: Books, contract: int) -> Shown | None:
    """The standing orders of a contract; None where there is no such contract."""
    with books.session("contracts") as session:
        card = read_card(session, contract)
        if card is None:
            return None
        its, orders = currency(load(session).product(card.version).currency), orders_from(session, card.account)
    made = table("Order", "To", "Amount", "Day", "First", "Last", "Last paid", right=frozenset({"Amount", "Day"}))
    for one in orders:
        told = _order_answer(one)
        made.add_row(
            told["id"],
            number(books.unit, one.to_account),
            amount(one.amount_minor, its.number),
            str(one.day_of_month),
            *(str(told[name] or "") for name in ("first", "last", "last_run")),
        )
    title = f"Standing orders of contract {contract}, in {its.code}"
    answer = {"contract": contract, "orders": [_order_answer(one) for one in orders]}
    return Shown(answer, (titled(title, made) if orders else "\n No standing orders.",))


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


def _order_answer(order: StandingOrder) -> dict[str, Any]:
    ends, has_run = order.last != WITHOUT_END, order.last_run != 0
    return {
        "id": str(order.id),
        "to_account": order.to_account,
        "amount_minor": order.amount_minor,
        "day_of_month": order.day_of_month,
        "first": date_from_days(order.first),
        "last": date_from_days(order.last) if ends else None,
        "last_run": date_from_days(order.last_run) if has_run else None,
    }


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
        "Instalments missed": str(card.missed or ""),
        "Keeps its rate": f"{amount(card.kept, its)}; what was paid in later earns less" if card.broken else "",
        "Closed": str(card.closed or ""),
    }
    return facts(f"Contract {card.contract}", {name: value for name, value in pairs.items() if value})


def _notices(notices: tuple[NoticeCard, ...], currency_number: int) -> RenderableType:
    if not notices:
        return ""
    made = table("Notice", "Given", "Of", "Amount", "State", right=frozenset({"Amount"}))
    for one in notices:
        sum_of = amount(one.amount_minor, currency_number)
        made.add_row(str(one.id), str(one.given_on), str(one.due_on), sum_of, one.state)
    return titled("Notices of withdrawal", made)


def _events(events: tuple[Event, ...]) -> RenderableType:
    if not events:
        return ""
    made = table("Date", "What", "Id")
    for event in events:
        made.add_row(str(date_from_days(event.business_date)), event.kind, str(event.id))
    return titled("What happened", made)
