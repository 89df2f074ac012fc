"""What every part is: a frozen record whose fields are its parameters and whose methods take whole columns.

A parameter is annotated with its `Parameter`: what it means in English and Chinese, and its bounds. The types of
parameters are few, so that files, pages and forms know them all: `Money`, `Rate`, `RateSource`, `Period`, int (a
count), bool, str (a code), `datetime.date`, an Enum, a tuple of these or of frozen records of these, and `None` for
what is not there.

Methods take one entry an account (or contract) and return one entry each; a single account is a column of length one.
"""

from enum import Enum, unique
from typing import ClassVar, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

Int64Column: TypeAlias = npt.NDArray[np.int64]
Int32Column: TypeAlias = npt.NDArray[np.int32]
BoolColumn: TypeAlias = npt.NDArray[np.bool_]


@unique
class Kind(Enum):
    """What a part decides about. A product has at most one part of each kind, except of those in `MANY`."""

    ELIGIBILITY = "eligibility"
    AMOUNT = "amount"
    OPENING = "opening"
    CLOSING = "closing"
    TERM = "term"
    NOTICE = "notice"
    INTEREST = "interest"
    ACCRUAL = "accrual"
    SETTLEMENT = "settlement"
    EARLY_WITHDRAWAL = "early_withdrawal"
    RENEWAL = "renewal"
    INSTALMENT = "instalment"
    OVERDRAFT = "overdraft"
    SWEEP = "sweep"
    FEE = "fee"
    TAX = "tax"
    PRICING = "pricing"
    TRANSFER = "transfer"
    DORMANCY = "dormancy"
    LIMIT = "limit"
    DOWN_PAYMENT = "down_payment"
    PURPOSE = "purpose"
    SECURITY = "security"
    PAYMENT = "payment"
    DRAWDOWN = "drawdown"
    LOAN_INTEREST = "loan_interest"
    REPAYMENT = "repayment"
    GRACE = "grace"
    PREPAYMENT = "prepayment"
    CARD = "card"
    OVERDUE = "overdue"
    MISUSE = "misuse"
    ALLOCATION = "allocation"
    RESTRUCTURING = "restructuring"
    CLASSIFICATION = "classification"
    NON_ACCRUAL = "non_accrual"
    ALLOWANCE = "allowance"
    WRITE_OFF = "write_off"
    LEDGER = "ledger"
    TEXT = "text"


MANY: frozenset[Kind] = frozenset(
    {
        Kind.ELIGIBILITY,
        Kind.AMOUNT,
        Kind.FEE,
        Kind.PRICING,
        Kind.LIMIT,
        Kind.PURPOSE,
        Kind.SECURITY,
        Kind.CARD,
        Kind.RESTRUCTURING,
        Kind.TEXT,
    }
)
"""Kinds of which a product may have several parts; their effects add up, or all must agree."""


class Parameter(msgspec.Struct, frozen=True):
    """What a parameter means, and its bounds (in its own unit: minor units, 1e-8, months or days, a count)."""

    english: str
    chinese: str
    least: int | None = None
    most: int | None = None


class Problem(msgspec.Struct, frozen=True):
    """What in a part's parameters contradicts itself, found before it is used."""

    parameter: str
    english: str
    chinese: str


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """The base of all parts. A part's docstring is its English description."""

    name: ClassVar[str]
    """How product files call it: the kind and what is particular, as `interest.flat`."""
    kind: ClassVar[Kind]
    chinese: ClassVar[str]
    """Its description in Chinese."""
    effect: ClassVar[str] = "none"
    """What it does to the ledger, in a few words; `none` for parts that only decide."""
    order_free: ClassVar[bool] = True
    """Whether its result for an account is the same in whatever order accounts and movements of a day come."""

    def text(self) -> tuple[str, str]:
        """What the customer reads in the terms, in English and Chinese; empty where there is nothing to say."""
        return "", ""

    def problems(self) -> tuple[Problem, ...]:
        """What in the parameters contradicts itself beyond the bounds of each; empty for a part that may be used."""
        return ()


class Regime(msgspec.Struct, frozen=True, eq=False):
    """Rates that hold for every day from `start` to before `end` (days since 1970-01-01), by tier of the balance.

    `thresholds` (int64[k], minor units, ascending, the first 0) is where each tier begins, `rates` (int64[k], 1e-8 a
    year) what it earns. `by_slice`: each slice of the balance earns its own tier's rate; else the whole balance earns
    the rate of the tier it lies in.
    """

    start: int
    end: int
    thresholds: Int64Column
    rates: Int64Column
    by_slice: bool = False


class Facts(msgspec.Struct, frozen=True, eq=False):
    """What parts may know of contracts when they price or decide; one entry a contract in each column."""

    business_date: int
    amount: Int64Column
    """Minor units: what is paid in, drawn, or asked about."""
    balance: Int64Column
    """Minor units: the contract's balance."""
    months: Int32Column
    """The term agreed, in months; 0 for none or one of days."""
    days: Int32Column
    """The term agreed, in days; 0 for none or one of months."""
    opened: Int32Column
    """Days since 1970-01-01."""
    is_company: BoolColumn
    tier: Int32Column
    """The customer's tier, 0 for none, higher is better."""
    region: Int32Column
    """The branch's region code."""
    channel: Int32Column
    """`Channel`."""
    is_new_money: BoolColumn
    """Whether the money came from outside the bank."""


@unique
class Channel(Enum):
    """Where a customer asks."""

    COUNTER = 1
    ONLINE = 2
    MOBILE = 3
    PARTNER = 4
