"""Faults of the benchmarks."""

# ruff: noqa: N818 - a fault's name says what happened; that it is an error goes without saying.

from yinhe.kernel.errors import YinheError


class BenchFailed(YinheError):
    """The benchmark could not be run to its end."""
