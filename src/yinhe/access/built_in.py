"""The roles and rules a bank starts with; it may change every one of them."""

from typing import Final

from yinhe.access.permissions import Permission
from yinhe.access.principal import NO_LIMIT, OTHER_CURRENCIES, Limits
from yinhe.access.roles import Role
from yinhe.access.rules import ApprovalRule
from yinhe.audit.record import ActorKind

_COUNTER: Final = frozenset(
    {
        Permission.PARTY_READ,
        Permission.PARTY_PERSONAL,
        Permission.PARTY_WRITE,
        Permission.CONTRACT_READ,
        Permission.CONTRACT_OPEN,
        Permission.CONTRACT_SERVE,
        Permission.TRANSFER_POST,
        Permission.HOLD_PLACE,
        Permission.LOAN_READ,
        Permission.LOAN_SERVE,
        Permission.PAYMENT_READ,
        Permission.PAYMENT_SEND,
        Permission.PRODUCT_READ,
    }
)

BUILT_IN_ROLES: Final = (
    Role(
        name="teller",
        english="serves customers at the counter",
        chinese="柜员",
        permissions=_COUNTER,
        limits={"CNY": Limits(50_000_000, 500_000_000), "USD": Limits(5_000_000, 50_000_000)},
    ),
    Role(
        name="supervisor",
        english="serves customers, decides on what tellers may not do alone",
        chinese="主管",
        permissions=_COUNTER
        | {
            Permission.PARTY_RISK,
            Permission.PARTY_MERGE,
            Permission.CONTRACT_AMEND,
            Permission.TRANSFER_REVERSE,
            Permission.ACCOUNT_CONTROL,
            Permission.LOAN_AGREE,
            Permission.LOAN_ARRANGE,
            Permission.PAYMENT_RECEIVE,
            Permission.NIGHT_READ,
            Permission.APPROVE,
        },
        limits={
            "CNY": Limits(1_000_000_000, 10_000_000_000),
            "USD": Limits(100_000_000, 1_000_000_000),
            OTHER_CURRENCIES: Limits(10_000_000, 100_000_000),
        },
    ),
    Role(
        name="product-manager",
        english="drafts products, and approves those that another drafted",
        chinese="产品经理",
        permissions=frozenset(
            {Permission.PRODUCT_READ, Permission.PRODUCT_WRITE, Permission.PRODUCT_APPROVE, Permission.NIGHT_READ}
        ),
    ),
    Role(
        name="auditor",
        english="reads everything but personal data in the clear, changes nothing",
        chinese="审计员",
        permissions=frozenset(
            {
                Permission.PARTY_READ,
                Permission.CONTRACT_READ,
                Permission.LOAN_READ,
                Permission.PAYMENT_READ,
                Permission.PRODUCT_READ,
                Permission.NIGHT_READ,
                Permission.AUDIT_READ,
                Permission.EVENT_READ,
                Permission.ACCESS_READ,
                Permission.OPERATE,
            }
        ),
    ),
    Role(
        name="operator",
        english="runs the service and the close of days",
        chinese="运维员",
        permissions=frozenset(
            {
                Permission.NIGHT_READ,
                Permission.NIGHT_RUN,
                Permission.OPERATE,
                Permission.EVENT_READ,
                Permission.WEBHOOK_WRITE,
                Permission.PRODUCT_READ,
                Permission.BREAK_GLASS,
            }
        ),
    ),
    Role(
        name="administrator",
        english="makes users, clients and roles; moves no money",
        chinese="系统管理员",
        permissions=frozenset(
            {
                Permission.ACCESS_READ,
                Permission.ACCESS_WRITE,
                Permission.APPROVE,
                Permission.AUDIT_READ,
                Permission.OPERATE,
            }
        ),
    ),
    Role(
        name="integrator",
        english="a channel or partner that serves customers by program",
        chinese="渠道与合作方接入",
        permissions=_COUNTER - {Permission.PARTY_PERSONAL} | {Permission.EVENT_READ, Permission.WEBHOOK_WRITE},
        limits={"CNY": Limits(100_000_000, NO_LIMIT), "USD": Limits(10_000_000, NO_LIMIT)},
    ),
)
"""Amounts in minor units: a teller moves up to 500,000.00 CNY at once and 5,000,000.00 a day."""

_USERS: Final = frozenset({ActorKind.USER})

BUILT_IN_RULES: Final = (
    ApprovalRule(pattern="transfer.post", kinds=_USERS, thresholds={"CNY": 5_000_000, "USD": 1_000_000}),
    ApprovalRule(pattern="transfer.post_batch", kinds=_USERS, thresholds={"CNY": 5_000_000, "USD": 1_000_000}),
    ApprovalRule(pattern="transfer.reverse", kinds=_USERS),
    ApprovalRule(pattern="contract.*", kinds=_USERS, thresholds={"CNY": 20_000_000, "USD": 3_000_000}),
    ApprovalRule(pattern="contract.amend", kinds=_USERS),
    ApprovalRule(pattern="loan.*", kinds=_USERS, thresholds={"CNY": 50_000_000}),
    ApprovalRule(pattern="loan.write_off", kinds=_USERS),
    ApprovalRule(pattern="payment.send", kinds=_USERS, thresholds={"CNY": 20_000_000, "USD": 3_000_000}),
    ApprovalRule(pattern="clearing.*", kinds=_USERS, thresholds={"CNY": 20_000_000, "USD": 3_000_000}),
    ApprovalRule(pattern="party.merge", kinds=_USERS),
)
"""Users alone: a client speaks for customers who decided themselves, and its role bounds it.

None asks for a second administrator, since the first one is alone; the bank adds `role.*`, `user.*` and `client.*` once
it has two.
"""
