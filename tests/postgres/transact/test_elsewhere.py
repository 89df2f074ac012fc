"""What commands of contracts, loans and payments move counts against the same limit as transfers, once, and lasts."""

import threading
from uuid import UUID

import psycopg
import pytest
from tests.postgres.transact.conftest import CNY, Street

from yinhe.access.principal import Limits, Principal
from yinhe.audit.record import ActorKind
from yinhe.kernel.currency import currency
from yinhe.kernel.refusals import Refusal
from yinhe.storage.sessions import Sessions
from yinhe.transact.answers import Posted
from yinhe.transact.caller import Caller, bank_caller, caller_of
from yinhe.transact.elsewhere import KEPT_DAYS, Counted, Elsewhere

USD = currency("USD").number
PAY = "payment.send"


@pytest.fixture
def elsewhere(street: Street) -> Elsewhere:
    return Elsewhere(street.day, street.sessions)


def name_of(refusal: object) -> str:
    return refusal.name if isinstance(refusal, Refusal) else "fine"


def begun(elsewhere: Elsewhere, command: UUID, caller: Caller, amount: int, action: str = PAY) -> Counted:
    counted = elsewhere.begin(command, action, caller, {CNY: amount})
    assert isinstance(counted, Counted), counted
    return counted


def moved(elsewhere: Elsewhere, command: UUID, caller: Caller, amount: int, action: str = PAY) -> None:
    elsewhere.end(begun(elsewhere, command, caller, amount, action), moved=True)


def left(elsewhere: Elsewhere, caller: Caller, amount: int) -> bool:
    """Whether just this amount is left of the limit."""
    over = elsewhere.try_out(caller, {CNY: amount + 1})
    return elsewhere.try_out(caller, {CNY: amount}) is None and name_of(over) == "over_daily_limit"


def counted(street: Street) -> list[tuple[str, int, int]]:
    with street.house.connect() as session:
        return session.execute("SELECT actor, currency, amount FROM moved ORDER BY 1, 2, 3").fetchall()


def test_transfers_and_other_commands_use_up_one_limit(street: Street, elsewhere: Elsewhere) -> None:
    limited = street.caller(daily=100_00)
    assert isinstance(street.ask(street.plain, street.other, 30_00, limited), Posted)
    moved(elsewhere, street.new_id(), limited, 50_00)
    assert name_of(street.ask(street.plain, street.other, 20_01, limited)) == "over_daily_limit"
    assert name_of(elsewhere.begin(street.new_id(), PAY, limited, {CNY: 20_01})) == "over_daily_limit"
    assert left(elsewhere, limited, 20_00)
    assert isinstance(street.ask(street.plain, street.other, 20_00, limited), Posted)
    assert counted(street) == [("user:teller-7", CNY, 50_00)]


def test_what_was_refused_in_the_end_uses_up_nothing(street: Street, elsewhere: Elsewhere) -> None:
    limited = street.caller(daily=100_00)
    for _ in range(3):
        command = begun(elsewhere, street.new_id(), limited, 100_00)
        assert name_of(street.ask(street.plain, street.other, 1, limited)) == "over_daily_limit"
        elsewhere.end(command, moved=False)
    assert counted(street) == []
    assert isinstance(street.ask(street.plain, street.other, 100_00, limited), Posted)


def test_the_same_id_counts_once_and_the_larger_amount(street: Street, elsewhere: Elsewhere) -> None:
    limited, command = street.caller(daily=100_00), street.new_id()
    for amount, more in ((60_00, 40_00), (60_00, 40_00), (5_00, 40_00), (80_00, 20_00)):
        moved(elsewhere, command, limited, amount)
        assert left(elsewhere, limited, more)
    assert name_of(elsewhere.begin(command, PAY, limited, {CNY: 100_01})) == "over_daily_limit"
    # Asked for more and refused by its organ, it counts as before.
    elsewhere.end(begun(elsewhere, command, limited, 90_00), moved=False)
    assert counted(street) == [("user:teller-7", CNY, 80_00)]
    assert left(elsewhere, limited, 20_00)


def test_another_action_or_author_under_the_same_id_is_another_command(street: Street, elsewhere: Elsewhere) -> None:
    limited, command = street.caller(daily=100_00), street.new_id()
    moved(elsewhere, command, limited, 60_00)
    assert name_of(elsewhere.begin(command, "contract.deposit", limited, {CNY: 60_00})) == "over_daily_limit"
    moved(elsewhere, command, limited, 40_00, "contract.deposit")
    other = street.caller("teller-9", daily=50_00)
    assert name_of(elsewhere.begin(command, PAY, other, {CNY: 60_00})) == "over_daily_limit"
    moved(elsewhere, command, other, 50_00)
    assert [amount for _, _, amount in counted(street)] == [40_00, 60_00, 50_00]


