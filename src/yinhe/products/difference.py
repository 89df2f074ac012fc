"""What changed from one version of a product to another, in sentences a committee can read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

import msgspec

from yinhe.products.codec import write_scalar
from yinhe.products.describe import term_text
from yinhe.products.families import Family, family_of
from yinhe.products.findings import Path, path_text
from yinhe.products.parts.base import Part
from yinhe.products.product import Product
from yinhe.products.shapes import Many, Record, Shape, fields_of
from yinhe.products.walk import values_of

HEAD: Final = (
    ("code", "code", "代码"),
    ("number", "number", "编号"),
    ("english", "English name", "英文名称"),
    ("chinese", "Chinese name", "中文名称"),
    ("currency", "currency", "币种"),
    ("effective", "effective date", "生效日期"),
)


class Change(msgspec.Struct, frozen=True):
    """One thing that is different."""

    english: str
    chinese: str


def difference(old: Product, new: Product) -> tuple[Change, ...]:
    """What changed between two versions, by head, parts and terms; empty where nothing but the version did."""
    return (*_head(old, new), *_parts(old, new), *_terms(old, new))


def _head(old: Product, new: Product) -> Iterator[Change]:
    for name, english, chinese in HEAD:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Change(f"The {english} changes from {before} to {after}.", f"{chinese}由{before}改为{after}。")


def _parts(old: Product, new: Product) -> Iterator[Change]:
    for before, after in pairs_of(old.parts, new.parts):
        if after is None and before is not None:
            yield Change(*_said(before, "is removed", "删除"))
        elif before is None and after is not None:
            yield Change(*_said(after, "is added", "新增"))
        elif before is not None and after is not None and before.name != after.name:
            english, chinese = after.text()
            yield Change(
                f"{before.name} is replaced by {after.name}: {english}".rstrip(": "),
                f"{before.name}（{before.chinese}）改为{after.name}（{after.chinese}）：{chinese}".rstrip("："),
            )
        elif before is not None and after is not None:
            yield from _parameters(before, after)


def pairs_of(old: Sequence[Part], new: Sequence[Part]) -> tuple[tuple[Part | None, Part | None], ...]:
    """Which part of one version became which of the other: by name in turn, then by kind; None for none."""
    left, made = list(new), list[tuple[Part | None, Part | None]]()
    unmatched: list[Part] = []
    for before in old:
        match = next((part for part in left if part == before), None) or next(
            (part for part in left if part.name == before.name), None
        )
        if match is None:
            unmatched.append(before)
        else:
            left = [part for part in left if part is not match]
            made.append((before, match))
    for before in unmatched:
        match = next((part for part in left if part.kind is before.kind), None)
        left = [part for part in left if part is not match]
        made.append((before, match))
    return (*made, *((None, part) for part in left))


def _said(part: Part, english: str, chinese: str) -> tuple[str, str]:
    text, text_chinese = part.text()
    return (
        f"{part.name} {english}" + (f": {text}" if text else "."),
        f"{chinese}{part.name}（{part.chinese}）" + (f"：{text_chinese}" if text_chinese else "。"),
    )


def _parameters(before: Part, after: Part) -> Iterator[Change]:
    old, new = dict(values_of(before)), dict(values_of(after))
    for path in sorted({*old, *new}, key=_sortable):
        was, now = old.get(path), new.get(path)
        if was == now:
            continue
        where, where_chinese = f"{after.name}: {path_text(path)}", f"{after.name}：{meaning_of(type(after), path)}"
        if was is None:
            english, chinese = f"{where} is new, {_text(now)}.", f"{where_chinese}新增为{_text(now)}。"
        elif now is None:
            english, chinese = f"{where} is gone; it was {_text(was)}.", f"{where_chinese}取消，原为{_text(was)}。"
        else:
            english = f"{where} changes from {_text(was)} to {_text(now)}."
            chinese = f"{where_chinese}由{_text(was)}改为{_text(now)}。"
        yield Change(english, chinese)


def meaning_of(cls: type[msgspec.Struct], path: Path) -> str:
    """A path inside a part in Chinese: `分档利率第2项年利率`."""
    words: list[str] = []
    shape: Shape = Record(cls)
    for step in path:
        if isinstance(step, int):
            words.append(f"第{step + 1}项")
            shape = cast("Many", shape).of
        else:
            field = next(one for one in fields_of(shape.cls) if one.name == step)
            words.append(field.parameter.chinese)
            shape = field.shape
    return "".join(words)


def _sortable(path: Path) -> tuple[tuple[int, int, str], ...]:
    return tuple((0, step, "") if isinstance(step, int) else (1, 0, step) for step in path)


def _text(value: object) -> str:
    return str(write_scalar(value))


def _terms(old: Product, new: Product) -> Iterator[Change]:
    before, after = _said_of_terms(old), _said_of_terms(new)
    for name in sorted({*before, *after}):
        was, now = before.get(name), after.get(name)
        if was != now and now is not None:
            yield Change(f"Agreed anew: {now[0]}", f"约定变更：{now[1]}")
        elif was != now and was is not None:
            yield Change(f"No longer said: {was[0]}", f"不再约定：{was[1]}")


def _said_of_terms(product: Product) -> Mapping[str, tuple[str, str]]:
    family = family_of(product) or Family.DEPOSIT
    return {term.name: term_text(term, product.currency, family) for term in product.terms}
