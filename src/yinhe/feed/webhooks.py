"""Webhooks, made and changed by whoever wants events sent: each act goes through the desk and is on record.

A secret is told once, in the answer to the act that made it, and never again: neither the log nor the answer that the
desk keeps holds it; in the database it is sealed.
"""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
import psycopg

from yinhe.access.principal import Scope
from yinhe.audit.desk import Asked, Desk, Done, Told
from yinhe.feed.addresses import Resolve, Rules, judge, resolve
from yinhe.feed.cursor import BEGINNING, Cursor
from yinhe.feed.event import EVERYWHERE, refuse_types
from yinhe.feed.feed import Feed
from yinhe.feed.refusals import FeedRefusal
from yinhe.feed.signing import new_secret, secret_text
from yinhe.feed.subscription import (
    Dead,
    OnDead,
    Subscription,
    WebhookState,
    read_dead,
    read_webhook,
    read_webhooks,
    secret_context,
)
from yinhe.kernel.refusals import Refusal
from yinhe.storage.statements import load_statements
from yinhe.storage.vault import Vault

WEBHOOKS_MAX: Final = 200
"""Most webhooks of a unit."""
BATCH_MAX: Final = 100
"""Most events of one delivery."""
OVERLAP_SECONDS_MAX: Final = 7 * 86_400
"""Longest an old secret is kept beside a new one."""


class Subscribe(msgspec.Struct, frozen=True, kw_only=True):
    """Have events sent to an address."""

    url: str
    types: tuple[str, ...] = ()
    """Types of events, or their beginnings; empty: all."""
    object: str | None = None
    batch_max: int = 1
    """Most events of one delivery; with 1 each is delivered by itself."""
    on_dead: OnDead = OnDead.GO_ON
    from_cursor: str | None = None
    """Send what comes after this cursor; None: what comes from now on; empty: everything."""


class Rotate(msgspec.Struct, frozen=True, kw_only=True):
    """Give a webhook another secret."""

    webhook: int
    overlap_seconds: int = 86_400
    """How long is signed with the old one too."""


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """Send again what comes after a cursor."""

    webhook: int
    cursor: str


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to making a webhook or its secret."""

    webhook: int
    url: str
    secret: str | None = None
    """Told once: None when the same is asked again."""


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a change of a webhook."""

    webhook: int
    state: WebhookState


