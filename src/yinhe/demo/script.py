"""What the households of one lane ask for online in one day, drawn before the day begins.

A step may refer to an earlier one (post that hold, send that request again), so a lane runs its steps in order; lanes
share only accounts that are never short of money or room, so what is answered does not depend on how lanes interleave.
"""

import heapq
from bisect import bisect_right
from enum import Enum, unique
from itertools import accumulate, count
from typing import Final, NamedTuple

import numpy as np

from yinhe.demo.bank import FROZEN, LANES, LEAVING, REGULAR, STOPPED, WALLET_MAX, Bank, Indexes, Side
from yinhe.demo.bulk import Fate
from yinhe.demo.days import HOLDS_END_AT, time_of
from yinhe.demo.names import Reason
from yinhe.ledger.batch import Flag
from yinhe.ledger.columns import AMOUNT_MAX

REGULAR_SHARE: Final = 0.02
"""Of a lane's requests, those of its busiest household."""
SAME_DAY_STEPS: Final = 30
"""After how many further steps, at most, a hold that is settled the same day is settled."""
RATES: Final = {"euros": 780, "dollars": 715}
"""Fen for one euro or dollar: figures for the sample, not quotations."""
_PLAIN: Final = Flag(0)


@unique
class Act(Enum):
    """How a step is carried out."""

    SEND = "a new request"
    SETTLE = "post or void the hold that step `of` placed"
    RETRY = "send step `of` again: same id, same content"
    REUSE = "other content under the id of step `of`"
    REVERSE = "take step `of` back"
    SEND_MALFORMED = "a request whose id is no UUIDv7"
    SEND_FROM_FUTURE = "a request whose id is of tomorrow"
    CLOSE = "close the contract of the account that the leg debits, all of it paid to the one it credits"


class Leg(NamedTuple):
    """One transfer to come; the amount in minor units."""

    debit: int
    credit: int
    amount_minor: int
    reason: Reason
    flags: Flag = _PLAIN
    reference: int = 0
    value_date: int | None = None


class Step(NamedTuple):
    """One thing a client does; `of` is the place of the earlier step it is about, `fate` that of an open hold."""

    act: Act
    legs: tuple[Leg, ...]
    of: int = -1
    fate: Fate | None = None


class Today(NamedTuple):
    """Which of the sample bank's days it is: its number from 0, and its date in days since 1970-01-01."""

    number: int
    date: int


def write_script(bank: Bank, lane: int, today: Today, requests: int, rng: np.random.Generator) -> tuple[Step, ...]:
    """About `requests` steps of one lane; the same for the same draws."""
    writer = _Writer(bank, lane, today, rng)
    writer.leave()
    while len(writer.steps) < requests // 2:
        writer.write()
    writer.take_back()
    while len(writer.steps) < requests:
        writer.write()
    writer.finish()
    return tuple(writer.steps)


