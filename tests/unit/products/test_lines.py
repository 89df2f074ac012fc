"""On which line each key of a file stands."""

import tomllib

import pytest

from yinhe.products.lines import lines_of
from yinhe.products.product_library import library_files

TEXT = '''\
# a comment with [brackets] and key = "value"

[head]
one = 1
"two words" = "a # no comment"
text = """
[not.a.table]
key = 1
"""
list = [1, [2,
  3], "]", # ]
  { a = 1, b = [
    4 ] },
]
a.b = 7

[[many]]
x = 1

[[many]]
y = { z = 1 }
[[many.inner]]
w = 1

[many.table]
v = 2
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("head",), 3),
        (("head", "one"), 4),
        (("head", "two words"), 5),
        (("head", "text"), 6),
        (("head", "list"), 10),
        (("head", "list", 1), 10),
        (("head", "list", 1, 1), 11),
        (("head", "list", 2), 11),
        (("head", "list", 3), 12),
        (("head", "list", 3, "b"), 12),
        (("head", "list", 3, "b", 0), 13),
        (("head", "a", "b"), 15),
        (("many", 0, "x"), 18),
        (("many", 1), 20),
        (("many", 1, "y"), 21),
        (("many", 1, "y", "z"), 21),
        (("many", 1, "inner", 0, "w"), 23),
        (("many", 1, "table", "v"), 26),
    ],
)
def test_a_path_stands_on_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert lines_of(TEXT)[path] == line


def paths_of(value: object, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    found = {path} if path else set()
    if isinstance(value, dict):
        for key, one in value.items():
            found |= paths_of(one, (*path, key))
    elif isinstance(value, list):
        for place, one in enumerate(value):
            found |= paths_of(one, (*path, place))
    return found


@pytest.mark.parametrize("text", [TEXT, *(text for _, text in library_files())])
def test_every_path_of_a_file_is_found(text: str) -> None:
    missing = paths_of(tomllib.loads(text)) - set(lines_of(text))
    assert missing <= {("head", "a"), ("many", 1, "inner")}
