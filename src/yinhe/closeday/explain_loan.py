"""Explains what was posted for loans.

The loan as it stood that day is worked out from all that happened to it, and the same step of the night, or the same
act of the day, is taken again.
"""

from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from yinhe.closeday.errors import ExplanationDiffers, NotExplained
from yinhe.closeday.explain_card import derivation_of_card
from yinhe.closeday.explanation import Derivation, Explanation, RateUsed, Share, Span
from yinhe.closeday.facts import NO_COLUMNS, Facts, Plan, Posting, followed
from yinhe.closeday.identity import Origin, night_ids
from yinhe.closeday.legs import legs_of, words_of
from yinhe.closeday.lent import LoanPast
from yinhe.closeday.past import Past
from yinhe.closeday.plan import STEPS, step_of
from yinhe.closeday.rerun import NO_ROWS, nothing_booked
from yinhe.deposits.book import Book
from yinhe.deposits.columns import CONTRACT
from yinhe.kernel.currency import currency, currency_by_number
from yinhe.kernel.dates import date_from_days
from yinhe.kernel.daycount import days_many
from yinhe.kernel.decimals import format_scaled
from yinhe.kernel.ids import join, split
from yinhe.kernel.interest import accrue as accrue_one
from yinhe.kernel.rounding import round_quotient
from yinhe.ledger.batch import Flag
from yinhe.ledger.columns import ACCOUNTS_MAX
from yinhe.lending.accrual import accrued
from yinhe.lending.book import LoanBook, no_items
from yinhe.lending.card import is_card, no_cards
from yinhe.lending.codes import LoanCode
from yinhe.lending.columns import LOAN
from yinhe.lending.events import Event
from yinhe.lending.instalments import required
from yinhe.lending.legs import Cash, legs_between
from yinhe.lending.position import Position, apply
from yinhe.products.catalogue import Catalogue
from yinhe.products.pricing import Reason
from yinhe.products.product import Product

SHARES_MAX: Final = 20
OF_A_LOAN: Final = (
    Posting.LOAN_CORRECTION,
    Posting.LOAN_DUE,
    Posting.LOAN_COLLECTION,
    Posting.LOAN_PAYMENT,
    Posting.LOAN_BOOKS,
)
"""Posted for one loan; the other postings of loans are for all of a product."""
_BALANCING: Final = np.uint16(Flag.BALANCING_DEBIT | Flag.BALANCING_CREDIT)


def explain_night_of_loans(
    past: Past, txn_id: UUID, rows: NDArray[np.void], date: int, posting: Posting, origin: Origin
) -> Explanation:
    """Why the close of a date posted this for a loan, or a product's loans. Raises ExplanationDiffers, NotExplained."""
    known, night = past.known_on(date), past.nights.read(date)
    assert night is not None
    numbers = [origin.key] if posting in OF_A_LOAN else _loans_of_product(past, known, origin.key)
    lent = [found for number in numbers if (found := past.loan(number)) is not None and _is_there(found, date)]
    if not lent:
        raise NotExplained(f"Transaction {txn_id} is for loans that are not there.")
    # A correction starts from where the loan stood by the rates known before the date.
    seen = past.known_on(date - 1) if posting is Posting.LOAN_CORRECTION else known
    positions = [one.position(date, seen) for one in lent]
    taken = past.transactions(_collection_ids(night.id_ms, date, numbers))
    facts = _facts(past, known, date, night.id_ms, positions, taken)
    earlier = accrued(facts.loans.rows)
    plan = _run_to(facts, step_of(posting))
    wanted = _wanted(plan, txn_id)
    _compare(txn_id, rows, wanted, past.currency_of(int(rows["debit"][0])), date)
    changes = accrued(facts.loans.rows) - earlier
    is_one = posting in OF_A_LOAN
    return Explanation(
        txn_id=txn_id,
        what=words_of(int(rows["code"][0])),
        business_date=past.booked_on(int(rows["seq"][0])),
        night=date,
        currency=past.currency_of(int(rows["debit"][0])),
        legs=legs_of(rows),
        derivation=_derivation(lent[0], known, date) if posting is Posting.LOAN_DUE else None,
        shares=() if is_one else _largest(np.array([one.number for one in lent]), changes),
        contracts=len(lent) if is_one else int((changes != 0).sum()),
        reasons=_reasons(known.in_force(lent[0].version, date), posting),
    )


