"""One contract of a product, day by day, without a bank: what a customer would see.

The contract is a column of length one, and the nights are those of the plan; only the ledger is missing, and in its
place stand three accounts: the contract's, the linked one and the world outside.
"""

from collections import Counter
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from yinhe.closeday.errors import NightFault
from yinhe.closeday.plan import STEPS, AsOf, Step
from yinhe.closeday.rerun import KnownPools, Scene, facts_of
from yinhe.closeday.scenario import HandedOn, Happening, Movement, Notified, Scenario, SimulatedDay, Simulation, Totals
from yinhe.deposits.book import Book
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import CONTRACT, NO_RATE, ContractFlag
from yinhe.deposits.commands import Close, DepositMore, GiveNotice, TransferTo, Withdraw
from yinhe.deposits.decide import (
    GivenNotice,
    PoolAccounts,
    Standing,
    decide_close,
    decide_deposit,
    decide_notice,
    decide_transfer,
    decide_withdraw,
)
from yinhe.deposits.opening import account_openings, begin, mapping_of, refuse_rate, refuse_sale
from yinhe.deposits.opening import facts_of as contract_facts
from yinhe.deposits.overdrafts import Overdrafts
from yinhe.deposits.plans import OWN_ACCOUNT, Leg
from yinhe.deposits.plans import Plan as ContractPlan
from yinhe.deposits.refusals import ContractRefusal, Refusal
from yinhe.kernel.currency import currency
from yinhe.ledger.batch import Flag
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.memory import ROW
from yinhe.ledger.outcomes import Outcome
from yinhe.products.catalogue import Catalogue, Version
from yinhe.products.parts.base import Int64Column
from yinhe.products.parts.fee import FeeEvent
from yinhe.products.parts.instalment import Instalment
from yinhe.products.parts.interest import Interest
from yinhe.products.parts.interest_dated import AtWill
from yinhe.products.parts.notice import Notice
from yinhe.products.parts.refusals import PartRefusal
from yinhe.products.parts.sweep import Sweep
from yinhe.products.product import Product
from yinhe.products.rates import RateBook
from yinhe.products.status import Status
from yinhe.transact.rules import charges_of
from yinhe.transact.tallies import month_start

DAYS_MAX: Final = 36_600
"""Most days of one simulation: a hundred years."""

_VERSION: Final = 1
_ACCOUNT: Final = 1
_LINKED: Final = 2
_OUTSIDE: Final = 3
_FIRST_POOL: Final = 4
_ACCOUNTS: Final = 64
_ID: Final = UUID(int=0x7000 << 64 | 1 << 63)
_OWN_CODES: Final = (TransferCode.INTEREST.code, TransferCode.INTEREST_TAX.code, TransferCode.FEE.code)
_NIGHT_STEPS: Final = tuple(step for step in STEPS if step.name != "reconcile")


def simulate(scenario: Scenario) -> Simulation | Refusal:
    """Open the contract and let the days go by; a Refusal where the product would not have been sold.

    Raises RateMissing where the rates say nothing of a day, ValueError for more than DAYS_MAX days or a movement
    outside them.
    """
    count = scenario.last - scenario.start + 1
    if not 1 <= count <= DAYS_MAX:
        raise ValueError(f"A simulation runs for 1 to {DAYS_MAX:,} days, not {count:,}.")
    asked_on = [one.date for one in (*scenario.movements, *scenario.notices, *scenario.handed_on)]
    asked_on += [scenario.closing] if scenario.closing else []
    if any(not scenario.start <= date <= scenario.last for date in asked_on):
        raise ValueError("A movement lies outside the days of the simulation.")
    row = _row(scenario)
    amounts = [scenario.deposit_minor]
    facts = contract_facts(row, scenario.start, amounts, [0], scenario.channel)
    refused = int(refuse_sale(scenario.product, row, facts)[0])
    if refused:
        return Refusal(PartRefusal(refused))
    unagreed = None if scenario.rate == NO_RATE else refuse_rate(scenario.product, scenario.rate)
    if unagreed is not None:
        return unagreed
    begin(scenario.product, scenario.rates, row, facts)
    floor = int(account_openings(scenario.product, row, facts)["floor"][0])
    bank = _Bank(scenario, row, floor)
    if scenario.deposit_minor:
        bank.move(_OUTSIDE, _ACCOUNT, scenario.deposit_minor, TransferCode.OPENING, scenario.start)
    return bank.run()


