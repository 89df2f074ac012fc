"""Limits, reach and interception: what stops a transfer that is right in itself."""

import pytest
from tests.postgres.closeday.house import product
from tests.postgres.transact.conftest import BASE, CNY, Street

from yinhe.access.permissions import Permission
from yinhe.deposits.answers import Done
from yinhe.deposits.commands import TransferTo
from yinhe.deposits.service import Deposits
from yinhe.kernel.refusals import Refusal
from yinhe.transact.answers import Posted
from yinhe.transact.commands import Hold, HoldAct


def name_of(reply: Posted | Refusal) -> str:
    return reply.name if isinstance(reply, Refusal) else "posted"


def test_nobody_moves_more_than_their_limits_in_one_command_or_in_a_day(street: Street) -> None:
    limited = street.caller(single=100_00, daily=150_00)
    asked = [100_01, 100_00, 50_01, 50_00, 1]
    expected = ["over_single_limit", "posted", "over_daily_limit", "posted", "over_daily_limit"]
    assert [name_of(street.ask(street.plain, street.other, amount, limited)) for amount in asked] == expected
    # What another has moved is not theirs.
    assert name_of(street.ask(street.plain, street.other, 100_00, street.caller("teller-9", daily=100_00))) == "posted"


def test_the_days_sum_survives_a_restart_and_ends_with_the_day(street: Street) -> None:
    limited = street.caller(daily=100_00)
    street.ask(street.plain, street.other, 80_00, limited)
    street.day = street.new_day()
    assert name_of(street.ask(street.plain, street.other, 20_01, limited)) == "over_daily_limit"
    street.ledger.roll_date(street.ledger.business_date + 1)
    assert name_of(street.ask(street.plain, street.other, 20_01, limited)) == "posted"


def test_what_the_ledger_refuses_uses_up_no_limit(street: Street) -> None:
    limited = street.caller(daily=9_000_00)
    assert name_of(street.ask(street.plain, street.other, 8_999_99, limited)) == "insufficient_funds"
    assert name_of(street.ask(street.plain, street.other, 900_00, limited)) == "posted"


def test_the_same_id_again_is_the_same_answer_although_the_limit_is_used_up(street: Street) -> None:
    limited = street.caller(daily=100_00)
    command = street.transfer(street.plain, street.other, 100_00)
    first = street.day.carry_out([command], [limited])[0]
    again = street.day.carry_out([command, command], [limited, limited])
    assert isinstance(first, Posted)
    assert not first.duplicate
    assert all(isinstance(reply, Posted) and reply.duplicate and reply.seq == first.seq for reply in again)
    # Handed in twice at once it is posted once, and counted once.
    other = street.caller("teller-9", daily=100_00)
    twin = street.transfer(street.plain, street.other, 100_00)
    replies = street.day.carry_out([twin, twin], [other, other])
    assert [reply.duplicate for reply in replies] == [False, True]
    assert street.balance(street.other) == 1_000_00 + 200_00


def test_a_command_asked_again_while_it_is_on_its_way_is_the_same_command(street: Street) -> None:
    limited, command = street.caller(daily=100_00), street.transfer(street.plain, street.other, 100_00)
    first, second = (street.day.decide_many([command], [limited]) for _ in range(2))
    assert list(second.refusals) == [None]
    replies = [street.day.submit(decided).result()[0] for decided in (first, second)]
    assert [(reply.seq, reply.duplicate) for reply in replies] == [(replies[0].seq, False), (replies[0].seq, True)]
    assert name_of(street.ask(street.plain, street.other, 1, limited)) == "over_daily_limit"
    street.ledger.roll_date(street.ledger.business_date + 1)
    assert name_of(street.ask(street.plain, street.other, 100_00, limited)) == "posted"


