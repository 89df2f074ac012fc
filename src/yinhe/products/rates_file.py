"""A file of posted rates (TOML), as the library's `rates.toml`: tables, each with rates from days on.

[demand]
rates = [ { effective = 2025-05-20, rate = "0.05%" } ]
"""

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final, cast

from yinhe.kernel.dates import days_from_date
from yinhe.kernel.errors import OutOfRangeError, ParseError
from yinhe.kernel.rates import parse_rate
from yinhe.products.findings import Code, FindingLog, Refused
from yinhe.products.lines import lines_of
from yinhe.products.rates import RateBook, RateEntry

RATES_MAX: Final = 100_000
"""Rates of one file."""

_TOML_LINE: Final = re.compile(r" \(at line (\d+), column \d+\)")


def read_rates(text: str, file: str) -> RateBook | Refused:
    """Read a file of rates; each is taken as written down on the day it holds from. Refused whole for any mistake."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = _TOML_LINE.search(str(error))
        log = FindingLog(file, {("",): int(line[1])} if line else {})
        log.add(Code.NOT_TOML, ("",) if line else (), what=_TOML_LINE.sub("", str(error)))
        return Refused(log.findings)
    log = FindingLog(file, lines_of(text))
    entries: list[RateEntry] = []
    for table, content in raw.items():
        listed = cast("Mapping[str, Any]", content).get("rates") if isinstance(content, dict) else None
        if not isinstance(listed, list):
            log.add(
                Code.KEY_MISSING, (table,), what="rates", hint='rates = [{ effective = 2026-01-01, rate = "0.05%" }]'
            )
            continue
        for place, one in enumerate(cast("list[object]", listed)[:RATES_MAX]):
            entry = _entry(table, place, one, log)
            if entry is not None:
                entries.append(entry)
    return Refused(log.findings) if log.findings else RateBook(entries)


def _entry(table: str, place: int, one: object, log: FindingLog) -> RateEntry | None:
    path = table, "rates", place
    found = cast("Mapping[str, object]", one if isinstance(one, dict) else {})
    effective, rate = found.get("effective"), found.get("rate")
    if not isinstance(effective, dt.date) or isinstance(effective, dt.datetime):
        log.add(
            Code.TYPE_WRONG, path, what="a date", chinese="日期", found=repr(effective), hint="effective = 2026-01-01"
        )
        return None
    if not isinstance(rate, str):
        log.add(Code.UNIT_MISSING, path, found=repr(rate), hint='rate = "0.05%"')
        return None
    try:
        units = parse_rate(rate).units
    except (ParseError, OutOfRangeError):
        log.add(Code.UNREADABLE, path, found=repr(rate), what="a rate", chinese="利率", hint='rate = "0.05%"')
        return None
    day = days_from_date(effective)
    return RateEntry(table, day, day, units)
