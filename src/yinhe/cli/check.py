"""yinhe check: book the whole journal again and compare it with all the books say."""

import msgspec
from rich.console import RenderableType

from yinhe.audit.proof import LogReport, Progress, verify
from yinhe.bootstrap import open_books
from yinhe.cli.options import AsJson, DatabaseUrl, Debug, Home, UnitNumber, configured
from yinhe.cli.output import CommandFailed, Output, table, titled
from yinhe.ledger.invariants import CheckReport
from yinhe.ledger.invariants import check as check_invariants
from yinhe.storage.connection import Database, open_database, unit_schema
from yinhe.storage.statements import load_statements


def check(
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Check that the books of a unit hold together: fifteen invariants, and four laws of the log of acts.

    Each is tested on everything it speaks of. Reads only; an engine may be running. The reference page "invariants"
    states each of them. Exits with 1 when something contradicts one.

    For example:

    $ yinhe check

    $ yinhe check --unit 2 --json
    """
    output = Output(as_json)
    configuration = configured(home, database_url, unit)
    # Says in the usual words what is wrong when there is no such unit.
    with (
        open_books(configuration),
        open_database(configuration.home, configuration.database_url) as database,
        output.progress() as watch,
    ):
        report = check_invariants(database, unit, lambda done, total: watch("Checking", done, total))
        log = proved_log(database, unit, lambda done, total: watch("The log", done, total))
        report = msgspec.structs.replace(report, checked=(*report.checked, *log.checked))
    if not report.sound:
        if not as_json:
            output.show(report, *_tables(report))
        broken = sum(1 for entry in report.checked if entry.contradictions)
        raise CommandFailed(
            f"The books of unit {unit} contradict {broken} of {len(report.checked)} invariants and laws.",
            msgspec.to_builtins(report),
        )
    output.show(report, *_tables(report))


def proved_log(database: Database, unit: int, watch: Progress, from_number: int = 0) -> LogReport:
    """Prove the log of a unit's acts as it is at one moment."""
    with database.connect(application_name="yinhe check", schema=unit_schema(unit)) as session, session.transaction():
        session.execute(load_statements("server")["one_snapshot"])
        return verify(session, from_number, watch)


def _tables(report: CheckReport) -> tuple[RenderableType, ...]:
    verdicts = table("Invariant", "Compared", "Count", "Verdict", right=frozenset({"Count"}))
    for entry in report.checked:
        verdict = f"[red]{entry.contradictions:,} contradict[/red]" if entry.contradictions else "holds"
        verdicts.add_row(entry.invariant, entry.compared, f"{entry.count:,}", verdict)
    first = titled(f"Unit {report.unit} up to seq {report.last_seq:,}", verdicts)
    if report.sound:
        return (first,)
    columns = "Invariant", "Seq", "Account", "What", "Expected", "Found"
    findings = table(*columns, right=frozenset({"Seq", "Account"}))
    for entry in report.checked:
        for found in entry.findings:
            place = str(found.seq or ""), str(found.account or "")
            findings.add_row(found.invariant, *place, found.what, found.expected, found.found)
    return first, titled("Findings", findings)
