"""A batch in columns is decided and posted as its transfers one by one."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.postgres.closeday.house import product
from tests.postgres.transact.conftest import CNY, Street

from yinhe.kernel.ids import split
from yinhe.kernel.refusals import Refusal
from yinhe.transact.caller import Caller
from yinhe.transact.columnar import COLUMNS_MAX, Batch, decide_batch, give_up
from yinhe.transact.commands import Transfer

SAVING = product(
    "saving",
    31,
    'part = "term.fixed"\noffered = ["12 months"]',
    'part = "instalment.save_monthly"\nbroken = "0.35%"',
    'part = "interest.flat"\nrate = "1.00%"',
    'part = "accrual.accumulated_balance"',
    'part = "settlement.at_maturity"',
    'part = "renewal.none"\nafter = "0.35%"',
)
"""Paid into by whoever likes, drawn by its contract alone."""
NAMES = ("saving", "plain", "other", "term", "bounded", "counted", "notice", "asleep", "cash", "nowhere")


def batch_of(commands: list[Transfer]) -> Batch:
    halves = [split(command.id) for command in commands]
    return Batch(
        id_hi=np.array([hi for hi, _ in halves], np.uint64),
        id_lo=np.array([lo for _, lo in halves], np.uint64),
        debit=np.array([command.debit for command in commands], np.int64),
        credit=np.array([command.credit for command in commands], np.int64),
        amount_minor=np.array([command.amount_minor for command in commands], np.int64),
        currency=commands[0].currency,
        narratives=[command.narrative for command in commands],
    )


def one_by_one(street: Street, commands: list[Transfer], caller: Caller) -> list[str]:
    decided = street.day.decide_many(commands, [caller] * len(commands))
    found = [
        refusal.name if refusal is not None else f"fee {piece.plan.fee_minor}"
        for piece, refusal in zip(decided.pieces, decided.refusals, strict=True)
    ]
    street.day.give_up(decided)
    return found


def in_columns(street: Street, commands: list[Transfer], caller: Caller) -> list[str]:
    batch = batch_of(commands)
    found = decide_batch(batch, caller, street.day)
    words = ["fee 0"] * len(commands)
    for place, piece, refusal in zip(found.others, found.decided.pieces, found.decided.refusals, strict=True):
        words[place] = refusal.name if refusal is not None else f"fee {piece.plan.fee_minor}"
    give_up(street.day, batch, caller, found)
    return words


amounts = st.one_of(
    st.integers(1, 600_00), st.sampled_from([0, -1, 99, 100, 199, 200, 500_00, 500_01, 2_500_00, 2**61, 2**62])
)
row = st.tuples(
    st.sampled_from(NAMES), st.sampled_from(NAMES), amounts, st.sampled_from(["", "", "", "words", "x" * 141, "a\nb"])
)
plain_row = st.tuples(st.just("plain"), st.just("other"), st.integers(1, 10_00), st.just(""))
who = st.fixed_dictionaries(
    {
        "single": st.sampled_from([2**62, 300_00]),
        "daily": st.sampled_from([2**62, 400_00]),
        "parties": st.sampled_from([None, frozenset({12}), frozenset()]),
    }
)


@given(rows=st.lists(st.one_of(row, plain_row), min_size=1, max_size=30), limits=who, prohibited=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_columns_decide_as_one_by_one(
    street: Street, rows: list[tuple[str, str, int, str]], limits: dict[str, object], prohibited: bool
) -> None:
    accounts = accounts_of(street)
    street.day.prohibited.prohibit(frozenset({13}) if prohibited else frozenset())
    commands = [
        street.transfer(accounts[debit], accounts[credit], amount, narrative=words)
        for debit, credit, amount, words in rows
    ]
    caller = street.caller(**limits)
    assert in_columns(street, commands, caller) == one_by_one(street, commands, caller)


@pytest.mark.parametrize("parties", [None, frozenset({12})])
def test_every_pair_of_accounts_is_decided_alike(street: Street, parties: frozenset[int] | None) -> None:
    accounts, caller = accounts_of(street), street.caller(parties=parties)
    commands = [
        street.transfer(debit, credit, amount, narrative=words)
        for debit in accounts.values()
        for credit in accounts.values()
        for amount in (0, 99, 199, 200, 500_01, 2**62)
        for words in ("", "x" * 141)
    ]
    found = in_columns(street, commands, caller)
    assert found == one_by_one(street, commands, caller)
    assert len(set(found)) > 8
    foreign = [street.transfer(command.debit, command.credit, 200, currency=840) for command in commands]
    assert in_columns(street, foreign, caller) == one_by_one(street, foreign, caller)


def accounts_of(street: Street) -> dict[str, int]:
    if not hasattr(street, "asleep"):
        street.asleep = street.house.open(street.versions["demand"], 10_00)
        street.put_to_sleep(street.asleep)
        street.saving = street.house.open(street.house.publish(SAVING), 10_00, months=12)
        for account, party in ((street.plain, 12), (street.counted, 12), (street.other, 13)):
            street.hold_by(account, party)
        street.day.reaches.forget()
    own = {"cash": street.house.cash, "nowhere": 99_999}
    return {name: own.get(name) or getattr(street, name) for name in NAMES}


def test_a_batch_is_posted_with_its_fees_and_answered_row_by_row(street: Street) -> None:
    limited = street.caller("teller-9", daily=100_00)
    commands = [
        street.transfer(street.plain, street.other, 10_00, narrative="first"),
        street.transfer(street.term, street.other, 10_00),
        street.transfer(street.counted, street.other, 10_00),
        street.transfer(street.plain, street.other, 9_000_00),
        street.transfer(street.plain, street.other, 20_00),
    ]
    found = street.day.post_columns(batch_of(commands), street.anyone)
    names = [None if found.refusal(place) is None else found.refusal(place).name for place in range(5)]
    assert names == [None, "debit_term", None, "insufficient_funds", None]
    assert found.seq[[0, 2, 4]].tolist() == [
        int(street.ledger.transaction(commands[n].id)["seq"][0]) for n in (0, 2, 4)
    ]
    assert street.ledger.detail(commands[0].id).narrative == "first"
    assert street.balance(street.other) == 1_040_00
    again = street.day.post_columns(batch_of(commands), street.anyone)
    assert again.posted.tolist() == found.posted.tolist()
    assert again.seq.tolist() == found.seq.tolist()
    assert street.balance(street.other) == 1_040_00
    # What was refused or repeated counts for no limit.
    street.day.post_columns(batch_of([street.transfer(street.plain, street.other, 9_000_00)]), limited)
    fits = street.transfer(street.plain, street.other, 100_00)
    assert street.day.post_columns(batch_of([fits]), limited).posted.all()
    assert street.day.post_columns(batch_of([fits]), limited).posted.all()
    assert isinstance(street.ask(street.plain, street.other, 1, limited), Refusal)


def test_of_a_batch_exactly_the_free_ones_are_free(street: Street) -> None:
    commands = [street.transfer(street.counted, street.other, 1_00) for _ in range(6)]
    found = street.day.post_columns(batch_of(commands), street.anyone)
    assert found.posted.all()
    assert sorted(found.fee_minor.tolist()) == [0, 0, 2_00, 2_00, 2_00, 2_00]
    assert street.balance(street.counted) == 1_000_00 - 14_00


def test_a_batch_is_bounded_and_its_columns_equally_long() -> None:
    column = np.ones(COLUMNS_MAX + 1, np.int64)
    given = {"debit": column, "credit": column, "amount_minor": column, "currency": CNY}
    with pytest.raises(ValueError, match="at most 10,000"):
        Batch(id_hi=column.astype(np.uint64), id_lo=column.astype(np.uint64), **given)
    with pytest.raises(ValueError, match="equally long"):
        Batch(id_hi=column[:1].astype(np.uint64), id_lo=column.astype(np.uint64), **given)
