"""A decision as it is carried out and kept: the loan afterwards, the legs to post, what became of it."""

from typing import Any
from uuid import UUID

import msgspec
import numpy as np

from yinhe.ledger.batch import NO_FLAGS, Flag, Transfer
from yinhe.lending.accrual import Items, Loans
from yinhe.lending.card import Cards, no_cards
from yinhe.lending.codes import LoanCode
from yinhe.lending.columns import CARD, ITEM, LOAN
from yinhe.lending.legs import Cash, Leg
from yinhe.lending.position import Act


class Plan(msgspec.Struct, frozen=True, eq=False):
    """One command decided on."""

    id: UUID
    kind: str
    row: Loans
    """The loan afterwards, dtype LOAN, shape (1,)."""
    items: Items
    """Its instalments to write: those that changed or are not paid; dtype ITEM."""
    legs: tuple[Leg, ...]
    act: Act | None
    code: LoanCode
    """Of what no cash explains."""
    cash: Cash | None = None
    cards: Cards = msgspec.field(default_factory=no_cards)
    """What a card has beside, dtype CARD, the last as it is afterwards; before it as it was with earlier statements."""

    @property
    def paid_minor(self) -> int:
        """What its customer pays, or is paid where negative."""
        return 0 if self.cash is None else self.cash.amount_minor

    @property
    def loan(self) -> int:
        """The loan's number."""
        return int(self.row["loan"][0])


def transfers_of(plan: Plan) -> tuple[Transfer, ...]:
    """The plan's legs as one transaction under the plan's id."""
    return transfers_under(plan.id, plan.legs, None if plan.act is None else plan.act.day)


def transfers_under(txn_id: UUID, legs: tuple[Leg, ...], value_date: int | None) -> tuple[Transfer, ...]:
    """Legs as one transaction."""
    last = len(legs) - 1
    return tuple(
        Transfer(
            txn_id=txn_id,
            debit=leg.debit,
            credit=leg.credit,
            amount_minor=leg.amount_minor,
            code=leg.code.code,
            flags=Flag.LINKED if number < last else NO_FLAGS,
            leg=number,
            value_date=value_date,
        )
        for number, leg in enumerate(legs)
    )


def row_facts(row: Loans) -> dict[str, int]:
    """One loan's columns by name; `row` has dtype LOAN, shape (1,)."""
    return {name: int(row[name][0]) for name in LOAN.names or ()}


def row_of(facts: dict[str, int]) -> Loans:
    """One loan of its columns by name, dtype LOAN, shape (1,)."""
    row = np.zeros(1, LOAN)
    for name, value in facts.items():
        row[name] = value
    return row


def card_facts(card: Cards) -> dict[str, Any]:
    """One card's columns by name; `card` has dtype CARD, shape (1,)."""
    return {name: card[name][0].tolist() for name in CARD.names or ()}


def _card_of(facts: dict[str, Any]) -> Cards:
    card = np.zeros(1, CARD)
    for name, value in facts.items():
        card[name] = value
    return card


def plan_body(plan: Plan) -> dict[str, Any]:
    """The plan as JSON keeps it."""
    return {
        "row": row_facts(plan.row),
        "items": [list(item) for item in plan.items.tolist()],
        "cards": [card_facts(plan.cards[at : at + 1]) for at in range(len(plan.cards))],
        "legs": [[leg.debit, leg.credit, leg.amount_minor, leg.code.name] for leg in plan.legs],
        "act": msgspec.to_builtins(plan.act),
        "code": plan.code.name,
        "cash": None if plan.cash is None else list(plan.cash),
    }


def read_plan(event_id: UUID, kind: str, body: dict[str, Any]) -> Plan:
    """The plan that `plan_body` kept."""
    return Plan(
        id=event_id,
        kind=kind,
        row=row_of(body["row"]),
        items=np.array([tuple(item) for item in body["items"]], ITEM),
        legs=tuple(Leg(debit, credit, amount, LoanCode[code]) for debit, credit, amount, code in body["legs"]),
        act=msgspec.convert(body["act"], Act | None),
        code=LoanCode[body["code"]],
        cash=None if body["cash"] is None else Cash(*body["cash"]),
        cards=np.concatenate([no_cards(), *(_card_of(facts) for facts in body["cards"])]),
    )
