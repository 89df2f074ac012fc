"""Closes the account of a contract that was paid out; what comes in meanwhile follows the rest of its money."""

from typing import Final
from uuid import UUID

from yinhe.deposits.codes import OTHER_PAYABLES, TransferCode
from yinhe.deposits.plans import Plan
from yinhe.kernel.ids import derived
from yinhe.ledger.accounts import CloseAccount, SetBlocks
from yinhe.ledger.batch import Transfer
from yinhe.ledger.columns import AccountFlag
from yinhe.ledger.ledger import Ledger
from yinhe.ledger.outcomes import AccountOutcome
from yinhe.products.pools import Pools

_LATE: Final = "close late"
"""What the ids of late steps are made of, beside the command's."""


def close_account(ledger: Ledger, event_id: UUID, account: int) -> AccountOutcome:
    """Close an account that is empty."""
    return ledger.command(CloseAccount(derived(event_id, "close"), account)).outcome


def close_rest(ledger: Ledger, pools: Pools, plan: Plan, account: int) -> AccountOutcome:
    """Close an account into which something came after the plan had emptied it.

    Credits are blocked first, so that what is there then is all; it goes where the rest of the money went, or where
    that cannot take it among the other payables of the product, for its owner to claim. All of it is
    done once, however often it is asked for.
    """
    flags = ledger.account(account).flags
    blocks = SetBlocks(derived(plan.id, f"{_LATE} block"), account, bool(flags & AccountFlag.DEBIT_BLOCKED), True)
    ledger.command(blocks)
    late = ledger.account(account)
    paid = (leg.credit for leg in plan.legs if leg.code is TransferCode.CLOSING)
    payees = next(paid, int(plan.row["linked"][0])), pools.account(OTHER_PAYABLES, late.currency, late.product)
    for number, payee in enumerate(payees):
        if payee and late.balance_minor and _pay(ledger, derived(plan.id, f"{_LATE} {number}"), late.index, payee):
            break
    return ledger.command(CloseAccount(derived(plan.id, _LATE), account)).outcome


def _pay(ledger: Ledger, txn_id: UUID, account: int, payee: int) -> bool:
    """Pay all that an account holds to another; whether that could be done."""
    amount = ledger.account(account).balance_minor
    transfer = Transfer(txn_id=txn_id, debit=account, credit=payee, amount_minor=amount, code=TransferCode.CLOSING.code)
    return ledger.post([transfer])[0].posted
