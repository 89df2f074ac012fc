"""The log of acts: who did what, when, why and from where; its anchors; and the proof that it was not changed."""

import datetime as dt
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec

from yinhe.access.permissions import Permission
from yinhe.api.call import Call
from yinhe.api.forms import Cursor, Limit, Number, date_form, make_cursor, read_cursor
from yinhe.api.problem import HttpRefusal
from yinhe.api.reach import reach_party
from yinhe.api.route import Handled, Reply, Route
from yinhe.audit.log import head
from yinhe.audit.proof import verify
from yinhe.audit.reading import NUMBER_END, Kept, kept_of, read_records
from yinhe.kernel.refusals import ReasonEnum, Refusal
from yinhe.storage.statements import load_statements

PROVED_MAX: Final = 500_000
"""Most records that are proved in one request; `yinhe audit verify` proves a log of any length."""
PROOF_SECONDS_MAX: Final = 120.0
_WHOLE: Final = "the log is whole, and whoever asks is limited to a part of the bank"
_WORDS: Final = msgspec.Meta(pattern=r"^[^\x00-\x1f\x7f]{1,200}$", max_length=200)


class RecordRefusal(ReasonEnum):
    """Why nothing is told of the log."""

    RECORD_UNKNOWN = "the log has no such record, or it is out of reach", "审计记录不存在或无权访问"
    PROOF_TOO_LONG = "these are more records than one request proves", "一次校验的审计记录过多"


class RecordListParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which records."""

    object: Annotated[
        Annotated[str, _WORDS] | None,
        msgspec.Meta(description="Only of what this was done to.", examples=["contract/7"]),
    ] = None
    actor: Annotated[
        Annotated[str, _WORDS] | None, msgspec.Meta(description="Only by this actor.", examples=["user:teller-7"])
    ] = None
    action: Annotated[
        Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z_]*(\.[a-z][a-z_]*)?$", max_length=80)] | None,
        msgspec.Meta(description="Only this action, or the actions of this area.", examples=["contract.withdraw"]),
    ] = None
    outcome: Annotated[
        Literal["done", "refused", "pending", "read"] | None, msgspec.Meta(description="Only of this outcome.")
    ] = None
    party: Annotated[Number | None, msgspec.Meta(description="Only those that concern this party.")] = None
    request: Annotated[UUID | None, msgspec.Meta(description="Only of the request of this id.")] = None
    limit: Limit = 100
    cursor: Cursor = ""


class RecordParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which record."""

    number: Number


class AnchorListParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which page of anchors."""

    limit: Limit = 100
    cursor: Cursor = ""


class ProofParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From where the log is proved."""

    from_number: Annotated[
        int, msgspec.Meta(ge=0, le=2**53 - 1, description="The record whose hash is trusted; 0 proves all of it.")
    ] = 0


class AuditRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One act. What is personal stands in it encrypted."""

    number: int
    at: dt.datetime
    business_date: dt.date
    action: str
    outcome: str
    object: Annotated[str, msgspec.Meta(description="What it was done to.", examples=["contract/7"])]
    actor: str
    channel: str
    address: str
    session: Annotated[str, msgspec.Meta(description="What ties acts together that were done with one log-in.")]
    approver: str
    emergency: bool
    parties: tuple[int, ...]
    request: UUID | None
    why: Annotated[str, msgspec.Meta(description="The author's reason; of a refusal its name.")]
    before: Any
    after: Any
    detail: Any
    hash: Annotated[str, msgspec.Meta(description="SHA-256 over the hash before it and its own content.")]


class AuditRecords(msgspec.Struct, frozen=True):
    """Records, the newest first."""

    items: tuple[AuditRecord, ...]
    next: str | None


class AuditAnchor(msgspec.Struct, frozen=True, kw_only=True):
    """What the log's last record was at the end of a business date."""

    business_date: dt.date
    number: int
    hash: str
    at: dt.datetime


class AuditAnchors(msgspec.Struct, frozen=True):
    """Anchors, the newest first: whoever keeps one can tell whether the log before it was changed since."""

    items: tuple[AuditAnchor, ...]
    next: str | None


class AuditContradiction(msgspec.Struct, frozen=True):
    """One thing in the log that contradicts a law."""

    what: str
    expected: str
    found: str


