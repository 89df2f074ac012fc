"""The counter: what customers ask of their deposits one by one, each decided by its product and durable when answered.

Drawn from a seed as everything is; who is served is looked for among the contracts there are.
"""

from collections import Counter as Counts
from collections.abc import Callable
from enum import unique
from typing import Final, NamedTuple
from uuid import UUID

import numpy as np

from yinhe.demo.bank import Bank
from yinhe.demo.names import Coded
from yinhe.demo.savers import party, version_of
from yinhe.deposits.commands import Amend, Close, Command, DepositMore, GiveNotice, Open, TransferTo, Withdraw
from yinhe.deposits.refusals import Refusal
from yinhe.deposits.service import Deposits
from yinhe.products.parts.base import Channel

ERRANDS_A_DAY: Final = 3
NOTICE_DAYS: Final = 7
NOTICED: Final = 50_000_00


@unique
class Errand(Coded):
    """What a customer comes for; the code is how often among a hundred errands, 0 for what follows from another."""

    SAVE = 22, "Open a lump sum from the account, on the telephone", "手机开立整存整取"
    PAY_IN = 14, "Pay into the cash-management account", "存入现金管理账户"
    DRAW_EARLY = 14, "Draw a part of a lump sum early", "整存整取部分提前支取"
    GIVE_NOTICE = 12, "Give notice of a withdrawal", "通知存款预约支取"
    DRAW_NOTICED = 0, "Draw what notice was given of", "通知存款如期支取"
    DRAW_UNNOTICED = 5, "Draw without notice", "通知存款未通知支取"
    PASS_ON = 7, "Pass a certificate on to another holder", "大额存单转让"
    CALL_OFF = 8, "Call the renewal off", "取消自动转存"
    CLOSE = 8, "Close a deposit at will", "定活两便销户"
    ASK_ODD = 5, "Ask for a certificate of an odd amount", "申请非整数大额存单"
    ASK_COMPANY = 5, "Ask for a lump sum for a company", "单位申请整存整取"
    LEAVE = 0, "Draw everything and leave the bank", "销户离行"


class Noticed(NamedTuple):
    """A withdrawal that notice was given of; the amount in minor units."""

    due_on: int
    contract: int
    amount_minor: int


