"""The part of the table of routes that says who may do what."""

from typing import Any, Final

from yinhe.access.permissions import Permission
from yinhe.api.handlers import access as does
from yinhe.api.handlers import access_forms as forms
from yinhe.api.handlers.sessions import Acknowledged
from yinhe.api.route import Route


def _reads(name: str, path: str, summary: str, handler: Any, answer: Any, params: Any = None) -> Route:
    return Route(
        method="GET",
        path=path,
        name=name,
        tag="access",
        summary=summary,
        permission=Permission.ACCESS_READ,
        handler=handler,
        params=params,
        answer=answer,
    )


def _does(name: str, path: str, action: str, summary: str, handler: Any, **more: Any) -> Route:
    return Route(
        method=more.pop("method", "POST"),
        path=path,
        name=name,
        tag="access",
        summary=summary,
        permission=more.pop("permission", Permission.ACCESS_WRITE),
        handler=handler,
        answer=more.pop("answer", Acknowledged),
        action=action,
        **more,
    )


_NAMED: Final[dict[str, Any]] = {"params": forms.NameParams}
_PUT: Final[dict[str, Any]] = {"method": "PUT"}
_SECRET: Final[dict[str, Any]] = {"answer": forms.SecretAnswer}
_GRANT: Final = forms.GrantForm(("teller",))
_LIMITS: Final = {"CNY": forms.LimitsForm(50_000_000, 500_000_000)}

ROUTES: Final = (
    _reads("listUsers", "/v1/users", "Users by name.", does.list_users, forms.PrincipalList, forms.PrincipalsParams),
    _does(
        "makeUser",
        "/v1/users",
        "user.make",
        "Make a user; the one-time secret is shown once.",
        does.make_user,
        body=forms.UserForm,
        status=201,
        example=forms.UserForm("teller-7", ("teller",)),
        **_SECRET,
    ),
    _does(
        "enableUser",
        "/v1/users/{name}/enabled",
        "user.enable",
        "Let a user in again, or no more: its sessions end.",
        does.enable_user,
        body=forms.EnabledForm,
        example=forms.EnabledForm(False),
        **_PUT,
        **_NAMED,
    ),
    _does(
        "grantUser",
        "/v1/users/{name}/roles",
        "user.grant",
        "Say which roles a user has, and no others.",
        does.grant_user,
        body=forms.GrantForm,
        example=_GRANT,
        **_PUT,
        **_NAMED,
    ),
    _does(
        "renewUserSecret",
        "/v1/users/{name}/secret",
        "user.renew_secret",
        "A new one-time secret for a user that forgot its password.",
        does.renew_secret,
        **_NAMED,
        **_SECRET,
    ),
    _does(
        "resetUserFactor",
        "/v1/users/{name}/second-factor-reset",
        "user.reset_factor",
        "Take the second factor from a user who lost it.",
        does.reset_factor,
        **_NAMED,
    ),
    _does(
        "endUserSessions",
        "/v1/users/{name}/log-out",
        "user.end_sessions",
        "End all sessions of a user.",
        does.end_sessions,
        **_NAMED,
    ),
    _reads(
        "listClients", "/v1/clients", "Clients by name.", does.list_clients, forms.PrincipalList, forms.PrincipalsParams
    ),
    _does(
        "makeClient",
        "/v1/clients",
        "client.make",
        "Make an API client; its secret is shown once.",
        does.make_client,
        body=forms.ClientForm,
        status=201,
        example=forms.ClientForm("mobile-bank", ("integrator",), channel="mobile"),
        **_SECRET,
    ),
    _does(
        "enableClient",
        "/v1/clients/{name}/enabled",
        "client.enable",
        "Let a client in again, or no more: its tokens end.",
        does.enable_client,
        body=forms.EnabledForm,
        example=forms.EnabledForm(False),
        **_PUT,
        **_NAMED,
    ),
    _does(
        "grantClient",
        "/v1/clients/{name}/roles",
        "client.grant",
        "Say which roles a client has, and no others.",
        does.grant_client,
        body=forms.GrantForm,
        example=forms.GrantForm(("integrator",)),
        **_PUT,
        **_NAMED,
    ),
    _does(
        "bindClient",
        "/v1/clients/{name}/certificate",
        "client.bind",
        "Bind a client's tokens to its certificate (RFC 8705), or to none.",
        does.bind_client,
        body=forms.CertificateForm,
        example=forms.CertificateForm(""),
        **_PUT,
        **_NAMED,
    ),
    _does(
        "addClientSecret",
        "/v1/clients/{name}/secrets",
        "client.add_secret",
        "A second secret for a client, beside the first.",
        does.add_secret,
        **_NAMED,
        **_SECRET,
    ),
    _does(
        "endClientSecret",
        "/v1/clients/{name}/secrets/end",
        "client.end_secret",
        "End the older of a client's two secrets.",
        does.end_secret,
        **_NAMED,
    ),
    _reads("listRoles", "/v1/roles", "Every role with its permissions and limits.", does.list_roles, forms.RoleList),
    _does(
        "putRole",
        "/v1/roles/{name}",
        "role.put",
        "Make a role, or change it for all who have it.",
        does.put_role,
        body=forms.RoleForm,
        answer=forms.RoleCard,
        example=forms.RoleForm((Permission.PARTY_READ, Permission.TRANSFER_POST), _LIMITS, "branch clerk", "柜员"),
        **_PUT,
        **_NAMED,
    ),
    _does(
        "removeRole",
        "/v1/roles/{name}",
        "role.remove",
        "Remove a role nobody has.",
        does.remove_role,
        method="DELETE",
        **_NAMED,
    ),
    _reads("listRules", "/v1/approval-rules", "When commands need a second person.", does.list_rules, forms.RuleList),
    _does(
        "putRule",
        "/v1/approval-rules/{pattern}",
        "rule.put",
        "Make a rule of when a command needs a second person, or change it.",
        does.put_rule,
        params=forms.PatternParams,
        body=forms.RuleForm,
        answer=forms.RuleCard,
        example=forms.RuleForm(("user",), {"CNY": 5_000_000}),
        **_PUT,
    ),
    _does(
        "removeRule",
        "/v1/approval-rules/{pattern}",
        "rule.remove",
        "Remove a rule.",
        does.remove_rule,
        method="DELETE",
        params=forms.PatternParams,
    ),
    _reads(
        "listEmergencies",
        "/v1/emergencies",
        "Uses of break-glass, the newest first; those nobody reviewed unless all are asked for.",
        does.list_emergencies,
        forms.EmergencyList,
        forms.EmergenciesParams,
    ),
    _does(
        "openEmergency",
        "/v1/emergencies",
        "access.break_glass",
        "Take every permission but that over access, for at most an hour; raises an alarm.",
        does.open_emergency,
        permission=Permission.BREAK_GLASS,
        body=forms.EmergencyForm,
        answer=forms.EmergencyAnswer,
        status=201,
        example=forms.EmergencyForm(30, "the night must be taken up and nobody else can be reached"),
    ),
    _does(
        "endEmergency",
        "/v1/emergencies/end",
        "access.break_glass_end",
        "End one's own emergency before its time.",
        does.end_emergency,
        permission=Permission.OWN_SECRET,
    ),
    _does(
        "reviewEmergency",
        "/v1/emergencies/{emergency}/review",
        "access.break_glass_review",
        "Note what another user found of an emergency that is over.",
        does.review_emergency,
        permission=Permission.AUDIT_READ,
        params=forms.EmergencyParams,
        body=forms.FindingForm,
        example=forms.FindingForm("looked at all eleven acts; each was needed"),
    ),
)
