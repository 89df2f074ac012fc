"""Run a case through the engine and compare what comes out with what the case expects."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec
import numpy as np

from yinhe.kernel.errors import YinheError
from yinhe.lending.actus.amortisers import instalment_times
from yinhe.lending.actus.cases import Case, read_case
from yinhe.lending.actus.contract import Contract
from yinhe.lending.actus.contracts import OPEN_ENDED, contract_of, happenings
from yinhe.lending.actus.errors import TermRefused
from yinhe.lending.actus.happenings import ONE, ZERO, Happening, moments_of
from yinhe.lending.actus.moments import counted_day, day_of, read_moment, write_moment
from yinhe.lending.schedule.cycles import Cycle
from yinhe.lending.schedule.engine import decimal_of, run_exact
from yinhe.lending.schedule.kinds import Column, Condition, EventKind, State
from yinhe.lending.schedule.records import NO_INSTALMENT, EventColumns, Numbers
from yinhe.lending.schedule.refusals import ScheduleRefused

TOLERANCE: Final = Decimal("1e-8")
"""How far a number may be off."""

_INFINITE: Final = Decimal("Infinity")


class ContractRow(msgspec.Struct, frozen=True):
    """One event of a contract, as the standard tells of it."""

    moment: int
    type: str
    payoff: Decimal
    notional: Decimal
    rate: Decimal
    accrued: Decimal


class Difference(msgspec.Struct, frozen=True):
    """Where a case did not come out as expected."""

    event: str
    """Its number from 1, with its date and type; or the term at fault."""
    field: str
    expected: str
    got: str


class CaseReport(msgspec.Struct, frozen=True):
    """One case: how many rows were compared, and what differed."""

    case: str
    contract_type: str
    rows: int
    differences: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing differed."""
        return not self.differences


def check_case(name: str, given: Any) -> CaseReport:
    """Run one case; what cannot be run is a difference that names the term."""
    type_ = "?"
    try:
        case = read_case(name, given)
        type_ = case.terms.text_or("contractType", "?")
        rows = contract_rows(case)
    except TermRefused as refused:
        return CaseReport(name, type_, 0, (Difference(refused.term, "term", "", refused.reason),))
    except YinheError as fault:
        return CaseReport(name, type_, 0, (Difference("", "case", "", str(fault)),))
    return CaseReport(name, type_, len(rows), compared(rows, case))


def contract_rows(case: Case) -> list[ContractRow]:
    """The events of a contract, computed by the bank's schedule engine. Raises TermRefused."""
    contract = contract_of(case)
    rules = contract.rules
    events = sorted(happenings(contract), key=lambda event: event.order(rules))
    rows = run_exact(
        _columns(contract, events),
        _conditions(contract),
        _opening(contract),
        Happening("AD", contract.settings.status, EventKind.OBSERVATION).counted(rules),
        contract.years,
        [np.array([counted_day(moment) for moment in _instalment_times(contract)], np.int32)],
    )
    if isinstance(rows, ScheduleRefused):
        raise TermRefused(rows.term, rows.because.english)
    bought = [event.order(rules) for event in events if event.type == "PRD"]
    told: list[ContractRow] = []
    for at, event in enumerate(events):
        if not event.type or (event.type != "AD" and any(event.order(rules) < purchase for purchase in bought)):
            continue
        when = event.when(rules)
        payoff = rows.payoff[at] * _exchange_rate(contract, when)
        told.append(ContractRow(when, event.type, payoff, rows.principal[at], rows.rate[at], rows.accrued[at]))
    return told


def _instalment_times(contract: Contract) -> list[int]:
    return instalment_times(contract) if contract.settings.contract_type in ("LAM", "NAM", "ANN") else []


def _columns(contract: Contract, events: list[Happening]) -> EventColumns:
    rules, count = contract.rules, len(events)
    values = np.zeros((count, len(Column)), dtype=object)
    for at, event in enumerate(events):
        values[at, Column.KIND] = int(event.kind)
        for column, value in event.values.items():
            values[at, column] = value
        if values[at, Column.SINCE]:
            values[at, Column.SINCE] = decimal_of(values[at, Column.SINCE])
    none = np.full(count, NO_INSTALMENT, np.int32)
    return EventColumns(
        np.array([day_of(event.when(rules)) for event in events], np.int32),
        np.array([event.counted(rules) for event in events], np.int32),
        np.arange(count, dtype=np.int64),
        values,
        none,
        np.zeros(count, np.int32),
    )


def _conditions(contract: Contract) -> Numbers:
    terms = contract.terms
    conditions = np.zeros(len(Condition), dtype=object)
    conditions[Condition.SIDE] = contract.settings.side
    conditions[Condition.FOLLOWS] = int(contract.base_follows)
    conditions[Condition.UNIT] = 1
    if terms.text_or("feeBasis", "A") == "N":
        conditions[Condition.FEE_RATE] = terms.number_or("feeRate", ZERO)
    conditions[Condition.LIFE_FLOOR] = terms.number_or("lifeFloor", -_INFINITE)
    conditions[Condition.LIFE_CAP] = terms.number_or("lifeCap", _INFINITE)
    # The dictionary has the largest fall of the rate as a positive number; as the change it is, it is not.
    conditions[Condition.PERIOD_FLOOR] = -abs(terms.number_or("periodFloor", _INFINITE))
    conditions[Condition.PERIOD_CAP] = terms.number_or("periodCap", _INFINITE)
    return conditions


