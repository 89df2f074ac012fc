import threading
import uuid

import numpy as np
import pytest

from yinhe.kernel.clock import ManualClock
from yinhe.kernel.errors import OutOfRangeError, ParseError
from yinhe.kernel.ids import TAKE_MAX, IdSource, derived, is_uuid7, join, split, unix_ms

# RFC 9562, appendix A.6: made at 2022-02-22T19:22:22Z.
RFC_EXAMPLE = uuid.UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
RFC_EXAMPLE_MS = 0x017F22E279B0


def source_at(ms, seed=7):
    return IdSource(ManualClock(ms * 1_000), seed)


def joined(hi, lo):
    return [join(int(high), int(low)) for high, low in zip(hi, lo, strict=True)]


def test_the_example_of_the_standard_is_read_as_the_standard_says():
    assert is_uuid7(RFC_EXAMPLE)
    assert unix_ms(RFC_EXAMPLE) == RFC_EXAMPLE_MS
    assert split(RFC_EXAMPLE) == (0x017F22E279B07CC3, 0x98C4DC0C0C07398F)
    assert join(*split(RFC_EXAMPLE)) == RFC_EXAMPLE


@pytest.mark.parametrize(
    "other",
    [
        uuid.UUID("c232ab00-9414-11ec-b3c8-9f6bdeced846"),  # version 1
        uuid.UUID("919108f7-52d1-4320-9bac-f847db4148a8"),  # version 4
        uuid.UUID("017f22e2-79b0-7cc3-18c4-dc0c0c07398f"),  # version digit 7, another variant
        uuid.UUID(int=0),
        uuid.UUID(int=2**128 - 1),
    ],
)
def test_an_id_of_another_kind_carries_no_time(other):
    assert not is_uuid7(other)
    with pytest.raises(ParseError, match=str(other)):
        unix_ms(other)


def test_an_id_carries_the_millisecond_it_was_made():
    made = source_at(RFC_EXAMPLE_MS).next()
    assert is_uuid7(made)
    assert unix_ms(made) == RFC_EXAMPLE_MS


def test_ids_of_one_millisecond_are_unique_and_increase():
    source = source_at(RFC_EXAMPLE_MS)
    ids = [source.next() for _ in range(5_000)]
    assert ids == sorted(set(ids))
    assert {unix_ms(made) for made in ids} == {RFC_EXAMPLE_MS}


def test_ids_increase_when_the_clock_is_set_back():
    clock = ManualClock(RFC_EXAMPLE_MS * 1_000)
    source = IdSource(clock, seed=7)
    first = source.next()
    clock.set(0)
    second = source.next()
    clock.set((RFC_EXAMPLE_MS + 1) * 1_000)
    third = source.next()
    assert first < second < third
    assert unix_ms(third) == RFC_EXAMPLE_MS + 1


def test_a_column_of_ids_is_valid_unique_and_increasing():
    hi, lo = source_at(RFC_EXAMPLE_MS).take(20_000)
    assert hi.dtype == lo.dtype == np.uint64
    ids = joined(hi, lo)
    assert ids == sorted(set(ids))
    assert all(is_uuid7(made) for made in ids)


def test_single_ids_and_columns_of_one_source_continue_each_other():
    source = source_at(RFC_EXAMPLE_MS)
    ids = [source.next(), *joined(*source.take(3)), source.next(), *joined(*source.take(0)), *joined(*source.take(1))]
    assert len(ids) == 6
    assert ids == sorted(set(ids))


def test_a_column_and_single_ids_are_made_alike():
    single, column = source_at(1), source_at(1)
    assert [single.next()] == joined(*column.take(1))


def test_a_column_across_the_end_of_a_millisecond_goes_on_increasing():
    source = source_at(RFC_EXAMPLE_MS)
    source.next()
    source._counter = (1 << 26) - 2  # as after 67 million ids in this millisecond
    ids = joined(*source.take(4))
    assert ids == sorted(set(ids))
    assert [unix_ms(made) - RFC_EXAMPLE_MS for made in ids] == [0, 0, 1, 1]
    assert unix_ms(source.next()) == RFC_EXAMPLE_MS + 1


def test_the_same_seed_and_clock_repeat_for_replay_and_another_seed_differs():
    assert [source_at(5, seed=1).next() for _ in range(2)] == [source_at(5, seed=1).next()] * 2
    assert source_at(5, seed=1).next() != source_at(5, seed=2).next()


def test_without_a_seed_two_sources_differ():
    clock = ManualClock(RFC_EXAMPLE_MS * 1_000)
    assert IdSource(clock, None).next() != IdSource(clock, None).next()


def test_random_bits_differ_from_id_to_id():
    _, lo = source_at(5).take(1_000)
    assert np.unique(lo & np.uint64((1 << 48) - 1)).size == 1_000


def test_a_thread_cannot_overtake_another_inside_the_source():
    class InterruptingClock(ManualClock):
        """Lets a second thread ask for an id while the first is reading the time."""

        overtaken: bool | None = None

        def now_us(self):
            if self.overtaken is None:
                self.overtaken = False
                rival.start()
                rival.join(timeout=0.2)
                self.overtaken = not rival.is_alive()
            return super().now_us()

    clock = InterruptingClock(RFC_EXAMPLE_MS * 1_000)
    source = IdSource(clock, None)
    theirs: list[uuid.UUID] = []
    rival = threading.Thread(target=lambda: theirs.append(source.next()))
    mine = source.next()
    rival.join()
    assert clock.overtaken is False
    assert mine < theirs[0]


@pytest.mark.parametrize("n", [-1, TAKE_MAX + 1])
def test_a_column_too_long_or_negative_is_refused(n):
    with pytest.raises(OutOfRangeError):
        source_at(5).take(n)


def test_a_time_before_1970_makes_no_id():
    with pytest.raises(OutOfRangeError, match="milliseconds"):
        source_at(-5).next()


@pytest.mark.parametrize(("hi", "lo"), [(-1, 0), (0, 2**64), (2**64, 0)])
def test_halves_that_are_not_64_bits_are_refused(hi, lo):
    with pytest.raises(OutOfRangeError):
        join(hi, lo)


def test_a_derived_id_is_always_the_same_and_keeps_the_millisecond():
    made = derived(RFC_EXAMPLE, "reversal")
    assert made == derived(RFC_EXAMPLE, "reversal")
    assert is_uuid7(made)
    assert unix_ms(made) == RFC_EXAMPLE_MS


def test_derived_ids_differ_by_purpose_and_by_origin_and_from_their_origin():
    source = source_at(RFC_EXAMPLE_MS)
    origins = [source.next() for _ in range(1_000)]
    made = [derived(origin, purpose) for origin in origins for purpose in ("reversal", "return")]
    assert len({*origins, *made}) == 3_000


def test_nothing_is_derived_from_an_id_that_carries_no_time():
    with pytest.raises(ParseError):
        derived(uuid.UUID(int=5), "reversal")
