"""What a plain transfer may do with an account, compiled from the parts of its contract's product.

Plain is what moves the money alone. A drawing that pays interest with the money, needs a notice or ends a term is more
than that and stays with the contract; so these rules say yes to what demand-like products allow and name the contract
for the rest. The parts themselves stay the one truth: a rule only knows beforehand where they say nothing (`quiet`).
"""

from collections.abc import Mapping
from typing import Final

import msgspec
import numpy as np

from yinhe.deposits.decide import takes_more
from yinhe.kernel.money import Money
from yinhe.kernel.refusals import Refusal
from yinhe.products.parts.amount import AmountPart, DepositAmount, Moment, WithdrawalAmount
from yinhe.products.parts.fee import Fee, FeeEvent, FlatFee, PercentFee, TieredFee
from yinhe.products.parts.interest_dated import AtWill
from yinhe.products.parts.notice import Notice
from yinhe.products.parts.settlement import OnClosing
from yinhe.products.parts.sweep import Sweep
from yinhe.products.product import Product
from yinhe.transact.refusals import DAY_REFUSALS, DayRefusal

_ANY: Final = (1, 2**62)
_NONE: Final = (1, 0)
"""Amounts, least and most, of which nothing is known beforehand."""
_BALANCE_FREE: Final = (DepositAmount, WithdrawalAmount)
"""Parts that say nothing of amounts within their bounds, whatever the balance."""
_COUNT_FREE: Final = (FlatFee, PercentFee, TieredFee)
"""Fees that are the same whichever of its month a transaction is."""


class Charge(msgspec.Struct, frozen=True, eq=False):
    """The fees of an event, and where they go."""

    parts: tuple[Fee, ...]
    income: int
    """The account of the bank that takes them."""
    counts: bool
    """Whether a fee depends on which of its month a transaction is."""

    def fee_minor(self, count: int, amount_minor: int, balance_minor: int) -> int:
        """The fees of one event together, in minor units; `count` is which of its month it is, from 1."""
        columns = (np.array([value], np.int64) for value in (count, amount_minor, balance_minor))
        counts, amounts, balances = columns
        return sum(int(part.fee(counts, amounts, balances)[0]) for part in self.parts)


class Rule(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """What plain transfers may do with accounts of one kind."""

    is_own: bool = False
    """An account of the bank: only its own programs and cash reach it."""
    refuse_debit: Refusal | None = None
    refuse_credit: Refusal | None = None
    is_dormant: bool = False
    """Debited at the counter only, which wakes it."""
    debit_quiet: tuple[int, int] = _ANY
    """The least and most amount of which no amount part says anything."""
    credit_quiet: tuple[int, int] = _ANY
    debit_parts: tuple[AmountPart, ...] = ()
    credit_parts: tuple[AmountPart, ...] = ()
    charges: Mapping[FeeEvent, Charge] = {}
    sweep: Sweep | None = None
    """What brings money back from a linked product for what an account cannot pay by itself."""
    watches_debits: bool = False
    """Whether a debit depends on what else is on its way out of the account."""
    watches_credits: bool = False
    """Whether a credit depends on what else is on its way into the account."""

    @property
    def is_plain(self) -> bool:
        """Whether nothing but amounts within `debit_quiet` and `credit_quiet` is to be looked at."""
        is_refusing = self.is_own or self.refuse_debit or self.refuse_credit or self.is_dormant
        return not (is_refusing or self.charges or self.sweep)


OWN: Final = Rule(
    is_own=True,
    refuse_debit=DAY_REFUSALS[DayRefusal.DEBIT_OWN_ACCOUNT],
    refuse_credit=DAY_REFUSALS[DayRefusal.CREDIT_OWN_ACCOUNT],
)
"""An account without a contract: the bank's own."""

LOAN: Final = Rule(refuse_debit=DAY_REFUSALS[DayRefusal.DEBIT_LOAN], refuse_credit=DAY_REFUSALS[DayRefusal.CREDIT_LOAN])
"""An account of a loan."""

CLOSED: Final = Rule(
    refuse_debit=DAY_REFUSALS[DayRefusal.CONTRACT_CLOSED], refuse_credit=DAY_REFUSALS[DayRefusal.CONTRACT_CLOSED]
)
"""The account of a contract that is closed."""


def compile_rule(product: Product, charges: Mapping[FeeEvent, Charge], *, has_term: bool, is_dormant: bool) -> Rule:
    """The rule of open contracts that have a product's parts, with or without a term, asleep or not."""
    debit_parts = tuple(part for part in product.all(AmountPart) if Moment.WITHDRAWAL in part.moments)
    credit_parts = tuple(part for part in product.all(AmountPart) if Moment.DEPOSIT in part.moments)
    debit_quiet, credit_quiet, sweep = _quiet(debit_parts), _quiet(credit_parts), product.one(Sweep)
    return Rule(
        refuse_debit=_refuse_debit(product, has_term=has_term),
        refuse_credit=None if takes_more(product, has_term=has_term) else DAY_REFUSALS[DayRefusal.CREDIT_NO_FURTHER],
        is_dormant=is_dormant,
        debit_quiet=debit_quiet,
        credit_quiet=credit_quiet,
        debit_parts=debit_parts,
        credit_parts=credit_parts,
        charges=charges,
        sweep=sweep,
        watches_debits=sweep is not None or debit_quiet == _NONE,
        watches_credits=credit_quiet == _NONE,
    )


def charges_of(product: Product, income: int) -> Mapping[FeeEvent, Charge]:
    """The fees of single transactions that a product charges; `income` is the account that takes them."""
    found: dict[FeeEvent, Charge] = {}
    for event in (FeeEvent.TRANSFER, FeeEvent.WITHDRAWAL, FeeEvent.DEPOSIT):
        parts = tuple(part for part in product.all(Fee) if part.event is event)
        if parts:
            found[event] = Charge(parts, income, any(not isinstance(part, _COUNT_FREE) for part in parts))
    return found


def _refuse_debit(product: Product, *, has_term: bool) -> Refusal | None:
    if has_term:
        return DAY_REFUSALS[DayRefusal.DEBIT_TERM]
    if product.one(Notice) is not None:
        return DAY_REFUSALS[DayRefusal.DEBIT_NOTICE]
    pays_interest = product.one(AtWill) is not None or product.one(OnClosing) is not None
    return DAY_REFUSALS[DayRefusal.DEBIT_PAYS_INTEREST] if pays_interest else None


def _quiet(parts: tuple[AmountPart, ...]) -> tuple[int, int]:
    """The amounts, least and most, of which none of the parts says anything."""
    least, most = _ANY
    for part in parts:
        # Exactly these classes: a part that refines one of them may say more.
        if type(part) not in _BALANCE_FREE or not isinstance(part, _BALANCE_FREE) or part.step is not None:
            return _NONE
        least, most = max(least, _minor(part.least, least)), min(most, _minor(part.most, most))
    return least, most


def _minor(amount: Money | None, otherwise: int) -> int:
    return otherwise if amount is None else amount.amount_minor
