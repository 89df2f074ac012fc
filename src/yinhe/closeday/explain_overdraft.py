"""Explains what the nights posted for overdrafts.

What an account held on each day is read again, and what it owed for it worked out from its first day on, by the steps
of `deposits.overdrafts`.
"""

from typing import Final, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from yinhe.closeday.errors import ExplanationDiffers, NotExplained
from yinhe.closeday.explanation import Derivation, Explanation, RateUsed, Share, Span
from yinhe.closeday.facts import Posting
from yinhe.closeday.identity import Origin
from yinhe.closeday.legs import legs_of, words_of
from yinhe.closeday.past import Past
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.interest import last_settled, period_start
from yinhe.deposits.overdrafts import Walked, walk
from yinhe.deposits.recompute import first_days, past_days
from yinhe.kernel.dates import date_from_days
from yinhe.kernel.interest import accrue
from yinhe.kernel.rounding import round_quotient
from yinhe.ledger.batch import Flag
from yinhe.products.catalogue import Catalogue
from yinhe.products.parts.accrual import Accrual
from yinhe.products.parts.overdraft import Overdraft
from yinhe.products.pricing import Reason

SHARES_MAX: Final = 20
_BALANCING: Final = np.uint16(Flag.BALANCING_DEBIT)


class _Life(NamedTuple):
    """An account from its first day to the end of a date, as it was known at that date's end."""

    held: NDArray[np.int64]
    """At the end of each day, by value date: int64[1, days]."""
    walked: Walked

    @property
    def claim(self) -> int:
        """All it has cost so far, in whole minor units, taken or not."""
        return int(self.walked.settled[0] + self.walked.whole[0])


def explain_overdraft(
    past: Past, txn_id: UUID, rows: NDArray[np.void], date: int, posting: Posting, origin: Origin
) -> Explanation:
    """Why the close of a date posted this for an overdraft, or a product's. Raises ExplanationDiffers, NotExplained."""
    known = past.known_on(date)
    of_product = posting is Posting.OVERDRAFT_ACCRUAL
    numbers = [origin.key]
    if of_product:
        numbers = past.contracts_of([one.id for one in known.versions if one.product.number == origin.key])
    contracts = past.contracts(numbers)
    contracts = contracts[contracts["start"] <= date]
    if not len(contracts):
        raise NotExplained(f"Transaction {txn_id} is for a deposit that is not there.")
    shares: list[Share] = []
    derivation: Derivation | None = None
    if of_product:
        shares = [Share(int(row["contract"][0]), _grown(past, row, date)) for row in _one_by_one(contracts)]
        wanted = sum(share.amount_minor for share in shares)
    else:
        row, life = contracts[:1], _life(past, known, contracts[:1], date, date)
        wanted = int(life.walked.settled[0]) - _taken(past, row, date)
        derivation = _derivation(known, row, life, date)
    _compare(txn_id, rows, abs(wanted), date)
    product = known.in_force(int(contracts["version"][0]), date)
    return Explanation(
        txn_id=txn_id,
        what=words_of(int(rows["code"][0])),
        business_date=past.booked_on(int(rows["seq"][0])),
        night=date,
        currency=past.currency_of(int(rows["debit"][0])),
        legs=legs_of(rows),
        derivation=derivation,
        shares=tuple(sorted((one for one in shares if one.amount_minor), key=_size, reverse=True)[:SHARES_MAX]),
        contracts=sum(share.amount_minor != 0 for share in shares) if of_product else 1,
        reasons=tuple(Reason(*part.text()) for part in product.all(Overdraft)),
    )


def _size(share: Share) -> int:
    return abs(share.amount_minor)


def _one_by_one(contracts: NDArray[np.void]) -> list[NDArray[np.void]]:
    return [contracts[at : at + 1] for at in range(len(contracts))]


def _grown(past: Past, row: NDArray[np.void], date: int) -> int:
    """By how much what a contract has cost grew with the close of a date: that day, and what became known on it."""
    if 0 < int(row["closed"][0]) <= date:
        return 0
    now = _life(past, past.known_on(date), row, date, date).claim
    return now - _life(past, past.known_on(date - 1), row, date - 1, date - 1).claim


def _life(past: Past, known: Catalogue, row: NDArray[np.void], date: int, booked: int) -> _Life:
    """A contract to the end of a date, of what was booked by then."""
    start, account, version = int(row["start"][0]), row["account"].copy(), int(row["version"][0])
    journal = past.journal(account, start, booked + 1)
    balances = past.balances_at(account, past.seq_at_date(booked))
    days = past_days(account, balances, journal.rows, journal.booked, start, booked + 1)
    held = first_days(days, date + 1 - start).balances if date >= start else np.zeros((1, 0), np.int64)
    return _Life(held, walk(row, start, held, lambda day: known.in_force(version, day), known.rates))


def _taken(past: Past, row: NDArray[np.void], date: int) -> int:
    """What earlier nights took of an account for its overdraft, less what they gave back, in minor units."""
    account = row["account"].copy()
    booked = past.journal(account, int(row["start"][0]), date + 1).rows
    ours = booked[booked["code"] == TransferCode.OVERDRAFT_INTEREST.code]
    return int(np.where(ours["debit"] == account[0], ours["amount"], -ours["amount"]).sum())


def _compare(txn_id: UUID, rows: NDArray[np.void], wanted: int, date: int) -> None:
    """What was asked for, of which the ledger gave what was there. Raises ExplanationDiffers."""
    row = rows[0]
    asked = int(row["reference" if row["flags"] & _BALANCING else "amount"])
    if asked != wanted:
        raise ExplanationDiffers(
            f"Transaction {txn_id} asked for {asked} minor units; worked out again from what the accounts held and the "
            f"products of {date_from_days(date)} it is {wanted}."
        )


def _derivation(known: Catalogue, row: NDArray[np.void], life: _Life, date: int) -> Derivation | None:
    """The days of the period that was settled last, on or before a date; None where none was."""
    version, start = int(row["version"][0]), int(row["start"][0])
    product = known.in_force(version, date)
    accrual, overdraft = product.one(Accrual), product.one(Overdraft)
    last = int(last_settled(product, date, row)[0])
    if accrual is None or overdraft is None or last < start:
        return None
    first = int(period_start(product, last, row)[0])
    spans: list[Span] = []
    for day in range(first, last + 1):
        balance = int(life.held[0, day - start])
        rate = int(overdraft.regimes(known.rates, day, day + 1)[0].rates[0])
        begin, days = day, 1
        if balance >= 0:
            continue
        same = spans and spans[-1].end == day
        if same and (spans[-1].balance_minor, spans[-1].rates[0].rate) == (balance, rate):
            begin, days = spans[-1].start, spans.pop().days + 1
        used = (RateUsed(0, rate, Reason(*overdraft.text())),)
        whole, rest = accrue(-balance, rate, days, accrual.base // 10**8)
        spans.append(Span(begin, day + 1, days, balance, product.name, overdraft.name, used, whole, rest))
    rest = sum(span.remainder for span in spans)
    whole = sum(span.whole for span in spans) + rest // accrual.base
    amount = round_quotient(whole, rest % accrual.base, accrual.base, accrual.rounding)
    contract = int(row["contract"][0])
    return Derivation(contract, tuple(spans), 0, 0, accrual.base, whole, rest % accrual.base, accrual.rounding, amount)
