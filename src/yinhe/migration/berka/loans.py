"""The book's loans: matched to the transactions marked as their payments, and taken over as contracts.

A payment is the loan's next instalment where it differs from it by no more than the source rounds; the difference goes
where the source's other rounding is. Nothing in the books says how a loan was paid out, and its payments went to
another bank: so does the money it was drawn with.
"""

from hashlib import sha256
from typing import Final
from uuid import UUID

import msgspec
import numpy as np
import psycopg

from yinhe.kernel.dates import add_months, days_from_date
from yinhe.kernel.ids import join
from yinhe.lending.codes import LoanCode
from yinhe.lending.columns import LOAN, LoanFlag
from yinhe.lending.position import Act, ActKind
from yinhe.lending.service import Lending
from yinhe.lending.taking_over import Happened, Move, TakenOver
from yinhe.migration.berka.chart import LedgerAccount
from yinhe.migration.berka.codes import Purpose
from yinhe.migration.berka.post import SOURCE
from yinhe.migration.berka.records import Book, Loan
from yinhe.migration.errors import MigrationError
from yinhe.storage.statements import load_statements

PAYMENT_DAY: Final = 12
"""Every payment in the books is made on this day of the month."""
ROUNDED_MOST_MINOR: Final = 50
"""The source rounds payments to whole koruna or their tenths."""


class Payment(msgspec.Struct, frozen=True):
    """A transaction marked as a loan's payment, and the instalment it is."""

    trans_id: int
    day: int
    """Days since 1970-01-01."""
    amount_minor: int
    instalment_minor: int


class MatchedLoan(msgspec.Struct, frozen=True):
    """A loan and its payments in the books, oldest first."""

    loan: Loan
    payments: tuple[Payment, ...]


class LoansTakenOver(msgspec.Struct, frozen=True):
    """What came of it."""

    loans: int
    drawn: int
    """Lent by the books' last day; the others are agreed, and drawn when their day comes."""
    known: int
    """Taken over before; they were left as they are."""
    payments: int
    exact: int
    """Payments that are the instalment …"""
    rounded: int
    """… and those that differ from it by the source's rounding."""
    principal_minor: int
    """What is owed of all."""


def match_loans(book: Book) -> tuple[MatchedLoan, ...]:
    """Each loan with its payments. Raises MigrationError for a payment that is no instalment of a loan."""
    rows = book.transactions
    marked = [at for at, purpose in enumerate(rows.purpose) if purpose is Purpose.LOAN]
    by_account: dict[int, list[Payment]] = {}
    loans = {loan.account_id: loan for loan in book.loans}
    for at in sorted(marked, key=lambda at: (int(rows.business_date[at]), int(rows.trans_id[at]))):
        account, amount = int(rows.account_id[at]), int(rows.amount_minor[at])
        trans_id, day = int(rows.trans_id[at]), int(rows.business_date[at])
        loan = loans.get(account)
        if loan is None or abs(amount - loan.payment_minor) > ROUNDED_MOST_MINOR:
            raise MigrationError(f"Transaction {trans_id} is marked as a loan payment, but is no loan's instalment.")
        if day < days_from_date(loan.granted):
            raise MigrationError(f"Transaction {trans_id} pays loan {loan.loan_id} before it was granted.")
        by_account.setdefault(account, []).append(Payment(trans_id, day, amount, loan.payment_minor))
    return tuple(MatchedLoan(loan, tuple(by_account.get(loan.account_id, ()))) for loan in book.loans)


