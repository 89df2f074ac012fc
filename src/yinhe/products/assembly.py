"""A product file (TOML) to a product and back, with no loss; a file with any mistake is refused whole.

[product]
code = "demand"
…
[[parts]]
part = "interest.flat"
rate = "board:demand"

[[terms]]
name = "rate"
rule = "follow"
"""

import datetime as dt
import re
import tomllib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, cast

import tomlkit

from yinhe.kernel.currency import CURRENCIES, Currency, currency
from yinhe.kernel.money import Money
from yinhe.kernel.rates import Rate
from yinhe.products.checks import Bank, check_in_bank, check_product
from yinhe.products.codec import (
    MISSING,
    Reader,
    quoted,
    write_record,
    write_scalar,
)
from yinhe.products.findings import Code, FindingLog, Path, Refused
from yinhe.products.lines import lines_of
from yinhe.products.nearest import did_you_mean
from yinhe.products.parts.base import Parameter, Part
from yinhe.products.product import Product, Term, TermRule
from yinhe.products.shapes import Choice, Scalar
from yinhe.products.terms import RATE, TERM_NAMES

FILE_LENGTH_MAX: Final = 200_000
"""Characters of a product file; a real one has some thousands."""
PARTS_MAX: Final = 100
NUMBER_MAX: Final = 32_767
VERSION_MAX: Final = 100_000

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")
_TOML_LINE: Final = re.compile(r" \(at line (\d+), column \d+\)")

_HEAD: Final[Mapping[str, tuple[Scalar, Parameter]]] = MappingProxyType(
    {
        "code": (Scalar.TEXT, Parameter("how the bank calls it", "产品代码")),
        "number": (Scalar.COUNT, Parameter("what its accounts carry", "产品编号", least=1, most=NUMBER_MAX)),
        "version": (Scalar.COUNT, Parameter("1, 2, 3, …", "版本", least=1, most=VERSION_MAX)),
        "english": (Scalar.TEXT, Parameter("its name in English", "英文名称")),
        "chinese": (Scalar.TEXT, Parameter("its name in Chinese", "中文名称")),
        "currency": (Scalar.TEXT, Parameter("ISO 4217 code", "货币")),
        "effective": (Scalar.DATE, Parameter("the first day it holds", "生效日期")),
    }
)
_STAND_IN: Final[Mapping[str, Any]] = MappingProxyType(
    {"code": "", "number": 1, "version": 1, "english": "", "chinese": "", "effective": dt.date(1970, 1, 1)}
)
"""For what the file says wrongly, while the rest is checked."""
_TABLES: Final = ("product", "parts", "terms")


def read_product(text: str, file: str, parts: Mapping[str, type[Part]], bank: Bank | None = None) -> Product | Refused:
    """Read a product file and check it as a whole; `parts` are the classes known, by name.

    Without a bank, what needs one (its date, its other products, its rate tables) is not looked at.
    """
    raw = _read_toml(text, file)
    if isinstance(raw, Refused):
        return raw
    log = FindingLog(file, lines_of(text))
    for key in raw:
        if key not in _TABLES:
            log.add(Code.KEY_UNKNOWN, (key,), what=key, hint=did_you_mean(key, _TABLES))
    head = _read_head(raw, log)
    money = _currency_of(head, log)
    reader = Reader(log, money)
    places, made = _read_parts(raw, reader, log, parts)
    terms = _read_terms(raw, reader, log)
    if money is not None:
        # What reads well is compared also where something else does not, so that one look at the findings is enough.
        is_whole = MISSING not in head.values()
        known = dict(_STAND_IN) | {name: value for name, value in head.items() if value is not MISSING}
        product = Product(**known, parts=made, terms=terms)
        check_product(product, log, places, is_whole=len(made) == len(_list_of(raw, "parts", log)))
        if bank is not None and is_whole:
            check_in_bank(product, log, places, bank)
        if not log.findings:
            return product
    return Refused(log.findings)


