"""Logging in: what a user proves itself with, what a failure costs, what stands on record."""

import threading

import msgspec
import pytest
from tests.postgres.identity.house import ADDRESS, DAY, PASSWORD, SECOND, House, because

from yinhe.access.permissions import Permission
from yinhe.access.principal import Principal
from yinhe.access.refusals import AccessRefusal
from yinhe.audit.desk import Told
from yinhe.identity import totp
from yinhe.identity.gate import Gate
from yinhe.identity.issued import Issued
from yinhe.identity.passwords import Passwords
from yinhe.identity.refusals import IdentityRefusal as R
from yinhe.identity.second_factor import Enrolment, RecoveryCodes, ResetFactor
from yinhe.identity.sessions import LogIn, Opened
from yinhe.identity.settings import IdentitySettings
from yinhe.identity.users import ChangePassword, EnableUser, MakeUser, RenewSecret
from yinhe.kernel.refusals import Refusal


def attempt(house: House, name: str, password: str, code: str = "", address: str = "") -> Opened | Refusal:
    return house.identity.sessions.open(LogIn(name=name, password=password, code=code), address=address)


def test_the_first_start_makes_one_administrator_with_a_secret_to_be_changed(house: House) -> None:
    assert house.first_secret is not None
    assert house.identity.first_start() is None
    assert house.process().first_start() is None
    opened = house.log_in("administrator", house.first_secret)
    assert opened.must_change_secret
    principal = house.principal(opened)
    assert principal.must_change_secret
    assert principal.permissions == {Permission.OWN_SECRET}
    command = ChangePassword(current=house.first_secret, new=PASSWORD)
    told = house.identity.users.change_password(house.asked("user.change_password", principal), principal, command)
    assert isinstance(told, Told)
    changed = house.principal(opened)
    assert not changed.must_change_secret
    assert Permission.ACCESS_WRITE in changed.permissions
    assert because(attempt(house, "administrator", house.first_secret)) is R.SECRET_WRONG
    assert not house.log_in("administrator").must_change_secret
    [first] = house.records("user.first")
    assert first["object"] == "user/administrator"


def test_a_secret_is_shown_once_and_written_nowhere(house: House) -> None:
    asked = house.asked("user.make", content={"name": "teller-once"})
    command = MakeUser(name="teller-once", roles=("teller",))
    dry = house.identity.users.make(msgspec.structs.replace(asked, id=house.ids.next(), dry_run=True), command)
    assert isinstance(dry, Issued)
    assert dry.secret is None
    made, again = house.identity.users.make(asked, command), house.identity.users.make(asked, command)
    assert isinstance(made, Issued)
    assert isinstance(again, Issued)
    assert made.secret is not None
    assert again.told.repeated
    assert again.secret is None
    opened = house.log_in("teller-once", made.secret)
    written = house.everything_written()
    for secret in (made.secret, PASSWORD, opened.access_token, opened.refresh_token, house.first_secret):
        assert secret is not None
        assert secret not in written


@pytest.mark.parametrize(
    ("name", "roles", "refused"),
    [
        ("Teller", (), AccessRefusal.NAME_MALFORMED),
        ("t", (), AccessRefusal.NAME_MALFORMED),
        ("teller\n", (), AccessRefusal.NAME_MALFORMED),
        ("administrator", (), AccessRefusal.NAME_TAKEN),
        ("teller-x", ("nobody",), AccessRefusal.ROLE_UNKNOWN),
        ("teller-x", ("administrator", "teller"), AccessRefusal.DUTIES_NOT_SEPARATE),
        ("teller-x", tuple(f"r{n}" for n in range(21)), AccessRefusal.ROLES_TOO_MANY),
    ],
)
def test_a_user_that_cannot_be_is_not_made(
    house: House, name: str, roles: tuple[str, ...], refused: AccessRefusal
) -> None:
    made = house.identity.users.make(house.asked("user.make"), MakeUser(name=name, roles=roles))
    assert because(made) is refused
    assert "teller-x" not in {user.entry.name for user in house.identity.users.list()}


