"""What is read of loans: lists, one as it stands, its instalments, statements, history, and what repays it today."""

from collections.abc import Generator
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final

from yinhe.access.deciding import reaches
from yinhe.api.call import Call
from yinhe.api.forms import make_cursor, read_cursor
from yinhe.api.handlers.contract_reading import etag_of
from yinhe.api.handlers.loan_forms import (
    LoanFormRefusal,
    LoanHistory,
    LoanHistoryParams,
    LoanListParams,
    LoanPage,
    LoanParams,
    LoanReading,
    LoanStatements,
)
from yinhe.api.handlers.loan_pages import details_of, history_of, line_of, quote_of, schedule_of, statement_of
from yinhe.api.reach import find_account, reach_loan, reach_party
from yinhe.api.reading import ReadingRefusal
from yinhe.api.route import Handled, RefusalLike, Reply
from yinhe.closeday.loan_reader import LoanReader, loan_reader
from yinhe.kernel.currency import currency
from yinhe.kernel.refusals import Refusal
from yinhe.lending import events
from yinhe.lending.card_store import statements_of
from yinhe.lending.decide import Standing
from yinhe.lending.owing import pay_off_quote
from yinhe.lending.reading import LoanCard, list_cards, read_agreement
from yinhe.lending.refusals import LoanRefusal
from yinhe.lending.refusals import Refusal as LendingRefusal
from yinhe.lending.store import items_of
from yinhe.products.errors import RateMissing
from yinhe.storage.statements import load_statements

TO_COME_MAX: Final = 480
"""Most instalments to come of one answer: forty years of months; a line without end has no last one."""


@contextmanager
def _reader(call: Call) -> Generator[LoanReader]:
    with (
        call.bank.sessions.lend() as session,
        loan_reader(session, call.bank.holding.catalogue) as reader,
    ):
        yield reader


def _currency_number(call: Call, loan: int) -> int | RefusalLike:
    """The currency (ISO 4217 number) of a loan in reach."""
    wrong, row = reach_loan(call, loan), call.bank.lending.book.row(loan)
    if wrong is not None or row is None:
        return wrong or LendingRefusal(LoanRefusal.LOAN_UNKNOWN)
    return currency(call.bank.holding.catalogue.product(int(row["version"][0])).currency).number


def list_loans(call: Call) -> Handled:
    """Loans in the order they were agreed."""
    params, scope = call.params_as(LoanListParams), call.principal.scope
    after: Any = read_cursor("loans", params.cursor, int) if params.cursor else (0,)
    if isinstance(after, Refusal):
        return after
    linked = None if params.account is None else find_account(call, params.account)
    if not isinstance(linked, int | None):
        return linked
    party = params.party
    if party is None and scope.parties is not None:
        if len(scope.parties) != 1:
            return Refusal(LoanFormRefusal.PARTY_MISSING)
        (party,) = scope.parties
    if party is not None and (wrong := reach_party(call, party)) is not None:
        return wrong
    catalogue, book = call.bank.holding.catalogue, call.bank.lending.book
    versions = [one.id for one in catalogue.versions if one.product.code == params.product]
    with call.bank.sessions.lend() as session:
        borrower = None
        if party is not None:
            stands = session.execute(load_statements("api")["party_standing"], {"party": party}).fetchone()
            borrower = str(party if stands is None else stands[0])
        cards = list_cards(
            session,
            borrower=borrower,
            linked=linked,
            versions=None if params.product is None else versions,
            overdue=params.overdue,
            closed=params.closed,
            after=after[0],
            limit=params.limit + 1,
        )
    shown, rows = cards[: params.limit], {card.loan: book.row(card.loan) for card in cards}
    items = [
        line_of(call.bank.unit, card, int(row["account"][0]), catalogue.product(card.version))
        for card in shown
        if (row := rows[card.loan]) is not None and reaches(scope, branch=int(row["branch"][0]))
    ]
    return Reply(value=LoanPage(tuple(items), _next(shown, len(cards))))


def _next(shown: tuple[LoanCard, ...], found: int) -> str | None:
    return make_cursor("loans", shown[-1].loan) if found > len(shown) else None


def read_loan(call: Call) -> Handled:
    """Where a loan stands."""
    asked = call.params_as(LoanReading)
    loan, wrong = asked.loan, reach_loan(call, asked.loan)
    if wrong is not None:
        return wrong
    try:
        with _reader(call) as reader:
            standing, agreement = reader.standing(loan, asked.as_of), read_agreement(reader.session, loan)
            if not isinstance(standing, Standing):
                return standing
            assert agreement is not None, "every loan there is was agreed on"
            following = next(reader.to_come(standing), None)
        details = details_of(call.bank.unit, standing, agreement, following)
        etag = etag_of(details)
        return Reply(status=304, etag=etag) if call.if_none_match == etag else Reply(value=details, etag=etag)
    except RateMissing:
        return Refusal(LoanFormRefusal.RATE_TABLE_SILENT)


def read_schedule(call: Call) -> Handled:
    """What has fallen due of a loan, and what is to come."""
    loan = call.params_as(LoanParams).loan
    wrong = reach_loan(call, loan)
    if wrong is not None:
        return wrong
    try:
        with _reader(call) as reader:
            standing = reader.standing(loan)
            if not isinstance(standing, Standing):
                return standing
            if not standing.at.row["start"][0]:
                return Refusal(LoanFormRefusal.NO_SCHEDULE)
            return Reply(
                value=schedule_of(
                    standing, items_of(reader.session, loan), tuple(islice(reader.to_come(standing), TO_COME_MAX))
                )
            )
    except RateMissing:
        return Refusal(LoanFormRefusal.RATE_TABLE_SILENT)


def read_statements(call: Call) -> Handled:
    """The statements of a card."""
    loan = call.params_as(LoanParams).loan
    its = _currency_number(call, loan)
    if not isinstance(its, int):
        return its
    with call.bank.sessions.lend() as session:
        statements = statements_of(session, loan)
    return Reply(value=LoanStatements(tuple(statement_of(one, its) for one in statements)))


def read_history(call: Call) -> Handled:
    """What was done with a loan."""
    params = call.params_as(LoanHistoryParams)
    its = _currency_number(call, params.loan)
    if not isinstance(its, int):
        return its
    after: Any = read_cursor("loan_history", params.cursor, int, int) if params.cursor else (params.loan, 0)
    if isinstance(after, Refusal):
        return after
    if after[0] != params.loan:
        return Refusal(ReadingRefusal.CURSOR_INVALID)
    with call.bank.sessions.transaction() as session:
        session.execute(load_statements("server")["one_snapshot"])
        done, acts = events.of_loan(session, params.loan), events.acts_of(session, params.loan)
    told = history_of(done, acts, its)
    end = after[1] + params.limit
    following = make_cursor("loan_history", params.loan, end) if end < len(told) else None
    return Reply(value=LoanHistory(tuple(told[after[1] : end]), following))


def read_quote(call: Call) -> Handled:
    """What it takes to repay a loan today."""
    loan = call.params_as(LoanParams).loan
    wrong = reach_loan(call, loan)
    if wrong is not None:
        return wrong
    try:
        with _reader(call) as reader:
            standing = reader.standing(loan)
            if not isinstance(standing, Standing):
                return standing
            quote = pay_off_quote(standing)
    except RateMissing:
        return Refusal(LoanFormRefusal.RATE_TABLE_SILENT)
    return quote if isinstance(quote, LendingRefusal) else Reply(value=quote_of(standing, quote))
