"""The night, as an ordered tuple of steps: the listing an auditor reads."""

from collections.abc import Callable
from enum import Enum, unique
from typing import Final, assert_never

import msgspec
import numpy as np

from yinhe.closeday.facts import Facts, Happened, Plan, Posting
from yinhe.closeday.steps import (
    accrue,
    dormancy,
    fees,
    instalments,
    loan_age,
    loan_correct,
    loan_due,
    loan_reconcile,
    mature,
    overdraft,
    reconcile,
    settle,
    sweep,
)
from yinhe.products.parts.base import Kind


@unique
class AsOf(Enum):
    """The moment whose balances a step decides on."""

    CUT_OFF = "cut_off"
    """The end of the date being closed."""
    DAY_END = "day_end"
    """The end of the date being closed, with what this night and the ones before have posted by value date. What the
    customers moved since is of the next day, or of many where days are caught up on: it decides nothing here."""
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
    then: Callable[[Facts], Plan] | None = None
    """What is decided once the step's first postings are in the journal, and posted after them."""
    happened: Callable[[Facts, Plan], Happened] | None = None
    """What of that a customer would call a change; asked when all is posted."""
    must_hold: bool = False
    """Whether what it finds keeps the date open, until a person has looked and it is run again."""


_BALANCES: Final = frozenset({Reads.BALANCES})
_LOANS: Final = frozenset({Kind.REPAYMENT})

STEPS: Final = (
    Step(
        "accrue",
        "interest of the day",
        "计提利息",
        AsOf.CUT_OFF,
        accrue.decide,
        frozenset({Reads.BALANCES, Reads.MOVED, Reads.VALUE_DATED}),
    ),
    Step(
        "overdraft",
        "overdraft interest of the day, settled and taken",
        "透支利息计提与收取",
        AsOf.CUT_OFF,
        overdraft.decide,
        frozenset({Reads.BALANCES, Reads.VALUE_DATED}),
        frozenset({Kind.OVERDRAFT}),
        then=overdraft.note_what_was_taken,
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
        remedy=mature.remedy,
        happened=mature.happened,
    ),
    Step(
        "instalments",
        "instalments and standing orders",
        "分期存取与定期代付",
        AsOf.BEGIN,
        instalments.decide,
        frozenset({Reads.ORDERS}),
    ),
    Step(
        "loan_correction",
        "loans of rates corrected",
        "贷款利率更正",
        AsOf.CUT_OFF,
        loan_correct.decide,
        kinds=_LOANS,
        happened=loan_correct.happened,
    ),
    Step(
        "loan_due",
        "loan instalments due, collected and paid",
        "贷款到期扣款",
        AsOf.BEGIN,
        loan_due.decide,
        kinds=_LOANS,
        then=loan_due.pay_with_what_was_taken,
        happened=loan_due.happened,
    ),
    Step(
        "loan_reset",
        "loan rates set anew",
        "贷款重定价",
        AsOf.CUT_OFF,
        loan_age.decide_reset,
        kinds=_LOANS,
        happened=loan_age.rates_set,
    ),
    Step(
        "loan_accrual", "loan interest of the day", "计提贷款利息", AsOf.CUT_OFF, loan_age.decide_accrual, kinds=_LOANS
    ),
    Step(
        "loan_age",
        "loan grades, non-accrual and allowance",
        "贷款五级分类与减值准备",
        AsOf.BEGIN,
        loan_age.decide_age,
        frozenset({Reads.MOVED}),
        _LOANS,
        happened=loan_age.happened,
    ),
    Step("fees", "account fees", "账户收费", AsOf.DAY_END, fees.decide, _BALANCES, frozenset({Kind.FEE})),
    Step(
        "sweep",
        "sweep to and from linked products",
        "资金归集",
        AsOf.DAY_END,
        sweep.decide,
        _BALANCES,
        frozenset({Kind.SWEEP}),
    ),
    Step(
        "dormancy",
        "dormant accounts",
        "睡眠户",
        AsOf.BEGIN,
        dormancy.decide,
        _BALANCES,
        frozenset({Kind.DORMANCY}),
        happened=dormancy.happened,
    ),
    Step(
        "reconcile",
        "trial balance, subledger and interest payable",
        "总分核对",
        AsOf.BEGIN,
        reconcile.decide,
        frozenset({Reads.BALANCES, Reads.COLUMNS}),
        must_hold=True,
    ),
    Step(
        "loan_reconcile",
        "loans, interest receivable and allowance",
        "贷款总分核对",
        AsOf.BEGIN,
        loan_reconcile.decide,
        _BALANCES,
        _LOANS,
        must_hold=True,
    ),
)
"""In the order they run. Cut-off comes before the first, the report after the last.

Holds expire by themselves, at their time, in the ledger's own loop; `reconcile` looks that none is overdue."""

LOAN_POSTINGS: Final = frozenset(posting for posting in Posting if posting.name.startswith("LOAN_"))
"""Those of the steps of loans."""
OVERDRAFT_POSTINGS: Final = frozenset(posting for posting in Posting if posting.name.startswith("OVERDRAFT_"))
"""Those of the step of overdrafts."""


def step_of(posting: Posting) -> str:
    """The step of the night that makes a kind of posting."""
    match posting:
        case Posting.ACCRUAL | Posting.CORRECTION:
            return "accrue"
        case Posting.SETTLEMENT | Posting.SETTLEMENT_REST | Posting.SETTLEMENT_UNCLAIMED:
            return "settle"
        case Posting.OVERDRAFT_ACCRUAL | Posting.OVERDRAFT_CHARGE | Posting.OVERDRAFT_REFUND:
            return "overdraft"
        case Posting.MATURITY:
            return "mature"
        case Posting.INSTALMENT | Posting.STANDING_ORDER:
            return "instalments"
        case Posting.ACCOUNT_FEE:
            return "fees"
        case Posting.SWEEP:
            return "sweep"
        case Posting.UNCLAIMED:
            return "dormancy"
        case Posting.LOAN_CORRECTION:
            return "loan_correction"
        case Posting.LOAN_DUE | Posting.LOAN_DUE_REST | Posting.LOAN_DUE_REST_OFF | Posting.LOAN_COLLECTION:
            return "loan_due"
        case Posting.LOAN_PAYMENT | Posting.LOAN_PAYMENT_REST | Posting.LOAN_PAYMENT_REST_OFF:
            return "loan_due"
        case Posting.COLLECTION_RECALL:
            return "loan_due"
        case Posting.LOAN_ACCRUAL | Posting.LOAN_ACCRUAL_OFF:
            return "loan_accrual"
        case Posting.LOAN_BOOKS | Posting.LOAN_BOOKS_OFF | Posting.LOAN_ALLOWANCE:
            return "loan_age"
        case _:
            assert_never(posting)
