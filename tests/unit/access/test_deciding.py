"""What a principal may: whatever is not granted is denied."""

import pytest

from yinhe.access.deciding import NotAsked, allows, forbids, joined, narrowed, reaches, within
from yinhe.access.permissions import Permission
from yinhe.access.principal import NO_LIMIT, Limits, Principal, Scope
from yinhe.access.refusals import AccessRefusal
from yinhe.audit.record import ActorKind

ALL = Scope()
NOTHING = Scope(frozenset(), frozenset(), frozenset())
NOT_ASKED = NotAsked.NOT_ASKED


def principal(*permissions: Permission, must_change: bool = False) -> Principal:
    return Principal(
        kind=ActorKind.USER,
        number=1,
        name="teller-7",
        permissions=frozenset(permissions),
        must_change_secret=must_change,
    )


@pytest.mark.parametrize("permission", Permission)
def test_nobody_may_what_was_not_granted(permission: Permission) -> None:
    nobody = principal()
    refusal = forbids(nobody, permission)
    assert not allows(nobody, permission)
    assert refusal is not None
    assert refusal.because is AccessRefusal.NOT_PERMITTED
    assert refusal.detail == permission


def test_what_was_granted_is_allowed_and_nothing_beside_it() -> None:
    teller = principal(Permission.TRANSFER_POST)
    assert allows(teller, Permission.TRANSFER_POST)
    assert forbids(teller, Permission.TRANSFER_POST) is None
    assert [p for p in Permission if allows(teller, p)] == [Permission.TRANSFER_POST]


def test_with_a_one_time_secret_nothing_is_allowed_but_changing_it() -> None:
    fresh = principal(Permission.TRANSFER_POST, Permission.OWN_SECRET, must_change=True)
    assert [p for p in Permission if allows(fresh, p)] == [Permission.OWN_SECRET]
    refusal = forbids(fresh, Permission.TRANSFER_POST)
    assert not allows(fresh, Permission.TRANSFER_POST)
    assert refusal is not None
    assert refusal.because is AccessRefusal.SECRET_MUST_CHANGE


@pytest.mark.parametrize(
    ("limits", "amount", "moved", "refused"),
    [
        (Limits(100, 500), 100, 0, None),
        (Limits(100, 500), 101, 0, AccessRefusal.OVER_SINGLE_LIMIT),
        (Limits(100, 500), 100, 400, None),
        (Limits(100, 500), 100, 401, AccessRefusal.OVER_DAILY_LIMIT),
        (Limits(0, 0), 1, 0, AccessRefusal.OVER_SINGLE_LIMIT),
        (Limits(0, 0), 0, 0, None),
        (Limits(), NO_LIMIT - 1, 0, None),
    ],
)
def test_an_amount_stays_within_both_limits(
    limits: Limits, amount: int, moved: int, refused: AccessRefusal | None
) -> None:
    refusal = within(limits, amount, moved)
    assert (refusal and refusal.because) is refused


@pytest.mark.parametrize(
    ("scope", "party", "branch", "product", "reached"),
    [
        (ALL, 7, 3, "demand", True),
        (ALL, None, None, None, True),
        (ALL, NOT_ASKED, NOT_ASKED, NOT_ASKED, True),
        (Scope(parties=frozenset({7})), 7, 3, "demand", True),
        (Scope(parties=frozenset({7})), 8, 3, "demand", False),
        (Scope(parties=frozenset({7})), None, 3, "demand", False),
        (Scope(parties=frozenset({7})), NOT_ASKED, 3, "demand", True),
        (Scope(branches=frozenset({3})), 7, 3, NOT_ASKED, True),
        (Scope(branches=frozenset({3})), 7, 4, NOT_ASKED, False),
        (Scope(branches=frozenset({3})), 7, NOT_ASKED, NOT_ASKED, True),
        (Scope(products=frozenset({"demand"})), 7, 3, "notice_7d", False),
        (Scope(frozenset({7}), frozenset({3})), 7, 4, NOT_ASKED, False),
        (NOTHING, 7, NOT_ASKED, NOT_ASKED, False),
    ],
)
def test_a_scope_reaches_what_it_names_and_never_what_belongs_to_nobody(
    scope: Scope, party: object, branch: object, product: object, reached: bool
) -> None:
    assert reaches(scope, party=party, branch=branch, product=product) is reached  # type: ignore[arg-type]


def test_scopes_join_to_what_any_reaches_and_narrow_to_what_both_reach() -> None:
    here, there = Scope(branches=frozenset({1})), Scope(branches=frozenset({2}))
    assert joined((here, there)).branches == {1, 2}
    assert joined((here, ALL)) == ALL
    assert joined(()) == NOTHING
    assert narrowed(ALL, here) == here
    assert narrowed(here, ALL) == here
    assert narrowed(here, there).branches == frozenset()
