"""The eight files are read exactly or refused with every unsound line named; nothing is half read."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from yinhe.kernel.dates import days_from_date
from yinhe.migration.berka import sheets
from yinhe.migration.berka.codes import (
    CardType,
    DispositionType,
    LoanStatus,
    Operation,
    OrderPurpose,
    Purpose,
    StatementFrequency,
    TransactionType,
)
from yinhe.migration.berka.files import read_book
from yinhe.migration.berka.records import Account, Book, Card, Client, Disposition, District, Loan, StandingOrder
from yinhe.migration.errors import MigrationError
from yinhe.migration.findings import FINDINGS_MAX, FindingLog, RefusedBook

WriteBook = Callable[[dict[str, bytes]], Path]
WithLine = Callable[[str, int, str], dict[str, bytes]]
WithRows = Callable[..., dict[str, bytes]]


def refusal(directory: Path) -> list[str]:
    """The findings of a refused book, one text each."""
    answer = read_book(directory)
    assert isinstance(answer, RefusedBook)
    assert answer.total == len(answer.findings)
    return [str(finding) for finding in answer.findings]


def test_a_sound_book_is_read_exactly(write_book: WriteBook) -> None:
    book = read_book(write_book({}))
    assert isinstance(book, Book)
    assert book.districts[1] == District(
        69, "Jesenik", "north Moravia", 42821, 4, 13, 5, 1, 3, 4840, 8173, None, 701, 124, None, 1358
    )
    assert book.clients == (
        Client(1, date(1970, 12, 13), is_woman=True, district_id=1),
        Client(2, date(1945, 2, 4), is_woman=False, district_id=69),
    )
    assert book.accounts[1] == Account(2, 69, StatementFrequency.WEEKLY, date(1993, 1, 2))
    assert book.dispositions[2] == Disposition(3, 1, 2, DispositionType.DISPONENT)
    assert book.orders[1] == StandingOrder(29402, 2, "ST", "89597016", 337270, OrderPurpose.BLANK)
    assert book.loans == (Loan(5314, 1, date(1993, 7, 5), 9639600, 12, 803300, LoanStatus.FINISHED_UNPAID),)
    assert book.cards == (Card(1005, 1, CardType.CLASSIC, date(1993, 11, 7)),)


def test_transactions_are_read_as_columns_in_the_order_of_the_file(write_book: WriteBook) -> None:
    book = read_book(write_book({}))
    assert isinstance(book, Book)
    rows = book.transactions
    assert rows.trans_id.tolist() == [30, 11, 12, 20, 10]
    assert rows.account_id.tolist() == [1, 1, 1, 2, 1]
    assert rows.business_date.tolist() == [days_from_date(date(1993, 1, day)) for day in (1, 5, 5, 5, 6)]
    assert rows.amount_minor.tolist() == [70000, 1460, 30000, 90000, 100050]
    assert rows.balance_minor.tolist() == [70000, 98550, 100000, 90000, -1500]
    assert rows.type[:2] == (TransactionType.CREDIT, TransactionType.DEBIT)
    assert rows.operation[2:] == (Operation.FROM_BANK, Operation.CASH_IN, Operation.TO_BANK)
    assert rows.purpose[1:] == (Purpose.STATEMENT_FEE, Purpose.PENSION, Purpose.EMPTY, Purpose.BLANK)
    assert rows.bank == ("", "", "YZ", "", "ST")
    assert rows.counter_account == ("", "", "30300313", "0", "89597016")
    with pytest.raises(ValueError, match="read-only"):
        rows.balance_minor[0] = 0


A_NUMBER_ABOVE_ZERO = "a whole number above zero"
A_DATE = "a date YYMMDD of 19xx"
FROM_ZERO = "a number from 0 with at most 2 decimals"
A_BANK = "nothing, or a quoted text: a bank's two capital letters"
A_BIRTH_NUMBER = "a quoted birth number YYMMDD, a woman's month with 50 added"


@pytest.mark.parametrize(
    ("file", "number", "line", "column", "found", "expected"),
    [
        ("account.asc", 3, 'x2;69;"POPLATEK TYDNE";930102', "account_id", "'x2'", A_NUMBER_ABOVE_ZERO),
        ("account.asc", 3, '"2";69;"POPLATEK TYDNE";930102', "account_id", "'\"2\"'", A_NUMBER_ABOVE_ZERO),
        ("account.asc", 3, '0;69;"POPLATEK TYDNE";930102', "account_id", "'0'", A_NUMBER_ABOVE_ZERO),
        ("account.asc", 3, '2;69;"POPLATEK TYDNE";930229', "date", "'930229'", A_DATE),
        ("account.asc", 3, '2;69;"POPLATEK TYDNE";19930102', "date", "'19930102'", A_DATE),
        (
            "account.asc",
            3,
            '2;69;"POPLATEK DENNE";930102',
            "frequency",
            "'\"POPLATEK DENNE\"'",
            'one of "POPLATEK MESICNE", "POPLATEK TYDNE", "POPLATEK PO OBRATU"',
        ),
        ("client.asc", 2, '1;"701350";69', "birth_number", "'\"701350\"'", A_BIRTH_NUMBER),
        ("client.asc", 2, "1;706213;69", "birth_number", "'706213'", A_BIRTH_NUMBER),
        ("district.asc", 2, 'NAME;"";"P";1;0;0;0;1;1;1.0;1;?;?;1;?;?', "A1", "'NAME'", A_NUMBER_ABOVE_ZERO),
        ("district.asc", 2, '1;"P";"P";?;0;0;0;1;1;1.0;1;?;?;1;?;?', "A4", "'?'", "a whole number from 0"),
        ("district.asc", 2, '1;"P";"P";1;0;0;0;1;1;1.0;1;-1.0;?;1;?;?', "A12", "'-1.0'", f'{FROM_ZERO}, or "?"'),
        ("district.asc", 2, '1;"P";"P";1;0;0;0;1;1;1.0;1;?;?;1;01;?', "A15", "'01'", 'a whole number from 0, or "?"'),
        ("card.asc", 2, '1005;1;"classic";931107', "issued", "'931107'", "a date and midnight, YYMMDD 00:00:00"),
        (
            "card.asc",
            2,
            '1005;1;"classic";931107 00:00:01',
            "issued",
            "'931107 00:00:01'",
            "a date and midnight, YYMMDD 00:00:00",
        ),
        ("loan.asc", 2, '5314;1;930705;96396;12;8033.000;"B"', "payments", "'8033.000'", FROM_ZERO),
        ("loan.asc", 2, '5314;1;930705;96,396;12;8033.00;"B"', "amount", "'96,396'", FROM_ZERO),
        ("loan.asc", 2, '5314;1;930705;96396;12;8033.00;"E"', "status", "'\"E\"'", 'one of "A", "B", "C", "D"'),
        (
            "order.asc",
            2,
            '29401;1;"YZ";"8714 4583";2452.00;"SIPO"',
            "account_to",
            "'\"8714 4583\"'",
            "a quoted text: an account number of at most 10 digits",
        ),
        (
            "order.asc",
            2,
            '29401;1;"YZ";"87144583";2452.00;""',
            "k_symbol",
            "'\"\"'",
            'one of " ", "SIPO", "POJISTNE", "UVER", "LEASING"',
        ),
        ("trans.asc", 2, '30;1;930101;"PRIJEM";"VKLAD";-700.00;700.00;"";;', "amount", "'-700.00'", FROM_ZERO),
        ("trans.asc", 2, '30;1;930101;"PRIJEM";"VKLAD";7e2;700.00;"";;', "amount", "'7e2'", FROM_ZERO),
        (
            "trans.asc",
            2,
            '30;1;930101;"PRIJEM";"VKLAD";700.00;- 1;"";;',
            "balance",
            "'- 1'",
            "a number with at most 2 decimals",
        ),
        (
            "trans.asc",
            2,
            '30;1;930101;"PRIJEM ";"VKLAD";700.00;700.00;"";;',
            "type",
            "'\"PRIJEM \"'",
            'one of "PRIJEM", "VYDAJ", "VYBER"',
        ),
        ("trans.asc", 2, '30;1;930101;"PRIJEM";"VKLAD";700.00;700.00;"";"yz";', "bank", "'\"yz\"'", A_BANK),
        ("trans.asc", 2, '30;1;930101;"PRIJEM";"VKLAD";700.00;700.00;"";YZ;', "bank", "'YZ'", A_BANK),
        ("trans.asc", 2, '30;1;930101;"PRIJEM";"VKLAD";700.00;700.00;"";', "", "9 fields", "10 fields"),
        ("trans.asc", 2, "", "", "1 fields", "10 fields"),
        (
            "trans.asc",
            3,
            '30;1;930105;"VYDAJ";"VYBER";14.60;985.50;"SLUZBY";;',
            "trans_id",
            "'30'",
            "each trans_id once; line 2 has it already",
        ),
    ],
)
def test_a_malformed_line_is_refused_with_its_place(
    write_book: WriteBook,
    with_line: WithLine,
    file: str,
    number: int,
    line: str,
    column: str,
    found: str,
    expected: str,
) -> None:
    place = f"{file}:{number}: {column}: " if column else f"{file}:{number}: "
    assert refusal(write_book(with_line(file, number, line)))[0] == f"{place}found {found}, expected {expected}"


@pytest.mark.parametrize(
    ("file", "number", "line", "finding"),
    [
        ("client.asc", 3, '2;"450204";7', "district_id: found 7, expected one that district.asc has"),
        ("account.asc", 3, '2;7;"POPLATEK TYDNE";930102', "district_id: found 7, expected one that"),
        ("disp.asc", 4, '3;7;2;"DISPONENT"', "client_id: found 7, expected one that client.asc has"),
        ("disp.asc", 4, '3;1;7;"DISPONENT"', "account_id: found 7, expected one that account.asc has"),
        ("order.asc", 2, '1;7;"YZ";"1";1.00;"SIPO"', "account_id: found 7, expected one that account.asc"),
        ("loan.asc", 2, '5314;7;930705;1;12;1.00;"B"', "account_id: found 7, expected one that account.asc"),
        ("card.asc", 2, '1005;7;"classic";931107 00:00:00', "disp_id: found 7, expected one that disp.asc has"),
        ("trans.asc", 5, '20;7;930105;"PRIJEM";"VKLAD";1;1;"";;', "account_id: found 7, expected one that"),
        (
            "trans.asc",
            5,
            '20;2;930101;"PRIJEM";"VKLAD";900;900;"";;',
            "date: found 1993-01-01, expected 1993-01-02 or later, when account 2 was open",
        ),
    ],
)
def test_a_reference_to_what_is_not_there_is_refused(
    write_book: WriteBook, with_line: WithLine, file: str, number: int, line: str, finding: str
) -> None:
    (told,) = refusal(write_book(with_line(file, number, line)))
    assert told.startswith(f"{file}:{number}: {finding}")


@pytest.mark.parametrize(
    ("line", "owners"),
    [('2;2;2;"DISPONENT"', "account.asc:3: account_id: found 0 owners of 2, expected one OWNER in disp.asc"),
     ('2;2;1;"OWNER"', "account.asc:2: account_id: found 2 owners of 1, expected one OWNER in disp.asc")],
)  # fmt: skip
def test_an_account_has_exactly_one_owner(write_book: WriteBook, with_line: WithLine, line: str, owners: str) -> None:
    assert refusal(write_book(with_line("disp.asc", 3, line)))[0] == owners


def test_a_missing_file_is_refused_by_name(write_book: WriteBook) -> None:
    directory = write_book({})
    (directory / "card.asc").unlink()
    assert refusal(directory) == ["card.asc: found no such file, expected the file card.asc beside the others"]


def test_an_empty_file_is_refused(write_book: WriteBook) -> None:
    assert refusal(write_book({"loan.asc": b""})) == [
        "loan.asc:1: found an empty file, expected a header line and rows"
    ]


def test_a_table_may_have_no_rows(write_book: WriteBook, with_rows: WithRows) -> None:
    book = read_book(write_book(with_rows("loan.asc")))
    assert isinstance(book, Book)
    assert book.loans == ()


def test_a_file_cut_off_in_its_last_line_is_refused(write_book: WriteBook, sound_file: Callable[[str], bytes]) -> None:
    assert refusal(write_book({"client.asc": sound_file("client.asc")[:-5]})) == [
        "client.asc:3: found '2;\"450204\"', expected a whole line: the file is cut off before CR LF"
    ]


def test_a_file_cut_off_inside_its_header_is_refused(write_book: WriteBook) -> None:
    (told,) = refusal(write_book({"client.asc": b'"client_id";"bi'}))
    assert told.startswith('client.asc:1: found \'"client_id";"bi\', expected a whole line')


@pytest.mark.parametrize(
    "header", ['"client_id";"district_id";"birth_number"', 'client_id;"birth_number";"district_id"', ""]
)
def test_a_header_must_be_exact(write_book: WriteBook, with_line: WithLine, header: str) -> None:
    assert refusal(write_book(with_line("client.asc", 1, header))) == [
        f'client.asc:1: found {header!r}, expected the header "client_id";"birth_number";"district_id"'
    ]


@pytest.mark.parametrize(
    "line", [b'2;"450204";69\n', b'2;"450\r204";69\r\n', b'2;"450204";69\r\r\n', b'2;"450\r204";69\n', b"\n"]
)
def test_each_line_ends_in_one_cr_lf(write_book: WriteBook, sound_file: Callable[[str], bytes], line: bytes) -> None:
    content = sound_file("client.asc").replace(b'2;"450204";69\r\n', line)
    (told,) = refusal(write_book({"client.asc": content}))
    assert told.startswith("client.asc:3: found '")
    assert told.endswith("expected one CR LF, at the end of the line")


def test_a_byte_that_is_not_ascii_is_refused_with_its_field(
    write_book: WriteBook, sound_file: Callable[[str], bytes]
) -> None:
    content = sound_file("district.asc").replace(b"Jesenik", "Jeseník".encode("cp1250"))
    assert refusal(write_book({"district.asc": content})) == [
        "district.asc:3: field 2: found byte 0xed, expected ASCII text"
    ]


def test_a_file_beyond_the_bound_is_refused(write_book: WriteBook, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = write_book({})
    largest = max(path.stat().st_size for path in directory.iterdir())
    monkeypatch.setattr(sheets, "FILE_BYTES_MAX", largest)
    assert isinstance(read_book(directory), Book)
    monkeypatch.setattr(sheets, "FILE_BYTES_MAX", largest - 1)
    assert refusal(directory) == [f"trans.asc: found a larger file, expected at most {largest - 1} bytes"]


def test_what_the_system_will_not_read_is_a_fault(write_book: WriteBook) -> None:
    directory = write_book({})
    (directory / "card.asc").unlink()
    (directory / "card.asc").mkdir()
    with pytest.raises(MigrationError, match=r"card\.asc cannot be read: Is a directory"):
        read_book(directory)


def test_every_unsound_line_of_every_file_is_told_at_once(
    write_book: WriteBook, with_line: WithLine, with_rows: WithRows
) -> None:
    rows = ('1;"706213";1;', 'x;"706213";1', '3;"700001";1', '3;"706213";1')
    replaced = with_rows("client.asc", *rows) | with_line("card.asc", 2, '1005;1;"paper";931107 00:00:00')
    assert [text.partition(" found")[0] for text in refusal(write_book(replaced))] == [
        "client.asc:2:",
        "client.asc:5: client_id:",
        "client.asc:3: client_id:",
        "client.asc:4: birth_number:",
        "card.asc:2: type:",
    ]


def test_a_column_with_a_finding_comes_back_empty_so_that_no_row_can_shift(tmp_path: Path) -> None:
    (tmp_path / "t.asc").write_bytes(b'"a";"b"\r\n1;4\r\nx;5\r\n3;6\r\n')
    log = FindingLog()
    sheet = sheets.open_sheet(tmp_path, sheets.Layout("t.asc", ("a", "b")), log)
    assert sheets.counts(sheet, "b") == [4, 5, 6]
    assert sheets.counts(sheet, "a") == []
    assert [finding.line for finding in log.refused().findings] == [3]


def test_findings_are_bounded_and_counted(write_book: WriteBook, with_rows: WithRows) -> None:
    answer = read_book(write_book(with_rows("client.asc", *["?"] * (FINDINGS_MAX + 50))))
    assert isinstance(answer, RefusedBook)
    assert (len(answer.findings), answer.total) == (FINDINGS_MAX, FINDINGS_MAX + 50)
