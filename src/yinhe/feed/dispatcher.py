"""Delivers events to webhooks: in order for each, at least once, with bounded patience.

What is to be delivered next is written down before it is sent, and sent as it was written until it arrives: a receiver
that hears of an event twice hears it under the same id. The place of a webhook moves with the delivery's end, in one
transaction. A delivery that fails is tried again after ever longer waits, at most so often and so long; then it is kept
as given up, and the webhook goes on or is paused, as its owner chose.

What is sent is within what the webhook was made for and what whoever made it reaches now; when they may have no events
any more, it is paused.
"""

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from enum import Enum, unique
from typing import Any, Final, TypeAlias

import msgspec
import psycopg

from yinhe.access.deciding import narrowed
from yinhe.access.principal import Scope
from yinhe.audit.log import append
from yinhe.audit.record import BANK, Record
from yinhe.feed.cursor import Cursor
from yinhe.feed.event import EVERYWHERE, Event
from yinhe.feed.feed import Feed
from yinhe.feed.sending import Sender, Sent
from yinhe.feed.signing import signed
from yinhe.feed.subscription import OnDead, Pending, Subscription, WebhookState, read_webhook, secret_context
from yinhe.kernel.clock import Clock
from yinhe.ledger.logbook import Logbook
from yinhe.storage.errors import SealBroken, StorageError
from yinhe.storage.sessions import Sessions
from yinhe.storage.statements import load_statements
from yinhe.storage.vault import Vault

BATCH_TYPE: Final = "events.v1"
"""The type of a delivery of several events."""


@unique
class Denied(Enum):
    """Why an actor is sent no events."""

    NOT_NOW = 0
    """Not at this moment: what there is waits."""
    ANY_MORE = 1


Allowed: TypeAlias = Callable[[str], Scope | Denied]
"""What an actor, as the log names it, reaches of events now."""
_MAKER_MAY_NOT: Final = "maker_may_not"
_REACH_CHANGED: Final = "reach_changed"
_GONE: Final = 410
_TURN_MAX: Final = 50
"""Deliveries to one webhook before others have their turn."""
_RESENT_AT_ONCE: Final = 20


class Patience(msgspec.Struct, frozen=True):
    """How long a delivery is tried, and how many are at once."""

    attempts_max: int = 12
    first_wait_seconds: float = 5.0
    wait_max_seconds: float = 3_600.0
    """Each wait is twice the one before, up to this."""
    age_max_seconds: float = 2 * 86_400.0
    """A delivery older than this is given up at its next failure."""
    workers: int = 8
    tick_seconds: float = 0.5
    """How often it is looked for what is due."""

    def wait_after(self, failures: int) -> float:
        """Seconds to wait after the first, second, … failure."""
        return min(self.first_wait_seconds * 2.0 ** min(failures - 1, 40), self.wait_max_seconds)


