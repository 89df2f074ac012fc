"""A cursor comes back as the place it was written of; any other word is refused."""

import base64
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yinhe.ledger.batch import VALUE_DATE_MIN
from yinhe.ledger.history import SEQ_END
from yinhe.overview.cursor import read_cursor, write_cursor
from yinhe.overview.reading import DATE_END, FIRST, Place

NUMBERS, DATES, IDS = st.integers(0, SEQ_END), st.integers(VALUE_DATE_MIN, DATE_END), st.uuids()


@settings(max_examples=50)
@given(st.builds(Place, NUMBERS, DATES, IDS, DATES, IDS, NUMBERS))
def test_a_cursor_is_the_place_it_was_written_of(place: Place) -> None:
    word = write_cursor(place)
    assert word.replace("-", "").replace("_", "").isalnum()
    assert read_cursor(word) == place


def forged(*values: object) -> str:
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(values)).rstrip(b"=").decode()


ZERO = UUID(int=0).bytes


@pytest.mark.parametrize(
    "word",
    [
        "",
        "x",
        "ä" * 10,
        "!!!!",
        "A" * 10_000,
        write_cursor(FIRST) + "AAAA",
        write_cursor(FIRST)[:-3],
        forged(2, 1, 1, ZERO, 1, ZERO, 1),
        forged(1, -1, 1, ZERO, 1, ZERO, 1),
        forged(1, 2**63, 1, ZERO, 1, ZERO, 1),
        forged(1, 1, 10**9, ZERO, 1, ZERO, 1),
        forged(1, 1, 1, b"short", 1, ZERO, 1),
        forged(1, 1, 1, ZERO, 1, ZERO, "1"),
        forged(1, 1, 1, ZERO, 1, ZERO),
    ],
)
def test_another_word_is_no_cursor(word: str) -> None:
    assert read_cursor(word) is None
