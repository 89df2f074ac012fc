"""A banking hall for tables of postings: accounts by name, set as the case wants them, and the engine behind them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from yinhe.kernel.clock import ManualClock
from yinhe.kernel.ids import IdSource
from yinhe.ledger.accounts import OpenAccounts, openings
from yinhe.ledger.batch import Flag, Transfer, rows_of
from yinhe.ledger.columns import AMOUNT_MAX, AccountFlag
from yinhe.ledger.core import Core
from yinhe.ledger.outcomes import Outcome

from ...property.ledger.memory_store import MemoryStore

TODAY = 20_000
NOON = TODAY * 86_400_000_000 + 43_200_000_000
YUAN, DOLLAR = 156, 840
NONE = Flag(0)


@dataclass(frozen=True)
class A:
    """An account before the postings; amounts in minor units."""

    balance: int = 0
    floor: int = 0
    ceiling: int = AMOUNT_MAX
    limit_daily: int = AMOUNT_MAX
    spent: int = 0
    currency: int = YUAN
    flags: AccountFlag = AccountFlag.OPEN


def uuid7(number: int, unix_ms: int = NOON // 1000) -> UUID:
    return UUID(int=unix_ms << 80 | 0x7 << 76 | 0b10 << 62 | number)


class Hall:
    """One unit over a store in memory, at noon."""

    def __init__(self, *accounts: A, segment_rows: int = 1 << 12, identities: int = 64) -> None:
        self.clock = ManualClock(NOON)
        self.store = MemoryStore(TODAY, segment_rows)
        self.identities = identities
        self.core = self._core()
        self.number = 0
        rows = openings(len(accounts), currency=YUAN, gl_code=2011)
        for row, account in zip(rows, accounts, strict=True):
            row["currency"], row["floor"], row["ceiling"] = account.currency, account.floor, account.ceiling
            row["limit_daily"] = account.limit_daily
        opened = self.core.command(OpenAccounts(self.id(), rows))
        self.keep(opened.block)
        for index, account in enumerate(accounts, 1):
            self.set(index, balance=account.balance, turnover=account.spent, turnover_date=TODAY, flags=account.flags)

    def _core(self) -> Core:
        core = Core(self.store, self.clock, IdSource(self.clock, 1), self.identities)
        core.recover()
        return core

    def id(self) -> UUID:
        self.number += 1
        return uuid7(self.number)

    def set(self, index: int, **fields: int) -> None:
        for name, value in fields.items():
            self.core.columns.line[name][index] = value

    def keep(self, block: Any) -> None:
        if block is not None:
            self.store.append(block)
            self.core.committed(block)

    def t(self, debit: int, credit: int, amount: int, flags: Flag = NONE, **more: Any) -> Transfer:
        """A transfer; a new id unless the case gives one."""
        txn_id = more.pop("txn_id", None) or self.id()
        return Transfer(txn_id=txn_id, debit=debit, credit=credit, amount_minor=amount, flags=flags, **more)

    def post(self, *transfers: Transfer) -> list[Outcome]:
        return self.post_rows(rows_of(transfers))

    def post_rows(self, rows: NDArray[np.void]) -> list[Outcome]:
        work = self.core.apply(rows)
        self.keep(work.block)
        self.seqs: list[int] = work.answers.seq.tolist()
        return [Outcome(outcome) for outcome in work.answers.outcome.tolist()]

    def write_pass(self) -> None:
        balances = self.core.begin_pass()
        if balances is not None:
            self.store.write_pass(balances)

    def restart(self) -> None:
        self.write_pass()
        self.core = self._core()

    def balance(self, index: int) -> int:
        return int(self.core.columns.line["balance"][index])

    def held(self, index: int) -> int:
        return int(self.core.columns.line["held"][index])

    def spent(self, index: int) -> int:
        return int(self.core.columns.line["turnover"][index])
