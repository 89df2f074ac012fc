"""What carries a request through: find the route, know who asks, admit, read, decide who must agree, handle, answer.

The order is one for all routes, so that a stranger learns nothing: who is not known hears 401 before anything about the
address's parameters is read, who may not hears 403.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeAlias
from uuid import UUID

import msgspec
import psycopg
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route as Endpoint

from yinhe.access.permissions import Permission
from yinhe.access.principal import Principal
from yinhe.api.approving import hold_for_approval, note_refusal, refuse_weight
from yinhe.api.call import Call
from yinhe.api.counting import carried_out
from yinhe.api.operation import Operation
from yinhe.api.problem import HEADERS, HttpRefusal, Problem, encode, headers_of, problem_of
from yinhe.api.problem import MEDIA as PROBLEM_MEDIA
from yinhe.api.reading import ReadingRefusal, read_json, read_params
from yinhe.api.route import JSON, Handled, RefusalLike, Reply, Route
from yinhe.api.strangers import Strangers
from yinhe.audit.record import ActorKind
from yinhe.bank import Bank
from yinhe.kernel.errors import YinheError
from yinhe.kernel.ids import is_uuid7
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.errors import Busy, LedgerClosed, RetrySameId
from yinhe.ledger.logbook import Logbook
from yinhe.storage.errors import DatabaseUnreachable, StorageError

HANDLERS_MAX: Final = 8
"""Handlers that run at once."""
WAITING_MAX: Final = 256
"""Requests that may wait for one."""
BODY_SECONDS_MAX: Final = 10.0
"""Longest a body may take to arrive."""
REASON_CHARACTERS_MAX: Final = 500
"""Most characters of `X-Reason`."""


class InterfaceFault(YinheError):  # noqa: N818 - as all faults of Yinhe
    """The interface has a fault of its own."""


NOBODY: Final = Principal(kind=ActorKind.CLIENT, number=0, name="nobody", permissions=frozenset())
"""Whoever asks what is open to everyone."""

_LOG: Final = Logbook("yinhe.api")
_Step: TypeAlias = "Handled | Call"


class Interface:
    """The routes over one bank, as an ASGI application."""

    def __init__(self, bank: Bank, routes: Sequence[Route], operation: Operation) -> None:
        self.bank: Final = bank
        self.operation: Final = operation
        self.strangers: Final = Strangers(bank.desk)
        self.routes: Final = {route.name: route for route in routes}
        self._pool: Final = ThreadPoolExecutor(HANDLERS_MAX, thread_name_prefix="yinhe-handler")
        self._waiting = 0
        self._over: Final = threading.Event()
        by_path: dict[str, dict[str, Route]] = {}
        for route in routes:
            by_path.setdefault(route.path, {})[route.method] = route
        endpoints = [
            Endpoint(path, self._endpoint(methods), methods=list(methods)) for path, methods in by_path.items()
        ]
        self.app: Final = Starlette(
            routes=endpoints, exception_handlers={HTTPException: self._not_routed, Exception: self._fault}
        )

    def let_go(self) -> None:
        """Let whoever follows events go: the door is closing."""
        self._over.set()
        self.bank.feed.stop()

    def close(self) -> None:
        """Wait for the handlers that run, and put on record what is left to be."""
        self._pool.shutdown(wait=True)
        try:
            self.strangers.put_on_record()
        except (psycopg.Error, StorageError) as error:
            _LOG.warning("refused tokens not put on record", reason=str(error))

    # --- answers to what no handler sees

    async def _not_routed(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        reason = HttpRefusal.METHOD_UNKNOWN if error.status_code == 405 else HttpRefusal.NOT_FOUND
        return told(Refusal(reason), str(self.bank.ledger.ids.next()), dict(error.headers or {}))

    async def _fault(self, request: Request, error: Exception) -> Response:
        instance = str(self.bank.ledger.ids.next())
        _LOG.error("fault in a handler", request=instance, kind=type(error).__name__, fault=error)
        return told(Refusal(HttpRefusal.FAULT), instance)

    # --- one request

    def _endpoint(self, methods: dict[str, Route]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            # Starlette answers HEAD where there is a GET.
            route = methods["GET" if request.method == "HEAD" else request.method]
            return await self.operation.watched(route, request, self.answer)

        return endpoint

    async def answer(self, route: Route, request: Request) -> tuple[Response, Principal]:
        """The response to a request for a route, and who asked."""
        principal = self._who(route, request)
        instance = self.bank.ledger.ids.next()
        if isinstance(principal, Refusal):
            return told(principal, str(instance)), NOBODY
        retry_seconds = self.operation.admit(principal, request)
        if retry_seconds is not None:
            refusal = Refusal(HttpRefusal.TOO_MANY_REQUESTS)
            return told(refusal, str(instance), retry_seconds=retry_seconds), principal
        step = _refuse_permission(route, principal)
        if step is None:
            step = await self._read(route, request, principal, instance)
        if isinstance(step, Call):
            instance = step.id
            step = await self.handle(route, step)
        return _respond(route, step, str(instance)), principal

    def _who(self, route: Route, request: Request) -> Principal | Refusal:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not token:
            return NOBODY if route.permission is None else Refusal(HttpRefusal.UNAUTHENTICATED)
        if scheme.lower() != "bearer":
            return NOBODY if route.permission is None else Refusal(HttpRefusal.UNAUTHENTICATED)
        found = self.bank.identity.gate.authenticate(token.strip(), self.operation.thumbprint(request))
        if isinstance(found, Refusal):
            self.strangers.note(self.operation.address(request), found)
            return Refusal(HttpRefusal.UNAUTHENTICATED, found.english)
        return found

    async def _read(self, route: Route, request: Request, principal: Principal, drawn: UUID) -> "_Step":
        items, dry_run = request.query_params.multi_items(), False
        if route.is_command:
            # `dry_run` goes with every command, whatever else it takes.
            dry = [value for name, value in items if name == "dry_run"]
            if dry not in ([], ["true"], ["false"]):
                return Refusal(ReadingRefusal.PARAMETER_INVALID, "dry_run is true or false")
            items, dry_run = [item for item in items if item[0] != "dry_run"], dry == ["true"]
        params = read_params(route.params, request.path_params, items)
        if isinstance(params, Refusal):
            return params
        key = _key_of(route, request, drawn)
        if isinstance(key, Refusal):
            return key
        why = request.headers.get("x-reason", "")
        if len(why) > REASON_CHARACTERS_MAX:
            return Refusal(ReadingRefusal.HEADER_INVALID, "X-Reason is too long")
        accept = _accept_of(route, request)
        if accept is None:
            return Refusal(HttpRefusal.NOT_ACCEPTABLE, ", ".join(route.media_out))
        body = await self._body(route, request)
        if isinstance(body, Refusal):
            return body
        return Call(
            bank=self.bank,
            principal=principal,
            id=key,
            action=route.action,
            params=params,
            body=body,
            media=_media_of(request),
            accept=accept,
            dry_run=dry_run,
            why=why,
            if_match=request.headers.get("if-match", "").strip(),
            if_none_match=request.headers.get("if-none-match", "").strip(),
            address=self.operation.address(request),
            authorization=request.headers.get("authorization", "") if route.permission is None else "",
            thumbprint=self.operation.thumbprint(request) or "",
            routes=self.routes,
            exposition=self.operation.exposition,
            is_over=self._over.is_set,
        )

    async def _body(self, route: Route, request: Request) -> Any:
        if route.body is None:
            return None
        media = _media_of(request)
        charset = _charset_of(request)
        if media not in route.media_in or charset not in ("", "utf-8", "utf8") or "content-encoding" in request.headers:
            return Refusal(ReadingRefusal.MEDIA_UNKNOWN, f"it takes {', '.join(route.media_in)}")
        raw = await read_body(request, route.body_bytes_max)
        if isinstance(raw, Refusal):
            return raw
        if route.body is bytes:
            return raw if raw else Refusal(ReadingRefusal.BODY_MISSING)
        return read_json(raw, route.body)

    async def handle(self, route: Route, call: Call) -> Handled:
        """Carry a call out, in a thread, within the route's time. Whatever fails is told, nothing is raised."""
        if route.at_once:
            return route.handler(call)
        if self._waiting >= WAITING_MAX:
            return Refusal(HttpRefusal.BUSY)
        work = asyncio.get_running_loop().run_in_executor(self._pool, self.decide, route, call)
        self._waiting += 1
        # What takes too long keeps its place until it is done: nobody gets more threads by giving up waiting.
        work.add_done_callback(self._leave)
        try:
            return await asyncio.wait_for(asyncio.shield(work), route.seconds_max)
        except TimeoutError:
            if not work.done():
                work.add_done_callback(lambda late: _note_late(route, call, late))
            return Refusal(HttpRefusal.TOO_LONG)
        except RetrySameId:
            return Refusal(HttpRefusal.FATE_UNKNOWN)
        except (Busy, DatabaseUnreachable):
            return Refusal(HttpRefusal.BUSY)
        except LedgerClosed:
            return Refusal(HttpRefusal.STOPPING)
        except psycopg.OperationalError:
            # The connection broke, perhaps after the commit.
            return Refusal(HttpRefusal.FATE_UNKNOWN)
        except Exception as error:
            _LOG.error("fault", route=route.name, request=str(call.id), kind=type(error).__name__, fault=error)
            return Refusal(HttpRefusal.FAULT)

    def _leave(self, work: "asyncio.Future[Handled]") -> None:
        self._waiting -= 1
        # Looked at here, so that a late failure is no complaint of the event loop's.
        if not work.cancelled():
            work.exception()

    def decide(self, route: Route, call: Call) -> Handled:
        """Ask whether a second person is needed, else handle; runs in a thread."""
        try:
            return self._decide(route, call)
        except StopIteration as error:
            # It cannot pass through a future: the request would wait for ever.
            raise InterfaceFault("A handler ran out of what it iterated.") from error

    def _decide(self, route: Route, call: Call) -> Handled:
        if not route.is_command:
            return route.handler(call)
        weight = route.weight_of(call)
        refused = refuse_weight(call, weight)
        if refused is not None:
            if not call.dry_run:
                note_refusal(call, refused)
            return refused
        if not call.dry_run and not call.approver:
            held = hold_for_approval(route, call, weight)
            if held is not None:
                return held
        return carried_out(route, call, weight)