class Dispatcher:
    """Threads that deliver; one dispatcher a unit, beside its one engine."""

    def __init__(
        self,
        sessions: Sessions,
        feed: Feed,
        vault: Vault,
        clock: Clock,
        sender: Sender,
        patience: Patience | None = None,
        allowed: Allowed = lambda _: EVERYWHERE,
    ) -> None:
        """Nothing is delivered before `start`, but by `deliver_due`. `allowed` is asked before each delivery."""
        self._allowed: Final = allowed
        self._sessions: Final = sessions
        self._feed: Final = feed
        self._vault: Final = vault
        self._clock: Final = clock
        self._sender: Final = sender
        self._patience: Final = patience or Patience()
        self._sql: Final = load_statements("feed")
        self._log: Final = Logbook("yinhe.feed")
        self._stopped: Final = threading.Event()
        self._thread: threading.Thread | None = None
        self._busy: Final[dict[int, Future[int]]] = {}
        self._quiet: Final[dict[int, tuple[Cursor, Cursor]]] = {}
        """Webhooks that had no event from a place on, and where the feed ended then."""

    # --- life

    def start(self) -> None:
        """Begin to deliver."""
        self._thread = threading.Thread(target=self._run, name="yinhe webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the deliveries under way and stop."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        with ThreadPoolExecutor(self._patience.workers, thread_name_prefix="yinhe webhook") as pool:
            while not self._stopped.is_set():
                try:
                    self._hand_out(pool)
                except (psycopg.Error, StorageError) as error:
                    self._log.warning("webhooks cannot be read", reason=str(error))
                self._stopped.wait(self._patience.tick_seconds)

    def _hand_out(self, pool: ThreadPoolExecutor) -> None:
        for webhook in [webhook for webhook, future in self._busy.items() if future.done()]:
            del self._busy[webhook]
        for webhook in self._due():
            if webhook not in self._busy:
                self._busy[webhook] = pool.submit(self._guarded, webhook)
        # Number 0 is no webhook: one worker sends again what was given up.
        if 0 not in self._busy:
            self._busy[0] = pool.submit(self._guarded, 0)

    def _guarded(self, webhook: int) -> int:
        try:
            return self._turn(webhook) if webhook else self.resend_wanted()
        except (psycopg.Error, StorageError) as error:
            self._log.warning("webhook interrupted", webhook=webhook, reason=str(error))
            return 0

    # --- delivering

    def deliver_due(self) -> int:
        """Deliver what is due now, webhook by webhook; how many deliveries arrived."""
        return sum(self._turn(webhook) for webhook in self._due())

    def _due(self) -> list[int]:
        now = self._feed.now()
        with self._sessions.lend() as session:
            rows = session.execute(self._sql["webhooks_due"], {"now": self._clock.now_us()}).fetchall()
        return [
            int(webhook)
            for webhook, seq, number, part, has_pending in rows
            if has_pending or self._quiet.get(webhook) != (Cursor(seq, number, part), now)
        ]

    def _turn(self, webhook: int) -> int:
        """Deliver to one webhook until nothing is left, something fails, or others are to have their turn."""
        arrived = 0
        for _ in range(_TURN_MAX):
            if self._stopped.is_set() or not self._deliver_next(webhook):
                break
            arrived += 1
        return arrived

    def _deliver_next(self, webhook: int) -> bool:
        """Whether something was delivered, or passed over that nobody wants."""
        with self._sessions.lend() as session:
            found = read_webhook(session, webhook)
        if found is None or found.state is not WebhookState.ACTIVE:
            return False
        allowed = self._allowed(found.made_by)
        if isinstance(allowed, Denied):
            if allowed is Denied.ANY_MORE:
                with self._sessions.transaction() as session:
                    self._pause(session, found, _MAKER_MAY_NOT)
            return False
        reach = narrowed(found.reach, allowed)
        if found.pending is not None and found.pending.reach != digest_of(reach):
            with self._sessions.transaction() as session:
                session.execute(self._sql["webhook_drop"], {"webhook": webhook, "id": found.pending.id})
            found = msgspec.structs.replace(found, pending=None)
        pending = found.pending or self._compose(found, reach)
        if pending is None:
            return False
        sent = self._send(found, pending.id, pending.body)
        with self._sessions.transaction() as session:
            if sent.arrived:
                given = {"webhook": webhook, "id": pending.id, "delivered": pending.events}
                session.execute(self._sql["webhook_done"], given)
            else:
                self._note_failure(session, found, pending, sent)
        return sent.arrived

    def _compose(self, found: Subscription, reach: Scope) -> Pending | None:
        """Write down the next delivery; None where no event is wanted now."""
        end = self._feed.now()
        read = self._feed.read(found.place, found.batch_max, found.wanted, reach)
        while not read.events and read.more and not self._stopped.is_set():
            read = self._feed.read(read.next, found.batch_max, found.wanted, reach)
        old = {f"old_{name}": value for name, value in msgspec.structs.asdict(found.place).items()}
        given: dict[str, Any] = {"webhook": found.webhook, **msgspec.structs.asdict(read.next), **old}
        if not read.events:
            self._quiet[found.webhook] = (read.next, end)
            if read.next != found.place:
                with self._sessions.transaction() as session:
                    session.execute(self._sql["webhook_passed"], given)
            return None
        # Up to the last event and no further: what nobody wanted behind it is looked at once more.
        events, last = tuple(event for event, _ in read.events), read.events[-1][1]
        now = self._clock.now_us()
        message_id, body = composed(events, found.batch_max)
        pending = Pending(message_id, body.decode(), len(events), last, now, digest_of(reach))
        given |= {"id": pending.id, "body": pending.body, "events": pending.events, "at": now, "reach": pending.reach}
        with self._sessions.transaction() as session:
            written = session.execute(self._sql["webhook_pending"], given | msgspec.structs.asdict(last)).rowcount
        return pending if written else None

    def _send(self, found: Subscription, message_id: str, body: str) -> Sent:
        try:
            secrets = [self._vault.unseal(found.secret, secret_context(found.webhook))]
            if found.retired is not None and (found.retired_until or 0) > self._clock.now_us():
                secrets.append(self._vault.unseal(found.retired, secret_context(found.webhook)))
        except SealBroken:
            return Sent(0, "secret_unreadable")
        encoded = body.encode()
        headers = signed(secrets, message_id, self._clock.now_us() // 1_000_000, encoded)
        return self._sender.send(found.url, headers, encoded)

    # --- what fails

    def _note_failure(self, session: psycopg.Connection, found: Subscription, pending: Pending, sent: Sent) -> None:
        failures, now = found.failures + 1, self._clock.now_us()
        too_old = now - pending.since >= self._patience.age_max_seconds * 1_000_000
        if sent.status == _GONE:
            self._pause(session, found, sent.problem)
        elif failures >= self._patience.attempts_max or too_old:
            self._give_up(session, found, pending, failures, sent)
        else:
            asked = min(float(sent.retry_after), self._patience.wait_max_seconds)
            wait = max(self._patience.wait_after(failures), asked)
            given = {"webhook": found.webhook, "id": pending.id, "why": sent.problem}
            session.execute(self._sql["webhook_failed"], given | {"next": now + int(wait * 1_000_000)})

    def _pause(self, session: psycopg.Connection, found: Subscription, why: str) -> None:
        session.execute(self._sql["webhook_pause"], {"webhook": found.webhook, "why": why})
        self._record(session, found, "webhook.pause", {"reason": why})

    def _give_up(
        self, session: psycopg.Connection, found: Subscription, pending: Pending, attempts: int, sent: Sent
    ) -> None:
        done = session.execute(
            self._sql["webhook_done"], {"webhook": found.webhook, "id": pending.id, "delivered": 0}
        ).rowcount
        if not done:
            # It was sent back to another place meanwhile: nothing of this is on its way any more.
            return
        given: dict[str, Any] = {"webhook": found.webhook, "id": pending.id, "body": pending.body}
        given |= {"reach": pending.reach}
        given |= {"events": pending.events, "attempts": attempts, "reason": sent.problem, "at": self._clock.now_us()}
        session.execute(self._sql["dead_make"], given)
        if found.on_dead is OnDead.PAUSE:
            session.execute(self._sql["webhook_pause"], {"webhook": found.webhook, "why": sent.problem})
        detail = {"id": pending.id, "attempts": attempts, "reason": sent.problem, "then": found.on_dead}
        self._record(session, found, "webhook.give_up", detail)
        self._log.warning("webhook delivery given up", webhook=found.webhook, attempts=attempts, reason=sent.problem)

    def resend_wanted(self) -> int:
        """Send once more what was given up and is asked for again; how many arrived."""
        with self._sessions.lend() as session:
            rows = session.execute(self._sql["dead_wanted"], {"limit": _RESENT_AT_ONCE}).fetchall()
        arrived = 0
        for dead, webhook, message_id, body, reach in rows:
            with self._sessions.lend() as session:
                found = read_webhook(session, webhook)
            if found is None or self._stopped.is_set():
                break
            allowed = self._allowed(found.made_by)
            if isinstance(allowed, Denied):
                sent = Sent(0, _MAKER_MAY_NOT)
            elif digest_of(narrowed(found.reach, allowed)) != reach:
                sent = Sent(0, _REACH_CHANGED)
            else:
                sent = self._send(found, message_id, body)
            arrived += sent.arrived
            given = {"dead": dead, "reason": sent.problem, "at": self._clock.now_us()}
            with self._sessions.transaction() as session:
                session.execute(self._sql["dead_sent"], given)
        return arrived

    def _record(self, session: psycopg.Connection, found: Subscription, action: str, detail: dict[str, Any]) -> None:
        record = Record(action=action, author=BANK, object=f"webhook/{found.webhook}", detail=detail)
        append(session, self._clock, [record])


def digest_of(reach: Scope) -> str:
    """The SHA-256 of what a reach has to do with events, in hexadecimal."""
    told = [None if one is None else sorted(one) for one in (reach.parties, reach.branches)]
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def composed(events: tuple[Event, ...], batch_max: int) -> tuple[str, bytes]:
    """The id and the body of a delivery: `type`, `timestamp` and `data`; a single event has its own id and type."""
    if batch_max == 1:
        (event,) = events
        body = {"type": event.type, "timestamp": event.at, "data": event}
        return event.id, msgspec.json.encode(body)
    digest = hashlib.sha256(" ".join(event.id for event in events).encode()).hexdigest()
    body = {"type": BATCH_TYPE, "timestamp": events[-1].at, "data": {"events": events}}
    return f"events-{digest[:32]}", msgspec.json.encode(body)
