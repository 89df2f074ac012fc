"""Write into the pages what the program itself knows: outcomes, flags, commands, settings, currencies and the like.

    python docs/generate.py            # rewrites the generated parts of every page
    python docs/generate.py --check    # exits with 1 when a page is not as it would be written

A page takes such a part between `<!-- generated: NAME -->` and `<!-- end -->`. A test holds every page to it.
"""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum, IntEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec
import typer

from yinhe.cli.app import make_app
from yinhe.kernel.calendar import BusinessDayRule
from yinhe.kernel.currency import CURRENCIES
from yinhe.kernel.daycount import DayCount
from yinhe.kernel.rounding import Rounding
from yinhe.ledger.batch import Flag
from yinhe.ledger.engine import EngineSettings
from yinhe.ledger.outcomes import ACCOUNT_REASONS, REASONS, AccountOutcome, Outcome, Reason

DOCS: Final = Path(__file__).resolve().parent
PART: Final = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown; a bar inside a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def notes_of(cls: type) -> Mapping[str, str]:
    """The docstring under each member or field of a class, on one line."""
    body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    assert isinstance(body, ast.ClassDef)
    notes: dict[str, str] = {}
    for field, note in zip(body.body, body.body[1:], strict=False):
        target = field.targets[0] if isinstance(field, ast.Assign) else getattr(field, "target", None)
        is_text = isinstance(note, ast.Expr) and isinstance(note.value, ast.Constant)
        if isinstance(target, ast.Name) and is_text:
            notes[target.id] = " ".join(str(note.value.value).split())
    return MappingProxyType(notes)


# --- the ledger


def _outcomes(reasons: Mapping[Any, Reason], members: type[IntEnum]) -> str:
    rows = [
        (f"{member:d}", f"`{member.name}`", reasons[member].english, reasons[member].chinese, _retry(member, reasons))
        for member in members
    ]
    return table(("", "Outcome", "Meaning", "含义", "Can a retry change it?"), rows)


def _retry(member: IntEnum, reasons: Mapping[Any, Reason]) -> str:
    if member.name in ("POSTED", "DONE", "DUPLICATE"):
        return "done"
    return "yes" if reasons[member].retry_can_change else "no"


class Kind(NamedTuple):
    """One way of using a transfer: the flags that make it, and what `reference` and `amount` then are."""

    does: str
    flags: Flag
    reference: str
    amount: str


KINDS: Final = (
    Kind("Move money", Flag(0), "0", "what is to move, > 0"),
    Kind("Place a hold", Flag.PENDING, "its expiry, microseconds since 1970-01-01, or 0", "what is to be held, > 0"),
    Kind("Post a hold", Flag.POST, "the hold's number, > 0", "a part, or 0 for all that is held"),
    Kind("Release a hold", Flag.VOID, "the hold's number, > 0", "a part, or 0 for all that is held"),
    Kind("Release an expired hold", Flag.VOID | Flag.EXPIRE, "the hold's number, > 0", "0 for all that is held"),
    Kind("Take what is there", Flag.BALANCING_DEBIT, "0", "the most to take, > 0"),
    Kind("Give what there is room for", Flag.BALANCING_CREDIT, "0", "the most to give, > 0"),
    Kind("Both", Flag.BALANCING_DEBIT | Flag.BALANCING_CREDIT, "0", "the most to move, > 0"),
    Kind("Correct an earlier row", Flag.REVERSAL, "the seq of that row, already given out", "what is to move, > 0"),
)  # fmt: skip
"""The flags that exclude one another; a test tries every combination on the machine."""


def flags_go_together(flags: Flag, reference: int, next_seq: int) -> bool:
    """Whether the machine may take these together, as the page says it."""
    kind = flags & ~(Flag.LINKED | Flag.VALUE_DATED)
    if kind not in {known.flags for known in KINDS}:
        return False
    if kind == Flag.PENDING:
        return reference >= 0
    if kind == Flag.REVERSAL:
        return 0 < reference < next_seq
    return reference > 0 if kind & (Flag.POST | Flag.VOID) else reference == 0


def _flags() -> str:
    notes = notes_of(Flag)
    return table(("Value", "Flag", "Meaning"), ((int(flag), f"`{flag.name}`", notes[str(flag.name)]) for flag in Flag))


def _kinds() -> str:
    rows = ((kind.does, _names(kind.flags), kind.reference, kind.amount) for kind in KINDS)
    return table(("What it does", "Flags", "`reference`", "`amount_minor`"), rows)


def _names(flags: Flag) -> str:
    return " and ".join(f"`{flag.name}`" for flag in Flag if flag & flags) or "none"


