"""Parts of loans that contradict each other: a table of pairs a banker can read."""

from collections.abc import Callable
from typing import Final

from yinhe.products.conflict import Conflict, of_class_while, of_kind_while
from yinhe.products.parts.base import Kind, Part
from yinhe.products.parts.card import BillingCycle, MinimumPayment
from yinhe.products.parts.drawdown import Drawdown
from yinhe.products.parts.grace import Grace
from yinhe.products.parts.loan_interest import LoanInterest
from yinhe.products.parts.loan_term import LoanOpenEnded, LoanTerm
from yinhe.products.parts.purpose import NeverFor, OnlyFor
from yinhe.products.parts.repayment import ByPlan, Repayment, Shape
from yinhe.products.parts.security import Unsecured
from yinhe.products.product import Product


def _shape(product: Product) -> Shape | None:
    repayment = product.one(Repayment)
    return None if repayment is None else repayment.shape


def _is_shaped(*shapes: Shape) -> Callable[[Product], bool]:
    return lambda product: _shape(product) in shapes


def _revolves(product: Product) -> bool:
    drawdown = product.one(Drawdown)
    return drawdown is not None and drawdown.is_revolving


def _counts_on_original(product: Product) -> bool:
    interest = product.one(LoanInterest)
    return interest is not None and interest.on_original


def _longest(product: Product) -> int:
    """The longest term in months; 0 where there is none or no end."""
    term = product.one(LoanTerm)
    return 0 if term is None else term.longest()


def _outlasting(product: Product) -> Part | None:
    """A grace as long as the longest loan, or longer."""
    grace = product.one(Grace)
    return grace if grace is not None and 0 < _longest(product) <= grace.months else None


def _beyond(product: Product) -> Part | None:
    """A plan with a step that no loan reaches."""
    plan = product.one(ByPlan)
    reached = plan is None or not _longest(product) or all(step.month < _longest(product) for step in plan.steps)
    return None if reached else plan


def _forbidden_and_allowed(product: Product) -> Part | None:
    """What forbids a purpose the loan is for."""
    allowed = {purpose for part in product.all(OnlyFor) for purpose in part.purposes}
    return next((part for part in product.all(NeverFor) if allowed & set(part.purposes)), None)


def _repeated(product: Product) -> Part | None:
    """The second part of a class of which a product has one, of the kinds of which it may have several."""
    several = (*product.of_kind(Kind.CARD), *product.of_kind(Kind.RESTRUCTURING), *product.of_kind(Kind.LIMIT))
    return next((part for at, part in enumerate(several) if any(one.name == part.name for one in several[:at])), None)


LOAN_CONFLICTS: Final = (
    Conflict(
        part=of_kind_while(
            Kind.REPAYMENT,
            lambda product: _revolves(product) and _is_shaped(Shape.LINEAR, Shape.PLAN, Shape.BALLOON)(product),
        ),
        english="a revolving line is repaid at will; it has no principal to divide into parts",
        chinese="循环额度随借随还，没有可等分或按比例归还的本金",
        hint='use "repayment.interest_only" or "repayment.equal_instalments", or draw it once',
    ),
    Conflict(
        part=of_kind_while(Kind.LOAN_INTEREST, lambda product: _revolves(product) and _counts_on_original(product)),
        english="interest on what was lent needs an amount lent once, and a revolving line has none",
        chinese="按初始本金计息需一次性放款，循环额度没有初始本金",
        hint='use "loan_interest.fixed" or "loan_interest.indexed"',
    ),
    Conflict(
        part=of_kind_while(
            Kind.LOAN_INTEREST,
            lambda product: _counts_on_original(product) and _is_shaped(Shape.LEVEL, Shape.BALLOON)(product),
        ),
        english="level payments are worked out from interest on what is owed, not on what was lent",
        chinese="等额本息按剩余本金计息，与按初始本金计息矛盾",
        hint='use "repayment.equal_principal": with flat interest its instalments are all the same',
    ),
    Conflict(
        part=_outlasting,
        english="the grace is as long as the longest loan, or longer: nothing would be due before the end",
        chinese="宽限期不短于最长贷款期限，到期前无需还款",
        hint='shorten the grace, or use "repayment.interest_only"',
    ),
    Conflict(
        part=of_kind_while(Kind.GRACE, _is_shaped(Shape.BULLET, Shape.AT_END, Shape.STATEMENT)),
        english="there is no principal due before the end that a grace could put off",
        chinese="到期前没有应还本金，无需宽限期",
        hint="leave the grace away",
    ),
    Conflict(
        part=_beyond,
        english="the plan has a step that no loan reaches before its end",
        chinese="还款计划中有超出贷款期限的步骤",
        hint="what is left at the end falls due then",
    ),
    Conflict(
        part=of_class_while(LoanOpenEnded, lambda product: _shape(product) not in (None, Shape.STATEMENT)),
        english="instalments need a term, and this line has no end",
        chinese="分期还款需要期限，而该额度长期有效",
        hint='use "term.loan_months", or "repayment.by_statement"',
    ),
    Conflict(
        part=of_kind_while(
            Kind.REPAYMENT,
            lambda product: (
                _shape(product) is Shape.STATEMENT
                and (product.one(BillingCycle) is None or product.one(MinimumPayment) is None)
            ),
        ),
        english="a statement needs a billing cycle and a minimum payment",
        chinese="按账单还款需要账单周期和最低还款额",
        hint='add "card.billing_cycle" and "card.minimum_payment"',
    ),
    Conflict(
        part=of_kind_while(Kind.CARD, lambda product: _shape(product) not in (None, Shape.STATEMENT)),
        english="parts of a card need a loan that is repaid by statement",
        chinese="信用卡零件须配按账单还款",
        hint='use "repayment.by_statement"',
    ),
    Conflict(
        part=of_class_while(Unsecured, lambda product: len(product.of_kind(Kind.SECURITY)) > 1),
        english="a loan without security has neither collateral nor guarantors",
        chinese="信用贷款不应同时要求抵质押或保证",
        hint='leave "security.none" away',
    ),
    Conflict(
        part=_forbidden_and_allowed,
        english="a purpose is allowed and forbidden at once",
        chinese="同一用途既允许又禁止",
        hint="take it out of one of the two",
    ),
    Conflict(
        part=_repeated,
        english="the product has this part a second time",
        chinese="该零件重复",
        hint="leave one of the two away",
    ),
)
"""Every contradiction that is looked for in a loan."""
