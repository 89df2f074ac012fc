"""The plain books: every durable block replayed from empty, in ordinary Python, each law checked row by row.

This is the simulation's eye. It shares no code with the engine's machine or its recovery.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from yinhe.kernel.ids import join
from yinhe.ledger.accounts import Effect
from yinhe.ledger.batch import Flag
from yinhe.ledger.columns import PAGE, AccountFlag
from yinhe.ledger.store import Block

MEANT = int(~Flag.WHOLE & 0xFFFF)
"""The flags a caller sets; WHOLE is the ledger's."""


CODE_BULK = 7
"""The transfer code of bulk work; its rows name their step as their value date."""


class Violation(AssertionError):  # noqa: N818 - the name says what happened
    """A law of the books was broken."""


def require(held: bool, what: str) -> None:
    if not held:
        raise Violation(what)


@dataclass
class Account:
    """One account, as the journal says it is."""

    currency: int
    floor: int
    ceiling: int
    limit_daily: int
    flags: int = int(AccountFlag.OPEN)
    balance: int = 0
    held: int = 0
    turnover: int = 0
    turnover_date: int = 0
    last_seq: int = 0


@dataclass
class Hold:
    """One hold, open while `remaining` is above zero."""

    debit: int
    credit: int
    remaining: int
    expires_at: int
    placed_on: int
    expired: bool = False


@dataclass
class Books:
    """What the durable blocks so far add up to."""

    business_date: int
    accounts: list[Account] = field(default_factory=lambda: [Account(0, 0, 0, 0, 0)])
    holds: dict[int, Hold] = field(default_factory=dict)
    transactions: dict[UUID, list[np.void]] = field(default_factory=lambda: defaultdict(list))
    requests: dict[UUID, Effect] = field(default_factory=dict)
    steps: Counter[str] = field(default_factory=Counter)
    details: set[UUID] = field(default_factory=set)
    last_seq: int = 0
    booked_at: int = 0

    def take(self, block: Block) -> None:
        """Add one committed block."""
        require(block.first_seq == self.last_seq + 1, f"block {block.first_seq} follows seq {self.last_seq}: a gap")
        require(block.booked_at >= self.booked_at, "time of booking went back")
        require(block.business_date >= self.business_date, "the business date went back")
        self.booked_at = block.booked_at
        before = set(self.transactions)
        for row in block.rows:
            require(int(row["seq"]) == self.last_seq + 1, f"row {row['seq']} follows seq {self.last_seq}")
            self._take_row(row, before)
            self.last_seq += 1
        if len(block.rows):
            require(not int(block.rows[-1]["flags"]) & Flag.LINKED, "a commit ends inside a transaction")
            require(block.business_date == self.business_date, "rows booked on another business date")
        bulk = block.rows[block.rows["code"] == CODE_BULK]
        require(len(bulk) == 0 or block.checkpoint is not None, "bulk work is committed without its checkpoint")
        steps = {block.checkpoint.step} if block.checkpoint is not None else set[int]()
        require(
            set(bulk["value_date"].tolist()) == steps, f"{block.checkpoint} is committed with the rows of another step"
        )
        for effect in block.effects:
            require(effect.seq == self.last_seq + 1, f"event {effect.seq} follows seq {self.last_seq}")
            self._take_effect(effect)
            self.last_seq += 1
        for detail in block.details:
            require(detail.txn_id not in self.details, f"the details of {detail.txn_id} are written twice")
            require(detail.txn_id in self.transactions, f"details of {detail.txn_id}, which was not posted")
            self.details.add(detail.txn_id)
        if block.checkpoint is not None:
            self.steps[block.checkpoint.job] += 1
            require(
                self.steps[block.checkpoint.job] == block.checkpoint.step, f"{block.checkpoint} is not the next step"
            )
        require(self.last_seq == block.last_seq, f"block says it ends at {block.last_seq}, its rows at {self.last_seq}")

    def _take_row(self, row: np.void, before: set[UUID]) -> None:
        txn_id = join(int(row["txn_hi"]), int(row["txn_lo"]))
        legs = self.transactions[txn_id]
        require(txn_id not in before, f"transaction {txn_id} is applied twice, again at {row['seq']}")
        follows = not legs or (int(legs[-1]["seq"]) == row["seq"] - 1 and int(legs[-1]["flags"]) & Flag.LINKED)
        require(
            bool(follows) and int(row["leg"]) == len(legs),
            f"leg {row['leg']} of {txn_id} at {row['seq']} is out of place",
        )
        legs.append(row.copy())
        self._move(row, int(row["seq"]), int(row["amount"]), Flag(int(row["flags"])))

    def _move(self, row: np.void, seq: int, amount: int, flags: Flag) -> None:
        debit, credit = self.accounts[row["debit"]], self.accounts[row["credit"]]
        require(
            amount > 0 and debit.currency == credit.currency, f"row {seq} moves {amount} between two currencies or none"
        )
        if flags & Flag.PENDING:
            require(int(row["seq"]) not in self.holds, f"hold {seq} is placed twice")
            self.holds[seq] = Hold(
                int(row["debit"]), int(row["credit"]), amount, int(row["reference"]), self.business_date
            )
            debit.held += amount
        elif flags & (Flag.POST | Flag.VOID):
            self._resolve(row, seq, amount, flags, debit)
        if not flags & (Flag.PENDING | Flag.VOID):
            debit.balance -= amount
            credit.balance += amount
            require(credit.balance <= credit.ceiling, f"row {seq} lifts account {row['credit']} over its ceiling")
        if not flags & (Flag.POST | Flag.VOID):
            self._spend(debit, amount)
            require(
                debit.balance - debit.held >= debit.floor, f"row {seq} takes account {row['debit']} below its floor"
            )
            require(debit.turnover <= debit.limit_daily, f"row {seq} takes account {row['debit']} over its daily limit")
        if not flags & Flag.VOID:
            barred = debit.flags & (AccountFlag.CLOSED | AccountFlag.DEBIT_BLOCKED)
            barred |= credit.flags & (AccountFlag.CLOSED | AccountFlag.CREDIT_BLOCKED)
            require(not barred, f"row {seq} moves money on a closed or blocked account")
        said = (int(row["debit_balance"]), int(row["credit_balance"]))
        require(
            said == (debit.balance, credit.balance), f"row {seq} says {said}, but the rows give {debit} and {credit}"
        )
        debit.last_seq = credit.last_seq = seq

    def _resolve(self, row: np.void, seq: int, amount: int, flags: Flag, debit: Account) -> None:
        hold = self.holds.get(int(row["reference"]))
        require(hold is not None, f"row {seq} resolves hold {row['reference']}, which was never placed")
        assert hold is not None
        require((hold.debit, hold.credit) == (row["debit"], row["credit"]), f"row {seq} resolves a hold between others")
        require(
            amount <= hold.remaining, f"row {seq} takes {amount} of hold {row['reference']}, which has {hold.remaining}"
        )
        due = 0 < hold.expires_at <= self.booked_at
        require(
            due == bool(flags & Flag.EXPIRE),
            f"row {seq} resolves hold {row['reference']} on the wrong side of its expiry",
        )
        hold.remaining -= amount
        hold.expired = hold.remaining == 0 and bool(flags & Flag.EXPIRE)
        debit.held -= amount
        if flags & Flag.VOID and hold.placed_on == self.business_date == debit.turnover_date:
            debit.turnover -= amount

    def _spend(self, debit: Account, amount: int) -> None:
        debit.turnover = amount + (debit.turnover if debit.turnover_date == self.business_date else 0)
        debit.turnover_date = self.business_date

    def _take_effect(self, effect: Effect) -> None:
        require(effect.request_id not in self.requests, f"request {effect.request_id} is carried out twice")
        self.requests[effect.request_id] = effect
        body = {name: int(value) for name, value in effect.body.items()}
        match effect.kind:
            case "open":
                require(effect.first_account == len(self.accounts), "accounts opened out of order")
                for index in range(effect.first_account, effect.first_account + effect.accounts):
                    self.accounts.append(Account(*_agreed(effect, index)[:4]))
            case "roll":
                require(body["business_date"] > self.business_date, "the business date did not move on")
                self.business_date = body["business_date"]
            case "limits":
                account = self.accounts[effect.first_account]
                account.floor, account.ceiling, account.limit_daily = (
                    body["floor"],
                    body["ceiling"],
                    body["limit_daily"],
                )
            case _:
                account = self.accounts[effect.first_account]
                require(effect.kind != "close" or (account.balance, account.held) == (0, 0), "closed with money on it")
                account.flags = body["flags"]
        for page in effect.pages["page"].tolist():
            for index in range(page * PAGE, min((page + 1) * PAGE, len(self.accounts))):
                account = self.accounts[index]
                known = (account.currency, account.floor, account.ceiling, account.limit_daily, account.flags)
                require(
                    _agreed(effect, index) == known, f"the page of {effect.kind} has account {index} wrong: {known}"
                )

    def balance_by_currency(self) -> dict[int, int]:
        """Sums of all balances; each must be zero."""
        sums: dict[int, int] = defaultdict(int)
        for account in self.accounts:
            sums[account.currency] += account.balance
        return sums

    def check(self) -> None:
        """The laws that hold between commits."""
        require(not any(self.balance_by_currency().values()), f"the books do not balance: {self.balance_by_currency()}")
        held: dict[int, int] = defaultdict(int)
        for hold in self.holds.values():
            held[hold.debit] += hold.remaining
        for index, account in enumerate(self.accounts):
            require(account.held == held[index], f"account {index} holds {account.held}, its holds say {held[index]}")


