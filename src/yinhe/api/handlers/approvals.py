"""Second persons: what waits for one, and what they decide."""

import hashlib
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from yinhe.access.pending import PAGE_MAX, ApprovalState, Pending
from yinhe.access.permissions import Permission
from yinhe.api.approving import Stored, restored, unpacked
from yinhe.api.call import Call
from yinhe.api.counting import carried_out
from yinhe.api.forms import Cursor, amount_text, make_cursor, read_cursor
from yinhe.api.route import Handled, RefusalLike, Reply, Route
from yinhe.kernel.clock import datetime_from_us
from yinhe.kernel.currency import currency
from yinhe.kernel.refusals import Refusal
from yinhe.transact.refusals import DayRefusal


class ApprovalParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which command."""

    approval: Annotated[UUID, msgspec.Meta(description="The command's id.")]


class ApprovalsParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which commands."""

    state: Annotated[
        Literal["waiting", "approved", "done", "failed", "turned_down", "expired", "withdrawn"] | None,
        msgspec.Meta(description="Only those in this state."),
    ] = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_MAX)] = 50
    cursor: Cursor = ""


class DecisionForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a second person decides."""

    decision: Literal["approve", "turn_down"]
    why: Annotated[str, msgspec.Meta(max_length=500, description="In their own words; it goes on record.")] = ""


class ApprovalCard(msgspec.Struct, frozen=True, kw_only=True):
    """A command that waits or waited for a second person, with the effect it would have."""

    approval: UUID
    action: str
    maker: str
    permission: str
    rule: str
    amount: str | None
    currency: str | None
    command: Any
    effect: Any
    why: str
    state: str
    put_at: datetime
    expires_at: datetime
    decider: str | None
    decided_at: datetime | None
    decision_why: str | None
    result: str | None


class ApprovalList(msgspec.Struct, frozen=True):
    """A page of commands, the newest first."""

    items: tuple[ApprovalCard, ...]
    next: str | None


class DecisionAnswer(msgspec.Struct, frozen=True):
    """What was decided, and what became of the command."""

    approval: UUID
    state: str
    result: str
    answer: Any
    """Of an approved command: what it was answered."""


def approvals(call: Call) -> Handled:
    """List what waits or waited."""
    params = call.params_as(ApprovalsParams)
    before: UUID | None = None
    if params.cursor:
        found = read_cursor("approvals", params.cursor, UUID)
        if isinstance(found, Refusal):
            return found
        before = found[0]
    states = () if params.state is None else (ApprovalState(params.state),)
    page = call.bank.identity.approvals.list(states=states, before=before, limit=params.limit)
    following = make_cursor("approvals", page[-1].id) if len(page) == params.limit else None
    return Reply(value=ApprovalList(tuple(_card(one) for one in page), following))


def approval(call: Call) -> Handled:
    """Show one."""
    found = call.bank.identity.approvals.read(call.params_as(ApprovalParams).approval)
    return found if isinstance(found, Refusal) else Reply(value=_card(found))


def decide(call: Call) -> Handled:
    """Approve, and carry the command out as its maker asked it; or turn it down."""
    form, which = call.body_as(DecisionForm), call.params_as(ApprovalParams).approval
    asked = msgspec.structs.replace(call.asked(msgspec.to_builtins(form)), why=form.why or call.why)
    decided = call.bank.identity.approvals.decide(asked, call.principal, which, approve=form.decision == "approve")
    if isinstance(decided, Refusal):
        return decided
    if call.dry_run or decided.pending.state is not ApprovalState.APPROVED:
        state = "approved" if call.dry_run and form.decision == "approve" else str(decided.pending.state)
        return Reply(value=DecisionAnswer(which, state, decided.pending.result or "", None))
    return carry_out(call, decided.pending, call.principal.author().actor)


def carry_out(call: Call, pending: Pending, approver: str) -> Handled:
    """Carry an approved command out under its own id, and note what became of it; `approver` as the log names it."""
    content = msgspec.json.decode(pending.command, type=Stored)
    route: Route = call.routes[content.route]
    maker = call.bank.identity.gate.principal_of(pending.maker_kind, pending.maker_name)
    if isinstance(maker, Refusal):
        call.bank.identity.approvals.finish(pending.id, maker.name, done=False)
        return maker
    by_maker = msgspec.structs.replace(call, id=pending.id, principal=maker, approver=approver)
    again = restored(route, content, by_maker)
    handled = carried_out(route, again, route.weight_of(again))
    if isinstance(handled, Refusal) and handled.because is DayRefusal.ASK_AGAIN:
        # It is being carried out already: what becomes of it, the other tells.
        return handled
    if isinstance(handled, Reply):
        call.bank.identity.approvals.finish(pending.id, "done", done=True)
        return Reply(value=DecisionAnswer(pending.id, "done", "done", handled.value))
    call.bank.identity.approvals.finish(pending.id, handled.name, done=False)
    return Reply(value=DecisionAnswer(pending.id, "failed", handled.name, _reasons(handled)))


def withdraw(call: Call) -> Handled:
    """Take back what one made oneself."""
    which = call.params_as(ApprovalParams).approval
    decided = call.bank.identity.approvals.withdraw(call.asked(), call.principal, which)
    if isinstance(decided, Refusal):
        return decided
    return Reply(value=DecisionAnswer(which, str(decided.pending.state), "", None))


def _reasons(refusal: RefusalLike) -> dict[str, str]:
    return {"code": refusal.name, "en": refusal.english, "zh": refusal.chinese}


def _shown(pending: Pending) -> Any:
    """The command as people read it: of bytes how many, and their digest."""
    if pending.command == b"null":
        return None
    stored = msgspec.json.decode(pending.command, type=Stored)
    if not stored.packed:
        return msgspec.to_builtins(stored)
    body = unpacked(stored)
    told = {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    return msgspec.to_builtins(msgspec.structs.replace(stored, body=told))


def _card(pending: Pending) -> ApprovalCard:
    has_amount = pending.amount_minor is not None and pending.currency
    return ApprovalCard(
        approval=pending.id,
        action=pending.action,
        maker=f"{pending.maker_kind}:{pending.maker_name}",
        permission=pending.permission,
        rule=pending.rule,
        amount=amount_text(pending.amount_minor or 0, currency(pending.currency or "")) if has_amount else None,
        currency=pending.currency,
        command=_shown(pending),
        effect=msgspec.json.decode(pending.effect),
        why=pending.why,
        state=str(pending.state),
        put_at=datetime_from_us(pending.put_at),
        expires_at=datetime_from_us(pending.expires_at),
        decider=pending.decider,
        decided_at=None if pending.decided_at is None else datetime_from_us(pending.decided_at),
        decision_why=pending.decision_why,
        result=pending.result,
    )


ROUTES = (
    Route(
        method="GET",
        path="/v1/approvals",
        name="listApprovals",
        tag="approvals",
        summary="Commands that wait or waited for a second person, the newest first.",
        permission=Permission.APPROVE,
        handler=approvals,
        params=ApprovalsParams,
        answer=ApprovalList,
    ),
    Route(
        method="GET",
        path="/v1/approvals/{approval}",
        name="readApproval",
        tag="approvals",
        summary="One command with the effect it would have.",
        permission=Permission.APPROVE,
        handler=approval,
        params=ApprovalParams,
        answer=ApprovalCard,
    ),
    Route(
        method="POST",
        path="/v1/approvals/{approval}/decision",
        name="decideApproval",
        tag="approvals",
        summary="Approve a command, which carries it out as its maker asked it, or turn it down.",
        description="Whoever approves needs the maker's permission too, and is never its maker.",
        permission=Permission.APPROVE,
        handler=decide,
        params=ApprovalParams,
        body=DecisionForm,
        answer=DecisionAnswer,
        action="approval.decide",
        example=DecisionForm("approve", "checked against the contract"),
        problems=(403,),
    ),
    Route(
        method="POST",
        path="/v1/approvals/{approval}/withdrawal",
        name="withdrawApproval",
        tag="approvals",
        summary="Take back a command one made oneself and that waits.",
        permission=Permission.OWN_SECRET,
        handler=withdraw,
        params=ApprovalParams,
        answer=DecisionAnswer,
        action="approval.withdraw",
    ),
)
