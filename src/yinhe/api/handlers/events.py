"""Events: the feed by cursor, as a stream, and sent to an address."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

from yinhe.access.permissions import Permission
from yinhe.api.call import Call
from yinhe.api.forms import Cursor, Number
from yinhe.api.problem import HttpRefusal
from yinhe.api.reading import ReadingRefusal
from yinhe.api.route import Handled, Reply, Route
from yinhe.audit.desk import Told
from yinhe.feed.cursor import Cursor as Place
from yinhe.feed.event import Event, Page, Wanted, refuse_types
from yinhe.feed.feed import PAGE_MAX
from yinhe.feed.subscription import DEAD_PAGE_MAX, NUMBER_END, OnDead, Subscription, WebhookState
from yinhe.feed.webhooks import BATCH_MAX, OVERLAP_SECONDS_MAX, Changed, Made, Replay, Rotate, Subscribe
from yinhe.kernel.clock import datetime_from_us
from yinhe.kernel.refusals import Refusal

STREAMS_MAX: Final = 64
"""Streams of events that may be open at once."""
STREAM_SECONDS_MAX: Final = 3_600.0
"""Longest a stream stays open; whoever follows it comes again with the last id."""
_WAIT_SECONDS: Final = 15.0
"""How often a stream without events shows that it lives."""
_STREAMS: Final = asyncio.Semaphore(STREAMS_MAX)

Types = Annotated[
    str,
    msgspec.Meta(
        max_length=1_000,
        description="Types of events or their beginnings, apart by commas: `posting,party.opened`.",
        examples=["posting"],
    ),
]


class EventsParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which events, after which place."""

    cursor: Cursor = ""
    types: Types = ""
    object: Annotated[str, msgspec.Meta(max_length=100, description="Of one object: `contract/7`.")] = ""
    party: Annotated[Number | None, msgspec.Meta(description="Of one party.")] = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_MAX)] = 100


class StreamParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which events, after which place; from now on without one."""

    cursor: Cursor = ""
    types: Types = ""
    object: Annotated[str, msgspec.Meta(max_length=100, description="Of one object: `contract/7`.")] = ""
    party: Annotated[Number | None, msgspec.Meta(description="Of one party.")] = None


class EventPage(msgspec.Struct, frozen=True):
    """Events in order, and where to go on."""

    items: tuple[Event, ...]
    next: str
    """The cursor after them, also where there are none yet."""
    more: bool
    """Whether there may be more already."""


class WebhookParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which webhook."""

    webhook: Number


class DeadParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which delivery that was given up."""

    delivery: Number


class DeadsParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was given up of which webhook."""

    webhook: Number
    before: Annotated[Number, msgspec.Meta(description="Those with smaller numbers.")] = 2**53 - 1
    limit: Annotated[int, msgspec.Meta(ge=1, le=DEAD_PAGE_MAX)] = 100


class WebhookForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where events are sent, and which."""

    url: Annotated[str, msgspec.Meta(max_length=2_000, examples=["https://partner.example/hooks"])]
    types: Annotated[tuple[Annotated[str, msgspec.Meta(max_length=100)], ...], msgspec.Meta(max_length=50)] = ()
    object: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    batch_max: Annotated[int, msgspec.Meta(ge=1, le=BATCH_MAX, description="Most events of one delivery.")] = 1
    on_dead: Annotated[OnDead, msgspec.Meta(description="What follows when a delivery is given up.")] = OnDead.GO_ON
    cursor: (
        Annotated[str, msgspec.Meta(max_length=512, description="Send what comes after; null: from now on.")] | None
    ) = None


class RotationForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how long the old secret signs beside the new one."""

    overlap_seconds: Annotated[int, msgspec.Meta(ge=0, le=OVERLAP_SECONDS_MAX)] = 86_400


class ReplayForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From where events are sent again."""

    cursor: Annotated[str, msgspec.Meta(max_length=512)]


class WebhookChange(msgspec.Struct, frozen=True):
    """A webhook after a change."""

    webhook: int
    state: WebhookState


class WebhookMade(msgspec.Struct, frozen=True):
    """A webhook, and its secret: shown once."""

    webhook: int
    url: str
    secret: str | None


class WebhookCard(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook and how it stands."""

    webhook: int
    url: str
    types: tuple[str, ...]
    object: str | None
    state: WebhookState
    why: str
    """What went wrong last."""
    delivered: int
    failures: int
    waiting: bool
    """Whether a delivery is on its way."""
    made_by: str
    made_at: datetime


class WebhookList(msgspec.Struct, frozen=True):
    """The webhooks whoever asks may see."""

    items: tuple[WebhookCard, ...]


class DeadCard(msgspec.Struct, frozen=True):
    """A delivery that was given up."""

    delivery: int
    id: str
    events: int
    attempts: int
    reason: str
    at: datetime
    resent_at: datetime | None


