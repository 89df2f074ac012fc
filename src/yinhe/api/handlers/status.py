"""How the bank stands, for those it serves, for those who watch it, and for programs that read its own description."""

from datetime import date
from typing import Any, Literal

import msgspec
import psycopg
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from yinhe.access.permissions import Permission
from yinhe.api.call import Call
from yinhe.api.forms import date_form
from yinhe.api.openapi import document
from yinhe.api.route import Reply, Route
from yinhe.kernel.errors import YinheError
from yinhe.storage.statements import load_statements


class UnitStatus(msgspec.Struct, frozen=True):
    """A unit at a glance."""

    unit: int
    business_date: date
    committed_seq: int
    """The last durable number of the journal."""
    contracts: int
    loans: int


class Health(msgspec.Struct, frozen=True):
    """Whether the service lives, or can serve."""

    status: Literal["up", "down"]


def unit_status(call: Call) -> Reply:
    """Tell how the unit stands."""
    bank = call.bank
    return Reply(
        value=UnitStatus(
            unit=bank.unit,
            business_date=date_form(bank.ledger.business_date),
            committed_seq=bank.ledger.committed_seq,
            contracts=len(bank.deposits.book.rows),
            loans=len(bank.lending.book.rows),
        )
    )


def live(call: Call) -> Reply:
    """Tell that the process answers."""
    return Reply(value=Health("up"))


def ready(call: Call) -> Reply:
    """Tell whether the engine takes work and the database answers."""
    try:
        with call.bank.sessions.lend() as session:
            session.execute(load_statements("bank")["alive"])
        up = not call.bank.ledger.engine.is_stopped
    except (psycopg.Error, YinheError):
        up = False
    return Reply(value=Health("up" if up else "down"), status=200 if up else 503)


def metrics(call: Call) -> Reply:
    """Tell the figures of the service."""
    return Reply(content=call.exposition(), media=CONTENT_TYPE_PLAIN_0_0_4)


def described(call: Call) -> Reply:
    """Tell what the interface is."""
    return Reply(content=msgspec.json.encode(document(tuple(call.routes.values()))))


ROUTES = (
    Route(
        method="GET",
        path="/v1/unit",
        name="readUnit",
        tag="unit",
        summary="The unit, its business date, and how far its journal is.",
        permission=Permission.NIGHT_READ,
        handler=unit_status,
        answer=UnitStatus,
    ),
    Route(
        method="GET",
        path="/health/live",
        name="readLiveness",
        tag="operation",
        summary="Whether the process answers.",
        permission=None,
        handler=live,
        at_once=True,
        answer=Health,
    ),
    Route(
        method="GET",
        path="/health/ready",
        name="readReadiness",
        tag="operation",
        summary="Whether the engine takes work and the database answers.",
        permission=None,
        handler=ready,
        answer=Health,
    ),
    Route(
        method="GET",
        path="/metrics",
        name="readMetrics",
        tag="operation",
        summary="Metrics in the text format of Prometheus.",
        permission=Permission.OPERATE,
        handler=metrics,
        media_out=("text/plain",),
    ),
    Route(
        method="GET",
        path="/v1/openapi.json",
        name="readInterface",
        tag="operation",
        summary="This interface, as OpenAPI 3.1.",
        permission=None,
        handler=described,
        answer=dict[str, Any],
    ),
)
