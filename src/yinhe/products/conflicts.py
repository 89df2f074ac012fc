"""Parts of deposits that contradict each other: a table of pairs a banker can read."""

from typing import Final

from yinhe.products.conflict import Conflict, of_class_while, of_kind_while
from yinhe.products.families import Family, family_of
from yinhe.products.parts.accrual import TransactionMethod
from yinhe.products.parts.base import Kind, Part
from yinhe.products.parts.fee import Fee, FeeEvent
from yinhe.products.parts.instalment import SaveMonthly
from yinhe.products.parts.interest import ByTerm
from yinhe.products.parts.interest_dated import AtWill
from yinhe.products.parts.settlement import AtMaturity, OnClosing, Settlement
from yinhe.products.parts.term import OpenEnded, TermAtWill
from yinhe.products.product import Product


def _is_open(product: Product) -> bool:
    """Whether a term part says that there is no maturity; without a term part nothing is known."""
    return product.one(OpenEnded) is not None


def _has_maturity(product: Product) -> bool:
    return bool(product.of_kind(Kind.TERM)) and not _is_open(product)


def _is_settled_before_its_end(product: Product) -> bool:
    settlement = product.one(Settlement)
    return settlement is not None and not isinstance(settlement, AtMaturity | OnClosing)


def _is_one_deposit(product: Product) -> bool:
    """Whether nothing is paid in after the opening though there is no term: it can be counted from date to date."""
    return product.one(TermAtWill) is not None or bool(product.of_kind(Kind.NOTICE))


def never_charged(product: Product) -> Part | None:
    """A fee for what is never charged."""
    charged = _charged_loan(product) if family_of(product) is Family.LOAN else charged_deposit(product)
    return next((fee for fee in product.all(Fee) if fee.event not in charged), None)


def _charged_loan(product: Product) -> frozenset[FeeEvent]:
    # What repaying early costs, its own part says.
    is_card = bool(product.of_kind(Kind.CARD))
    return frozenset({FeeEvent.YEAR, FeeEvent.CASH_ADVANCE}) if is_card else frozenset()


def charged_deposit(product: Product) -> frozenset[FeeEvent]:
    """What fees of a deposit are charged for: the night charges months, the day transfers that move the money alone."""
    charged = {FeeEvent.MONTH}
    if product.of_kind(Kind.DORMANCY):
        charged.add(FeeEvent.DORMANT_MONTH)
    has_term, is_one_deposit = _has_maturity(product), _is_one_deposit(product)
    if not (has_term or is_one_deposit or product.one(OnClosing) is not None):
        charged |= {FeeEvent.TRANSFER, FeeEvent.WITHDRAWAL}
    if not is_one_deposit and (not has_term or product.one(SaveMonthly) is not None):
        charged.add(FeeEvent.DEPOSIT)
    return frozenset(charged)


CONFLICTS: Final = (
    Conflict(
        part=of_class_while(TransactionMethod, lambda product: _is_open(product) and not _is_one_deposit(product)),
        english="interest by transaction needs a term, and this product has none",
        chinese="逐笔计息需要固定存期，而该产品无固定期限",
        hint='use "accrual.accumulated_balance", or a term',
    ),
    Conflict(
        part=of_kind_while(Kind.NOTICE, _has_maturity),
        english="notice and a fixed term contradict: money with a term is free on its maturity",
        chinese="通知支取与固定存期矛盾",
        hint='use "term.open_ended", or leave notice away',
    ),
    Conflict(
        part=of_kind_while(Kind.RENEWAL, _is_open),
        english="there is nothing to renew without a term",
        chinese="无固定期限的产品无从转存",
        hint='use "term.fixed", or leave renewal away',
    ),
    Conflict(
        part=of_kind_while(Kind.EARLY_WITHDRAWAL, _is_open),
        english="nothing is early without a term",
        chinese="无固定期限的产品无所谓提前支取",
        hint='use "term.fixed", or leave early withdrawal away',
    ),
    Conflict(
        part=of_kind_while(Kind.INSTALMENT, _is_open),
        english="instalments need a term",
        chinese="分次存取需要固定存期",
        hint='use "term.fixed"',
    ),
    Conflict(
        part=of_class_while(TransactionMethod, lambda product: product.one(SaveMonthly) is not None),
        english="what is saved by instalments is not there from the first day, as interest by transaction counts it",
        chinese="零存整取的本金逐期存入，不能逐笔计息",
        hint='use "accrual.accumulated_balance"',
    ),
    Conflict(
        part=of_class_while(SaveMonthly, _is_settled_before_its_end),
        english="interest paid in between would be taken for instalments",
        chinese="零存整取期间结息会与存入款项混同",
        hint='use "settlement.at_maturity"',
    ),
    Conflict(
        part=of_class_while(AtMaturity, _is_open),
        english="interest at maturity is never paid without a term",
        chinese="无固定期限的产品不能到期付息",
        hint='use "settlement.quarterly" or "settlement.on_closing"',
    ),
    Conflict(
        part=of_class_while(ByTerm, _is_open),
        english="rates by term need terms, and this product has none",
        chinese="按存期定利率需要存期，而该产品无固定期限",
        hint='use "interest.flat", or a term',
    ),
    Conflict(
        part=of_class_while(
            AtWill, lambda product: bool(product.of_kind(Kind.TERM)) and product.one(TermAtWill) is None
        ),
        english="interest by time held belongs to a term at will",
        chinese="定活两便利率须配定活两便期限",
        hint='use "term.at_will"',
    ),
    Conflict(
        part=of_class_while(
            TermAtWill, lambda product: bool(product.of_kind(Kind.INTEREST)) and product.one(AtWill) is None
        ),
        english="a term at will needs interest by time held",
        chinese="定活两便期限须配定活两便利率",
        hint='use "interest.at_will"',
    ),
    Conflict(
        part=of_kind_while(Kind.SWEEP, lambda product: bool(product.of_kind(Kind.OVERDRAFT))),
        english="sweep and overdraft contradict: money would be lent and put away at once",
        chinese="归集与透支矛盾：一边借出一边转走",
        hint="leave one of them away",
    ),
    Conflict(
        part=of_kind_while(Kind.SWEEP, _has_maturity),
        english="money with a term cannot be swept",
        chinese="定期资金不能归集",
        hint='use "term.open_ended"',
    ),
    Conflict(
        part=of_kind_while(Kind.OVERDRAFT, _has_maturity),
        english="a time deposit cannot be overdrawn",
        chinese="定期存款不能透支",
        hint='use "term.open_ended"',
    ),
    Conflict(
        part=of_kind_while(Kind.DORMANCY, _has_maturity),
        english="a time deposit does not become dormant before its maturity",
        chinese="定期存款到期前不会久悬",
        hint="leave dormancy away",
    ),
)
"""Every contradiction that is looked for."""

NEVER_CHARGED: Final = Conflict(
    part=never_charged,
    english="this fee would never be charged: its event does not happen with this product, or nothing charges it",
    chinese="该费用不会收取：该产品没有对应的收费事件，或无程序收取",
    hint="name another event, or leave the fee away; what repaying early costs, its own part says",
)
"""Asked of what is drafted alone: what was sold with such a fee before is sold, and goes on without it."""
