"""Statements as documents: what is written is what stands in the books, and nothing in it is run or rounded."""

import csv
import datetime as dt
import io
import re
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yinhe.overview.documents import Language, guarded, plain, statement_csv, statement_json
from yinhe.overview.errors import StatementUnbalancedError
from yinhe.overview.pdf import statement_pdf
from yinhe.overview.statement import Statement, StatementLine, require_balanced

DAY = dt.date(2026, 3, 1)


def statement(amounts: list[int], *, opening: int = 100_00, narrative: str = "", scale: int = 2) -> Statement:
    lines: list[StatementLine] = []
    balance = opening
    for place, amount in enumerate(amounts):
        balance += amount
        lines.append(
            StatementLine(
                seq=place + 1,
                txn_id=UUID(int=place),
                booked_at=0,
                business_date=DAY,
                value_date=DAY,
                code=0,
                english="Transfer",
                chinese="转账",
                counter_number="0001000000000145",
                narrative=narrative,
                amount_minor=amount,
                balance_minor=balance,
                reverses=False,
            )
        )
    out, into = [-one for one in amounts if one < 0], [one for one in amounts if one > 0]
    return Statement(
        account=2,
        number="0001000000000242",
        currency="CNY",
        scale=scale,
        first=DAY,
        last=DAY,
        holder="张三",
        opening_minor=opening,
        lines=tuple(lines),
        debits=len(out),
        debits_minor=sum(out),
        credits=len(into),
        credits_minor=sum(into),
        closing_minor=balance,
        seq=9,
    )


def test_a_statement_in_csv_is_read_back_by_another_reader() -> None:
    narrative = 'rent, "March"\r\nand April'
    data = statement_csv(statement([5_00, -7], narrative=narrative))
    assert data.count(b"\r\n") == 5
    records = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert {len(record) for record in records} == {11}
    assert [record[-2] for record in records[1:]] == ["100.00", "105.00", "104.93", "104.93"]
    assert records[2][6] == 'rent, "March"  and April'
    assert (records[2][7], records[2][8], records[3][7]) == ("", "5.00", "0.07")
    assert records[-1][7:9] == ["0.07", "5.00"]
    # No program takes sixteen digits in groups for a number it may round.
    assert records[2][5] == "0001 0000 0000 0145"


def test_the_byte_order_mark_is_an_option() -> None:
    made = statement([1])
    assert statement_csv(made, with_mark=True) == "\ufeff".encode() + statement_csv(made)


@pytest.mark.parametrize("language", Language)
def test_a_csv_of_no_lines_has_both_balances(language: Language) -> None:
    records = statement_csv(statement([]), language).decode().splitlines()
    assert len(records) == 3
    assert records[1].split(",")[-2] == records[2].split(",")[-2] == "100.00"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1+1", "' =1+1"),
        ("  =1+1", "'  =1+1"),
        ("\n-1", "' -1"),
        ("房租", "房租"),
        ("a=b", "a=b"),
    ],
)
def test_a_cell_of_text_is_no_formula(text: str, cell: str) -> None:
    assert guarded(text) == cell


@settings(max_examples=60)
@given(st.text(max_size=20))
def test_no_text_begins_a_formula_or_a_line(text: str) -> None:
    assert not guarded(text).lstrip().startswith(("=", "+", "-", "@"))
    assert len(guarded(text).splitlines()) <= 1


def test_an_amount_below_zero_stays_a_number() -> None:
    records = list(csv.reader(io.StringIO(statement_csv(statement([-150_00])).decode(), newline="")))
    assert records[2][-2] == "-50.00"


def test_what_turns_the_direction_of_writing_is_not_shown() -> None:
    assert plain("a\u202eb\u200bc\u2028d") == "a b c d"


@pytest.mark.parametrize(("scale", "text"), [(0, "1234567"), (2, "12345.67"), (3, "1234.567")])
def test_amounts_in_json_are_text_with_the_decimals_of_the_currency(scale: int, text: str) -> None:
    found = msgspec.json.decode(statement_json(statement([1_234_567], opening=0, scale=scale)))
    assert found["closing_balance"] == found["lines"][0]["amount"] == found["credits"]["amount"] == text
    assert found["opening_balance"] == ("0" if scale == 0 else "0." + "0" * scale)


@pytest.mark.parametrize(
    "wrong",
    [
        {"opening_minor": 1},
        {"closing_minor": 1},
        {"debits_minor": 1},
        {"credits_minor": 1},
    ],
)
def test_a_statement_that_does_not_add_up_is_a_fault(wrong: dict[str, int]) -> None:
    sound = statement([5, -3])
    require_balanced(sound)
    with pytest.raises(StatementUnbalancedError):
        require_balanced(msgspec.structs.replace(sound, **wrong))
    with pytest.raises(StatementUnbalancedError):
        require_balanced(msgspec.structs.replace(sound, lines=sound.lines[:1]))


def pages(data: bytes) -> int:
    assert data.startswith(b"%PDF-")
    assert data.rstrip().endswith(b"%%EOF")
    return len(re.findall(rb"/Type /Page\b", data))


@pytest.mark.parametrize(("lines", "count"), [(0, 1), (36, 1), (37, 2), (100, 3)])
def test_a_pdf_has_the_pages_its_foot_tells_of(lines: int, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    from fpdf import FPDF

    drawn = FPDF.text
    monkeypatch.setattr(FPDF, "text", lambda self, x, y, text: (told.append(text), drawn(self, x, y, text))[1])
    assert pages(statement_pdf(statement([1] * lines), 0)) == count
    assert [text for text in told if text.startswith("Page ")] == [f"Page {n + 1} of {count}" for n in range(count)]


def test_a_pdf_carries_its_font_and_says_when_it_was_made() -> None:
    made = statement([1], narrative="一笔很长很长的附言" * 40)
    data = statement_pdf(made, 1_767_600_000_000_000, Language.CHINESE)
    assert b"/FontFile3" in data
    assert b"D:20260105080000" in data
    assert data == statement_pdf(made, 1_767_600_000_000_000, Language.CHINESE)
