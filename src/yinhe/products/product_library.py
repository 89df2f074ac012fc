"""The products Yinhe comes with, and the posted rates they follow: files a bank takes as they are, or edits."""

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, Final, cast

import msgspec
import psycopg

from yinhe.kernel.dates import date_from_days, days_from_date
from yinhe.kernel.rates import parse_rate
from yinhe.products.assembly import read_product, write_product
from yinhe.products.catalogue import load_rates, read_versions
from yinhe.products.catalogue_store import Parts, approve, check, draft, publish, set_rate
from yinhe.products.findings import Code, Refused, refused
from yinhe.products.product import Product
from yinhe.products.registry import part_classes

RATES_FILE: Final = "rates.toml"


class LibraryRate(msgspec.Struct, frozen=True):
    """One posted rate of the library; days since 1970-01-01, the rate in 1e-8 a year."""

    table: str
    effective: int
    rate: int


class Installed(msgspec.Struct, frozen=True):
    """What an installation did."""

    products: tuple[str, ...]
    """The versions published by it: `demand/1`."""
    known: tuple[str, ...]
    """The library's products that the bank had already; they were left as they are."""
    rates: int
    """Entries of rate tables written."""


def library_files() -> tuple[tuple[str, str], ...]:
    """Every product file of the library: its name and its text, by name."""
    return tuple((name, text) for name, text in _texts() if name != RATES_FILE)


def library_products(parts: Parts | None = None) -> tuple[Product, ...]:
    """Every product of the library. Raises ValueError where a file does not read, which a test rules out."""
    known = part_classes() if parts is None else parts
    made: list[Product] = []
    for name, text in library_files():
        product = read_product(text, name, known)
        if isinstance(product, Refused):
            raise ValueError(str(product))
        made.append(product)
    return tuple(made)


def library_rates() -> tuple[LibraryRate, ...]:
    """Every posted rate of the library, by table and day."""
    text = next(text for name, text in _texts() if name == RATES_FILE)
    tables = cast("dict[str, dict[str, Any]]", tomllib.loads(text))
    return tuple(
        LibraryRate(code, days_from_date(entry["effective"]), parse_rate(entry["rate"]).units)
        for code, table in tables.items()
        for entry in table["rates"]
    )


def install_library(
    session: psycopg.Connection, business_date: int, *, author: str, approver: str, parts: Parts | None = None
) -> Installed | Refused:
    """Draft, check, approve and publish every product of the library, effective on the business date, and its rates.

    All or nothing. A product whose code the bank knows, and a rate it has for a day, are left as they are; so a second
    installation does nothing. The approver must be another person than the author.
    """
    if author == approver:
        return refused("library", Code.SAME_PERSON, actor=author, what="the library")
    known = {row.code for row in read_versions(session) if row.status.is_fixed}
    products = library_products(parts)
    made: list[str] = []
    answer: Refused | None = None
    with session.transaction() as transaction:
        rates = _install_rates(session, business_date, author)
        for product in products:
            if product.code in known:
                continue
            answer = _install(session, product, business_date, (author, approver), parts)
            if answer is not None:
                raise psycopg.Rollback(transaction)
            made.append(product.name)
    skipped = tuple(product.name for product in products if product.code in known)
    return Installed(tuple(made), skipped, rates) if answer is None else answer


def _install(
    session: psycopg.Connection, product: Product, business_date: int, actors: tuple[str, str], parts: Parts | None
) -> Refused | None:
    effective = date_from_days(business_date)
    text = write_product(msgspec.structs.replace(product, effective=effective))
    author, approver = actors
    drafted = draft(session, text, f"{product.code}.toml", author, business_date, parts)
    if isinstance(drafted, Refused):
        return drafted
    for step, actor in ((check, author), (approve, approver), (publish, approver)):
        taken = step(session, product.name, actor, business_date, parts)
        if isinstance(taken, Refused):
            return taken
    return None


def _install_rates(session: psycopg.Connection, business_date: int, author: str) -> int:
    """Write the rates the bank does not have; those of the past are its history, not corrections of anything."""
    there = {(entry.table, entry.effective) for entry in load_rates(session).entries}
    missing = [one for one in library_rates() if (one.table, one.effective) not in there]
    for one in missing:
        against = set_rate(session, one.table, one.effective, one.rate, business_date, author, correction=True)
        assert against is None, against
    return len(missing)


def _texts() -> Iterator[tuple[str, str]]:
    folder = sorted((files("yinhe.products") / "library").iterdir(), key=lambda one: one.name)
    return ((one.name, one.read_text(encoding="utf-8")) for one in folder if one.name.endswith(".toml"))
