"""Settings of the embedded PostgreSQL server: fitted to the machine, always durable."""

import os
from pathlib import Path
from typing import Literal

import msgspec

_MIB = 1024 * 1024
_CGROUP_MEMORY_LIMIT = Path("/sys/fs/cgroup/memory.max")


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What may differ between embedded servers; memory and disk are in MiB.

    `wal_level` is `replica` so that a bank can take physical backups and add a standby without a new start;
    `minimal` writes less when an index is built, and is for a book that can be loaded again.
    `loopback_port` opens TCP on 127.0.0.1, with a password (SCRAM); None means the Unix socket alone.
    `wait_seconds_max` bounds each wait for the server; recovery after a crash counts in it.
    """

    shared_buffers_mib: int
    maintenance_work_mem_mib: int
    work_mem_mib: int
    effective_cache_size_mib: int
    max_wal_size_mib: int = 8192
    min_wal_size_mib: int = 1024
    max_connections: int = 64
    wal_level: Literal["minimal", "replica"] = "replica"
    loopback_port: int | None = None
    wait_seconds_max: int = 600


def settings_for(memory_bytes: int) -> ServerSettings:
    """Fit a server to a machine, leaving most of the memory to the ledger engine's columns."""
    memory_mib = memory_bytes // _MIB
    return ServerSettings(
        shared_buffers_mib=_between(64, memory_mib // 8, 8192),
        maintenance_work_mem_mib=_between(64, memory_mib // 32, 1024),
        work_mem_mib=_between(4, memory_mib // 1024, 64),
        effective_cache_size_mib=max(128, memory_mib // 2),
    )


def machine_memory_bytes() -> int:
    """Memory this process may use: the machine's, or the container's limit (cgroup v2) if that is smaller."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = _CGROUP_MEMORY_LIMIT.read_text(encoding="ascii").strip()
    except OSError:
        return physical
    return min(physical, int(limit)) if limit.isdigit() else physical


def configuration_text(settings: ServerSettings, socket_folder: Path) -> str:
    """Text of postgresql.conf. What decides durability is written out, though it is PostgreSQL's default too.

    wal_compression stays off: the wheel's build has only pglz, which costs more processor time than it saves.
    Verbosity is terse and statements stay out of the log, because DETAIL lines and statements carry customers' data.
    """
    port = settings.loopback_port
    values: dict[str, str | int] = {
        "listen_addresses": "127.0.0.1" if port is not None else "",
        "port": port if port is not None else 5432,
        "unix_socket_directories": _list_item(str(socket_folder)),
        "unix_socket_permissions": "0700",
        "max_connections": settings.max_connections,
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "wal_level": settings.wal_level,
        "max_wal_senders": 4 if settings.wal_level == "replica" else 0,
        "wal_compression": "off",
        "wal_buffers": "64MB",
        "max_wal_size": f"{settings.max_wal_size_mib}MB",
        "min_wal_size": f"{settings.min_wal_size_mib}MB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "shared_buffers": f"{settings.shared_buffers_mib}MB",
        "maintenance_work_mem": f"{settings.maintenance_work_mem_mib}MB",
        "autovacuum_work_mem": "64MB",
        "work_mem": f"{settings.work_mem_mib}MB",
        "effective_cache_size": f"{settings.effective_cache_size_mib}MB",
        "random_page_cost": "1.1",
        "jit": "off",
        "autovacuum": "on",
        "autovacuum_max_workers": 2,
        # A small append-only table is not worth a visit every thousand rows.
        "autovacuum_vacuum_insert_threshold": 1_000_000,
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "log_line_prefix": "%m [%p] ",
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
    }
    lines = [f"{name} = {_quoted(str(value))}" for name, value in values.items()]
    header = ["# Written by Yinhe at each start of the server; use ALTER SYSTEM for settings of your own."]
    return "\n".join(header + lines) + "\n"


def access_text(role: str, account: str) -> dict[str, str]:
    """Who is let in: on the socket `account` and root, by the kernel's word; on 127.0.0.1 whoever has a password."""
    callers = dict.fromkeys([account, "root"])
    return {
        "pg_hba.conf": "local all all peer map=yinhe\n"
        "local replication all peer map=yinhe\n"
        "host all all 127.0.0.1/32 scram-sha-256\n",
        "pg_ident.conf": "".join(f'yinhe "{caller}" {role}\n' for caller in callers),
    }


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _list_item(value: str) -> str:
    escaped = value.replace('"', '""')
    return f'"{escaped}"'


def _between(least: int, value: int, most: int) -> int:
    return max(least, min(value, most))
