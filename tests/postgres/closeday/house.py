"""A small bank for tests of the night: products from text, contracts with money on them, nights one after another."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from uuid import UUID

import numpy as np

from yinhe.closeday.bank import DepositBank
from yinhe.closeday.report import NightReport
from yinhe.closeday.runner import NightRunner
from yinhe.deposits.columns import CONTRACT, NO_RATE, ContractFlag
from yinhe.deposits.store import write_contracts
from yinhe.kernel.clock import ManualClock
from yinhe.kernel.dates import days_from_date
from yinhe.ledger.accounts import openings
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.ledger import Ledger
from yinhe.products.catalogue_store import approve, check, draft, publish, set_rate

CNY = 156
DAY_US = 86_400_000_000


def day(text: str) -> int:
    return days_from_date(date.fromisoformat(text))


def product(code: str, number: int, *parts: str, version: int = 1, effective: str = "2026-01-05") -> str:
    """The file of a product from its parts, each as lines of TOML; the ledger mapping comes along."""
    head = f"""
[product]
code = "{code}"
number = {number}
version = {version}
english = "{code}"
chinese = "{code}"
currency = "CNY"
effective = {effective}
"""
    return head + "".join(f"\n[[parts]]\n{part}\n" for part in (*parts, 'part = "ledger.deposit"'))


DEMAND = product(
    "demand",
    11,
    'part = "term.open_ended"',
    'part = "interest.flat"\nrate = "board:demand"',
    'part = "accrual.accumulated_balance"',
    'part = "settlement.quarterly"',
)
TIERED = product(
    "tiered",
    12,
    'part = "term.open_ended"',
    'part = "interest.tiered_slice"\ntiers = [{at_least = "0.00 CNY", rate = "0.35%"}, '
    '{at_least = "500.00 CNY", rate = "1.15%"}, {at_least = "2,000.00 CNY", rate = "1.5%"}]',
    'part = "accrual.accumulated_balance"',
    'part = "settlement.monthly"\nday = 20',
)
TIME = product(
    "time",
    13,
    'part = "term.fixed"\noffered = ["3 months", "12 months"]',
    'part = "interest.by_term"\nrates = [{term = "3 months", rate = "1.05%"}, {term = "12 months", rate = "board:y1"}]',
    'part = "accrual.transaction"',
    'part = "settlement.at_maturity"',
    'part = "renewal.same_term_or_linked"\nafter = "board:demand"',
)


class House:
    """One bank; days go by with `night`."""

    def __init__(self, ledger: Ledger, clock: ManualClock, chunk_rows: int = 1 << 18) -> None:
        self.ledger, self.clock = ledger, clock
        self.cash = ledger.open_accounts(openings(1, currency=CNY, gl_code=1001, floor=-AMOUNT_MAX))[0]
        self.bank = DepositBank(ledger, self.connect)
        self.runner = NightRunner(self.bank, clock, chunk_rows)

    def connect(self):
        return self.ledger.connect("yinhe night")

    @property
    def today(self) -> int:
        return self.ledger.business_date

    def publish(self, text: str) -> int:
        with self.connect() as session:
            found = draft(session, text, "test.toml", "author", self.today)
            assert isinstance(found, int), str(found)
            name = session.execute(
                "SELECT code || '/' || version FROM product_version WHERE id = %s", (found,)
            ).fetchone()[0]
            for step, actor in ((check, "author"), (approve, "approver"), (publish, "approver")):
                done = step(session, name, actor, self.today)
                assert isinstance(done, int), str(done)
        self.bank.reload_catalogue()
        return found

    def rate(self, table: str, units: int, effective: int | None = None, *, correction: bool = False) -> None:
        with self.connect() as session:
            done = set_rate(
                session, table, self.today if effective is None else effective, units, self.today, "author",
                correction=correction,
            )  # fmt: skip
            assert not hasattr(done, "findings"), str(done)
        self.bank.reload_catalogue()

    def open(
        self,
        version: int,
        amount: int = 0,
        *,
        months: int = 0,
        linked: int = 0,
        renew: bool = False,
        rate: int = NO_RATE,
        floor: int = 0,
    ) -> int:
        """Open a contract of today with money from the counter; its account."""
        product = self.bank.catalogue.product(version)
        accounts = openings(1, currency=CNY, gl_code=2011, product=product.number, floor=floor)
        account = self.ledger.open_accounts(accounts)[0]
        row = np.zeros(1, CONTRACT)
        row["contract"], row["account"], row["linked"] = self.bank.book.next_number, account, linked
        row["version"], row["months"], row["rate"], row["principal"] = version, months, rate, amount
        for name in ("opened", "start", "through", "settled", "active"):
            row[name] = self.today
        row["flags"] = int(ContractFlag.OPEN | (ContractFlag.AUTO_RENEW if renew else ContractFlag(0)))
        if months:
            from yinhe.products.parts.term import TermPart

            term = product.one(TermPart)
            row["maturity"] = term.maturity(row["start"], row["months"], row["days"])
            if rate == NO_RATE:
                from yinhe.products.parts.interest import Interest

                interest = product.one(Interest)
                regime = interest.regimes(self.bank.catalogue.rates, self.today, self.today + 1, months, 0)[0]
                row["rate"] = regime.rates[0]
        with self.connect() as session:
            write_contracts(session, row, ["holder"])
        self.bank.book.append(row)
        if amount:
            self.pay(account, amount)
        return account

    def pay(self, account: int, amount: int, value_date: int | None = None, txn_id: UUID | None = None) -> None:
        """Money in over the counter, or out where the amount is negative."""
        debit, credit = (self.cash, account) if amount > 0 else (account, self.cash)
        answer = self.ledger.transfer(
            debit=debit, credit=credit, amount_minor=abs(amount), value_date=value_date, txn_id=txn_id
        )
        assert answer.posted, answer

    def balance(self, account: int) -> int:
        return self.ledger.account(account).balance_minor

    def night(self) -> NightReport:
        """Close today."""
        report = self.runner.close(self.today, lambda step, done, total: None)
        self.clock.advance(DAY_US)
        return report

    def nights_until(self, until: int) -> list[NightReport]:
        """Close every day before `until`."""
        reports = []
        while self.today < until:
            reports.append(self.night())
        return reports


def plain_interest(days: Sequence[tuple[int, Fraction]]) -> int:
    """Interest by the accumulated-balance method, worked out with fractions: (balance, yearly rate) a day over 360."""
    total = sum((balance * rate / 360 for balance, rate in days), Fraction(0))
    return int(total + Fraction(1, 2))
