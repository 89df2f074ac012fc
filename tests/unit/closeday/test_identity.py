"""The ids of a night's transactions: each once, and they say where they come from."""

from uuid import UUID

import numpy as np
import pytest

from yinhe.closeday.facts import Posting
from yinhe.closeday.identity import KEY_MAX, STEP_MAX, Origin, is_of, keys_of, night_ids, origin_of
from yinhe.kernel.clock import ManualClock
from yinhe.kernel.ids import IdSource, join
from yinhe.ledger.batch import VALUE_DATE_MAX
from yinhe.ledger.memory import ROW

MS = 1_767_600_000_000
DATE = 20_458


def ids(date: int, step: int, *keys: int, id_ms: int = MS) -> list[UUID]:
    hi, lo = night_ids(id_ms, date, step, np.array(keys, np.int64))
    return [join(*pair) for pair in zip(hi.tolist(), lo.tolist(), strict=True)]


def test_every_posting_of_a_night_has_an_id_of_its_own() -> None:
    keys = (0, 1, 2, 63, 64, 4_095, 4_096, 1_000_000, KEY_MAX)
    found = [one for posting in Posting for one in ids(DATE, int(posting), *keys)]
    assert len(set(found)) == len(found) == len(Posting) * len(keys)


def test_two_nights_of_one_millisecond_do_not_share_an_id() -> None:
    found = [one for date in range(DATE, DATE + 4_096) for one in ids(date, 4, 7)]
    assert len(set(found)) == 4_096


def test_the_same_is_asked_for_under_the_same_id() -> None:
    assert ids(DATE, 4, 1, 2, 3) == ids(DATE, 4, 1) + ids(DATE, 4, 2, 3)


@pytest.mark.parametrize("key", [0, 1, 4_096 * 77 + 5, KEY_MAX])
@pytest.mark.parametrize("posting", Posting)
def test_an_id_says_the_night_the_posting_and_what_it_is_for(posting: Posting, key: int) -> None:
    (one,) = ids(DATE, int(posting), key)
    assert (one.version, one.variant) == (7, "specified in RFC 4122")
    assert one.int >> 80 == MS
    origin = origin_of(one)
    assert origin == Origin(DATE % 4_096, int(posting), key)
    for later in (0, 1, 4_095):
        assert origin.date(DATE + later) == DATE


def test_the_postings_of_a_kind_are_found_among_the_rows_of_a_night() -> None:
    rows = np.zeros(3, ROW)
    for at, (step, key) in enumerate(((4, 7), (6, 7), (6, KEY_MAX))):
        hi, lo = night_ids(MS, DATE, step, np.array([key]))
        rows["txn_hi"][at], rows["txn_lo"][at] = hi[0], lo[0]
    found, keys = keys_of(rows, 6)
    assert (found.tolist(), keys[found].tolist()) == ([False, True, True], [7, KEY_MAX])


@pytest.mark.parametrize(("date", "step"), [(DATE, STEP_MAX + 1), (DATE, -1), (-1, 1), (VALUE_DATE_MAX + 1, 1)])
def test_what_does_not_fit_an_id_is_refused(date: int, step: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        night_ids(MS, date, step, np.array([1]))


def test_an_id_that_is_marked_otherwise_is_no_nights() -> None:
    (one,) = ids(DATE, 4, 7)
    assert origin_of(UUID(int=one.int ^ 1 << 54)) is None
    assert origin_of(UUID(int=one.int ^ 1 << 76)) is None


def test_no_id_drawn_by_chance_is_taken_for_a_nights_though_one_in_256_bears_the_mark() -> None:
    (own,) = ids(DATE, 4, 7)
    assert is_of(own, MS)
    drawn = IdSource(ManualClock((MS + 1) * 1_000), 1)
    marked = [one for one in (drawn.next() for _ in range(20_000)) if origin_of(one) is not None]
    assert marked
    assert not any(is_of(one, MS) for one in marked)
