"""Accounts as they stand, and their lines."""

import datetime as dt
from typing import Any, Final
from uuid import UUID

from yinhe.api.call import Call
from yinhe.api.forms import MoneyForm, account_text, date_form, make_cursor, money_form, read_cursor
from yinhe.api.handlers.account_forms import (
    AccountEntry,
    AccountEntryPage,
    AccountPages,
    AccountReading,
    AccountView,
    EntryKind,
)
from yinhe.api.handlers.contract_reading import as_of_day
from yinhe.api.reach import contract_of, find_account, loan_of
from yinhe.api.reading import ReadingRefusal
from yinhe.api.route import Handled, Reply
from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.batch import Flag
from yinhe.ledger.columns import AMOUNT_MAX, AccountFlag
from yinhe.ledger.history import SEQ_END, Entry
from yinhe.ledger.ledger import Account
from yinhe.storage.statements import load_statements

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def read_account_view(call: Call) -> Handled:
    """Tell how an account stands."""
    asked = call.params_as(AccountReading)
    account = find_account(call, asked.account)
    if not isinstance(account, int):
        return account
    day = as_of_day(call, asked.as_of)
    if isinstance(day, Refusal):
        return day
    return Reply(value=account_view(call, call.bank.ledger.account(account), day))


def account_view(call: Call, account: Account, day: int | None = None) -> AccountView:
    """An account as it stands, its balance at the end of a business date (days since 1970-01-01; None: now)."""
    ledger, unit = call.bank.ledger, call.bank.unit
    today = ledger.business_date
    is_today = day in (None, today)
    balance = account.balance_minor if is_today else ledger.balance_at_date(account.index, day or 0)
    contract = contract_of(call, account.index)

    def money(amount_minor: int) -> MoneyForm:
        return money_form(amount_minor, account.currency)

    has_floor = account.floor_minor > -AMOUNT_MAX
    return AccountView(
        account=account_text(account.index, unit),
        contract=contract,
        loan=loan_of(call, account.index) if contract is None else None,
        currency=currency_by_number(account.currency).code,
        as_of=date_form(today if day is None else day),
        balance=money(balance),
        held=money(account.held_minor) if is_today else None,
        available=money(account.available_minor) if is_today and has_floor else None,
        floor=money(account.floor_minor) if has_floor else None,
        ceiling=money(account.ceiling_minor) if account.ceiling_minor < AMOUNT_MAX else None,
        limit_daily=money(account.limit_daily_minor) if account.limit_daily_minor < AMOUNT_MAX else None,
        turnover=money(account.turnover_minor if account.turnover_date == today else 0),
        debit_blocked=bool(account.flags & AccountFlag.DEBIT_BLOCKED),
        credit_blocked=bool(account.flags & AccountFlag.CREDIT_BLOCKED),
        closed=bool(account.flags & AccountFlag.CLOSED),
    )


def list_entries(call: Call) -> Handled:
    """List the lines of an account, newest first."""
    asked = call.params_as(AccountPages)
    account = find_account(call, asked.account)
    if not isinstance(account, int):
        return account
    before = read_cursor("entries", asked.cursor, int) if asked.cursor else (SEQ_END,)
    if isinstance(before, Refusal) or not 0 < before[0] <= SEQ_END:
        return Refusal(ReadingRefusal.CURSOR_INVALID)
    ledger = call.bank.ledger
    page = ledger.history(account, before_seq=before[0], limit=asked.limit)
    words = Words(call, {entry.code for entry in page.entries}, {entry.txn_id for entry in page.entries})
    number = ledger.account(account).currency
    items = tuple(_entry(call, one, number, words) for one in page.entries)
    return Reply(value=AccountEntryPage(items, make_cursor("entries", page.before_seq) if page.before_seq else None))


class Words:
    """What transfer codes mean, and which words transactions carry."""

    def __init__(self, call: Call, codes: set[int], transactions: set[UUID]) -> None:
        sql = load_statements("api")
        self._codes: dict[int, tuple[str, str]] = {}
        self._narratives: dict[UUID, str] = {}
        with call.bank.sessions.lend() as session:
            found: list[tuple[Any, ...]] = session.execute(sql["codes_named"], {"codes": list(codes)}).fetchall()
            self._codes = {code: (english, chinese) for code, english, chinese in found}
            found = session.execute(sql["narratives"], {"ids": list(transactions)}).fetchall()
            self._narratives.update(found)

    def code(self, code: int) -> tuple[str, str]:
        """A transfer code in English and Chinese; empty where that was not written down."""
        return self._codes.get(code, ("", ""))

    def narrative(self, txn_id: UUID) -> str:
        """The words of a transaction."""
        return self._narratives.get(txn_id, "")


def kind_of(flags: int) -> EntryKind:
    """What a row of the journal with these flags did."""
    if flags & Flag.PENDING:
        return "hold_placed"
    if flags & Flag.VOID:
        return "hold_expired" if flags & Flag.EXPIRE else "hold_released"
    if flags & Flag.POST:
        return "hold_posted"
    return "reversal" if flags & Flag.REVERSAL else "posted"


def moment(time_us: int) -> dt.datetime:
    """A time in microseconds since 1970-01-01."""
    return _EPOCH + dt.timedelta(microseconds=time_us)


def _entry(call: Call, entry: Entry, number: int, words: Words) -> AccountEntry:
    english, chinese = words.code(entry.code)
    return AccountEntry(
        seq=entry.seq,
        transaction=entry.txn_id,
        leg=entry.leg,
        kind=kind_of(entry.flags),
        amount=money_form(entry.amount_minor, number),
        held=money_form(entry.held_minor, number),
        balance=money_form(entry.balance_minor, number),
        counter_account=account_text(entry.counter_account, call.bank.unit),
        code=entry.code,
        code_english=english,
        code_chinese=chinese,
        narrative=words.narrative(entry.txn_id),
        business_date=date_form(entry.business_date),
        value_date=date_form(entry.value_date),
        booked_at=moment(entry.booked_at),
    )
