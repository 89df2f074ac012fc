"""Commands on their way: what was decided of them, and what the ledger has answered."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.kernel.errors import YinheError
from yinhe.kernel.ids import split
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.batch import Flag
from yinhe.ledger.ledger import WAIT_SECONDS, Ledger
from yinhe.ledger.memory import Answers
from yinhe.ledger.outcomes import Outcome
from yinhe.transact.announce import Announcer, Refused
from yinhe.transact.answers import Posted, Reply, rows_at, without_recalls
from yinhe.transact.codes import TransferKind
from yinhe.transact.commands import Hold, HoldAct
from yinhe.transact.piece import Piece
from yinhe.transact.refusals import DAY_REFUSALS, LEDGER_REFUSALS, DayRefusal

_CONFLICT: Final = Outcome.ID_CONFLICT
_ASK_AGAIN: Final = DAY_REFUSALS[DayRefusal.ASK_AGAIN]
_FEE: Final = TransferKind.FEE.code
_DATED: Final = int(Flag.VALUE_DATED)


class Decided(msgspec.Struct, frozen=True, eq=False):
    """Commands decided on: of each a refusal, or None where its piece has a plan."""

    pieces: Sequence[Piece]
    refusals: Sequence[Refusal | None]

    @property
    def planned(self) -> list[Piece]:
        """The pieces to be posted, in order."""
        return [piece for piece in self.pieces if piece.plan is not None]


class Submission:
    """Decided commands that the ledger has; `future` completes when everything is durable, then ask `answers`."""

    def __init__(self, decided: Decided, future: Future[Answers], ledger: Ledger, announcer: Announcer | None) -> None:
        """`future`: the ledger's answers, one a leg of the planned pieces, in order."""
        self.decided: Final = decided
        self.future: Final = future
        self._ledger: Final = ledger
        self._announcer: Final = announcer
        self._replies: tuple[Reply, ...] | None = None
        self.is_settled: bool = False
        """Whether the day has counted what became of it."""

    def result(self, timeout: float = WAIT_SECONDS) -> tuple[Reply, ...]:
        """Wait, then `answers`. Raises TimeoutError, and RetrySameId when the database was lost on the way."""
        self.future.result(timeout)
        return self.answers()

    def answers(self) -> tuple[Reply, ...]:
        """One reply a command, in order, once `future` is done. Raises what the future holds, as RetrySameId."""
        if self._replies is None:
            self._replies = self._read(self.future.result(0))
            self._put_on_record(self._replies)
        return self._replies

    def _read(self, answers: Answers) -> tuple[Reply, ...]:
        outcomes = answers.outcome.tolist()
        firsts, mains, lasts, telling = _places(self.decided.planned)
        seqs = answers.seq[telling]
        # A duplicate is answered with the seqs of the first time, as POSTED with its own.
        rows = rows_at(self._ledger, seqs)
        balances: list[int] = rows["debit_balance"].tolist()
        amounts: list[int] = rows["amount"].tolist()
        in_memory: list[bool] = (rows["seq"] == seqs).tolist()
        starts = answers.seq[mains].tolist()
        replies: list[Reply] = []
        place = 0
        for piece, refusal in zip(self.decided.pieces, self.decided.refusals, strict=True):
            if refusal is not None:
                replies.append(self._recalled(piece) or refusal)
                continue
            outcome = _outcome_of(outcomes, firsts[place], lasts[place])
            if outcome is Outcome.POSTED or outcome is Outcome.DUPLICATE:
                known = (amounts[place], balances[place]) if in_memory[place] else None
                replies.append(self._posted(piece, outcome, starts[place], known))
            else:
                recalled = self._recalled(piece) if outcome is _CONFLICT else None
                replies.append(recalled or LEDGER_REFUSALS[outcome])
            place += 1
        return tuple(replies)

    def _posted(self, piece: Piece, outcome: Outcome, seq: int, known: tuple[int, int] | None) -> Posted:
        assert piece.plan is not None
        if known is None:
            # Not in memory any more: of a transaction posted long ago.
            return self._recalled(piece) or _answer(piece, seq, piece.command.amount_minor, None, duplicate=True)
        amount, balance = known
        if piece.plan.fee_minor:
            amount = piece.plan.legs[piece.plan.recalls].amount_minor
        return _answer(piece, seq, amount, balance, duplicate=outcome is Outcome.DUPLICATE)

    def _recalled(self, piece: Piece) -> Posted | None:
        """What the journal has of a command under its id; None where that is nothing, or something else."""
        if not piece.is_reached or (isinstance(piece.command, Hold) and piece.command.act is not HoldAct.PLACE):
            return None
        rows = without_recalls(self._ledger.known(piece.command.id))
        if not len(rows) or not _is_of(rows, piece):
            return None
        last = rows[-1]
        fee = int(last["amount"]) if len(rows) > 1 and int(last["code"]) == _FEE else 0
        first = rows[0]
        return Posted(
            id=piece.command.id,
            seq=int(first["seq"]),
            amount_minor=int(first["amount"]),
            fee_minor=fee,
            debit_balance_minor=_balance_after(rows, piece.command.debit) if piece.caller.sees_balances else None,
            duplicate=True,
        )

    def _put_on_record(self, replies: Sequence[Reply]) -> None:
        if self._announcer is None:
            return
        refused = [
            Refused(piece.command, piece.caller.author, reply)
            for piece, reply in zip(self.decided.pieces, replies, strict=True)
            if isinstance(reply, Refusal) and reply is not _ASK_AGAIN and not piece.caller.is_bank
        ]
        self._announcer.put(refused)


