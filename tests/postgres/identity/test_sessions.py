"""Sessions and the gate: whoever was let in is known until something about them changes."""

import threading
from typing import Any

import msgspec
import psycopg
import pytest
from tests.postgres.identity.house import ADDRESS, DAY, HOUR, MINUTE, SECOND, House, because

from yinhe.access import role_store
from yinhe.access.permissions import Permission
from yinhe.access.principal import Limits, Principal, Scope
from yinhe.access.roles import Role
from yinhe.access.service import Grant
from yinhe.access.watch import Watch
from yinhe.audit.desk import Told
from yinhe.audit.record import ActorKind
from yinhe.identity import signing, tokens
from yinhe.identity.gate import Gate
from yinhe.identity.refusals import IdentityRefusal as R
from yinhe.identity.service import Identity
from yinhe.identity.sessions import Opened
from yinhe.identity.settings import IdentitySettings
from yinhe.identity.tokens import Claims
from yinhe.identity.users import EnableUser, RenewSecret
from yinhe.kernel.refusals import Refusal
from yinhe.storage.errors import DatabaseUnreachable


def claims_of(house: House, opened: Opened) -> Claims:
    found = tokens.read(opened.access_token, house.identity.keys.find, house.clock.now_us(), IdentitySettings(), None)
    assert isinstance(found, Claims)
    return found


def forged(house: House, opened: Opened, key: Any = None, **fields: Any) -> str:
    """A token with other claims, under the bank's own key unless told otherwise."""
    signer = house.identity.keys.signer()
    return tokens.write(msgspec.structs.replace(claims_of(house, opened), **fields), key or signer.key, signer.kid)


def test_a_principal_has_what_its_roles_give_and_nothing_else(house: House) -> None:
    scope = Scope(branches=frozenset({3}))
    principal = house.principal(house.user("teller-a", "teller", "auditor", scope=scope))
    assert principal.kind is ActorKind.USER
    assert principal.name == "teller-a"
    assert principal.scope == scope
    assert {Permission.TRANSFER_POST, Permission.AUDIT_READ, Permission.OWN_SECRET} <= principal.permissions
    assert Permission.TRANSFER_REVERSE not in principal.permissions
    assert principal.limits_in("CNY") == Limits(50_000_000, 500_000_000)
    assert principal.limits_in("JPY") == Limits(0, 0)
    assert house.principal(house.user("nobody-b")).permissions == {Permission.OWN_SECRET}
    again = house.identity.gate.principal_of(ActorKind.USER, "teller-a")
    assert isinstance(again, Principal)
    assert again.permissions == principal.permissions
    assert because(house.identity.gate.principal_of(ActorKind.CLIENT, "teller-a")) is R.SUBJECT_DISABLED


def test_a_verified_token_is_remembered_until_it_expires(house: House) -> None:
    opened = house.user("teller-c", "teller")
    gate = house.process().gate
    assert gate.remembered(opened.access_token) is None
    first = gate.authenticate(opened.access_token)
    assert gate.authenticate(opened.access_token) is first
    assert gate.remembered(opened.access_token) is first
    house.clock.advance(15 * MINUTE)
    assert gate.remembered(opened.access_token) is None
    assert because(gate.authenticate(opened.access_token)) is R.TOKEN_EXPIRED


def test_the_gate_remembers_so_many_tokens_and_forgets_the_one_not_used_longest(house: House) -> None:
    opened = [house.user(f"teller-lru-{n}", "teller") for n in range(3)]
    identity = house.process()
    settings = IdentitySettings(remembered_max=2)
    gate = Gate(house.sessions, house.clock, identity.watch, identity.keys, settings)
    for n in (0, 1, 0, 2):
        assert isinstance(gate.authenticate(opened[n].access_token), Principal)
    assert [gate.remembered(one.access_token) is not None for one in opened] == [True, False, True]
    assert isinstance(gate.authenticate(opened[1].access_token), Principal)


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"aud": "another"}, R.TOKEN_AUDIENCE),
        ({"iss": "another"}, R.TOKEN_ISSUER),
        ({"exp": 0}, R.TOKEN_EXPIRED),
        ({"nbf": 2**40}, R.TOKEN_TOO_EARLY),
        ({"sub": "user:999999"}, R.SUBJECT_DISABLED),
        ({"sub": "bank:1"}, R.TOKEN_MALFORMED),
        ({"sub": "user:x"}, R.TOKEN_MALFORMED),
        ({"sub": "user"}, R.TOKEN_MALFORMED),
    ],
)
def test_a_token_is_refused_for_what_is_wrong_with_it(house: House, fields: dict[str, Any], refused: R) -> None:
    opened = house.log_in("teller-a")
    assert because(house.identity.gate.authenticate(forged(house, opened, **fields))) is refused


