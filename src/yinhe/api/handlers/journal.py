"""The journal, for those who look into it: everything ever posted, in order."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
import psycopg

from yinhe.access.permissions import Permission
from yinhe.api.call import Call
from yinhe.api.forms import Limit, MoneyForm, account_text, date_form, money_form
from yinhe.api.handlers.books import refuse_scope
from yinhe.api.problem import Reasons
from yinhe.api.route import Handled, Reply, Route
from yinhe.closeday.legs import words_of
from yinhe.kernel.ids import join
from yinhe.ledger.batch import Flag
from yinhe.storage.statements import load_statements


class JournalParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """From where on the journal is read."""

    after_seq: Annotated[
        int, msgspec.Meta(ge=0, le=2**62, description="Rows after this number; `next_after_seq` of the page before.")
    ] = 0
    limit: Limit = 100


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the journal, as it was posted; it never changes."""

    seq: int
    transaction: Annotated[str, msgspec.Meta(description="Its transaction's id.")]
    leg: int
    debit: Annotated[str, msgspec.Meta(description="The account that is debited.")]
    credit: str
    amount: MoneyForm
    debit_balance: Annotated[MoneyForm, msgspec.Meta(description="Of the account debited, afterwards.")]
    credit_balance: MoneyForm
    code: int
    words: Reasons
    flags: Annotated[tuple[str, ...], msgspec.Meta(examples=[["linked"]])]
    value_date: dt.date
    business_date: dt.date
    booked_at: dt.datetime
    actor: Annotated[str | None, msgspec.Meta(description="Who posted it, where that was kept with it.")]
    channel: str | None
    narrative: str | None


class Journal(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the journal, in order."""

    items: tuple[JournalEntry, ...]
    next_after_seq: Annotated[int | None, msgspec.Meta(description="Where the next page begins; none at the end.")]


def read_journal(call: Call) -> Handled:
    """The journal in order, everything ever posted."""
    refused = refuse_scope(call)
    if refused is not None:
        return refused
    params, ledger = call.params_as(JournalParams), call.bank.ledger
    rows = ledger.feed(params.after_seq, params.limit + 1)
    shown = rows[: params.limit]
    with ledger.engine.memory:
        currencies = ledger.engine.core.columns.line["currency"][shown["debit"]].tolist()
    with call.bank.sessions.lend() as session:
        about = _About.read(session, shown)
    items = tuple(about.entry(row, number, call.bank.unit) for row, number in zip(shown, currencies, strict=True))
    following = int(shown["seq"][-1]) if len(rows) > len(shown) else None
    return Reply(value=Journal(items=items, next_after_seq=following))


class _About(msgspec.Struct, frozen=True, eq=False):
    """What stands beside the journal about some of its rows."""

    names: Mapping[int, Reasons]
    times: Mapping[int, tuple[int, int]]
    """By seq: booked in microseconds since 1970-01-01, and on which date."""
    details: Mapping[Any, tuple[str | None, str | None, str | None]]
    """By transaction: actor, channel, narrative."""

    @classmethod
    def read(cls, session: psycopg.Connection, rows: Any) -> "_About":
        """Of rows of the journal, dtype ROW."""
        sql = load_statements("api_reading")
        names = session.execute(sql["code_names"]).fetchall()
        times = session.execute(load_statements("history")["times_of"], {"seqs": rows["seq"].tolist()}).fetchall()
        ids = [join(int(row["txn_hi"]), int(row["txn_lo"])) for row in rows]
        details = session.execute(sql["details_of"], {"transactions": ids}).fetchall()
        return cls(
            {int(code): Reasons(english, chinese) for code, english, chinese in names},
            {int(seq): (int(booked), int(day)) for seq, booked, day in times},
            {found: (actor, channel, narrative) for found, actor, channel, narrative in details},
        )

    def entry(self, row: Any, number: int, unit: int) -> JournalEntry:
        """One row; `number` is its currency, of ISO 4217."""
        transaction, code, seq = join(int(row["txn_hi"]), int(row["txn_lo"])), int(row["code"]), int(row["seq"])
        booked, day = self.times[seq]
        actor, channel, narrative = self.details.get(transaction, (None, None, None))
        return JournalEntry(
            seq=seq,
            transaction=str(transaction),
            leg=int(row["leg"]),
            debit=account_text(int(row["debit"]), unit),
            credit=account_text(int(row["credit"]), unit),
            amount=money_form(int(row["amount"]), number),
            debit_balance=money_form(int(row["debit_balance"]), number),
            credit_balance=money_form(int(row["credit_balance"]), number),
            code=code,
            words=self.names.get(code) or Reasons(words_of(code).english, words_of(code).chinese),
            flags=_flags(int(row["flags"])),
            value_date=date_form(int(row["value_date"])),
            business_date=date_form(day),
            booked_at=dt.datetime.fromtimestamp(booked // 1_000_000, dt.UTC).replace(microsecond=booked % 1_000_000),
            actor=actor or None,
            channel=channel or None,
            narrative=narrative or None,
        )


def _flags(flags: int) -> tuple[str, ...]:
    names: Sequence[str | None] = [flag.name for flag in Flag if flags & int(flag)]
    return tuple(name.lower() for name in names if name)


ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/journal",
        name="readJournal",
        tag="books",
        summary="The journal in order: everything ever posted, once.",
        permission=Permission.AUDIT_READ,
        handler=read_journal,
        params=JournalParams,
        answer=Journal,
    ),
)
