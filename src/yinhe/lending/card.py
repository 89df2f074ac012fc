"""The credit card: what a statement says, when a purchase bears interest, what a payment pays. Pure, columns of cards.

1. The first drawing begins the card. On each billing day after it a statement closes with the end of the day before:
   what happens on the billing day itself stands on the next one.
2. A statement charges the interest accrued since the last one, rounded once, and the fees noted since: of advances of
   cash, for lateness, of instalment plans, and once a year. Fees become principal like a purchase of the billing day.
3. Its balance is all that is owed then but the rest of instalment plans. Its minimum is `MinimumPayment.minimum` of the
   principal, and of the rest: interest, fees, plan instalments and what is left of earlier minimums. What the earlier
   minimums do not have of it becomes an ITEM of the card, due some days later; without the part the whole is.
4. Advances of cash bear interest from their day on, each day on what is owed at its end. Purchases bear it too, but it
   is only noted: of those since the last statement in `bought_whole`, of those on it in `billed_whole`.
5. At the end of the due day, after the night's collection: where the statement is paid whole, its purchases are paid
   with it and what was noted is dropped; else what was noted is accrued, and its purchases bear interest like cash.
6. A payment pays what is due in the product's order, then other principal. Principal is paid from the oldest: what
   bears interest and stands on a statement, purchases of the last statement, advances since, purchases since. So a
   payment of what is left of a statement pays just what stands on it. Instalment plans are not paid before they are
   due, but by paying off everything; what is in them counts with the line's limit.
7. A minimum that is not paid at the end of the days of grace is charged for once (`Overdue.charge`), on what is left of
   all minimums due; the charge is noted, and comes on the next statement. Unpaid interest bears none, and what is late
   bears the card's own rate.
8. A purchase that is converted into an instalment plan is as paid, and comes back month by month with its fee; interest
   noted before that day stays noted.

What stands on a statement and is not paid (`left`) is always the interest fallen due, the principal that bears interest
and was not drawn since, and `billed`.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from yinhe.kernel.dates import month_and_day_many
from yinhe.kernel.interest import accrue_many
from yinhe.kernel.rounding import round_quotient_many
from yinhe.lending.accrual import Items, Loans, running_rates
from yinhe.lending.accrual import accrue as accrue_loans
from yinhe.lending.ageing import owed_of
from yinhe.lending.columns import CARD, ITEM, PLANS_MAX, LoanFlag
from yinhe.lending.instalments import required
from yinhe.lending.payments import Paid, dues_of, pay
from yinhe.products.parts.allocation import Bucket
from yinhe.products.parts.base import BoolColumn, Int32Column, Int64Column
from yinhe.products.parts.card import BillingCycle, InstalmentPlans, InterestFree, MinimumPayment
from yinhe.products.parts.fee import Fee, FeeEvent
from yinhe.products.parts.overdue import Overdue
from yinhe.products.parts.repayment import Repayment, Shape
from yinhe.products.product import Product

Cards = NDArray[np.void]
"""What cards have beside a loan, dtype CARD, shape (n,)."""

_USUAL: Final = BillingCycle()


class Closed(NamedTuple):
    """What statements charged, one entry a card; int64[n] of minor units."""

    items: Items
    """The minimums with anything in them, dtype ITEM."""
    interest: Int64Column
    fees: Int64Column


def no_cards() -> Cards:
    """No card."""
    return np.zeros(0, CARD)


def is_card(product: Product) -> bool:
    """Whether loans of a product are cards: a statement says each month what is due."""
    repayment = product.one(Repayment)
    return repayment is not None and repayment.shape is Shape.STATEMENT


def cycle_of(product: Product) -> BillingCycle:
    """The product's billing cycle, or the usual one."""
    return product.one(BillingCycle) or _USUAL


# --- drawing and instalment plans


def begin(loan: int) -> Cards:
    """A card on which nothing was drawn yet, shape (1,)."""
    card = np.zeros(1, CARD)
    card["loan"] = loan
    return card


def note_drawn(loan: Loans, card: Cards, product: Product, date: int, amount: int, *, is_cash: bool) -> None:
    """Note what was drawn on a card (both shape (1,)), in place, after `instalments.draw`; minor units."""
    part = product.one(InterestFree)
    is_free = part is not None and bool(part.is_free(np.ones(1, np.bool_), np.array([is_cash]))[0])
    card["bought" if is_free else "advanced"] += amount
    if is_cash:
        card["fees"] += cash_fee(loan, product, amount)
    loan["next_due"] = cycle_of(product).statement_on(np.array([date], np.int32))


