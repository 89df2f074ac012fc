"""The values of product files: text with units to exact values and back, with no loss.

`"50,000.00 CNY"`, `"3.25%"`, `"board:LPR_1Y + 25bp"`, `"3 months"`; counts are bare integers, dates TOML dates. A bare
number where a quantity belongs is a finding: nobody knows whether 325 is per cent or basis points.
"""

import datetime as dt
import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, assert_never, cast

import msgspec

from yinhe.kernel.currency import Currency
from yinhe.kernel.decimals import format_scaled, parse_scaled
from yinhe.kernel.errors import KernelError, OutOfRangeError, ParseError
from yinhe.kernel.money import Money, format_money, parse_money
from yinhe.kernel.rates import RATE_MAX, RATE_SCALE, Rate, format_rate, parse_rate
from yinhe.products.errors import ProductFault
from yinhe.products.findings import Code, FindingLog, Path
from yinhe.products.nearest import did_you_mean
from yinhe.products.parts.base import Parameter
from yinhe.products.period import Period, parse_period
from yinhe.products.rates import RateSource, parse_rate_source
from yinhe.products.shapes import Choice, Field, Many, Record, Scalar, Shape, fields_of, word_of

TEXT_LENGTH_MAX: Final = 2_000
"""Characters of one text; terms have no more."""

QUOTED_LENGTH_MAX: Final = 60
LIST_LENGTH_MAX: Final = 200

_NUMBER: Final = re.compile(r"-?[0-9][0-9,]*(?:\.[0-9]+)?")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_RATE: Final = re.compile(rf"({_NUMBER.pattern}) ?(%|‰|bp)")
_SHIFTS: Final = {"%": 2, "‰": 3, "bp": 4}

EXAMPLES: Final[Mapping[Scalar, tuple[str, str, str]]] = {
    Scalar.MONEY: ("an amount", "金额", '"50,000.00 CNY"'),
    Scalar.RATE: ("a rate", "利率", '"3.25%"'),
    Scalar.RATE_SOURCE: ("a rate or its table", "利率或利率表", '"3.25%" or "board:demand"'),
    Scalar.PERIOD: ("a period", "期限", '"3 months" or "7 days"'),
    Scalar.COUNT: ("a count", "整数", "3"),
    Scalar.FLAG: ("true or false", "true 或 false", "true"),
    Scalar.TEXT: ("a text", "文本", '"text"'),
    Scalar.DATE: ("a date", "日期", "2026-01-31"),
}
"""What each value is called in English and Chinese, and one as it stands in a file."""


