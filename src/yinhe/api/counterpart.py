"""The account at the other end of money paid into or out of a contract: which may be named, and why another may not.

Money leaves and enters a contract by commands on that contract; the other end is an account from which, or to which,
money is paid at any time, or the bank's cash at the counter. The bank's other own accounts are never named.
"""

from enum import Enum, unique
from typing import Final

from yinhe.api.call import Call
from yinhe.api.reach import contract_of, find_account, loan_of, reach_cash
from yinhe.api.route import RefusalLike
from yinhe.deposits import events
from yinhe.deposits.columns import ContractFlag
from yinhe.deposits.events import Event
from yinhe.kernel.currency import Currency
from yinhe.kernel.refusals import ReasonEnum, Refusal
from yinhe.transact.refusals import DayRefusal
from yinhe.transact.rules import CLOSED, LOAN, OWN, Rule, compile_rule

CASH_CODE: Final = 1001
"""The general-ledger code of the bank's cash."""


@unique
class Side(Enum):
    """Which way money goes at the other end."""

    GIVES = "gives"
    TAKES = "takes"


class CounterpartRefusal(ReasonEnum):
    """What is wrong with how the other end was named."""

    BOTH_ENDS_NAMED = "either an account or cash, not both", "账户与现金只能指明其一"
    END_MISSING = "it must be said whether it is cash, or from or to which account", "须指明对方账户或现金"


def earlier(call: Call) -> Event | None:
    """What was asked of contracts under this id before: it gets its first answer again, whatever changed since."""
    with call.bank.sessions.lend() as session:
        return events.find(session, call.id)


def other_end(call: Call, account: str | None, cash: bool, its: Currency, side: Side) -> int | RefusalLike:
    """The index of the account that was named, or of the bank's cash; 0 where neither was."""
    if cash:
        if account is not None:
            return Refusal(CounterpartRefusal.BOTH_ENDS_NAMED)
        return reach_cash(call) or call.bank.deposits.pools.account(CASH_CODE, its.number, 0)
    if account is None:
        return 0
    found = find_account(call, account)
    if not isinstance(found, int):
        return found
    refused = refuse_end(call, found, side)
    return found if refused is None or earlier(call) is not None else refused


def refuse_end(call: Call, account: int, side: Side) -> RefusalLike | None:
    """Why money is not drawn from, or paid to, an account of its own accord; None: it is."""
    rule = _rule_of(call, account)
    if side is Side.TAKES:
        return rule.refuse_credit
    return Refusal(DayRefusal.DORMANT) if rule.is_dormant else rule.refuse_debit


def _rule_of(call: Call, account: int) -> Rule:
    """What transfers may do with an account, by the rules of the day."""
    contract = contract_of(call, account)
    if contract is None:
        return OWN if loan_of(call, account) is None else LOAN
    row = call.bank.deposits.book.row(contract)
    assert row is not None, "the book has told the contract"
    flags = int(row["flags"][0])
    if not flags & ContractFlag.OPEN:
        return CLOSED
    product = call.bank.deposits.catalogue.in_force(int(row["version"][0]), call.bank.ledger.business_date)
    has_term, is_dormant = bool(int(row["maturity"][0])), bool(flags & ContractFlag.DORMANT)
    return compile_rule(product, {}, has_term=has_term, is_dormant=is_dormant)
