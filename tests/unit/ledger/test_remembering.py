"""What the ledger must not forget: ids it has posted, and what became of a hold."""

import pytest

from yinhe.ledger.batch import Flag, rows_of
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.outcomes import Outcome

from .hall import A, Hall

ANY = A(floor=-AMOUNT_MAX)


def seal_all(hall: Hall) -> None:
    for segment in hall.store.segments():
        if not segment.sealed and segment.end_seq <= hall.core.committed_seq + 1:
            hall.store.seal(segment)
            hall.core.learn_sealed(hall.store.segments(), {})


def test_a_retry_long_after_is_a_duplicate_whatever_the_ledger_forgets_to_make_room_for_it() -> None:
    hall = Hall(ANY, ANY, segment_rows=4, identities=16)
    first = hall.t(1, 2, 5)
    hall.post(first)
    for minute in range(60):
        hall.clock.set(hall.clock.now_us() + 60_000_000)
        hall.post(*(hall.t(1, 2, 1) for _ in range(minute % 5 + 1)))
        seal_all(hall)
        assert hall.post(first) == [Outcome.DUPLICATE], minute
        assert hall.seqs == [2]


def test_a_resolved_hold_is_not_forgotten_by_the_batch_that_makes_the_ledger_tidy_its_holds() -> None:
    hall = Hall(ANY, ANY)
    hall.post(*(hall.t(1, 2, 5, Flag.PENDING) for _ in range(300)))
    holds = list(hall.seqs)
    hall.post(*(hall.t(1, 2, 0, Flag.VOID, reference=seq) for seq in holds))
    hall.write_pass()
    answers = hall.post(*(hall.t(1, 2, 0, Flag.POST, reference=seq) for seq in holds * 3))
    assert set(answers) == {Outcome.PENDING_RESOLVED}


@pytest.mark.parametrize("recalled", [300, 1_000])
def test_holds_called_back_do_not_crowd_each_other_out(recalled: int) -> None:
    hall = Hall(ANY, ANY)
    hall.post(*(hall.t(1, 2, 5, Flag.PENDING) for _ in range(recalled)))
    holds = list(hall.seqs)
    hall.post(*(hall.t(1, 2, 0, Flag.VOID, reference=seq) for seq in holds))
    hall.restart()
    answers = hall.post(*(hall.t(1, 2, 0, Flag.POST, reference=seq) for seq in holds))
    assert set(answers) == {Outcome.PENDING_RESOLVED}


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize(
    ("payer", "payee", "expected"),
    [(3, 2, Outcome.PENDING_NOT_FOUND), (1, 3, Outcome.PENDING_DIFFERS), (1, 2, Outcome.PENDING_RESOLVED)],
)
def test_what_is_said_of_a_resolved_hold_does_not_depend_on_a_restart(
    payer: int, payee: int, expected: Outcome, restarted: bool
) -> None:
    hall = Hall(ANY, ANY, ANY)
    hall.post(hall.t(1, 2, 5, Flag.PENDING))
    (hold,) = hall.seqs
    hall.post(hall.t(1, 2, 0, Flag.VOID, reference=hold))
    if restarted:
        hall.restart()
    assert hall.post(hall.t(payer, payee, 0, Flag.POST, reference=hold)) == [expected]


CONTENT_CHANGES = {
    "a balancing transfer that names the amount as its reference": (
        {"amount": 5, "flags": Flag.BALANCING_DEBIT},
        {"amount": 1, "flags": Flag.BALANCING_DEBIT, "reference": 5},
    ),
    "a post of the whole that gives an amount besides": (
        {"amount": 0, "flags": Flag.POST, "reference": 2},
        {"amount": 3, "flags": Flag.POST | Flag.WHOLE, "reference": 2},
    ),
}


@pytest.mark.parametrize(("first", "second"), CONTENT_CHANGES.values(), ids=CONTENT_CHANGES.keys())
def test_the_same_id_with_other_content_is_a_conflict(first: dict[str, int], second: dict[str, int]) -> None:
    hall = Hall(A(balance=100), ANY)
    hall.post(hall.t(1, 2, 7, Flag.PENDING))
    txn_id = hall.id()
    assert hall.post_rows(rows_of([hall.t(1, 2, **first, txn_id=txn_id)])) == [Outcome.POSTED]
    assert hall.post_rows(rows_of([hall.t(1, 2, **second, txn_id=txn_id)])) == [Outcome.ID_CONFLICT]
