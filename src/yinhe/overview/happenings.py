"""What a timeline tells: events of contracts and loans, records of the log, and postings, in words."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum, unique
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import msgspec
import numpy as np

from yinhe.closeday.legs import words_of
from yinhe.deposits.codes import TransferCode
from yinhe.kernel.dates import date_from_days
from yinhe.kernel.ids import is_uuid7, join, unix_ms
from yinhe.ledger.batch import Flag
from yinhe.lending.codes import LoanCode
from yinhe.overview.reading import HeldAccount
from yinhe.payments.codes import PaymentCode
from yinhe.transact.codes import TransferKind

CurrencyOf = Callable[[int], str]
"""The currency's code of a product version (its id in the catalogue)."""

_DAY_US: Final = 86_400_000_000


@unique
class Kind(StrEnum):
    """Where something is told from."""

    CONTRACT = "contract"
    LOAN = "loan"
    RECORD = "record"
    """The log of acts."""
    POSTING = "posting"
    """The journal: payments, and what the nights book."""


class Happening(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened; amounts in minor units of the account's currency."""

    kind: Kind
    at: int
    """Microseconds since 1970-01-01: when it was booked or put on record; of an event when its id was made."""
    business_date: dt.date
    action: str
    """Area and verb: `contract.withdraw`, `posting.interest`."""
    english: str = ""
    chinese: str = ""
    object: str = ""
    """`contract/7`, `loan/3`, or what the record names."""
    id: UUID | None = None
    """Of the command, and of the transaction."""
    seq: int | None = None
    """Of a posting, its row in the journal."""
    record: int | None = None
    """The record's number in the log."""
    amount_minor: int | None = None
    """Of a posting positive into the account; of an event what was asked for."""
    held_minor: int | None = None
    """What a posting changed in money held."""
    currency: str | None = None
    number: str | None = None
    """The party's own account."""
    counter_number: str | None = None
    balance_minor: int | None = None
    """After a posting."""
    actor: str | None = None
    outcome: str | None = None
    """Of a record: done, refused, pending, read."""
    narrative: str | None = None


CONTRACT_WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "open": ("contract opened", "开立合约"),
        "amend": ("contract amended", "合约变更"),
        "transfer": ("contract passed to another holder", "合约转让"),
        "notice": ("notice of withdrawal given", "通知支取"),
        "notice_cancel": ("notice of withdrawal taken back", "取消通知"),
        "deposit": ("paid in", "存入"),
        "withdraw": ("drawn", "支取"),
        "close": ("contract closed", "销户"),
        "order": ("standing order given", "签约定期代付"),
        "order_stop": ("standing order stopped", "终止定期代付"),
    }
)
"""Events of contracts in words."""

LOAN_WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "agree": ("loan agreed", "贷款签约"),
        "take_over": ("loan taken over", "贷款移入"),
        "taken_over": ("happened before the loan was taken over", "移入前发生"),
        "draw": ("loan drawn", "贷款发放"),
        "advance": ("cash drawn on a card", "信用卡取现"),
        "convert": ("purchases turned into instalments", "账单分期"),
        "repay": ("loan repaid in part", "贷款还款"),
        "pay_off": ("loan paid off", "贷款结清"),
        "set_flags": ("loan marked", "贷款标识变更"),
        "clear_flags": ("mark of a loan taken off", "解除贷款标识"),
        "extend": ("loan extended", "贷款展期"),
        "rate": ("loan's rate changed", "贷款利率变更"),
        "capitalise": ("interest made principal", "利息转本金"),
        "re_age": ("arrears spread anew", "逾期重整"),
        "write_off": ("loan written off", "贷款核销"),
        "recover": ("written-off loan recovered", "收回已核销贷款"),
    }
)
"""Events of loans in words."""

_MOVED: Final = frozenset(
    code.name
    for code in (
        TransferCode.OPENING,
        TransferCode.DEPOSIT,
        TransferCode.INSTALMENT,
        TransferCode.WITHDRAWAL,
        TransferCode.CLOSING,
    )
)
_CODE_NAMES: Final[Mapping[int, str]] = MappingProxyType(
    {code.code: code.name.lower() for kind in (TransferCode, LoanCode, TransferKind, PaymentCode) for code in kind}
)
"""What the bank's own organs call their transfer codes; books taken over have others, told by number."""
_MONEY: Final = frozenset({"draw", "advance", "convert", "repay", "pay_off", "recover"})
"""Acts of loans whose amount is money."""


