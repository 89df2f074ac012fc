"""The table of remembered ids, and the digest that tells a retry from another request under the same id."""

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from yinhe.ledger.batch import TRANSFER, Flag, rows_of
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.identities import (
    DIGEST_SEED,
    IDENTITY,
    find_seqs,
    fold_request,
    fold_row,
    rehash,
    remember,
    remember_rows,
    slot_of,
)
from yinhe.ledger.memory import ROW
from yinhe.ledger.outcomes import Outcome

from .hall import A, Hall, uuid7

ANY = A(balance=1_000, floor=-AMOUNT_MAX)
KINDS = (
    Flag(0),
    Flag.PENDING,
    Flag.POST,
    Flag.VOID,
    Flag.BALANCING_DEBIT,
    Flag.BALANCING_CREDIT,
    Flag.BALANCING_DEBIT | Flag.BALANCING_CREDIT,
    Flag.REVERSAL,
)
ON_HOLD = Flag.POST | Flag.VOID


def digest(*rows: np.void) -> int:
    folded = DIGEST_SEED
    for row in rows:
        folded = np.uint64(fold_request(folded, row))
    return int(folded)


@pytest.mark.parametrize("value_date", [None, 19_990, 20_000], ids=["today", "back-dated", "today by name"])
@pytest.mark.parametrize(("kind", "extra"), list(product(KINDS, [Flag(0), Flag.WHOLE])))
@pytest.mark.parametrize("amount", [0, 3, 5_000])
def test_the_digest_of_a_request_is_the_digest_of_the_row_it_became(
    kind: Flag, extra: Flag, amount: int, value_date: int | None
) -> None:
    """After a restart only the row is left, and a retry must still be known for one."""
    # WHOLE is the ledger's own word; a request that uses it is refused.
    fits = not extra and (amount > 0 or bool(kind & ON_HOLD))
    hall = Hall(ANY, A(ceiling=10_000))
    hall.post(hall.t(1, 2, 10_000, Flag.PENDING))
    reference = 2 if kind & (ON_HOLD | Flag.REVERSAL) else 2**60 if kind & Flag.PENDING else 0
    asked = hall.t(1, 2, amount, kind | extra, value_date=value_date, reference=reference, code=7)
    request = rows_of([asked])
    work = hall.core.apply(request)
    assert (Outcome(int(work.answers.outcome[0])) is Outcome.POSTED) == fits
    if fits:
        assert work.block is not None
        assert fold_row(DIGEST_SEED, work.block.rows[0]) == digest(request[0])
        hall.keep(work.block)
        hall.restart()
        assert hall.post(asked) == [Outcome.DUPLICATE]
        assert hall.seqs == work.answers.seq.tolist()


def test_a_linked_transaction_is_known_again_after_a_restart_by_all_its_legs() -> None:
    hall = Hall(ANY, ANY)
    txn_id = hall.id()
    legs = [
        hall.t(1, 2, 5, Flag.LINKED, txn_id=txn_id),
        hall.t(2, 1, 10**9, Flag.LINKED | Flag.BALANCING_DEBIT, txn_id=txn_id, leg=1),
        hall.t(1, 2, 7, txn_id=txn_id, leg=2),
    ]
    assert hall.post(*legs) == [Outcome.POSTED] * 3
    seqs = hall.seqs
    hall.restart()
    assert hall.post(*legs) == [Outcome.DUPLICATE] * 3
    assert hall.seqs == seqs
    assert hall.post(hall.t(1, 2, 5, txn_id=txn_id)) == [Outcome.ID_CONFLICT]


FIELDS = {
    "amount": 6,
    "reference": 1,
    "debit": 3,
    "credit": 3,
    "code": 1,
    "leg": 1,
    "value_date": 3,
    "flags": int(Flag.VALUE_DATED | Flag.PENDING),
}


@pytest.mark.parametrize(("name", "value"), FIELDS.items())
def test_whatever_is_asked_differently_gives_another_digest(name: str, value: int) -> None:
    row = np.zeros(1, TRANSFER)
    row["amount"], row["debit"], row["credit"] = 5, 1, 2
    row["flags"] = int(Flag.VALUE_DATED)
    before = digest(row[0])
    row[name] = value
    assert digest(row[0]) != before


