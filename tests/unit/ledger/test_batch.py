"""Transfers as rows and as columns."""

from uuid import UUID

import numpy as np
import pytest

from yinhe.ledger.batch import TRANSFER, VALUE_DATE_MAX, VALUE_DATE_MIN, Flag, Transfer, columns_of, rows_of
from yinhe.ledger.columns import AMOUNT_MAX

ID = UUID(int=(0xFFFF << 112) | (7 << 76) | (0b10 << 62) | 5)


def one(**fields: object) -> np.void:
    return rows_of([Transfer(**{"txn_id": ID, "debit": 1, "credit": 2, "amount_minor": 3} | fields)])[0]


def test_a_transfer_keeps_every_field() -> None:
    row = one(code=9, flags=Flag.LINKED | Flag.POST, value_date=-7, reference=11, leg=999)
    assert row.dtype == TRANSFER
    assert (int(row["txn_hi"]) << 64 | int(row["txn_lo"])) == ID.int
    names = ("amount", "reference", "debit", "credit", "value_date", "code", "leg")
    assert [int(row[name]) for name in names] == [3, 11, 1, 2, -7, 9, 999]
    assert int(row["flags"]) == Flag.LINKED | Flag.POST | Flag.VALUE_DATED


def test_without_a_value_date_the_row_is_not_value_dated() -> None:
    assert int(one()["flags"]) == 0


@pytest.mark.parametrize("amount", [AMOUNT_MAX + 1, 2**63 - 1, 2**63, 2**64 + 3, 10**30])
def test_an_amount_beyond_the_ledger_stays_beyond_it(amount: int) -> None:
    assert int(one(amount_minor=amount)["amount"]) > AMOUNT_MAX


@pytest.mark.parametrize("amount", [-1, -(2**63), -(2**64), -(10**30)])
def test_a_negative_amount_stays_negative(amount: int) -> None:
    assert int(one(amount_minor=amount)["amount"]) < 0


@pytest.mark.parametrize("account", [2**31, 2**32 + 1, -(2**31) - 1, -(2**32) + 1, 10**30])
@pytest.mark.parametrize("side", ["debit", "credit"])
def test_an_account_beyond_int32_never_becomes_another_account(side: str, account: int) -> None:
    assert int(one(**{side: account})[side]) <= 0


@pytest.mark.parametrize("value_date", [2**31, 2**32, -(2**31) - 1, 10**30])
def test_a_value_date_beyond_int32_never_becomes_another_date(value_date: int) -> None:
    assert not VALUE_DATE_MIN <= int(one(value_date=value_date)["value_date"]) <= VALUE_DATE_MAX


@pytest.mark.parametrize("code", [-1, -(2**15), 2**15, 2**16 + 1])
def test_a_code_out_of_range_never_becomes_another_code(code: int) -> None:
    assert int(one(code=code)["code"]) < 0


@pytest.mark.parametrize("reference", [2**61, 2**63, 2**64 + 2])
def test_a_reference_out_of_range_never_becomes_another_row(reference: int) -> None:
    assert int(one(reference=reference)["reference"]) > AMOUNT_MAX


@pytest.mark.parametrize("field", [{"leg": -1}, {"leg": 2**16}, {"flags": Flag(1 << 16)}])
def test_a_leg_or_flag_that_has_no_place_is_no_crash_of_the_batch(field: dict[str, int]) -> None:
    """The good transfers beside it must still be answered, so it cannot be an OverflowError of NumPy."""
    one(**field)


def test_columns_take_scalars_for_what_is_alike() -> None:
    rows = columns_of(txn_hi=[1, 2], txn_lo=[3, 4], debit=5, credit=[6, 7], amount_minor=8, code=9, leg=0)
    assert rows.dtype == TRANSFER
    assert rows["debit"].tolist() == [5, 5]
    assert rows["credit"].tolist() == [6, 7]
    assert rows["flags"].tolist() == [0, 0]


def test_columns_with_value_dates_are_value_dated_beside_their_other_flags() -> None:
    flags = [Flag.LINKED, Flag.PENDING]
    rows = columns_of(
        txn_hi=[1, 2], txn_lo=[3, 4], debit=1, credit=2, amount_minor=8, flags=flags, value_date=[0, -3], reference=1
    )
    assert rows["value_date"].tolist() == [0, -3]
    assert rows["flags"].tolist() == [Flag.LINKED | Flag.VALUE_DATED, Flag.PENDING | Flag.VALUE_DATED]


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        columns_of(txn_hi=[1, 2], txn_lo=[3, 4], debit=[1, 2, 3], credit=2, amount_minor=1)


def test_columns_equal_the_rows_of_the_same_transfers() -> None:
    transfer = Transfer(
        txn_id=ID, debit=1, credit=2, amount_minor=3, code=4, flags=Flag.REVERSAL, reference=6, value_date=8
    )
    columns = columns_of(
        txn_hi=[ID.int >> 64],
        txn_lo=[ID.int & (2**64 - 1)],
        debit=1,
        credit=2,
        amount_minor=3,
        code=4,
        flags=int(Flag.REVERSAL),
        reference=6,
        value_date=8,
    )
    assert columns.tolist() == rows_of([transfer]).tolist()


@pytest.mark.parametrize("column", ["debit", "credit", "value_date"])
@pytest.mark.parametrize("value", [2**32 + 1, -(2**32) + 1])
def test_a_column_of_wider_numbers_never_wraps_to_another_account_or_date(column: str, value: int) -> None:
    """NumPy narrows an int64 column to int32 without a word; the ledger must not."""
    fields = {"debit": 1, "credit": 2, "value_date": 3} | {column: np.array([value], np.int64)}
    try:
        rows = columns_of(txn_hi=[1], txn_lo=[2], amount_minor=5, **fields)
    except (ValueError, OverflowError):
        return
    assert not 0 < int(rows[column][0]) <= VALUE_DATE_MAX


def test_a_column_of_amounts_as_floats_is_refused() -> None:
    with pytest.raises((TypeError, ValueError)):
        columns_of(txn_hi=[1], txn_lo=[2], debit=1, credit=2, amount_minor=np.array([1.5]))
