"""Findings: what is wrong with a source file, where exactly, and what was expected there."""

from typing import Final

import msgspec

FINDINGS_MAX: Final = 100
"""Findings kept with their text; further ones are only counted."""

FOUND_LENGTH_MAX: Final = 60
"""Characters of the offending text quoted in a finding."""


class Finding(msgspec.Struct, frozen=True):
    """One thing wrong in one source file; `line` counts from 1 and is 0 when the file as a whole is meant."""

    file: str
    line: int
    column: str
    found: str
    expected: str

    def __str__(self) -> str:
        """Render as `trans.asc:12: amount: found '7x', expected …`, the form editors can jump to."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        column = f" {self.column}:" if self.column else ""
        return f"{place}:{column} found {self.found}, expected {self.expected}"


class RefusedBook(msgspec.Struct, frozen=True):
    """The answer in place of a book or a plan: the first findings, and how many there are in all."""

    findings: tuple[Finding, ...]
    total: int

    def __str__(self) -> str:
        """Render one finding a line, and a last line for those that are only counted."""
        unlisted = self.total - len(self.findings)
        lines = [*map(str, self.findings), *([f"… and {unlisted} more"] if unlisted else [])]
        return "\n".join(lines)


class FindingLog:
    """Collects findings in the order they are met: at most `FINDINGS_MAX` in full, the rest by number."""

    def __init__(self) -> None:
        self._kept: list[Finding] = []
        self.total = 0

    def add(self, file: str, line: int, column: str, found: str, expected: str) -> None:
        """Note one finding; `found` is quoted as it stands, shortened when long."""
        self.total += 1
        if len(self._kept) < FINDINGS_MAX:
            self._kept.append(Finding(file, line, column, found, expected))

    def refused(self) -> RefusedBook:
        """Return what was collected so far as a refusal."""
        return RefusedBook(tuple(self._kept), self.total)


def quoted(source: str | bytes) -> str:
    """Quote source text for a finding: at most `FOUND_LENGTH_MAX` characters, control and other bytes made visible."""
    text = source if isinstance(source, str) else source.decode("ascii", "backslashreplace")
    return repr(text if len(text) <= FOUND_LENGTH_MAX else text[: FOUND_LENGTH_MAX - 1] + "…")
