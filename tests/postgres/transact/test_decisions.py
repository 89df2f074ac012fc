"""What plain transfers may do with each kind of account, and what is charged for them."""

import threading

import psycopg
import pytest
from tests.postgres.transact.conftest import CNY, Channel, Street

from yinhe.access.permissions import Permission
from yinhe.audit.record import BANK
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.accounts import openings
from yinhe.payments.posting import MoneyOrder
from yinhe.transact import orders as orders_module
from yinhe.transact import pipeline
from yinhe.transact.answers import Posted
from yinhe.transact.caller import bank_caller
from yinhe.transact.codes import TransferKind
from yinhe.transact.commands import Transfer

REFUSED = [
    # from, to, amount, the reason
    ("plain", "plain", 100, "same_account"),
    ("plain", "nowhere", 100, "unknown_account"),
    ("nowhere", "plain", 100, "unknown_account"),
    ("plain", "other", 0, "amount_not_positive"),
    ("plain", "other", -5, "amount_not_positive"),
    ("plain", "other", 2**62, "amount_out_of_range"),
    ("plain", "other", 1_000_01, None),
    ("plain", "other", 1_000_000_01, "insufficient_funds"),
    ("term", "plain", 100, "debit_term"),
    ("plain", "term", 100, "credit_no_further"),
    ("notice", "plain", 100, "debit_notice"),
    ("plain", "notice", 100, "credit_no_further"),
    ("cash", "plain", 100, "debit_own_account"),
    ("plain", "cash", 100, "credit_own_account"),
    ("bounded", "plain", 99, "under_minimum"),
    ("bounded", "plain", 100, None),
    ("bounded", "plain", 500_01, "over_maximum"),
    ("plain", "bounded", 199, "under_minimum"),
    ("plain", "bounded", 2_000_00, None),
    ("plain", "bounded", 2_000_01, "balance_over_maximum"),
]


@pytest.fixture
def accounts(street: Street) -> dict[str, int]:
    names = ("plain", "other", "term", "bounded", "notice")
    street.house.pay(street.plain, 9_000_00)
    return {name: getattr(street, name) for name in names} | {"cash": street.house.cash, "nowhere": 99_999}


def test_each_kind_of_account_takes_what_its_product_allows(street: Street, accounts: dict[str, int]) -> None:
    for debit, credit, amount, reason in REFUSED:
        before = {name: street.balance(account) for name, account in accounts.items() if name != "nowhere"}
        reply = street.ask(accounts[debit], accounts[credit], amount)
        found = reply.name if isinstance(reply, Refusal) else None
        assert found == reason, (debit, credit, amount, reply)
        if reason is not None:
            after = {name: street.balance(account) for name, account in accounts.items() if name != "nowhere"}
            assert after == before
            assert (
                street.day.preview(street.transfer(accounts[debit], accounts[credit], amount), street.anyone) == reply
            )
        else:
            assert before[debit] - street.balance(accounts[debit]) == amount
            street.ask(accounts[credit], accounts[debit], amount)


def test_the_currency_is_that_of_both_accounts(street: Street) -> None:
    reply = street.ask(street.plain, street.other, 100, currency=840)
    assert isinstance(reply, Refusal)
    assert reply.name == "currency_not_the_accounts"


def test_the_account_of_a_loan_and_of_a_closed_contract_are_not_reached(street: Street) -> None:
    house = street.house
    loan = house.ledger.open_accounts(openings(1, currency=CNY, gl_code=1303, floor=-10_000_00))[0]
    row = house.bank.loans.rows[:0].copy()
    row.resize(1)
    row["loan"], row["account"], row["receivable"] = 1, loan, 0
    house.bank.loans.append(row)
    assert street.ask(loan, street.plain, 100).name == "debit_loan"
    assert street.ask(street.plain, loan, 100).name == "credit_loan"
    place = house.bank.book.of_account(street.other)
    house.bank.book.rows["flags"][place] = 0
    assert street.ask(street.other, street.plain, 100).name == "contract_closed"


def test_contracts_opened_by_day_are_known_at_once(street: Street) -> None:
    new = street.house.open(street.versions["demand"])
    assert isinstance(street.ask(street.plain, new, 5_00), Posted)


def test_a_dormant_account_is_debited_at_the_counter_only_and_credited_from_anywhere(street: Street) -> None:
    street.put_to_sleep(street.plain)
    assert street.ask(street.plain, street.other, 100).name == "dormant"
    assert isinstance(street.ask(street.other, street.plain, 100), Posted)
    assert isinstance(street.ask(street.plain, street.other, 100, channel=Channel.COUNTER), Posted)


