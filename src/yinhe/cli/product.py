"""yinhe product: check product files, bring products to market, and read what they promise."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import psycopg
import typer
from rich.console import RenderableType
from rich.text import Text

from yinhe.bootstrap import open_books
from yinhe.cli.options import AsJson, DatabaseUrl, Debug, Home, UnitNumber, configured
from yinhe.cli.output import CommandFailed, Output, facts, table, titled
from yinhe.kernel.dates import date_from_days
from yinhe.ledger.errors import UnitUnknown
from yinhe.products import catalogue_store as store
from yinhe.products.assembly import read_product
from yinhe.products.catalogue import Catalogue, Version, load, read_versions
from yinhe.products.checks import Bank
from yinhe.products.describe import terms_text
from yinhe.products.difference import difference
from yinhe.products.findings import Refused
from yinhe.products.product import Product
from yinhe.products.product_library import install_library as install
from yinhe.products.registry import part_classes
from yinhe.storage.connection import open_database, unit_schema

app = typer.Typer(
    help="Check product files, bring products to market, and read what they promise.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

ProductFile = Annotated[Path, typer.Argument(metavar="FILE", help="A product file (TOML).")]
VersionName = Annotated[str, typer.Argument(metavar="CODE/VERSION", help="A version of a product, as demand/1.")]
Actor = Annotated[str, typer.Option("--by", metavar="NAME", help="Who takes this step.")]
FileOrVersion = Annotated[str, typer.Argument(metavar="FILE|CODE/VERSION", help="A product file, or a version.")]

_FILE_LENGTH_MAX: Final = 1_000_000


@contextmanager
def unit_session(unit: int, home: Path | None, database_url: str | None) -> Generator[tuple[psycopg.Connection, int]]:
    """A session in a unit's tables, and the unit's business date; an engine may be running beside it."""
    configuration = configured(home, database_url, unit)
    with open_books(configuration) as books:
        business_date = books.business_date()
        with (
            open_database(configuration.home, configuration.database_url) as database,
            database.connect(application_name="yinhe products", schema=unit_schema(unit)) as session,
        ):
            yield session, business_date


def refuse(answer: Refused, what: str) -> CommandFailed:
    """What the command line says of a refusal: `what` was refused, and every finding in the details."""
    count = len(answer.findings)
    found = "1 finding" if count == 1 else f"{count} findings"
    details: dict[str, Any] = {"findings": msgspec.to_builtins(answer.findings)}
    return CommandFailed(f"{what}: refused, {found}; nothing was changed.", details)


def fail(output: Output, answer: Refused, what: str) -> CommandFailed:
    """Like `refuse`, with every finding told to people first."""
    output.aside(str(answer))
    return refuse(answer, what)


def text_of(path: Path) -> str:
    """The text of a file the user named. Raises CommandFailed, in words, where there is none to read."""
    if not path.is_file():
        raise CommandFailed(f"There is no file {path}.")
    if path.stat().st_size > _FILE_LENGTH_MAX:
        raise CommandFailed(f"{path} is too long for a product file.")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise CommandFailed(f"{path} is not UTF-8 text.") from None


@app.command("list")
def list_(
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List every version of every product, with its status and who answers for it.

    For example:

    $ yinhe product list

    $ yinhe product list --unit 2 --json
    """
    with unit_session(unit, home, database_url) as (session, business_date):
        versions = read_versions(session)
        catalogue = load(session)
    made = table("Product", "Number", "Name", "名称", "Currency", "Effective", "Status", "Author", "Approver")
    rows: list[dict[str, Any]] = []
    names = {one.id: one.product for one in catalogue.versions}
    for row in sorted(versions, key=lambda one: (one.number, one.version)):
        current = catalogue.current(row.code, business_date)
        is_current = current is not None and current[0] == row.id
        product = names.get(row.id)
        english, chinese = (product.english, product.chinese) if product else ("", "")
        status = f"{row.status.value}{', current' if is_current else ''}"
        cells = (row.name, str(row.number), english, chinese, row.currency, str(row.effective), status, row.author)
        made.add_row(*cells, row.approver or "")
        rows.append(
            {
                "id": row.id,
                "name": row.name,
                "code": row.code,
                "version": row.version,
                "number": row.number,
                "english": english,
                "chinese": chinese,
                "currency": row.currency,
                "effective": row.effective,
                "status": row.status.value,
                "current": is_current,
                "author": row.author,
                "approver": row.approver,
                "sha256": row.sha256,
            }
        )
    Output(as_json).show({"products": rows}, titled(f"Products of unit {unit}", made) if rows else "\n No products.")


