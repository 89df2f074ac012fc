"""How parameters read in terms and conditions, in English and Chinese."""

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

from yinhe.kernel.money import Money
from yinhe.kernel.rates import Rate, format_rate
from yinhe.products.parts.base import Problem
from yinhe.products.rates import RateSource, rate_of


def money_english(money: Money) -> str:
    """`50,000.00 CNY`."""
    return str(money)


def money_chinese(money: Money) -> str:
    """`50,000.00元`; another currency by its name."""
    return f"{str(money).split(' ')[0]}{'元' if money.currency.code == 'CNY' else money.currency.name_zh}"


def source_english(source: RateSource) -> str:
    """`3.25%`, or `60% of the posted rate lump_sum_12m`."""
    if not source.table:
        return format_rate(rate_of(source.fixed))
    share = f"{source.share}% of " if source.share != 100 else ""
    sign = "less" if source.margin < 0 else "plus"
    margin = f" {sign} {format_rate(rate_of(abs(source.margin)))}" if source.margin else ""
    return f"{share}the posted rate {source.table}{margin}"


def source_chinese(source: RateSource) -> str:
    """`3.25%`, or `挂牌利率lump_sum_12m的60%`."""
    if not source.table:
        return format_rate(rate_of(source.fixed))
    share = f"的{source.share}%" if source.share != 100 else ""
    sign = "减" if source.margin < 0 else "加"
    margin = f"{sign}{format_rate(rate_of(abs(source.margin)))}" if source.margin else ""
    return f"挂牌利率{source.table}{share}{margin}"


def spread_english(spread: Rate) -> str:
    """`0.10% more` or `0.10% less`."""
    return f"{format_rate(rate_of(abs(spread.units)))} {'less' if spread.units < 0 else 'more'}"


def spread_chinese(spread: Rate) -> str:
    """`上浮0.10%` or `下浮0.10%`."""
    return f"{'下浮' if spread.units < 0 else '上浮'}{format_rate(rate_of(abs(spread.units)))}"


def date_chinese(date: dt.date) -> str:
    """`2026年1月5日`."""
    return f"{date.year}年{date.month}月{date.day}日"


def list_english(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def not_ascending(parameter: str, values: Sequence[int], english: str, chinese: str) -> tuple[Problem, ...]:
    """A problem where there is nothing, or an entry does not come after the one before."""
    if not values:
        return (Problem(parameter, f"there must be at least one {english}", f"至少需要一个{chinese}"),)
    for number, (before, after) in enumerate(pairwise(values), 2):
        if before >= after:
            return (
                Problem(
                    parameter,
                    f"{english} {number} must begin after {english} {number - 1}",
                    f"第{number}个{chinese}必须在前一个之后",
                ),
            )
    return ()


def not_distinct(parameter: str, what: Sequence[object], english: str, chinese: str) -> tuple[Problem, ...]:
    """A problem where there is nothing, or something twice."""
    if not what:
        return (Problem(parameter, f"there must be at least one {english}", f"至少需要一个{chinese}"),)
    twice = next((one for number, one in enumerate(what) if one in what[:number]), None)
    return () if twice is None else (Problem(parameter, f"the {english} {twice} is there twice", f"{chinese}重复"),)


def crossed(parameter: str, least: Money | None, most: Money | None) -> tuple[Problem, ...]:
    """A problem where the least is above the most."""
    if least is None or most is None or least.amount_minor <= most.amount_minor:
        return ()
    return (Problem(parameter, f"the least, {least}, is above the most, {most}", "下限高于上限"),)
