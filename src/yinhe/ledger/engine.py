"""The engine: gather what has arrived, decide it, commit it, answer; the next batch is decided while the last commits.

Four threads, each with its own database session: the decider (gathers and decides), the committer (appends and
answers, in order), the keeper (writes balances) and the sealer (indexes full segments). When a commit fails, everything
decided and not answered is told to come again with the same id, and memory is built anew from the store.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final

import msgspec
import numpy as np
import psycopg
from numpy.typing import NDArray

from yinhe.kernel.clock import Clock
from yinhe.kernel.errors import YinheError
from yinhe.kernel.ids import IdSource
from yinhe.ledger.accounts import AccountAnswer, AccountCommand, openings, require_integers
from yinhe.ledger.batch import TRANSFER
from yinhe.ledger.core import CommandWork, Core, Work
from yinhe.ledger.errors import AppendFailed, LedgerClosed, LedgerFault, RetrySameId, StepRefused, UnitTaken
from yinhe.ledger.handover import Handover
from yinhe.ledger.logbook import Logbook
from yinhe.ledger.memory import Answers
from yinhe.ledger.preview import PREVIEW_MAX
from yinhe.ledger.store import BalancePass, Checkpoint, Detail, Segment, Store, require_storable
from yinhe.ledger.submissions import Command, Gathered, Line, Part, Transfers
from yinhe.storage.errors import StorageError

_TICK_SECONDS: Final = 0.05
"""How long the decider waits for work before it looks after holds and passes."""
_CLOSE_SECONDS_MAX: Final = 10.0
"""How long a ledger that is being closed tries to reach a lost database."""
_BACK_OFF_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0)
"""Waits between attempts to reach a lost database; the last repeats."""


class EngineSettings(msgspec.Struct, frozen=True):
    """The bounds of an engine."""

    batch_rows_max: int = 8_190
    """Most transfers of one commit."""
    waiting_max: int = 65_536
    """Most submissions that may wait; one more is refused as Busy."""
    decided_max: int = 1
    """Decided batches that may wait for the one committing."""
    pass_seconds: float = 2.0
    """Least time between two passes over changed balances; five times a pass's own length if that is more."""
    pass_rows_max: int = 2_000_000
    """Journal rows after which balances are written regardless."""
    identities: int = 1 << 21
    """Slots of one generation of remembered ids."""
    recover_seconds_max: float = 600.0
    """How long to try to reach a lost database before giving up."""

    def __post_init__(self) -> None:
        """Raise ValueError for bounds an engine cannot keep."""
        for name, value in msgspec.structs.asdict(self).items():
            if value <= 0:
                raise ValueError(f"{name} must be positive, not {value}.")
        if self.identities < 2 or self.identities & (self.identities - 1):
            raise ValueError(f"identities must be a power of two, not {self.identities}.")


class _Decided(msgspec.Struct, frozen=True, eq=False):
    """A decided batch on its way to the committer."""

    work: Work
    parts: Sequence[Part]


class _DecidedCommand(msgspec.Struct, frozen=True, eq=False):
    """A decided account command on its way to the committer."""

    work: CommandWork
    command: Command


_Item = _Decided | _DecidedCommand


