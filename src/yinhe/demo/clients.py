"""The online clients: each lane is a thread that hands in small requests, a few at a time, and hears the answers."""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Final
from uuid import UUID

import msgspec
import numpy as np

from yinhe.demo.bulk import Fate, Overnight
from yinhe.demo.days import DAY_US
from yinhe.demo.script import Act, Leg, Step
from yinhe.demo.tally import Tally
from yinhe.deposits.commands import Close
from yinhe.deposits.refusals import Refusal
from yinhe.deposits.service import Deposits
from yinhe.kernel.clock import Clock, ManualClock
from yinhe.kernel.ids import IdSource
from yinhe.ledger.batch import Flag, Transfer
from yinhe.ledger.ledger import WAIT_SECONDS
from yinhe.ledger.memory import Answers
from yinhe.ledger.outcomes import Outcome

IN_FLIGHT_MAX: Final = 8
"""Requests of one lane that wait for their answer at the same time."""


class LaneDay(msgspec.Struct, frozen=True, eq=False):
    """What one lane did in one day."""

    tally: Tally
    latency_us: Sequence[int]
    """From handing a request in to its durable answer, one entry a request."""
    overnight: tuple[Overnight, ...]
    closings: tuple[Refusal | None, ...]
    """How those who wanted to leave were answered: None where all was paid out and the account closed."""
    reversed: int
    """Transactions taken back."""


class Lane:
    """One lane's client; runs its script in one thread."""

    def __init__(self, deposits: Deposits, clock: Clock, script: Sequence[Step], seed: int) -> None:
        """`seed` draws the ids that are no UUIDv7, and those of tomorrow."""
        self._deposits: Final = deposits
        self._ledger: Final = deposits.ledger
        self._clock: Final = clock
        self._script: Final = script
        self._random: Final = np.random.default_rng(seed)
        self._tomorrow: Final = IdSource(ManualClock(clock.now_us() + DAY_US), seed)
        self._sent: Final[dict[int, tuple[tuple[Transfer, ...], Future[Answers]]]] = {}
        """What was handed in, by the place of its step."""
        self._flying: Final[deque[Future[Answers]]] = deque()
        self._latency_us: Final[list[int]] = []
        self._closings: Final[list[Refusal | None]] = []

    def run(self) -> LaneDay:
        """Carry out the script, and wait for every answer."""
        for place, step in enumerate(self._script):
            if step.act is Act.CLOSE:
                self._close(step.legs[0])
                continue
            transfers = self._transfers(step)
            if transfers:
                self._send(place, transfers)
        while self._flying:
            self._flying.popleft().result(WAIT_SECONDS)
        return LaneDay(
            tally=self._count(),
            latency_us=self._latency_us,
            overnight=tuple(self._overnight()),
            closings=tuple(self._closings),
            reversed=self._taken_back(),
        )

    def _send(self, place: int, transfers: tuple[Transfer, ...]) -> None:
        if len(self._flying) == IN_FLIGHT_MAX:
            self._flying.popleft().result(WAIT_SECONDS)
        handed_in = self._clock.monotonic_us()
        future = self._ledger.submit(transfers)
        future.add_done_callback(lambda _: self._latency_us.append(self._clock.monotonic_us() - handed_in))
        self._flying.append(future)
        self._sent[place] = transfers, future

    def _transfers(self, step: Step) -> tuple[Transfer, ...]:
        """What the step hands in; nothing when what it refers to was refused."""
        match step.act:
            case Act.RETRY:
                return self._sent[step.of][0]
            case Act.REUSE:
                return _transfers(step.legs, self._sent[step.of][0][0].txn_id)
            case Act.REVERSE:
                return self._reversal(step.of)
            case Act.SETTLE:
                hold = int(self._answer(step.of).seq[0])
                legs = tuple(leg._replace(reference=hold) for leg in step.legs) if hold else ()
                return _transfers(legs, self._ledger.ids.next())
            case Act.SEND_MALFORMED:
                return _transfers(step.legs, UUID(bytes=self._random.bytes(16), version=4))
            case Act.SEND_FROM_FUTURE:
                return _transfers(step.legs, self._tomorrow.next())
            case Act.SEND | Act.CLOSE:
                return _transfers(step.legs, self._ledger.ids.next())

    def _answer(self, place: int) -> Answers:
        return self._sent[place][1].result(WAIT_SECONDS)

    def _reversal(self, place: int) -> tuple[Transfer, ...]:
        if self._answer(place).outcome[0] != Outcome.POSTED:
            return ()
        return self._ledger.reversal_of(self._sent[place][0][0].txn_id)

    def _close(self, leg: Leg) -> None:
        contract = self._deposits.book.of_account(leg.debit) + 1
        command = Close(id=self._ledger.ids.next(), contract=contract, payee=leg.credit)
        answer = self._deposits.do(command)
        self._closings.append(answer if isinstance(answer, Refusal) else None)

    # --- afterwards

    def _count(self) -> Tally:
        tally = Tally()
        answered = self._answered()
        sent = [transfer for transfers, _ in answered for transfer in transfers]
        flags = np.array([transfer.flags for transfer in sent], np.uint16)
        amount = np.array([transfer.amount_minor for transfer in sent], np.int64)
        tally.add(flags, amount, np.concatenate([answers.outcome for _, answers in answered]))
        return tally

    def _answered(self) -> list[tuple[tuple[Transfer, ...], Answers]]:
        return [(transfers, future.result(WAIT_SECONDS)) for transfers, future in self._sent.values()]

    def _overnight(self) -> list[Overnight]:
        held: list[Overnight] = []
        for place, step in enumerate(self._script):
            if step.fate is not None:
                (hold,), answers = self._sent[place][0], self._answer(place)
                if answers.outcome[0] == Outcome.POSTED:
                    seq = int(answers.seq[0])
                    held.append(Overnight(seq, hold.debit, hold.credit, hold.amount_minor, step.fate))
        return held

    def _taken_back(self) -> int:
        return sum(
            int(transfers[0].flags & Flag.REVERSAL != 0 and answers.outcome[0] == Outcome.POSTED)
            for transfers, answers in self._answered()
        )


def expiring(holds: Sequence[Overnight]) -> int:
    """How many of the holds end with their day."""
    return sum(hold.fate in (Fate.EXPIRES, Fate.LATE) for hold in holds)


def _transfers(legs: Sequence[Leg], txn_id: UUID) -> tuple[Transfer, ...]:
    return tuple(
        Transfer(
            txn_id=txn_id,
            debit=leg.debit,
            credit=leg.credit,
            amount_minor=leg.amount_minor,
            code=leg.reason.code,
            flags=leg.flags,
            value_date=leg.value_date,
            reference=leg.reference,
            leg=place,
        )
        for place, leg in enumerate(legs)
    )
