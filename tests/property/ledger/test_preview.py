"""A preview says what posting then answers, and leaves nothing behind."""

from collections import Counter
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yinhe.ledger.accounts import openings
from yinhe.ledger.outcomes import Outcome

from .bank import Bank, rows_asked
from .test_machine_against_model import a_day_of_chance

NOTHING_OPENED = openings(0, currency=156, gl_code=0)


def post_as_previewed(bank: Bank) -> list[Outcome]:
    """Preview a batch of chance, then let the engine do the same: release what has expired, and post."""
    batch = bank.requests.batch(bank.model, bank.clock.now_us())
    seq, dirty = bank.core.next_seq, bank.core.dirty
    previewed = [Outcome(outcome) for outcome in bank.core.preview(rows_asked(batch), NOTHING_OPENED).tolist()]
    assert (bank.core.next_seq, bank.core.dirty) == (seq, dirty)
    bank.compare()
    bank.expire()
    posted = [outcome for outcome, _ in bank.post(batch)]
    assert previewed == posted
    return posted


@settings(max_examples=25, deadline=None, suppress_health_check=[*HealthCheck])
@given(seed=st.integers(0, 2**32), rounds=st.integers(1, 6))
def test_a_preview_is_what_posting_then_answers(seed: int, rounds: int) -> None:
    bank = a_day_of_chance(seed, 20)
    for _ in range(rounds):
        post_as_previewed(bank)
        bank.let_time_pass()


def test_previews_meet_nearly_every_outcome() -> None:
    met: Counter[Outcome] = Counter()
    for seed in range(8):
        bank = Bank(Random(seed))
        for _ in range(60):
            met.update(post_as_previewed(bank))
            bank.let_time_pass()
            bank.commit(2)
            bank.seal()
    assert len(met) >= len(Outcome) - 8, set(Outcome) - met.keys()
