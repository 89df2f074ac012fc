"""What the parts of loans keep beside the laws of every part; `lawbook` is the kit, `loan_probes` asks."""

from fractions import Fraction

import numpy as np

from yinhe.kernel.dates import date_from_days
from yinhe.kernel.daycount import basis_days, days
from yinhe.kernel.rates import RATE_ONE
from yinhe.kernel.rounding import Rounding, divide_round
from yinhe.products.lawbook_signs import Law, Signs, where
from yinhe.products.loan_probes import MARGIN_SHIFT, application_of, days_late, due_of, expected_loss, line_of
from yinhe.products.parts.allocation import Allocation
from yinhe.products.parts.allowance import Allowance, Stage
from yinhe.products.parts.base import Int64Column, Part
from yinhe.products.parts.card import BillingCycle, InstalmentPlans, MinimumPayment
from yinhe.products.parts.classification import Classification, Grade
from yinhe.products.parts.drawdown import Drawdown
from yinhe.products.parts.grace import Grace
from yinhe.products.parts.limit import DownPayment
from yinhe.products.parts.loan_interest import LOAN_RATE_MAX, LoanInterest
from yinhe.products.parts.overdue import Misuse, Overdue
from yinhe.products.parts.prepayment import Prepayment
from yinhe.products.parts.repayment import Repayment, Standing
from yinhe.products.parts.restructuring import Capitalisation
from yinhe.products.parts.security import WithCollateral
from yinhe.products.parts.writeoff import WriteOff
from yinhe.products.probes import Answers, Sample

DAYS_LOOKED_AT = 800
"""How far ahead the rate of a loan is followed from one repricing to the next."""


def loan_laws(part: Part, sample: Sample, given: Answers, seed: int) -> Signs:
    """What a loan's part breaks of the laws of its kind; nothing for other parts."""
    match part:
        case LoanInterest():
            yield from _of_interest(part, sample, given, seed)
        case Repayment():
            yield from _of_dates(part, sample, given, seed)
            yield from _of_principal(part, sample, given, seed)
        case Drawdown():
            yield from _of_drawdown(sample, given, seed)
        case Allocation():
            yield from _of_allocation(part, sample, seed)
        case _:
            yield from _of_bounds(part, sample, given, seed)
            yield from _of_grades(part, sample, given, seed)


def _of_interest(part: LoanInterest, sample: Sample, given: Answers, seed: int) -> Signs:
    date, start, rate, following = sample.date, sample.facts.opened, given["rate"], given["next_repricing"]
    yield from where(Law.NOT_NEGATIVE, rate < 0, "a rate of", rate, seed)
    yield from where(Law.BOUNDED, rate > LOAN_RATE_MAX, "a rate of", rate, seed)
    back = (following != 0) & (following <= np.maximum(start, date))
    yield from where(Law.CONSISTENT_DATES, back, "priced anew in the past, on day", following, seed)
    margin = sample.rate - MARGIN_SHIFT
    random = np.random.default_rng(seed)
    ahead = {
        date + 1,
        *(following[following > 0] - 1).tolist(),
        *random.integers(date, date + DAYS_LOOKED_AT, 40).tolist(),
    }
    for day in sorted(one for one in ahead if date < one < date + DAYS_LOOKED_AT):
        later = part.rate(sample.book, day, start, margin)
        changed = (later != rate) & ((following == 0) | (day < following))
        yield from where(
            Law.CONSISTENT_DATES, changed, f"before it is priced anew, on {date_from_days(day)}, it is", later, seed
        )
    for place in range(len(rate)):
        first = min(int(start[place]), date)
        counted = days(part.basis, date_from_days(first), date_from_days(date))
        exact = Fraction(
            int(sample.facts.amount[place]) * int(sample.rate[place]) * counted, RATE_ONE * basis_days(part.basis)
        )
        seen = int(given["interest"][place]) + Fraction(int(given["interest remainder"][place]), part.base)
        if seen != exact:
            yield Law.EXACT, f"seed {seed}: account {place} owes {seen}, not {exact}"


