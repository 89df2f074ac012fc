"""From counts and books to figures."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from yinhe.demo.bank import REGULAR, Bank
from yinhe.demo.figures import (
    GeneralLedgerFigures,
    HoldFigures,
    RefusalFigures,
    StatementFigures,
    StatementLine,
)
from yinhe.demo.names import GeneralLedger, Reason
from yinhe.demo.tally import Tally
from yinhe.deposits.codes import TransferCode
from yinhe.kernel.account_number import AccountNumber
from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.dates import date_from_days
from yinhe.ledger.ledger import Ledger
from yinhe.ledger.outcomes import REASONS, Outcome
from yinhe.ledger.trial_balance import TrialBalanceLine
from yinhe.ledger.trial_balance import out_of_balance as sums_off

STATEMENT_LINES: Final = 8
_REASONS: Final = MappingProxyType({member.code: member for member in (*Reason, *TransferCode)})
_LOOKED_THROUGH: Final = 1_000
"""Latest lines among which those that moved or held money are found: to a payee a hold is none."""


def refusal_figures(tally: Tally) -> tuple[RefusalFigures, ...]:
    """The reasons for which transfers were refused, the most frequent first."""
    found = [
        RefusalFigures(outcome.name, REASONS[outcome].english, REASONS[outcome].chinese, count)
        for outcome, count in zip(Outcome, tally.outcomes.tolist(), strict=True)
        if count and outcome not in (Outcome.POSTED, Outcome.DUPLICATE)
    ]
    return tuple(sorted(found, key=lambda refusal: -refusal.count))


def hold_figures(tally: Tally, expired: int) -> HoldFigures:
    """What holds went through: each ends posted whole, voided (the rest of one posted in part, too), or expired."""
    return HoldFigures(
        placed=tally.placed,
        posted_whole=tally.posted_whole,
        posted_part=tally.posted_part,
        voided=tally.voided - tally.posted_part,
        expired=expired,
        open=tally.placed - tally.posted_whole - tally.voided - expired,
    )


def general_ledger(lines: Sequence[TrialBalanceLine]) -> tuple[GeneralLedgerFigures, ...]:
    """The trial balance with the codes' names; the sample bank has one branch."""
    names = {member.code: member for member in GeneralLedger}
    return tuple(
        GeneralLedgerFigures(
            currency=line.currency,
            gl_code=line.gl_code,
            english=names[line.gl_code].english,
            chinese=names[line.gl_code].chinese,
            accounts=line.accounts,
            debit_minor=line.debit_minor,
            credit_minor=line.credit_minor,
            held_minor=line.held_minor,
        )
        for line in lines
    )


def out_of_balance(lines: tuple[TrialBalanceLine, ...]) -> dict[str, int]:
    """By currency code, what the books are off by, in minor units."""
    off = sums_off(lines)
    return {currency_by_number(number).code: off.get(number, 0) for number in sorted({line.currency for line in lines})}


def statements(ledger: Ledger, bank: Bank) -> tuple[StatementFigures, ...]:
    """The latest lines of the busiest merchant, and of a busy household."""
    household = int(bank.lane(0)[REGULAR])
    return (
        _statement(ledger, int(bank.merchants[0]), "The busiest merchant"),
        _statement(ledger, household, "A household"),
    )


def _statement(ledger: Ledger, account: int, kind: str) -> StatementFigures:
    latest = ledger.history(account, limit=_LOOKED_THROUGH).entries
    shown = [entry for entry in latest if entry.amount_minor or entry.held_minor][:STATEMENT_LINES]
    lines = tuple(
        StatementLine(
            business_date=date_from_days(entry.business_date),
            seq=entry.seq,
            english=_REASONS[entry.code].english,
            chinese=_REASONS[entry.code].chinese,
            amount_minor=entry.amount_minor,
            held_minor=entry.held_minor,
            balance_minor=entry.balance_minor,
        )
        for entry in reversed(shown)
    )
    return StatementFigures(account, str(AccountNumber(ledger.engine.core.unit, account)), kind, lines)