def test_nobody_a_wrong_password_and_a_disabled_user_sound_the_same_and_differ_on_record(house: House) -> None:
    house.user("teller-off", "teller")
    off = EnableUser(name="teller-off", enabled=False)
    assert isinstance(house.identity.users.set_enabled(house.asked("user.disable"), off), Told)
    before = len(house.records("session.open"))
    tries = [("nobody-here", PASSWORD), ("administrator", "x" * 20), ("teller-off", PASSWORD), ("hunter2 hunter2", "")]
    assert {because(attempt(house, name, password)) for name, password in tries} == {R.SECRET_WRONG}
    records = house.records("session.open")[before:]
    assert [(one["outcome"], one["author"]["name"], one["why"]) for one in records] == [
        ("refused", "nobody-here", "user_unknown"),
        ("refused", "administrator", "password_wrong"),
        ("refused", "teller-off", "disabled"),
        ("refused", "(not a name)", "user_unknown"),
    ]
    assert "hunter2" not in house.everything_written()


def test_nobody_costs_as_much_as_a_wrong_password(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[bool] = []
    fits = Passwords.fits

    def counted(self: Passwords, password: str, hashed: str | None) -> bool | Refusal:
        verified.append(hashed is not None)
        return fits(self, password, hashed)

    monkeypatch.setattr(Passwords, "fits", counted)
    attempt(house, "no-such-user", PASSWORD)
    attempt(house, "NOT A NAME", PASSWORD)
    attempt(house, "administrator", "wrong password")
    assert verified == [False, False, True]


def test_after_five_failures_the_next_try_waits_and_the_right_password_too(house: House) -> None:
    house.user("teller-locked", "teller")
    for _ in range(5):
        assert because(attempt(house, "teller-locked", "wrong password")) is R.SECRET_WRONG
    before = len(house.records("session.open"))
    waits = attempt(house, "teller-locked", PASSWORD)
    assert because(waits) is R.TRY_LATER
    assert isinstance(waits, Refusal)
    assert waits.detail == "1 s"
    assert len(house.records("session.open")) == before
    house.clock.advance(SECOND)
    assert because(attempt(house, "teller-locked", "wrong password")) is R.SECRET_WRONG
    house.clock.advance(SECOND)
    assert because(attempt(house, "teller-locked", PASSWORD)) is R.TRY_LATER
    house.clock.advance(SECOND)
    house.log_in("teller-locked")
    assert because(attempt(house, "teller-locked", "wrong password")) is R.SECRET_WRONG
    house.log_in("teller-locked")


def test_a_name_that_is_nobodys_waits_like_any_other(house: House) -> None:
    answers = [because(attempt(house, "phantom", PASSWORD)) for _ in range(6)]
    assert answers == [R.SECRET_WRONG] * 5 + [R.TRY_LATER]


def test_an_address_waits_whatever_names_it_tries_and_a_success_does_not_clear_it(house: House) -> None:
    house.user("teller-nearby", "teller")
    address = "2001:db8::17"
    for number in range(25):
        attempt(house, f"guess-{number}", PASSWORD, address=address)
    assert isinstance(attempt(house, "teller-nearby", PASSWORD, address=address), Opened)
    for number in range(25):
        attempt(house, f"other-{number}", PASSWORD, address="2001:db8::18")
    assert because(attempt(house, "teller-nearby", PASSWORD, address="2001:db8::19")) is R.TRY_LATER
    assert isinstance(attempt(house, "teller-nearby", PASSWORD, address="2001:db8:1::17"), Opened)
    house.clock.advance(2 * DAY)
    assert isinstance(attempt(house, "teller-nearby", PASSWORD, address=address), Opened)


def test_guesses_at_the_same_moment_are_no_more_than_guesses_in_a_row(house: House) -> None:
    house.user("teller-many", "teller")
    answers: list[object] = []
    threads = [
        threading.Thread(target=lambda: answers.append(because(attempt(house, "teller-many", "wrong password"))))
        for _ in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(R.SECRET_WRONG) == 5
    assert answers.count(R.TRY_LATER) == 5


def test_a_one_time_secret_expires(house: House) -> None:
    made = house.identity.users.make(house.asked("user.make"), MakeUser(name="teller-late"))
    assert isinstance(made, Issued)
    assert made.secret is not None
    house.clock.advance(7 * DAY)
    assert because(attempt(house, "teller-late", made.secret)) is R.SECRET_WRONG
    assert house.records("session.open")[-1]["why"] == "one_time_secret_expired"
    renewed = house.identity.users.renew_secret(house.asked("user.renew_secret"), RenewSecret(name="teller-late"))
    assert isinstance(renewed, Issued)
    assert renewed.secret is not None
    assert house.log_in("teller-late", renewed.secret).must_change_secret


def test_a_password_is_changed_by_whoever_knows_it_to_a_sound_one(house: House) -> None:
    principal = house.principal(house.user("teller-change", "teller"))
    elsewhere = house.log_in("teller-change")

    def change(current: str, new: str) -> Told | Refusal:
        asked = house.asked("user.change_password", principal, content={"new": new})
        command = ChangePassword(current=current, new=new)
        return house.identity.users.change_password(asked, principal, command, ADDRESS)

    assert because(change("wrong password", "another sound one 5")) is R.SECRET_WRONG
    assert because(change(PASSWORD, "short")) is R.PASSWORD_TOO_SHORT
    assert because(change(PASSWORD, "teller-change 12345")) is R.PASSWORD_HAS_NAME
    assert because(change(PASSWORD, PASSWORD)) is R.PASSWORD_UNCHANGED
    assert isinstance(change(PASSWORD, "another sound one 5"), Told)
    assert "another sound one 5" not in house.everything_written()
    assert because(house.identity.gate.authenticate(elsewhere.access_token)) is R.SESSION_ENDED
    house.log_in("teller-change", "another sound one 5")


@pytest.mark.parametrize("doing", ["changing", "logging-in"])
def test_what_was_proved_by_a_password_that_was_renewed_meanwhile_does_not_count(
    house: House, monkeypatch: pytest.MonkeyPatch, doing: str
) -> None:
    name = f"teller-{doing}"
    principal = house.principal(house.user(name, "teller"))
    fits = Passwords.fits

    def renewed_meanwhile(self: Passwords, password: str, hashed: str | None) -> bool | Refusal:
        found = fits(self, password, hashed)
        monkeypatch.setattr(Passwords, "fits", fits)
        renewed = house.identity.users.renew_secret(house.asked("user.renew_secret"), RenewSecret(name=name))
        assert isinstance(renewed, Issued)
        return found

    monkeypatch.setattr(Passwords, "fits", renewed_meanwhile)
    if doing == "changing":
        asked = house.asked("user.change_password", principal)
        command = ChangePassword(current=PASSWORD, new="another sound one 5")
        answer: object = house.identity.users.change_password(asked, principal, command)
    else:
        answer = attempt(house, name, PASSWORD)
    assert because(answer) is R.SECRET_WRONG


def test_a_password_is_hashed_anew_when_the_parameters_were_changed(house: House) -> None:
    house.user("teller-hash", "teller")

    def hashed() -> str:
        with house.database.connect() as session:
            row = session.execute(
                "SELECT password_hash FROM identity_user u JOIN access_principal p ON p.number = u.principal"
                " WHERE p.name = 'teller-hash'"
            ).fetchone()
        assert row is not None
        return str(row[0])

    assert "m=64," in hashed()
    stronger = house.process()
    object.__setattr__(stronger.sessions, "_passwords", Passwords(memory_kib=128, passes=1))
    assert isinstance(stronger.sessions.open(LogIn(name="teller-hash", password=PASSWORD)), Opened)
    assert "m=128," in hashed()
    house.log_in("teller-hash")


# --- the second factor


def enrol(house: House, name: str) -> tuple[str, tuple[str, ...]]:
    principal = house.principal(house.user(name, "teller"))
    factor = house.identity.second_factor
    begun = factor.begin(house.asked("user.begin_factor", principal), principal, PASSWORD)
    assert isinstance(begun, Enrolment)
    assert begun.secret is not None
    assert isinstance(attempt(house, name, PASSWORD), Opened), "it counts only once it is confirmed"
    confirm = house.asked("user.confirm_factor", principal)
    wrong = factor.confirm(house.asked("user.confirm_factor", principal), principal, "000000")
    assert because(wrong) is R.CODE_WRONG
    codes = factor.confirm(confirm, principal, totp.code_at(begun.secret, house.clock.now_us()))
    assert isinstance(codes, RecoveryCodes)
    house.clock.advance(30 * SECOND)
    return begun.secret, codes.codes


def test_a_code_is_needed_once_enrolled_and_works_once(house: House) -> None:
    secret, _ = enrol(house, "teller-totp")
    code = totp.code_at(secret, house.clock.now_us())
    assert because(attempt(house, "teller-totp", PASSWORD)) is R.CODE_NEEDED
    assert because(attempt(house, "teller-totp", "wrong password", code)) is R.SECRET_WRONG
    assert isinstance(attempt(house, "teller-totp", PASSWORD, code), Opened)
    assert because(attempt(house, "teller-totp", PASSWORD, code)) is R.CODE_WRONG
    assert house.records("session.open")[-1]["why"] == "code_wrong"
    assert secret not in house.everything_written()


def test_what_needs_a_second_factor_is_not_there_without_one(house: House) -> None:
    _, codes = enrol(house, "teller-strong")
    plain = house.user("teller-weak", "teller")
    strong = house.log_in("teller-strong", code=codes[0])
    identity = house.process()
    settings = IdentitySettings(factor_needed=frozenset({Permission.TRANSFER_POST}))
    gate = Gate(house.sessions, house.clock, identity.watch, identity.keys, settings)
    found = {opened.session: gate.authenticate(opened.access_token) for opened in (plain, strong)}
    allowed = [isinstance(one, Principal) and Permission.TRANSFER_POST in one.permissions for one in found.values()]
    assert allowed == [False, True]


def test_codes_are_not_guessed_by_asking_without_one_in_between(house: House) -> None:
    enrol(house, "teller-guess")
    answers: list[object] = []
    for _ in range(5):
        answers.append(because(attempt(house, "teller-guess", PASSWORD, "000000")))
        answers.append(because(attempt(house, "teller-guess", PASSWORD)))
    assert answers[:8] == [R.CODE_WRONG, R.CODE_NEEDED] * 4
    assert because(attempt(house, "teller-guess", PASSWORD, "000000")) is R.TRY_LATER


def test_two_at_once_with_one_code_open_one_session(house: House) -> None:
    secret, _ = enrol(house, "teller-twice")
    code = totp.code_at(secret, house.clock.now_us())
    answers: list[Opened | Refusal] = []
    threads = [
        threading.Thread(target=lambda: answers.append(attempt(house, "teller-twice", PASSWORD, code)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(answer, Opened) for answer in answers) == 1


def test_a_recovery_code_stands_in_once(house: House) -> None:
    _, codes = enrol(house, "teller-recovery")
    assert isinstance(attempt(house, "teller-recovery", PASSWORD, codes[0].upper()), Opened)
    assert because(attempt(house, "teller-recovery", PASSWORD, codes[0])) is R.CODE_WRONG
    assert isinstance(attempt(house, "teller-recovery", PASSWORD, codes[1]), Opened)
    [user] = [user for user in house.identity.users.list() if user.entry.name == "teller-recovery"]
    assert user.state.second_factor
    assert user.state.recovery_codes_left == 8


def test_a_factor_is_removed_with_its_code_or_by_an_administrator_for_another(house: House) -> None:
    secret, _ = enrol(house, "teller-remove")
    factor = house.identity.second_factor
    principal = house.principal(house.log_in("teller-remove", code=totp.code_at(secret, house.clock.now_us())))
    asked = house.asked("user.remove_factor", principal)
    assert because(factor.begin(house.asked("user.begin_factor", principal), principal, PASSWORD)) is R.FACTOR_ALREADY
    assert because(factor.remove(asked, principal, PASSWORD, "000000")) is R.CODE_WRONG
    own = factor.reset(house.asked("user.reset_factor", principal), ResetFactor(name="teller-remove"))
    assert because(own) is AccessRefusal.OWN_ACCESS
    assert isinstance(factor.reset(house.asked("user.reset_factor"), ResetFactor(name="teller-remove")), Told)
    assert isinstance(attempt(house, "teller-remove", PASSWORD), Opened)
    again = factor.reset(house.asked("user.reset_factor"), ResetFactor(name="teller-remove"))
    assert because(again) is R.FACTOR_NOT_THERE
