"""One source file as strictly typed columns.

The format: ASCII, every line ended by CR LF, fields separated by semicolons, text in double quotes without escapes,
dates as YYMMDD of 19xx. Each thing that departs from it is a finding. A column with a finding comes back empty: its
book is refused as a whole, so nothing half read is ever used.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import msgspec

from yinhe.kernel.decimals import parse_scaled
from yinhe.migration.berka.codes import SourceCode
from yinhe.migration.errors import MigrationError
from yinhe.migration.findings import FindingLog, quoted

FILE_BYTES_MAX: Final = 256 * 1024 * 1024
"""The largest file read, as it is held in memory as a whole."""

FIRST_ROW_LINE: Final = 2
"""The line of a sheet's first row; the header is line 1."""

ASCII_MAX: Final = 0x7F
IDENTIFIER: Final = re.compile(r"[1-9][0-9]{0,17}")
COUNT: Final = re.compile(r"0|[1-9][0-9]{0,17}")
DECIMAL: Final = re.compile(r"-?[0-9]{1,13}(?:\.[0-9]{1,2})?")
SIX_DIGITS: Final = re.compile(r"[0-9]{6}")
QUOTED: Final = re.compile(r'"([^"]*)"')
MIDNIGHT: Final = " 00:00:00"
WOMEN_MONTH_OFFSET: Final = 50

T = TypeVar("T")
Code = TypeVar("Code", bound=SourceCode)


class Layout(msgspec.Struct, frozen=True):
    """A file's name, its columns in order, and whether its header quotes their names."""

    file: str
    columns: tuple[str, ...]
    quoted_header: bool = True

    @property
    def header(self) -> str:
        """Return the exact first line, without its CR LF."""
        mark = '"' if self.quoted_header else ""
        return ";".join(f"{mark}{column}{mark}" for column in self.columns)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file split into cells by column name; `lines` gives the line number of each row (row i + 2 in a sound file)."""

    file: str
    lines: list[int]
    cells: dict[str, tuple[str, ...]]
    findings: FindingLog

    def note(self, row: int, column: str, found: str, expected: str) -> None:
        """Note a finding in one cell."""
        self.findings.add(self.file, self.lines[row], column, found, expected)


class Flaw(NamedTuple):
    """What keeps a line from being split into fields."""

    column: str
    found: str
    expected: str


def open_sheet(directory: Path, layout: Layout, findings: FindingLog) -> Sheet:
    """Read one file and split its sound lines into cells; each other line is a finding.

    Raises MigrationError when the file is there but the system will not let it be read.
    """
    *lines, rest = _content(directory / layout.file, findings).split(b"\n")
    if rest:
        findings.add(layout.file, len(lines) + 1, "", quoted(rest), "a whole line: the file is cut off before CR LF")
    header, *body = lines or [b""]
    if lines and header != layout.header.encode() + b"\r":
        findings.add(layout.file, 1, "", quoted(header.removesuffix(b"\r")), f"the header {layout.header}")
        body = []
    numbers: list[int] = []
    rows: list[list[str]] = []
    for number, line in enumerate(body, start=FIRST_ROW_LINE):
        fields = _fields(line, len(layout.columns))
        if isinstance(fields, Flaw):
            findings.add(layout.file, number, *fields)
        else:
            numbers.append(number)
            rows.append(fields)
    columns = zip(*rows, strict=True) if rows else ((),) * len(layout.columns)
    return Sheet(layout.file, numbers, dict(zip(layout.columns, columns, strict=True)), findings)


def _content(path: Path, findings: FindingLog) -> bytes:
    """Return the file's bytes, or none with a finding when it is missing, empty or too large."""
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        findings.add(path.name, 0, "", "no such file", f"the file {path.name} beside the others")
        return b""
    except OSError as error:
        raise MigrationError(f"{path} cannot be read: {error.strerror}") from error
    if not content:
        findings.add(path.name, 1, "", "an empty file", "a header line and rows")
    if len(content) > FILE_BYTES_MAX:
        findings.add(path.name, 0, "", "a larger file", f"at most {FILE_BYTES_MAX} bytes")
        return b""
    return content


def _fields(line: bytes, width: int) -> list[str] | Flaw:
    """Split a line, given without its LF, into its fields."""
    if line.count(b"\r") != 1 or not line.endswith(b"\r"):
        return Flaw("", quoted(line[-20:]), "one CR LF, at the end of the line")
    if not line.isascii():
        place = next(place for place, byte in enumerate(line) if byte > ASCII_MAX)
        return Flaw(f"field {line[:place].count(b';') + 1}", f"byte 0x{line[place]:02x}", "ASCII text")
    fields = line[:-1].decode("ascii").split(";")
    return fields if len(fields) == width else Flaw("", f"{len(fields)} fields", f"{width} fields")


def parsed(sheet: Sheet, column: str, parse: Callable[[str], T], expected: str) -> list[T]:
    """Parse each distinct text of a column once; `parse` raises ValueError for one it refuses."""
    known: dict[str, T] = {}
    values: list[T] = []
    cells = sheet.cells[column]
    for row, text in enumerate(cells):
        if text not in known:
            try:
                known[text] = parse(text)
            except ValueError:
                sheet.note(row, column, quoted(text), expected)
                continue
        values.append(known[text])
    return values if len(values) == len(cells) else []


