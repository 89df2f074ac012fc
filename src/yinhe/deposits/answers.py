"""What a customer is told when something was done."""

from uuid import UUID

import msgspec

from yinhe.deposits.codes import TransferCode
from yinhe.deposits.plans import OWN_ACCOUNT, Plan


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What was done with a contract; amounts in minor units, dates in days since 1970-01-01."""

    id: UUID
    kind: str
    contract: int
    account: int
    maturity: int
    """0 for none."""
    interest_minor: int = 0
    """Interest paid …"""
    tax_minor: int = 0
    """… the tax withheld from it …"""
    paid_minor: int = 0
    """… and what left the contract."""
    received_minor: int = 0
    """What came into the contract beside interest."""


def done_of(plan: Plan, contract: int, account: int) -> Done:
    """The answer to a plan that was carried out."""
    sums = dict.fromkeys(TransferCode, 0)
    received = 0
    for leg in plan.legs:
        sums[leg.code] += leg.amount_minor
        if leg.credit == OWN_ACCOUNT and leg.code is not TransferCode.INTEREST:
            received += leg.amount_minor
    return Done(
        id=plan.id,
        kind=plan.kind,
        contract=contract,
        account=account,
        maturity=int(plan.row["maturity"][0]),
        interest_minor=sums[TransferCode.INTEREST],
        tax_minor=sums[TransferCode.INTEREST_TAX],
        paid_minor=sums[TransferCode.WITHDRAWAL] + sums[TransferCode.CLOSING],
        received_minor=received,
    )