class DeadList(msgspec.Struct, frozen=True):
    """Deliveries that were given up, the newest first."""

    items: tuple[DeadCard, ...]


# --- the feed


def _wanted(types: str, about: str, party: int | None) -> Wanted | Refusal:
    named = tuple(one for one in types.split(",") if one)
    return refuse_types(named) or Wanted(types=named, object=about or None, party=party)


def events(call: Call) -> Handled:
    """Tell the next events."""
    params = call.params_as(EventsParams)
    wanted = _wanted(params.types, params.object, params.party)
    place = Place.read(params.cursor, call.bank.unit)
    if isinstance(wanted, Refusal):
        return wanted
    if isinstance(place, Refusal):
        return Refusal(ReadingRefusal.CURSOR_INVALID)
    page = call.bank.feed.page(place, params.limit, wanted, call.principal.scope)
    return Reply(value=EventPage(page.events, page.next, page.more))


def stream(call: Call) -> Handled:
    """Tell events as they come."""
    params = call.params_as(StreamParams)
    wanted = _wanted(params.types, params.object, params.party)
    place = Place.read(params.cursor, call.bank.unit) if params.cursor else call.bank.feed.now()
    if isinstance(wanted, Refusal):
        return wanted
    if isinstance(place, Refusal):
        return Refusal(ReadingRefusal.CURSOR_INVALID)
    if _STREAMS.locked():
        return Refusal(HttpRefusal.BUSY)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return Reply(stream=_followed(call, place, wanted), media="text/event-stream", headers=headers)