class Webhooks:
    """Makes and changes webhooks; safe between threads.

    `only_of`, where it is given, is the actor whose webhooks alone are reached; those of others are unknown.
    """

    def __init__(self, desk: Desk, feed: Feed, vault: Vault, rules: Rules, look_up: Resolve = resolve) -> None:
        self._desk: Final = desk
        self._feed: Final = feed
        self._vault: Final = vault
        self._rules: Final = rules
        self._look_up: Final = look_up
        self._sql: Final = load_statements("feed")

    # --- acts

    def subscribe(self, asked: Asked, command: Subscribe, reach: Scope = EVERYWHERE) -> Told | Refusal:
        """Make a webhook that sends what its maker may have; the answer is `Made`, with the secret, once."""
        start = self._refuse(command) or self._start(command.from_cursor)
        if isinstance(start, Refusal):
            if not asked.dry_run:
                # Whoever tries where this bank can be made to connect to is on record.
                with self._desk.sessions.lend() as session:
                    self._desk.note_refusal(session, asked, start)
            return start
        secret = new_secret()

        def work(session: psycopg.Connection) -> Done | Refusal:
            count = _scalar(session, self._sql["webhook_count"])
            if count >= WEBHOOKS_MAX:
                return Refusal(FeedRefusal.WEBHOOKS_TOO_MANY, str(WEBHOOKS_MAX))
            webhook = _scalar(session, self._sql["webhook_number"])
            given: dict[str, Any] = {
                "webhook": webhook,
                "url": command.url,
                "secret": self._vault.seal(secret, secret_context(webhook)),
                "types": list(command.types),
                "object": command.object,
                "parties": None if reach.parties is None else sorted(reach.parties),
                "branches": None if reach.branches is None else sorted(reach.branches),
                "batch_max": command.batch_max,
                "on_dead": str(command.on_dead),
                "made_by": asked.author.actor,
                "at": self._desk.clock.now_us(),
            }
            session.execute(self._sql["webhook_make"], given | msgspec.structs.asdict(start))
            after = {"url": _shown(command.url), "types": command.types, "batch_max": command.batch_max}
            made = Made(webhook=webhook, url=command.url)
            return Done(answer=made, object=f"webhook/{webhook}", after=after)

        return self._with_secret(self._desk.carry_out(asked, work), secret)

    def rotate(self, asked: Asked, command: Rotate, only_of: str | None = None) -> Told | Refusal:
        """Give a webhook another secret; the answer is `Made`, with the secret, once."""
        if not 0 <= command.overlap_seconds <= OVERLAP_SECONDS_MAX:
            return Refusal(FeedRefusal.OVERLAP_OUT_OF_BOUNDS)
        secret = new_secret()

        def work(session: psycopg.Connection, found: Subscription) -> Done:
            until = self._desk.clock.now_us() + command.overlap_seconds * 1_000_000
            sealed = self._vault.seal(secret, secret_context(found.webhook))
            given = {"webhook": found.webhook, "secret": sealed, "until": until}
            session.execute(self._sql["webhook_secret"], given)
            made = Made(webhook=found.webhook, url=found.url)
            detail = {"overlap_seconds": command.overlap_seconds}
            return Done(answer=made, object=f"webhook/{found.webhook}", detail=detail)

        return self._with_secret(self._change(asked, command.webhook, only_of, work), secret)

    def pause(self, asked: Asked, webhook: int, only_of: str | None = None) -> Told | Refusal:
        """Send nothing until it is resumed; nothing is lost meanwhile."""
        return self._set_state(asked, webhook, only_of, WebhookState.PAUSED)

    def resume(self, asked: Asked, webhook: int, only_of: str | None = None) -> Told | Refusal:
        """Send again, from where it stopped, at once."""
        return self._set_state(asked, webhook, only_of, WebhookState.ACTIVE)

    def remove(self, asked: Asked, webhook: int, only_of: str | None = None) -> Told | Refusal:
        """Send nothing any more."""
        return self._set_state(asked, webhook, only_of, WebhookState.REMOVED)

    def replay(self, asked: Asked, command: Replay, only_of: str | None = None) -> Told | Refusal:
        """Go on from another place in the feed; events keep their ids, so a receiver knows what it had."""
        place = Cursor.read(command.cursor, self._feed.unit)
        if isinstance(place, Refusal):
            return place

        def work(session: psycopg.Connection, found: Subscription) -> Done:
            given = {"webhook": found.webhook, **msgspec.structs.asdict(place)}
            session.execute(self._sql["webhook_place"], given)
            before, after = (msgspec.structs.asdict(one) for one in (found.place, place))
            answer = Changed(webhook=found.webhook, state=found.state)
            return Done(answer=answer, object=f"webhook/{found.webhook}", before=before, after=after)

        return self._change(asked, command.webhook, only_of, work)

    def resend(self, asked: Asked, dead: int, only_of: str | None = None) -> Told | Refusal:
        """Send once more, under its first id, what was given up."""
        with self._desk.sessions.lend() as session:
            row = session.execute(self._sql["dead_owner"], {"dead": dead}).fetchone()
        if row is None:
            return Refusal(FeedRefusal.DEAD_UNKNOWN)

        def work(session: psycopg.Connection, found: Subscription) -> Done:
            session.execute(self._sql["dead_resend"], {"dead": dead})
            answer = Changed(webhook=found.webhook, state=found.state)
            return Done(answer=answer, object=f"webhook/{found.webhook}", detail={"dead": dead})

        told = self._change(asked, int(row[0]), only_of, work)
        unknown = isinstance(told, Refusal) and told.because is FeedRefusal.WEBHOOK_UNKNOWN
        return Refusal(FeedRefusal.DEAD_UNKNOWN) if unknown else told

    # --- reading

    def list(self, only_of: str | None = None) -> tuple[Subscription, ...]:
        """The webhooks there are."""
        with self._desk.sessions.lend() as session:
            return read_webhooks(session, only_of)

    def show(self, webhook: int, only_of: str | None = None) -> Subscription | Refusal:
        """One webhook."""
        with self._desk.sessions.lend() as session:
            found = read_webhook(session, webhook)
        return self._reached(found, only_of)

    def dead(self, webhook: int, only_of: str | None = None, **page: int) -> tuple[Dead, ...] | Refusal:
        """What was given up of a webhook, the newest first; `page` as for `read_dead`."""
        with self._desk.sessions.lend() as session:
            found = self._reached(read_webhook(session, webhook), only_of)
            return found if isinstance(found, Refusal) else read_dead(session, webhook, **page)

    # --- within

    def _refuse(self, command: Subscribe) -> Refusal | None:
        if not 1 <= command.batch_max <= BATCH_MAX:
            return Refusal(FeedRefusal.BATCH_OUT_OF_BOUNDS)
        refused = refuse_types(command.types)
        if refused is not None:
            return refused
        target = judge(command.url, self._rules, self._look_up)
        return target if isinstance(target, Refusal) else None

    def _start(self, cursor: str | None) -> Cursor | Refusal:
        if cursor is None:
            return self._feed.now()
        return Cursor.read(cursor, self._feed.unit) if cursor else BEGINNING

    def _set_state(self, asked: Asked, webhook: int, only_of: str | None, state: WebhookState) -> Told | Refusal:
        def work(session: psycopg.Connection, found: Subscription) -> Done:
            session.execute(self._sql["webhook_state"], {"webhook": webhook, "state": str(state), "why": ""})
            answer = Changed(webhook=webhook, state=state)
            before, after = {"state": found.state}, {"state": state}
            return Done(answer=answer, object=f"webhook/{webhook}", before=before, after=after)

        return self._change(asked, webhook, only_of, work)

    def _change(
        self,
        asked: Asked,
        webhook: int,
        only_of: str | None,
        change: Callable[[psycopg.Connection, Subscription], Done],
    ) -> Told | Refusal:
        def work(session: psycopg.Connection) -> Done | Refusal:
            session.execute(self._sql["webhook_lock"], {"webhook": webhook})
            found = self._reached(read_webhook(session, webhook), only_of)
            return found if isinstance(found, Refusal) else change(session, found)

        told = self._desk.carry_out(asked, work)
        self._feed.notify()
        return told

    def _reached(self, found: Subscription | None, only_of: str | None) -> Subscription | Refusal:
        if found is None or (only_of is not None and found.made_by != only_of):
            return Refusal(FeedRefusal.WEBHOOK_UNKNOWN)
        return Refusal(FeedRefusal.WEBHOOK_REMOVED) if found.state is WebhookState.REMOVED else found

    def _with_secret(self, told: Told | Refusal, secret: bytes) -> Told | Refusal:
        """The answer with the secret in it: only where it was made just now, and stands."""
        if isinstance(told, Refusal) or told.repeated or told.dry_run:
            return told
        made = msgspec.structs.replace(told.read(Made), secret=secret_text(secret))
        return msgspec.structs.replace(told, answer=msgspec.Raw(msgspec.json.encode(made)))


def _shown(url: str) -> str:
    """An address without its query, which may hold a secret of its owner."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _scalar(session: psycopg.Connection, statement: Any) -> int:
    row = session.execute(statement).fetchone()
    return 0 if row is None else int(row[0])
