"""Loans at the edge: what was decided is noted, posted and written down, so that it happens once, kill or no kill.

1. The plan is noted as begun, in a transaction of its own.
2. The accounts are opened (where there are any to open) and the transfers posted, under ids that depend on the
   command's id alone: a second time changes nothing.
3. The loan is written and the event marked as done, in one transaction; then the book in memory follows.

Whatever stops between two of these is found by `finish_begun`: what the journal has is finished, the rest abandoned.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
import numpy as np
import psycopg
from psycopg.types.json import Jsonb

from yinhe.audit.log import append
from yinhe.audit.record import BANK, Author, Record
from yinhe.kernel.currency import currency
from yinhe.kernel.ids import derived, is_uuid7
from yinhe.ledger.accounts import openings
from yinhe.ledger.columns import AMOUNT_MAX, AccountFlag
from yinhe.ledger.ledger import Ledger
from yinhe.ledger.outcomes import Outcome
from yinhe.lending import acts, events
from yinhe.lending.accrual import Loans
from yinhe.lending.agreeing import decide_agree, refuse_taking
from yinhe.lending.book import LoanBook, no_items
from yinhe.lending.card import Cards
from yinhe.lending.card_store import Statement, statements_of, write_cards
from yinhe.lending.codes import LoanCode, note_codes
from yinhe.lending.commands import Agree, Command
from yinhe.lending.decide import Decision, Standing, decide
from yinhe.lending.errors import LendingFault
from yinhe.lending.events import ABANDONED, BEGUN, DONE, Event
from yinhe.lending.holding import LoanHolding
from yinhe.lending.legs import Cash, PoolOf, legs_between, mapping_of
from yinhe.lending.plans import Plan, plan_body, read_plan, row_facts, row_of, transfers_of, transfers_under
from yinhe.lending.position import Position, vanished, work_out_position
from yinhe.lending.reading import standing_of
from yinhe.lending.refusals import LoanRefusal, Refusal, read_refusal, refusal_words
from yinhe.lending.store import items_of, write_items, write_loans
from yinhe.lending.taking_over import TakenOver, principal_only
from yinhe.products.product import Product
from yinhe.storage.statements import load_statements


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What was done with a loan; amounts in minor units."""

    id: UUID
    kind: str
    loan: int
    paid_minor: int = 0
    """What its customer paid, or was paid where negative."""
    fee_minor: int = 0


