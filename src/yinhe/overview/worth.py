"""What a customer is worth to the bank: which transfers count as what, and the sums of them. Pure.

Deposits are seen from the customer's account: interest is a credit, fees and tax are debits. Everything of a loan is
seen from the loan: what is paid of it is a credit, what is charged to its principal a debit. Interest of loans counts
when it is paid, or becomes principal; what is due and not paid counts as nothing yet.
"""

from collections.abc import Iterable, Mapping
from enum import Enum, unique
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from yinhe.deposits.codes import TransferCode
from yinhe.kernel.currency import currency_by_number
from yinhe.lending.codes import LoanCode


@unique
class Worth(Enum):
    """What a transfer counts as."""

    INTEREST_PAID = "interest_paid"
    """By the bank."""
    INTEREST_EARNED = "interest_earned"
    FEES = "fees"
    TAX = "tax"
    """Withheld for the state: neither side's."""
    LOST = "lost"
    """Written off."""


class Counts(NamedTuple):
    """What a code counts as, and which side of the account is the one that adds to it."""

    worth: Worth
    by_credit: bool


CODES: Final[Mapping[int, Counts]] = MappingProxyType(
    {
        TransferCode.INTEREST.code: Counts(Worth.INTEREST_PAID, by_credit=True),
        TransferCode.INTEREST_CORRECTION.code: Counts(Worth.INTEREST_PAID, by_credit=True),
        TransferCode.INTEREST_TAX.code: Counts(Worth.TAX, by_credit=False),
        TransferCode.FEE.code: Counts(Worth.FEES, by_credit=False),
        TransferCode.OVERDRAFT_INTEREST.code: Counts(Worth.INTEREST_EARNED, by_credit=False),
        LoanCode.INTEREST.code: Counts(Worth.INTEREST_EARNED, by_credit=True),
        LoanCode.OFF_BALANCE_PAID.code: Counts(Worth.INTEREST_EARNED, by_credit=True),
        LoanCode.CAPITALISED.code: Counts(Worth.INTEREST_EARNED, by_credit=False),
        LoanCode.FEE.code: Counts(Worth.FEES, by_credit=True),
        LoanCode.FEE_CHARGED.code: Counts(Worth.FEES, by_credit=False),
        LoanCode.WRITE_OFF.code: Counts(Worth.LOST, by_credit=True),
    }
)
"""The transfer codes that count, and as what. Penalties are paid with the code of interest."""

LOAN_CODES: Final = tuple(sorted({code.code for code in LoanCode} & set(CODES)))
"""Those of loans."""


class Sums(NamedTuple):
    """What was booked on an account under a code, minor units: in all, and since the first month asked for."""

    account: int
    code: int
    debit: int
    credit: int
    debit_since: int
    credit_since: int


class WorthLine(msgspec.Struct, frozen=True, kw_only=True):
    """One currency; minor units, each positive where the name says what happened."""

    currency: str
    interest_earned_minor: int = 0
    """From loans and overdrafts, penalties included."""
    fees_minor: int = 0
    interest_paid_minor: int = 0
    tax_minor: int = 0
    """Withheld from interest for the state; not in the result."""
    lost_minor: int = 0
    result_minor: int = 0
    """What is left to the bank: earned and fees, less paid and lost."""


def worth_lines(
    sums: Iterable[Sums], currency_of: Mapping[int, int]
) -> tuple[tuple[WorthLine, ...], tuple[WorthLine, ...]]:
    """Worth by currency, in the order of their codes: in all, and since the first month asked for.

    `currency_of` gives the currency (ISO 4217 number) of each account in `sums`.
    """
    in_all: dict[str, dict[str, int]] = {}
    since: dict[str, dict[str, int]] = {}
    for one in sums:
        counts, code = CODES[one.code], currency_by_number(currency_of[one.account]).code
        sign = 1 if counts.by_credit else -1
        name = f"{counts.worth.value}_minor"
        for found, amount in (
            (in_all, sign * (one.credit - one.debit)),
            (since, sign * (one.credit_since - one.debit_since)),
        ):
            line = found.setdefault(code, {})
            line[name] = line.get(name, 0) + amount
    return _lines(in_all), _lines(since)


def _lines(found: Mapping[str, dict[str, int]]) -> tuple[WorthLine, ...]:
    lines = (WorthLine(currency=code, **amounts) for code, amounts in sorted(found.items()))
    return tuple(msgspec.structs.replace(line, result_minor=_result(line)) for line in lines)


def _result(line: WorthLine) -> int:
    return line.interest_earned_minor + line.fees_minor - line.interest_paid_minor - line.lost_minor
