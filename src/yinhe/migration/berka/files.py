"""Reads the eight files into one book, or says of every unsound line what is wrong with it."""

from pathlib import Path
from typing import Final

import numpy as np

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
from yinhe.migration.berka.records import (
    Account,
    Book,
    Card,
    Client,
    Disposition,
    District,
    Loan,
    StandingOrder,
    Transactions,
)
from yinhe.migration.berka.references import note_broken_references
from yinhe.migration.berka.sheets import Layout, Sheet, open_sheet
from yinhe.migration.findings import FindingLog, RefusedBook

DISTRICTS: Final = Layout("district.asc", tuple(f"A{number}" for number in range(1, 17)), quoted_header=False)
CLIENTS: Final = Layout("client.asc", ("client_id", "birth_number", "district_id"))
ACCOUNTS: Final = Layout("account.asc", ("account_id", "district_id", "frequency", "date"))
DISPOSITIONS: Final = Layout("disp.asc", ("disp_id", "client_id", "account_id", "type"))
ORDERS: Final = Layout("order.asc", ("order_id", "account_id", "bank_to", "account_to", "amount", "k_symbol"))
LOANS: Final = Layout("loan.asc", ("loan_id", "account_id", "date", "amount", "duration", "payments", "status"))
CARDS: Final = Layout("card.asc", ("card_id", "disp_id", "type", "issued"))
TRANSACTIONS: Final = Layout(
    "trans.asc",
    ("trans_id", "account_id", "date", "type", "operation", "amount", "balance", "k_symbol", "bank", "account"),
)

NAME: Final = r"[ -~]+", "a name"
BANK: Final = r"[A-Z]{2}", "a bank's two capital letters"
ACCOUNT_NUMBER: Final = r"[0-9]{1,10}", "an account number of at most 10 digits"


def read_book(directory: Path) -> Book | RefusedBook:
    """Read the eight .asc files of a directory.

    Returns the book only when every line of every file is sound and every reference is met; otherwise the findings,
    those of the fields first: references are looked at once all fields are sound, so that one bad id is told once.
    Raises MigrationError when a file is there but cannot be read.
    """
    findings = FindingLog()
    book = Book(
        districts=_districts(open_sheet(directory, DISTRICTS, findings)),
        clients=_clients(open_sheet(directory, CLIENTS, findings)),
        accounts=_accounts(open_sheet(directory, ACCOUNTS, findings)),
        dispositions=_dispositions(open_sheet(directory, DISPOSITIONS, findings)),
        orders=_orders(open_sheet(directory, ORDERS, findings)),
        loans=_loans(open_sheet(directory, LOANS, findings)),
        cards=_cards(open_sheet(directory, CARDS, findings)),
        transactions=_transactions(open_sheet(directory, TRANSACTIONS, findings)),
    )
    if not findings.total:
        note_broken_references(book, findings)
    return findings.refused() if findings.total else book


def _districts(sheet: Sheet) -> tuple[District, ...]:
    return tuple(
        map(
            District,
            sheets.unique_identifiers(sheet, "A1"),
            sheets.texts(sheet, "A2", *NAME),
            sheets.texts(sheet, "A3", *NAME),
            sheets.counts(sheet, "A4"),
            sheets.counts(sheet, "A5"),
            sheets.counts(sheet, "A6"),
            sheets.counts(sheet, "A7"),
            sheets.counts(sheet, "A8"),
            sheets.counts(sheet, "A9"),
            sheets.hundredths(sheet, "A10"),
            sheets.counts(sheet, "A11"),
            sheets.hundredths_or_unknown(sheet, "A12"),
            sheets.hundredths_or_unknown(sheet, "A13"),
            sheets.counts(sheet, "A14"),
            sheets.counts_or_unknown(sheet, "A15"),
            sheets.counts_or_unknown(sheet, "A16"),
        )
    )


def _clients(sheet: Sheet) -> tuple[Client, ...]:
    client_ids = sheets.unique_identifiers(sheet, "client_id")
    births = sheets.birth_numbers(sheet, "birth_number")
    district_ids = sheets.identifiers(sheet, "district_id")
    return tuple(
        Client(client_id, born, is_woman, district_id)
        for client_id, (born, is_woman), district_id in zip(client_ids, births, district_ids, strict=False)
    )


def _accounts(sheet: Sheet) -> tuple[Account, ...]:
    return tuple(
        map(
            Account,
            sheets.unique_identifiers(sheet, "account_id"),
            sheets.identifiers(sheet, "district_id"),
            sheets.codes(sheet, "frequency", StatementFrequency),
            sheets.dates(sheet, "date"),
        )
    )


def _dispositions(sheet: Sheet) -> tuple[Disposition, ...]:
    return tuple(
        map(
            Disposition,
            sheets.unique_identifiers(sheet, "disp_id"),
            sheets.identifiers(sheet, "client_id"),
            sheets.identifiers(sheet, "account_id"),
            sheets.codes(sheet, "type", DispositionType),
        )
    )


def _orders(sheet: Sheet) -> tuple[StandingOrder, ...]:
    return tuple(
        map(
            StandingOrder,
            sheets.unique_identifiers(sheet, "order_id"),
            sheets.identifiers(sheet, "account_id"),
            sheets.texts(sheet, "bank_to", *BANK),
            sheets.texts(sheet, "account_to", *ACCOUNT_NUMBER),
            sheets.hundredths(sheet, "amount"),
            sheets.codes(sheet, "k_symbol", OrderPurpose),
        )
    )


def _loans(sheet: Sheet) -> tuple[Loan, ...]:
    return tuple(
        map(
            Loan,
            sheets.unique_identifiers(sheet, "loan_id"),
            sheets.identifiers(sheet, "account_id"),
            sheets.dates(sheet, "date"),
            sheets.hundredths(sheet, "amount"),
            sheets.counts(sheet, "duration"),
            sheets.hundredths(sheet, "payments"),
            sheets.codes(sheet, "status", LoanStatus),
        )
    )


def _cards(sheet: Sheet) -> tuple[Card, ...]:
    return tuple(
        map(
            Card,
            sheets.unique_identifiers(sheet, "card_id"),
            sheets.identifiers(sheet, "disp_id"),
            sheets.codes(sheet, "type", CardType),
            sheets.midnights(sheet, "issued"),
        )
    )


def _transactions(sheet: Sheet) -> Transactions:
    days = [days_from_date(day) for day in sheets.dates(sheet, "date")]
    transactions = Transactions(
        trans_id=np.array(sheets.unique_identifiers(sheet, "trans_id"), np.int64),
        account_id=np.array(sheets.identifiers(sheet, "account_id"), np.int64),
        business_date=np.array(days, np.int32),
        type=tuple(sheets.codes(sheet, "type", TransactionType)),
        operation=tuple(sheets.codes(sheet, "operation", Operation)),
        amount_minor=np.array(sheets.hundredths(sheet, "amount"), np.int64),
        balance_minor=np.array(sheets.signed_hundredths(sheet, "balance"), np.int64),
        purpose=tuple(sheets.codes(sheet, "k_symbol", Purpose)),
        bank=tuple(sheets.texts_or_absent(sheet, "bank", *BANK)),
        counter_account=tuple(sheets.texts_or_absent(sheet, "account", *ACCOUNT_NUMBER)),
    )
    columns = transactions.trans_id, transactions.account_id, transactions.business_date
    for column in (*columns, transactions.amount_minor, transactions.balance_minor):
        column.setflags(write=False)
    return transactions
