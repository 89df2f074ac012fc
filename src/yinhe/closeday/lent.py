"""Loans as they stood on a business date, worked out from what was asked of them and what the nights collected."""

from collections.abc import Callable, Sequence

import msgspec
import psycopg

from yinhe.lending import events
from yinhe.lending.accrual import Loans
from yinhe.lending.ageing import age
from yinhe.lending.events import DONE, Event
from yinhe.lending.plans import row_of
from yinhe.lending.position import Act, ActKind, Position, work_out_position
from yinhe.products.catalogue import Catalogue
from yinhe.products.product import Product
from yinhe.storage.statements import load_statements

Seen = Callable[[int, Position], None]
"""Hears of a loan at the end of each day, just before the day's interest."""


class LoanPast(msgspec.Struct, frozen=True, eq=False):
    """What happened to one loan."""

    agreed: Loans
    """As agreed, with its accounts; dtype LOAN, shape (1,)."""
    history: tuple[Event, ...]
    """What was done, in order."""
    collected: tuple[Act, ...]

    @property
    def number(self) -> int:
        """The loan's number."""
        return int(self.agreed["loan"][0])

    @property
    def version(self) -> int:
        """The product version it was agreed on."""
        return int(self.agreed["version"][0])

    def acts(self, date: int, *, before: Event | None = None, collected: bool = False) -> tuple[Act, ...]:
        """What was known of by a business date, of its events those before one; its night's collection if wanted."""
        known: list[Act] = []
        for event in self.history:
            if event.business_date > date or (before is not None and event.id == before.id):
                break
            if event.act is not None:
                known.append(event.act)
        known += [act for act in self.collected if act.day < date + collected]
        return tuple(sorted(known, key=lambda act: act.day))

    def position(
        self,
        date: int,
        catalogue: Catalogue,
        *,
        before: Event | None = None,
        acts: Sequence[Act] | None = None,
        seen: Seen | None = None,
    ) -> Position:
        """The loan on a business date, before its end. Raises RateMissing."""

        def product_on(day: int) -> Product:
            return catalogue.in_force(self.version, day)

        chosen = self.acts(date, before=before) if acts is None else acts
        at = work_out_position(self.agreed, chosen, date, product_on, catalogue.rates, seen)
        at.row["linked"] = self._linked(date)
        return at

    def closed(self, date: int, catalogue: Catalogue) -> Position:
        """The loan after the night of a business date. Raises RateMissing."""
        acts = self.acts(date, collected=True)
        at = self.position(date + 1, catalogue, acts=acts)
        at.row["linked"] = self._linked(date)
        if not acts:
            # Nothing is drawn: no day was worked through, and yet each night grades it.
            age(at.row, at.unpaid, catalogue.in_force(self.version, date), date)
        return at

    def _linked(self, date: int) -> int:
        linked = [event.body["row"]["linked"] for event in self.history if event.business_date <= date]
        return int(linked[-1] if linked else self.agreed["linked"][0])


def read_loan(session: psycopg.Connection, number: int) -> LoanPast | None:
    """What happened to a loan; None where there is none."""
    history = tuple(event for event in events.of_loan(session, number) if event.state == DONE)
    if not history or history[0].kind not in ("agree", "take_over"):
        return None
    collected = session.execute(load_statements("lending")["collections_of"], {"loan": number}).fetchall()
    acts = tuple(Act(day=day, kind=ActKind.COLLECT, amount=amount) for day, amount in collected)
    return LoanPast(row_of(history[0].body["row"]), history, acts)


def loans_of(session: psycopg.Connection, product_versions: Sequence[int]) -> list[int]:
    """The numbers of the loans on some product versions, ascending."""
    rows = session.execute(load_statements("lending")["loans_of_versions"], {"versions": list(product_versions)})
    return [int(number) for (number,) in rows.fetchall()]
