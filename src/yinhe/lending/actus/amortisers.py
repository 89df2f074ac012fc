"""Contracts whose principal is repaid in parts: LAM, NAM, ANN, LAX; what they add to the schedules of all."""

from decimal import ROUND_CEILING, Decimal
from typing import Final

from yinhe.lending.actus.contract import Contract, capitalised, market_rate
from yinhe.lending.actus.errors import TermRefused
from yinhe.lending.actus.happenings import ONE, ZERO, Happening, events_at, moments_of, moved, stepped
from yinhe.lending.actus.moments import DAY_SECONDS
from yinhe.lending.actus.terms import Settings, Terms, cycle_of, moment_of, number_of
from yinhe.lending.schedule.arithmetic import Number
from yinhe.lending.schedule.cycles import CYCLE_DATES_MAX, Cycle, DateRules
from yinhe.lending.schedule.engine import Years, decimal_of
from yinhe.lending.schedule.kinds import ON_THE_DAY, Column, EventKind, Fixing

_ANCHOR: Final = "cycleAnchorDateOfPrincipalRedemption"
_CYCLE: Final = "cycleOfPrincipalRedemption"


def redemption_anchor(terms: Terms, initial: int, rules: DateRules) -> int:
    """Where the redemption of principal starts: PRANX, else IED + PRCL. Raises TermRefused."""
    if terms.has(_ANCHOR):
        return terms.moment(_ANCHOR)
    return stepped(initial, cycle_of(_CYCLE, terms.text(_CYCLE)), 1, rules)


def derived_maturity(terms: Terms, settings: Settings, initial: int, years: Years) -> int:
    """The maturity of a LAM, NAM or ANN without one: the day the last of the redemptions is due.

    A contract under way repays its notional from the last redemption on; one that has not begun to repay counts its
    first redemption among them.
    """
    rules, status = settings.dates, settings.status
    cycle = cycle_of(_CYCLE, terms.text(_CYCLE))
    last = redemption_anchor(terms, initial, rules)
    before = 0
    if last < status:
        last = max(moments_of(last, Cycle(cycle.months, cycle.days), status, rules, with_end=False))
        before = 1
    notional, payment = terms.number("notionalPrincipal"), terms.number("nextPrincipalRedemptionPayment")
    if settings.contract_type != "LAM":
        event, following = Happening("PR", last, EventKind.INSTALMENT), stepped(last, cycle, 1, rules)
        one_cycle = years(event.counted(rules), Happening("PR", following, EventKind.INSTALMENT).counted(rules))
        payment -= notional * terms.number_or("nominalInterestRate", ZERO) * decimal_of(one_cycle)
    if payment <= 0:
        raise TermRefused("nextPrincipalRedemptionPayment", "it never repays the notional")
    count = int((notional / payment).to_integral_value(rounding=ROUND_CEILING)) - 1 + before
    if count > CYCLE_DATES_MAX:
        raise TermRefused("nextPrincipalRedemptionPayment", "it does not repay the notional in a lifetime")
    maturity = stepped(last, cycle, count, rules)
    return maturity if settings.contract_type == "LAM" else moved(maturity, rules)


def redemptions(contract: Contract) -> list[Happening]:
    """PR by its cycle, without the end: of principal alone in a LAM, of what the interest leaves in a NAM or ANN."""
    linear = contract.settings.contract_type == "LAM"
    kind = EventKind.REDEMPTION if linear else EventKind.INSTALMENT
    return events_at("PR", kind, _redemption_times(contract, contract.end, with_end=False))


def _redemption_times(contract: Contract, end: int, *, with_end: bool) -> list[int]:
    anchor = redemption_anchor(contract.terms, contract.initial, contract.rules)
    return moments_of(anchor, contract.terms.cycle_if(_CYCLE), end, contract.rules, with_end=with_end)


def instalment_times(contract: Contract) -> list[int]:
    """The dates an instalment is found for: those of PR, and the end, which is AMD for an annuity with a balloon."""
    end = contract.end
    if contract.settings.contract_type == "ANN":
        end = contract.terms.moment_if("amortizationDate") or end
    return _redemption_times(contract, end, with_end=True)


