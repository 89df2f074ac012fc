"""Faults of the day."""

from yinhe.kernel.errors import YinheError


class TransactError(YinheError):
    """The day's pipeline cannot go on as it should."""
