"""Statements of accounts: as JSON, as CSV for a spreadsheet, as PDF for people, as camt.053 for programs of others."""

import datetime as dt
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta

from yinhe.access.permissions import Permission
from yinhe.api.call import Call
from yinhe.api.forms import AccountText, CurrencyCode, MoneyForm, account_text, date_form, money_form
from yinhe.api.handlers.account_reading import moment
from yinhe.api.handlers.contract_forms import day_of
from yinhe.api.handlers.contract_reading import holder_of
from yinhe.api.problem import HttpRefusal
from yinhe.api.reach import contract_of, find_account
from yinhe.api.route import JSON, Handled, Reply, Route
from yinhe.audit.record import Outcome, Record, parties_in
from yinhe.kernel.currency import currency
from yinhe.kernel.refusals import Refusal
from yinhe.overview.documents import Language, statement_csv
from yinhe.overview.refusals import OverviewRefusal
from yinhe.overview.statement import Statement, StatementLine
from yinhe.parties.refusals import PartyRefusal

CSV: Final = "text/csv"
PDF: Final = "application/pdf"
XML: Final = "application/xml"


class StatementPeriod(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which account's statement, for which business dates."""

    account: AccountText
    first: Annotated[dt.date, Meta(description="The first business date.")] = msgspec.field(name="from")
    last: Annotated[dt.date, Meta(description="The last business date.")] = msgspec.field(name="to")
    language: Annotated[Language, Meta(description="Of CSV and PDF.")] = Language.ENGLISH
    mark: Annotated[
        bool, Meta(description="Whether CSV begins with a byte-order mark, by which spreadsheets know UTF-8.")
    ] = False


class AccountStatementLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a statement: money that moved."""

    seq: Annotated[int, Meta(description="Its place in the journal.")]
    transaction: Annotated[UUID, Meta(description="The transaction it is of.")]
    booked_at: Annotated[dt.datetime, Meta(description="When it was booked.")]
    business_date: Annotated[dt.date, Meta(description="The bank's accounting day.")]
    value_date: Annotated[dt.date, Meta(description="From when interest counts it.")]
    code: Annotated[int, Meta(description="Why money moved …")]
    code_english: Annotated[str, Meta(description="… in words.")]
    code_chinese: Annotated[str, Meta(description="… and in Chinese.")]
    counter_account: AccountText
    narrative: Annotated[str, Meta(description="The words that came with it.")]
    amount: Annotated[MoneyForm, Meta(description="Above zero for money in, below for money out.")]
    balance: Annotated[MoneyForm, Meta(description="After the line.")]
    reverses: Annotated[bool, Meta(description="Whether it takes an earlier one back.")]


class StatementSum(msgspec.Struct, frozen=True):
    """Some lines together."""

    count: Annotated[int, Meta(description="How many lines.")]
    amount: Annotated[MoneyForm, Meta(description="Their sum.")]


class AccountStatement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement: the opening balance and the lines add up to the closing balance."""

    account: AccountText
    currency: CurrencyCode
    first: Annotated[dt.date, Meta(description="The first business date.")]
    last: Annotated[dt.date, Meta(description="The last business date.")]
    opening: Annotated[MoneyForm, Meta(description="The balance before the first line.")]
    lines: Annotated[tuple[AccountStatementLine, ...], Meta(description="In the order of the books.")]
    debits: Annotated[StatementSum, Meta(description="What went out, as a positive amount.")]
    credits: Annotated[StatementSum, Meta(description="What came in.")]
    closing: Annotated[MoneyForm, Meta(description="The balance after the last line.")]
    seq: Annotated[int, Meta(description="The journal's last number when it was made: what came later is not on it.")]


def read_statement(call: Call) -> Handled:
    """Make the statement of an account for a period."""
    asked = call.params_as(StatementPeriod)
    account, first, last = find_account(call, asked.account), day_of(asked.first), day_of(asked.last)
    if not isinstance(account, int):
        return account
    if not isinstance(first, int):
        return first
    if not isinstance(last, int):
        return last
    if first > last:
        return Refusal(OverviewRefusal.PERIOD_REVERSED)
    if last > call.bank.ledger.business_date:
        return Refusal(OverviewRefusal.DATE_AHEAD)
    if call.accept == XML:
        return _camt(call, account, first, last)
    found = call.bank.overview.statement(account, first, last)
    if isinstance(found, Refusal):
        return found
    if call.accept == CSV:
        return _file(found, statement_csv(found, asked.language, with_mark=asked.mark), CSV)
    if call.accept == PDF:
        # Loaded when it is wanted: fonts take a sixth of a second, which no other command should wait for.
        from yinhe.overview.pdf import statement_pdf

        return _file(found, statement_pdf(found, call.bank.clock.now_us(), asked.language), PDF)
    return Reply(value=_form(found))


def _camt(call: Call, account: int, first: int, last: int) -> Handled:
    """The statement as camt.053, which names those who paid and were paid: personal data in the clear."""
    speaks_for_parties = call.principal.scope.parties is not None
    if not speaks_for_parties:
        if Permission.PARTY_PERSONAL not in call.principal.permissions:
            return Refusal(HttpRefusal.FORBIDDEN, str(Permission.PARTY_PERSONAL))
        if not call.why:
            return Refusal(PartyRefusal.PURPOSE_MISSING)
    content = call.bank.payments.statement(account, first, last)
    if isinstance(content, Refusal):
        return content
    if not speaks_for_parties:
        _note_reading(call, account)
    return _attached(content, account_text(account, call.bank.unit), date_form(first), date_form(last), XML)


def _note_reading(call: Call, account: int) -> None:
    contract = contract_of(call, account)
    record = Record(
        action="account.statement",
        author=call.author,
        outcome=Outcome.READ,
        object=f"account/{account_text(account, call.bank.unit)}",
        parties=() if contract is None else parties_in(holder_of(call, contract)),
        why=call.why,
    )
    call.bank.desk.note(record)


def _file(statement: Statement, content: bytes, media: str) -> Reply:
    return _attached(content, statement.number, statement.first, statement.last, media)


def _attached(content: bytes, number: str, first: dt.date, last: dt.date, media: str) -> Reply:
    name = f"statement-{number}-{first}-{last}.{media.rpartition('/')[2]}"
    return Reply(content=content, media=media, headers={"content-disposition": f'attachment; filename="{name}"'})


def _form(statement: Statement) -> AccountStatement:
    number = currency(statement.currency).number

    def money(amount_minor: int) -> MoneyForm:
        return money_form(amount_minor, number)

    return AccountStatement(
        account=statement.number,
        currency=statement.currency,
        first=statement.first,
        last=statement.last,
        opening=money(statement.opening_minor),
        lines=tuple(_line(line, number) for line in statement.lines),
        debits=StatementSum(statement.debits, money(statement.debits_minor)),
        credits=StatementSum(statement.credits, money(statement.credits_minor)),
        closing=money(statement.closing_minor),
        seq=statement.seq,
    )


def _line(line: StatementLine, number: int) -> AccountStatementLine:
    return AccountStatementLine(
        seq=line.seq,
        transaction=line.txn_id,
        booked_at=moment(line.booked_at),
        business_date=line.business_date,
        value_date=line.value_date,
        code=line.code,
        code_english=line.english,
        code_chinese=line.chinese,
        counter_account=line.counter_number,
        narrative=line.narrative,
        amount=money_form(line.amount_minor, number),
        balance=money_form(line.balance_minor, number),
        reverses=line.reverses,
    )


ROUTES: Final[tuple[Route, ...]] = (
    Route(
        method="GET",
        path="/v1/accounts/{account}/statement",
        name="readAccountStatement",
        tag="accounts",
        summary="Make the statement of an account for a period of business dates.",
        description="At most 50,000 lines. As JSON, CSV, PDF or ISO 20022 camt.053, as `Accept` asks. The last names "
        "those who paid and were paid: staff need `party:personal` for it, and say why with `X-Reason`.",
        permission=Permission.CONTRACT_READ,
        handler=read_statement,
        params=StatementPeriod,
        answer=AccountStatement,
        media_out=(JSON, CSV, PDF, XML),
        problems=(422,),
        seconds_max=60.0,
    ),
)