def interest_with_principal(contract: Contract) -> list[Happening]:
    """IP of a NAM or ANN: by its own cycle until one cycle before the first PR, then with every PR."""
    terms, rules = contract.terms, contract.rules
    first = redemption_anchor(terms, contract.initial, rules)
    cycle = cycle_of(_CYCLE, terms.text(_CYCLE))
    until = stepped(first, cycle, -1, rules)
    anchor = contract.anchor("cycleAnchorDateOfInterestPayment", "cycleOfInterestPayment")
    own: list[int] = []
    if anchor is not None and anchor <= until and until > contract.initial:
        own = moments_of(anchor, terms.cycle_if("cycleOfInterestPayment"), until, rules, with_end=True)
    times = sorted({*own, *_redemption_times(contract, contract.end, with_end=True)})
    shifts_at_end = contract.settings.contract_type == "NAM"
    events = [
        Happening("IP", moment, EventKind.INTEREST, shifts=shifts_at_end or moment != contract.end) for moment in times
    ]
    return capitalised(contract, events)


def first_fixing(contract: Contract) -> list[Happening]:
    """How the first redemption payment is found where it is not given (PRNXT).

    That of an annuity is fixed the day before the first PR, which is an event (PRF); if that is not after the initial
    exchange or past already, it is found with it or as of the status date, which the cases do not tell of. So is the
    payment of a LAM, the notional in equal parts.
    """
    annuity = contract.settings.contract_type == "ANN"
    day_before = redemption_anchor(contract.terms, contract.initial, contract.rules) - DAY_SECONDS
    values: dict[Column, Number] = {Column.FLAG: int(Fixing.ANNUITY if annuity else Fixing.LINEAR), Column.AMOUNT: ZERO}
    told = Happening("PRF", day_before, EventKind.INSTALMENT_FIXING, values)
    if annuity and day_before >= contract.initial and not contract.is_past(told):
        return [told]
    if contract.begun:
        return [Happening("", contract.settings.status, EventKind.INSTALMENT_FIXING, values, shifts=False, place=950)]
    at_once = {**values, Column.NEXT: ON_THE_DAY}
    return [Happening("", contract.initial, EventKind.INSTALMENT_FIXING, at_once, shifts=False, place=21)]


def refixings(resets: list[Happening]) -> list[Happening]:
    """PRF of an annuity with every new rate."""
    values: dict[Column, Number] = {Column.FLAG: int(Fixing.ANNUITY), Column.AMOUNT: ZERO}
    return [Happening("PRF", reset.moment, EventKind.INSTALMENT_FIXING, values) for reset in resets]


class _Segments:
    """The array schedules of a LAX: anchors, and a cycle each or one for all or none."""

    def __init__(self, terms: Terms, anchors: str, cycles: str) -> None:
        self.anchors = [moment_of(anchors, text) for text in terms.list_of(anchors)]
        given = [cycle_of(cycles, text) for text in terms.list_of(cycles)]
        if given and len(given) != len(self.anchors):
            given = given[:1] * len(self.anchors)
        self.cycles: list[Cycle | None] = [*given] if given else [None] * len(self.anchors)

    def times(self, end: int, rules: DateRules, *, with_end: bool) -> list[list[int]]:
        """The moments of each segment: to the next anchor, the last to `end`."""
        ends = [*self.anchors[1:], end]
        return [
            moments_of(anchor, cycle, min(until, end), rules, with_end=with_end) if anchor <= end else []
            for anchor, cycle, until in zip(self.anchors, self.cycles, ends, strict=True)
        ]


