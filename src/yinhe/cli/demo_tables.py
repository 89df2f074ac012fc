"""The form of the sample bank's tables."""

from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

_TITLE: Final = "bold cyan"


def section(english: str, chinese: str, part: RenderableType) -> RenderableType:
    """A part under its title in both languages."""
    return Group(Text.assemble((english, _TITLE), "  ", (chinese, "dim")), part)


def both(english: str, chinese: str) -> Text:
    """A name in both languages."""
    return Text.assemble(english, "  ", (chinese, "dim"))


def wrapping(made: Table, *names: str) -> Table:
    """Let the named columns give way on a narrow screen."""
    for column in made.columns:
        if column.header in names:
            column.no_wrap, column.overflow = False, "fold"
    return made


def named(pairs: dict[str, RenderableType]) -> Table:
    """Names and values, under a blank line and over one, as the tables are."""
    made = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    made.add_row()
    for name, value in pairs.items():
        made.add_row(name, value)
    made.add_row()
    return made
