"""Roles: what several give together, what nobody may have together, and those a bank starts with."""

import pytest

from yinhe.access.built_in import BUILT_IN_ROLES, BUILT_IN_RULES
from yinhe.access.permissions import Permission
from yinhe.access.principal import NO_LIMIT, OTHER_CURRENCIES, Limits, Principal, Scope
from yinhe.access.refusals import AccessRefusal
from yinhe.access.roles import MOVES_MONEY, SCOPE_MAX, Role, granted, not_separate, wrong_with
from yinhe.access.rules import ApprovalRule, asks, concerns, first_asking, is_sound
from yinhe.audit.record import ActorKind

ROLE = {role.name: role for role in BUILT_IN_ROLES}
READS = frozenset(permission for permission in Permission if permission.endswith(":read"))
USER, CLIENT, BANK = ActorKind.USER, ActorKind.CLIENT, ActorKind.BANK


def role(*permissions: Permission, scope: Scope | None = None, **limits: Limits) -> Role:
    by_currency = {OTHER_CURRENCIES if code == "others" else code: limit for code, limit in limits.items()}
    return Role(name="some-role", permissions=frozenset(permissions), limits=by_currency, scope=scope or Scope())


def limits_of(*roles: Role, currency: str) -> Limits:
    given = granted(roles, Scope())
    holder = Principal(
        kind=USER,
        number=1,
        name="teller-7",
        permissions=given.permissions,
        limits=given.limits,
        currency_limits=given.currency_limits,
    )
    return holder.limits_in(currency)


@pytest.mark.parametrize(
    ("roles", "currency", "limits"),
    [
        ((), "CNY", Limits(0, 0)),
        ((role(),), "CNY", Limits(0, 0)),
        ((role(CNY=Limits(10, 90)),), "CNY", Limits(10, 90)),
        ((role(CNY=Limits(10, 90)),), "USD", Limits(0, 0)),
        ((role(CNY=Limits(10, 90), others=Limits(5, 5)),), "USD", Limits(5, 5)),
        ((role(CNY=Limits(10, 90)), role(CNY=Limits(20, 30))), "CNY", Limits(20, 90)),
        ((role(CNY=Limits(10, 90)), role(others=Limits(50, 50))), "CNY", Limits(50, 90)),
        ((role(CNY=Limits(10, 90)), role(USD=Limits(7, 7))), "CNY", Limits(10, 90)),
        ((role(CNY=Limits(0, 0), others=Limits(5, 5)),), "CNY", Limits(0, 0)),
    ],
)
def test_the_widest_limit_of_all_roles_holds_and_a_currency_no_role_names_moves_nothing(
    roles: tuple[Role, ...], currency: str, limits: Limits
) -> None:
    assert limits_of(*roles, currency=currency) == limits


def test_permissions_add_up_and_the_scope_is_the_union_narrowed_to_the_principals_own() -> None:
    first = role(Permission.PARTY_READ, scope=Scope(branches=frozenset({1})))
    second = role(Permission.LOAN_READ, scope=Scope(branches=frozenset({2})))
    given = granted((first, second), Scope(branches=frozenset({2, 3}), parties=frozenset({7})))
    assert given.permissions == {Permission.PARTY_READ, Permission.LOAN_READ}
    assert given.scope == Scope(parties=frozenset({7}), branches=frozenset({2}))


@pytest.mark.parametrize("permission", sorted(MOVES_MONEY | {Permission.BREAK_GLASS}))
def test_who_makes_users_moves_no_money(permission: Permission) -> None:
    assert not_separate(frozenset({Permission.ACCESS_WRITE, permission})) == (Permission.ACCESS_WRITE, permission)
    refusal = wrong_with(role(Permission.ACCESS_WRITE, permission))
    assert refusal is not None
    assert refusal.because is AccessRefusal.DUTIES_NOT_SEPARATE


@pytest.mark.parametrize(
    ("wrong", "because"),
    [
        (Role(name="Teller", permissions=frozenset()), AccessRefusal.NAME_MALFORMED),
        (Role(name="x" * 41, permissions=frozenset()), AccessRefusal.NAME_MALFORMED),
        (Role(name="teller", english="a\nb", permissions=frozenset()), AccessRefusal.TEXT_MALFORMED),
        (Role(name="teller", chinese="柜" * 201, permissions=frozenset()), AccessRefusal.TEXT_MALFORMED),
        (role(ZZZ=Limits(1, 1)), AccessRefusal.LIMITS_MALFORMED),
        (role(CNY=Limits(-1, 1)), AccessRefusal.LIMITS_MALFORMED),
        (role(CNY=Limits(1, NO_LIMIT + 1)), AccessRefusal.LIMITS_MALFORMED),
        (role(scope=Scope(parties=frozenset(range(SCOPE_MAX + 1)))), AccessRefusal.SCOPE_TOO_LARGE),
    ],
)
def test_a_role_that_does_not_read_is_refused(wrong: Role, because: AccessRefusal) -> None:
    refusal = wrong_with(wrong)
    assert refusal is not None
    assert refusal.because is because


