"""A unit's journal as beancount 3 reads it, streamed: what is held in memory grows with accounts, not with rows.

Signs: in beancount a positive posting is a debit, a negative one a credit. The ledger's balance is credits less debits,
so every amount and balance changes its sign: a deposit of 100.00 is a liability of -100.00.

Balances at the end are those the ledger itself wrote beside each account's last row, with no tolerance; beancount's
own are sums of the transactions. A file that bean-check accepts proves that the ledger's balances are those sums.
Syntax: "Beancount Language Syntax", https://beancount.github.io/docs/beancount_language_syntax.html
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Final, TextIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.export.books import Books, JournalRow
from yinhe.kernel.account_number import AccountNumber, encode
from yinhe.kernel.currency import Currency, currency_by_number
from yinhe.ledger.batch import Flag

Watch = Callable[[str, int, int], None]
"""Hears how far a stage has come: its name, what is done, and of how many."""

_MOVES_NO_MONEY: Final = int(Flag.PENDING | Flag.VOID)
_NAMES_CACHED: Final = 1 << 17
_WATCH_EVERY: Final = 1_000


class Written(msgspec.Struct, frozen=True):
    """What was written: up to which seq, how many accounts and how many transactions."""

    seq: int
    accounts: int
    transactions: int


class _Accounts:
    """Every account's currency, general-ledger code and balance so far, by index: 14 bytes an account."""

    def __init__(self, count: int) -> None:
        self.currency: NDArray[np.uint16] = np.zeros(count + 1, np.uint16)
        self.gl_code: NDArray[np.int32] = np.zeros(count + 1, np.int32)
        self.balance_minor: NDArray[np.int64] = np.zeros(count + 1, np.int64)


def write_beancount(books: Books, out: TextIO, watch: Watch) -> Written:
    """Write the whole journal as of one moment to `out`, which stays open."""
    with books.snapshot():
        status = books.status()
        accounts = _Accounts(status.accounts)
        name = _namer(books.unit, accounts)
        out.writelines(_header(books.unit, status.seq, status.business_date))
        for opened in books.accounts():
            accounts.currency[opened.account], accounts.gl_code[opened.account] = opened.currency, opened.gl_code
            commodity = currency_by_number(opened.currency).code
            out.write(f"{opened.opened} open {name(opened.account)} {commodity}\n")
        transactions = 0
        codes = books.transfer_codes()
        for _, group in groupby(books.journal(), key=lambda row: row.txn_id):
            rows = list(group)
            for row in rows:
                accounts.balance_minor[row.debit] = row.debit_balance_minor
                accounts.balance_minor[row.credit] = row.credit_balance_minor
            moving = [row for row in rows if not row.flags & _MOVES_NO_MONEY]
            if moving:
                transactions += 1
                out.writelines(_transaction(moving, name, _currency_of(accounts, moving[0].debit), codes))
            if transactions % _WATCH_EVERY == 0:
                watch("Writing", rows[-1].seq, status.seq)
        out.writelines(_balances(accounts, name, status.business_date + timedelta(days=1)))
        watch("Writing", status.seq, status.seq)
    return Written(status.seq, status.accounts, transactions)


def account_name(unit: int, account: int, gl_code: int) -> str:
    """Return an account's name in beancount: `Liabilities:201101:0001000000000177`, root by the general-ledger code.

    Roots follow the classes of the Chinese chart of accounts (财政部《企业会计准则——应用指南》附录):
    1 assets, 2 liabilities, 3 common (clearing, here assets), 4 equity, 5 costs, 6 profit and loss, of which 60 to 63
    is income. A code outside the chart is put under equity.
    """
    code = str(abs(gl_code))
    match code[0]:
        case "1" | "3":
            root = "Assets"
        case "2":
            root = "Liabilities"
        case "5":
            root = "Expenses"
        case "6":
            root = "Income" if code[1:2] < "4" else "Expenses"
        case _:
            root = "Equity"
    return f"{root}:{code}:{encode(AccountNumber(unit, account))}"


def _namer(unit: int, accounts: _Accounts) -> Callable[[int], str]:
    @lru_cache(_NAMES_CACHED)
    def name(account: int) -> str:
        return account_name(unit, account, int(accounts.gl_code[account]))

    return name


def _currency_of(accounts: _Accounts, account: int) -> Currency:
    return currency_by_number(int(accounts.currency[account]))


def _header(unit: int, seq: int, business_date: date) -> Iterator[str]:
    yield f";; The journal of unit {unit} up to seq {seq}; its business date is {business_date}.\n"
    yield ";; A positive posting is a debit, a negative one a credit; each account ends with the ledger's balance.\n"
    yield f'option "title" "Yinhe unit {unit}"\n\n'


def _transaction(
    rows: list[JournalRow], name: Callable[[int], str], currency: Currency, codes: dict[int, str]
) -> Iterator[str]:
    first = rows[0]
    words = first.narrative or codes.get(first.code, f"Transfer code {first.code}")
    yield f'\n{first.business_date} * "{_escaped(words)}"\n  txn_id: "{first.txn_id}"\n  seq: {first.seq}\n'
    for row in rows:
        amount = _decimal(row.amount_minor, currency)
        yield f"  {name(row.debit)}  {amount} {currency.code}\n"
        if row.value_date != row.business_date:
            yield f"    value_date: {row.value_date}\n"
        yield f"  {name(row.credit)}  -{amount} {currency.code}\n"


def _balances(accounts: _Accounts, name: Callable[[int], str], day: date) -> Iterator[str]:
    """Yield each account's balance at the start of a day; the tolerance of 0 is written out, or 0.01 would pass."""
    yield "\n"
    for account in range(1, len(accounts.currency)):
        currency = _currency_of(accounts, account)
        amount = _decimal(-int(accounts.balance_minor[account]), currency)
        yield f"{day} balance {name(account)}  {amount} ~ 0 {currency.code}\n"


def _decimal(amount_minor: int, currency: Currency) -> str:
    whole, decimals = divmod(abs(amount_minor), 10**currency.scale)
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{whole}.{decimals:0{currency.scale}d}" if currency.scale else f"{sign}{whole}"


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
