"""What the clients of the simulated bank ask for, what they heard, and whether the books agree with it."""

import random
from concurrent.futures import Future
from dataclasses import dataclass, field
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray
from tests.simulation.books import CODE_BULK, Books, Hold, require, same_content

from yinhe.ledger.accounts import (
    AccountAnswer,
    AccountCommand,
    CloseAccount,
    OpenAccounts,
    RollDate,
    SetBlocks,
    SetLimits,
    digest_of,
    openings,
)
from yinhe.ledger.batch import Flag, Transfer, rows_of
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.memory import Answers
from yinhe.ledger.outcomes import AccountOutcome, Outcome
from yinhe.ledger.store import Checkpoint, Detail

HOUSE = (1, 2)
"""Two accounts of the bank itself, without limits, which nobody blocks or closes."""
CURRENCIES = (156, 840)


@dataclass(eq=False)
class Wish:
    """One transaction a client wants, under one id; `rows` (dtype TRANSFER) as first asked for."""

    txn_id: UUID
    rows: NDArray[np.void]
    settled: bool = False
    """A definite answer to `rows` was heard."""
    posted: bool = False
    """A client has heard POSTED; every other time it must be DUPLICATE."""
    uncertain: int = 0
    """Times it was sent and no definite answer came (yet)."""


@dataclass(eq=False)
class Sent:
    """One submission: whole transactions, and what the books were when it was sent."""

    wishes: list[tuple[Wish, NDArray[np.void]]]
    future: Future[Answers]
    sent_at_seq: int
    accounts_then: int
    checkpoint: Checkpoint | None = None


@dataclass(eq=False)
class Request:
    """One account command a client wants."""

    command: AccountCommand
    settled: bool = False
    done: bool = False
    uncertain: int = 0


@dataclass(eq=False)
class SentRequest:
    """One account command on its way."""

    request: Request
    command: AccountCommand
    future: Future[AccountAnswer]
    sent_at_seq: int


@dataclass(eq=False)
class Bulk:
    """A piece of bulk work: its next step is sent until it is known to be done."""

    job: str
    step: int = 1
    rows: NDArray[np.void] | None = None
    waiting: bool = False


