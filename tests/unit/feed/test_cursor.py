"""A cursor reads back as it was written, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinhe.feed.cursor import BEGINNING, Cursor
from yinhe.feed.refusals import FeedRefusal
from yinhe.kernel.refusals import Refusal

places = st.builds(Cursor, st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1), st.integers(0, 2**32 - 1))


@given(places, st.integers(1, 9_999))
def test_a_cursor_reads_back_in_its_unit_and_in_no_other(cursor: Cursor, unit: int) -> None:
    text = cursor.text(unit)
    assert Cursor.read(text, unit) == cursor
    assert isinstance(Cursor.read(text, unit + 1), Refusal)


def test_no_cursor_is_the_beginning() -> None:
    assert Cursor.read("", 1) == BEGINNING


@given(places, st.integers(0, 200), st.characters())
def test_one_letter_changed_is_refused(cursor: Cursor, place: int, letter: str) -> None:
    text = cursor.text(1)
    place %= len(text)
    changed = text[:place] + letter + text[place + 1 :]
    if changed != text:
        assert isinstance(Cursor.read(changed, 1), Refusal)


@pytest.mark.parametrize("text", ["x", "AAAA", "你好", "=" * 40, "A" * 5_000, "../../etc", "0", "\n", "%00"])
def test_garbage_is_refused(text: str) -> None:
    refused = Cursor.read(text, 1)
    assert isinstance(refused, Refusal)
    assert refused.because is FeedRefusal.CURSOR_UNKNOWN