def test_a_token_of_one_user_is_none_of_another_nor_of_a_session_that_is_not_its_own(house: House) -> None:
    mine, other = house.log_in("teller-a"), house.user("teller-d", "supervisor")
    assert because(house.identity.gate.authenticate(forged(house, mine, sub=claims_of(house, other).sub))) is (
        R.SESSION_ENDED
    )
    assert because(house.identity.gate.authenticate(forged(house, mine, key=signing.new_key()))) is R.TOKEN_FORGED


# --- changes are seen at once, or within a second


def changes(house: House, process: Identity, name: str, change: str) -> object:
    match change:
        case "disabled":
            return process.users.set_enabled(house.asked("user.disable"), EnableUser(name=name, enabled=False))
        case "renewed":
            return process.users.renew_secret(house.asked("user.renew_secret"), RenewSecret(name=name))
        case "ended":
            return process.sessions.end_all(house.asked("session.end_all"), name)
        case "granted":
            command = Grant(kind=ActorKind.USER, name=name, roles=("auditor",))
            return process.roles.grant(house.asked("role.grant"), command)
        case _:
            role = Role(name="changing", permissions=frozenset({Permission.LOAN_READ}))
            return process.roles.put(house.asked("role.put"), role)


@pytest.mark.parametrize(
    ("change", "after"),
    [
        ("disabled", R.SUBJECT_DISABLED),
        ("renewed", R.SESSION_ENDED),
        ("ended", R.SESSION_ENDED),
        ("granted", Permission.AUDIT_READ),
        ("role changed", Permission.LOAN_READ),
    ],
)
@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "elsewhere"])
def test_a_change_is_seen_at_once_here_and_within_a_second_from_elsewhere(
    house: House, change: str, after: object, elsewhere: bool
) -> None:
    start = Role(name="changing", permissions=frozenset({Permission.PARTY_READ}))
    assert isinstance(house.identity.roles.put(house.asked("role.put"), start), Told)
    name = f"changed-{change.replace(' ', '-')}-{elsewhere}".lower()
    opened = house.user(name, "changing")
    before = house.principal(opened)
    assert before.permissions == {Permission.PARTY_READ, Permission.OWN_SECRET}
    answer = changes(house, house.other if elsewhere else house.identity, name, change)
    assert not isinstance(answer, Refusal)
    if elsewhere:
        assert house.identity.gate.authenticate(opened.access_token) is before
        house.clock.advance(SECOND)
    found = house.identity.gate.authenticate(opened.access_token)
    if isinstance(after, Permission):
        assert isinstance(found, Principal)
        assert after in found.permissions - before.permissions
    else:
        assert because(found) is after


def test_what_changes_about_one_leaves_the_others_remembered(house: House) -> None:
    one, two = house.user("teller-e", "teller"), house.user("teller-f", "teller")
    kept = house.principal(two)
    house.principal(one)
    changes(house, house.identity, "teller-e", "granted")
    assert house.principal(two) is kept


