"""Explains what was asked for: interest paid when money is drawn, worked out again; the rest is as it was ordered."""

from typing import Any, Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from yinhe.closeday.errors import ExplanationDiffers, NotExplained
from yinhe.closeday.explain_fee import explain_fee, has_fee, recalled
from yinhe.closeday.explain_interest import derive
from yinhe.closeday.explain_loan import explain_act
from yinhe.closeday.explanation import Derivation, Explanation
from yinhe.closeday.legs import legs_of, words_of
from yinhe.closeday.past import Past
from yinhe.closeday.stood import begun_by, walk
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import ContractFlag
from yinhe.deposits.events import Event
from yinhe.deposits.withdrawals import (
    DrawnNotice,
    Manner,
    counts_since,
    drawn,
    manner_of,
    noticed_minor,
    paid_before,
    rate_of_drawn,
)
from yinhe.kernel.dates import date_from_days
from yinhe.kernel.rates import Rate, format_rate
from yinhe.products.parts.early import EarlyWithdrawal
from yinhe.products.parts.notice import Notice
from yinhe.products.parts.tax import Tax
from yinhe.products.pricing import Reason
from yinhe.products.product import Product

ORDERED: Final = Reason(
    "The amounts are those that were asked for; they follow from nothing else.", "金额即申请金额，不由其他事实推算。"
)
_INTEREST: Final = TransferCode.INTEREST.code
_TAKEN_BACK: Final = TransferCode.INTEREST_CORRECTION.code
_OF_INTEREST: Final = (_INTEREST, _TAKEN_BACK)


def explain_service(past: Past, txn_id: UUID, rows: NDArray[np.void]) -> Explanation:
    """Why a transaction that no night made has its amounts. Raises ExplanationDiffers, NotExplained."""
    loan_event = past.loan_event(txn_id)
    # What came with a loan from another bank was booked there, not decided here.
    if loan_event is not None and loan_event.kind not in ("take_over", "taken_over"):
        return explain_act(past, loan_event, rows)
    if has_fee(rows):
        return explain_fee(past, txn_id, rows)
    event = past.event(txn_id)
    derivation: Derivation | None = None
    reasons: tuple[Reason, ...] = (ORDERED, *recalled(rows))
    derived = bool(np.isin(rows["code"], _OF_INTEREST).any()) and event is not None
    if event is not None and derived:
        derivation, reasons = _drawing(past, event, rows)
    return Explanation(
        txn_id=txn_id,
        what=words_of(int(rows["code"][-1])),
        business_date=past.booked_on(int(rows["seq"][0])),
        night=None,
        currency=past.currency_of(int(rows["debit"][0])),
        legs=legs_of(rows),
        derivation=derivation,
        contracts=0 if derivation is None else 1,
        reasons=reasons,
        derived=derived,
    )


def _drawing(past: Past, event: Event, rows: NDArray[np.void]) -> tuple[Derivation | None, tuple[Reason, ...]]:
    """The interest of money drawn from a contract, compared with what was posted."""
    date = event.business_date
    begun = begun_by(past, [event.contract], date, without=event.id)
    if not len(begun.rows):
        raise NotExplained(f"Transaction {event.id} is for contract {event.contract}, which is not there.")
    begun.rows["flags"] |= int(ContractFlag.OPEN)
    catalogue = past.known_on(date)
    product = catalogue.in_force(int(begun.rows["version"][0]), date)
    row = walk(past, begun, date, date)
    account = int(row["account"][0])
    balance = past.balance_at(account, int(rows["seq"][0]) - 1)
    amount = balance if event.kind == "close" else _amount(rows)
    notice = _notice(past, event.body)
    closes = event.kind == "close"
    manner = manner_of(product, row, date=date, amount_minor=amount, notice=notice, closes=closes)
    found = drawn(
        product,
        catalogue.rates,
        row,
        date=date,
        balance_minor=balance,
        amount_minor=amount,
        manner=manner,
        balance_on=lambda day: past.balance_at(account, past.seq_at_date(day)),
        notice=notice,
    )
    _compare(event.id, "interest", _interest(rows), found.interest_minor)
    tax = product.one(Tax)
    if tax is not None:
        is_company = np.array([bool(int(row["flags"][0]) & ContractFlag.COMPANY)])
        withheld = int(tax.withhold(np.array([found.interest_minor], np.int64), is_company, date - 1)[0])
        _compare(event.id, "tax", _sum(rows, TransferCode.INTEREST_TAX.code), withheld)
    if manner is Manner.ORDINARY:
        return derive(past, begun, date, date, date - 1), _ordinary(balance, amount)
    rate = rate_of_drawn(product, catalogue.rates, row, date, balance, manner)
    reasons = _otherwise(product, manner, rate, counts_since(product, row, manner), date)
    before = paid_before(product, row) if manner is Manner.EARLY else 0
    noticed = noticed_minor(product, date, amount, notice) if manner is Manner.WITHOUT_NOTICE else 0
    more = [_in_advance(before)] if before else []
    more += [_noticed(noticed)] if noticed else []
    return None, (*reasons, *more)


