"""Money that a night swept away comes back in the day for what an account cannot pay by itself."""

import threading
from collections.abc import Sequence

import numpy as np
import pytest
from tests.postgres.transact.conftest import CNY, Channel, Street

from yinhe.access.permissions import Permission
from yinhe.audit.record import BANK
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.accounts import SetBlocks
from yinhe.ledger.ledger import reversal_id
from yinhe.ledger.outcomes import AccountOutcome
from yinhe.payments.posting import MoneyOrder
from yinhe.transact.answers import Posted
from yinhe.transact.codes import TransferKind
from yinhe.transact.columnar import Batch
from yinhe.transact.commands import Hold, HoldAct


@pytest.fixture
def pair(street: Street) -> tuple[int, int]:
    """An account with 100.00 and the one behind it, with 900.00."""
    behind = street.house.open(street.versions["demand"], 900_00)
    return street.house.open(street.versions["swept"], 100_00, linked=behind), behind


def legs(street: Street, reply: Posted) -> list[tuple[int, int, int, int]]:
    return [
        tuple(int(row[name]) for name in ("debit", "credit", "amount", "code")) for row in street.ledger.known(reply.id)
    ]


def test_what_is_short_comes_back_in_the_same_transaction(street: Street, pair: tuple[int, int]) -> None:
    account, behind = pair
    reply = street.ask(account, street.other, 350_00)
    assert (reply.amount_minor, reply.fee_minor, reply.debit_balance_minor) == (350_00, 0, 0)
    assert legs(street, reply) == [
        (behind, account, 250_00, TransferKind.RECALL.code),
        (account, street.other, 350_00, TransferKind.TRANSFER.code),
    ]
    assert (street.balance(account), street.balance(behind)) == (0, 650_00)
    assert reply.seq == int(street.ledger.known(reply.id)["seq"][1])


def test_what_the_account_can_pay_leaves_the_linked_one_alone(street: Street, pair: tuple[int, int]) -> None:
    account, behind = pair
    assert len(legs(street, street.ask(account, street.other, 100_00))) == 1
    assert street.balance(behind) == 900_00


def test_the_fee_is_brought_back_too(street: Street, pair: tuple[int, int]) -> None:
    account, behind = pair
    teller = street.caller(permissions=frozenset(Permission))
    reply = street.ask(
        account, street.house.cash, 200_00, teller, code=TransferKind.CASH_OUT.code, channel=Channel.COUNTER
    )
    assert (reply.fee_minor, street.balance(account), street.balance(behind)) == (2_00, 0, 798_00)


@pytest.mark.parametrize("amount", [1_000_01, 5_000_00])
def test_more_than_both_have_is_refused_and_moves_nothing(street: Street, pair: tuple[int, int], amount: int) -> None:
    account, behind = pair
    reply = street.ask(account, street.other, amount)
    assert isinstance(reply, Refusal)
    assert reply.name == "insufficient_funds"
    assert (street.balance(account), street.balance(behind)) == (100_00, 900_00)


@pytest.mark.parametrize("place", [0, 1])
def test_a_blocked_account_takes_no_part(street: Street, pair: tuple[int, int], place: int) -> None:
    account, behind = pair
    blocked = SetBlocks(street.new_id(), pair[place], place == 1, place == 0)
    assert street.ledger.command(blocked).outcome is AccountOutcome.DONE
    reply = street.ask(account, street.other, 350_00)
    assert isinstance(reply, Refusal)
    assert reply.name == "insufficient_funds"
    assert (street.balance(account), street.balance(behind)) == (100_00, 900_00)


def test_refused_for_another_reason_nothing_comes_back(street: Street, pair: tuple[int, int]) -> None:
    account, behind = pair
    assert street.ledger.command(SetBlocks(street.new_id(), street.other, False, True)).outcome is AccountOutcome.DONE
    reply = street.ask(account, street.other, 350_00)
    assert isinstance(reply, Refusal)
    assert reply.name == "credit_blocked"
    assert (street.balance(account), street.balance(behind)) == (100_00, 900_00)


