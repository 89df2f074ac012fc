"""The documents are true: their code runs, what they show is what is seen, and their lists are those of the program.

A fenced block of a page is run when its language says so: `python` in one namespace a page, with what it prints and
the value of its last line compared with a `text` block right after it; `console` by a shell, each line after `$` a
command whose output is compared with the lines under it. `...` stands for anything. Other languages are only shown.
"""

import ast
import contextlib
import doctest
import importlib
import importlib.util
import io
import os
import pkgutil
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import numpy as np
import pytest
from tests.acceptance.warm_shell import warm_program

import yinhe
from yinhe.closeday.plan import STEPS
from yinhe.kernel.errors import YinheError
from yinhe.ledger import rules
from yinhe.ledger.batch import TRANSFER, Flag
from yinhe.ledger.invariants import Invariant
from yinhe.ledger.outcomes import Outcome
from yinhe.products.families import Family, family_of
from yinhe.products.product_library import library_products
from yinhe.products.registry import part_classes
from yinhe.storage.embedded import EmbeddedServer
from yinhe.storage.errors import StorageError
from yinhe.storage.settings import settings_for

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
BERKA = ROOT.parent / "shared" / "data" / "berka"
SECONDS_MAX = 300
PARTS = part_classes()
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "benchmarks" / "README.md"])


def load(path: Path) -> ModuleType:
    """A script of the repository as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- running pages


class Block(msgspec.Struct, frozen=True):
    """One fenced block: where it starts, its language, its text, and the text block right under it, if there is one."""

    line: int
    language: str
    text: str
    shown: str


def blocks_of(text: str) -> list[Block]:
    fences = list(FENCE.finditer(text))
    blocks: list[Block] = []
    for fence, following in zip(fences, [*fences[1:], None][: len(fences)], strict=True):
        under = following is not None and following[1] == "text" and not text[fence.end() : following.start()].strip()
        shown = following[2] if under and following else ""
        blocks.append(Block(text.count("\n", 0, fence.start()) + 1, fence[1], fence[2], shown))
    return blocks


def agrees(shown: str, seen: str) -> bool:
    want, got = ("\n".join(line.rstrip() for line in text.splitlines()).strip("\n") + "\n" for text in (shown, seen))
    return doctest.OutputChecker().check_output(want, got, doctest.ELLIPSIS)


class Reader:
    """Someone who does what a page says, in a folder and a home of their own."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self.environment = environment
        self._exports: list[str] = []
        self._names: dict[str, Any] = {"__name__": "__main__"}

    def read(self, page: Path) -> int:
        """Run a page's blocks; how many there were. Fails at the first that shows something else."""
        blocks = [block for block in blocks_of(page.read_text("utf-8")) if block.language in ("python", "console")]
        for block in blocks:
            place = f"{page.relative_to(ROOT)}:{block.line}"
            pairs = [(block.shown, self._python(block.text, place))] if block.language == "python" else []
            for command, shown in commands_of(block.text) if block.language == "console" else []:
                pairs.append((shown, self._shell(command)))
            for shown, seen in pairs:
                assert agrees(shown, seen), f"{place} shows\n{shown}\nbut what is seen is\n{seen}"
        return len(blocks)

    def _python(self, text: str, place: str) -> str:
        tree = ast.parse(text, place)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(tree, place, "exec"), self._names)
            value = eval(compile(ast.Expression(last.value), place, "eval"), self._names) if last else None
        return out.getvalue() + ("" if value is None else f"{value!r}\n")

    def _shell(self, command: str) -> str:
        if command.startswith("export "):
            self._exports.append(command)
        done = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", "\n".join([*self._exports, command])],
            cwd=self._folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS_MAX,
        )
        assert done.returncode == 0, f"$ {command}\n{done.stdout}"
        return done.stdout


def commands_of(text: str) -> list[tuple[str, str]]:
    """Each command with what it shows; a line that ends in a backslash goes on."""
    found: list[tuple[str, str]] = []
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        end = next(number for number, line in enumerate(lines) if not line.endswith("\\")) + 1
        found.append(("\n".join(lines[:end]), "\n".join(lines[end:])))
    return found


