"""A batch in columns: what is plain is decided for all rows at once, the rest one by one by the same stages.

Plain is a row about which every stage would say nothing and which costs nothing: known by comparing columns. A row that
is not plain goes through the pipeline as a command of its own, so that reasons and fees have one source.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.kernel.ids import join
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.batch import TRANSFER
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.ledger import WAIT_SECONDS
from yinhe.ledger.memory import Answers
from yinhe.ledger.outcomes import Outcome
from yinhe.ledger.store import Detail
from yinhe.products.parts.base import BoolColumn, Channel, Int64Column
from yinhe.transact.announce import Refused
from yinhe.transact.answers import Posted, Reply
from yinhe.transact.caller import Caller
from yinhe.transact.codes import TransferKind
from yinhe.transact.commands import NARRATIVE_LENGTH_MAX, Transfer
from yinhe.transact.piece import Piece
from yinhe.transact.post import CHANNEL_NAMES, post
from yinhe.transact.refusals import ALL_REFUSALS, PLACES, DayRefusal
from yinhe.transact.state import State
from yinhe.transact.submission import Decided, Submission

if TYPE_CHECKING:
    from yinhe.transact.day import Day

COLUMNS_MAX: Final = 10_000
"""Most transfers of one batch."""
CHUNK: Final = 250
"""Rows that are not plain and are decided without anyone else deciding between: a few milliseconds."""
_TRANSFER: Final = TransferKind.TRANSFER.code
_ASK_AGAIN: Final = PLACES[DayRefusal.ASK_AGAIN]
_POSTED: Final = int(Outcome.POSTED)
_DUPLICATE: Final = int(Outcome.DUPLICATE)


class Batch(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """Transfers of one currency in columns, each of shape (n,)."""

    id_hi: NDArray[np.uint64]
    id_lo: NDArray[np.uint64]
    """The halves of the ids."""
    debit: Int64Column
    credit: Int64Column
    amount_minor: Int64Column
    currency: int
    """ISO 4217 number."""
    narratives: Sequence[str] | None = None
    channel: Channel = Channel.ONLINE

    def __post_init__(self) -> None:
        """Raise ValueError for columns of unequal length or more than COLUMNS_MAX rows."""
        lengths = {len(column) for column in (self.id_hi, self.id_lo, self.debit, self.credit, self.amount_minor)}
        lengths |= {len(self.narratives)} if self.narratives is not None else set()
        if len(lengths) != 1:
            raise ValueError(f"The columns of a batch are equally long, not {sorted(lengths)}.")
        if len(self) > COLUMNS_MAX:
            raise ValueError(f"A batch holds at most {COLUMNS_MAX:,} transfers, not {len(self):,}.")

    def __len__(self) -> int:
        return len(self.id_hi)

    def id(self, place: int) -> UUID:
        """The id of a row."""
        return join(int(self.id_hi[place]), int(self.id_lo[place]))

    def narrative(self, place: int) -> str:
        """The words of a row."""
        return "" if self.narratives is None else self.narratives[place]

    def command(self, place: int) -> Transfer:
        """A row as a command of its own."""
        return Transfer(
            id=self.id(place),
            debit=int(self.debit[place]),
            credit=int(self.credit[place]),
            amount_minor=int(self.amount_minor[place]),
            currency=self.currency,
            narrative=self.narrative(place),
            channel=self.channel,
        )


class BatchPosted(msgspec.Struct, frozen=True, eq=False):
    """What became of a batch, one entry a row."""

    reason: NDArray[np.int16]
    """Places in `refusals.ALL_REFUSALS`; 0 posted, 1 posted before under this id."""
    seq: Int64Column
    """Of the first leg; 0 where it was refused."""
    fee_minor: Int64Column

    @property
    def posted(self) -> BoolColumn:
        """Which rows the books hold."""
        return self.reason <= _DUPLICATE

    def refusal(self, place: int) -> Refusal | None:
        """Why a row was refused; None where it was posted."""
        reason = int(self.reason[place])
        return None if reason <= _DUPLICATE else ALL_REFUSALS[reason]


def plain_rows(batch: Batch, caller: Caller, state: State) -> BoolColumn:
    """Which rows every stage would let pass without a word, bool[n]: no fee, no part with anything to say."""
    facts, amount = state.facts, batch.amount_minor
    single, daily = caller.limits(batch.currency)
    # Two bounds first, so that the sum cannot run over.
    if not caller.is_bank and (daily < AMOUNT_MAX):
        asked = sum(abs(value) for value in amount.tolist())
        if state.tallies.moved((caller.actor, batch.currency)) + asked > daily:
            return np.zeros(len(batch), np.bool_)
    count = facts.count
    plain = (batch.debit > 0) & (batch.debit < count) & (batch.credit > 0) & (batch.credit < count)
    plain &= (batch.debit != batch.credit) & (amount > 0) & (amount <= min(AMOUNT_MAX, single))
    debit = np.where(plain, batch.debit, 0).astype(np.int32)
    credit = np.where(plain, batch.credit, 0).astype(np.int32)
    plain &= (facts.currency[debit] == batch.currency) & (facts.currency[credit] == batch.currency)
    if caller.scope is not None:
        plain &= state.reaches.reach_many(caller.scope, debit, facts.branch)
    plain &= _within(state, debit, amount, is_debit=True) & _within(state, credit, amount, is_debit=False)
    for interceptor in state.interceptors:
        plain &= ~interceptor.concerns(debit, credit)
    if batch.narratives is not None:
        plain &= np.fromiter((_is_readable(words) for words in batch.narratives), np.bool_, len(batch))
    if state.in_flight:
        plain &= ~np.fromiter((batch.id(place).int in state.in_flight for place in range(len(batch))), np.bool_)
    return plain


def _within(state: State, accounts: NDArray[np.int32], amount: Int64Column, *, is_debit: bool) -> BoolColumn:
    """Whether the rules of accounts have nothing to say of amounts."""
    places, rules = state.facts.rules(accounts)
    quiet = [(rule.debit_quiet if is_debit else rule.credit_quiet) if rule.is_plain else (1, 0) for rule in rules]
    bounds = np.array(quiet, np.int64).reshape(-1, 2)[places]
    return (amount >= bounds[:, 0]) & (amount <= bounds[:, 1])


def _is_readable(words: str) -> bool:
    return not words or (len(words) <= NARRATIVE_LENGTH_MAX and words.isprintable())


class Sorted(msgspec.Struct, frozen=True, eq=False):
    """A batch decided: the plain rows, and the others as pieces that are planned or refused, by place."""

    plain: BoolColumn
    others: tuple[int, ...]
    decided: Decided
    """Of the others."""


def decide_batch(batch: Batch, caller: Caller, day: "Day") -> Sorted:
    """Decide every row; what is planned counts from now on.

    The rows that are not plain are decided CHUNK at a time, so that whoever asks for one transfer waits for no batch.
    """
    with day.deciding() as state:
        plain = plain_rows(batch, caller, state)
        if not caller.is_bank and plain.any():
            state.tallies.add((caller.actor, batch.currency), int(batch.amount_minor[plain].sum()))
    others = np.flatnonzero(~plain).tolist()
    pieces: list[Piece] = []
    refusals: list[Refusal | None] = []
    try:
        for first in range(0, len(others), CHUNK):
            commands = [batch.command(place) for place in others[first : first + CHUNK]]
            decided = day.decide_many(commands, [caller] * len(commands))
            pieces += decided.pieces
            refusals += decided.refusals
    except BaseException:
        give_up(day, batch, caller, Sorted(plain, tuple(others), Decided(pieces, refusals)))
        raise
    return Sorted(plain, tuple(others), Decided(pieces, refusals))


def give_up(day: "Day", batch: Batch, caller: Caller, found: Sorted) -> None:
    """Take what was decided back: nothing of it was handed to the ledger."""
    day.give_up(found.decided)
    _take_off(day, batch, caller, found.plain)


def post_batch(day: "Day", batch: Batch, caller: Caller) -> BatchPosted:
    """Decide, post and wait; see `Day.post_columns`."""
    found = decide_batch(batch, caller, day)
    rows, places, details = _rows_of(batch, caller, found)
    recoveries = day.ledger.engine.recoveries
    try:
        future = day.ledger.engine.submit(rows, details)
    except BaseException:
        give_up(day, batch, caller, found)
        raise
    try:
        answers = future.result(WAIT_SECONDS)
    except BaseException:
        # Nobody knows what is posted: the plain rows stay counted, the others are looked up when memory is back.
        day.note_unsure(Submission(found.decided, future, day.ledger, None), recoveries)
        raise
    is_plain = found.plain[places]
    others = Submission(
        found.decided,
        completed(Answers(answers.outcome[~is_plain], answers.seq[~is_plain])),
        day.ledger,
        day.announcer,
    )
    day.note_settled(others)
    outcome = answers.outcome[is_plain]
    refused = found.plain.copy()
    refused[found.plain] = outcome != _POSTED
    _take_off(day, batch, caller, refused)
    posted = _posted(batch, found, outcome, answers.seq[is_plain], others.answers())
    _put_on_record(day, batch, caller, found, posted)
    _decide_anew(day, batch, caller, posted)
    return posted


def _decide_anew(day: "Day", batch: Batch, caller: Caller, posted: BatchPosted) -> None:
    """What had to wait for others of its account, posted now that they are durable; in place."""
    places = np.flatnonzero(posted.reason == _ASK_AGAIN).tolist()
    if places:
        commands = [batch.command(place) for place in places]
        _note(posted, places, day.carry_out(commands, [caller] * len(commands)))


def _rows_of(
    batch: Batch, caller: Caller, found: Sorted
) -> tuple[NDArray[np.void], NDArray[np.int64], tuple[Detail, ...]]:
    """The rows (dtype TRANSFER) of all that is planned in the order of the batch, whose place each is, the details."""
    plain = np.flatnonzero(found.plain)
    rows = np.zeros(len(plain), TRANSFER)
    rows["txn_hi"], rows["txn_lo"] = batch.id_hi[plain], batch.id_lo[plain]
    rows["debit"], rows["credit"] = batch.debit[plain], batch.credit[plain]
    rows["amount"], rows["code"] = batch.amount_minor[plain], _TRANSFER
    channel = caller.author.channel or CHANNEL_NAMES[batch.channel]
    details = [
        Detail(batch.id(place), caller.actor, channel, batch.narrative(place), caller.detail)
        for place in plain.tolist()
    ]
    pieces = found.decided.planned
    if not pieces:
        return rows, plain, tuple(details)
    planned = zip(found.others, found.decided.pieces, strict=True)
    owners = [place for place, piece in planned if piece.plan is not None for _ in piece.plan.legs]
    more, their_details = post(pieces)
    places = np.concatenate([plain, np.array(owners, np.int64)])
    order = np.argsort(places, kind="stable")
    return np.concatenate([rows, more])[order], places[order], (*details, *their_details)


def _take_off(day: "Day", batch: Batch, caller: Caller, rows: BoolColumn) -> None:
    """Take plain rows (bool[n]) that were not posted out of the sums they were counted in."""
    if caller.is_bank or not rows.any():
        return
    with day.deciding() as state:
        state.tallies.add((caller.actor, batch.currency), -int(batch.amount_minor[rows].sum()))


def _posted(
    batch: Batch, found: Sorted, outcome: NDArray[np.uint8], seq: Int64Column, replies: Sequence[Reply]
) -> BatchPosted:
    reasons, seqs, fees = np.zeros(len(batch), np.int16), np.zeros(len(batch), np.int64), np.zeros(len(batch), np.int64)
    reasons[found.plain] = outcome
    seqs[found.plain] = seq
    posted = BatchPosted(reasons, seqs, fees)
    _note(posted, found.others, replies)
    return posted


def _note(posted: BatchPosted, places: Sequence[int], replies: Sequence[Reply]) -> None:
    """Write replies to their rows, in place."""
    for place, reply in zip(places, replies, strict=True):
        if isinstance(reply, Posted):
            posted.reason[place] = _DUPLICATE if reply.duplicate else _POSTED
            posted.seq[place], posted.fee_minor[place] = reply.seq, reply.fee_minor
        else:
            posted.reason[place] = PLACES[reply.because]


def _put_on_record(day: "Day", batch: Batch, caller: Caller, found: Sorted, posted: BatchPosted) -> None:
    """The plain rows that the ledger refused; the others were put on record by their submission."""
    if day.announcer is None or caller.is_bank:
        return
    places = np.flatnonzero(found.plain & ~posted.posted).tolist()
    day.announcer.put(
        [Refused(batch.command(place), caller.author, ALL_REFUSALS[int(posted.reason[place])]) for place in places]
    )


def completed(answers: Answers) -> Future[Answers]:
    """A future that is done."""
    future: Future[Answers] = Future()
    future.set_result(answers)
    return future
