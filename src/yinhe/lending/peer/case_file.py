"""Files of schedules the peer system asserts: what is in them, read with every fault named by its case and field.

A file is a list of cases: a product, the events of one loan in order, and the rows expected after some of them.
Amounts are text with decimals, dates ISO; what is null is not compared.
"""

import datetime as dt
from pathlib import Path
from typing import Annotated, Any, Final, cast

import msgspec

from yinhe.kernel.errors import YinheError

Count = Annotated[int, msgspec.Meta(ge=0, le=5_000)]
CountFromOne = Annotated[int, msgspec.Meta(ge=1, le=5_000)]

FILE_BYTES_MAX: Final = 64 * 2**20
CASES_MAX: Final = 100_000


class CaseFileError(YinheError):
    """The file of cases does not read; its message names the case and the field."""


class RateQuoted(msgspec.Struct, frozen=True):
    """The rate as the product writes it."""

    value: str
    per: str


class DownPayment(msgspec.Struct, frozen=True):
    """The share of each disbursement that is due the same day, and whether it is paid by itself."""

    pct: str
    auto: bool = False


class Recalculation(msgspec.Struct, frozen=True):
    """That interest is computed anew when payments are late, and up to when late principal bears it."""

    rest_frequency: str = "DAILY"
    compounding: str | None = None


class GivenPeriod(msgspec.Struct, frozen=True):
    """The days of one instalment, where they are given."""

    n: int
    from_date: dt.date
    due_date: dt.date


class PaymentOrder(msgspec.Struct, frozen=True):
    """In which order a kind of payment is put on what is owed."""

    transaction_type: str
    future_installment_rule: str
    order: list[str]


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of a loan, in the peer's words."""

    currency: str | None
    principal: str | None
    """Null where the disbursements alone say what is lent."""
    annual_rate_pct: str
    number_of_repayments: CountFromOne | None
    """Null where the periods are given."""
    repay_every: CountFromOne
    repay_every_unit: str
    interest_type: str
    amortization: str
    interest_calculation_period: str
    days_in_year: str
    days_in_month: str
    schedule_type: str
    rounding_mode: str = "HALF_EVEN"
    decimals: Annotated[int, msgspec.Meta(ge=0, le=6)] = 2
    currency_in_multiples_of: CountFromOne | None = None
    installment_in_multiples_of: CountFromOne | None = None
    rate_quoted: RateQuoted | None = None
    term: CountFromOne | None = None
    term_unit: str | None = None
    allow_partial_period_interest: bool = False
    interest_charged_from: str | None = None
    grace_principal: Count | None = None
    grace_interest_payment: Count | None = None
    grace_interest_charged: Count | None = None
    first_repayment_date: dt.date | None = None
    schedule_processing: str | None = None
    repayment_start_date_type: str | None = None
    payment_strategy: str | None = None
    payment_allocation: list[PaymentOrder] | None = None
    multi_disburse_allowed: bool = False
    down_payment: DownPayment | None = None
    min_days_disbursal_to_first_repayment: Count | None = None
    fixed_emi: str | None = None
    fixed_length_days: CountFromOne | None = None
    interest_recalculation: Recalculation | None = None
    product_charges: list[Any] = []
    submitted_on: dt.date | None = None
    expected_disbursement: dt.date | None = None
    math_precision_digits: CountFromOne | None = None
    periods: list[GivenPeriod] | None = None
    schedule_start_date: dt.date | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to the loan."""

    type: str
    date: dt.date | None = None
    amount: str | None = None
    principal: str | None = None
    expected_disbursement: dt.date | None = None


class SubPeriod(msgspec.Struct, frozen=True):
    """Part of a period between changes of the balance."""

    rate_factor: str | None = None
    interest: str | None = None


class ExpectedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the schedule; without a number it is a disbursement."""

    n: int | None = None
    date: dt.date | None = None
    days: int | None = None
    from_date: dt.date | None = None
    paid_date: dt.date | None = None
    balance_of_loan: str | None = None
    principal_due: str | None = None
    interest: str | None = None
    fees: str | None = None
    penalties: str | None = None
    due: str | None = None
    paid: str | None = None
    in_advance: str | None = None
    late: str | None = None
    outstanding: str | None = None
    completed: bool | None = None
    sub_periods: list[SubPeriod] | None = None


class ExpectedTransaction(msgspec.Struct, frozen=True):
    """Money that moved."""

    date: dt.date
    type: str
    amount: str


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """What the schedule is to be after an event."""

    after_event_index: int
    rows: list[ExpectedRow]
    totals: dict[str, str | None] | None = None
    n_periods: int | None = None
    transactions: list[ExpectedTransaction] | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One loan and the schedules asserted of it."""

    id: str
    product: Product
    events: list[Event]
    expect: list[Expectation]


def read_cases(path: Path) -> tuple[Case, ...]:
    """Read a file of cases. Raises `CaseFileError`, naming the case and the field, for one that does not read."""
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= FILE_BYTES_MAX else b""
    except OSError as error:
        raise CaseFileError(f"{path}: {error.strerror or error}") from None
    if size > FILE_BYTES_MAX:
        raise CaseFileError(f"{path} has {size:,} bytes; at most {FILE_BYTES_MAX:,} are read")
    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CaseFileError(f"{path} is not JSON: {error}") from None
    if not isinstance(found, list) or not found:
        raise CaseFileError(f"{path} is not a list of cases")
    if len(cast("list[object]", found)) > CASES_MAX:
        raise CaseFileError(f"{path} has more than the {CASES_MAX:,} cases that are read")
    cases = tuple(read_case(one, number) for number, one in enumerate(cast("list[object]", found), 1))
    _require_unique(path, cases)
    return cases


def read_case(found: object, number: int) -> Case:
    """Read one case of a file, `number` counting from 1. Raises `CaseFileError`."""
    named = cast("dict[str, object]", found).get("id") if isinstance(found, dict) else None
    name = f"Case {named}" if isinstance(named, str) else f"Case number {number}"
    try:
        case = msgspec.convert(found, Case)
    except msgspec.ValidationError as error:
        raise CaseFileError(f"{name}: {_in_words(str(error))}") from None
    for at, one in enumerate(case.expect):
        if not 0 <= one.after_event_index < len(case.events):
            raise CaseFileError(
                f"{name}: expect[{at}].after_event_index: {one.after_event_index} is none of its"
                f" {len(case.events)} events"
            )
    return case


def _in_words(message: str) -> str:
    """A fault found by msgspec, its place first: `product.principal: Expected str, got int`."""
    reason, _, place = message.partition(" - at `$")
    return f"{place.strip('`').lstrip('.')}: {reason}" if place else reason


def _require_unique(path: Path, cases: tuple[Case, ...]) -> None:
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise CaseFileError(f"{path}: two cases have the id {case.id}")
        seen.add(case.id)
