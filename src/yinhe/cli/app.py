"""The commands, and what becomes of a failure: one line that says why, and an exit code that is not zero.

Exit codes: 0 done, 1 refused or failed, 2 the command was not understood, 130 interrupted.
"""

import os
import sys
import traceback
from typing import Annotated

import psycopg
import typer

from yinhe import __version__
from yinhe.cli import (
    audit,
    bench,
    check,
    closeday,
    conform,
    contract,
    demo,
    explain,
    export,
    init,
    keys,
    loan,
    loan_reading,
    migrate,
    product,
    product_replay,
    product_schedule,
    product_simulate,
    rates,
    serve,
    statement,
    status,
    trial_balance,
)
from yinhe.cli.output import CommandFailed, Output, configure_logs
from yinhe.kernel.clock import SystemClock
from yinhe.kernel.errors import YinheError


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


def make_app() -> typer.Typer:
    """The application with every command."""
    app = typer.Typer(
        name="yinhe",
        help="Yinhe (银核): an open core banking system on PostgreSQL.",
        epilog="Start with: yinhe init, then yinhe status. Each command tells more with --help.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="markdown",
    )
    app.callback()(version)
    app.command("demo")(demo.demo)
    app.command("init")(init.init)
    app.command("serve")(serve.serve)
    app.command("status")(status.status)
    app.command("trial-balance")(trial_balance.trial_balance)
    app.command("statement")(statement.statement)
    app.command("check")(check.check)
    app.command("explain")(explain.explain)
    # These add themselves to the groups of `product` and of `loan`.
    assert product_replay.app is product_schedule.app is product_simulate.app is product.app
    assert loan_reading.app is loan.app
    app.add_typer(product.app, name="product")
    app.add_typer(rates.app, name="rates")
    app.add_typer(contract.app, name="contract")
    app.add_typer(loan.app, name="loan")
    app.add_typer(closeday.app, name="closeday")
    app.add_typer(audit.app, name="audit")
    app.add_typer(keys.app, name="keys")
    app.add_typer(migrate.app, name="migrate")
    app.add_typer(export.app, name="export")
    app.add_typer(conform.app, name="conform")
    app.add_typer(bench.app, name="bench")
    return app


def run(arguments: list[str]) -> int:
    """Carry out one command line; the exit code."""
    as_json, debug = "--json" in arguments, "--debug" in arguments
    configure_logs(as_json, debug, SystemClock())
    output = Output(as_json)
    try:
        code = make_app()(args=arguments, prog_name="yinhe", standalone_mode=False) or 0
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
