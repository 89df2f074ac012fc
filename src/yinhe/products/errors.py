"""What can go wrong with products; refusals of a file are findings, not exceptions."""

# ruff: noqa: N818 - a fault's name says what happened; that it is an error goes without saying.

from yinhe.kernel.errors import YinheError


class ProductFault(YinheError):
    """A product cannot be used."""


class RateMissing(ProductFault):
    """A rate table says nothing for the day asked about."""


class ProductUnknown(ProductFault):
    """There is no such product or version."""


class ProductRefused(ProductFault):
    """A product file or a step of its life was refused; the findings say why."""


class ProductChanged(ProductFault):
    """A stored product version is not what was published: its digest differs."""


class PartUnlawful(ProductFault):
    """A part breaks one of the laws every part must keep."""
