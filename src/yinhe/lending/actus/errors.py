"""What can be wrong with a case of the standard."""

# ruff: noqa: N818 - a fault's name says what happened; that it is an error goes without saying.

from yinhe.kernel.errors import YinheError


class CaseUnreadable(YinheError):
    """A file of cases is not in the format of the standard's tests."""


class TermRefused(YinheError):
    """A term of a contract is missing or not understood."""

    def __init__(self, term: str, reason: str) -> None:
        super().__init__(f"{term}: {reason}")
        self.term = term
        self.reason = reason
