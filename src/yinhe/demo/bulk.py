"""The business that comes as files: payrolls, card settlements, standing orders, payments by code, suppliers.

Each function draws one file as columns (dtype TRANSFER), in the order it is posted.
"""

from collections.abc import Sequence
from enum import Enum, unique
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.demo.bank import WALLET_MAX, Bank, Indexes, amounts, payrolls, short_of_payroll
from yinhe.demo.names import Reason
from yinhe.kernel.ids import IdSource
from yinhe.ledger.batch import TRANSFER, Flag, columns_of

SCANS_A_HOUSEHOLD: Final = 2
"""Payments by code a household makes each day, on average."""

_PLAIN: Final = Flag(0)


@unique
class Fate(Enum):
    """What becomes of a hold that its own day does not settle."""

    SETTLED_WHOLE = "posted whole by the next day's card file"
    SETTLED_PART = "posted in part by the next day's card file, the rest released"
    EXPIRES = "never presented; it expires at the end of its day"
    LATE = "presented the next day, when it has expired"
    STAYS = "kept open, as a hotel's deposit"


class Overnight(msgspec.Struct, frozen=True):
    """A hold that is open when the counters close; the amount in minor units."""

    number: int
    debit: int
    credit: int
    amount_minor: int
    fate: Fate


def payroll(bank: Bank, ids: IdSource, day: int, days: int) -> NDArray[np.void]:
    """The salaries of the employers whose payday it is; each pays once in `days` days."""
    paid = (bank.employer - bank.employers[0]) % days == day
    return _file(ids, bank.employer[paid], bank.households[paid], bank.salary[paid], Reason.SALARY)


def sent_twice(file: NDArray[np.void]) -> NDArray[np.void]:
    """What the first employer of a payroll file sends a second time, ids and all, because no answer reached it."""
    return file[file["debit"] == file["debit"][0]] if len(file) else file


def card_settlement(ids: IdSource, holds: Sequence[Overnight]) -> NDArray[np.void]:
    """The card scheme's file: yesterday's holds posted whole or in part; some come too late."""
    rows = np.zeros(2 * len(holds), TRANSFER)
    rows["txn_hi"], rows["txn_lo"] = ids.take(len(rows))
    count = 0
    for hold in holds:
        if hold.fate in (Fate.EXPIRES, Fate.STAYS):
            continue
        part = hold.fate is Fate.SETTLED_PART and hold.amount_minor > 1
        _settle(rows[count], hold, hold.amount_minor * 3 // 4 if part else 0, Flag.POST)
        count += 1
        if part:
            _settle(rows[count], hold, 0, Flag.VOID)
            count += 1
    return rows[:count]


def _settle(row: np.void, hold: Overnight, amount_minor: int, flag: Flag) -> None:
    row["debit"], row["credit"], row["reference"] = hold.debit, hold.credit, hold.number
    row["amount"], row["flags"], row["code"] = amount_minor, int(flag), Reason.CARD.code


def standing_orders(bank: Bank, ids: IdSource, day: int, days: int, rng: np.random.Generator) -> NDArray[np.void]:
    """Saving: what is there, at most the sum ordered, once in `days` days. Topping up: what the wallet has room for."""
    saves = np.arange(len(bank.savings.account)) % days == day
    sums = amounts(rng, int(np.count_nonzero(saves)), 1_500_00, 0.6)
    saving = _file(
        ids, bank.savings.owner[saves], bank.savings.account[saves], sums, Reason.SAVING, Flag.BALANCING_DEBIT
    )
    fills = np.arange(len(bank.wallets.account)) % 3 == day % 3
    whole = np.full(int(np.count_nonzero(fills)), WALLET_MAX)
    filling = _file(
        ids, bank.wallets.owner[fills], bank.wallets.account[fills], whole, Reason.TOP_UP, Flag.BALANCING_CREDIT
    )
    return np.concatenate([saving, filling])


def payments_by_code(bank: Bank, ids: IdSource, rng: np.random.Generator, homes: Indexes) -> NDArray[np.void]:
    """Small payments at merchants, a third of them out of wallets, a tenth with a fee that stands or falls with it."""
    count = SCANS_A_HOUSEHOLD * len(homes)
    debit = rng.choice(homes, count)
    small = rng.random(count) < 1 / 3
    pockets = bank.wallets.account[np.isin(bank.wallets.owner, homes)]
    debit[small] = rng.choice(pockets, int(np.count_nonzero(small)))
    credit = bank.pick_merchants(rng, count)
    amount = amounts(rng, count, 28_00, 1.0)
    with_fee = rng.random(count) < 0.1
    rows = _file(ids, debit, credit, amount, Reason.SCAN)
    rows["flags"][with_fee] = int(Flag.LINKED)
    rows = np.repeat(rows, 1 + with_fee)
    fee = np.cumsum(1 + with_fee)[with_fee] - 1
    rows["credit"][fee] = bank.own.fees
    # Half a per cent, at least ten fen.
    rows["amount"][fee] = np.maximum(10, rows["amount"][fee] // 200)
    rows["code"][fee] = Reason.FEE.code
    rows["flags"][fee] = 0
    rows["leg"][fee] = 1
    return rows


def supplier_payments(bank: Bank, ids: IdSource, rng: np.random.Generator) -> NDArray[np.void]:
    """What merchants pay the firms that deliver to them, as far as they have it."""
    count = len(bank.merchants)
    sums = amounts(rng, count, 6_000_00, 1.2)
    return _file(ids, bank.merchants, rng.choice(bank.employers, count), sums, Reason.SUPPLIER, Flag.BALANCING_DEBIT)


def receipts(bank: Bank, ids: IdSource) -> NDArray[np.void]:
    """What employers are paid by customers of other banks: about a payroll, with those that are short of it short."""
    payroll = payrolls(bank)
    earned = np.where(short_of_payroll(bank), payroll * 9 // 10, payroll * 11 // 10) + 1
    return _file(ids, np.full(len(payroll), bank.own.clearing), bank.employers, earned, Reason.TRANSFER_IN)


def late_entry(bank: Bank, ids: IdSource, value_date: int, amount_minor: int) -> NDArray[np.void]:
    """A transfer from another bank that was overlooked: interest counts from its value date on."""
    hi, lo = ids.take(1)
    return columns_of(
        txn_hi=hi,
        txn_lo=lo,
        debit=[bank.own.clearing],
        credit=bank.staying[:1],
        amount_minor=[amount_minor],
        code=Reason.ENTERED_LATE.code,
        value_date=[value_date],
    )


def clearing(bank: Bank, ids: IdSource, balance_minor: int) -> NDArray[np.void]:
    """The day's clearing balance (minor units), settled with the central bank; empty when there is none."""
    here, there = np.array([bank.own.clearing]), np.array([bank.own.central_bank])
    debit, credit = (here, there) if balance_minor > 0 else (there, here)
    count = 1 if balance_minor else 0
    return _file(ids, debit[:count], credit[:count], np.array([abs(balance_minor)])[:count], Reason.CLEARING)


def _file(
    ids: IdSource,
    debit: NDArray[np.int64],
    credit: NDArray[np.int64],
    amount_minor: NDArray[np.int64],
    reason: Reason,
    flags: Flag = _PLAIN,
) -> NDArray[np.void]:
    hi, lo = ids.take(len(debit))
    return columns_of(
        txn_hi=hi,
        txn_lo=lo,
        debit=debit,
        credit=credit,
        amount_minor=amount_minor,
        code=reason.code,
        flags=int(flags),
    )
