"""yinhe conform: outside examiners of the schedule engine."""

from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer
from rich.console import RenderableType

from yinhe.cli.conform_loans import loans
from yinhe.cli.options import AsJson, Debug
from yinhe.cli.output import CommandFailed, Output, table, titled
from yinhe.lending.actus.cases import read_cases
from yinhe.lending.actus.conform import CaseReport, check_case

_SHOWN_MAX: Final = 100
"""Differences listed for people; all of them are in the JSON answer."""
_NAMED_MAX: Final = 5

app = typer.Typer(
    help="Have the schedule engine examined: by a standard, and by another system's schedules.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
app.command("loans")(loans)


@app.command("actus")
def actus(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files of cases, as the standard's tests.")],
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Run contract cases of the ACTUS standard through the loan schedule engine and compare every event.

    Dates, types, payoffs, notional, rate and accrued interest must agree to 1e-8. Contract types PAM, LAM, NAM, ANN,
    LAX, CLM, UMP and CSH. A case with an unknown type or without a term it needs has failed, and the term is named.
    Exits with 1 when a case has failed.

    For example:

    $ yinhe conform actus ../shared/data/actus/*.json
    """
    output = Output(as_json)
    cases = [(name, given) for file in files for name, given in read_cases(file).items()]
    reports: list[CaseReport] = []
    with output.progress() as watch:
        for done, (name, given) in enumerate(cases, 1):
            reports.append(check_case(name, given))
            watch("Cases", done, len(cases))
    failed = [report for report in reports if not report.passed]
    answer: dict[str, Any] = {
        "passed": len(reports) - len(failed),
        "failed": len(failed),
        "cases": len(reports),
        "rows": sum(report.rows for report in reports),
        "failures": msgspec.to_builtins(failed),
    }
    if not failed:
        output.show(answer, _by_type(reports))
        return
    if not as_json:
        output.show(answer, _by_type(reports), *_differences(failed))
    names = ", ".join(report.case for report in failed[:_NAMED_MAX])
    more = f" and {len(failed) - _NAMED_MAX} more" if len(failed) > _NAMED_MAX else ""
    raise CommandFailed(f"{len(failed)} of {len(reports)} cases are not as expected: {names}{more}.", answer)


def _by_type(reports: list[CaseReport]) -> RenderableType:
    made = table("Type", "Cases", "Passed", "Rows", right=frozenset({"Cases", "Passed", "Rows"}))
    for type_ in sorted({report.contract_type for report in reports}):
        of_type = [report for report in reports if report.contract_type == type_]
        passed, rows = sum(report.passed for report in of_type), sum(report.rows for report in of_type)
        made.add_row(type_, f"{len(of_type):,}", f"{passed:,}", f"{rows:,}")
    passed = sum(report.passed for report in reports)
    return titled(f"{passed:,} of {len(reports):,} cases as expected", made)


def _differences(failed: list[CaseReport]) -> list[RenderableType]:
    made = table("Case", "Event", "Field", "Expected", "Got")
    found = [(report.case, one) for report in failed for one in report.differences]
    for case, one in found[:_SHOWN_MAX]:
        made.add_row(case, one.event, one.field, one.expected, one.got)
    parts: list[RenderableType] = [titled("Not as expected", made)]
    if len(found) > _SHOWN_MAX:
        parts.append(f"… and {len(found) - _SHOWN_MAX:,} more; --json has them all.")
    return parts
