"""The products of the library on a shelf of their own, with round rates, for tests of contracts."""

import datetime as dt
from importlib.resources import files

from yinhe.kernel.dates import days_from_date
from yinhe.products.assembly import read_product
from yinhe.products.catalogue import Catalogue, Version
from yinhe.products.product import Product
from yinhe.products.rates import RateBook, RateEntry
from yinhe.products.registry import part_classes
from yinhe.products.status import Status

CODES = (
    "demand",
    "lump_sum",
    "notice_7d",
    "certificate",
    "agreement",
    "at_will",
    "corporate",
    "save_monthly",
    "demand_usd",
    "draw_monthly",
    "interest_monthly",
)
"""The version id of each is its place here, from 1."""
RATES = {
    "demand": 500_000,
    "lump_sum_3m": 1_500_000,
    "lump_sum_6m": 1_800_000,
    "lump_sum_12m": 2_000_000,
    "certificate_1m": 1_600_000,
    "certificate_12m": 2_500_000,
    "notice_7d": 1_200_000,
    "agreement": 1_000_000,
    "instalment_12m": 1_400_000,
    "demand_usd": 300_000,
}
"""1e-8 a year, since 2020: 0.50 %, 1.50 %, …"""


FOLLOWS = 'name = "rate"\nrule = "follow"\n'
NEGOTIATED = 'name = "rate"\nrule = "negotiate"\nleast = "0.05%"\nmost = "1.50%"\n'


def id_of(code: str) -> int:
    return CODES.index(code) + 1


def product(code: str) -> Product:
    text = (files("yinhe.products") / "library" / f"{code}.toml").read_text("utf-8")
    if code == "corporate":
        # Here the rate of a current account is negotiated.
        text = text.replace(FOLLOWS, NEGOTIATED, 1)
    found = read_product(text, code, part_classes())
    assert isinstance(found, Product), found
    return found


def rates() -> RateBook:
    start = days_from_date(dt.date(2020, 1, 1))
    return RateBook(RateEntry(table, start, start, rate) for table, rate in RATES.items())


def shelf(**statuses: Status) -> Catalogue:
    """A catalogue of CODES, all published but those given another status."""
    day = dt.date(2025, 12, 1)
    versions = []
    for code in CODES:
        status = statuses.get(code, Status.PUBLISHED)
        published = day if status in (Status.PUBLISHED, Status.WITHDRAWN) else None
        versions.append(
            Version(
                id=id_of(code),
                product=product(code),
                status=status,
                text="",
                sha256="",
                author="ada",
                approver="bob",
                drafted_on=day,
                approved_on=day,
                published_on=published,
                withdrawn_on=day if status is Status.WITHDRAWN else None,
            )
        )
    return Catalogue(versions, rates())
