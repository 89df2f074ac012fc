"""PostgreSQL dies under a posting bank – killed outright, stopped by its operator, out of disk – and no cent goes."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from tests.postgres.ledger.conftest import begun, opened, post_with_patience, random_transactions, wait_until

from yinhe.ledger.engine import EngineSettings
from yinhe.ledger.errors import RetrySameId
from yinhe.ledger.invariants import check
from yinhe.ledger.ledger import Ledger
from yinhe.storage.connection import connect
from yinhe.storage.embedded import EmbeddedServer
from yinhe.storage.settings import settings_for

KILLS = int(os.environ.get("YINHE_KILLS", "3"))
"""How often each kind of death is died; more for a long run by hand."""
CALLERS = 4


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="yinhe-kill-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def open_at(home: Path) -> Ledger:
    return Ledger.open(home, segment_rows=2_000, settings=EngineSettings(pass_seconds=0.1))


class Callers:
    """Customers who post from several threads, and come again with the same id when they are told to."""

    def __init__(self, ledger: Ledger, accounts: range) -> None:
        self.acknowledged: dict[UUID, int] = {}
        self.faults: list[BaseException] = []
        self._stop = threading.Event()
        self._ledger, self._accounts = ledger, accounts
        self._threads = [threading.Thread(target=self._work, args=(seed,), daemon=True) for seed in range(CALLERS)]

    def __enter__(self) -> "Callers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(120)
        assert not any(thread.is_alive() for thread in self._threads), "a caller was never answered"

    def _work(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        try:
            while not self._stop.is_set():
                some = random_transactions(self._ledger.ids, self._accounts, int(random.integers(1, 20)), random)
                self.acknowledged.update(post_with_patience(self._ledger, some))
        except BaseException as error:
            self.faults.append(error)
            raise

    def wait_for_more(self, count: int) -> None:
        goal = len(self.acknowledged) + count
        wait_until(lambda: len(self.acknowledged) >= goal or bool(self.faults))
        assert not self.faults


def children_of(postmaster: int) -> list[str]:
    """A process's children: number and command line of each."""
    command = ["ps", "-o", "pid=,args=", "--ppid", str(postmaster)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def kill_outright(server: EmbeddedServer) -> None:
    """The postmaster and every process of it at once, as when the machine fails."""
    postmaster = server.postmaster_pid
    for pid in (postmaster, *(int(child.split()[0]) for child in children_of(postmaster))):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def kill_postmaster(server: EmbeddedServer) -> None:
    """The postmaster alone; its children notice and end by themselves, in their own time."""
    os.kill(server.postmaster_pid, signal.SIGKILL)


def stop_cleanly(server: EmbeddedServer) -> None:
    """The operator stops the server."""
    os.kill(server.postmaster_pid, signal.SIGINT)


def crash_one_backend(server: EmbeddedServer) -> None:
    """The engine's own process is killed: the postmaster throws everyone out and recovers by itself.

    It is found by its session's name: of the processes `ps` lists one may be leaving, and to kill that does nothing.
    """
    with connect(server.url, application_name="yinhe tests", schema=None) as session:
        found = session.execute("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'yinhe engine of %'")
        ((engine,),) = found.fetchall()
    os.kill(engine, signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.parametrize("death", [kill_outright, kill_postmaster, stop_cleanly, crash_one_backend])
def test_the_engine_outlives_its_database(home: Path, death: Callable[[EmbeddedServer], None]) -> None:
    with open_at(home) as ledger:
        server = ledger.database.server
        assert server is not None
        with Callers(ledger, opened(ledger, 20)) as callers:
            for _ in range(KILLS):
                recoveries = ledger.engine.recoveries
                callers.wait_for_more(100)
                death(server)
                wait_until(lambda recoveries=recoveries: ledger.engine.recoveries > recoveries or bool(callers.faults))
                assert not callers.faults
            callers.wait_for_more(100)
        assert not callers.faults
        assert callers.acknowledged == begun(ledger)
        report = check(ledger.database, 1, lambda done, total: None)
        assert report.sound, report
    with open_at(home) as ledger:
        assert callers.acknowledged == begun(ledger)


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of its own that is soon full; needs root, and a system that lets it mount one."""
    folder = Path(tempfile.mkdtemp(prefix="yinhe-disk-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=160m,mode=0711", "tmpfs", folder], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        folder.rmdir()
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)
    folder.rmdir()


@pytest.mark.slow
def test_a_full_disk_is_told_and_forgotten_when_there_is_room_again(small_disk: Path) -> None:
    settings = settings_for(1024**3)
    with (
        EmbeddedServer(small_disk, settings) as server,
        Ledger.open(small_disk, server.url, segment_rows=2_000) as ledger,
    ):
        accounts = opened(ledger, 20)
        random = np.random.default_rng(1)
        before = post_with_patience(ledger, random_transactions(ledger.ids, accounts, 50, random))
        ballast = small_disk / "ballast"
        with ballast.open("wb") as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(1 << 16))
                file.flush()
        asked = random_transactions(ledger.ids, accounts, 200, random)
        rows = [transfer for transaction in asked for transfer in transaction]
        told = False
        for _ in range(200):
            try:
                ledger.post(rows)
            except RetrySameId:
                told = True
                break
            before |= {transfer.txn_id: 0 for transfer in rows}
            asked = random_transactions(ledger.ids, accounts, 2_000, random)
            rows = [transfer for transaction in asked for transfer in transaction]
        assert told, "the disk was never full"
        ballast.unlink()
        after = post_with_patience(ledger, asked)
        assert before.keys() | after.keys() == begun(ledger).keys()
        report = check(ledger.database, 1, lambda done, total: None)
        assert report.sound, report
