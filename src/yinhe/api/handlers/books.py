"""The books: the trial balance and the lines of the general ledger.

They are whole: whoever is limited to some parties or branches does not see them.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Annotated, Final

import msgspec
import numpy as np

from yinhe.access.permissions import Permission
from yinhe.api.call import Call
from yinhe.api.forms import CurrencyCode, MoneyForm, date_form, days_of, money_form
from yinhe.api.problem import HttpRefusal, Reasons
from yinhe.api.route import Handled, Reply, Route
from yinhe.kernel.bounds import exact_sum
from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.refusals import ReasonEnum, Refusal
from yinhe.ledger.trial_balance import TrialBalanceLine
from yinhe.storage.statements import load_statements

ROWS_BACK_MAX: Final = 5_000_000
"""Journal rows that are taken back at most for the trial balance of an earlier date."""


class BooksRefusal(ReasonEnum):
    """Why the books are not told."""

    DATE_AHEAD = "the business date is not reached yet", "会计日期尚未到达"
    DATE_TOO_FAR = "too much was posted since that date to take it back here", "该日期过早，此后分录过多"


class TrialBalanceParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The books of which day, and which of them."""

    as_of: Annotated[
        dt.date | None, msgspec.Meta(description="At the end of this business date; without it as they are now.")
    ] = None
    currency: Annotated[CurrencyCode | None, msgspec.Meta(description="Only this currency.")] = None


class GeneralLedgerParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The lines of which day, and which of them."""

    as_of: Annotated[
        dt.date | None, msgspec.Meta(description="At the end of this business date; without it as they are now.")
    ] = None
    currency: Annotated[CurrencyCode | None, msgspec.Meta(description="Only this currency.")] = None
    gl_code: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] | None, msgspec.Meta(description="Only this code.")
    ] = None
    branch: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] | None, msgspec.Meta(description="Only this branch.")
    ] = None


class TrialBalanceLineForm(msgspec.Struct, frozen=True, kw_only=True):
    """The accounts of one currency and general-ledger code; both sums are positive."""

    gl_code: int
    names: Reasons
    currency: CurrencyCode
    accounts: int
    debit: MoneyForm
    credit: MoneyForm


class TrialBalanceTotal(msgspec.Struct, frozen=True, kw_only=True):
    """The sums of one currency."""

    currency: CurrencyCode
    debit: MoneyForm
    credit: MoneyForm
    difference: Annotated[MoneyForm, msgspec.Meta(description="Credits less debits: nothing where they balance.")]


class TrialBalance(msgspec.Struct, frozen=True, kw_only=True):
    """Every general-ledger code's debits and credits, and whether the books balance."""

    as_of: dt.date
    balanced: bool
    items: tuple[TrialBalanceLineForm, ...]
    totals: tuple[TrialBalanceTotal, ...]


class GeneralLedgerLine(msgspec.Struct, frozen=True, kw_only=True):
    """The accounts of one currency, general-ledger code and branch."""

    gl_code: int
    names: Reasons
    currency: CurrencyCode
    branch: int
    accounts: int
    debit: MoneyForm
    credit: MoneyForm
    held: Annotated[MoneyForm | None, msgspec.Meta(description="Held money; told of the books as they are now.")]