def _sum(rows: NDArray[np.void], code: int) -> int:
    return int(rows["amount"][rows["code"] == code].sum())


def _interest(rows: NDArray[np.void]) -> int:
    """What was paid, below zero what was taken back."""
    return _sum(rows, _INTEREST) - _sum(rows, _TAKEN_BACK)


def _amount(rows: NDArray[np.void]) -> int:
    """What was drawn, without its interest."""
    paid = _sum(rows, TransferCode.WITHDRAWAL.code)
    return paid - _interest(rows) + _sum(rows, TransferCode.INTEREST_TAX.code)


def _notice(past: Past, body: dict[str, Any]) -> DrawnNotice | None:
    given = body.get("notice_drawn")
    found = past.notice(UUID(given)) if given else None
    return None if found is None else DrawnNotice(*found)


def _compare(txn_id: UUID, what: str, posted_minor: int, again_minor: int) -> None:
    if posted_minor != again_minor:
        raise ExplanationDiffers(
            f"Transaction {txn_id} posted {posted_minor} minor units of {what}; worked out again it is {again_minor}."
        )


def _ordinary(balance_minor: int, amount_minor: int) -> tuple[Reason, ...]:
    if balance_minor == amount_minor:
        return (Reason("All that had accrued is paid with the balance.", "支取全部本金，应计利息随本付清。"),)
    return (
        Reason(
            f"What had accrued is paid for the part drawn: {amount_minor} of {balance_minor} minor units.",
            f"应计利息按支取比例支付：{balance_minor}分中的{amount_minor}分。",
        ),
    )


def _in_advance(paid_minor: int) -> Reason:
    return Reason(
        f"What was paid monthly before, {paid_minor} minor units, counts as paid in advance.",
        f"此前已按月支付的利息{paid_minor}分予以扣回。",
    )


def _noticed(noticed_minor: int) -> Reason:
    return Reason(
        f"Of the amount {noticed_minor} minor units were noticed for the day, and earn what was agreed.",
        f"其中{noticed_minor}分已按约定通知，按约定利率计息。",
    )


def _otherwise(product: Product, manner: Manner, rate: int, since: int, date: int) -> tuple[Reason, ...]:
    first, last, text = date_from_days(since), date_from_days(date), format_rate(Rate(rate))
    said = Reason(
        f"Drawn {manner.value.replace('_', ' ')}: the amount earns {text} a year from {first} to before {last}.",
        f"该笔支取自{first}起至{last}前一日按年利率{text}计息。",
    )
    parts = (product.one(EarlyWithdrawal), product.one(Notice))
    wanted = {Manner.EARLY: 0, Manner.NOTICED: 1, Manner.WITHOUT_NOTICE: 1}.get(manner)
    part = None if wanted is None else parts[wanted]
    return (said,) if part is None else (said, Reason(*part.text()))