class AuditLaw(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one law of the log."""

    law: Annotated[str, msgspec.Meta(examples=["L1"])]
    compared: str
    count: int
    contradictions: int
    findings: tuple[AuditContradiction, ...]


class AuditProof(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on the log."""

    from_number: int
    last: Annotated[int, msgspec.Meta(description="The last record that was proved.")]
    sound: bool
    laws: tuple[AuditLaw, ...]


def list_records(call: Call) -> Handled:
    """Records of the log, the newest first."""
    params, scope = call.params_as(RecordListParams), call.principal.scope
    if scope.branches is not None:
        return Refusal(HttpRefusal.FORBIDDEN, _WHOLE)
    before: Any = read_cursor("records", params.cursor, int) if params.cursor else (NUMBER_END,)
    if isinstance(before, Refusal):
        return before
    wrong = None if params.party is None or scope.parties is None else reach_party(call, params.party)
    if wrong is not None:
        return wrong
    given = {name: getattr(params, name) for name in ("object", "actor", "action", "outcome", "party", "request")}
    given |= {"before": before[0], "limit": params.limit + 1}
    given["reach"] = None if scope.parties is None else sorted(scope.parties)
    with call.bank.sessions.lend() as session:
        rows = session.execute(load_statements("api_reading")["records_before"], given).fetchall()
    shown = [kept_of(row) for row in rows[: params.limit]]
    following = make_cursor("records", shown[-1].number) if len(rows) > len(shown) else None
    return Reply(value=AuditRecords(tuple(_told(kept) for kept in shown), following))


def read_record(call: Call) -> Handled:
    """One record of the log."""
    number, scope = call.params_as(RecordParams).number, call.principal.scope
    if scope.branches is not None:
        return Refusal(HttpRefusal.FORBIDDEN, _WHOLE)
    with call.bank.sessions.lend() as session:
        found = read_records(session, after=number - 1, before=number + 1)
    if not found or not (scope.parties is None or scope.parties & set(found[0].parties)):
        return Refusal(RecordRefusal.RECORD_UNKNOWN)
    return Reply(value=_told(found[0]))


def list_anchors(call: Call) -> Handled:
    """The anchors of business dates, the newest first."""
    params = call.params_as(AnchorListParams)
    before: Any = read_cursor("anchors", params.cursor, dt.date) if params.cursor else (dt.date.max,)
    if isinstance(before, Refusal):
        return before
    given = {"before": before[0], "limit": params.limit + 1}
    with call.bank.sessions.lend() as session:
        rows = session.execute(load_statements("api_reading")["anchors_before"], given).fetchall()
    shown = rows[: params.limit]
    items = tuple(
        AuditAnchor(business_date=day, number=number, hash=bytes(digest).hex(), at=at.astimezone(dt.UTC))
        for day, number, digest, at in shown
    )
    return Reply(value=AuditAnchors(items, make_cursor("anchors", shown[-1][0]) if len(rows) > len(shown) else None))


def prove(call: Call) -> Handled:
    """Prove that nothing in the log was changed."""
    scope = call.principal.scope
    if scope.parties is not None or scope.branches is not None:
        return Refusal(HttpRefusal.FORBIDDEN, _WHOLE)
    start = call.params_as(ProofParams).from_number
    with call.bank.sessions.transaction() as session:
        session.execute(load_statements("server")["one_snapshot"])
        last = head(session).number
        if start and not read_records(session, after=start - 1, before=start + 1):
            return Refusal(RecordRefusal.RECORD_UNKNOWN)
        if last - start > PROVED_MAX:
            return Refusal(RecordRefusal.PROOF_TOO_LONG, f"at most {PROVED_MAX:,}: begin at a later record")
        report = verify(session, start)
    laws = tuple(
        AuditLaw(
            law=one.invariant,
            compared=one.compared,
            count=one.count,
            contradictions=one.contradictions,
            findings=tuple(AuditContradiction(found.what, found.expected, found.found) for found in one.findings),
        )
        for one in report.checked
    )
    return Reply(value=AuditProof(from_number=start, last=report.last, sound=report.sound, laws=laws))


def _told(kept: Kept) -> AuditRecord:
    told = kept.told
    author: dict[str, Any] = told.get("author") or {}
    return AuditRecord(
        number=kept.number,
        at=dt.datetime.fromtimestamp(kept.at // 1_000_000, dt.UTC).replace(microsecond=kept.at % 1_000_000),
        business_date=date_form(kept.business_date),
        action=kept.action,
        outcome=kept.outcome,
        object=kept.object,
        actor=kept.actor,
        channel=str(author.get("channel", "")),
        address=str(author.get("address", "")),
        session=str(author.get("session", "")),
        approver=str(author.get("approver", "")),
        emergency=bool(author.get("emergency", False)),
        parties=kept.parties,
        request=kept.request_id,
        why=str(told.get("why", "")),
        before=told.get("before"),
        after=told.get("after"),
        detail=told.get("detail"),
        hash=kept.hash.hex(),
    )


_TAG: Final = "audit"

ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/audit/records",
        name="listRecords",
        tag=_TAG,
        summary="The log of acts, the newest first, by what they are about, who did it and what was done.",
        permission=Permission.AUDIT_READ,
        handler=list_records,
        params=RecordListParams,
        answer=AuditRecords,
        problems=(404,),
    ),
    Route(
        method="GET",
        path="/v1/audit/records/{number}",
        name="readRecord",
        tag=_TAG,
        summary="One act, with all that is kept of it.",
        permission=Permission.AUDIT_READ,
        handler=read_record,
        params=RecordParams,
        answer=AuditRecord,
    ),
    Route(
        method="GET",
        path="/v1/audit/anchors",
        name="listAnchors",
        tag=_TAG,
        summary="What the log's last record was at the end of each business date, to be kept elsewhere.",
        permission=Permission.AUDIT_READ,
        handler=list_anchors,
        params=AnchorListParams,
        answer=AuditAnchors,
    ),
    Route(
        method="GET",
        path="/v1/audit/verification",
        name="verifyRecords",
        tag=_TAG,
        summary="Prove that nothing in the log was changed: its chain, its columns, its anchors.",
        permission=Permission.AUDIT_READ,
        handler=prove,
        params=ProofParams,
        answer=AuditProof,
        problems=(404, 422),
        seconds_max=PROOF_SECONDS_MAX,
    ),
)
