"""The account columns in memory."""

import numpy as np
import pytest

from yinhe.ledger.accounts import openings
from yinhe.ledger.batch import TRANSFER
from yinhe.ledger.columns import ACCOUNT, ACCOUNT_PAGE, AMOUNT_MAX, BALANCE_PAGE, PAGE, AccountFlag, Columns
from yinhe.ledger.holds import HOLD
from yinhe.ledger.identities import IDENTITY
from yinhe.ledger.memory import ROW

from .hall import A, Hall

BYTES_MAX = 200


def test_an_account_takes_200_bytes_at_most() -> None:
    columns = Columns(1_000)
    arrays = [value for value in vars(columns).values() if isinstance(value, np.ndarray)]
    assert sum(array.itemsize for array in arrays) == columns.bytes_per_account <= BYTES_MAX


def test_what_one_posting_touches_of_an_account_is_one_cache_line() -> None:
    assert ACCOUNT.itemsize == 64


@pytest.mark.parametrize("dtype", [ACCOUNT, TRANSFER, ROW, HOLD, IDENTITY])
def test_records_are_aligned(dtype: np.dtype[np.void]) -> None:
    assert all(offset % field.alignment == 0 for field, offset in (dtype.fields or {}).values())


def test_sums_of_two_of_the_largest_amounts_fit_int64() -> None:
    assert 3 * AMOUNT_MAX < 2**63


@pytest.mark.parametrize("capacity", [0, 1, PAGE - 1, PAGE, PAGE + 1, 1_000])
def test_room_is_whole_pages(capacity: int) -> None:
    columns = Columns(capacity)
    assert columns.capacity >= max(capacity, 1)
    assert columns.capacity % PAGE == 0


@pytest.mark.parametrize("wanted", [PAGE + 1, 3 * PAGE, 1_000])
def test_growth_keeps_everything_and_the_rest_is_blank(wanted: int) -> None:
    columns = Columns(PAGE)
    columns.count = PAGE
    columns.line["balance"] = np.arange(PAGE)
    columns.gl_code[:] = columns.product[:] = columns.branch[:] = np.arange(PAGE) + 1
    columns.opened_seq[:] = np.arange(PAGE) + 2
    columns.grow(wanted)
    assert columns.capacity >= wanted
    assert columns.capacity % PAGE == 0
    assert columns.line["balance"][:PAGE].tolist() == list(range(PAGE))
    for column in (columns.gl_code, columns.product, columns.branch):
        assert column[:PAGE].tolist() == list(range(1, PAGE + 1))
        assert not column[PAGE:].any()
    assert columns.opened_seq[:PAGE].tolist() == list(range(2, PAGE + 2))
    assert not columns.line["flags"][PAGE:].any()


def test_growing_to_less_changes_nothing() -> None:
    columns = Columns(PAGE)
    line = columns.line
    columns.grow(5)
    assert columns.line is line


def test_growth_is_by_half_again_at_least() -> None:
    columns = Columns(100 * PAGE)
    columns.grow(columns.capacity + 1)
    assert columns.capacity >= 150 * PAGE


def test_pages_written_and_taken_back_are_the_accounts_that_were() -> None:
    first = Hall(
        *(A(balance=i, floor=-i, ceiling=i + 9, limit_daily=i + 3, spent=i) for i in range(2 * PAGE))
    ).core.columns
    pages = np.array([0, 2], np.int32)
    first.line["flags"][1] |= int(AccountFlag.DIRTY)
    second = Columns(3 * PAGE)
    second.take_pages(first.account_pages(pages))
    second.take_pages(first.balance_pages(pages, 77))
    first.line["flags"] &= np.uint16(0xFFFF ^ AccountFlag.DIRTY)
    for page in (0, 2):
        inside = slice(page * PAGE, (page + 1) * PAGE)
        assert (second.line[inside] == first.line[inside]).all()
        assert (second.gl_code[inside] == first.gl_code[inside]).all()
        assert (second.opened_seq[inside] == first.opened_seq[inside]).all()
    assert not second.line["floor"][PAGE : 2 * PAGE].any()


def test_pages_name_every_field_of_an_account_between_them() -> None:
    told = {*(ACCOUNT_PAGE.names or ()), *(BALANCE_PAGE.names or ())}
    assert {*(ACCOUNT.names or ()), "gl_code", "product", "branch", "opened_seq"} <= told


def test_accounts_opened_beyond_the_room_there_was_can_be_used() -> None:
    hall = Hall(A(balance=10), *[A()] * (3 * PAGE))
    last = 3 * PAGE + 1
    assert hall.post(hall.t(1, last, 10))[0].name == "POSTED"
    assert (hall.balance(1), hall.balance(last)) == (0, 10)
    assert len(openings(0, currency=156, gl_code=1)) == 0
