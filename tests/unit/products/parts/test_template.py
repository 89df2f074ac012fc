"""The template for parts of other packages: its own tests pass, and its entry point brings the part in."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from yinhe.products.errors import PartUnlawful
from yinhe.products.registry import GROUP, PARTS, part_classes

TEMPLATE = Path(__file__).resolve().parents[4] / "examples" / "parts_template"


def test_its_own_tests_pass(tmp_path: Path) -> None:
    environment = dict(os.environ) | {"PYTHONPATH": str(TEMPLATE / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(TEMPLATE), "tests"]
    done = subprocess.run(command, cwd=TEMPLATE, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


def install(folder: Path, points: dict[str, str]) -> None:
    """What an installer leaves of a package: its name and its entry points."""
    information = folder / "riverside_parts-0.1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: riverside-parts\nVersion: 0.1.0\n", "utf-8")
    lines = [f"{name} = {value}" for name, value in points.items()]
    (information / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *lines, ""]), "utf-8")


def test_its_entry_point_brings_the_part_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tomllib.loads((TEMPLATE / "pyproject.toml").read_text("utf-8"))["project"]
    install(tmp_path, project["entry-points"][GROUP])
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(TEMPLATE / "src"))
    found = part_classes()
    assert list(found)[-1] == "interest.from_minimum"
    assert found["interest.from_minimum"].__module__ == "riverside_parts.minimum"
    assert len(found) == len(PARTS) + 1


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("datetime:date", "names datetime:date, which is no part"),
        ("yinhe.kernel.dates:add_months", "which is no part"),
        ("yinhe.products.parts.interest:Interest", "its name '' must be interest"),
    ],
)
def test_what_is_no_part_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, reason: str
) -> None:
    install(tmp_path, {"odd": value})
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(PartUnlawful, match=reason):
        part_classes()
