"""Roles, grants and rules: changed by others than those they are about, each on record."""

import threading

import msgspec
import pytest
from tests.postgres.identity.house import SECOND, House, because

from yinhe.access.built_in import BUILT_IN_ROLES, BUILT_IN_RULES
from yinhe.access.permissions import Permission
from yinhe.access.principal import Limits, Principal, Scope
from yinhe.access.refusals import AccessRefusal as R
from yinhe.access.role_store import Entry, roles_of
from yinhe.access.roles import Role, granted
from yinhe.access.rule_book import RuleGone
from yinhe.access.rules import ApprovalRule
from yinhe.access.service import Grant, RoleGone
from yinhe.audit.desk import Told
from yinhe.audit.record import ActorKind
from yinhe.identity.users import MakeUser
from yinhe.kernel.refusals import Refusal

USERS = frozenset({ActorKind.USER})


def put(house: House, name: str, *permissions: Permission, author: object = None, **fields: object) -> Told | Refusal:
    role = msgspec.structs.replace(Role(name=name, permissions=frozenset(permissions)), **fields)
    asked = house.asked("role.put") if author is None else house.asked("role.put", author)  # type: ignore[arg-type]
    return house.identity.roles.put(asked, role)


def grant(house: House, name: str, *roles: str, author: object = None, scope: Scope | None = None) -> Told | Refusal:
    asked = house.asked("role.grant") if author is None else house.asked("role.grant", author)  # type: ignore[arg-type]
    command = Grant(kind=ActorKind.USER, name=name, roles=roles, scope=scope or Scope())
    return house.identity.roles.grant(asked, command)


def test_a_bank_starts_with_its_roles_and_rules(house: House) -> None:
    assert {role.name for role in house.identity.roles.all()} == {role.name for role in BUILT_IN_ROLES}
    there = {role.name: role for role in house.identity.roles.all()}
    assert all(there[role.name] == role for role in BUILT_IN_ROLES)
    assert {rule.pattern: rule for rule in house.identity.rules.all()} == {r.pattern: r for r in BUILT_IN_RULES}


def test_a_role_is_made_changed_and_removed_and_the_log_has_before_and_after(house: House) -> None:
    limits = {"CNY": Limits(100, 500)}
    told = put(house, "cashier", Permission.PARTY_READ, limits=limits, scope=Scope(branches=frozenset({2, 1})))
    assert isinstance(told, Told)
    assert told.read(Role).limits == limits
    assert isinstance(put(house, "cashier", Permission.LOAN_READ), Told)
    record = house.records("role.put")[-1]
    assert record["object"] == "role/cashier"
    assert record["before"]["permissions"] == ["party:read"]
    assert record["before"]["limits"] == {"CNY": {"single_minor": 100, "daily_minor": 500}}
    assert record["before"]["scope"]["branches"] == [1, 2]
    assert record["after"]["permissions"] == ["loan:read"]
    gone = house.identity.roles.remove(house.asked("role.remove"), RoleGone("cashier"))
    assert isinstance(gone, Told)
    again = house.identity.roles.remove(house.asked("role.remove"), RoleGone("cashier"))
    assert because(again) is R.ROLE_UNKNOWN


def test_a_role_someone_has_stays(house: House) -> None:
    house.user("teller-a", "teller")
    removed = house.identity.roles.remove(house.asked("role.remove"), RoleGone("teller"))
    assert because(removed) is R.ROLE_IN_USE


def test_roles_and_scope_of_a_user_are_set_as_a_whole(house: House) -> None:
    house.user("teller-b", "teller")
    scope = Scope(parties=frozenset({7}), branches=frozenset({1}), products=frozenset({"demand"}))
    told = grant(house, "teller-b", "auditor", "auditor", scope=scope)
    assert isinstance(told, Told)
    entry = told.read(Entry)
    assert (entry.roles, entry.scope) == (("auditor",), scope)
    record = house.records("role.grant")[-1]
    assert (record["before"]["roles"], record["after"]["roles"]) == (["teller"], ["auditor"])
    assert because(grant(house, "teller-b", "auditor", "nothing")) is R.ROLE_UNKNOWN
    assert because(grant(house, "nobody", "auditor")) is R.PRINCIPAL_UNKNOWN
    [user] = [user for user in house.identity.users.list() if user.entry.name == "teller-b"]
    assert (user.entry.roles, user.entry.scope) == (("auditor",), scope)


