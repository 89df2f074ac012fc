"""A loan's schedule as a picture: principal and interest of each instalment, and what is owed after it.

Written as SVG by hand: a few rectangles, a line and some words, in colours that can be read on a light and a dark page.
All places are whole numbers of tenths of a point, so that the same schedule is the same file.
"""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from yinhe.cli.output import amount
from yinhe.kernel.dates import date_from_days
from yinhe.lending.forthcoming import Forthcoming

WIDTH: Final = 7600
HEIGHT: Final = 3600
"""In tenths of a point."""
LEFT: Final = 950
RIGHT: Final = 1100
TOP: Final = 720
BOTTOM: Final = 480
TICKS: Final = 4
"""Lines across the picture, above the lowest."""
DATES_MAX: Final = 7

STYLE: Final = """\
text { font: 11px system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; fill: #24292f }
.title { font-size: 14px; font-weight: 600 }
.grid { stroke: #d0d7de; stroke-width: 1 }
.principal { fill: #8fbdec }
.interest { fill: #e8973a }
.owed { fill: none; stroke: #16325c; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .grid { stroke: #3d444d }
  .principal { fill: #2d5f94 }
  .interest { fill: #b8701f }
  .owed { stroke: #e6edf3 }
}"""


def schedule_chart(title: str, lent: int, instalments: Sequence[Forthcoming], currency: int) -> str:
    """The picture, an SVG document; `lent` in minor units, `currency` an ISO 4217 number. There is an instalment."""
    most, owed_most = _round_up(max(one.total for one in instalments)), _round_up(lent)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH // 10} {HEIGHT // 10}" role="img">',
        f"<title>{escape(title, quote=False)}</title>",
        f"<style>{STYLE}</style>",
        _text(LEFT, 240, title, kind="title"),
        *_legend(),
        *_grid(most, owed_most, currency),
        *_bars(instalments, most),
        _line(lent, instalments, owed_most),
        *_dates(instalments),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _round_up(value: int) -> int:
    """The least of 1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8 times a power of ten that is no less: its quarters are short."""
    power = 1
    while True:
        for tenths in (10, 12, 16, 20, 24, 30, 40, 50, 60, 80):
            if tenths * power >= value * 10:
                return -(-tenths * power // 10)
        power *= 10


def _legend() -> Iterator[str]:
    at = LEFT
    for kind, words in (("principal", "Principal 本金"), ("interest", "Interest 利息")):
        yield f'<rect class="{kind}" x="{_point(at)}" y="{_point(400)}" width="11" height="11"/>'
        yield _text(at + 160, 495, words)
        at += 1200
    yield f'<path class="owed" d="M{_point(at)} {_point(455)} h{_point(220)}"/>'
    yield _text(at + 280, 495, "Owed afterwards 本金余额 (right)")


def _grid(most: int, owed_most: int, currency: int) -> Iterator[str]:
    for tick in range(TICKS + 1):
        y = _y(tick, TICKS)
        yield f'<path class="grid" d="M{_point(LEFT)} {_point(y)} H{_point(WIDTH - RIGHT)}"/>'
        yield _text(LEFT - 60, y + 40, _short(most * tick // TICKS, currency), anchor="end")
        yield _text(WIDTH - RIGHT + 60, y + 40, _short(owed_most * tick // TICKS, currency))


def _bars(instalments: Sequence[Forthcoming], most: int) -> Iterator[str]:
    count = len(instalments)
    # So many bars that the gaps between them would flicker stand side by side.
    gap = 0 if count > 60 else 20
    for place, one in enumerate(instalments):
        x, end = _x(place, count), _x(place + 1, count)
        # Of a few hundred bars each keeps a tenth of a point at least.
        width = max(end - x - min(gap, (end - x) // 2), 1)
        foot, middle, top = _y(0, most), _y(one.principal, most), _y(one.total, most)
        for kind, upper, lower in (("principal", middle, foot), ("interest", top, middle)):
            if lower > upper:
                box = f'x="{_point(x)}" y="{_point(upper)}" width="{_point(width)}" height="{_point(lower - upper)}"'
                yield f'<rect class="{kind}" {box}/>'


def _line(lent: int, instalments: Sequence[Forthcoming], owed_most: int) -> str:
    """What is owed, from one due date to the next: it falls in steps."""
    count, owed, path = len(instalments), lent, [f"M{_point(LEFT)} {_point(_y(lent, owed_most))}"]
    for place, one in enumerate(instalments):
        if one.owed != owed:
            owed = one.owed
            path.append(f"H{_point(_x(place + 1, count))} V{_point(_y(owed, owed_most))}")
    path.append(f"H{_point(WIDTH - RIGHT)}")
    return f'<path class="owed" d="{" ".join(path)}"/>'


def _dates(instalments: Sequence[Forthcoming]) -> Iterator[str]:
    count = len(instalments)
    step = -(-count // DATES_MAX)
    for place in range(0, count, step):
        middle = (_x(place, count) + _x(place + 1, count)) // 2
        yield _text(middle, HEIGHT - BOTTOM + 180, str(date_from_days(instalments[place].due)), anchor="middle")


def _x(place: int, count: int) -> int:
    return LEFT + (WIDTH - LEFT - RIGHT) * place // count


def _y(value: int, most: int) -> int:
    height = HEIGHT - TOP - BOTTOM
    return HEIGHT - BOTTOM - height * value // most


def _point(tenths: int) -> str:
    return f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)


def _short(minor: int, currency: int) -> str:
    """An amount without decimals that are nothing."""
    return amount(minor, currency).removesuffix(".00")


def _text(x: int, y: int, words: str, *, kind: str = "", anchor: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    held = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text{named} x="{_point(x)}" y="{_point(y)}"{held}>{escape(words, quote=False)}</text>'
