"""Accounts blocked and limited by the bank.

The ledger decides and keeps the change under the command's id; then the desk puts it on record under the same id. Who
stops in between has to ask again, and finds both done once.
"""

from typing import Final

import msgspec
import psycopg

from yinhe.api.call import Call
from yinhe.api.forms import account_text
from yinhe.api.handlers.account_forms import (
    AccountBlocks,
    AccountLimits,
    AccountPath,
    AccountRefusal,
    AccountView,
    ControlRefusal,
)
from yinhe.api.handlers.account_reading import account_view
from yinhe.api.handlers.contract_forms import amount_of
from yinhe.api.handlers.contract_reading import holder_of
from yinhe.api.reach import contract_of, find_account
from yinhe.api.route import Handled, RefusalLike, Reply
from yinhe.audit.desk import Done
from yinhe.audit.record import Outcome, Record, parties_in
from yinhe.deposits.opening import facts_of
from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.accounts import SetBlocks, SetLimits, refusal
from yinhe.ledger.columns import AMOUNT_MAX, AccountFlag
from yinhe.ledger.outcomes import AccountOutcome
from yinhe.products.parts.base import Channel
from yinhe.products.parts.overdraft import Overdraft
from yinhe.storage.statements import load_statements

Control = SetBlocks | SetLimits
_BLOCKS: Final = {"debit": AccountFlag.DEBIT_BLOCKED, "credit": AccountFlag.CREDIT_BLOCKED}


def set_blocks(call: Call) -> Handled:
    """Block or free an account's debits and credits."""
    body = call.body_as(AccountBlocks)
    account = _contracts_account(call)
    if not isinstance(account, int):
        return account
    return _control(call, SetBlocks(call.id, account, body.debit, body.credit))


def set_limits(call: Call) -> Handled:
    """Set an account's limits, all of them."""
    body, account = call.body_as(AccountLimits), _contracts_account(call)
    if not isinstance(account, int):
        return account
    its = currency_by_number(call.bank.ledger.account(account).currency)
    floor = amount_of(body.floor, its)
    ceiling = AMOUNT_MAX if body.ceiling is None else amount_of(body.ceiling, its)
    daily = AMOUNT_MAX if body.limit_daily is None else amount_of(body.limit_daily, its)
    if not isinstance(floor, int):
        return floor
    if not isinstance(ceiling, int):
        return ceiling
    if not isinstance(daily, int):
        return daily
    if floor < _lowest(call, account):
        return Refusal(ControlRefusal.FLOOR_NOT_AGREED)
    return _control(call, SetLimits(call.id, account, floor, ceiling, daily))


def _contracts_account(call: Call) -> int | RefusalLike:
    account = find_account(call, call.params_as(AccountPath).account)
    if isinstance(account, int) and contract_of(call, account) is None:
        return Refusal(ControlRefusal.NO_CONTRACTS_ACCOUNT)
    return account


def _lowest(call: Call, account: int) -> int:
    """How far below zero the product of an account's contract lets it go, in minor units."""
    row = call.bank.deposits.book.row(contract_of(call, account) or 0)
    assert row is not None, "the account is a contract's"
    date = call.bank.ledger.business_date
    overdraft = call.bank.deposits.catalogue.in_force(int(row["version"][0]), date).one(Overdraft)
    if overdraft is None:
        return 0
    return int(overdraft.floor(facts_of(row, date, [0], [0], Channel.COUNTER))[0])


def _control(call: Call, command: Control) -> Handled:
    ledger = call.bank.ledger
    if call.dry_run:
        outcome = _outlook(call, command)
        return (
            Reply(value=_as_it_would_be(call, command)) if outcome is AccountOutcome.DONE else AccountRefusal(outcome)
        )
    with call.bank.sessions.lend() as session:
        known = session.execute(load_statements("audit")["request_read"], {"id": call.id}).fetchone()
    if known is None:
        outcome = ledger.command(command).outcome
        if outcome not in (AccountOutcome.DONE, AccountOutcome.DUPLICATE):
            _note_refused(call, command, outcome)
            return AccountRefusal(outcome)
    parties = _parties(call, command)
    told = call.bank.desk.carry_out(
        call.asked(_content(command)), lambda session: _done(call, session, command, parties)
    )
    return told if isinstance(told, Refusal) else Reply(value=told.read(AccountView))


def _outlook(call: Call, command: Control) -> AccountOutcome:
    engine = call.bank.ledger.engine
    with engine.memory:
        return refusal(engine.core.columns, engine.core.business_date, command)


def _as_it_would_be(call: Call, command: Control) -> AccountView:
    account = call.bank.ledger.account(command.account)
    if isinstance(command, SetLimits):
        account = msgspec.structs.replace(
            account, floor_minor=command.floor, ceiling_minor=command.ceiling, limit_daily_minor=command.limit_daily
        )
    else:
        account = msgspec.structs.replace(account, flags=_flags_of(command))
    return account_view(call, account)


def _flags_of(command: SetBlocks) -> AccountFlag:
    debit = AccountFlag.DEBIT_BLOCKED if command.debit_blocked else AccountFlag(0)
    credit = AccountFlag.CREDIT_BLOCKED if command.credit_blocked else AccountFlag(0)
    return AccountFlag.OPEN | debit | credit


def _done(call: Call, session: psycopg.Connection, command: Control, parties: tuple[int, ...]) -> Done:
    """What the desk puts on record; the ledger's own event says how it was before."""
    row = session.execute(load_statements("api")["account_change"], {"id": command.request_id}).fetchone()
    assert row is not None, "the ledger has told that it is done"
    body: dict[str, int] = row[0]
    if isinstance(command, SetLimits):
        before = {name: body[f"{name}_before"] for name in ("floor", "ceiling", "limit_daily")}
        after = {name: body[name] for name in before}
    else:
        before, after = _blocks(body["before"]), _blocks(body["flags"])
    return Done(
        answer=account_view(call, call.bank.ledger.account(command.account)),
        object=f"account/{account_text(command.account, call.bank.unit)}",
        parties=parties,
        before=before,
        after=after,
    )


def _blocks(flags: int) -> dict[str, bool]:
    return {name: bool(flags & flag) for name, flag in _BLOCKS.items()}


def _parties(call: Call, command: Control) -> tuple[int, ...]:
    return parties_in(holder_of(call, contract_of(call, command.account) or 0))


def _content(command: Control) -> dict[str, int | bool]:
    return {name: value for name, value in msgspec.structs.asdict(command).items() if name != "request_id"}


def _note_refused(call: Call, command: Control, outcome: AccountOutcome) -> None:
    record = Record(
        action=call.action,
        author=call.author,
        outcome=Outcome.REFUSED,
        object=f"account/{account_text(command.account, call.bank.unit)}",
        parties=_parties(call, command),
        request_id=call.id,
        why=outcome.name.lower(),
        detail=_content(command),
    )
    call.bank.desk.note(record)
