"""Who may do what: users, clients, roles, rules of second persons, and emergencies."""

from collections.abc import Mapping
from typing import Any

import msgspec

from yinhe.access.break_glass import Emergency
from yinhe.access.break_glass import Opened as EmergencyOpened
from yinhe.access.principal import Limits, Scope
from yinhe.access.role_store import Entry
from yinhe.access.roles import Role
from yinhe.access.rule_book import RuleGone
from yinhe.access.rules import ApprovalRule
from yinhe.access.service import Grant, RoleGone
from yinhe.api.call import Call
from yinhe.api.forms import make_cursor, read_cursor
from yinhe.api.handlers.access_forms import (
    CertificateForm,
    ClientForm,
    EmergenciesParams,
    EmergencyAnswer,
    EmergencyCard,
    EmergencyForm,
    EmergencyList,
    EmergencyParams,
    EnabledForm,
    FindingForm,
    GrantForm,
    LimitsForm,
    NameParams,
    PatternParams,
    PrincipalCard,
    PrincipalList,
    PrincipalsParams,
    RoleCard,
    RoleForm,
    RoleList,
    RuleCard,
    RuleForm,
    RuleList,
    SecretAnswer,
    UserForm,
)
from yinhe.api.handlers.sessions import Acknowledged
from yinhe.api.route import Handled, Reply
from yinhe.audit.desk import Told
from yinhe.audit.record import ActorKind
from yinhe.identity.clients import AddSecret, BindClient, EnableClient, EndSecret, MakeClient
from yinhe.identity.issued import Issued
from yinhe.identity.second_factor import ResetFactor
from yinhe.identity.users import EnableUser, MakeUser, RenewSecret
from yinhe.kernel.clock import datetime_from_us
from yinhe.kernel.refusals import Refusal

# --- users and clients


def _scope_shown(scope: Scope) -> dict[str, list[Any] | None]:
    parts: Mapping[str, frozenset[Any] | None] = {
        "parties": scope.parties,
        "branches": scope.branches,
        "products": scope.products,
    }
    return {name: None if part is None else sorted(part) for name, part in parts.items()}


def _page(call: Call, kind: str) -> tuple[str, int] | Refusal:
    params = call.params_as(PrincipalsParams)
    if not params.cursor:
        return "", params.limit
    found = read_cursor(kind, params.cursor, str)
    return found if isinstance(found, Refusal) else (found[0], params.limit)


def _listed(cards: tuple[PrincipalCard, ...], kind: str, limit: int) -> Reply:
    return Reply(value=PrincipalList(cards, make_cursor(kind, cards[-1].name) if len(cards) == limit else None))


def list_users(call: Call) -> Handled:
    """List users by name."""
    page = _page(call, "users")
    if isinstance(page, Refusal):
        return page
    cards = tuple(
        _card(
            user.entry,
            must_change_secret=user.state.must_change_secret,
            second_factor=user.state.second_factor,
            last_opened_at=None if user.state.last_opened_at is None else datetime_from_us(user.state.last_opened_at),
        )
        for user in call.bank.identity.users.list(*page)
    )
    return _listed(cards, "users", page[1])


def list_clients(call: Call) -> Handled:
    """List clients by name."""
    page = _page(call, "clients")
    if isinstance(page, Refusal):
        return page
    cards = tuple(
        _card(client.entry, channel=client.channel, bound=bool(client.certificate))
        for client in call.bank.identity.clients.list(*page)
    )
    return _listed(cards, "clients", page[1])


def _card(entry: Entry, **more: Any) -> PrincipalCard:
    return PrincipalCard(
        number=entry.number,
        name=entry.name,
        enabled=entry.enabled,
        roles=entry.roles,
        scope=_scope_shown(entry.scope),
        **more,
    )


def _issued(issued: Issued | Refusal, name: str) -> Handled:
    return issued if isinstance(issued, Refusal) else Reply(value=SecretAnswer(name, issued.secret))


