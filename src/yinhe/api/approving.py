"""Second persons: a command that needs one is shown as the effect it would have, and kept until someone decides."""

import base64
import zlib
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from yinhe.access.approvals import Put, Waiting
from yinhe.access.deciding import within
from yinhe.api.call import Call
from yinhe.api.route import Handled, RefusalLike, Reply, Route, Weight
from yinhe.audit.record import Outcome, Record
from yinhe.kernel.clock import datetime_from_us
from yinhe.kernel.refusals import Refusal


class Stored(msgspec.Struct, frozen=True):
    """A command as it is kept: enough to carry it out later as its maker asked it."""

    route: str
    params: Any
    body: Any
    media: str
    why: str
    if_match: str
    address: str
    packed: bool = False
    """Whether the body is bytes, compressed and in base64: a file of thousands of payments repeats itself."""


class PendingCommand(msgspec.Struct, frozen=True):
    """A command that waits for a second person."""

    approval: UUID
    """Its id; that of the command."""
    action: str
    rule: str
    """The pattern of the rule that asks for one."""
    effect: Any
    """What it would do if it were done now: the answer of a dry run."""
    expires_at: datetime
    """After this time it is no longer carried out."""


def refuse_weight(call: Call, weight: Weight | None) -> RefusalLike | None:
    """Why a command moves more than its author may in one command; None where it does not."""
    return None if weight is None else within(call.principal.limits_in(weight.currency), weight.amount_minor)


def hold_for_approval(route: Route, call: Call, weight: Weight | None) -> Handled | None:
    """Keep a command that needs a second person, having worked out its effect; None when it needs none."""
    amount, code = (None, None) if weight is None else (weight.amount_minor, weight.currency)
    rule = call.bank.identity.rules.needed(route.action, amount, code, call.principal)
    if rule is None:
        return None
    effect = route.handler(msgspec.structs.replace(call, dry_run=True))
    if not isinstance(effect, Reply):
        # What is only tried leaves no record; this was asked in earnest.
        note_refusal(call, effect)
        return effect
    assert route.permission is not None, "a command has a permission"
    waiting = Waiting(
        permission=route.permission,
        rule=rule.pattern,
        command=msgspec.json.encode(stored(route, call)),
        effect=msgspec.json.encode(effect.value),
        amount_minor=amount,
        currency=code,
    )
    told = call.bank.identity.approvals.put(call.asked(), call.principal, waiting)
    if isinstance(told, Refusal):
        return told
    put = told.read(Put)
    at = datetime_from_us(put.expires_at)
    return Reply(value=PendingCommand(put.id, route.action, put.rule, effect.value, at), status=202)


def note_refusal(call: Call, refusal: RefusalLike) -> None:
    """Put a refusal on record that no organ has heard of."""
    call.bank.desk.note(
        Record(action=call.action, author=call.author, outcome=Outcome.REFUSED, request_id=call.id, why=refusal.name)
    )


def stored(route: Route, call: Call) -> Stored:
    """A call as plain data."""
    is_bytes = isinstance(call.body, bytes)
    body = base64.b64encode(zlib.compress(call.body)).decode() if is_bytes else msgspec.to_builtins(call.body)
    params = msgspec.to_builtins(call.params)
    return Stored(route.name, params, body, call.media, call.why, call.if_match, call.address, is_bytes)


def unpacked(content: Stored) -> bytes:
    """The body of a stored call, where it is bytes."""
    body = base64.b64decode(content.body)
    return zlib.decompress(body) if content.packed else body


def restored(route: Route, content: Stored, call: Call) -> Call:
    """The call that was stored; by whom, under which id and approved by whom, `call` says."""
    if route.body is bytes:
        body: Any = unpacked(content)
    else:
        body = None if route.body is None else msgspec.convert(content.body, route.body)
    params = None if route.params is None else msgspec.convert(content.params, route.params)
    return msgspec.structs.replace(
        call,
        action=route.action,
        params=params,
        body=body,
        media=content.media,
        accept=route.media_out[0],
        why=content.why,
        if_match=content.if_match,
        if_none_match="",
        address=content.address,
        dry_run=False,
    )