def _agreed(effect: Effect, index: int) -> tuple[int, ...]:
    """Currency, limits and flags of an account on the pages of an effect."""
    page = effect.pages[effect.pages["page"] == index // PAGE][0]
    return tuple(int(page[name][index % PAGE]) for name in ("currency", "floor", "ceiling", "limit_daily", "flags"))


def same_content(asked: NDArray[np.void], rows: list[np.void]) -> bool:
    """Whether journal rows are what these transfers (dtype TRANSFER) asked for, leg by leg."""
    return len(asked) == len(rows) and all(_same_leg(a, row) for a, row in zip(asked, rows, strict=True))


def _same_leg(asked: np.void, row: np.void) -> bool:
    if any(asked[name] != row[name] for name in ("debit", "credit", "code", "leg")):
        return False
    flags = int(asked["flags"])
    if flags & MEANT != int(row["flags"]) & MEANT or (
        flags & Flag.VALUE_DATED and asked["value_date"] != row["value_date"]
    ):
        return False
    if flags & (Flag.BALANCING_DEBIT | Flag.BALANCING_CREDIT):
        return bool(row["reference"] == asked["amount"] and 0 < row["amount"] <= asked["amount"])
    if asked["amount"] == 0:
        return bool(int(row["flags"]) & Flag.WHOLE) and bool(row["reference"] == asked["reference"])
    return bool(row["amount"] == asked["amount"] and row["reference"] == asked["reference"])
