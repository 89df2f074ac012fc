"""`yinhe` for a shell, without loading the program for each command: a program that is loaded forks itself for each.

A shim called `yinhe` hands its arguments, folder, environment and its three files over; a fork of the loaded program
takes them for its own, is the program, and its exit code is the shim's. Run as a program:

    python warm_shell.py SOCKET
"""

import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MESSAGE_MAX = 1 << 20
SHIM = """#!{python} -SE
import json, os, socket, sys
place = socket.socket(socket.AF_UNIX)
place.connect({socket!r})
asked = {{"arguments": sys.argv[1:], "folder": os.getcwd(), "environment": dict(os.environ)}}
socket.send_fds(place, [json.dumps(asked).encode() + b"\\n"], [0, 1, 2])
sys.exit(int(place.makefile().readline() or 255))
"""


@contextmanager
def warm_program(folder: Path) -> Iterator[Path]:
    """A folder for the PATH that holds a quick `yinhe`."""
    door, programs = folder / "warm", folder / "programs"
    programs.mkdir()
    shim = programs / "yinhe"
    shim.write_text(SHIM.format(python=sys.executable, socket=str(door)))
    shim.chmod(shim.stat().st_mode | stat.S_IXUSR)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    server = subprocess.Popen([sys.executable, __file__, str(door)], env=environment, stdin=subprocess.DEVNULL)
    try:
        for _ in range(600):
            if door.exists() or server.poll() is not None:
                break
            time.sleep(0.05)
        yield programs
    finally:
        server.kill()
        server.wait()


def serve(path: str) -> None:
    """Answer until killed."""
    from tests.acceptance.warm import load_compiled

    load_compiled()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(path)
        door.listen()
        while True:
            place, _ = door.accept()
            if os.fork() == 0:
                door.close()
                answer(place)
            place.close()


def answer(place: socket.socket) -> None:
    """In a fork: be the program for one shim, and tell it the exit code."""
    from tests.acceptance.warm import become

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    raw, files, _, _ = socket.recv_fds(place, MESSAGE_MAX, 3)
    while not raw.endswith(b"\n"):
        raw += place.recv(MESSAGE_MAX)
    asked = json.loads(raw)
    child = os.fork()
    if child == 0:
        place.close()
        os.chdir(asked["folder"])
        become(asked["arguments"], asked["environment"], files)
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(OSError):
        place.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


if __name__ == "__main__":
    serve(sys.argv[1])
