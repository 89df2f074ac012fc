"""Contracts as they stand, lists of them, and what happened to them."""

import datetime as dt
import hashlib
from typing import Final
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.api.call import Call
from yinhe.api.forms import (
    MoneyForm,
    account_text,
    date_form,
    date_or_none,
    make_cursor,
    money_form,
    rate_text,
    read_account,
    read_cursor,
)
from yinhe.api.handlers.contract_forms import (
    ContractEvent,
    ContractEventPage,
    ContractFilter,
    ContractNotice,
    ContractNoticePage,
    ContractPage,
    ContractPages,
    ContractReading,
    ContractStatus,
    ContractView,
    ServingRefusal,
)
from yinhe.api.reach import contract_of, party_number, reach_contract, scope_given
from yinhe.api.reading import ReadingRefusal
from yinhe.api.route import Handled, Reply
from yinhe.audit.record import Author
from yinhe.deposits.answers import done_of
from yinhe.deposits.columns import NO_RATE, ContractFlag
from yinhe.deposits.events import Event
from yinhe.deposits.plans import read_plan
from yinhe.deposits.withdrawals import agreed_rate
from yinhe.kernel.currency import Currency, currency
from yinhe.kernel.dates import days_from_date
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.batch import VALUE_DATE_MAX
from yinhe.products.errors import RateMissing
from yinhe.storage.statements import load_statements

_ID_LAST: Final = UUID(int=2**128 - 1)
"""An id after every other."""
_CONTRACT_MAX: Final = 2**53 - 1


def read_contract(call: Call) -> Handled:
    """Tell how a contract stands."""
    asked = call.params_as(ContractReading)
    refused = reach_contract(call, asked.contract)
    if refused is not None:
        return refused
    day = as_of_day(call, asked.as_of)
    if isinstance(day, Refusal):
        return day
    view = contract_view(call, asked.contract, holder_of(call, asked.contract), day)
    etag = etag_of(view)
    if call.if_none_match == etag:
        return Reply(status=304, etag=etag)
    return Reply(value=view, etag=etag)


def as_of_day(call: Call, as_of: dt.date | None) -> int | Refusal:
    """The business date a reading is of, in days since 1970-01-01."""
    today = call.bank.ledger.business_date
    day = today if as_of is None else days_from_date(as_of)
    return day if day <= today else Refusal(ServingRefusal.AS_OF_IN_FUTURE)


def etag_of(value: object) -> str:
    """What an answer is told apart from an older one by."""
    return f'"{hashlib.sha256(msgspec.json.encode(value)).hexdigest()[:32]}"'


def list_contracts(call: Call) -> Handled:
    """List contracts in the order they were opened."""
    asked = call.params_as(ContractFilter)
    after = _after(asked.cursor)
    if isinstance(after, Refusal):
        return after
    versions = None if asked.product is None else _versions(call, asked.product)
    scope = scope_given(call.principal.scope)
    if asked.party is not None:
        reference = _reference(call, asked.party)
        scope["holders"] = [one for one in (reference,) if scope["holders"] is None or one in scope["holders"]]
    only = None if asked.account is None else _contract_on(call, asked.account)
    if asked.account is not None and (only is None or only <= after):
        return Reply(value=ContractPage((), None))
    # Of one contract the page is the one that begins before it.
    start, limit = (after, asked.limit + 1) if only is None else (only - 1, 1)
    given = scope | {"versions": versions, "closed": asked.closed, "after": start, "limit": limit}
    name = "contracts_after" if scope["holders"] is None else "contracts_of_holders"
    with call.bank.sessions.lend() as session:
        found = session.execute(load_statements("api")[name], given).fetchall()
    found = [row for row in found if only in (None, row[0])]
    today = call.bank.ledger.business_date
    shown = found[: asked.limit]
    items = tuple(contract_view(call, int(contract), str(holder), today) for contract, holder in shown)
    more = len(found) > asked.limit
    return Reply(value=ContractPage(items, make_cursor("contracts", items[-1].contract) if more else None))


def list_events(call: Call) -> Handled:
    """List what was done with a contract, latest first."""
    asked = call.params_as(ContractPages)
    refused = reach_contract(call, asked.contract)
    if refused is not None:
        return refused
    before = read_cursor("contract events", asked.cursor, int, UUID) if asked.cursor else (VALUE_DATE_MAX, _ID_LAST)
    if isinstance(before, Refusal) or abs(before[0]) > VALUE_DATE_MAX:
        return Refusal(ReadingRefusal.CURSOR_INVALID)
    given = {"contract": asked.contract, "date": before[0], "id": before[1], "limit": asked.limit + 1}
    with call.bank.sessions.lend() as session:
        found = session.execute(load_statements("api")["contract_events_before"], given).fetchall()
    events, its = [Event(*row) for row in found[: asked.limit]], currency_of(call, asked.contract)
    cursor = None
    if len(found) > asked.limit:
        cursor = make_cursor("contract events", events[-1].business_date, events[-1].id)
    return Reply(value=ContractEventPage(tuple(_event(call, one, its) for one in events), cursor))


def list_notices(call: Call) -> Handled:
    """List the notices of a contract, the latest given first."""
    asked = call.params_as(ContractPages)
    refused = reach_contract(call, asked.contract)
    if refused is not None:
        return refused
    before = read_cursor("contract notices", asked.cursor, UUID) if asked.cursor else (_ID_LAST,)
    if isinstance(before, Refusal):
        return before
    given = {"contract": asked.contract, "id": before[0], "limit": asked.limit + 1}
    with call.bank.sessions.lend() as session:
        found = session.execute(load_statements("api")["contract_notices_before"], given).fetchall()
    its = currency_of(call, asked.contract)
    items = tuple(
        ContractNotice(
            id=id_,
            given_on=date_form(given_on),
            due_on=date_form(due_on),
            amount=money_form(amount, its.number),
            state=state,
        )
        for id_, given_on, due_on, amount, state in found[: asked.limit]
    )
    more = len(found) > asked.limit
    return Reply(value=ContractNoticePage(items, make_cursor("contract notices", items[-1].id) if more else None))


