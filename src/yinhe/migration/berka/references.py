"""What the files say about each other: references met, one owner an account, no transaction before its account."""

from collections.abc import Collection, Iterable

from yinhe.kernel.dates import date_from_days, days_from_date
from yinhe.migration.berka.codes import DispositionType
from yinhe.migration.berka.records import Book
from yinhe.migration.berka.sheets import FIRST_ROW_LINE
from yinhe.migration.findings import FindingLog


def note_broken_references(book: Book, findings: FindingLog) -> None:
    """Note every reference to a row that is not there, every account without one owner, every early transaction."""
    districts = {district.district_id for district in book.districts}
    clients = {client.client_id for client in book.clients}
    accounts = {account.account_id for account in book.accounts}
    dispositions = {disposition.disposition_id for disposition in book.dispositions}

    def refer(file: str, column: str, values: Iterable[int], known: Collection[int], target: str) -> None:
        for line, value in enumerate(values, start=FIRST_ROW_LINE):
            if value not in known:
                findings.add(file, line, column, str(value), f"one that {target} has")

    refer("client.asc", "district_id", (row.district_id for row in book.clients), districts, "district.asc")
    refer("account.asc", "district_id", (row.district_id for row in book.accounts), districts, "district.asc")
    refer("disp.asc", "client_id", (row.client_id for row in book.dispositions), clients, "client.asc")
    refer("disp.asc", "account_id", (row.account_id for row in book.dispositions), accounts, "account.asc")
    refer("order.asc", "account_id", (row.account_id for row in book.orders), accounts, "account.asc")
    refer("loan.asc", "account_id", (row.account_id for row in book.loans), accounts, "account.asc")
    refer("card.asc", "disp_id", (row.disposition_id for row in book.cards), dispositions, "disp.asc")
    refer("trans.asc", "account_id", book.transactions.account_id.tolist(), accounts, "account.asc")
    _note_owners(book, findings)
    _note_early_transactions(book, findings)


def _note_owners(book: Book, findings: FindingLog) -> None:
    owners = dict.fromkeys((account.account_id for account in book.accounts), 0)
    for disposition in book.dispositions:
        if disposition.type is DispositionType.OWNER and disposition.account_id in owners:
            owners[disposition.account_id] += 1
    for line, account in enumerate(book.accounts, start=FIRST_ROW_LINE):
        if (count := owners[account.account_id]) != 1:
            findings.add(
                "account.asc", line, "account_id", f"{count} owners of {account.account_id}", "one OWNER in disp.asc"
            )


def _note_early_transactions(book: Book, findings: FindingLog) -> None:
    opened = {account.account_id: account.opened for account in book.accounts}
    days = zip(book.transactions.account_id.tolist(), book.transactions.business_date.tolist(), strict=True)
    for line, (account_id, day) in enumerate(days, start=FIRST_ROW_LINE):
        if account_id in opened and day < days_from_date(opened[account_id]):
            found = date_from_days(day).isoformat()
            expected = f"{opened[account_id]} or later, when account {account_id} was open"
            findings.add("trans.asc", line, "date", found, expected)
