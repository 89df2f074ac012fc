"""The bank's dated tables of rates: posted rates and LPR."""

import datetime as dt
from typing import Annotated, Any, Final

import msgspec
import psycopg

from yinhe.access.permissions import Permission
from yinhe.api.call import Call
from yinhe.api.forms import Cursor, Limit, RateText, date_form, days_of, make_cursor, rate_text, read_cursor, read_rate
from yinhe.api.handlers.product_forms import ProductRefusal, refusal_of
from yinhe.api.route import Handled, Reply, Route
from yinhe.audit.desk import Done
from yinhe.kernel.dates import days_from_date
from yinhe.kernel.refusals import ReasonEnum, Refusal
from yinhe.products.catalogue_store import set_rate
from yinhe.storage.statements import load_statements

TableCode = Annotated[
    str,
    msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]{1,39}$", max_length=40, description="The table.", examples=["LPR_1Y"]),
]


class RateRefusal(ReasonEnum):
    """Why a table is not told."""

    RATE_TABLE_UNKNOWN = "there is no such rate table", "利率表不存在"


class RateListParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """On which day."""

    on: Annotated[dt.date | None, msgspec.Meta(description="The day; without it the business date.")] = None


class RateTableParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which table."""

    table: TableCode


class RateHistoryParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which table, and which page of its entries."""

    table: TableCode
    limit: Limit = 100
    cursor: Cursor = ""


class RateSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rate that holds from a day on."""

    rate: RateText
    effective: Annotated[dt.date, msgspec.Meta(description="The first day it holds.")]
    correction: Annotated[
        bool, msgspec.Meta(description="It corrects a rate of the past; interest of those days changes.")
    ] = False


class RateStanding(msgspec.Struct, frozen=True, kw_only=True):
    """What a table says of a day."""

    table: str
    rate: RateText
    since: Annotated[dt.date, msgspec.Meta(description="The day from which it holds.")]


class RateTables(msgspec.Struct, frozen=True):
    """Every table that says something of a day."""

    on: dt.date
    items: tuple[RateStanding, ...]


class RateWritten(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a table; of two for a day the later written stands."""

    effective: dt.date
    rate: RateText
    recorded: Annotated[dt.date, msgspec.Meta(description="The business date on which it was written down.")]
    author: str


class RateHistory(msgspec.Struct, frozen=True):
    """The entries of a table, by their days."""

    items: tuple[RateWritten, ...]
    next: str | None


class RateSet(msgspec.Struct, frozen=True, kw_only=True):
    """A rate that was written down."""

    table: str
    effective: dt.date
    rate: RateText
    correction: bool


def list_rates(call: Call) -> Handled:
    """What every table says of a day."""
    book, today = call.bank.holding.catalogue.rates, call.bank.ledger.business_date
    day = days_of(call.params_as(RateListParams).on, today)
    # Entries ascend by table, day and writing: the last one before the day stands.
    standing = {one.table: one for one in book.entries if one.effective <= day}
    items = tuple(
        RateStanding(table=table, rate=rate_text(one.rate), since=date_form(one.effective))
        for table, one in standing.items()
    )
    return Reply(value=RateTables(date_form(day), items))


def read_history(call: Call) -> Handled:
    """Every entry of a table that was ever written down."""
    params = call.params_as(RateHistoryParams)
    first = (dt.date.min, dt.date.min, 0)
    after: Any = read_cursor(f"rates {params.table}", params.cursor, dt.date, dt.date, int) if params.cursor else first
    if isinstance(after, Refusal):
        return after
    if params.table not in call.bank.holding.catalogue.rates.tables:
        return Refusal(RateRefusal.RATE_TABLE_UNKNOWN)
    given = {"table": params.table, "effective": after[0], "recorded": after[1], "id": after[2]}
    with call.bank.sessions.lend() as session:
        found = session.execute(load_statements("api_reading")["rate_entries"], given | {"limit": params.limit + 1})
        rows = found.fetchall()
    shown = rows[: params.limit]
    items = tuple(
        RateWritten(effective=effective, rate=rate_text(rate), recorded=recorded, author=author)
        for _, effective, recorded, rate, author in shown
    )
    following = None
    if len(rows) > len(shown):
        number, effective, recorded, *_ = shown[-1]
        following = make_cursor(f"rates {params.table}", effective, recorded, number)
    return Reply(value=RateHistory(items, following))


def set_table_rate(call: Call) -> Handled:
    """Write down the rate of a table from a day on."""
    table, body = call.params_as(RateTableParams).table, call.body_as(RateSetting)
    units = read_rate(body.rate)
    if not isinstance(units, int):
        return units
    answer = RateSet(table=table, effective=body.effective, rate=rate_text(units), correction=body.correction)

    def work(session: psycopg.Connection) -> Done | Refusal:
        against = set_rate(
            session,
            table,
            days_from_date(body.effective),
            units,
            call.bank.ledger.business_date,
            call.principal.name,
            correction=body.correction,
            on_record=call.author,
            clock=call.bank.clock,
        )
        if against is not None:
            return refusal_of(against, ProductRefusal.RATE_UNFIT)
        return Done(answer=answer, object=f"rate/{table}", recorded=True)

    told = call.bank.desk.carry_out(call.asked(msgspec.to_builtins(answer)), work)
    if isinstance(told, Refusal):
        return told
    if not told.dry_run:
        call.bank.holding.reload_catalogue()
    return Reply(value=told.read(RateSet))


_TAG: Final = "rates"

ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/rates",
        name="listRates",
        tag=_TAG,
        summary="What every table of rates says of a day.",
        permission=Permission.PRODUCT_READ,
        handler=list_rates,
        params=RateListParams,
        answer=RateTables,
    ),
    Route(
        method="GET",
        path="/v1/rates/{table}",
        name="readRateTable",
        tag=_TAG,
        summary="Every entry of a table that was ever written down, by the days they hold from.",
        permission=Permission.PRODUCT_READ,
        handler=read_history,
        params=RateHistoryParams,
        answer=RateHistory,
    ),
    Route(
        method="POST",
        path="/v1/rates/{table}",
        name="setRate",
        tag=_TAG,
        summary="Write down the rate of a table from a day on; what was written stays.",
        description="A day before the business date is refused unless it is said to be a correction.",
        permission=Permission.PRODUCT_APPROVE,
        handler=set_table_rate,
        params=RateTableParams,
        body=RateSetting,
        answer=RateSet,
        status=201,
        action="rate.set",
        example=RateSetting(rate="0.05", effective=dt.date(2026, 2, 1)),
    ),
)