class GeneralLedger(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of the general ledger, by currency, code and branch."""

    as_of: dt.date
    items: tuple[GeneralLedgerLine, ...]


def read_trial_balance(call: Call) -> Handled:
    """Balances by currency and general-ledger code."""
    params = call.params_as(TrialBalanceParams)
    lines = _lines(call, params.as_of, params.currency)
    if not isinstance(lines, tuple):
        return lines
    names, sums = _gl_names(call), _by_code(lines)
    items = tuple(
        TrialBalanceLineForm(
            gl_code=gl_code,
            names=_named(names, gl_code),
            currency=currency_by_number(number).code,
            accounts=accounts,
            debit=money_form(debit, number),
            credit=money_form(credit, number),
        )
        for (number, gl_code), (accounts, debit, credit) in sums.items()
    )
    totals = tuple(_total(number, lines) for number in dict.fromkeys(line.currency for line in lines))
    day = date_form(days_of(params.as_of, call.bank.ledger.business_date))
    is_balanced = all(sum(line.balance_minor for line in lines if line.currency == one) == 0 for one in _numbers(lines))
    return Reply(value=TrialBalance(as_of=day, balanced=is_balanced, items=items, totals=totals))


def read_general_ledger(call: Call) -> Handled:
    """Balances by currency, general-ledger code and branch."""
    params = call.params_as(GeneralLedgerParams)
    lines = _lines(call, params.as_of, params.currency)
    if not isinstance(lines, tuple):
        return lines
    names = _gl_names(call)
    items = tuple(
        GeneralLedgerLine(
            gl_code=line.gl_code,
            names=_named(names, line.gl_code),
            currency=currency_by_number(line.currency).code,
            branch=line.branch,
            accounts=line.accounts,
            debit=money_form(line.debit_minor, line.currency),
            credit=money_form(line.credit_minor, line.currency),
            held=money_form(line.held_minor, line.currency) if params.as_of is None else None,
        )
        for line in lines
        if params.gl_code in (None, line.gl_code) and params.branch in (None, line.branch)
    )
    day = date_form(days_of(params.as_of, call.bank.ledger.business_date))
    return Reply(value=GeneralLedger(as_of=day, items=items))


# --- the lines


def refuse_scope(call: Call) -> Refusal | None:
    """Why whoever asks does not see the books; None: they do."""
    scope = call.principal.scope
    if scope.parties is None and scope.branches is None:
        return None
    return Refusal(HttpRefusal.FORBIDDEN, "the books are whole, and whoever asks is limited to a part of the bank")


def _lines(call: Call, as_of: dt.date | None, code: str | None) -> tuple[TrialBalanceLine, ...] | Refusal:
    """The lines of a day, of all currencies or of one."""
    refused, ledger = refuse_scope(call), call.bank.ledger
    if refused is not None:
        return refused
    today = ledger.business_date
    day = days_of(as_of, today)
    if day > today:
        return Refusal(BooksRefusal.DATE_AHEAD)
    if day == today:
        lines = ledger.trial_balance()
    else:
        seq = ledger.seq_at_date(day)
        if ledger.committed_seq - seq > ROWS_BACK_MAX:
            return Refusal(BooksRefusal.DATE_TOO_FAR, f"more than {ROWS_BACK_MAX:,} rows")
        lines = _lines_at(call, seq)
    return tuple(line for line in lines if code in (None, currency_by_number(line.currency).code))


def _lines_at(call: Call, seq: int) -> tuple[TrialBalanceLine, ...]:
    """The lines after everything up to and including a seq; accounts opened later count with nothing on them."""
    balances, ledger = call.bank.ledger.balances_at(seq)[1:], call.bank.ledger
    end = len(balances) + 1
    with ledger.engine.memory:
        columns = ledger.engine.core.columns
        keys = np.stack(
            [columns.line["currency"][1:end].astype(np.int64), columns.gl_code[1:end], columns.branch[1:end]], axis=1
        )
    groups, group = np.unique(keys, axis=0, return_inverse=True)
    found: list[TrialBalanceLine] = []
    for place, (number, gl_code, branch) in enumerate(groups.tolist()):
        own = balances[group == place]
        debit, credit = -exact_sum(own[own < 0]), exact_sum(own[own > 0])
        found.append(TrialBalanceLine(number, gl_code, branch, len(own), debit, credit, 0))
    return tuple(found)


def _numbers(lines: Iterable[TrialBalanceLine]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(line.currency for line in lines))


def _by_code(lines: Iterable[TrialBalanceLine]) -> dict[tuple[int, int], tuple[int, int, int]]:
    """Accounts, debits and credits by currency and code, all branches together."""
    sums: dict[tuple[int, int], tuple[int, int, int]] = {}
    for line in lines:
        accounts, debit, credit = sums.get((line.currency, line.gl_code), (0, 0, 0))
        sums[line.currency, line.gl_code] = (
            accounts + line.accounts,
            debit + line.debit_minor,
            credit + line.credit_minor,
        )
    return sums


def _total(number: int, lines: Iterable[TrialBalanceLine]) -> TrialBalanceTotal:
    own = [line for line in lines if line.currency == number]
    debit, credit = sum(line.debit_minor for line in own), sum(line.credit_minor for line in own)
    return TrialBalanceTotal(
        currency=currency_by_number(number).code,
        debit=money_form(debit, number),
        credit=money_form(credit, number),
        difference=money_form(credit - debit, number),
    )


def _gl_names(call: Call) -> dict[int, Reasons]:
    with call.bank.sessions.lend() as session:
        rows = session.execute(load_statements("api_reading")["gl_names"]).fetchall()
    return {int(code): Reasons(english, chinese) for code, english, chinese in rows}


def _named(names: Mapping[int, Reasons], gl_code: int) -> Reasons:
    return names.get(gl_code) or Reasons(f"General-ledger code {gl_code}", f"科目{gl_code}")


_TAG: Final = "books"

ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/trial-balance",
        name="readTrialBalance",
        tag=_TAG,
        summary="Every general-ledger code's debits and credits, and whether the books balance.",
        permission=Permission.NIGHT_READ,
        handler=read_trial_balance,
        params=TrialBalanceParams,
        answer=TrialBalance,
        problems=(422,),
    ),
    Route(
        method="GET",
        path="/v1/general-ledger",
        name="readGeneralLedger",
        tag=_TAG,
        summary="The lines of the general ledger by currency, code and branch.",
        permission=Permission.NIGHT_READ,
        handler=read_general_ledger,
        params=GeneralLedgerParams,
        answer=GeneralLedger,
        problems=(422,),
    ),
)
