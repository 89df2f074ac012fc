"""What is read of products: every version, its parts, the terms a customer reads, and what changes between two."""

import inspect
from typing import Any

import msgspec
import psycopg

from yinhe.api.call import Call
from yinhe.api.forms import date_form, make_cursor, read_cursor
from yinhe.api.handlers.contract_reading import etag_of
from yinhe.api.handlers.product_forms import (
    ProductDescription,
    ProductDetails,
    ProductDifference,
    ProductDifferenceParams,
    ProductLine,
    ProductListParams,
    ProductPage,
    ProductPart,
    ProductRefusal,
    ProductSection,
    ProductStep,
    ProductTerm,
    ProductVersionParams,
)
from yinhe.api.problem import Reasons
from yinhe.api.route import Handled, RefusalLike, Reply
from yinhe.kernel.refusals import Refusal
from yinhe.products import catalogue_store as store
from yinhe.products.assembly import read_product
from yinhe.products.catalogue import VersionRow, read_versions
from yinhe.products.codec import write_record
from yinhe.products.describe import sections_of, term_text, terms_text
from yinhe.products.difference import difference
from yinhe.products.families import Family, family_of
from yinhe.products.findings import Refused
from yinhe.products.parts.base import Part
from yinhe.products.product import Product
from yinhe.products.registry import part_classes


def list_products(call: Call) -> Handled:
    """Every version of every product, by product number and version."""
    params = call.params_as(ProductListParams)
    after: Any = read_cursor("products", params.cursor, int, int) if params.cursor else (0, 0)
    if isinstance(after, Refusal):
        return after
    with call.bank.sessions.lend() as session:
        rows = sorted(read_versions(session), key=lambda one: (one.number, one.version, one.id))
    wanted = [
        row
        for row in rows
        if (row.number, row.version) > after
        and params.status in (None, row.status.value)
        and (not params.current or _is_current(call, row))
    ]
    shown = wanted[: params.limit]
    following = make_cursor("products", shown[-1].number, shown[-1].version) if len(wanted) > len(shown) else None
    return Reply(value=ProductPage(tuple(_line(call, row) for row in shown), following))


def read_version(call: Call) -> Handled:
    """One version of a product: its parts, its terms, its life, and its canonical file."""
    params = call.params_as(ProductVersionParams)
    with call.bank.sessions.lend() as session:
        row = _row(session, params.code, params.version)
        life = () if row is None else store.events(session, row.id)
    product = None if row is None else _product(call, row)
    if row is None or product is None:
        return Refusal(ProductRefusal.VERSION_UNKNOWN)
    family = family_of(product) or Family.DEPOSIT
    details = ProductDetails(
        summary=_line(call, row),
        parts=tuple(_part(part) for part in product.parts),
        terms=tuple(
            ProductTerm(term.name, term.rule.value, Reasons(*term_text(term, product.currency, family)))
            for term in product.terms
        ),
        life=tuple(ProductStep(one.status.value, one.actor, date_form(one.business_date)) for one in life),
        text=row.text,
    )
    etag = etag_of(details)
    return Reply(status=304, etag=etag) if call.if_none_match == etag else Reply(value=details, etag=etag)


def describe(call: Call) -> Handled:
    """The terms a customer reads."""
    params = call.params_as(ProductVersionParams)
    product = find_product(call, params.code, params.version)
    if not isinstance(product, Product):
        return product
    sections = tuple(
        ProductSection(Reasons(one.english_heading, one.chinese_heading), one.english, one.chinese)
        for one in sections_of(product)
    )
    names = Reasons(product.english, product.chinese)
    return Reply(value=ProductDescription(product.name, names, sections, Reasons(*terms_text(product))))


def compare(call: Call) -> Handled:
    """What changes from one version to another."""
    params = call.params_as(ProductDifferenceParams)
    old, new = (find_product(call, params.code, version) for version in (params.version, params.to))
    if not isinstance(old, Product):
        return old
    if not isinstance(new, Product):
        return new
    changes = tuple(Reasons(one.english, one.chinese) for one in difference(old, new))
    return Reply(value=ProductDifference(old.name, new.name, changes))


def find_product(call: Call, code: str, version: int | None) -> Product | RefusalLike:
    """A version of a product, a draft too; without a version the one that is sold today."""
    if version is None:
        current = call.bank.holding.catalogue.current(code, call.bank.ledger.business_date)
        return Refusal(ProductRefusal.VERSION_UNKNOWN) if current is None else current[1]
    with call.bank.sessions.lend() as session:
        row = _row(session, code, version)
    found = None if row is None else _product(call, row)
    return Refusal(ProductRefusal.VERSION_UNKNOWN) if found is None else found


def _row(session: psycopg.Connection, code: str, version: int) -> VersionRow | None:
    return next((one for one in read_versions(session) if (one.code, one.version) == (code, version)), None)


def _product(call: Call, row: VersionRow) -> Product | None:
    """The product a version is; None of a draft that does not read any more."""
    known = {one.id: one for one in call.bank.holding.catalogue.versions}.get(row.id)
    if known is not None and known.sha256 == row.sha256:
        return known.product
    found = read_product(row.text, row.name, part_classes())
    return None if isinstance(found, Refused) else found


def _is_current(call: Call, row: VersionRow) -> bool:
    current = call.bank.holding.catalogue.current(row.code, call.bank.ledger.business_date)
    return current is not None and current[0] == row.id


def _line(call: Call, row: VersionRow) -> ProductLine:
    product = _product(call, row)
    family = None if product is None else family_of(product)
    return ProductLine(
        product=row.name,
        code=row.code,
        version=row.version,
        number=row.number,
        names=Reasons("", "") if product is None else Reasons(product.english, product.chinese),
        kind=None if family is None else family.value,
        currency=row.currency,
        effective=row.effective,
        status=row.status.value,
        current=_is_current(call, row),
        author=row.author,
        approver=row.approver,
        sha256=row.sha256,
    )


def _part(part: Part) -> ProductPart:
    english = (inspect.getdoc(type(part)) or part.name).partition("\n")[0]
    parameters: dict[str, Any] = msgspec.to_builtins(write_record(part))
    return ProductPart(part.name, part.kind.value, Reasons(english, part.chinese), parameters)
