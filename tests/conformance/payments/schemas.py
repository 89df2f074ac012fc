"""The schemas of ISO 20022 as unrelated packages carry them, found without importing those packages.

The XSDs of the standard lie in sepaxml (pain.001), and in pain001, pacs008 and camt053, which are installed without
what they depend on: only their files are used. pyiso20022 has classes generated from the schemas of every message;
with them a message is checked a second way: strictly parsed, each field's bounds looked at, and written again.
"""

import dataclasses
import importlib
import importlib.util
import re
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

PLACES = {
    "pain.001": ("sepaxml", "schemas/{}.xsd"),
    "pain.002": ("pain001", "pain002/schemas/{}.xsd"),
    "pacs.008": ("pacs008", "templates/{0}/{0}.xsd"),
    "camt.053": ("camt053", "xsd/{}.xsd"),
    "camt.054": ("camt053", "xsd/{}.xsd"),
}


@cache
def schema(message: str) -> etree.XMLSchema:
    """The XSD of a message; skips the test, saying why, where the package that carries it is not installed."""
    package, form = PLACES[message[:8]]
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        pytest.skip(f"the schema of {message} is in the package {package}, which is not installed")
    path = Path(found.submodule_search_locations[0]) / form.format(message)
    return etree.XMLSchema(etree.parse(str(path)))


def require_schema_valid(data: bytes, message: str) -> None:
    """Fail with the schema's own words where a message breaks it."""
    found = schema(message)
    document = etree.fromstring(data)
    assert found.validate(document), "\n".join(str(error) for error in found.error_log)


def require_classes_accept(data: bytes, message: str) -> None:
    """Parse a message with the generated classes, strictly; hold every field to its bounds; write it as it was."""
    parsers = pytest.importorskip("xsdata.formats.dataclass.parsers")
    serializers = pytest.importorskip("xsdata.formats.dataclass.serializers")
    configuration = importlib.import_module("xsdata.formats.dataclass.parsers.config")
    name = message.replace(".", "_")
    if importlib.util.find_spec("pyiso20022") is None:
        pytest.skip("pyiso20022 is not installed")
    classes = importlib.import_module(f"pyiso20022.{name[:4]}.{name}")
    strict = configuration.ParserConfig(fail_on_unknown_properties=True, fail_on_unknown_attributes=True)
    document = parsers.XmlParser(config=strict).from_bytes(data, classes.Document)
    assert not (found := list(_broken(document, message))), found
    written = serializers.XmlSerializer().render(document, ns_map={None: f"urn:iso:std:iso:20022:tech:xsd:{message}"})
    # The classes write fields in the order of the schema: so the order of ours is right if nothing moved.
    assert _names(etree.fromstring(written.encode())) == _names(etree.fromstring(data))


def _names(root: Any) -> list[str]:
    return [str(element.tag) for element in root.iter()]


def _broken(value: Any, path: str) -> Any:
    for field in dataclasses.fields(value):
        rule, found = field.metadata, getattr(value, field.name)
        here = f"{path}/{field.metadata.get('name', field.name)}"
        many = found if isinstance(found, list) else [] if found is None else [found]
        if rule.get("required") and not many:
            yield f"{here} is missing"
        for one in many:
            if dataclasses.is_dataclass(one) and hasattr(one, "__dataclass_fields__") and _is_ours(one):
                yield from _broken(one, here)
                continue
            text = str(one.value) if isinstance(one, Enum) else str(one)
            if not rule.get("min_length", 0) <= len(text) <= rule.get("max_length", 10**9):
                yield f"{here} has {len(text)} characters"
            if "pattern" in rule and not re.fullmatch(rule["pattern"], text):
                yield f"{here} is {text!r}"
            if isinstance(one, Decimal):
                digits = one.as_tuple()
                if len(digits.digits) > rule.get("total_digits", 99) or -digits.exponent > rule.get(
                    "fraction_digits", 99
                ):
                    yield f"{here} is {text!r}"


def _is_ours(value: Any) -> bool:
    return type(value).__module__.startswith("pyiso20022")
