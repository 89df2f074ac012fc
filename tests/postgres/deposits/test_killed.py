"""Stopped anywhere in a command and started again, the bank has done all of it or nothing, and once."""

from collections.abc import Callable
from uuid import UUID

import pytest
from tests.postgres.deposits.conftest import Branch

from yinhe.deposits import events, service
from yinhe.deposits.answers import Done
from yinhe.deposits.bulk import orders
from yinhe.deposits.commands import Close, Command, Open, Withdraw
from yinhe.deposits.refusals import ContractRefusal, Refusal
from yinhe.ledger.columns import AccountFlag
from yinhe.ledger.ledger import Ledger
from yinhe.products.pools import Pools


class Killed(BaseException):
    """What nothing in the program catches."""


Point = tuple[object, str, str, bool]
"""Where: an object's function, before or after it; and whether the command has happened then."""

BEGUN = (events, "begin", "after", False)
OPENED = (Ledger, "open_accounts", "after", False)
POSTED = (Ledger, "post", "after", True)
CLOSED = (service.Deposits, "_close_account", "after", True)
WRITING = (events, "end", "before", True)
WRITTEN = (service.Deposits, "_write_beside", "after", True)


def kill(monkeypatch: pytest.MonkeyPatch, point: Point) -> None:
    where, name, when, _ = point
    real: Callable[..., object] = getattr(where, name)

    def stop(*args: object, **given: object) -> object:
        if when == "after":
            real(*args, **given)
        raise Killed

    monkeypatch.setattr(where, name, stop)


def run_killed(branch: Branch, command: Command, point: Point) -> None:
    with pytest.MonkeyPatch.context() as patch:
        kill(patch, point)
        with pytest.raises(Killed):
            branch.deposits.do(command)
    branch.reopen()


def state(branch: Branch, event_id: UUID) -> str:
    with branch.unit.connect() as session:
        found = events.find(session, event_id)
    return found.state if found else ""


def named(point: Point) -> str:
    return f"{point[2]} {point[1]}"


@pytest.mark.parametrize("point", [BEGUN, OPENED, POSTED, WRITING, WRITTEN], ids=named)
def test_an_opening(branch: Branch, point: Point) -> None:
    version = branch.version("lump_sum")
    command = Open(
        id=branch.ledger.ids.next(), version=version, holder="ada", amount_minor=500_00, funding=branch.till, months=3
    )
    run_killed(branch, command, point)
    happened = point[3]
    assert state(branch, command.id) == ("done" if happened else "abandoned")
    assert len(branch.deposits.book) == (1 if happened else 0)
    assert branch.balance(branch.till) == (-500_00 if happened else 0)
    again = branch.deposits.do(command)
    if happened:
        assert isinstance(again, Done)
        assert branch.balance(again.account) == 500_00
        assert branch.deposits.holder(1) == "ada"
    else:
        assert again == Refusal(ContractRefusal.INTERRUPTED)
        last = branch.ledger.engine.core.columns.count - 1
        is_open = not branch.ledger.account(last).flags & AccountFlag.CLOSED
        assert is_open == (last == branch.purse)
    assert branch.balance(branch.till) == (-500_00 if happened else 0)


@pytest.mark.parametrize("point", [BEGUN, OPENED, WRITING], ids=named)
def test_an_opening_without_money(branch: Branch, point: Point) -> None:
    command = Open(id=branch.ledger.ids.next(), version=branch.version("demand"), holder="ada")
    run_killed(branch, command, point)
    assert len(branch.deposits.book) == (0 if point is BEGUN else 1)
    assert state(branch, command.id) == ("abandoned" if point is BEGUN else "done")


def with_contract(branch: Branch) -> int:
    done = branch.deposits.do(
        Open(
            id=branch.ledger.ids.next(),
            version=branch.version("lump_sum"),
            holder="ada",
            amount_minor=10_000_00,
            funding=branch.till,
            linked=branch.purse,
            months=3,
        )
    )
    branch.days_later(41)
    assert isinstance(done, Done)
    # The pools are opened by whoever asks first; these tests are about what comes after.
    for code in (2231, 6411, 2221):
        branch.pool(code, "lump_sum")
    return done.account


@pytest.mark.parametrize("point", [BEGUN, POSTED, WRITING, WRITTEN], ids=named)
def test_a_withdrawal(branch: Branch, point: Point) -> None:
    account = with_contract(branch)
    command = Withdraw(id=branch.ledger.ids.next(), contract=1, amount_minor=4_000_00)
    run_killed(branch, command, point)
    happened = point[3]
    row = branch.deposits.book.row(1)
    assert branch.balance(account) == (6_000_00 if happened else 10_000_00)
    assert row["principal"][0] == branch.balance(account)
    assert branch.balance(branch.purse) == (4_002_22 if happened else 0)
    assert branch.pool(2231, "lump_sum") == row["whole"][0]
    assert isinstance(branch.deposits.do(command), Done) == happened
    assert branch.balance(branch.purse) == (4_002_22 if happened else 0)


@pytest.mark.parametrize("point", [BEGUN, POSTED, CLOSED, WRITING, WRITTEN], ids=named)
def test_a_closing(branch: Branch, point: Point) -> None:
    account = with_contract(branch)
    command = Close(id=branch.ledger.ids.next(), contract=1)
    run_killed(branch, command, point)
    happened = point[3]
    assert branch.balance(branch.purse) == (10_005_56 if happened else 0)
    assert bool(branch.ledger.account(account).flags & AccountFlag.CLOSED) == happened
    assert bool(branch.deposits.book.row(1)["closed"][0]) == happened
    assert branch.pool(2231, "lump_sum") == 0
    assert isinstance(branch.deposits.do(command), Done) == happened


def test_a_command_left_half_done_is_finished_before_the_next(branch: Branch) -> None:
    with_contract(branch)
    command = Withdraw(id=branch.ledger.ids.next(), contract=1, amount_minor=4_000_00)
    with pytest.MonkeyPatch.context() as patch:
        kill(patch, WRITING)
        with pytest.raises(Killed):
            branch.deposits.do(command)
    closed = branch.deposits.do(Close(id=branch.ledger.ids.next(), contract=1))
    assert isinstance(closed, Done)
    assert branch.balance(branch.purse) == 4_002_22 + closed.paid_minor
    assert branch.pool(2231, "lump_sum") == 0


def test_a_bulk_opens_its_accounts_once(branch: Branch) -> None:
    request, rows = branch.ledger.ids.next(), orders(10, version=branch.version("demand"))
    with pytest.MonkeyPatch.context() as patch:
        kill(patch, (service, "write_contracts", "after", False))
        with pytest.raises(Killed):
            branch.deposits.open_contracts(rows, request_id=request)
    branch.reopen()
    count = branch.ledger.engine.core.columns.count
    assert branch.deposits.open_contracts(rows, request_id=request) == range(1, 11)
    assert branch.ledger.engine.core.columns.count == count
    assert branch.deposits.book.rows["account"].tolist() == list(range(count - 10, count))


def test_a_pool_is_opened_once(branch: Branch) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pools, "_open", lambda self, *key: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            branch.deposits.pools.account(2231, 156, 9)
    account = branch.deposits.pools.account(2231, 156, 9)
    with branch.unit.connect() as session:
        session.execute("DELETE FROM pool_account")
    branch.reopen()
    assert branch.deposits.pools.account(2231, 156, 9) == account
    assert branch.deposits.pools.all() == {(2231, 156, 9): account}
    branch.reopen()
    assert branch.deposits.pools.all() == {(2231, 156, 9): account}
    assert branch.ledger.account(account).floor_minor < -(10**17)