@pytest.mark.parametrize("built_in", BUILT_IN_ROLES, ids=lambda role: role.name)
def test_the_roles_to_start_with_are_sound(built_in: Role) -> None:
    assert wrong_with(built_in) is None
    assert built_in.english
    assert built_in.chinese


def test_the_administrator_moves_no_money_and_the_auditor_reads_only() -> None:
    assert not ROLE["administrator"].permissions & (MOVES_MONEY | {Permission.NIGHT_RUN})
    assert ROLE["auditor"].permissions <= READS
    assert Permission.PARTY_PERSONAL not in ROLE["auditor"].permissions
    assert not ROLE["operator"].permissions & MOVES_MONEY
    assert Permission.APPROVE not in ROLE["teller"].permissions


def test_every_permission_but_what_everyone_has_is_in_a_role_to_start_with() -> None:
    assert frozenset(Permission) - {Permission.OWN_SECRET} == frozenset[Permission]().union(
        *(role.permissions for role in BUILT_IN_ROLES)
    )


# --- rules of when a second person is needed


@pytest.mark.parametrize(
    ("pattern", "action", "concerned"),
    [
        ("transfer.post", "transfer.post", True),
        ("transfer.post", "transfer.reverse", False),
        ("transfer.*", "transfer.reverse", True),
        ("transfer.*", "transfers.post", False),
        ("*", "party.merge", True),
    ],
)
def test_a_rule_is_about_an_action_an_area_or_all(pattern: str, action: str, concerned: bool) -> None:
    assert concerns(ApprovalRule(pattern=pattern), action, USER) is concerned
    assert not concerns(ApprovalRule(pattern=pattern, kinds=frozenset({CLIENT})), action, USER)


@pytest.mark.parametrize(
    "action", ["approval.decide", "approval.withdraw", "session.end", "factor.begin", "user.change_password"]
)
def test_no_rule_makes_deciding_wait_nor_shows_anyone_a_secret(action: str) -> None:
    assert not concerns(ApprovalRule(pattern="*"), action, USER)
    assert not concerns(ApprovalRule(pattern=f"{action.partition('.')[0]}.*"), action, USER)
    assert not is_sound(ApprovalRule(pattern=action))


@pytest.mark.parametrize(
    ("thresholds", "amount", "currency", "asked"),
    [
        (None, None, None, True),
        (None, 1, "CNY", True),
        ({"CNY": 5_000_000}, 4_999_999, "CNY", False),
        ({"CNY": 5_000_000}, 5_000_000, "CNY", True),
        ({"CNY": 5_000_000}, 1, "USD", True),
        ({"CNY": 5_000_000}, 1, None, True),
        ({"CNY": 5_000_000}, None, None, False),
    ],
)
def test_from_its_threshold_on_and_in_every_other_currency_a_rule_asks(
    thresholds: dict[str, int] | None, amount: int | None, currency: str | None, asked: bool
) -> None:
    assert asks(ApprovalRule(pattern="*", thresholds=thresholds), amount, currency) is asked


def test_one_rule_that_asks_is_enough() -> None:
    high = ApprovalRule(pattern="contract.*", thresholds={"CNY": 100})
    always = ApprovalRule(pattern="contract.amend")
    assert first_asking((high, always), 5, "CNY") is always
    assert first_asking((high,), 5, "CNY") is None
    assert first_asking((), 5, "CNY") is None


@pytest.mark.parametrize(
    "wrong",
    [
        ApprovalRule(pattern="Transfer.post"),
        ApprovalRule(pattern="transfer"),
        ApprovalRule(pattern="transfer.post\n"),
        ApprovalRule(pattern="transfer.post", kinds=frozenset()),
        ApprovalRule(pattern="transfer.post", kinds=frozenset({BANK})),
        ApprovalRule(pattern="transfer.post", thresholds={"ZZZ": 1}),
        ApprovalRule(pattern="transfer.post", thresholds={"CNY": -1}),
    ],
)
def test_a_rule_that_does_not_read_is_refused(wrong: ApprovalRule) -> None:
    assert not is_sound(wrong)


def test_the_rules_to_start_with_are_sound() -> None:
    assert all(is_sound(rule) for rule in BUILT_IN_RULES)
    assert len({rule.pattern for rule in BUILT_IN_RULES}) == len(BUILT_IN_RULES)
