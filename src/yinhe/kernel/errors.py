"""The root of every exception Yinhe raises, and the kernel's own."""

import inspect


class YinheError(Exception):
    """Yinhe met a fault."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or _first_line(type(self)))


def _first_line(error: type[YinheError]) -> str:
    """The first line of the docstring, its own or inherited; `python -OO` strips them, so the name stands in."""
    return (inspect.getdoc(error) or error.__name__).partition("\n")[0]


class KernelError(YinheError):
    """A value of the kernel was asked for something it cannot be."""


class ParseError(KernelError):
    """The text does not read as the value expected."""


class InexactError(KernelError):
    """Money, rates and counts are exact integers, never floats."""


class OutOfRangeError(KernelError):
    """The value lies outside its documented bounds."""


class CurrencyMismatchError(KernelError):
    """Amounts of two currencies do not mix."""


class UnknownCurrencyError(KernelError):
    """The code is not an active ISO 4217 currency."""
