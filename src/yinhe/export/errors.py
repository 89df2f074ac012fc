"""The base exception of the export package, and its faults."""

from yinhe.kernel.errors import YinheError


class ExportError(YinheError):
    """The books could not be read or written out."""


class NoSuchAccountError(ExportError):
    """There is no such account."""
