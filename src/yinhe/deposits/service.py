"""Deposits at the edge: what was decided is noted, posted and written down, so that it happens once, kill or no kill.

1. The plan is noted as begun, in a transaction of its own.
2. The account is opened (where there is one to open) and the transfers are posted, under ids that depend on the
   command's id alone: a second time changes nothing.
3. The contract is written and the event marked as done, in one transaction; then the book in memory follows.

Whatever stops between two of these is found by `finish_begun`: what the journal has is finished, the rest abandoned.
What moves no money and opens nothing is one transaction, step 3 alone.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, Final, assert_never
from uuid import UUID

import msgspec
import numpy as np
import psycopg
from numpy.typing import NDArray

from yinhe.audit.log import append
from yinhe.audit.record import BANK, Author, Record
from yinhe.deposits import acts, events
from yinhe.deposits.answers import Done, done_of
from yinhe.deposits.book import Book
from yinhe.deposits.bulk import RefusedOrders, dated, ready_orders, refuse_orders
from yinhe.deposits.closing import close_account, close_rest
from yinhe.deposits.codes import note_codes
from yinhe.deposits.commands import (
    AddOrder,
    Amend,
    CancelNotice,
    Close,
    Command,
    DepositMore,
    GiveNotice,
    Open,
    StopOrder,
    TransferTo,
    Withdraw,
)
from yinhe.deposits.decide import (
    decide_amend,
    decide_close,
    decide_deposit,
    decide_notice,
    decide_transfer,
    decide_withdraw,
)
from yinhe.deposits.decide_orders import decide_add_order, decide_cancel_notice, decide_stop_order
from yinhe.deposits.errors import DepositFault
from yinhe.deposits.events import ABANDONED, BEGUN, DONE, Event
from yinhe.deposits.gather import Gatherer
from yinhe.deposits.holding import Holding
from yinhe.deposits.opening import decide_open
from yinhe.deposits.plans import NewAccount, Plan, plan_body, read_plan, transfers_of
from yinhe.deposits.refusals import ContractRefusal, Refusal, read_refusal, refusal_words
from yinhe.deposits.standing_orders import stop_order, stop_orders_from, write_order
from yinhe.deposits.store import update_contracts, write_accruals, write_contracts
from yinhe.kernel.ids import derived, is_uuid7
from yinhe.ledger.accounts import openings
from yinhe.ledger.columns import AccountFlag
from yinhe.ledger.outcomes import AccountOutcome, Outcome
from yinhe.ledger.preview import TO_OPEN
from yinhe.products.catalogue import Catalogue
from yinhe.products.parts.base import Channel
from yinhe.products.pools import Pools
from yinhe.storage.statements import load_statements


class Deposits:
    """The deposit contracts of a unit; safe between threads. One beside the unit's one ledger.

    Whoever changes the book otherwise, as the night does, holds the lock of the holding from reading a contract to
    writing it, and calls `finish_begun` first.
    """

    def __init__(self, holding: Holding) -> None:
        """Note what the codes mean, and finish or abandon what was begun before the last stop."""
        self._holding: Final = holding
        self.ledger: Final = holding.ledger
        self._sql: Final = load_statements("deposits")
        self._session = holding.connect()
        self._gatherer: Final = Gatherer(holding)
        self._unfinished = True
        note_codes(self._session)
        self.finish_begun()

    def close(self) -> None:
        """Leave the database; the ledger stays open."""
        self._session.close()

    @property
    def book(self) -> Book:
        """The contracts."""
        return self._holding.book

    @property
    def pools(self) -> Pools:
        """The bank's own accounts that contracts meet."""
        return self._holding.pools

    @property
    def catalogue(self) -> Catalogue:
        """The products and rates that decisions are made by."""
        return self._holding.catalogue

    # --- one contract

    def do(self, command: Command, author: Author = BANK) -> Done | Refusal:
        """Carry out a command and wait until it is durable; the same command again gets the same answer.

        What was done is put on record with it, and so is what is refused to anyone but the bank itself. Raises
        RetrySameId when the database was lost on the way: ask again under the same id.
        """
        if not is_uuid7(command.id):
            return Refusal(Outcome.ID_MALFORMED)
        with self._holding.lock:
            self._catch_up()
            digest = _digest(command)
            known = events.find(self._opened(), command.id)
            if known is not None:
                return _answer_again(known, digest)
            plan = self._ready(command)
            if isinstance(plan, Refusal):
                self._note_refused(command, author, plan)
                return plan
            date, body = self.ledger.business_date, plan_body(plan) | {"digest": digest} | self._before(plan)
            body |= {} if author == BANK else {"author": msgspec.to_builtins(author)}
            event = Event(plan.id, plan.contract, plan.kind, date, BEGUN, body)
            if not (plan.legs or plan.account or plan.closes):
                return self._write(plan, int(plan.row["account"][0]), author, event)
            self._unfinished = True
            events.begin(self._opened(), event)
            answer = self._carry_out(plan, author)
            self._unfinished = False
            return answer

    def preview(self, command: Command) -> Done | Refusal:
        """What `do` would answer at this moment; nothing is done. A contract to be opened is told with account 0."""
        if not is_uuid7(command.id):
            return Refusal(Outcome.ID_MALFORMED)
        with self._holding.lock:
            self._catch_up()
            known = events.find(self._opened(), command.id)
            if known is not None:
                return _answer_again(known, _digest(command))
            plan = self._ready(command)
            if isinstance(plan, Refusal):
                return plan
            account, opening = int(plan.row["account"][0]), None
            if plan.account is not None:
                account, opening = TO_OPEN, _opening(plan.account)
            refused = _first_refusal(self.ledger.preview(transfers_of(plan, account), opening))
            is_new = plan.account is not None
            return refused or done_of(plan, plan.contract, 0 if is_new else account)

    def _ready(self, command: Command) -> Plan | Refusal:
        """What is decided on a command that was not heard before."""
        return Refusal(ContractRefusal.NIGHT_OPEN) if self._holding.night_open else self._decide(command)

    def _note_refused(self, command: Command, author: Author, refusal: Refusal) -> None:
        if author != BANK:
            holder = "" if isinstance(command, Open) else self.holder(command.contract)
            self._put_on_record(acts.refused(command, author, refusal, holder))

    def _put_on_record(self, record: Record) -> None:
        with self._opened().transaction():
            append(self._opened(), self.ledger.clock, [record])

    def _before(self, plan: Plan) -> dict[str, int]:
        """What a plan changes that the contract afterwards does not tell."""
        row = None if plan.account is not None else self.book.row(plan.contract)
        if row is None:
            return {}
        balance = self.ledger.account(int(row["account"][0])).balance_minor
        return {"rate_before": int(row["rate"][0]), "balance_before": balance}

    def _decide(self, command: Command) -> Plan | Refusal:
        gather, date = self._gatherer, self.ledger.business_date
        if isinstance(command, Open):
            return decide_open(command, self.catalogue, date, self.book.next_number, gather.currency_of)
        standing = gather.standing(self._opened(), command)
        if isinstance(standing, Refusal):
            return standing
        match command:
            case Amend():
                return decide_amend(command, standing)
            case TransferTo():
                return decide_transfer(command, standing, self.holder(command.contract))
            case GiveNotice():
                return decide_notice(command, standing)
            case CancelNotice():
                return decide_cancel_notice(command, standing)
            case AddOrder():
                return decide_add_order(command, standing)
            case StopOrder():
                return decide_stop_order(command, standing)
            case DepositMore():
                return decide_deposit(command, standing)
            case Withdraw():
                return decide_withdraw(command, standing)
            case Close():
                return decide_close(command, standing)
            case _:
                assert_never(command)

    def _carry_out(self, plan: Plan, author: Author) -> Done | Refusal:
        account = int(plan.row["account"][0])
        if plan.account is not None:
            account = self._open_account(plan)
        if plan.legs:
            answers = self.ledger.post(transfers_of(plan, account))
            refused = _first_refusal(tuple(answer.outcome for answer in answers))
            if refused is not None:
                return self._abandon(plan, account if plan.account else 0, refused, author)
        return self._write(plan, account, author, None)

    def _open_account(self, plan: Plan) -> int:
        assert plan.account is not None
        return self.ledger.open_accounts(_opening(plan.account), _account_request(plan.id))[0]

    def _write(self, plan: Plan, account: int, author: Author, event: Event | None) -> Done:
        """Write the contract as planned and mark its event as done, or note the event as done; then change the book."""
        is_new = plan.account is not None
        row = plan.row.copy()
        if is_new:
            row["contract"], row["account"] = self.book.next_number, account
        contract = int(row["contract"][0])
        more: dict[str, Any] = {"own_account": account}
        if plan.closes:
            outcome = self._close_account(plan.id, account)
            if outcome is AccountOutcome.ACCOUNT_NOT_EMPTY:
                outcome = close_rest(self.ledger, self.pools, plan, account)
            more["account_outcome"] = outcome.name.lower()
        session = self._opened()
        before, holder = None if is_new else self.book.row(contract), "" if is_new else self.holder(contract)
        with session.transaction():
            if event is not None:
                body = event.body | more
                events.begin(session, msgspec.structs.replace(event, contract=contract, state=DONE, body=body))
            else:
                events.end(session, plan.id, contract, DONE, more)
            if is_new:
                write_contracts(session, row, [plan.holder or ""])
            else:
                update_contracts(session, row)
                write_accruals(session, row)
            self._write_beside(session, plan, contract)
            record = acts.done(plan, author, before, row, (holder, plan.holder or ""))
            append(session, self.ledger.clock, [record])
        if is_new:
            self.book.append(row)
        else:
            self.book.put(row)
            self.book.handed_on += plan.holder is not None
        return done_of(plan, contract, account)

    def _write_beside(self, session: psycopg.Connection, plan: Plan, contract: int) -> None:
        """The holder, the notices and the standing orders a plan changes."""
        if plan.holder is not None and plan.account is None:
            session.execute(self._sql["holder_write"], {"contract": contract, "holder": plan.holder})
        if plan.notice_due:
            given = {"id": plan.id, "contract": contract, "given_on": self.ledger.business_date}
            due = {"due_on": plan.notice_due, "amount": plan.notice_minor}
            session.execute(self._sql["notice_write"], given | due)
        if plan.notice_drawn is not None:
            session.execute(self._sql["notice_state"], {"id": plan.notice_drawn, "state": "drawn"})
        if plan.notice_cancelled is not None:
            session.execute(self._sql["notice_state"], {"id": plan.notice_cancelled, "state": "cancelled"})
        if plan.order is not None:
            write_order(session, plan.order)
        if plan.order_stopped is not None:
            stop_order(session, plan.order_stopped)
        if plan.closes:
            stop_orders_from(session, int(plan.row["account"][0]))

    def _close_account(self, event_id: UUID, account: int) -> AccountOutcome:
        """Close an account that is empty."""
        return close_account(self.ledger, event_id, account)

    def _abandon(self, plan: Plan, account: int, refusal: Refusal, author: Author) -> Refusal:
        """Give a plan up of which nothing was posted; an account opened for it is closed again."""
        if account:
            self._close_account(plan.id, account)
        session = self._opened()
        with session.transaction():
            events.end(session, plan.id, 0, ABANDONED, {"because": refusal_words(refusal)})
            if author != BANK:
                holder = "" if plan.account is not None else self.holder(plan.contract)
                append(session, self.ledger.clock, [acts.abandoned(plan, author, refusal, holder)])
        return refusal

    # --- after a stop

    def finish_begun(self) -> int:
        """Finish what was begun and has come into the journal, abandon the rest; how many there were."""
        with self._holding.lock:
            found = events.begun(self._opened())
            for event in found:
                author = msgspec.convert(event.body["author"], Author) if "author" in event.body else BANK
                self._finish(read_plan(event.id, event.kind, event.body), author)
            self._unfinished = False
            return len(found)

    def _catch_up(self) -> None:
        if self._holding.stale:
            self._holding.reload()
        if self._unfinished:
            self.finish_begun()

    def _finish(self, plan: Plan, author: Author) -> None:
        account = int(plan.row["account"][0]) if plan.account is None else self._account_opened(plan.id)
        if plan.legs:
            has_happened = len(self.ledger.transaction(plan.id)) > 0
        elif plan.closes:
            has_happened = bool(self.ledger.account(account).flags & AccountFlag.CLOSED)
        else:
            has_happened = account != 0
        if has_happened:
            self._write(plan, account, author, None)
        else:
            self._abandon(plan, account if plan.account else 0, Refusal(ContractRefusal.INTERRUPTED), author)

    def _account_opened(self, event_id: UUID) -> int:
        """The account that was opened for an event; 0 for none."""
        given = {"request_id": _account_request(event_id)}
        row = self._opened().execute(load_statements("ledger")["event_find"], given).fetchone()
        return 0 if row is None else int(row[2])

    # --- many contracts

    def open_contracts(
        self,
        orders: NDArray[np.void],
        holders: Sequence[str] | None = None,
        *,
        request_id: UUID | None = None,
        channel: Channel = Channel.COUNTER,
        taken_over: bool = False,
        author: Author = BANK,
    ) -> range | RefusedOrders:
        """Open contracts as ordered (see `bulk.orders`), all or none, and their accounts; no money moves.

        The numbers of the contracts, in the order of the orders. The same request again, with the same orders, gets
        the same answer. `taken_over`: what other books hold already is not asked whether it may be sold.
        """
        with self._holding.lock:
            self._catch_up()
            event_id = request_id or self.ledger.ids.next()
            known = events.find(self._opened(), event_id)
            if known is not None and known.kind != "open_many":
                raise DepositFault(f"The id {event_id} was used before for something else.")
            if known is not None:
                return range(known.body["first"], known.body["first"] + known.body["count"])
            if self._holding.night_open:
                raise DepositFault("A night broke off within a step; take it up first: yinhe closeday run")
            date = self.ledger.business_date
            rows = dated(orders, date)
            refused = None if taken_over else refuse_orders(self.catalogue, rows, date, channel)
            if refused is not None:
                if author != BANK:
                    record = acts.opening_refused(event_id, author, len(rows), refused.orders[0].refusal)
                    self._put_on_record(record)
                return refused
            contracts, accounts = ready_orders(self.catalogue, rows, date, channel)
            if len(accounts):
                opened = self.ledger.open_accounts(accounts, _account_request(event_id))
                contracts["account"][rows["account"] == 0] = np.arange(opened.start, opened.stop)
            first, count = self.book.next_number, len(contracts)
            contracts["contract"] = np.arange(first, first + count)
            body = {"first": first, "count": count}
            session = self._opened()
            with session.transaction():
                write_contracts(session, contracts, holders)
                events.begin(session, Event(event_id, 0, "open_many", date, DONE, body))
                append(session, self.ledger.clock, [acts.opened(event_id, author, first, count)])
            self.book.append(contracts)
            return range(first, first + count)

    # --- reading

    def holder(self, contract: int) -> str:
        """Who holds a contract; empty where that is not known."""
        row = self._opened().execute(self._sql["holder_read"], {"contract": contract}).fetchone()
        return "" if row is None else str(row[0])

    def history(self, contract: int) -> tuple[Event, ...]:
        """What was done with a contract, latest first."""
        with self._holding.lock:
            return events.of_contract(self._opened(), contract)

    def _opened(self) -> psycopg.Connection:
        if self._session.closed:
            self._session = self._holding.connect()
        return self._session


