"""Files of cases of the standard: terms, what the market and the parties did, and the rows expected."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from yinhe.lending.actus.errors import CaseUnreadable, TermRefused
from yinhe.lending.actus.moments import read_moment
from yinhe.lending.actus.terms import Terms, moment_of, number_of

FILE_BYTES_MAX: Final = 64 * 1024 * 1024
CASES_MAX: Final = 100_000


class ObservedEvent(msgspec.Struct, frozen=True):
    """Something a party did: an observation, a call, a payment beside the plan."""

    moment: int
    type: str
    value: Decimal


class Market(msgspec.Struct, frozen=True):
    """What was observed of rates and indices: by code, the value at each moment."""

    series: Mapping[str, Mapping[int, Decimal]]

    def at(self, code: str, *moments: int) -> Decimal:
        """The value at the first of some moments that has one, else the last value before the first of them.

        Raises TermRefused if there is none.
        """
        values = self.series.get(code)
        if values is None:
            raise TermRefused("dataObserved", f"there is no {code!r}")
        for moment in moments:
            if moment in values:
                return values[moment]
        earlier = [moment for moment in values if moment <= moments[0]]
        if not earlier:
            raise TermRefused("dataObserved", f"{code!r} has no value on or before the day it is needed")
        return values[max(earlier)]


class Case(msgspec.Struct, frozen=True):
    """One case of a file."""

    name: str
    terms: Terms
    until: int | None
    """To when events are asked for; to the end of the contract without it."""
    market: Market
    observed: tuple[ObservedEvent, ...]
    expected: tuple[Mapping[str, Any], ...]


def read_cases(path: Path) -> dict[str, Any]:
    """The cases of a file by name, not read yet. Raises CaseUnreadable, OSError."""
    if path.stat().st_size > FILE_BYTES_MAX:
        raise CaseUnreadable(f"{path} is larger than {FILE_BYTES_MAX:,} bytes")
    try:
        cases = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise CaseUnreadable(f"{path} is not a file of cases: {error}") from None
    if len(cases) > CASES_MAX:
        raise CaseUnreadable(f"{path} has more than {CASES_MAX:,} cases")
    return cases


def read_case(name: str, given: Any) -> Case:
    """One case. Raises CaseUnreadable, TermRefused."""
    if not isinstance(given, dict) or not isinstance(cast("dict[str, Any]", given).get("terms"), dict):
        raise TermRefused("terms", "the term is missing")
    case = cast("dict[str, Any]", given)
    until = str(case.get("to") or "").strip()
    try:
        market = Market(_series(case.get("dataObserved") or {}))
        observed = tuple(_observed(event) for event in case.get("eventsObserved") or ())
    except (AttributeError, KeyError, TypeError) as error:
        raise CaseUnreadable(f"what was observed is not in the format of the standard's tests: {error!r}") from None
    return Case(
        name,
        Terms(case["terms"]),
        moment_of("to", until) if until else None,
        market,
        observed,
        _expected(case.get("results") or []),
    )


def _expected(results: Any) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(results, list) or not all(isinstance(row, dict) for row in cast("list[Any]", results)):
        raise TermRefused("results", "it is not a list of rows")
    return tuple(cast("Sequence[Mapping[str, Any]]", results))


def _series(observed: Mapping[str, Any] | list[Any]) -> dict[str, dict[int, Decimal]]:
    """What was observed, by the code it is kept under and by its own identifier."""
    series: dict[str, dict[int, Decimal]] = {}
    entries = observed.items() if isinstance(observed, Mapping) else [(one["identifier"], one) for one in observed]
    for code, entry in entries:
        values: dict[int, Decimal] = {}
        for point in entry.get("data", ()):
            moment = moment_of("dataObserved", point["timestamp"])
            values[moment] = number_of("dataObserved", str(point["value"]).strip())
        series[entry.get("identifier", code)] = series[code] = values
    return series


def _observed(event: Mapping[str, Any]) -> ObservedEvent:
    try:
        moment, kind = read_moment(event["time"]), str(event["type"])
    except (KeyError, ValueError):
        raise TermRefused("eventsObserved", "an event has no readable time or type") from None
    return ObservedEvent(moment, kind, number_of("eventsObserved", str(event.get("value") or 0).strip()))
