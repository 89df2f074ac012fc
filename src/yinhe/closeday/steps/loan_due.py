"""Loans: what is due today falls due, and is taken from the account agreed as far as there is money.

Of cards the statements of the day are made, and what is due of them is taken likewise.

What an account has is known only when it is taken: the night asks for all that is due, the ledger gives what is there
(a balancing debit) to the bank's clearing account, and the second half of the step pays the loans with just that. What
was taken is known by its ids, so the second half decides the same however often the step is begun.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from yinhe.closeday.facts import Facts, Happened, Plan, Posting, net_loan_transfers
from yinhe.closeday.identity import KEY_MAX, night_ids
from yinhe.closeday.steps.recall import with_recalls
from yinhe.closeday.steps.settle import joined
from yinhe.ledger.batch import TRANSFER, Flag
from yinhe.lending.accrual import Items, Loans, accrued
from yinhe.lending.book import no_items
from yinhe.lending.card import Cards, accrue, close_statements, collected_of, is_card, note_due, pay_cards
from yinhe.lending.codes import LoanCode
from yinhe.lending.columns import ITEM, LoanFlag
from yinhe.lending.instalments import FallenDue, fall_due, reset
from yinhe.lending.legs import mapping_of
from yinhe.lending.payments import charge, dues_of, pay
from yinhe.products.parts.allocation import Bucket
from yinhe.products.parts.base import BoolColumn, Int64Column
from yinhe.products.parts.loan_interest import LoanInterest
from yinhe.products.product import Product

CLEARING: Final = 3001
"""The general-ledger code of clearing: money on its way from a customer's account to the loan it pays."""


class Due(NamedTuple):
    """What fell due of some loans of one product."""

    items: Items
    interest: Int64Column
    """Fallen due, int64[n] of minor units."""
    capitalised: Int64Column
    accrued: Int64Column
    """By how many whole units what has accrued changed, int64[n]."""
    fees: Int64Column
    """Charged with statements, int64[n]."""


def decide(facts: Facts) -> Plan:
    """Let fall due what is due on the date, after catching up on days that no night has seen."""
    postings: list[np.ndarray] = [np.zeros(0, TRANSFER)]
    numbers: list[Int64Column] = [np.zeros(0, np.int64)]
    items: list[Items] = [no_items()]
    on_books: dict[int, tuple[Product, int]] = {}
    off_books: dict[int, tuple[Product, int]] = {}
    instalments = principal = interest = 0
    for product, places in by_product(facts):
        loans = facts.loans.rows
        here = places[_concerned(facts, product, places)]
        if not len(here):
            continue
        rows, old = loans[here], facts.loans.items_of(loans["loan"][here])
        cards = facts.loans.cards_of(rows["loan"])
        due = _bring_to(rows, old, cards, product, facts)
        loans[here] = rows
        facts.loans.put_cards(cards)
        facts.loans.put_items(rows["loan"], np.concatenate([old, due.items]))
        off = rows["flags"] & int(LoanFlag.NON_ACCRUAL) != 0
        postings.append(_postings(facts, product, rows, due, off))
        moved = due.accrued + due.interest + due.capitalised
        _add(on_books, product, int(moved[~off].sum()))
        _add(off_books, product, int((moved - due.capitalised)[off].sum()))
        numbers.append(rows["loan"])
        items.append(due.items)
        instalments += len(due.items)
        principal += int(due.items["principal"].sum())
        interest += int(due.items["interest"].sum())
    postings += net_loan_transfers(facts, Posting.LOAN_DUE_REST, Posting.LOAN_DUE_REST_OFF, on_books, off_books)
    asked = _collections(facts)
    figures = {"instalments": instalments, "principal_minor": principal, "interest_minor": interest}
    figures |= {"loans_asked": len(asked), "asked_minor": int(asked["amount"].sum())}
    changed = np.concatenate(numbers)
    taken = with_recalls(facts, asked, Posting.COLLECTION_RECALL)
    return Plan(np.concatenate([*postings, taken]), loans=changed, items=np.concatenate(items), figures=figures)


def by_product(facts: Facts) -> Iterator[tuple[Product, Int64Column]]:
    """The open loans by what they have on the date: the product, and their places."""
    for version, places in facts.loans.by_version().items():
        yield facts.catalogue.in_force(version, facts.date), places


def _add(changed: dict[int, tuple[Product, int]], product: Product, more: int) -> None:
    _, before = changed.get(product.number, (product, 0))
    changed[product.number] = (product, before + more)


def _concerned(facts: Facts, product: Product, places: Int64Column) -> BoolColumn:
    loans, date = facts.loans.rows, facts.date
    stands = loans["through"][places] < date
    stands |= loans["next_due"][places] == date
    if is_card(product):
        stands |= np.isin(loans["loan"][places], facts.loans.cards["loan"][facts.loans.cards["due"] == date])
    return (loans["start"][places] != 0) & stands


