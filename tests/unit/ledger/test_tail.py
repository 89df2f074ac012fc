"""The tail: rows of unsealed segments, in memory."""

import numpy as np
import pytest
from numpy.typing import NDArray

from yinhe.ledger.memory import ROW
from yinhe.ledger.tail import Tail


def rows(*seqs: int, debit: int = 1, credit: int = 2, txn: int = 0) -> NDArray[np.void]:
    made = np.zeros(len(seqs), ROW)
    made["seq"], made["debit"], made["credit"], made["txn_lo"] = seqs, debit, credit, txn
    return made


def seqs(found: NDArray[np.void]) -> list[int]:
    return found["seq"].tolist()


@pytest.mark.parametrize("piece", [1, 2, 3, 10, 10_000])
@pytest.mark.parametrize("segment_rows", [1, 4, 7, 64, 4_096])
def test_rows_come_back_in_order_however_they_came_in(segment_rows: int, piece: int) -> None:
    tail = Tail(1, segment_rows)
    every = [seq for seq in range(1, 200) if seq % 5]  # account commands take seqs too, and have no rows
    for start in range(0, len(every), piece):
        tail.append(rows(*every[start : start + piece]))
    assert seqs(tail.view().range(1, 1_000)) == every
    assert seqs(tail.view().range(50, 10)) == [seq for seq in every if seq >= 50][:10]
    assert seqs(tail.view().of_account(2, 100, 30)) == [seq for seq in every if seq < 100][::-1][:30]
    assert seqs(tail.view().of_account(1, 1_000, 1_000)) == every[::-1]


def test_a_tail_may_begin_in_the_middle_of_a_segment_and_skip_whole_ones() -> None:
    tail = Tail(11, 4)
    tail.append(rows(11, 12, 30, 31))
    tail.append(rows(33))
    assert seqs(tail.view().range(0, 100)) == [11, 12, 30, 31, 33]


def test_only_the_rows_of_an_account_on_either_side_are_its_own() -> None:
    tail = Tail(1, 4)
    tail.append(rows(1, 2, debit=1, credit=2))
    tail.append(rows(3, 4, debit=3, credit=1))
    tail.append(rows(5, 6, debit=2, credit=3))
    assert seqs(tail.view().of_account(1, 100, 100)) == [4, 3, 2, 1]
    assert seqs(tail.view().of_account(9, 100, 100)) == []
    assert seqs(tail.view().of_account(1, 100, 0)) == []


def test_a_transaction_is_found_across_segments() -> None:
    tail = Tail(1, 2)
    tail.append(rows(1, txn=7))
    tail.append(rows(2, 3, 4, txn=8))
    assert seqs(tail.view().of_transaction(0, 8)) == [2, 3, 4]
    assert seqs(tail.view().of_transaction(1, 8)) == []


def test_a_sealed_segment_is_forgotten_and_the_rest_stays() -> None:
    tail = Tail(1, 4)
    tail.append(rows(*range(1, 11)))
    tail.drop_before(5)
    assert tail.view().first_seq == tail.first_seq == 5
    assert seqs(tail.view().range(1, 100)) == [5, 6, 7, 8, 9, 10]
    tail.drop_before(9)
    assert seqs(tail.view().range(1, 100)) == [9, 10]
    tail.append(rows(11, 12, 13))
    assert seqs(tail.view().range(1, 100)) == [9, 10, 11, 12, 13]


def test_forgetting_never_goes_back() -> None:
    tail = Tail(9, 4)
    tail.drop_before(5)
    assert tail.first_seq == 9


def test_a_view_stays_as_it_was() -> None:
    tail = Tail(1, 4)
    tail.append(rows(1, 2, 3))
    view = tail.view()
    tail.append(rows(4, 5, 6))
    tail.drop_before(5)
    assert view.first_seq == 1
    assert seqs(view.range(1, 100)) == [1, 2, 3]
    assert seqs(view.of_account(1, 100, 100)) == [3, 2, 1]


def test_an_empty_tail_has_nothing() -> None:
    view = Tail(1, 4).view()
    assert seqs(view.range(1, 5)) == seqs(view.of_account(1, 5, 5)) == seqs(view.of_transaction(0, 0)) == []
    assert view.range(1, 5).dtype == ROW
