"""What commands of contracts, loans and payments move counts against the same limit as transfers, once, and lasts."""

import threading

import pytest
from tests.postgres.transact.conftest import CNY, Street

from yinhe.access.principal import Limits, Principal
from yinhe.audit.record import ActorKind
from yinhe.kernel.currency import currency
from yinhe.kernel.refusals import Refusal
from yinhe.transact.answers import Posted
from yinhe.transact.caller import bank_caller, caller_of
from yinhe.transact.elsewhere import KEPT_DAYS, Elsewhere

USD = currency("USD").number


@pytest.fixture
def elsewhere(street: Street) -> Elsewhere:
    return Elsewhere(street.day, street.sessions)


def name_of(refusal: Refusal | Posted | None) -> str:
    return refusal.name if isinstance(refusal, Refusal) else "fine"


def counted(street: Street) -> list[tuple[str, int, int]]:
    with street.house.connect() as session:
        return session.execute("SELECT actor, currency, amount FROM moved ORDER BY 1, 2, 3").fetchall()


def test_transfers_and_other_commands_use_up_one_limit(street: Street, elsewhere: Elsewhere) -> None:
    limited, first, second = street.caller(daily=100_00), street.new_id(), street.new_id()
    assert name_of(street.ask(street.plain, street.other, 30_00, limited)) == "fine"
    assert elsewhere.begin(first, limited, {CNY: 50_00}) is None
    elsewhere.end(first, moved=True)
    assert name_of(street.ask(street.plain, street.other, 20_01, limited)) == "over_daily_limit"
    assert name_of(elsewhere.begin(second, limited, {CNY: 20_01})) == "over_daily_limit"
    assert name_of(elsewhere.try_out(limited, {CNY: 20_01})) == "over_daily_limit"
    assert elsewhere.try_out(limited, {CNY: 20_00}) is None
    assert name_of(street.ask(street.plain, street.other, 20_00, limited)) == "fine"
    assert counted(street) == [("user:teller-7", CNY, 50_00)]


def test_what_was_refused_in_the_end_uses_up_nothing(street: Street, elsewhere: Elsewhere) -> None:
    limited = street.caller(daily=100_00)
    for _ in range(3):
        command = street.new_id()
        assert elsewhere.begin(command, limited, {CNY: 100_00}) is None
        assert name_of(street.ask(street.plain, street.other, 1, limited)) == "over_daily_limit"
        elsewhere.end(command, moved=False)
    assert counted(street) == []
    assert name_of(street.ask(street.plain, street.other, 100_00, limited)) == "fine"


def test_the_same_id_counts_once_and_the_larger_amount(street: Street, elsewhere: Elsewhere) -> None:
    limited, command = street.caller(daily=100_00), street.new_id()
    for amount, more in ((60_00, 40_00), (60_00, 40_00), (5_00, 40_00), (80_00, 20_00)):
        assert elsewhere.begin(command, limited, {CNY: amount}) is None
        elsewhere.end(command, moved=True)
        assert name_of(elsewhere.try_out(limited, {CNY: more + 1})) == "over_daily_limit"
        assert elsewhere.try_out(limited, {CNY: more}) is None
    assert name_of(elsewhere.begin(command, limited, {CNY: 100_01})) == "over_daily_limit"
    # Asked for more and refused by its organ, it counts as before.
    assert elsewhere.begin(command, limited, {CNY: 90_00}) is None
    elsewhere.end(command, moved=False)
    assert counted(street) == [("user:teller-7", CNY, 80_00)]
    assert elsewhere.try_out(limited, {CNY: 20_00}) is None


def test_at_once_under_one_id_the_second_is_to_ask_again(street: Street, elsewhere: Elsewhere) -> None:
    limited, command = street.caller(daily=100_00), street.new_id()
    assert elsewhere.begin(command, limited, {CNY: 60_00}) is None
    assert name_of(elsewhere.begin(command, limited, {CNY: 60_00})) == "ask_again"
    elsewhere.end(command, moved=True)
    assert elsewhere.begin(command, limited, {CNY: 60_00}) is None
    elsewhere.end(command, moved=True)


def test_of_many_at_once_no_more_pass_than_the_limit_has_room_for(street: Street, elsewhere: Elsewhere) -> None:
    limited = street.caller(daily=100_00)
    answers: list[str] = []

    def move() -> None:
        command = street.new_id()
        refused = elsewhere.begin(command, limited, {CNY: 15_00})
        answers.append(name_of(refused))
        if refused is None:
            elsewhere.end(command, moved=True)

    threads = [threading.Thread(target=move) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["fine"] * 6 + ["over_daily_limit"] * 6


def test_a_restart_knows_what_was_counted_also_of_what_nobody_knows_the_fate(street: Street) -> None:
    limited = street.caller(daily=100_00)
    for amount, is_known in ((30_00, True), (40_00, False)):
        command, before = street.new_id(), Elsewhere(street.new_day(), street.sessions)
        assert before.begin(command, limited, {CNY: amount}) is None
        if is_known:
            before.end(command, moved=True)
    street.day = street.new_day()
    after = Elsewhere(street.day, street.sessions)
    assert name_of(street.ask(street.plain, street.other, 30_01, limited)) == "over_daily_limit"
    assert after.try_out(limited, {CNY: 30_00}) is None


def test_the_next_business_date_begins_anew_and_old_dates_are_forgotten(street: Street, elsewhere: Elsewhere) -> None:
    limited, command, late = street.caller(daily=100_00), street.new_id(), street.new_id()
    assert elsewhere.begin(command, limited, {CNY: 60_00}) is None
    elsewhere.end(command, moved=True)
    assert elsewhere.begin(late, limited, {CNY: 40_00}) is None
    street.ledger.roll_date(street.ledger.business_date + 1)
    # Refused after its date is over, it leaves the new date's sums alone.
    elsewhere.end(late, moved=False)
    assert elsewhere.try_out(limited, {CNY: 100_00}) is None
    assert name_of(elsewhere.try_out(limited, {CNY: 100_01})) == "over_daily_limit"
    street.ledger.roll_date(street.ledger.business_date + KEPT_DAYS)
    Elsewhere(street.new_day(), street.sessions)
    assert counted(street) == []


def test_each_currency_has_its_own_limit_and_one_over_refuses_all(street: Street, elsewhere: Elsewhere) -> None:
    limits = (("USD", Limits(2**62, 10_00)), ("CNY", Limits(2**62, 100_00)))
    principal = Principal(
        kind=ActorKind.CLIENT, number=9, name="partner", permissions=frozenset(), currency_limits=limits
    )
    limited, command = caller_of(principal), street.new_id()
    assert name_of(elsewhere.begin(command, limited, {CNY: 50_00, USD: 10_01})) == "over_daily_limit"
    assert counted(street) == []
    assert elsewhere.begin(command, limited, {CNY: 50_00, USD: 10_00}) is None
    elsewhere.end(command, moved=True)
    assert counted(street) == [("client:partner", CNY, 50_00), ("client:partner", USD, 10_00)]


def test_who_has_no_limit_costs_nothing(street: Street, elsewhere: Elsewhere) -> None:
    for caller in (street.anyone, bank_caller()):
        command = street.new_id()
        assert elsewhere.begin(command, caller, {CNY: 2**61}) is None
        elsewhere.end(command, moved=True)
    assert counted(street) == []
