"""Of what nature the general-ledger code of each role must be, so that every posting of a product balances.

By the chart of accounts of Chinese banks: 1xxx assets, 2xxx liabilities, 60xx income, 64xx expenses, 670x impairment;
what is followed off balance has codes from 7xxx on. A bank may add digits to a code: 201101 is of the nature of 2011.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from yinhe.products.parts.base import Part


class Nature(msgspec.Struct, frozen=True):
    """A nature: its name, and what codes of it begin with."""

    english: str
    chinese: str
    beginnings: tuple[str, ...]

    @property
    def codes(self) -> str:
        """The codes as people write them: `2xxx`."""
        return ", ".join(f"{beginning:x<4}" for beginning in self.beginnings)

    def fits(self, code: int) -> bool:
        """Whether a general-ledger code is of this nature."""
        return len(str(code)) >= 4 and str(code).startswith(self.beginnings)


_LIABILITY: Final = Nature("a liability", "负债类科目", ("2",))
_ASSET: Final = Nature("an asset", "资产类科目", ("1",))
_INTEREST_EXPENSE: Final = Nature("an interest expense", "利息支出类科目", ("64",))
_INTEREST_INCOME: Final = Nature("an interest income", "利息收入类科目", ("601",))
_FEE_INCOME: Final = Nature("a fee income", "手续费收入类科目", ("60",))
_CREDIT_LOSS: Final = Nature("a credit loss", "信用减值损失类科目", ("670",))
_OFF_BALANCE: Final = Nature("an off-balance code", "表外科目", ("7", "8", "9"))
_TAX: Final = Nature("a tax payable", "应交税费类科目", ("222",))

NATURES: Final[Mapping[str, Nature]] = MappingProxyType(
    {
        "principal": _LIABILITY,
        "payable": _LIABILITY,
        "expense": _INTEREST_EXPENSE,
        "fee_income": _FEE_INCOME,
        "tax_payable": _TAX,
        "receivable": _ASSET,
        "income": _INTEREST_INCOME,
        "unclaimed": _LIABILITY,
        "loans": _ASSET,
        "allowance": _ASSET,
        "credit_loss": _CREDIT_LOSS,
        "off_balance": _OFF_BALANCE,
        "written_off": _OFF_BALANCE,
    }
)
"""By the role, which is the parameter's name in the ledger part."""


def natures_of(part: Part) -> Iterator[tuple[str, int, Nature]]:
    """Each role of a ledger part with its code and the nature it must be of."""
    for role, nature in NATURES.items():
        code = getattr(part, role, None)
        if isinstance(code, int):
            yield role, code, nature