@app.command("show")
def show(
    name: VersionName,
    text: Annotated[bool, typer.Option("--text", help="Only its canonical file, to copy and edit.")] = False,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show a version: its life, and its canonical file.

    For example:

    $ yinhe product show demand/1

    $ yinhe product show demand/1 --text > savings.toml
    """
    with unit_session(unit, home, database_url) as (session, _):
        version = _version(load(session), name)
        life = store.events(session, version.id)
    if text and not as_json:
        sys.stdout.write(version.text)
        return
    steps = [{"status": one.status.value, "by": one.actor, "on": date_from_days(one.business_date)} for one in life]
    answer = {"name": name, "status": version.status.value, "sha256": version.sha256, "life": steps}
    pairs = {"Status": f"{version.status.value} {version.status.chinese}", "SHA-256": version.sha256}
    pairs |= {f"{number}. {one['status']}": f"{one['on']} by {one['by']}" for number, one in enumerate(steps, 1)}
    head = facts(f"{name}: {version.product.english} {version.product.chinese}", pairs)
    Output(as_json).show({**answer, "text": version.text}, head, _plain(version.text))


@app.command("check")
def check(
    file: ProductFile,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Check a product file as a whole, and against the bank where there is one; changes nothing.

    Every finding is one line with file, line, reason and hint. Without a unit the file is checked by itself: its date,
    number, version and rate tables need a bank. Exits with 1 when there is a finding.

    For example:

    $ yinhe product check savings.toml

    $ yinhe product check savings.toml --unit 2 --json
    """
    output = Output(as_json)
    text, bank = text_of(file), _bank(unit, home, database_url)
    found = read_product(text, str(file), part_classes(), bank)
    if isinstance(found, Refused):
        raise fail(output, found, str(file))
    beside = f"unit {unit}" if bank else "itself alone; there is no unit to check its date, number and rates against"
    answer = {"name": found.name, "parts": len(found.parts), "against_bank": bank is not None}
    output.show(answer, f"{found.name} is sound: {len(found.parts)} parts, checked against {beside}.")


@app.command("draft")
def draft(
    file: ProductFile,
    by: Actor,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Store a product file as a draft and check it; refused whole with every finding when anything is wrong.

    An unpublished version of the same name is written anew.

    For example:

    $ yinhe product draft savings.toml --by maker
    """
    output, text = Output(as_json), text_of(file)
    with unit_session(unit, home, database_url) as (session, day):
        drafted = store.draft(session, text, str(file), by, day)
        if isinstance(drafted, Refused):
            raise fail(output, drafted, str(file))
        name = load(session).product(drafted).name
        checked = store.check(session, name, by, day)
        if isinstance(checked, Refused):
            raise fail(output, checked, name)
    _done(output, name, drafted, "checked", f"{name} is drafted and checked; another person can approve it now.")


@app.command("approve")
def approve(
    name: VersionName,
    by: Actor,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Approve a checked version, as another person than its author.

    For example:

    $ yinhe product approve savings/1 --by checker
    """
    said = f"{name} is approved; it can be published now."
    _take(Output(as_json), store.approve, (unit, home, database_url), name, by, "approved", said)


@app.command("publish")
def publish(
    name: VersionName,
    by: Actor,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Publish an approved version: contracts may be opened on it from its effective date, and it never changes.

    For example:

    $ yinhe product publish savings/1 --by checker
    """
    said = f"{name} is published and will never change."
    _take(Output(as_json), store.publish, (unit, home, database_url), name, by, "published", said)


@app.command("withdraw")
def withdraw(
    name: VersionName,
    by: Actor,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Withdraw a published version: no contract is opened on it any more; those that are there go on.

    For example:

    $ yinhe product withdraw savings/1 --by checker
    """
    said = f"{name} is withdrawn; its contracts go on, and no new one is opened on it."
    _take(Output(as_json), store.withdraw, (unit, home, database_url), name, by, "withdrawn", said)


@app.command("diff")
def diff(
    old: FileOrVersion,
    new: FileOrVersion,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say in words what changes from one version of a product to another; either may be a file.

    For example:

    $ yinhe product diff demand/1 demand/2

    $ yinhe product diff demand/1 demand.toml
    """
    output = Output(as_json)
    before, after = (_product(output, one, (unit, home, database_url)) for one in (old, new))
    changes = difference(before, after)
    lines = [line for change in changes for line in (f" {change.english}", f"   {change.chinese}")]
    text = "\n".join(lines) or " Nothing changes."
    answer = {"old": before.name, "new": after.name, "changes": msgspec.to_builtins(changes)}
    output.show(answer, titled(f"From {before.name} to {after.name}", _plain(text)))


@app.command("terms")
def terms(
    product: FileOrVersion,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Print the terms a customer reads, in English and Chinese, made from the product's parts.

    For example:

    $ yinhe product terms demand/1

    $ yinhe product terms savings.toml
    """
    output = Output(as_json)
    found = _product(output, product, (unit, home, database_url))
    english, chinese = terms_text(found)
    output.show({"name": found.name, "english": english, "chinese": chinese}, _plain(english), _plain(chinese))


@app.command("install-library")
def install_library(
    author: Annotated[
        str, typer.Option("--author", metavar="NAME", help="Who drafts the products and sets the rates.")
    ],
    approver: Annotated[str, typer.Option("--approver", metavar="NAME", help="Who approves and publishes them.")],
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Publish the products Yinhe comes with, effective today, and write their posted rates.

    All or nothing; what the bank has already is left as it is, so it can be run again.

    For example:

    $ yinhe product install-library --author maker --approver checker
    """
    output = Output(as_json)
    with unit_session(unit, home, database_url) as (session, day):
        done = install(session, day, author=author, approver=approver)
    if isinstance(done, Refused):
        raise fail(output, done, "The library")
    pairs = {"Published": ", ".join(done.products) or "none", "Known before": ", ".join(done.known) or "none"}
    output.show(done, facts(f"Library of unit {unit}", {**pairs, "Rates written": f"{done.rates:,}"}))


# --- what the commands share

Place = tuple[int, Path | None, str | None]
"""Unit, home and database address as given."""


def _take(
    output: Output,
    step: Callable[[psycopg.Connection, str, str, int], int | Refused],
    place: Place,
    name: str,
    by: str,
    status: str,
    said: str,
) -> None:
    with unit_session(*place) as (session, day):
        answer = step(session, name, by, day)
    if isinstance(answer, Refused):
        raise fail(output, answer, name)
    _done(output, name, answer, status, said)


def _done(output: Output, name: str, version_id: int, status: str, said: str) -> None:
    output.show({"id": version_id, "name": name, "status": status}, said)


def _bank(unit: int, home: Path | None, database_url: str | None) -> Bank | None:
    """What to check a file against; None where there is no such unit."""
    try:
        with unit_session(unit, home, database_url) as (session, day):
            return store.bank_of(session, day)
    except UnitUnknown:
        return None


def _version(catalogue: Catalogue, name: str) -> Version:
    code, _, number = name.partition("/")
    if not number.isdecimal():
        raise CommandFailed(f"{name!r} is no version of a product; write it as demand/1.")
    return catalogue.version(catalogue.id_of(code, int(number)))


def _product(output: Output, text: str, place: Place) -> Product:
    """The product of a file, or a version in the catalogue."""
    if text.endswith(".toml"):
        found = read_product(text_of(Path(text)), text, part_classes())
        if isinstance(found, Refused):
            raise fail(output, found, text)
        return found
    with unit_session(*place) as (session, _):
        return _version(load(session), text).product


def _plain(text: str) -> RenderableType:
    return Text(text)
