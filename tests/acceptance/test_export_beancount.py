"""What beancount, an unrelated program, makes of an export is what the ledger says."""

import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data, realization
from beancount.ops import validation

from yinhe.export.beancount import account_name
from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.ids import join
from yinhe.ledger.accounts import openings
from yinhe.ledger.batch import Flag, Transfer
from yinhe.ledger.ledger import Ledger
from yinhe.ledger.store import Detail

BEAN_CHECK = Path(sys.executable).with_name("bean-check")
CZK, JPY, KWD = 203, 392, 414


def balances_of(entries: list[data.Directive]) -> dict[str, tuple[Decimal, str]]:
    """What beancount sums for every account it has opened, from the transactions alone."""
    root = realization.realize(entries)
    found = {}
    for entry in entries:
        if isinstance(entry, data.Open):
            (commodity,) = entry.currencies
            leaf = realization.get(root, entry.account)
            found[entry.account] = (leaf.balance.get_currency_units(commodity).number, commodity)
    return found


def ledgers_balances(ledger: Ledger, unit: int) -> dict[str, tuple[Decimal, str]]:
    """The same from the engine's memory, with beancount's sign."""
    found = {}
    for index in range(1, ledger.engine.core.columns.count):
        account = ledger.account(index)
        currency = currency_by_number(account.currency)
        amount = Decimal(-account.balance_minor).scaleb(-currency.scale)
        found[account_name(unit, index, account.gl_code)] = (amount, currency.code)
    return found


def load(path: Path) -> tuple[list[data.Directive], list]:
    entries, errors, _ = loader.load_file(str(path), extra_validations=validation.HARDCORE_VALIDATIONS)
    return entries, errors


@pytest.mark.slow
def test_bean_check_recomputes_every_balance_of_a_real_bank(bank, migrated, tmp_path: Path) -> None:
    path = tmp_path / "books.beancount"
    written = bank.run("export", "beancount", path, "--unit", migrated.unit, "--json").answer
    assert written | {"seconds": 0} == {
        "file": str(path),
        "seq": bank.seq(migrated.unit),
        "accounts": 4_507,
        "transactions": 49_028,
        "seconds": 0,
    }
    checked = subprocess.run([BEAN_CHECK, "--no-cache", path], capture_output=True, text=True)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    entries, errors = load(path)
    assert errors == []
    assert sum(isinstance(entry, data.Balance) for entry in entries) == 4_507
    with Ledger.open(bank.home, unit=migrated.unit) as ledger:
        expected = ledgers_balances(ledger, migrated.unit)
    assert balances_of(entries) == expected
    assert sum(1 for amount, _ in expected.values() if amount) > 1_200


Small = tuple[list[data.Directive], Path, dict[str, tuple[Decimal, str]], int]


@pytest.fixture(scope="module")
def small(bank, units: Iterator[int], tmp_path_factory: pytest.TempPathFactory) -> Small:
    """Three currencies, a transaction of two legs, a hold posted in part, a value date, words with quotes."""
    unit = next(units)
    assert bank.run("init", "--unit", unit, "--business-date", "2026-01-05").code == 0
    path = tmp_path_factory.mktemp("small") / "small.beancount"
    with Ledger.open(bank.home, unit=unit) as ledger:
        for currency in (CZK, JPY, KWD):
            for gl_code in (1001, 201101, 6021):
                ledger.open_accounts(openings(1, currency=currency, gl_code=gl_code, floor=-(10**15)))
        id_ = ledger.ids.next()
        legs = (
            Transfer(txn_id=id_, debit=1, credit=2, amount_minor=100_01, flags=Flag.LINKED),
            Transfer(txn_id=id_, debit=2, credit=3, amount_minor=1, leg=1),
        )
        assert all(answer.posted for answer in ledger.post(legs, (Detail(id_, narrative='Opened "as agreed" \\ 1'),)))
        day = ledger.business_date
        ledger.transfer(debit=4, credit=5, amount_minor=12_345, value_date=day - 3)
        ledger.transfer(debit=7, credit=8, amount_minor=12_345)
        hold = ledger.hold(debit=2, credit=1, amount_minor=50_00)
        ledger.roll_date(day + 1)
        for amount, flag in ((20_00, Flag.POST), (0, Flag.VOID)):
            assert ledger.transfer(debit=2, credit=1, amount_minor=amount, flags=flag, reference=hold.seq).posted
        expected = ledgers_balances(ledger, unit)
    assert bank.run("export", "beancount", path, "--unit", unit).code == 0
    entries, errors = load(path)
    assert errors == []
    return entries, path, expected, unit


