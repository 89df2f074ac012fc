"""Faults of storage: what can be wrong with PostgreSQL, its folder or its schema."""

# ruff: noqa: N818 - a fault's name says what happened; that it is an error goes without saying.

from yinhe.kernel.errors import YinheError


class StorageError(YinheError):
    """The storage below the bank has failed."""


class HomeUnusable(StorageError):
    """The folder for the bank's data cannot be used."""


class ServerDidNotStart(StorageError):
    """The embedded PostgreSQL server did not start."""


class ServerDidNotStop(StorageError):
    """The embedded PostgreSQL server did not stop."""


class DatabaseUnreachable(StorageError):
    """The database does not answer."""


class ServerTooOld(StorageError):
    """The PostgreSQL server is older than Yinhe supports."""


class ServerNotDurable(StorageError):
    """The PostgreSQL server is set up so that it can lose what it has confirmed."""


class StatementsMalformed(StorageError):
    """A file of named SQL statements breaks its own rules."""


class StatementUnknown(StorageError):
    """No SQL statement has this name."""


class SchemaTooNew(StorageError):
    """The database was migrated by a newer Yinhe than this one."""


class MigrationChanged(StorageError):
    """A migration that the database has already applied no longer reads as it did."""


class MigrationBusy(StorageError):
    """Another session is migrating this schema."""


class BinaryMalformed(StorageError):
    """The database sent rows in another shape than expected."""


class FieldKeysUnusable(StorageError):
    """The keys that personal data is sealed with cannot be used."""


class SealBroken(StorageError):
    """A sealed field does not open."""
