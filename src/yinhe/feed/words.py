"""Amounts, rates, dates and times as events tell them: text, exact, the same everywhere outside."""

from yinhe.kernel.clock import datetime_from_us
from yinhe.kernel.currency import Currency
from yinhe.kernel.dates import date_from_days
from yinhe.kernel.decimals import format_scaled
from yinhe.kernel.rates import RATE_SCALE


def money_text(amount_minor: int, its: Currency) -> str:
    """Minor units as `1234.50`."""
    return format_scaled(amount_minor, its.scale).replace(",", "")


def rate_text(units: int) -> str:
    """A rate in units of 1e-8 as percent a year: `3.25`."""
    whole, _, decimals = format_scaled(units, RATE_SCALE - 2).replace(",", "").partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole


def date_text(days: int) -> str:
    """Days since 1970-01-01 as `2026-01-31`."""
    return date_from_days(days).isoformat()


def time_text(microseconds: int) -> str:
    """Microseconds since 1970-01-01 as a UTC time."""
    return datetime_from_us(microseconds).isoformat(timespec="microseconds")