def test_asked_again_it_is_answered_as_the_first_time(street: Street, pair: tuple[int, int]) -> None:
    account, behind = pair
    for amount in (350_00, 50_00):
        command = street.transfer(account, street.other, amount)
        (first,) = street.day.carry_out([command], [street.anyone])
        street.house.pay(account, 500_00)
        (rich,) = street.day.carry_out([command], [street.anyone])
        street.house.pay(account, -street.balance(account))
        (poor,) = street.day.carry_out([command], [street.anyone])
        for again in (rich, poor):
            assert (again.seq, again.amount_minor, again.duplicate) == (first.seq, amount, True)
    assert street.balance(behind) == 900_00 - 250_00 - 50_00


def test_many_at_once_bring_back_just_what_is_short(street: Street, pair: tuple[int, int]) -> None:
    account, behind = pair
    replies: list[Posted | Refusal] = []

    def pay() -> None:
        replies.append(street.ask(account, street.other, 120_00))

    threads = [threading.Thread(target=pay) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(reply).__name__ for reply in replies) == ["Posted"] * 8 + ["Refusal"] * 2
    assert {reply.name for reply in replies if isinstance(reply, Refusal)} == {"insufficient_funds"}
    assert (street.balance(account), street.balance(behind)) == (0, 40_00)


def test_of_one_batch_each_is_decided_when_those_before_are_done(street: Street, pair: tuple[int, int]) -> None:
    account, behind = pair
    commands = [street.transfer(account, street.other, 60_00) for _ in range(5)]
    replies = street.day.carry_out(commands, [street.anyone] * 5)
    assert [reply.debit_balance_minor for reply in replies] == [40_00, 0, 0, 0, 0]
    assert street.balance(behind) == 700_00


def test_a_batch_in_columns_gives_the_same(street: Street, pair: tuple[int, int]) -> None:
    account, behind = pair
    ids = [street.new_id().int for _ in range(5)]
    batch = Batch(
        id_hi=np.array([number >> 64 for number in ids], np.uint64),
        id_lo=np.array([number & (1 << 64) - 1 for number in ids], np.uint64),
        debit=np.full(5, account, np.int64),
        credit=np.full(5, street.other, np.int64),
        amount_minor=np.full(5, 60_00, np.int64),
        currency=CNY,
    )
    assert street.day.post_columns(batch, street.anyone).posted.all()
    assert (street.balance(account), street.balance(behind)) == (0, 700_00)


def test_a_hold_brings_back_what_it_needs_and_is_known_by_its_number(street: Street, pair: tuple[int, int]) -> None:
    account, behind = pair
    hold = Hold(
        id=street.new_id(),
        act=HoldAct.PLACE,
        debit=account,
        credit=street.other,
        amount_minor=300_00,
        currency=CNY,
        expires_at=street.ledger.clock.now_us() + 3_600_000_000,
    )
    (placed,) = street.day.carry_out([hold], [street.anyone])
    assert (street.balance(account), street.balance(behind)) == (300_00, 700_00)
    assert street.ledger.holds_of(account, 0, 10)["seq"].tolist() == [placed.seq]
    # What is held is not free for the next.
    street.ask(account, street.other, 10_00)
    assert (street.balance(account), street.balance(behind)) == (300_00, 690_00)


def batch(street: Street, account: int, amounts: Sequence[int]) -> list[MoneyOrder]:
    """As payments in one batch: the sum from the account, and from there each to its payee, under one id."""
    number, transit, last = street.new_id(), street.house.cash, len(amounts)
    sides = [(account, transit, sum(amounts)), *((transit, street.other, amount) for amount in amounts)]
    return [
        MoneyOrder(
            id=number,
            leg=leg,
            debit=debit,
            credit=credit,
            amount_minor=amount,
            code=700,
            linked=leg < last,
            narrative="",
        )
        for leg, (debit, credit, amount) in enumerate(sides)
    ]


