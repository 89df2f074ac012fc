"""What a night did: step by step, and in a summary for those who run the bank."""

from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.kernel.bounds import exact_sum


class Posted(msgspec.Struct, frozen=True):
    """What was posted for one reason in one currency."""

    code: int
    """The transfer code."""
    currency: int
    """ISO 4217 number."""
    postings: int
    amount_minor: int


def posted_of(rows: NDArray[np.void], currency: NDArray[np.uint16]) -> tuple[Posted, ...]:
    """Sums of posted rows (dtype TRANSFER) by code and currency (of each row, uint16[n])."""
    if not len(rows):
        return ()
    kinds, kind = np.unique(rows["code"].astype(np.int64) << 16 | currency, return_inverse=True)
    counts = np.bincount(kind, minlength=len(kinds)).tolist()
    sums = [exact_sum(rows["amount"][kind == place]) for place in range(len(kinds))]
    codes: list[int] = kinds.tolist()
    return tuple(
        Posted(code >> 16, code & 0xFFFF, count, amount)
        for code, count, amount in zip(codes, counts, sums, strict=True)
    )


class StepReport(msgspec.Struct, frozen=True):
    """One step: how many postings, its own figures, what was posted, and what to look at.

    Figures ending in `_minor` are minor units of all currencies together: `posted` tells them apart.
    """

    step: str
    postings: int
    refused: Mapping[str, int]
    """Refused postings by outcome."""
    figures: Mapping[str, int]
    findings: tuple[str, ...]
    milliseconds: int
    posted: tuple[Posted, ...] = ()
    """By code, then currency. What a balancing posting asked for is not among it."""


class NightReport(msgspec.Struct, frozen=True):
    """One close of a business date; dates in days since 1970-01-01."""

    business_date: int
    cutoff_seq: int
    resumed: bool
    """Whether it had begun before and was taken up again."""
    milliseconds: int
    steps: tuple[StepReport, ...]

    def figure(self, step: str, name: str) -> int:
        """A figure of a step, 0 where it has none."""
        return next((s.figures.get(name, 0) for s in self.steps if s.step == step), 0)

    @property
    def posted(self) -> tuple[Posted, ...]:
        """What all steps posted, by code, then currency."""
        sums: dict[tuple[int, int], tuple[int, int]] = {}
        for one in (one for step in self.steps for one in step.posted):
            count, amount = sums.get((one.code, one.currency), (0, 0))
            sums[one.code, one.currency] = count + one.postings, amount + one.amount_minor
        return tuple(Posted(*key, *sums[key]) for key in sorted(sums))

    @property
    def summary(self) -> Mapping[str, int]:
        """The management's summary in counts; `posted` has the amounts."""
        return {
            "contracts": self.figure("accrue", "contracts"),
            "loans": self.figure("loan_accrual", "loans"),
            "settled": self.figure("settle", "contracts"),
            "corrections": self.figure("accrue", "corrections"),
            "renewed": self.figure("mature", "renewed"),
            "paid_out_at_maturity": self.figure("mature", "paid_out"),
            "loan_instalments": self.figure("loan_due", "instalments"),
            "loans_paid": self.figure("loan_due", "loans_paid"),
            "loans_overdue": self.figure("loan_age", "overdue"),
            "postings": sum(step.postings for step in self.steps),
            "refused": sum(sum(step.refused.values()) for step in self.steps),
            "findings": sum(len(step.findings) for step in self.steps),
        }