@pytest.fixture(scope="module")
def programs() -> Iterator[Path]:
    """A folder with a `yinhe` that starts quickly: most of what pages show is one command after another."""
    folder = Path(tempfile.mkdtemp(prefix="yinhe-programs-"))
    with warm_program(folder) as found:
        yield found
    shutil.rmtree(folder)


@pytest.fixture
def quick(reader: Reader, programs: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """A reader to whom `yinhe` is that one."""
    reader.environment["PATH"] = f"{programs}{os.pathsep}{reader.environment['PATH']}"
    return reader


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """A reader whose server is there from the start, small, and is gone in the end."""
    home = Path(tempfile.mkdtemp(prefix="yinhe-documents-"))
    home.chmod(0o711)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    if BERKA.is_dir():
        (tmp_path / "berka").symlink_to(BERKA)
    for name in [name for name in os.environ if name.startswith("YINHE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("YINHE_HOME", str(home))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    with EmbeddedServer(home, settings_for(1024**3)):
        yield Reader(tmp_path, dict(os.environ))
    shutil.rmtree(home)


@pytest.mark.slow
def test_the_tutorial_does_what_it_shows(quick: Reader) -> None:
    assert quick.read(DOCS / "tutorial" / "a-bank-in-ten-minutes.md") > 15


@pytest.mark.slow
def test_the_tutorial_of_the_interface_does_what_it_shows(reader: Reader, tmp_path: Path) -> None:
    page = DOCS / "tutorial" / "integrate-in-five-minutes.md"
    try:
        assert reader.read(page) > 5
    finally:
        with contextlib.suppress(OSError, ValueError):
            os.kill(int((tmp_path / "serve.pid").read_text()), signal.SIGTERM)
    example = (ROOT / "examples" / "integrate.py").read_text("utf-8")
    for block in blocks_of(page.read_text("utf-8")):
        if block.language == "py":
            assert all(line.strip() in example for line in block.text.splitlines()), block.text


@pytest.mark.parametrize(
    "page",
    [
        ROOT / "README.md",
        ROOT / "README.zh-CN.md",
        DOCS / "reference" / "account-numbers.md",
        DOCS / "reference" / "ids.md",
        DOCS / "reference" / "schedule-policies.md",
        DOCS / "explanation" / "lending.md",
        DOCS / "explanation" / "loan-schedules.md",
        DOCS / "explanation" / "products-from-parts.md",
        DOCS / "how-to" / "back-up-and-restore.md",
        DOCS / "how-to" / "explain-a-posting.md",
        DOCS / "how-to" / "launch-a-product.md",
        DOCS / "how-to" / "lend-and-collect.md",
        DOCS / "how-to" / "receive-events.md",
        DOCS / "how-to" / "send-a-payment-file.md",
        DOCS / "how-to" / "replay-a-draft.md",
        DOCS / "how-to" / "use-your-own-postgresql.md",
        DOCS / "how-to" / "write-a-part.md",
    ],
    ids=lambda page: page.name,
)
@pytest.mark.slow
def test_a_page_does_what_it_shows(quick: Reader, page: Path) -> None:
    assert quick.read(page) > 0


@pytest.mark.slow
@pytest.mark.skipif(not BERKA.is_dir(), reason="the PKDD'99 financial data set is not in ../shared/data/berka")
@pytest.mark.skipif("YINHE_PAGES" not in os.environ, reason="a page of two minutes: `make pages` runs it")
def test_the_berka_bank_is_taken_over_as_shown(reader: Reader) -> None:
    assert reader.read(DOCS / "how-to" / "migrate-the-berka-bank.md") > 0


def test_every_page_with_code_to_run_is_run() -> None:
    """No page shows `python` or `console` blocks that none of the tests above reads."""
    source = Path(__file__).read_text("utf-8")
    for page in PAGES:
        if any(block.language in ("python", "console") for block in blocks_of(page.read_text("utf-8"))):
            assert f'"{page.name}"' in source, page


def test_the_example_pays_once_however_often_it_is_started(reader: Reader, tmp_path: Path) -> None:
    home = Path(os.environ["YINHE_HOME"])
    command = [sys.executable, str(ROOT / "examples" / "salaries.py"), str(home), "12000"]
    first, second = (subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_MAX) for _ in range(2))
    assert (first.returncode, first.stderr) == (0, "")
    assert "0 steps were done before" in first.stdout
    assert "3 steps were done before" in second.stdout
    assert first.stdout.splitlines()[1:] == second.stdout.splitlines()[1:]
    assert "all accounts sum to 0" in first.stdout


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("```python\n1\n```\n```text\n2\n```\n", [("python", "1\n", "2\n"), ("text", "2\n", "")]),
        ("```python\n1\n```\nAnd so:\n```text\n2\n```\n", [("python", "1\n", ""), ("text", "2\n", "")]),
    ],
)
def test_what_a_block_shows_stands_right_under_it(text: str, blocks: list[tuple[str, str, str]]) -> None:
    assert [(block.language, block.text, block.shown) for block in blocks_of(text)] == blocks


