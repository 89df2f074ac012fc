"""What is counted of transfers and their answers."""

import numpy as np
import pytest

from yinhe.demo.report import hold_figures, refusal_figures
from yinhe.demo.tally import Tally
from yinhe.ledger.batch import Flag
from yinhe.ledger.outcomes import Outcome

P, POST, VOID = Flag.PENDING, Flag.POST, Flag.VOID
POSTED = Outcome.POSTED


def _tally(*transfers: tuple[Flag, int, Outcome]) -> Tally:
    tally = Tally()
    flags, amount, outcome = zip(*transfers, strict=True)
    tally.add(np.array(flags, np.uint16), np.array(amount, np.int64), np.array(outcome, np.uint8))
    return tally


@pytest.mark.parametrize(
    ("transfers", "placed", "whole", "part", "voided", "open_"),
    [
        ([(P, 9, POSTED)], 1, 0, 0, 0, 1),
        ([(P, 9, Outcome.INSUFFICIENT_FUNDS)], 0, 0, 0, 0, 0),
        ([(P, 9, POSTED), (POST, 0, POSTED)], 1, 1, 0, 0, 0),
        ([(P, 9, POSTED), (VOID, 0, POSTED)], 1, 0, 0, 1, 0),
        ([(P, 9, POSTED), (POST, 6, POSTED), (VOID, 0, POSTED)], 1, 0, 1, 0, 0),
        ([(P, 9, POSTED), (POST, 6, Outcome.DEBIT_BLOCKED), (VOID, 0, POSTED)], 1, 0, 0, 1, 0),
        ([(P, 9, POSTED), (POST, 0, POSTED), (POST, 0, Outcome.PENDING_RESOLVED)], 1, 1, 0, 0, 0),
        ([(P, 9, POSTED), (P, 9, Outcome.DUPLICATE)], 1, 0, 0, 0, 1),
    ],
)
def test_holds_are_counted_by_how_they_end(transfers, placed, whole, part, voided, open_) -> None:
    found = hold_figures(_tally(*transfers), expired=0)
    counted = (found.placed, found.posted_whole, found.posted_part, found.voided, found.open)
    assert counted == (placed, whole, part, voided, open_)


def test_an_expired_hold_is_not_open() -> None:
    assert hold_figures(_tally((P, 9, POSTED), (P, 9, POSTED)), expired=1).open == 1


def test_transfers_are_posted_duplicates_or_refused_and_tallies_add_up() -> None:
    tally = _tally((Flag(0), 1, POSTED), (Flag(0), 1, Outcome.DUPLICATE), (Flag(0), 1, Outcome.OVER_CEILING))
    tally.take(_tally((P, 1, POSTED), (Flag(0), 1, Outcome.OVER_CEILING)))
    assert (tally.transfers, tally.posted, tally.duplicates, tally.refused) == (5, 2, 1, 2)
    assert tally.placed == 1
    assert [(refusal.outcome, refusal.count) for refusal in refusal_figures(tally)] == [("OVER_CEILING", 2)]
