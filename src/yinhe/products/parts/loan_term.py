"""How long a loan or a line runs."""

from typing import Annotated, ClassVar

from yinhe.products.parts.base import BoolColumn, Int32Column, Parameter, Problem
from yinhe.products.parts.term import OpenEnded, TermPart, date_to_date, reversed_bounds
from yinhe.products.period import MONTHS_MAX


class LoanTerm(TermPart, frozen=True, kw_only=True):
    """The base of what says how long loans run."""

    def longest(self) -> int:
        """The longest term in months, 0 for no end."""
        raise NotImplementedError


class LoanMonths(LoanTerm, frozen=True, kw_only=True):
    """A loan of any whole number of months between a least and a most, counted date to date."""

    name: ClassVar[str] = "term.loan_months"
    chinese: ClassVar[str] = "贷款期限（月数），对年对月对日"

    least: Annotated[int, Parameter("the fewest months", "最短月数", least=1, most=MONTHS_MAX)] = 1
    most: Annotated[int, Parameter("the most months", "最长月数", least=1, most=MONTHS_MAX)]

    def longest(self) -> int:
        """See `LoanTerm.longest`."""
        return self.most

    def maturity(self, start: Int32Column, months: Int32Column, days: Int32Column) -> Int32Column:
        """See `TermPart.maturity`."""
        return date_to_date(start, months, days)

    def offers(self, start: Int32Column, months: Int32Column, days: Int32Column) -> BoolColumn:
        """See `TermPart.offers`."""
        return (days == 0) & (months >= self.least) & (months <= self.most)

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        return () if self.least <= self.most else (reversed_bounds("least", self.least, self.most),)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        if self.least == 1:
            english, chinese = _length(self.most)
            return f"At most {english}.", f"期限最长{chinese}。"
        (least, least_chinese), (most, most_chinese) = _length(self.least), _length(self.most)
        return f"From {least} to {most}.", f"期限{least_chinese}至{most_chinese}。"


class LoanOpenEnded(LoanTerm, OpenEnded, frozen=True, kw_only=True):
    """No end: the line may be used until it is cancelled, as that of a card."""

    name: ClassVar[str] = "term.until_cancelled"
    chinese: ClassVar[str] = "额度长期有效，直至取消"

    def longest(self) -> int:
        """See `LoanTerm.longest`: no end."""
        return 0

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return "The line may be used until it is cancelled.", "额度长期有效，直至任何一方取消。"


def _length(months: int) -> tuple[str, str]:
    """Months in words, whole years as years."""
    if months % 12:
        return f"{months} month{'s' * (months != 1)}", f"{months}个月"
    years = months // 12
    return f"{years} year{'s' * (years != 1)}", f"{years}年"
