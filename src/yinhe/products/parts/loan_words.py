"""How the parameters of loans read in terms and conditions, in English and Chinese."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from yinhe.kernel.decimals import format_scaled
from yinhe.products.parts.words import source_chinese, source_english
from yinhe.products.rates import RateSource

_BASIS_POINT: Final = 10_000
"""One basis point in units of 1e-8."""

_INDICES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"LPR_1Y": ("the 1-year LPR", "一年期LPR"), "LPR_5Y": ("the LPR over 5 years", "五年期以上LPR")}
)
"""How the loan prime rates are known to customers."""


def index_english(source: RateSource) -> str:
    """`the 1-year LPR plus 45 basis points`; a rate that is no LPR as `words.source_english` has it."""
    if source.table not in _INDICES or source.share != 100:
        return source_english(source)
    sign = "less" if source.margin < 0 else "plus"
    margin = f" {sign} {_points(source.margin)} basis points" if source.margin else ""
    return f"{_INDICES[source.table][0]}{margin}"


def index_chinese(source: RateSource) -> str:
    """`一年期LPR加45个基点`."""
    if source.table not in _INDICES or source.share != 100:
        return source_chinese(source)
    sign = "减" if source.margin < 0 else "加"
    margin = f"{sign}{_points(source.margin)}个基点" if source.margin else ""
    return f"{_INDICES[source.table][1]}{margin}"


def _points(margin: int) -> str:
    """A margin in basis points, without trailing zeros."""
    text = format_scaled(abs(margin), 4)
    return text.rstrip("0").rstrip(".") if "." in text else text


def every_english(months: int) -> str:
    """`each month`, `every 3 months`."""
    return "each month" if months == 1 else f"every {months} months"


def every_chinese(months: int) -> str:
    """`每月`, `每3个月的`."""
    return "每月" if months == 1 else f"每{months}个月的"
