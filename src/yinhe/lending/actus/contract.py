"""What every contract of the standard has: its dates, and the schedules that are the same for all types.

Abbreviations of terms in the comments are the standard's. Where the published cases and the technical specification
1.1 differ, the cases hold; each such place says so.
"""

from typing import Final

import msgspec

from yinhe.lending.actus.cases import Case
from yinhe.lending.actus.errors import TermRefused
from yinhe.lending.actus.happenings import (
    AFTER_ALL,
    ONE,
    ZERO,
    Happening,
    events_at,
    moments_of,
    moved,
    stepped,
)
from yinhe.lending.actus.terms import Settings, Terms, period_of
from yinhe.lending.schedule.arithmetic import Number
from yinhe.lending.schedule.cycles import Cycle, DateRules
from yinhe.lending.schedule.engine import Years
from yinhe.lending.schedule.kinds import Column, EventKind

FOLLOWING_BASE: Final = "NT"
LAGGED_BASE: Final = "NTL"


class Contract(msgspec.Struct, frozen=True, eq=False):
    """One contract, with the dates that all its schedules need."""

    case: Case
    settings: Settings
    years: Years
    initial: int
    """The initial exchange."""
    end: int
    """The maturity, or to when a contract without one is followed."""

    @property
    def terms(self) -> Terms:
        """Its terms."""
        return self.case.terms

    @property
    def rules(self) -> DateRules:
        """How its dates fall."""
        return self.settings.dates

    @property
    def begun(self) -> bool:
        """Whether the initial exchange is past at the status date."""
        return self.initial <= self.settings.status

    @property
    def base_follows(self) -> bool:
        """Whether interest counts on the notional as it is (IPCB = NT)."""
        return self.terms.choice("interestCalculationBase", FOLLOWING_BASE, ("NT", "NTIED", "NTL")) == FOLLOWING_BASE

    @property
    def base(self) -> Number:
        """The notional interest counts on at first, where it does not follow (IPCBA)."""
        return self.terms.number_or("interestCalculationBaseAmount", self.terms.number("notionalPrincipal"))

    def is_past(self, event: Happening) -> bool:
        """Whether an event lies before, or at, the status date."""
        return event.order(self.rules) < self.settings.status + AFTER_ALL

    def anchor(self, anchor_name: str, cycle_name: str) -> int | None:
        """Where a schedule starts: the anchor, else one cycle after the initial exchange."""
        if self.terms.has(anchor_name):
            return self.terms.moment(anchor_name)
        cycle = self.terms.cycle_if(cycle_name)
        return None if cycle is None else stepped(self.initial, cycle, 1, self.rules)

    def times(self, anchor_name: str, cycle_name: str, end: int | None = None, *, with_end: bool) -> list[int]:
        """The schedule of an anchor and a cycle, to the end of the contract."""
        anchor, cycle = self.anchor(anchor_name, cycle_name), self.terms.cycle_if(cycle_name)
        return moments_of(anchor, cycle, self.end if end is None else end, self.rules, with_end=with_end)


def initial_exchange(contract: Contract, *, premium: bool = True) -> Happening:
    """IED: the notional is paid out; interest may count from before it (IPANX < IED) if none is given (IPAC)."""
    terms = contract.terms
    values: dict[Column, Number] = {
        Column.AMOUNT: terms.number("notionalPrincipal"),
        Column.EXTRA: terms.number_or("premiumDiscountAtIED", ZERO) if premium else ZERO,
        Column.BASE: contract.base,
        Column.RATE: terms.number_or("nominalInterestRate", ZERO),
        Column.FLAG: 1,
    }
    interest = terms.moment_if("cycleAnchorDateOfInterestPayment")
    if interest is not None and interest < contract.initial and not terms.has("accruedInterest"):
        from_day, to_day = (
            Happening("IED", moment, EventKind.DISBURSEMENT).counted(contract.rules)
            for moment in (interest, contract.initial)
        )
        values[Column.SINCE] = contract.years(from_day, to_day)
    return Happening("IED", contract.initial, EventKind.DISBURSEMENT, values, shifts=False)


def capitalised(contract: Contract, interest: list[Happening]) -> list[Happening]:
    """IP to the end of capitalisation (IPCED) as IPCI, and one IPCI at that end, whether the cycle meets it or not."""
    end = contract.terms.moment_if("capitalizationEndDate")
    if end is None:
        return interest
    last = Happening("IPCI", end, EventKind.CAPITALISATION)
    until = last.order(contract.rules)
    before = [
        Happening("IPCI", event.moment, EventKind.CAPITALISATION, shifts=event.shifts)
        for event in interest
        if event.order(contract.rules) < until
    ]
    return [*before, last, *(event for event in interest if event.order(contract.rules) > until)]


def interest_payments(contract: Contract, *, end_shifts: bool) -> list[Happening]:
    """IP by its own cycle, capitalised at first if so agreed; none without a rate."""
    if not contract.terms.has("nominalInterestRate"):
        return []
    times = contract.times("cycleAnchorDateOfInterestPayment", "cycleOfInterestPayment", with_end=True)
    events = [
        Happening("IP", moment, EventKind.INTEREST, shifts=end_shifts or moment != contract.end) for moment in times
    ]
    return capitalised(contract, events)


