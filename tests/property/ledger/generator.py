"""Requests a bank might get, good and bad, from a source of randomness and a look at the books.

Few accounts and small numbers, so that everything collides: the same holds, ids, floors, ceilings and limits.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from uuid import UUID

from yinhe.ledger.accounts import (
    AccountCommand,
    CloseAccount,
    OpenAccounts,
    RollDate,
    SetBlocks,
    SetLimits,
    openings,
)
from yinhe.ledger.batch import VALUE_DATE_MAX, VALUE_DATE_MIN, Flag
from yinhe.ledger.columns import AMOUNT_MAX, PAGE
from yinhe.ledger.rules import ID_SKEW_MS

from .model import BALANCING, Asked, Model

YUAN, DOLLAR = 156, 840
DAY_US = 86_400_000_000


def uuid7(unix_ms: int, number: int) -> UUID:
    """A version-7 id of a time; `number` makes it unique."""
    return UUID(int=unix_ms << 80 | 0x7 << 76 | 0b10 << 62 | number)


class Requests:
    """Makes requests against one model's books, and remembers those it made, to make them again."""

    def __init__(self, random: Random, first_number: int = 1) -> None:
        self.random = random
        self.number = first_number
        self.transactions: list[list[Asked]] = []
        self.commands: list[AccountCommand] = []

    def _chance(self, one_in: int) -> bool:
        return self.random.randrange(one_in) == 0

    def _id(self, now: int) -> UUID:
        self.number += 1
        now_ms = now // 1000
        ages = [0] * 24 + [40_000, 7 * 86_400_000] * 4 + [-ID_SKEW_MS, -ID_SKEW_MS, -ID_SKEW_MS - 1, -86_400_000]
        fresh = uuid7(now_ms - self.random.choice(ages), self.number)
        if self._chance(25):
            wrong_version, wrong_variant = fresh.int ^ 0x3 << 76, fresh.int ^ 1 << 63
            return UUID(int=self.random.choice((wrong_version, wrong_variant)))
        return fresh

    # --- transfers

    def batch(self, model: Model, now: int) -> list[Asked]:
        """A few transactions, not all of them sound."""
        batch: list[Asked] = []
        for _ in range(self.random.randint(1, 6)):
            legs = self._again() if self.transactions and self._chance(6) else self._transaction(model, now)
            self.transactions.append(legs)
            batch += legs
        return batch

    def _transaction(self, model: Model, now: int) -> list[Asked]:
        txn_id = self._id(now)
        count = self.random.choice((1,) * 9 + (2, 2, 3, 4))
        legs = [
            replace(
                self._leg(model, now, placed=model.books.next_seq + number),
                txn_id=txn_id,
                leg=number,
            )
            for number in range(count)
        ]
        legs = [*(replace(leg, flags=leg.flags | Flag.LINKED) for leg in legs[:-1]), legs[-1]]
        return self._broken(legs) if self._chance(15) else legs

    def _broken(self, legs: list[Asked]) -> list[Asked]:
        ways: list[Callable[[], list[Asked]]] = [
            lambda: [*legs[:-1], replace(legs[-1], flags=legs[-1].flags | Flag.LINKED)],
            lambda: [replace(leg, flags=leg.flags & ~Flag.LINKED) for leg in legs],
            lambda: [*legs[:-1], replace(legs[-1], leg=legs[-1].leg + 1)],
            lambda: legs[1:] or legs,
            lambda: legs[::-1],
            lambda: [*legs[:-1], replace(legs[-1], txn_id=uuid7(legs[0].txn_id.int >> 80, self.number + 10**6))],
        ]
        return self.random.choice(ways)()

    def _again(self) -> list[Asked]:
        """A transaction asked before, as it was or with something changed."""
        legs = list(self.random.choice(self.transactions[-30:]))
        if self._chance(2):
            return legs
        at = self.random.randrange(len(legs))
        leg = legs[at]
        changes = [
            {"amount": leg.amount + 1},
            {"debit": leg.credit, "credit": leg.debit},
            {"debit": leg.debit + 1},
            {"code": leg.code + 1},
            {"flags": leg.flags ^ self.random.choice([Flag.REVERSAL, Flag.PENDING, Flag.WHOLE, Flag.LINKED])},
            {"reference": leg.reference + 1},
            {"value_date": 3 if leg.value_date is None else None},
        ]
        legs[at] = replace(leg, **self.random.choice(changes))
        return legs[:-1] if len(legs) > 1 and self._chance(6) else legs

    def _amount(self) -> int:
        if self._chance(16):
            return self.random.choice(
                (0, -1, AMOUNT_MAX + 1, AMOUNT_MAX, AMOUNT_MAX - 3, AMOUNT_MAX - 60, AMOUNT_MAX // 2, -AMOUNT_MAX)
            )
        return self.random.randint(1, 9)

    def _pair(self, model: Model) -> tuple[int, int]:
        beyond = len(model.books.accounts) + 1
        if self._chance(30):
            return self.random.choice(((1, 1), (0, 1), (1, beyond), (-1, 2), (beyond, beyond)))
        debit, credit = self._account(model), self._account(model)
        if not self._chance(10):
            # The same two currencies and two different accounts would otherwise be rare.
            accounts = model.books.accounts
            fitting = [i for i in accounts if i != debit and accounts[i].currency == accounts[debit].currency]
            credit = credit if credit in fitting else self.random.choice(fitting[:5])
        return debit, credit

    def _account(self, model: Model) -> int:
        """One of the few that are used, on both sides of a page's edge."""
        last = len(model.books.accounts)
        return self.random.choice((1, 1, *range(1, 8), *range(PAGE, last + 1)))

    def _leg(self, model: Model, now: int, *, placed: int) -> Asked:
        kind = self.random.choice(
            ("plain",) * 6 + ("hold",) * 4 + ("end",) * 6 + ("balancing",) * 3 + ("reversal", "odd")
        )
        debit, credit = self._pair(model)
        asked = Asked(UUID(int=0), debit, credit, self._amount(), code=self.random.choice((0, 7)))
        if self._chance(8):
            dates = (model.business_date - 3, 0, VALUE_DATE_MIN, VALUE_DATE_MAX, VALUE_DATE_MIN - 1, VALUE_DATE_MAX + 1)
            asked = replace(asked, value_date=self.random.choice(dates))
        if self._chance(60):
            asked = replace(asked, code=-1)
        if kind == "hold":
            asked = self._on_credit(model, asked) if self._chance(3) else asked
            expiry = self.random.choice((0, 0, 0, now - 1, now, now + 1, now + 2_000_000, now + DAY_US, -1))
            return replace(asked, flags=Flag.PENDING, reference=expiry)
        if kind == "end":
            return self._end_of_hold(model, asked, placed)
        if kind == "balancing":
            flags = self.random.choice((Flag.BALANCING_DEBIT, Flag.BALANCING_CREDIT, BALANCING))
            return replace(asked, flags=flags, amount=self.random.choice((asked.amount, 50, AMOUNT_MAX)))
        if kind == "reversal":
            return replace(asked, flags=Flag.REVERSAL, reference=self.random.choice((1, placed - 1, placed, 0)))
        if kind == "odd":
            return replace(
                asked,
                flags=Flag(self.random.randrange(1024)) & ~Flag.VALUE_DATED,
                reference=self.random.choice((0, 1, 5)),
            )
        return asked

    def _on_credit(self, model: Model, asked: Asked) -> Asked:
        """The same from an account that has nothing but may go below zero, so that it is empty and yet held on."""
        accounts = model.books.accounts
        empty = [i for i, account in accounts.items() if i > 2 and account.balance == 0 and account.floor < 0]
        if not empty:
            return asked
        debit = self.random.choice(empty)
        others = [i for i in accounts if i != debit and accounts[i].currency == accounts[debit].currency]
        return replace(asked, debit=debit, credit=self.random.choice(others))

    def _end_of_hold(self, model: Model, asked: Asked, placed: int) -> Asked:
        flags = self.random.choice((Flag.POST, Flag.POST, Flag.VOID, Flag.VOID | Flag.EXPIRE))
        still_open = [seq for seq, hold in model.books.holds.items() if hold.state == "open"]
        numbers = still_open * 3 + list(model.books.holds)[-10:] + [placed - 1, 1, 10**6]
        number = self.random.choice(numbers)
        amount = self.random.choice((0, 0, 1, 2, asked.amount))
        hold = model.books.holds.get(number)
        if hold is not None and not self._chance(8):
            asked = replace(asked, debit=hold.debit, credit=hold.credit)
            amount = self.random.choice((amount, hold.remaining, hold.remaining + 1))
        elif hold is not None and hold.credit != asked.credit and self._chance(2):
            asked = replace(asked, debit=hold.debit)
        if amount == 0 and self._chance(40):
            flags |= Flag.WHOLE
        return replace(asked, flags=flags, reference=number, amount=amount)

    # --- accounts

    def opening(self, now: int) -> OpenAccounts:
        """The unit's first accounts: two that may go anywhere, customers with narrow limits, and dollars."""
        accounts = openings(PAGE + 2, currency=YUAN, gl_code=2011)
        unlimited = (-AMOUNT_MAX, AMOUNT_MAX, AMOUNT_MAX)
        limits = [unlimited, unlimited, (0, AMOUNT_MAX, 25), (0, 30, AMOUNT_MAX), (-20, 40, 30), unlimited, (0, 20, 40)]
        for i, (floor, ceiling, limit_daily) in enumerate(limits):
            accounts[i]["floor"], accounts[i]["ceiling"], accounts[i]["limit_daily"] = floor, ceiling, limit_daily
        accounts["limit_daily"][PAGE] = 15
        accounts["currency"][5:7] = DOLLAR
        self.number += 1
        return OpenAccounts(uuid7(now // 1000, self.number), accounts)

    def command(self, model: Model, now: int) -> AccountCommand:
        """One account command, not always sound, sometimes one made before."""
        if self.commands and self._chance(5):
            return self._command_again(self.random.choice(self.commands))
        request_id = self._id(now)
        account = self.random.choice((*range(3, 8), *range(PAGE, len(model.books.accounts) + 2)))
        makers: Sequence[Callable[[], AccountCommand]] = (
            lambda: self._openings(request_id),
            lambda: SetLimits(request_id, account, *self._limits()),
            lambda: SetLimits(request_id, account, *self._limits()),
            lambda: SetBlocks(request_id, account, self._chance(4), self._chance(4)),
            lambda: SetBlocks(request_id, account, self._chance(4), self._chance(4)),
            lambda: CloseAccount(request_id, self._to_close(model, account)),
            lambda: CloseAccount(request_id, self._to_close(model, account)),
            lambda: RollDate(
                request_id, model.business_date + self.random.choice((1, 1, 1, 2, 0, -1, 10**5, -(10**5)))
            ),
        )
        command = self.random.choice(makers)()
        self.commands.append(command)
        return command

    def _command_again(self, command: AccountCommand) -> AccountCommand:
        if self._chance(2):
            return command
        return CloseAccount(command.request_id, 3)

    def _openings(self, request_id: UUID) -> OpenAccounts:
        accounts = openings(self.random.randint(1, 2), currency=YUAN, gl_code=2012, product=3, branch=4)
        for i in range(len(accounts)):
            accounts[i]["floor"], accounts[i]["ceiling"], accounts[i]["limit_daily"] = self._limits()
        if self._chance(3):
            accounts["currency"] = 999
        return OpenAccounts(request_id, accounts)

    def _to_close(self, model: Model, otherwise: int) -> int:
        books = model.books
        empty = [i for i, account in books.accounts.items() if i > 2 and account.balance == 0 and account.last_seq]
        with_holds = [i for i in empty if books.held(i)]
        return self.random.choice(with_holds * 3 + empty) if empty and not self._chance(3) else otherwise

    def _limits(self) -> tuple[int, int, int]:
        floor = self.random.choice((0, 0, -10, -AMOUNT_MAX, 15, 60, -AMOUNT_MAX - 1))
        ceiling = self.random.choice((AMOUNT_MAX, AMOUNT_MAX, 20, 50, 5, 0, AMOUNT_MAX + 1))
        return floor, ceiling, self.random.choice((AMOUNT_MAX, AMOUNT_MAX, 10, 20, 0, -1, AMOUNT_MAX + 1))
