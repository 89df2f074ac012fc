"""What customers and statements read: refusals and transfer codes, in both languages; and plans come back whole."""

import uuid
from enum import Enum

import msgspec
import numpy as np
import pytest

from yinhe.deposits.answers import done_of
from yinhe.deposits.codes import GENERAL_LEDGER_NAMES, TransferCode
from yinhe.deposits.columns import CONTRACT, NO_RATE
from yinhe.deposits.plans import OWN_ACCOUNT, Leg, NewAccount, Plan, plan_body, read_plan, transfers_of
from yinhe.deposits.refusals import ContractRefusal, Refusal, read_refusal, refusal_words
from yinhe.ledger.batch import Flag
from yinhe.ledger.outcomes import Outcome
from yinhe.products.catalogue import VersionRefusal
from yinhe.products.parts.refusals import PartRefusal

EVENT = uuid.UUID("019b8c6e-0000-7000-8000-000000000001")


@pytest.mark.parametrize("reasons", [ContractRefusal, VersionRefusal, PartRefusal, Outcome])
def test_every_refusal_is_told_in_both_languages_and_comes_back_from_the_database(reasons: type[Enum]) -> None:
    for because in reasons:
        refusal = Refusal(because)
        assert refusal.english
        assert not refusal.english.endswith(".")
        assert any("\u4e00" <= letter <= "\u9fff" for letter in refusal.chinese)
        assert read_refusal(refusal_words(refusal)) == refusal


def test_no_two_refusals_of_deposits_say_the_same() -> None:
    assert len({because.english for because in ContractRefusal}) == len(ContractRefusal)
    assert len({because.chinese for because in ContractRefusal}) == len(ContractRefusal)


def test_transfer_codes_are_ours_and_small() -> None:
    codes = [code.code for code in TransferCode]
    assert codes == list(range(2001, 2001 + len(codes)))
    assert all(code.english and code.chinese for code in TransferCode)
    assert all(names.english and names.chinese for names in GENERAL_LEDGER_NAMES.values())


def plan() -> Plan:
    row = np.zeros(1, CONTRACT)
    for at, name in enumerate(CONTRACT.names):
        row[name] = at + 1
    row["rate"] = NO_RATE
    legs = (
        Leg(7, 8, 3, TransferCode.INTEREST_ACCRUED),
        Leg(8, OWN_ACCOUNT, 3, TransferCode.INTEREST),
        Leg(OWN_ACCOUNT, 9, 1, TransferCode.INTEREST_TAX),
        Leg(OWN_ACCOUNT, 5, 102, TransferCode.CLOSING),
    )
    return Plan(
        id=EVENT,
        kind="close",
        row=row,
        legs=legs,
        account=NewAccount(156, 2011, 1001, 7, -5),
        holder="ada",
        closes=True,
        early=True,
        notice_due=20_000,
        notice_minor=5,
        notice_drawn=EVENT,
    )


def test_a_plan_comes_back_from_the_database_as_it_was() -> None:
    kept = msgspec.json.decode(msgspec.json.encode(plan_body(plan())))
    found = read_plan(EVENT, "close", kept)
    assert (found.row == plan().row).all()
    for name in Plan.__struct_fields__:
        assert name == "row" or getattr(found, name) == getattr(plan(), name), name


def test_the_legs_of_a_plan_are_one_transaction_on_the_contracts_own_account() -> None:
    rows = transfers_of(plan(), 42)
    assert [(row.debit, row.credit) for row in rows] == [(7, 8), (8, 42), (42, 9), (42, 5)]
    assert [row.leg for row in rows] == [0, 1, 2, 3]
    assert [row.flags for row in rows] == [Flag.LINKED, Flag.LINKED, Flag.LINKED, Flag(0)]
    assert {row.txn_id for row in rows} == {EVENT}


def test_what_is_told_is_what_the_legs_moved() -> None:
    done = done_of(plan(), 12, 42)
    assert (done.interest_minor, done.tax_minor, done.paid_minor, done.received_minor) == (3, 1, 102, 0)