def test_the_order_of_legs_and_of_sides_counts() -> None:
    legs = np.zeros(2, TRANSFER)
    legs["amount"], legs["debit"], legs["credit"] = 5, [1, 2], [2, 1]
    assert digest(legs[0]) != digest(legs[1])
    assert digest(legs[0], legs[1]) != digest(legs[1], legs[0])
    assert digest(legs[0]) != digest(legs[0], legs[1])


def colliding(table: NDArray[np.void], count: int) -> list[np.uint64]:
    """Low halves whose ids all belong in the last slot of the table, so that their chain wraps around."""
    empty = np.zeros(len(table), IDENTITY)
    last = len(table) - 1
    return [np.uint64(lo) for lo in range(5_000) if slot_of(empty, np.uint64(1), np.uint64(lo)) == last][:count]


def test_ids_of_one_slot_are_all_found_around_the_end_of_the_table() -> None:
    table = np.zeros(16, IDENTITY)
    lows = colliding(table, 8)
    assert len(lows) == 8
    for seq, lo in enumerate(lows, 1):
        assert remember(table, np.uint64(1), lo, seq, np.uint64(seq * 11))
    for seq, lo in enumerate(lows, 1):
        entry = table[slot_of(table, np.uint64(1), lo)]
        assert (int(entry["seq"]), int(entry["digest"])) == (seq, seq * 11)
    assert table[slot_of(table, np.uint64(2), lows[0])]["seq"] == 0
    assert not remember(table, np.uint64(1), lows[0], 1, np.uint64(11))


def test_ids_that_differ_in_their_high_half_alone_are_two() -> None:
    table, lo = np.zeros(16, IDENTITY), np.uint64(5)
    slot = slot_of(table, np.uint64(1), lo)
    twin = next(np.uint64(hi) for hi in range(2, 5_000) if slot_of(table, np.uint64(hi), lo) == slot)
    assert remember(table, np.uint64(1), lo, 1, np.uint64(1))
    assert table[slot_of(table, twin, lo)]["seq"] == 0
    assert remember(table, twin, lo, 2, np.uint64(2))
    assert table[slot_of(table, np.uint64(1), lo)]["seq"] == 1


def test_a_wider_table_knows_the_same_ids() -> None:
    table = np.zeros(64, IDENTITY)
    ids = [(np.uint64(hi), np.uint64(lo)) for hi in range(4) for lo in range(8)]
    for seq, (hi, lo) in enumerate(ids, 1):
        remember(table, hi, lo, seq, np.uint64(seq))
    wider = np.zeros(256, IDENTITY)
    rehash(table, wider)
    his, los = (np.array(half, np.uint64) for half in zip(*ids, strict=True))
    nothing = np.zeros(2, IDENTITY)
    assert find_seqs(wider, nothing, his, los).tolist() == list(range(1, 33))
    assert find_seqs(nothing, wider, his, los).tolist() == list(range(1, 33))
    assert find_seqs(nothing, wider, his + np.uint64(9), los).tolist() == [0] * 32


def test_rows_are_remembered_by_transaction() -> None:
    rows = np.zeros(5, ROW)
    rows["seq"], rows["leg"], rows["txn_lo"] = [4, 5, 6, 8, 9], [0, 1, 0, 0, 1], [1, 1, 2, 3, 3]
    table = np.zeros(16, IDENTITY)
    assert remember_rows(table, rows) == 3
    los = np.array([1, 2, 3], np.uint64)
    assert find_seqs(table, table, np.zeros(3, np.uint64), los).tolist() == [4, 6, 8]
    assert remember_rows(table, rows) == 0


@pytest.mark.parametrize("per_batch", [1, 7, 40])
def test_generations_come_and_go_and_no_id_is_ever_taken_twice(per_batch: int) -> None:
    hall = Hall(ANY, ANY, segment_rows=16, identities=16)
    every = []
    for _ in range(30):
        hall.clock.advance(60_000_000)
        batch = [hall.t(1, 2, 1, txn_id=uuid7(len(every) + i, hall.clock.now_us() // 1000)) for i in range(per_batch)]
        assert hall.post(*batch) == [Outcome.POSTED] * per_batch
        every += batch
        for segment in hall.store.segments():
            if not segment.sealed and segment.end_seq <= hall.core.committed_seq + 1:
                hall.store.seal(segment)
                hall.core.learn_sealed(hall.store.segments(), {})
    assert hall.post(*every) == [Outcome.DUPLICATE] * len(every)
    assert hall.seqs == list(range(2, 2 + len(every)))
