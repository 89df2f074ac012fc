"""Notice deposits: money is drawn so many days after the bank was told."""

from typing import Annotated, ClassVar

import numpy as np

from yinhe.kernel.money import Money
from yinhe.products.parts.base import BoolColumn, Int32Column, Int64Column, Kind, Parameter, Part
from yinhe.products.parts.interest import rate_parameter
from yinhe.products.parts.words import money_chinese, money_english, source_chinese, source_english
from yinhe.products.rates import RateBook, RateSource


class Notice(Part, frozen=True, kw_only=True):
    """The base of notice parts: when notice falls due, whether a drawing keeps it, and what it earns if not."""

    kind: ClassVar[Kind] = Kind.NOTICE

    def due_on(self, given_on: Int32Column) -> Int32Column:
        """The day on which money of a notice given on a day may be drawn, int32[n] each."""
        raise NotImplementedError

    def keeps(self, drawn_on: Int32Column, drawn: Int64Column, due_on: Int32Column, noticed: Int64Column) -> BoolColumn:
        """Whether a drawing of some amount on a day keeps a notice, bool[n]; `due_on` is 0 where none was given."""
        raise NotImplementedError

    def stays_open(self, left: Int64Column) -> BoolColumn:
        """Whether the deposit goes on with what is left, bool[n]; else the whole is drawn and it is closed."""
        raise NotImplementedError

    def rate_without(self, book: RateBook, date: int) -> int:
        """What is drawn against the notice on a date earns for all its days, in 1e-8 a year. Raises RateMissing."""
        raise NotImplementedError


class DaysOfNotice(Notice, frozen=True, kw_only=True):
    """So many days of notice; the amount noticed is drawn on the due day, else it earns another rate."""

    name: ClassVar[str] = "notice.days"
    chinese: ClassVar[str] = "提前若干天通知支取"

    days: Annotated[int, Parameter("days of notice", "提前通知天数", least=1, most=366)]
    minimum_left: Annotated[Money, Parameter("the least that may be left", "最低留存金额", least=0)]
    without: Annotated[
        RateSource, rate_parameter("the rate a year of what is drawn against the notice", "未按通知支取部分的年利率")
    ]
    grace: Annotated[
        int, Parameter("days after the due day on which it may still be drawn", "宽限天数", least=0, most=30)
    ] = 0

    def due_on(self, given_on: Int32Column) -> Int32Column:
        """See `Notice.due_on`."""
        return given_on + np.int32(self.days)

    def keeps(self, drawn_on: Int32Column, drawn: Int64Column, due_on: Int32Column, noticed: Int64Column) -> BoolColumn:
        """See `Notice.keeps`: on the due day or within the grace, and exactly the amount noticed."""
        on_day = (drawn_on >= due_on) & (drawn_on <= due_on + np.int32(self.grace))
        return (due_on > 0) & on_day & (drawn == noticed)

    def stays_open(self, left: Int64Column) -> BoolColumn:
        """See `Notice.stays_open`."""
        return (left > 0) & (left >= self.minimum_left.amount_minor)

    def rate_without(self, book: RateBook, date: int) -> int:
        """See `Notice.rate_without`."""
        return self.without.on(book, date)

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        english = (
            f"Drawing needs {self.days} day{'s' * (self.days != 1)} of notice of the day and the amount. What is drawn "
            f"without notice, on another day or beyond the amount noticed earns {source_english(self.without)} a year, "
            "and so does a drawing of less than was noticed. "
            f"With less than {money_english(self.minimum_left)} left, the deposit is closed."
        )
        chinese = (
            f"支取须提前{self.days}天通知，约定支取日期和金额。未提前通知、未按约定日期支取的部分，超过约定金额的部分，"
            f"以及支取不足约定金额的，按{source_chinese(self.without)}计息。"
            f"支取后余额低于{money_chinese(self.minimum_left)}的，予以清户。"
        )
        return english, chinese
