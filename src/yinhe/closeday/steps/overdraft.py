"""Overdrafts: what is overdrawn bears interest, which is settled and taken as far as there is money.

What an account has is known only when it is taken: the night asks for what is owed, the ledger gives what is there
above the floor (a balancing debit), and the second half of the step notes just that. The rules: `deposits.overdrafts`.
"""

import numpy as np
from numpy.typing import NDArray

from yinhe.closeday.facts import NO_PLACES, Facts, Plan, Posting
from yinhe.closeday.identity import amounts_of
from yinhe.closeday.steps.accrue import sources_of
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.interest import period_start
from yinhe.deposits.overdrafts import Overdrawn, Walked, accrued_day, settle, walk
from yinhe.deposits.recompute import first_days, past_days
from yinhe.ledger.batch import TRANSFER, Flag
from yinhe.products.parts.base import Int64Column
from yinhe.products.parts.ledger import OverdraftLedger
from yinhe.products.parts.overdraft import Overdraft
from yinhe.products.product import Product
from yinhe.products.rates import RateBook


def decide(facts: Facts) -> Plan:
    """Accrue the day's interest, settle what is due, and ask each account for what it owes."""
    postings: list[NDArray[np.void]] = [np.zeros(0, TRANSFER)]
    changed: list[Int64Column] = [NO_PLACES]
    figures = {"overdrawn": 0, "interest_minor": 0, "asked_minor": 0, "worked_out_anew": 0}
    grown: dict[int, tuple[Product, int]] = {}
    for version, places in facts.book.by_version().items():
        product = facts.product(version)
        mapping = product.one(OverdraftLedger)
        if product.one(Overdraft) is None or mapping is None:
            continue
        late = _known_late(facts, product, places)
        here = places[_concerned(facts, places, late)]
        before = facts.overdrafts.of(facts.book.rows["contract"][here])
        after = before.copy()
        _work_out_anew(facts, version, here, after, late)
        _end_day(facts, product, here, after)
        facts.overdrafts.put(after)
        more = int((after["whole"] + after["owed"] - before["whole"] - before["owed"]).sum())
        grown[product.number] = (product, grown.get(product.number, (product, 0))[1] + more)
        asked = _charges(facts, product, mapping, here, after["owed"])
        postings.append(asked)
        changed.append(after["contract"])
        figures["overdrawn"] += int((facts.balances[facts.book.rows["account"][here]] < 0).sum())
        figures["interest_minor"] += more
        figures["asked_minor"] += int(asked["amount"].sum())
        figures["worked_out_anew"] += len(late)
    postings += [_earned(facts, product, more) for product, more in grown.values()]
    return Plan(np.concatenate(postings), overdrafts=np.concatenate(changed), figures=figures)


def _concerned(facts: Facts, places: Int64Column, late: dict[int, int]) -> NDArray[np.bool_]:
    """Contracts that are overdrawn, owe something already, or whose past looks different today."""
    rows = facts.book.rows
    had = facts.overdrafts.of(rows["contract"][places])
    owes = (had["whole"] != 0) | (had["remainder"] != 0) | (had["owed"] != 0)
    begun = rows["start"][places] <= facts.date
    is_late = np.isin(places, np.array(list(late), np.int64))
    return begun & ((facts.balances[rows["account"][places]] < 0) | owes | is_late)


def _end_day(facts: Facts, product: Product, places: Int64Column, owes: Overdrawn) -> None:
    rows = facts.book.rows[places]
    held = facts.balances[rows["account"]]
    whole, rest = owes["whole"].copy(), owes["remainder"].copy()
    whole, rest = accrued_day(held, whole, rest, product, facts.rates, facts.date)
    found, owes["whole"], owes["remainder"] = settle(rows, whole, rest, product, facts.date)
    owes["owed"] += found


# --- what is known late


def _known_late(facts: Facts, product: Product, places: Int64Column) -> dict[int, int]:
    """Places of contracts, and from which day on each is to be worked out anew."""
    rows, since = facts.book.rows, dict[int, int]()
    dated = facts.value_dated[facts.value_dated["value_date"] < facts.date]
    for side in ("debit", "credit"):
        found = facts.book.of_accounts(dated[side].astype(np.int32))
        for place, day in zip(found.tolist(), dated["value_date"].tolist(), strict=True):
            if place >= 0:
                since[place] = min(day, since.get(place, facts.date))
    tables = {source.table for source in sources_of(product.one(Overdraft))}
    corrected = [
        entry.effective
        for entry in facts.rates.entries
        if entry.recorded == facts.date and entry.effective < facts.date and entry.table in tables
    ]
    if corrected:
        since.update({place: min(min(corrected), since.get(place, facts.date)) for place in places.tolist()})
    ours = set(places.tolist())
    return {place: max(day, int(rows["start"][place])) for place, day in since.items() if place in ours}