def explain_act(past: Past, event: Event, rows: NDArray[np.void]) -> Explanation:
    """Why what was asked of a loan moved this money. Raises ExplanationDiffers, NotExplained."""
    lent, act = past.loan(event.loan), event.act
    if lent is None or act is None:
        raise NotExplained(f"Transaction {event.id} is for loan {event.loan}, which is not there.")
    date = event.business_date
    known = past.known_on(date)
    before = lent.position(date, known, before=event)
    product = known.in_force(lent.version, date)
    if act.day == date:
        after = before.copy()
        apply(after, act, product, known.rates)
    else:
        after = lent.position(date, known, acts=sorted((*lent.acts(date, before=event), act), key=lambda one: one.day))
        after.row["linked"] = before.row["linked"]
    number = currency(product.currency).number
    pools, cash = past.pools(), event.body["cash"]
    legs = legs_between(
        before,
        after,
        product,
        lambda gl_code, of: pools.account(gl_code, number, of),
        None if cash is None else Cash(*cash),
        LoanCode[event.body["code"]],
    )
    posted = [(int(row["debit"]), int(row["credit"]), int(row["code"]), int(row["amount"])) for row in rows]
    again = [(leg.debit, leg.credit, leg.code.code, leg.amount_minor) for leg in legs]
    if posted != again:
        raise ExplanationDiffers(_differs(event.id, posted, again, number, date))
    reasons = [Reason(*part.text()) for part in product.parts if part.kind.value in ("allocation", "prepayment")]
    return Explanation(
        txn_id=event.id,
        what=words_of(int(rows["code"][0])),
        business_date=date,
        night=None,
        currency=number,
        legs=legs_of(rows),
        contracts=1,
        reasons=tuple(reasons),
    )


def _is_there(lent: LoanPast, date: int) -> bool:
    return lent.history[0].business_date <= date and bool(lent.acts(date))


def _loans_of_product(past: Past, known: Catalogue, product: int) -> list[int]:
    versions = [version.id for version in known.versions if version.product.number == product]
    return past.loans_of(versions)


def _collection_ids(id_ms: int, date: int, numbers: list[int]) -> list[UUID]:
    hi, lo = night_ids(id_ms, date, int(Posting.LOAN_COLLECTION), np.array(numbers, np.int64))
    return [join(int(high), int(low)) for high, low in zip(hi.tolist(), lo.tolist(), strict=True)]


def _facts(
    past: Past, known: Catalogue, date: int, id_ms: int, positions: list[Position], taken: NDArray[np.void]
) -> Facts:
    """What the loan steps of a night saw of some loans."""
    rows = np.concatenate([at.row for at in positions])
    cards = np.sort(np.concatenate([no_cards(), *(at.card for at in positions)]), order="loan")
    last = int(rows["loan"].max())
    # The book has a row for each number; those beside the loans in question are of nobody.
    book = np.zeros(last, LOAN)
    book["loan"] = np.arange(1, last + 1)
    book[rows["loan"] - 1] = rows
    nobody: NDArray[np.bool_] = np.ones(ACCOUNTS_MAX if last == 0 else int(rows["receivable"].max()) + 1, np.bool_)
    return Facts(
        date=date,
        id_ms=id_ms,
        book=Book(np.zeros(0, CONTRACT)),
        catalogue=known,
        rates=known.rates,
        pools=past.pools(),
        balances=np.zeros(0, np.int64),
        moved_since=nobody,
        value_dated=NO_ROWS,
        journal=nothing_booked,
        moved_by_customer=lambda: nobody,
        columns=NO_COLUMNS,
        overdue_holds=0,
        orders=(),
        worked_out=lambda number: None if (lent := past.loan(number)) is None else lent.position(date, known),
        loans=LoanBook(book, np.concatenate([no_items(), *(at.unpaid for at in positions)]), cards),
        since_cut_off=lambda: taken,
    )


def _run_to(facts: Facts, last: str) -> Plan:
    """Run the steps of loans in order up to and including one; that step's own plan."""
    for step in STEPS:
        if not step.name.startswith("loan_"):
            continue
        plan = step.decide(facts)
        if step.then is not None:
            plan = followed(plan, step.then(facts))
        if step.name == last:
            return plan
    raise AssertionError(f"There is no step {last!r} of loans in the plan of the night.")


def _wanted(plan: Plan, txn_id: UUID) -> NDArray[np.void]:
    hi, lo = split(txn_id)
    ours = (plan.postings["txn_hi"] == np.uint64(hi)) & (plan.postings["txn_lo"] == np.uint64(lo))
    return np.sort(plan.postings[ours], order="leg")


_Leg = tuple[int, int, int, int]


