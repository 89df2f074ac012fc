"""A source row always gets the same transfer id, a well-formed UUIDv7 of its business date."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from yinhe.kernel.dates import days_from_date
from yinhe.kernel.ids import is_uuid7, join, unix_ms
from yinhe.migration.berka.identity import DayBeforeUuidTimeError, transfer_ids
from yinhe.migration.errors import MigrationError


def ids(*rows: tuple[date, int, int]) -> list[tuple[int, int]]:
    """The halves of the ids of (date, transaction, leg)."""
    days = np.array([days_from_date(day) for day, _, _ in rows], np.int32)
    trans = np.array([trans for _, trans, _ in rows], np.int64)
    hi, lo = transfer_ids(days, trans, np.array([leg for _, _, leg in rows], np.uint8))
    assert hi.dtype == lo.dtype == np.uint64
    return list(zip(hi.tolist(), lo.tolist(), strict=True))


NEW_YEAR = date(1993, 1, 1)


def test_an_id_is_a_uuid_of_version_7_at_midnight_of_the_business_date() -> None:
    ((hi, lo),) = ids((NEW_YEAR, 695247, 0))
    assert is_uuid7(join(hi, lo))
    assert datetime.fromtimestamp(unix_ms(join(hi, lo)) / 1000, UTC) == datetime(1993, 1, 1, tzinfo=UTC)


def test_an_id_never_changes_from_one_run_or_release_to_the_next() -> None:
    assert [str(join(*halves)) for halves in ids((NEW_YEAR, 695247, 0), (NEW_YEAR, 695247, 1))] == [
        "00a8ffd1-1c00-7689-81ce-9c332189f554",
        "00a8ffd1-1c00-7f1e-9ec4-7fd7282ca729",
    ]


def test_ids_do_not_depend_on_the_other_rows_of_the_run() -> None:
    rows = [(NEW_YEAR, 1, 0), (date(1994, 3, 30), 2, 0), (NEW_YEAR, 2, 1)]
    assert ids(*rows) == [ids(row)[0] for row in rows]


def test_transactions_legs_and_days_have_different_ids() -> None:
    rows = [(day, trans, leg) for day in (NEW_YEAR, date(1993, 1, 2)) for trans in range(500) for leg in (0, 1)]
    assert len(set(ids(*rows))) == len(rows)


def test_the_free_bits_are_all_used() -> None:
    halves = ids(*[(NEW_YEAR, trans, 0) for trans in range(200)])
    assert np.bitwise_or.reduce([hi for hi, _ in halves]) & 0xFFFF == 0x7FFF
    assert np.bitwise_and.reduce([hi for hi, _ in halves]) & 0xFFFF == 0x7000
    assert int(np.bitwise_or.reduce(np.array([lo for _, lo in halves], np.uint64))) == 0xBFFF_FFFF_FFFF_FFFF
    assert int(np.bitwise_and.reduce(np.array([lo for _, lo in halves], np.uint64))) == 0x8000_0000_0000_0000


def test_a_day_before_1970_is_refused() -> None:
    ids((date(1970, 1, 1), 1, 0))
    with pytest.raises(DayBeforeUuidTimeError, match="before 1970-01-01") as refused:
        ids((NEW_YEAR, 1, 0), (date(1969, 12, 31), 1, 0))
    assert isinstance(refused.value, MigrationError)
