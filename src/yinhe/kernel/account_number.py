"""Account numbers: 16 digits that say where the account lives and whether they were typed right.

Four digits of unit, ten of index in the unit, two check digits by ISO/IEC 7064 MOD 97-10, the scheme of the IBAN. One
wrong digit changes the number by d * 10**k, a swap of neighbours by 9 * d * 10**k, with 0 < d <= 9: never a multiple of
the prime 97, so both are always caught. Shown in groups: `0001 0000 0001 2367`.
"""

from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from yinhe.kernel.bounds import require_int, require_int64
from yinhe.kernel.decimals import require_text
from yinhe.kernel.errors import OutOfRangeError, ParseError

Int64Column = npt.NDArray[np.int64]

UNIT_MAX: Final = 9_999
INDEX_MAX: Final = 10**10 - 1
DIGITS: Final = 16
_UNIT_SHIFT: Final = 10**10


class AccountNumber(msgspec.Struct, frozen=True, order=True):
    """A unit (1..9999) and an account's index in it (0..10**10 - 1).

    Raises `InexactError` for what is not an int, `OutOfRangeError` beyond the bounds.
    """

    unit: int
    index: int

    def __post_init__(self) -> None:
        require_int(self.unit, "Unit of an account number", least=1, most=UNIT_MAX)
        require_int(self.index, "Index of an account number", least=0, most=INDEX_MAX)

    def __str__(self) -> str:
        return display(self)


def encode(number: AccountNumber) -> str:
    """The 16 digits of an account number."""
    body = number.unit * _UNIT_SHIFT + number.index
    return f"{body * 100 + _check(body):0{DIGITS}d}"


def display(number: AccountNumber) -> str:
    """The 16 digits in groups of four."""
    digits = encode(number)
    return " ".join(digits[start : start + 4] for start in range(0, DIGITS, 4))


def decode(text: str) -> AccountNumber:
    """Read 16 digits, plain or in groups of four separated by single spaces.

    Raises `ParseError` naming what is wrong: grouping, a character, the length, the check digits, or unit 0000.
    """
    if len(require_text(text, "Account number")) != DIGITS or not (text.isascii() and text.isdecimal()):
        digits = _ungrouped(text)
    else:
        digits = text
    body, check = divmod(int(digits), 100)
    # Compared with the one right check, not "remainder 1 modulo 97": 98 and 01 would both pass that.
    if check != _check(body):
        raise ParseError(f"Account number {text!r} fails its check digits; a digit is wrong or two are swapped")
    unit, index = divmod(body, _UNIT_SHIFT)
    if unit == 0:
        raise ParseError(f"Account number {text!r} names unit 0000; units start at 0001")
    return AccountNumber(unit, index)


def _ungrouped(text: str) -> str:
    """The sixteen digits of groups of four. Raises `ParseError` for anything else."""
    groups = text.split(" ")
    if len(groups) > 1 and [len(group) for group in groups] != [4, 4, 4, 4]:
        raise ParseError(f"Account number {text!r} has spaces elsewhere than between groups of four digits")
    digits = "".join(groups)
    for position, character in enumerate(digits, start=1):
        if character not in "0123456789":
            raise ParseError(f"Account number {text!r} has {character!r} where digit {position} should be")
    if len(digits) != DIGITS:
        raise ParseError(f"Account number {text!r} has {len(digits)} digits, not {DIGITS}")
    return digits


def encode_many(unit: int, index: Int64Column) -> Int64Column:
    """The account numbers of indexes, int64[n], in one unit, as 16-digit numbers, int64[n].

    Raises `OutOfRangeError` if the unit or an index is beyond its bounds.
    """
    require_int(unit, "Unit of an account number", least=1, most=UNIT_MAX)
    require_int64("Index of an account number", index)
    if index.size and not 0 <= int(index.min()) <= int(index.max()) <= INDEX_MAX:
        raise OutOfRangeError(f"An index of an account number is outside 0..{INDEX_MAX:,}")
    body = unit * _UNIT_SHIFT + index
    return body * 100 + (98 - body * 100 % 97)


def _check(body: int) -> int:
    """The two check digits, 02..98, that make the whole number leave remainder 1 modulo 97."""
    return 98 - body * 100 % 97
