"""Faults of payments; what a payer is refused is a value, never one of these."""

# ruff: noqa: N818 - a fault's name says what happened; that it is an error goes without saying.

from yinhe.kernel.errors import YinheError


class PaymentFault(YinheError):
    """Payments cannot go on."""


class PaymentsCorrupt(PaymentFault):
    """What the database keeps of payments contradicts itself or the journal."""
