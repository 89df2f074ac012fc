"""What goes in and out of the handlers that say who may do what."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from yinhe.access.permissions import Permission
from yinhe.access.principal import Scope
from yinhe.api.forms import Cursor
from yinhe.identity.clients import PAGE_MAX

PrincipalName = Annotated[str, msgspec.Meta(max_length=60, description="Small letters, digits, points and hyphens.")]
RoleNames = Annotated[tuple[Annotated[str, msgspec.Meta(max_length=60)], ...], msgspec.Meta(max_length=50)]
Minor = Annotated[int, msgspec.Meta(ge=0, le=2**62)]


class NameParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which user, client or role."""

    name: PrincipalName


class PrincipalsParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which page."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_MAX)] = 100
    cursor: Cursor = ""


class PatternParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which rule."""

    pattern: Annotated[str, msgspec.Meta(max_length=80, examples=["contract.open"])]


class EmergencyParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which emergency."""

    emergency: UUID


class EmergenciesParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which emergencies."""

    reviewed: Annotated[bool, msgspec.Meta(description="With those that were reviewed.")] = False


class ScopeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is reached; what is not named is not limited."""

    parties: Annotated[tuple[Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)], ...], msgspec.Meta(max_length=1000)] | (
        None
    ) = None
    branches: Annotated[tuple[Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)], ...], msgspec.Meta(max_length=1000)] | (
        None
    ) = None
    products: RoleNames | None = None

    @property
    def scope(self) -> Scope:
        """As it is granted."""
        return Scope(
            None if self.parties is None else frozenset(self.parties),
            None if self.branches is None else frozenset(self.branches),
            None if self.products is None else frozenset(self.products),
        )


class UserForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A user to make."""

    name: PrincipalName
    roles: RoleNames = ()
    scope: ScopeForm = ScopeForm()


class ClientForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An API client to make."""

    name: PrincipalName
    roles: RoleNames = ()
    scope: ScopeForm = ScopeForm()
    channel: Annotated[str, msgspec.Meta(max_length=20, examples=["mobile", "partner"])] = "partner"
    certificate: Annotated[
        str, msgspec.Meta(max_length=64, description="SHA-256 of its certificate, base64url, to bind its tokens to.")
    ] = ""


class EnabledForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether it is let in."""

    enabled: bool


class CertificateForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The certificate tokens are bound to; empty for none."""

    certificate: Annotated[str, msgspec.Meta(max_length=64)]


class GrantForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The roles it has from now on, and no others."""

    roles: RoleNames
    scope: ScopeForm = ScopeForm()


class LimitsForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Most in one command and in one business date, in minor units of the currency."""

    single_minor: Minor
    daily_minor: Minor


class RoleForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a role grants."""

    permissions: Annotated[tuple[Permission, ...], msgspec.Meta(max_length=100)]
    limits: Annotated[dict[str, LimitsForm], msgspec.Meta(description="By currency; `*` for those not named.")] = {}
    english: Annotated[str, msgspec.Meta(max_length=200)] = ""
    chinese: Annotated[str, msgspec.Meta(max_length=200)] = ""
    scope: ScopeForm = ScopeForm()


class RuleForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a command needs a second person."""

    kinds: Annotated[tuple[Literal["user", "client"], ...], msgspec.Meta(min_length=1, max_length=2)]
    thresholds: Annotated[
        dict[str, Minor] | None,
        msgspec.Meta(description="From this amount on, in minor units by currency; null: always."),
    ] = None


class EmergencyForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how long, and why."""

    minutes: Annotated[int, msgspec.Meta(ge=1, le=60)]
    why: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class FindingForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was found."""

    finding: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class PrincipalCard(msgspec.Struct, frozen=True, kw_only=True):
    """A user or a client."""

    number: int
    name: str
    enabled: bool
    roles: tuple[str, ...]
    scope: dict[str, list[Any] | None]
    must_change_secret: bool | None = None
    second_factor: bool | None = None
    last_opened_at: datetime | None = None
    channel: str | None = None
    bound: bool | None = None
    """Of a client: whether its tokens are bound to a certificate."""


class PrincipalList(msgspec.Struct, frozen=True):
    """A page of users or clients, by name."""

    items: tuple[PrincipalCard, ...]
    next: str | None


class SecretAnswer(msgspec.Struct, frozen=True):
    """What was made, and its secret: shown once, and for a dry run or a repetition not at all."""

    name: str
    secret: str | None


class RoleCard(msgspec.Struct, frozen=True):
    """A role."""

    name: str
    english: str
    chinese: str
    permissions: tuple[str, ...]
    limits: dict[str, LimitsForm]


class RoleList(msgspec.Struct, frozen=True):
    """Every role."""

    items: tuple[RoleCard, ...]


class RuleCard(msgspec.Struct, frozen=True):
    """When a command needs a second person."""

    pattern: str
    kinds: tuple[str, ...]
    thresholds: dict[str, int] | None


class RuleList(msgspec.Struct, frozen=True):
    """Every rule."""

    items: tuple[RuleCard, ...]


class EmergencyAnswer(msgspec.Struct, frozen=True):
    """An emergency that was opened."""

    emergency: UUID
    ends_at: datetime


class EmergencyCard(msgspec.Struct, frozen=True):
    """One use of break-glass."""

    emergency: UUID
    user: str
    why: str
    opened_at: datetime
    ends_at: datetime
    reviewer: str | None
    finding: str | None


class EmergencyList(msgspec.Struct, frozen=True):
    """Uses of break-glass, the newest first."""

    items: tuple[EmergencyCard, ...]
