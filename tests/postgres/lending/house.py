"""A small bank that lends: loan products from text, loans drawn on them, nights one after another."""

from uuid import UUID

from tests.postgres.closeday.house import House, day

from yinhe.ledger.accounts import openings
from yinhe.lending.columns import LoanFlag
from yinhe.lending.commands import Agree, Command, Draw
from yinhe.lending.position import work_out_position
from yinhe.lending.refusals import Refusal
from yinhe.lending.service import Done, Lending
from yinhe.products.parts.application import Purpose
from yinhe.products.parts.base import Channel

HEAD = """
[product]
code = "{code}"
number = {number}
version = 1
english = "{code}"
chinese = "{code}"
currency = "CNY"
effective = 2026-01-05
"""
USUAL = (
    'part = "eligibility.persons"',
    'part = "limit.amount"\nleast = "1,000.00 CNY"',
    'part = "term.loan_months"\nmost = 360',
    'part = "purpose.only_for"\npurposes = ["goods", "travel"]',
    'part = "security.none"',
    'part = "payment.freely"',
    'part = "classification.five_grades"',
    'part = "non_accrual.after_days"\ndays = 90',
    'part = "allowance.three_stages"\nfirst = { default = "1%", lost = "50%" }\n'
    'second = { default = "10%", lost = "50%" }\nthird = { default = "100%", lost = "60%" }',
    'part = "restructuring.extension"',
    'part = "restructuring.rate_change"\nleast = "1.00%"',
    'part = "restructuring.capitalisation"\nshare = "10%"',
    'part = "restructuring.re_ageing"\nin_row = 1',
    'part = "write_off.after_days"\ndays = 100\ngrade = "substandard"',
    'part = "ledger.loan"',
)
SINGLE = 'part = "drawdown.single"'
FIXED = 'part = "loan_interest.fixed"\nyearly = "4.90%"\nbasis = "CN-MONTHS-DAYS"'
BY_DAY = 'part = "loan_interest.fixed"\nyearly = "3.60%"\nbasis = "ACT/360"'
LPR = 'part = "loan_interest.indexed"\nindex = "board:LPR_1Y"\nrepricing = "quarter"\nbasis = "CN-MONTHS-DAYS"'
LEVEL = 'part = "repayment.equal_instalments"'
LINEAR = 'part = "repayment.equal_principal"'
BULLET = 'part = "repayment.interest_only"'
EARLY = 'part = "prepayment.part"'
LATE = 'part = "overdue.penalty"\nmultiple = 150'
ORDER = 'part = "allocation.sequence"\nby_instalment = false'


def loan_product(code: str, number: int, *parts: str) -> str:
    """The file of a loan product: its own parts and the usual ones."""
    return HEAD.format(code=code, number=number) + "".join(f"\n[[parts]]\n{part}\n" for part in (*parts, *USUAL))


LEVEL_LOAN = loan_product("level", 1201, FIXED, LEVEL, SINGLE, EARLY, LATE, ORDER)
BY_DAY_LOAN = loan_product("by_day", 1202, BY_DAY, BULLET, SINGLE, EARLY, LATE, ORDER)


class Lender:
    """The house with loans."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.lending = Lending(house.bank)
        self.current = self.account()

    def account(self, amount: int = 0) -> int:
        """A customer's account without a product, with money from the counter on it."""
        account = self.house.ledger.open_accounts(openings(1, currency=156, gl_code=2011))[0]
        if amount:
            self.house.pay(account, amount)
        return account

    def next_id(self) -> UUID:
        return self.house.ledger.ids.next()

    def do(self, command: Command) -> Done:
        done = self.lending.do(command)
        assert isinstance(done, Done), done.english
        return done

    def refused(self, command: Command) -> str:
        done = self.lending.do(command)
        assert isinstance(done, Refusal), done
        assert done.english
        assert done.chinese
        return done.name

    def lend(self, version: int, amount: int, months: int, *, linked: int | None = None, tier: int = 0) -> int:
        """Agree on a loan and draw it; its number."""
        linked = self.current if linked is None else linked
        agree = Agree(
            id=self.next_id(), version=version, borrower="P-1", amount_minor=amount, months=months,
            purpose=Purpose.GOODS, linked=linked, channel=Channel.COUNTER, tier=tier,
        )  # fmt: skip
        loan = self.do(agree).loan
        self.do(Draw(id=self.next_id(), loan=loan, amount_minor=amount))
        return loan

    def row(self, loan: int):
        row = self.lending.book.row(loan)
        assert row is not None
        return row[0]

    def balance(self, account: int) -> int:
        return self.house.balance(account)

    def owed(self, loan: int) -> int:
        """The principal the loan's account says is owed."""
        return -self.balance(int(self.row(loan)["account"]))

    def is_(self, loan: int, flag: LoanFlag) -> bool:
        return bool(self.row(loan)["flags"] & int(flag))

    def worked_out(self, loan: int):
        """The loan worked out anew from all that happened to it."""
        standing = self.lending.standing(loan)
        assert not isinstance(standing, Refusal)
        return work_out_position(
            standing.agreed, standing.acts, standing.date, standing.product_on, standing.rates
        ), standing.at  # fmt: skip


__all__ = ["BY_DAY_LOAN", "LEVEL_LOAN", "Lender", "day", "loan_product"]
