"""yinhe status: a unit at a glance."""

from rich.console import RenderableType

from yinhe.bootstrap import open_books
from yinhe.cli.options import AsJson, DatabaseUrl, Debug, Home, UnitNumber, configured
from yinhe.cli.output import Output, facts
from yinhe.export.books import Status


def status(
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show a unit's business date, accounts and journal, and who serves it. Reads only; an engine may be running.

    For example:

    $ yinhe status

    $ yinhe status --unit 2 --json
    """
    configuration = configured(home, database_url, unit)
    with open_books(configuration) as books:
        found = books.status()
    Output(as_json).show(found, _table(found, configuration.place))


def _table(found: Status, place: str) -> RenderableType:
    holder = found.holder
    booked = f", booked {found.booked_at:%Y-%m-%d %H:%M:%S} UTC" if found.booked_at else ""
    pairs = {
        "Business date": str(found.business_date),
        "Accounts": f"{found.accounts:,}",
        "Journal": f"seq {found.seq:,}{booked}",
        "Segments": f"{found.segments:,}, of which {found.segments_sealed:,} sealed",
        "Balances": f"in the table up to seq {found.balances_as_of_seq:,}",
        "Open holds": f"{found.holds:,}",
        **{f"Job {job}": f"{step:,} steps done" for job, step in found.jobs.items()},
        "Served by": f"{holder.engine}, from {holder.place}, since {holder.since:%Y-%m-%d %H:%M:%S} UTC"
        if holder
        else "nobody",
        "In": place,
    }
    return facts(f"Unit {found.unit}", pairs)
