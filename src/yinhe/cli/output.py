"""What the command line says: tables and progress for people, one JSON object for programs, logs on stderr."""

import sys
from collections.abc import Callable, Generator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any, Final

import msgspec
import structlog
from rich import box
from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from yinhe.kernel.account_number import AccountNumber
from yinhe.kernel.clock import Clock, datetime_from_us
from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.decimals import format_scaled
from yinhe.kernel.errors import YinheError

Watch = Callable[[str, int, int], None]
"""Hears how far a stage has come: its name, what is done, and of how many."""

_PIPE_WIDTH: Final = 160
"""Columns of a table that goes to a file or another program."""


class CommandFailed(YinheError):  # noqa: N818 - it is what the command line says, not a fault of its own
    """The command did not do what was asked; `details` go beside the reason in the JSON answer."""

    def __init__(self, reason: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.details: Final = details or {}


class Output:
    """Where one command's answer goes."""

    def __init__(self, as_json: bool) -> None:
        """With `as_json` people are told nothing but failures; programs get one object."""
        self.as_json: Final = as_json
        self._answers: Final = Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)
        self._asides: Final = Console(highlight=False, stderr=True)

    def show(self, answer: msgspec.Struct | dict[str, Any], *parts: RenderableType) -> None:
        """Give the answer: `parts` to people, `answer` to programs."""
        if self.as_json:
            sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
        else:
            self._answers.print(*parts, sep="\n")

    def aside(self, line: str) -> None:
        """Tell people something beside the answer, on stderr."""
        if not self.as_json:
            self._asides.print(line, soft_wrap=True, markup=False)

    def fail(self, reason: str, details: dict[str, Any] | None = None) -> None:
        """Say in one line why nothing came of it."""
        line = " ".join(reason.split())
        self._asides.print(Text.assemble(("yinhe: ", "bold red"), line), soft_wrap=True)
        if self.as_json:
            self.show({"error": line, **(details or {})})

    @contextmanager
    def progress(self) -> Generator[Watch]:
        """A bar a stage on stderr, while the work inside goes on; silent where nobody looks."""
        columns = TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        quiet = self.as_json or not self._asides.is_terminal
        with Progress(*columns, console=self._asides, transient=True, disable=quiet) as bars:
            tasks: dict[str, TaskID] = {}

            def watch(stage: str, done: int, total: int) -> None:
                if stage not in tasks:
                    tasks[stage] = bars.add_task(stage, total=total or None)
                bars.update(tasks[stage], completed=done, total=total or None)

            yield watch


def configure_logs(as_json: bool, debug: bool, clock: Clock) -> None:
    """Send logs to stderr: warnings in words for people, everything from info on as JSON for programs."""

    def stamp(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["at"] = datetime_from_us(clock.now_us()).isoformat(timespec="milliseconds")
        if not debug:
            event.pop("exc_info", None)
        return event

    render = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(sys.stderr.isatty())
    errors = [structlog.processors.format_exc_info] if as_json else []
    structlog.configure(
        processors=[structlog.processors.add_log_level, stamp, *errors, render],
        wrapper_class=structlog.make_filtering_bound_logger("info" if as_json else "warning"),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def table(*columns: str, right: frozenset[str] = frozenset()) -> Table:
    """A banker's table; the columns named in `right` hold numbers."""
    made = Table(box=box.SIMPLE_HEAD)
    for name in columns:
        made.add_column(name, justify="right" if name in right else "left", no_wrap=True)
    return made


def titled(title: str, part: RenderableType) -> RenderableType:
    """A part under its title."""
    return Group(Text(title, style="bold", no_wrap=True), part)


def facts(title: str, pairs: Mapping[str, str]) -> RenderableType:
    """A list of names and values under a title."""
    made = Table(box=None, show_header=False, padding=(0, 2, 0, 1))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in pairs.items():
        made.add_row(name, Text(value))
    return titled(title, made)


def amount(amount_minor: int, currency: int) -> str:
    """Minor units as the currency writes them, with thousands separators; `currency` is an ISO 4217 number."""
    return format_scaled(amount_minor, currency_by_number(currency).scale)


def amount_or_blank(amount_minor: int, currency: int) -> str:
    """Like `amount`; nothing where it is zero."""
    return amount(amount_minor, currency) if amount_minor else ""


def number(unit: int, account: int) -> str:
    """An account's number, in groups of four."""
    return str(AccountNumber(unit, account))
