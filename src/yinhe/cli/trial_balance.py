"""yinhe trial-balance: every general-ledger code's debits and credits, and whether the books balance."""

from collections.abc import Sequence

from rich.console import RenderableType

from yinhe.bootstrap import open_books
from yinhe.cli.options import AsJson, DatabaseUrl, Debug, Home, UnitNumber, configured
from yinhe.cli.output import CommandFailed, Output, amount, amount_or_blank, table, titled
from yinhe.export.books import GeneralLedgerLine
from yinhe.kernel.currency import currency, currency_by_number


def trial_balance(
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show balances by currency and general-ledger code. Reads only; fails when the books do not balance.

    For example:

    $ yinhe trial-balance --json
    """
    with open_books(configured(home, database_url, unit)) as books, books.snapshot():
        lines = books.trial_balance()
        status = books.status()
    sums = _sums(lines)
    off = {currency_by_number(number).code: debit - credit for number, (debit, credit) in sums.items()}
    parts = [_table(number, [line for line in lines if line.currency == number], *sums[number]) for number in sums]
    answer = {"unit": unit, "business_date": status.business_date, "lines": lines, "out_of_balance_minor": off}
    if any(off.values()):
        words = ", ".join(f"{amount(off[code], currency(code).number)} {code}" for code in off if off[code])
        raise CommandFailed(f"The books of unit {unit} do not balance: debits less credits are {words}.", answer)
    Output(as_json).show(answer, *(parts or ["The unit has no accounts yet."]))


def _sums(lines: Sequence[GeneralLedgerLine]) -> dict[int, tuple[int, int]]:
    sums: dict[int, tuple[int, int]] = {}
    for line in lines:
        debit, credit = sums.get(line.currency, (0, 0))
        sums[line.currency] = debit + line.debit_minor, credit + line.credit_minor
    return sums


def _table(number: int, lines: Sequence[GeneralLedgerLine], debit: int, credit: int) -> RenderableType:
    numbers = frozenset({"Accounts", "Debit", "Credit"})
    code = currency_by_number(number).code
    made = table("Code", "Name", "Accounts", "Debit", "Credit", right=numbers)
    for line in lines:
        sides = amount_or_blank(line.debit_minor, number), amount_or_blank(line.credit_minor, number)
        made.add_row(str(line.gl_code), line.name, f"{line.accounts:,}", *sides)
    made.add_section()
    count = sum(line.accounts for line in lines)
    made.add_row("", "Total", f"{count:,}", amount(debit, number), amount(credit, number), style="bold")
    return titled(f"Trial balance, {code}", made)
