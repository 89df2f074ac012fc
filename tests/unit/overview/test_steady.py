"""Memory is read whole, or not at all."""

import threading

from yinhe.overview.steady import read_steadily


def held_elsewhere(lock: threading.RLock) -> tuple[threading.Thread, threading.Event]:
    taken, free = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            taken.set()
            free.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait(30)
    return thread, free


def test_who_gets_the_lock_reads_once() -> None:
    reads: list[int] = []
    assert read_steadily(threading.RLock(), lambda: reads.append(1) or 7, night_at_work=True) == 7
    assert len(reads) == 1


def test_beside_a_command_what_is_read_twice_the_same_is_right() -> None:
    lock = threading.RLock()
    thread, free = held_elsewhere(lock)
    seen = iter([1, 2, 3, 3, 4])
    assert read_steadily(lock, lambda: next(seen), night_at_work=False) == 3
    torn = iter(range(100))
    assert read_steadily(lock, lambda: next(torn), night_at_work=False) is None
    free.set()
    thread.join()


def test_beside_a_step_of_the_night_nothing_is_read() -> None:
    lock = threading.RLock()
    thread, free = held_elsewhere(lock)
    assert read_steadily(lock, lambda: 1, night_at_work=True) is None
    free.set()
    thread.join()
