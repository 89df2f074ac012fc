"""A product's terms as a customer reads them, in English and Chinese, made from what its parts say of themselves."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from yinhe.kernel.currency import currency
from yinhe.kernel.rates import Rate, format_rate
from yinhe.products.assembly import bound_of
from yinhe.products.families import Family, family_of
from yinhe.products.headings import HEADINGS, RULES
from yinhe.products.part_list import KIND_WORDS
from yinhe.products.parts.base import Kind
from yinhe.products.parts.words import date_chinese
from yinhe.products.product import Product, Term, TermRule
from yinhe.products.terms import RATE

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
    family = family_of(product) or Family.DEPOSIT
    for kind, (english, chinese) in HEADINGS[family].items():
        texts = [part.text() for part in product.of_kind(kind)]
        said = tuple(text for text, _ in texts if text), tuple(text for _, text in texts if text)
        if said[0] or said[1]:
            made.append(Section(english, chinese, *said))
    if product.terms:
        said = [term_text(term, product.currency, family) for term in product.terms]
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


def term_text(term: Term, code: str, family: Family = Family.DEPOSIT) -> tuple[str, str]:
    """How one term is agreed, in words; `code` is the product's currency."""
    name, name_chinese = _name_of(term, family)
    rule, rule_chinese = RULES[family][term.rule]
    if term.name != RATE:
        rule = rule.replace("follows", "follow").replace("stays", "stay").replace("it was", "they were")
        rule = rule.replace("is agreed", "are agreed")
    if term.least is None or term.most is None:
        return f"{name} {rule}.", f"{name_chinese}{rule_chinese}。"
    least, most = (_bound(term, units, code) for units in (term.least, term.most))
    return f"{name} {rule}, between {least} and {most}.", f"{name_chinese}{rule_chinese}，范围{least}至{most}。"


def _name_of(term: Term, family: Family) -> tuple[str, str]:
    """What a term is called; the rate of a loan is kept as it is set, not as it stands."""
    if family is Family.LOAN and term.name == RATE and term.rule is TermRule.FREEZE:
        return "The way the rate is set", "利率定价方式"
    if term.name in TERM_WORDS:
        return TERM_WORDS[term.name]
    kind = next(one for one in Kind if one.value == term.name)
    english, chinese = HEADINGS[family].get(kind, KIND_WORDS[kind])
    return f"The terms on {english[0].lower()}{english[1:]}", f"{chinese}条款"


def _bound(term: Term, units: int, code: str) -> str:
    bound = bound_of(term, units, code)
    return format_rate(bound) if isinstance(bound, Rate) else str(bound)
