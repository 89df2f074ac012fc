"""The night, as an ordered tuple of steps: the listing an auditor reads."""

from collections.abc import Callable
from enum import Enum, unique
from typing import Final

import msgspec
import numpy as np

from yinhe.closeday.facts import Facts, Plan
from yinhe.closeday.steps import accrue, dormancy, fees, instalments, mature, reconcile, settle, sweep
from yinhe.products.parts.base import Kind


@unique
class AsOf(Enum):
    """The moment whose balances a step decides on."""

    CUT_OFF = "cut_off"
    """The end of the date being closed."""
    BEGIN = "begin"
    """When the step first begins: the steps before it have posted."""


@unique
class Reads(Enum):
    """What a step looks at beyond contracts and products; what it does not read is not gathered for it."""

    BALANCES = "balances"
    MOVED = "moved_since"
    VALUE_DATED = "value_dated"
    COLUMNS = "columns"
    ORDERS = "orders"


class Step(msgspec.Struct, frozen=True):
    """One step: decided on facts alone, posted through the ledger, its changes written with its end."""

    name: str
    english: str
    chinese: str
    as_of: AsOf
    decide: Callable[[Facts], Plan]
    reads: frozenset[Reads] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    """Parts it is about: where no product in use has one, there is nothing to do. Empty: always."""
    remedy: Callable[[Facts, np.ndarray], np.ndarray] | None = None
    """What is posted instead of refused postings (dtype TRANSFER)."""
    must_hold: bool = False
    """Whether what it finds keeps the date open, until a person has looked and it is run again."""


_BALANCES: Final = frozenset({Reads.BALANCES})

STEPS: Final = (
    Step(
        "accrue",
        "interest of the day",
        "计提利息",
        AsOf.CUT_OFF,
        accrue.decide,
        frozenset({Reads.BALANCES, Reads.MOVED, Reads.VALUE_DATED}),
    ),
    Step("settle", "settlement of interest due", "结息入账", AsOf.CUT_OFF, settle.decide, remedy=settle.remedy),
    Step(
        "mature",
        "maturities and renewals",
        "到期与转存",
        AsOf.BEGIN,
        mature.decide,
        _BALANCES,
        frozenset({Kind.TERM}),
    ),
    Step(
        "instalments",
        "instalments and standing orders",
        "分期存取与定期代付",
        AsOf.BEGIN,
        instalments.decide,
        frozenset({Reads.ORDERS}),
    ),
    Step("fees", "account fees", "账户收费", AsOf.BEGIN, fees.decide, _BALANCES, frozenset({Kind.FEE})),
    Step(
        "sweep",
        "sweep to and from linked products",
        "资金归集",
        AsOf.BEGIN,
        sweep.decide,
        _BALANCES,
        frozenset({Kind.SWEEP}),
    ),
    Step("dormancy", "dormant accounts", "睡眠户", AsOf.BEGIN, dormancy.decide, _BALANCES, frozenset({Kind.DORMANCY})),
    Step(
        "reconcile",
        "trial balance, subledger and interest payable",
        "总分核对",
        AsOf.BEGIN,
        reconcile.decide,
        frozenset({Reads.BALANCES, Reads.COLUMNS}),
        must_hold=True,
    ),
)
"""In the order they run. Cut-off comes before the first, the report after the last.

Holds expire by themselves, at their time, in the ledger's own loop; `reconcile` looks that none is overdue."""