def test_orders_under_one_id_bring_back_for_their_sum(street: Street, pair: tuple[int, int]) -> None:
    account, behind = pair
    orders = batch(street, account, (80_00, 70_00))
    results = street.day.post(orders, BANK)
    rows = street.ledger.known(orders[0].id)
    assert [result.seq for result in results] == rows["seq"][rows["code"] == 700].tolist()
    assert rows["amount"].tolist() == [50_00, 150_00, 80_00, 70_00]
    assert (street.balance(account), street.balance(behind)) == (0, 850_00)
    assert all(result.posted for result in street.day.post(orders, BANK))
    refused = street.day.post(batch(street, account, (400_00, 450_01)), BANK)
    assert [result.refusal for result in refused] == ["insufficient_funds", "linked_failed", "linked_failed"]
    assert (street.balance(account), street.balance(behind)) == (0, 850_00)


def test_taken_back_it_goes_back_to_where_it_came_from(street: Street, pair: tuple[int, int]) -> None:
    account, behind = pair
    reply = street.ask(account, street.other, 350_00)
    outlook = street.day.preview_reversal(reply.id, street.anyone)
    done = street.day.reverse(reply.id, street.anyone)
    assert (outlook.amount_minor, done.amount_minor, done.id) == (350_00, 350_00, reversal_id(reply.id))
    assert (street.balance(account), street.balance(behind)) == (100_00, 900_00)


def test_a_dry_run_foresees_it(street: Street, pair: tuple[int, int]) -> None:
    account, behind = pair
    preview = street.day.preview(street.transfer(account, street.other, 350_00), street.anyone)
    assert (preview.amount_minor, preview.duplicate) == (350_00, False)
    assert (street.balance(account), street.balance(behind)) == (100_00, 900_00)
    assert isinstance(street.day.preview(street.transfer(account, street.other, 1_000_01), street.anyone), Refusal)


def test_a_start_reads_from_the_journal_what_was_counted(street: Street, pair: tuple[int, int]) -> None:
    account, _ = pair
    limited = street.caller("partner", daily=400_00)
    street.ask(account, street.other, 350_00, limited)
    for _ in range(2):
        assert all(result.posted for result in street.day.post(batch(street, street.counted, (1_00, 1_00)), BANK))
    for day in (street.day, street.new_day()):
        assert day.preview(street.transfer(street.counted, street.plain, 1_00), street.anyone).fee_minor == 2_00
        over = day.preview(street.transfer(street.plain, street.other, 50_01), limited)
        assert isinstance(over, Refusal)
        assert over.name == "over_daily_limit"
        assert isinstance(day.preview(street.transfer(street.plain, street.other, 50_00), limited), Posted)


@pytest.mark.parametrize("kind", ["asleep", "term", "notice", "bounded", "own", "prohibited"])
def test_what_the_linked_account_does_not_give_is_not_brought_back(street: Street, kind: str) -> None:
    behind = {
        "asleep": lambda: street.house.open(street.versions["demand"], 900_00),
        "term": lambda: street.term,
        "notice": lambda: street.notice,
        # At most 500.00 leave it at once.
        "bounded": lambda: street.bounded,
        "own": lambda: street.house.cash,
        "prohibited": lambda: street.other,
    }[kind]()
    account = street.house.open(street.versions["swept"], 0, linked=behind)
    if kind == "asleep":
        street.put_to_sleep(behind)
    if kind == "prohibited":
        street.hold_by(behind, 99)
        street.day.prohibited.prohibit(frozenset({99}))
    before = street.balance(behind)
    reply = street.ask(account, street.plain, 600_00)
    assert isinstance(reply, Refusal)
    assert reply.name == ("party_prohibited" if kind == "prohibited" else "insufficient_funds")
    assert (street.balance(account), street.balance(behind)) == (0, before)


@pytest.mark.parametrize("linked", [True, False])
def test_of_many_that_cannot_be_paid_each_is_refused_at_once(street: Street, linked: bool) -> None:
    empty = street.house.open(street.versions["demand"], 0) if linked else 0
    account = street.house.open(street.versions["swept"], 0, linked=empty)
    commands = [street.transfer(account, street.other, 1_00) for _ in range(60)]
    replies = street.day.carry_out(commands, [street.anyone] * 60)
    assert {reply.name for reply in replies} == {"insufficient_funds"}