def _bring_to(rows: Loans, items: Items, cards: Cards, product: Product, facts: Facts) -> Due:
    """Bring loans to the end of the date: the days no night has seen, and then what is due on it; in place."""
    before, flags = accrued(rows), rows["flags"].copy()
    found: list[Items] = [no_items()]
    interest, capitalised, fees = (np.zeros(len(rows), np.int64) for _ in range(3))
    for day in range(min(facts.date, int(rows["through"].min())), facts.date + 1):
        stands = rows["through"] == day
        some = rows[stands]
        if is_card(product):
            mine = cards[stands]
            fallen, charged = _make_statements(some, _by_loan([items, *found]), mine, product, day)
            cards[stands] = mine
            fees[stands] += charged
        else:
            fallen = fall_due(some, product, day)
            fresh = (some["overdue_since"] == 0) & np.isin(some["loan"], fallen.items["loan"])
            some["overdue_since"] = np.where(fresh, day, some["overdue_since"])
        rows[stands] = some
        found.append(fallen.items)
        interest[stands] += fallen.interest
        capitalised[stands] += fallen.capitalised
        if day < facts.date:
            some = rows[stands]
            reset(some, product, facts.rates, day)
            rows[stands] = some
            accrue(rows, np.flatnonzero(stands), _by_loan([items, *found]), cards, product, day)
    rows["flags"] = flags
    return Due(np.concatenate(found), interest, capitalised, accrued(rows) - before, fees)


def _by_loan(items: list[Items]) -> Items:
    joined = np.concatenate(items)
    return joined[np.lexsort((joined["number"], joined["loan"]))]


def _make_statements(
    rows: Loans, items: Items, cards: Cards, product: Product, day: int
) -> tuple[FallenDue, Int64Column]:
    """What the statements of a day charge, and their fees; in place."""
    closed = close_statements(rows, items[np.isin(items["loan"], rows["loan"])], cards, product, day)
    note_due(rows, items, day)
    return FallenDue(closed.items, closed.interest, np.zeros(len(rows), np.int64)), closed.fees


def _postings(facts: Facts, product: Product, rows: Loans, due: Due, off: BoolColumn) -> np.ndarray:
    """Interest from what has accrued to what each loan owes; what becomes principal likewise, and fees of cards."""
    earned = facts.pool(product, mapping_of(product).fee_income)
    pool = facts.pool(product, mapping_of(product).receivable)
    account, receivable = rows["account"].astype(np.int64), rows["receivable"].astype(np.int64)
    on = np.where(off, 0, due.interest)
    income = facts.pool(product, mapping_of(product).income)
    source = np.where(off, income, pool)
    return joined(
        [
            facts.transfers(Posting.LOAN_DUE, rows["loan"], receivable, pool, on, LoanCode.INTEREST_DUE),
            facts.transfers(Posting.LOAN_DUE, rows["loan"], account, source, due.capitalised, LoanCode.CAPITALISED),
            facts.transfers(Posting.LOAN_DUE, rows["loan"], account, earned, due.fees, LoanCode.FEE_CHARGED),
        ]
    )


# --- taking it


def _collections(facts: Facts) -> np.ndarray:
    """Ask the account agreed of each loan for all that is due of it."""
    postings: list[np.ndarray] = [np.zeros(0, TRANSFER)]
    for product, places in by_product(facts):
        loans = facts.loans.rows
        owing = places[_may_owe(facts, product, places)]
        rows, items = loans[owing], facts.loans.items_of(loans["loan"][owing])
        interest = product.one(LoanInterest)
        if interest is None or not len(rows):
            continue
        charge(rows, interest)
        if is_card(product):
            owed = collected_of(rows, items, facts.loans.cards_of(rows["loan"]), facts.date)
        else:
            owed = dues_of(rows, items).total
        total = np.where(rows["linked"] != 0, owed, 0)
        clearing, linked = facts.pool(product, CLEARING), rows["linked"].astype(np.int64)
        ask = (Posting.LOAN_COLLECTION, rows["loan"], linked, clearing, total, LoanCode.COLLECTION)
        postings.append(facts.transfers(*ask, flags=Flag.BALANCING_DEBIT))
    return np.concatenate(postings)


def _may_owe(facts: Facts, product: Product, places: Int64Column) -> BoolColumn:
    loans = facts.loans.rows
    charged = loans["fee"][places] + loans["penalty"][places] + loans["compound"][places]
    owes = (loans["overdue_since"][places] != 0) | (charged > 0)
    if is_card(product):
        cards = facts.loans.cards
        owes |= np.isin(loans["loan"][places], cards["loan"][(cards["due"] == facts.date) & (cards["left"] > 0)])
    return owes