def test_the_same_id_again_is_the_same_answer_although_its_fee_would_be_another(street: Street) -> None:
    command = street.transfer(street.counted, street.plain, 1_00)
    first = street.day.carry_out([command], [street.anyone])[0]
    for _ in range(3):
        street.ask(street.counted, street.plain, 1_00)
    again = street.day.carry_out([command], [street.anyone])[0]
    assert (again.seq, again.fee_minor, again.duplicate) == (first.seq, 0, True)
    charged = street.transfer(street.counted, street.plain, 1_00)
    first = street.day.carry_out([charged], [street.anyone])[0]
    street.ledger.roll_date(street.ledger.business_date + 31)
    again = street.day.carry_out([charged], [street.anyone])[0]
    assert (again.seq, again.fee_minor, again.duplicate) == (first.seq, 2_00, True)


def test_the_same_id_for_something_else_is_refused(street: Street) -> None:
    command = street.transfer(street.plain, street.other, 100)
    street.day.carry_out([command], [street.anyone])
    other = street.transfer(street.plain, street.other, 101, id=command.id)
    assert name_of(street.day.carry_out([other], [street.anyone])[0]) == "id_conflict"


def test_an_account_out_of_reach_is_answered_as_one_that_is_not_there(street: Street) -> None:
    street.hold_by(street.plain, 12)
    partner = street.caller("partner", parties=frozenset({12}))
    assert name_of(street.ask(street.plain, street.other, 100, partner)) == "posted"
    answers = [street.ask(account, street.plain, 100, partner) for account in (street.other, street.term, 99_999)]
    assert {(one.name, one.english) for one in answers} == {("unknown_account", "there is no such account")}
    # Nor does an id of another's transaction tell anything.
    foreign = street.transfer(street.other, street.plain, 100)
    street.day.carry_out([foreign], [street.anyone])
    assert street.day.carry_out([foreign], [partner])[0] == answers[0]
    assert name_of(street.day.reverse(foreign.id, partner)) == "transaction_unknown"


def test_a_contract_that_was_handed_on_is_out_of_reach_at_once_and_a_new_one_within(street: Street) -> None:
    street.hold_by(street.plain, 12)
    partner = street.caller("partner", parties=frozenset({12}))
    assert name_of(street.ask(street.plain, street.other, 100, partner)) == "posted"
    new = street.house.open(street.versions["demand"], 10_00)
    assert name_of(street.ask(new, street.other, 100, partner)) == "unknown_account"
    newer = street.house.open(street.versions["demand"], 10_00)
    street.hold_by(newer, 12)
    street.house.open(street.versions["demand"])
    assert name_of(street.ask(newer, street.other, 100, partner)) == "posted"
    street.hold_by(street.plain, 13)
    street.house.bank.book.handed_on += 1
    assert name_of(street.ask(street.plain, street.other, 100, partner)) == "unknown_account"


def test_a_principal_of_one_branch_reaches_its_accounts_alone(street: Street) -> None:
    teller = street.caller("teller-3", branches=frozenset({3}))
    assert name_of(street.ask(street.plain, street.other, 100, teller)) == "unknown_account"
    street.ledger.engine.core.columns.branch[street.plain] = 3
    assert name_of(street.ask(street.plain, street.other, 100, teller)) == "posted"


def test_balances_are_told_to_those_who_may_see_them(street: Street) -> None:
    blind = street.caller("blind", permissions=frozenset({Permission.TRANSFER_POST}))
    assert street.ask(street.plain, street.other, 1_00, blind).debit_balance_minor is None
    assert street.ask(street.plain, street.other, 1_00).debit_balance_minor == 1_000_00 - 2_00


def test_accounts_of_prohibited_parties_are_neither_debited_nor_credited(street: Street) -> None:
    street.hold_by(street.other, 66)
    street.day.prohibited.prohibit(frozenset({66}))
    assert name_of(street.ask(street.other, street.plain, 100)) == "party_prohibited"
    assert name_of(street.ask(street.plain, street.other, 100)) == "party_prohibited"
    assert name_of(street.ask(street.plain, street.bounded, 2_00)) == "posted"
    street.day.prohibited.prohibit(frozenset())
    assert name_of(street.ask(street.plain, street.other, 100)) == "posted"


