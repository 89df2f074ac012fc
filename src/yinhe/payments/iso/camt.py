"""camt.053, BankToCustomerStatement, and camt.054, BankToCustomerDebitCreditNotification.

Both say the same of an entry; a statement adds the balances before and after, and they add up.
"""

from typing import Final

import msgspec

from yinhe.kernel.currency import Currency
from yinhe.payments.iso.fields import (
    AccountId,
    account_tag,
    amount_tag,
    bank_tag,
    date_text,
    remittance_tag,
    time_text,
)
from yinhe.payments.iso.xml import Tag, tag, write_document

STATEMENT: Final = "camt.053.001.08"
NOTIFICATION: Final = "camt.054.001.08"
INFORMATION_MAX: Final = 500
"""Most characters of an entry's further words (Max500Text)."""


class StatementEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry; positive is a credit. Dates are days since 1970-01-01."""

    reference: str
    """Under which the bank knows it: at most 35 characters."""
    amount_minor: int
    booking_date: int
    value_date: int
    code: int
    """The transfer code of the books."""
    words: str = ""
    """What the code means."""
    is_reversal: bool = False
    is_clearing: bool = False
    """Whether it came from another bank or went there."""
    is_transfer: bool = True
    """Whether it is a transfer between accounts, and not the bank's own doing: interest, a fee."""
    instruction_id: str = ""
    end_to_end_id: str = ""
    transaction_id: str = ""
    counter_name: str = ""
    counter_account: AccountId = AccountId()
    counter_bic: str = ""
    remittance: tuple[str, ...] = ()
    payee_reference: str = ""
    return_code: str = ""
    """Why it came back, if it did."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """An account over a period of whole business dates; entries oldest first."""

    id: str
    """At most 35 characters."""
    created_us: int
    account: AccountId
    currency: Currency
    bic: str
    first: int
    last: int
    opening_minor: int
    closing_minor: int
    is_final: bool = True
    """Whether the last day is over; else the balance after it is that of the moment."""
    entries: tuple[StatementEntry, ...]


def write_camt053(statement: Statement) -> bytes:
    """The statement as XML."""
    money = statement.currency
    root = tag(
        "BkToCstmrStmt",
        tag("GrpHdr", tag("MsgId", statement.id), tag("CreDtTm", time_text(statement.created_us))),
        tag(
            "Stmt",
            tag("Id", statement.id),
            tag("CreDtTm", time_text(statement.created_us)),
            _period(statement),
            _account(statement),
            _balance("OPBD", statement.opening_minor, statement.first, money),
            _balance("CLBD" if statement.is_final else "ITBD", statement.closing_minor, statement.last, money),
            *(_entry(entry, money) for entry in statement.entries),
        ),
    )
    return write_document(STATEMENT, root)


def write_camt054(notification: Statement) -> bytes:
    """The entries of a statement as a notification, without balances, as XML."""
    root = tag(
        "BkToCstmrDbtCdtNtfctn",
        tag("GrpHdr", tag("MsgId", notification.id), tag("CreDtTm", time_text(notification.created_us))),
        tag(
            "Ntfctn",
            tag("Id", notification.id),
            tag("CreDtTm", time_text(notification.created_us)),
            _account(notification),
            *(_entry(entry, notification.currency) for entry in notification.entries),
        ),
    )
    return write_document(NOTIFICATION, root)


def _period(statement: Statement) -> Tag | None:
    return tag(
        "FrToDt",
        tag("FrDtTm", f"{date_text(statement.first)}T00:00:00"),
        tag("ToDtTm", f"{date_text(statement.last)}T23:59:59"),
    )


def _account(statement: Statement) -> Tag | None:
    account = account_tag("Acct", statement.account, statement.currency.code)
    servicer = bank_tag("Svcr", statement.bic)
    assert account is not None
    assert servicer is not None
    assert not isinstance(account.content, str)
    return Tag("Acct", (*account.content, servicer))


def _balance(code: str, minor: int, date: int, money: Currency) -> Tag | None:
    return tag(
        "Bal",
        tag("Tp", tag("CdOrPrtry", tag("Cd", code))),
        amount_tag("Amt", minor, money),
        tag("CdtDbtInd", _sign(minor)),
        tag("Dt", tag("Dt", date_text(date))),
    )


def _sign(minor: int) -> str:
    return "DBIT" if minor < 0 else "CRDT"


def _entry(entry: StatementEntry, money: Currency) -> Tag | None:
    return tag(
        "Ntry",
        amount_tag("Amt", entry.amount_minor, money),
        tag("CdtDbtInd", _sign(entry.amount_minor)),
        tag("RvslInd", "true") if entry.is_reversal else None,
        tag("Sts", tag("Cd", "BOOK")),
        tag("BookgDt", tag("Dt", date_text(entry.booking_date))),
        tag("ValDt", tag("Dt", date_text(entry.value_date))),
        tag("AcctSvcrRef", entry.reference),
        tag("BkTxCd", _domain(entry), tag("Prtry", tag("Cd", str(entry.code)))),
        tag("NtryDtls", _details(entry, money)),
        tag("AddtlNtryInf", entry.words[:INFORMATION_MAX]),
    )


def _domain(entry: StatementEntry) -> Tag | None:
    """The bank transaction code: payments received or issued, inside the bank or outside; or account management."""
    if not entry.is_transfer:
        family = "MDOP" if entry.amount_minor < 0 else "MCOP"
        return tag("Domn", tag("Cd", "ACMT"), tag("Fmly", tag("Cd", family), tag("SubFmlyCd", "OTHR")))
    family = "ICDT" if entry.amount_minor < 0 else "RCDT"
    sub_family = "RRTN" if entry.return_code else "DMCT" if entry.is_clearing else "BOOK"
    return tag("Domn", tag("Cd", "PMNT"), tag("Fmly", tag("Cd", family), tag("SubFmlyCd", sub_family)))


def _details(entry: StatementEntry, money: Currency) -> Tag | None:
    if not (entry.end_to_end_id or entry.transaction_id or entry.counter_name or entry.counter_account.number):
        return None
    side = "Cdtr" if entry.amount_minor < 0 else "Dbtr"
    return tag(
        "TxDtls",
        tag(
            "Refs",
            tag("AcctSvcrRef", entry.reference),
            tag("InstrId", entry.instruction_id),
            tag("EndToEndId", entry.end_to_end_id),
            tag("TxId", entry.transaction_id),
        ),
        amount_tag("Amt", entry.amount_minor, money),
        tag("CdtDbtInd", _sign(entry.amount_minor)),
        tag(
            "RltdPties",
            tag(side, tag("Pty", tag("Nm", entry.counter_name))),
            account_tag(f"{side}Acct", entry.counter_account),
        ),
        tag("RltdAgts", bank_tag(f"{side}Agt", entry.counter_bic)) if entry.counter_bic else None,
        remittance_tag(entry.remittance, entry.payee_reference),
        tag("RtrInf", tag("Rsn", tag("Cd", entry.return_code))),
    )