class Missing(Enum):
    """Stands for a value that could not be read; the log says why."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING


class Reader:
    """Reads values of one file; whatever is wrong goes to the log, and MISSING comes back."""

    def __init__(self, log: FindingLog, currency: Currency | None) -> None:
        """`currency`: that of the product; None while it is unknown, then amounts may be in any."""
        self._log: Final = log
        self._currency: Final = currency

    def record(self, cls: type[msgspec.Struct], raw: Mapping[str, Any], path: Path) -> msgspec.Struct | None:
        """A part or a record of one from its table; None when any of it is wrong."""
        fields = {field.name: field for field in fields_of(cls)}
        sound = True
        for key in raw:
            if key not in fields:
                self._log.add(Code.KEY_UNKNOWN, (*path, key), what=key, hint=did_you_mean(key, fields))
                sound = False
        values: dict[str, Any] = {}
        for name, field in fields.items():
            if name in raw:
                value = self.value(field.shape, field.parameter, raw[name], (*path, name))
                sound = sound and value is not MISSING
                values[name] = value
            elif field.required:
                hint = f"{field.parameter.english}, as {name} = {example_of(field.shape)}"
                self._log.add(Code.KEY_MISSING, path, what=name, hint=hint)
                sound = False
        if not sound:
            return None
        try:
            return cls(**values)
        except (KernelError, ProductFault, ValueError, TypeError) as error:
            self._log.add(Code.PART_REFUSED, path, what=str(error))
            return None

    def value(self, shape: Shape, parameter: Parameter | None, raw: object, path: Path) -> object:
        """A value of a shape, within its parameter's bounds."""
        match shape:
            case Scalar():
                return self._scalar(shape, parameter, raw, path)
            case Choice(members):
                return self._choice(members, raw, path)
            case Many(of, inner):
                return self._many(of, inner or parameter, raw, path)
            case Record(cls):
                if not isinstance(raw, dict):
                    return self._wrong(path, "a table", "表", raw, "{ … }")
                made = self.record(cls, cast("dict[str, Any]", raw), path)
                return MISSING if made is None else made
            case _:
                assert_never(shape)

    def _choice(self, members: type[Enum], raw: object, path: Path) -> object:
        names = {word_of(member): member for member in members}
        if isinstance(raw, str) and raw in names:
            return names[raw]
        hint = did_you_mean(raw, names) if isinstance(raw, str) else ""
        listed = ", ".join(map(repr, names))
        self._log.add(
            Code.UNREADABLE, path, found=quoted(raw), what=f"one of {listed}", chinese=f"{listed} 之一", hint=hint
        )
        return MISSING

    def _many(self, of: Shape, parameter: Parameter | None, raw: object, path: Path) -> object:
        if not isinstance(raw, list) or len(cast("list[object]", raw)) > LIST_LENGTH_MAX:
            found = cast("object", raw)
            return self._wrong(path, f"a list of at most {LIST_LENGTH_MAX}", "列表", found, f"[{example_of(of)}]")
        values = [self.value(of, parameter, one, (*path, place)) for place, one in enumerate(cast("list[object]", raw))]
        return MISSING if MISSING in values else tuple(values)

    def _scalar(self, shape: Scalar, parameter: Parameter | None, raw: object, path: Path) -> object:
        english, chinese, example = EXAMPLES[shape]
        match shape:
            case Scalar.COUNT | Scalar.FLAG | Scalar.TEXT | Scalar.DATE:
                if type(raw) is not _PLAIN[shape] or (isinstance(raw, str) and len(raw) > TEXT_LENGTH_MAX):
                    return self._wrong(path, english, chinese, raw, example)
                return self._bounded(raw, raw, shape, parameter, path) if isinstance(raw, int) else raw
            case Scalar.MONEY | Scalar.RATE | Scalar.RATE_SOURCE | Scalar.PERIOD:
                if type(raw) in (int, float) or (isinstance(raw, str) and _NUMBER.fullmatch(raw)):
                    self._log.add(Code.UNIT_MISSING, path, found=quoted(raw), hint=self._with_unit(shape, str(raw)))
                    return MISSING
                if not isinstance(raw, str):
                    return self._wrong(path, english, chinese, raw, example)
            case _:
                assert_never(shape)
        try:
            return self._quantity(shape, parameter, raw, path)
        except OutOfRangeError:
            least, most = _bounds(parameter, shape)
            hint = _smaller(raw, most)
            self._log.add(Code.OUT_OF_BOUNDS, path, found=raw, least=least[0], most=most[0], hint=hint)
        except ParseError:
            hint = f"write {example}"
            self._log.add(Code.UNREADABLE, path, found=quoted(raw), what=english, chinese=chinese, hint=hint)
        return MISSING

    def _quantity(self, shape: Scalar, parameter: Parameter | None, raw: str, path: Path) -> object:
        match shape:
            case Scalar.MONEY:
                return self._money(raw, parameter, path)
            case Scalar.RATE:
                rate = parse_rate(raw)
                return self._bounded(rate, rate.units, shape, parameter, path)
            case Scalar.RATE_SOURCE:
                source = parse_rate_source(raw)
                # Of a table only the margin is known here; its rates are judged when they are set.
                return source if source.table else self._bounded(source, source.fixed, shape, parameter, path)
            case Scalar.PERIOD:
                period = parse_period(raw)
                return self._bounded(period, period.months or period.days, shape, parameter, path)
            case _:
                raise ParseError

    def _money(self, raw: str, parameter: Parameter | None, path: Path) -> object:
        number, _, code = raw.rpartition(" ")
        if not _CURRENCY.fullmatch(code) or self._currency is None:
            raise ParseError
        if code != self._currency.code:
            hint = f'did you mean "{number} {self._currency.code}"?'
            self._log.add(Code.CURRENCY_DIFFERS, path, found=raw, currency=self._currency.code, hint=hint)
            return MISSING
        money = parse_money(number, self._currency)
        return self._bounded(money, money.amount_minor, Scalar.MONEY, parameter, path)

    def _bounded(self, value: object, units: int, shape: Scalar, parameter: Parameter | None, path: Path) -> object:
        if parameter is None or shape is Scalar.FLAG:
            return value
        least, most = _bounds(parameter, shape, self._currency)
        if (least[1] is None or units >= least[1]) and (most[1] is None or units <= most[1]):
            return value
        found = write_scalar(value)
        hint = _smaller(str(found), most) if shape in (Scalar.RATE, Scalar.RATE_SOURCE) else ""
        self._log.add(Code.OUT_OF_BOUNDS, path, found=found, least=least[0], most=most[0], hint=hint)
        return MISSING

    def _with_unit(self, shape: Scalar, number: str) -> str:
        match shape:
            case Scalar.MONEY:
                return f'did you mean "{number} {self._currency.code if self._currency else "CNY"}"?'
            case Scalar.PERIOD:
                return f'did you mean "{number} months" or "{number} days"?'
            case _:
                return f'did you mean "{number}%"?'

    def _wrong(self, path: Path, english: str, chinese: str, raw: object, example: str) -> Missing:
        self._log.add(Code.TYPE_WRONG, path, what=english, chinese=chinese, found=quoted(raw), hint=f"write {example}")
        return MISSING


