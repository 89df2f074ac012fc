"""yinhe conform loans: the schedules a peer system asserts, computed by the schedule engine under its policies."""

from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer
from rich.console import RenderableType
from rich.text import Text

from yinhe.cli.options import AsJson, Debug
from yinhe.cli.output import CommandFailed, Output, table, titled
from yinhe.lending.peer.case_file import read_cases
from yinhe.lending.peer.compare import Verdict, check

_SHOWN_MAX: Final = 100
"""Differences listed for people; all of them are in the JSON answer."""
_NAMED_MAX: Final = 5


def loans(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A JSON list of cases: product, events, rows.")],
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Compute the loan schedules another system asserts and compare them cell by cell, to the cent.

    The system is Apache Fineract; its conventions are the named policies `cumulative` and `progressive` of the
    schedule engine. A case with a value that has no meaning here has failed, and the field is named; a file that does
    not read is refused, and the case and the field are named. Exits with 1 when a case has failed.

    For example:

    $ yinhe conform loans ../shared/data/loans/schedules.json
    """
    output = Output(as_json)
    cases = read_cases(file)
    verdicts: list[Verdict] = []
    with output.progress() as watch:
        for done, case in enumerate(cases, 1):
            verdicts.append(check(case))
            watch("cases", done, len(cases))
    failed = [verdict for verdict in verdicts if not verdict.passed]
    answer: dict[str, Any] = {
        "passed": len(verdicts) - len(failed),
        "failed": len(failed),
        "cases": len(verdicts),
        "rows": sum(verdict.rows for verdict in verdicts),
        "failures": msgspec.to_builtins(failed),
    }
    if not failed:
        output.show(answer, _by_policy(verdicts))
        return
    if not as_json:
        output.show(answer, _by_policy(verdicts), *_shown(failed))
    names = ", ".join(verdict.case for verdict in failed[:_NAMED_MAX])
    more = f" and {len(failed) - _NAMED_MAX} more" if len(failed) > _NAMED_MAX else ""
    raise CommandFailed(f"{len(failed)} of {len(verdicts)} cases are not as expected: {names}{more}.", answer)


def _by_policy(verdicts: list[Verdict]) -> RenderableType:
    made = table("Policy", "Cases", "Passed", "Rows", right=frozenset({"Cases", "Passed", "Rows"}))
    for policy in sorted({verdict.policy for verdict in verdicts}):
        of_policy = [verdict for verdict in verdicts if verdict.policy == policy]
        passed, rows = sum(verdict.passed for verdict in of_policy), sum(verdict.rows for verdict in of_policy)
        made.add_row(policy, f"{len(of_policy):,}", f"{passed:,}", f"{rows:,}")
    passed = sum(verdict.passed for verdict in verdicts)
    return titled(f"{passed:,} of {len(verdicts):,} cases as expected", made)


def _shown(failed: list[Verdict]) -> list[RenderableType]:
    """The differences in a table, and why some cases have no schedule at all."""
    made = table("Case", "Event", "Row", "Field", "Expected", "Got", right=frozenset({"Event", "Row"}))
    rows = [(verdict.case, one) for verdict in failed for one in verdict.differences]
    for case, one in rows[:_SHOWN_MAX]:
        row = "" if one.row < 0 else str(one.row)
        made.add_row(case, str(one.event), row, one.field, one.expected, one.got)
    parts: list[RenderableType] = [titled("Not as expected", made)] if rows else []
    if len(rows) > _SHOWN_MAX:
        parts.append(f"… and {len(rows) - _SHOWN_MAX:,} more; --json has them all.")
    parts += [Text(f"{one.case}: {one.reason}") for one in failed if one.reason is not None]
    return parts
