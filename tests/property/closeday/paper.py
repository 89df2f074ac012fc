"""A bank on paper: the night's own steps over a journal that is a list, with no engine and no database under them."""

import datetime as dt
import tomllib
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from tests.postgres.closeday.house import day, product

from yinhe.closeday.facts import AccountColumns, Facts, JournalDays, Plan
from yinhe.closeday.plan import STEPS, AsOf, Step
from yinhe.deposits.book import Book
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import CONTRACT, NO_RATE, ContractFlag
from yinhe.kernel.currency import currency
from yinhe.ledger.batch import TRANSFER, Flag
from yinhe.ledger.memory import ROW
from yinhe.products.assembly import read_product
from yinhe.products.catalogue import Catalogue, Version
from yinhe.products.codec import Reader
from yinhe.products.findings import FindingLog
from yinhe.products.parts.term import TermPart
from yinhe.products.product import Product
from yinhe.products.rates import RateBook, RateEntry
from yinhe.products.registry import part_classes
from yinhe.products.status import Status

ROOM = 10**9
"""Where pools begin: above every account of a customer, in the order of opening."""
CASH = 1
NIGHT_CODES = {
    code.code
    for code in TransferCode
    if code not in (TransferCode.OPENING, TransferCode.WITHDRAWAL, TransferCode.DEPOSIT, TransferCode.CLOSING)
}


def read(text: str) -> Product:
    found = read_product(text, "test.toml", part_classes())
    assert isinstance(found, Product), str(found)
    return found


def made(*parts: str) -> Product:
    """A product of only these parts, each as lines of TOML; whether they go together is not looked at."""
    log = FindingLog("test.toml", {})
    reader = Reader(log, currency("CNY"))
    read_parts = []
    for place, lines in enumerate(parts):
        raw = tomllib.loads(lines)
        read_parts.append(reader.record(part_classes()[raw.pop("part")], raw, ("parts", place)))
    assert not log.findings, str(log.findings)
    return Product(
        code="paper", number=11, version=1, english="Paper", chinese="纸", currency="CNY",
        effective=dt.date(2026, 1, 5), parts=tuple(read_parts),
    )  # fmt: skip


def catalogue_of(products: Sequence[Product], entries: Iterable[RateEntry] = ()) -> Catalogue:
    """A catalogue in which every product is published; the first has id 1."""
    published = dt.date(2026, 1, 5)
    versions = [
        Version(
            id=place, product=one, status=Status.PUBLISHED, text="", sha256="", author="a", approver="b",
            drafted_on=published, approved_on=published, published_on=published, withdrawn_on=None,
        )
        for place, one in enumerate(products, 1)
    ]  # fmt: skip
    return Catalogue(versions, RateBook(entries))


def contracts(count: int = 1, *, start: int = 0, **given: object) -> np.ndarray:
    """Rows of CONTRACT: contracts 1, 2, … on the accounts 0, 1, … that began on `start`; what is given is written."""
    rows = np.zeros(count, CONTRACT)
    rows["contract"] = np.arange(1, count + 1)
    rows["account"] = np.arange(count)
    rows["rate"], rows["version"], rows["flags"] = NO_RATE, 1, int(ContractFlag.OPEN)
    for name in ("opened", "start", "through", "settled", "active"):
        rows[name] = start
    for name, value in given.items():
        rows[name] = value
    return rows


class PaperPools:
    """Pools of the paper bank: an account where one is asked for first."""

    def __init__(self, bank: "PaperBank") -> None:
        self._bank = bank
        self._accounts: dict[tuple[int, int, int], int] = {}

    def account(self, gl_code: int, currency: int, product: int) -> int:
        key = gl_code, currency, product
        if key not in self._accounts:
            self._accounts[key] = self._bank.new_account(gl_code, product, floor=-ROOM * 10**6)
        return self._accounts[key]

    def all(self) -> dict[tuple[int, int, int], int]:
        return dict(self._accounts)


