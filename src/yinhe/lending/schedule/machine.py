"""The state machine of a loan: dated events in order, one row out of each; every schedule of the bank is a walk of it.

It is plain Python in the subset Numba compiles. `walk_compiled` is money mode: int64 throughout. `walk` run as Python
is exact mode on arrays of decimals, and on arrays of Python's integers the check of the other one: same source, same
rows. The formulas are the payoff and state transition functions of the ACTUS technical specification 1.1.
"""

from typing import Any

from yinhe.ledger.compiled import compilable, compiled
from yinhe.lending.schedule.arithmetic import Number, accrued, annuity, magnitude, rounded, scaled, shared
from yinhe.lending.schedule.kinds import (
    DONE,
    GROWS,
    NOT_COVERED,
    OVERPAID,
    TOO_CLOSE,
    TOO_LARGE,
    Column,
    Condition,
    EventKind,
    Fixing,
    Result,
    State,
)

Numbers = Any
"""An array of `Number`: int64, or objects in exact mode."""


@compilable
def accrue(state: Numbers, events: Numbers, at: int, terms: Numbers) -> None:
    """Add the interest, and a fee on the principal, of the time since the event before."""
    denominator = terms[Condition.DENOMINATOR]
    count = events[at, Column.COUNT]
    if count == 0:
        return
    state[State.ACCRUED], state[State.REMAINDER] = accrued(
        state[State.ACCRUED], state[State.REMAINDER], state[State.BASE], state[State.RATE], count, denominator
    )
    if terms[Condition.FEE_RATE] != 0:
        state[State.FEE], state[State.FEE_REMAINDER] = accrued(
            state[State.FEE],
            state[State.FEE_REMAINDER],
            state[State.PRINCIPAL],
            terms[Condition.FEE_RATE],
            count,
            denominator,
        )


@compilable
def owed_interest(state: Numbers, terms: Numbers) -> Number:
    """The interest accrued, as it would be paid now."""
    return rounded(
        state[State.ACCRUED], state[State.REMAINDER], terms[Condition.DENOMINATOR], terms[Condition.ROUNDING]
    )


@compilable
def settle_interest(state: Numbers, terms: Numbers) -> Number:
    """Take the interest accrued, rounded once; what rounding leaves is kept or dropped as the terms say."""
    paid = owed_interest(state, terms)
    if terms[Condition.CARRY] == 1:
        state[State.ACCRUED] -= paid
    else:
        state[State.ACCRUED] = state[State.ACCRUED] * 0
        state[State.REMAINDER] = state[State.REMAINDER] * 0
    return paid


@compilable
def grow(state: Numbers, terms: Numbers, amount: Number) -> None:
    """Let the principal grow by a signed amount, and the base of interest with it if it follows."""
    state[State.PRINCIPAL] += amount
    if terms[Condition.FOLLOWS] == 1:
        state[State.BASE] = state[State.PRINCIPAL]


@compilable
def redeem(state: Numbers, terms: Numbers, rows: Numbers, at: int, amount: Number) -> None:
    """Let an amount of principal, of the lender's sign, fall due, at most what is owed."""
    side = terms[Condition.SIDE]
    owed = magnitude(state[State.PRINCIPAL])
    amount = min(amount, owed)
    grow(state, terms, -side * amount)
    payoff = side * scaled(amount, state[State.PRINCIPAL_SCALE], terms[Condition.UNIT])
    rows[at, Result.PAYOFF] += payoff
    rows[at, Result.PRINCIPAL_PAID] += payoff


@compilable
def disburse(state: Numbers, events: Numbers, at: int, terms: Numbers, rows: Numbers) -> None:
    """Pay principal out: for the first time, with its rate and the interest it owes already, or as a draw."""
    side, amount = terms[Condition.SIDE], events[at, Column.AMOUNT]
    grow(state, terms, side * amount)
    if terms[Condition.FOLLOWS] == 0:
        state[State.BASE] += side * events[at, Column.BASE]
    if events[at, Column.KIND] == EventKind.DRAW:
        payoff = -side * scaled(amount, state[State.PRINCIPAL_SCALE], terms[Condition.UNIT])
    else:
        payoff = -side * (amount + events[at, Column.EXTRA])
        if events[at, Column.FLAG] == 1:
            state[State.RATE] = events[at, Column.RATE]
    base = side * (amount if terms[Condition.FOLLOWS] == 1 else events[at, Column.BASE])
    state[State.ACCRUED], state[State.REMAINDER] = accrued(
        state[State.ACCRUED],
        state[State.REMAINDER],
        base,
        state[State.RATE],
        events[at, Column.SINCE],
        terms[Condition.DENOMINATOR],
    )
    rows[at, Result.PAYOFF] += payoff
    rows[at, Result.PRINCIPAL_PAID] += payoff


