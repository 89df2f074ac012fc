"""Write into the pages what the program itself knows: outcomes, flags, commands, settings, currencies and the like.

    python docs/generate.py            # rewrites the generated parts of every page
    python docs/generate.py --check    # exits with 1 when a page is not as it would be written

A page takes such a part between `<!-- generated: NAME -->` and `<!-- end -->`. A test holds every page to it.
"""

import ast
import datetime as dt
import importlib.util
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum, IntEnum
from functools import partial
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, Final, NamedTuple

import msgspec
import typer

from yinhe.access.built_in import BUILT_IN_ROLES, BUILT_IN_RULES
from yinhe.access.permissions import Permission
from yinhe.access.principal import NO_LIMIT, Limits
from yinhe.api.problem import status_of
from yinhe.api.table import ROUTES
from yinhe.cli.app import make_app
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.refusals import ContractRefusal
from yinhe.kernel.calendar import BusinessDayRule
from yinhe.kernel.currency import CURRENCIES
from yinhe.kernel.daycount import DayCount
from yinhe.kernel.money import Money
from yinhe.kernel.rates import Rate, format_rate
from yinhe.kernel.refusals import ReasonEnum
from yinhe.kernel.rounding import Rounding
from yinhe.ledger.batch import Flag
from yinhe.ledger.engine import EngineSettings
from yinhe.ledger.outcomes import ACCOUNT_REASONS, REASONS, AccountOutcome, Outcome, Reason
from yinhe.lending.refusals import LoanRefusal
from yinhe.lending.schedule.policies import SchedulePolicy
from yinhe.products import registry
from yinhe.products.catalogue import VersionRefusal
from yinhe.products.findings import REASONS as FINDING_REASONS
from yinhe.products.findings import Code as FindingCode
from yinhe.products.lawbook_signs import Law
from yinhe.products.part_list import KIND_WORDS
from yinhe.products.part_list import PARTS as PART_LIST
from yinhe.products.parts.base import MANY, Part
from yinhe.products.parts.base import Kind as PartKind
from yinhe.products.parts.refusals import PART_REASONS, PartRefusal
from yinhe.products.period import Period
from yinhe.products.rates import RateSource
from yinhe.products.shapes import word_of

