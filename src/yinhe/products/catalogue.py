"""The bank's products as they stand: every version, which of them holds on a day, and the tables of rates.

Loaded whole and never changed afterwards; after a step in a product's life it is loaded again.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from enum import Enum, unique
from types import MappingProxyType
from typing import Final

import msgspec
import psycopg

from yinhe.kernel.dates import days_from_date
from yinhe.products.assembly import read_product
from yinhe.products.digest import sha256_of
from yinhe.products.errors import ProductChanged, ProductRefused, ProductUnknown
from yinhe.products.findings import Refused
from yinhe.products.parts.base import Kind, Part
from yinhe.products.product import Product
from yinhe.products.rates import RateBook, RateEntry
from yinhe.products.registry import part_classes
from yinhe.products.status import Status
from yinhe.products.terms import is_kept, resolved
from yinhe.storage.statements import load_statements


@unique
class VersionRefusal(Enum):
    """Why no contract may be opened on a version."""

    UNKNOWN = "unknown"
    UNPUBLISHED = "unpublished"
    WITHDRAWN = "withdrawn"
    NOT_YET_EFFECTIVE = "not_yet_effective"

    @property
    def english(self) -> str:
        """The reason as a customer reads it."""
        return _REASONS[self][0]

    @property
    def chinese(self) -> str:
        """The reason in Chinese."""
        return _REASONS[self][1]


_REASONS: Final[Mapping[VersionRefusal, tuple[str, str]]] = MappingProxyType(
    {
        VersionRefusal.UNKNOWN: ("We do not offer this product.", "本行没有该产品。"),
        VersionRefusal.UNPUBLISHED: ("This product is not on offer yet.", "该产品尚未推出。"),
        VersionRefusal.WITHDRAWN: ("This product is no longer on offer.", "该产品已停止办理。"),
        VersionRefusal.NOT_YET_EFFECTIVE: (
            "This product is on offer from a later date; please come back then.",
            "该产品尚未生效，请于生效日后办理。",
        ),
    }
)


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a product and how far its life has come."""

    id: int
    product: Product
    status: Status
    text: str
    """Its canonical file."""
    sha256: str
    author: str
    approver: str | None
    drafted_on: dt.date
    approved_on: dt.date | None
    published_on: dt.date | None
    withdrawn_on: dt.date | None

    def leads_on(self, day: int) -> bool:
        """Whether contracts of the product may follow it on a day (days since 1970-01-01)."""
        if self.published_on is None or days_from_date(self.product.effective) > day:
            return False
        return self.withdrawn_on is None or days_from_date(self.withdrawn_on) > day


class Catalogue:
    """All versions and all rates, for reading; immutable."""

    def __init__(self, versions: Iterable[Version], rates: RateBook) -> None:
        self.versions: Final = tuple(versions)
        self.rates: Final = rates
        self._by_id: Final = {version.id: version for version in self.versions}
        self._ids: Final = {(one.product.code, one.product.version): one.id for one in self.versions}
        published = sorted(
            (one for one in self.versions if one.published_on is not None), key=lambda one: one.product.version
        )
        self._published: Final[dict[str, list[Version]]] = {}
        for one in published:
            self._published.setdefault(one.product.code, []).append(one)
        self._turns: Final = {code: _turns_of(ones) for code, ones in self._published.items()}
        self._in_force: Final[dict[tuple[int, int], Product]] = {}
        self._resolved: Final[dict[tuple[int, int], Product]] = {}

    def known(self, date: int) -> "Catalogue":
        """Versions and rates as they were known at the end of a business date: none published or set since."""

        def published(day: dt.date | None) -> bool:
            return day is not None and days_from_date(day) <= date

        versions = (
            one if published(one.published_on) else msgspec.structs.replace(one, published_on=None)
            for one in self.versions
        )
        return Catalogue(versions, self.rates.known(date))

    def version(self, version_id: int) -> Version:
        """A version and its life. Raises ProductUnknown."""
        found = self._by_id.get(version_id)
        if found is None:
            raise ProductUnknown(f"There is no product version of id {version_id}.")
        return found

    def product(self, version_id: int) -> Product:
        """The product a version is. Raises ProductUnknown."""
        return self.version(version_id).product

    def status(self, version_id: int) -> Status:
        """How far a version's life has come. Raises ProductUnknown."""
        return self.version(version_id).status

    def id_of(self, code: str, version: int) -> int:
        """The id of a version. Raises ProductUnknown."""
        found = self._ids.get((code, version))
        if found is None:
            raise ProductUnknown(f"There is no product version {code}/{version}.")
        return found

    def current(self, code: str, date: int) -> tuple[int, Product] | None:
        """The version on which contracts are opened on a day, with its id: the latest published and effective."""
        day_ones = [one for one in self._published.get(code, ()) if one.leads_on(date)]
        return (day_ones[-1].id, day_ones[-1].product) if day_ones else None

    def in_force(self, version_id: int, date: int) -> Product:
        """What a contract sold on a version has on a day: each term from it, or from the latest version in force.

        What follows comes from later versions from their effective date and until they are withdrawn; it never goes
        back behind the contract's own. The same two versions give the same object. Raises ProductUnknown.
        """
        own = self.version(version_id).product
        key = version_id, bisect_right(self._turns.get(own.code, []), date)
        if key not in self._in_force:
            later = self._latest(own, date)
            pair = version_id, later.version
            self._in_force[key] = self._resolved.setdefault(pair, resolved(own, later))
        return self._in_force[key]

    def origin(self, version_id: int, date: int, kind: Kind) -> Product:
        """The version from which a contract sold on `version_id` has its parts of a kind on a day.

        Raises ProductUnknown.
        """
        own = self.version(version_id).product
        return own if is_kept(own, kind) else self._latest(own, date)

    def _latest(self, own: Product, date: int) -> Product:
        """The latest version in force on a day, and not one before a contract's own."""
        found = self.current(own.code, date)
        return found[1] if found is not None and found[1].version > own.version else own

    def turns(self, code: str, start: int, end: int) -> tuple[int, ...]:
        """The days after `start` and before `end` on which another version of a product comes into force."""
        return tuple(day for day in self._turns.get(code, ()) if start < day < end)

    def refusal(self, version_id: int, date: int) -> VersionRefusal | None:
        """Why no contract may be opened on a version on a day; None where it may."""
        version = self._by_id.get(version_id)
        if version is None:
            return VersionRefusal.UNKNOWN
        if version.status is Status.WITHDRAWN:
            return VersionRefusal.WITHDRAWN
        if version.status is not Status.PUBLISHED:
            return VersionRefusal.UNPUBLISHED
        if days_from_date(version.product.effective) > date:
            return VersionRefusal.NOT_YET_EFFECTIVE
        return None


