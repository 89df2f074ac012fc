"""What can go wrong with deposits; what a customer is refused is a value, never one of these."""

# ruff: noqa: N818 - a fault's name says what happened; that it is an error goes without saying.

from yinhe.kernel.errors import YinheError


class DepositFault(YinheError):
    """Deposit contracts cannot go on."""


class ContractsCorrupt(DepositFault):
    """The contracts in the database contradict themselves."""


class PartMissing(DepositFault):
    """A product lacks a part that every product of deposits has."""
