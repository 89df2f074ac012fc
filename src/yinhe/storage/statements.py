"""SQL statements by name, out of the `.sql` files of `yinhe/storage/sql`.

A file is a list of statements, each under its name and one sentence saying what it does:

    -- name: balances_load
    -- Reads every balance with the seq it is true at.
    SELECT ...
"""

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from yinhe.storage.errors import StatementsMalformed, StatementUnknown

_NAME_LINE = re.compile(r"^-- name:(.*)$", re.MULTILINE)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SENTENCE_LINE = re.compile(r"-- [A-Z].*\.")


class Statements(Mapping[str, bytes]):
    """The statements of one file: name to SQL, as bytes because psycopg takes them as text that is not made up."""

    def __init__(self, file: str, queries: Mapping[str, bytes]) -> None:
        self.file: Final = file
        self._queries: Final = MappingProxyType(dict(queries))

    def __getitem__(self, name: str) -> bytes:
        if name not in self._queries:
            raise StatementUnknown(f"{self.file}.sql has no statement {name!r}; it has {', '.join(self._queries)}.")
        return self._queries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._queries)

    def __len__(self) -> int:
        return len(self._queries)


def load_statements(file: str) -> Statements:
    """Load `sql/<file>.sql`; raises StatementUnknown without such a file, StatementsMalformed if it breaks the form."""
    resource = files("yinhe.storage") / "sql" / f"{file}.sql"
    if not resource.is_file():
        raise StatementUnknown(f"There is no file of statements {file}.sql; there are {', '.join(statement_files())}.")
    return parse_statements(file, resource.read_text(encoding="utf-8"))


def statement_files() -> tuple[str, ...]:
    """Names, sorted, that load_statements accepts."""
    names = (resource.name for resource in (files("yinhe.storage") / "sql").iterdir())
    return tuple(sorted(name.removesuffix(".sql") for name in names if name.endswith(".sql")))


def parse_statements(file: str, text: str) -> Statements:
    """Parse a file of statements. Raises StatementsMalformed, saying which statement breaks which rule."""
    before, *parts = _NAME_LINE.split(text)
    if before.strip():
        raise StatementsMalformed(f"{file}.sql has text before the first `-- name:` line.")
    queries: dict[str, bytes] = {}
    for name, body in zip((part.strip() for part in parts[::2]), parts[1::2], strict=True):
        sentence, _, query = body.strip().partition("\n")
        if not _NAME.fullmatch(name):
            raise StatementsMalformed(f"{file}.sql: {name!r} is no name; use lower case, digits and underscores.")
        if name in queries:
            raise StatementsMalformed(f"{file}.sql has two statements named {name!r}.")
        if not _SENTENCE_LINE.fullmatch(sentence.strip()):
            raise StatementsMalformed(f"{file}.sql: {name!r} needs a sentence under its name (`-- It does this.`).")
        if not query.strip():
            raise StatementsMalformed(f"{file}.sql: {name!r} has no SQL.")
        queries[name] = query.strip().encode()
    return Statements(file, queries)
