"""Laws of product files over generated parts and texts."""

import datetime as dt
import tomllib

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from yinhe.kernel.currency import currency
from yinhe.kernel.money import Money
from yinhe.kernel.rates import Rate
from yinhe.products.assembly import read_product, write_product
from yinhe.products.codec import Reader, write_record
from yinhe.products.difference import difference
from yinhe.products.findings import FindingLog, Refused
from yinhe.products.lines import lines_of
from yinhe.products.parts.base import Parameter, Part
from yinhe.products.period import DAYS_MAX, MONTHS_MAX, Period
from yinhe.products.product import Product
from yinhe.products.product_library import library_files, library_products
from yinhe.products.rates import RateSource
from yinhe.products.registry import PARTS, part_classes
from yinhe.products.shapes import Choice, Many, Record, Scalar, Shape, fields_of
from yinhe.products.walk import values_of

CNY = currency("CNY")
KNOWN = part_classes()
FIRST = library_products()[0]


def values(shape: Shape, parameter: Parameter | None) -> st.SearchStrategy[object]:
    """Any value of a shape within its bounds."""
    least, most = (parameter.least, parameter.most) if parameter else (None, None)
    match shape:
        case Choice(members):
            return st.sampled_from(list(members))
        case Many(of, inner):
            return st.lists(values(of, inner or parameter), max_size=4).map(tuple)
        case Record(cls):
            return records(cls)
        case Scalar.MONEY:
            amounts = st.integers(-(10**15) if least is None else least, 10**15 if most is None else most)
            return amounts.map(lambda units: Money(units, CNY))
        case Scalar.RATE:
            return st.integers(least or 0, most or 100).map(Rate)
        case Scalar.RATE_SOURCE:
            tables = st.builds(
                RateSource,
                table=st.sampled_from(["demand", "LPR_1Y"]),
                margin=st.integers(-5_000_000, 5_000_000),
                share=st.integers(1, 1_000),
            )
            return st.integers(least or 0, most or 100).map(lambda units: RateSource(fixed=units)) | tables
        case Scalar.PERIOD:
            months = st.integers(1, MONTHS_MAX).map(lambda count: Period(months=count))
            return months | st.integers(1, DAYS_MAX).map(lambda count: Period(days=count))
        case Scalar.COUNT:
            return st.integers(-(10**9) if least is None else least, 10**9 if most is None else most)
        case Scalar.FLAG:
            return st.booleans()
        case Scalar.TEXT:
            return st.text(max_size=60)
        case Scalar.DATE:
            return st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31))


def records(cls: type[msgspec.Struct]) -> st.SearchStrategy[msgspec.Struct]:
    """Any part or record of a class whose parameters are each within their bounds."""
    fields = {}
    for field in fields_of(cls):
        strategy = values(field.shape, field.parameter)
        fields[field.name] = strategy | st.none() if field.optional else strategy
    return st.builds(cls, **fields)


ANY_PART = st.sampled_from(PARTS).flatmap(records)


@given(ANY_PART)
def test_a_part_that_is_written_reads_back_as_it_was(part: Part) -> None:
    log = FindingLog("file", {})
    assert Reader(log, CNY).record(type(part), write_record(part), ()) == part
    assert log.findings == ()


@given(st.lists(ANY_PART, min_size=1, max_size=6), st.text(max_size=40), st.text(max_size=40))
def test_a_product_that_is_written_is_read_or_refused_for_what_it_says_not_for_how(parts, english, chinese) -> None:
    """Whatever the parts, the file is TOML and each value reads; only laws of the whole may be broken."""
    product = msgspec.structs.replace(FIRST, parts=tuple(parts), english=english, chinese=chinese)
    text = write_product(product)
    assert len(tomllib.loads(text)["parts"]) == len(parts)
    found = read_product(text, "file", KNOWN)
    if isinstance(found, Product):
        assert found == product
    assert set(lines_of(text)) >= {("parts", place) for place in range(len(parts))}


@given(ANY_PART, st.data())
def test_whatever_changes_in_a_part_is_said(part: Part, data: st.DataObject) -> None:
    other = data.draw(records(type(part)))
    old, new = (msgspec.structs.replace(FIRST, parts=(one,)) for one in (part, other))
    assert len(difference(old, new)) == len(dict(values_of(part)).items() ^ dict(values_of(other)).items()) - sum(
        1
        for path in dict(values_of(part)).keys() & dict(values_of(other)).keys()
        if dict(values_of(part))[path] != dict(values_of(other))[path]
    )


@given(st.sampled_from([text for _, text in library_files()]), st.data())
def test_no_spoiled_file_brings_the_reader_down(text: str, data: st.DataObject) -> None:
    """Characters are taken out, put in and doubled: the answer is a product or findings, and each has its line."""
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 12)))
        text = (
            text[:start]
            + data.draw(st.sampled_from(["", "x", "1", '"', "[", "]", "{", "}", "=", "\n", ","]))
            + text[end:]
        )
    found = read_product(text, "file", KNOWN)
    if isinstance(found, Refused):
        assert found.findings
        assert all(0 <= one.line <= text.count("\n") + 1 for one in found.findings)
    else:
        assert read_product(write_product(found), "file", KNOWN) == found