def test_balances_have_their_currencys_scale_and_beancounts_sign(small) -> None:
    entries, _, expected, unit = small
    assert balances_of(entries) == expected
    assert expected[account_name(unit, 2, 201101)] == (Decimal("-80.00"), "CZK")
    assert expected[account_name(unit, 5, 201101)] == (Decimal(-12_345), "JPY")
    assert expected[account_name(unit, 8, 201101)] == (Decimal("-12.345"), "KWD")


def test_a_transaction_keeps_its_legs_words_id_and_dates_and_a_hold_moves_nothing(small) -> None:
    entries, _, _, unit = small
    transactions = [entry for entry in entries if isinstance(entry, data.Transaction)]
    assert len(transactions) == 4
    first, dated, _, posted = transactions
    assert first.narration == 'Opened "as agreed" \\ 1'
    names = [account_name(unit, index, code) for index, code in ((1, 1001), (2, 201101), (2, 201101), (3, 6021))]
    assert [posting.account for posting in first.postings] == names
    assert [str(posting.units.number) for posting in first.postings] == ["100.01", "-100.01", "0.01", "-0.01"]
    assert str(dated.date) == "2026-01-05"
    assert str(dated.postings[0].meta["value_date"]) == "2026-01-02"
    assert "value_date" not in first.postings[0].meta
    assert str(posted.date) == "2026-01-06"
    assert [str(posting.units.number) for posting in posted.postings] == ["20.00", "-20.00"]


def test_the_journals_ids_are_the_metadata(bank, small) -> None:
    entries, _, _, unit = small
    transactions = [entry for entry in entries if isinstance(entry, data.Transaction)]
    with Ledger.open(bank.home, unit=unit) as ledger:
        rows = {int(row["seq"]): row for row in ledger.feed(0)}
    for entry in transactions:
        row = rows[int(entry.meta["seq"])]
        assert entry.meta["txn_id"] == str(join(int(row["txn_hi"]), int(row["txn_lo"])))


@pytest.mark.parametrize(
    ("before", "after"),
    [("  0.01 CZK", "  0.02 CZK"), ("-80.00 ~ 0 CZK", "-80.01 ~ 0 CZK"), ("12.345 KWD", "12.346 KWD")],
)
def test_one_minor_unit_changed_anywhere_is_caught(small, tmp_path: Path, before: str, after: str) -> None:
    text = small[1].read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "changed.beancount"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    checked = subprocess.run([BEAN_CHECK, "--no-cache", path], capture_output=True, text=True)
    assert checked.returncode != 0


def test_stdout_gets_the_same_file(bank, small) -> None:
    _, path, _, unit = small
    assert bank.run("export", "beancount", "--unit", unit).out == path.read_text(encoding="utf-8")


def test_an_export_that_is_not_read_to_the_end_ends_quietly(bank, migrated) -> None:
    running = bank.start("export", "beancount", "--unit", migrated.unit)
    assert running.stdout.readline().startswith(";; The journal of unit")
    running.stdout.close()
    with running.stderr as said:
        assert (running.wait(timeout=60), said.read()) == (1, "")


@pytest.mark.parametrize(
    ("gl_code", "root"),
    [
        (100101, "Assets"), (201101, "Liabilities"), (300199, "Assets"), (4001, "Equity"), (5201, "Expenses"),
        (601101, "Income"), (6301, "Income"), (641101, "Expenses"), (6901, "Expenses"), (0, "Equity"), (-7, "Equity"),
    ],
)  # fmt: skip
def test_an_accounts_root_is_its_class_in_the_chart_of_accounts(gl_code: int, root: str) -> None:
    name = account_name(1, 1, gl_code)
    assert name == f"{root}:{abs(gl_code)}:0001000000000145"
