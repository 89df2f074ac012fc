"""What a change of one loan's position books: the difference between what its accounts say and what they should.

Every change is booked the same way. Credits are positive, as a balance is; a loan's own accounts are what it owes,
below zero. Whoever pays or is paid is given; interest income takes what is left, so that a transaction always balances.
"""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from yinhe.lending.ageing import owed_of
from yinhe.lending.codes import LoanCode
from yinhe.lending.columns import LoanFlag
from yinhe.lending.position import Position
from yinhe.products.parts.loan_ledger import LoanMapping, WrittenOffLedger
from yinhe.products.product import Product

PoolOf = Callable[[int, int], int]
"""The bank's own account of a general-ledger code and a product's number (0: the other side of what is off balance)."""


class Leg(msgspec.Struct, frozen=True):
    """One transfer, in minor units; accounts are indexes of the ledger."""

    debit: int
    credit: int
    amount_minor: int
    code: LoanCode


class Booked(NamedTuple):
    """What the accounts of a loan say, in minor units, each zero or above: what is owed."""

    principal: int
    receivable: int
    """Interest and fees due, on balance."""
    accrued: int
    """Interest accrued and not due, on balance."""
    off_balance: int
    """Interest of a loan that does not accrue."""
    allowance: int
    claimed: int
    """What was written off and is claimed still."""
    fees: int
    """Charged as principal so far: income."""


class Cash(NamedTuple):
    """What a loan's customer pays (positive) or is paid (negative), and what of it is a fee."""

    account: int
    amount_minor: int
    fee_minor: int = 0


def booked(at: Position) -> Booked:
    """What the accounts of a loan should say in a position."""
    unpaid = at.unpaid
    owed = owed_of(at.row, unpaid)
    row = at.row[0]
    fee, interest = int(row["fee"]), int(owed.due[0])
    accrued = int(owed.accrued[0])
    off = bool(row["flags"] & int(LoanFlag.NON_ACCRUAL))
    return Booked(
        principal=int(owed.principal[0]),
        receivable=fee + (0 if off else interest),
        accrued=0 if off else accrued,
        off_balance=interest + accrued if off else 0,
        allowance=int(row["allowance"]),
        claimed=int(row["written_off"]),
        fees=int(at.card["charged"].sum()),
    )


def mapping_of(product: Product) -> LoanMapping:
    """The product's general-ledger codes; every published loan product has them."""
    mapping = product.one(LoanMapping)
    if mapping is None:
        raise AssertionError(f"{product.name} is published as a loan without a general-ledger mapping.")
    return mapping


def legs_between(
    before: Position, after: Position, product: Product, pool: PoolOf, cash: Cash | None, code: LoanCode
) -> tuple[Leg, ...]:
    """The legs that bring a loan's accounts from one position to another; `code` is of what no cash explains."""
    old, new, mapping = booked(before), booked(after), mapping_of(product)
    row = after.row[0]
    changes: dict[int, int] = {}

    def add(account: int, amount: int) -> None:
        changes[account] = changes.get(account, 0) + amount

    add(int(row["account"]), old.principal - new.principal)
    add(int(row["receivable"]), old.receivable - new.receivable)
    add(pool(mapping.receivable, product.number), old.accrued - new.accrued)
    is_lost = bool(row["flags"] & int(LoanFlag.WRITTEN_OFF))
    if new.allowance != old.allowance:
        add(pool(mapping.allowance, product.number), new.allowance - old.allowance)
        if not is_lost:
            add(pool(mapping.credit_loss, product.number), old.allowance - new.allowance)
    if new.fees != old.fees:
        add(pool(mapping.fee_income, product.number), new.fees - old.fees)
    payer = 0
    if cash is not None:
        payer = cash.account
        add(payer, -cash.amount_minor)
        add(pool(mapping.fee_income, product.number), cash.fee_minor)
    # What is left over is income earned, or earned too much; of what was given up, a loss more or less.
    balancing = mapping.credit_loss if is_lost else mapping.income
    add(pool(balancing, product.number), -sum(changes.values()))
    names = {int(row["account"]): LoanCode.PRINCIPAL, pool(mapping.fee_income, product.number): LoanCode.FEE}
    legs = _paired(changes, payer, names, code)
    legs += _off_balance(pool, mapping.off_balance, product.number, new.off_balance - old.off_balance)
    if isinstance(mapping, WrittenOffLedger):
        legs += _off_balance(pool, mapping.written_off, product.number, new.claimed - old.claimed)
    return tuple(legs)


def _off_balance(pool: PoolOf, gl_code: int, number: int, grown: int) -> list[Leg]:
    """What is followed off balance grows, or shrinks, by an amount: the code of both sides is the same."""
    ours, other = pool(gl_code, number), pool(gl_code, 0)
    debit, credit = (ours, other) if grown > 0 else (other, ours)
    return [Leg(debit, credit, abs(grown), LoanCode.OFF_BALANCE)] if grown else []


def _paired(changes: dict[int, int], payer: int, names: dict[int, LoanCode], code: LoanCode) -> list[Leg]:
    """Transfers that make the changes: from those whose balance falls to those whose balance rises, the payer first."""
    falls = sorted(((account, -by) for account, by in changes.items() if by < 0), key=lambda one: one[0] != payer)
    rises = [[account, by] for account, by in changes.items() if by > 0]
    legs: list[Leg] = []
    for account, amount in falls:
        left = amount
        for rise in rises:
            moved = min(left, rise[1])
            if moved:
                legs.append(Leg(account, rise[0], moved, _code(account, rise[0], payer, names, code)))
                rise[1] -= moved
                left -= moved
    return legs


def _code(debit: int, credit: int, payer: int, names: dict[int, LoanCode], code: LoanCode) -> LoanCode:
    if payer and credit == payer:
        return LoanCode.DRAWING if debit in names else code
    if payer and debit == payer:
        return names.get(credit, LoanCode.INTEREST)
    return code
