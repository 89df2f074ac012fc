"""The eight contract types: which schedules each has, and when it ends."""

from fractions import Fraction
from typing import Final

from yinhe.kernel.calendar import every_day
from yinhe.lending.actus.amortisers import (
    derived_maturity,
    exotic_interest,
    exotic_maturity,
    exotic_redemptions,
    exotic_resets,
    first_fixing,
    interest_with_principal,
    redemptions,
    refixings,
)
from yinhe.lending.actus.cases import Case
from yinhe.lending.actus.contract import (
    Contract,
    base_fixings,
    fees,
    initial_exchange,
    interest_payments,
    observed,
    rate_resets,
    scalings,
    trades,
)
from yinhe.lending.actus.errors import TermRefused
from yinhe.lending.actus.happenings import AFTER_ALL, Happening, events_at, stepped
from yinhe.lending.actus.moments import counted_day
from yinhe.lending.actus.terms import Settings, period_of, settings_of
from yinhe.lending.actus.years import years_by
from yinhe.lending.schedule.cycles import Cycle
from yinhe.lending.schedule.engine import Years
from yinhe.lending.schedule.kinds import Column, EventKind

OPEN_ENDED: Final = ("CLM", "UMP")


def contract_of(case: Case) -> Contract:
    """The contract of a case, with its dates. Raises TermRefused."""
    terms, settings = case.terms, settings_of(case.terms)
    if settings.contract_type == "CSH":
        return Contract(case, settings, lambda _start, _end: _no_time(), settings.status, _until(case))
    initial = terms.moment("initialExchangeDate")
    terms.number("notionalPrincipal")
    calendar = settings.dates.calendar or every_day()
    day_count = terms.text("dayCountConvention")
    end = _end(case, settings, initial, years_by(day_count, None, calendar))
    if end < initial:
        raise TermRefused("maturityDate", "it lies before the initial exchange")
    return Contract(case, settings, years_by(day_count, counted_day(end), calendar), initial, end)


def _no_time() -> Fraction:
    return Fraction(0)


def _until(case: Case) -> int:
    if case.until is None:
        raise TermRefused("to", "the term is missing, and the contract has no end of its own")
    return case.until


def _end(case: Case, settings: Settings, initial: int, years: Years) -> int:
    terms = case.terms
    match settings.contract_type:
        case "PAM":
            return terms.moment("maturityDate")
        case "LAM" | "NAM":
            return terms.moment_if("maturityDate") or derived_maturity(terms, settings, initial, years)
        case "ANN":
            given = terms.moment_if("maturityDate") or terms.moment_if("amortizationDate")
            return given or derived_maturity(terms, settings, initial, years)
        case "LAX":
            return terms.moment_if("maturityDate") or exotic_maturity(terms, settings.dates)
        case "CLM":
            called = [event.moment for event in case.observed if event.type == "XD"]
            return terms.moment_if("maturityDate") or (max(called) if called else _until(case))
        case _:
            return _until(case)


def happenings(contract: Contract) -> list[Happening]:
    """All that happens in a contract after its status date, in no order. Raises TermRefused."""
    events = _of_type(contract)
    rules = contract.rules
    ended = [event.order(rules) for event in events if event.type == "TD"]
    until = contract.case.until
    if until is not None and not _is_called(contract):
        ended.append(until + AFTER_ALL)
    return [
        event
        for event in events
        if not (event.type and contract.is_past(event)) and not any(event.order(rules) > end for end in ended)
    ]


def _is_called(contract: Contract) -> bool:
    """Whether a CLM is called: its settlement is told of however long the notice is."""
    called = any(seen.type == "XD" for seen in contract.case.observed)
    return contract.settings.contract_type == "CLM" and called and not contract.terms.has("maturityDate")