@pytest.mark.parametrize(
    ("shown", "seen", "same"),
    [
        ("a  1\n", "a  1   \n\n", True),
        ("a  1\n", "a  2\n", False),
        ("In ...\n", "In /somewhere\n", True),
        ("", "a line too many\n", False),
    ],
)
def test_shown_and_seen_are_compared_line_by_line(shown: str, seen: str, same: bool) -> None:
    assert agrees(shown, seen) is same


# --- what the program knows itself


def test_generated_parts_are_as_they_would_be_written() -> None:
    generate = load(DOCS / "generate.py")
    asked = 0
    for page in sorted(DOCS.rglob("*.md")):
        text = page.read_text("utf-8")
        asked += len(generate.PART.findall(text))
        assert generate.filled(text) == text, f"{page} is stale: run python docs/generate.py"
    assert asked == len(generate.PARTS)


def test_the_figures_are_those_of_the_committed_results() -> None:
    figures = load(ROOT / "benchmarks" / "figures.py")
    for name in figures.NONE_YET:
        text = (ROOT / name).read_text("utf-8")
        assert len(figures.PART.findall(text)) == 1
        assert figures.filled(name, text) == text, f"{name} is stale: run python benchmarks/figures.py"


@pytest.mark.parametrize(
    ("result", "ratio", "decision"),
    [
        ("layout", "arrays_over_line", "0003-one-cache-line-per-account"),
        ("layout-10m", "arrays_over_line", "0003-one-cache-line-per-account"),
        ("pages", "rows_over_pages", "0004-accounts-64-to-a-row"),
        ("reference_counts", "uncounted_over_counted", "0010-compiled-without-reference-counts"),
        ("segments", "live_over_bulk", "0011-segments"),
    ],
)
def test_a_decision_quotes_the_result_it_rests_on(result: str, ratio: str, decision: str) -> None:
    measured = msgspec.json.decode((ROOT / "benchmarks" / "results" / f"{result}.json").read_bytes())
    text = (DOCS / "decisions" / f"{decision}.md").read_text("utf-8")
    assert re.search(rf"(?<![\d.]){re.escape(str(measured[ratio]))}(?![\d.]*\d)", text)


def test_the_flags_page_and_the_machine_agree_on_what_goes_together() -> None:
    generate = load(DOCS / "generate.py")
    fits = getattr(rules._flags_fit, "py_func", rules._flags_fit)
    row = np.zeros(1, TRANSFER)
    next_seq = 10
    for flags in range(1 << 11):
        for reference in (-1, 0, 1, next_seq):
            row["flags"], row["reference"] = flags, reference
            said = flags < 1 << 10 and generate.flags_go_together(Flag(flags), reference, next_seq)
            assert fits(row[0], next_seq) == said, (Flag(flags), reference)


def test_the_schema_page_names_every_table_and_column_and_no_other(database) -> None:
    page = (DOCS / "reference" / "schema.md").read_text("utf-8")
    said: set[tuple[str, str]] = set()
    for section in page.split("\n### ")[1:]:
        rows = [line for line in section.splitlines() if line.startswith("| `")]
        said |= {(section.split("\n")[0], name) for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    with database.connect() as session:
        found = session.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND table_name !~ '^journal_[0-9]+$'"
        ).fetchall()
    assert said == set(found)


def test_the_page_of_the_night_lists_the_steps_in_their_order() -> None:
    page = (DOCS / "explanation" / "the-night.md").read_text("utf-8")
    table = page.split("\n\n## ")[0]
    said = [row.split("|")[1].strip() for row in table.splitlines() if row.startswith("| ")]
    steps = [step.name.replace("_", " ") for step in STEPS]
    assert said == ["Step", "---", "cut-off", *steps, "report"]


