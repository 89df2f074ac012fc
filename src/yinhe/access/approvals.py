"""Maker and checker: a command by rule waits for a second person, who sees its effect and decides once.

The command is kept sealed, under its own id. Once approved, the caller carries it out under that id as its maker, the
approver noted, and notes what became of it. Carried out again after a crash it is done once, for the id is the same.
"""

from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg

from yinhe.access import pending, role_store
from yinhe.access.deciding import forbids, within
from yinhe.access.pending import ApprovalState, Pending, sealing_contexts
from yinhe.access.permissions import Permission
from yinhe.access.principal import Principal
from yinhe.access.refusals import AccessRefusal
from yinhe.access.roles import is_text
from yinhe.audit.desk import Asked, Desk, Done, Told, Work
from yinhe.audit.log import append
from yinhe.audit.record import BANK, ActorKind, Outcome, Record
from yinhe.kernel.clock import datetime_from_us
from yinhe.kernel.ids import derived, is_uuid7
from yinhe.kernel.refusals import Refusal
from yinhe.storage.statements import load_statements
from yinhe.storage.vault import Vault

WAITS_US: Final = 3 * 24 * 3_600_000_000
"""How long a command waits: three days, so that Friday's is decided on Monday."""
COMMAND_BYTES_MAX: Final = 4_000_000
WAITING_MAX: Final = 1_000
"""Commands of one maker that wait at a time."""
WHY_MAX: Final = 500
EXPIRE_MAX: Final = 1_000
"""Commands that one call lets expire."""


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A command that needs a second person, as its caller hands it over."""

    permission: Permission
    """What its maker needed."""
    rule: str
    """The pattern of the rule that asks."""
    command: bytes
    """The command as JSON, with all it takes to carry it out."""
    effect: bytes
    """What a dry run of it came to, as JSON."""
    amount_minor: int | None = None
    currency: str | None = None


class Put(msgspec.Struct, frozen=True, kw_only=True):
    """What the maker is told: it waits."""

    id: UUID
    rule: str
    expires_at: int


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided on a command."""

    id: UUID
    action: str
    state: ApprovalState


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """A decision, and the command: if `pending.state` is `APPROVED` the caller carries it out and then finishes it."""

    told: Told
    pending: Pending


