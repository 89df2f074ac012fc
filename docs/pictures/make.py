"""Draw the terminal picture of the README from a real run of the demo.

    python docs/pictures/make.py [SEED]

Runs `yinhe demo` in a terminal of its own and writes what it shows to docs/pictures/demo.svg.
"""

import fcntl
import io
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS, LINES = 128, 60
PROGRAM = Path(sys.executable).with_name("yinhe")
PICTURE = Path(__file__).with_name("demo.svg")
SECTIONS_SHOWN = (
    "$",
    "─",
    "Days",
    "Management summary",
    "Products",
    "Nights",
    "One posting explained",
    "Interest, booked",
    "Contract ",
    "Sum",
    "Speed",
    "Trial balance, CNY",
    "The money in the bank",
)
"""How the parts begin that the picture has room for; the demo shows more."""


def shown_by(command: list[str]) -> str:
    """What a command writes to a terminal of COLUMNS columns, colours and all."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    # Our own program, with arguments of ours.
    process = subprocess.Popen(command, stdout=theirs, stderr=subprocess.DEVNULL, env=environment)  # noqa: S603
    os.close(theirs)
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(ours, 65_536)
        except OSError:  # the terminal's other end is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(ours)
    if process.wait() != 0:
        raise SystemExit("the demo failed")
    return b"".join(parts).decode("utf-8").replace("\r\n", "\n")


def sections_shown(text: str) -> Iterator[Text]:
    """The lines of the parts that are shown; a part begins at a line that is not indented."""
    shown = False
    for line in map(Text.from_ansi, text.rstrip().split("\n")):
        if line.plain[:1].strip():
            shown = line.plain.startswith(SECTIONS_SHOWN)
        if shown:
            yield line


def main(seed: str) -> None:
    """Run the demo and draw it."""
    command = ["demo", "--seed", seed, "--no-keep"]
    text = shown_by([str(PROGRAM), *command])
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, highlight=False)
    console.print(Text("$ yinhe demo", style="bold"))
    console.print(Text("\n").join(sections_shown(text)), soft_wrap=True)
    console.save_svg(str(PICTURE), title="yinhe demo", unique_id="yinhe-demo")
    sys.stdout.write(f"{PICTURE}: {PICTURE.stat().st_size >> 10} KiB\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "7")