def _account_request(event_id: UUID) -> UUID:
    """The id of the request that opens an event's accounts."""
    return derived(event_id, "account")


def _digest(command: Command) -> str:
    """What the same id must ask again."""
    return hashlib.sha256(type(command).__name__.encode() + msgspec.json.encode(command)).hexdigest()


def _opening(account: NewAccount) -> NDArray[np.void]:
    """The account to open for a contract, dtype OPENING, shape (1,)."""
    rows = openings(
        1, currency=account.currency, gl_code=account.gl_code, product=account.product, branch=account.branch
    )
    rows["floor"] = account.floor_minor
    return rows


def _first_refusal(outcomes: tuple[Outcome, ...]) -> Refusal | None:
    """Why a transaction was refused: the reason of the leg that broke it, not of those that went with it."""
    reasons = [outcome for outcome in outcomes if outcome not in (Outcome.POSTED, Outcome.DUPLICATE)]
    own = [outcome for outcome in reasons if outcome is not Outcome.LINKED_FAILED]
    return Refusal((own or reasons)[0]) if reasons else None


def _answer_again(event: Event, digest: str) -> Done | Refusal:
    """The answer a command got before."""
    if event.body.get("digest") != digest:
        return Refusal(ContractRefusal.ID_CONFLICT)
    if event.state == ABANDONED:
        return read_refusal(event.body["because"])
    if event.state != DONE:
        raise DepositFault(f"The event {event.id} is still {event.state}.")
    plan = read_plan(event.id, event.kind, event.body)
    return done_of(plan, event.contract, event.body["own_account"])
