"""Money that comes in while a contract is being closed: it is paid out with the rest, and the account is closed."""

import threading
from collections.abc import Callable

import pytest
from tests.postgres.deposits.conftest import CNY, Branch

from yinhe.deposits.answers import Done
from yinhe.deposits.commands import Close, Open
from yinhe.deposits.service import Deposits
from yinhe.ledger.accounts import AccountAnswer, CloseAccount, openings
from yinhe.ledger.columns import AccountFlag
from yinhe.ledger.ledger import Ledger

ROUNDS = 10


def opened(branch: Branch, amount: int = 100_00) -> int:
    done = branch.deposits.do(
        Open(
            id=branch.ledger.ids.next(),
            version=branch.version("demand"),
            holder="ada",
            amount_minor=amount,
            funding=branch.till if amount else 0,
        )
    )
    assert isinstance(done, Done)
    return done.account


def late_credit(monkeypatch: pytest.MonkeyPatch, branch: Branch, account: int) -> None:
    """Just before the account is closed for the first time, 5.00 come in from outside."""
    real: Callable[[Ledger, object], AccountAnswer] = Ledger.command

    def command(ledger: Ledger, asked: object) -> AccountAnswer:
        if isinstance(asked, CloseAccount):
            monkeypatch.setattr(Ledger, "command", real)
            assert ledger.transfer(debit=branch.purse, credit=account, amount_minor=5_00).posted
        return real(ledger, asked)

    monkeypatch.setattr(Ledger, "command", command)


def is_closed(branch: Branch, account: int) -> bool:
    return bool(branch.ledger.account(account).flags & AccountFlag.CLOSED)


@pytest.mark.parametrize("amount", [100_00, 0])
def test_what_comes_in_before_the_account_is_closed_follows_the_money(
    branch: Branch, monkeypatch: pytest.MonkeyPatch, amount: int
) -> None:
    account = opened(branch, amount)
    payee = branch.ledger.open_accounts(openings(1, currency=CNY, gl_code=2011))[0]
    late_credit(monkeypatch, branch, account)
    command = Close(id=branch.ledger.ids.next(), contract=1, payee=payee if amount else 0)
    done = branch.deposits.do(command)
    assert isinstance(done, Done)
    assert is_closed(branch, account)
    assert (branch.balance(account), done.paid_minor) == (0, amount)
    if amount:
        assert branch.balance(payee) == 105_00
    else:
        # Nobody was named: it is kept for its owner.
        assert branch.pool(2241, "demand") == 5_00


def test_what_the_payee_cannot_take_is_kept_for_its_owner(branch: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    account = opened(branch)
    payee = branch.ledger.open_accounts(openings(1, currency=CNY, gl_code=2011, ceiling=100_00))[0]
    late_credit(monkeypatch, branch, account)
    branch.deposits.do(Close(id=branch.ledger.ids.next(), contract=1, payee=payee))
    assert is_closed(branch, account)
    assert (branch.balance(payee), branch.pool(2241, "demand")) == (100_00, 5_00)


def test_stopped_after_the_late_money_was_paid_it_is_paid_once(branch: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    account = opened(branch)
    payee = branch.ledger.open_accounts(openings(1, currency=CNY, gl_code=2011))[0]
    late_credit(monkeypatch, branch, account)
    command = Close(id=branch.ledger.ids.next(), contract=1, payee=payee)

    def stop(*_: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Deposits, "_write_beside", stop)
        with pytest.raises(Killed):
            branch.deposits.do(command)
    branch.reopen()
    assert isinstance(branch.deposits.do(command), Done)
    assert is_closed(branch, account)
    assert branch.balance(payee) == 105_00


class Pouring:
    """Money poured into an account a minor unit at a time, until it takes no more or is told to stop."""

    def __init__(self, branch: Branch, account: int) -> None:
        self._branch, self._account = branch, account
        self._begun, self._over = threading.Event(), threading.Event()
        self.poured = 0
        self._thread = threading.Thread(target=self._pour)

    def __enter__(self) -> "Pouring":
        self._thread.start()
        assert self._begun.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(30)

    def _pour(self) -> None:
        posted = True
        while posted and not self._over.is_set():
            posted = self._branch.ledger.transfer(debit=self._branch.purse, credit=self._account, amount_minor=1).posted
            self.poured += posted
            self._begun.set()


def test_of_money_that_races_with_a_closing_nothing_is_left_behind(branch: Branch) -> None:
    for contract in range(1, ROUNDS + 1):
        account = opened(branch)
        payee = branch.ledger.open_accounts(openings(1, currency=CNY, gl_code=2011))[0]
        with Pouring(branch, account) as pouring:
            done = branch.deposits.do(Close(id=branch.ledger.ids.next(), contract=contract, payee=payee))
        assert isinstance(done, Done)
        assert is_closed(branch, account)
        assert branch.balance(account) == 0
        assert branch.balance(payee) == 100_00 + pouring.poured
