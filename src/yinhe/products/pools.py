"""The bank's own accounts that contracts of a product meet: one a general-ledger code, currency and product."""

import threading
from collections.abc import Callable
from typing import Final
from uuid import UUID

import psycopg

from yinhe.kernel.ids import derived, join
from yinhe.ledger.accounts import openings
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.ledger import Ledger
from yinhe.storage.statements import load_statements

Connect = Callable[[], psycopg.Connection]
"""Opens a session of the unit, in autocommit."""

_BASE: Final = join(0x7000, 1 << 63)
"""The id from which the requests that open pool accounts have theirs: a UUIDv7 of the first millisecond of 1970."""


def pool_request(gl_code: int, currency: int, product: int) -> UUID:
    """The id of the one request that opens a pool account; `currency` is an ISO 4217 number."""
    return derived(_BASE, f"pool {gl_code} {currency} {product}")


class Pools:
    """Finds pool accounts, and opens one where it is asked for first; safe between threads."""

    def __init__(self, ledger: Ledger, connect: Connect) -> None:
        """Read the pools there are."""
        self._ledger: Final = ledger
        self._connect: Final = connect
        self._lock: Final = threading.Lock()
        with connect() as session:
            rows = session.execute(load_statements("products")["pools"]).fetchall()
        self._accounts: Final[dict[tuple[int, int, int], int]] = {(row[0], row[1], row[2]): row[3] for row in rows}

    def account(self, gl_code: int, currency: int, product: int) -> int:
        """The account of a general-ledger code, a currency (ISO 4217 number) and a product's number.

        Opened the first time, without a floor. A kill between the opening and the note of it does no harm: the
        request's id depends on the key alone, so the second request finds the account of the first.
        """
        key = gl_code, currency, product
        with self._lock:
            if key not in self._accounts:
                self._accounts[key] = self._open(*key)
            return self._accounts[key]

    def all(self) -> dict[tuple[int, int, int], int]:
        """Every pool account there is, by (general-ledger code, currency, product)."""
        with self._lock:
            return dict(self._accounts)

    def _open(self, gl_code: int, currency: int, product: int) -> int:
        rows = openings(1, currency=currency, gl_code=gl_code, product=product, floor=-AMOUNT_MAX)
        account = self._ledger.open_accounts(rows, pool_request(gl_code, currency, product))[0]
        given = {"gl_code": gl_code, "currency": currency, "product": product, "account": account}
        with self._connect() as session:
            session.execute(load_statements("products")["pool_write"], given)
        return account
