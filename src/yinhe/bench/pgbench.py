"""The peer: pgbench's own TPC-B-like run on the same server."""

import re
import subprocess
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from psycopg.conninfo import conninfo_to_dict

from yinhe.bench.errors import BenchFailed
from yinhe.storage.connection import Database

SCALE: Final = 20
CLIENTS: Final = (8, 16, 32)
THREADS: Final = 2
_DATABASE: Final = "pgbench"
_TPS: Final = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


class PgbenchFigures(msgspec.Struct, frozen=True):
    """pgbench's figures: transactions a second at each number of clients, and the best."""

    scale: int
    seconds: int
    tps_by_clients: dict[str, float]

    @property
    def tps(self) -> float:
        """The best of the client counts."""
        return max(self.tps_by_clients.values())


def run_pgbench(database: Database, seconds: int, progress: Callable[[str], None]) -> PgbenchFigures:
    """Fill a database of its own at SCALE, run TPC-B at each of CLIENTS for `seconds`, drop it. Raises BenchFailed."""
    if database.server is None:
        raise BenchFailed("pgbench needs the embedded server, whose programs it is one of; leave out the address.")
    pgbench, createdb, dropdb = (str(database.server.bin(name)) for name in ("pgbench", "createdb", "dropdb"))
    place = {k: str(v) for k, v in conninfo_to_dict(database.url).items() if k in ("host", "port", "user")}
    flags = ["-h", place["host"], "-p", place.get("port", "5432"), "-U", place["user"]]
    _run([dropdb, *flags, "--if-exists", _DATABASE])
    _run([createdb, *flags, _DATABASE])
    try:
        progress(f"pgbench: filling scale {SCALE}")
        _run([pgbench, *flags, "-i", "-q", "-s", str(SCALE), _DATABASE])
        tps: dict[str, float] = {}
        for clients in CLIENTS:
            progress(f"pgbench: {clients} clients for {seconds} s")
            command = [pgbench, *flags, "-c", str(clients), "-j", str(THREADS), "-T", str(seconds), _DATABASE]
            found = _TPS.search(_run(command))
            if found is None:
                raise BenchFailed("pgbench printed no figure.")
            tps[str(clients)] = float(found[1])
    finally:
        _run([dropdb, *flags, "--if-exists", _DATABASE])
    return PgbenchFigures(SCALE, seconds, tps)


def _run(command: Sequence[str]) -> str:
    # The program comes out of the wheel and every argument from here.
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise BenchFailed(
            f"{command[0]} failed: {done.stderr.strip().splitlines()[-1] if done.stderr else 'no reason'}"
        )
    return done.stdout