DOCS: Final = Path(__file__).resolve().parent
PART: Final = re.compile(r"(<!-- generated: ([a-z0-9_-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


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


# --- the parts of products


def _parts() -> str:
    return "\n".join(_parts_of(kind) for kind in PartKind)


def _parts_of(kind: PartKind) -> str:
    english, chinese = KIND_WORDS[kind]
    several = "A product may have several." if kind in MANY else "A product has at most one."
    parts = [part for part in PART_LIST if part.kind is kind]
    return f"## {english.capitalize()} {chinese}\n\n{several}\n\n" + "\n".join(_one_part(part) for part in parts)


def _one_part(part: type[Part]) -> str:
    english = " ".join(str(inspect.getdoc(part)).split("\n\n")[0].split())
    order = "" if part.order_free else " The order of accounts matters."
    said = f"### {part.name}\n\n{english} {part.chinese}。\n\nLedger: {part.effect}.{order}\n"
    rows = list(_parameters(part, ""))
    return said + (
        "\n" + table(("Parameter", "Written as", "Bounds", "Default", "Meaning", "含义"), rows) if rows else ""
    )


def _parameters(cls: type[msgspec.Struct], prefix: str) -> Iterator[Sequence[object]]:
    for field in registry.fields_of(cls):
        assert field.meaning is not None
        written = _written(field.type)
        if field.is_many:
            written = f"list of {written.removeprefix('one of ').replace('number', 'numbers')}"
        meaning = field.meaning
        yield (
            f"`{prefix}{field.name}`", written, _bounds(field), _default_of(field), meaning.english, meaning.chinese
        )  # fmt: skip
        if registry.is_record(field.type):
            yield from _parameters(field.type, f"{prefix}{field.name}.")


WRITTEN: Final[Mapping[object, str]] = MappingProxyType(
    {
        Money: 'money, `"50,000.00 CNY"`',
        Rate: 'rate, `"3.25%"`',
        RateSource: 'rate, `"3.25%"` or `"board:demand"`',
        Period: 'period, `"3 months"`',
        int: "whole number",
        bool: "`true` or `false`",
        str: "text",
        dt.date: "date, `2026-01-31`",
    }
)


def _written(kind: Any) -> str:
    if kind in WRITTEN:
        return WRITTEN[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "one of " + ", ".join(f"`{word_of(member)}`" for member in kind)
    return "records"


def _bounds(field: registry.Field) -> str:
    assert field.meaning is not None
    least, most = field.meaning.least, field.meaning.most
    if field.type in (Rate, RateSource):
        return " to ".join(format_rate(Rate(bound)) for bound in (least, most) if bound is not None)
    if field.type is int:
        return f"{least:,} to {most:,}"
    if field.type is Money and least is not None:
        return "above zero" if least else "zero or more"
    return ""


def _default_of(field: registry.Field) -> str:
    default = field.default
    if default is msgspec.NODEFAULT:
        return "required"
    if default is None:
        return "none"
    match default:
        case bool():
            return "yes" if default else "no"
        case Enum():
            return f"`{word_of(default)}`"
        case tuple():
            return f"{len(default)} entries"
        case _:
            return str(default)


def _laws() -> str:
    notes = notes_of(Law)
    return table(("Law", "Meaning"), ((law.value, notes[law.name]) for law in Law))


def _part_refusals() -> str:
    rows = ((code.value, f"`{code.name}`", *PART_REASONS[code]) for code in PartRefusal)
    return table(("", "Refusal", "What the customer reads", "客户看到"), rows)


def _findings() -> str:
    """Every finding there can be; what it names in each case is `…`."""
    rows = [
        (f"`{code.value}`", *(re.sub(r"\{[^}]*\}", "…", sentence) for sentence in FINDING_REASONS[code]))
        for code in FindingCode
    ]
    return table(("Code", "Reason", "原因"), rows)


# --- worked examples


def _beside(name: str) -> ModuleType:
    """A module of this folder, from wherever this one is run."""
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


WORKED: Final = _beside("worked_examples")
WORKED_LOANS: Final = _beside("worked_loans")


def _worked(code: str) -> str:
    return WORKED.rendered(code, {transfer.english: transfer.chinese for transfer in TransferCode})


# --- the interface


def _permissions() -> str:
    roles = BUILT_IN_ROLES
    rows = [
        (f"`{one}`", one.english, one.chinese, *("●" if one in role.permissions else "" for role in roles))
        for one in Permission
    ]
    return table(("Permission", "Lets one", "含义", *(role.name for role in roles)), rows)


def _limits() -> str:
    def shown(amount_minor: int) -> str:
        return "none" if amount_minor >= NO_LIMIT else f"{amount_minor / 100:,.2f}"

    rows = [
        (role.name, role.english, role.chinese, code, shown(limits.single_minor), shown(limits.daily_minor))
        for role in BUILT_IN_ROLES
        for code, limits in (role.limits or {"—": Limits(0, 0)}).items()
    ]
    return table(("Role", "For whoever", "含义", "Currency", "In one command", "In a day"), rows)


def _approval_rules() -> str:
    rows = [
        (
            f"`{rule.pattern}`",
            ", ".join(sorted(map(str, rule.kinds))),
            "always"
            if rule.thresholds is None
            else ", ".join(f"from {least / 100:,.2f} {code}" for code, least in rule.thresholds.items()),
        )
        for rule in BUILT_IN_RULES
    ]
    return table(("Commands", "Of", "Need a second person"), rows)


def _operations() -> str:
    lines: list[str] = []
    for tag in dict.fromkeys(route.tag for route in ROUTES):
        rows = [
            (
                f"`{route.method}`",
                f"`{route.path}`",
                route.summary,
                f"`{route.permission}`" if route.permission else "everyone",
                f"`{route.action}`" if route.is_command else "",
            )
            for route in ROUTES
            if route.tag == tag
        ]
        lines.append(
            f"### {tag.capitalize()}\n\n{table(('', 'Address', 'What it does', 'Permission', 'Action'), rows)}"
        )
    return "\n".join(lines)


def _problems() -> str:
    found: dict[str, tuple[object, ...]] = {}
    kinds = sorted(ReasonEnum.__subclasses__(), key=lambda kind: (kind.__module__, kind.__qualname__))
    reasons: list[Any] = [one for kind in kinds if kind.__module__.startswith("yinhe.") for one in kind]
    reasons += [*ContractRefusal, *LoanRefusal, *VersionRefusal]
    words = [(one.name.lower(), one.english, one.chinese) for one in reasons]
    words += [(one.name.lower(), REASONS[one].english, REASONS[one].chinese) for one in Outcome]
    words += [(one.name.lower(), *PART_REASONS[one]) for one in PartRefusal]
    for name, english, chinese in words:
        if name not in ("posted", "duplicate"):
            found.setdefault(name, (f"`{name}`", status_of(name), english, chinese))
    return table(("Code", "Status", "Reason", "原因"), [found[name] for name in sorted(found)])


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
        "schedule-policies": lambda: _members(SchedulePolicy),
        "business-day-rules": lambda: _members(BusinessDayRule),
        "commands": _commands,
        "parts": _parts,
        "part-laws": _laws,
        "part-refusals": _part_refusals,
        "findings": _findings,
        "permissions": _permissions,
        "role-limits": _limits,
        "approval-rules": _approval_rules,
        "operations": _operations,
        "problems": _problems,
        **{f"worked-{code}": partial(_worked, code) for code in WORKED.codes()},
        **{f"worked-{code}": partial(WORKED_LOANS.rendered, code) for code in WORKED_LOANS.codes()},
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