def _compare(txn_id: UUID, rows: NDArray[np.void], wanted: NDArray[np.void], number: int, date: int) -> None:
    """Each leg as the step wants it; of a collection what was asked. Raises ExplanationDiffers."""
    posted = [_leg(row, int(row["reference" if row["flags"] & _BALANCING else "amount"])) for row in rows]
    again = [_leg(row, int(row["amount"])) for row in wanted]
    if posted != again:
        raise ExplanationDiffers(_differs(txn_id, posted, again, number, date))


def _leg(row: np.void, amount_minor: int) -> _Leg:
    return int(row["debit"]), int(row["credit"]), int(row["code"]), amount_minor


def _differs(txn_id: UUID, posted: list[_Leg], again: list[_Leg], number: int, date: int) -> str:
    money = currency_by_number(number)

    def said(legs: list[_Leg]) -> str:
        words = [
            f"{format_scaled(amount, money.scale)} {money.code} of {words_of(code).english.lower()} "
            f"from {debit} to {credit}"
            for debit, credit, code, amount in legs
        ]
        return ", ".join(words) or "nothing"

    return (
        f"Transaction {txn_id} posted {said(posted)}; worked out again from what happened to the loan and the products "
        f"of {date_from_days(date)} it is {said(again)}."
    )


def _derivation(lent: LoanPast, known: Catalogue, date: int) -> Derivation | None:
    """How the interest that fell due came about: what was owed on each day of the period, and at which rate."""
    if is_card(known.in_force(lent.version, date)):
        return derivation_of_card(lent, known, date)
    days: list[tuple[int, int, int, int]] = []

    def seen(day: int, at: Position) -> None:
        row = at.row[0]
        if int(row["since"]) == day or not days:
            days.clear()
        days.append((day, int(row["undue"]), int(row["rate"]), int(row["lent"])))

    at = lent.position(date, known, seen=seen)
    product = known.in_force(lent.version, date)
    interest, _ = required(product)
    whole, remainder = int(at.row["whole"][0]), int(at.row["remainder"][0])
    if not days:
        return None
    weights = _weights(product, int(at.row["start"][0]), days[0][0], date)
    spans: list[Span] = []
    total_whole, total_rest = 0, 0
    for day, undue, rate, original in days:
        balance = original if interest.on_original and undue else undue
        count = weights[day - days[0][0]]
        last = spans[-1] if spans else None
        if last is not None and (last.balance_minor, last.rates[0].rate) == (balance, rate):
            spans.pop()
            start, count = last.start, count + last.days
        else:
            start = day
        units, rest = accrue_one(balance, rate, count, interest.base // 10**8)
        english, chinese = interest.text()
        source = Reason(english, chinese)
        spans.append(
            Span(start, day + 1, count, balance, product.name, interest.name, (RateUsed(0, rate, source),), units, rest)
        )
    for span in spans:
        carried, total_rest = divmod(total_rest + span.remainder, interest.base)
        total_whole += span.whole + carried
    if (total_whole, total_rest) != (whole, remainder):
        raise ExplanationDiffers(
            f"The days of loan {lent.number} to {date_from_days(date)} add up to {total_whole} + {total_rest}/D minor "
            f"units; worked out day by day it is {whole} + {remainder}/D."
        )
    amount = round_quotient(whole, remainder, interest.base, interest.rounding)
    return Derivation(lent.number, tuple(spans), 0, 0, interest.base, whole, remainder, interest.rounding, amount)


def _weights(product: Product, start: int, first: int, until: int) -> list[int]:
    """How many days of interest each day from `first` to before `until` counts."""
    interest, _ = required(product)
    anchor = interest.begin(np.array([start], np.int32))
    days = np.arange(first, until + 1, dtype=np.int32)
    counts = days_many(interest.basis, np.broadcast_to(np.minimum(anchor, days[0]), len(days)), days)
    return np.diff(counts).tolist()


def _largest(loans: NDArray[np.int64], changes: NDArray[np.int64]) -> tuple[Share, ...]:
    by_number = changes[loans - 1]
    order = np.argsort(-np.abs(by_number), kind="stable")[:SHARES_MAX]
    return tuple(Share(int(loans[at]), int(by_number[at])) for at in order.tolist() if by_number[at])


_PARTS: Final = {
    "loan_due": ("repayment", "grace", "loan_interest", "allocation"),
    "loan_accrual": ("loan_interest", "overdue", "misuse"),
    "loan_age": ("classification", "non_accrual", "allowance"),
}


def _reasons(product: Product, posting: Posting) -> tuple[Reason, ...]:
    kinds = _PARTS.get(step_of(posting), ())
    texts = [part.text() for part in product.parts if part.kind.value in kinds]
    return tuple(Reason(english, chinese) for english, chinese in texts if english)
