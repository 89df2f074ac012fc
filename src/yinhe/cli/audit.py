"""yinhe audit: look into the log of acts, prove it, and publish its anchors."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
import typer
from rich.text import Text

from yinhe.audit.anchors import ANCHORS_AT_ONCE, Anchor, anchors
from yinhe.audit.reading import PAGE_MAX, Kept, Wanted, read_records
from yinhe.bootstrap import open_books
from yinhe.cli.check import proved_log
from yinhe.cli.options import AsJson, DatabaseUrl, Debug, Home, UnitNumber, configured
from yinhe.cli.output import CommandFailed, Output, facts, table, titled
from yinhe.kernel.clock import datetime_from_us
from yinhe.kernel.dates import date_from_days
from yinhe.storage.connection import open_database, unit_schema

app: Final = typer.Typer(
    help="The log of every act: look into it, prove it, publish its anchors.", no_args_is_help=True
)


@app.command("list")
def list_(
    what: Annotated[str | None, typer.Option("--object", help="What it was done to, as contract/7.")] = None,
    party: Annotated[int | None, typer.Option(min=1, help="The number of a party it concerns.")] = None,
    actor: Annotated[str | None, typer.Option(help="Who did it, as user:teller-7.")] = None,
    action: Annotated[str | None, typer.Option(help="The action, or its area: contract, or contract.open.")] = None,
    request: Annotated[UUID | None, typer.Option(help="The id of the request.")] = None,
    before: Annotated[int | None, typer.Option(min=1, help="Only records before this number.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=PAGE_MAX, help="Most records listed.")] = 50,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List what was done, the newest first. Reads only.

    For example:

    $ yinhe audit list --object contract/7

    $ yinhe audit list --actor user:teller-7 --action contract
    """
    wanted = Wanted(object=what, party=party, actor=actor, action=action, request_id=request)
    configuration = configured(home, database_url, unit)
    with (
        open_books(configuration),
        open_database(configuration.home, configuration.database_url) as database,
        database.connect(application_name="yinhe audit", schema=unit_schema(unit)) as session,
    ):
        more = {} if before is None else {"before": before}
        found = read_records(session, wanted, newest=True, limit=limit, **more)
    listed = table("Number", "At", "Action", "Object", "Actor", "Outcome", "Why", right=frozenset({"Number"}))
    for kept in found:
        told = kept.action, kept.object, kept.actor, kept.outcome, str(kept.told.get("why", ""))
        listed.add_row(str(kept.number), _time(kept.at), *(Text(printable(words)) for words in told))
    Output(as_json).show({"records": [_told(kept) for kept in found]}, titled(f"Acts of unit {unit}", listed))


@app.command()
def show(
    number: Annotated[int, typer.Argument(min=1, help="The record's number.")],
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show one record whole, with its place in the chain. Reads only.

    For example:

    $ yinhe audit show 12
    """
    configuration = configured(home, database_url, unit)
    with (
        open_books(configuration),
        open_database(configuration.home, configuration.database_url) as database,
        database.connect(application_name="yinhe audit", schema=unit_schema(unit)) as session,
    ):
        found = read_records(session, after=number - 1, before=number + 1)
    if not found:
        raise CommandFailed(f"The log of unit {unit} has no record {number}.")
    kept = found[0]
    pairs = {name.replace("_", " ").capitalize(): _words(value) for name, value in _told(kept).items()}
    Output(as_json).show(_told(kept), facts(f"Record {number}", pairs))


@app.command()
def verify(
    start: Annotated[
        int, typer.Option("--from", min=0, help="Begin after this record, whose hash is trusted; 0 for all of it.")
    ] = 0,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Prove the log: work its chain out anew, and hold it against anchors and transactions. Reads only.

    Exits with 1 when something contradicts a law of the log.

    For example:

    $ yinhe audit verify

    $ yinhe audit verify --from 100000
    """
    output, configuration = Output(as_json), configured(home, database_url, unit)
    with (
        open_books(configuration),
        open_database(configuration.home, configuration.database_url) as database,
        output.progress() as watch,
    ):
        report = proved_log(database, unit, lambda done, total: watch("The log", done, total), start)
    verdicts = table("Law", "Compared", "Count", "Verdict", right=frozenset({"Count"}))
    for entry in report.checked:
        verdict = f"[red]{entry.contradictions:,} contradict[/red]" if entry.contradictions else "holds"
        verdicts.add_row(entry.invariant, entry.compared, f"{entry.count:,}", verdict)
    shown = [titled(f"The log of unit {unit} up to record {report.last:,}", verdicts)]
    if not report.sound:
        findings = table("Law", "What", "Expected", "Found")
        for found in (finding for entry in report.checked for finding in entry.findings):
            words = found.what, found.expected, found.found
            findings.add_row(found.invariant, *(Text(printable(word)) for word in words))
        if not as_json:
            output.show(report, *shown, titled("Findings", findings))
        raise CommandFailed(f"The log of unit {unit} is not what was written.", msgspec.to_builtins(report))
    output.show(report, *shown)


@app.command("anchors")
def anchors_(
    limit: Annotated[int, typer.Option(min=1, max=ANCHORS_AT_ONCE, help="Most anchors listed.")] = 30,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List the anchors of the log, the newest first: keep them where nobody who runs the bank can write.

    For example:

    $ yinhe audit anchors --json
    """
    configuration = configured(home, database_url, unit)
    with (
        open_books(configuration),
        open_database(configuration.home, configuration.database_url) as database,
        database.connect(application_name="yinhe audit", schema=unit_schema(unit)) as session,
    ):
        found = anchors(session, limit)
    listed = table("Business date", "Record", "SHA-256", "Noted at", right=frozenset({"Record"}))
    for anchor in found:
        listed.add_row(
            str(date_from_days(anchor.business_date)), f"{anchor.number:,}", anchor.hash.hex(), _time(anchor.at)
        )
    answer = {"unit": unit, "anchors": [_anchor(anchor) for anchor in found]}
    Output(as_json).show(answer, titled(f"Anchors of unit {unit}", listed))


def printable(words: str) -> str:
    """Words as they may go to a terminal: what is not printable is escaped, so that nothing moves or colours it."""
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in words)


def _told(kept: Kept) -> dict[str, Any]:
    return kept.told | {"hash": kept.hash.hex(), "at": _time(kept.at)}


def _words(value: Any) -> str:
    words = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return printable(words)


def _anchor(anchor: Anchor) -> dict[str, Any]:
    date = date_from_days(anchor.business_date).isoformat()
    return {"business_date": date, "number": anchor.number, "sha256": anchor.hash.hex(), "at": _time(anchor.at)}


def _time(microseconds: int) -> str:
    moment: datetime = datetime_from_us(microseconds)
    return moment.isoformat(timespec="milliseconds")
