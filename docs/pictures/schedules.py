"""Draw the schedules of the loans that the documents show.

    python docs/pictures/schedules.py

Each picture is what `yinhe product schedule … --svg` writes; a test holds them to it.
"""

import subprocess
import sys
from pathlib import Path
from types import MappingProxyType
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent
PROGRAM: Final = Path(sys.executable).with_name("yinhe")
PICTURES: Final = MappingProxyType(
    {
        "schedule-mortgage.svg": ("mortgage", "--amount", "1,000,000.00", "--months", "240", "--from", "2026-01-05"),
        "schedule-consumer-loan.svg": (
            "consumer_loan", "--amount", "12,000.00", "--months", "12", "--from", "2026-01-05",
        ),
        "schedule-project-loan.svg": (
            "project_loan", "--amount", "6,000,000.00", "--months", "60", "--from", "2026-01-05", "--company",
        ),
    }
)  # fmt: skip
"""What each shows, as the command takes it."""


def draw(name: str, folder: Path) -> Path:
    """Draw one of the pictures into a folder."""
    made = folder / name
    command = [str(PROGRAM), "product", "schedule", *PICTURES[name], "--svg", str(made), "--json"]
    # Our own program, with arguments of ours.
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return made


if __name__ == "__main__":
    for picture in PICTURES:
        sys.stdout.write(f"{draw(picture, FOLDER)}\n")