class Approvals:
    """What waits for a second person."""

    def __init__(self, desk: Desk, vault: Vault) -> None:
        self._desk: Final = desk
        self._vault: Final = vault
        self._sql: Final = load_statements("access")

    def put(self, asked: Asked, principal: Principal, waiting: Waiting) -> Told | Refusal:
        """Put a command to wait, under its own id; the answer is Put. The maker's permission was checked before."""
        if not is_uuid7(asked.id):
            return self._desk.carry_out(asked, lambda _: Refusal(AccessRefusal.APPROVAL_UNKNOWN))
        asking = self._asking(asked, waiting)
        now = self._desk.clock.now_us()
        put = Put(id=asked.id, rule=waiting.rule, expires_at=now + WAITS_US)

        def work(session: psycopg.Connection) -> Done | Refusal:
            if len(waiting.command) + len(waiting.effect) > COMMAND_BYTES_MAX:
                return Refusal(AccessRefusal.APPROVAL_TOO_LARGE)
            if not is_text(asked.why, WHY_MAX):
                return Refusal(AccessRefusal.TEXT_MALFORMED, "why")
            given = {"maker": principal.number, "now": datetime_from_us(now)}
            row = session.execute(self._sql["approvals_waiting_of"], given).fetchone()
            assert row is not None, "a count has a row"
            if int(row[0]) >= WAITING_MAX:
                return Refusal(AccessRefusal.APPROVALS_TOO_MANY)
            if not session.execute(self._sql["approval_put"], self._row(asked, principal, waiting, put)).rowcount:
                return Refusal(AccessRefusal.APPROVAL_KNOWN)
            detail = {"rule": waiting.rule, "amount_minor": waiting.amount_minor, "currency": waiting.currency}
            return Done(answer=put, object=f"approval/{asked.id}", detail=detail, outcome=Outcome.PENDING)

        return self._desk.carry_out(asking, work)

    def read(self, approval: UUID) -> Pending | Refusal:
        """One command that waits or waited, with its effect."""
        with self._desk.sessions.lend() as session:
            found = pending.read(session, self._vault, approval, self._desk.clock.now_us())
        return found or Refusal(AccessRefusal.APPROVAL_UNKNOWN)

    def list(
        self,
        *,
        states: tuple[ApprovalState, ...] = (),
        maker: int | None = None,
        before: UUID | None = None,
        limit: int = pending.PAGE_MAX,
    ) -> tuple[Pending, ...]:
        """A page of commands, the newest first; `before` is the last id of the page before."""
        now = self._desk.clock.now_us()
        with self._desk.sessions.lend() as session:
            return pending.listed(session, self._vault, now, states=states, maker=maker, before=before, limit=limit)

    def decide(self, asked: Asked, principal: Principal, approval: UUID, *, approve: bool) -> Decided | Refusal:
        """Approve or turn down, once: not by its maker, nor by whoever could not have done it. `asked.why` says why."""

        def work(session: psycopg.Connection) -> Done | Refusal:
            found = self._lock(session, approval)
            refusal = (
                found
                if isinstance(found, Refusal)
                else may_decide(principal, found)
                or self._state(found)
                or (self._maker_may(session, found) if approve else None)
                or (None if is_text(asked.why, WHY_MAX) else Refusal(AccessRefusal.TEXT_MALFORMED, "why"))
            )
            if refusal:
                return refusal
            assert isinstance(found, Pending), "a refusal left before"
            state = ApprovalState.APPROVED if approve else ApprovalState.TURNED_DOWN
            return self._decided(session, asked, found, state, principal.number)

        return self._told(asked, approval, work)

    def withdraw(self, asked: Asked, principal: Principal, approval: UUID) -> Decided | Refusal:
        """Take back what waits; its maker alone may."""

        def work(session: psycopg.Connection) -> Done | Refusal:
            found = self._lock(session, approval)
            if isinstance(found, Refusal):
                return found
            if found.maker != principal.number:
                return Refusal(AccessRefusal.NOT_THE_MAKER)
            refusal = self._state(found)
            return refusal or self._decided(session, asked, found, ApprovalState.WITHDRAWN, None)

        return self._told(asked, approval, work)

    def finish(self, approval: UUID, result: str, *, done: bool) -> Refusal | None:
        """Note what became of an approved command: `done`, or failed with the name of the refusal; once."""
        state = ApprovalState.DONE if done else ApprovalState.FAILED
        given = {"id": approval, "state": str(state), "result": result[:WHY_MAX], "now": self._now()}
        with self._desk.sessions.transaction() as session:
            if not session.execute(self._sql["approval_finish"], given).rowcount:
                return Refusal(AccessRefusal.NOT_APPROVED)
            detail = {"state": str(state), "result": result[:WHY_MAX]}
            record = Record(action="approval.finish", author=BANK, object=f"approval/{approval}", detail=detail)
            append(session, self._desk.clock, [record])
        return None

    def unfinished(self) -> tuple[Pending, ...]:
        """What was approved and not noted as finished, after a crash: to be carried out again under its id."""
        return self.list(states=(ApprovalState.APPROVED,))

    def expire(self) -> int:
        """Let what waited too long expire, each on record; how many did, EXPIRE_MAX at most."""
        with self._desk.sessions.transaction() as session:
            given = {"now": self._now(), "limit": EXPIRE_MAX}
            rows = session.execute(self._sql["approvals_expire"], given).fetchall()
            records = [
                Record(action="approval.expire", author=BANK, object=f"approval/{row[0]}", detail={"action": row[1]})
                for row in rows
            ]
            if records:
                append(session, self._desk.clock, records)
        return len(records)

    def _asking(self, asked: Asked, waiting: Waiting) -> Asked:
        """The same under an id of its own, that leaves the command's for the command; content kept out of the log."""
        blind = self._vault.blind(waiting.command.decode(), "approval").hex()
        return msgspec.structs.replace(asked, id=derived(asked.id, "approval"), content={"blind": blind}, dry_run=False)

    def _row(self, asked: Asked, principal: Principal, waiting: Waiting, put: Put) -> dict[str, Any]:
        command_context, effect_context = sealing_contexts(asked.id)
        return {
            "id": asked.id,
            "action": asked.action,
            "maker": principal.number,
            "permission": str(waiting.permission),
            "rule": waiting.rule,
            "amount_minor": waiting.amount_minor,
            "currency": waiting.currency,
            "command": self._vault.seal(waiting.command, command_context),
            "effect": self._vault.seal(waiting.effect, effect_context),
            "why": asked.why,
            "now": datetime_from_us(put.expires_at - WAITS_US),
            "expires_at": datetime_from_us(put.expires_at),
        }

    def _lock(self, session: psycopg.Connection, approval: UUID) -> Pending | Refusal:
        if session.execute(self._sql["approval_lock"], {"id": approval}).fetchone() is None:
            return Refusal(AccessRefusal.APPROVAL_UNKNOWN)
        found = pending.read(session, self._vault, approval, self._desk.clock.now_us())
        assert found is not None, "it is locked"
        return found

    def _state(self, found: Pending) -> Refusal | None:
        match found.state:
            case ApprovalState.WAITING:
                return None
            case ApprovalState.EXPIRED:
                return Refusal(AccessRefusal.APPROVAL_EXPIRED)
            case _:
                return Refusal(AccessRefusal.ALREADY_DECIDED, str(found.state))

    def _maker_may(self, session: psycopg.Connection, found: Pending) -> Refusal | None:
        """Whether the maker still may: whoever left meanwhile does nothing more."""
        entry = role_store.find(session, found.maker_kind, found.maker_name)
        held = frozenset(
            str(permission) for role in role_store.roles_of(session, found.maker) for permission in role.permissions
        )
        if entry is None or not entry.enabled or found.permission not in held:
            return Refusal(AccessRefusal.MAKER_NO_LONGER_MAY)
        return None

    def _decided(
        self, session: psycopg.Connection, asked: Asked, found: Pending, state: ApprovalState, decider: int | None
    ) -> Done:
        given = {"id": found.id, "state": str(state), "decider": decider, "why": asked.why, "now": self._now()}
        session.execute(self._sql["approval_decide"], given)
        return Done(
            answer=Verdict(id=found.id, action=found.action, state=state),
            object=f"approval/{found.id}",
            before={"state": str(found.state)},
            after={"state": str(state)},
            detail={"action": found.action, "maker": f"{found.maker_kind}:{found.maker_name}"},
        )

    def _told(self, asked: Asked, approval: UUID, work: Work) -> Decided | Refusal:
        told = self._desk.carry_out(asked, work)
        if isinstance(told, Refusal):
            return told
        found = self.read(approval)
        return found if isinstance(found, Refusal) else Decided(told=told, pending=found)

    def _now(self) -> Any:
        return datetime_from_us(self._desk.clock.now_us())


def may_decide(principal: Principal, found: Pending) -> Refusal | None:
    """Whether a principal may decide on a command; the state of the command aside."""
    if principal.kind is not ActorKind.USER:
        return Refusal(AccessRefusal.USERS_ONLY)
    if principal.number == found.maker:
        return Refusal(AccessRefusal.OWN_COMMAND)
    refusal = forbids(principal, Permission.APPROVE)
    if refusal:
        return refusal
    if found.permission not in {str(permission) for permission in principal.permissions}:
        return Refusal(AccessRefusal.NOT_PERMITTED, found.permission)
    if found.amount_minor is not None and found.currency is not None:
        limits = principal.limits_in(found.currency)
        return within(msgspec.structs.replace(limits, daily_minor=max(limits.daily_minor, found.amount_minor)),
                      found.amount_minor)  # fmt: skip
    return None
