"""The load of `bench http`: transfers over real HTTP connections, each connection asking anew when it is answered.

A program of its own (`python -m yinhe.bench.http_load`), so that the server's interpreter is not its own: it reads an
`Order` as JSON from its input and writes a `Load` to its output. It parses no more of an answer than it must, so that
it takes as little as it can of the cores it shares with the server.
"""

import asyncio
import random
import sys
import time
from array import array
from typing import Final, cast
from urllib.parse import urlsplit

import msgspec
import numpy as np
import uvloop

from yinhe.kernel.clock import SystemClock
from yinhe.kernel.ids import IdSource

_IDS_AT_ONCE: Final = 4_096
_DRAIN_SECONDS: Final = 10.0


class Order(msgspec.Struct, frozen=True):
    """What load to make: for `seconds` on `connections`, between the accounts, with a bearer token."""

    address: str
    token: str
    accounts: list[str]
    connections: int
    seconds: float


class Load(msgspec.Struct, frozen=True):
    """What came of it; times in milliseconds."""

    requests: int
    errors: int
    requests_per_s: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    statuses: dict[str, int]


class _Asker:
    """Writes the requests: every one under an id of its own, between two accounts drawn by chance."""

    def __init__(self, order: Order) -> None:
        host = urlsplit(order.address).netloc
        self._ids: Final = IdSource(SystemClock(), None)
        self._ready: list[bytes] = []
        self._accounts: Final = [account.encode() for account in order.accounts]
        self._random: Final = random.Random(2011)  # noqa: S311 - which accounts, no secret
        body = b'{"debit":"%s","credit":"%s","amount":"0.01","currency":"CNY"}'
        size = len(body % (b"0" * 16, b"0" * 16))
        head = (
            f"POST /v1/transfers HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {order.token}\r\n"
            f"content-type: application/json\r\ncontent-length: {size}\r\nidempotency-key: "
        )
        self._form: Final = head.encode() + b"%s\r\n\r\n" + body

    def next(self) -> bytes:
        """The bytes of the next request."""
        if not self._ready:
            highs, lows = self._ids.take(_IDS_AT_ONCE)
            for high, low in zip(highs.tolist(), lows.tolist(), strict=True):
                text = f"{high:016x}{low:016x}"
                key = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
                self._ready.append(key.encode())
            self._ready.reverse()
        count = len(self._accounts)
        debit = int(self._random.random() * count)
        credit = (debit + 1 + int(self._random.random() * (count - 1))) % count
        return self._form % (self._ready.pop(), self._accounts[debit], self._accounts[credit])


class _Tally:
    """What was answered, and when to stop."""

    def __init__(self, order: Order) -> None:
        self.times: Final = array("q")
        self.statuses: Final[dict[bytes, int]] = {}
        self.broken = 0
        self.until_ns = 0
        self.open = order.connections
        self.over: Final = asyncio.Event()

    def left(self) -> None:
        """One connection is done."""
        self.open -= 1
        if not self.open:
            self.over.set()


class _Connection(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self, asker: _Asker, tally: _Tally) -> None:
        self._asker: Final = asker
        self._tally: Final = tally
        self._transport: asyncio.Transport
        self._sent_ns = 0
        self._got = b""
        self._done = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's own transports are no subclass of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def start(self) -> None:
        """Send the first request."""
        self._send()

    def _send(self) -> None:
        self._sent_ns = time.perf_counter_ns()
        self._transport.write(self._asker.next())

    def data_received(self, data: bytes) -> None:
        got = self._got + data if self._got else data
        end = got.find(b"\r\n\r\n")
        at = got.find(b"content-length: ", 0, end) if end >= 0 else -1
        if at < 0 or len(got) < end + 4 + int(got[at + 16 : got.index(b"\r", at)]):
            self._got = got
            return
        self._got = b""
        now = time.perf_counter_ns()
        status = got[9:12]
        self._tally.times.append(now - self._sent_ns)
        self._tally.statuses[status] = self._tally.statuses.get(status, 0) + 1
        if now < self._tally.until_ns:
            self._send()
        else:
            self._finish()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done:
            self._tally.broken += 1
            self._finish()

    def _finish(self) -> None:
        self._done = True
        self._transport.close()
        self._tally.left()


async def make_load(order: Order) -> Load:
    """Make the load. Raises OSError when nothing listens at the address."""
    place = urlsplit(order.address)
    asker, tally = _Asker(order), _Tally(order)
    loop = asyncio.get_running_loop()
    made: list[_Connection] = []
    for _ in range(order.connections):
        _, protocol = await loop.create_connection(
            lambda: _Connection(asker, tally), str(place.hostname), int(place.port or 80)
        )
        made.append(protocol)
    began = time.perf_counter_ns()
    tally.until_ns = began + int(order.seconds * 1e9)
    for connection in made:
        connection.start()
    await asyncio.wait_for(tally.over.wait(), order.seconds + _DRAIN_SECONDS)
    elapsed = (time.perf_counter_ns() - began) / 1e9
    times = np.frombuffer(tally.times, np.int64) / 1e6
    p50, p99 = np.percentile(times, (50, 99)).tolist() if len(times) else (0.0, 0.0)
    refused = sum(count for status, count in tally.statuses.items() if not status.startswith(b"2"))
    return Load(
        requests=len(times),
        errors=refused + tally.broken,
        requests_per_s=round(len(times) / elapsed, 1),
        p50_ms=round(p50, 3),
        p99_ms=round(p99, 3),
        max_ms=round(float(times.max(initial=0.0)), 3),
        statuses={status.decode(): count for status, count in sorted(tally.statuses.items())},
    )


if __name__ == "__main__":
    found = uvloop.run(make_load(msgspec.json.decode(sys.stdin.buffer.read(), type=Order)))
    sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
