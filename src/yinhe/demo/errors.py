"""The base exception of the demo package, and its faults."""

from yinhe.kernel.errors import YinheError


class DemoError(YinheError):
    """The sample bank could not go on."""


class UnitHasBusinessError(DemoError):
    """The sample bank needs a unit of its own."""