def take_over_loans(
    lending: Lending, session: psycopg.Connection, matched: tuple[MatchedLoan, ...], version: int, last_day: int
) -> LoansTakenOver:
    """Make every loan a contract of a product version, with what happened to it by the books' last day.

    That day is given in days since 1970-01-01; of what came after it the books say nothing, whatever day it is here.
    Raises MigrationError where the book was not migrated into the unit, LendingFault where the product is no loan or
    has another currency.
    """
    accounts = dict(session.execute(load_statements("migrated")["aliases_read"], {"source": SOURCE}).fetchall())
    missing = [one.loan.account_id for one in matched if str(one.loan.account_id) not in accounts]
    if missing:
        raise MigrationError(
            f"Account {missing[0]} of the book is not in this unit. Take the book over first: yinhe migrate berka DIR"
        )
    contras = _contras(lending)
    before = len(lending.book)
    drawn = exact = rounded = 0
    for one in matched:
        taken = _taken(one, version, last_day, accounts[str(one.loan.account_id)], contras)
        lending.take_over(taken)
        drawn += bool(taken.happened)
        exact += sum(payment.amount_minor == payment.instalment_minor for payment in one.payments)
        rounded += sum(payment.amount_minor != payment.instalment_minor for payment in one.payments)
    made = len(lending.book) - before
    ours = lending.book.rows["version"] == version
    items = lending.book.items_of(lending.book.rows["loan"][ours])
    owed = int(lending.book.rows["undue"][ours].sum() + items["principal_left"].sum())
    return LoansTakenOver(
        loans=len(matched),
        drawn=drawn,
        known=len(matched) - made,
        payments=exact + rounded,
        exact=exact,
        rounded=rounded,
        principal_minor=owed,
    )


def _contras(lending: Lending) -> dict[LedgerAccount, int]:
    """The bank's own accounts that loans meet, by their number in the chart."""
    codes = lending.ledger.engine.core.columns.gl_code
    wanted = (LedgerAccount.OTHER_BANKS, LedgerAccount.SOURCE_ROUNDING)
    found = {member: np.flatnonzero(codes == member.number) for member in wanted}
    if any(len(places) != 1 for places in found.values()):
        raise MigrationError(
            "The book's own accounts are not in this unit. Take it over first: yinhe migrate berka DIR"
        )
    return {member: int(places[0]) for member, places in found.items()}


def _taken(
    matched: MatchedLoan, version: int, last_day: int, linked: int, contras: dict[LedgerAccount, int]
) -> TakenOver:
    loan = matched.loan
    granted = days_from_date(loan.granted)
    row = np.zeros(1, LOAN)
    row["version"], row["flags"], row["linked"] = version, int(LoanFlag.OPEN), linked
    row["limit"], row["months"] = loan.amount_minor, loan.duration_months
    # Instalments fall on the twelfth; the first in the month of the grant where that is still to come.
    start = loan.granted if loan.granted.day >= PAYMENT_DAY else add_months(loan.granted, -1)
    happened: tuple[Happened, ...] = ()
    row["agreed"] = min(granted, last_day)
    if granted <= last_day:
        row["start"], row["since"], row["through"] = days_from_date(start), granted, granted
        happened = (_drawn(loan, granted, contras), *(_paid(payment, contras) for payment in matched.payments))
    return TakenOver(
        id=_id(f"loan {loan.loan_id}", granted),
        borrower=f"{SOURCE}:{loan.account_id}",
        purpose="",
        row=row,
        happened=happened,
    )


def _drawn(loan: Loan, day: int, contras: dict[LedgerAccount, int]) -> Happened:
    return Happened(
        id=_id(f"drawn {loan.loan_id}", day),
        act=Act(day=day, kind=ActKind.DRAW, amount=loan.amount_minor),
        code=LoanCode.DRAWING,
        moves=(Move(contras[LedgerAccount.OTHER_BANKS], -loan.amount_minor),),
    )


def _paid(payment: Payment, contras: dict[LedgerAccount, int]) -> Happened:
    return Happened(
        id=_id(f"paid {payment.trans_id}", payment.day),
        act=Act(day=payment.day, kind=ActKind.REPAY, amount=payment.instalment_minor),
        code=LoanCode.PRINCIPAL,
        moves=(
            Move(contras[LedgerAccount.OTHER_BANKS], payment.amount_minor),
            Move(contras[LedgerAccount.SOURCE_ROUNDING], payment.instalment_minor - payment.amount_minor),
        ),
    )


def _id(name: str, day: int) -> UUID:
    """A UUIDv7 of a day, its free bits from what it is for: a second run asks for the same."""
    words = np.frombuffer(sha256(f"{SOURCE}:{name}".encode()).digest()[:16], ">u8")
    high = day * 86_400_000 << 16 | 0x7000 | int(words[0]) & 0x0FFF
    return join(high, 1 << 63 | int(words[1]) & (1 << 62) - 1)
