"""Servers of a test's own, to be stopped, killed and broken."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from yinhe.storage.embedded import EmbeddedServer
from yinhe.storage.settings import ServerSettings, settings_for

ServerMaker = Callable[..., EmbeddedServer]


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for a home, reachable by the account that runs the server (pytest's own is closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix="yinhe-home-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def small_settings() -> ServerSettings:
    """A server for a machine of 1 GiB."""
    return settings_for(1024**3)


@pytest.fixture(scope="session")
def standing_home(small_settings: ServerSettings) -> Iterator[Path]:
    """A home that tests use one after the other; each finds its server stopped, and leaves it so."""
    folder = Path(tempfile.mkdtemp(prefix="yinhe-home-"))
    folder.chmod(0o711)
    with EmbeddedServer(folder, small_settings):
        pass
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def make_server(home: Path, standing_home: Path, small_settings: ServerSettings) -> Iterator[ServerMaker]:
    """Makes servers, not started, on the standing home or on a copy of it (say at `home`); leaves them at the end."""
    made: list[EmbeddedServer] = []

    def make(folder: Path = standing_home, settings: ServerSettings = small_settings) -> EmbeddedServer:
        if not (folder / "postgres").exists():
            folder.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "-a", standing_home / "postgres", folder], check=True)
        made.append(EmbeddedServer(folder, settings))
        return made[-1]

    yield make
    for server in made:
        server.stop()
