"""A customer with several contracts and a loan over some weeks of nights: what the tests of the overview look at."""

import random
from dataclasses import dataclass, field
from uuid import UUID

from tests.postgres.closeday.house import DAY_US, House, day, product
from tests.postgres.lending.house import LEVEL_LOAN

from yinhe.deposits.answers import Done
from yinhe.deposits.commands import Command, Open, TransferTo
from yinhe.deposits.service import Deposits
from yinhe.ledger.accounts import openings
from yinhe.ledger.batch import Flag
from yinhe.lending.commands import Agree, Draw, Repay
from yinhe.lending.service import Lending
from yinhe.products.parts.application import Purpose

PARTY, OTHER = 7, 8
CURRENT = product(
    "current",
    21,
    'part = "term.open_ended"',
    'part = "interest.tiered_slice"\ntiers = [{at_least = "0.00 CNY", rate = "0.36%"}, '
    '{at_least = "5,000.00 CNY", rate = "1.8%"}]',
    'part = "accrual.accumulated_balance"',
    'part = "settlement.monthly"\nday = 20',
    'part = "fee.flat"\nevent = "month"\ncharge = "2.00 CNY"',
    'part = "tax.withholding"\nsteps = [{effective = 2000-01-01, rate = "5%"}]',
    'part = "transfer.whole"',
)
TIME = product(
    "term",
    22,
    'part = "term.fixed"\noffered = ["1 month", "3 months"]',
    'part = "interest.by_term"\nrates = [{term = "1 month", rate = "1.2%"}, {term = "3 months", rate = "1.5%"}]',
    'part = "accrual.transaction"',
    'part = "settlement.at_maturity"',
    'part = "renewal.none"\nafter = "board:demand"',
    'part = "early_withdrawal.at_rate"\nrate = "board:demand"',
)


@dataclass
class Story:
    """The bank, its services, and what was made of them."""

    house: House
    deposits: Deposits
    lending: Lending
    accounts: dict[str, int] = field(default_factory=dict)
    contracts: dict[str, int] = field(default_factory=dict)
    loan: int = 0
    transfer: UUID | None = None

    @property
    def ledger(self):
        return self.house.ledger

    def next_id(self) -> UUID:
        return self.ledger.ids.next()

    def do(self, command: Command) -> Done:
        done = self.deposits.do(command)
        assert isinstance(done, Done), done
        return done

    def open(self, name: str, version: int, amount: int, holder: int = PARTY, **more: object) -> None:
        """Open a contract with money from the counter."""
        done = self.do(
            Open(
                id=self.next_id(),
                version=version,
                holder=str(holder),
                amount_minor=amount,
                funding=self.house.cash,
                **more,
            )
        )
        self.accounts[name], self.contracts[name] = done.account, done.contract

    def lend(self, amount: int, months: int, version: int, borrower: int = PARTY) -> int:
        """Agree on a loan, collected from the current account, and draw it."""
        agree = Agree(
            id=self.next_id(),
            version=version,
            borrower=str(borrower),
            amount_minor=amount,
            months=months,
            purpose=Purpose.GOODS,
            linked=self.accounts["current"],
        )
        done = self.lending.do(agree)
        drawn = self.lending.do(Draw(id=self.next_id(), loan=done.loan, amount_minor=amount))
        assert drawn.loan == done.loan
        return done.loan

    def repay(self, amount: int) -> None:
        done = self.lending.do(
            Repay(id=self.next_id(), loan=self.loan, payer=self.accounts["current"], amount_minor=amount)
        )
        assert done.loan == self.loan, done

    def close(self) -> None:
        self.deposits.close()
        self.lending.close()


def begin(house: House) -> Story:
    """Products, contracts of two parties, one that passes from one to the other, a loan, a hold."""
    story = Story(house, Deposits(house.bank), Lending(house.bank))
    house.rate("demand", 360_000)
    current, term, level = house.publish(CURRENT), house.publish(TIME), house.publish(LEVEL_LOAN)
    story.open("current", current, 20_000_00)
    story.open("term", term, 5_000_00, months=1, linked=story.accounts["current"])
    story.open("other", current, 3_000_00, holder=OTHER)
    story.open("passed", current, 1_000_00, holder=OTHER)
    story.ledger.set_limits(story.accounts["current"], floor=-500_00, ceiling=10**15, limit_daily=8_000_00)
    story.loan = story.lend(6_000_00, 6, level)
    pay(story, "current", "other", 700_00)
    pay(story, "other", "passed", 100_00)
    house.clock.advance(1_000_000)
    story.transfer = story.next_id()
    story.do(TransferTo(id=story.transfer, contract=story.contracts["passed"], holder=str(PARTY)))
    house.clock.advance(1_000_000)
    pay(story, "other", "passed", 50_00)
    return story


def pay(story: Story, payer: str, payee: str, amount: int) -> None:
    """A payment between two accounts of the story."""
    answer = story.ledger.transfer(debit=story.accounts[payer], credit=story.accounts[payee], amount_minor=amount)
    assert answer.posted, answer


def live_on(story: Story, until: str, seed: int = 5) -> None:
    """Days with payments to and fro, holds placed and released, and their nights."""
    chance = random.Random(seed)
    while story.house.today < day(until):
        for _ in range(chance.randrange(3)):
            names = chance.sample(["current", "other", "passed"], 2)
            pay(story, names[0], names[1], chance.randrange(1, 20_00))
        if chance.random() < 0.2:
            hold = story.ledger.hold(
                debit=story.accounts["current"], credit=story.accounts["other"], amount_minor=10_00
            )
            story.ledger.transfer(
                debit=story.accounts["current"],
                credit=story.accounts["other"],
                amount_minor=3_00,
                flags=Flag.POST,
                reference=hold.seq,
            )
        story.house.night()


def bystander(story: Story) -> int:
    """An account of nobody's."""
    return story.ledger.open_accounts(openings(1, currency=156, gl_code=2011))[0]


__all__ = ["DAY_US", "OTHER", "PARTY", "Story", "begin", "bystander", "live_on", "pay"]
