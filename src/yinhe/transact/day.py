"""The day of one unit: decides what is asked, hands it to the ledger, and says what became of it.

`decide_many` is pure memory and quick; `submit` hands what was decided to the ledger in one batch and does not wait.
`carry_out` does both and waits. All of it is safe between threads.
"""

import threading
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import Final
from uuid import UUID

import numpy as np

from yinhe.audit.record import Author
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.ledger import WAIT_SECONDS, Ledger
from yinhe.ledger.memory import Answers
from yinhe.ledger.outcomes import Outcome
from yinhe.payments.posting import MoneyOrder, Result
from yinhe.products.parts.fee import FeeEvent
from yinhe.transact.announce import Announcer
from yinhe.transact.answers import Posted, Reply
from yinhe.transact.caller import Caller, bank_caller
from yinhe.transact.codes import note_codes
from yinhe.transact.columnar import Batch, BatchPosted, completed, post_batch
from yinhe.transact.commands import Command
from yinhe.transact.facts import Bank, Facts
from yinhe.transact.identify import Reaches
from yinhe.transact.interceptors import Interceptor, ProhibitedAccounts, RepeatGuard
from yinhe.transact.orders import command_of, currency_of, post_orders, result_of
from yinhe.transact.piece import Piece
from yinhe.transact.pipeline import run
from yinhe.transact.post import post
from yinhe.transact.refusals import DAY_REFUSALS, LEDGER_REFUSALS, DayRefusal
from yinhe.transact.reversing import outlook, post_reversal, record_of_refusal, refuse_reversal
from yinhe.transact.rules import charges_of
from yinhe.transact.screen import reserve, settle
from yinhe.transact.state import State
from yinhe.transact.submission import Decided, Submission
from yinhe.transact.tallies import Tallies

ROUNDS_MAX: Final = 16
"""How often what had to wait for others of its account is decided anew before it is told to ask again."""
PAUSE_SECONDS: Final = 0.005
"""How long it waits before: about a commit."""
_ASK_AGAIN: Final = DAY_REFUSALS[DayRefusal.ASK_AGAIN]
_EVENTS: Final = (FeeEvent.TRANSFER, FeeEvent.WITHDRAWAL, FeeEvent.DEPOSIT)


