"""The terms of a contract as the standard writes them: strings, numbers and lists, read one by one.

Names are those of the ACTUS data dictionary. A term that is absent, null or empty is not given.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, cast

import msgspec

from yinhe.kernel.calendar import YEAR_MAX, YEAR_MIN, BusinessDayRule, every_day, make_calendar
from yinhe.lending.actus.errors import TermRefused
from yinhe.lending.actus.moments import read_moment
from yinhe.lending.schedule.cycles import Cycle, DateRules, Stub

CONTRACT_TYPES: Final = ("PAM", "LAM", "NAM", "ANN", "LAX", "CLM", "UMP", "CSH")

ROLE_SIGNS: Final = {
    "RPA": 1, "RPL": -1, "LG": 1, "ST": -1, "BUY": 1, "SEL": -1, "RFL": 1, "PFL": -1, "RF": 1, "PF": -1,
    "COL": 1, "CNO": 1, "GUA": -1, "OBL": 1, "UDL": 1, "UDLP": 1, "UDLM": -1,
}  # fmt: skip
"""The contract role sign R of section 3.7."""

_PERIOD: Final = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<halves>\d+)H)?(?:(?P<quarters>\d+)Q)?(?:(?P<months>\d+)M)?"
    r"(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
)
_CYCLE: Final = re.compile(r"(?P<period>P\w*?)(?:L(?P<stub>[01]))?(?P<sign>[+-])?")

_BUSINESS_DAYS: Final = {
    "F": BusinessDayRule.FOLLOWING,
    "MF": BusinessDayRule.MODIFIED_FOLLOWING,
    "P": BusinessDayRule.PRECEDING,
    "MP": BusinessDayRule.MODIFIED_PRECEDING,
}


class Terms:
    """The terms of one contract."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given: Final = {
            name: value for name, value in given.items() if value is not None and str(value).strip() not in ("", "NULL")
        }

    def has(self, name: str) -> bool:
        """Whether a term is given."""
        return name in self._given

    def text(self, name: str) -> str:
        """A term as text, without spaces around it. Raises TermRefused if it is not given."""
        if name not in self._given:
            raise TermRefused(name, "the term is missing")
        return str(self._given[name]).strip()

    def text_or(self, name: str, otherwise: str) -> str:
        """A term as text, or what holds without it."""
        return self.text(name) if self.has(name) else otherwise

    def choice(self, name: str, otherwise: str, choices: tuple[str, ...]) -> str:
        """A term that is one of some words. Raises TermRefused for another."""
        value = self.text_or(name, otherwise)
        if value not in choices:
            raise TermRefused(name, f"{value!r} is none of {', '.join(choices)}")
        return value

    def number(self, name: str) -> Decimal:
        """A term as a number, exactly as written. Raises TermRefused."""
        return number_of(name, self.text(name))

    def number_or(self, name: str, otherwise: Decimal) -> Decimal:
        """A term as a number, or what holds without it."""
        return self.number(name) if self.has(name) else otherwise

    def moment(self, name: str) -> int:
        """A term as a moment. Raises TermRefused."""
        return moment_of(name, self.text(name))

    def moment_if(self, name: str) -> int | None:
        """A term as a moment, None if it is not given."""
        return self.moment(name) if self.has(name) else None

    def cycle_if(self, name: str) -> Cycle | None:
        """A term as a cycle, None if it is not given."""
        return cycle_of(name, self.text(name)) if self.has(name) else None

    def list_of(self, name: str) -> list[str]:
        """An array term as texts; one value alone is an array of one."""
        if not self.has(name):
            return []
        value = self._given[name]
        if isinstance(value, list):
            return [str(one).strip() for one in cast("list[object]", value)]
        return [one.strip() for one in str(value).strip().strip("[]").split(",")]


class Settings(msgspec.Struct, frozen=True, eq=False):
    """What holds for every contract: whose side it is told from, and how its dates fall."""

    contract_type: str
    side: int
    status: int
    dates: DateRules


def settings_of(terms: Terms) -> Settings:
    """The contract type, the role's sign, the status date and the date conventions. Raises TermRefused."""
    contract_type = terms.choice("contractType", "", CONTRACT_TYPES) if terms.has("contractType") else None
    if contract_type is None:
        raise TermRefused("contractType", "the term is missing")
    role = terms.text("contractRole")
    if role not in ROLE_SIGNS:
        raise TermRefused("contractRole", f"{role!r} is not a role of the standard")
    return Settings(contract_type, ROLE_SIGNS[role], terms.moment("statusDate"), _date_rules(terms))


def _date_rules(terms: Terms) -> DateRules:
    end_of_month = terms.choice("endOfMonthConvention", "SD", ("SD", "EOM")) == "EOM"
    name = terms.choice("calendar", "NC", ("NC", "MF", "NoCalendar", "MondayToFriday"))
    convention = terms.text_or("businessDayConvention", "NOS")
    working = name in ("MF", "MondayToFriday")
    calendar = make_calendar("Monday to Friday", range(YEAR_MIN, YEAR_MAX + 1)) if working else every_day()
    if convention in ("NOS", "NULL", "S"):
        return DateRules(end_of_month=end_of_month, calendar=calendar)
    order, rule = convention[:2], _BUSINESS_DAYS.get(convention[2:])
    if order not in ("SC", "CS") or rule is None:
        raise TermRefused("businessDayConvention", f"{convention!r} is not a convention of the standard")
    return DateRules(end_of_month, rule, calendar, calculate_shifted=order == "SC")


def number_of(name: str, text: str) -> Decimal:
    """Text as a number. Raises TermRefused."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise TermRefused(name, f"{text!r} is not a number") from None
    if not number.is_finite():
        raise TermRefused(name, f"{text!r} is not a number")
    return number


def moment_of(name: str, text: str) -> int:
    """Text as a moment. Raises TermRefused."""
    try:
        return read_moment(text)
    except ValueError:
        raise TermRefused(name, f"{text!r} is not a date") from None


def period_of(name: str, text: str) -> tuple[int, int]:
    """An ISO 8601 period as months and days. Raises TermRefused."""
    match = _PERIOD.fullmatch(text.strip())
    if match is None or text.strip() == "P":
        raise TermRefused(name, f"{text!r} is not a period")
    parts = {unit: int(count or 0) for unit, count in match.groupdict().items()}
    months = 12 * parts["years"] + 6 * parts["halves"] + 3 * parts["quarters"] + parts["months"]
    return months, 7 * parts["weeks"] + parts["days"]


def cycle_of(name: str, text: str) -> Cycle:
    """A cycle: a period, and L0 (or +) for a long last stub, L1 (or -) for a short one. Raises TermRefused."""
    match = _CYCLE.fullmatch(text.strip())
    if match is None:
        raise TermRefused(name, f"{text!r} is not a cycle")
    months, days = period_of(name, match["period"])
    if not (months or days):
        raise TermRefused(name, f"{text!r} leads nowhere")
    return Cycle(months, days, Stub.LONG if match["stub"] == "0" or match["sign"] == "+" else Stub.SHORT)
