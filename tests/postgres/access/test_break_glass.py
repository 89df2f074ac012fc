"""Break-glass: every permission but one, for an hour at most, with an alarm and a review."""

from uuid import UUID

import msgspec
import pytest
import structlog
from tests.postgres.identity.house import MINUTE, SECOND, House, because

from yinhe.access.break_glass import Opened
from yinhe.access.permissions import Permission
from yinhe.access.principal import NO_LIMIT, Principal, Scope
from yinhe.access.refusals import AccessRefusal as R
from yinhe.audit.desk import Told
from yinhe.audit.record import ActorKind
from yinhe.kernel.refusals import Refusal

REASON = "the clearing waits and nobody else is there"


def user(house: House, name: str, *roles: str) -> tuple[str, Principal]:
    opened = house.user(name, *roles)
    return opened.access_token, house.principal(opened)


def break_glass(house: House, principal: Principal, minutes: int = 60, why: str = REASON) -> Told | Refusal:
    return house.identity.break_glass.open(house.asked("access.open", principal, why=why), principal, minutes)


def review(house: House, principal: Principal, emergency: UUID, why: str = "all four acts were right") -> object:
    asked = house.asked("access.review", principal, why=why)
    return house.identity.break_glass.review(asked, principal, emergency)


def test_in_an_emergency_a_user_may_all_but_make_users_and_every_act_bears_the_mark(house: House) -> None:
    token, operator = user(house, "operator-a", "operator")
    assert Permission.TRANSFER_POST not in operator.permissions
    with structlog.testing.capture_logs() as logs:
        told = break_glass(house, operator, 60)
    assert isinstance(told, Told)
    [alarm] = logs
    assert (alarm["log_level"], alarm["event"]) == ("error", "break_glass_opened")
    assert REASON not in str(alarm)
    principal = house.identity.gate.authenticate(token)
    assert isinstance(principal, Principal)
    assert principal.permissions == frozenset(Permission) - {Permission.ACCESS_WRITE}
    assert principal.emergency
    assert principal.author().emergency
    assert principal.limits_in("CNY").single_minor == NO_LIMIT
    assert principal.scope == Scope()
    record = house.records("access.break_glass")[-1]
    assert (record["why"], record["outcome"]) == (REASON, "done")
    assert because(break_glass(house, principal)) is R.EMERGENCY_OPEN


def test_it_ends_by_itself_to_the_second(house: House) -> None:
    token, operator = user(house, "operator-b", "operator")
    told = break_glass(house, operator, 5)
    assert isinstance(told, Told)
    assert told.read(Opened).ends_at == house.clock.now_us() + 5 * MINUTE
    house.clock.advance(5 * MINUTE - SECOND)
    during = house.identity.gate.authenticate(token)
    house.clock.advance(SECOND)
    after = house.identity.gate.authenticate(token)
    assert isinstance(during, Principal)
    assert isinstance(after, Principal)
    assert during.emergency
    assert not after.emergency
    assert after.permissions == operator.permissions


def test_it_is_ended_before_its_time(house: House) -> None:
    token, operator = user(house, "operator-c", "operator")
    break_glass(house, operator)
    end = house.identity.break_glass.end
    assert isinstance(end(house.asked("access.end", operator), operator), Told)
    after = house.identity.gate.authenticate(token)
    assert isinstance(after, Principal)
    assert not after.emergency
    assert because(end(house.asked("access.end", operator), operator)) is R.EMERGENCY_NOT_OPEN


@pytest.mark.parametrize(
    ("minutes", "why", "refused"),
    [
        (0, REASON, R.EMERGENCY_TOO_LONG),
        (61, REASON, R.EMERGENCY_TOO_LONG),
        (-1, REASON, R.EMERGENCY_TOO_LONG),
        (5, "", R.TEXT_MALFORMED),
        (5, "urgent", R.TEXT_MALFORMED),
        (5, "        \t         ", R.TEXT_MALFORMED),
        (5, "x" * 501, R.TEXT_MALFORMED),
    ],
)
def test_it_takes_a_reason_and_a_time(house: House, minutes: int, why: str, refused: R) -> None:
    operator = house.identity.gate.principal_of(ActorKind.USER, "operator-c")
    assert isinstance(operator, Principal)
    assert because(break_glass(house, operator, minutes, why)) is refused


def test_who_was_not_granted_it_does_not_open_it(house: House) -> None:
    _, teller = user(house, "teller-glass", "teller")
    assert because(break_glass(house, teller)) is R.NOT_PERMITTED
    client = msgspec.structs.replace(teller, kind=ActorKind.CLIENT, permissions=frozenset(Permission))
    assert because(break_glass(house, client)) is R.USERS_ONLY
    assert house.records("access.break_glass")[-1]["outcome"] == "refused"


def test_it_is_listed_until_another_user_has_reviewed_it(house: House) -> None:
    _, operator = user(house, "operator-d", "operator")
    _, auditor = user(house, "auditor-d", "auditor")
    told = break_glass(house, operator, 5)
    assert isinstance(told, Told)
    emergency = told.read(Opened).id
    glass = house.identity.break_glass
    assert emergency in {one.id for one in glass.list()}
    assert because(review(house, auditor, emergency)) is R.EMERGENCY_RUNS
    house.clock.advance(5 * MINUTE)
    own = msgspec.structs.replace(operator, permissions=frozenset(Permission))
    assert because(review(house, own, emergency)) is R.OWN_EMERGENCY
    assert because(review(house, operator, emergency)) is R.NOT_PERMITTED
    assert because(review(house, auditor, emergency, "ok")) is R.TEXT_MALFORMED
    assert because(review(house, auditor, house.ids.next())) is R.EMERGENCY_UNKNOWN
    assert isinstance(review(house, auditor, emergency), Told)
    assert because(review(house, auditor, emergency)) is R.ALREADY_REVIEWED
    assert emergency not in {one.id for one in glass.list()}
    [reviewed] = [one for one in glass.list(reviewed_too=True) if one.id == emergency]
    assert (reviewed.reviewer, reviewed.finding) == ("auditor-d", "all four acts were right")