def _engine_settings() -> str:
    notes = notes_of(EngineSettings)
    defaults = msgspec.to_builtins(EngineSettings())
    rows = ((f"`{name}`", f"{value:,}", notes[name]) for name, value in defaults.items())
    return table(("Setting", "Default", "Meaning"), rows)


# --- the kernel


def _currencies() -> str:
    rows = ((c.code, f"{c.number:03d}", c.scale, c.name, c.name_zh) for c in CURRENCIES)
    return table(("Code", "Number", "Decimals", "Name", "名称"), rows)


def _members(cls: type[Enum]) -> str:
    notes = notes_of(cls)
    return table(("Member", "Name", "Rule"), ((f"`{m.name}`", m.value, notes[m.name]) for m in cls))


# --- the command line


def _commands() -> str:
    root: Any = typer.main.get_command(make_app())
    commands = list(_leaves("yinhe", root))
    common = [option for option in commands[0][1].params if option.rich_help_panel]
    names = [option.opts[0] for option in common]
    parts = ["## Common options\n\n", _options(common), *(_command(*command, names) for command in commands)]
    return "".join(parts)


def _leaves(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield path, command
        return
    for name, child in children.items():
        yield from _leaves(f"{path} {name}", child)


def _command(path: str, command: Any, common: Sequence[str]) -> str:
    own = [parameter for parameter in command.params if not parameter.rich_help_panel]
    words = [_argument(parameter) for parameter in own if parameter.param_type_name == "argument"]
    prose, examples = _split_help(command.help)
    shown = "".join(f"```sh\n{example}\n```\n\n" for example in ["\n".join(examples)] if example)
    usage = f"```text\n{' '.join([path, *words, '[OPTIONS]'])}\n```"
    return f"\n## {path}\n\n{usage}\n\n{prose}\n\n{shown}{_options(own)}{_of_common(command, common)}"


def _of_common(command: Any, common: Sequence[str]) -> str:
    """Which of the common options a command takes, where it does not take them all."""
    taken = {parameter.opts[0] for parameter in command.params}
    names = [name for name in common if name in taken]
    return "" if names == list(common) else f"\nOf the common options: {', '.join(f'`{name}`' for name in names)}.\n"


def _split_help(text: str) -> tuple[str, list[str]]:
    paragraphs = [part for part in re.sub(r"\[/?dim\]", "", text).split("\n\n") if not part.startswith("Example")]
    examples = [part.removeprefix("$ ") for part in paragraphs if part.startswith("$ ")]
    return "\n\n".join(part for part in paragraphs if not part.startswith("$ ")), examples


def _argument(parameter: Any) -> str:
    name = (parameter.metavar or parameter.name.upper()).strip("[]")
    return name if parameter.required else f"[{name}]"


def _options(parameters: Sequence[Any]) -> str:
    rows = [(f"`{_spelling(p)}`", p.help, _default(p)) for p in parameters]
    return table(("", "Meaning", "Default"), rows) if rows else ""


def _spelling(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return _argument(parameter)
    both = "/".join([parameter.opts[0], *parameter.secondary_opts])
    return f"{both} {parameter.metavar}" if parameter.metavar else both


def _default(parameter: Any) -> str:
    match parameter.default:
        case None | False:
            return "required" if parameter.required else ""
        case True:
            return "yes"
        case int() as number if number >= 2**62:
            return ""
        case int() as number:
            return f"{number:,}"
        case other:
            return str(other)


PARTS: Final[Mapping[str, Callable[[], str]]] = MappingProxyType(
    {
        "outcomes": lambda: _outcomes(REASONS, Outcome),
        "account-outcomes": lambda: _outcomes(ACCOUNT_REASONS, AccountOutcome),
        "flags": _flags,
        "kinds": _kinds,
        "engine-settings": _engine_settings,
        "currencies": _currencies,
        "day-counts": lambda: _members(DayCount),
        "rounding": lambda: _members(Rounding),
        "business-day-rules": lambda: _members(BusinessDayRule),
        "commands": _commands,
    }
)
"""What can be generated, by the name a page asks for it."""


def filled(text: str) -> str:
    """A page with its generated parts as they should be; raises KeyError for a part nobody can generate."""
    return PART.sub(lambda match: f"{match[1]}\n{PARTS[match[2]]()}\n{match[3]}", text)


def main(check: bool) -> int:
    """Rewrite or check every page; how many were not as they should be."""
    stale = 0
    for page in sorted(DOCS.rglob("*.md")):
        text = page.read_text("utf-8")
        wanted = filled(text)
        if text != wanted:
            stale += 1
            sys.stdout.write(f"{'stale' if check else 'rewritten'}: {page.relative_to(DOCS)}\n")
            if not check:
                page.write_text(wanted, "utf-8")
    return stale if check else 0


if __name__ == "__main__":
    sys.exit(min(1, main("--check" in sys.argv[1:])))
