"""Whether a principal may: pure decisions. Whatever is not granted is denied."""

from enum import Enum
from typing import TypeVar

from yinhe.access.permissions import Permission
from yinhe.access.principal import Limits, Principal, Scope
from yinhe.access.refusals import AccessRefusal
from yinhe.kernel.refusals import Refusal

Item = TypeVar("Item")


class NotAsked(Enum):
    """Stands for what an object is not asked for."""

    NOT_ASKED = 0


def allows(principal: Principal, permission: Permission) -> bool:
    """Whether a principal has a permission; as long as its one-time secret is not changed, only to change that."""
    return forbids(principal, permission) is None


def forbids(principal: Principal, permission: Permission) -> Refusal | None:
    """Why a principal may not do what a permission is for; None: it may."""
    if principal.must_change_secret and permission is not Permission.OWN_SECRET:
        return Refusal(AccessRefusal.SECRET_MUST_CHANGE)
    return None if permission in principal.permissions else Refusal(AccessRefusal.NOT_PERMITTED, str(permission))


def within(limits: Limits, amount_minor: int, moved_minor: int = 0) -> Refusal | None:
    """Why an amount is more than limits in its currency allow; None: it is not.

    `moved_minor` is what was moved in this currency on the business date before. Either is 0 or more.
    """
    if amount_minor > limits.single_minor:
        return Refusal(AccessRefusal.OVER_SINGLE_LIMIT)
    if moved_minor + amount_minor > limits.daily_minor:
        return Refusal(AccessRefusal.OVER_DAILY_LIMIT)
    return None


def reaches(
    scope: Scope,
    *,
    party: int | NotAsked | None = NotAsked.NOT_ASKED,
    branch: int | NotAsked | None = NotAsked.NOT_ASKED,
    product: str | NotAsked | None = NotAsked.NOT_ASKED,
) -> bool:
    """Whether a scope reaches an object that belongs to all of what is given.

    None says that the object has no such thing, as the bank's own account has no party: a scope that names parties does
    not reach it. What is left out is not asked, as the branch of a party.
    """
    return _named(scope.parties, party) and _named(scope.branches, branch) and _named(scope.products, product)


def joined(scopes: tuple[Scope, ...]) -> Scope:
    """What any of the scopes reaches, party, branch and product each for itself; no scope: nothing."""
    if not scopes:
        return Scope(frozenset(), frozenset(), frozenset())
    first, *others = scopes
    parties, branches, products = first.parties, first.branches, first.products
    for scope in others:
        parties = None if parties is None or scope.parties is None else parties | scope.parties
        branches = None if branches is None or scope.branches is None else branches | scope.branches
        products = None if products is None or scope.products is None else products | scope.products
    return Scope(parties, branches, products)


def narrowed(scope: Scope, to: Scope) -> Scope:
    """What both scopes reach."""
    return Scope(
        _both(scope.parties, to.parties), _both(scope.branches, to.branches), _both(scope.products, to.products)
    )


def _both(one: frozenset[Item] | None, other: frozenset[Item] | None) -> frozenset[Item] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _named(names: frozenset[Item] | None, item: Item | NotAsked | None) -> bool:
    return names is None or isinstance(item, NotAsked) or (item is not None and item in names)