class Day:
    """The day's pipeline over one unit's ledger and contracts."""

    def __init__(
        self,
        bank: Bank,
        announcer: Announcer | None = None,
        *,
        repeat_seconds: int = 0,
        interceptors: Sequence[Interceptor] = (),
    ) -> None:
        """Read what was moved today; note what the codes mean.

        `announcer` puts refusals on record, None: nobody does. `repeat_seconds`: for how long the same payment under
        another id is taken for a slip; 0: never. `interceptors` are asked after the bank's own.
        """
        self.ledger: Final[Ledger] = bank.ledger
        self.bank: Final = bank
        self.announcer: Final = announcer
        self._lock: Final = threading.Lock()
        self.reaches: Final = Reaches(bank)
        self.prohibited: Final = ProhibitedAccounts(self.reaches, bank.ledger.clock)
        """Say which parties are prohibited by `prohibited.prohibit(parties)`."""
        guards = (RepeatGuard(bank.ledger.clock, repeat_seconds),) if repeat_seconds else ()
        tallies = Tallies(bank.ledger.business_date)
        self._state: Final = State(Facts(bank), tallies, self.reaches, (self.prohibited, *guards, *interceptors))
        self._over: Final[deque[tuple[Submission, int]]] = deque()
        """Submissions that are answered and not settled yet, with the recoveries there had been when they began."""
        with bank.connect() as session:
            note_codes(session)
            tallies.rebuild(session, bank.ledger, counts=self._counted_events())

    def _counted_events(self) -> list[FeeEvent]:
        """The events of which some product charges by their count of the month."""
        found: set[FeeEvent] = set()
        for version in self.bank.catalogue.versions:
            charges = charges_of(version.product, 0)
            found |= {event for event, charge in charges.items() if charge.counts}
        return [event for event in _EVENTS if event in found]

    # --- deciding

    def decide_many(self, commands: Sequence[Command], callers: Sequence[Caller]) -> Decided:
        """Decide commands in order, one caller each; touches no table.

        What is planned counts from now on against limits and free counts: `submit` it, or `give_up`.
        """
        pieces: list[Piece] = []
        refusals: list[Refusal | None] = []
        with self._lock:
            state = self._ready()
            in_flight = state.in_flight
            try:
                for command, caller in zip(commands, callers, strict=True):
                    piece = Piece(command, caller)
                    refused = run(piece, state)
                    pieces.append(piece)
                    refusals.append(refused)
                    if refused is None and piece.twin is None:
                        # Of other content under the same id the ledger refuses the second; the first stays.
                        in_flight.setdefault(command.id.int, piece)
            except BaseException:
                self._settle([piece for piece in pieces if piece.plan is not None], None)
                raise
        return Decided(pieces, refusals)

    def _ready(self) -> State:
        """The state, up to date; under the lock."""
        if self._over:
            self._settle_over()
        self._state.facts.refresh()
        self._state.tallies.roll(self._state.facts.date)
        return self._state

    def give_up(self, decided: Decided) -> None:
        """Take what was decided back: nothing of it was handed to the ledger."""
        with self._lock:
            self._settle(decided.planned, None)

    # --- posting

    def submit(self, decided: Decided) -> Submission:
        """Hand what was decided to the ledger, as one batch; does not wait.

        Raises Busy and LedgerClosed: then nothing was handed in, and the commands may come again.
        """
        planned = decided.planned
        recoveries = self.ledger.engine.recoveries
        if planned:
            rows, details = post(planned)
            try:
                future = self.ledger.engine.submit(rows, details)
            except BaseException:
                self.give_up(decided)
                raise
        else:
            future = completed(Answers(np.zeros(0, np.uint8), np.zeros(0, np.int64)))
        submission = Submission(decided, future, self.ledger, self.announcer)
        if planned:
            future.add_done_callback(partial(self._note_over, submission, recoveries))
        return submission

    def _note_over(self, submission: Submission, recoveries: int, _: Future[Answers]) -> None:
        """Run by the ledger's own thread: only noted here, settled by whoever decides next."""
        self._over.append((submission, recoveries))

    def carry_out(self, commands: Sequence[Command], callers: Sequence[Caller]) -> tuple[Reply, ...]:
        """Decide, post and wait until all is durable; one reply a command, in order.

        What depends on others of its account (which of them are free of a fee, say) is decided anew when they are
        done. Raises RetrySameId when the database was lost on the way, Busy and LedgerClosed.
        """
        replies = list(self._carried_out(self.decide_many(commands, callers)))
        for _ in range(ROUNDS_MAX):
            again = [place for place, reply in enumerate(replies) if reply is _ASK_AGAIN]
            if not again:
                break
            threading.Event().wait(PAUSE_SECONDS)
            decided = self.decide_many([commands[place] for place in again], [callers[place] for place in again])
            for place, reply in zip(again, self._carried_out(decided), strict=True):
                replies[place] = reply
        return tuple(replies)

    def _carried_out(self, decided: Decided) -> tuple[Reply, ...]:
        submission = self.submit(decided)
        replies = submission.result(WAIT_SECONDS)
        self.note_settled(submission)
        return replies

    @contextmanager
    def deciding(self) -> Generator[State]:
        """The state, up to date, for as long as nobody else decides."""
        with self._lock:
            yield self._ready()

    def note_unsure(self, submission: Submission, recoveries: int) -> None:
        """Have a submission looked up whose fate is not known; `recoveries`: how many there had been before it."""
        self._over.append((submission, recoveries))

    def note_settled(self, submission: Submission) -> None:
        """Count what became of a submission that is answered, before anything else is decided.

        Waiters may wake before the future's callbacks have run.
        """
        with self._lock:
            self._settle_one(submission)

    def post(self, orders: Sequence[MoneyOrder], author: Author) -> tuple[Result, ...]:
        """Post orders of the bank's own organs and wait: one result an order, in order; see `payments.posting.Poster`.

        Raises RetrySameId when the database was lost on the way, Busy and LedgerClosed: ask again under the same ids.
        """
        return post_orders(self, orders, author)

    def foresee(self, order: MoneyOrder, author: Author) -> Result:
        """What `post` would answer to one order at this moment; nothing is done."""
        with self.deciding() as state:
            command = command_of(order, currency_of(order, state))
        return result_of(self.preview(command, bank_caller(author)))

    def post_columns(self, batch: Batch, caller: Caller) -> BatchPosted:
        """Decide, post and wait for a batch in columns: the same answers as of its transfers one by one.

        Raises ValueError for more than COLUMNS_MAX or unequal columns, and what `carry_out` raises.
        """
        return post_batch(self, batch, caller)

    def preview(self, command: Command, caller: Caller) -> Reply:
        """What `carry_out` would answer at this moment; nothing is kept of it. The seq is 0, no balance is told."""
        piece = Piece(command, caller)
        with self._lock:
            state = self._ready()
            state.is_trial = True
            try:
                refused = run(piece, state)
            finally:
                state.is_trial = False
        if refused is not None:
            return refused
        assert piece.plan is not None
        outcomes = [Outcome(outcome) for outcome in self.ledger.engine.preview(post([piece])[0]).tolist()]
        outcome = next((one for one in outcomes if one not in (Outcome.POSTED, Outcome.LINKED_FAILED)), outcomes[0])
        if outcome not in (Outcome.POSTED, Outcome.DUPLICATE):
            return LEDGER_REFUSALS[outcome]
        return Posted(
            id=command.id,
            seq=0,
            amount_minor=command.amount_minor,
            fee_minor=piece.plan.fee_minor,
            duplicate=outcome is Outcome.DUPLICATE,
        )

    def reverse(self, txn_id: UUID, caller: Caller, *, why: str = "") -> Reply:
        """Take a transaction back, its fee with it, and wait; once, however often it is asked. See `reversing`."""
        with self._lock:
            facts = self._ready().facts
            refused = refuse_reversal(self.ledger.transaction(txn_id), caller, self.reaches, facts)
        reply = refused or post_reversal(self.ledger, txn_id, caller, why)
        if isinstance(reply, Refusal) and self.announcer is not None and not caller.is_bank:
            self.announcer.put_record(record_of_refusal(txn_id, caller, reply))
        return reply

    def preview_reversal(self, txn_id: UUID, caller: Caller) -> Reply:
        """What `reverse` would answer at this moment; nothing is done. The seq is 0, no balance is told."""
        with self._lock:
            facts = self._ready().facts
            rows = self.ledger.transaction(txn_id)
            refused = refuse_reversal(rows, caller, self.reaches, facts)
        return refused or outlook(self.ledger, txn_id)

    # --- settling

    def _settle_over(self) -> None:
        unsure: list[tuple[Submission, int]] = []
        while self._over:
            submission, recoveries = self._over.popleft()
            if submission.future.exception() is None:
                self._settle_one(submission)
            elif not self._settle_unsure(submission.decided.planned, recoveries):
                unsure.append((submission, recoveries))
        self._over.extend(unsure)

    def _settle_one(self, submission: Submission) -> None:
        if not submission.is_settled:
            submission.is_settled = True
            self._settle(submission.decided.planned, submission.future.result())

    def _settle(self, planned: Sequence[Piece], answers: Answers | None) -> None:
        """Say what became of pieces; without answers nothing was handed in."""
        outcomes: list[int] = [] if answers is None else answers.outcome.tolist()
        place = 0
        for piece in planned:
            assert piece.plan is not None
            outcome = Outcome.LINKED_FAILED if answers is None else outcomes[place]
            place += len(piece.plan.legs)
            # Of a twin the first has the amount in its sums; a duplicate was counted when it was posted.
            first = piece.twin or piece
            posted = outcome == Outcome.POSTED or (outcome == Outcome.DUPLICATE and piece.twin is not None)
            if piece.twin is not None and not posted and answers is None:
                continue
            if piece.twin is not None and outcome == Outcome.POSTED and not first.reserved_on:
                # The first was refused, and taken out of the sums; the second was not.
                reserve(first, self._state)
            self._end(first, posted=posted)

    def _end(self, piece: Piece, *, posted: bool) -> None:
        settle(piece, self._state, posted=posted)
        for companion in piece.companions:
            settle(companion, self._state, posted=posted)
        number = piece.command.id.int
        if self._state.in_flight.get(number) is piece:
            del self._state.in_flight[number]

    def _settle_unsure(self, planned: Sequence[Piece], recoveries: int) -> bool:
        """Of commands whose fate was not known: once memory is built anew it knows what was posted."""
        if self.ledger.engine.recoveries <= recoveries:
            return False
        for piece in planned:
            # Of a twin the first is ended; what shares its id and is something else is not what was posted.
            if piece.twin is None:
                is_first = self._state.in_flight.get(piece.command.id.int) is piece
                self._end(piece, posted=is_first and len(self.ledger.known(piece.command.id)) > 0)
        return True
