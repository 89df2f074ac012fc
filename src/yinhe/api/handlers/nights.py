"""The close of days: the nights there were, what each did step by step, and how far one at work has come."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
import psycopg

from yinhe.access.permissions import Permission
from yinhe.api.call import Call
from yinhe.api.forms import CurrencyCode, Cursor, Limit, MoneyForm, date_form, make_cursor, money_form, read_cursor
from yinhe.api.problem import Reasons
from yinhe.api.route import Handled, Reply, Route
from yinhe.audit.desk import Done
from yinhe.closeday.background import Shift, ShiftState
from yinhe.closeday.legs import words_of
from yinhe.closeday.plan import STEPS
from yinhe.closeday.report import NightReport, Posted, StepReport
from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.dates import days_from_date
from yinhe.kernel.refusals import ReasonEnum, Refusal
from yinhe.storage.statements import load_statements

NIGHTS_MAX: Final = 366
"""Most nights of one start."""


class NightRefusal(ReasonEnum):
    """Why no night begins, or none is told."""

    NIGHT_UNKNOWN = "the close of that business date has not begun", "该会计日期尚未开始日终"
    NIGHT_RUNNING = "a night is at work, or the service is stopping", "日终正在进行，或服务正在停止"
    NIGHT_CLOSED = "that business date is closed already", "该会计日期已日结"
    NIGHTS_TOO_MANY = "these are more nights than one start takes", "一次日终的天数超过上限"


class NightListParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which page of nights."""

    limit: Limit = 31
    cursor: Cursor = ""


class NightParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The night of which business date."""

    date: Annotated[dt.date, msgspec.Meta(description="The business date.")]


class NightStart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which dates are to be closed."""

    through: Annotated[
        dt.date | None, msgspec.Meta(description="Close every open date up to this one; without it the next alone.")
    ] = None


class NightStarted(msgspec.Struct, frozen=True, kw_only=True):
    """What is being closed in the background."""

    first: dt.date
    through: dt.date
    look_at: Annotated[str, msgspec.Meta(description="Where to see how far it is.", examples=["/v1/nights/at-work"])]


class NightAtWork(msgspec.Struct, frozen=True, kw_only=True):
    """How far this service's own night is."""

    state: Annotated[str, msgspec.Meta(description="idle, running, done or broken_off.")]
    first: dt.date | None
    through: dt.date | None
    business_date: Annotated[dt.date, msgspec.Meta(description="On which date the unit books now.")]
    step: Annotated[str, msgspec.Meta(description="The step at work.")]
    postings_done: int
    postings: Annotated[int, msgspec.Meta(description="Of how many, in this step.")]
    reason: Annotated[str, msgspec.Meta(description="Why it broke off; starting again takes it up.")]


class NightLine(msgspec.Struct, frozen=True, kw_only=True):
    """One night of a list."""

    date: dt.date
    closed: bool
    began_at: dt.datetime
    ended_at: dt.datetime | None
    summary: Annotated[dict[str, int], msgspec.Meta(description="Counts for the management; empty before the end.")]


class NightPage(msgspec.Struct, frozen=True):
    """Nights, the newest first."""

    items: tuple[NightLine, ...]
    next: str | None


class NightSum(msgspec.Struct, frozen=True, kw_only=True):
    """What was posted for one reason in one currency."""

    code: int
    words: Reasons
    currency: CurrencyCode
    postings: int
    amount: MoneyForm


class NightStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a night."""

    step: str
    words: Reasons
    over: bool
    began_at: dt.datetime
    ended_at: dt.datetime | None
    postings: int
    refused: Annotated[dict[str, int], msgspec.Meta(description="Refused postings by outcome.")]
    figures: dict[str, int]
    findings: tuple[str, ...]
    posted: tuple[NightSum, ...]


class NightDetails(msgspec.Struct, frozen=True, kw_only=True):
    """One night, step by step."""

    date: dt.date
    closed: bool
    began_at: dt.datetime
    ended_at: dt.datetime | None
    cutoff_seq: Annotated[int | None, msgspec.Meta(description="The journal's last number of the date.")]
    resumed: Annotated[bool | None, msgspec.Meta(description="Whether it was taken up again; none before the end.")]
    summary: dict[str, int]
    posted: Annotated[tuple[NightSum, ...], msgspec.Meta(description="What all steps posted.")]
    steps: tuple[NightStep, ...]


def list_nights(call: Call) -> Handled:
    """The nights there were, the newest first."""
    params = call.params_as(NightListParams)
    before: Any = read_cursor("nights", params.cursor, dt.date) if params.cursor else (dt.date.max,)
    if isinstance(before, Refusal):
        return before
    given = {"before": before[0], "limit": params.limit + 1}
    with call.bank.sessions.lend() as session:
        rows = session.execute(load_statements("api_reading")["nights_before"], given).fetchall()
    shown = rows[: params.limit]
    items = tuple(
        NightLine(
            date=date, closed=ended is not None, began_at=_utc(began), ended_at=_utc(ended), summary=_summary(report)
        )
        for date, _, began, ended, report in shown
    )
    return Reply(value=NightPage(items, make_cursor("nights", shown[-1][0]) if len(rows) > len(shown) else None))


def read_night(call: Call) -> Handled:
    """One night, step by step; also while it is at work."""
    date, sql = call.params_as(NightParams).date, load_statements("api_reading")
    with call.bank.sessions.transaction() as session:
        session.execute(load_statements("server")["one_snapshot"])
        night = session.execute(sql["night_of"], {"date": date}).fetchone()
        steps = session.execute(sql["night_steps"], {"date": date}).fetchall()
    if night is None:
        return Refusal(NightRefusal.NIGHT_UNKNOWN)
    _, cutoff, began, ended, kept = night
    report = None if kept is None else msgspec.convert(kept, NightReport)
    return Reply(
        value=NightDetails(
            date=date,
            closed=ended is not None,
            began_at=_utc(began),
            ended_at=_utc(ended),
            cutoff_seq=cutoff,
            resumed=None if report is None else report.resumed,
            summary=_summary(kept),
            posted=() if report is None else _sums(report.posted),
            steps=tuple(_step(*row) for row in steps),
        )
    )


def read_shift(call: Call) -> Handled:
    """How far the night of this service is."""
    return Reply(value=_at_work(call.bank.shift.now, call.bank.ledger.business_date))


def start_night(call: Call) -> Handled:
    """Close business dates in the background; one start at a time."""
    body, shift = call.body_as(NightStart), call.bank.shift
    claimed = shift.claim()
    started = False
    try:

        def work(session: psycopg.Connection) -> Done | Refusal:
            del session
            if not claimed:
                return Refusal(NightRefusal.NIGHT_RUNNING)
            first = call.bank.night.next_date()
            through = first if body.through is None else days_from_date(body.through)
            if through < first:
                return Refusal(NightRefusal.NIGHT_CLOSED)
            if through - first >= NIGHTS_MAX:
                return Refusal(NightRefusal.NIGHTS_TOO_MANY, f"at most {NIGHTS_MAX}")
            answer = NightStarted(first=date_form(first), through=date_form(through), look_at=_AT_WORK)
            return Done(answer=answer, object=f"night/{date_form(through)}")

        told = call.bank.desk.carry_out(call.asked(msgspec.to_builtins(body)), work)
        if isinstance(told, Refusal):
            return told
        answer = told.read(NightStarted)
        if claimed and not told.repeated and not told.dry_run:
            started = True
            shift.start(days_from_date(answer.first), days_from_date(answer.through))
        return Reply(value=answer)
    finally:
        if claimed and not started:
            shift.release()


def _at_work(now: Shift, business_date: int) -> NightAtWork:
    is_idle = now.state is ShiftState.IDLE
    return NightAtWork(
        state=now.state.value,
        first=None if is_idle else date_form(now.first),
        through=None if is_idle else date_form(now.through),
        business_date=date_form(business_date),
        step=now.step,
        postings_done=now.postings_done,
        postings=now.postings,
        reason=now.reason,
    )


def _utc(at: dt.datetime | None) -> Any:
    return None if at is None else at.astimezone(dt.UTC)


def _summary(report: Mapping[str, Any] | None) -> dict[str, int]:
    return {} if report is None else dict(report.get("summary", {}))


def _sums(posted: tuple[Posted, ...]) -> tuple[NightSum, ...]:
    return tuple(
        NightSum(
            code=one.code,
            words=Reasons(words_of(one.code).english, words_of(one.code).chinese),
            currency=currency_by_number(one.currency).code,
            postings=one.postings,
            amount=money_form(one.amount_minor, one.currency),
        )
        for one in posted
    )


_WORDS: Final = {step.name: Reasons(step.english, step.chinese) for step in STEPS}


def _step(name: str, began: dt.datetime, ended: dt.datetime | None, body: dict[str, Any]) -> NightStep:
    report = msgspec.convert(body, StepReport) if body else StepReport(name, 0, {}, {}, (), 0)
    return NightStep(
        step=name,
        words=_WORDS.get(name, Reasons(name, name)),
        over=ended is not None,
        began_at=_utc(began),
        ended_at=_utc(ended),
        postings=report.postings,
        refused=dict(report.refused),
        figures=dict(report.figures),
        findings=report.findings,
        posted=_sums(report.posted),
    )


_TAG: Final = "nights"
_AT_WORK: Final = "/v1/nights/at-work"

ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/nights",
        name="listNights",
        tag=_TAG,
        summary="The nights there were, the newest first, each with its summary.",
        permission=Permission.NIGHT_READ,
        handler=list_nights,
        params=NightListParams,
        answer=NightPage,
    ),
    Route(
        method="POST",
        path="/v1/nights",
        name="startNight",
        tag=_TAG,
        summary="Close the next business date, or several, in the background.",
        description="A night that broke off is taken up where it was. A second start while one runs is refused.",
        permission=Permission.NIGHT_RUN,
        handler=start_night,
        body=NightStart,
        answer=NightStarted,
        status=202,
        action="night.start",
        example=NightStart(),
    ),
    Route(
        method="GET",
        path=_AT_WORK,
        name="readNightAtWork",
        tag=_TAG,
        summary="How far the night of this service is.",
        permission=Permission.NIGHT_READ,
        handler=read_shift,
        answer=NightAtWork,
    ),
    Route(
        method="GET",
        path="/v1/nights/{date}",
        name="readNight",
        tag=_TAG,
        summary="One night, step by step; also while it is at work.",
        permission=Permission.NIGHT_READ,
        handler=read_night,
        params=NightParams,
        answer=NightDetails,
    ),
)