@compilable
def instalment(state: Numbers, terms: Numbers, rows: Numbers, at: int) -> int:
    """Let what the instalment leaves after the interest accrued fall due as principal; it may be less than nothing."""
    amount = state[State.INSTALMENT] - terms[Condition.SIDE] * owed_interest(state, terms)
    if amount < 0 and state[State.PRINCIPAL] == 0 and terms[Condition.DENOMINATOR] != 0:
        # Interest left over from a loan that is repaid does not make it owe principal again.
        return DONE
    if terms[Condition.NEVER_GROWS] == 1 and amount < 0:
        return GROWS
    redeem(state, terms, rows, at, amount)
    return DONE


@compilable
def pay_interest(state: Numbers, terms: Numbers, rows: Numbers, at: int) -> None:
    """Let the interest accrued fall due, and what a call fixed."""
    paid = settle_interest(state, terms) + state[State.CALLED]
    state[State.CALLED] = state[State.CALLED] * 0
    paid = scaled(paid, state[State.INTEREST_SCALE], terms[Condition.UNIT])
    rows[at, Result.PAYOFF] += paid
    rows[at, Result.INTEREST_PAID] += paid


@compilable
def pay_fee(state: Numbers, events: Numbers, at: int, terms: Numbers, rows: Numbers) -> None:
    """Let a fee fall due: its amount, or what accrued on the principal."""
    paid = terms[Condition.SIDE] * events[at, Column.AMOUNT]
    if events[at, Column.FLAG] == 1:
        paid = rounded(
            state[State.FEE], state[State.FEE_REMAINDER], terms[Condition.DENOMINATOR], terms[Condition.ROUNDING]
        )
    state[State.FEE] = state[State.FEE] * 0
    state[State.FEE_REMAINDER] = state[State.FEE_REMAINDER] * 0
    rows[at, Result.PAYOFF] += paid
    rows[at, Result.FEE_PAID] += paid


@compilable
def reset_rate(state: Numbers, events: Numbers, at: int, terms: Numbers) -> None:
    """Let the new rate in as far as the floors and caps of a period and of the whole life allow."""
    change = events[at, Column.RATE] - state[State.RATE]
    change = min(max(change, terms[Condition.PERIOD_FLOOR]), terms[Condition.PERIOD_CAP])
    state[State.RATE] = min(max(state[State.RATE] + change, terms[Condition.LIFE_FLOOR]), terms[Condition.LIFE_CAP])


@compilable
def fix_instalment(state: Numbers, events: Numbers, at: int, terms: Numbers, stretches: Numbers) -> int:
    """Find the instalment anew; see `Fixing`."""
    flag, first, last = events[at, Column.FLAG], int(events[at, Column.NEXT]), int(events[at, Column.LAST])
    if flag == Fixing.GIVEN:
        state[State.INSTALMENT] = events[at, Column.AMOUNT]
        return DONE
    left = last + 1 - first
    if left < 1:
        # The standard has no such case; there the payment stays.
        return NOT_COVERED if terms[Condition.DENOMINATOR] != 0 else DONE
    side, principal = terms[Condition.SIDE], magnitude(state[State.PRINCIPAL])
    denominator, rule = terms[Condition.DENOMINATOR], terms[Condition.ROUNDING]
    balloon = min(events[at, Column.AMOUNT], principal)
    if flag == Fixing.LINEAR:
        state[State.INSTALMENT] = shared(principal - balloon, left, denominator, rule)
        return DONE
    whole, remainder = state[State.ACCRUED], state[State.REMAINDER]
    if side < 0:
        # A pair is whole units down and a remainder up; its opposite is so too.
        whole, remainder = (-whole, remainder) if remainder == 0 else (-whole - 1, denominator - remainder)
    state[State.INSTALMENT], sure = annuity(
        principal,
        whole,
        remainder,
        balloon,
        state[State.RATE],
        events[at, Column.AHEAD],
        stretches,
        first,
        last,
        denominator,
        rule,
    )
    return DONE if sure else TOO_CLOSE


@compilable
def end(state: Numbers, terms: Numbers) -> None:
    """Let nothing be owed any more."""
    for place in (State.PRINCIPAL, State.BASE, State.ACCRUED, State.REMAINDER, State.FEE, State.FEE_REMAINDER):
        state[place] = state[place] * 0


@compilable
def trade(state: Numbers, events: Numbers, at: int, terms: Numbers, rows: Numbers) -> None:
    """Buy the loan, or end it, for a price and the interest accrued."""
    side, kind = terms[Condition.SIDE], events[at, Column.KIND]
    payoff = side * (events[at, Column.AMOUNT] + owed_interest(state, terms))
    if kind == EventKind.PURCHASE:
        payoff = -payoff
    else:
        end(state, terms)
    rows[at, Result.PAYOFF] += payoff


