"""The line of what waits: whole transactions, in order, bounded."""

from random import Random
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray

from yinhe.ledger.accounts import CloseAccount
from yinhe.ledger.batch import LEGS_MAX, TRANSFER, Flag
from yinhe.ledger.errors import Busy, LedgerClosed, LedgerFault
from yinhe.ledger.store import Checkpoint
from yinhe.ledger.submissions import Command, Line, Part, Transfers

L = int(Flag.LINKED)


def transactions(*legs: int, first_id: int = 1) -> NDArray[np.void]:
    """Whole transactions of so many legs each."""
    batch = np.zeros(sum(legs), TRANSFER)
    at = 0
    for number, count in enumerate(legs, first_id):
        batch["txn_lo"][at : at + count] = number
        batch["leg"][at : at + count] = np.arange(count)
        batch["flags"][at : at + count - 1] = L
        at += count
    return batch


def handed_in(batch: NDArray[np.void], checkpoint: Checkpoint | None = None) -> Transfers:
    return Transfers(batch, (), checkpoint)


def taken(batch: NDArray[np.void], room: int) -> list[int]:
    """The lengths of the parts a batch is taken in."""
    transfers, lengths = handed_in(batch), list[int]()
    while transfers.taken < len(batch):
        part = transfers.take(room, alone=True)
        assert part is not None
        lengths.append(part.end - part.start)
        one_chain = bool((part.batch["flags"][:-1] & np.uint16(L)).all())
        assert 0 < lengths[-1] <= room or one_chain
    return lengths


def cut_transactions(batch: NDArray[np.void], lengths: list[int]) -> list[int]:
    ends = np.cumsum(lengths)[:-1]
    return [
        int(end) for end in ends if batch["flags"][end - 1] & L and batch["txn_lo"][end - 1] == batch["txn_lo"][end]
    ]


@pytest.mark.parametrize(
    ("legs", "room", "parts"),
    [
        ((1, 1, 1, 1), 4, [4]),
        ((1, 1, 1, 1), 3, [3, 1]),
        ((2, 2, 2), 3, [2, 2, 2]),
        ((3, 1, 3), 4, [4, 3]),
        ((1, 3, 1), 3, [1, 3, 1]),
        ((4,), 4, [4]),
        ((4, 1), 3, [4, 1]),
        ((LEGS_MAX, 1), 1, [LEGS_MAX, 1]),
        ((1, LEGS_MAX), LEGS_MAX, [1, LEGS_MAX]),
        ((LEGS_MAX, LEGS_MAX), LEGS_MAX, [LEGS_MAX, LEGS_MAX]),
        ((LEGS_MAX, LEGS_MAX), 2 * LEGS_MAX - 1, [LEGS_MAX, LEGS_MAX]),
        ((5, LEGS_MAX, 5), LEGS_MAX + 4, [5, LEGS_MAX, 5]),
    ],
)
def test_a_batch_is_taken_in_parts_that_cut_no_transaction(legs: tuple[int, ...], room: int, parts: list[int]) -> None:
    assert taken(transactions(*legs), room) == parts


@pytest.mark.parametrize("seed", range(20))
def test_random_transactions_are_never_cut(seed: int) -> None:
    random = Random(seed)
    batch = transactions(*(random.choice((1, 1, 2, 5, 300, LEGS_MAX)) for _ in range(60)))
    for room in (1, 7, LEGS_MAX, LEGS_MAX + 1, 1_500, 8_190):
        lengths = taken(batch, room)
        assert sum(lengths) == len(batch)
        assert cut_transactions(batch, lengths) == []


def test_a_transaction_longer_than_the_room_left_waits_until_it_can_be_taken_alone() -> None:
    transfers = handed_in(transactions(3, 1))
    assert transfers.take(2, alone=False) is None
    assert transfers.taken == 0
    part = transfers.take(2, alone=True)
    assert part is not None
    assert (part.start, part.end) == (0, 3)


