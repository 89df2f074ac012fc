"""Accounts taken over from another bank, put on a product: their interest counts from the day they were opened."""

import msgspec
import numpy as np
import psycopg

from yinhe.deposits.bulk import orders
from yinhe.deposits.errors import DepositFault
from yinhe.deposits.opening import refuse_version
from yinhe.deposits.service import Deposits
from yinhe.kernel.currency import currency
from yinhe.storage.statements import load_statements


class TakenOver(msgspec.Struct, frozen=True):
    """What was put on a product."""

    contracts: int
    first_contract: int
    """0 where none was."""
    known: int
    """Accounts that had a contract already; they were left as they are."""


def take_over(deposits: Deposits, session: psycopg.Connection, source: str, version: int) -> TakenOver:
    """Open a contract of a product version on every account of another bank's books that has none yet.

    The first night afterwards works out the interest of all their days. Raises DepositFault where the books are not
    there or are kept in another currency than the product, or where the product is no deposit on offer.
    """
    rows = session.execute(load_statements("migrated")["accounts_taken_over"], {"source": source}).fetchall()
    if not rows:
        raise DepositFault(f"No books of {source!r} were taken over into this unit.")
    wrong = refuse_version(deposits.catalogue, version, deposits.ledger.business_date)
    if wrong is not None:
        raise DepositFault(f"The contracts were refused: {wrong.english}.")
    product = deposits.catalogue.product(version)
    new = [row for row in rows if deposits.book.of_account(row[0]) < 0]
    wanted = currency(product.currency).number
    strange = [row[0] for row in new if deposits.ledger.account(row[0]).currency != wanted]
    if strange:
        raise DepositFault(
            f"{len(strange)} accounts of {source!r} are not in {product.currency} (first: {strange[0]})."
        )
    if not new:
        return TakenOver(0, 0, len(rows))
    asked = orders(len(new), version=version)
    asked["account"] = np.array([row[0] for row in new], np.int32)
    asked["opened"] = np.array([row[2] for row in new], np.int32)
    opened = deposits.open_contracts(asked, [f"{source}:{row[1]}" for row in new], taken_over=True)
    if not isinstance(opened, range):
        raise DepositFault(f"The contracts were refused: {opened.orders[0].refusal.english}.")
    return TakenOver(len(opened), opened.start, len(rows) - len(new))
