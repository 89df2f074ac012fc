"""What the operator sees of requests, and what holds too many of them off.

Counts and times go to Prometheus, a span a request to OpenTelemetry where a provider is set, a line to the log where a
request failed, took long or was not allowed. Nothing of it has personal data: operations, statuses, names of users and
clients.
"""

import hashlib
import ssl
import time
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from math import ceil
from typing import Final
from urllib.parse import unquote

import msgspec
from opentelemetry import propagate, trace
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from yinhe.access.principal import Principal
from yinhe.api.route import Route
from yinhe.bank import Bank
from yinhe.ledger.logbook import Logbook

Answer = Callable[[Route, Request], Awaitable[tuple[Response, Principal]]]

SLOW_SECONDS: Final = 1.0
"""A request that takes longer has a line in the log."""
HASH_HEADER: Final = "x-client-certificate-sha256"
"""In which a proxy tells the thumbprint of the client's certificate: SHA-256, base64url without padding."""
CERTIFICATE_HEADER: Final = "x-client-certificate"
"""In which a proxy that cannot hash tells the certificate itself: PEM, URL-encoded."""
BUCKETS_MAX: Final = 10_000
"""Most principals and addresses whose rates are remembered."""
_NOT_ALLOWED: Final = (401, 403)
_BUCKETS_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_LOG: Final = Logbook("yinhe.api")
_TRACER: Final = trace.get_tracer("yinhe")


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """How many requests a second may come in, each with a burst of as many as two seconds hold."""

    principal_per_s: float = 50_000.0
    """… from one user or client."""
    stranger_per_s: float = 50.0
    """… from one address of whoever has not proved who they are."""


