"""Refusals as values: what a person asked for was not done, nothing was changed, and this is why."""

from enum import Enum

import msgspec


class ReasonEnum(Enum):
    """The closed list of a package's reasons; a member is declared as (English, Chinese), without a full stop."""

    english: str
    chinese: str

    def __init__(self, english: str, chinese: str) -> None:
        self.english = english
        self.chinese = chinese


class Refusal(msgspec.Struct, frozen=True):
    """Why something was not done; nothing was changed."""

    because: ReasonEnum
    detail: str = ""
    """What in particular was wrong: a field's name, a bound; never personal data."""

    @property
    def name(self) -> str:
        """The refusal for programs: a lower-case word."""
        return self.because.name.lower()

    @property
    def english(self) -> str:
        """The reason in English, without a full stop."""
        return f"{self.because.english}: {self.detail}" if self.detail else self.because.english

    @property
    def chinese(self) -> str:
        """The reason in Chinese, without a full stop."""
        return f"{self.because.chinese}：{self.detail}" if self.detail else self.because.chinese
