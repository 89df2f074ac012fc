"""Who reaches what: authorisation on every object, asked by each handler once it knows which object is meant.

What is out of reach is refused as what does not exist, in the same words: whoever guesses numbers learns nothing.
"""

from typing import Any

import msgspec
import numpy as np

from yinhe.access.deciding import reaches
from yinhe.access.principal import Scope
from yinhe.api.call import Call
from yinhe.api.forms import FormRefusal, read_account
from yinhe.api.route import RefusalLike
from yinhe.audit.record import parties_in
from yinhe.deposits.refusals import ContractRefusal
from yinhe.deposits.refusals import Refusal as DepositRefusal
from yinhe.kernel.refusals import ReasonEnum, Refusal
from yinhe.lending.refusals import LoanRefusal
from yinhe.lending.refusals import Refusal as LendingRefusal
from yinhe.parties.refusals import PartyRefusal
from yinhe.storage.statements import load_statements


class ReachRefusal(ReasonEnum):
    """What whoever asks may not reach, where saying so tells nothing about an object."""

    SCOPE_EXCEEDED = "this is outside the branches or products of whoever asks", "超出操作人的机构或产品范围"
    CASH_OUT_OF_REACH = "cash is paid in and out at the counter alone", "现金收付仅限柜面办理"


class Holder(msgspec.Struct, frozen=True):
    """A party that may hold contracts."""

    party: int
    """Its number; of a party that was merged that of the one that remains."""
    is_company: bool
    tier: int

    @property
    def reference(self) -> str:
        """As contracts name their holder."""
        return str(self.party)


def party_number(reference: str) -> int | None:
    """The party a contract or a loan names; None for a reference of older books."""
    return next(iter(parties_in(reference)), None)


def reach_party(call: Call, party: int) -> RefusalLike | None:
    """Why a party is not there for whoever asks; None: it is."""
    if reaches(call.principal.scope, party=party) and _read(call, "party_standing", party=party) is not None:
        return None
    return Refusal(PartyRefusal.PARTY_UNKNOWN)


def reach_contract(call: Call, contract: int) -> RefusalLike | None:
    """Why a deposit contract is not there for whoever asks; None: it is."""
    row = call.bank.deposits.book.row(contract)
    if row is not None and _reaches_contract(call, contract, int(row["branch"][0])):
        return None
    return DepositRefusal(ContractRefusal.CONTRACT_UNKNOWN)


def reach_loan(call: Call, loan: int) -> RefusalLike | None:
    """Why a loan is not there for whoever asks; None: it is."""
    row = call.bank.lending.book.row(loan)
    if row is not None and _reaches_loan(call, loan, int(row["branch"][0])):
        return None
    return LendingRefusal(LoanRefusal.LOAN_UNKNOWN)


def reach_account(call: Call, account: int) -> RefusalLike | None:
    """Why an account (its index) is not there for whoever asks; None: it is.

    An account belongs to its contract's or loan's party; the bank's own to nobody, so that whoever is limited to
    parties does not reach them.
    """
    if _reaches_account(call, account):
        return None
    return Refusal(FormRefusal.ACCOUNT_UNKNOWN)


def find_account(call: Call, text: str) -> int | RefusalLike:
    """The index of an account by its number, where it is there for whoever asks."""
    account = read_account(text, call.bank.unit)
    if isinstance(account, Refusal):
        return account
    return reach_account(call, account) or account


def reach_opening(call: Call, product: str, branch: int) -> RefusalLike | None:
    """Why whoever asks may open nothing on a product (its code) for a branch; None: they may."""
    if reaches(call.principal.scope, product=product, branch=branch):
        return None
    return Refusal(ReachRefusal.SCOPE_EXCEEDED)


def reach_cash(call: Call) -> RefusalLike | None:
    """Why whoever asks may not pay cash in or out; None: they may. A client that speaks for parties has no till."""
    return None if call.principal.scope.parties is None else Refusal(ReachRefusal.CASH_OUT_OF_REACH)


def find_holder(call: Call, party: int) -> Holder | RefusalLike:
    """A party that may hold what it asks for: reached by whoever asks, and a customer the bank does business with."""
    if not reaches(call.principal.scope, party=party):
        return Refusal(PartyRefusal.PARTY_UNKNOWN)
    refused = call.bank.parties.no_business(party)
    if refused is not None:
        return refused
    found = _read(call, "party_standing", party=party)
    assert found is not None, "a party is never taken away"
    number, kind, tier = found
    return Holder(int(number), kind == "organisation", int(tier))


def contract_of(call: Call, account: int) -> int | None:
    """The deposit contract whose money lies on an account."""
    place = call.bank.deposits.book.of_account(account)
    return None if place < 0 else place + 1


def loan_of(call: Call, account: int) -> int | None:
    """The loan whose principal, or what is due beside it, lies on an account."""
    rows = call.bank.lending.book.rows
    places = np.flatnonzero((rows["account"] == account) | (rows["receivable"] == account))
    return int(places[0]) + 1 if len(places) else None


def scope_given(scope: Scope) -> dict[str, Any]:
    """A scope as parameters of a statement: what holders may be named, and which branches; None for all."""
    return {
        "holders": None if scope.parties is None else [str(party) for party in sorted(scope.parties)],
        "branches": None if scope.branches is None else sorted(scope.branches),
    }


def _reaches_account(call: Call, account: int) -> bool:
    try:
        found = call.bank.ledger.account(account)
    except LookupError:
        return False
    contract = contract_of(call, account)
    if contract is not None:
        return _reaches_contract(call, contract, found.branch)
    if call.principal.scope.parties is not None:
        loan = loan_of(call, account)
        return loan is not None and _reaches_loan(call, loan, found.branch)
    return reaches(call.principal.scope, branch=found.branch)


def _reaches_contract(call: Call, contract: int, branch: int) -> bool:
    scope = call.principal.scope
    if scope.parties is None:
        return reaches(scope, branch=branch)
    held = _read(call, "contract_holder", contract=contract)
    return reaches(scope, branch=branch, party=None if held is None else party_number(str(held[0])))


def _reaches_loan(call: Call, loan: int, branch: int) -> bool:
    scope = call.principal.scope
    if scope.parties is None:
        return reaches(scope, branch=branch)
    lent = _read(call, "loan_borrower", loan=loan)
    return reaches(scope, branch=branch, party=None if lent is None else party_number(str(lent[0])))


def _read(call: Call, name: str, **given: int) -> tuple[Any, ...] | None:
    with call.bank.sessions.lend() as session:
        return session.execute(load_statements("api")[name], given).fetchone()