class Lending:
    """The loans of a unit; safe between threads. One beside the unit's one ledger.

    Whoever changes the book otherwise, as the night does, holds the lock of the holding from reading a loan to writing
    it, and calls `finish_begun` first.
    """

    def __init__(self, holding: LoanHolding) -> None:
        """Note what the codes mean, and finish or abandon what was begun before the last stop."""
        self._holding: Final = holding
        self.ledger: Final[Ledger] = holding.ledger
        self._sql: Final = load_statements("lending")
        self._session = holding.connect()
        self._unfinished = True
        note_codes(self._session)
        self.finish_begun()

    def close(self) -> None:
        """Leave the database; the ledger stays open."""
        self._session.close()

    @property
    def book(self) -> LoanBook:
        """The loans."""
        return self._holding.loans

    # --- one loan

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
            ready = self._ready(command)
            if isinstance(ready, Refusal):
                if author != BANK:
                    borrower = "" if isinstance(command, Agree) else self._borrower(command.loan)
                    self._put_on_record(acts.refused(command, author, ready, borrower))
                return ready
            begun = {"digest": digest} | ({} if author == BANK else {"author": msgspec.to_builtins(author)})
            if isinstance(ready, Plan):
                return self._carry(ready, author, begun)
            return self._agree(command, ready, author, begun)

    def preview(self, command: Command) -> Done | Refusal:
        """What `do` would answer at this moment; nothing is done."""
        if not is_uuid7(command.id):
            return Refusal(Outcome.ID_MALFORMED)
        with self._holding.lock:
            self._catch_up()
            known = events.find(self._opened(), command.id)
            if known is not None:
                return _answer_again(known, _digest(command))
            ready = self._ready(command)
            if isinstance(ready, Refusal):
                return ready
            if not isinstance(ready, Plan):
                return Done(id=command.id, kind="agree", loan=self.book.next_number)
            refused = _first_refusal(self.ledger.preview(transfers_of(ready)))
            return refused or _done(ready.id, ready.kind, ready.loan, ready.cash)

    def _ready(self, command: Command) -> Plan | Loans | Refusal:
        """What is decided on a command that was not heard before: a plan, or the loan that is agreed on."""
        if self._holding.night_open:
            return Refusal(LoanRefusal.NIGHT_OPEN)
        if isinstance(command, Agree):
            catalogue, date = self._holding.catalogue, self.ledger.business_date
            return decide_agree(command, catalogue, date, self.book.next_number, self.currency_of)
        return self._plan(command)

    def _put_on_record(self, record: Record) -> None:
        with self._opened().transaction():
            append(self._opened(), self.ledger.clock, [record])

    def _borrower(self, loan: int) -> str:
        row = self._opened().execute(self._sql["agreement_read"], {"loan": loan}).fetchone()
        return "" if row is None else str(row[0])

    def _agree(self, command: Command, row: Loans, author: Author, begun: dict[str, Any]) -> Done:
        date = self.ledger.business_date
        body = begun | {"row": row_facts(row), "agreement": msgspec.to_builtins(command)}
        self._unfinished = True
        events.begin(self._opened(), Event(command.id, 0, "agree", date, date, BEGUN, body))
        answer = self._open(command.id, row, body, author)
        self._unfinished = False
        return answer

    def _open(self, event_id: UUID, row: Loans, body: dict[str, Any], author: Author) -> Done:
        """Open a loan's two accounts and write it."""
        row = self._with_accounts(event_id, row)
        row["loan"] = self.book.next_number
        loan, given = int(row["loan"][0]), body["agreement"]
        with self._opened().transaction():
            write_loans(self._opened(), self.book, row)
            self._write_agreement(
                loan, given["borrower"], str(given["purpose"]), given["collateral"], given["guarantors"]
            )
            events.end(self._opened(), event_id, loan, DONE, {"row": row_facts(row)})
            append(self._opened(), self.ledger.clock, [acts.agreed(event_id, author, row, given["borrower"])])
        self.book.append(row)
        return Done(id=event_id, kind="agree", loan=loan)

    def _with_accounts(self, event_id: UUID, row: Loans) -> Loans:
        """A copy of a loan with its two accounts, opened under the event's id."""
        product = self._holding.catalogue.product(int(row["version"][0]))
        mapping, number = mapping_of(product), currency(product.currency).number
        # A loan's accounts are never above zero: nobody can pay more than is owed.
        accounts = openings(2, currency=number, gl_code=mapping.loans, product=product.number, floor=-AMOUNT_MAX)
        accounts["gl_code"][1], accounts["ceiling"], accounts["branch"] = mapping.receivable, 0, row["branch"][0]
        opened = self.ledger.open_accounts(accounts, derived(event_id, "account"))
        row = row.copy()
        row["account"], row["receivable"] = opened[0], opened[1]
        return row

    def _write_agreement(
        self, loan: int, borrower: str, purpose: str, collateral: Sequence[str], guarantors: Sequence[str]
    ) -> None:
        given = {"loan": loan, "borrower": borrower, "purpose": purpose}
        given |= {"collateral": Jsonb(list(collateral)), "guarantors": Jsonb(list(guarantors))}
        self._opened().execute(self._sql["agreement_write"], given)

    def _plan(self, command: Any) -> Plan | Refusal:
        standing = self.standing(command.loan)
        if isinstance(standing, Refusal):
            return standing
        decision = decide(command, standing)
        if isinstance(decision, Refusal):
            return decision
        return self._plan_of(command.id, type(command).__name__.lower(), standing, decision)

    def _plan_of(self, event_id: UUID, kind: str, standing: Standing, decision: Decision) -> Plan:
        after, cash, product = decision.after, decision.cash, standing.product
        legs = legs_between(standing.at, after, product, self._pool_of(product), cash, decision.code)
        before = standing.at.items
        changed = [item for item in after.items if item["paid"] == 0 or item not in before]
        items = np.array(changed, after.items.dtype) if changed else no_items()
        return Plan(
            id=event_id,
            kind=kind,
            row=after.row,
            items=np.concatenate([items, vanished(before, after.items)]),
            legs=legs,
            act=decision.act,
            code=decision.code,
            cash=cash,
            cards=np.concatenate([*after.statements, after.card]),
        )

    def standing(self, loan: int) -> Standing | Refusal:
        """How a loan stands today, before what is asked of it."""
        row, date = self.book.row(loan), self.ledger.business_date
        if row is None:
            return Refusal(LoanRefusal.LOAN_UNKNOWN)
        if row["start"][0] and row["through"][0] < date and row["flags"][0] & 1:
            return Refusal(LoanRefusal.NIGHT_OPEN)
        one = np.array([loan])
        at = Position(row, self.book.items_of(one), card=self.book.cards_of(one))
        return standing_of(self._opened(), self._holding.catalogue, date, at, self.currency_of)

    def currency_of(self, account: int) -> int | None:
        """The currency (ISO 4217 number) of an account, None where there is no such account or it is closed."""
        try:
            found = self.ledger.account(account)
        except LookupError:
            return None
        return None if found.flags & AccountFlag.CLOSED else found.currency

    def _pool_of(self, product: Product) -> PoolOf:
        number = currency(product.currency).number

        def account(gl_code: int, product_number: int) -> int:
            return self._holding.pools.account(gl_code, number, product_number)

        return account

    def _carry(self, plan: Plan, author: Author, begun: dict[str, Any]) -> Done | Refusal:
        date = self.ledger.business_date
        value_date = date if plan.act is None else plan.act.day
        event = Event(plan.id, plan.loan, plan.kind, date, value_date, BEGUN, plan_body(plan) | begun)
        if not plan.legs:
            return self._write(plan, author, event)
        self._unfinished = True
        events.begin(self._opened(), event)
        answers = self.ledger.post(transfers_of(plan))
        refused = _first_refusal(tuple(answer.outcome for answer in answers))
        answer = self._write(plan, author, None) if refused is None else self._abandon(plan, refused, author)
        self._unfinished = False
        return answer

    def _write(self, plan: Plan, author: Author, event: Event | None) -> Done:
        """Write the loan as planned and mark its event as done, or note the event as done; then change the book."""
        session, before, borrower = self._opened(), self.book.row(plan.loan), self._borrower(plan.loan)
        with session.transaction():
            if event is not None:
                events.begin(session, msgspec.structs.replace(event, state=DONE))
            else:
                events.end(session, plan.id, plan.loan, DONE, {})
            write_loans(session, self.book, plan.row)
            write_items(session, plan.items)
            write_cards(session, plan.cards)
            append(session, self.ledger.clock, [acts.done(plan, author, before, borrower)])
        self.book.put(plan.row, plan.items)
        self.book.put_cards(plan.cards[-1:])
        return _done(plan.id, plan.kind, plan.loan, plan.cash)

    def _abandon(self, plan: Plan, refusal: Refusal, author: Author) -> Refusal:
        session = self._opened()
        with session.transaction():
            events.end(session, plan.id, plan.loan, ABANDONED, {"because": refusal_words(refusal)})
            if author != BANK:
                record = acts.abandoned(plan, author, refusal, self._borrower(plan.loan))
                append(session, self.ledger.clock, [record])
        return refusal

    # --- loans from elsewhere

    def take_over(self, taken: TakenOver, author: Author = BANK) -> int:
        """Take a loan over that another bank has lent, with all that happened to it; its number.

        Done twice it is done once. Raises LendingFault where the product is no loan, the account collected from is not
        there or of another currency, or its postings are refused.
        """
        with self._holding.lock:
            self._catch_up()
            known = events.find(self._opened(), taken.id)
            if known is not None:
                return known.loan
            if self._holding.night_open:
                raise LendingFault("A night broke off within a step; take it up first: yinhe closeday run")
            return self._take_over(taken, author)

    def _take_over(self, taken: TakenOver, author: Author) -> int:
        date, catalogue = self.ledger.business_date, self._holding.catalogue
        version, linked = int(taken.row["version"][0]), int(taken.row["linked"][0])
        wrong = refuse_taking(catalogue.product(version), linked, self.currency_of)
        if wrong is not None:
            raise LendingFault(f"The loan of {taken.borrower} was not taken over: {wrong.english}.")
        row = self._with_accounts(taken.id, taken.row)
        row["loan"] = self.book.next_number
        at = work_out_position(
            row,
            [one.act for one in taken.happened],
            date,
            lambda day: catalogue.in_force(version, day),
            catalogue.rates,
        )
        # What is set aside for it, the first night decides.
        at.row["allowance"] = at.row["grade"] = at.row["stage"] = 0
        transfers = [transfer for one in taken.happened for transfer in one.transfers(int(row["account"][0]))]
        product = catalogue.product(version)
        interest = legs_between(principal_only(at), at, product, self._pool_of(product), None, LoanCode.CORRECTION)
        transfers += transfers_under(derived(taken.id, "interest"), interest, date)
        refused = [answer for answer in self.ledger.post(transfers) if not answer.posted] if transfers else []
        if refused:
            raise LendingFault(f"The loan of {taken.borrower} was not taken over: {refused[0].reason.english}.")
        loan, session = int(row["loan"][0]), self._opened()
        with session.transaction():
            write_loans(session, self.book, at.row)
            write_items(session, at.items)
            self._write_agreement(loan, taken.borrower, taken.purpose, (), ())
            body = {"row": row_facts(row), "digest": ""}
            events.begin(session, Event(taken.id, loan, "take_over", date, date, DONE, body))
            for one in taken.happened:
                body = {"act": msgspec.to_builtins(one.act), "row": row_facts(at.row)}
                events.begin(session, Event(one.id, loan, "taken_over", date, one.act.day, DONE, body))
            record = acts.taken_over(taken.id, author, at.row, taken.borrower, len(taken.happened))
            append(session, self.ledger.clock, [record])
        self.book.append(at.row)
        self.book.put_items(at.row["loan"], at.items)
        return loan

    # --- after a stop

    def finish_begun(self) -> int:
        """Finish what was begun and has come into the journal, abandon the rest; how many there were."""
        with self._holding.lock:
            found = events.begun(self._opened())
            for event in found:
                author = msgspec.convert(event.body["author"], Author) if "author" in event.body else BANK
                if event.kind == "agree":
                    self._open(event.id, row_of(event.body["row"]), event.body, author)
                    continue
                plan = read_plan(event.id, event.kind, event.body)
                if len(self.ledger.transaction(plan.id)):
                    self._write(plan, author, None)
                else:
                    self._abandon(plan, Refusal(LoanRefusal.INTERRUPTED), author)
            self._unfinished = False
            return len(found)

    def _catch_up(self) -> None:
        if self._holding.stale:
            self._holding.reload()
        if self._unfinished:
            self.finish_begun()

    # --- reading

    def history(self, loan: int) -> tuple[Event, ...]:
        """What was done with a loan, oldest first."""
        with self._holding.lock:
            return events.of_loan(self._opened(), loan)

    def instalments(self, loan: int) -> np.ndarray:
        """Every instalment of a loan that has fallen due, paid ones too, dtype ITEM, by number."""
        with self._holding.lock:
            return items_of(self._opened(), loan)

    def statements(self, loan: int) -> tuple[Statement, ...]:
        """The statements of a card, the newest first."""
        with self._holding.lock:
            return statements_of(self._opened(), loan)

    def card(self, loan: int) -> Cards:
        """What a loan has beside as a card, dtype CARD: shape (1,), or (0,) where it is none."""
        with self._holding.lock:
            return self.book.cards_of(np.array([loan]))

    def agreement(self, loan: int) -> tuple[str, str, list[str], list[str]] | None:
        """Borrower, purpose, collateral and guarantors of a loan."""
        with self._holding.lock:
            row = self._opened().execute(self._sql["agreement_read"], {"loan": loan}).fetchone()
        return None if row is None else (row[0], row[1], row[2], row[3])

    def _opened(self) -> psycopg.Connection:
        if self._session.closed:
            self._session = self._holding.connect()
        return self._session