class Limiter:
    """Token buckets: each key has so many requests a second, and may save up two seconds' worth."""

    def __init__(self, per_s: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._per_s: Final = per_s
        self._burst: Final = max(1.0, 2 * per_s)
        self._monotonic: Final = monotonic
        self._buckets: Final[OrderedDict[str, tuple[float, float]]] = OrderedDict()

    def take(self, key: str) -> int | None:
        """None when a request may come in, else after how many whole seconds one may."""
        now = self._monotonic()
        left, since = self._buckets.pop(key, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._per_s)
        admitted = left >= 1.0
        self._buckets[key] = (left - 1.0 if admitted else left, now)
        if len(self._buckets) > BUCKETS_MAX:
            self._buckets.popitem(last=False)
        return None if admitted else max(1, ceil((1.0 - left) / self._per_s))


class Operation:
    """Watches requests; one for a service."""

    def __init__(self, bank: Bank, trusted_proxies: frozenset[str] = frozenset(), rates: Rates | None = None) -> None:
        rates = rates or Rates()
        self._trusted: Final = trusted_proxies
        self._principals: Final = Limiter(rates.principal_per_s)
        self._strangers: Final = Limiter(rates.stranger_per_s)
        self.registry: Final = CollectorRegistry()
        self.registry.register(_BankCollector(bank))
        self.requests: Final = Counter(
            "yinhe_http_requests", "Requests answered.", ("operation", "status"), registry=self.registry
        )
        self.seconds: Final = Histogram(
            "yinhe_http_request_seconds",
            "Time from a request to its answer.",
            ("operation",),
            buckets=_BUCKETS_SECONDS,
            registry=self.registry,
        )

        self._counters: Final[dict[tuple[str, int], tuple[Counter, Histogram]]] = {}

    async def watched(self, route: Route, request: Request, answer: Answer) -> Response:
        """The response, having noted how it went."""
        began = time.perf_counter()
        context = propagate.extract(request.headers)
        with _TRACER.start_as_current_span(route.name, context=context, kind=trace.SpanKind.SERVER) as span:
            response, principal = await answer(route, request)
            span.set_attribute("http.request.method", route.method)
            span.set_attribute("http.route", route.path)
            span.set_attribute("http.response.status_code", response.status_code)
        instance = response.headers.get("x-request-id", "")
        self.note(route.name, response.status_code, time.perf_counter() - began, principal.name, instance)
        return response

    def note(self, operation: str, status: int, seconds: float, who: str, request: str) -> None:
        """Count an answer and its time; `request` is the id that its problem names, too."""
        counter = self._counters.get((operation, status))
        if counter is None:
            # Looked up once: the way to a series by its labels costs more than counting.
            counter = self.requests.labels(operation, str(status)), self.seconds.labels(operation)
            self._counters[operation, status] = counter
        counter[0].inc()
        counter[1].observe(seconds)
        if seconds > SLOW_SECONDS or status >= 500:
            milliseconds = round(seconds * 1000)
            _LOG.warning(
                "slow or failed", operation=operation, status=status, ms=milliseconds, who=who, request=request
            )
        elif status in _NOT_ALLOWED:
            _LOG.info("not allowed", operation=operation, status=status, who=who, request=request)

    def exposition(self) -> bytes:
        """The metrics in the text format of Prometheus."""
        return generate_latest(self.registry)

    def admit(self, principal: Principal, request: Request) -> int | None:
        """None when the request may come in, else after how many seconds it may."""
        return self.admit_principal(principal) if principal.number else self._strangers.take(self.address(request))

    def admit_principal(self, principal: Principal) -> int | None:
        """`admit` for whoever proved who they are."""
        return self._principals.take(f"{principal.kind}:{principal.number}")

    def thumbprint(self, request: Request) -> str | None:
        """The SHA-256 thumbprint (base64url) of the client's certificate, as a trusted proxy tells it; None else."""
        hashes, certificates = (request.headers.getlist(name) for name in (HASH_HEADER, CERTIFICATE_HEADER))
        return self.thumbprint_of(self.peer(request), hashes, certificates)

    def thumbprint_of(self, peer: str, hashes: Sequence[str], certificates: Sequence[str]) -> str | None:
        """`thumbprint`, of the values of the two headers that tell it; where they tell several, none is believed."""
        told = [one for one in (*hashes, *certificates) if one]
        if peer not in self._trusted or len(told) != 1:
            return None
        return thumbprint_of_pem(told[0]) if told[0] in certificates else told[0]

    def address(self, request: Request) -> str:
        """Where the request comes from; a trusted proxy says for whom it speaks."""
        return self.address_of(self.peer(request), request.headers.getlist("x-forwarded-for"))

    def address_of(self, peer: str, forwarded: Sequence[str]) -> str:
        """`address`, of the values of X-Forwarded-For: the last word of the last is the proxy's, the rest hearsay."""
        if peer not in self._trusted or not forwarded:
            return peer
        return forwarded[-1].rpartition(",")[2].strip()[:64] or peer

    @staticmethod
    def peer(request: Request) -> str:
        """The address of the other end of the connection."""
        return request.client.host if request.client else ""


def thumbprint_of_pem(escaped: str) -> str | None:
    """The SHA-256 thumbprint (base64url) of a certificate in PEM, URL-encoded; None for what is none."""
    try:
        encoded = ssl.PEM_cert_to_DER_cert(unquote(escaped))
    except ValueError:
        return None
    return urlsafe_b64encode(hashlib.sha256(encoded).digest()).rstrip(b"=").decode()


class _BankCollector(Collector):
    """What the bank is like when it is asked."""

    def __init__(self, bank: Bank) -> None:
        self._bank: Final = bank

    def collect(self) -> Iterable[Metric]:
        """Each figure, read now."""
        bank, engine = self._bank, self._bank.ledger.engine
        figures = {
            "yinhe_committed_seq": ("The last durable number of the journal.", bank.ledger.committed_seq),
            "yinhe_commits": ("Commits since the start.", engine.commits),
            "yinhe_recoveries": ("Recoveries from a lost database since the start.", engine.recoveries),
            "yinhe_submissions_waiting": ("Submissions that wait to be decided.", engine.waiting),
            "yinhe_business_date": ("The business date, in days since 1970-01-01.", bank.ledger.business_date),
            "yinhe_contracts": ("Deposit contracts ever opened.", len(bank.deposits.book.rows)),
            "yinhe_loans": ("Loans ever agreed on.", len(bank.lending.book.rows)),
            "yinhe_night_open": ("Whether a night broke off within a step.", int(bank.holding.night_open)),
            "yinhe_holds_overdue": ("Holds past their end by a minute.", bank.ledger.holds_overdue(60)),
        }
        for name, (words, value) in figures.items():
            yield GaugeMetricFamily(name, words, value=float(value))
        failures = GaugeMetricFamily(
            "yinhe_chore_failures", "Failures of what works beside requests since it last went well.", labels=("chore",)
        )
        seconds = GaugeMetricFamily("yinhe_chore_seconds", "How long ago it last went well.", labels=("chore",))
        for standing in bank.chores.standings():
            failures.add_metric((standing.name,), float(standing.failures))
            seconds.add_metric((standing.name,), standing.seconds)
        yield from (failures, seconds)