@pytest.mark.parametrize("broken", [LEGS_MAX - 100, LEGS_MAX, 3 * LEGS_MAX // 2, 3 * LEGS_MAX])
def test_broken_links_before_a_whole_transaction_do_not_get_it_cut(broken: int) -> None:
    """Linked rows of another id each are refused one by one; the transaction after them is sound and must post."""
    junk = transactions(*([1] * broken))
    junk["flags"] = L
    batch = np.concatenate([junk, transactions(600, first_id=broken + 1)])
    for room in range(LEGS_MAX, broken + 600, 50):
        assert cut_transactions(batch, taken(batch, room)) == [], room


def test_too_long_a_chain_is_taken_all_the_same() -> None:
    assert sum(taken(transactions(3 * LEGS_MAX), LEGS_MAX)) == 3 * LEGS_MAX


def test_submissions_are_gathered_together_in_the_order_they_came() -> None:
    line = Line(10)
    first, second = handed_in(transactions(1, 2)), handed_in(transactions(2))
    line.put(first)
    line.put(second)
    gathered = line.gather(100, 0)
    assert isinstance(gathered, list)
    assert [(part.transfers, part.start, part.end) for part in gathered] == [(first, 0, 3), (second, 0, 2)]
    assert len(line) == 0


def test_what_does_not_fit_is_gathered_next_time() -> None:
    line = Line(10)
    line.put(handed_in(transactions(2, 2)))
    line.put(handed_in(transactions(3)))
    rounds = [[part.end - part.start for part in line.gather(5, 0) or ()] for _ in range(3)]
    assert rounds == [[4], [3], []]


def test_a_bulk_leaves_room_for_those_behind_it_and_is_done_in_order() -> None:
    line = Line(10)
    bulk = handed_in(transactions(*[1] * 20))
    line.put(bulk)
    line.put(handed_in(transactions(1)))
    ends: list[list[int]] = []
    while gathered := line.gather(8, 0):
        ends.append([part.end for part in gathered])
    assert ends == [[4, 1], [12], [20]]


def test_a_command_waits_until_all_of_a_bulk_before_it_is_done() -> None:
    line = Line(10)
    command = Command(CloseAccount(UUID(int=1), 1))
    line.put(handed_in(transactions(*[1] * 6)))
    line.put(command)
    ends: list[int] = []
    while isinstance(gathered := line.gather(4, 0), list):
        ends += [part.end for part in gathered]
    assert gathered is command
    assert ends[-1] == 6


def test_one_gathering_never_joins_the_broken_end_of_one_submission_to_the_next() -> None:
    """Two callers' rows stand together or not as chance has it; the answer may not depend on it."""
    whole = transactions(2)
    line = Line(10)
    line.put(handed_in(whole[:1]))
    line.put(handed_in(whole[1:]))
    gathered = line.gather(100, 0)
    assert isinstance(gathered, list)
    assert len(gathered) == 1


def test_a_command_is_gathered_alone_and_in_its_place() -> None:
    line = Line(10)
    command = Command(CloseAccount(UUID(int=1), 1))
    line.put(handed_in(transactions(1)))
    line.put(command)
    line.put(handed_in(transactions(1)))
    rounds = [line.gather(100, 0) for _ in range(3)]
    assert [len(found) if isinstance(found, list) else found for found in rounds] == [1, command, 1]


@pytest.mark.parametrize("order", ["step first", "step second", "two steps"])
def test_a_step_of_bulk_work_is_gathered_alone(order: str) -> None:
    step, plain = Checkpoint("interest", 1), None
    first, second = {"step first": (step, plain), "step second": (plain, step), "two steps": (step, step)}[order]
    line = Line(10)
    line.put(handed_in(transactions(1), first))
    line.put(handed_in(transactions(1), second))
    assert [len(line.gather(100, 0) or ()) for _ in range(2)] == [1, 1]


def test_the_line_is_bounded() -> None:
    line = Line(2)
    line.put(handed_in(transactions(1)))
    line.put(handed_in(transactions(1)))
    with pytest.raises(Busy):
        line.put(handed_in(transactions(1)))
    line.gather(1, 0)
    line.put(handed_in(transactions(1)))


def test_a_submission_half_taken_still_stands_in_the_line() -> None:
    line = Line(1)
    line.put(handed_in(transactions(1, 1)))
    line.gather(1, 0)
    with pytest.raises(Busy):
        line.put(handed_in(transactions(1)))


def test_nothing_waiting_is_nothing_and_closed_is_the_end() -> None:
    line = Line(2)
    assert line.gather(10, 0) == ()
    line.close()
    assert line.gather(10, 0) is None


def test_a_closed_line_lets_no_one_in_and_those_inside_out() -> None:
    line = Line(2)
    line.put(handed_in(transactions(1)))
    line.close()
    with pytest.raises(LedgerClosed):
        line.put(handed_in(transactions(1)))
    assert len(line.gather(10, 0) or ()) == 1
    assert line.gather(10, 0) is None


def test_a_fault_sends_everyone_away_with_its_reason() -> None:
    line = Line(3)
    waiting, command, given_up = (
        handed_in(transactions(1)),
        Command(CloseAccount(UUID(int=1), 1)),
        handed_in(transactions(1)),
    )
    for item in (waiting, command, given_up):
        line.put(item)
    given_up.future.cancel()
    fault = LedgerFault("the disk is full")
    line.close(fault)
    assert waiting.future.exception() is fault
    assert command.future.exception() is fault
    assert line.gather(10, 0) is None
    with pytest.raises(LedgerFault, match="the disk is full"):
        line.put(handed_in(transactions(1)))


def test_the_first_fault_is_the_one_told() -> None:
    line = Line(3)
    line.close(LedgerFault("first"))
    line.close(LedgerFault("second"))
    with pytest.raises(LedgerFault, match="first"):
        line.put(handed_in(transactions(1)))


def test_the_answer_comes_with_the_last_part() -> None:
    transfers = handed_in(transactions(1, 1, 1))
    first, second = transfers.take(2, alone=True), transfers.take(2, alone=True)
    assert first is not None
    assert second is not None
    first.answer(np.array([0, 7], np.uint8), np.array([5, 0]))
    assert not transfers.future.done()
    second.answer(np.array([1], np.uint8), np.array([9]))
    assert transfers.future.result().outcome.tolist() == [0, 7, 1]
    assert transfers.future.result().seq.tolist() == [5, 0, 9]


def test_after_a_part_failed_the_rest_is_not_gathered_and_the_caller_hears_it_once() -> None:
    line = Line(3)
    transfers = handed_in(transactions(1, 1, 1))
    line.put(transfers)
    parts = line.gather(2, 0)
    assert isinstance(parts, list)
    part = parts[0]
    assert isinstance(part, Part)
    part.fail(LedgerFault("gone"))
    part.fail(LedgerFault("again"))
    assert sum(part.end - part.start for part in line.gather(10, 0) or ()) == 0
    assert len(line) == 0
    assert str(transfers.future.exception()) == "gone"


def test_an_answer_after_the_caller_gave_up_is_dropped() -> None:
    transfers = handed_in(transactions(1))
    part = transfers.take(5, alone=True)
    assert part is not None
    transfers.future.cancel()
    part.answer(np.zeros(1, np.uint8), np.ones(1, np.int64))
