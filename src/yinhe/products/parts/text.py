"""What customers read in the terms beyond what the other parts say."""

from typing import Annotated, ClassVar

from yinhe.kernel.money import Money
from yinhe.products.parts.base import Kind, Parameter, Part, Problem
from yinhe.products.parts.words import money_chinese, money_english


class TextPart(Part, frozen=True, kw_only=True):
    """The base of text parts; they appear in the order of the product's file."""

    kind: ClassVar[Kind] = Kind.TEXT


class FreeText(TextPart, frozen=True, kw_only=True):
    """Free text in both languages."""

    name: ClassVar[str] = "text.free"
    chinese: ClassVar[str] = "自由条款文字"

    english_text: Annotated[str, Parameter("the text in English", "英文条款")]
    chinese_text: Annotated[str, Parameter("the text in Chinese", "中文条款")]

    def problems(self) -> tuple[Problem, ...]:
        """See `Part.problems`."""
        texts = (("english_text", self.english_text), ("chinese_text", self.chinese_text))
        return tuple(Problem(name, "the text is empty", "条款文字为空") for name, text in texts if not text.strip())

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return self.english_text, self.chinese_text


class DepositInsurance(TextPart, frozen=True, kw_only=True):
    """That the deposit is insured, and up to what amount."""

    name: ClassVar[str] = "text.deposit_insurance"
    chinese: ClassVar[str] = "存款保险提示"

    limit: Annotated[Money, Parameter("the most that is paid to one depositor", "最高偿付限额", least=1)]

    def text(self) -> tuple[str, str]:
        """See `Part.text`."""
        return (
            f"The deposit is insured by law; a depositor's deposits with the bank, principal and interest together, "
            f"are covered up to {money_english(self.limit)}.",
            f"本存款依照《存款保险条例》受到保护，同一存款人在本行本息合计最高偿付限额为{money_chinese(self.limit)}。",
        )
