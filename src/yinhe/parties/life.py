"""The life of a party: prospect, customer, dormant, closed; and how often its risk is looked at. Pure."""

import datetime as dt
from typing import Final

import msgspec

from yinhe.kernel.dates import add_months
from yinhe.kernel.refusals import Refusal
from yinhe.parties.model import PartyStatus, Risk
from yinhe.parties.refusals import PartyRefusal

MOVES: Final = {
    PartyStatus.PROSPECT: frozenset({PartyStatus.CUSTOMER, PartyStatus.CLOSED}),
    PartyStatus.CUSTOMER: frozenset({PartyStatus.DORMANT, PartyStatus.CLOSED}),
    PartyStatus.DORMANT: frozenset({PartyStatus.CUSTOMER, PartyStatus.CLOSED}),
    # Who comes back is looked at afresh: papers expire, ratings age.
    PartyStatus.CLOSED: frozenset({PartyStatus.PROSPECT}),
}
"""From where to where a party goes."""

REVIEW_MONTHS: Final = {Risk.PROHIBITED: 6, Risk.HIGH: 6, Risk.MEDIUM: 12, Risk.LOW: 24}
"""Longest time to the next review. PBOC's guideline on rating customers' risk of money laundering (2013) asks for half
a year at the highest rating and at most twice that of the rating above for each below."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What a move of a party is decided by."""

    status: PartyStatus
    risk: Risk | None
    verified: bool
    """Whether an identifier that holds today was verified."""
    open_contracts: bool


def decide_move(standing: Standing, to: PartyStatus) -> Refusal | None:
    """Why a party does not go from where it stands to another state; None if it does."""
    if to not in MOVES[standing.status]:
        return Refusal(PartyRefusal.MOVE_UNLAWFUL, f"{standing.status} → {to}")
    if to is PartyStatus.CUSTOMER:
        if standing.risk is Risk.PROHIBITED:
            return Refusal(PartyRefusal.RISK_PROHIBITED)
        if not standing.verified:
            return Refusal(PartyRefusal.IDENTIFIER_UNVERIFIED)
    if to is PartyStatus.CLOSED and standing.open_contracts:
        return Refusal(PartyRefusal.CONTRACTS_OPEN)
    return None


def decide_review(risk: Risk, review: dt.date, today: dt.date) -> Refusal | None:
    """Why a rating may not be looked at again on a day only; None if it may."""
    if review <= today:
        return Refusal(PartyRefusal.REVIEW_NOT_AHEAD)
    latest = add_months(today, REVIEW_MONTHS[risk])
    if review > latest:
        return Refusal(PartyRefusal.REVIEW_TOO_LATE, f"{latest.isoformat()}")
    return None
