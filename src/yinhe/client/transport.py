"""What every operation of the client does: prove who asks, send, ask again where that is right, read the answer.

A command is sent under an id of its own, a UUIDv7. Where the answer is 429 or 503, or none comes, it is sent again
under the same id, so that it is done once, whatever happened on the way.
"""

import random
import time
from collections.abc import Mapping
from datetime import date
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from uuid import UUID

import httpx
import msgspec

from yinhe.kernel.clock import SystemClock
from yinhe.kernel.errors import YinheError
from yinhe.kernel.ids import IdSource

Value = TypeVar("Value")

ATTEMPTS_MAX: Final = 6
"""How often one request is sent at most."""
WAIT_SECONDS_MAX: Final = 8.0
"""Longest wait between two attempts."""
TIMEOUT_SECONDS: Final = 40.0
RENEW_SECONDS: Final = 30
"""How long before its end a token is renewed."""
JSON: Final = "application/json"


class ClientFault(YinheError):  # noqa: N818 - as all faults of Yinhe
    """The bank did not answer, or not as it should."""


class Problem(YinheError):  # noqa: N818 - RFC 9457 calls it so
    """The bank refused; nothing was changed."""

    def __init__(self, status: int, code: str, english: str, chinese: str, instance: str) -> None:
        super().__init__(f"{english} ({code}, {status})")
        self.status: Final = status
        self.code: Final = code
        """The stable code of the refusal."""
        self.english: Final = english
        self.chinese: Final = chinese
        self.instance: Final = instance
        """The id under which the bank's own records speak of the request."""


class Pending(YinheError):  # noqa: N818 - it is no error of the caller's
    """The command waits for a second person."""

    def __init__(self, approval: UUID, effect: Any) -> None:
        super().__init__(f"It waits for a second person, as approval {approval}.")
        self.approval: Final = approval
        self.effect: Final = effect


class _Token(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: int


class _Reasons(msgspec.Struct, frozen=True):
    en: str = ""
    zh: str = ""


class _ProblemForm(msgspec.Struct, frozen=True):
    status: int = 0
    code: str = ""
    title: str = ""
    reason: _Reasons = _Reasons()
    instance: str = ""


class _PendingForm(msgspec.Struct, frozen=True):
    approval: UUID
    effect: Any = None


class Transport:
    """A connection to one bank; a context manager that closes it."""

    def __init__(
        self,
        address: str,
        *,
        client: str = "",
        secret: str = "",
        token: str = "",
        http: httpx.Client | None = None,
    ) -> None:
        """Speak to the bank at `address` as an API client with its secret, or with an access token."""
        self._http: Final = http or httpx.Client(base_url=address, timeout=TIMEOUT_SECONDS)
        self._client, self._secret = client, secret
        self._token = token
        self._renew_at = 0.0 if client else float("inf")
        self.ids: Final = IdSource(SystemClock(), None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    # --- what operations use

    def read(
        self,
        path: str,
        kind: type[Value],
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Value:
        """Ask for something."""
        answer = self._send("GET", path, query or {}, None, JSON, {"accept": JSON, **(headers or {})})
        return self._decode(answer, kind)

    def document(self, path: str, media: str, query: Mapping[str, Any] | None = None) -> bytes:
        """Ask for a document of another media type."""
        return self._send("GET", path, query or {}, None, JSON, {"accept": media}).content

    def command(
        self,
        method: str,
        path: str,
        kind: type[Value],
        *,
        body: Any = None,
        media: str = JSON,
        query: Mapping[str, Any] | None = None,
        key: UUID | None = None,
        dry_run: bool = False,
        reason: str = "",
        if_match: str = "",
        accept: str = JSON,
    ) -> Value:
        """Ask that something be done, once. Raises Problem, or Pending where a second person is needed."""
        headers = {"idempotency-key": str(key or self.ids.next()), "accept": accept}
        headers |= {"x-reason": reason} if reason else {}
        headers |= {"if-match": if_match} if if_match else {}
        wanted = {**(query or {}), **({"dry_run": "true"} if dry_run else {})}
        return self._decode(self._send(method, path, wanted, body, media, headers), kind)

    def post(self, path: str, kind: type[Value], body: Any, query: Mapping[str, Any] | None = None) -> Value:
        """Ask for something that takes a body and changes nothing, or needs no id."""
        return self._decode(self._send("POST", path, query or {}, body, JSON, {"accept": JSON}), kind)

    # --- one request

    def _send(
        self, method: str, path: str, query: Mapping[str, Any], body: Any, media: str, headers: Mapping[str, str]
    ) -> httpx.Response:
        content = None if body is None else body if isinstance(body, bytes) else msgspec.json.encode(body)
        typed = {} if content is None else {"content-type": media}
        params = {name: _text(value) for name, value in query.items() if value is not None}
        waited = 0.2
        for attempt in range(ATTEMPTS_MAX):
            try:
                answer = self._http.request(
                    method, path, params=params, content=content, headers={**headers, **typed, **self._proof()}
                )
            except httpx.TransportError as error:
                if attempt == ATTEMPTS_MAX - 1:
                    raise ClientFault(f"The bank did not answer: {error}") from error
            else:
                if answer.status_code not in (429, 503) or attempt == ATTEMPTS_MAX - 1:
                    return self._checked(answer)
                waited = max(waited, float(answer.headers.get("retry-after", "0")))
            time.sleep(min(WAIT_SECONDS_MAX, waited) * (0.5 + random.random() / 2))  # noqa: S311 - jitter
            waited *= 2
        raise AssertionError("the last attempt returns or raises")

    def _proof(self) -> dict[str, str]:
        if time.monotonic() >= self._renew_at:
            form = {"grant_type": "client_credentials", "client_id": self._client, "client_secret": self._secret}
            answer = self._checked(self._http.post("/v1/oauth/token", data=form))
            got = msgspec.json.decode(answer.content, type=_Token)
            self._token = got.access_token
            self._renew_at = time.monotonic() + max(1, got.expires_in - RENEW_SECONDS)
        return {"authorization": f"Bearer {self._token}"} if self._token else {}

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        if answer.status_code < 400:
            return answer
        try:
            form = msgspec.json.decode(answer.content, type=_ProblemForm)
        except msgspec.MsgspecError:
            raise ClientFault(f"The bank answered {answer.status_code} and nothing that reads.") from None
        raise Problem(answer.status_code, form.code, form.reason.en or form.title, form.reason.zh, form.instance)

    def _decode(self, answer: httpx.Response, kind: type[Value]) -> Value:
        if kind is type(None):
            return None  # type: ignore[return-value]
        try:
            if answer.status_code == 202 and b'"approval"' in answer.content:
                form = msgspec.json.decode(answer.content, type=_PendingForm)
                raise Pending(form.approval, form.effect)
            if kind is bytes:
                return answer.content  # type: ignore[return-value]
            return msgspec.json.decode(answer.content, type=kind)
        except msgspec.MsgspecError as error:
            raise ClientFault(f"The bank's answer does not read: {error}") from error


def _text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case date():
            return value.isoformat()
        case _:
            return str(value)
