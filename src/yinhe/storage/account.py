"""Which operating-system account runs the embedded server, and what that account can reach.

PostgreSQL refuses to run as root, so root hands it to an account without rights. No folder of the machine is opened
wider for it: the data goes where the account can reach it, and the program is copied there if it must be.
"""

import fcntl
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
import platformdirs

from yinhe.storage.errors import HomeUnusable, ServerDidNotStart

DEDICATED_ACCOUNT = "yinhe"
_ROOT_HOME = Path("/var/lib/yinhe")
_NOT_NEEDED_TO_RUN = shutil.ignore_patterns("include", "pkgconfig", "*.a", "__pycache__")


class Account(msgspec.Struct, frozen=True):
    """An operating-system account."""

    name: str
    uid: int
    gid: int


def default_home(environment: Mapping[str, str]) -> Path:
    """Where the bank's data lives: $YINHE_HOME, else the user's data folder, else /var/lib/yinhe for root."""
    chosen = environment.get("YINHE_HOME")
    if chosen:
        return Path(chosen).expanduser()
    return _ROOT_HOME if os.geteuid() == 0 else platformdirs.user_data_path("yinhe")


def server_account(folder: Path) -> Account:
    """The account that runs the server on this folder.

    It is our own; for root it is the folder's owner, and for a folder that is new the account `yinhe`, which is
    made if it is missing (a system account without a home folder and without a log-in).
    Raises ServerDidNotStart when there is no such account and none can be made.
    """
    uid = os.geteuid()
    if uid == 0:
        owner = folder.stat().st_uid if folder.exists() else 0
        return _account_of(owner) if owner != 0 else _dedicated_account()
    return _account_of(uid)


def own(path: Path, account: Account) -> None:
    """Give a file or folder to the account; only root can, and only root needs to."""
    if os.geteuid() == 0:
        os.chown(path, account.uid, account.gid)


def first_closed_folder(path: Path, account: Account) -> Path | None:
    """The outermost folder on the way to `path` (itself included) that the account may not pass; None if all open."""
    path = path.resolve()
    for folder in (*reversed(path.parents), path):
        status = folder.stat()
        if account.uid == status.st_uid:
            bit = stat.S_IXUSR
        elif account.gid == status.st_gid:
            bit = stat.S_IXGRP
        else:
            bit = stat.S_IXOTH
        if not status.st_mode & bit:
            return folder
    return None


def require_reachable(home: Path, account: Account) -> None:
    """Raise HomeUnusable, with a hint, when the account cannot reach the home folder."""
    closed = first_closed_folder(home, account)
    if closed is not None:
        raise HomeUnusable(
            f"PostgreSQL does not run as root, and the account {account.name!r} that runs it for you may not pass "
            f"{closed}. Choose a home it can reach (YINHE_HOME=/var/lib/yinhe), or run Yinhe as an ordinary user."
        )


def reachable_program(package_root: Path, program: str, account: Account, copies: Path) -> Path:
    """The program's folder `package_root/program`, or a copy of it under `copies` if the account cannot reach that.

    `package_root` is the folder of installed Python packages; the libraries beside the program are copied with it.
    """
    if first_closed_folder(package_root / program / "bin" / "postgres", account) is None:
        return package_root / program
    if not (copies / program).exists():
        unfinished = copies.with_name(f"{copies.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        libraries = f"{Path(program).parts[0]}.libs"
        for part in (program, libraries):
            shutil.copytree(package_root / part, unfinished / part, ignore=_NOT_NEEDED_TO_RUN, symlinks=True)
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(0o755 if mode & stat.S_IXUSR else 0o644)
        shutil.rmtree(copies, ignore_errors=True)
        unfinished.rename(copies)
    return copies / program


def _account_of(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise ServerDidNotStart(
            f"User id {uid} has no name in /etc/passwd, and PostgreSQL does not run without one. "
            f"Give it a name, or use a PostgreSQL of your own (YINHE_DATABASE_URL)."
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _dedicated_account() -> Account:
    with _one_at_a_time():
        try:
            entry = pwd.getpwnam(DEDICATED_ACCOUNT)
        except KeyError:
            _make_dedicated_account()
            entry = pwd.getpwnam(DEDICATED_ACCOUNT)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


@contextmanager
def _one_at_a_time() -> Generator[None]:
    """Two useradd at once may both succeed, the second with the name of the first under another user id."""
    folder = os.open("/etc", os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _make_dedicated_account() -> None:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    command += ["--shell", "/usr/sbin/nologin", "--comment", "Yinhe's embedded PostgreSQL", DEDICATED_ACCOUNT]
    try:
        # The command is a constant; useradd lies in different folders on different systems.
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        reason = error.stderr.strip() if isinstance(error, subprocess.CalledProcessError) else str(error)
        raise ServerDidNotStart(
            f"PostgreSQL does not run as root, and the account {DEDICATED_ACCOUNT!r} could not be made ({reason}). "
            f"Make it, or run Yinhe as an ordinary user."
        ) from error
