"""A product's terms as a customer reads them, in English and Chinese, made from what its parts say of themselves."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from yinhe.kernel.currency import currency
from yinhe.kernel.rates import Rate, format_rate
from yinhe.products.assembly import bound_of
from yinhe.products.parts.base import Kind
from yinhe.products.parts.words import date_chinese
from yinhe.products.product import Product, Term, TermRule

HEADINGS: Final[Mapping[Kind, tuple[str, str]]] = MappingProxyType(
    {
        Kind.ELIGIBILITY: ("Who may have it", "办理对象"),
        Kind.OPENING: ("Opening", "开户"),
        Kind.AMOUNT: ("Amounts", "金额"),
        Kind.TERM: ("Term", "存期"),
        Kind.INTEREST: ("Interest", "利率"),
        Kind.PRICING: ("Rate adjustments", "利率浮动"),
        Kind.ACCRUAL: ("How interest is counted", "计息方法"),
        Kind.SETTLEMENT: ("When interest is paid", "结息"),
        Kind.INSTALMENT: ("Instalments", "分次存取"),
        Kind.NOTICE: ("Notice", "通知"),
        Kind.EARLY_WITHDRAWAL: ("Early withdrawal", "提前支取"),
        Kind.RENEWAL: ("At maturity", "到期"),
        Kind.SWEEP: ("Sweep", "自动归集"),
        Kind.OVERDRAFT: ("Overdraft", "透支"),
        Kind.FEE: ("Fees", "费用"),
        Kind.TAX: ("Tax", "税"),
        Kind.TRANSFER: ("Transfer to another holder", "转让"),
        Kind.DORMANCY: ("Dormancy", "久悬"),
        Kind.CLOSING: ("Closing", "销户"),
        Kind.TEXT: ("Further terms", "其他条款"),
    }
)
"""Every kind a customer reads about, in the order of a terms sheet; the general ledger is the bank's own matter."""

RULES: Final[Mapping[TermRule, tuple[str, str]]] = MappingProxyType(
    {
        TermRule.FOLLOW: ("follows the product as the bank publishes it", "随本行公布的产品条款调整"),
        TermRule.FREEZE: ("stays as it was on the day of opening", "以开户日为准，期内不变"),
        TermRule.NEGOTIATE: ("is agreed individually", "由双方协商确定"),
    }
)
"""What each rule means to a customer."""

TERM_WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"rate": ("The rate", "利率"), "fee": ("The fees", "费用"), "limit": ("The limits", "限额")}
)


class Section(msgspec.Struct, frozen=True):
    """One heading of the terms with its sentences, in English and Chinese."""

    english_heading: str
    chinese_heading: str
    english: tuple[str, ...]
    chinese: tuple[str, ...]


def sections_of(product: Product) -> tuple[Section, ...]:
    """The terms of a product by heading; headings with nothing to say are left out."""
    made: list[Section] = []
    for kind, (english, chinese) in HEADINGS.items():
        texts = [part.text() for part in product.of_kind(kind)]
        said = tuple(text for text, _ in texts if text), tuple(text for _, text in texts if text)
        if said[0] or said[1]:
            made.append(Section(english, chinese, *said))
    if product.terms:
        said = [term_text(term, product.currency) for term in product.terms]
        sentences = tuple(english for english, _ in said), tuple(chinese for _, chinese in said)
        made.append(Section("Changes", "条款变更", *sentences))
    return tuple(made)


def terms_text(product: Product) -> tuple[str, str]:
    """The terms as one text each in English and Chinese."""
    money = currency(product.currency)
    english = [f"{product.english}, version {product.version}", ""]
    english += [f"In force from {product.effective}. Currency: {money.code}, {money.name}.", ""]
    chinese = [f"{product.chinese}（第{product.version}版）", ""]
    chinese += [f"自{date_chinese(product.effective)}起执行。币种：{money.name_zh}（{money.code}）。", ""]
    for number, section in enumerate(sections_of(product), 1):
        english += [f"{number}. {section.english_heading}", *(f"   {text}" for text in section.english), ""]
        chinese += [f"{number}. {section.chinese_heading}", *(f"   {text}" for text in section.chinese), ""]
    return "\n".join(english).rstrip() + "\n", "\n".join(chinese).rstrip() + "\n"


def term_text(term: Term, code: str) -> tuple[str, str]:
    """How one term is agreed, in words; `code` is the product's currency."""
    name, name_chinese = TERM_WORDS.get(term.name, (term.name, term.name))
    rule, rule_chinese = RULES[term.rule]
    if name.endswith("s"):
        rule = rule.replace("follows", "follow").replace("stays", "stay").replace("it was", "they were")
        rule = rule.replace("is agreed", "are agreed")
    if term.least is None or term.most is None:
        return f"{name} {rule}.", f"{name_chinese}{rule_chinese}。"
    least, most = (_bound(term, units, code) for units in (term.least, term.most))
    return f"{name} {rule}, between {least} and {most}.", f"{name_chinese}{rule_chinese}，范围{least}至{most}。"


def _bound(term: Term, units: int, code: str) -> str:
    bound = bound_of(term, units, code)
    return format_rate(bound) if isinstance(bound, Rate) else str(bound)