def _opening(contract: Contract) -> Numbers:
    """The state as of the status date: nothing before the initial exchange, but interest given (IPAC)."""
    terms, side = contract.terms, contract.settings.side
    state = np.full(len(State), ZERO, dtype=object)
    state[State.PRINCIPAL_SCALE] = terms.number_or("notionalScalingMultiplier", ONE)
    state[State.INTEREST_SCALE] = terms.number_or("interestScalingMultiplier", ONE)
    state[State.INSTALMENT] = terms.number_or("nextPrincipalRedemptionPayment", ZERO)
    state[State.ACCRUED] = side * terms.number_or("accruedInterest", ZERO)
    if contract.settings.contract_type == "CSH":
        state[State.PRINCIPAL] = side * terms.number("notionalPrincipal")
        return state
    if contract.begun:
        state[State.PRINCIPAL] = side * terms.number("notionalPrincipal")
        state[State.BASE] = state[State.PRINCIPAL] if contract.base_follows else side * contract.base
        state[State.RATE] = terms.number_or("nominalInterestRate", ZERO)
        state[State.FEE] = terms.number_or("feeAccrued", ZERO)
        if not terms.has("feeAccrued") and terms.text_or("feeBasis", "A") == "N":
            since = _since(contract, "cycleAnchorDateOfFee", "cycleOfFee")
            state[State.FEE] = state[State.PRINCIPAL] * terms.number_or("feeRate", ZERO) * since
        # The interest of call money and open-ended money is capitalised, not paid: there is no payment to count from.
        if not terms.has("accruedInterest") and contract.settings.contract_type not in OPEN_ENDED:
            since = _since(contract, "cycleAnchorDateOfInterestPayment", "cycleOfInterestPayment")
            state[State.ACCRUED] = state[State.PRINCIPAL] * state[State.RATE] * since
    return state


def _since(contract: Contract, anchor_name: str, cycle_name: str) -> Decimal:
    """The years to the status date from the last payment of a schedule before it; 0 without one."""
    anchor, cycle = contract.terms.moment_if(anchor_name), contract.terms.cycle_if(cycle_name)
    cycle = None if cycle is None else Cycle(cycle.months, cycle.days)
    status = contract.settings.status
    before = [one for one in moments_of(anchor, cycle, status, contract.rules, with_end=False) if one < status]
    if not before:
        return ZERO
    start, end = (
        Happening("IP", moment, EventKind.INTEREST).counted(contract.rules) for moment in (max(before), status)
    )
    return decimal_of(contract.years(start, end))


def _exchange_rate(contract: Contract, when: int) -> Decimal:
    """What a payment is worth in the currency of settlement (section 3.11)."""
    terms = contract.terms
    currency, settlement = terms.text_or("currency", ""), terms.text_or("settlementCurrency", "")
    if not settlement or settlement == currency:
        return ONE
    return contract.case.market.at(f"{currency}/{settlement}", when)


_FIELDS: Final = {
    "payoff": "payoff",
    "notionalPrincipal": "notional",
    "nominalInterestRate": "rate",
    "accruedInterest": "accrued",
}


def compared(rows: list[ContractRow], case: Case) -> tuple[Difference, ...]:
    """Where rows are not those expected, row by row: date, type, and numbers to `TOLERANCE`."""
    differences: list[Difference] = []
    for place in range(max(len(rows), len(case.expected))):
        got = rows[place] if place < len(rows) else None
        expected = case.expected[place] if place < len(case.expected) else None
        if got is None and expected is not None:
            event = f"{place + 1} {expected.get('eventDate')} {expected.get('eventType')}"
            differences.append(Difference(event, "row", "there", "missing"))
        elif expected is None and got is not None:
            event = f"{place + 1} {write_moment(got.moment)} {got.type}"
            differences.append(Difference(event, "row", "none", "there"))
        elif expected is not None and got is not None:
            differences += _row_compared(place, got, expected)
    return tuple(differences)


def _row_compared(place: int, got: ContractRow, expected: Mapping[str, Any]) -> list[Difference]:
    event = f"{place + 1} {write_moment(got.moment)} {got.type}"
    found: list[Difference] = []
    if "eventDate" in expected and not _same_moment(str(expected["eventDate"]), got.moment):
        found.append(Difference(event, "eventDate", str(expected["eventDate"]), write_moment(got.moment)))
    if "eventType" in expected and str(expected["eventType"]).strip() != got.type:
        found.append(Difference(event, "eventType", str(expected["eventType"]), got.type))
    for name, field in _FIELDS.items():
        text = str(expected.get(name) if expected.get(name) is not None else "").strip()
        value: Decimal = getattr(got, field)
        if text and not _near(text, value):
            found.append(Difference(event, name, text, f"{value:.12f}"))
    return found


def _same_moment(text: str, moment: int) -> bool:
    try:
        return read_moment(text) == moment
    except ValueError:
        return False


def _near(text: str, value: Decimal) -> bool:
    """Whether text is a number not further from a value than `TOLERANCE`."""
    try:
        return abs(Decimal(text) - value) <= TOLERANCE
    except InvalidOperation:
        return False
