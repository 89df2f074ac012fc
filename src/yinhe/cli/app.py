"""The commands, and what becomes of a failure: one line that says why, and an exit code that is not zero.

Exit codes: 0 done, 1 refused or failed, 2 the command was not understood, 130 interrupted.
"""

import os
import sys
import traceback
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Annotated, Final

import psycopg
import typer

from yinhe import __version__
from yinhe.cli.output import CommandFailed, Output, configure_logs
from yinhe.kernel.clock import SystemClock
from yinhe.kernel.errors import YinheError

_COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "demo": "demo",
        "init": "init",
        "serve": "serve",
        "status": "status",
        "trial-balance": "trial_balance",
        "statement": "statement",
        "check": "check",
        "explain": "explain",
    }
)
"""Commands by the module of `cli` that has a function of the same name."""
_GROUPS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "product": ("product", "product_replay", "product_schedule", "product_simulate"),
        "rates": ("rates",),
        "contract": ("contract",),
        "loan": ("loan", "loan_reading"),
        "closeday": ("closeday",),
        "audit": ("audit",),
        "keys": ("keys",),
        "migrate": ("migrate",),
        "export": ("export",),
        "conform": ("conform",),
        "bench": ("bench",),
    }
)
"""Groups of commands by their modules: the first has the group, the others add themselves to it."""


def _show_version(show: bool) -> None:
    if show:
        sys.stdout.write(f"yinhe {__version__}\n")
        raise typer.Exit


def version(
    show: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version.")
    ] = False,
) -> None:
    """Yinhe (银核): an open core banking system on PostgreSQL."""


def make_app(only: str | None = None) -> typer.Typer:
    """The application with every command, or with one command or group alone: what is not asked for is not loaded."""
    app = typer.Typer(
        name="yinhe",
        help="Yinhe (银核): an open core banking system on PostgreSQL.",
        epilog="Start with: yinhe init, then yinhe status. Each command tells more with --help.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="markdown",
    )
    app.callback()(version)
    for name, module in _COMMANDS.items():
        if only in (None, name):
            app.command(name)(getattr(import_module(f"yinhe.cli.{module}"), module))
    for name, modules in _GROUPS.items():
        if only in (None, name):
            group, *_ = [import_module(f"yinhe.cli.{module}") for module in modules]
            app.add_typer(group.app, name=name)
    return app


def run(arguments: list[str]) -> int:
    """Carry out one command line; the exit code."""
    as_json, debug = "--json" in arguments, "--debug" in arguments
    configure_logs(as_json, debug, SystemClock())
    output = Output(as_json)
    try:
        first = arguments[0] if arguments else ""
        app = make_app(first if first in (*_COMMANDS, *_GROUPS) else None)
        code = app(args=arguments, prog_name="yinhe", standalone_mode=False) or 0
        sys.stdout.flush()
    except typer.TyperException as error:
        return _misunderstood(output, error)
    except BrokenPipeError:
        # Whoever read our answer has seen enough; what is still buffered must not fail once more at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if debug:
            traceback.print_exc()
        output.fail(_reason(error), error.details if isinstance(error, CommandFailed) else None)
        return 1
    return int(code)


def _misunderstood(output: Output, error: typer.TyperException) -> int:
    context: typer.Context | None = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        return 2
    hint = f" Try: {context.command_path} --help" if context else ""
    output.fail(error.format_message() + hint)
    return error.exit_code


def _reason(error: Exception) -> str:
    match error:
        case YinheError():
            return str(error)
        case psycopg.Error():
            return f"The database failed: {error}"
        case OSError():
            return f"{error.filename or 'The system'}: {error.strerror or error}"
        case _:
            return (
                f"Yinhe has a fault of its own ({type(error).__name__}: {error}). Run again with --debug to see where."
            )
