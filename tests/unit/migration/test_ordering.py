"""Inside an account and day the order is found in which the source's balances follow from one another."""

from itertools import permutations
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinhe.migration.berka import ordering
from yinhe.migration.berka.ordering import Chaining, ChainOrder, best_chain, chain_order


def ordered(rows: list[tuple[int, int, int, int, int]]) -> ChainOrder:
    """Order rows of (account, day, transaction, signed amount, balance)."""
    account, day, trans, signed, balance = np.array(rows, np.int64).reshape(-1, 5).T
    return chain_order(account, day.astype(np.int32), trans, signed, balance)


@pytest.mark.parametrize(
    ("before", "rows", "chain"),
    [
        (0, [(700, 700)], [0]),
        (0, [(-200, 500), (700, 700)], [1, 0]),
        (100, [(-50, 50), (700, 750), (-750, 0)], [0, 1, 2]),
        (100, [(-750, 0), (-50, 50), (700, 750)], [1, 2, 0]),
        (0, [(-200, -200), (700, 500)], [0, 1]),
        (0, [(700, 710)], [0]),
        (0, [(700, 690)], [0]),
        (0, [(700, 711)], None),
        (0, [(700, 700), (-200, 480)], None),
    ],
)
def test_a_days_rows_are_put_in_the_order_of_their_balances(
    before: int, rows: list[tuple[int, int]], chain: list[int] | None
) -> None:
    assert best_chain(before, [signed for signed, _ in rows], [balance for _, balance in rows]) == chain


def test_of_two_chains_the_one_with_more_exact_rows_is_taken() -> None:
    # 0 → 10 → 10: nothing added and rounded up, then 10 added and rounded down; the other way round both are exact.
    assert best_chain(0, [0, 10], [10, 10]) == [1, 0]


@given(
    st.lists(
        st.tuples(st.sampled_from([-30, -10, 0, 10, 20, 30]), st.sampled_from([-10, 0, 0, 10])), min_size=1, max_size=5
    ),
    st.randoms(use_true_random=False),
)
def test_no_other_order_of_a_day_has_more_exact_rows(days: list[tuple[int, int]], random: Random) -> None:
    balance, rows = 0, []
    for amount, rounding in days:
        balance += amount + rounding
        rows.append((amount, balance))
    random.shuffle(rows)

    def exact(order: tuple[int, ...]) -> int:
        """Exact rows of an order, or -1 when it is no chain."""
        reached, count = 0, 0
        for place in order:
            signed, after = rows[place]
            if abs(after - reached - signed) > 10:
                return -1
            count += after == reached + signed
            reached = after
        return count

    chain = best_chain(0, [signed for signed, _ in rows], [after for _, after in rows])
    assert chain is not None
    assert sorted(chain) == list(range(len(rows)))
    assert exact(tuple(chain)) == max(map(exact, permutations(range(len(rows)))))


def test_rows_are_exact_rounded_or_unexplained() -> None:
    order = ordered([(1, 0, 1, 700, 700), (1, 1, 2, 100, 810), (1, 2, 3, -10, 790), (1, 3, 4, 10, 820)])
    assert order.difference_minor.tolist() == [0, 10, -10, 20]
    assert order.chaining.tolist() == [Chaining.EXACT, Chaining.ROUNDED, Chaining.ROUNDED, Chaining.UNEXPLAINED]


def test_a_difference_is_never_carried_to_the_next_row_or_day() -> None:
    order = ordered([(1, 0, 1, 700, 710), (1, 1, 2, 100, 820), (1, 2, 3, -20, 800)])
    assert order.difference_minor.tolist() == [10, 10, 0]


def test_each_account_starts_from_zero() -> None:
    order = ordered([(1, 0, 1, 700, 700), (2, 0, 2, 100, 100)])
    assert order.chaining.tolist() == [Chaining.EXACT, Chaining.EXACT]


def test_the_position_is_counted_inside_each_account_and_day_whatever_the_order_of_the_rows() -> None:
    rows = [(2, 5, 9, -40, 60), (1, 5, 8, -1, 8), (2, 5, 7, 100, 100), (1, 4, 6, 9, 9), (2, 6, 1, 1, 61)]
    assert ordered(rows).position.tolist() == [1, 0, 0, 0, 0]
    assert ordered(rows[::-1]).position.tolist() == [0, 0, 0, 0, 1]


def test_a_day_that_does_not_chain_stays_credits_first_then_by_transaction_id() -> None:
    order = ordered([(1, 0, 1, -50, 999), (1, 0, 4, 70, 100), (1, 0, 3, 30, 30), (1, 0, 2, -1, 998)])
    assert order.position.tolist() == [2, 1, 0, 3]
    assert order.difference_minor.tolist() == [949, 0, 0, 0]
    assert order.chaining.tolist() == [Chaining.UNEXPLAINED, Chaining.EXACT, Chaining.EXACT, Chaining.EXACT]


def test_equal_chains_take_credits_first_then_the_smaller_transaction_id() -> None:
    assert ordered([(1, 0, 5, 0, 0), (1, 0, 4, 0, 0), (1, 0, 3, 0, 0)]).position.tolist() == [2, 1, 0]
    assert ordered([(1, 0, 5, 0, 10), (1, 0, 4, 0, 10)]).position.tolist() == [1, 0]
    assert ordered([(1, 0, 4, -5, 10), (1, 0, 5, 5, 10)]).position.tolist() == [1, 0]


def test_a_long_day_is_searched_up_to_its_bound() -> None:
    longest = ordering.DAY_ROWS_MAX
    balances = list(range(100, 100 * (longest + 2), 100))
    within = best_chain(0, [100] * longest, balances[longest - 1 :: -1])
    assert within == list(range(longest - 1, -1, -1))
    assert best_chain(0, [100] * (longest + 1), balances[longest::-1]) is None


def test_the_search_is_bounded_in_states(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordering, "SEARCH_STATES_MAX", 1)
    assert best_chain(0, [700, -200], [700, 500]) == [0, 1]
    monkeypatch.setattr(ordering, "SEARCH_STATES_MAX", 0)
    assert best_chain(0, [700, -200], [700, 500]) is None


def test_no_rows_make_no_order() -> None:
    assert ordered([]).position.tolist() == []
