"""The pipeline against a slow, obvious model of the same bank: every answer, every balance, after every command."""

from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.postgres.transact.conftest import Channel, Street

from yinhe.kernel.refusals import Refusal

NAMES = ("plain", "other", "term", "bounded", "counted", "asleep", "swept", "pot")
MOVERS = {"teller-1": (2**62, 2**62), "teller-2": (200_00, 500_00)}
"""Each with the most in one command and in a day."""


@dataclass
class Model:
    """The rules of the test bank, written down once more."""

    balances: dict[str, int]
    moved: dict[str, int] = field(default_factory=dict)
    transfers: int = 0
    """Of the counted account, this month."""

    def ask(self, mover: str, debit: str, credit: str, amount: int, channel: Channel) -> str:
        refused, fee = self.decide(mover, debit, credit, amount, channel)
        if refused:
            return refused
        short = amount + fee - self.balances[debit]
        if debit == "swept" and 0 < short <= self.balances["pot"]:
            self.balances["pot"] -= short
            self.balances["swept"] += short
        if self.balances[debit] < amount + fee:
            return "insufficient_funds"
        self.balances[debit] -= amount + fee
        self.balances[credit] += amount
        self.moved[mover] = self.moved.get(mover, 0) + amount
        self.transfers += debit == "counted"
        return f"posted {fee} {self.balances[debit]}"

    def decide(self, mover: str, debit: str, credit: str, amount: int, channel: Channel) -> tuple[str, int]:
        single, daily = MOVERS[mover]
        rules = [
            (debit == credit, "same_account"),
            (amount <= 0, "amount_not_positive"),
            (debit == "term", "debit_term"),
            (credit == "term", "credit_no_further"),
            (debit == "asleep" and channel is not Channel.COUNTER, "dormant"),
            (debit == "bounded" and amount != self.balances["bounded"] and amount < 1_00, "under_minimum"),
            (debit == "bounded" and amount != self.balances["bounded"] and amount > 500_00, "over_maximum"),
            (credit == "bounded" and amount < 2_00, "under_minimum"),
            (credit == "bounded" and amount + self.balances["bounded"] > 3_000_00, "balance_over_maximum"),
            (amount > single, "over_single_limit"),
            (self.moved.get(mover, 0) + amount > daily, "over_daily_limit"),
        ]
        fee = 2_00 if debit == "counted" and self.transfers >= 2 else 0
        return next((reason for holds, reason in rules if holds), ""), fee


step = st.tuples(
    st.sampled_from(sorted(MOVERS)),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.one_of(st.integers(1, 700_00), st.sampled_from([0, -1, 99, 1_00, 1_99, 2_00, 500_01, 2_000_00])),
    st.sampled_from([Channel.ONLINE, Channel.COUNTER]),
    st.booleans(),
)


@given(steps=st.lists(step, min_size=5, max_size=25))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_answer_is_the_models(street: Street, steps: list[tuple[str, str, str, int, Channel, bool]]) -> None:
    model, accounts, callers = fresh(street)
    for mover, debit, credit, amount, channel, again in steps:
        expected = model.ask(mover, debit, credit, amount, channel)
        command = street.transfer(accounts[debit], accounts[credit], amount, channel=channel)
        previewed = street.day.preview(command, callers[mover])
        reply = street.day.carry_out([command], [callers[mover]])[0]
        if isinstance(reply, Refusal):
            assert (reply.name, previewed) == (expected, reply)
        else:
            assert f"posted {reply.fee_minor} {reply.debit_balance_minor}" == expected
            assert (previewed.fee_minor, previewed.amount_minor) == (reply.fee_minor, amount)
        if again:
            repeated = street.day.carry_out([command], [callers[mover]])[0]
            if isinstance(reply, Refusal):
                assert repeated == reply
            else:
                assert (repeated.seq, repeated.fee_minor, repeated.duplicate) == (reply.seq, reply.fee_minor, True)
        assert {name: street.balance(account) for name, account in accounts.items()} == model.balances


def fresh(street: Street) -> tuple[Model, dict[str, int], dict[str, object]]:
    """New accounts of each kind, and movers who moved nothing yet, on the bank that is there."""
    kinds = {"plain": "demand", "other": "demand", "bounded": "bounded", "counted": "counted", "asleep": "demand"}
    accounts = {name: street.house.open(street.versions[kind], 1_000_00) for name, kind in kinds.items()}
    accounts["term"] = street.house.open(street.versions["time"], 1_000_00, months=12)
    accounts["pot"] = street.house.open(street.versions["demand"], 1_000_00)
    accounts["swept"] = street.house.open(street.versions["swept"], 1_000_00, linked=accounts["pot"])
    street.put_to_sleep(accounts["asleep"])
    run = street.new_id().hex[-12:]
    callers = {
        mover: street.caller(f"{mover}-{run}", single=single, daily=daily) for mover, (single, daily) in MOVERS.items()
    }
    return Model(dict.fromkeys(accounts, 1_000_00)), accounts, callers
