"""Roles: named sets of permissions with limits and a scope; what several of them give together."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from yinhe.access.deciding import joined, narrowed
from yinhe.access.permissions import Permission
from yinhe.access.principal import NO_LIMIT, OTHER_CURRENCIES, Limits, Scope
from yinhe.access.refusals import AccessRefusal
from yinhe.kernel.currency import currency
from yinhe.kernel.errors import UnknownCurrencyError
from yinhe.kernel.refusals import Refusal

NAME: Final = re.compile(r"[a-z][a-z0-9.-]{1,39}")
"""What a user, a client or a role may be called."""
TEXT_MAX: Final = 200
SCOPE_MAX: Final = 10_000
"""Objects of one kind a scope names at most."""
ROLES_MAX: Final = 20
"""Roles a principal has at most."""

NOTHING: Final = Limits(0, 0)
"""The limits of a currency no role names."""

MOVES_MONEY: Final = frozenset(
    {
        Permission.CONTRACT_OPEN,
        Permission.CONTRACT_SERVE,
        Permission.CONTRACT_AMEND,
        Permission.TRANSFER_POST,
        Permission.TRANSFER_REVERSE,
        Permission.HOLD_PLACE,
        Permission.ACCOUNT_CONTROL,
        Permission.LOAN_AGREE,
        Permission.LOAN_SERVE,
        Permission.LOAN_ARRANGE,
        Permission.PAYMENT_SEND,
        Permission.PAYMENT_RECEIVE,
    }
)
"""What moves customers' money or changes how far it may be moved."""
APART: Final = {Permission.ACCESS_WRITE: MOVES_MONEY | {Permission.BREAK_GLASS}}
"""Separation of duties: who has the one may have none of the others, whatever roles they come from."""


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A named set of permissions; `limits` by currency code in minor units, "*" for those not named; none: nothing."""

    name: str
    english: str = ""
    chinese: str = ""
    permissions: frozenset[Permission]
    limits: Mapping[str, Limits] = {}
    scope: Scope = Scope()


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """What roles give together."""

    permissions: frozenset[Permission]
    limits: Limits
    """In currencies that `currency_limits` does not name."""
    currency_limits: tuple[tuple[str, Limits], ...]
    scope: Scope


def granted(roles: Iterable[Role], scope: Scope) -> Granted:
    """What roles give together: all their permissions, the widest limits, the union of scopes, narrowed to `scope`.

    Each of the three is joined for itself: a permission of one role holds with the limits of another. Whoever wants
    them apart grants them to two principals.
    """
    held = tuple(roles)
    named = sorted({code for role in held for code in role.limits if code != OTHER_CURRENCIES})
    return Granted(
        permissions=frozenset[Permission]().union(*(role.permissions for role in held)),
        limits=_widest(held, OTHER_CURRENCIES),
        currency_limits=tuple((code, _widest(held, code)) for code in named),
        scope=narrowed(joined(tuple(role.scope for role in held)), scope),
    )


def _widest(roles: tuple[Role, ...], code: str) -> Limits:
    found = [role.limits.get(code) or role.limits.get(OTHER_CURRENCIES) or NOTHING for role in roles]
    return Limits(
        max((limits.single_minor for limits in found), default=0),
        max((limits.daily_minor for limits in found), default=0),
    )


def not_separate(permissions: frozenset[Permission]) -> tuple[Permission, Permission] | None:
    """Two permissions that nobody may have together, if they are there."""
    for one, others in APART.items():
        if one in permissions and (both := sorted(others & permissions)):
            return one, both[0]
    return None


def separation(permissions: frozenset[Permission]) -> Refusal | None:
    """The refusal of permissions that may not be held together."""
    pair = not_separate(permissions)
    return pair and Refusal(AccessRefusal.DUTIES_NOT_SEPARATE, f"{pair[0]}, {pair[1]}")


def wrong_with(role: Role) -> Refusal | None:
    """What is wrong with a role taken by itself."""
    if not NAME.fullmatch(role.name):
        return Refusal(AccessRefusal.NAME_MALFORMED)
    if not (is_text(role.english, TEXT_MAX) and is_text(role.chinese, TEXT_MAX)):
        return Refusal(AccessRefusal.TEXT_MALFORMED, "english, chinese")
    for code, limits in role.limits.items():
        known = code == OTHER_CURRENCIES or is_currency(code)
        if not (known and 0 <= limits.single_minor <= NO_LIMIT and 0 <= limits.daily_minor <= NO_LIMIT):
            return Refusal(AccessRefusal.LIMITS_MALFORMED, code[:3])
    return wrong_with_scope(role.scope) or separation(role.permissions)


def wrong_with_scope(scope: Scope) -> Refusal | None:
    """What is wrong with a scope."""
    if any(names is not None and len(names) > SCOPE_MAX for names in (scope.parties, scope.branches, scope.products)):
        return Refusal(AccessRefusal.SCOPE_TOO_LARGE)
    return None


def is_currency(code: str) -> bool:
    """Whether a text is the code of a currency."""
    try:
        currency(code)
    except UnknownCurrencyError:
        return False
    return True


def is_text(text: str, most: int, least: int = 0) -> bool:
    """Whether a text has `least..most` characters, none of them a control, format or unassigned one."""
    return least <= len(text.strip()) and len(text) <= most and not any(unicodedata.category(c)[0] == "C" for c in text)
