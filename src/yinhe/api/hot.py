"""The hot operation, POST /v1/transfers: many requests that arrive together become one submission to the ledger.

Each request is read, authenticated and decided in microseconds on the event loop, for every fact it needs is in memory;
what arrived meanwhile is handed to the ledger together, and each request is answered when its commit is durable. While
a submission is on its way new requests gather, and a moment longer, until those just answered have asked again: so
commits grow with the load. If SECOND_AT have gathered, a second is decided while the first commits. What is out of the
ordinary (a dry run, a second person, a query) goes by the route in the table, through the same pipeline.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from yinhe.access.principal import Principal
from yinhe.api.app import Interface
from yinhe.api.handlers.posting import TRANSFER, TransferForm, channel_of, command_of, receipt
from yinhe.api.operation import CERTIFICATE_HEADER, HASH_HEADER
from yinhe.api.problem import HEADERS, HttpRefusal, encode, headers_of, problem_of
from yinhe.api.problem import MEDIA as PROBLEM_MEDIA
from yinhe.api.reading import ReadingRefusal, read_json
from yinhe.api.route import BODY_BYTES_MAX
from yinhe.bank import Bank
from yinhe.kernel.ids import is_uuid7
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.errors import Busy, LedgerClosed
from yinhe.ledger.logbook import Logbook
from yinhe.transact.answers import Posted, Reply
from yinhe.transact.caller import Caller, caller_of
from yinhe.transact.commands import Transfer
from yinhe.transact.day import ROUNDS_MAX, Day
from yinhe.transact.refusals import DAY_REFUSALS, DayRefusal
from yinhe.transact.submission import Submission

PATH: Final = "/v1/transfers"
SECOND_AT: Final = 256
"""How many commands gather before a second submission goes on its way beside one that is not durable yet: fewer are
better off in one commit with those that follow."""
LINGER_SECONDS: Final = 0.003
"""How long what waits is kept after an answer for those who were answered to ask again: then all are in one commit."""
GATHERED_MAX: Final = 4_096
"""Most commands of one submission."""
WAITING_MAX: Final = 16_384
"""Most commands that gather; one more hears 503."""
CALLERS_MAX: Final = 10_000
"""Most tokens whose callers are remembered."""

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_HASH_HEADER: Final = HASH_HEADER.encode()
_CERTIFICATE_HEADER: Final = CERTIFICATE_HEADER.encode()
_LOG: Final = Logbook("yinhe.api")
_ASK_AGAIN: Final = DAY_REFUSALS[DayRefusal.ASK_AGAIN]
_KEYS: Final = re.compile(rb'"([a-z_]+)"\s*:')
_DECODE: Final = msgspec.json.Decoder(TransferForm).decode
_ENCODE: Final = msgspec.json.Encoder().encode
_JSON_HEADERS: Final = [
    (b"content-type", b"application/json"),
    *((name.encode(), value.encode()) for name, value in HEADERS.items()),
]


class _Asked:
    """One request on its way."""

    __slots__ = ("authorization", "body", "certificates", "content_type", "forwarded", "hashes", "is_plain", "key")

    def __init__(self, headers: Sequence[tuple[bytes, bytes]]) -> None:
        self.authorization = self.key = self.content_type = b""
        self.is_plain = True
        """Whether nothing in its headers is out of the ordinary."""
        self.body = b""
        self.forwarded: list[str] = []
        self.hashes: list[str] = []
        self.certificates: list[str] = []
        for name, value in headers:
            if name == b"authorization":
                self.authorization = value
            elif name == b"idempotency-key":
                self.key = value
            elif name == b"content-type":
                self.content_type = value
            elif name.startswith(b"x-"):
                self._take_extension(name, value)
            elif name in (b"accept", b"content-encoding", b"transfer-encoding", b"expect", b"traceparent"):
                self.is_plain = self.is_plain and name == b"accept" and value in (b"*/*", b"application/json")

    def _take_extension(self, name: bytes, value: bytes) -> None:
        if name == b"x-reason":
            self.is_plain = False
        elif name == b"x-forwarded-for":
            self.forwarded.append(value.decode("latin-1"))
        elif name == _HASH_HEADER:
            self.hashes.append(value.decode("latin-1"))
        elif name == _CERTIFICATE_HEADER:
            self.certificates.append(value.decode("latin-1"))


class Front:
    """The ASGI application: the hot operation, and every route behind it."""

    def __init__(self, bank: Bank, interface: Interface) -> None:
        self._bank: Final = bank
        self._interface: Final = interface
        self._operation: Final = interface.operation
        self._gatherer: Final = Gatherer(bank.day)
        self._callers: dict[tuple[bytes, str], tuple[Principal, Caller]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if (
            scope["type"] == "http"
            and scope["path"] == PATH
            and scope["method"] == "POST"
            and not scope["query_string"]
        ):
            asked = _Asked(scope["headers"])
            if asked.is_plain and asked.content_type == b"application/json":
                return await self._transfer(scope, asked, receive, send)
        return await self._interface.app(scope, receive, send)

    async def _transfer(self, scope: Scope, asked: _Asked, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        message = await receive()
        asked.body = message.get("body", b"")
        is_whole = message["type"] == "http.request" and not message.get("more_body")
        caller = self._caller(scope, asked) if is_whole and len(asked.body) <= BODY_BYTES_MAX else None
        command = None if caller is None else self._command(asked, caller)
        if caller is None or command is None:
            # Whoever may not, what may not be, and what needs a closer look: the route tells.
            await self._interface.app(scope, _replayed(message, receive), send)
            return
        reply = await self._gatherer.ask(command, caller) if isinstance(command, Transfer) else command
        status = await _tell(send, reply, asked.key, command)
        seconds, key = time.perf_counter() - began, asked.key.decode("ascii", "replace")
        self._operation.note(TRANSFER.name, status, seconds, caller.author.name, key)

    def _caller(self, scope: Scope, asked: _Asked) -> Caller | None:
        """Who asks, if they may; None for whoever the route is to refuse, or must look at more closely."""
        scheme, _, token = asked.authorization.partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        client = scope.get("client")
        peer = client[0] if client else ""
        address = self._operation.address_of(peer, asked.forwarded)
        thumbprint = self._operation.thumbprint_of(peer, asked.hashes, asked.certificates)
        try:
            principal = self._bank.identity.gate.remembered(token.strip().decode("ascii"), thumbprint)
        except UnicodeDecodeError:
            return None
        if principal is None or principal.must_change_secret:
            return None
        assert TRANSFER.permission is not None, "a command has a permission"
        if TRANSFER.permission not in principal.permissions or self._operation.admit_principal(principal) is not None:
            return None
        known = self._callers.get((token, address))
        if known is not None and known[0] is principal:
            return known[1]
        if len(self._callers) >= CALLERS_MAX:
            self._callers.clear()
        caller = caller_of(principal, address=address)
        self._callers[token, address] = (principal, caller)
        return caller

    def _command(self, asked: _Asked, caller: Caller) -> Transfer | Refusal | None:
        """What is asked, or why not; None where a second person is needed."""
        principal = caller.principal
        assert principal is not None, "only the bank itself has none"
        try:
            key = UUID(asked.key.decode("ascii"))
        except ValueError:
            return Refusal(ReadingRefusal.KEY_MALFORMED if asked.key else ReadingRefusal.KEY_MISSING)
        if len(asked.key) != 36 or not is_uuid7(key):
            return Refusal(ReadingRefusal.KEY_MALFORMED)
        form = _form(asked.body)
        if isinstance(form, Refusal):
            return form
        command = command_of(form, key, self._bank.unit, channel_of(principal))
        if isinstance(command, Refusal):
            return command
        rules = self._bank.identity.rules
        needed = rules.needed(TRANSFER.action, command.amount_minor, form.currency, principal)
        return None if needed is not None else command


def _form(body: bytes) -> TransferForm | Refusal:
    keys = _KEYS.findall(body)
    if len(set(keys)) == len(keys):
        try:
            return _DECODE(body)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            pass
    # Perhaps only a narrative that looks like a key, perhaps wrong: looked at closely.
    return read_json(body, TransferForm)


class _Waiting:
    """One command that waits for its answer."""

    __slots__ = ("caller", "command", "future", "rounds")

    def __init__(self, command: Transfer, caller: Caller, future: "asyncio.Future[Reply]") -> None:
        self.command: Final = command
        self.caller: Final = caller
        self.future: Final = future
        self.rounds = 0
        """How often it was decided and had to wait for others of its account."""

    def answer(self, reply: Reply) -> None:
        """Tell whoever still waits."""
        if not self.future.done():
            self.future.set_result(reply)


class Gatherer:
    """Hands what arrives together to the ledger together, and each its answer; lives on one event loop."""

    def __init__(self, day: Day) -> None:
        self._day: Final = day
        self._waiting: list[_Waiting] = []
        self._in_flight = 0
        self._is_called = False
        self._expected = 0
        """How many are likely to wait soon: those who wait and those who were just answered."""
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def ask(self, command: Transfer, caller: Caller) -> "asyncio.Future[Reply]":
        """A future of what is answered."""
        # Asking for the running loop is a system call each time.
        loop = self._loop = self._loop or asyncio.get_running_loop()
        future: asyncio.Future[Reply] = loop.create_future()
        if len(self._waiting) >= WAITING_MAX:
            future.set_result(Refusal(HttpRefusal.BUSY))
            return future
        self._waiting.append(_Waiting(command, caller, future))
        if not self._is_called and len(self._waiting) >= self._expected and self._may_go():
            # Called when every socket that is ready has been read.
            self._is_called = True
            loop.call_soon(self._flush, loop)
        return future

    def _may_go(self) -> bool:
        """Whether what waits is to be handed in now."""
        return bool(self._waiting) if not self._in_flight else self._in_flight < 2 and len(self._waiting) >= SECOND_AT

    def _flush(self, loop: asyncio.AbstractEventLoop) -> None:
        self._is_called, self._expected = False, 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._may_go():
            return
        gathered, self._waiting = self._waiting[:GATHERED_MAX], self._waiting[GATHERED_MAX:]
        try:
            decided = self._day.decide_many([one.command for one in gathered], [one.caller for one in gathered])
            submission = self._day.submit(decided)
        except Exception as error:
            # Whatever it was: each of them is answered.
            _answer_all(gathered, _refusal_of(error))
            _note_failed(gathered, error)
            return
        self._in_flight += 1

        def landed(_: object) -> None:
            loop.call_soon_threadsafe(self._landed, loop, gathered, submission)

        submission.future.add_done_callback(landed)

    def _landed(self, loop: asyncio.AbstractEventLoop, gathered: Sequence[_Waiting], submission: Submission) -> None:
        self._in_flight -= 1
        try:
            replies = submission.answers()
        except Exception as error:
            _answer_all(gathered, _refusal_of(error))
            _note_failed(gathered, error)
        else:
            again: list[_Waiting] = []
            for one, reply in zip(gathered, replies, strict=True):
                if reply is _ASK_AGAIN and one.rounds < ROUNDS_MAX:
                    one.rounds += 1
                    again.append(one)
                else:
                    one.answer(reply)
            self._waiting[:0] = again
        if self._in_flight or len(self._waiting) >= SECOND_AT:
            self._flush(loop)
        elif self._timer is None:
            self._expected = len(self._waiting) + len(gathered)
            self._timer = loop.call_later(LINGER_SECONDS, self._flush, loop)


def _answer_all(gathered: Sequence[_Waiting], reply: Refusal) -> None:
    for one in gathered:
        one.answer(reply)


def _note_failed(gathered: Sequence[_Waiting], error: Exception) -> None:
    _LOG.warning("a submission failed", kind=type(error).__name__, reason=str(error), commands=len(gathered))


def _refusal_of(error: BaseException) -> Refusal:
    match error:
        case Busy():
            return Refusal(HttpRefusal.BUSY)
        case LedgerClosed():
            return Refusal(HttpRefusal.STOPPING)
        case _:
            # Whatever else broke: nothing is known but that the same id may be asked again.
            return Refusal(HttpRefusal.FATE_UNKNOWN)


async def _tell(send: Send, answer: Reply, key: bytes, command: Transfer | Refusal) -> int:
    if isinstance(answer, Posted):
        assert isinstance(command, Transfer), "only commands are posted"
        content, status = _ENCODE(receipt(answer, command)), 200
        headers = [*_JSON_HEADERS, (b"content-length", str(len(content)).encode()), (b"x-request-id", key)]
    else:
        instance = key.decode("ascii", "replace") if len(key) == 36 else ""
        problem = problem_of(answer, instance)
        content, status = encode(problem), problem.status
        named = {**headers_of(problem), "x-request-id": instance} if instance else headers_of(problem)
        headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in named.items()]
        headers += [(b"content-type", PROBLEM_MEDIA.encode()), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
    return status


def _replayed(message: Message, receive: Receive) -> Receive:
    """Receives a message again that was received, then the rest."""
    left = [message]

    async def again() -> Message:
        return left.pop() if left else await receive()

    return again
