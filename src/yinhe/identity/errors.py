"""Faults of identity."""

from yinhe.kernel.errors import YinheError


class IdentityError(YinheError):
    """What proves who somebody is cannot be read or made."""
