"""A statement as PDF: A4, its font within it, a header and the page's number on every page."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from fpdf import FPDF
from pylopdf_fonts_zh_cn import sans_path

from yinhe.kernel.decimals import format_scaled
from yinhe.overview.documents import CLOSING_WORDS, OPENING_WORDS, Language, grouped, plain
from yinhe.overview.statement import Statement, StatementLine

_FONT: Final = "Noto Sans SC"
_MARGIN: Final = 14.0
_TOP: Final = 16.0
_BOTTOM: Final = 282.0
"""Where lines end and the foot begins, in millimetres from the page's top."""
_FOOT: Final = 288.0
_ROW: Final = 5.8
_ROW_WITH_NARRATIVE: Final = 8.8
_FACT: Final = 4.6
_HEADS: Final = 9.4
"""The heads of the columns, with the room before them."""
_SIZE: Final = 7.6
_SMALL: Final = 6.2
_GREY: Final = 110
_RULE_GREY: Final = 205

_COLUMNS: Final = (14.0, 33.0, 51.0, 98.0, 145.0, 170.0, 196.0)
"""Where columns begin (dates, value dates, what, counter account) or end (debit, credit, balance)."""
_RIGHT: Final = frozenset((4, 5, 6))
_WORDS: Final = {
    Language.ENGLISH: {
        "title": "Account statement",
        "account": "Account",
        "holder": "Held by",
        "period": "Period",
        "currency": "Currency",
        "made": "Made",
        "page": "Page {number} of {pages}",
        "columns": "Date|Value date|What|Counter account|Debit|Credit|Balance",
        "sums": "Sums: {debits} debits, {credits} credits",
        "none": "No lines in this period.",
    },
    Language.CHINESE: {
        "title": "账户对账单",
        "account": "账号",
        "holder": "户名",
        "period": "期间",
        "currency": "币种",
        "made": "制表时间",
        "page": "第 {number} 页 共 {pages} 页",
        "columns": "日期|起息日|摘要|对方账号|借方|贷方|余额",
        "sums": "合计：借方 {debits} 笔，贷方 {credits} 笔",
        "none": "本期间无发生额。",
    },
}


def statement_pdf(statement: Statement, made_at: int, language: Language = Language.ENGLISH) -> bytes:
    """The statement as a PDF file; `made_at` in microseconds since 1970-01-01 is printed, and stands in its data."""
    return bytes(_Sheet(statement, made_at, language).draw())


