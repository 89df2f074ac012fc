"""Rates: annual interest and other proportions as whole units of 1e-8, so that 3.25 % is 3_250_000."""

from typing import Final

import msgspec

from yinhe.kernel.bounds import require_int
from yinhe.kernel.decimals import format_scaled, parse_scaled, require_text
from yinhe.kernel.errors import OutOfRangeError

RATE_SCALE: Final = 8
RATE_ONE: Final = 10**RATE_SCALE
"""The units in 100 %."""
RATE_MAX: Final = 250_000_000
"""250 %: the largest round rate with which one day's accrual provably fits int64 (see `interest`)."""

_SUFFIX_SHIFTS: Final = (("%", 2), ("‰", 3), ("bp", 4))


class Rate(msgspec.Struct, frozen=True, order=True):
    """A rate in units of 1e-8 within ±`RATE_MAX`.

    Raises `InexactError` for anything but an `int`, `OutOfRangeError` beyond the bounds.
    """

    units: int

    def __post_init__(self) -> None:
        require_int(self.units, "Rate in units of 1e-8", least=-RATE_MAX, most=RATE_MAX)

    def __str__(self) -> str:
        return format_rate(self)


def parse_rate(text: str, at_most: Rate | None = None) -> Rate:
    """Read `"3.25%"`, `"0.0325"`, `"32.5‰"` or `"325bp"`; nothing is guessed, so `"3.25"` is 325 %.

    `at_most` is the caller's own limit: the guard against 325 % typed for 3.25 % where the field is known.
    Raises `ParseError` for other text or more decimals than 1e-8 holds, `OutOfRangeError` above a limit.
    """
    number, scale = require_text(text, "Rate"), RATE_SCALE
    for suffix, shift in _SUFFIX_SHIFTS:
        if text.endswith(suffix):
            number, scale = text.removesuffix(suffix), RATE_SCALE - shift
    rate = Rate(parse_scaled(number, scale, "Rate"))
    if at_most is not None and rate > at_most:
        raise OutOfRangeError(
            f"Rate {rate} is above the {at_most} allowed here; check the decimal point and the sign %"
        )
    return rate


def format_rate(rate: Rate) -> str:
    """Print a rate exactly in percent with the decimals it needs, as `"3.25%"`."""
    text = format_scaled(rate.units, RATE_SCALE - 2)
    return text.rstrip("0").rstrip(".") + "%"
