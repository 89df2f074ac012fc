"""How a loan stands at the end of a day: how late, of which grade and stage, what is set aside, whether it accrues."""

from typing import NamedTuple

import numpy as np

from yinhe.lending.accrual import Items, Loans, accrued
from yinhe.lending.columns import LoanFlag
from yinhe.lending.payments import days_late
from yinhe.products.parts.allowance import Allowance
from yinhe.products.parts.base import BoolColumn, Int64Column
from yinhe.products.parts.classification import Classification, NonAccrual
from yinhe.products.parts.restructuring import Restructuring
from yinhe.products.product import Product


class Owed(NamedTuple):
    """What loans owe beside fees, one entry a loan; int64[n] of minor units."""

    principal: Int64Column
    """Fallen due or not."""
    due: Int64Column
    """Interest fallen due, and penalty and compound interest charged."""
    accrued: Int64Column
    """Interest accrued and not due, in whole units."""


class Aged(NamedTuple):
    """What a day changed of loans; one entry a loan."""

    is_changed: BoolColumn
    left_books: BoolColumn
    """Whether the loan's interest is off balance from now on …"""
    came_back: BoolColumn
    """… or on it again."""
    set_aside: Int64Column
    """By how much its allowance grew, int64[n] of minor units."""


def owed_of(loans: Loans, items: Items) -> Owed:
    """What loans owe; `items` are the unpaid instalments of these loans (ascending by number) and no others."""
    place = np.searchsorted(loans["loan"], items["loan"])
    principal, due = loans["undue"].copy(), loans["penalty"] + loans["compound"]
    np.add.at(principal, place, items["principal_left"])
    np.add.at(due, place, items["interest_left"])
    return Owed(principal, due, accrued(loans))


def age(loans: Loans, items: Items, product: Product, date: int) -> Aged:
    """Grade loans of one product by how late they are at the end of a date, and set aside for their loss, in place."""
    before = loans.copy()
    late = days_late(loans, product, date)
    impaired = loans["flags"] & int(LoanFlag.IMPAIRED) != 0
    classification = product.one(Classification)
    if classification is not None:
        no_loss = np.zeros(len(loans), np.int64)
        loans["grade"] = classification.grade(late, impaired, no_loss, _watched(loans, product, date))
    grade = loans["grade"].astype(np.int64)
    off = _off_balance(loans, product, late, grade)
    was_off = before["flags"] & int(LoanFlag.NON_ACCRUAL) != 0
    loans["flags"] = np.where(
        off, loans["flags"] | int(LoanFlag.NON_ACCRUAL), loans["flags"] & ~int(LoanFlag.NON_ACCRUAL)
    )
    allowance = product.one(Allowance)
    if allowance is not None:
        owed = owed_of(loans, items)
        exposure = owed.principal + np.where(off, 0, owed.due)
        stage = allowance.stage(late, grade, impaired)
        loans["stage"] = stage
        loans["allowance"] = allowance.allowance(stage, exposure)
    close_paid(loans, items, date)
    same = (
        (loans["grade"] == before["grade"])
        & (loans["stage"] == before["stage"])
        & (off == was_off)
        & (loans["closed"] == before["closed"])
    )
    set_aside = loans["allowance"] - before["allowance"]
    return Aged(~same | (set_aside != 0), off & ~was_off, was_off & ~off, set_aside)


def close_paid(loans: Loans, items: Items, date: int) -> None:
    """Close loans of which nothing is owed or claimed and nothing may be drawn any more, in place."""
    owed = owed_of(loans, items)
    left = owed.principal + owed.due + owed.accrued + loans["fee"] + loans["written_off"]
    ended = (loans["maturity"] != 0) & (loans["maturity"] <= date)
    used_up = (loans["flags"] & int(LoanFlag.REVOLVING) == 0) & (loans["lent"] >= loans["limit"])
    closes = (left == 0) & (loans["lent"] > 0) & (ended | used_up) & (loans["closed"] == 0)
    loans["closed"] = np.where(closes, date, loans["closed"])
    loans["flags"] = np.where(closes, loans["flags"] & ~int(LoanFlag.OPEN), loans["flags"])


def _watched(loans: Loans, product: Product, date: int) -> BoolColumn:
    watched = np.zeros(len(loans), np.bool_)
    for part in product.all(Restructuring):
        watched |= part.is_watched(date, loans["arranged"].copy())
    return watched


def _off_balance(loans: Loans, product: Product, late: Int64Column, grade: Int64Column) -> BoolColumn:
    """Whether interest is off balance; a loan comes back when nothing is late any more and its grade is better."""
    part = product.one(NonAccrual)
    if part is None:
        return np.zeros(len(loans), np.bool_)
    was_off = loans["flags"] & int(LoanFlag.NON_ACCRUAL) != 0
    return part.is_non_accrual(late, grade) | (was_off & (loans["overdue_since"] != 0))