def _steps(terms: Terms) -> tuple[_Segments, list[Decimal], list[str]]:
    """The segments of principal of a LAX, with the amount and the direction of each. Raises TermRefused."""
    name = "arrayCycleAnchorDateOfPrincipalRedemption"
    terms.text(name)
    segments = _Segments(terms, name, "arrayCycleOfPrincipalRedemption")
    amounts = [
        number_of("arrayNextPrincipalRedemptionPayment", text)
        for text in terms.list_of("arrayNextPrincipalRedemptionPayment")
    ]
    directions = terms.list_of("arrayIncreaseDecrease")
    for term, values in (("arrayNextPrincipalRedemptionPayment", amounts), ("arrayIncreaseDecrease", directions)):
        if len(values) != len(segments.anchors):
            raise TermRefused(term, f"it has {len(values)} values for {len(segments.anchors)} anchors")
    if wrong := [one for one in directions if one not in ("INC", "DEC")]:
        raise TermRefused("arrayIncreaseDecrease", f"{wrong[0]!r} is none of INC, DEC")
    return segments, amounts, directions


def exotic_maturity(terms: Terms, rules: DateRules) -> int:
    """The maturity of a LAX without one: the first moment at which the notional is repaid."""
    segments, amounts, directions = _steps(terms)
    left = terms.number("notionalPrincipal")
    if segments.cycles[0] is None:
        return segments.anchors[-1]
    for place, anchor in enumerate(segments.anchors):
        cycle, moment, count = segments.cycles[place], anchor, 0
        until = segments.anchors[place + 1] if place + 1 < len(segments.anchors) else None
        while cycle is not None and (until is None or moment < until) and count < CYCLE_DATES_MAX:
            left += amounts[place] if directions[place] == "INC" else -amounts[place]
            if left <= 0:
                return moved(moment, rules)
            count += 1
            moment = stepped(anchor, cycle, count, rules)
    raise TermRefused("maturityDate", "the term is missing, and the redemptions never repay the notional")


def exotic_redemptions(contract: Contract) -> list[Happening]:
    """PR and PI of a LAX."""
    segments, amounts, directions = _steps(contract.terms)
    events: list[Happening] = []
    times = segments.times(contract.end, contract.rules, with_end=False)
    for moments, amount, direction in zip(times, amounts, directions, strict=True):
        values: dict[Column, Number] = {Column.AMOUNT: amount, Column.FLAG: 1}
        increases = direction == "INC"
        kind = EventKind.DRAW if increases else EventKind.REDEMPTION
        events += events_at("PI" if increases else "PR", kind, moments, values)
    return events


def exotic_interest(contract: Contract) -> list[Happening]:
    """IP of a LAX, by its array schedule."""
    segments = _Segments(contract.terms, "arrayCycleAnchorDateOfInterestPayment", "arrayCycleOfInterestPayment")
    times = segments.times(contract.end, contract.rules, with_end=True)
    return capitalised(contract, events_at("IP", EventKind.INTEREST, sorted({one for each in times for one in each})))


def exotic_resets(contract: Contract) -> list[Happening]:
    """RR (market and spread) and RRF (a fixed rate) of a LAX, by its array schedule."""
    terms = contract.terms
    segments = _Segments(terms, "arrayCycleAnchorDateOfRateReset", "arrayCycleOfRateReset")
    if not segments.anchors:
        return []
    rates = [number_of("arrayRate", text) for text in terms.list_of("arrayRate")]
    kinds = terms.list_of("arrayFixedVariable")
    for term, values in (("arrayRate", rates), ("arrayFixedVariable", kinds)):
        if len(values) != len(segments.anchors):
            raise TermRefused(term, f"it has {len(values)} values for {len(segments.anchors)} anchors")
    events: list[Happening] = []
    times = segments.times(contract.end, contract.rules, with_end=False)
    for moments, rate, kind in zip(times, rates, kinds, strict=True):
        for moment in moments:
            if kind in ("FIX", "F"):
                events.append(Happening("RRF", moment, EventKind.RATE, {Column.RATE: rate}))
            elif not contract.is_past(event := Happening("RR", moment, EventKind.RESET)):
                market = market_rate(contract, moment) * terms.number_or("rateMultiplier", ONE)
                spread = rate + terms.number_or("rateSpread", ZERO)
                events.append(Happening(event.type, moment, event.kind, {Column.RATE: market + spread}))
    return events