def _digest(command: Command) -> str:
    """What the same id must ask again."""
    return hashlib.sha256(type(command).__name__.encode() + msgspec.json.encode(command)).hexdigest()


def _first_refusal(outcomes: tuple[Outcome, ...]) -> Refusal | None:
    """Why a transaction was refused: the reason of the leg that broke it, not of those that went with it."""
    reasons = [outcome for outcome in outcomes if outcome not in (Outcome.POSTED, Outcome.DUPLICATE)]
    own = [outcome for outcome in reasons if outcome is not Outcome.LINKED_FAILED]
    return Refusal((own or reasons)[0]) if reasons else None


def _answer_again(event: Event, digest: str) -> Done | Refusal:
    """The answer a command got before."""
    if event.body.get("digest") != digest:
        return Refusal(LoanRefusal.ID_CONFLICT)
    if event.state == ABANDONED:
        return read_refusal(event.body["because"])
    cash = event.body.get("cash")
    return _done(event.id, event.kind, event.loan, None if cash is None else Cash(*cash))


def _done(event_id: UUID, kind: str, loan: int, cash: Cash | None) -> Done:
    paid, fee = (0, 0) if cash is None else (cash.amount_minor, cash.fee_minor)
    return Done(id=event_id, kind=kind, loan=loan, paid_minor=paid, fee_minor=fee)