async def _followed(call: Call, place: Place, wanted: Wanted) -> AsyncIterator[bytes]:
    """Server-sent events (HTML standard, section 9.2); each has its cursor as its id."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + STREAM_SECONDS_MAX
    async with _STREAMS:
        yield b": events follow\n\n"
        while loop.time() < ends and not call.is_over():
            page: Page = await loop.run_in_executor(
                None, call.bank.feed.wait, place, _WAIT_SECONDS, 100, wanted, call.principal.scope
            )
            for event in page.events:
                body = msgspec.json.encode(event)
                yield b"id: %s\nevent: %s\ndata: %s\n\n" % (event.position.encode(), event.type.encode(), body)
            if not page.events:
                yield b": nothing yet\n\n"
            read = Place.read(page.next, call.bank.unit)
            assert isinstance(read, Place), "the feed's own cursor"
            place = read


# --- webhooks


def _own(call: Call) -> str | None:
    """Whose webhooks are reached: clients reach their own alone."""
    reads_all = Permission.AUDIT_READ in call.principal.permissions or Permission.OPERATE in call.principal.permissions
    return None if reads_all else call.author.actor


def _made(told: Told | Refusal) -> Handled:
    if isinstance(told, Refusal):
        return told
    made = told.read(Made)
    return Reply(value=WebhookMade(made.webhook, made.url, made.secret))


def _changed(told: Told | Refusal) -> Handled:
    if isinstance(told, Refusal):
        return told
    changed = told.read(Changed)
    return Reply(value=WebhookChange(changed.webhook, changed.state))


def subscribe(call: Call) -> Handled:
    """Make a webhook."""
    form = call.body_as(WebhookForm)
    command = Subscribe(
        url=form.url,
        types=form.types,
        object=form.object,
        batch_max=form.batch_max,
        on_dead=form.on_dead,
        from_cursor=form.cursor,
    )
    return _made(call.bank.webhooks.subscribe(call.asked(msgspec.to_builtins(form)), command, call.principal.scope))


def rotate(call: Call) -> Handled:
    """Give a webhook another secret."""
    webhook, form = call.params_as(WebhookParams).webhook, call.body_as(RotationForm)
    command = Rotate(webhook=webhook, overlap_seconds=form.overlap_seconds)
    return _made(call.bank.webhooks.rotate(call.asked(msgspec.to_builtins(command)), command, _own(call)))


def pause(call: Call) -> Handled:
    """Send nothing until it is resumed."""
    webhook = call.params_as(WebhookParams).webhook
    return _changed(call.bank.webhooks.pause(call.asked({"webhook": webhook}), webhook, _own(call)))


def resume(call: Call) -> Handled:
    """Send again from where it stopped."""
    webhook = call.params_as(WebhookParams).webhook
    return _changed(call.bank.webhooks.resume(call.asked({"webhook": webhook}), webhook, _own(call)))


def remove(call: Call) -> Handled:
    """Send nothing any more."""
    webhook = call.params_as(WebhookParams).webhook
    return _changed(call.bank.webhooks.remove(call.asked({"webhook": webhook}), webhook, _own(call)))


def replay(call: Call) -> Handled:
    """Send again what comes after a cursor."""
    webhook, form = call.params_as(WebhookParams).webhook, call.body_as(ReplayForm)
    command = Replay(webhook=webhook, cursor=form.cursor)
    return _changed(call.bank.webhooks.replay(call.asked(msgspec.to_builtins(command)), command, _own(call)))


def resend(call: Call) -> Handled:
    """Send once more what was given up."""
    delivery = call.params_as(DeadParams).delivery
    return _changed(call.bank.webhooks.resend(call.asked({"delivery": delivery}), delivery, _own(call)))


def list_webhooks(call: Call) -> Handled:
    """List webhooks."""
    return Reply(value=WebhookList(tuple(_card(one) for one in call.bank.webhooks.list(_own(call)))))


def list_dead(call: Call) -> Handled:
    """List what was given up."""
    params = call.params_as(DeadsParams)
    before = NUMBER_END if params.before == 2**53 - 1 else params.before
    found = call.bank.webhooks.dead(params.webhook, _own(call), before=before, limit=params.limit)
    if isinstance(found, Refusal):
        return found
    cards = tuple(
        DeadCard(
            one.dead,
            one.id,
            one.events,
            one.attempts,
            one.reason,
            datetime_from_us(one.at),
            None if one.resent_at is None else datetime_from_us(one.resent_at),
        )
        for one in found
    )
    return Reply(value=DeadList(cards))


def _card(one: Subscription) -> WebhookCard:
    return WebhookCard(
        webhook=one.webhook,
        url=one.url,
        types=one.wanted.types,
        object=one.wanted.object,
        state=one.state,
        why=one.why,
        delivered=one.delivered,
        failures=one.failures,
        waiting=one.pending is not None,
        made_by=one.made_by,
        made_at=datetime_from_us(one.made_at),
    )


def _reads(name: str, path: str, summary: str, handler: Any, **more: Any) -> Route:
    permission = more.pop("permission", Permission.EVENT_READ)
    return Route(
        method="GET",
        path=path,
        name=name,
        tag="events",
        summary=summary,
        permission=permission,
        handler=handler,
        **more,
    )


def _does(name: str, path: str, action: str, summary: str, handler: Any, **more: Any) -> Route:
    return Route(
        method=more.pop("method", "POST"),
        path=path,
        name=name,
        tag="events",
        summary=summary,
        permission=Permission.WEBHOOK_WRITE,
        handler=handler,
        params=more.pop("params", WebhookParams),
        answer=more.pop("answer", WebhookChange),
        action=action,
        **more,
    )


ROUTES: Final = (
    _reads(
        "readEvents",
        "/v1/events",
        "Events in order after a cursor: postings, and changes of parties, contracts, loans, products.",
        events,
        params=EventsParams,
        answer=EventPage,
        problems=(422,),
    ),
    _reads(
        "followEvents",
        "/v1/events/stream",
        "The same as server-sent events, as they come.",
        stream,
        params=StreamParams,
        media_out=("text/event-stream",),
        problems=(422,),
    ),
    _reads(
        "listWebhooks",
        "/v1/webhooks",
        "Addresses that events are sent to, one's own unless one may see all.",
        list_webhooks,
        answer=WebhookList,
        permission=Permission.WEBHOOK_WRITE,
    ),
    _does(
        "makeWebhook",
        "/v1/webhooks",
        "webhook.make",
        "Have events sent to an address, signed; the secret is shown once.",
        subscribe,
        params=None,
        body=WebhookForm,
        answer=WebhookMade,
        status=201,
        example=WebhookForm("https://partner.example/hooks", ("posting",)),
    ),
    _does(
        "rotateWebhook",
        "/v1/webhooks/{webhook}/secret",
        "webhook.rotate",
        "Another secret, beside which the old one signs for a while.",
        rotate,
        body=RotationForm,
        answer=WebhookMade,
        example=RotationForm(86_400),
    ),
    _does("pauseWebhook", "/v1/webhooks/{webhook}/pause", "webhook.pause", "Send nothing until it is resumed.", pause),
    _does(
        "resumeWebhook", "/v1/webhooks/{webhook}/resumption", "webhook.resume", "Send on from where it stopped.", resume
    ),
    _does(
        "replayWebhook",
        "/v1/webhooks/{webhook}/replay",
        "webhook.replay",
        "Send again what comes after a cursor.",
        replay,
        body=ReplayForm,
        example=ReplayForm(""),
    ),
    _does(
        "removeWebhook",
        "/v1/webhooks/{webhook}",
        "webhook.remove",
        "Send nothing any more.",
        remove,
        method="DELETE",
    ),
    _reads(
        "listDeadDeliveries",
        "/v1/webhooks/{webhook}/dead-deliveries",
        "Deliveries that were given up, the newest first.",
        list_dead,
        params=DeadsParams,
        answer=DeadList,
        permission=Permission.WEBHOOK_WRITE,
    ),
    _does(
        "resendDelivery",
        "/v1/dead-deliveries/{delivery}/resending",
        "webhook.resend",
        "Send once more, under its first id, what was given up.",
        resend,
        params=DeadParams,
    ),
)