class _Sheet:
    """One document being drawn, from the top of a page to its bottom."""

    def __init__(self, statement: Statement, made_at: int, language: Language) -> None:
        self._statement: Final = statement
        self._language: Final = language
        self._words: Final = _WORDS[language]
        self._made: Final = dt.datetime.fromtimestamp(made_at / 1_000_000, dt.UTC)
        self._pdf: Final = FPDF("portrait", "mm", "A4")
        self._pdf.set_auto_page_break(False)
        self._pdf.add_font(_FONT, "", str(sans_path()))
        self._pdf.set_title(f"{self._words['title']} {grouped(statement.number)}")
        self._pdf.set_creator("Yinhe")
        self._pdf.set_creation_date(self._made)
        self._pdf.set_lang("zh-CN" if language is Language.CHINESE else "en")
        self._facts: Final = self._facts_of(statement)
        self._y = 0.0
        self._pages: Final = self._count_pages()

    def draw(self) -> bytearray:
        statement = self._statement
        self._begin_page()
        self._row(self._balance_row(statement.first, OPENING_WORDS[self._language], statement.opening_minor))
        for line in statement.lines:
            self._line(line)
        if not statement.lines:
            self._row(("", "", self._words["none"], "", "", "", ""), grey=True)
        self._sums()
        return self._pdf.output()

    # --- rows

    def _line(self, line: StatementLine) -> None:
        what = line.english if self._language is Language.ENGLISH else line.chinese
        amount = self._amount(abs(line.amount_minor))
        is_debit = line.amount_minor < 0
        cells = (
            str(line.business_date),
            str(line.value_date),
            what,
            grouped(line.counter_number),
            amount if is_debit else "",
            "" if is_debit else amount,
            self._amount(line.balance_minor),
        )
        self._row(cells, under=line.narrative)

    def _sums(self) -> None:
        statement = self._statement
        told = self._words["sums"].format(debits=statement.debits, credits=statement.credits)
        debits, credits = (self._amount(minor) for minor in (statement.debits_minor, statement.credits_minor))
        self._row(("", "", told, "", debits, credits, ""))
        self._row(self._balance_row(statement.last, CLOSING_WORDS[self._language], statement.closing_minor))

    def _balance_row(self, on: dt.date, words: str, balance_minor: int) -> tuple[str, ...]:
        return (str(on), "", words, "", "", "", self._amount(balance_minor))

    def _row(self, cells: Sequence[str], *, under: str = "", grey: bool = False) -> None:
        pdf, height = self._pdf, _height(under)
        if self._y + height > _BOTTOM:
            self._begin_page()
        pdf.set_font(_FONT, size=_SIZE)
        pdf.set_text_color(_GREY if grey else 0)
        for place, text in enumerate(cells):
            if text:
                self._cell(place, text, self._y + 3.6)
        if under:
            pdf.set_font(_FONT, size=_SMALL)
            pdf.set_text_color(_GREY)
            self._cell(2, under, self._y + 6.8)
        self._y += height
        pdf.set_draw_color(_RULE_GREY)
        pdf.line(_MARGIN, self._y - 0.9, _COLUMNS[-1], self._y - 0.9)

    def _cell(self, place: int, text: str, base: float) -> None:
        if place in _RIGHT:
            self._pdf.text(_COLUMNS[place] - self._pdf.get_string_width(text), base, text)
            return
        self._pdf.text(_COLUMNS[place], base, self._fitted(text, _COLUMNS[place + 1] - _COLUMNS[place] - 1.5))

    def _fitted(self, text: str, width: float) -> str:
        """Text cut to a width, with an ellipsis where something is cut off."""
        shown = plain(text)
        if self._pdf.get_string_width(shown) <= width:
            return shown
        while shown and self._pdf.get_string_width(shown + "…") > width:
            shown = shown[:-1]
        return shown + "…"

    def _amount(self, amount_minor: int) -> str:
        return format_scaled(amount_minor, self._statement.scale)

    # --- pages

    def _begin_page(self) -> None:
        pdf, words = self._pdf, self._words
        pdf.add_page()
        pdf.set_text_color(0)
        pdf.set_font(_FONT, size=14)
        pdf.text(_MARGIN, _TOP, words["title"])
        self._draw_facts()
        self._column_heads()
        pdf.set_font(_FONT, size=_SMALL)
        pdf.set_text_color(_GREY)
        self._cell(6, words["page"].format(number=pdf.page_no(), pages=self._pages), _FOOT)
        pdf.text(_MARGIN, _FOOT, f"{words['account']} {grouped(self._statement.number)}")

    def _facts_of(self, statement: Statement) -> list[tuple[str, str]]:
        """What the head of each page tells, name and value."""
        words = self._words
        facts = [
            (words["account"], grouped(statement.number)),
            (words["holder"], plain(statement.holder)),
            (words["period"], f"{statement.first} – {statement.last}"),
            (words["currency"], statement.currency),
            (words["made"], f"{self._made:%Y-%m-%d %H:%M:%S} UTC"),
        ]
        return [fact for fact in facts if fact[1]]

    def _count_pages(self) -> int:
        """How many pages the rows take, by the same rule as they are drawn."""
        heights = [_ROW, *(_height(line.narrative) for line in self._statement.lines), _ROW, _ROW]
        if not self._statement.lines:
            heights.append(_ROW)
        top = _TOP + 3 + _FACT * len(self._facts) + _HEADS
        pages, y = 1, top
        for height in heights:
            if y + height > _BOTTOM:
                pages, y = pages + 1, top
            y += height
        return pages

    def _draw_facts(self) -> None:
        pdf = self._pdf
        self._y = _TOP + 3
        for name, value in self._facts:
            self._y += _FACT
            pdf.set_font(_FONT, size=_SIZE)
            pdf.set_text_color(_GREY)
            pdf.text(_MARGIN, self._y, name)
            pdf.set_text_color(0)
            pdf.text(_MARGIN + 24, self._y, self._fitted(value, 150))

    def _column_heads(self) -> None:
        pdf = self._pdf
        pdf.set_font(_FONT, size=_SIZE)
        pdf.set_text_color(0)
        for place, name in enumerate(self._words["columns"].split("|")):
            self._cell(place, name, self._y + 7)
        self._y += _HEADS
        pdf.set_draw_color(0)
        pdf.line(_MARGIN, self._y - 1, _COLUMNS[-1], self._y - 1)


def _height(under: str) -> float:
    return _ROW_WITH_NARRATIVE if under else _ROW