def identifiers(sheet: Sheet, column: str) -> list[int]:
    """Parse whole numbers above zero that name a row of this or another file."""
    return parsed(sheet, column, lambda text: int(_matched(IDENTIFIER, text)), "a whole number above zero")


def unique_identifiers(sheet: Sheet, column: str) -> list[int]:
    """Parse identifiers of which each may stand only once in the file."""
    first_rows: dict[str, int] = {}
    for row, text in enumerate(sheet.cells[column]):
        first = first_rows.setdefault(text, row)
        if first != row:
            sheet.note(row, column, quoted(text), f"each {column} once; line {sheet.lines[first]} has it already")
    return identifiers(sheet, column)


def counts(sheet: Sheet, column: str) -> list[int]:
    """Parse whole numbers from zero."""
    return parsed(sheet, column, _count, "a whole number from 0")


def counts_or_unknown(sheet: Sheet, column: str) -> list[int | None]:
    """Parse whole numbers from zero, "?" becoming None."""
    return parsed(sheet, column, _or_unknown(_count), 'a whole number from 0, or "?"')


def hundredths(sheet: Sheet, column: str) -> list[int]:
    """Parse decimals of at most two places, not negative, as whole hundredths (haléř, basis points)."""
    return parsed(sheet, column, _hundredths_from_zero, "a number from 0 with at most 2 decimals")


def hundredths_or_unknown(sheet: Sheet, column: str) -> list[int | None]:
    """Parse decimals as `hundredths`, "?" becoming None."""
    expected = 'a number from 0 with at most 2 decimals, or "?"'
    return parsed(sheet, column, _or_unknown(_hundredths_from_zero), expected)


def signed_hundredths(sheet: Sheet, column: str) -> list[int]:
    """Parse decimals of at most two places, of either sign, as whole hundredths."""
    return parsed(sheet, column, _hundredths, "a number with at most 2 decimals")


def dates(sheet: Sheet, column: str) -> list[date]:
    """Parse unquoted dates YYMMDD of 19xx."""
    return parsed(sheet, column, _date, "a date YYMMDD of 19xx")


def midnights(sheet: Sheet, column: str) -> list[date]:
    """Parse unquoted dates YYMMDD of 19xx that are followed by midnight, as days."""

    def parse(text: str) -> date:
        day = text.removesuffix(MIDNIGHT)
        if day == text:
            raise ValueError(text)
        return _date(day)

    return parsed(sheet, column, parse, "a date and midnight, YYMMDD 00:00:00")


def birth_numbers(sheet: Sheet, column: str) -> list[tuple[date, bool]]:
    """Parse quoted birth numbers as (day of birth, is a woman); a woman's month has 50 added."""

    def parse(text: str) -> tuple[date, bool]:
        digits = _matched(SIX_DIGITS, _unquoted(text))
        month = int(digits[2:4])
        is_woman = month > WOMEN_MONTH_OFFSET
        month -= WOMEN_MONTH_OFFSET if is_woman else 0
        return date(1900 + int(digits[:2]), month, int(digits[4:])), is_woman

    return parsed(sheet, column, parse, "a quoted birth number YYMMDD, a woman's month with 50 added")


def codes(sheet: Sheet, column: str, words: type[Code]) -> list[Code]:
    """Parse quoted words of a closed set."""
    members: dict[str, Code] = {f'"{member.source}"': member for member in words}

    def parse(text: str) -> Code:
        if text not in members:
            raise ValueError(text)
        return members[text]

    return parsed(sheet, column, parse, f"one of {', '.join(members)}")


def texts(sheet: Sheet, column: str, pattern: str, expected: str) -> list[str]:
    """Parse quoted texts that match a pattern as a whole."""
    form = re.compile(pattern)
    return parsed(sheet, column, lambda text: _matched(form, _unquoted(text)), f"a quoted text: {expected}")


def texts_or_absent(sheet: Sheet, column: str, pattern: str, expected: str) -> list[str]:
    """Parse texts as `texts`; an empty cell, quoted or not, becomes ""."""
    form = re.compile(pattern)

    def parse(text: str) -> str:
        return "" if text in {"", '""'} else _matched(form, _unquoted(text))

    return parsed(sheet, column, parse, f"nothing, or a quoted text: {expected}")


def _matched(form: re.Pattern[str], text: str) -> str:
    if not form.fullmatch(text):
        raise ValueError(text)
    return text


def _unquoted(text: str) -> str:
    return _matched(QUOTED, text)[1:-1]


def _count(text: str) -> int:
    return int(_matched(COUNT, text))


def _or_unknown(parse: Callable[[str], int]) -> Callable[[str], int | None]:
    return lambda text: None if text == "?" else parse(text)


def _date(text: str) -> date:
    _matched(SIX_DIGITS, text)
    return date(1900 + int(text[:2]), int(text[2:4]), int(text[4:]))


def _hundredths(text: str) -> int:
    return parse_scaled(_matched(DECIMAL, text), 2, "A source number")


def _hundredths_from_zero(text: str) -> int:
    if text.startswith("-"):
        raise ValueError(text)
    return _hundredths(text)