def pay_with_what_was_taken(facts: Facts) -> Plan:
    """Pay each loan with what was taken for it."""
    numbers, amounts = _taken(facts)
    postings: list[np.ndarray] = [np.zeros(0, TRANSFER)]
    items: list[Items] = [np.zeros(0, ITEM)]
    on_books: dict[int, tuple[Product, int]] = {}
    off_books: dict[int, tuple[Product, int]] = {}
    for product, places in by_product(facts):
        loans = facts.loans.rows
        here = places[np.isin(loans["loan"][places], numbers)]
        if not len(here):
            continue
        rows, mine = loans[here], facts.loans.items_of(loans["loan"][here])
        taken = amounts[np.searchsorted(numbers, rows["loan"])]
        if is_card(product):
            cards = facts.loans.cards_of(rows["loan"])
            paid = pay_cards(rows, mine, cards, product, facts.date, taken)
            facts.loans.put_cards(cards)
        else:
            paid = pay(rows, mine, product, facts.date, taken)
        loans[here] = rows
        facts.loans.put_items(rows["loan"], mine)
        off = rows["flags"] & int(LoanFlag.NON_ACCRUAL) != 0
        postings.append(_payments(facts, product, rows, paid.split, np.where(off, 0, paid.charged), off))
        rest = paid.charged - paid.accrued
        beside = paid.split.sum(axis=1) - paid.split[:, Bucket.PRINCIPAL] - paid.split[:, Bucket.FEE]
        _add(on_books, product, int(rest[~off].sum()))
        _add(off_books, product, int((rest - beside)[off].sum()))
        items.append(mine)
    postings += net_loan_transfers(facts, Posting.LOAN_PAYMENT_REST, Posting.LOAN_PAYMENT_REST_OFF, on_books, off_books)
    collected = {"loans_paid": len(numbers), "collected_minor": int(amounts.sum())}
    return Plan(
        np.concatenate(postings),
        loans=numbers,
        items=np.concatenate(items),
        payers=numbers,
        collected=amounts,
        figures=collected,
    )


def happened(facts: Facts, plan: Plan) -> Happened:
    """Loans an instalment of which fell due, and those it was not paid of."""
    rows = facts.loans.rows[plan.loans - 1]
    fallen_due = np.unique(plan.items["loan"][plan.items["due"] == facts.date])
    return Happened("loan", {"fell_due": fallen_due, "overdue": rows["loan"][rows["overdue_since"] == facts.date]})


def _taken(facts: Facts) -> tuple[Int64Column, Int64Column]:
    """The loans for which the night took money, ascending, and how much; int64[n] each."""
    rows = facts.since_cut_off()
    hi, lo = night_ids(facts.id_ms, facts.date, int(Posting.LOAN_COLLECTION), np.zeros(1, np.int64))
    ours = (rows["txn_hi"] == hi[0]) & (rows["txn_lo"] & np.uint64(~KEY_MAX & 2**64 - 1) == lo[0])
    ours &= rows["amount"] > 0
    numbers = (rows["txn_lo"][ours] & np.uint64(KEY_MAX)).astype(np.int64)
    order = np.argsort(numbers)
    return numbers[order], rows["amount"][ours][order]


def _payments(
    facts: Facts, product: Product, rows: Loans, split: Int64Column, charged: Int64Column, off: BoolColumn
) -> np.ndarray:
    """From clearing to what each loan owes; what is received of interest off balance is income."""
    mapping = mapping_of(product)
    pool, income = facts.pool(product, mapping.receivable), facts.pool(product, mapping.income)
    clearing, loan = facts.pool(product, CLEARING), rows["loan"]
    account, receivable = rows["account"].astype(np.int64), rows["receivable"].astype(np.int64)
    interest = split[:, Bucket.PENALTY] + split[:, Bucket.COMPOUND] + split[:, Bucket.INTEREST]
    on, without = np.where(off, 0, interest), np.where(off, interest, 0)
    paid = Posting.LOAN_PAYMENT
    return joined(
        [
            facts.transfers(paid, loan, receivable, pool, charged, LoanCode.INTEREST_DUE),
            facts.transfers(paid, loan, clearing, receivable, split[:, Bucket.FEE], LoanCode.FEE),
            facts.transfers(paid, loan, clearing, receivable, on, LoanCode.INTEREST),
            facts.transfers(paid, loan, clearing, income, without, LoanCode.OFF_BALANCE_PAID),
            facts.transfers(paid, loan, clearing, account, split[:, Bucket.PRINCIPAL], LoanCode.PRINCIPAL),
        ]
    )