def _note_late(route: Route, call: Call, work: "asyncio.Future[Handled]") -> None:
    failure = None if work.cancelled() else work.exception()
    if failure is not None:
        _LOG.error("fault after its time", route=route.name, request=str(call.id), kind=type(failure).__name__)


def _refuse_permission(route: Route, principal: Principal) -> Refusal | None:
    if route.permission is None:
        return None
    if route.permission is Permission.OWN_SECRET:
        # Users have secrets of their own to change; clients' are changed by an administrator.
        return None if principal.kind is ActorKind.USER else Refusal(HttpRefusal.FORBIDDEN, "this is for users")
    if principal.must_change_secret:
        return Refusal(HttpRefusal.SECRET_TO_CHANGE)
    return None if route.permission in principal.permissions else Refusal(HttpRefusal.FORBIDDEN, str(route.permission))


def _key_of(route: Route, request: Request, drawn: UUID) -> UUID | Refusal:
    if not route.is_command:
        return drawn
    text = request.headers.get("idempotency-key", "")
    if not text:
        return Refusal(ReadingRefusal.KEY_MISSING)
    try:
        key = UUID(text)
    except ValueError:
        return Refusal(ReadingRefusal.KEY_MALFORMED)
    return key if is_uuid7(key) and len(text) == 36 else Refusal(ReadingRefusal.KEY_MALFORMED)


