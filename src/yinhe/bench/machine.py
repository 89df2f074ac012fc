"""What machine the figures are from."""

import os
import platform
import time
from pathlib import Path

import msgspec
import psycopg

from yinhe.storage.settings import machine_memory_bytes

_SYNCS = 50


class Machine(msgspec.Struct, frozen=True):
    """The machine and software a benchmark ran on."""

    processor: str
    cores: int
    memory_gib: float
    system: str
    python: str
    postgresql: str
    fsync_ms: float
    """Median time to write 8 KiB and force it to the disk the books are on."""


def describe(connection: psycopg.Connection, folder: Path) -> Machine:
    """The machine as the operating system and the database describe it; `folder` is on the disk to try."""
    version = connection.info.parameter_status("server_version") or "unknown"
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=round(machine_memory_bytes() / 2**30, 1),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        postgresql=version,
        fsync_ms=_fsync_ms(folder),
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _fsync_ms(folder: Path) -> float:
    path = folder / "fsync-trial"
    times: list[int] = []
    file = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        for _ in range(_SYNCS):
            os.pwrite(file, bytes(8192), 0)
            started = time.perf_counter_ns()
            os.fdatasync(file)
            times.append(time.perf_counter_ns() - started)
    finally:
        os.close(file)
        path.unlink()
    return round(sorted(times)[_SYNCS // 2] / 1e6, 3)