class Engine:
    """One unit's engine; owns its threads and its store."""

    def __init__(self, store: Store, clock: Clock, ids: IdSource, settings: EngineSettings) -> None:
        """Nothing runs before `start`."""
        self.settings: Final = settings
        self.core: Final = Core(store, clock, ids, settings.identities)
        self.commits: int = 0
        self.recoveries: int = 0
        self.pages_written: int = 0
        self.pages_us: int = 0
        """Pages of balances written so far, and the time that took, in microseconds."""
        self._store: Final = store
        self._clock: Final = clock
        self._log: Final = Logbook("yinhe.ledger")
        self._line: Final = Line(settings.waiting_max)
        self._decided: Final[Handover[_Item]] = Handover(settings.decided_max)
        self._failed: Final = threading.Event()
        """What is in memory may not be what is in the store; cleared by a recovery."""
        self._stopped: Final = threading.Event()
        """The decider and the committer are done, or a fault ended everything."""
        self.memory: Final = threading.Lock()
        """Held while memory changes or is built anew; who reads more than one thing of it at once holds it too."""
        self._fault: YinheError | None = None
        self._changed: Final = threading.Condition()
        """Notified when a commit, a pass or a stop may concern the keeper or the sealer."""
        self._pass_wanted: bool = False
        self._pass: BalancePass | None = None
        self._passed_seq: int = 0
        self._settle_seq: int = 0
        self._threads: Final[list[threading.Thread]] = []

    # --- life

    def start(self) -> None:
        """Take the unit, recover, and begin; raises UnitTaken, UnitUnknown, BooksCorrupt or a storage fault."""
        try:
            self.core.recover()
        except BaseException:
            self._store.close()
            raise
        for work in (self._run_decider, self._run_committer, self._run_keeper, self._run_sealer):
            thread = threading.Thread(target=self._guarded, args=(work,), name=f"yinhe{work.__name__}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def close(self) -> None:
        """Finish what was accepted, write the balances, give up the unit."""
        self._line.close()
        for thread in self._threads[:2]:
            thread.join()
        self._stop()
        for thread in self._threads[2:]:
            thread.join()
        if self._threads and self._fault is None and not self._failed.is_set():
            self._write_last_pass()
        self._threads.clear()
        self._store.close()

    def _write_last_pass(self) -> None:
        left = self.core.begin_pass()
        if left is not None and left.as_of_seq <= self.core.committed_seq:
            try:
                self._store.write_pass(left)
            except (psycopg.Error, StorageError) as error:
                # Nothing is lost: the journal has everything, and the next start replays it.
                self._log.warning("balances not written at the close", reason=str(error))

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            self._halt(error if isinstance(error, YinheError) else LedgerFault(f"{type(error).__name__}: {error}"))
            self._log.exception("engine stopped", thread=work.__name__)

    def _halt(self, fault: YinheError) -> None:
        """Answer nothing more: a person must look."""
        self._fault = self._fault or fault
        self._failed.set()
        self._line.close(fault)
        self._stop()
        for item in self._decided.break_off():
            self._refuse(item)

    def _stop(self) -> None:
        self._stopped.set()
        with self._changed:
            self._changed.notify_all()

    # --- what callers use

    def submit(
        self, batch: NDArray[np.void], details: tuple[Detail, ...] = (), checkpoint: Checkpoint | None = None
    ) -> Future[Answers]:
        """Hand in transfers (dtype TRANSFER, whole transactions); the future holds their answers once durable.

        The future raises RetrySameId when the ledger lost its database before it could answer. Raises Busy,
        LedgerClosed, or ValueError when a batch has another dtype, a step's rows do not fit one commit, or a detail
        cannot be kept.
        """
        if batch.dtype != TRANSFER or batch.ndim != 1:
            raise ValueError(f"Transfers come in one dimension and dtype TRANSFER, not as {batch.dtype} {batch.shape}.")
        require_storable(details)
        if checkpoint is not None and len(batch) > self.settings.batch_rows_max:
            raise ValueError(f"A step of bulk work holds at most {self.settings.batch_rows_max} transfers.")
        transfers = Transfers(batch, details, checkpoint)
        if len(batch):
            self._line.put(transfers)
        else:
            transfers.future.set_result(transfers.answers)
        return transfers.future

    def command(self, command: AccountCommand) -> Future[AccountAnswer]:
        """Hand in an account command, in order with the transfers; like `submit`. Its numbers are integers."""
        item = Command(require_integers(command))
        self._line.put(item)
        return item.future

    def preview(self, batch: NDArray[np.void], opening: NDArray[np.void] | None = None) -> NDArray[np.uint8]:
        """What a batch (dtype TRANSFER, whole transactions) would be answered at this moment, uint8[n] of `Outcome`.

        `opening` (dtype OPENING): accounts that would be opened first; the first is TO_OPEN in the batch. Nothing is
        kept of it. Raises RetrySameId while the database is lost, LedgerClosed, and ValueError for more than
        PREVIEW_MAX transfers.
        """
        if batch.dtype != TRANSFER or batch.ndim != 1 or len(batch) > PREVIEW_MAX:
            raise ValueError(f"A preview takes at most {PREVIEW_MAX} transfers, dtype TRANSFER, not {batch.shape}.")
        with self.memory:
            if self._stopped.is_set():
                raise self._fault or LedgerClosed
            if self._failed.is_set():
                raise RetrySameId
            try:
                return self.core.preview(batch, openings(0, currency=0, gl_code=0) if opening is None else opening)
            except (psycopg.Error, StorageError) as error:
                # Only asked about old ids; who decides next finds the same out.
                raise RetrySameId from error

    @property
    def is_stopped(self) -> bool:
        """Whether nothing is taken any more: it was closed, or a fault ended it."""
        return self._stopped.is_set() or self._line.closed

    @property
    def waiting(self) -> int:
        """Submissions not wholly decided yet."""
        return len(self._line)

    # --- the decider

    def _run_decider(self) -> None:
        while True:
            # Who arrives while the belt is full still comes into the next batch.
            self._decided.wait_room()
            gathered = self._line.gather(self.settings.batch_rows_max, _TICK_SECONDS)
            try:
                if self._failed.is_set():
                    self._recover()
                if gathered is None or self._stopped.is_set():
                    self._fail_all(gathered or ())
                    break
                self._decide(gathered)
            except (psycopg.Error, StorageError) as error:
                # The store was asked about old ids and did not answer; nothing of this batch was decided.
                self._log.warning("could not decide", reason=str(error))
                self._failed.set()
                self._fail_all(gathered or ())
            except BaseException:
                self._fail_all(gathered or ())
                raise
        self._decided.finish()

    def _decide(self, gathered: Gathered) -> None:
        with self.memory:
            self._take_pass()
            expired = self.core.expire()
        if expired is not None:
            self._hand_over(_Decided(expired, ()))
        if isinstance(gathered, Command):
            with self.memory:
                decided = self.core.command(gathered.command)
            self._hand_over(_DecidedCommand(decided, gathered))
        elif gathered:
            batch = gathered[0].batch if len(gathered) == 1 else np.concatenate([part.batch for part in gathered])
            details = tuple(detail for part in gathered for detail in part.transfers.details)
            try:
                with self.memory:
                    work = self.core.apply(batch, details, gathered[0].transfers.checkpoint)
            except StepRefused as error:
                for part in gathered:
                    part.fail(error)
                return
            self._hand_over(_Decided(work, gathered))

    def _hand_over(self, item: _Item) -> None:
        if not self._decided.put(item):
            self._refuse(item)

    def _fail_all(self, gathered: Gathered) -> None:
        for item in (gathered,) if isinstance(gathered, Command) else gathered:
            item.fail(RetrySameId())

    def _take_pass(self) -> None:
        if self._pass_wanted:
            with self._changed:
                self._pass_wanted = False
                self._pass = self.core.begin_pass()
                self._changed.notify_all()

    def _recover(self) -> None:
        """Wait until everyone in flight is told to come again, then build memory anew from the store.

        Raises LedgerFault when the database does not come back in time, BooksCorrupt when its books are wrong.
        """
        self._decided.wait_empty()
        with self._changed:
            self._pass = None
        started = self._clock.monotonic_us()
        attempt = 0
        while not self._stopped.is_set():
            try:
                with self.memory:
                    self.core.recover()
                break
            except (psycopg.Error, StorageError, UnitTaken) as error:
                self._log.warning("database lost, trying again", attempt=attempt + 1, reason=str(error))
                waited = (self._clock.monotonic_us() - started) / 1e6
                if waited > (_CLOSE_SECONDS_MAX if self._line.closed else self.settings.recover_seconds_max):
                    raise LedgerFault(f"The database did not come back in {waited:.0f} s: {error}") from error
                self._stopped.wait(_BACK_OFF_SECONDS[min(attempt, len(_BACK_OFF_SECONDS) - 1)])
                attempt += 1
        else:
            return
        self.recoveries += 1
        self._failed.clear()
        self._log.info("recovered", seq=self.core.committed_seq, attempts=attempt + 1)
        with self._changed:
            self._changed.notify_all()

    # --- the committer

    def _run_committer(self) -> None:
        while (item := self._decided.get()) is not None:
            try:
                if self._failed.is_set():
                    self._refuse(item)
                else:
                    self._commit(item)
            except BaseException:
                self._refuse(item)
                raise
            finally:
                self._decided.done()

    def _commit(self, item: _Decided | _DecidedCommand) -> None:
        block = item.work.block
        if block is not None:
            try:
                self._store.append(block)
            except AppendFailed as error:
                self._log.warning(
                    "commit failed", first_seq=block.first_seq, last_seq=block.last_seq, reason=str(error)
                )
                self._failed.set()
                self._refuse(item)
                return
            self.core.committed(block)
            self.commits += 1
            with self._changed:
                self._changed.notify_all()
        if isinstance(item, _DecidedCommand):
            item.command.answer(item.work.answer)
            return
        start = 0
        for part in item.parts:
            end = start + part.end - part.start
            part.answer(item.work.answers.outcome[start:end], item.work.answers.seq[start:end])
            start = end

    def _refuse(self, item: _Item) -> None:
        self._fail_all(item.command if isinstance(item, _DecidedCommand) else item.parts)

    # --- the keeper

    def _run_keeper(self) -> None:
        pause = self.settings.pass_seconds
        while not self._stopped.is_set():
            self._await_pass(pause)
            started = self._clock.monotonic_us()
            self._keep()
            pause = max(self.settings.pass_seconds, 5 * (self._clock.monotonic_us() - started) / 1e6)

    def _keep(self) -> None:
        """Have the decider take a pass, wait until what it shows is durable, write it."""
        with self._changed:
            committed = self.core.committed_seq
            if self.core.dirty == 0:
                self._passed_seq = max(self._passed_seq, committed)
                self._changed.notify_all()
                return
            self._pass_wanted = True
            self._changed.wait_for(lambda: self._stopped.is_set() or not self._pass_wanted)
            self._changed.wait_for(lambda: self._stopped.is_set() or self._pass_durable())
            balances, self._pass = self._pass, None
            if balances is None or self._stopped.is_set() or self.core.committed_seq < balances.as_of_seq:
                return
            recoveries = self.recoveries
        started = self._clock.monotonic_us()
        try:
            self._store.write_pass(balances)
        except (psycopg.Error, StorageError) as error:
            if recoveries == self.recoveries:
                self._log.warning("balances not written", reason=str(error))
                self._failed.set()
            return
        self.pages_written += len(balances.pages)
        self.pages_us += self._clock.monotonic_us() - started
        with self._changed:
            self._passed_seq = max(self._passed_seq, balances.as_of_seq)
            self._changed.notify_all()

    def _await_pass(self, pause: float) -> None:
        since = self.core.committed_seq
        with self._changed:
            self._changed.wait_for(lambda: self._stopped.is_set() or self._pass_due(since), pause)

    def _pass_due(self, since: int) -> bool:
        return self._passed_seq < self._settle_seq or self.core.committed_seq - since > self.settings.pass_rows_max

    def _pass_durable(self) -> bool:
        return self._pass is None or self.core.committed_seq >= self._pass.as_of_seq

    def settle(self, seconds_max: float) -> None:
        """Wait until all that is committed now is indexed, where its segment is full, and its balances are written.

        Raises LedgerFault when that takes longer than `seconds_max` or the engine stops.
        """
        target = self.core.committed_seq
        with self._changed:
            self._settle_seq = max(self._settle_seq, target)
            self._changed.notify_all()
            settled = self._changed.wait_for(
                lambda: self._stopped.is_set() or (self._passed_seq >= target and self._full_segment() is None),
                seconds_max,
            )
        if not settled or self._stopped.is_set():
            raise LedgerFault(f"The ledger did not come to rest in {seconds_max:.0f} s.")

    def await_durable(self, seq: int, seconds_max: float) -> bool:
        """Wait until everything up to `seq` is durable; False when the ledger stopped or lost it first."""
        recoveries = self.recoveries
        with self._changed:
            self._changed.wait_for(
                lambda: self._stopped.is_set() or self.core.committed_seq >= seq or self.recoveries > recoveries,
                seconds_max,
            )
        return self.core.committed_seq >= seq and self.recoveries == recoveries

    def await_commit(self, commits: int, seconds_max: float) -> int:
        """Wait until there are other than so many commits, or the engine stops; how many there are."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped.is_set() or self.commits != commits, seconds_max)
        return self.commits

    # --- the sealer

    def _run_sealer(self) -> None:
        while not self._stopped.is_set():
            full = self._full_segment()
            if full is None:
                with self._changed:
                    self._changed.wait(1.0)
                continue
            try:
                sieves = self.core.sieves_of(full)
                self._store.seal(full)
            except (psycopg.Error, StorageError) as error:
                self._log.warning("segment not sealed", segment=full.number, reason=str(error))
                self._stopped.wait(_BACK_OFF_SECONDS[-1])
                continue
            with self.memory:
                self.core.learn_sealed(self._store.segments(), sieves)
            with self._changed:
                self._changed.notify_all()

    def _full_segment(self) -> Segment | None:
        """The first segment that is full and durable but has no indexes yet."""
        committed = self.core.committed_seq
        return next((s for s in self._store.segments() if not s.sealed and s.end_seq <= committed + 1), None)