def test_who_renews_in_time_keeps_everyone_else_from_waiting(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = house.log_in("teller-f")
    house.principal(opened)
    house.clock.advance(SECOND // 2)
    house.identity.watch.renew()
    house.clock.advance(SECOND // 2)
    with monkeypatch.context() as patch:
        patch.setattr(house.sessions, "lend", lambda: pytest.fail("nothing is asked"))
        assert house.identity.gate.remembered(opened.access_token) is not None
        house.principal(opened)


def test_when_the_database_cannot_be_asked_for_changes_nobody_passes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = house.log_in("teller-f")
    house.principal(opened)
    house.clock.advance(SECOND)

    def gone() -> None:
        raise DatabaseUnreachable

    with monkeypatch.context() as patch:
        patch.setattr(house.sessions, "lend", gone)
        with pytest.raises(DatabaseUnreachable):
            house.identity.gate.authenticate(opened.access_token)
        assert house.identity.gate.remembered(opened.access_token) is None
    house.principal(opened)


def test_whatever_the_moment_a_change_is_never_missed(house: House) -> None:
    """Threads authenticate without pause while the user's roles change; after each change nobody sees the old ones."""
    opened = house.user("teller-g", "teller")
    stop, faults = threading.Event(), list[object]()

    def ask() -> None:
        while not stop.is_set():
            found = house.identity.gate.authenticate(opened.access_token)
            if not isinstance(found, Principal):
                faults.append(found)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for number in range(6):
            role, permission = [("auditor", Permission.AUDIT_READ), ("teller", Permission.TRANSFER_POST)][number % 2]
            command = Grant(kind=ActorKind.USER, name="teller-g", roles=(role,))
            assert isinstance(house.identity.roles.grant(house.asked("role.grant"), command), Told)
            for _ in range(5):
                assert permission in house.principal(opened).permissions
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert faults == []


def test_what_was_read_before_a_change_is_not_remembered_after_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = house.user("teller-s", "teller")
    house.identity.watch.look()
    read = role_store.roles_of

    def changed_meanwhile(session: psycopg.Connection, number: int) -> tuple[Role, ...]:
        found = read(session, number)
        monkeypatch.setattr(role_store, "roles_of", read)
        changes(house, house.identity, "teller-s", "granted")
        house.identity.watch.look()
        return found

    monkeypatch.setattr(role_store, "roles_of", changed_meanwhile)
    assert Permission.AUDIT_READ not in house.principal(opened).permissions
    assert Permission.AUDIT_READ in house.principal(opened).permissions


def test_a_change_announced_while_others_are_looked_for_is_looked_for_next(house: House) -> None:
    watch = Watch(house.sessions, house.clock)
    watch.listen(lambda _: watch.announce())
    watch.look()
    assert watch.due_us == 0
    watch.look()
    assert watch.due_us > house.clock.monotonic_us()


# --- the life of a session


def test_a_refresh_token_is_used_once_and_one_that_comes_again_ends_the_session(house: House) -> None:
    opened = house.user("teller-h", "teller")
    refreshed = house.identity.sessions.refresh(opened.refresh_token, address=ADDRESS)
    assert isinstance(refreshed, Opened)
    assert refreshed.session == opened.session
    assert isinstance(house.identity.gate.authenticate(refreshed.access_token), Principal)
    assert because(house.identity.sessions.refresh(opened.refresh_token)) is R.REFRESH_REUSED
    assert because(house.identity.gate.authenticate(refreshed.access_token)) is R.SESSION_ENDED
    assert because(house.identity.gate.authenticate(opened.access_token)) is R.SESSION_ENDED
    assert because(house.identity.sessions.refresh(refreshed.refresh_token)) is R.SESSION_ENDED
    record = house.records("session.end")[-1]
    assert record["author"]["name"] == "teller-h"
    assert record["detail"]["how"] == "refresh token reused"


@pytest.mark.parametrize("token", ["", "r1.", "r1." + "A" * 43, "x" * 100_000])
def test_a_refresh_token_nobody_gave_is_refused(house: House, token: str) -> None:
    assert because(house.identity.sessions.refresh(token)) is R.REFRESH_UNKNOWN


def test_two_at_once_with_one_refresh_token_end_the_session(house: House) -> None:
    opened = house.user("teller-i", "teller")
    answers: list[Opened | Refusal] = []
    threads = [
        threading.Thread(target=lambda: answers.append(house.identity.sessions.refresh(opened.refresh_token)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(answer, Opened) for answer in answers) == 1
    assert because(house.identity.gate.authenticate(opened.access_token)) is R.SESSION_ENDED


def test_a_session_ends_when_idle_and_in_any_case_after_its_time(house: House) -> None:
    idle, busy = house.user("teller-j", "teller"), house.user("teller-k", "teller")
    house.clock.advance(30 * MINUTE)
    assert because(house.identity.sessions.refresh(idle.refresh_token)) is R.SESSION_ENDED
    busy = house.log_in("teller-k")
    current: Opened | Refusal = busy
    for _ in range(12 * 3 - 1):
        house.clock.advance(20 * MINUTE)
        assert isinstance(current, Opened)
        current = house.identity.sessions.refresh(current.refresh_token)
    house.clock.advance(10 * MINUTE)
    assert isinstance(current, Opened)
    last = house.identity.sessions.refresh(current.refresh_token)
    assert isinstance(last, Opened)
    assert last.seconds == 10 * 60
    house.clock.advance(10 * MINUTE)
    assert because(house.identity.sessions.refresh(last.refresh_token)) is R.SESSION_ENDED


def test_a_session_is_refreshed_so_often_and_no_more(house: House) -> None:
    house.user("teller-l", "teller")
    identity = house.process()
    object.__setattr__(identity.sessions, "_settings", IdentitySettings(refreshes_max=3))
    current: Opened | Refusal = house.log_in("teller-l")
    answers: list[bool] = []
    for _ in range(3):
        assert isinstance(current, Opened)
        current = identity.sessions.refresh(current.refresh_token)
        answers.append(isinstance(current, Opened))
    assert answers == [True, True, False]


def test_a_disabled_user_does_not_refresh_and_enabling_again_revives_nothing(house: House) -> None:
    opened = house.user("teller-m", "teller")
    changes(house, house.identity, "teller-m", "disabled")
    assert because(house.identity.sessions.refresh(opened.refresh_token)) is R.SUBJECT_DISABLED
    enable = EnableUser(name="teller-m", enabled=True)
    assert isinstance(house.identity.users.set_enabled(house.asked("user.enable"), enable), Told)
    assert because(house.identity.gate.authenticate(opened.access_token)) is R.SESSION_ENDED
    house.log_in("teller-m")


def test_who_logs_out_is_out_and_only_there(house: House) -> None:
    here, there = house.user("teller-n", "teller"), house.log_in("teller-n")
    principal = house.principal(here)
    assert {one.id for one in house.identity.sessions.list(principal.number)} >= {here.session, there.session}
    assert isinstance(house.identity.sessions.end(house.asked("session.end", principal), principal), Told)
    assert because(house.identity.gate.authenticate(here.access_token)) is R.SESSION_ENDED
    assert isinstance(house.identity.gate.authenticate(there.access_token), Principal)
    assert here.session not in {one.id for one in house.identity.sessions.list(principal.number)}
    twice = house.identity.sessions.end(house.asked("session.end", principal), principal)
    assert because(twice) is R.SESSION_ENDED


def test_nobody_ends_a_session_under_anothers_name(house: House) -> None:
    theirs = house.user("teller-o", "teller")
    house.user("teller-p", "teller")
    ended = house.identity.sessions.end_one(house.asked("session.end"), "teller-p", theirs.session)
    assert because(ended) is R.SESSION_ENDED
    assert isinstance(house.identity.sessions.end_one(house.asked("session.end"), "teller-o", theirs.session), Told)
    assert because(house.identity.gate.authenticate(theirs.access_token)) is R.SESSION_ENDED


def test_one_session_too_many_ends_the_oldest(house: House) -> None:
    first = house.user("teller-q", "teller")
    number = house.principal(first).number
    while len(house.identity.sessions.list(number)) < 10:
        house.log_in("teller-q")
    oldest = house.identity.sessions.list(number)[0].id
    house.log_in("teller-q")
    left = house.identity.sessions.list(number)
    assert len(left) == 10
    assert oldest not in {one.id for one in left}


def test_refresh_tokens_of_sessions_whose_time_is_up_are_dropped(house: House) -> None:
    house.user("teller-r", "teller")
    house.clock.advance(DAY)
    opened = house.log_in("teller-r")
    with house.database.connect() as session:
        rows = session.execute(
            "SELECT r.session FROM identity_refresh r JOIN identity_session s ON s.id = r.session"
            " WHERE s.principal = (SELECT number FROM access_principal WHERE name = 'teller-r')"
        ).fetchall()
    assert rows == [(opened.session,)]


# --- keys


def test_keys_change_by_age_and_are_published_until_their_last_token_has_expired(house: House) -> None:
    opened = house.log_in("teller-a")
    keys = house.identity.keys
    old = keys.signer().kid
    house.clock.advance(30 * DAY)
    new = keys.signer().kid
    assert new != old
    assert [key["kid"] for key in keys.jwks()["keys"]] == [new, old]
    assert keys.find(old) is not None
    assert house.other.keys.signer().kid == new, "another process uses the key that is there"
    house.clock.advance(HOUR)
    assert [key["kid"] for key in keys.jwks()["keys"]] == [new]
    assert keys.find(old) is None
    assert because(house.identity.gate.authenticate(opened.access_token)) is R.TOKEN_KEY_UNKNOWN
    assert house.records("key.rotate")[-1]["object"] == f"key/{new}"
    assert all("d" not in key for key in keys.jwks()["keys"])


def test_a_key_of_another_process_is_found_and_unknown_names_do_not_flood_the_database(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = house.identity.keys
    mine.signer()
    told = house.other.keys.rotate(house.asked("key.rotate"), revoke=False)
    assert isinstance(told, Told)
    house.clock.advance(SECOND)
    assert mine.find(house.other.keys.signer().kid) is not None
    house.clock.advance(SECOND)
    reads: list[int] = []
    read = mine._read
    monkeypatch.setattr(mine, "_read", lambda: (reads.append(1), read()))
    assert [mine.find(f"unknown-{n}") for n in range(50)] == [None] * 50
    assert len(reads) == 1


def test_revoking_the_keys_refuses_all_that_was_signed(house: House) -> None:
    opened = house.log_in("teller-a")
    house.principal(opened)
    assert isinstance(house.other.keys.rotate(house.asked("key.rotate"), revoke=True), Told)
    house.clock.advance(SECOND)
    assert because(house.identity.gate.authenticate(opened.access_token)) is R.TOKEN_KEY_UNKNOWN
    assert isinstance(house.identity.gate.authenticate(house.log_in("teller-a").access_token), Principal)


def test_private_keys_and_factor_secrets_stand_sealed(house: House) -> None:
    with house.database.connect() as session:
        rows = session.execute("SELECT private_key, public_key::text FROM identity_key").fetchall()
    assert rows
    for sealed, public in rows:
        assert b'"d"' not in bytes(sealed)
        assert '"d"' not in public