def cash_fee(loan: Loans, product: Product, amount: int) -> int:
    """What an advance of cash costs, which the next statement charges; minor units."""
    return int(_fees(loan, product, FeeEvent.CASH_ADVANCE, np.array([amount], np.int64))[0])


def _fees(loans: Loans, product: Product, event: FeeEvent, amount: Int64Column) -> Int64Column:
    once = np.ones(len(loans), np.int64)
    parts = [part for part in product.all(Fee) if part.event is event]
    return sum((part.fee(once, amount, loans["undue"].copy()) for part in parts), np.zeros(len(loans), np.int64))


def convertible(loan: Loans, items: Items, card: Cards) -> int:
    """What of a card's purchases may become an instalment plan: those that bear no interest, without what is due.

    `items` are the unpaid ones of the card and no others; minor units.
    """
    on_statement = int(card["left"][0]) - int(dues_of(loan, items).total[0])
    return int(card["bought"][0]) + max(0, min(int(card["billed"][0]), on_statement))


def convert(card: Cards, date: int, amount: int, count: int) -> None:
    """Make an instalment plan of purchases of a card (shape (1,)), in place: at most `convertible`, in minor units.

    Raises ValueError where `PLANS_MAX` run already.
    """
    free = np.flatnonzero(card["plan_amount"][0] == 0)
    if not len(free):
        raise ValueError(f"A card has at most {PLANS_MAX} instalment plans at a time.")
    fresh = min(int(card["bought"][0]), amount)
    card["bought"] -= fresh
    card["billed"] -= amount - fresh
    _settle(card, np.array([amount - fresh], np.int64), date)
    card["planned"] += amount
    card["plan_amount"][0, free[0]], card["plan_count"][0, free[0]], card["plan_done"][0, free[0]] = amount, count, 0


# --- the statement


def close_statements(loans: Loans, items: Items, cards: Cards, product: Product, date: int) -> Closed:
    """Make the statements of cards whose billing day a date is, in place; accrued to before the date.

    `loans` and `cards` are of the same cards of one product, in order; `items` their unpaid ones and no others.
    """
    here = loans["next_due"] == date
    rows, some = loans[here], cards[here]
    earlier = dues_of(rows, items[np.isin(items["loan"], rows["loan"])]).total
    part, _ = required(product)
    interest = round_quotient_many(rows["whole"].copy(), rows["remainder"].copy(), part.base, part.rounding)
    parts, fees = _plan_parts(some, product)
    fees += some["fees"] + _yearly(rows, product, date)
    rows["undue"] += fees
    some["planned"] -= parts
    ordinary = rows["undue"] - some["planned"] - parts - fees
    minimum = _minimum(product, ordinary, interest + fees + parts + earlier)
    principal = minimum - interest - earlier
    rows["undue"] -= principal
    rows["whole"] = rows["remainder"] = 0
    rows["since"] = date
    rows["number"] += 1
    due = cycle_of(product).due_on(np.full(len(rows), date, np.int32))
    rows["next_due"] = cycle_of(product).statement_on(np.full(len(rows), date, np.int32))
    some["balance"] = some["left"] = rows["undue"] - some["planned"] + earlier + principal + interest
    _turn(some, product, parts + fees)
    some["minimum"], some["interest"], some["fee"], some["due"] = minimum, interest, fees, due
    some["charged"] += fees
    some["fees"] = 0
    some["closed"], some["number"] = date, rows["number"]
    some["paid"] = np.where(some["left"] == 0, date, 0)
    loans[here], cards[here] = rows, some
    made = _items(rows, due, principal, interest)
    return Closed(made, _spread(here, interest), _spread(here, fees))


def _turn(cards: Cards, product: Product, charged: Int64Column) -> None:
    """What was bought since the last statement, and what this one charges as principal, stands on it."""
    is_free = product.one(InterestFree) is not None
    cards["billed"] += cards["bought"] + (charged if is_free else 0)
    for name in ("whole", "remainder"):
        cards[f"billed_{name}"] = cards[f"bought_{name}"]
        cards[f"bought_{name}"] = 0
    cards["bought"] = cards["advanced"] = 0


def _minimum(product: Product, principal: Int64Column, rest: Int64Column) -> Int64Column:
    part = product.one(MinimumPayment)
    return principal + rest if part is None else part.minimum(principal, rest)


