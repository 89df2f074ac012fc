"""Steps of a night on a few contracts, without a ledger: to see again what a night decided, or what one would decide.

The steps are those of the plan, untouched; what they look at is put together here.
"""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.closeday.facts import NO_COLUMNS, Facts, JournalDays, Plan, StandingOrder, nothing_changed, nothing_since
from yinhe.closeday.plan import STEPS, Step
from yinhe.deposits.book import Book
from yinhe.deposits.changes import Changes
from yinhe.deposits.overdrafts import Overdrafts
from yinhe.ledger.memory import ROW
from yinhe.products.catalogue import Catalogue
from yinhe.products.parts.base import Int64Column
from yinhe.products.pools import Pools
from yinhe.products.rates import RateBook

NO_ROWS: Final[NDArray[np.void]] = np.zeros(0, ROW)


class KnownPools(Pools):
    """The bank's own accounts as they are known, without a ledger; what is not known gets the next free number."""

    def __init__(self, known: Mapping[tuple[int, int, int], int], next_free: int) -> None:
        """`known` is by (general-ledger code, ISO 4217 number, product number), as `Pools.all` gives it."""
        self._known: Final = dict(known)
        self._next_free: int = next_free

    def account(self, gl_code: int, currency: int, product: int) -> int:
        """See `Pools.account`; nothing is opened."""
        key = gl_code, currency, product
        if key not in self._known:
            self._known[key] = self._next_free
            self._next_free += 1
        return self._known[key]

    def all(self) -> dict[tuple[int, int, int], int]:
        """See `Pools.all`."""
        return dict(self._known)


def nothing_booked(start: int) -> JournalDays:
    """A journal without a row."""
    return JournalDays(NO_ROWS, np.zeros(0, np.int32))


class Scene(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What the steps of one night see; accounts not among the balances hold nothing."""

    date: int
    id_ms: int
    book: Book
    catalogue: Catalogue
    rates: RateBook
    pools: Pools
    balances: Callable[[Step], Int64Column]
    """By account index, minor units, as of the step's moment."""
    value_dated: NDArray[np.void] = NO_ROWS
    journal: Callable[[int], JournalDays] = nothing_booked
    moved_by_customer: Callable[[], NDArray[np.bool_]] | None = None
    orders: tuple[StandingOrder, ...] = ()
    changes: Callable[[Int64Column], Changes] = nothing_changed
    overdrafts: Overdrafts = msgspec.field(default_factory=Overdrafts)
    """What overdrawn accounts owe; it moves on with the steps."""
    since_cut_off: Callable[[], NDArray[np.void]] = nothing_since


def facts_of(scene: Scene, step: Step) -> Facts:
    """The facts of one step."""
    balances = scene.balances(step)
    nobody: NDArray[np.bool_] = np.zeros(len(balances), np.bool_)
    return Facts(
        date=scene.date,
        id_ms=scene.id_ms,
        book=scene.book,
        catalogue=scene.catalogue,
        rates=scene.rates,
        pools=scene.pools,
        balances=balances,
        moved_since=nobody,
        value_dated=scene.value_dated,
        journal=scene.journal,
        moved_by_customer=scene.moved_by_customer or (lambda: nobody),
        columns=NO_COLUMNS,
        overdue_holds=0,
        orders=scene.orders,
        changes=scene.changes,
        overdrafts=scene.overdrafts,
        since_cut_off=scene.since_cut_off,
    )


def run_through(scene: Scene, last: str) -> tuple[Facts, Plan]:
    """Run the steps in order up to and including `last` on the scene's book, which moves on; that step's own plan."""
    for step in STEPS:
        facts = facts_of(scene, step)
        plan = step.decide(facts)
        if step.name == last:
            return facts, plan
    raise AssertionError(f"There is no step {last!r} in the plan of the night.")
