"""Faults of the log."""

from yinhe.kernel.errors import YinheError


class AuditError(YinheError):
    """The log of acts cannot be kept or is not what it was."""
