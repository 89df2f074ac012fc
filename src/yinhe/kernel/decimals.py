"""Decimal text to whole units of a scale and back, exactly; money and rates read and print through here."""

import re
from typing import Final

from yinhe.kernel.bounds import INT64_MAX, INT64_MIN
from yinhe.kernel.errors import OutOfRangeError, ParseError

TEXT_LENGTH_MAX: Final = 40
"""Longer than any int64 with its sign, separators and decimals."""

_DECIMAL: Final = re.compile(r"(?P<sign>-?)(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<decimals>[0-9]+))?")


def require_text(text: str, what: str) -> str:
    """Return `text` if it is a `str`. Raises `ParseError` for a float or any other value that slipped in."""
    if type(text) is not str:
        raise ParseError(f"{what} is read from text, not from {type(text).__name__} {text!r}")
    return text


def parse_scaled(text: str, scale: int, what: str) -> int:
    """Read decimal text as a whole number of units of 10**-scale: `"1,234.5"` at scale 2 is 123450.

    Only ASCII digits, one leading minus, commas between full groups of three, and at most `scale` decimals are read.
    Raises `ParseError` for any other text or type, `OutOfRangeError` beyond int64.
    """
    require_text(text, what)
    if len(text) > TEXT_LENGTH_MAX:
        raise ParseError(f"{what} of {len(text)} characters is too long; at most {TEXT_LENGTH_MAX} are read")
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise ParseError(f"{what} {text!r} is not a decimal number; write it like 1234.50 or 1,234.50")
    decimals = match["decimals"] or ""
    if len(decimals) > scale:
        raise ParseError(f"{what} {text!r} has {len(decimals)} decimals; at most {scale} are exact here")
    magnitude = int(match["whole"].replace(",", "") + decimals.ljust(scale, "0"))
    units = -magnitude if match["sign"] else magnitude
    if not INT64_MIN <= units <= INT64_MAX:
        raise OutOfRangeError(f"{what} {text!r} does not fit 64 bits")
    return units


def format_scaled(units: int, scale: int) -> str:
    """Print whole units of 10**-scale with all decimals and groups of three: 123450 at scale 2 is `"1,234.50"`."""
    whole, decimals = divmod(abs(units), 10**scale)
    sign = "-" if units < 0 else ""
    return f"{sign}{whole:,}" + (f".{decimals:0{scale}d}" if scale else "")