def needs_linked(product: Product) -> bool:
    """Whether a product's contracts move money to or from a linked account by themselves."""
    return product.one(Instalment) is not None or product.one(Sweep) is not None


def _row(scenario: Scenario) -> NDArray[np.void]:
    row = np.zeros(1, CONTRACT)
    for name in ("months", "days", "tier", "region", "rate"):
        row[name] = getattr(scenario, name)
    row["contract"], row["version"], row["account"] = 1, _VERSION, _ACCOUNT
    row["opened"] = row["start"] = row["active"] = scenario.start
    row["principal"] = scenario.deposit_minor
    has_linked = needs_linked(scenario.product) if scenario.linked is None else scenario.linked
    row["linked"] = _LINKED if has_linked else 0
    for flag, is_set in (
        (ContractFlag.COMPANY, scenario.is_company),
        (ContractFlag.NEW_MONEY, scenario.is_new_money),
        (ContractFlag.AUTO_RENEW, scenario.auto_renew),
    ):
        row["flags"] |= int(flag) if is_set else 0
    return row


def catalogue_of(product: Product, rates: RateBook) -> Catalogue:
    """A catalogue of one product, published on the day it is effective; its id is 1."""
    version = Version(
        id=_VERSION,
        product=product,
        status=Status.PUBLISHED,
        text="",
        sha256="",
        author="",
        approver=None,
        drafted_on=product.effective,
        approved_on=product.effective,
        published_on=product.effective,
        withdrawn_on=None,
    )
    return Catalogue([version], rates)


