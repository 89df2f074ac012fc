"""A customer's whole picture in one call: two round trips to the database, the rest from memory."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import psycopg

from yinhe.closeday.bank import DepositBank
from yinhe.kernel.account_number import AccountNumber, encode
from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.dates import date_from_days
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.history import History
from yinhe.ledger.ledger import Account, Ledger
from yinhe.lending.columns import LoanFlag
from yinhe.overview.alerts import (
    alerts_of_contracts,
    alerts_of_holds,
    alerts_of_loans,
    alerts_of_papers,
    sorted_alerts,
)
from yinhe.overview.deposits import accruals_of, contract_now, contract_then
from yinhe.overview.happenings import Kind
from yinhe.overview.holds import hold_picture, holds_after, rows_since
from yinhe.overview.loans import LoanMemory, LoanWorker, card_now, loan_now, loan_then, memory_of
from yinhe.overview.past import balances_at
from yinhe.overview.people import Known, Register
from yinhe.overview.reading import Holdings, read_holdings, read_holds
from yinhe.overview.records import (
    CardPicture,
    ContractPicture,
    CurrencyTotal,
    HoldPicture,
    LimitKind,
    LimitUse,
    LoanPicture,
    Picture,
    WorthPicture,
)
from yinhe.overview.refusals import OverviewRefusal
from yinhe.overview.statement import Statement, Statements
from yinhe.overview.steady import read_steadily
from yinhe.overview.timeline import ALL_KINDS, Timeline, TimelinePage, acts_of
from yinhe.overview.worth import worth_lines
from yinhe.products.catalogue import Catalogue
from yinhe.storage.sessions import Sessions

PARTY_MAX: Final = 2**63 - 1
ACTS: Final = 10
"""Acts a picture tells of; the timeline has all."""


class Overview:
    """Pictures of the customers of one unit; reads only, safe between threads."""

    def __init__(self, sessions: Sessions, ledger: Ledger, bank: DepositBank, register: Register | None = None) -> None:
        """`register` knows who the parties are; without one any number may be asked for."""
        self.sessions: Final = sessions
        self._ledger: Final = ledger
        self._bank: Final = bank
        self._register: Final = register
        self._worker: Final = LoanWorker()
        self._history: Final = History(ledger.connect)
        self._timeline: Final = Timeline(sessions, ledger, bank)
        self._statements: Final = Statements(sessions, ledger)

    def close(self) -> None:
        """Close the sessions of its own; ledger, bank and `sessions` stay."""
        self._history.close()
        self._timeline.close()
        self._statements.close()

    def number(self, account: int) -> str:
        """The 16 digits of an account."""
        return encode(AccountNumber(self._ledger.engine.core.unit, account))

    def picture(self, party: int, as_of: int | None = None, known: Known | None = None) -> Picture | Refusal:
        """A party's whole picture, now or at the end of a past business date (days since 1970-01-01).

        `known` is what the register knows, where the caller has asked it already: in the clear, say.
        """
        known = known or self._known(party)
        if known is None:
            return Refusal(OverviewRefusal.PARTY_UNKNOWN)
        today = self._ledger.business_date
        if as_of is not None and as_of > today:
            return Refusal(OverviewRefusal.DATE_AHEAD)
        with self.sessions.lend() as session:
            if as_of is None or as_of == today:
                return self._now(session, known, today)
            return self._then(session, known, as_of, today)

    def timeline(
        self, party: int, cursor: str | None = None, limit: int = 50, kinds: Collection[Kind] = ALL_KINDS
    ) -> TimelinePage | Refusal:
        """At most `limit` things that happened with a party before a cursor (None: the newest), newest first."""
        known = self._known(party)
        if known is None:
            return Refusal(OverviewRefusal.PARTY_UNKNOWN)
        return self._timeline.page((known.party, *known.merged), cursor, limit, kinds)

    def statement(self, account: int, first: int, last: int, *, holder: str = "") -> Statement | Refusal:
        """An account's statement for the business dates `first` to `last` (days since 1970-01-01), both included.

        `holder` is printed as the name of who holds it. See `documents` and `pdf` for its forms.
        """
        return self._statements.make(account, first, last, holder=holder)

    def _known(self, party: int) -> Known | None:
        if not 0 < party <= PARTY_MAX:
            return None
        return Known(party=party) if self._register is None else self._register.known(party)

    # --- now

    def _now(self, session: psycopg.Connection, known: Known, today: int) -> Picture:
        seq, catalogue = self._ledger.committed_seq, self._bank.catalogue
        holdings = read_holdings(session, (known.party, *known.merged), today, today, ACTS)
        accounts = self._accounts(holdings)
        contracts = self._contracts(holdings, accounts, catalogue, today)
        loans, cards = self._loans(holdings, accounts, catalogue, today)
        holds = self._holds(session, accounts, today)
        floors = {one.index: one.floor_minor for one in accounts.values()}
        alerts = [
            *alerts_of_contracts(contracts, holdings.contracts, floors, today),
            *alerts_of_loans(loans, cards, today),
            *alerts_of_holds(holds, self._ledger.clock.now_us()),
            *alerts_of_papers(known, today),
        ]
        return Picture(
            party=known.party,
            details=known.details,
            business_date=date_from_days(today),
            as_of=None,
            seq=seq,
            night_at_work=holdings.night_at_work,
            contracts=contracts,
            loans=loans,
            more=holdings.more,
            closed=holdings.closed,
            totals=totals_of(contracts, loans),
            limits=limits_of(holdings, accounts, loans, today),
            holds=holds,
            cards=cards,
            relations=known.relations,
            acts=acts_of(holdings.events, lambda version: catalogue.product(version).currency, ACTS),
            alerts=sorted_alerts(alerts),
            worth=self._worth(holdings),
        )

    def _accounts(self, holdings: Holdings) -> dict[int, Account]:
        """The accounts of contracts and loans, by index, all as they are at one moment."""
        indexes = [row.account for row in holdings.contracts]
        indexes += [index for row in holdings.loans for index in (row.account, row.receivable)]
        return {one.index: one for one in self._ledger.accounts(indexes)} if indexes else {}

    def _contracts(
        self, holdings: Holdings, accounts: Mapping[int, Account], catalogue: Catalogue, today: int
    ) -> tuple[ContractPicture, ...]:
        rows = holdings.contracts
        numbers = [row.contract for row in rows]
        accrued = read_steadily(
            self._bank.lock,
            lambda: accruals_of(self._bank.book, numbers),
            night_at_work=holdings.night_at_work,
        )
        return tuple(
            contract_now(row, accounts[row.account], (accrued or {}).get(row.contract), catalogue, today, self.number)
            for row in rows
        )

    def _loans(
        self, holdings: Holdings, accounts: Mapping[int, Account], catalogue: Catalogue, today: int
    ) -> tuple[tuple[LoanPicture, ...], tuple[CardPicture, ...]]:
        rows = holdings.loans
        if not rows:
            return (), ()
        numbers = [row.loan for row in rows]
        memory: dict[int, LoanMemory] = (
            read_steadily(
                self._bank.lock,
                lambda: memory_of(self._bank.loans, numbers),
                night_at_work=holdings.night_at_work,
            )
            or {}
        )
        loans: list[LoanPicture] = []
        cards: list[CardPicture] = []
        for row in rows:
            its = memory.get(row.loan)
            worked_out = None if its is None else self._worker.work_out(its, catalogue, today)
            owed = -accounts[row.account].balance_minor
            receivable = -accounts[row.receivable].balance_minor
            loans.append(loan_now(row, owed, receivable, worked_out, catalogue, today, self.number))
            card = None if its is None else card_now(row, owed, its, catalogue, today)
            if card is not None:
                cards.append(card)
        return tuple(loans), tuple(cards)

    def _holds(
        self, session: psycopg.Connection, accounts: Mapping[int, Account], today: int
    ) -> tuple[HoldPicture, ...]:
        held = [one.index for one in accounts.values() if one.held_minor]
        if not held:
            return ()
        seq, holds = read_holds(session, held)
        rows = rows_since(self._history, self._ledger.engine.core.tail.view(), held, seq)
        return tuple(
            hold_picture(hold, accounts[hold.debit].currency, self.number) for hold in holds_after(holds, rows, today)
        )

    def _worth(self, holdings: Holdings) -> WorthPicture:
        accounts = sorted({one.account for one in holdings.values})
        currencies = {one.index: one.currency for one in self._ledger.accounts(accounts)} if accounts else {}
        in_all, last_year = worth_lines(holdings.values, currencies)
        return WorthPicture(as_of_seq=holdings.value_seq, since=holdings.since, last_year=last_year, in_all=in_all)

    # --- then

    def _then(self, session: psycopg.Connection, known: Known, day: int, today: int) -> Picture:
        catalogue = self._bank.catalogue
        holdings = read_holdings(session, (known.party, *known.merged), day, today, ACTS)
        accounts = self._accounts(holdings)
        seq = self._ledger.seq_at_date(day)
        balances = balances_at(session, self._ledger, list(accounts.values()), seq)
        contracts = tuple(
            contract_then(row, accounts[row.account].currency, balances[row.account], catalogue, day, self.number)
            for row in holdings.contracts
        )
        loans = tuple(
            loan_then(row, -balances[row.account], -balances[row.receivable], catalogue, day, self.number)
            for row in holdings.loans
        )
        return Picture(
            party=known.party,
            details=known.details,
            business_date=date_from_days(today),
            as_of=date_from_days(day),
            seq=seq,
            night_at_work=holdings.night_at_work,
            contracts=contracts,
            loans=loans,
            more=holdings.more,
            closed=holdings.closed,
            totals=totals_of(contracts, loans),
            limits=(),
            holds=(),
            cards=(),
            relations=known.relations,
            acts=(),
            alerts=(),
            worth=self._worth(holdings),
        )


def totals_of(contracts: Sequence[ContractPicture], loans: Sequence[LoanPicture]) -> tuple[CurrencyTotal, ...]:
    """Everything together, by currency; what is held and free is known where it is known of each."""
    codes = sorted({one.currency for one in (*contracts, *loans)})
    found: list[CurrencyTotal] = []
    for code in codes:
        mine = [one for one in contracts if one.currency == code]
        known = all(one.held_minor is not None for one in mine)
        found.append(
            CurrencyTotal(
                currency=code,
                deposits_minor=sum(max(0, one.balance_minor) for one in mine),
                overdrawn_minor=sum(max(0, -one.balance_minor) for one in mine),
                held_minor=sum(one.held_minor or 0 for one in mine) if known else None,
                available_minor=sum(one.available_minor or 0 for one in mine) if known else None,
                loans_minor=sum(one.principal_minor for one in loans if one.currency == code),
            )
        )
    return tuple(found)


def limits_of(
    holdings: Holdings, accounts: Mapping[int, Account], loans: Sequence[LoanPicture], today: int
) -> tuple[LimitUse, ...]:
    """Daily limits, overdrafts and credit lines, those that there are, and what is used of each."""
    found: list[LimitUse] = []
    for row in holdings.contracts:
        account, name = accounts[row.account], f"contract/{row.contract}"
        code = currency_by_number(account.currency).code
        if account.limit_daily_minor < AMOUNT_MAX:
            used = account.turnover_minor if account.turnover_date == today else 0
            found.append(_limit(LimitKind.DAILY, name, code, account.limit_daily_minor, used))
        if account.floor_minor < 0:
            used = max(0, -account.balance_minor)
            found.append(_limit(LimitKind.OVERDRAFT, name, code, -account.floor_minor, used))
    revolving = {row.loan for row in holdings.loans if row.flags & int(LoanFlag.REVOLVING)}
    found += [
        _limit(LimitKind.CREDIT_LINE, f"loan/{one.loan}", one.currency, one.limit_minor, one.principal_minor)
        for one in loans
        if one.loan in revolving
    ]
    return tuple(found)


def _limit(kind: LimitKind, name: str, currency: str, limit: int, used: int) -> LimitUse:
    return LimitUse(
        kind=kind,
        object=name,
        currency=currency,
        limit_minor=limit,
        used_minor=used,
        free_minor=max(0, limit - used),
    )