def _plan_parts(cards: Cards, product: Product) -> tuple[Int64Column, Int64Column]:
    """The principal and the fees of the plans' instalments of a statement, int64[n] each; the plans move on, in place.

    A plan that is not offered any more goes on without a fee.
    """
    part = product.one(InstalmentPlans)
    principal, fees = np.zeros(len(cards), np.int64), np.zeros(len(cards), np.int64)
    for place in range(PLANS_MAX):
        amount = cards["plan_amount"][:, place].copy()
        count = cards["plan_count"][:, place].astype(np.int64)
        number = cards["plan_done"][:, place] + 1
        runs = amount > 0
        each = amount // np.maximum(count, 1)
        principal += np.where(runs, np.where(number == count, amount - each * (count - 1), each), 0)
        if part is not None:
            fees += np.where(runs, part.due(number.astype(np.int64), count, amount)[1], 0)
        is_over = runs & (number == count)
        cards["plan_done"][:, place] += runs
        for name in ("plan_amount", "plan_count", "plan_done"):
            cards[name][:, place] = np.where(is_over, 0, cards[name][:, place])
    return principal, fees


def _yearly(loans: Loans, product: Product, date: int) -> Int64Column:
    """The fee of a year, with the first statement of each year of the card."""
    first = month_and_day_many(cycle_of(product).statement_on(loans["start"].copy()))[0]
    now = month_and_day_many(np.full(len(loans), date, np.int32))[0]
    fee = _fees(loans, product, FeeEvent.YEAR, loans["limit"].copy())
    return np.where((now - first) % 12 == 0, fee, 0).astype(np.int64)


def _items(loans: Loans, due: Int32Column, principal: Int64Column, interest: Int64Column) -> Items:
    items = np.zeros(len(loans), ITEM)
    for name in ("loan", "number"):
        items[name] = loans[name]
    items["due"] = due
    items["principal"] = items["principal_left"] = principal
    items["interest"] = items["interest_left"] = interest
    return items[(principal > 0) | (interest > 0)]


def _spread(here: BoolColumn, values: Int64Column) -> Int64Column:
    found = np.zeros(len(here), np.int64)
    found[here] = values
    return found


# --- the days


def note_due(loans: Loans, items: Items, date: int) -> BoolColumn:
    """Note on cards that a minimum not paid is due on a date, in place; which those are, bool[n].

    `items` are the unpaid ones of these cards at least.
    """
    due = items["loan"][(items["due"] == date) & (items["principal_left"] + items["interest_left"] > 0)]
    here = (loans["overdue_since"] == 0) & np.isin(loans["loan"], due)
    loans["overdue_since"] = np.where(here, date, loans["overdue_since"])
    return here


def accrue(loans: Loans, places: Int64Column, items: Items, cards: Cards, product: Product, date: int) -> None:
    """End a day of loans, cards or not, in place: of cards what the due day decides, and the interest of the day.

    Of the loans at `places` (int64[n], ascending) those that stand at the date; they are of one product. `items` are
    the unpaid ones of these loans at least, `cards` (dtype CARD, by loan) what cards have beside at least these loans.
    """
    if not is_card(product):
        accrue_loans(loans, places, items, product, date)
        return
    mine = places[loans["through"][places] == date]
    if not len(mine):
        return
    at = np.searchsorted(cards["loan"], loans["loan"][mine])
    rows, some = loans[mine], cards[at]
    base = required(product)[0].base
    _lapse(rows, some, product, base, date)
    _charge_late(rows, some, items, product, date)
    rates = running_rates(rows["rate"].copy(), rows["flags"].copy(), product)
    bearing = rows["undue"] + _left_of(rows, items, "principal_left") - some["planned"] - some["billed"]
    bearing -= some["bought"]
    _add_interest(rows, "whole", "remainder", bearing, rates, base)
    for name in ("billed", "bought"):
        _add_interest(some, f"{name}_whole", f"{name}_remainder", some[name].copy(), rates, base)
    rows["through"] = date + 1
    loans[mine], cards[at] = rows, some


def _add_interest(
    rows: NDArray[np.void], whole: str, remainder: str, owed: Int64Column, rate: Int64Column, base: int
) -> None:
    day = np.ones(1, np.int64)
    basis_days = base // 10**8
    rows[whole], rows[remainder] = accrue_many(owed, rate, day, basis_days, rows[whole].copy(), rows[remainder].copy())


