"""Drawing before maturity: what is refused, and what the part drawn earns."""

import pytest

from yinhe.products.parts import early
from yinhe.products.parts.refusals import PartRefusal

from .specimens import DEMAND, book, day, days, fen, percent, source, yuan

ONCE = early.AtRate(rate=DEMAND, minimum_left=yuan("50"))
WHOLE = early.AtRate(rate=DEMAND, times=0)
BOOK = book(demand=[("2024-01-01", "0.20%"), ("2025-05-20", "0.05%")])


@pytest.mark.parametrize(
    ("part", "drawn", "times", "refusal"),
    [
        (ONCE, 1_000, 0, PartRefusal.NONE),
        (ONCE, 5_000, 0, PartRefusal.NONE),
        (ONCE, 5_001, 0, PartRefusal.TOO_LITTLE_LEFT),
        (ONCE, 1_000, 1, PartRefusal.EARLY_USED_UP),
        (ONCE, 10_000, 1, PartRefusal.NONE),
        (WHOLE, 10_000, 0, PartRefusal.NONE),
        (WHOLE, 9_999, 0, PartRefusal.EARLY_WHOLE_ONLY),
        (early.Forbidden(), 10_000, 0, PartRefusal.EARLY_NOT_ALLOWED),
    ],
)
def test_of_a_hundred_yuan_a_part_may_be_drawn_once_leaving_fifty(part, drawn, times, refusal):
    assert part.refuse(fen(drawn), fen(10_000), fen(times)).tolist() == [refusal]


LADDER = early.ByDaysHeld(
    ladder=(
        early.Rung(days=0, rate=DEMAND),
        early.Rung(days=90, rate=source("0.80%")),
        early.Rung(days=365, rate=source("2%")),
    )
)


@pytest.mark.parametrize(
    ("part", "opened", "drawn", "rate"),
    [
        (ONCE, "2025-01-01", "2025-05-19", "0.20%"),
        (ONCE, "2025-01-01", "2025-05-20", "0.05%"),
        (LADDER, "2025-05-20", "2025-08-17", "0.05%"),
        (LADDER, "2025-05-20", "2025-08-18", "0.80%"),
        (LADDER, "2024-05-20", "2025-05-20", "1.35%"),
        (early.ShareOfAgreed(share=60), "2025-01-01", "2025-05-19", "0.81%"),
        (early.Forbidden(), "2025-01-01", "2025-05-19", "0%"),
    ],
)
def test_the_part_drawn_earns_its_rate_and_never_more_than_agreed(part, opened, drawn, rate):
    agreed = fen(percent("1.35%").units)
    assert part.rate_of_drawn(BOOK, day(drawn), days(opened), agreed).tolist() == [percent(rate).units]


def test_a_ladder_that_begins_late_or_goes_down_is_found():
    assert early.ByDaysHeld(ladder=LADDER.ladder[1:]).problems()
    assert early.ByDaysHeld(ladder=(LADDER.ladder[0], LADDER.ladder[2], LADDER.ladder[1])).problems()
    assert not LADDER.problems()