def test_at_once_under_one_id_the_second_is_to_ask_again_and_takes_nothing_back(
    street: Street, elsewhere: Elsewhere
) -> None:
    limited, command = street.caller(daily=100_00), street.new_id()
    first = begun(elsewhere, command, limited, 100_00)
    assert name_of(elsewhere.begin(command, PAY, limited, {CNY: 100_00})) == "ask_again"
    assert elsewhere.begin(command, PAY, limited, {}) is None
    assert left(elsewhere, limited, 0)
    elsewhere.end(first, moved=True)
    assert left(elsewhere, limited, 0)
    moved(elsewhere, command, limited, 100_00)


def test_of_many_at_once_no_more_pass_than_the_limit_has_room_for(street: Street, elsewhere: Elsewhere) -> None:
    limited = street.caller(daily=100_00)
    answers: list[str] = []

    def move() -> None:
        begun = elsewhere.begin(street.new_id(), PAY, limited, {CNY: 15_00})
        answers.append(name_of(begun))
        if isinstance(begun, Counted):
            elsewhere.end(begun, moved=True)

    threads = [threading.Thread(target=move) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["fine"] * 6 + ["over_daily_limit"] * 6


def test_a_restart_knows_what_was_counted_also_of_what_nobody_knows_the_fate(street: Street) -> None:
    limited, unsure = street.caller(daily=100_00), street.new_id()
    before = Elsewhere(street.new_day(), street.sessions)
    moved(before, street.new_id(), limited, 30_00)
    begun(before, unsure, limited, 40_00)
    street.day = street.new_day()
    after = Elsewhere(street.day, street.sessions)
    assert name_of(street.ask(street.plain, street.other, 30_01, limited)) == "over_daily_limit"
    assert left(after, limited, 30_00)
    # Asked again, it is not counted again.
    moved(after, unsure, limited, 40_00)
    assert left(after, limited, 30_00)


@pytest.mark.parametrize("is_written", [True, False])
def test_when_the_database_is_lost_on_the_way_it_stays_counted_once(
    street: Street, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, is_written: bool
) -> None:
    limited, command = street.caller(daily=100_00), street.new_id()
    real = Sessions.transaction

    def lost(sessions: Sessions) -> object:
        if is_written:
            with real(sessions) as session:
                session.execute(
                    "INSERT INTO moved SELECT %s, %s, 'user:teller-7', current_date, 1", (street.new_id(), CNY)
                )
        raise psycopg.OperationalError("the connection was lost")

    with monkeypatch.context() as patch:
        patch.setattr(Sessions, "transaction", lost)
        with pytest.raises(psycopg.OperationalError):
            elsewhere.begin(command, PAY, limited, {CNY: 60_00})
    assert left(elsewhere, limited, 40_00)
    moved(elsewhere, command, limited, 60_00)
    assert left(elsewhere, limited, 40_00)


def test_the_next_business_date_begins_anew_and_old_dates_are_forgotten(street: Street, elsewhere: Elsewhere) -> None:
    limited, command = street.caller(daily=100_00), street.new_id()
    moved(elsewhere, command, limited, 60_00)
    late = begun(elsewhere, street.new_id(), limited, 40_00)
    street.ledger.roll_date(street.ledger.business_date + 1)
    # Refused after its date is over, it leaves the new date's sums alone; asked again, what was done is not done anew.
    elsewhere.end(late, moved=False)
    moved(elsewhere, command, limited, 60_00)
    assert left(elsewhere, limited, 100_00)
    street.ledger.roll_date(street.ledger.business_date + KEPT_DAYS)
    Elsewhere(street.new_day(), street.sessions)
    assert counted(street) == []


def test_each_currency_has_its_own_limit_and_one_over_refuses_all(street: Street, elsewhere: Elsewhere) -> None:
    limits = (("USD", Limits(2**62, 10_00)), ("CNY", Limits(2**62, 100_00)))
    principal = Principal(
        kind=ActorKind.CLIENT, number=9, name="partner", permissions=frozenset(), currency_limits=limits
    )
    limited, command = caller_of(principal), street.new_id()
    assert name_of(elsewhere.begin(command, PAY, limited, {CNY: 50_00, USD: 10_01})) == "over_daily_limit"
    assert counted(street) == []
    both = elsewhere.begin(command, PAY, limited, {CNY: 50_00, USD: 10_00})
    assert isinstance(both, Counted)
    elsewhere.end(both, moved=True)
    assert counted(street) == [("client:partner", CNY, 50_00), ("client:partner", USD, 10_00)]


def test_who_has_no_limit_costs_nothing(street: Street, elsewhere: Elsewhere) -> None:
    for caller in (street.anyone, bank_caller()):
        assert elsewhere.begin(street.new_id(), PAY, caller, {CNY: 2**61}) is None
    assert counted(street) == []
