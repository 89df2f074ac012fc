"""What a record keeps: bounded, printable, and of holders the parties alone."""

import pytest

from yinhe.audit.record import BANK, PART_BYTES_MAX, WORDS_MAX, Record, bounded, parties_in
from yinhe.cli.audit import printable


@pytest.mark.parametrize(
    ("holders", "parties"),
    [
        (("12",), (12,)),
        (("34", "12", "12"), (12, 34)),
        (("",), ()),
        (("0",), ()),
        (("张三",), ()),
        (("berka:12",), ()),
        (("１２",), ()),
        (("13800138000",), ()),
        (("110101199003070011",), ()),
    ],
)
def test_a_holder_is_a_party_by_its_number_and_by_nothing_that_looks_like_one(
    holders: tuple[str, ...], parties: tuple[int, ...]
) -> None:
    assert parties_in(*holders) == parties


def test_what_fits_is_kept_as_it_is_and_what_does_not_as_its_digest() -> None:
    fits, too_long = "a" * (PART_BYTES_MAX - 2), "a" * (PART_BYTES_MAX - 1)
    kept = bounded(Record(action="a.b", author=BANK, before=fits, after=too_long, why="w" * WORDS_MAX))
    assert kept.before == fits
    assert kept.after["bytes"] == PART_BYTES_MAX + 1
    assert len(kept.after["sha256"]) == 64
    assert kept.why == "w" * WORDS_MAX
    assert bounded(Record(action="a.b", author=BANK, why="w" * (WORDS_MAX + 1))).why == "w" * (WORDS_MAX - 1) + "…"


def test_what_a_terminal_would_obey_is_shown_and_not_obeyed() -> None:
    assert printable("a\x1b[31m\n\u202eb张") == "a\\u001b[31m\\u000a\\u202eb张"
