"""Faults of access."""

from yinhe.kernel.errors import YinheError


class AccessError(YinheError):
    """What the database says about who may do what does not read."""
