"""What a night did: step by step, and in a summary for those who run the bank."""

from collections.abc import Mapping

import msgspec


class StepReport(msgspec.Struct, frozen=True):
    """One step: how many postings, its own figures (those ending in `_minor` are minor units), and what to look at."""

    step: str
    postings: int
    refused: Mapping[str, int]
    """Refused postings by outcome."""
    figures: Mapping[str, int]
    findings: tuple[str, ...]
    milliseconds: int


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
    def summary(self) -> Mapping[str, int]:
        """The management's summary; amounts in minor units, all currencies together only where there is one."""
        return {
            "contracts": self.figure("accrue", "contracts"),
            "interest_accrued_minor": self.figure("accrue", "accrued_minor"),
            "interest_paid_minor": self.figure("settle", "interest_minor"),
            "settled": self.figure("settle", "contracts"),
            "corrections": self.figure("accrue", "corrections"),
            "renewed": self.figure("mature", "renewed"),
            "paid_out_at_maturity": self.figure("mature", "paid_out"),
            "fees_asked_minor": self.figure("fees", "asked_minor"),
            "swept_out_minor": self.figure("sweep", "out_minor"),
            "postings": sum(step.postings for step in self.steps),
            "refused": sum(sum(step.refused.values()) for step in self.steps),
            "findings": sum(len(step.findings) for step in self.steps),
        }