def happened_at(event_id: UUID, day: int) -> int:
    """When an event's id was made; of one without a time of its own the beginning of its day. Microseconds."""
    return unix_ms(event_id) * 1_000 if is_uuid7(event_id) else day * _DAY_US


def contract_happening(row: Sequence[Any], currency_of: CurrencyOf) -> Happening:
    """An event of a contract: (date, id, contract, kind, legs, version)."""
    day, event_id, contract, kind, legs, version = row
    english, chinese = CONTRACT_WORDS.get(kind, (kind, kind))
    amount = sum(int(leg[2]) for leg in legs or () if leg[3] in _MOVED)
    return Happening(
        kind=Kind.CONTRACT,
        at=happened_at(event_id, int(day)),
        business_date=date_from_days(int(day)),
        action=f"contract.{kind}",
        english=english,
        chinese=chinese,
        object=f"contract/{contract}",
        id=event_id if is_uuid7(event_id) else None,
        amount_minor=amount or None,
        currency=currency_of(int(version)) if amount else None,
    )


def loan_happening(row: Sequence[Any], currency_of: CurrencyOf) -> Happening:
    """An event of a loan: (date, id, loan, kind, act, version)."""
    day, event_id, loan, kind, act, version = row
    english, chinese = LOAN_WORDS.get(kind, (kind, kind))
    amount = int(act["amount"]) if act is not None and act["kind"] in _MONEY else 0
    return Happening(
        kind=Kind.LOAN,
        at=happened_at(event_id, int(day)),
        business_date=date_from_days(int(day)),
        action=f"loan.{kind}",
        english=english,
        chinese=chinese,
        object=f"loan/{loan}",
        id=event_id,
        amount_minor=amount or None,
        currency=currency_of(int(version)) if amount else None,
    )


def record_happening(row: Sequence[Any]) -> Happening:
    """A record of the log: (date, time, number, action, object, actor, outcome, request id)."""
    day, at, number, action, of, actor, outcome, request_id = row
    return Happening(
        kind=Kind.RECORD,
        at=int(at),
        business_date=date_from_days(int(day)),
        action=action,
        object=of,
        record=int(number),
        actor=actor,
        outcome=outcome,
        id=request_id,
    )


def posting_happening(
    row: np.void,
    *,
    account: HeldAccount,
    currency: str,
    booked: tuple[int, int],
    said: tuple[str, str],
    words: Mapping[int, tuple[str, str]],
    number: Callable[[int], str],
) -> Happening:
    """A row of the journal (dtype ROW) as seen from one of the party's accounts.

    `booked` is its time and date, `said` who asked for it and in which words, `words` what the unit calls transfer
    codes, `number` writes an account's 16 digits.
    """
    is_debit, own = bool(row["debit"] == account.account), account.account
    moved, held = moved_and_held(int(row["amount"]), int(row["flags"]), is_debit=is_debit)
    code = int(row["code"])
    english, chinese = words.get(code) or words_of_code(code)
    return Happening(
        kind=Kind.POSTING,
        at=booked[0],
        business_date=date_from_days(booked[1]),
        action=f"posting.{_CODE_NAMES.get(code, code)}",
        english=english,
        chinese=chinese,
        object=account.of,
        id=join(int(row["txn_hi"]), int(row["txn_lo"])),
        seq=int(row["seq"]),
        amount_minor=moved,
        held_minor=held or None,
        currency=currency,
        number=number(own),
        counter_number=number(int(row["credit" if is_debit else "debit"])),
        balance_minor=int(row["debit_balance" if is_debit else "credit_balance"]),
        actor=said[0] or None,
        narrative=said[1] or None,
    )


def words_of_code(code: int) -> tuple[str, str]:
    """Why money moves, where the unit has no name of its own for it."""
    if code == 0:
        return "Transfer", "转账"
    what = words_of(code)
    return what.english, what.chinese


def moved_and_held(amount: int, flags: int, *, is_debit: bool) -> tuple[int, int]:
    """What a row changed in an account's balance, and in what is held on it; minor units."""
    pending, releases = flags & Flag.PENDING, flags & (Flag.POST | Flag.VOID)
    moved = 0 if flags & (Flag.PENDING | Flag.VOID) else amount
    held = (amount if pending else -amount if releases else 0) if is_debit else 0
    return (-moved if is_debit else moved), held


def order_of(one: Happening) -> tuple[dt.date, int]:
    """By what a timeline is in order: the business date, and the time."""
    return one.business_date, one.at
