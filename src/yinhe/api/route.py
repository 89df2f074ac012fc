"""The vocabulary of the table of routes: from one record come the routing, the OpenAPI page, the client and the matrix.

A handler is a plain function of a `Call`; it may wait, it runs in a thread. Commands change something: they carry an
`Idempotency-Key`, may be tried with `dry_run`, are weighed for limits and second persons, and their answers are kept.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final, Literal, Protocol, TypeAlias

import msgspec

from yinhe.access.permissions import Permission
from yinhe.api.call import Call

BODY_BYTES_MAX: Final = 64 * 1024
"""Most bytes of a body, unless its route says otherwise."""
SECONDS_MAX: Final = 30.0
"""Longest a request may take, unless its route says otherwise."""
JSON: Final = "application/json"

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class RefusalLike(Protocol):
    """A refusal of any organ."""

    @property
    def name(self) -> str:
        """For programs: a lower-case word."""
        ...

    @property
    def english(self) -> str:
        """In English, without a full stop."""
        ...

    @property
    def chinese(self) -> str:
        """In Chinese, without a full stop."""
        ...


class Reply(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What a handler answers: a value for JSON, or bytes of another media type, or a stream of them."""

    value: Any = None
    status: int = 0
    """0 for the route's own."""
    headers: Mapping[str, str] = {}
    etag: str = ""
    content: bytes = b""
    media: str = JSON
    stream: AsyncIterator[bytes] | None = None
    moved: bool = True
    """False of a command that was taken and has moved no money: it counts against no limit."""


Handled: TypeAlias = Reply | RefusalLike
Handler = Callable[[Call], Handled]


class Weight(msgspec.Struct, frozen=True):
    """What a command moves: the amount limits and approval rules look at."""

    amount_minor: int = 0
    currency: str = ""
    sums: Mapping[str, int] = {}
    """Of a command in several amounts: what they come to by currency; the fields above are the heaviest of them."""


class Route(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One operation of the interface."""

    method: Method
    path: str
    """`/v1/parties/{party}`; the names in braces are fields of `params`."""
    name: str
    """The operation's id, camel case: `openParty`."""
    tag: str
    summary: str
    description: str = ""
    permission: Permission | None
    """None: open to everyone."""
    handler: Handler
    params: type[msgspec.Struct] | None = None
    """What stands in the path and the query."""
    body: type[Any] | None = None
    """What the body decodes to; `bytes` for media of other kinds."""
    media_in: tuple[str, ...] = (JSON,)
    form: type[msgspec.Struct] | None = None
    """What the fields of a form are, for the document; its handler reads them."""
    error: type[msgspec.Struct] | None = None
    """What 400 and 401 may be beside a problem, where a standard of its own says so."""
    body_bytes_max: int = BODY_BYTES_MAX
    answer: type[Any] | None = None
    """What the answer is made of, for JSON; None for no content."""
    media_out: tuple[str, ...] = (JSON,)
    media_refused: str = ""
    """A medium in which 422 may be told beside a problem, where a standard has reports of refusals."""
    status: int = 200
    action: str = ""
    """Of a command: area and verb, `party.open`; empty for what only reads."""
    weigh: Callable[[Call], Weight] | None = None
    """Of a command that moves money."""
    counted: bool = True
    """Whether what it weighs counts against the day's limit of whoever asks here: not where nothing moves yet, where it
    is only taken back, nor where the day's pipeline counts it."""
    object_of: Callable[[Call], str] | None = None
    conditional: bool = False
    """Whether it takes `If-Match` (a command) or `If-None-Match` (a reading)."""
    problems: tuple[int, ...] = ()
    """Further statuses of problems, beside those that follow from the rest."""
    seconds_max: float = SECONDS_MAX
    at_once: bool = False
    """Whether its handler neither waits nor works: then it is answered however many wait for a thread."""
    example: Any = None
    """An example of the body."""

    def weight_of(self, call: Call) -> Weight | None:
        """What a call moves; None of one that moves no money."""
        return None if self.weigh is None else self.weigh(call)

    @property
    def is_command(self) -> bool:
        """Whether it changes something."""
        return bool(self.action)