def _done(told: Told | Refusal) -> Handled:
    return told if isinstance(told, Refusal) else Reply(value=Acknowledged())


def make_user(call: Call) -> Handled:
    """Make a user."""
    form = call.body_as(UserForm)
    command = MakeUser(name=form.name, roles=form.roles, scope=form.scope.scope)
    return _issued(call.bank.identity.users.make(call.asked(msgspec.to_builtins(form)), command), form.name)


def make_client(call: Call) -> Handled:
    """Make a client."""
    form = call.body_as(ClientForm)
    command = MakeClient(
        name=form.name,
        channel=form.channel,
        roles=form.roles,
        scope=form.scope.scope,
        certificate=form.certificate,
    )
    return _issued(call.bank.identity.clients.make(call.asked(msgspec.to_builtins(form)), command), form.name)


def enable_user(call: Call) -> Handled:
    """Let a user in, or no more."""
    name, form = call.params_as(NameParams).name, call.body_as(EnabledForm)
    asked = call.asked({"name": name, "enabled": form.enabled})
    return _done(call.bank.identity.users.set_enabled(asked, EnableUser(name=name, enabled=form.enabled)))


def enable_client(call: Call) -> Handled:
    """Let a client in, or no more."""
    name, form = call.params_as(NameParams).name, call.body_as(EnabledForm)
    asked = call.asked({"name": name, "enabled": form.enabled})
    return _done(call.bank.identity.clients.set_enabled(asked, EnableClient(name=name, enabled=form.enabled)))


def renew_secret(call: Call) -> Handled:
    """Give a user a new one-time secret."""
    name = call.params_as(NameParams).name
    return _issued(call.bank.identity.users.renew_secret(call.asked({"name": name}), RenewSecret(name=name)), name)


def reset_factor(call: Call) -> Handled:
    """Take the second factor from a user who lost it."""
    name = call.params_as(NameParams).name
    return _done(call.bank.identity.second_factor.reset(call.asked({"name": name}), ResetFactor(name=name)))


def end_sessions(call: Call) -> Handled:
    """End all sessions of a user."""
    name = call.params_as(NameParams).name
    return _done(call.bank.identity.sessions.end_all(call.asked({"name": name}), name))


def add_secret(call: Call) -> Handled:
    """Give a client a second secret."""
    name = call.params_as(NameParams).name
    return _issued(call.bank.identity.clients.add_secret(call.asked({"name": name}), AddSecret(name=name)), name)


def end_secret(call: Call) -> Handled:
    """End the older of a client's two secrets."""
    name = call.params_as(NameParams).name
    return _done(call.bank.identity.clients.end_secret(call.asked({"name": name}), EndSecret(name=name)))


def bind_client(call: Call) -> Handled:
    """Bind a client to a certificate."""
    name, form = call.params_as(NameParams).name, call.body_as(CertificateForm)
    asked = call.asked({"name": name, "certificate": form.certificate})
    return _done(call.bank.identity.clients.bind(asked, BindClient(name=name, certificate=form.certificate)))


def _granted(call: Call, kind: ActorKind) -> Handled:
    name, form = call.params_as(NameParams).name, call.body_as(GrantForm)
    asked = call.asked({"name": name, **msgspec.to_builtins(form)})
    return _done(
        call.bank.identity.roles.grant(asked, Grant(kind=kind, name=name, roles=form.roles, scope=form.scope.scope))
    )


def grant_user(call: Call) -> Handled:
    """Say which roles a user has."""
    return _granted(call, ActorKind.USER)


def grant_client(call: Call) -> Handled:
    """Say which roles a client has."""
    return _granted(call, ActorKind.CLIENT)


# --- roles and rules


def list_roles(call: Call) -> Handled:
    """List roles."""
    return Reply(value=RoleList(tuple(_role_card(role) for role in call.bank.identity.roles.all())))


