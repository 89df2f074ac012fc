"""Money: a whole number of minor units of one currency, with exact arithmetic inside it."""

from collections.abc import Sequence

import msgspec

from yinhe.kernel.bounds import INT64_MAX, INT64_MIN, require_int
from yinhe.kernel.currency import Currency
from yinhe.kernel.decimals import format_scaled, parse_scaled
from yinhe.kernel.errors import CurrencyMismatchError, OutOfRangeError

__all__ = ["INT64_MAX", "INT64_MIN", "Money", "allocate", "format_money", "parse_money"]


class Money(msgspec.Struct, frozen=True):
    """An amount in minor units (fen, cents) that fits an int64 column.

    Arithmetic and comparison raise `CurrencyMismatchError` across currencies and `OutOfRangeError` beyond int64;
    building one from anything but an `int` raises `InexactError`.
    """

    amount_minor: int
    currency: Currency

    def __post_init__(self) -> None:
        require_int(self.amount_minor, f"{self.currency.code} amount in minor units")

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount_minor + _amount_beside(self, other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount_minor - _amount_beside(self, other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount_minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount_minor < _amount_beside(self, other)

    def __le__(self, other: "Money") -> bool:
        return self.amount_minor <= _amount_beside(self, other)

    def __str__(self) -> str:
        return format_money(self)


def _amount_beside(money: Money, other: Money) -> int:
    """The amount of `other`, provided it may stand beside `money`."""
    if other.currency != money.currency:
        raise CurrencyMismatchError(f"{money.currency.code} and {other.currency.code} do not mix; exchange one first")
    return other.amount_minor


def parse_money(text: str, currency: Currency) -> Money:
    """Read `"1,234.50"` as money of a currency; fewer decimals than its scale are filled with zeros.

    Raises `ParseError` for more decimals than the currency has, a float, NaN, digits that are not ASCII, or other text;
    `OutOfRangeError` beyond int64.
    """
    return Money(parse_scaled(text, currency.scale, f"{currency.code} amount"), currency)


def format_money(money: Money) -> str:
    """Print money as `"1,234.50 CNY"`, with exactly the decimals of its currency."""
    return f"{format_scaled(money.amount_minor, money.currency.scale)} {money.currency.code}"


def allocate(money: Money, weights: Sequence[int]) -> list[Money]:
    """Split money in proportion to whole weights without losing or inventing a unit.

    Largest-remainder method: each share is rounded toward zero, then the units left go one each to the shares that
    lost most, the earlier first. Shares of a negative amount mirror those of the positive one.
    Raises `OutOfRangeError` if a weight is negative or none is positive.
    """
    for weight in weights:
        require_int(weight, "Weight", least=0)
    total = sum(weights)
    if total == 0:
        raise OutOfRangeError("At least one weight must be positive")
    amount = abs(money.amount_minor)
    shares = [amount * weight // total for weight in weights]
    by_loss = sorted(range(len(weights)), key=lambda index: amount * weights[index] % total, reverse=True)
    for index in by_loss[: amount - sum(shares)]:
        shares[index] += 1
    sign = -1 if money.amount_minor < 0 else 1
    return [Money(sign * share, money.currency) for share in shares]