def test_the_same_payment_within_a_minute_is_asked_back_where_the_bank_wants_that(street: Street) -> None:
    street.day = street.new_day(repeat_seconds=60)
    assert name_of(street.ask(street.plain, street.other, 100)) == "posted"
    assert name_of(street.ask(street.plain, street.other, 100)) == "repeated_payment"
    assert name_of(street.ask(street.plain, street.other, 100, narrative="the second")) == "posted"
    assert street.day.preview(street.transfer(street.plain, street.other, 7), street.anyone).seq == 0
    assert name_of(street.ask(street.plain, street.other, 7)) == "posted"
    # What failed may be asked again at once; what is long ago too.
    assert name_of(street.ask(street.plain, street.other, 9_000_00)) == "insufficient_funds"
    assert name_of(street.ask(street.plain, street.other, 9_000_00)) == "insufficient_funds"
    street.house.clock.advance(60_000_000)
    assert name_of(street.ask(street.plain, street.other, 100)) == "posted"


@pytest.fixture
def placed(street: Street) -> Hold:
    return Hold(
        id=street.new_id(),
        act=HoldAct.PLACE,
        debit=street.plain,
        credit=street.other,
        amount_minor=300_00,
        currency=CNY,
    )


def test_a_hold_is_placed_posted_and_released_by_the_same_rules(street: Street, placed: Hold) -> None:
    limited = street.caller(daily=300_00)
    hold = street.day.carry_out([placed], [limited])[0]
    assert isinstance(hold, Posted)
    account = street.ledger.account(street.plain)
    assert (account.balance_minor, account.held_minor) == (1_000_00, 300_00)
    assert name_of(street.ask(street.plain, street.other, 1, limited)) == "over_daily_limit"
    assert name_of(street.ask(street.plain, street.other, 701_00)) == "insufficient_funds"

    def act(act: HoldAct, amount: int, **more: int) -> str:
        given = {"debit": street.plain, "credit": street.other, "currency": CNY, "hold": hold.seq, **more}
        command = Hold(id=street.new_id(), act=act, amount_minor=amount, **given)
        return name_of(street.day.carry_out([command], [limited])[0])

    assert act(HoldAct.POST, 300_01) == "over_pending"
    assert act(HoldAct.POST, 100_00, hold=0) == "flags_invalid"
    assert act(HoldAct.POST, 100_00) == "posted"
    assert act(HoldAct.VOID, 0) == "posted"
    assert act(HoldAct.VOID, 0) == "pending_resolved"
    account = street.ledger.account(street.plain)
    assert (account.balance_minor, account.held_minor) == (900_00, 0)
    assert street.balance(street.other) == 1_100_00


def test_no_hold_is_placed_where_no_transfer_may_be_made(street: Street, placed: Hold) -> None:
    import msgspec

    asked = [{"debit": street.term}, {"credit": street.house.cash}, {"amount_minor": 0}, {"currency": 840}]
    expected = ["debit_term", "credit_own_account", "amount_not_positive", "currency_not_the_accounts"]
    holds = [msgspec.structs.replace(placed, id=street.new_id(), **change) for change in asked]
    replies = street.day.carry_out(holds, [street.anyone] * len(holds))
    assert [name_of(reply) for reply in replies] == expected


def test_who_is_prohibited_is_stopped_also_once_the_contracts_are_read_anew(street: Street) -> None:
    house = street.house
    account = house.open(house.publish(product("handy", 72, *BASE, 'part = "transfer.whole"')), 1_000_00)
    street.day.prohibited.prohibit(frozenset({77}))
    deposits = Deposits(house.bank)
    handed = TransferTo(id=street.new_id(), contract=house.bank.book.of_account(account) + 1, holder="77")
    assert isinstance(deposits.do(handed), Done)
    house.bank.reload()
    house.clock.advance(5_000_000)
    assert name_of(street.ask(account, street.other, 1_00)) == "party_prohibited"
    deposits.close()
