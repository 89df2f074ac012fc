"""yinhe export: write the books in a form that other programs read."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from yinhe.bootstrap import open_books
from yinhe.cli.options import AsJson, DatabaseUrl, Debug, Home, UnitNumber, configured
from yinhe.cli.output import CommandFailed, Output, facts
from yinhe.export.beancount import write_beancount
from yinhe.kernel.clock import SystemClock

app = typer.Typer(
    help="Write the books in a form that other programs read.", no_args_is_help=True, rich_markup_mode="markdown"
)


@app.command("beancount")
def beancount(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Where to write; without it, stdout.")] = None,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Write the whole journal for beancount 3: open directives, transactions, and a balance for every account.

    The unrelated program bean-check then recomputes every balance from the transactions alone. Reads only; an engine
    may be running. A file is there whole, or not at all.

    For example:

    $ yinhe export beancount books.beancount && bean-check books.beancount

    $ yinhe export beancount | gzip > books.beancount.gz
    """
    output = Output(as_json)
    if file is None and as_json:
        raise CommandFailed("With --json the answer takes stdout; name a FILE for the export.")
    if file is not None and (file.is_dir() or not file.absolute().parent.is_dir()):
        raise CommandFailed(f"{file} cannot be written: name a file in a folder that is there.")
    clock = SystemClock()
    started = clock.monotonic_us()
    with open_books(configured(home, database_url, unit)) as books, output.progress() as watch:
        if file is None:
            write_beancount(books, sys.stdout, watch)
            return
        unfinished = file.with_name(f"{file.name}.unfinished")
        try:
            with unfinished.open("w", encoding="utf-8", newline="\n") as stream:
                written = write_beancount(books, stream, watch)
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)
    seconds = round((clock.monotonic_us() - started) / 1e6, 2)
    answer = {"file": str(file), "seq": written.seq, "accounts": written.accounts}
    answer |= {"transactions": written.transactions, "seconds": seconds}
    pairs = {"Up to seq": f"{written.seq:,}", "Accounts": f"{written.accounts:,}"}
    pairs |= {"Transactions": f"{written.transactions:,}", "Seconds": f"{seconds:.2f}"}
    output.show(answer, facts(f"Written to {file}", pairs))
