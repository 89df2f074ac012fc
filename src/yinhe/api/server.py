"""The HTTP server: uvicorn over the interface, with bounds on slow and swollen requests, and a stop that finishes.

A stop (SIGTERM, Ctrl-C) closes the door first, lets every accepted request end, then the organs, then the ledger.
"""

import asyncio
import gc
import signal
import socket
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from yinhe.api.problem import MEDIA, HttpRefusal, encode, headers_of, problem_of
from yinhe.kernel.refusals import Refusal

HEADER_BYTES_MAX: Final = 32 * 1024
"""Most bytes of a request before its body."""
HEADER_SECONDS_MAX: Final = 10.0
"""Longest a request's headers may take to arrive."""
KEEP_ALIVE_SECONDS: Final = 75
"""How long a connection may stay open without a request."""
CONNECTIONS_MAX: Final = 2_048
"""Most connections at once; one more hears 503."""
STOP_SECONDS_MAX: Final = 60
"""Longest a stop waits for accepted requests."""
GARBAGE_AT: Final = 20_000
"""Containers made and not freed after which the youngest are looked through for garbage."""
SWITCH_SECONDS: Final = 0.001
"""How long a thread may hold the interpreter while others wait: the event loop, the decider and the committer share
it, and Python's own 5 ms would be felt in every request."""


class _Gathered:
    """A transport whose writes of one turn of the loop leave together: head and body of an answer in one packet."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport: Final = transport
        self._loop: Final = loop
        self._pieces: Final[list[bytes]] = []

    def write(self, data: bytes) -> None:
        """Write soon."""
        if not self._pieces:
            self._loop.call_soon(self._flush)
        self._pieces.append(data)

    def close(self) -> None:
        """Write what is left, then close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._pieces:
            data = b"".join(self._pieces)
            self._pieces.clear()
            if not self._transport.is_closing():
                self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with bounds on what comes before a request is whole."""

    _header_bytes: int = 0
    _header_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a first request."""
        super().connection_made(cast("asyncio.Transport", _Gathered(transport, self.loop)))
        self._header_timer = self.loop.call_later(HEADER_SECONDS_MAX, self._too_slow)
        if len(self.connections) > CONNECTIONS_MAX:
            # This one alone: those that were there before are served.
            self.app = _busy

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timer."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes in, unless the headers have grown out of bounds."""
        if self._header_bytes >= 0:
            self._header_bytes += len(data)
            end = self._header_bytes > HEADER_BYTES_MAX and b"\r\n\r\n" not in data[:HEADER_BYTES_MAX]
            if end:
                self.transport.close()
                return
            if self._header_timer is None:
                self._header_timer = self.loop.call_later(HEADER_SECONDS_MAX, self._too_slow)
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """The headers are whole: the body has bounds of its own."""
        self._header_bytes = -1
        self._stop_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole; the next one's headers are counted anew."""
        self._header_bytes = 0
        super().on_message_complete()

    def _stop_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _too_slow(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()


async def _busy(scope: Any, receive: Any, send: Any) -> None:
    """Tell whoever is one too many; the connection ends with the answer."""
    problem = problem_of(Refusal(HttpRefusal.BUSY))
    content = encode(problem)
    told = {
        **headers_of(problem),
        "content-type": MEDIA,
        "content-length": str(len(content)),
        "connection": "close",
    }
    headers = [(name.encode(), value.encode()) for name, value in told.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def serve(
    app: Any, door: socket.socket, started: Callable[[], None], stopping: Callable[[], None] = lambda: None
) -> None:
    """Serve an ASGI application on a bound socket until SIGTERM or Ctrl-C; blocks.

    `started` is called when the door is open, `stopping` when it closes, with accepted requests still on their way.
    """
    switch, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(SWITCH_SECONDS)
    # What stands for as long as the service does is never looked through for garbage again, and the rest not after
    # every few hundred requests.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_AT, *thresholds[1:])
    try:
        make_server(app, started, stopping).run(sockets=[door])
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
        sys.setswitchinterval(switch)


def make_server(app: Any, started: Callable[[], None], stopping: Callable[[], None] = lambda: None) -> uvicorn.Server:
    """A server that does not run yet."""
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        loop="uvloop",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS_MAX,
    )
    return _Server(config, started, stopping)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: Callable[[], None], stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._when_started: Final = started
        self._when_stopping: Final = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._when_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Beside the loop, which has answers to send.
        letting_go = threading.Thread(target=self._when_stopping, name="yinhe stop", daemon=True)
        letting_go.start()
        await super().shutdown(sockets)
        letting_go.join()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Stop at the first signal. uvicorn would raise it again when all is answered, and kill the ledger's close."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {one: signal.signal(one, self.handle_exit) for one in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for one in before:
                # Until the process ends: a second SIGTERM must not cut the ledger's last writes off.
                signal.signal(one, signal.SIG_IGN if one == signal.SIGTERM else before[one])


def open_door(host: str, port: int) -> socket.socket:
    """A bound TCP socket; port 0 takes a free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((host, port))
        door.set_inheritable(True)
    except BaseException:
        door.close()
        raise
    return door
