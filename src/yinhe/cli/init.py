"""yinhe init: open a unit."""

from datetime import date
from typing import Annotated

import typer
from rich.console import RenderableType

from yinhe.bootstrap import OpenedUnit, initialise
from yinhe.cli.options import AsJson, DatabaseUrl, Debug, Home, UnitNumber, configured, parse_date
from yinhe.cli.output import CommandFailed, Output, facts
from yinhe.kernel.clock import SystemClock, datetime_from_us
from yinhe.kernel.dates import date_from_days, days_from_date


def init(
    business_date: Annotated[
        date | None,
        typer.Option(
            parser=parse_date, metavar="YYYY-MM-DD", help="The unit's first accounting day; else today (UTC)."
        ),
    ] = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Open a unit: its database, its tables and its first business date. Done twice, it changes nothing.

    For example:

    $ yinhe init

    $ yinhe init --unit 2 --business-date 2026-01-05 --home /srv/bank
    """
    clock = SystemClock()
    configuration = configured(home, database_url, unit)
    day = business_date or datetime_from_us(clock.now_us()).date()
    opened = initialise(configuration, days_from_date(day), clock)
    stands_at = date_from_days(opened.business_date)
    if business_date and stands_at != business_date:
        raise CommandFailed(
            f"Unit {unit} is there already and stands at {stands_at}; init does not move it to {business_date}. "
            f"Leave --business-date away, or open another unit (--unit)."
        )
    answer = {"unit": unit, "business_date": stands_at, "made": opened.made, "schema": opened.schema}
    Output(as_json).show(answer, _table(opened, configuration.place))


def _table(opened: OpenedUnit, place: str) -> RenderableType:
    title = f"Unit {opened.unit} is open" if opened.made else f"Unit {opened.unit} was open already; nothing changed"
    return facts(
        title, {"Business date": str(date_from_days(opened.business_date)), "Schema": opened.schema, "In": place}
    )