class _Writer:
    """Writes one lane's script."""

    def __init__(self, bank: Bank, lane: int, today: Today, rng: np.random.Generator) -> None:
        self.steps: Final[list[Step]] = []
        self._bank: Final = bank
        self._today: Final = today
        self._rng: Final = rng
        self._homes: Final = bank.lane(lane)
        self._euros: Final = _served(bank, bank.euros, lane)
        self._dollars: Final = _served(bank, bank.dollars, lane)
        self._wallets: Final = _served(bank, bank.wallets, lane)
        self._later: Final[list[tuple[int, int, Step]]] = []
        """Steps to come: a heap by the place they come at; the number keeps those of one place in order."""
        self._numbers: Final = count()
        self._holds: Final[list[int]] = []
        """Places of the steps that placed holds and settled them whole."""
        self._payments: Final[list[int]] = []
        """Places of the steps that a client could send again or take back."""
        self._habits: Final = (
            (24, self._card),
            (10, self._abroad),
            (16, self._transfer),
            (8, self._transfer_out),
            (8, self._transfer_in),
            (10, self._cash_out),
            (5, self._cash_in),
            (5, self._exchange),
            (4, self._again),
            (1, self._under_old_id),
            (8, self._astray),
        )
        self._odds: Final = tuple(accumulate(weight for weight, _ in self._habits))

    def write(self) -> None:
        """Write what is due, else what a client thinks of."""
        if self._later and self._later[0][0] <= len(self.steps):
            self._add(heapq.heappop(self._later)[2])
        else:
            drawn = int(self._rng.integers(self._odds[-1]))
            self._habits[bisect_right(self._odds, drawn)][1]()

    def finish(self) -> None:
        """Write what is still to come."""
        while self._later:
            self._add(heapq.heappop(self._later)[2])

    def leave(self) -> None:
        """One household takes all its money along and closes its account."""
        home = int(self._homes[LEAVING + self._today.number])
        self._add(Step(Act.CLOSE, (Leg(home, self._bank.own.cash, 0, Reason.CASH_OUT),)))

    def take_back(self) -> None:
        """One payment was a mistake."""
        if self._payments:
            self._add(Step(Act.REVERSE, (), self._payments.pop()))

    # --- what households do

    def _card(self) -> None:
        """A hold at the till; part of them settled today, part tomorrow, part never."""
        home, merchant = self._home(), self._merchant()
        amount = self._amount(120_00, 1.0)
        drawn = self._rng.random()
        place = len(self.steps)
        fate = _fate(drawn)
        ends = time_of(self._today.date, HOLDS_END_AT) if fate in (Fate.EXPIRES, Fate.LATE) else 0
        self._add(Step(Act.SEND, (Leg(home, merchant, amount, Reason.CARD, Flag.PENDING, ends),), fate=fate))
        if fate is not None:
            return
        due = place + int(self._rng.integers(1, SAME_DAY_STEPS))
        if drawn < 0.10 and amount > 1:
            self._settle_later(due, place, Flag.POST, amount * 3 // 4 or 1)
            self._settle_later(due + 1, place, Flag.VOID, 0)
        elif drawn < 0.18:
            self._settle_later(due, place, Flag.VOID, 0)
        else:
            self._settle_later(due, place, Flag.POST, 0)
            self._holds.append(place)

    def _abroad(self) -> None:
        """A purchase and its fee: both or neither."""
        home, amount = self._home(), self._amount(300_00, 1.0)
        self._send_with_fee(home, amount, Reason.CARD_ABROAD, max(1_00, amount * 3 // 200))

    def _transfer_out(self) -> None:
        """To another bank, for a fee."""
        self._send_with_fee(self._home(), self._amount(900_00, 1.2), Reason.TRANSFER_OUT, 2_00)

    def _transfer(self) -> None:
        home, other = self._home(), self._home()
        if home != other:
            self._payments.append(len(self.steps))
            self._send(home, other, self._amount(400_00, 1.2), Reason.TRANSFER)

    def _transfer_in(self) -> None:
        self._send(self._bank.own.clearing, self._home(), self._amount(800_00, 1.2), Reason.TRANSFER_IN)

    def _cash_out(self) -> None:
        self._payments.append(len(self.steps))
        hundreds = int(self._rng.integers(1, 30))
        self._send(self._home(), self._bank.own.cash, hundreds * 100_00, Reason.CASH_OUT)

    def _cash_in(self) -> None:
        self._send(self._bank.own.cash, self._home(), int(self._rng.integers(1, 50)) * 100_00, Reason.CASH_IN)

    def _exchange(self) -> None:
        """Yuan for foreign money, or back: a leg in each currency through the bank's position."""
        own = self._bank.own
        in_euros = self._rng.random() < 0.5
        side, position = (self._euros, own.position_eur) if in_euros else (self._dollars, own.position_usd)
        place = int(self._rng.integers(len(side.account)))
        account, home = int(side.account[place]), int(side.owner[place])
        foreign = self._amount(100_00, 0.8)
        yuan = foreign * RATES["euros" if in_euros else "dollars"] // 100
        if self._rng.random() < 0.7:
            legs = (home, own.position, yuan), (position, account, foreign)
        else:
            legs = (account, position, foreign), (own.position, home, yuan)
        self._add(Step(Act.SEND, (Leg(*legs[0], Reason.EXCHANGE, Flag.LINKED), Leg(*legs[1], Reason.EXCHANGE))))

    def _again(self) -> None:
        """A client that did not hear the answer sends the same again."""
        if self._payments:
            place = self._payments[int(self._rng.integers(len(self._payments)))]
            self._add(Step(Act.RETRY, self.steps[place].legs, place))

    def _under_old_id(self) -> None:
        """A client that uses an id twice, for something else."""
        if self._payments:
            place = self._payments[-1]
            leg = self.steps[place].legs[0]
            self._add(Step(Act.REUSE, (leg._replace(amount_minor=leg.amount_minor + 1_00),), place))

    def _astray(self) -> None:
        """One of the requests that are never or hardly ever granted."""
        astray = self._mistakes()
        self._add(astray[int(self._rng.integers(len(astray)))])

    def _mistakes(self) -> tuple[Step, ...]:
        bank, homes = self._bank, self._homes
        home, merchant, amount = self._home(), self._merchant(), self._amount(200_00, 0.8)
        plain = Leg(home, merchant, amount, Reason.CARD)
        number = Flag.POST, bank.unknown << 32
        legs = (
            plain._replace(amount_minor=48_000_00),
            plain._replace(amount_minor=60_000_00),
            plain._replace(debit=int(homes[STOPPED])),
            plain._replace(credit=int(homes[FROZEN]), reason=Reason.TRANSFER),
            plain._replace(debit=int(homes[LEAVING])),
            plain._replace(credit=int(self._wallets.account[0]), amount_minor=WALLET_MAX + 1, reason=Reason.TRANSFER),
            plain._replace(credit=int(self._euros.account[0]), reason=Reason.TRANSFER),
            plain._replace(credit=bank.unknown),
            plain._replace(credit=home),
            plain._replace(amount_minor=0),
            plain._replace(amount_minor=AMOUNT_MAX + 1),
            plain._replace(flags=Flag.LINKED),
            plain._replace(flags=Flag.PENDING | Flag.REVERSAL),
            plain._replace(flags=number[0], reference=number[1]),
            plain._replace(value_date=-(2**20)),
        )
        steps = [Step(Act.SEND, (leg,)) for leg in legs]
        steps += [Step(Act.SEND_MALFORMED, (plain,)), Step(Act.SEND_FROM_FUTURE, (plain,))]
        if self._holds:
            place = self._holds[-1]
            held = self.steps[place].legs[0]
            wanted = (
                held._replace(flags=Flag.POST, amount_minor=0, reference=0),
                held._replace(flags=Flag.POST, amount_minor=held.amount_minor * 2, reference=0),
                held._replace(flags=Flag.POST, amount_minor=0, reference=0, credit=bank.own.fees),
            )
            steps += [Step(Act.SETTLE, (leg,), place) for leg in wanted]
        return tuple(steps)

    # --- helpers

    def _home(self) -> int:
        regular = self._rng.random() < REGULAR_SHARE
        return int(self._homes[REGULAR if regular else self._rng.integers(len(self._homes))])

    def _merchant(self) -> int:
        return int(self._bank.pick_merchants(self._rng, 1)[0])

    def _amount(self, median: int, sigma: float) -> int:
        return max(1, round(median * self._rng.lognormal(0.0, sigma)))

    def _add(self, step: Step) -> None:
        self.steps.append(step)

    def _send(self, debit: int, credit: int, amount: int, reason: Reason, flags: Flag = _PLAIN) -> None:
        self._add(Step(Act.SEND, (Leg(debit, credit, amount, reason, flags),)))

    def _send_with_fee(self, home: int, amount: int, reason: Reason, fee: int) -> None:
        own = self._bank.own
        legs = Leg(home, own.clearing, amount, reason, Flag.LINKED), Leg(home, own.fees, fee, Reason.FEE)
        self._add(Step(Act.SEND, legs))

    def _settle_later(self, due: int, place: int, flag: Flag, amount: int) -> None:
        leg = self.steps[place].legs[0]._replace(flags=flag, amount_minor=amount, reference=0)
        heapq.heappush(self._later, (due, next(self._numbers), Step(Act.SETTLE, (leg,), place)))


def _fate(drawn: float) -> Fate | None:
    """By a uniform draw, what becomes of a hold; None when it is settled today."""
    for below, fate in (
        (0.50, None),
        (0.70, Fate.SETTLED_WHOLE),
        (0.80, Fate.SETTLED_PART),
        (0.90, Fate.EXPIRES),
        (0.94, Fate.LATE),
    ):
        if drawn < below:
            return fate
    return Fate.STAYS


def _served(bank: Bank, side: Side, lane: int) -> Side:
    """The accounts whose owners a lane serves."""
    mine = (side.owner - bank.households[0]) % LANES == lane
    accounts: Indexes = side.account[mine]
    return Side(accounts, side.owner[mine])
