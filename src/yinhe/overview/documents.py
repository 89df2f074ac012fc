"""A statement as JSON and as CSV (RFC 4180): amounts as decimal text, never as numbers that a reader might round."""

import csv
import io
import unicodedata
from enum import StrEnum, unique
from typing import Final

import msgspec

from yinhe.kernel.decimals import format_scaled
from yinhe.overview.statement import Statement, StatementLine

BYTE_ORDER_MARK: Final = "\ufeff"
_FORMULA_BEGINS: Final = ("=", "+", "-", "@")


@unique
class Language(StrEnum):
    """What a document is written in."""

    ENGLISH = "en"
    CHINESE = "zh"


def amount_text(amount_minor: int, scale: int) -> str:
    """An amount as decimal text without separators: `-1234.50`."""
    return format_scaled(amount_minor, scale).replace(",", "")


def grouped(number: str) -> str:
    """An account's 16 digits in groups of four, which no program takes for a number."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def statement_json(statement: Statement) -> bytes:
    """The statement as one JSON object in UTF-8."""
    scale = statement.scale
    return msgspec.json.encode(
        {
            "account": statement.number,
            "currency": statement.currency,
            "holder": statement.holder,
            "first": statement.first,
            "last": statement.last,
            "opening_balance": amount_text(statement.opening_minor, scale),
            "lines": [_line(line, scale) for line in statement.lines],
            "debits": {"count": statement.debits, "amount": amount_text(statement.debits_minor, scale)},
            "credits": {"count": statement.credits, "amount": amount_text(statement.credits_minor, scale)},
            "closing_balance": amount_text(statement.closing_minor, scale),
            "seq": statement.seq,
        }
    )


def _line(line: StatementLine, scale: int) -> dict[str, object]:
    return {
        "seq": line.seq,
        "transaction": line.txn_id,
        "booked_at_us": line.booked_at,
        "business_date": line.business_date,
        "value_date": line.value_date,
        "code": line.code,
        "english": line.english,
        "chinese": line.chinese,
        "counter_account": line.counter_number,
        "narrative": line.narrative,
        "amount": amount_text(line.amount_minor, scale),
        "balance": amount_text(line.balance_minor, scale),
        "reverses": line.reverses,
    }


_HEADERS: Final = {
    Language.ENGLISH: (
        "Business date", "Value date", "Seq", "Transaction", "What", "Counter account", "Narrative", "Debit", "Credit",
        "Balance", "Currency",
    ),
    Language.CHINESE: (
        "会计日期", "起息日", "流水号", "交易编号", "摘要", "对方账号", "附言", "借方", "贷方", "余额", "币种",
    ),
}  # fmt: skip
OPENING_WORDS: Final = {Language.ENGLISH: "Opening balance", Language.CHINESE: "期初余额"}
CLOSING_WORDS: Final = {Language.ENGLISH: "Closing balance", Language.CHINESE: "期末余额"}


def statement_csv(statement: Statement, language: Language = Language.ENGLISH, *, with_mark: bool = False) -> bytes:
    """The statement as CSV in UTF-8: a header, the opening balance, a record a line, the sums and closing balance.

    Records end with CR LF. `with_mark` puts a byte-order mark before it, by which spreadsheets know UTF-8. A cell of
    text that a spreadsheet would take for a formula begins with an apostrophe; amounts are numbers and stay so.
    """
    out, scale = io.StringIO(newline=""), statement.scale
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_HEADERS[language])
    opening = amount_text(statement.opening_minor, scale)
    writer.writerow((statement.first, "", "", "", OPENING_WORDS[language], "", "", "", "", opening, statement.currency))
    for line in statement.lines:
        amount = amount_text(abs(line.amount_minor), scale)
        is_debit = line.amount_minor < 0
        writer.writerow(
            (
                line.business_date,
                line.value_date,
                line.seq,
                line.txn_id,
                guarded(line.english if language is Language.ENGLISH else line.chinese),
                grouped(line.counter_number),
                guarded(line.narrative),
                amount if is_debit else "",
                "" if is_debit else amount,
                amount_text(line.balance_minor, scale),
                statement.currency,
            )
        )
    sums = (amount_text(minor, scale) for minor in (statement.debits_minor, statement.credits_minor))
    closing = amount_text(statement.closing_minor, scale)
    writer.writerow((statement.last, "", "", "", CLOSING_WORDS[language], "", "", *sums, closing, statement.currency))
    return ((BYTE_ORDER_MARK if with_mark else "") + out.getvalue()).encode()


def guarded(text: str) -> str:
    """A cell of text that no spreadsheet takes for a formula, on one line."""
    shown = plain(text)
    # Spaces before it do not keep a spreadsheet from reading a formula.
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA_BEGINS) else shown


def plain(text: str) -> str:
    """Text without what is not seen: control characters, and those that turn the direction of writing."""
    return "".join(" " if unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp") else letter for letter in text)
