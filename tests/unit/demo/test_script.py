"""Scripts repeat with their seed, hang together, and keep lanes out of each other's accounts."""

import numpy as np
import pytest

from yinhe.demo.bank import LANES, LEAVING, Bank, draw_bank
from yinhe.demo.names import Reason
from yinhe.demo.script import Act, Step, Today, write_script
from yinhe.ledger.batch import Flag

TODAY = Today(0, 20_000)


@pytest.fixture(scope="module")
def bank() -> Bank:
    return draw_bank(2_000, 1, np.random.default_rng(1))


def _script(bank: Bank, lane: int, today: Today = TODAY, seed: int = 1) -> tuple[Step, ...]:
    return write_script(bank, lane, today, 1_000, np.random.default_rng([seed, lane]))


def test_the_same_draws_write_the_same_script(bank: Bank) -> None:
    assert _script(bank, 3) == _script(bank, 3)
    assert _script(bank, 3) != _script(bank, 3, seed=2)


def test_a_lane_takes_money_only_from_its_own_households_and_from_the_bank(bank: Bank) -> None:
    """Were it otherwise, what is answered would depend on which thread came first."""
    served = {
        int(account)
        for side in (bank.wallets, bank.savings, bank.euros, bank.dollars)
        for account in side.account
    }  # fmt: skip
    for lane in range(LANES):
        homes = set(bank.lane(lane).tolist())
        for side in (bank.wallets, bank.euros, bank.dollars):
            homes |= {int(a) for a, o in zip(side.account, side.owner, strict=True) if int(o) in homes}
        everyone = set(bank.households.tolist()) | served
        for step in _script(bank, lane):
            for leg in step.legs:
                assert leg.debit in homes | set(bank.own)
                assert leg.credit in homes or leg.credit not in everyone


def test_a_step_is_about_an_earlier_one_that_fits(bank: Bank) -> None:
    script = _script(bank, 0)
    for place, step in enumerate(script):
        about = script[step.of] if step.of >= 0 else None
        assert step.of < place
        match step.act:
            case Act.SETTLE:
                assert about is not None
                assert about.legs[0].flags == Flag.PENDING
                assert step.legs[0].debit == about.legs[0].debit
            case Act.RETRY:
                assert about is not None
                assert step.legs == about.legs
            case Act.REUSE:
                assert about is not None
                assert step.legs != about.legs
            case Act.REVERSE:
                assert about is not None
                assert about.act is Act.SEND
            case _:
                assert about is None


def test_everything_a_client_may_do_is_done(bank: Bank) -> None:
    script = _script(bank, 0)
    assert {step.act for step in script} == set(Act)
    online = {leg.reason for step in script for leg in step.legs}
    bulk = {Reason.OPENING, Reason.EXPIRED, Reason.SALARY, Reason.SCAN, Reason.SAVING, Reason.TOP_UP}
    bulk |= {Reason.ENTERED_LATE}
    assert online | bulk | {Reason.SUPPLIER, Reason.CLEARING} == set(Reason)


def test_each_day_another_household_leaves(bank: Bank) -> None:
    left = [_script(bank, 0, Today(day, 20_000 + day))[0] for day in range(3)]
    assert all(step.act is Act.CLOSE for step in left)
    assert [step.legs[0].debit for step in left] == bank.lane(0)[LEAVING : LEAVING + 3].tolist()


def test_a_hold_settled_in_part_is_released_after_it(bank: Bank) -> None:
    script = _script(bank, 0)
    parts = [
        (place, step)
        for place, step in enumerate(script)
        if step.act is Act.SETTLE and step.legs[0].flags == Flag.POST and step.legs[0].amount_minor
        and step.legs[0].amount_minor < script[step.of].legs[0].amount_minor
    ]  # fmt: skip
    assert parts
    for place, part in parts:
        after = [step.legs[0] for step in script[place:] if step.act is Act.SETTLE and step.of == part.of][1:]
        assert [(leg.flags, leg.amount_minor) for leg in after] == [(Flag.VOID, 0)]
