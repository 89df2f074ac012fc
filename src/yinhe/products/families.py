"""Deposits and loans: which parts make a product the one or the other, and what neither can do without."""

from collections import Counter
from collections.abc import Mapping
from enum import Enum, unique
from types import MappingProxyType
from typing import Final

from yinhe.products.parts.base import Kind, Part
from yinhe.products.parts.fee import Fee, FeeEvent
from yinhe.products.parts.ledger import LedgerMapping
from yinhe.products.parts.loan_ledger import LoanMapping
from yinhe.products.parts.loan_term import LoanTerm
from yinhe.products.parts.term import TermPart
from yinhe.products.parts.text import DepositInsurance
from yinhe.products.product import Product


@unique
class Family(Enum):
    """What kind of agreement a product is."""

    DEPOSIT = "deposit"
    LOAN = "loan"


FAMILY_WORDS: Final[Mapping[Family, tuple[str, str]]] = MappingProxyType(
    {Family.DEPOSIT: ("a deposit", "存款"), Family.LOAN: ("a loan", "贷款")}
)

DEPOSIT_KINDS: Final = frozenset(
    {
        Kind.AMOUNT,
        Kind.OPENING,
        Kind.CLOSING,
        Kind.NOTICE,
        Kind.INTEREST,
        Kind.ACCRUAL,
        Kind.SETTLEMENT,
        Kind.EARLY_WITHDRAWAL,
        Kind.RENEWAL,
        Kind.INSTALMENT,
        Kind.OVERDRAFT,
        Kind.SWEEP,
        Kind.TAX,
        Kind.TRANSFER,
        Kind.DORMANCY,
    }
)
"""Kinds that only deposits have; an overdraft belongs to the account it overdraws."""

COMMON_KINDS: Final = frozenset({Kind.ELIGIBILITY, Kind.TERM, Kind.FEE, Kind.PRICING, Kind.LEDGER, Kind.TEXT})
"""Kinds that both may have; some of their parts are only for one."""

LOAN_KINDS: Final = frozenset(Kind) - DEPOSIT_KINDS - COMMON_KINDS
"""Kinds that only loans have."""

_LOAN_EVENTS: Final = frozenset({FeeEvent.DRAWING, FeeEvent.CASH_ADVANCE, FeeEvent.PREPAYMENT})
_DEPOSIT_EVENTS: Final = frozenset({FeeEvent.DEPOSIT, FeeEvent.WITHDRAWAL, FeeEvent.DORMANT_MONTH})

REQUIRED: Final[Mapping[Family, Mapping[Kind, str]]] = MappingProxyType(
    {
        Family.DEPOSIT: MappingProxyType(
            {
                Kind.TERM: 'add one, "term.open_ended" where there is no term',
                Kind.INTEREST: 'add one, "interest.none" where it earns nothing',
                Kind.ACCRUAL: 'add one, as "accrual.accumulated_balance"',
                Kind.SETTLEMENT: 'add one, as "settlement.quarterly"',
                Kind.LEDGER: 'add one, as "ledger.deposit"',
            }
        ),
        Family.LOAN: MappingProxyType(
            {
                Kind.TERM: 'add one, as "term.loan_months"',
                Kind.LIMIT: 'add one, as "limit.amount"',
                Kind.PURPOSE: 'add one, as "purpose.only_for"',
                Kind.DRAWDOWN: 'add one, as "drawdown.single"',
                Kind.LOAN_INTEREST: 'add one, as "loan_interest.indexed"',
                Kind.REPAYMENT: 'add one, as "repayment.equal_instalments"',
                Kind.PREPAYMENT: 'add one, "prepayment.forbidden" where nothing may be repaid early',
                Kind.OVERDUE: 'add one, "overdue.none" where a late payment costs nothing',
                Kind.ALLOCATION: 'add one, as "allocation.sequence"',
                Kind.CLASSIFICATION: 'add one, as "classification.five_grades"',
                Kind.NON_ACCRUAL: 'add one, as "non_accrual.after_days"',
                Kind.ALLOWANCE: 'add one, as "allowance.three_stages"',
                Kind.LEDGER: 'add one, as "ledger.loan"',
            }
        ),
    }
)
"""What no product of a family can do without, each with what to do about it."""


def family_of_part(part: Part) -> Family | None:
    """The only family a part may be in; None for one that both may have."""
    match part:
        case LoanMapping() | LoanTerm():
            return Family.LOAN
        case LedgerMapping() | TermPart() | DepositInsurance():
            return Family.DEPOSIT
        case Fee():
            return _family_of_event(part.event)
        case _ if part.kind in DEPOSIT_KINDS:
            return Family.DEPOSIT
        case _:
            return Family.LOAN if part.kind in LOAN_KINDS else None


def _family_of_event(event: FeeEvent) -> Family | None:
    if event in _LOAN_EVENTS:
        return Family.LOAN
    return Family.DEPOSIT if event in _DEPOSIT_EVENTS else None


def family_of(product: Product) -> Family | None:
    """The family most of a product's parts belong to, a deposit where they are as many; None where none says."""
    counts = Counter(family for part in product.parts if (family := family_of_part(part)) is not None)
    if not counts:
        return None
    return Family.LOAN if counts[Family.LOAN] > counts[Family.DEPOSIT] else Family.DEPOSIT