@dataclass
class Clients:
    """Everything the clients know and want."""

    rng: random.Random
    wishes: list[Wish] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    bulk: list[Bulk] = field(default_factory=list)

    # --- making wishes

    def wish(self, txn_id: UUID, books: Books, now_us: int, seconds_forward: int = 60) -> Wish:
        """A random transaction, most of which could be posted."""
        legs = self.rng.choice((1, 1, 1, 1, 2, 3, 4))
        transfers: list[Transfer] = []
        for leg in range(legs):
            transfer = self._transfer(txn_id, leg, books, now_us, seconds_forward)
            linked = Flag.LINKED if leg < legs - 1 or self.rng.random() < 0.01 else Flag(0)
            transfers.append(transfer if not linked else _with_flags(transfer, transfer.flags | linked))
        wish = Wish(txn_id, rows_of(transfers))
        self.wishes.append(wish)
        return wish

    def _transfer(self, txn_id: UUID, leg: int, books: Books, now_us: int, seconds_forward: int) -> Transfer:
        rng = self.rng
        debit = rng.randrange(1, max(len(books.accounts), 2) + (rng.random() < 0.03))
        credit = rng.choice((*HOUSE, rng.randrange(1, max(len(books.accounts), 2))))
        if rng.random() < 0.4:
            debit, credit = rng.choice(HOUSE), debit
        amount = rng.randrange(1, 500)
        flags, reference = Flag(0), 0
        kind = rng.random()
        if kind < 0.2:
            flags = Flag.PENDING
            reference = rng.choice((0, now_us + rng.randrange(1, seconds_forward) * 1_000_000))
        elif kind < 0.4 and books.holds:
            reference, hold = self._some_hold(books)
            debit, credit = hold.debit, hold.credit
            flags = rng.choice((Flag.POST, Flag.VOID, Flag.POST))
            amount = rng.choice((0, 0, max(1, hold.remaining // 2)))
        elif kind < 0.5:
            flags = rng.choice((Flag.BALANCING_DEBIT, Flag.BALANCING_CREDIT))
        elif kind < 0.53 and books.last_seq:
            flags, reference = Flag.REVERSAL, rng.randrange(1, books.last_seq + 1)
        value_date = rng.choice((None, None, books.business_date - rng.randrange(5)))
        return Transfer(
            txn_id=txn_id, debit=debit, credit=credit, amount_minor=amount, flags=flags, reference=reference, leg=leg,
            value_date=value_date, code=rng.randrange(3),
        )  # fmt: skip

    def _some_hold(self, books: Books) -> tuple[int, Hold]:
        opened = [seq for seq, hold in books.holds.items() if hold.remaining]
        seq = self.rng.choice(opened if opened and self.rng.random() < 0.7 else list(books.holds))
        return seq, books.holds[seq]

    def request(self, request_id: UUID, books: Books) -> Request:
        """A random account command."""
        rng = self.rng
        account = rng.randrange(len(HOUSE) + 1, max(len(books.accounts), len(HOUSE) + 2))
        kind = rng.random()
        command: AccountCommand
        if kind < 0.35 or len(books.accounts) < 6:
            given = openings(
                rng.choice((1, 3, 40)) if len(books.accounts) < 160 else 1,
                currency=rng.choice((156, 156, 840)),
                gl_code=2011,
                ceiling=20_000,
            )
            given["limit_daily"] = rng.choice((2_000, AMOUNT_MAX))
            command = OpenAccounts(request_id, given)
        elif kind < 0.55:
            command = SetLimits(request_id, account, -rng.randrange(0, 900), rng.randrange(5_000, 50_000), 3_000)
        elif kind < 0.75:
            command = SetBlocks(request_id, account, rng.random() < 0.2, rng.random() < 0.2)
        elif kind < 0.85:
            command = CloseAccount(request_id, account)
        else:
            command = RollDate(request_id, books.business_date + rng.randrange(0, 3))
        request = Request(command)
        self.requests.append(request)
        return request

    def changed(self, rows: NDArray[np.void]) -> NDArray[np.void]:
        """The same id with other content."""
        rows = rows.copy()
        name = self.rng.choice(("code", "amount", "value_date"))
        if name == "value_date":
            rows["flags"][0] ^= np.uint16(Flag.VALUE_DATED)
            rows["value_date"][0] = 5 if rows["flags"][0] & np.uint16(Flag.VALUE_DATED) else 0
        else:
            rows[name][-1] += 1
        return rows

    # --- hearing answers

    def hear(self, sent: Sent, books: Books) -> None:
        """Check the answers of one submission against what is durable now."""
        answers = sent.future.result()
        start = 0
        for wish, rows in sent.wishes:
            end = start + len(rows)
            outcomes = [Outcome(outcome) for outcome in answers.outcome[start:end].tolist()]
            seqs = answers.seq[start:end].tolist()
            start = end
            wish.uncertain -= 1
            if sent.checkpoint is None:
                self._hear_one(wish, rows, outcomes, seqs, sent, books)
            if rows is wish.rows:
                wish.settled = True

    def _hear_one(
        self, wish: Wish, rows: NDArray[np.void], outcomes: list[Outcome], seqs: list[int], sent: Sent, books: Books
    ) -> None:
        there = books.transactions.get(wish.txn_id, [])
        what = f"{wish.txn_id} answered {outcomes[0].name} at {seqs[0]}"
        if outcomes[0] in (Outcome.POSTED, Outcome.DUPLICATE):
            require(set(outcomes) == {outcomes[0]}, f"{what}, but its legs differ: {outcomes}")
            require(bool(there), f"{what}, but it is not in the journal")
            require([int(row["seq"]) for row in there] == seqs, f"{what}, but the journal has it at {there[0]['seq']}")
            require(same_content(rows, there), f"{what}, but the journal has other content: {rows} {there}")
            require(outcomes[0] is Outcome.DUPLICATE or not wish.posted, f"{what}, though it was posted before")
            wish.posted |= outcomes[0] is Outcome.POSTED
            return
        require(not any(seqs), f"{what}: a refusal with a seq")
        if outcomes[0] is Outcome.ID_CONFLICT:
            require(bool(there) and not same_content(rows, there), f"{what}, but there is no such conflict")
            return
        before = there and int(there[0]["seq"]) <= sent.sent_at_seq
        require(not before, f"{what}, though the id was committed before it was sent: the id was forgotten")
        require(not there or wish.uncertain > 0, f"{what}, yet it is in the journal and no other attempt posted it")
        self._check_reason(rows, outcomes, sent, books, what)

    def _check_reason(
        self, rows: NDArray[np.void], outcomes: list[Outcome], sent: Sent, books: Books, what: str
    ) -> None:
        for leg, (row, outcome) in enumerate(zip(rows, outcomes, strict=True)):
            if leg and row["reference"] in rows["reference"][:leg]:
                continue  # An earlier leg of the same transaction may have used the hold up.
            hold = books.holds.get(int(row["reference"])) if int(row["flags"]) & (Flag.POST | Flag.VOID) else None
            match outcome:
                case Outcome.UNKNOWN_ACCOUNT:
                    wrong = 0 < row["debit"] < sent.accounts_then and 0 < row["credit"] < sent.accounts_then
                    require(not wrong, f"{what}: both accounts were there")
                case Outcome.PENDING_NOT_FOUND:
                    known = hold is not None and int(row["reference"]) <= sent.sent_at_seq
                    require(not known, f"{what}: hold {row['reference']} was committed before")
                case Outcome.PENDING_RESOLVED:
                    require(hold is not None and hold.remaining == 0 and not hold.expired, f"{what}: the hold is open")
                case Outcome.PENDING_EXPIRED:
                    expires_at = row["reference"] if hold is None else hold.expires_at
                    require(expires_at > 0, f"{what}: the hold {row['reference']} never expires")
                case _:
                    pass

    def hear_request(self, sent: SentRequest, books: Books) -> None:
        """Likewise for an account command."""
        answer, request = sent.future.result(), sent.request
        effect = books.requests.get(sent.command.request_id)
        what = f"request {sent.command.request_id} answered {answer.outcome.name} at {answer.seq}"
        request.uncertain -= 1
        request.settled |= sent.command is request.command
        match answer.outcome:
            case AccountOutcome.DONE | AccountOutcome.DUPLICATE:
                require(effect is not None and effect.seq == answer.seq, f"{what}, but the journal has it not there")
                assert effect is not None
                require(effect.digest == digest_of(sent.command), f"{what}, but other content was carried out")
                require(
                    effect.first_account == answer.account, f"{what}, with another account than {effect.first_account}"
                )
                require(answer.outcome is AccountOutcome.DUPLICATE or not request.done, f"{what}, a second time")
                request.done |= answer.outcome is AccountOutcome.DONE
            case AccountOutcome.ID_CONFLICT:
                conflict = effect is not None and effect.digest != digest_of(sent.command)
                require(conflict, f"{what}, but there is no such conflict")
            case _:
                require(
                    effect is None or effect.seq > sent.sent_at_seq, f"{what}, though it was done before: forgotten"
                )
                require(effect is None or request.uncertain > 0, f"{what}, yet it was carried out")

    def check_invented(self, books: Books) -> None:
        """Every transaction in the journal was asked for, or is the ledger's own release of a hold."""
        asked = {wish.txn_id for wish in self.wishes}
        for txn_id, rows in books.transactions.items():
            own = all(int(row["flags"]) & Flag.EXPIRE for row in rows)
            bulk = all(row["code"] == CODE_BULK for row in rows)
            require(txn_id in asked or own or bulk, f"nobody asked for {txn_id}")


def bulk_rows(bulk: Bulk, hi: NDArray[np.uint64], lo: NDArray[np.uint64]) -> NDArray[np.void]:
    """The postings of a step: one for each id, each marked with the step as its value date."""
    given = [
        Transfer(
            txn_id=UUID(int=(a << 64) | b), debit=1, credit=2, amount_minor=i + 1, code=CODE_BULK, value_date=bulk.step
        )
        for i, (a, b) in enumerate(zip(hi.tolist(), lo.tolist(), strict=True))
    ]
    return rows_of(given)


def detail_of(wish: Wish) -> Detail:
    """What a client tells of a transaction."""
    return Detail(wish.txn_id, actor="teller", channel="counter")


def _with_flags(transfer: Transfer, flags: Flag) -> Transfer:
    return msgspec.structs.replace(transfer, flags=flags)