def _left_of(loans: Loans, items: Items, name: str) -> Int64Column:
    """The sum of a column of the items (by loan) of each loan, int64[n]."""
    sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(items[name])])
    first, last = (np.searchsorted(items["loan"], loans["loan"], side=side) for side in ("left", "right"))
    return sums[last] - sums[first]


def _lapse(loans: Loans, cards: Cards, product: Product, base: int, date: int) -> None:
    """At the end of the due day: purchases of a statement that is not paid whole bear interest from their day."""
    part = product.one(InterestFree)
    is_due = cards["due"] == date
    is_paid = cards["left"] == 0
    free = is_paid if part is None else part.is_free(is_paid, np.zeros(len(cards), np.bool_))
    lapses = is_due & ~free
    parts = loans["remainder"] + np.where(lapses, cards["billed_remainder"], 0)
    loans["whole"] += np.where(lapses, cards["billed_whole"], 0) + parts // base
    loans["remainder"] = parts % base
    for name in ("billed", "billed_whole", "billed_remainder"):
        cards[name] = np.where(is_due, 0, cards[name])


def _charge_late(loans: Loans, cards: Cards, items: Items, product: Product, date: int) -> None:
    """At the end of the days of grace of a minimum: note the charge on what is left of all minimums due."""
    part = product.one(Overdue)
    if part is None:
        return
    since = date - part.grace_days
    due = items[items["due"] <= since]
    left = _left_of(loans, due, "principal_left") + _left_of(loans, due, "interest_left")
    is_new = np.isin(loans["loan"], due["loan"][due["due"] == since])
    cards["fees"] += np.where(is_new, part.charge(left), 0)


# --- paying


def payable(loans: Loans, items: Items, cards: Cards) -> Int64Column:
    """The most that may be paid of cards, int64[n]: all that is owed but plans and the interest to come.

    `items` are the unpaid ones of these cards and no others.
    """
    return dues_of(loans, items).total + loans["undue"] - cards["planned"]


def collected_of(loans: Loans, items: Items, cards: Cards, date: int) -> Int64Column:
    """What the night of a date takes for cards, int64[n]: minimums due; of those that pay whole, the statement.

    `loans` and `cards` are of the same cards; `items` their unpaid ones at least.
    """
    due = items[items["due"] <= date]
    minimum = _left_of(loans, due, "principal_left") + _left_of(loans, due, "interest_left")
    whole = pays_whole(loans) & (cards["due"] == date)
    return np.where(whole, cards["left"], minimum)


def pays_whole(loans: Loans) -> BoolColumn:
    """Whether the whole of a statement is collected, bool[n]."""
    return loans["flags"] & int(LoanFlag.PAYS_WHOLE) != 0


def pay_cards(loans: Loans, items: Items, cards: Cards, product: Product, date: int, amount: Int64Column) -> Paid:
    """Pay cards with amounts (int64[n], minor units, at most `payable`), in place.

    `loans` and `cards` are of the same cards, in order; `items` their instalments and no others.
    """
    carried = owed_of(loans, items).principal - cards["planned"] - cards["billed"] - cards["bought"] - cards["advanced"]
    due = np.minimum(amount, dues_of(loans, items).total)
    rest = amount - due
    if (rest > loans["undue"] - cards["planned"]).any():
        raise ValueError("A payment is more than what is owed.")
    paid = pay(loans, items, product, date, due)
    loans["undue"] -= rest
    paid.split[:, Bucket.PRINCIPAL] += rest
    left = np.maximum(paid.split[:, Bucket.PRINCIPAL] - carried, 0)
    for name in ("billed", "advanced", "bought"):
        taken = np.minimum(left, cards[name])
        cards[name] -= taken
        left -= taken
    _settle(cards, amount, date)
    return paid


def _settle(cards: Cards, amount: Int64Column, date: int) -> None:
    """Note that an amount of the last statement is paid, in place."""
    left = np.maximum(cards["left"] - amount, 0)
    cards["paid"] = np.where((cards["left"] > 0) & (left == 0), date, cards["paid"])
    cards["left"] = left


def end_plans(card: Cards, date: int) -> None:
    """Note that all that is owed of a card (shape (1,)) is repaid or given up, in place; fees noted are to come."""
    _settle(card, card["left"].copy(), date)
    for name in ("bought", "advanced", "billed", "planned", "plan_amount", "plan_count", "plan_done"):
        card[name] = 0
