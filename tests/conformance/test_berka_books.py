"""The books of a real bank (PKDD'99 financial data set) are taken over whole, with the counts its description gives."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from yinhe.kernel.ids import is_uuid7, join
from yinhe.migration.berka.chart import LedgerAccount, TransferReason, posting_rules
from yinhe.migration.berka.files import read_book
from yinhe.migration.berka.plan import MigrationPlan, plan_migration
from yinhe.migration.berka.records import Book
from yinhe.migration.findings import RefusedBook

BERKA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "berka"

pytestmark = pytest.mark.skipif(
    not BERKA.is_dir(), reason="the PKDD'99 financial data set is not in ../shared/data/berka"
)


@pytest.fixture(scope="module")
def book() -> Book:
    answer = read_book(BERKA)
    assert isinstance(answer, Book), str(answer)
    return answer


@pytest.fixture(scope="module")
def plan(book: Book) -> MigrationPlan:
    answer = plan_migration(book)
    assert isinstance(answer, MigrationPlan), str(answer)
    return answer


def test_every_row_of_every_file_is_read(book: Book) -> None:
    tables = book.accounts, book.clients, book.dispositions, book.orders, book.loans, book.cards, book.districts
    assert [len(table) for table in tables] == [4500, 5369, 5369, 6471, 682, 892, 77]
    assert len(book.transactions.trans_id) == 46_997
    assert len(set(book.transactions.account_id.tolist())) == 1_229


def test_every_balance_follows_to_within_the_sources_rounding(plan: MigrationPlan) -> None:
    report = plan.report
    assert (report.rounded_down, report.rounded_up, report.unexplained) == (1_229, 802, 0)
    assert report.exact == 46_997 - 1_229 - 802
    assert f"{report.exact / report.rows:.1%}" == "95.7%"


def test_the_ledger_after_each_transaction_and_its_rounding_is_the_source_to_the_haler(
    book: Book, plan: MigrationPlan
) -> None:
    source = dict(zip(book.transactions.trans_id.tolist(), book.transactions.balance_minor.tolist(), strict=True))
    rows = plan.rows
    ledger: Counter[int] = Counter()
    shown: dict[int, int] = {}
    columns = rows.account_id, rows.trans_id, rows.is_credit, rows.amount_minor, rows.balance_minor
    for account, trans, is_credit, amount, balance in zip(*(column.tolist() for column in columns), strict=True):
        assert amount > 0
        ledger[account] += amount if is_credit else -amount
        assert ledger[account] == balance
        shown[trans] = balance
    assert shown == source


def test_a_rounding_stands_right_after_its_transaction(plan: MigrationPlan) -> None:
    rows = plan.rows
    rounding = rows.leg.nonzero()[0]
    assert len(rounding) == 1_229 + 802
    assert (rows.trans_id[rounding] == rows.trans_id[rounding - 1]).all()
    assert (rows.leg[rounding - 1] == 0).all()
    assert set(rows.amount_minor[rounding].tolist()) == {10}
    assert set(rows.contra[rounding].tolist()) == {LedgerAccount.SOURCE_ROUNDING.number}
    assert (rows.contra[rows.leg == 0] != LedgerAccount.SOURCE_ROUNDING.number).all()


def test_rows_are_in_the_order_of_their_dates(plan: MigrationPlan) -> None:
    assert (plan.rows.business_date[1:] >= plan.rows.business_date[:-1]).all()


def test_every_kind_of_transaction_is_in_the_chart_and_no_kind_of_the_chart_is_without_one(book: Book) -> None:
    transactions = book.transactions
    assert set(zip(transactions.type, transactions.operation, transactions.purpose, strict=True)) == set(
        posting_rules()
    )


def test_the_sums_by_reason_are_those_of_the_source(plan: MigrationPlan) -> None:
    """Counted anew from the file's text: rows, credits and debits of each pair of operation and purpose."""
    rows = [line.replace('"', "").split(";") for line in (BERKA / "trans.asc").read_text("ascii").splitlines()[1:]]
    totals = {total.reason: (total.rows, total.credited_minor, total.debited_minor) for total in plan.report.totals}

    def source(way: int, chosen: list[list[str]]) -> tuple[int, int, int]:
        amount = sum(int(row[5].replace(".", "")) for row in chosen)
        return (len(chosen), amount, 0) if way > 0 else (len(chosen), 0, amount)

    assert totals[TransferReason.CASH_DEPOSIT] == source(1, [row for row in rows if row[4] == "VKLAD"])
    assert totals[TransferReason.INTEREST] == source(1, [row for row in rows if row[7] == "UROK"])
    assert totals[TransferReason.STATEMENT_FEE] == source(-1, [row for row in rows if row[7] == "SLUZBY"])
    assert totals[TransferReason.SANCTION_INTEREST] == source(-1, [row for row in rows if row[7] == "SANKC. UROK"])
    assert totals[TransferReason.CARD_WITHDRAWAL] == source(-1, [row for row in rows if row[4] == "VYBER KARTOU"])
    assert totals[TransferReason.SANCTION_INTEREST][0] == 55
    assert totals[TransferReason.SOURCE_ROUNDING] == (2_031, 8_020, 12_290)
    assert sum(total[0] for total in totals.values()) == 46_997 + 2_031
    assert (plan.rows.balance_minor[plan.rows.leg == 0] < 0).sum() == 88


def test_every_transfer_has_its_own_uuid_of_version_7(plan: MigrationPlan) -> None:
    halves = set(zip(plan.rows.id_hi.tolist(), plan.rows.id_lo.tolist(), strict=True))
    assert len(halves) == len(plan.rows.trans_id) == 49_028
    assert all(is_uuid7(join(hi, lo)) for hi, lo in halves)


def test_every_account_has_an_owner_and_869_have_a_disponent(plan: MigrationPlan) -> None:
    assert len(plan.holders) == plan.report.accounts == 4_500
    assert sum(len(holders.disponent_client_ids) for holders in plan.holders) == plan.report.disponents == 869
    assert len({holders.owner_client_id for holders in plan.holders}) == 4_500


@pytest.mark.parametrize("line", [2, 20_000, 46_998])
def test_one_balance_changed_by_0_20_is_found_on_its_line(book: Book, line: int) -> None:
    balances = book.transactions.balance_minor.copy()
    balances[line - 2] += 20
    refused = plan_migration(replace(book, transactions=replace(book.transactions, balance_minor=balances)))
    assert isinstance(refused, RefusedBook)
    assert line in {finding.line for finding in refused.findings}
    assert {(finding.file, finding.column) for finding in refused.findings} == {("trans.asc", "balance")}
