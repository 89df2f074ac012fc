"""One delivery over HTTP: to the address that was judged, without redirects, and never longer than its time."""

import ssl
import threading
from typing import Final, Protocol

import httpx
import msgspec

from yinhe.feed.addresses import Resolve, Rules, Target, judge, resolve
from yinhe.kernel.refusals import Refusal

CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 10.0
"""Longest the receiver may be silent."""
WHOLE_SECONDS: Final = 20.0
"""Longest a delivery may take in all; a receiver that drips is cut off."""
ANSWER_BYTES_MAX: Final = 4_096
"""Most that is read of what a receiver answers."""


class Sent(msgspec.Struct, frozen=True):
    """What became of a delivery: the status of the answer, 0 for none, and a word on what went wrong."""

    status: int
    problem: str = ""
    retry_after: int = 0
    """Seconds the receiver asks for; 0 for none."""

    @property
    def arrived(self) -> bool:
        """Whether the receiver has it."""
        return 200 <= self.status < 300


class Sender(Protocol):
    """Sends one delivery."""

    def send(self, url: str, headers: dict[str, str], body: bytes) -> Sent:
        """Post a body of JSON; never raises for what the receiver does."""
        ...


class HttpSender:
    """Sends over HTTP, each delivery on a connection of its own; safe between threads."""

    def __init__(
        self,
        rules: Rules,
        *,
        answer_seconds: float = ANSWER_SECONDS,
        whole_seconds: float = WHOLE_SECONDS,
        look_up: Resolve = resolve,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """`trust`: whose certificates are believed; None: the public authorities."""
        self._rules: Final = rules
        self._timeout: Final = httpx.Timeout(answer_seconds, connect=CONNECT_SECONDS)
        self._whole_seconds: Final = whole_seconds
        self._look_up: Final = look_up
        self._trust: Final = trust

    def send(self, url: str, headers: dict[str, str], body: bytes) -> Sent:
        """Post a body of JSON; never raises for what the receiver does."""
        target = judge(url, self._rules, self._look_up)
        if isinstance(target, Refusal):
            return Sent(0, target.name)
        # No proxy and no password file of this machine has a say.
        trust = True if self._trust is None else self._trust
        client = httpx.Client(timeout=self._timeout, follow_redirects=False, trust_env=False, verify=trust)
        cut = threading.Timer(self._whole_seconds, client.close)
        cut.daemon = True
        cut.start()
        try:
            return _post(client, target, headers, body)
        except (httpx.HTTPError, OSError, RuntimeError) as error:
            # A client that was cut off while it was about to begin says so by RuntimeError.
            return Sent(0, type(error).__name__)
        finally:
            cut.cancel()
            client.close()


def _post(client: httpx.Client, target: Target, headers: dict[str, str], body: bytes) -> Sent:
    named = httpx.URL(target.url)
    whole = {**headers, "content-type": "application/json", "host": named.netloc.decode(), "user-agent": "yinhe"}
    request = client.build_request(
        "POST",
        named.copy_with(host=target.address),
        headers=whole,
        content=body,
        # The certificate must be of the name, though the connection goes to the address.
        extensions={"sni_hostname": target.host},
    )
    answer = client.send(request, stream=True)
    try:
        read = 0
        for chunk in answer.iter_raw():
            read += len(chunk)
            if read > ANSWER_BYTES_MAX:
                break
    finally:
        answer.close()
    after = answer.headers.get("retry-after", "")
    seconds = int(after) if after.isascii() and after.isdecimal() and len(after) < 7 else 0
    return Sent(answer.status_code, "" if answer.is_success else f"HTTP {answer.status_code}", seconds)
