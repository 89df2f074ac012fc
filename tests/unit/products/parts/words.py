"""Amounts, rates, days and columns as tests write them, and accounts asked about."""

import datetime as dt

import numpy as np

from yinhe.kernel.currency import currency
from yinhe.kernel.dates import days_from_date
from yinhe.kernel.money import Money, parse_money
from yinhe.kernel.rates import Rate, parse_rate
from yinhe.products.parts.base import Channel, Facts
from yinhe.products.period import parse_period
from yinhe.products.rates import RateBook, RateEntry, parse_rate_source

CNY = currency("CNY")


def yuan(text_: str) -> Money:
    return parse_money(text_, CNY)


def percent(text_: str) -> Rate:
    return parse_rate(text_)


source = parse_rate_source
period = parse_period


def day(text_: str) -> int:
    return days_from_date(dt.date.fromisoformat(text_))


def days(*texts: str) -> np.ndarray:
    return np.array([day(one) if one else 0 for one in texts], np.int32)


def fen(*amounts: int) -> np.ndarray:
    return np.array(amounts, np.int64)


def counts(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int32)


def book(**tables: list[tuple[str, str]]) -> RateBook:
    """`demand=[("2024-01-01", "0.20%"), …]`."""
    return RateBook(
        RateEntry(table, day(date), day(date), parse_rate(rate).units)
        for table, entries in tables.items()
        for date, rate in entries
    )


def facts(accounts: int = 1, **columns: object) -> Facts:
    """Facts of persons of no tier at the counter on 2026-01-05, except for what is given."""
    today = day("2026-01-05")
    defaults = {
        "amount": np.zeros(accounts, np.int64),
        "balance": np.zeros(accounts, np.int64),
        "months": np.zeros(accounts, np.int32),
        "days": np.zeros(accounts, np.int32),
        "opened": np.full(accounts, today, np.int32),
        "is_company": np.zeros(accounts, np.bool_),
        "tier": np.zeros(accounts, np.int32),
        "region": np.zeros(accounts, np.int32),
        "channel": np.full(accounts, Channel.COUNTER.value, np.int32),
        "is_new_money": np.zeros(accounts, np.bool_),
    }
    return Facts(**({"business_date": today} | defaults | columns))