def _media_of(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _charset_of(request: Request) -> str:
    parameters = request.headers.get("content-type", "").partition(";")[2]
    name, _, value = parameters.strip().partition("=")
    return value.strip('" ').lower() if name.strip().lower() == "charset" else ""


def _accept_of(route: Route, request: Request) -> str | None:
    """The first media type offered that the caller takes, None when there is none."""
    wanted = [one.partition(";")[0].strip().lower() for one in request.headers.get("accept", "*/*").split(",")]
    for offered in route.media_out:
        main = offered.partition("/")[0] + "/*"
        if any(one in ("*/*", "", main, offered) for one in wanted):
            exact = [one for one in wanted if one in route.media_out]
            return exact[0] if exact else offered
    return None


async def read_body(request: Request, bytes_max: int) -> bytes | Refusal:
    """The whole body, bounded in bytes and time."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > bytes_max:
        return Refusal(ReadingRefusal.BODY_TOO_LARGE, f"at most {bytes_max} bytes")
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            async for piece in request.stream():
                size += len(piece)
                if size > bytes_max:
                    return Refusal(ReadingRefusal.BODY_TOO_LARGE, f"at most {bytes_max} bytes")
                pieces.append(piece)
    except (TimeoutError, ClientDisconnect):
        return Refusal(ReadingRefusal.BODY_TOO_SLOW)
    return b"".join(pieces)


def told(
    refusal: RefusalLike, instance: str, headers: dict[str, str] | None = None, retry_seconds: int = 1
) -> Response:
    """A refusal as a response."""
    problem: Problem = problem_of(refusal, instance)
    more = {**headers_of(problem, retry_seconds), **(headers or {}), "x-request-id": instance}
    return Response(encode(problem), problem.status, more, PROBLEM_MEDIA)


def _respond(route: Route, handled: Any, instance: str) -> Response:
    if not isinstance(handled, Reply):
        return told(handled, instance)
    headers = {**HEADERS, "x-request-id": instance, **handled.headers}
    if handled.etag:
        headers["etag"] = handled.etag
    status = handled.status or route.status
    if handled.stream is not None:
        return StreamingResponse(handled.stream, status, headers, handled.media)
    if handled.content or status in (204, 304):
        return Response(handled.content, status, headers, handled.media if handled.content else None)
    return Response(msgspec.json.encode(handled.value), status, headers, JSON)
