"""Contracts opened by the hundred thousand: the same checks and terms as one at a time, version by version."""

from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.deposits.columns import CONTRACT, NO_RATE
from yinhe.deposits.opening import account_openings, begin, facts_of, refuse_rate, refuse_sale, refuse_version
from yinhe.deposits.refusals import Refusal
from yinhe.ledger.accounts import OPENING
from yinhe.products.catalogue import Catalogue
from yinhe.products.parts.base import Channel, Facts, Int64Column
from yinhe.products.parts.refusals import PartRefusal
from yinhe.products.product import Product

REFUSALS_MAX: Final = 1_000
"""Most refusals told of one bulk."""


class RefusedOrder(msgspec.Struct, frozen=True):
    """An order that was refused, by its place among the orders."""

    place: int
    refusal: Refusal


class RefusedOrders(msgspec.Struct, frozen=True):
    """Why no contract of a bulk was opened: the first refusals, at most REFUSALS_MAX."""

    orders: tuple[RefusedOrder, ...]


def orders(count: int, *, version: int) -> NDArray[np.void]:
    """`count` orders of one product version (its id in the catalogue), to be varied by column; dtype CONTRACT.

    The columns that say what is wanted: `linked`, `months`, `days`, `day_of_month`, `branch`, `region`, `tier`,
    `flags` (COMPANY, NEW_MONEY, AUTO_RENEW), `rate` (negotiated, else NO_RATE), `principal` (the first deposit or
    instalment, in minor units), `opened` and `start` (0: the business date), and `account` (0: one is opened). The
    others are worked out.
    """
    rows = np.zeros(count, CONTRACT)
    rows["version"], rows["rate"] = version, NO_RATE
    return rows


def refuse_orders(catalogue: Catalogue, rows: NDArray[np.void], date: int, channel: Channel) -> RefusedOrders | None:
    """Why orders (dtype CONTRACT, dated) may not be carried out; None where all may."""
    found: list[RefusedOrder] = []
    for version, places in versions_of(rows):
        refused = refuse_version(catalogue, version, date)
        if refused is not None:
            found += [RefusedOrder(place, refused) for place in places[:REFUSALS_MAX].tolist()]
            continue
        some = rows[places]
        codes = refuse_sale(catalogue.product(version), some, _facts(some, date, channel))
        for at in np.flatnonzero(codes)[:REFUSALS_MAX].tolist():
            found.append(RefusedOrder(int(places[at]), Refusal(PartRefusal(int(codes[at])))))
        found += _rates_refused(catalogue.product(version), some["rate"], np.where(codes == 0, places, -1))
    found.sort(key=lambda order: order.place)
    return RefusedOrders(tuple(found[:REFUSALS_MAX])) if found else None


def _rates_refused(product: Product, rates: Int64Column, places: Int64Column) -> list[RefusedOrder]:
    """The orders whose own rates may not be agreed; those at a place below zero were refused already."""
    found: list[RefusedOrder] = []
    for rate in np.unique(rates[rates != NO_RATE]).tolist():
        refused = refuse_rate(product, rate)
        if refused is not None:
            asked = places[(rates == rate) & (places >= 0)][:REFUSALS_MAX]
            found += [RefusedOrder(place, refused) for place in asked.tolist()]
    return found


def ready_orders(
    catalogue: Catalogue, rows: NDArray[np.void], date: int, channel: Channel
) -> tuple[NDArray[np.void], NDArray[np.void]]:
    """The contracts that orders (dtype CONTRACT, dated) become, and the accounts to open for them (dtype OPENING).

    One account an order, in order; those of orders that bring their own are left out. Raises RateMissing, PartMissing.
    """
    contracts = rows.copy()
    accounts = np.zeros(len(rows), OPENING)
    for version, places in versions_of(rows):
        product, some = catalogue.product(version), rows[places]
        facts = _facts(some, date, channel)
        begin(product, catalogue.rates, some, facts)
        contracts[places] = some
        accounts[places] = account_openings(product, some, facts)
    return contracts, accounts[rows["account"] == 0]


def dated(rows: NDArray[np.void], date: int) -> NDArray[np.void]:
    """The orders with the business date where they name none; a new array."""
    rows = rows.copy()
    rows["opened"] = np.where(rows["opened"] == 0, date, rows["opened"])
    rows["start"] = np.where(rows["start"] == 0, rows["opened"], rows["start"])
    rows["active"] = rows["opened"]
    return rows


def versions_of(rows: NDArray[np.void]) -> Iterator[tuple[int, Int64Column]]:
    """Each product version among the rows, ascending, and the places of its rows, int64[k], ascending."""
    versions, kind = np.unique(rows["version"], return_inverse=True)
    order = np.argsort(kind, kind="stable").astype(np.int64)
    ends = np.cumsum(np.bincount(kind, minlength=len(versions)))
    if len(rows):
        yield from zip(versions.tolist(), np.split(order, ends[:-1]), strict=True)


def _facts(rows: NDArray[np.void], date: int, channel: Channel) -> Facts:
    return facts_of(rows, date, rows["principal"].copy(), np.zeros(len(rows), np.int64), channel)
