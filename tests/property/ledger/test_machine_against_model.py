"""Random banks: the compiled machine and a banker's plain ledger give the same answers and the same books."""

from collections import Counter
from collections.abc import Callable
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from yinhe.ledger.holds import HOLD_OPEN
from yinhe.ledger.outcomes import AccountOutcome, Outcome

from .bank import Bank
from .model import Asked, transactions

UNREACHED = (AccountOutcome.UNIT_FULL,)
"""A full unit has 134 million accounts; tests/unit/ledger/test_accounts.py has that case."""


def a_day_of_chance(seed: int, steps: int) -> Bank:
    """A bank after `steps` steps that a seed has chosen."""
    bank = Bank(Random(seed))
    step: dict[Callable[[], None], int] = {
        bank.random_batch: 50,
        bank.random_command: 10,
        bank.let_time_pass: 15,
        bank.expire: 10,
        lambda: bank.commit(bank.random.randint(1, 3)): 15,
        bank.begin_pass: 3,
        bank.seal: 2,
        bank.crash: 2,
    }
    for chosen in bank.random.choices(list(step), list(step.values()), k=steps):
        chosen()
    return bank


def test_every_outcome_a_bank_can_meet_is_met_and_agrees_with_the_model() -> None:
    met: Counter[str] = Counter()
    for seed in range(50):
        met += a_day_of_chance(seed, 90).seen
    every = {repr(outcome) for outcome in (*Outcome, *AccountOutcome)}
    assert every - met.keys() == {repr(outcome) for outcome in UNREACHED}


class BanksOfChance(RuleBasedStateMachine):
    """Any order of business, commits, passes, sealing and crashes."""

    @initialize(random=st.randoms(use_true_random=False))
    def open(self, random: Random) -> None:
        self.bank = Bank(random)

    @rule()
    def post(self) -> None:
        self.bank.random_batch()

    @rule()
    def change_accounts(self) -> None:
        self.bank.random_command()

    @rule()
    def let_time_pass(self) -> None:
        self.bank.let_time_pass()

    @rule()
    def expire(self) -> None:
        self.bank.expire()

    @rule(blocks=st.integers(1, 3))
    def commit(self, blocks: int) -> None:
        self.bank.commit(blocks)

    @rule()
    def begin_pass(self) -> None:
        self.bank.begin_pass()

    @rule()
    def seal(self) -> None:
        self.bank.seal()

    @rule()
    def crash(self) -> None:
        self.bank.crash()


TestBanksOfChance = BanksOfChance.TestCase
TestBanksOfChance.settings = settings(
    max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=[*HealthCheck]
)


@settings(max_examples=25, deadline=None, suppress_health_check=[*HealthCheck])
@given(seed=st.integers(0, 2**32), cuts=st.randoms(use_true_random=False))
def test_cutting_a_batch_between_transactions_changes_nothing(seed: int, cuts: Random) -> None:
    whole, pieces = a_day_of_chance(seed, 20), a_day_of_chance(seed, 20)
    batch = [leg for _ in range(10) for leg in whole.requests.batch(whole.model, whole.clock.now_us())]
    answers = whole.post(batch)
    answers_in_pieces = []
    piece: list[Asked] = []
    for transaction in transactions(batch):
        piece += transaction
        if cuts.random() < 0.4:
            answers_in_pieces += pieces.post(piece)
            piece = []
    answers_in_pieces += pieces.post(piece)
    assert answers_in_pieces == answers
    count = pieces.core.columns.count
    assert whole.core.columns.count == count
    assert (whole.core.columns.line[:count] == pieces.core.columns.line[:count]).all()
    assert whole.model.books == pieces.model.books


@settings(max_examples=25, deadline=None, suppress_health_check=[*HealthCheck])
@given(seed=st.integers(0, 2**32), passes=st.lists(st.integers(1, 6), min_size=1, max_size=8))
def test_memory_built_anew_after_any_pass_is_the_memory_that_was(seed: int, passes: list[int]) -> None:
    bank = a_day_of_chance(seed, 10)
    for batches in passes:
        for _ in range(batches):
            bank.random_batch()
            bank.expire()
        bank.begin_pass()
        bank.random_batch()
        bank.commit(len(bank.undurable))
        lines = bank.core.columns.line.copy()
        open_before = open_holds(bank)
        bank.crash()
        again = bank.core.columns.line
        names = [name for name in lines.dtype.names or () if name != "flags"]
        assert all((again[name][: len(lines)] == lines[name][: len(again)]).all() for name in names)
        assert open_holds(bank) == open_before


def open_holds(bank: Bank) -> list[tuple[int, ...]]:
    holds = bank.core._holds[bank.core._holds["state"] == HOLD_OPEN]
    names = ["seq", "remaining", "expires_at", "debit", "credit", "placed_on"]
    return sorted(holds[names][holds["seq"] != 0].tolist())
