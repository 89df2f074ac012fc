"""Interest that needs a minimum on the account."""

from typing import Annotated, ClassVar

from yinhe.kernel.money import Money
from yinhe.products.parts.base import Parameter, Regime
from yinhe.products.parts.interest import Interest, rate_parameter, regimes_of
from yinhe.products.parts.words import money_chinese, money_english, source_chinese, source_english
from yinhe.products.rates import RateBook, RateSource


class FromMinimum(Interest, frozen=True, kw_only=True):
    """The whole balance earns one rate on days it is at least a minimum, and nothing on others."""

    name: ClassVar[str] = "interest.from_minimum"
    chinese: ClassVar[str] = "余额达到最低金额方可计息"

    minimum: Annotated[Money, Parameter("the balance from which interest is paid", "最低计息余额", least=1)]
    rate: Annotated[RateSource, rate_parameter("the rate a year", "年利率")]

    def regimes(self, book: RateBook, start: int, end: int, months: int, days: int) -> tuple[Regime, ...]:
        """See `Interest.regimes`: two tiers, of which the lower earns nothing."""
        return regimes_of([RateSource(), self.rate], [0, self.minimum.amount_minor], book, start, end)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"Days with a balance of at least {money_english(self.minimum)} earn {source_english(self.rate)} a year on "
            "all of it; others earn nothing.",
            f"当日余额达到{money_chinese(self.minimum)}的，全部余额按年利率{source_chinese(self.rate)}计息；不足的，当日不计息。",
        )