def _work_out_anew(facts: Facts, version: int, places: Int64Column, owes: Overdrawn, late: dict[int, int]) -> None:
    """Bring what is known late into accruals as at the end of the day before, and differences of settlements, in place.

    What was known a day ago is worked out beside what is known now.
    """
    product = facts.product(version)
    for at, place in enumerate(places.tolist()):
        if place not in late:
            continue
        row = facts.book.rows[np.array([place])]
        start = int(period_start(product, late[place], row)[0])
        held, moved = _held(facts, row, start)
        know_now = _walk(facts, version, row, start, held, facts.rates)
        knew = _walk(facts, version, row, start, held - moved, facts.catalogue.rates.known(facts.date - 1))
        owes["whole"][at], owes["remainder"][at] = know_now.whole[0], know_now.remainder[0]
        owes["owed"][at] += know_now.settled[0] - knew.settled[0]


def _held(facts: Facts, row: NDArray[np.void], start: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What an account held at the end of the days from `start` to before the date, and what of it came in today."""
    account, days = row["account"].astype(np.int32), facts.date - start
    journal = facts.journal(start)
    held = past_days(account, facts.balances[account], journal.rows, journal.booked, start, facts.date + 1)
    dated = facts.value_dated[facts.value_dated["flags"] & np.uint16(Flag.PENDING | Flag.VOID) == 0]
    moved = np.zeros(days, np.int64)
    for side, sign in (("debit", -1), ("credit", 1)):
        mine = dated[(dated[side] == account[0]) & (dated["value_date"] < facts.date)]
        np.add.at(moved, np.maximum(mine["value_date"] - start, 0), sign * mine["amount"])
    return first_days(held, days).balances, np.cumsum(moved)[None, :]


def _walk(
    facts: Facts, version: int, row: NDArray[np.void], start: int, held: NDArray[np.int64], rates: RateBook
) -> Walked:
    return walk(row, start, held, lambda day: facts.catalogue.in_force(version, day), rates)


# --- booking


def _earned(facts: Facts, product: Product, more: int) -> NDArray[np.void]:
    """What a product's overdrafts owe more, from interest income to interest receivable; the other way where less."""
    mapping = product.one(OverdraftLedger)
    assert mapping is not None
    receivable, income = facts.pool(product, mapping.receivable), facts.pool(product, mapping.income)
    debit, credit = (receivable, income) if more > 0 else (income, receivable)
    keys, amount = np.array([product.number], np.int64), np.array([abs(more)], np.int64)
    code = TransferCode.OVERDRAFT_ACCRUED
    return facts.transfers(Posting.OVERDRAFT_ACCRUAL, keys, debit, credit, amount, code, value_date=facts.date)


def _charges(
    facts: Facts, product: Product, mapping: OverdraftLedger, places: Int64Column, owed: Int64Column
) -> NDArray[np.void]:
    """From each account what it owes, as far as it is there; to it what is to be given back."""
    contracts = facts.book.rows["contract"][places]
    accounts = facts.book.rows["account"][places].astype(np.int64)
    receivable, code = facts.pool(product, mapping.receivable), TransferCode.OVERDRAFT_INTEREST
    asked = (Posting.OVERDRAFT_CHARGE, contracts, accounts, receivable, np.maximum(owed, 0), code)
    back = (Posting.OVERDRAFT_REFUND, contracts, receivable, accounts, np.maximum(-owed, 0), code)
    return np.concatenate([facts.transfers(*asked, flags=Flag.BALANCING_DEBIT), facts.transfers(*back)])


def note_what_was_taken(facts: Facts) -> Plan:
    """What was taken is owed no more, nor what was given back."""
    rows, taken = facts.since_cut_off(), 0
    noted: list[Int64Column] = [NO_PLACES]
    for posting, sign in ((Posting.OVERDRAFT_CHARGE, -1), (Posting.OVERDRAFT_REFUND, 1)):
        contracts, amounts = amounts_of(rows, facts.id_ms, facts.date, int(posting))
        owes = facts.overdrafts.of(contracts)
        owes["owed"] += sign * amounts
        facts.overdrafts.put(owes)
        taken -= sign * int(amounts.sum())
        noted.append(contracts)
    return Plan(overdrafts=np.unique(np.concatenate(noted)), figures={"taken_minor": taken})
