"""Faults of the ledger. What it refuses is an outcome, never one of these."""

# ruff: noqa: N818 - a fault's name says what happened; that it is an error goes without saying.

from yinhe.kernel.errors import YinheError


class LedgerFault(YinheError):
    """The ledger cannot go on."""


class UnitTaken(LedgerFault):
    """Another engine is already the writer of this unit."""


class UnitUnknown(LedgerFault):
    """The database holds no such unit."""


class RetrySameId(LedgerFault):
    """It is not known whether this was committed; send it again with the same id to hear what became of it."""


class Busy(LedgerFault):
    """Too much is waiting already; try again shortly."""


class LedgerClosed(LedgerFault):
    """The ledger was closed."""


class AppendFailed(LedgerFault):
    """The database did not confirm a commit: it may or may not be there."""


class BooksCorrupt(LedgerFault):
    """The database's books contradict themselves; nothing more is posted until a person has looked."""


class StepRefused(LedgerFault):
    """A step of bulk work comes out of order, or posted nothing."""