def _of_type(contract: Contract) -> list[Happening]:
    match contract.settings.contract_type:
        case "PAM":
            return [
                *_lent(contract, end_shifts=False),
                *interest_payments(contract, end_shifts=False),
                *rate_resets(contract),
                *fees(contract, with_end=True, end_shifts=False),
            ]
        case "LAM":
            return [
                *_lent(contract, end_shifts=True),
                *redemptions(contract),
                *_fixing(contract),
                *interest_payments(contract, end_shifts=True),
                *base_fixings(contract),
                *rate_resets(contract),
                *fees(contract, with_end=True),
            ]
        case "NAM":
            contract.terms.number("nextPrincipalRedemptionPayment")
            return [*_with_instalments(contract, end_shifts=True), *rate_resets(contract)]
        case "ANN":
            resets = rate_resets(contract)
            return [
                *_with_instalments(contract, end_shifts=False),
                *_fixing(contract),
                *resets,
                *refixings(resets),
            ]
        case "LAX":
            return [
                *_lent(contract, end_shifts=True),
                *exotic_redemptions(contract),
                *exotic_interest(contract),
                *base_fixings(contract),
                *exotic_resets(contract),
                *fees(contract, with_end=True),
            ]
        case "CLM":
            return _call_money(contract)
        case "UMP":
            return _undefined_maturity(contract)
        case _:
            return [event for event in observed(contract) if event.type == "AD"]


def _lent(contract: Contract, *, end_shifts: bool) -> list[Happening]:
    """What every loan with an end has: it is paid out, scaled, traded, looked at, and paid back."""
    return [
        initial_exchange(contract),
        *scalings(contract),
        *trades(contract),
        *observed(contract),
        Happening("MD", contract.end, EventKind.MATURITY, shifts=end_shifts),
    ]


def _with_instalments(contract: Contract, *, end_shifts: bool) -> list[Happening]:
    return [
        *_lent(contract, end_shifts=end_shifts),
        *redemptions(contract),
        *interest_with_principal(contract),
        *base_fixings(contract),
        *fees(contract, with_end=True, end_shifts=end_shifts),
    ]


def _fixing(contract: Contract) -> list[Happening]:
    return [] if contract.terms.has("nextPrincipalRedemptionPayment") else first_fixing(contract)


def _call_money(contract: Contract) -> list[Happening]:
    """CLM: interest is capitalised until the end; a call (XD) settles it after the days of notice (STD).

    No interest accrues in the notice, as the published cases have it.
    """
    terms, end = contract.terms, contract.end
    events = [
        initial_exchange(contract, premium=False),
        *_capitalisations(contract),
        *rate_resets(contract),
        *fees(contract, with_end=False),
        *(event for event in observed(contract) if event.type in ("AD", "CE")),
    ]
    called = _is_called(contract)
    settled = end
    if called:
        months, days = period_of("xDayNotice", terms.text("xDayNotice"))
        if months or days:
            settled = stepped(end, Cycle(months, days), 1, contract.rules)
        events.append(Happening("XD", end, EventKind.CALL, {Column.FLAG: int(settled > end)}, shifts=False))
    events.append(Happening("IP", settled, EventKind.INTEREST, shifts=False))
    events.append(Happening("STD" if called else "MD", settled, EventKind.MATURITY, shifts=False))
    return events


def _capitalisations(contract: Contract) -> list[Happening]:
    """IPCI of a contract without an end of its own."""
    if not contract.terms.has("nominalInterestRate") or not contract.terms.has("cycleOfInterestPayment"):
        return []
    times = contract.times("cycleAnchorDateOfInterestPayment", "cycleOfInterestPayment", with_end=False)
    return events_at("IPCI", EventKind.CAPITALISATION, times)


def _undefined_maturity(contract: Contract) -> list[Happening]:
    """UMP: principal goes in and out as the parties do (PR, PI), interest is capitalised."""
    side = contract.settings.side
    moved_principal = [
        Happening(seen.type, seen.moment, EventKind.PREPAYMENT, {Column.AMOUNT: side * seen.value}, shifts=False)
        for seen in contract.case.observed
        if seen.type in ("PR", "PI")
    ]
    return [
        initial_exchange(contract, premium=False),
        *_capitalisations(contract),
        *rate_resets(contract),
        *fees(contract, with_end=False),
        *trades(contract),
        *moved_principal,
        *(event for event in observed(contract) if event.type in ("AD", "CE")),
    ]
