"""One loan worked out from what happened to it: the same steps as the night's, day by day, over a loan of its own.

What is inserted late, or was priced by a rate corrected since, comes out as if it had always been so. The difference
between two positions of a loan is what `legs` books.
"""

from collections.abc import Callable, Sequence
from enum import Enum, unique

import msgspec
import numpy as np

from yinhe.lending import card as cards
from yinhe.lending.accrual import Items, Loans, accrue_until
from yinhe.lending.ageing import age
from yinhe.lending.book import no_items
from yinhe.lending.columns import LoanFlag
from yinhe.lending.instalments import draw, fall_due, required, reset, spread, work_out
from yinhe.lending.payments import charge, dues_of, pay, pay_off, prepay, settlement_of, work_out_end
from yinhe.products.parts.prepayment import Afterwards, PartEarly, Prepayment
from yinhe.products.parts.repayment import Shape
from yinhe.products.product import Product
from yinhe.products.rates import RateBook

ProductOn = Callable[[int], Product]
"""What a loan has on a day (days since 1970-01-01)."""


@unique
class ActKind(Enum):
    """What happens to a loan beside the passing of days."""

    DRAW = "draw"
    REPAY = "repay"
    """Pays what is due; what is more repays principal early."""
    COLLECT = "collect"
    """The night's: pays what is due at the end of the day."""
    PAY_OFF = "pay_off"
    SET_FLAGS = "set_flags"
    """`amount` is the flags set; `cleared` those taken with them."""
    CLEAR_FLAGS = "clear_flags"
    EXTEND = "extend"
    """`amount` is months."""
    RATE = "rate"
    """`amount` is the new yearly rate, 1e-8."""
    CAPITALISE = "capitalise"
    """Interest that is due becomes principal."""
    RE_AGE = "re_age"
    """Principal that is due is spread over the instalments to come."""
    ADVANCE = "advance"
    """Draws cash on a card."""
    CONVERT = "convert"
    """Makes an instalment plan of `count` months of purchases on a card."""
    WRITE_OFF = "write_off"
    RECOVER = "recover"


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a loan on a day, before its end (a collection: at it)."""

    day: int
    """Days since 1970-01-01: the value date."""
    kind: ActKind
    amount: int = 0
    """Minor units where nothing else is said."""
    afterwards: Afterwards = Afterwards.SHORTER
    is_early: bool = False
    """Whether more than what was due was meant to be repaid."""
    count: int = 0
    """Monthly instalments of a plan."""
    cleared: int = 0


class Position(msgspec.Struct, eq=False):
    """A loan and its instalments as they stand; changed in place."""

    row: Loans
    """dtype LOAN, shape (1,)."""
    items: Items
    """Every instalment fallen due that it was given, paid ones too; dtype ITEM, by number."""
    surplus: int = 0
    """Money paid that nothing was owed for, minor units."""
    card: cards.Cards = msgspec.field(default_factory=cards.no_cards)
    """What a card has beside, dtype CARD, shape (1,); (0,) of other loans, and before the first drawing."""
    statements: tuple[cards.Cards, ...] = ()
    """The card as it was each time before a later statement took the place of its last one."""

    @property
    def unpaid(self) -> Items:
        """A copy of the instalments not wholly paid."""
        return self.items[self.items["paid"] == 0]

    def copy(self) -> "Position":
        """Another one that stands the same."""
        return Position(self.row.copy(), self.items.copy(), self.surplus, self.card.copy(), self.statements)


def work_out_position(
    agreed: Loans,
    acts: Sequence[Act],
    until: int,
    product_on: ProductOn,
    rates: RateBook,
    seen: Callable[[int, Position], None] | None = None,
) -> Position:
    """A loan as it stands at the beginning of a day, from its row as agreed and all that happened before that day.

    What happens on the day `until` itself is applied too, before its end. `seen` hears of each day's end, just before
    the interest of the day, until the loan is closed. Without it days on which nothing but interest can happen are
    taken at once. Raises RateMissing.
    """
    ordered = sorted(acts, key=lambda act: act.day)
    at = Position(agreed.copy(), no_items())
    if not ordered:
        return at
    place, day = 0, ordered[0].day
    while day <= until:
        product, first = product_on(day), place
        while place < len(ordered) and ordered[place].day == day:
            place += 1
        acts_of_day = ordered[first:place]
        for act in acts_of_day:
            if act.kind is not ActKind.COLLECT:
                apply(at, act, product, rates)
        if day == until:
            break
        stop = min(until, ordered[place].day) if place < len(ordered) else until
        is_closed = bool(at.row["closed"][0])
        if not is_closed:
            bring_due(at, day, product)
        for act in acts_of_day:
            if act.kind is ActKind.COLLECT:
                apply(at, act, product, rates)
        if is_closed:
            # No night looks at it again; what was collected all the same is more than was owed.
            day = stop
            continue
        reset(at.row, product, rates, day)
        if seen is not None:
            seen(day, at)
        cards.accrue(at.row, np.zeros(1, np.int64), at.unpaid, at.card, product, day)
        age(at.row, at.unpaid, product, day)
        day += 1
        if seen is None:
            day = _pass_quiet_days(at, product, product_on, day, stop)
    return at


def _pass_quiet_days(at: Position, product: Product, product_on: ProductOn, day: int, stop: int) -> int:
    """Let days go by, from one before whose beginning a loan stands, while nothing but interest happens; in place.

    Nothing is due or late, no rate is set anew, and the product stays. The day it stands at then, `stop` at most.
    """
    row = at.row[0]
    comes = [int(row[name]) for name in ("next_due", "next_reset", "maturity")]
    if len(at.card) or len(at.unpaid) or row["overdue_since"] or row["closed"]:
        return day
    if row["through"] != day or 0 < comes[1] < day:
        return day
    end, stop = day, min([stop, *(event for event in comes if event >= day)])
    while end < stop and product_on(end) is product:
        end += 1
    if end - day > 1 and not cards.is_card(product):
        accrue_until(at.row, product, end)
        age(at.row, at.unpaid, product, end - 1)
        return end
    return day


def bring_due(at: Position, day: int, product: Product) -> None:
    """Let fall due what is due on a day: at its end, or before something happens to the loan on it."""
    if cards.is_card(product):
        _make_statement(at, day, product)
        return
    fallen = fall_due(at.row, product, day)
    if len(fallen.items):
        at.items = np.concatenate([at.items, fallen.items])
        if not at.row["overdue_since"][0]:
            at.row["overdue_since"] = day


def _make_statement(at: Position, day: int, product: Product) -> None:
    if not len(at.card):
        return
    if int(at.row["next_due"][0]) == day:
        at.statements = (*at.statements, at.card.copy()) if at.card["number"][0] else at.statements
        closed = cards.close_statements(at.row, at.unpaid, at.card, product, day)
        at.items = np.concatenate([at.items, closed.items])
    cards.note_due(at.row, at.unpaid, day)


def apply(at: Position, act: Act, product: Product, rates: RateBook) -> None:
    """Change a position by an act of the day it stands at. Raises RateMissing."""
    bring_due(at, act.day, product)
    row = at.row
    match act.kind:
        case ActKind.DRAW:
            _draw(at, act, product, rates, is_cash=False)
        case ActKind.ADVANCE:
            _draw(at, act, product, rates, is_cash=True)
        case ActKind.CONVERT:
            cards.convert(at.card, act.day, act.amount, act.count)
        case ActKind.REPAY | ActKind.COLLECT:
            _repay(at, act, product)
        case ActKind.PAY_OFF:
            # What was paid may be more than is owed once something is told late.
            at.surplus += max(0, act.amount - settlement_of(row, at.unpaid, product).total)
            _pay_due(at, act.day, product, None)
            _pay_off(at, act.day, product)
        case ActKind.SET_FLAGS:
            row["flags"] |= act.amount
            row["flags"] &= ~act.cleared
        case ActKind.CLEAR_FLAGS:
            row["flags"] &= ~act.amount
        case ActKind.EXTEND:
            row["months"] += act.amount
            row["extended"] += act.amount
            _arranged(row, act.day)
            work_out_end(row, product)
            _work_out_over_the_rest(row, product)
        case ActKind.RATE:
            row["margin"] += act.amount - row["rate"]
            row["rate"] = act.amount
            _arranged(row, act.day)
            work_out(row, product)
        case ActKind.CAPITALISE:
            _capitalise(at, act.day, product)
        case ActKind.RE_AGE:
            _re_age(at, act.day, product)
        case ActKind.WRITE_OFF:
            _write_off(at, act.day, product)
        case ActKind.RECOVER:
            row["written_off"] -= act.amount


def _draw(at: Position, act: Act, product: Product, rates: RateBook, *, is_cash: bool) -> None:
    draw(at.row, product, rates, act.day, np.array([act.amount], np.int64))
    if not cards.is_card(product):
        return
    if not len(at.card):
        at.card = cards.begin(int(at.row["loan"][0]))
    cards.note_drawn(at.row, at.card, product, act.day, act.amount, is_cash=is_cash)


def _pay_off(at: Position, day: int, product: Product) -> None:
    next_due = int(at.row["next_due"][0])
    pay_off(at.row, product)
    if len(at.card):
        cards.end_plans(at.card, day)
        # What is not on a statement yet is still to come.
        at.row["next_due"] = next_due


def _pay_due(at: Position, day: int, product: Product, amount: int | None) -> int:
    """Pay what is due, all of it or up to an amount; what was paid."""
    interest, _ = required(product)
    trial = at.row.copy()
    charge(trial, interest)
    due = int(dues_of(trial, at.unpaid).total[0])
    paid = due if amount is None else min(due, amount)
    if len(at.card):
        cards.pay_cards(at.row, at.items, at.card, product, day, np.array([paid], np.int64))
        return paid
    pay(at.row, at.items, product, day, np.array([paid], np.int64))
    return paid


def _repay(at: Position, act: Act, product: Product) -> None:
    if len(at.card):
        most = int(cards.payable(at.row, at.unpaid, at.card)[0])
        paid = np.array([min(act.amount, most)], np.int64)
        cards.pay_cards(at.row, at.items, at.card, product, act.day, paid)
        at.surplus += act.amount - int(paid[0])
        return
    rest, row = act.amount - _pay_due(at, act.day, product, act.amount), at.row
    if not rest:
        return
    whole = settlement_of(row, at.unpaid, product).total
    if rest >= whole:
        pay_off(row, product)
        at.surplus += rest - whole
        return
    early = min(rest, int(row["undue"][0]))
    if early:
        prepay(row, product, early, _afterwards(product, act.afterwards))
    at.surplus += rest - early


def _afterwards(product: Product, chosen: Afterwards) -> Afterwards:
    part = product.one(Prepayment)
    fixed = part.afterwards if isinstance(part, PartEarly) else Afterwards.SHORTER
    return chosen if fixed is Afterwards.CHOSEN else fixed


def _arranged(row: Loans, day: int) -> None:
    row["arranged"] = day
    row["arrangements"] += 1
    row["flags"] |= int(LoanFlag.RESTRUCTURED)


def _work_out_over_the_rest(row: Loans, product: Product) -> None:
    """Have the instalments to come repay what is owed: level ones by another payment, equal principal by its parts."""
    if required(product)[1].shape is Shape.LINEAR:
        spread(row, product)
    work_out(row, product)


def _capitalise(at: Position, day: int, product: Product) -> None:
    """Interest that is due becomes principal not yet due."""
    row, items = at.row, at.items
    interest, _ = required(product)
    charge(row, interest)
    late = int(items["interest_left"].sum() + row["penalty"][0] + row["compound"][0])
    items["interest_left"] = 0
    row["penalty"] = row["compound"] = 0
    row["undue"] += late
    row["base"] += late
    _settle_items(at, day)
    _arranged(row, day)
    _work_out_over_the_rest(row, product)


def _re_age(at: Position, day: int, product: Product) -> None:
    """Principal that is late joins what is not due, and interest that is late with it: the loan is current."""
    row, items = at.row, at.items
    late = int(items["principal_left"].sum())
    items["principal_left"] = 0
    row["undue"] += late
    _capitalise(at, day, product)


def _settle_items(at: Position, day: int) -> None:
    items = at.items
    done = (items["interest_left"] == 0) & (items["principal_left"] == 0) & (items["paid"] == 0)
    items["paid"][done] = day
    unpaid = items["due"][(items["paid"] == 0) & (items["due"] <= day)]
    at.row["overdue_since"] = int(unpaid[0]) if len(unpaid) else 0


def _write_off(at: Position, day: int, product: Product) -> None:
    """Give the loan up in the books: what was owed is claimed still, and accrues no more."""
    row, items = at.row, at.items
    interest, _ = required(product)
    charge(row, interest)
    running = pay_off_claim(row, product)
    claim = int(items["principal_left"].sum() + items["interest_left"].sum())
    claim += int((row["penalty"] + row["compound"] + row["fee"])[0]) + running
    if len(at.card):
        claim += int(at.card["fees"][0])
        at.card["fees"] = 0
        cards.end_plans(at.card, day)
    items["principal_left"] = items["interest_left"] = 0
    row["penalty"] = row["compound"] = row["fee"] = row["allowance"] = 0
    row["written_off"] += claim
    row["flags"] |= int(LoanFlag.WRITTEN_OFF)
    row["flags"] &= ~int(LoanFlag.NON_ACCRUAL)
    _settle_items(at, day)


def vanished(before: Items, after: Items) -> Items:
    """The instalments of a loan that, worked out anew, were never due, as they are to be written: with nothing left."""
    gone = before[~np.isin(before["number"], after["number"])].copy()
    for name in ("principal", "interest", "principal_left", "interest_left"):
        gone[name] = 0
    gone["paid"] = gone["due"]
    return gone


def pay_off_claim(row: Loans, product: Product) -> int:
    """Principal not due and the interest of the running period, which the row owes no more."""
    principal = int(row["undue"][0])
    return principal + pay_off(row, product)
