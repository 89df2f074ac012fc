"""Faults of lending; what a borrower is refused is in `refusals`."""

# ruff: noqa: N818 - a fault's name says what happened; that it is an error goes without saying.

from yinhe.kernel.errors import YinheError


class LendingFault(YinheError):
    """Something is wrong with loans that no borrower caused."""


class LoansCorrupt(LendingFault):
    """The loans in the database contradict themselves."""