@compilable
def prepay(state: Numbers, events: Numbers, at: int, terms: Numbers, rows: Numbers) -> int:
    """Take principal back beside the plan, or a penalty on it."""
    side, flag, rate = terms[Condition.SIDE], events[at, Column.FLAG], events[at, Column.RATE]
    amount = events[at, Column.AMOUNT]
    if events[at, Column.KIND] == EventKind.PENALTY:
        if flag > 0:
            # On the principal for the time since the event before, at a rate or at what the rate lies above it.
            at_rate = rate if flag == 1 else max(state[State.RATE] - rate, rate * 0)
            denominator = terms[Condition.DENOMINATOR]
            whole, remainder = accrued(
                rate * 0, rate * 0, state[State.PRINCIPAL], at_rate, events[at, Column.COUNT], denominator
            )
            amount = rounded(whole, remainder, denominator, terms[Condition.ROUNDING])
        rows[at, Result.PAYOFF] += side * amount
        rows[at, Result.FEE_PAID] += side * amount
        return DONE
    if amount > magnitude(state[State.PRINCIPAL]):
        return OVERPAID
    grow(state, terms, -side * amount)
    rows[at, Result.PAYOFF] += side * amount
    rows[at, Result.PRINCIPAL_PAID] += side * amount
    return DONE


@compilable
def call(state: Numbers, events: Numbers, at: int) -> None:
    """Fix the interest of a loan called with notice (`FLAG` 1): it is due at the end of the notice, and no more is."""
    if events[at, Column.FLAG] == 1:
        state[State.CALLED] += state[State.ACCRUED]
        for place in (State.ACCRUED, State.REMAINDER, State.BASE):
            state[place] = state[place] * 0


@compilable
def change(state: Numbers, events: Numbers, at: int, terms: Numbers, stretches: Numbers) -> int:
    """Events that pay nothing: of the rate, the instalment, the base of interest and the scales."""
    kind = events[at, Column.KIND]
    if kind == EventKind.RATE:
        state[State.RATE] = events[at, Column.RATE]
    elif kind == EventKind.RESET:
        reset_rate(state, events, at, terms)
    elif kind == EventKind.INSTALMENT_FIXING:
        return fix_instalment(state, events, at, terms, stretches)
    elif kind == EventKind.BASE_FIXING:
        state[State.BASE] = state[State.PRINCIPAL]
    elif kind == EventKind.CAPITALISATION:
        grow(state, terms, settle_interest(state, terms))
    elif kind == EventKind.SCALING:
        if events[at, Column.FLAG] != 2:
            state[State.INTEREST_SCALE] = events[at, Column.RATE]
        if events[at, Column.FLAG] != 1:
            state[State.PRINCIPAL_SCALE] = events[at, Column.RATE]
    elif kind == EventKind.CALL:
        call(state, events, at)
    return DONE


@compilable
def happen(state: Numbers, events: Numbers, at: int, terms: Numbers, stretches: Numbers, rows: Numbers) -> int:
    """What one event does, after the accrual; rows of payments are filled as they fall due."""
    kind = events[at, Column.KIND]
    status = DONE
    if kind == EventKind.INSTALMENT:
        status = instalment(state, terms, rows, at)
    elif kind == EventKind.INTEREST:
        pay_interest(state, terms, rows, at)
    elif kind == EventKind.REDEMPTION:
        given = events[at, Column.FLAG] == 1
        redeem(state, terms, rows, at, events[at, Column.AMOUNT] if given else state[State.INSTALMENT])
    elif kind == EventKind.DISBURSEMENT or kind == EventKind.DRAW:
        disburse(state, events, at, terms, rows)
    elif kind == EventKind.FEE:
        pay_fee(state, events, at, terms, rows)
    elif kind == EventKind.PREPAYMENT or kind == EventKind.PENALTY:
        status = prepay(state, events, at, terms, rows)
    elif kind == EventKind.MATURITY:
        redeem(state, terms, rows, at, magnitude(state[State.PRINCIPAL]))
        end(state, terms)
    elif kind == EventKind.PURCHASE or kind == EventKind.TERMINATION:
        trade(state, events, at, terms, rows)
    else:
        status = change(state, events, at, terms, stretches)
    return status


@compilable
def walk(events: Numbers, state: Numbers, terms: Numbers, stretches: Numbers, rows: Numbers) -> int:
    """Let events happen one after the other, and write the row of each.

    `events` [n, len(Column)] in order; `state` [len(State)] before the first, changed to that after the last; `terms`
    [len(Condition)]; `stretches` [m - 1], the times between m instalment dates; `rows` [n, len(Result)] of zeros, to be
    filled. Returns n, or `-1 - at * 8 - status` if the event at a place could not happen.
    """
    for at in range(len(events)):
        accrue(state, events, at, terms)
        status = happen(state, events, at, terms, stretches, rows)
        limit = terms[Condition.LIMIT]
        if status == DONE and limit != 0 and magnitude(state[State.PRINCIPAL]) > limit:
            status = TOO_LARGE
        if status != DONE:
            return -1 - at * 8 - status
        rows[at, Result.PRINCIPAL] = state[State.PRINCIPAL]
        rows[at, Result.RATE] = state[State.RATE]
        rows[at, Result.ACCRUED] = state[State.ACCRUED]
        rows[at, Result.REMAINDER] = state[State.REMAINDER]
        rows[at, Result.INSTALMENT] = state[State.INSTALMENT]
    return len(events)


walk_compiled = compiled(walk)
"""`walk` on int64 arrays (`@compiled`)."""
