"""Faults of the feed."""

from yinhe.kernel.errors import YinheError


class FeedError(YinheError):
    """The feed of events cannot go on."""
