"""Faults of the overview."""

from yinhe.kernel.errors import YinheError


class OverviewError(YinheError):
    """A customer could not be shown."""


class StatementUnbalancedError(OverviewError):
    """A statement's lines do not lead from its opening to its closing balance."""


class ValueHeadError(OverviewError):
    """The table of values is not at the place its head tells."""
