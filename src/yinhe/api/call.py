"""One request on its way through a handler: who asks, what, and under which conditions."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from yinhe.access.principal import Principal
from yinhe.audit.desk import Asked
from yinhe.audit.record import Author
from yinhe.bank import Bank

Value = TypeVar("Value")


class Call(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What a handler knows of its request."""

    bank: Bank
    principal: Principal
    id: UUID
    """The request's id, a UUIDv7: the `Idempotency-Key` of a command, else one drawn for it."""
    action: str = ""
    params: Any = None
    body: Any = None
    media: str = ""
    """The media type of the body."""
    accept: str = ""
    """The media type asked for."""
    dry_run: bool = False
    why: str = ""
    """The caller's reason or purpose."""
    if_match: str = ""
    if_none_match: str = ""
    address: str = ""
    authorization: str = ""
    """How a client proves itself where it asks for a token; empty elsewhere."""
    thumbprint: str = ""
    """The thumbprint of the connection's client certificate."""
    approver: str = ""
    """Who approved it, where it waited for a second person."""
    routes: Mapping[str, Any] = {}
    """Every route by its name, for those that carry out what was stored."""
    is_over: Callable[[], bool] = bool
    """Whether the service stops: what stays open is to end."""
    exposition: Callable[[], bytes] = bytes
    """The service's metrics as Prometheus reads them."""

    def params_as(self, kind: type[Value]) -> Value:
        """What stood in the path and the query."""
        assert isinstance(self.params, kind), "the route names another type of parameters"
        return self.params

    def body_as(self, kind: type[Value]) -> Value:
        """What the body decoded to."""
        assert isinstance(self.body, kind), "the route names another type of body"
        return self.body

    @property
    def author(self) -> Author:
        """Who asks, as the log names it."""
        return self.principal.author(self.address, self.approver)

    def asked(self, content: Any = None) -> Asked:
        """The command as the desk takes it; `content` is what the log may keep in the clear."""
        return Asked(
            id=self.id,
            action=self.action,
            content=content,
            author=self.author,
            why=self.why,
            dry_run=self.dry_run,
        )
