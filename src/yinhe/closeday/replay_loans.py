"""A draft of a loan product over the bank's own loans: the interest they would have owed, against what they did.

Each loan is worked out twice from what happened to it, on its own terms and on the draft's from the first of the days
on; the money paid is the same in both. What the draft asks more is owed more at the end, and what it asks less is owed
less, or was paid for nothing. Nothing is posted, and nothing is written.
"""

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from yinhe.closeday.lent import LoanPast
from yinhe.closeday.past import Past
from yinhe.closeday.replay import Replay, ReplayedContract, ReplayedDay, ReplayedLine, live_product
from yinhe.lending.ageing import owed_of
from yinhe.lending.instalments import required
from yinhe.lending.legs import booked, mapping_of
from yinhe.lending.position import Act, ActKind, Position, work_out_position
from yinhe.products.catalogue import Catalogue
from yinhe.products.product import Product
from yinhe.products.terms import resolved


class _Run(msgspec.Struct, eq=False):
    """One loan worked out on one set of terms."""

    at_start: Position
    at: Position
    by_day: dict[int, int]
    """Interest that fell due, by day of the window; minor units."""


def replay_loans(past: Past, draft: Product, code: str, start: int, last: int, *, top: int = 20) -> Replay:
    """What a draft would have had the loans of product `code` owe for the days `start` to `last`, both included.

    Of each loan the interest of the days is told: fallen due, charged for lateness, and accrued. Raises NotExplained
    where the product is not there or has another currency, ValueError for days in the wrong order, RateMissing.
    """
    catalogue, versions, money = live_product(past, draft, code, start, last, "loans")
    found: list[ReplayedContract] = []
    days: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    ends: list[tuple[Position, Position]] = []
    unlike = 0
    for number in past.loans_of([one.id for one in versions]):
        lent = past.loan(number)
        if lent is None or not (acts := _acts(lent, last)) or acts[0].day > last:
            continue
        live = _run(lent, acts, catalogue, None, start, last)
        drafted = _run(lent, acts, catalogue, draft, start, last)
        account = int(lent.agreed["account"][0])
        unlike += past.balance_at(account, past.seq_at_date(last)) != -_principal_at(lent, acts, catalogue, last)
        earned = [_earned(run, acts, start) for run in (live, drafted)]
        found.append(ReplayedContract(number, account, *earned))
        ends.append((live.at, drafted.at))
        for place, run in enumerate((live, drafted)):
            for day, amount in run.by_day.items():
                days[day][place] += amount
    product = versions[-1].product
    ordered = sorted(found, key=lambda one: (-abs(one.difference_minor), one.contract))
    return Replay(
        draft=draft.name,
        against=product.name,
        currency=money.number,
        start=start,
        last=last,
        contracts=len(found),
        changed=sum(1 for one in found if one.difference_minor),
        posted_minor=sum(one.posted_minor for one in found),
        draft_minor=sum(one.draft_minor for one in found),
        top=tuple(one for one in ordered[:top] if one.difference_minor),
        ledger=_ledger(product, draft, ends, found),
        days=tuple(ReplayedDay(day, *days[day]) for day in sorted(days)),
        unlike=unlike,
    )


def _acts(lent: LoanPast, last: int) -> tuple[Act, ...]:
    """What happened to a loan by a day; to pay it off is to pay what that took, whatever the terms."""
    known = lent.acts(last + 1)
    return tuple(
        msgspec.structs.replace(act, kind=ActKind.REPAY, is_early=True) if act.kind is ActKind.PAY_OFF else act
        for act in known
        if act.day <= last
    )


def _run(
    lent: LoanPast, acts: Sequence[Act], catalogue: Catalogue, draft: Product | None, start: int, last: int
) -> _Run:
    sold = catalogue.product(lent.version)
    drafted = draft
    if draft is not None and int(lent.agreed["agreed"][0]) < start:
        # A loan that was there keeps of its own terms what it keeps of any later version.
        drafted = resolved(sold, draft)
    run = _Run(Position(lent.agreed, lent.agreed[:0]), Position(lent.agreed, lent.agreed[:0]), {})

    def product_on(day: int) -> Product:
        return catalogue.in_force(lent.version, day) if drafted is None or day < start else drafted

    def seen(day: int, at: Position) -> None:
        if day == start - 1 and drafted is not None and required(drafted)[0] != required(product_on(day))[0]:
            # The draft's rate holds from the first of the days on.
            at.row["next_reset"] = start
        due = at.items["interest"][at.items["due"] == day]
        if day >= start and len(due):
            run.by_day[day] = int(due.sum())

    earlier = [act for act in acts if act.day < start]
    run.at_start = work_out_position(lent.agreed, earlier, start, product_on, catalogue.rates)
    run.at = work_out_position(lent.agreed, acts, last + 1, product_on, catalogue.rates, seen)
    return run


def _principal_at(lent: LoanPast, acts: Sequence[Act], catalogue: Catalogue, date: int) -> int:
    """The principal owed at the cut-off of a date, before its night has collected anything."""
    version = lent.version
    at = work_out_position(lent.agreed, acts, date, lambda day: catalogue.in_force(version, day), catalogue.rates)
    return booked(at).principal


def _owed(at: Position) -> int:
    if not len(at.items) and not at.row["lent"][0]:
        return 0
    owed = owed_of(at.row, at.unpaid)
    return int(owed.principal[0] + owed.due[0] + owed.accrued[0] + at.row["fee"][0]) - at.surplus


def _earned(run: _Run, acts: Sequence[Act], start: int) -> int:
    """Interest and fees of the days: what is owed more at their end and was paid in them, less what was drawn."""
    paid = sum(act.amount for act in acts if act.day >= start and act.kind in (ActKind.REPAY, ActKind.COLLECT))
    drawn = sum(act.amount for act in acts if act.day >= start and act.kind is ActKind.DRAW)
    before = _owed(run.at_start) if run.at_start.row["lent"][0] else 0
    return _owed(run.at) - before + paid - drawn


def _ledger(
    live: Product, draft: Product, ends: list[tuple[Position, Position]], found: list[ReplayedContract]
) -> tuple[ReplayedLine, ...]:
    """Loans and interest receivable at the end, and the income of the days, by general-ledger code."""
    ours, theirs = mapping_of(live), mapping_of(draft)
    was, would = ([booked(pair[side]) for pair in ends] for side in (0, 1))
    figures = (
        ("loans", ours.loans, theirs.loans, *(sum(one.principal for one in side) for side in (was, would))),
        (
            "receivable",
            ours.receivable,
            theirs.receivable,
            *(sum(one.receivable + one.accrued for one in side) for side in (was, would)),
        ),
        (
            "income",
            ours.income,
            theirs.income,
            sum(one.posted_minor for one in found),
            sum(one.draft_minor for one in found),
        ),
    )
    lines: list[ReplayedLine] = []
    for what, code, other, now, then in figures:
        if code == other:
            lines.append(ReplayedLine(code, what, now, then))
        else:
            lines += [ReplayedLine(code, what, now, 0), ReplayedLine(other, what, 0, then)]
    return tuple(lines)