def _role_card(role: Role) -> RoleCard:
    limits = {code: LimitsForm(one.single_minor, one.daily_minor) for code, one in role.limits.items()}
    return RoleCard(role.name, role.english, role.chinese, tuple(sorted(map(str, role.permissions))), limits)


def put_role(call: Call) -> Handled:
    """Make a role, or change it."""
    name, form = call.params_as(NameParams).name, call.body_as(RoleForm)
    role = Role(
        name=name,
        english=form.english,
        chinese=form.chinese,
        permissions=frozenset(form.permissions),
        limits={code: Limits(one.single_minor, one.daily_minor) for code, one in form.limits.items()},
        scope=form.scope.scope,
    )
    told = call.bank.identity.roles.put(call.asked({"name": name, **msgspec.to_builtins(form)}), role)
    return told if isinstance(told, Refusal) else Reply(value=_role_card(role))


def remove_role(call: Call) -> Handled:
    """Remove a role that nobody has."""
    name = call.params_as(NameParams).name
    return _done(call.bank.identity.roles.remove(call.asked({"name": name}), RoleGone(name)))


def list_rules(call: Call) -> Handled:
    """List the rules of second persons."""
    return Reply(value=RuleList(tuple(_rule_card(rule) for rule in call.bank.identity.rules.all())))


def _rule_card(rule: ApprovalRule) -> RuleCard:
    thresholds = None if rule.thresholds is None else dict(rule.thresholds)
    return RuleCard(rule.pattern, tuple(sorted(map(str, rule.kinds))), thresholds)


def put_rule(call: Call) -> Handled:
    """Make a rule, or change it."""
    pattern, form = call.params_as(PatternParams).pattern, call.body_as(RuleForm)
    kinds = frozenset(ActorKind(kind) for kind in form.kinds)
    rule = ApprovalRule(pattern=pattern, kinds=kinds, thresholds=form.thresholds)
    told = call.bank.identity.rules.put(call.asked({"pattern": pattern, **msgspec.to_builtins(form)}), rule)
    return told if isinstance(told, Refusal) else Reply(value=_rule_card(rule))


def remove_rule(call: Call) -> Handled:
    """Remove a rule."""
    pattern = call.params_as(PatternParams).pattern
    return _done(call.bank.identity.rules.remove(call.asked({"pattern": pattern}), RuleGone(pattern)))


# --- emergencies


def open_emergency(call: Call) -> Handled:
    """Break the glass."""
    form = call.body_as(EmergencyForm)
    asked = msgspec.structs.replace(call.asked({"minutes": form.minutes}), why=form.why)
    told = call.bank.identity.break_glass.open(asked, call.principal, form.minutes)
    if isinstance(told, Refusal):
        return told
    opened = told.read(EmergencyOpened)
    return Reply(value=EmergencyAnswer(opened.id, datetime_from_us(opened.ends_at)))


def end_emergency(call: Call) -> Handled:
    """End one's own emergency before its time."""
    return _done(call.bank.identity.break_glass.end(call.asked(), call.principal))


def list_emergencies(call: Call) -> Handled:
    """List emergencies."""
    found = call.bank.identity.break_glass.list(reviewed_too=call.params_as(EmergenciesParams).reviewed)
    return Reply(value=EmergencyList(tuple(_emergency_card(one) for one in found)))


def _emergency_card(one: Emergency) -> EmergencyCard:
    began, ends = datetime_from_us(one.opened_at), datetime_from_us(one.ends_at)
    return EmergencyCard(one.id, one.name, one.why, began, ends, one.reviewer, one.finding)


def review_emergency(call: Call) -> Handled:
    """Note what another found of an emergency."""
    which, form = call.params_as(EmergencyParams).emergency, call.body_as(FindingForm)
    asked = msgspec.structs.replace(call.asked({"emergency": str(which)}), why=form.finding)
    return _done(call.bank.identity.break_glass.review(asked, call.principal, which))
