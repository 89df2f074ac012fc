"""A calendar of movements from a file: read whole, or every line that is wrong."""

import pytest

from yinhe.closeday.movements import MovementFinding, read_movements
from yinhe.closeday.scenario import Movement
from yinhe.kernel.currency import currency

START, LAST = 20_000, 20_030
CNY = currency("CNY")


def read(text: str):
    return read_movements(text, "moves.csv", CNY, START, LAST)


def test_amounts_are_money_in_or_with_a_minus_out() -> None:
    text = 'date,amount\n2024-10-05,"1,500.00"\n\n2024-10-09,-20\n'
    assert read(text) == (Movement(20_001, 1_500_00), Movement(20_005, -20_00))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2024-10-05,1.234", "'1.234' is no amount of CNY other than zero"),
        ("2024-10-05,0.00", "'0.00' is no amount of CNY other than zero"),
        ("05.10.2024,1", "'05.10.2024' is no date; write 2026-01-31"),
        ("2024-11-05,1", "2024-11-05 lies outside the days simulated"),
        ("2024-10-05,1,500.00", "3 fields instead of a date and an amount; an amount with commas needs quotes"),
    ],
)
def test_a_wrong_line_is_named_with_its_reason(line: str, reason: str) -> None:
    (found,) = read(f"date,amount\n2024-10-05,5\n{line}\n")
    assert isinstance(found, MovementFinding)
    assert str(found) == f"moves.csv:3: {reason}"


def test_every_wrong_line_is_named_and_nothing_is_used() -> None:
    found = read("day,sum\n2024-10-05,5\nx,y\n")
    assert [(one.line) for one in found if isinstance(one, MovementFinding)] == [1, 3, 3]
