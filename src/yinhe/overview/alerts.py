"""What should be looked at: found in a picture's parts and in what the register knows. Pure."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final

from yinhe.kernel.dates import days_from_date
from yinhe.overview.people import Known
from yinhe.overview.reading import ContractRow
from yinhe.overview.records import (
    Alert,
    AlertReason,
    CardPicture,
    ContractPicture,
    ContractStatus,
    HoldPicture,
    LoanPicture,
    LoanStatus,
)

SOON_DAYS: Final = 7
"""What ends within so many days is told of."""
PAPERS_SOON_DAYS: Final = 30
"""Papers are told of earlier: to get new ones takes time."""
_DAY_US: Final = 86_400_000_000
_ORDER: Final = {reason.name.lower(): place for place, reason in enumerate(AlertReason)}


def sorted_alerts(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """The gravest first, then the earliest."""
    return tuple(sorted(alerts, key=lambda one: (_ORDER[one.name], one.on or dt.date.min, one.object)))


def alerts_of_contracts(
    contracts: Iterable[ContractPicture], rows: Iterable[ContractRow], floors: dict[int, int], today: int
) -> Iterator[Alert]:
    """What to look at in contracts on a business date; `floors` is how low each account may go, minor units."""
    missed = {row.contract: row.missed for row in rows}
    for one in contracts:
        name, code = f"contract/{one.contract}", one.currency
        if one.balance_minor < 0:
            beyond = one.balance_minor < floors[one.account]
            reason = AlertReason.OVER_OVERDRAFT if beyond else AlertReason.OVERDRAWN
            yield _alert(reason, name, amount_minor=-one.balance_minor, currency=code)
        if one.is_blocked:
            yield _alert(AlertReason.BLOCKED, name)
        if one.maturity is not None and one.status is ContractStatus.OPEN and _soon(one.maturity, today, SOON_DAYS):
            yield _alert(AlertReason.MATURES, name, one.maturity, one.balance_minor, code)
        if one.status is ContractStatus.DORMANT:
            yield _alert(AlertReason.DORMANT, name, amount_minor=one.balance_minor, currency=code)
        if missed.get(one.contract):
            yield _alert(AlertReason.INSTALMENT_MISSED, name)


def alerts_of_loans(loans: Iterable[LoanPicture], cards: Iterable[CardPicture], today: int) -> Iterator[Alert]:
    """What to look at in loans and cards on a business date."""
    for one in loans:
        name, code = f"loan/{one.loan}", one.currency
        if one.status is LoanStatus.OVERDUE:
            yield _alert(AlertReason.LOAN_OVERDUE, name, one.overdue_since, one.overdue_minor, code)
        if one.status is LoanStatus.WRITTEN_OFF:
            yield _alert(AlertReason.LOAN_WRITTEN_OFF, name, amount_minor=one.written_off_minor, currency=code)
        if one.is_blocked:
            yield _alert(AlertReason.BLOCKED, name)
        if one.next_due is not None and _soon(one.next_due, today, SOON_DAYS):
            yield _alert(AlertReason.LOAN_DUE, name, one.next_due, one.next_minor, code)
    for card in cards:
        if card.due is not None and card.left_minor and _soon(card.due, today, SOON_DAYS):
            yield _alert(AlertReason.CARD_DUE, f"loan/{card.loan}", card.due, card.left_minor, card.currency)


def alerts_of_holds(holds: Iterable[HoldPicture], now_us: int) -> Iterator[Alert]:
    """Holds that expire within the next day; `now_us` in microseconds since 1970-01-01."""
    for hold in holds:
        if hold.expires_at is not None and hold.expires_at - now_us < _DAY_US:
            on = dt.datetime.fromtimestamp(hold.expires_at / 1_000_000, dt.UTC).date()
            yield _alert(AlertReason.HOLD_EXPIRES, f"hold/{hold.hold}", on, hold.remaining_minor, hold.currency)


def alerts_of_papers(known: Known, today: int) -> Iterator[Alert]:
    """What to look at in the papers and the rating of a party on a business date."""
    if known.review is not None and days_from_date(known.review) <= today:
        yield _alert(AlertReason.RISK_REVIEW_DUE, f"party/{known.party}", known.review)
    for paper in known.expiries:
        is_identifier = paper.what == "identifier"
        if days_from_date(paper.on) < today:
            reason = AlertReason.IDENTIFIER_EXPIRED if is_identifier else AlertReason.DOCUMENT_EXPIRED
        elif _soon(paper.on, today, PAPERS_SOON_DAYS):
            reason = AlertReason.IDENTIFIER_EXPIRES if is_identifier else AlertReason.DOCUMENT_EXPIRES
        else:
            continue
        yield _alert(reason, f"{paper.what}/{paper.kind}", paper.on)


def _soon(day: dt.date, today: int, within: int) -> bool:
    return 0 <= days_from_date(day) - today <= within


def _alert(
    reason: AlertReason,
    of: str,
    on: dt.date | None = None,
    amount_minor: int | None = None,
    currency: str | None = None,
) -> Alert:
    return Alert(
        name=reason.name.lower(),
        english=reason.english,
        chinese=reason.chinese,
        object=of,
        on=on,
        amount_minor=amount_minor,
        currency=None if amount_minor is None else currency,
    )
