"""On which line of a TOML file each key and each element of a list stands.

Reads only files that `tomllib` has accepted, so it need not judge: it looks for headers, keys, brackets and strings.
"""

import re
from collections.abc import Mapping
from typing import Final

from yinhe.products.findings import Path

_BLANK: Final = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")
_HEADER: Final = re.compile(r"(\[\[?)([^\]\n]+)\]\]?")
_KEY: Final = re.compile(
    r"""((?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')(?:[ \t]*\.[ \t]*(?:[A-Za-z0-9_-]+))*)[ \t]*=[ \t]*"""
)
_TEXT: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|' + r"'''.*?'{3,5}|" + r'"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'", re.DOTALL
)
_BARE: Final = re.compile(r"[^,\]}\s#]+")


def lines_of(text: str) -> Mapping[Path, int]:
    """The line, from 1, of every table, key and element of a list in a valid TOML text."""
    scanner = _Scanner(text)
    scanner.file()
    return scanner.lines


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._tables: dict[Path, int] = {}
        self.lines: dict[Path, int] = {}

    def file(self) -> None:
        table: Path = ()
        while self._skip():
            header = _HEADER.match(self._text, self._at)
            if header is not None:
                table = self._open(_steps(header[2]), repeated=header[1] == "[[")
                self._at = header.end()
            elif not self._pair(table):
                return

    def _open(self, steps: list[str], *, repeated: bool) -> Path:
        """Enter a table; a step that names a list means the list's last element so far."""
        table: Path = ()
        for depth, step in enumerate(steps):
            table = (*table, step)
            if repeated and depth == len(steps) - 1:
                self._tables[table] = self._tables.get(table, -1) + 1
                self._note(table)
            if table in self._tables:
                table = (*table, self._tables[table])
        self._note(table)
        return table

    def _pair(self, inside: Path) -> bool:
        key = _KEY.match(self._text, self._at)
        if key is None:
            return False
        path = (*inside, *_steps(key[1]))
        self._note(path)
        self._at = key.end()
        self._value(path)
        return True

    def _value(self, path: Path) -> None:
        first = self._text[self._at : self._at + 1]
        if first == "[":
            self._at += 1
            place = 0
            while self._skip() and self._text[self._at] != "]":
                self._note((*path, place))
                before = self._at
                self._value((*path, place))
                place += 1
                if self._at == before:
                    return
            self._at += 1
        elif first == "{":
            self._at += 1
            while self._skip() and self._text[self._at] != "}" and self._pair(path):
                pass
            self._at += 1
        else:
            match = _TEXT.match(self._text, self._at) or _BARE.match(self._text, self._at)
            self._at = match.end() if match else len(self._text)

    def _skip(self) -> bool:
        """Go to what comes next; False at the end."""
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at
        return self._at < len(self._text)

    def _note(self, path: Path) -> None:
        self.lines.setdefault(path, self._text.count("\n", 0, self._at) + 1)


def _steps(dotted: str) -> list[str]:
    return [step.strip().strip("\"'") for step in dotted.split(".")]