def _of_dates(part: Repayment, sample: Sample, given: Answers, seed: int) -> Signs:
    date, start, months = sample.date, sample.facts.opened, sample.facts.months
    count, done = given["instalments"], given["instalments done"]
    yield from where(Law.BOUNDED, (done < 0) | (done > count), "instalments done:", done, seed)
    earlier = part.done(date - 1, start, months)
    jumped = (done - earlier < 0) | (done - earlier > 1)
    yield from where(Law.CONSISTENT_DATES, jumped, "instalments done in one day:", done - earlier, seed)
    agrees = given["instalment is_due"] == (done > earlier)
    yield from where(Law.CONSISTENT_DATES, ~agrees, "due, with instalments done:", done, seed)
    last, following = part.due_on(done, start, months), part.due_on(done + 1, start, months)
    wrong = ((done > 0) & ((last > date) | (last <= start))) | ((done < count) & (following <= np.maximum(date, start)))
    yield from where(Law.CONSISTENT_DATES, wrong, f"on day {date} it is last due on day", last, seed)


def _of_principal(part: Repayment, sample: Sample, given: Answers, seed: int) -> Signs:
    """A loan repaid as the part says is repaid whole with its last instalment, and never more than that."""
    yield from where(Law.NOT_NEGATIVE, given["payment"] < 0, "a payment of", given["payment"], seed)
    months, principal, rate = sample.facts.months, sample.facts.amount, sample.rate
    count, owed = given["instalments"], principal.copy()
    free = np.minimum(sample.count % 3, np.maximum(count - 1, 0))
    payment = part.payment(principal, owed, rate, np.maximum(count - free, 0))
    for number in range(1, int(count.max(initial=0)) + 1):
        at = Standing(
            number=np.full(len(owed), number, np.int64),
            months=months,
            free=free,
            principal=principal,
            owed=owed,
            interest=_month_interest(owed, rate, part.every),
            payment=payment,
        )
        due = part.principal_due(at)
        yield from where(Law.NOT_NEGATIVE, due < 0, f"instalment {number} repays", due, seed)
        yield from where(Law.BOUNDED, due > owed, f"instalment {number} repays", due, seed)
        in_grace = (due > 0) & (number <= free) & (number < count)
        yield from where(Law.BOUNDED, in_grace, f"instalment {number}, in grace, repays", due, seed)
        owed = owed - due
    left = (count > 0) & (owed != 0)
    yield from where(Law.BOUNDED, left, "when all is repaid it still owes", owed, seed)


def _month_interest(owed: Int64Column, rate: Int64Column, every: int) -> Int64Column:
    exact = zip(owed.tolist(), rate.tolist(), strict=True)
    return np.array([divide_round(o * r * every, 12 * RATE_ONE, Rounding.HALF_UP) for o, r in exact], np.int64)


def _of_drawdown(sample: Sample, given: Answers, seed: int) -> Signs:
    line, available, amount = line_of(sample), given["available"], sample.facts.amount
    yield from where(Law.NOT_NEGATIVE, available < 0, "may draw", available, seed)
    yield from where(Law.BOUNDED, available > line.limit - line.owed, "may draw beyond the limit:", available, seed)
    allowed = (given["refuse"] == 0) & ((amount > available) | (amount <= 0))
    yield from where(Law.BOUNDED, allowed, "draws what is not there:", amount, seed)
    last = given["until"]
    over = (given["refuse"] == 0) & (((last > 0) & (last < sample.date)) | (line.signed > sample.date))
    yield from where(Law.CONSISTENT_DATES, over, "draws though the last day is", last, seed)


def _of_allocation(part: Allocation, sample: Sample, seed: int) -> Signs:
    due, payment = due_of(sample), sample.facts.amount
    paid = part.split(payment, due, days_late(sample))
    beyond = ((paid < 0) | (paid > due)).sum(axis=(1, 2)) > 0
    total = paid.sum(axis=(1, 2))
    yield from where(Law.BOUNDED, beyond, "pays more than is due, or less than nothing, together", total, seed)
    lost = total != np.minimum(payment, due.sum(axis=(1, 2)))
    yield from where(Law.BOUNDED, lost, "of the payment and the dues it pays", total, seed)