def _read_toml(text: str, file: str) -> dict[str, Any] | Refused:
    log = FindingLog(file, {})
    if len(text) > FILE_LENGTH_MAX:
        log.add(Code.NOT_TOML, (), what=f"{len(text):,} characters; at most {FILE_LENGTH_MAX:,} are read")
        return Refused(log.findings)
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        said = str(error) or type(error).__name__
        line = _TOML_LINE.search(said)
        log = FindingLog(file, {("",): int(line[1])} if line else {})
        log.add(Code.NOT_TOML, ("",) if line else (), what=_TOML_LINE.sub("", said))
        return Refused(log.findings)


def _read_head(raw: Mapping[str, Any], log: FindingLog) -> dict[str, Any]:
    """The fields of `[product]`; MISSING where one is wrong."""
    table = raw.get("product")
    if not isinstance(table, dict):
        log.add(Code.KEY_MISSING, ("product",), what="[product]", hint="begin the file with [product]")
        return dict.fromkeys(_HEAD, MISSING)
    head = cast("dict[str, Any]", table)
    for key in head:
        if key not in _HEAD:
            log.add(Code.KEY_UNKNOWN, ("product", key), what=key, hint=did_you_mean(key, _HEAD))
    reader = Reader(log, None)
    made: dict[str, Any] = {}
    for name, (shape, parameter) in _HEAD.items():
        path = "product", name
        if name not in head:
            log.add(Code.KEY_MISSING, ("product",), what=name, hint=f"{parameter.english}")
            made[name] = MISSING
        else:
            made[name] = reader.value(shape, parameter, head[name], path)
    _check_words(made, log)
    return made


def _check_words(head: dict[str, Any], log: FindingLog) -> None:
    code = head["code"]
    if isinstance(code, str) and not _CODE.fullmatch(code):
        hint = "2 to 40 of a-z, 0-9 and _, a letter first"
        log.add(Code.UNREADABLE, ("product", "code"), found=quoted(code), what="a code", chinese="代码", hint=hint)
    for name, what, chinese in (("english", "an English name", "英文名称"), ("chinese", "a Chinese name", "中文名称")):
        if isinstance(head[name], str) and not head[name].strip():
            log.add(Code.UNREADABLE, ("product", name), found='""', what=what, chinese=chinese)


def _currency_of(head: Mapping[str, Any], log: FindingLog) -> Currency | None:
    code = head["currency"]
    if not isinstance(code, str):
        return None
    found = next((one for one in CURRENCIES if one.code == code), None)
    if found is None:
        hint = did_you_mean(code.upper(), (one.code for one in CURRENCIES))
        log.add(Code.CURRENCY_UNKNOWN, ("product", "currency"), found=quoted(code), hint=hint)
    return found


def _list_of(raw: Mapping[str, Any], name: str, log: FindingLog) -> list[dict[str, Any]]:
    found: object = raw.get(name, [])
    if isinstance(found, list) and all(isinstance(one, dict) for one in cast("list[object]", found)):
        return cast("list[dict[str, Any]]", found)
    words = {"what": "a list of tables", "chinese": "表的列表", "hint": f"write [[{name}]]"}
    log.add(Code.TYPE_WRONG, (name,), found=quoted(cast("object", found)), **words)
    return []


def _read_parts(
    raw: Mapping[str, Any], reader: Reader, log: FindingLog, known: Mapping[str, type[Part]]
) -> tuple[tuple[int, ...], tuple[Part, ...]]:
    """The parts that read well, and which of the file's list each is."""
    tables = _list_of(raw, "parts", log)
    if not tables or len(tables) > PARTS_MAX:
        hint = f"1 to {PARTS_MAX} tables [[parts]], each with its part's name and parameters"
        log.add(Code.KEY_MISSING, ("parts",), what="[[parts]]", hint=hint)
        return (), ()
    places: list[int] = []
    parts: list[Part] = []
    for place, table in enumerate(tables):
        path: Path = ("parts", place)
        name = table.get("part")
        if name is None:
            log.add(Code.KEY_MISSING, path, what="part", hint='its name, as part = "interest.flat"')
        elif not isinstance(name, str) or name not in known:
            log.add(Code.PART_UNKNOWN, (*path, "part"), what=name, hint=did_you_mean(str(name), known))
        else:
            values = {key: value for key, value in table.items() if key != "part"}
            part = reader.record(known[name], values, path)
            if isinstance(part, Part):
                places.append(place)
                parts.append(part)
    return tuple(places), tuple(parts)


