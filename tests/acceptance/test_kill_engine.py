"""The bank's process is killed outright, again and again, while it posts; what it acknowledged is there, once."""

import os
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from tests.postgres.ledger.conftest import begun

from yinhe.ledger.errors import UnitTaken
from yinhe.ledger.invariants import check
from yinhe.ledger.ledger import Ledger
from yinhe.storage.embedded import EmbeddedServer
from yinhe.storage.settings import settings_for

KILLS = int(os.environ.get("YINHE_KILLS", "4"))
SEED = int(os.environ.get("YINHE_KILLS_SEED", "1"))
SEGMENT_ROWS = 2_000

POSTING = """
import sys, threading
from pathlib import Path
import numpy as np
from yinhe.ledger.accounts import openings
from yinhe.ledger.batch import Flag, Transfer
from yinhe.ledger.engine import EngineSettings
from yinhe.ledger.errors import UnitTaken
from yinhe.ledger.ledger import Ledger

home, seed = Path(sys.argv[1]), int(sys.argv[2])
while True:
    try:
        settings = EngineSettings(pass_seconds=0.05, identities=1 << 10)
        ledger = Ledger.open(home, segment_rows=2000, settings=settings)
        break
    except UnitTaken:
        continue  # the killed engine's session lives until PostgreSQL notices
if ledger.engine.core.columns.count == 1:
    ledger.open_accounts(openings(20, currency=156, gl_code=2011, floor=-(10**12)))
told = threading.Lock()

def work(number):
    random = np.random.default_rng((seed, number))
    while True:
        txn_id, legs = ledger.ids.next(), int(random.integers(1, 5))
        pairs = [random.choice(20, 2, replace=False) + 1 for _ in range(legs)]
        transfers = [
            Transfer(txn_id=txn_id, debit=int(d), credit=int(c), amount_minor=int(random.integers(1, 100)), leg=leg,
                     flags=Flag.LINKED if leg < legs - 1 else Flag(0))
            for leg, (d, c) in enumerate(pairs)
        ]
        with told:
            print("asked", txn_id, flush=True)
        answers = ledger.post(transfers)
        assert all(answer.posted for answer in answers)
        if random.random() < 0.1:
            ledger.hold(debit=int(pairs[0][0]), credit=int(pairs[0][1]), amount_minor=1)
        with told:
            print("posted", txn_id, answers[0].seq, flush=True)

for number in range(4):
    threading.Thread(target=work, args=(number,)).start()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="yinhe-kill-"))
    folder.chmod(0o711)
    with EmbeddedServer(folder, settings_for(1024**3)):
        yield folder
    shutil.rmtree(folder)


def post_and_die(home: Path, seed: int, lines_max: int) -> list[str]:
    """Let a process post until it has said so many lines, kill it outright; what it said in whole lines."""
    with subprocess.Popen([sys.executable, "-c", POSTING, home, str(seed)], stdout=subprocess.PIPE) as posting:
        assert posting.stdout is not None
        said = b""
        while said.count(b"\n") < lines_max:
            ready, _, _ = select.select([posting.stdout], [], [], 120)
            part = os.read(posting.stdout.fileno(), 1 << 16) if ready else b""
            if not part:
                posting.kill()
                pytest.fail("the bank ended by itself or stood still")
            said += part
        posting.send_signal(signal.SIGKILL)
        said += posting.stdout.read()
    return said.decode().splitlines()[: said.count(b"\n")]


def open_when_free(home: Path) -> Ledger:
    """The ledger, once PostgreSQL has noticed that the killed engine's session is gone."""
    pause = threading.Event()
    while True:
        try:
            return Ledger.open(home, segment_rows=SEGMENT_ROWS)
        except UnitTaken:
            pause.wait(0.05)


@pytest.mark.slow
def test_a_killed_bank_has_lost_nothing_it_acknowledged_and_posted_nothing_twice(home: Path) -> None:
    chance = random.Random(SEED)
    asked: set[UUID] = set()
    acknowledged: dict[UUID, int] = {}
    for kill in range(KILLS):
        for line in post_and_die(home, SEED * 1_000 + kill, chance.randint(1, 2_000)):
            what, txn_id, *seq = line.split()
            asked.add(UUID(txn_id))
            if what == "posted":
                acknowledged[UUID(txn_id)] = int(seq[0])
    with open_when_free(home) as ledger:
        stored = begun(ledger)
        holds = {txn_id for txn_id in stored if txn_id not in asked}
        lost = {txn_id for txn_id, seq in acknowledged.items() if stored.get(txn_id) != seq}
        assert lost == set()
        assert all(ledger.transaction(txn_id)["flags"][0] == 2 for txn_id in holds)
        report = check(ledger.database, 1, lambda done, total: None)
        assert report.sound, report
    assert len(acknowledged) > 10 * KILLS