def _turns_of(versions: Iterable[Version]) -> list[int]:
    """The days, ascending, on which which version leads may change."""
    days = {days_from_date(one.product.effective) for one in versions}
    return sorted(days | {days_from_date(one.withdrawn_on) for one in versions if one.withdrawn_on is not None})


def load(session: psycopg.Connection, parts: Mapping[str, type[Part]] | None = None) -> Catalogue:
    """Load the catalogue, each text checked against its digest; `parts` are the classes known, else the registry's.

    Raises ProductChanged when a stored text is not what was stored, ProductRefused when a published one does not read
    any more. Drafts that do not read are left out.
    """
    known = part_classes() if parts is None else parts
    versions = (_version_of(stored, known) for stored in read_versions(session))
    return Catalogue((one for one in versions if one is not None), load_rates(session))


def load_rates(session: psycopg.Connection) -> RateBook:
    """Load the tables of rates alone."""
    rows = session.execute(load_statements("products")["rates_read"]).fetchall()
    return RateBook(
        RateEntry(table, days_from_date(effective), days_from_date(recorded), rate)
        for table, effective, recorded, rate, _ in rows
    )


def _version_of(stored: "VersionRow", parts: Mapping[str, type[Part]]) -> Version | None:
    name = stored.name
    if sha256_of(stored.text) != stored.sha256:
        raise ProductChanged(f"The stored text of product {name} is not what was stored: its digest differs.")
    product = read_product(stored.text, name, parts)
    if isinstance(product, Refused):
        if stored.status.is_fixed:
            raise ProductRefused(f"The published product {name} does not read any more: {product}")
        return None
    return Version(
        id=stored.id,
        product=product,
        status=stored.status,
        text=stored.text,
        sha256=stored.sha256,
        author=stored.author,
        approver=stored.approver,
        drafted_on=stored.drafted_on,
        approved_on=stored.approved_on,
        published_on=stored.published_on,
        withdrawn_on=stored.withdrawn_on,
    )


class VersionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A version as the table has it, its text unread."""

    id: int
    code: str
    number: int
    version: int
    status: Status
    currency: str
    effective: dt.date
    text: str
    sha256: str
    author: str
    approver: str | None
    drafted_on: dt.date
    approved_on: dt.date | None
    published_on: dt.date | None
    withdrawn_on: dt.date | None

    @property
    def name(self) -> str:
        """Code and version: `demand/1`."""
        return f"{self.code}/{self.version}"


VERSION_COLUMNS: Final = VersionRow.__struct_fields__


def read_versions(session: psycopg.Connection) -> tuple[VersionRow, ...]:
    """Every version as the table has it, in the order they were first drafted."""
    rows = session.execute(load_statements("products")["versions_read"]).fetchall()
    return tuple(
        msgspec.convert(dict(zip(VERSION_COLUMNS, row, strict=True)), VersionRow, builtin_types=(dt.date,))
        for row in rows
    )