class PaperBank:
    """One bank; `night` closes a date by the steps of `plan.STEPS` in their order."""

    def __init__(self, products: Sequence[Product], entries: Iterable[RateEntry], first: int) -> None:
        self.catalogue = catalogue_of(products, entries)
        self.today = first
        self.gl, self.numbers, self.floors = [0], [0], [0]
        self.journal: list[tuple[int, int, int, int, int, int, int, int, int]] = []
        """txn_hi, txn_lo, amount, debit, credit, value date, code, flags, booked on."""
        self.new_account(1001, 0, floor=-ROOM * 10**6)
        self.book = Book(np.zeros(0, CONTRACT))
        self.pools = PaperPools(self)
        self.refused = 0

    def new_account(self, gl_code: int, number: int, floor: int = 0) -> int:
        self.gl.append(gl_code)
        self.numbers.append(number)
        self.floors.append(floor)
        return len(self.gl) - 1

    def open(self, version: int, *, months: int = 0, linked: int = 0, **given: object) -> int:
        """Open a contract of today; its account."""
        one = self.catalogue.product(version)
        account = self.new_account(2011, one.number)
        row = contracts(start=self.today, account=account, version=version, months=months, linked=linked, **given)
        row["contract"] = self.book.next_number
        term = one.one(TermPart)
        if months and term is not None:
            row["maturity"] = term.maturity(row["start"], row["months"], row["days"])
        self.book.append(row)
        return account

    def rate(self, entry: RateEntry) -> None:
        versions = self.catalogue.versions
        self.catalogue = Catalogue(versions, RateBook([*self.catalogue.rates.entries, entry]))

    def pay(self, account: int, amount: int, value_date: int | None = None) -> None:
        """Money in over the counter, or out where the amount is negative; never refused."""
        debit, credit = (CASH, account) if amount > 0 else (account, CASH)
        flags = 0 if value_date is None else int(Flag.VALUE_DATED)
        value_date = self.today if value_date is None else value_date
        seq = len(self.journal) + 1
        self.journal.append((0, seq, abs(amount), debit, credit, value_date, 0, flags, self.today))

    def balances(self, seq: int | None = None) -> np.ndarray:
        """Every account's balance after the rows up to and including `seq`."""
        found = np.zeros(len(self.gl), np.int64)
        for _, _, amount, debit, credit, *_ in self.journal[:seq]:
            found[debit] -= amount
            found[credit] += amount
        return found

    def balance_on(self, account: int, date: int) -> int:
        """An account's balance by value date at the end of a date."""
        rows = [row for row in self.journal if row[5] <= date]
        return sum((row[4] == account) * row[2] - (row[3] == account) * row[2] for row in rows)

    def posted(self, account: int, *codes: TransferCode) -> dict[int, int]:
        """What the account was credited under the codes, by value date."""
        found: dict[int, int] = {}
        for _, _, amount, debit, credit, value_date, code, *_ in self.journal:
            if code in {one.code for one in codes} and account in (debit, credit):
                found[value_date] = found.get(value_date, 0) + (amount if credit == account else -amount)
        return {date: amount for date, amount in sorted(found.items()) if amount}

    # --- the night

    def night(self, steps: Callable[[str], bool] = lambda name: True) -> dict[str, Plan]:
        """Close today."""
        date, cutoff = self.today, len(self.journal)
        before = sum(row[8] < date for row in self.journal)
        self.today = date + 1
        plans: dict[str, Plan] = {}
        for step in STEPS:
            if not steps(step.name):
                continue
            facts = self._facts(date, before, cutoff, cutoff if step.as_of is AsOf.CUT_OFF else len(self.journal))
            plan = plans[step.name] = self.decide(step, facts)
            refused = self._post(plan.postings)
            self.refused += len(refused)
            if len(refused) and step.remedy is not None:
                assert not len(self._post(step.remedy(facts, refused)))
            assert not plan.findings, plan.findings
        return plans

    def decide(self, step: Step, facts: Facts) -> Plan:
        """What a step wants; it changes the book."""
        return step.decide(facts)

    def nights_until(self, until: int) -> None:
        while self.today < until:
            self.night()

    def _rows(self, first: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        """Journal rows of places `first` to before `end`, and the date each was booked on."""
        rows = np.zeros(end - first, ROW)
        names = ("txn_hi", "txn_lo", "amount", "debit", "credit", "value_date", "code", "flags")
        for at, row in enumerate(self.journal[first:end]):
            for name, value in zip(names, row, strict=False):
                rows[name][at] = value
        rows["seq"] = np.arange(first + 1, end + 1)
        return rows, np.array([row[8] for row in self.journal[first:end]], np.int32)

    def _facts(self, date: int, before: int, cutoff: int, as_of: int) -> Facts:
        def journal(start: int) -> JournalDays:
            return JournalDays(*self._rows(sum(row[8] < start for row in self.journal), cutoff))

        def by_customer() -> np.ndarray:
            moved = np.zeros(len(self.gl), np.bool_)
            for row in self.journal[before:cutoff]:
                if row[6] not in NIGHT_CODES:
                    moved[[row[3], row[4]]] = True
            return moved

        touched = np.zeros(len(self.gl), np.bool_)
        for row in self.journal[before:]:
            touched[[row[3], row[4]]] = True
        rows, _ = self._rows(before, cutoff)
        count = len(self.gl)
        return Facts(
            date=date,
            id_ms=1_000 + date,
            book=self.book,
            catalogue=self.catalogue,
            rates=self.catalogue.rates.known(date),
            pools=self.pools,
            balances=self.balances(as_of),
            moved_since=touched,
            value_dated=rows[rows["flags"] & np.uint16(Flag.VALUE_DATED) != 0],
            journal=journal,
            moved_by_customer=by_customer,
            columns=AccountColumns(
                np.full(count, 156, np.uint16),
                np.array(self.gl, np.int32),
                np.array(self.numbers, np.int32),
                np.zeros(count, np.uint16),
            ),
            overdue_holds=0,
            orders=(),
        )

    def _post(self, postings: np.ndarray) -> np.ndarray:
        """Post whole transactions, none that would go below a floor; the rows refused, dtype TRANSFER."""
        balances = self.balances()
        known = {row[:2] for row in self.journal}
        refused: list[np.void] = []
        chain: list[np.void] = []
        for row in postings:
            chain.append(row)
            if row["flags"] & int(Flag.LINKED):
                continue
            assert (int(row["txn_hi"]), int(row["txn_lo"])) not in known, "an id was used twice"
            known.add((int(row["txn_hi"]), int(row["txn_lo"])))
            after, made_rows = balances.copy(), []
            for leg in chain:
                debit, credit, amount = int(leg["debit"]), int(leg["credit"]), int(leg["amount"])
                if leg["flags"] & int(Flag.BALANCING_DEBIT):
                    amount = min(amount, int(after[debit]) - self.floors[debit])
                after[debit] -= amount
                after[credit] += amount
                given = bool(leg["flags"] & int(Flag.VALUE_DATED))
                made_rows.append(
                    (int(leg["txn_hi"]), int(leg["txn_lo"]), amount, debit, credit,
                     int(leg["value_date"]) if given else self.today, int(leg["code"]), int(leg["flags"]), self.today)
                )  # fmt: skip
            if any(after[row[3]] < self.floors[row[3]] for row in made_rows) or any(row[2] <= 0 for row in made_rows):
                refused += chain
            else:
                balances = after
                self.journal += made_rows
            chain = []
        return np.array(refused, TRANSFER) if refused else np.zeros(0, TRANSFER)


__all__ = ["CASH", "PaperBank", "catalogue_of", "contracts", "day", "made", "product", "read"]
