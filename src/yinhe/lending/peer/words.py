"""The peer's words for terms, and ours; an unknown one is named with its field."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final, TypeVar

from yinhe.kernel.errors import YinheError
from yinhe.kernel.rounding import Rounding
from yinhe.lending.schedule.instalment_terms import Amortisation, InterestMethod, InterestPeriod, RepaymentUnit
from yinhe.lending.schedule.overdue import Rest
from yinhe.lending.schedule.policies import SchedulePolicy

Ours = TypeVar("Ours")

POLICIES: Final = {"CUMULATIVE": SchedulePolicy.CUMULATIVE, "PROGRESSIVE": SchedulePolicy.PROGRESSIVE}
UNITS: Final = {
    "DAYS": RepaymentUnit.DAYS,
    "WEEKS": RepaymentUnit.WEEKS,
    "MONTHS": RepaymentUnit.MONTHS,
    "YEARS": RepaymentUnit.YEARS,
}
METHODS: Final = {"DECLINING_BALANCE": InterestMethod.DECLINING_BALANCE, "FLAT": InterestMethod.FLAT}
AMORTISATIONS: Final = {
    "EQUAL_INSTALLMENTS": Amortisation.EQUAL_INSTALMENTS,
    "EQUAL_PRINCIPAL": Amortisation.EQUAL_PRINCIPAL,
}
INTEREST_PERIODS: Final = {
    "DAILY": InterestPeriod.DAILY,
    "SAME_AS_REPAYMENT_PERIOD": InterestPeriod.SAME_AS_REPAYMENT,
}
YEAR_DAYS: Final = {"ACTUAL": None, "360": 360, "364": 364, "365": 365}
MONTH_DAYS: Final = {"ACTUAL": None, "30": 30}
RESTS: Final = {"DAILY": Rest.DAILY, "SAME_AS_REPAYMENT_PERIOD": Rest.SAME_AS_REPAYMENT}
START_DATES: Final = {"DISBURSEMENT_DATE": False, "SUBMITTED_ON_DATE": True}
ROUNDINGS: Final = {
    "HALF_UP": Rounding.HALF_UP,
    "HALF_EVEN": Rounding.HALF_EVEN,
    "DOWN": Rounding.DOWN,
    "UP": Rounding.UP,
    "FLOOR": Rounding.FLOOR,
    "CEILING": Rounding.CEILING,
}


class UnknownTermError(YinheError):
    """A field of a case has a value that has no meaning here; its message names the field."""

    def __init__(self, field: str, value: object, known: str) -> None:
        super().__init__(f"{field}: {value!r} is not known; {known}")


def ours(field: str, word: str, words: Mapping[str, Ours]) -> Ours:
    """Our word for one of the peer's. Raises `UnknownTermError`."""
    if word not in words:
        raise UnknownTermError(field, word, f"it is one of {', '.join(words)}")
    return words[word]


def decimal_of(field: str, text: str) -> Decimal:
    """A number written in decimals. Raises `UnknownTermError`."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise UnknownTermError(field, text, "it is a decimal number")
    return value


def minor_of(field: str, text: str, scale: int) -> int:
    """An amount in minor units of a currency with `scale` decimals. Raises `UnknownTermError`."""
    minor = decimal_of(field, text).scaleb(scale)
    if minor != minor.to_integral_value():
        raise UnknownTermError(field, text, f"it is an amount with at most {scale} decimals")
    return int(minor)


def date_or_none(field: str, text: str | None, none: frozenset[str]) -> date | None:
    """A date, or None for one of the words that mean none is given. Raises `UnknownTermError`."""
    if text is None or text in none:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UnknownTermError(field, text, f"it is a date or one of {', '.join(sorted(none))}") from None