def rate_resets(contract: Contract, end: int | None = None) -> list[Happening]:
    """RR by the market, RRF where the next rate is known already (RRNXT)."""
    terms = contract.terms
    times = contract.times("cycleAnchorDateOfRateReset", "cycleOfRateReset", end, with_end=False)
    events: list[Happening] = []
    known = terms.number("nextResetRate") if terms.has("nextResetRate") else None
    for moment in times:
        event = Happening("RR", moment, EventKind.RESET)
        if known is not None and not contract.is_past(event):
            events.append(Happening("RRF", moment, EventKind.RATE, {Column.RATE: known}))
            known = None
        elif contract.is_past(event):
            continue
        else:
            rate = market_rate(contract, moment) * terms.number_or("rateMultiplier", ONE)
            rate += terms.number_or("rateSpread", ZERO)
            events.append(Happening("RR", moment, EventKind.RESET, {Column.RATE: rate}))
    return events


def market_rate(contract: Contract, moment: int) -> Number:
    """The market's rate for a reset: of its day as scheduled or as moved, or of the fixing before it (RRFIX)."""
    terms, rules = contract.terms, contract.rules
    moments = [moment, moved(moment, rules)]
    for name in ("fixingPeriod", "fixingDays"):
        if terms.has(name):
            months, days = period_of(name, terms.text(name))
            if months or days:
                moments.append(stepped(moment, Cycle(months, days), -1, rules))
    return contract.case.market.at(terms.text("marketObjectCodeOfRateReset"), *moments)


def fees(contract: Contract, *, with_end: bool, end_shifts: bool = True) -> list[Happening]:
    """FP: an amount (FEB = A), or what accrued on the notional (FEB = N); none without a rate (FER)."""
    terms = contract.terms
    rate = terms.number_or("feeRate", ZERO)
    if rate == 0:
        return []
    basis = terms.text("feeBasis")
    if basis not in ("A", "N"):
        raise TermRefused("feeBasis", f"{basis!r} is none of A, N")
    values: dict[Column, Number] = {Column.AMOUNT: rate, Column.FLAG: 0} if basis == "A" else {Column.FLAG: 1}
    times = contract.times("cycleAnchorDateOfFee", "cycleOfFee", with_end=with_end)
    return [
        Happening("FP", moment, EventKind.FEE, values, shifts=end_shifts or moment != contract.end) for moment in times
    ]


def scalings(contract: Contract) -> list[Happening]:
    """SC: payments follow an index over its value at the deal (the cases' formula; the specification takes 1 off)."""
    terms = contract.terms
    effect = terms.text_or("scalingEffect", "000")
    of_interest, of_notional = "I" in effect, "N" in effect
    if not (of_interest or of_notional):
        return []
    times = contract.times("cycleAnchorDateOfScalingIndex", "cycleOfScalingIndex", with_end=False)
    flag = 0 if of_interest and of_notional else 1 if of_interest else 2
    events: list[Happening] = []
    for moment in times:
        if contract.is_past(Happening("SC", moment, EventKind.SCALING)):
            continue
        index = contract.case.market.at(
            terms.text("marketObjectCodeOfScalingIndex"), moment, moved(moment, contract.rules)
        )
        ratio = index / terms.number("scalingIndexAtContractDealDate")
        events.append(Happening("SC", moment, EventKind.SCALING, {Column.RATE: ratio, Column.FLAG: flag}))
    return events


def base_fixings(contract: Contract) -> list[Happening]:
    """IPCB: interest counts on the notional of this day, where the base lags behind (IPCB = NTL)."""
    if contract.terms.text_or("interestCalculationBase", FOLLOWING_BASE) != LAGGED_BASE:
        return []
    times = contract.times("cycleAnchorDateOfInterestCalculationBase", "cycleOfInterestCalculationBase", with_end=False)
    return events_at("IPCB", EventKind.BASE_FIXING, times)


def trades(contract: Contract) -> list[Happening]:
    """PRD and TD."""
    terms = contract.terms
    events: list[Happening] = []
    for type_, kind, day, price in (
        ("PRD", EventKind.PURCHASE, "purchaseDate", "priceAtPurchaseDate"),
        ("TD", EventKind.TERMINATION, "terminationDate", "priceAtTerminationDate"),
    ):
        if terms.has(day):
            events.append(Happening(type_, terms.moment(day), kind, {Column.AMOUNT: terms.number(price)}, shifts=False))
    return events


def observed(contract: Contract) -> list[Happening]:
    """What the parties did: AD and CE only look; PP pays back beside the plan, with PY before it."""
    terms, side = contract.terms, contract.settings.side
    events: list[Happening] = []
    for seen in contract.case.observed:
        if seen.type in ("AD", "CE"):
            events.append(Happening(seen.type, seen.moment, EventKind.OBSERVATION, shifts=False))
        elif seen.type == "PP" and terms.text_or("prepaymentEffect", "N") != "N":
            events += _penalty(contract, seen.moment)
            events.append(Happening("PP", seen.moment, EventKind.PREPAYMENT, {Column.AMOUNT: side * seen.value}))
    return events


def _penalty(contract: Contract, moment: int) -> list[Happening]:
    """PY: an amount (A), a rate on the notional (R), or what the rate lies above the market's (I)."""
    terms = contract.terms
    kind = terms.choice("penaltyType", "O", ("O", "N", "A", "R", "I"))
    rate = terms.number_or("penaltyRate", ZERO)
    values: dict[Column, Number]
    match kind:
        case "A":
            values = {Column.AMOUNT: rate}
        case "R":
            values = {Column.RATE: rate, Column.FLAG: 1}
        case "I":
            values = {Column.RATE: market_rate(contract, moment), Column.FLAG: 2}
        case _:
            return []
    return [Happening("PY", moment, EventKind.PENALTY, values)]
