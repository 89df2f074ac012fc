"""The habits of the code that no linter knows; the layers themselves are checked by `make imports` (import-linter)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "yinhe"
MODULES = sorted(SOURCE.rglob("*.py"))
PURE_MODULES = ("batch", "columns", "effects", "holds", "identities", "machine", "memory", "outcomes", "rules")
FUNCTION_LINES_MAX = 70
MODULE_LINES_MAX = 500

WALL_CLOCK = {
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("time", "gmtime"),
    ("time", "ctime"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
}
SQL = re.compile(
    r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|TRUNCATE|WITH|CREATE|ALTER|DROP|COPY|GRANT|SET|SHOW|VACUUM|ANALYZE)\s"
)
SQL_TEMPLATES = {"SQL", "copy_statement"}
FOLDERS_OF_PEOPLE = re.compile(r"(?<![\w.])/(?:home|root|Users|work|tmp)/")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def named(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def functions_of(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def dotted(node: ast.expr) -> tuple[str, ...]:
    """`a.b.c` as ("a", "b", "c"); empty for anything else."""
    match node:
        case ast.Name():
            return (node.id,)
        case ast.Attribute():
            before = dotted(node.value)
            return (*before, node.attr) if before else ()
        case _:
            return ()


def calls_of(tree: ast.AST) -> Iterator[tuple[ast.Call, tuple[str, ...]]]:
    return ((node, dotted(node.func)) for node in ast.walk(tree) if isinstance(node, ast.Call))


# --- the rules; each gives the places that break it


def long_functions(tree: ast.Module) -> list[str]:
    return [
        f"line {node.lineno}: {node.name} has {lines} lines"
        for node in functions_of(tree)
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]


def printing(tree: ast.Module) -> list[str]:
    return [f"line {call.lineno}: print" for call, name in calls_of(tree) if name == ("print",)]


def wall_clock_readings(tree: ast.Module) -> list[str]:
    imported = {
        (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if (node.module, alias.name) in WALL_CLOCK
    }
    readings = [f"imports {module}.{name}" for module, name in sorted(imported)]
    return readings + [f"line {call.lineno}: {'.'.join(n)}" for call, n in calls_of(tree) if n[-2:] in WALL_CLOCK]


def loose_sql(tree: ast.Module) -> list[str]:
    """SQL text in Python that is not the template of `sql.SQL` or `copy_statement`."""
    allowed = {
        id(part)
        for call, name in calls_of(tree)
        if name and name[-1] in SQL_TEMPLATES
        for argument in call.args
        for part in ast.walk(argument)
    }
    return [
        f"line {node.lineno}: {text.strip()[:50]!r}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and id(node) not in allowed
        if SQL.match(text := node.value if isinstance(node.value, str) else node.value.decode("utf-8", "replace"))
    ]


def undocumented(tree: ast.Module) -> list[str]:
    """Public functions, classes and their public methods without a docstring."""
    found = [] if ast.get_docstring(tree) else ["the module"]

    def look(body: list[ast.stmt], inside: str) -> None:
        for node in body:
            if not isinstance(node, Definition) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node):
                found.append(f"line {node.lineno}: {inside}{node.name}")
            if isinstance(node, ast.ClassDef):
                look(node.body, f"{node.name}.")

    look(tree.body, "")
    return found


def folders_of_people(tree: ast.Module) -> list[str]:
    return [
        f"line {node.lineno}: {node.value!r}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and FOLDERS_OF_PEOPLE.search(node.value)
    ]


# --- the source obeys


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_function_fits_a_screen(path: Path) -> None:
    assert long_functions(tree_of(path)) == []


GENERATED = frozenset({"client/models.py", "client/operations.py"})
"""Written by a program, read by programs."""


@pytest.mark.parametrize("path", [path for path in MODULES if named(path) not in GENERATED], ids=named)
def test_a_module_has_one_subject(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MODULE_LINES_MAX


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_every_public_thing_explains_itself(path: Path) -> None:
    assert undocumented(tree_of(path)) == []


@pytest.mark.parametrize("path", [path for path in MODULES if path.parent.name != "cli"], ids=named)
def test_only_the_command_line_prints(path: Path) -> None:
    assert printing(tree_of(path)) == []


@pytest.mark.parametrize("path", [path for path in MODULES if path != SOURCE / "kernel" / "clock.py"], ids=named)
def test_only_the_clock_reads_the_wall_clock(path: Path) -> None:
    assert wall_clock_readings(tree_of(path)) == []


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_sql_is_in_sql_files_or_in_a_template(path: Path) -> None:
    assert loose_sql(tree_of(path)) == []


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_folder_of_a_person_is_written_down(path: Path) -> None:
    assert folders_of_people(tree_of(path)) == []


def test_nothing_is_left_to_do() -> None:
    marker = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
    files = [*SOURCE.rglob("*.py"), *SOURCE.rglob("*.sql"), *(ROOT / "tests").rglob("*.py"), *ROOT.glob("docs/**/*.md")]
    assert [str(path.relative_to(ROOT)) for path in files if marker.search(path.read_text("utf-8"))] == []


def test_the_state_machine_imports_no_storage_and_no_clock() -> None:
    """`make imports` proves it of the whole tree; this one is quick and runs with the tests."""
    for name in PURE_MODULES:
        tree = tree_of(SOURCE / "ledger" / f"{name}.py")
        modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        modules += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        assert not [m for m in modules if m.startswith(("yinhe.storage", "psycopg", "yinhe.kernel.clock"))], name


def test_the_layers_hold() -> None:
    """A module imports from its own layer or from those below (design: cli > bench, demo > bootstrap > … > kernel)."""
    layers = [
        {"cli"},
        {"api", "client"},
        {"bench", "demo"},
        {"bank"},
        {"bootstrap", "chores", "rotation"},
        {"overview"},
        {"closeday", "migration", "export"},
        {"feed"},
        {"transact"},
        {"deposits", "lending", "payments"},
        {"products"},
        {"parties"},
        {"identity"},
        {"access"},
        {"audit"},
        {"ledger"},
        {"storage"},
        {"kernel"},
    ]
    rank = {name: number for number, names in enumerate(layers) for name in names}
    upwards: list[str] = []
    for path in MODULES:
        own = path.relative_to(SOURCE).parts[0].removesuffix(".py")
        if own == "__init__":
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("yinhe."):
                other = (node.module or "").split(".")[1]
                beside = other != own and rank[other] == rank[own]
                if rank[other] < rank[own] or beside:
                    upwards.append(f"{named(path)} imports {node.module}")
    assert upwards == []


# --- the rules see what they are for

BROKEN = [
    (printing, "def f():\n    print('x')\n"),
    (wall_clock_readings, "import time\ntime.time()\n"),
    (wall_clock_readings, "import datetime as dt\ndt.datetime.now()\n"),
    (wall_clock_readings, "from datetime import date\ndate.today()\n"),
    (wall_clock_readings, "from time import time_ns\n"),
    (loose_sql, "session.execute('SELECT 1')\n"),
    (loose_sql, "session.execute(b'drop'.upper() + b'DROP TABLE x')\n"),
    (loose_sql, "session.execute(f'SELECT {x}')\n"),
    (undocumented, "'''A module.'''\nclass A:\n    '''A class.'''\n    def method(self): ...\n"),
    (undocumented, "def f(): ...\n"),
    (folders_of_people, "HOME = '/home/ada/bank'\n"),
    (long_functions, "def f():\n" + "    x = 1\n" * FUNCTION_LINES_MAX),
]
KEPT = [
    (printing, "def f():\n    '''Never print.'''\n"),
    (wall_clock_readings, "import time\ntime.monotonic_ns()\nclock.now_us()\n"),
    (loose_sql, "session.execute(sql.SQL('SELECT {}').format(x))\nsay('Selected accounts')\n"),
    (undocumented, "'''A module.'''\nclass _A:\n    def method(self): ...\n"),
    (folders_of_people, "HOME = '/var/lib/yinhe'\nSPEED = 'MiB/home/s'\n"),
    (long_functions, "def f():\n" + "    x = 1\n" * (FUNCTION_LINES_MAX - 1)),
]


@pytest.mark.parametrize(("rule", "text"), BROKEN, ids=lambda value: getattr(value, "__name__", None))
def test_a_rule_sees_what_breaks_it(rule, text: str) -> None:
    assert rule(ast.parse(text))


@pytest.mark.parametrize(("rule", "text"), KEPT, ids=lambda value: getattr(value, "__name__", None))
def test_a_rule_lets_pass_what_keeps_it(rule, text: str) -> None:
    assert rule(ast.parse(text)) == []