class Counter:
    """Serves customers, and counts what was done and what was refused, and why."""

    def __init__(self, deposits: Deposits, bank: Bank) -> None:
        self._deposits: Final = deposits
        self._bank: Final = bank
        self._noticed: list[Noticed] = []
        self.done: Final[Counts[Errand]] = Counts()
        self.refused: Final[Counts[Errand]] = Counts()
        self.reasons: Final[Counts[tuple[str, str]]] = Counts()
        """Refusals by their words, English and Chinese."""
        self._asked: Final[dict[Errand, Callable[[np.random.Generator], Command | None]]] = {
            Errand.SAVE: self._save,
            Errand.PAY_IN: self._pay_in,
            Errand.DRAW_EARLY: self._draw_early,
            Errand.GIVE_NOTICE: self._give_notice,
            Errand.DRAW_UNNOTICED: self._draw_unnoticed,
            Errand.PASS_ON: self._pass_on,
            Errand.CALL_OFF: self._call_off,
            Errand.CLOSE: self._close,
            Errand.ASK_ODD: self._ask_odd,
            Errand.ASK_COMPANY: self._ask_company,
        }

    def serve(self, rng: np.random.Generator) -> None:
        """One day's customers: first those whose notice is due, then others."""
        today = self._deposits.ledger.business_date
        due = [one for one in self._noticed if one.due_on == today]
        self._noticed = [one for one in self._noticed if one.due_on > today]
        for one in due:
            command = Withdraw(id=self._id(), contract=one.contract, amount_minor=one.amount_minor)
            self._do(Errand.DRAW_NOTICED, command)
        errands: list[Errand] = list(self._asked)
        odds = np.array([errand.code for errand in errands]) / sum(errand.code for errand in errands)
        drawn: list[int] = rng.choice(len(errands), ERRANDS_A_DAY, p=odds).tolist()
        for place in drawn:
            command = self._asked[errands[place]](rng)
            if command is not None:
                self._do(errands[place], command)

    def note(self, errand: Errand, refusal: Refusal | None) -> None:
        """Count an errand and its answer."""
        if refusal is None:
            self.done[errand] += 1
        else:
            self.refused[errand] += 1
            self.reasons[refusal.english, refusal.chinese] += 1

    def _do(self, errand: Errand, command: Command) -> None:
        answer = self._deposits.do(command)
        refusal = answer if isinstance(answer, Refusal) else None
        self.note(errand, refusal)
        if isinstance(command, GiveNotice) and refusal is None:
            self._noticed.append(Noticed(command.due_on, command.contract, command.amount_minor))

    # --- what they ask for; None where there is nobody to ask

    def _save(self, rng: np.random.Generator) -> Command:
        home = int(rng.choice(self._bank.staying))
        return self._opening("lump_sum", home, int(rng.integers(1, 30)) * 100_00, Channel.MOBILE)

    def _ask_odd(self, rng: np.random.Generator) -> Command:
        return self._opening("certificate", int(rng.choice(self._bank.staying)), 205_000_50, Channel.COUNTER)

    def _ask_company(self, rng: np.random.Generator) -> Command:
        employer = int(rng.choice(self._bank.employers))
        return self._opening("lump_sum", employer, 5_000_00, Channel.COUNTER, is_company=True)

    def _opening(self, code: str, account: int, amount: int, channel: Channel, *, is_company: bool = False) -> Command:
        return Open(
            id=self._id(),
            version=self._version(code),
            holder=party(account),
            amount_minor=amount,
            funding=account,
            linked=account,
            months=3,
            auto_renew=True,
            channel=channel,
            is_company=is_company,
        )

    def _pay_in(self, rng: np.random.Generator) -> Command | None:
        place = self._someone("cash_management", rng)
        if place is None:
            return None
        home = int(rng.choice(self._bank.staying))
        return DepositMore(id=self._id(), contract=place + 1, amount_minor=1_000_00, funding=home)

    def _draw_early(self, rng: np.random.Generator) -> Command | None:
        place = self._someone("lump_sum", rng)
        if place is None:
            return None
        part = self._balance(place) // 3_00 * 1_00
        return Withdraw(id=self._id(), contract=place + 1, amount_minor=part)

    def _give_notice(self, rng: np.random.Generator) -> Command | None:
        place = self._someone("notice_7d", rng)
        if place is None:
            return None
        due = self._deposits.ledger.business_date + NOTICE_DAYS
        return GiveNotice(id=self._id(), contract=place + 1, amount_minor=NOTICED, due_on=due)

    def _draw_unnoticed(self, rng: np.random.Generator) -> Command | None:
        place = self._someone("notice_1d", rng)
        return None if place is None else Withdraw(id=self._id(), contract=place + 1, amount_minor=NOTICED)

    def _pass_on(self, rng: np.random.Generator) -> Command | None:
        place = self._someone("certificate", rng)
        other = party(int(rng.choice(self._bank.staying)))
        return None if place is None else TransferTo(id=self._id(), contract=place + 1, holder=other)

    def _call_off(self, rng: np.random.Generator) -> Command | None:
        place = self._someone("lump_sum", rng)
        return None if place is None else Amend(id=self._id(), contract=place + 1, auto_renew=False)

    def _close(self, rng: np.random.Generator) -> Command | None:
        place = self._someone("at_will", rng)
        return None if place is None else Close(id=self._id(), contract=place + 1)

    # --- helpers

    def _id(self) -> UUID:
        return self._deposits.ledger.ids.next()

    def _version(self, code: str) -> int:
        return version_of(self._deposits.catalogue, code, self._deposits.ledger.business_date)

    def _someone(self, code: str, rng: np.random.Generator) -> int | None:
        """The place in the book of one of a product's open contracts."""
        places = self._deposits.book.by_version().get(self._version(code))
        return None if places is None else int(rng.choice(places))

    def _balance(self, place: int) -> int:
        return self._deposits.ledger.account(int(self._deposits.book.rows["account"][place])).balance_minor