_PLAIN: Final[Mapping[Scalar, type]] = {
    Scalar.COUNT: int,
    Scalar.FLAG: bool,
    Scalar.TEXT: str,
    Scalar.DATE: dt.date,
}

Bound = tuple[str, int | None]
"""A bound as people read it, and in units."""


def _bounds(parameter: Parameter | None, shape: Scalar, currency: Currency | None = None) -> tuple[Bound, Bound]:
    least, most = (parameter.least, parameter.most) if parameter else (None, None)
    if shape in (Scalar.RATE, Scalar.RATE_SOURCE):
        least, most = (-RATE_MAX if least is None else least), (RATE_MAX if most is None else most)
    texts = ["…" if bound is None else _bound_text(bound, shape, currency) for bound in (least, most)]
    return (texts[0], least), (texts[1], most)


def _bound_text(bound: int, shape: Scalar, currency: Currency | None) -> str:
    match shape:
        case Scalar.RATE | Scalar.RATE_SOURCE:
            return format_rate(Rate(max(-RATE_MAX, min(RATE_MAX, bound))))
        case Scalar.MONEY if currency is not None:
            return f"{format_scaled(bound, currency.scale)} {currency.code}"
        case _:
            return f"{bound:,}"


def _smaller(text: str, most: Bound) -> str:
    """The usual slip: a hundred times the rate that was meant."""
    match = _RATE.fullmatch(text)
    if match is None:
        return ""
    try:
        units = parse_scaled(match[1], RATE_SCALE - _SHIFTS[match[2]], "Rate")
    except KernelError:
        return ""
    meant = Rate(units // 100) if abs(units) <= 100 * RATE_MAX else None
    within = meant is not None and (most[1] is None or meant.units <= most[1])
    return f"did you mean {format_rate(meant)}?" if meant is not None and within else ""


def write_scalar(value: object) -> str | int | bool | dt.date:
    """A value as a file has it."""
    match value:
        case Money():
            return format_money(value)
        case Rate():
            return format_rate(value)
        case RateSource() | Period():
            return str(value)
        case Enum():
            return word_of(value)
        case bool() | int() | str() | dt.date():
            return value
        case _:
            raise TypeError(f"A product file has no way to write {value!r}.")


def write_record(record: msgspec.Struct) -> dict[str, Any]:
    """A part or a record as the table a file has: every parameter that is there, defaults too.

    A default may change with a version of Yinhe; a product that was published may not.
    """
    made: dict[str, Any] = {}
    for field in fields_of(type(record)):
        value = getattr(record, field.name)
        if value is not None:
            made[field.name] = _write(value, field)
    return made


def _write(value: object, field: Field) -> object:
    match value:
        case tuple():
            return [_write(one, field) for one in cast("tuple[object, ...]", value)]
        case msgspec.Struct() if not isinstance(value, Money | Rate | RateSource | Period):
            return write_record(value)
        case _:
            return write_scalar(value)


def example_of(shape: Shape) -> str:
    """A value of a shape as it stands in a file, for hints and pages."""
    match shape:
        case Scalar():
            return EXAMPLES[shape][2].partition(" or ")[0]
        case Choice(members):
            return " | ".join(f'"{word_of(member)}"' for member in members)
        case Many(of):
            return f"[{example_of(of)}]"
        case Record(cls):
            inside = ", ".join(
                f"{field.name} = {example_of(field.shape)}" for field in fields_of(cls) if field.required
            )
            return f"{{ {inside} }}"
        case _:
            assert_never(shape)


def quoted(raw: object) -> str:
    """What stands in the file, as it stands there, shortened."""
    text = f'"{raw}"' if isinstance(raw, str) else str(raw).lower() if isinstance(raw, bool) else str(raw)
    return text if len(text) <= QUOTED_LENGTH_MAX else text[: QUOTED_LENGTH_MAX - 1] + "…"
