"""The process that closes days is killed outright, again and again; the books are those of a bank left in peace."""

import signal
import time

import psycopg
import pytest
from psycopg import sql

from yinhe.storage.connection import unit_schema

KILLED_AFTER = (5, 31, 60)
"""Killed once so many nights are over: the last time in the week in which the quarter is settled."""


def made(bank, unit: int) -> None:
    options = ("--unit", unit, "--json")
    assert bank.run("product", "install-library", "--author", "maker", "--approver", "checker", *options).code == 0
    for amount in ("5000.00", "123456.78", "0.99"):
        opening = ("contract", "open", "demand", "--holder", "P-1", "--amount", amount, "--from", "cash")
        assert bank.run(*opening, *options).code == 0


def nights_over(bank, unit: int) -> int:
    query = sql.SQL("SELECT count(*) FROM {}.night WHERE ended_at IS NOT NULL").format(
        sql.Identifier(unit_schema(unit))
    )
    with bank.connect() as session:
        try:
            return session.execute(query).fetchone()[0]
        except psycopg.errors.UndefinedTable:
            return 0


def journal(bank, unit: int) -> list[tuple]:
    columns = "debit, credit, amount, code, value_date, business_date"
    query = sql.SQL(f"SELECT {columns} FROM {{}}.journal_entry ORDER BY 1, 2, 3, 4, 5, 6")
    with bank.connect() as session:
        session.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(unit_schema(unit))))
        return session.execute(query.format(sql.Identifier(unit_schema(unit)))).fetchall()


@pytest.mark.slow
def test_nights_killed_outright_and_run_again_leave_the_books_of_a_bank_left_in_peace(bank, units) -> None:
    peaceful, endangered = next(units), next(units)
    through = ("closeday", "run", "--through", "2026-03-25")
    for unit in (peaceful, endangered):
        assert bank.run("init", "--unit", unit, "--business-date", "2026-01-05").code == 0
        made(bank, unit)
    assert bank.run(*through, "--unit", peaceful).code == 0
    for count in KILLED_AFTER:
        running = bank.start(*through, "--unit", endangered)
        while nights_over(bank, endangered) < count:
            assert running.poll() is None, running.communicate()
            time.sleep(0.002)
        running.send_signal(signal.SIGKILL)
        running.communicate(timeout=60)
        assert running.returncode == -signal.SIGKILL
        assert count <= nights_over(bank, endangered) < 80
        for _ in range(100):
            if bank.run("status", "--unit", endangered, "--json").answer["holder"] is None:
                break
            time.sleep(0.1)
    assert bank.run(*through, "--unit", endangered).code == 0
    assert journal(bank, endangered) == journal(bank, peaceful)
    assert bank.run("check", "--unit", endangered).code == 0
