"""What PostgreSQL writes about itself into its data folder."""

from pathlib import Path

import msgspec


class Postmaster(msgspec.Struct, frozen=True):
    """What postmaster.pid says of a server: it may have died since."""

    pid: int
    port: int
    socket_folder: Path


def read_postmaster(data: Path) -> Postmaster | None:
    """Read postmaster.pid of a data folder; None if there is none, or it was copied with another folder's data."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    if len(lines) < 5 or Path(lines[1]) != data.resolve():
        return None
    return Postmaster(pid=int(lines[0]), port=int(lines[3]), socket_folder=Path(lines[4]))