def test_the_free_transfers_of_a_month_come_first_and_each_further_one_costs_its_fee(street: Street) -> None:
    fees = [street.ask(street.counted, street.plain, 10_00).fee_minor for _ in range(4)]
    assert fees == [0, 0, 2_00, 2_00]
    income = street.house.bank.pools.account(6021, CNY, 22)
    assert street.balance(income) == 4_00
    assert street.balance(street.counted) == 1_000_00 - 44_00
    # A new day reads the count out of the journal; a new month begins anew.
    street.day = street.new_day()
    assert street.ask(street.counted, street.plain, 10_00).fee_minor == 2_00
    street.ledger.roll_date(street.ledger.business_date + 31)
    assert street.ask(street.counted, street.plain, 10_00).fee_minor == 0


def test_of_many_at_once_exactly_the_free_ones_are_free(street: Street) -> None:
    commands = [street.transfer(street.counted, street.plain, 1_00) for _ in range(7)]
    replies = street.day.carry_out(commands, [street.anyone] * 7)
    assert sorted(reply.fee_minor for reply in replies) == [0, 0, 2_00, 2_00, 2_00, 2_00, 2_00]
    rows = [street.ledger.transaction(command.id) for command in commands]
    by_seq = sorted((int(legs["seq"][0]), len(legs)) for legs in rows)
    assert [legs for _, legs in by_seq] == [1, 1, 2, 2, 2, 2, 2]


def test_a_refused_transfer_uses_up_no_free_one(street: Street) -> None:
    assert street.ask(street.counted, street.plain, 9_000_00).name == "insufficient_funds"
    assert [street.ask(street.counted, street.plain, 1_00).fee_minor for _ in range(3)] == [0, 0, 2_00]


def test_a_fee_that_cannot_be_paid_refuses_the_transfer_too(street: Street) -> None:
    for _ in range(2):
        street.ask(street.counted, street.plain, 1_00)
    left = street.balance(street.counted)
    assert street.ask(street.counted, street.plain, left).name == "insufficient_funds"
    assert street.balance(street.counted) == left
    assert street.ask(street.counted, street.plain, left - 2_00).debit_balance_minor == 0


def test_cash_is_paid_out_and_in_at_the_counter_by_those_who_serve(street: Street) -> None:
    cash, out = street.house.cash, {"code": TransferKind.CASH_OUT.code, "channel": Channel.COUNTER}
    serving = street.caller("teller-8", permissions=frozenset(Permission))
    assert street.ask(street.counted, cash, 50_00, **out).name == "cash_account_only"
    assert street.ask(street.counted, street.plain, 50_00, serving, **out).name == "cash_account_only"
    assert street.ask(street.counted, cash, 50_00, serving, code=out["code"]).name == "cash_account_only"
    assert street.ask(street.term, cash, 50_00, serving, **out).name == "debit_term"
    # 1 % of a withdrawal, at least 1.00.
    assert street.ask(street.counted, cash, 50_00, serving, **out).fee_minor == 1_00
    assert street.ask(street.counted, cash, 200_00, serving, **out).fee_minor == 2_00
    came_in = street.ask(cash, street.plain, 7_00, serving, code=TransferKind.CASH_IN.code, channel=Channel.COUNTER)
    assert isinstance(came_in, Posted)
    # Whoever is paid in for pays what that costs; the cash of the bank is what was counted.
    before = street.balance(cash), street.balance(street.counted)
    paid = street.ask(cash, street.counted, 7_00, serving, code=TransferKind.CASH_IN.code, channel=Channel.COUNTER)
    assert paid.fee_minor == 10
    assert (street.balance(cash), street.balance(street.counted)) == (before[0] - 7_00, before[1] + 6_90)
    assert paid.debit_balance_minor == street.balance(cash)


def test_codes_of_the_bank_are_its_own_to_use(street: Street) -> None:
    assert street.ask(street.plain, street.other, 100, code=700).name == "code_not_allowed"
    assert isinstance(street.ask(street.plain, street.other, 100, bank_caller(), code=700), Posted)


def test_an_earlier_value_date_needs_the_right_to_correct(street: Street) -> None:
    yesterday = street.ledger.business_date - 1
    assert street.ask(street.plain, street.other, 100, value_date=yesterday).name == "value_date_not_allowed"
    assert isinstance(street.ask(street.plain, street.other, 100, value_date=yesterday + 1), Posted)
    correcting = street.caller("chief", permissions=frozenset({Permission.TRANSFER_REVERSE}))
    reply = street.ask(street.plain, street.other, 100, correcting, value_date=yesterday)
    assert isinstance(reply, Posted)
    assert reply.debit_balance_minor is None
    assert int(street.ledger.transaction(reply.id)["value_date"][0]) == yesterday


