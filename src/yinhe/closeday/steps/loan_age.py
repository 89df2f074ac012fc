"""Loans: rates set anew, the interest of the day, and how each stands at its end."""

import numpy as np

from yinhe.closeday.facts import Facts, Happened, Plan, Posting, net_loan_transfers
from yinhe.closeday.steps.loan_due import by_product
from yinhe.closeday.steps.settle import joined
from yinhe.ledger.batch import TRANSFER
from yinhe.lending.accrual import Items, Loans
from yinhe.lending.ageing import Aged, age, owed_of
from yinhe.lending.card import accrue
from yinhe.lending.codes import LoanCode
from yinhe.lending.columns import LoanFlag
from yinhe.lending.instalments import reset
from yinhe.lending.legs import mapping_of
from yinhe.products.parts.base import BoolColumn, Int64Column
from yinhe.products.parts.classification import Grade
from yinhe.products.product import Product


def decide_reset(facts: Facts) -> Plan:
    """Set rates anew whose day it is, and with them the instalments to come."""
    changed: list[Int64Column] = [np.zeros(0, np.int64)]
    for product, places in by_product(facts):
        loans = facts.loans.rows
        here = places[(loans["next_reset"][places] != 0) & (loans["next_reset"][places] <= facts.date)]
        rows = loans[here]
        reset(rows, product, facts.rates, facts.date)
        loans[here] = rows
        changed.append(rows["loan"])
    numbers = np.concatenate(changed)
    return Plan(loans=numbers, figures={"loans": len(numbers)})


def rates_set(facts: Facts, plan: Plan) -> Happened:
    """Loans whose rate was set anew."""
    return Happened("loan", {"rate_set": plan.loans})


def decide_accrual(facts: Facts) -> Plan:
    """Move every accrual on by the day, and book what each product has earned."""
    on_books: dict[int, tuple[Product, int]] = {}
    off_books: dict[int, tuple[Product, int]] = {}
    count = 0
    for product, places in by_product(facts):
        loans = facts.loans.rows
        drawn = places[loans["start"][places] != 0]
        off = loans["flags"][drawn] & int(LoanFlag.NON_ACCRUAL) != 0
        before = _accrued(loans, drawn)
        accrue(loans, drawn, facts.loans.items, facts.loans.cards, product, facts.date)
        more = _accrued(loans, drawn) - before
        for books, amount in ((on_books, more[~off].sum()), (off_books, more[off].sum())):
            _, had = books.get(product.number, (product, 0))
            books[product.number] = (product, had + int(amount))
        count += len(drawn)
    postings = net_loan_transfers(facts, Posting.LOAN_ACCRUAL, Posting.LOAN_ACCRUAL_OFF, on_books, off_books)
    total = sum(amount for _, amount in on_books.values())
    figures = {"loans": count, "accrued_minor": total}
    figures["off_balance_minor"] = sum(amount for _, amount in off_books.values())
    return Plan(np.concatenate([np.zeros(0, TRANSFER), *postings]), figures=figures)


def _accrued(loans: Loans, places: Int64Column) -> Int64Column:
    """`accrued` without copying every column."""
    return loans["whole"][places] + loans["penalty_whole"][places] + loans["compound_whole"][places]


def decide_age(facts: Facts) -> Plan:
    """Grade loans, take interest off the books or back, and set aside for losses."""
    postings: list[np.ndarray] = [np.zeros(0, TRANSFER)]
    changed: list[Int64Column] = [np.zeros(0, np.int64)]
    graded: list[Int64Column] = [np.zeros(0, np.int64)]
    figures = {"loans": 0, "left_books": 0, "came_back": 0, "overdue": 0, "allowance_minor": 0}
    for product, places in by_product(facts):
        here = places[_concerned(facts, facts.loans.rows, places)]
        if not len(here):
            continue
        rows, items = facts.loans.rows[here], facts.loans.items_of(facts.loans.rows["loan"][here])
        grades = rows["grade"].copy()
        aged = age(rows, items, product, facts.date)
        facts.loans.rows[here] = rows
        postings += _books(facts, product, rows, items, aged)
        changed.append(rows["loan"][aged.is_changed])
        # The first night of a loan gives it a grade; that is no change.
        graded.append(rows["loan"][(grades != 0) & (grades != rows["grade"])])
        figures["loans"] += len(rows)
        figures["left_books"] += int(aged.left_books.sum())
        figures["came_back"] += int(aged.came_back.sum())
        figures["overdue"] += int((rows["overdue_since"] != 0).sum())
        figures["allowance_minor"] += int(aged.set_aside.sum())
    numbers = np.concatenate(changed)
    return Plan(np.concatenate(postings), loans=numbers, graded=np.concatenate(graded), figures=figures)


def happened(facts: Facts, plan: Plan) -> Happened:
    """Loans repaid and closed, and those of another grade than before."""
    rows = facts.loans.rows[plan.loans - 1]
    return Happened("loan", {"closed": rows["loan"][rows["closed"] == facts.date], "graded": plan.graded})


def _concerned(facts: Facts, loans: Loans, places: Int64Column) -> BoolColumn:
    """Loans whose standing may have changed on the date: those that moved, are late, or are not of the best grade.

    What is recovered of a loan written off moves no account of its own.
    """
    account, receivable = loans["account"][places], loans["receivable"][places]
    late = (loans["overdue_since"][places] != 0) | (loans["grade"][places] != Grade.NORMAL)
    # A loan repaid in the night before moved then; one whose instalment fell due today moves now.
    watched = loans["arranged"][places] != 0
    marked = loans["flags"][places] & int(LoanFlag.IMPAIRED | LoanFlag.NON_ACCRUAL | LoanFlag.WRITTEN_OFF) != 0
    return facts.moved_since[account] | facts.moved_since[receivable] | late | watched | marked


def _books(facts: Facts, product: Product, rows: Loans, items: Items, aged: Aged) -> list[np.ndarray]:
    """Interest off the books and back, a transaction a loan; the allowance, one a product."""
    mapping = mapping_of(product)
    pool, income = facts.pool(product, mapping.receivable), facts.pool(product, mapping.income)
    owed, receivable, loan = owed_of(rows, items), rows["receivable"].astype(np.int64), rows["loan"]
    legs: list[np.ndarray] = []
    moved = 0
    for which, sign, code in ((aged.left_books, 1, LoanCode.LEFT_BOOKS), (aged.came_back, -1, LoanCode.CAME_BACK)):
        due, running = np.where(which, owed.due, 0), np.where(which, owed.accrued, 0)
        ends = (income, receivable), (income, pool)
        for amount, (debit, credit) in zip((due, running), ends, strict=True):
            debit, credit = (debit, credit) if sign > 0 else (credit, debit)
            legs.append(facts.transfers(Posting.LOAN_BOOKS, loan, debit, credit, amount, code))
        moved += sign * int((due + running).sum())
    off = net_loan_transfers(facts, Posting.LOAN_BOOKS, Posting.LOAN_BOOKS_OFF, {}, {product.number: (product, moved)})
    grown = np.array([aged.set_aside.sum()], np.int64)
    loss, allowance = facts.pool(product, mapping.credit_loss), facts.pool(product, mapping.allowance)
    debit, credit = (loss, allowance) if grown[0] > 0 else (allowance, loss)
    keys = np.array([product.number], np.int64)
    set_aside = facts.transfers(Posting.LOAN_ALLOWANCE, keys, debit, credit, np.abs(grown), LoanCode.ALLOWANCE)
    return [joined(legs), *off, set_aside]