def _places(pieces: Sequence[Piece]) -> tuple[list[int], list[int], list[int], list[int]]:
    """Of each piece the places among all legs of its first leg, what was asked, its last, and the last it debits."""
    firsts: list[int] = []
    mains: list[int] = []
    lasts: list[int] = []
    telling: list[int] = []
    place = 0
    for piece in pieces:
        assert piece.plan is not None
        legs = piece.plan.legs
        firsts.append(place)
        mains.append(place + piece.plan.recalls)
        place += len(legs)
        lasts.append(place - 1)
        # A fee for money paid in is taken from the account it was paid into.
        telling.append(place - 1 if legs[-1].debit == piece.command.debit else mains[-1])
    return firsts, mains, lasts, telling


def _outcome_of(outcomes: list[int], first: int, last: int) -> Outcome:
    """The outcome of a transaction: of its legs the first that is a reason of its own."""
    for place in range(first, last + 1):
        if outcomes[place] != Outcome.LINKED_FAILED:
            if outcomes[place] == Outcome.POSTED and place < last:
                continue
            return Outcome(outcomes[place])
    return Outcome.LINKED_FAILED


def _answer(piece: Piece, seq: int, amount_minor: int, balance_minor: int | None, *, duplicate: bool) -> Posted:
    assert piece.plan is not None
    return Posted(
        id=piece.command.id,
        seq=seq,
        amount_minor=amount_minor,
        fee_minor=piece.plan.fee_minor,
        debit_balance_minor=balance_minor if piece.caller.sees_balances else None,
        duplicate=duplicate,
    )


def _is_of(rows: NDArray[np.void], piece: Piece) -> bool:
    """Whether journal rows are what a command asks for."""
    command, first = piece.command, rows[0]
    if (int(first["txn_hi"]), int(first["txn_lo"])) != split(command.id):
        return False
    dated = int(first["flags"]) & _DATED
    same_date = int(first["value_date"]) == command.value_date if command.value_date is not None else not dated
    asked = (command.debit, command.credit, command.amount_minor, command.code)
    found = tuple(int(first[name]) for name in ("debit", "credit", "amount", "code"))
    if isinstance(command, Hold) and int(first["reference"]) != command.expires_at:
        return False
    return found == asked and same_date


def _balance_after(rows: NDArray[np.void], account: int) -> int | None:
    for row in rows[::-1]:
        if int(row["debit"]) == account:
            return int(row["debit_balance"])
        if int(row["credit"]) == account:
            return int(row["credit_balance"])
    return None


def failed(future: Future[Answers]) -> YinheError | None:
    """The fault a done future holds, None where it holds answers."""
    error = future.exception(0)
    if error is not None and not isinstance(error, YinheError):
        raise error
    return error
