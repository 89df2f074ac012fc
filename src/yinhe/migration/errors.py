"""The base exception of the migration package."""

from yinhe.kernel.errors import YinheError


class MigrationError(YinheError):
    """The books could not be migrated."""
