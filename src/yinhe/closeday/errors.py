"""What can go wrong at night."""

# ruff: noqa: N818 - a fault's name says what happened; that it is an error goes without saying.

from yinhe.kernel.errors import YinheError


class NightFault(YinheError):
    """The close of the business date cannot go on."""


class NightOutOfOrder(NightFault):
    """Business dates are closed one after another, each once."""


class NotReconciled(NightFault):
    """The books do not agree with each other; the date stays open until a person has looked."""


class TransactionUnknown(NightFault):
    """There is no transaction of this id."""


class NotExplained(NightFault):
    """The facts that the posting follows from are not in the books."""


class ExplanationDiffers(NightFault):
    """Worked out again from journal and products, the posting is another than the one in the books."""
