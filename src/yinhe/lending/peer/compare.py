"""Our rows beside the expected ones, cell by cell; what differs is a value, not an exception."""

from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Final

import msgspec

from yinhe.kernel.errors import YinheError
from yinhe.lending.peer.case_file import Case, Expectation, ExpectedRow, SubPeriod
from yinhe.lending.peer.listing import ListedRow, Transfer, listed, transfers
from yinhe.lending.peer.loan import Loan, after, loan_of


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One cell that is not as expected; `row` counts the rows expected after the event from 0, -1 for none of them."""

    event: int
    row: int
    field: str
    expected: str
    got: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one case."""

    case: str
    policy: str
    """The named policy of the schedule."""
    rows: int = 0
    """Rows compared."""
    differences: tuple[Difference, ...] = ()
    reason: str | None = None
    """Why there is no schedule to compare, naming the field."""

    @property
    def passed(self) -> bool:
        """Whether everything is as expected."""
        return not self.differences and self.reason is None


def check(case: Case) -> Verdict:
    """Run the events of a case and compare its schedule after each that something is expected of."""
    found: list[Difference] = []
    rows, reason = 0, None
    try:
        loan = loan_of(case)
        for at, event in enumerate(case.events):
            loan = after(loan, at, event)
            for expectation in case.expect:
                if expectation.after_event_index == at:
                    found += differences(loan, expectation)
                    rows += len(expectation.rows)
    except YinheError as error:
        reason = str(error)
    policy = case.product.schedule_type.lower()
    return Verdict(case=case.id, policy=policy, rows=rows, differences=tuple(found), reason=reason)


def differences(loan: Loan, expectation: Expectation) -> list[Difference]:
    """Where a loan's schedule is not as expected."""
    rows = listed(loan)
    if all(row.n is not None for row in expectation.rows):
        # Without a disbursement among them the expected rows are the instalments alone.
        rows = tuple(row for row in rows if row.n is not None)
    compare = _Comparison(expectation.after_event_index, loan.product.decimals)
    instalments = [row for row in rows if row.n is not None]
    if expectation.n_periods is not None:
        compare.same(-1, "n_periods", str(expectation.n_periods), str(len(instalments)))
    compare.same(-1, "rows", str(len(expectation.rows)), str(len(rows)))
    for at, (expected, row) in enumerate(zip(expectation.rows, rows, strict=False)):
        compare.row(at, expected, row)
    for field, text in (expectation.totals or {}).items():
        compare.number(-1, f"totals.{field}", text, _total(field, instalments))
    if expectation.transactions is not None:
        _compare_transfers(compare, expectation, transfers(loan))
    return compare.found


class _Comparison:
    """The differences found so far after one event."""

    def __init__(self, event: int, scale: int) -> None:
        self.found: Final[list[Difference]] = []
        self._event: Final = event
        self._scale: Final = scale

    def same(self, row: int, field: str, expected: str | None, got: str | None) -> None:
        """Compare as text; what is not given is not compared."""
        if expected is not None and expected != got:
            self.found.append(
                Difference(event=self._event, row=row, field=field, expected=expected, got=str(got or "nothing"))
            )

    def number(self, row: int, field: str, expected: str | None, got: int | Decimal | None) -> None:
        """Compare as numbers, minor units or decimals, to the decimals that are expected."""
        if expected is None:
            return
        value = Decimal(got).scaleb(-self._scale) if isinstance(got, int) else got
        decimals = len(expected.partition(".")[2])
        try:
            equal = value is not None and value.quantize(Decimal(1).scaleb(-decimals)) == Decimal(expected)
        except InvalidOperation:
            equal = False
        if not equal:
            text = "nothing" if value is None else format(value, "f")
            self.found.append(Difference(event=self._event, row=row, field=field, expected=expected, got=text))

    def row(self, at: int, expected: ExpectedRow, got: ListedRow) -> None:
        """Compare a row, cell by cell."""
        self.same(at, "n", _text(expected.n) if expected.n is not None else None, _text(got.n))
        self.same(at, "date", _text(expected.date), _text(got.date))
        self.same(at, "from_date", _text(expected.from_date), _text(got.from_date))
        self.same(at, "paid_date", _text(expected.paid_date), _text(got.paid_date))
        self.same(at, "completed", _text(expected.completed), _text(got.completed))
        days = None if got.from_date is None else (got.date - got.from_date).days
        self.same(at, "days", _text(expected.days), _text(days))
        for field, text in (
            ("balance_of_loan", expected.balance_of_loan),
            ("principal_due", expected.principal_due),
            ("interest", expected.interest),
            ("fees", expected.fees),
            ("penalties", expected.penalties),
            ("due", expected.due),
            ("paid", expected.paid),
            ("in_advance", expected.in_advance),
            ("late", expected.late),
            ("outstanding", expected.outstanding),
        ):
            self.number(at, field, text, _cell(field, got))
        self._parts(at, expected.sub_periods or [], got)

    def _parts(self, at: int, expected: list[SubPeriod], got: ListedRow) -> None:
        """Compare the first parts of a row, as many as are expected."""
        for place, one in enumerate(expected):
            part = got.parts[place] if place < len(got.parts) else None
            field = f"sub_periods[{place}]"
            self.number(at, f"{field}.rate_factor", one.rate_factor, None if part is None else part.factor)
            self.number(at, f"{field}.interest", one.interest, None if part is None else part.interest_minor)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _cell(field: str, row: ListedRow) -> int | None:
    """An amount of a row by its name in the file, in minor units; None for a name that is none of them."""
    match field:
        case "balance_of_loan":
            return row.balance
        case "principal_due":
            return row.principal
        case "interest":
            return row.interest
        case "due":
            return row.due
        case "paid":
            return row.paid
        case "late":
            return row.late
        case "outstanding":
            return row.due - row.paid
        case "in_advance" | "fees" | "penalties":
            return 0
        case _:
            return None


def _total(field: str, rows: list[ListedRow]) -> int | None:
    cells = [_cell(field, row) for row in rows]
    return None if None in cells else sum(cell for cell in cells if cell is not None)


def _compare_transfers(compare: _Comparison, expectation: Expectation, made: tuple[Transfer, ...]) -> None:
    """Compare what moved, in any order."""
    got = Counter(made)
    for at, one in enumerate(expectation.transactions or []):
        match = next(
            (moved for moved in sorted(got.elements()) if (moved.date, moved.type) == (one.date, one.type)),
            None,
        )
        compare.same(-1, f"transactions[{at}].type", f"{one.date} {one.type}", match and f"{match.date} {match.type}")
        if match is not None:
            got[match] -= 1
            compare.number(-1, f"transactions[{at}].amount", one.amount, match.amount_minor)
    if +got:
        compare.same(-1, "transactions", "no other", ", ".join(f"{one.date} {one.type}" for one in (+got).elements()))