class _Bank:
    """The accounts and the contract while the days go by."""

    def __init__(self, scenario: Scenario, row: NDArray[np.void], floor_minor: int) -> None:
        self._scenario: Final = scenario
        self._product: Final = scenario.product
        self._book: Final = Book(row)
        self._maturity: Final = int(row["maturity"][0])
        self._catalogue: Final = catalogue_of(scenario.product, scenario.rates)
        self._pools: Final = KnownPools({}, _FIRST_POOL)
        self._balances: Final[Int64Column] = np.zeros(_ACCOUNTS, np.int64)
        self._floor: Final = floor_minor
        self._charges: Final = charges_of(self._product, self._pool(mapping_of(self._product).fee_income))
        self._counts: Final = Counter[tuple[FeeEvent, int]]()
        """Transactions of an event in a month."""
        self._happenings: Final[list[Happening]] = []
        self._days: Final[list[SimulatedDay]] = []
        self._drawn_early: Final[list[int]] = []
        self._notices: Final[dict[UUID, GivenNotice]] = {}
        self._overdrafts: Final = Overdrafts()
        self._posted: Final[list[tuple[int, int, int]]] = []
        """What this night has posted: the halves of the id, and the amount."""

    def _pool(self, general_ledger_code: int) -> int:
        number = currency(self._product.currency).number
        return self._pools.account(general_ledger_code, number, self._product.number)

    @property
    def _row(self) -> NDArray[np.void]:
        return self._book.rows[:]

    @property
    def _is_open(self) -> bool:
        return bool(int(self._row["flags"][0]) & ContractFlag.OPEN)

    def run(self) -> Simulation:
        """All the days."""
        scenario = self._scenario
        movements = sorted(scenario.movements)
        for date in range(scenario.start, scenario.last + 1):
            moved = [movement for movement in movements if movement.date == date]
            for number, notice in enumerate(scenario.notices, start=1):
                if notice.date == date:
                    self._notify(notice, number)
            for movement in moved:
                self._customer(movement)
            for number, handed_on in enumerate(scenario.handed_on, start=1):
                if handed_on.date == date:
                    self._hand_on(handed_on, number)
            if date == scenario.closing:
                self._close(date)
            if not self._is_open:
                continue
            self._night(date, bool(moved))
        return Simulation(
            self._product.name,
            self._product.currency,
            scenario.start,
            scenario.last,
            self._maturity,
            tuple(self._happenings),
            tuple(self._days),
            self._totals(),
        )

    # --- the customer

    def _customer(self, movement: Movement) -> None:
        date, amount = movement.date, movement.amount_minor
        if not self._is_open:
            self._refuse(date, Refusal(ContractRefusal.CONTRACT_CLOSED), amount)
        elif self._is_current() and (amount < 0 or FeeEvent.DEPOSIT in self._charges):
            self._pay(date, amount)
        elif amount > 0:
            command = DepositMore(id=_ID, contract=1, amount_minor=amount, funding=_OUTSIDE)
            self._carry_out(date, decide_deposit(command, self._standing(date)), amount)
        else:
            drawing = Withdraw(id=_ID, contract=1, amount_minor=-amount, payee=_OUTSIDE)
            self._carry_out(date, decide_withdraw(drawing, self._standing(date)), amount)

    def _pay(self, date: int, amount: int) -> None:
        """A plain transfer of an account for everyday use: nothing is settled by it, and it is charged by its event."""
        event = FeeEvent.DEPOSIT if amount > 0 else FeeEvent.WITHDRAWAL
        charge, fee, balance = self._charges.get(event), 0, int(self._balances[_ACCOUNT])
        counted = event, month_start(date)
        if charge is not None:
            fee = charge.fee_minor(self._counts[counted] + 1, abs(amount), balance)
        if balance + amount - fee < self._floor:
            self._refuse(date, Refusal(Outcome.INSUFFICIENT_FUNDS), amount)
            return
        if amount > 0:
            self.move(_OUTSIDE, _ACCOUNT, amount, TransferCode.DEPOSIT, date)
        else:
            self.move(_ACCOUNT, _OUTSIDE, -amount, TransferCode.WITHDRAWAL, date)
        if charge is not None and fee:
            self.move(_ACCOUNT, charge.income, fee, TransferCode.FEE, date)
        self._counts[counted] += 1

    def _notify(self, notice: Notified, number: int) -> None:
        if not self._is_open:
            self._refuse(notice.date, Refusal(ContractRefusal.CONTRACT_CLOSED), notice.amount_minor)
            return
        given = GiveNotice(
            id=UUID(int=_ID.int + number),
            contract=1,
            amount_minor=notice.amount_minor,
            due_on=notice.due_on,
        )
        self._carry_out(notice.date, decide_notice(given, self._standing(notice.date)), notice.amount_minor)

    def _hand_on(self, handed_on: HandedOn, number: int) -> None:
        command = TransferTo(id=_ID, contract=1, holder=f"holder {number}", is_company=handed_on.to_company)
        if self._is_open:
            standing = self._standing(handed_on.date)
            self._carry_out(handed_on.date, decide_transfer(command, standing, "holder 0"), 0)
        else:
            self._refuse(handed_on.date, Refusal(ContractRefusal.CONTRACT_CLOSED), 0)

    def _close(self, date: int) -> None:
        balance = int(self._balances[_ACCOUNT])
        if self._is_open:
            closing = Close(id=_ID, contract=1, payee=_OUTSIDE)
            self._carry_out(date, decide_close(closing, self._standing(date)), -balance)
        else:
            self._refuse(date, Refusal(ContractRefusal.CONTRACT_CLOSED), -balance)

    def _is_current(self) -> bool:
        at_will = isinstance(self._product.one(Interest), AtWill)
        return not int(self._row["maturity"][0]) and self._product.one(Notice) is None and not at_will

    def _standing(self, date: int) -> Standing:
        mapping = mapping_of(self._product)
        codes = mapping.payable, mapping.expense, mapping.tax_payable
        held = {day.date: day.balance_minor for day in self._days}
        return Standing(
            date=date,
            rates=self._scenario.rates,
            product=self._product,
            row=self._row,
            posted_whole=int(self._row["whole"][0]),
            balance_minor=int(self._balances[_ACCOUNT]),
            held_minor=0,
            balance_on=lambda day: held.get(day, 0),
            times_drawn_early=sum(1 for day in self._drawn_early if day >= int(self._row["start"][0])),
            pools=PoolAccounts(*(self._pool(code) for code in codes)),
            notices=tuple(self._notices.values()),
        )

    def _carry_out(self, date: int, plan: ContractPlan | Refusal, asked_minor: int) -> None:
        if isinstance(plan, Refusal):
            self._refuse(date, plan, asked_minor)
            return
        self._book.put(plan.row)
        if plan.early:
            self._drawn_early.append(date)
        if plan.notice_due:
            self._notices[plan.id] = GivenNotice(plan.id, plan.notice_due, plan.notice_minor)
        if plan.notice_drawn is not None:
            del self._notices[plan.notice_drawn]
        for leg in plan.legs:
            self._leg(leg, date)

    def _leg(self, leg: Leg, date: int) -> None:
        debit, credit = (_ACCOUNT if side == OWN_ACCOUNT else side for side in (leg.debit, leg.credit))
        self.move(debit, credit, leg.amount_minor, leg.code, date)

    def _refuse(self, date: int, refusal: Refusal, asked_minor: int) -> None:
        english, chinese = f"Refused: {refusal.english}", f"未办理：{refusal.chinese}"
        balance = int(self._balances[_ACCOUNT])
        self._happenings.append(Happening(date, english, chinese, asked_minor, balance))

    # --- the night

    def _night(self, date: int, moved: bool) -> None:
        cut_off = self._balances.copy()
        touched = np.zeros(_ACCOUNTS, np.bool_)
        touched[_ACCOUNT] = moved
        scene = Scene(
            date=date,
            id_ms=0,
            book=self._book,
            catalogue=self._catalogue,
            rates=self._scenario.rates,
            pools=self._pools,
            balances=lambda step: cut_off if step.as_of is AsOf.CUT_OFF else self._balances.copy(),
            moved_by_customer=lambda: touched,
            overdrafts=self._overdrafts,
            since_cut_off=self._posted_rows,
        )
        self._posted.clear()
        for step in _NIGHT_STEPS:
            self._step(scene, step, date)
            if step.name == "accrue":
                row = self._row[0]
                self._days.append(SimulatedDay(date, int(cut_off[_ACCOUNT]), int(row["whole"]), int(row["remainder"])))

    def _step(self, scene: Scene, step: Step, date: int) -> None:
        facts = facts_of(scene, step)
        refused = self._post(step.decide(facts).postings, date)
        if len(refused) and step.remedy is not None and len(self._post(step.remedy(facts, refused), date)):
            raise NightFault(f"Step {step.name} could not post.")
        if step.then is not None and len(self._post(step.then(facts).postings, date)):
            raise NightFault(f"Step {step.name} could not post.")

    def _posted_rows(self) -> NDArray[np.void]:
        rows = np.zeros(len(self._posted), ROW)
        for at, (high, low, amount) in enumerate(self._posted):
            rows["txn_hi"][at], rows["txn_lo"][at], rows["amount"][at] = high, low, amount
        return rows

    def _post(self, postings: NDArray[np.void], date: int) -> NDArray[np.void]:
        """Post the transactions that the accounts allow; the rows of the others."""
        refused: list[int] = []
        start = 0
        for end in range(1, len(postings) + 1):
            if postings["flags"][end - 1] & np.uint16(Flag.LINKED):
                continue
            balances, noted = self._balances.copy(), len(self._happenings)
            if not all(self._transfer(postings[at], date + 1) for at in range(start, end)):
                self._balances[:] = balances
                del self._happenings[noted:]
                self._refuse(date + 1, Refusal(Outcome.INSUFFICIENT_FUNDS), int(postings["amount"][start]))
                refused += range(start, end)
            start = end
        return postings[refused]

    def _transfer(self, row: np.void, date: int) -> bool:
        debit, credit, amount = int(row["debit"]), int(row["credit"]), int(row["amount"])
        free = int(self._balances[_ACCOUNT]) - self._floor if debit == _ACCOUNT else AMOUNT_MAX
        if int(row["flags"]) & Flag.BALANCING_DEBIT:
            amount = min(amount, max(0, free))
        if amount > free:
            return False
        self._posted.append((int(row["txn_hi"]), int(row["txn_lo"]), amount))
        if amount:
            self.move(debit, credit, amount, _code(int(row["code"])), date)
        return True

    def move(self, debit: int, credit: int, amount_minor: int, code: TransferCode, date: int) -> None:
        """Move money; noted where it touches the contract."""
        self._balances[debit] -= amount_minor
        self._balances[credit] += amount_minor
        if _ACCOUNT not in (debit, credit):
            return
        signed = amount_minor if credit == _ACCOUNT else -amount_minor
        balance = int(self._balances[_ACCOUNT])
        self._happenings.append(Happening(date, code.english, code.chinese, signed, balance, code.code))

    def _totals(self) -> Totals:
        done = [(happening.code, happening.amount_minor) for happening in self._happenings if not happening.refused]
        own = {code: sum(amount for one, amount in done if one == code) for code in _OWN_CODES}
        others = [amount for code, amount in done if code not in own]
        return Totals(
            paid_in_minor=sum(amount for amount in others if amount > 0),
            paid_out_minor=-sum(amount for amount in others if amount < 0),
            interest_minor=own[TransferCode.INTEREST.code],
            tax_minor=-own[TransferCode.INTEREST_TAX.code],
            fees_minor=-own[TransferCode.FEE.code],
            balance_minor=int(self._balances[_ACCOUNT]),
            accrued_minor=int(self._row["whole"][0]),
        )


def _code(code: int) -> TransferCode:
    return next(one for one in TransferCode if one.code == code)