_TERM_RULE: Final = Choice(TermRule)
_TERM_KEYS: Final = ("name", "rule", "least", "most")


def _read_terms(raw: Mapping[str, Any], reader: Reader, log: FindingLog) -> tuple[Term, ...]:
    terms: list[Term] = []
    for place, table in enumerate(_list_of(raw, "terms", log)):
        path: Path = ("terms", place)
        for key in table:
            if key not in _TERM_KEYS:
                log.add(Code.KEY_UNKNOWN, (*path, key), what=key, hint=did_you_mean(key, _TERM_KEYS))
        for key in ("name", "rule"):
            if key not in table:
                log.add(Code.KEY_MISSING, path, what=key)
        if not {"name", "rule"} <= set(table):
            continue
        name = table["name"]
        if name not in TERM_NAMES:
            log.add(Code.KEY_UNKNOWN, (*path, "name"), what=name, hint=did_you_mean(str(name), TERM_NAMES))
            continue
        rule = reader.value(_TERM_RULE, None, table["rule"], (*path, "rule"))
        bounds: dict[str, Any] = {
            key: reader.value(_bound_shape(name), None, table[key], (*path, key))
            for key in ("least", "most")
            if key in table
        }
        if rule is MISSING or MISSING in bounds.values():
            continue
        units = {key: one.units if isinstance(one, Rate) else one.amount_minor for key, one in bounds.items()}
        terms.append(Term(name=name, rule=cast("TermRule", rule), **units))
    return tuple(terms)


def _bound_shape(name: object) -> Scalar:
    """Bounds of a rate are rates, of a fee or a limit amounts."""
    return Scalar.RATE if name == RATE else Scalar.MONEY


def write_product(product: Product) -> str:
    """The canonical file of a product: equal products give equal text, and reading it gives the product back."""
    tables = [("[product]", {name: getattr(product, name) for name in _HEAD})]
    tables += [("[[parts]]", {"part": part.name} | write_record(part)) for part in product.parts]
    tables += [("[[terms]]", _term_table(product, term)) for term in product.terms]
    return "\n".join("".join([f"{header}\n", *_lines(table)]) for header, table in tables)


def _lines(table: Mapping[str, Any]) -> Iterator[str]:
    return (f"{key} = {_toml(value)}\n" for key, value in table.items())


def _toml(value: object) -> str:
    """A value as TOML writes it; a list of tables one a line."""
    match value:
        case list():
            values = cast("list[object]", value)
            if values and isinstance(values[0], dict):
                return "".join(["[\n", *(f"    {_toml(one)},\n" for one in values), "]"])
            return f"[{', '.join(map(_toml, values))}]"
        case dict():
            pairs = cast("dict[str, object]", value).items()
            return f"{{ {', '.join(f'{key} = {_toml(one)}' for key, one in pairs)} }}"
        case _:
            return tomlkit.item(value).as_string()


def _term_table(product: Product, term: Term) -> dict[str, Any]:
    table: dict[str, Any] = {"name": term.name, "rule": term.rule.value}
    for key, units in (("least", term.least), ("most", term.most)):
        if units is not None:
            table[key] = write_scalar(bound_of(term, units, product.currency))
    return table


def bound_of(term: Term, units: int, code: str) -> Rate | Money:
    """A bound of a negotiated term as what it is: a rate, or an amount of the product's currency."""
    return Rate(units) if _bound_shape(term.name) is Scalar.RATE else Money(units, currency(code))
