"""A home of its own, and the real `yinhe` program run on it; each test has units of its own in that home."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from yinhe.storage.connection import connect, unit_schema
from yinhe.storage.embedded import EmbeddedServer
from yinhe.storage.settings import settings_for

BERKA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "berka"
PROGRAM = Path(sys.executable).with_name("yinhe")
SECONDS_MAX = 300


@dataclass(frozen=True)
class Ran:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        assert self.code == 0, self.err
        return json.loads(self.out)


class Program:
    """The program, ready to run: see `warm`."""

    def __init__(self) -> None:
        pipe = subprocess.PIPE
        command = [sys.executable, Path(__file__).with_name("warm.py")]
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
        self._server = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment, text=True)
        self._folder = Path(tempfile.mkdtemp(prefix="yinhe-program-"))

    def run(self, arguments: list[str], environment: dict[str, str]) -> Ran:
        out, err = self._folder / "out", self._folder / "err"
        for file in (out, err):
            file.write_bytes(b"")
        asked = {"arguments": arguments, "environment": environment, "out": str(out), "err": str(err)}
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(asked) + "\n")
        self._server.stdin.flush()
        answered, _, _ = select.select([self._server.stdout], [], [], SECONDS_MAX)
        if not answered:
            self.close()
            raise TimeoutError(f"yinhe {' '.join(arguments)} took more than {SECONDS_MAX} s.")
        return Ran(int(self._server.stdout.readline()), out.read_text("utf-8"), err.read_text("utf-8"))

    def close(self) -> None:
        self._server.kill()
        self._server.communicate()
        program.cache_clear()
        shutil.rmtree(self._folder)


@cache
def program() -> Program:
    """One for all tests of a process; it ends when its standard input does."""
    return Program()


@dataclass(frozen=True)
class Bank:
    """A home with a running server, and the program to run on it."""

    home: Path
    url: str

    @property
    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("YINHE_")}
        return clean | {"YINHE_HOME": str(self.home), "COLUMNS": "100"}

    def run(self, *arguments: object) -> Ran:
        return program().run([str(argument) for argument in arguments], self.environment)

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
            # Tests started in the background of a shell are deaf to it, and a program would inherit that.
            signal.signal(signal.SIGINT, signal.default_int_handler)
        command = [str(PROGRAM), *map(str, arguments)]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=self.environment, stdout=pipe, stderr=pipe, text=True)

    def connect(self) -> psycopg.Connection:
        """A session in no schema: tables are named with theirs."""
        return connect(self.url, application_name="yinhe tests", schema=None)

    def seq(self, unit: int) -> int:
        """The last committed seq, past every command."""
        query = sql.SQL("SELECT max(last_seq) FROM {}.journal_batch").format(sql.Identifier(unit_schema(unit)))
        with self.connect() as session:
            return session.execute(query).fetchone()[0]


@pytest.fixture(scope="session")
def bank() -> Iterator[Bank]:
    """The server stays up between commands: the test, too, has the home open."""
    home = Path(tempfile.mkdtemp(prefix="yinhe-acceptance-"))
    home.chmod(0o711)
    with EmbeddedServer(home, settings_for(1024**3)) as server:
        yield Bank(home, server.url)
    if program.cache_info().currsize:
        program().close()
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def units() -> Iterator[int]:
    """Unit numbers no other test has used."""
    return iter(range(1, 1_000))


@pytest.fixture
def unit(bank: Bank, units: Iterator[int]) -> int:
    """A fresh unit, opened by `yinhe init` on 2026-01-05."""
    number = next(units)
    bank.run("init", "--unit", number, "--business-date", "2026-01-05", "--json").answer["made"]
    return number


@pytest.fixture(scope="session")
def berka() -> Path:
    """The books of a real bank (PKDD'99 financial data set)."""
    if not BERKA.is_dir():
        pytest.skip("the PKDD'99 financial data set is not in ../shared/data/berka")
    return BERKA


@dataclass(frozen=True)
class Migrated:
    """The bank's books, taken over into a unit."""

    unit: int
    answer: dict[str, Any]
    report: Path


@pytest.fixture(scope="session")
def migrated(bank: Bank, berka: Path, units: Iterator[int], tmp_path_factory: pytest.TempPathFactory) -> Migrated:
    unit = next(units)
    report = tmp_path_factory.mktemp("migrated") / "rows.csv"
    ran = bank.run("migrate", "berka", berka, "--unit", unit, "--report", report, "--json")
    return Migrated(unit, ran.answer, report)


ChangedBook = Callable[[str, Callable[[bytes], bytes] | None], Path]


@pytest.fixture
def changed_book(berka: Path, tmp_path: Path) -> ChangedBook:
    """Makes a copy of the book with one file changed, or without it."""

    def make(file: str, change: Callable[[bytes], bytes] | None) -> Path:
        for source in berka.glob("*.asc"):
            if source.name != file:
                (tmp_path / source.name).symlink_to(source)
            elif change is not None:
                (tmp_path / file).write_bytes(change(source.read_bytes()))
        return tmp_path

    return make
