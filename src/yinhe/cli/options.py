"""Options that every command takes, and what they are read into."""

import os
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer

from yinhe.bootstrap import Configuration, read_configuration
from yinhe.kernel.account_number import UNIT_MAX
from yinhe.kernel.dates import date_from_days
from yinhe.ledger.batch import VALUE_DATE_MAX, VALUE_DATE_MIN

_COMMON: Final = "Options of every command"

Home = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="FOLDER",
        rich_help_panel=_COMMON,
        help="Where the bank's data lives, with its own PostgreSQL. Without it: $YINHE_HOME, else the usual place.",
    ),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        metavar="ADDRESS",
        rich_help_panel=_COMMON,
        help="A PostgreSQL of the bank's own, as postgresql://user@host:5432/database. Else $YINHE_DATABASE_URL.",
    ),
]
UnitNumber = Annotated[
    int, typer.Option("--unit", min=1, max=UNIT_MAX, rich_help_panel=_COMMON, help="The unit's number.")
]
AsJson = Annotated[
    bool, typer.Option("--json", rich_help_panel=_COMMON, help="One JSON object on stdout; logs as JSON on stderr.")
]
# Read by `app.run` from the arguments themselves: a failure must have its form even before they are understood.
Debug = Annotated[
    bool, typer.Option("--debug", rich_help_panel=_COMMON, help="On failure, show where in the program it arose.")
]


def configured(home: Path | None, database_url: str | None, unit: int) -> Configuration:
    """Read the configuration: the environment, and over it the options."""
    return read_configuration(os.environ, home=home, database_url=database_url, unit=unit)


def parse_date(text: str) -> date:
    """Read a date; raises BadParameter, in words, for anything else than YYYY-MM-DD of 1900 to 2199."""
    first, last = date_from_days(VALUE_DATE_MIN), date_from_days(VALUE_DATE_MAX)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date; write it like 2026-01-31.") from None
    if not first <= day <= last:
        raise typer.BadParameter(f"{text} lies outside {first} to {last}.")
    return day
