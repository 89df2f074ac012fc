"""Faults of parties; what somebody is refused is in `refusals`."""

# ruff: noqa: N818 - a fault's name says what happened; that it is an error goes without saying.

from yinhe.kernel.errors import YinheError


class PartyFault(YinheError):
    """Something is wrong with the parties on file that nobody asked for."""


class PartyTorn(PartyFault):
    """What stands of a party in one table has no counterpart in another."""