def faults() -> Iterator[type[YinheError]]:
    """Every fault that can leave Yinhe: those without a more special one, and those raised as they are."""
    for module in pkgutil.walk_packages(yinhe.__path__, "yinhe."):
        if not module.name.endswith("__main__") and module.name != "yinhe.bench.restart":
            importlib.import_module(module.name)
    left = [YinheError]
    while left:
        fault = left.pop()
        left += fault.__subclasses__()
        if not fault.__module__.startswith("yinhe.kernel") and fault is not StorageError:
            yield fault


def test_every_fault_has_its_line_at_three_in_the_morning() -> None:
    page = (DOCS / "how-to" / "at-three-in-the-morning.md").read_text("utf-8")
    missing = {fault.__name__ for fault in faults() if f"`{fault.__name__}`" not in page}
    assert missing == set()


def test_every_dependency_is_argued() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    page = (DOCS / "decisions" / "0002-dependencies.md").read_text("utf-8")
    rows = " ".join(line.split("|")[1] for line in page.splitlines() if line.startswith("| "))
    missing = [name for name in (re.split(r"[\[>=<]", one)[0] for one in wanted) if name not in rows]
    assert missing == []


def test_beancount_is_run_as_a_program_and_never_imported() -> None:
    imports = re.compile(r"^\s*(?:from|import)\s+beancount\b", re.MULTILINE)
    assert [path for path in (ROOT / "src").rglob("*.py") if imports.search(path.read_text("utf-8"))] == []


def test_every_environment_variable_is_in_the_settings() -> None:
    page = (DOCS / "reference" / "settings.md").read_text("utf-8")
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "tests").rglob("*.py"), ROOT / "Makefile"]
    read = re.compile(r"""["'](YINHE_(?!TEST_HOME)[A-Z_]+)["']|\b(YINHE_[A-Z_]+)=""")
    used = {one or other for path in files for one, other in read.findall(path.read_text("utf-8"))}
    assert {name for name in used if f"`{name}`" not in page} == set()


def test_the_readmes_count_outcomes_parts_products_and_invariants_right() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        text = (ROOT / name).read_text("utf-8")
        assert f"[{len(Outcome)} " in text
        assert f"[{len(PARTS)} " in text
        assert f" {len({part.kind for part in PARTS.values()})} " in text
        assert len(Invariant) == 15, "the READMEs say fifteen"
    families = [family_of(product) for product in library_products()]
    assert families.count(Family.LOAN) == 8, "the READMEs say eight loans"
    assert families.count(Family.DEPOSIT) == 15, "the READMEs say fourteen deposits and an overdraft"


# --- the pages hang together


def anchors_of(text: str) -> set[str]:
    """The anchors GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{target} leads nowhere"
        assert not anchor or anchor in anchors_of(there.read_text("utf-8")), f"{target} has no such heading"


def test_every_page_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text("utf-8")
    pages = [str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md") if page != DOCS / "README.md"]
    assert [page for page in pages if f"({page})" not in index] == []


def test_decisions_are_numbered_and_say_context_choice_consequence_and_date() -> None:
    pages = sorted((DOCS / "decisions").glob("*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04d}" for number in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text("utf-8")
        assert text.startswith(f"# {page.name[:4]} ")
        assert re.match(r"# .+\n\n\d{4}-\d{2}-\d{2}\n", text), page
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Choice", "Consequence"], page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_file_a_page_names_is_there(page: Path) -> None:
    """Paths in backticks under the folders of the repository, and modules by their name alone."""
    text = page.read_text("utf-8")
    named = re.findall(r"`((?:src|tests|docs|benchmarks|examples)/[\w./-]+)`", text)
    modules = {path.name for folder in ("src", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py")}
    assert [name for name in re.findall(r"`(?:\w+/)?(\w+\.py)`", text) if name not in modules] == []
    unmade = {"benchmarks/results/ledger.json"}
    migrations = "src/yinhe/storage/migrations/NNNN_what_it_does.sql"
    assert [path for path in named if not (ROOT / path).exists() and path not in unmade | {migrations}] == []