def holder_of(call: Call, contract: int) -> str:
    """Who holds a contract, as it names them; empty where that is not known."""
    with call.bank.sessions.lend() as session:
        found = session.execute(load_statements("api")["contract_holder"], {"contract": contract}).fetchone()
    return "" if found is None else str(found[0])


def currency_of(call: Call, contract: int) -> Currency:
    """The currency of a contract that is there."""
    row = call.bank.deposits.book.row(contract)
    assert row is not None, "the contract was reached"
    return currency(call.bank.deposits.catalogue.product(int(row["version"][0])).currency)


def contract_view(call: Call, contract: int, holder: str, day: int) -> ContractView:
    """A contract that is there, as it stands; its balance at the end of a business date (days since 1970-01-01)."""
    bank = call.bank
    row = bank.deposits.book.row(contract)
    assert row is not None, "the contract was reached"
    product = bank.deposits.catalogue.product(int(row["version"][0]))
    its = currency(product.currency)
    account = bank.ledger.account(int(row["account"][0]))
    is_today = day == bank.ledger.business_date
    balance = account.balance_minor if is_today else bank.ledger.balance_at_date(account.index, day)

    def money(amount_minor: int) -> MoneyForm:
        return money_form(amount_minor, its.number)

    own, linked = int(row["rate"][0]), int(row["linked"][0])
    return ContractView(
        contract=contract,
        party=party_number(holder),
        product=product.name,
        product_english=product.english,
        product_chinese=product.chinese,
        status=_status(int(row["flags"][0])),
        account=account_text(account.index, bank.unit),
        linked=account_text(linked, bank.unit) if linked else None,
        branch=int(row["branch"][0]),
        opened=date_form(int(row["opened"][0])),
        start=date_form(int(row["start"][0])),
        maturity=date_or_none(int(row["maturity"][0])),
        months=int(row["months"][0]),
        days=int(row["days"][0]),
        closed=date_or_none(int(row["closed"][0])),
        auto_renew=bool(int(row["flags"][0]) & ContractFlag.AUTO_RENEW),
        principal=money(int(row["principal"][0])),
        rate=_rate(call, row, account.balance_minor),
        agreed_rate=None if own == NO_RATE else rate_text(own + int(row["spread"][0])),
        accrued=money(int(row["whole"][0])),
        accrued_until=date_form(int(row["through"][0])),
        balance=money(balance),
        held=money(account.held_minor) if is_today else None,
        available=money(account.available_minor) if is_today else None,
        as_of=date_form(day),
    )


def _status(flags: int) -> ContractStatus:
    if not flags & ContractFlag.OPEN:
        return "closed"
    if flags & ContractFlag.MATURED:
        return "matured"
    return "dormant" if flags & ContractFlag.DORMANT else "open"


def _rate(call: Call, row: NDArray[np.void], balance_minor: int) -> str | None:
    flags, today = int(row["flags"][0]), call.bank.ledger.business_date
    if not flags & ContractFlag.OPEN or flags & ContractFlag.MATURED:
        return None
    catalogue = call.bank.deposits.catalogue
    product = catalogue.in_force(int(row["version"][0]), today)
    try:
        return rate_text(agreed_rate(product, catalogue.rates, row, balance_minor, today))
    except RateMissing:
        return None


def _event(call: Call, event: Event, its: Currency) -> ContractEvent:
    plan = read_plan(event.id, event.kind, event.body)
    done = done_of(plan, event.contract, int(event.body.get("own_account", 0)))

    def money(amount_minor: int) -> MoneyForm:
        return money_form(amount_minor, its.number)

    return ContractEvent(
        id=event.id,
        kind=event.kind,
        business_date=date_form(event.business_date),
        author=_author(call, event),
        interest=money(done.interest_minor),
        tax=money(done.tax_minor),
        paid=money(done.paid_minor),
        received=money(done.received_minor),
    )


def _author(call: Call, event: Event) -> str | None:
    """Who asked for it; whoever speaks for parties does not learn who serves them."""
    if "author" not in event.body or call.principal.scope.parties is not None:
        return None
    return msgspec.convert(event.body["author"], Author).actor


def _after(cursor: str) -> int | Refusal:
    found = read_cursor("contracts", cursor, int) if cursor else (0,)
    if isinstance(found, Refusal) or not 0 <= found[0] <= _CONTRACT_MAX:
        return Refusal(ReadingRefusal.CURSOR_INVALID)
    return int(found[0])


def _contract_on(call: Call, account: str) -> int | None:
    """The contract whose money lies on an account, by its number."""
    index = read_account(account, call.bank.unit)
    return contract_of(call, index) if isinstance(index, int) else None


def _versions(call: Call, product: str) -> list[int]:
    """The ids of the versions of a product, or of the one version named."""
    code, _, version = product.partition("/")
    versions = (one for one in call.bank.deposits.catalogue.versions if one.product.code == code)
    return [one.id for one in versions if not version or one.product.version == int(version)]


def _reference(call: Call, party: int) -> str:
    """As contracts name a party: of one that was merged, that which remains."""
    with call.bank.sessions.lend() as session:
        found = session.execute(load_statements("api")["party_standing"], {"party": party}).fetchone()
    return str(party if found is None else found[0])
