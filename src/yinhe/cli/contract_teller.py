"""What every command on contracts does: read what was typed, carry it out, tell what became of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import UUID

import msgspec

from yinhe.bootstrap import open_deposits
from yinhe.cli.options import configured
from yinhe.cli.output import CommandFailed, Output, amount, facts, number
from yinhe.deposits.answers import Done
from yinhe.deposits.commands import Command
from yinhe.deposits.refusals import ContractRefusal, Refusal
from yinhe.deposits.service import Deposits
from yinhe.kernel.account_number import DIGITS, decode
from yinhe.kernel.currency import currency
from yinhe.kernel.dates import date_from_days
from yinhe.kernel.money import parse_money
from yinhe.products.product import Product

CASH: Final = "cash"
"""What stands for the bank's own cash in place of an account."""
CASH_CODE: Final = 1001
"""Its general-ledger code."""

_NAMED: Final = ("notice", "order")
"""What later commands name by its id."""


class Teller:
    """Reads what was typed for one command."""

    def __init__(self, deposits: Deposits, unit: int, request_id: UUID | None) -> None:
        self.deposits: Final = deposits
        self.id: Final = request_id or deposits.ledger.ids.next()
        self._unit: Final = unit

    def account(self, text: str, product: Product) -> int:
        """An account by index, by 16-digit number, or `cash`; 0 for nothing typed."""
        if not text:
            return 0
        if text == CASH:
            return self.deposits.pools.account(CASH_CODE, currency(product.currency).number, 0)
        if text.isascii() and text.isdigit() and len(text) < DIGITS:
            return int(text)
        found = decode(text)
        if found.unit != self._unit:
            raise CommandFailed(f"Account {text} is in unit {found.unit}, not {self._unit}.")
        return found.index

    def product_of(self, contract: int) -> Product:
        """The product of a contract that is there."""
        row = self.deposits.book.row(contract)
        if row is None:
            raise refused(Refusal(ContractRefusal.CONTRACT_UNKNOWN))
        return self.deposits.catalogue.product(int(row["version"][0]))

    def on_sale(self, text: str) -> tuple[int, Product]:
        """The version `demand/1`, or the one of `demand` that is sold today, with its id."""
        code, _, version = text.partition("/")
        catalogue, today = self.deposits.catalogue, self.deposits.ledger.business_date
        if version.isdecimal():
            found = catalogue.id_of(code, int(version))
            return found, catalogue.product(found)
        current = catalogue.current(code, today)
        if current is None:
            raise CommandFailed(f"No version of {text!r} is sold on {date_from_days(today)}. See: yinhe product list")
        return current


def minor(text: str, product: Product) -> int:
    """An amount of a product's currency in minor units."""
    return parse_money(text, currency(product.currency)).amount_minor


class Reason(Protocol):
    """Why something was refused, whoever refused it."""

    @property
    def name(self) -> str:
        """The refusal for programs."""
        ...

    @property
    def english(self) -> str:
        """The reason in English, without a full stop."""
        ...

    @property
    def chinese(self) -> str:
        """The reason in Chinese, without a full stop."""
        ...


def refused(refusal: Reason) -> CommandFailed:
    """What the command line says of a refusal, in English and Chinese."""
    details = {"refusal": refusal.name, "english": refusal.english, "chinese": refusal.chinese}
    return CommandFailed(f"Refused: {refusal.english} ({refusal.chinese}).", details)


def carry_out(
    unit: int,
    home: Path | None,
    database_url: str | None,
    as_json: bool,
    request_id: UUID | None,
    make: Callable[[Teller], Command],
) -> None:
    """Carry a command out beside nobody: the unit's engine runs here for as long as it takes."""
    with open_deposits(configured(home, database_url, unit)) as deposits:
        teller = Teller(deposits, unit, request_id)
        answer = deposits.do(make(teller))
        if isinstance(answer, Refusal):
            raise refused(answer)
        scale = currency(teller.product_of(answer.contract).currency).number
    Output(as_json).show(_told(answer), facts(f"Contract {answer.contract}", _pairs(answer, unit, scale)))


def _told(done: Done) -> dict[str, Any]:
    told = msgspec.structs.asdict(done)
    return told | {"id": str(done.id), "maturity": str(date_from_days(done.maturity)) if done.maturity else None}


def _pairs(done: Done, unit: int, currency_number: int) -> dict[str, str]:
    amounts = {
        "Paid in": done.received_minor,
        "Interest": done.interest_minor,
        "Tax on it": done.tax_minor,
        "Paid out": done.paid_minor,
    }
    return {
        "Done": done.kind,
        "Account": f"{number(unit, done.account)} (index {done.account})",
        **({"Its id": str(done.id)} if done.kind in _NAMED else {}),
        **({"Matures on": str(date_from_days(done.maturity))} if done.maturity else {}),
        **{name: amount(minor_units, currency_number) for name, minor_units in amounts.items() if minor_units},
    }