def _of_bounds(part: Part, sample: Sample, given: Answers, seed: int) -> Signs:
    """Amounts and rates between their bounds."""
    low, high, what = _bounds(part, sample, given)
    for name in what:
        column = given[name]
        yield from where(Law.NOT_NEGATIVE, column < 0, f"{name} of", column, seed)
        yield from where(Law.BOUNDED, (column < low) | (column > high), f"{name} of", column, seed)
    match part:
        case InstalmentPlans():
            amount = sample.facts.amount
            for plan in part.plans:
                count = np.full(len(amount), plan.count, np.int64)
                parts = [
                    part.due(np.full(len(amount), number, np.int64), count, amount)[0]
                    for number in range(plan.count + 2)
                ]
                together = np.sum(parts, axis=0)
                yield from where(Law.BOUNDED, together != amount, "the instalments repay", together, seed)
        case WriteOff():
            together = given["recovered principal"] + given["recovered interest"]
            lost = together != np.minimum(sample.facts.amount, sample.other + sample.remainder // 10_000)
            yield from where(Law.BOUNDED, lost, "of what was recovered it takes", together, seed)
        case BillingCycle():
            statement, due = given["statement_on"], given["statement due_on"]
            wrong = (statement <= sample.given) | (statement > sample.given + 31) | (due <= statement)
            yield from where(Law.CONSISTENT_DATES, wrong, "on a statement of day", statement, seed)
        case _:
            return


def _bounds(part: Part, sample: Sample, given: Answers) -> tuple[Int64Column, Int64Column, tuple[str, ...]]:
    """Which answers lie between which bounds, int64[n] each."""
    zero, endless = np.zeros(len(sample.rate), np.int64), np.full(len(sample.rate), np.iinfo(np.int64).max)
    asked = application_of(sample)
    match part:
        case DownPayment():
            return zero, asked.price, ("own_funds",)
        case WithCollateral():
            return zero, asked.collateral, ("most",)
        case Grace():
            return zero, np.maximum(sample.count - 1, 0), ("without_principal", "without_interest")
        case Prepayment():
            return zero, sample.facts.amount, ("fee early",)
        case Overdue():
            return zero, np.maximum(given["penalty_rate"], sample.rate), ("compound_rate",)
        case Misuse():
            return sample.rate, endless, ("misuse_rate",)
        case MinimumPayment():
            return zero, sample.facts.amount + sample.other, ("minimum",)
        case InstalmentPlans():
            return zero, sample.facts.amount, ("plan principal", "plan fee")
        case Capitalisation():
            return zero, sample.other, ("capitalised most",)
        case Allowance():
            return zero, sample.other, ("allowance",)
        case WriteOff():
            return zero, sample.facts.amount, ("recovered principal", "recovered interest")
        case _:
            return zero, endless, ()


def _of_grades(part: Part, sample: Sample, given: Answers, seed: int) -> Signs:
    """A day later a loan is never better, and only what is late costs more."""
    late, has = days_late(sample), sample.has
    match part:
        case Classification():
            grade = given["grade"]
            unknown = ~np.isin(grade, [one.value for one in Grade])
            yield from where(Law.BOUNDED, unknown, "no grade there is:", grade, seed)
            later = part.grade(late + 1, sample.wants & has, expected_loss(sample), has)
            yield from where(Law.CONSISTENT_DATES, later < grade, "a day later it is better:", later, seed)
        case Allowance():
            stage = given["stage"]
            unknown = ~np.isin(stage, [one.value for one in Stage])
            yield from where(Law.BOUNDED, unknown, "no stage there is:", stage, seed)
            later = part.stage(late + 1, sample.count % 5 + 1, has)
            yield from where(Law.CONSISTENT_DATES, later < stage, "a day later it is better:", later, seed)
        case Overdue():
            rate, charge, past = given["penalty_rate"], given["charge"], given["days_past_due"]
            yield from where(Law.BOUNDED, rate < sample.rate, "late it bears only", rate, seed)
            yield from where(Law.NOT_NEGATIVE, charge < 0, "a charge of", charge, seed)
            yield from where(Law.NOT_NEGATIVE, past < 0, "late by days", past, seed)
            later = part.days_past_due(sample.date + 1, sample.given)
            yield from where(Law.CONSISTENT_DATES, later < past, "a day later it is late by days", later, seed)
        case _:
            return
