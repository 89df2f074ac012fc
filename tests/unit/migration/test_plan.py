"""The plan books every transaction in order, each rounding openly beside it, and refuses what nothing explains."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from yinhe.kernel.dates import date_from_days
from yinhe.migration.berka.chart import TransferReason
from yinhe.migration.berka.files import read_book
from yinhe.migration.berka.plan import AccountHolders, MigrationPlan, PostingRows, ReasonTotal, plan_migration
from yinhe.migration.berka.records import Book
from yinhe.migration.findings import RefusedBook

WriteBook = Callable[[dict[str, bytes]], Path]
WithLine = Callable[[str, int, str], dict[str, bytes]]
WithRows = Callable[..., dict[str, bytes]]


def answer(directory: Path) -> MigrationPlan | RefusedBook:
    book = read_book(directory)
    assert isinstance(book, Book)
    return plan_migration(book)


def planned(directory: Path) -> MigrationPlan:
    plan = answer(directory)
    assert isinstance(plan, MigrationPlan)
    return plan


def ids(rows: PostingRows) -> list[tuple[int, int, int, int]]:
    columns = rows.trans_id, rows.leg, rows.id_hi, rows.id_lo
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


def test_rows_are_booked_by_date_account_and_balance_with_each_rounding_beside_its_row(write_book: WriteBook) -> None:
    rows = planned(write_book({})).rows
    columns = (rows.account_id, rows.trans_id, rows.leg, rows.contra, rows.is_credit, rows.amount_minor)
    columns += (rows.transfer_code, rows.balance_minor)
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == [
        # account, transaction, leg, contra account, credit, amount, transfer code, balance after
        (1, 30, 0, 100101, True, 70000, 101, 70000),
        (1, 12, 0, 101101, True, 30000, 202, 100000),
        (1, 11, 0, 602101, False, 1460, 501, 98540),
        (1, 11, 1, 300199, True, 10, 901, 98550),
        (2, 20, 0, 100101, True, 90000, 101, 90000),
        (1, 10, 0, 101101, False, 100050, 211, -1500),
    ]
    assert [date_from_days(day) for day in rows.business_date.tolist()] == [
        date(1993, 1, 1), *[date(1993, 1, 5)] * 4, date(1993, 1, 6)
    ]  # fmt: skip


def test_a_balance_the_source_rounded_down_is_booked_down(write_book: WriteBook, with_rows: WithRows) -> None:
    rows = planned(write_book(with_rows("trans.asc", '1;1;930101;"PRIJEM";"VKLAD";70.00;69.90;"";;'))).rows
    assert rows.is_credit.tolist() == [True, False]
    assert rows.amount_minor.tolist() == [7000, 10]
    assert rows.balance_minor.tolist() == [7000, 6990]


def test_columns_have_the_types_the_ledger_takes(write_book: WriteBook) -> None:
    rows = planned(write_book({})).rows
    assert {name: getattr(rows, name).dtype.name for name in PostingRows.__slots__} == {
        "id_hi": "uint64",
        "id_lo": "uint64",
        "account_id": "int64",
        "contra": "int32",
        "is_credit": "bool",
        "amount_minor": "int64",
        "transfer_code": "int16",
        "business_date": "int32",
        "trans_id": "int64",
        "leg": "uint8",
        "balance_minor": "int64",
    }


def test_the_report_tells_how_the_book_was_taken(write_book: WriteBook) -> None:
    report = planned(write_book({})).report
    assert (report.rows, report.exact, report.rounded_up, report.rounded_down) == (5, 4, 1, 0)
    assert (report.rounded, report.unexplained, report.without_amount) == (1, 0, 0)
    assert (report.accounts, report.accounts_with_transactions, report.disponents) == (2, 2, 1)
    totals = {total.reason: total for total in report.totals if total.rows}
    assert totals == {
        reason: ReasonTotal(reason, rows, credited, debited)
        for reason, rows, credited, debited in [
            (TransferReason.CASH_DEPOSIT, 2, 160000, 0),
            (TransferReason.PENSION_IN, 1, 30000, 0),
            (TransferReason.TRANSFER_OUT, 1, 0, 100050),
            (TransferReason.STATEMENT_FEE, 1, 0, 1460),
            (TransferReason.SOURCE_ROUNDING, 1, 10, 0),
        ]
    }


def test_every_account_keeps_its_owner_and_disponents(write_book: WriteBook) -> None:
    assert planned(write_book({})).holders == (AccountHolders(1, 1, ()), AccountHolders(2, 2, (1,)))


def test_a_transaction_of_nothing_is_counted_and_not_posted(write_book: WriteBook, with_line: WithLine) -> None:
    plan = planned(write_book(with_line("trans.asc", 5, '20;2;930105;"PRIJEM";"";0.00;0.00;"UROK";;')))
    assert 20 not in plan.rows.trans_id
    assert plan.report.without_amount == 1
    assert plan.report.rows == 5


def test_a_run_again_gives_each_transfer_its_id_again_whatever_the_order_of_the_file(
    write_book: WriteBook, sound_file: Callable[[str], bytes]
) -> None:
    first = ids(planned(write_book({})).rows)
    header, *lines = sound_file("trans.asc").splitlines(keepends=True)
    turned = planned(write_book({"trans.asc": header + b"".join(lines[::-1])})).rows
    assert ids(turned) == first
    assert len({halves[2:] for halves in first}) == len(first)


def test_a_kind_the_chart_lacks_is_refused_with_its_line(write_book: WriteBook, with_line: WithLine) -> None:
    refused = answer(write_book(with_line("trans.asc", 5, '20;2;930105;"PRIJEM";"VYBER KARTOU";9;9;" ";;')))
    assert isinstance(refused, RefusedBook)
    assert [str(finding) for finding in refused.findings] == [
        'trans.asc:5: type, operation, k_symbol: found "PRIJEM", "VYBER KARTOU", " ", '
        "expected a combination the chart maps"
    ]


@pytest.mark.parametrize("balance", ["985.39", "985.61", "0.00"])
def test_a_balance_nothing_explains_is_refused_with_its_line(
    write_book: WriteBook, with_rows: WithRows, balance: str
) -> None:
    opening = '30;1;930101;"PRIJEM";"VKLAD";1000.00;1000.00;"";;'
    fee = f'12;1;930105;"VYDAJ";"VYBER";14.50;{balance};"SLUZBY";;'
    refused = answer(write_book(with_rows("trans.asc", opening, fee)))
    assert isinstance(refused, RefusedBook)
    assert [str(finding) for finding in refused.findings] == [
        f"trans.asc:3: balance: found {balance}, "
        "expected 985.50 to within the source's rounding: the balance before and the amount"
    ]


def test_a_day_no_transfer_id_can_carry_is_refused_with_its_line(write_book: WriteBook, with_rows: WithRows) -> None:
    account = with_rows("account.asc", '1;1;"POPLATEK MESICNE";690101', '2;69;"POPLATEK TYDNE";930102')
    transaction = with_rows("trans.asc", '1;1;691231;"PRIJEM";"VKLAD";70.00;70.00;"";;')
    refused = answer(write_book(account | transaction))
    assert isinstance(refused, RefusedBook)
    assert [str(finding) for finding in refused.findings] == [
        "trans.asc:2: date: found 1969-12-31, expected 1970-01-01 or later: a transfer's id carries its date"
    ]


def test_a_book_without_transactions_plans_nothing(write_book: WriteBook, with_rows: WithRows) -> None:
    plan = planned(write_book(with_rows("trans.asc")))
    assert len(plan.rows.trans_id) == 0
    assert plan.report.accounts == 2
    assert plan.rows.id_hi.dtype == np.uint64