@pytest.mark.parametrize("words", ["x" * 141, "two\nlines", "null\0", "right‮left"])
def test_a_narrative_is_one_line_of_text(street: Street, words: str) -> None:
    assert street.ask(street.plain, street.other, 100, narrative=words).name == "narrative_unreadable"
    assert isinstance(street.ask(street.plain, street.other, 100, narrative="房租 \\ rent"), Posted)


def test_of_many_at_once_no_more_is_paid_in_than_the_balance_may_be(street: Street) -> None:
    # 1,000.00 are there and 3,000.00 may be.
    commands = [street.transfer(street.plain, street.bounded, 250_00) for _ in range(4)]
    commands += [street.transfer(street.other, street.bounded, 300_00) for _ in range(4)]
    replies: list[Posted | Refusal] = []

    def ask(some: list[Transfer]) -> None:
        replies.extend(street.day.carry_out(some, [street.anyone] * len(some)))

    threads = [threading.Thread(target=ask, args=(commands[first::3],)) for first in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    paid_in = [reply.amount_minor for reply in replies if isinstance(reply, Posted)]
    assert street.balance(street.bounded) == 1_000_00 + sum(paid_in)
    # What no longer had room is smaller than what was refused.
    refused = [reply.name for reply in replies if isinstance(reply, Refusal)]
    assert set(refused) == {"balance_over_maximum"}
    assert 1_700_00 <= sum(paid_in) <= 2_000_00


def test_what_was_refused_on_its_way_in_takes_up_no_room(street: Street) -> None:
    poor = street.house.open(street.versions["demand"], 1_00)
    for _ in range(3):
        assert street.ask(poor, street.bounded, 1_900_00).name == "insufficient_funds"
    assert isinstance(street.ask(street.plain, street.bounded, 1_000_00), Posted)
    assert isinstance(street.ask(street.other, street.bounded, 1_000_00), Posted)
    assert street.ask(street.counted, street.bounded, 2_00).name == "balance_over_maximum"


TOGETHER = [
    # What is paid in by two legs, and what the orders hear: the sum from the payer, then each.
    ((1_200_00, 900_00), ["linked_failed", "linked_failed", "balance_over_maximum"]),
    ((9_00, 8_00), ["", "", ""]),
]


@pytest.mark.parametrize(("amounts", "refused"), TOGETHER)
def test_legs_under_one_id_are_judged_together(street: Street, amounts: tuple[int, int], refused: list[str]) -> None:
    # 1,000.00 are there, 3,000.00 may be: of two that fit alone and not together the second is at fault.
    rich = street.house.open(street.versions["demand"], 5_000_00)
    number, till = street.new_id(), street.house.cash
    sides = [(rich, till, sum(amounts)), *((till, street.bounded, amount) for amount in amounts)]
    orders = [
        MoneyOrder(
            id=number, leg=leg, debit=debit, credit=credit, amount_minor=amount, code=700, linked=leg < 2, narrative=""
        )
        for leg, (debit, credit, amount) in enumerate(sides)
    ]
    assert [result.refusal for result in street.day.post(orders, BANK)] == refused
    assert street.balance(street.bounded) == 1_000_00 + (0 if any(refused) else sum(amounts))


def test_what_breaks_while_legs_are_decided_leaves_nothing_on_its_way(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = street.new_id()
    orders = [
        MoneyOrder(
            id=number,
            leg=leg,
            debit=street.house.cash,
            credit=street.bounded,
            amount_minor=500_00,
            code=700,
            linked=leg < 1,
            narrative="",
        )
        for leg in range(2)
    ]
    real, calls = pipeline.run, []

    def broken(*given: object, **more: object) -> object:
        calls.append(given)
        if len(calls) == 2:
            raise psycopg.OperationalError("there is no database")
        return real(*given, **more)

    with monkeypatch.context() as patch:
        patch.setattr(orders_module, "run", broken)
        with pytest.raises(psycopg.OperationalError):
            street.day.post(orders, BANK)
    with street.day.deciding() as state:
        assert state.tallies.arriving(street.bounded) == 0
    assert isinstance(street.ask(street.plain, street.bounded, 1_000_00), Posted)
