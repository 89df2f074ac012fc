"""What the sample bank sells: the product library, a product of its own, and the rates it posts."""

from importlib.resources import files
from typing import Final

import msgspec
import psycopg

from yinhe.demo.errors import DemoError
from yinhe.kernel.dates import date_from_days
from yinhe.kernel.rates import parse_rate
from yinhe.products.assembly import read_product, write_product
from yinhe.products.catalogue_store import approve, check, draft, publish, set_rate
from yinhe.products.findings import Refused
from yinhe.products.product_library import install_library
from yinhe.products.registry import part_classes

AUTHOR: Final = "product desk"
APPROVER: Final = "product control"
"""Who drafts and who approves: never the same."""
OWN_PRODUCT: Final = "demand_eur.toml"

NEW_RATES: Final = (
    ("demand", "0.04%"),
    ("lump_sum_3m", "0.60%"),
    ("lump_sum_6m", "0.80%"),
    ("lump_sum_12m", "0.90%"),
    ("cash_management", "0.90%"),
)
"""The rates posted in the middle of a quarter: figures for the sample, not quotations."""


def stock(session: psycopg.Connection, date: int) -> None:
    """Draft, check, approve and publish every product of the library and the bank's own, effective on a business date.

    Raises DemoError where one is refused.
    """
    installed = install_library(session, date, author=AUTHOR, approver=APPROVER)
    if isinstance(installed, Refused):
        raise DemoError(f"The product library is refused: {installed}")
    text = own_product(date)
    drafted = draft(session, text, OWN_PRODUCT, AUTHOR, date)
    if isinstance(drafted, Refused):
        raise DemoError(f"A product is refused: {drafted}")
    for step, actor in ((check, AUTHOR), (approve, APPROVER), (publish, APPROVER)):
        taken = step(session, "demand_eur/1", actor, date)
        if isinstance(taken, Refused):
            raise DemoError(f"A product is refused: {taken}")


def own_product(date: int) -> str:
    """The file of the bank's own product, effective on a business date."""
    text = (files("yinhe.demo") / OWN_PRODUCT).read_text(encoding="utf-8")
    product = read_product(text, OWN_PRODUCT, part_classes())
    if isinstance(product, Refused):
        raise DemoError(f"A product is refused: {product}")
    return write_product(msgspec.structs.replace(product, effective=date_from_days(date)))


def post_rates(session: psycopg.Connection, effective: int, recorded: int) -> None:
    """Post new rates from a date on; both in days since 1970-01-01. Raises DemoError where one is refused."""
    for table, rate in NEW_RATES:
        against = set_rate(session, table, effective, parse_rate(rate).units, recorded, AUTHOR)
        if against is not None:
            raise DemoError(f"A rate is refused: {against}")
