"""A bank with no products yet, and the steps that bring one to market."""

import datetime as dt
from collections.abc import Callable, Iterator

import psycopg
import pytest
from tests.conftest import UnitDatabase

from yinhe.kernel.dates import days_from_date
from yinhe.products.assembly import write_product
from yinhe.products.catalogue_store import approve, check, draft, publish, set_rate
from yinhe.products.findings import Refused
from yinhe.products.product import Product
from yinhe.products.product_library import library_products

MONDAY = days_from_date(dt.date(2026, 1, 5))
DEMAND = next(product for product in library_products() if product.code == "demand")

Bring = Callable[..., int]


@pytest.fixture
def session(database: UnitDatabase) -> Iterator[psycopg.Connection]:
    """A session of a fresh unit in which the demand table has a rate."""
    with database.connect() as connection:
        assert set_rate(connection, "demand", MONDAY - 400, 100_000, MONDAY, "wang", correction=True) is None
        yield connection


@pytest.fixture
def bring(session: psycopg.Connection) -> Bring:
    """Takes a product as far as asked: drafted and checked by li, approved and published by chen."""

    def bring_(product: Product, day: int = MONDAY, *, until: str = "published") -> int:
        answer = draft(session, write_product(product), "file.toml", "li", day)
        for name, step, actor in (
            ("checked", check, "li"),
            ("approved", approve, "chen"),
            ("published", publish, "chen"),
        ):
            if until == "draft":
                break
            assert not isinstance(answer, Refused), answer
            answer = step(session, product.name, actor, day)
            if name == until:
                break
        assert not isinstance(answer, Refused), answer
        return answer

    return bring_