def test_nobody_changes_what_they_themselves_may_do(house: House) -> None:
    administrator = house.principal(house.user("keeper-a", "administrator"))
    house.user("keeper-b", "administrator")
    assert because(grant(house, "keeper-a", "teller", author=administrator)) is R.OWN_ACCESS
    own = put(house, "administrator", Permission.ACCESS_READ, author=administrator)
    assert because(own) is R.OWN_ACCESS
    assert isinstance(grant(house, "keeper-b", "teller", author=administrator), Told)
    assert house.records("role.grant")[-1]["author"]["name"] == "keeper-a"


def test_duties_that_must_be_apart_are_not_joined_by_roles_nor_by_changing_one(house: House) -> None:
    house.user("keeper-c", "administrator")
    assert because(grant(house, "keeper-c", "administrator", "teller")) is R.DUTIES_NOT_SEPARATE
    assert isinstance(put(house, "harmless", Permission.LOAN_READ), Told)
    assert isinstance(grant(house, "keeper-c", "administrator", "harmless"), Told)
    assert because(put(house, "harmless", Permission.TRANSFER_POST)) is R.DUTIES_NOT_SEPARATE


@pytest.mark.parametrize("by", ["granting", "making"])
def test_two_changes_at_once_do_not_join_what_must_be_apart(house: House, by: str) -> None:
    for number in range(3):
        role, name = f"racing-{by}-{number}", f"keeper-{by}-{number}"
        assert isinstance(put(house, role, Permission.LOAN_READ), Told)
        if by == "granting":
            house.user(name, "auditor")
            other = threading.Thread(target=grant, args=(house, name, "administrator", role))
        else:
            made = MakeUser(name=name, roles=("administrator", role))
            other = threading.Thread(target=house.identity.users.make, args=(house.asked("user.make"), made))
        threads = [threading.Thread(target=put, args=(house, role, Permission.TRANSFER_POST)), other]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        principal = house.identity.gate.principal_of(ActorKind.USER, name)
        if isinstance(principal, Principal):
            both = granted(roles_held(house, principal.number), Scope()).permissions
            assert not {Permission.ACCESS_WRITE, Permission.TRANSFER_POST} <= both


def roles_held(house: House, number: int) -> tuple[Role, ...]:
    with house.database.connect() as session:
        return roles_of(session, number)


def test_a_permission_this_version_does_not_know_is_denied(house: House) -> None:
    assert isinstance(put(house, "from-the-future", Permission.LOAN_READ), Told)
    with house.database.connect() as session:
        session.execute(
            "UPDATE access_role SET permissions = permissions || '{loan:teleport}'::text[] WHERE name = %s",
            ("from-the-future",),
        )
    principal = house.principal(house.user("teller-future", "from-the-future"))
    assert principal.permissions == {Permission.LOAN_READ, Permission.OWN_SECRET}


# --- rules of when a second person is needed


def test_rules_are_asked_in_memory_and_changes_are_seen(house: House) -> None:
    rules, principal = house.identity.rules, house.principal(house.user("teller-rules", "teller"))
    client = msgspec.structs.replace(principal, kind=ActorKind.CLIENT)

    def asks(action: str, amount: int | None, currency: str | None = "CNY") -> str | None:
        rule = rules.needed(action, amount, currency, principal)
        return rule and rule.pattern

    assert asks("transfer.post", 4_999_999) is None
    assert asks("transfer.post", 5_000_000) == "transfer.post"
    assert asks("transfer.post", 1, "JPY") == "transfer.post"
    assert rules.needed("transfer.post", 5_000_000, "CNY", client) is None
    assert asks("party.open", None) is None
    assert asks("contract.amend", None) == "contract.amend"
    rule = ApprovalRule(pattern="party.*", kinds=USERS)
    assert isinstance(rules.put(house.asked("rule.put"), rule), Told)
    assert asks("party.open", None) == "party.*"
    removed = house.other.rules.remove(house.asked("rule.remove"), RuleGone("party.*"))
    assert isinstance(removed, Told)
    assert asks("party.open", None) == "party.*"
    house.clock.advance(SECOND)
    assert asks("party.open", None) is None


def test_a_rule_that_does_not_read_is_not_written(house: House) -> None:
    put_rule = house.identity.rules.put(house.asked("rule.put"), ApprovalRule(pattern="transfer"))
    assert because(put_rule) is R.RULE_MALFORMED
    removed = house.identity.rules.remove(house.asked("rule.remove"), RuleGone("transfer.nothing"))
    assert because(removed) is R.RULE_UNKNOWN
