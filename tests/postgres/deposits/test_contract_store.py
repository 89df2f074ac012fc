"""Contracts and accruals come back from the database as they were written."""

from typing import Protocol

import numpy as np
import psycopg
import pytest

from yinhe.deposits.book import Book
from yinhe.deposits.columns import CONTRACT, NO_RATE, ContractFlag
from yinhe.deposits.errors import ContractsCorrupt
from yinhe.deposits.store import load_book, update_contracts, write_accruals, write_contracts


class Unit(Protocol):
    def connect(self) -> psycopg.Connection: ...


DAY = 20_458


def some(count: int, first: int = 1) -> np.ndarray:
    """Contracts that differ in every column."""
    rows = np.zeros(count, CONTRACT)
    numbers = np.arange(first, first + count)
    rows["contract"] = numbers
    agreed = [name for name in CONTRACT.names if name not in ("contract", "whole", "remainder")]
    for at, name in enumerate(agreed):
        rows[name] = numbers * 3 + at
    rows["flags"] = int(ContractFlag.OPEN)
    rows["closed"] = 0
    rows["rate"][::2] = NO_RATE
    rows["start"] = DAY
    rows["through"] = rows["settled"] = rows["start"]
    rows["active"] = rows["opened"]
    return rows


def write(session: psycopg.Connection, rows: np.ndarray) -> None:
    with session.transaction():
        write_contracts(session, rows, [f"party-{number}" for number in rows["contract"].tolist()])


def test_what_was_written_is_loaded(database: Unit) -> None:
    rows = some(200)
    with database.connect() as session:
        write(session, rows[:150])
        write(session, rows[150:])
        book = load_book(session)
        holder = session.execute("SELECT holder FROM deposit WHERE contract = 7").fetchone()
    assert (book.rows[:] == rows).all()
    assert holder == ("party-7",)


def test_a_unit_without_contracts_has_an_empty_book(database: Unit) -> None:
    with database.connect() as session:
        book = load_book(session)
    assert len(book) == 0
    assert book.by_version() == {}
    assert book.of_account(1) == -1


@pytest.mark.parametrize(
    "moved", [[1], [63, 64], [64, 127], list(range(64, 128)), [5, 64, 65, 199], list(range(1, 200))]
)
def test_accruals_change_only_the_contracts_they_are_of(database: Unit, moved: list[int]) -> None:
    rows = some(200)
    with database.connect() as session:
        write(session, rows)
        rows["whole"][9], rows["settled"][9], rows["remainder"][9], rows["through"][9] = 5, DAY + 1, 7, DAY + 2
        with session.transaction():
            write_accruals(session, rows[9:10])
        places = np.array(moved) - 1
        for name, value in (("through", DAY + 30), ("settled", DAY + 20), ("whole", 123), ("remainder", 10**10)):
            rows[name][places] = value + places
        with session.transaction():
            write_accruals(session, rows[places[::-1]])
        found = load_book(session).rows
    assert (found == rows).all()


def test_accruals_may_be_written_twice_in_one_transaction(database: Unit) -> None:
    rows = some(3)
    with database.connect() as session:
        write(session, rows)
        with session.transaction():
            rows["whole"][0] = 1
            write_accruals(session, rows[:1])
            rows["whole"][1] = 2
            write_accruals(session, rows[1:2])
        assert (load_book(session).rows[:] == rows).all()


def test_an_amendment_changes_what_is_agreed_and_nothing_else(database: Unit) -> None:
    rows = some(3)
    with database.connect() as session:
        write(session, rows)
        changed = rows[1:2].copy()
        changed["linked"], changed["rate"], changed["flags"] = 77, 3_250_000, int(ContractFlag.AUTO_RENEW)
        with session.transaction():
            update_contracts(session, changed)
            update_contracts(session, changed)
        found = load_book(session).rows
    assert (found[1:2] == changed).all()
    assert (found[[0, 2]] == rows[[0, 2]]).all()


def test_an_amendment_of_an_unknown_contract_is_a_fault(database: Unit) -> None:
    with database.connect() as session, pytest.raises(ContractsCorrupt, match="only 0"), session.transaction():
        update_contracts(session, some(1))


def test_a_gap_in_the_numbers_is_a_fault(database: Unit) -> None:
    with database.connect() as session:
        write(session, some(3, first=2))
        with pytest.raises(ContractsCorrupt, match="not numbered 1 to 3"):
            load_book(session)


def test_a_book_finds_open_contracts_by_version_and_by_account() -> None:
    rows = some(6)
    rows["account"] = [11, 12, 13, 14, 15, 16]
    rows["version"] = [2, 1, 2, 1, 2, 9]
    rows["flags"][4] = 0
    book = Book(rows[:3].copy())
    book.append(rows[3:])
    assert {version: places.tolist() for version, places in book.by_version().items()} == {1: [1, 3], 2: [0, 2], 9: [5]}
    assert [book.of_account(account) for account in (11, 16, 17, 0)] == [0, 5, -1, -1]
    assert book.of_accounts(np.array([16, 99_999, 0, 12], np.int32)).tolist() == [5, -1, -1, 1]
    assert book.row(7) is None
    assert book.next_number == 7
