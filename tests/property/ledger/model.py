"""The ledger as a banker would keep it by hand: slow, obvious, in plain dictionaries and integers.

It is written from what the outcomes and flags mean, not from the machine. For every leg it collects *all* reasons there
are to refuse it, and answers with the first in the order of `Outcome`. What the two have in common is only the names:
outcomes, flags and the bounds of the ledger.

What the meaning leaves open, the model decides like this:

- Once a leg is refused, the legs after it are not looked at: they are `LINKED_FAILED`, and so are the legs before it.
- A hold reserves the payer's money and nothing else: the payee's room is looked at when the hold is posted, and the
  payer's limit and funds are not looked at again then.
- Releasing a hold is always possible, whatever was blocked or closed since.
- A balancing transfer for which nothing is there is out of funds, one for which there is no room is over the ceiling;
  an amount of nothing is over no daily limit.
- A hold is one of the account it holds money of; under another payer there is no such hold.
- What is released on the date it was held counts as not spent; on a later date it makes no difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from yinhe.kernel.currency import CURRENCIES
from yinhe.ledger.accounts import AccountCommand, CloseAccount, OpenAccounts, RollDate, SetBlocks, SetLimits
from yinhe.ledger.batch import CODE_MAX, LEGS_MAX, VALUE_DATE_MAX, VALUE_DATE_MIN, Flag
from yinhe.ledger.columns import ACCOUNTS_MAX, AMOUNT_MAX, AccountFlag
from yinhe.ledger.core import EXPIRE_MAX
from yinhe.ledger.outcomes import AccountOutcome, Outcome
from yinhe.ledger.rules import ID_SKEW_MS

NONE = Flag(0)
BALANCING = Flag.BALANCING_DEBIT | Flag.BALANCING_CREDIT
MAY_BE_ASKED = sum(Flag) & ~Flag.WHOLE


@dataclass(frozen=True, slots=True)
class Asked:
    """One transfer as it is asked for; `value_date` None is the business date."""

    txn_id: UUID
    debit: int
    credit: int
    amount: int
    flags: Flag = NONE
    reference: int = 0
    code: int = 0
    value_date: int | None = None
    leg: int = 0

    @property
    def content(self) -> tuple[object, ...]:
        """What a second request under the same id must repeat."""
        return (self.leg, self.debit, self.credit, self.amount, self.flags, self.reference, self.code, self.value_date)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the journal."""

    seq: int
    txn_id: UUID
    leg: int
    debit: int
    credit: int
    amount: int
    debit_balance: int
    credit_balance: int
    reference: int
    value_date: int
    code: int
    flags: Flag


@dataclass(slots=True)
class Account:
    """One account."""

    currency: int
    gl_code: int
    product: int
    branch: int
    floor: int
    ceiling: int
    limit_daily: int
    balance: int = 0
    flags: AccountFlag = AccountFlag.OPEN
    last_seq: int = 0
    spent: dict[int, int] = field(default_factory=dict)
    """What was debited or held, by business date."""


@dataclass(slots=True)
class Hold:
    """Money reserved on `debit` for a later payment to `credit`."""

    debit: int
    credit: int
    remaining: int
    expires_at: int
    placed_on: int
    state: str = "open"


@dataclass(slots=True)
class Books:
    """Everything a transaction can change."""

    accounts: dict[int, Account] = field(default_factory=dict)
    holds: dict[int, Hold] = field(default_factory=dict)
    journal: list[Row] = field(default_factory=list)
    next_seq: int = 1

    def copy(self) -> "Books":
        accounts = {index: replace(account, spent=dict(account.spent)) for index, account in self.accounts.items()}
        holds = {seq: replace(hold) for seq, hold in self.holds.items()}
        return Books(accounts, holds, list(self.journal), self.next_seq)

    def held(self, account: int) -> int:
        return sum(hold.remaining for hold in self.holds.values() if hold.state == "open" and hold.debit == account)

    def available(self, account: int) -> int:
        return self.accounts[account].balance - self.held(account) - self.accounts[account].floor


def is_uuid7(txn_id: UUID) -> bool:
    return txn_id.version == 7


def is_from_future(txn_id: UUID, now: int) -> bool:
    return is_uuid7(txn_id) and (txn_id.int >> 80) > now // 1000 + ID_SKEW_MS


class Model:
    """One unit."""

    def __init__(self, business_date: int) -> None:
        self.books = Books()
        self.business_date = business_date
        self.known: dict[UUID, tuple[tuple[object, ...], int]] = {}
        """By transaction id, what was asked and its first seq."""
        self.requests: dict[UUID, tuple[object, int, int]] = {}

    def copy(self) -> "Model":
        twin = Model(self.business_date)
        twin.books, twin.known, twin.requests = self.books.copy(), dict(self.known), dict(self.requests)
        return twin

    # --- transfers

    def apply(self, batch: Sequence[Asked], now: int) -> list[tuple[Outcome, int]]:
        """Outcome and seq of each transfer (0 when refused); `now` is in microseconds since 1970-01-01."""
        return [answer for group in transactions(batch) for answer in self._transaction(group, now)]

    def _transaction(self, legs: Sequence[Asked], now: int) -> list[tuple[Outcome, int]]:
        txn_id = legs[0].txn_id
        content = tuple(leg.content for leg in legs)
        if txn_id in self.known:
            first_content, first_seq = self.known[txn_id]
            if content == first_content:
                return [(Outcome.DUPLICATE, first_seq + leg) for leg in range(len(legs))]
            return [(Outcome.ID_CONFLICT, 0)] * len(legs)
        of_all = [
            (not is_uuid7(txn_id), Outcome.ID_MALFORMED),
            (is_from_future(txn_id, now), Outcome.ID_FROM_FUTURE),
            (not is_whole(legs), Outcome.LINKED_BROKEN),
        ]
        reasons = [outcome for applies, outcome in of_all if applies]
        if reasons:
            return [(min(reasons), 0)] * len(legs)
        before = self.books.copy()
        first_seq = self.books.next_seq
        for number, leg in enumerate(legs):
            reasons = self._against(leg, now)
            if reasons:
                self.books = before
                answers = [(Outcome.LINKED_FAILED, 0)] * len(legs)
                answers[number] = (min(reasons), 0)
                return answers
            self._post(leg)
        self.known[txn_id] = (content, first_seq)
        return [(Outcome.POSTED, first_seq + leg) for leg in range(len(legs))]

    def _against(self, leg: Asked, now: int) -> set[Outcome]:
        """Every reason there is to refuse a leg."""
        fits = flags_fit(leg, self.books.next_seq)
        known = leg.debit in self.books.accounts and leg.credit in self.books.accounts
        reasons = self._against_form(leg, known=known)
        if not fits:
            return reasons | {Outcome.FLAGS_INVALID}
        if not known:
            return reasons
        on_hold = bool(leg.flags & (Flag.POST | Flag.VOID))
        if on_hold:
            reasons |= self._against_hold(leg, now)
        if leg.flags & Flag.PENDING and 0 < leg.reference <= now:
            reasons.add(Outcome.PENDING_EXPIRED)
        if not leg.flags & Flag.VOID:
            reasons |= self._against_state(leg)
            if not on_hold or leg.reference in self.books.holds:
                reasons |= self._against_money(leg)
        return reasons

    def _against_form(self, leg: Asked, *, known: bool) -> set[Outcome]:
        accounts = self.books.accounts
        may_be_zero = leg.flags & (Flag.POST | Flag.VOID)
        dated = leg.value_date is not None
        checks = [
            (not known, Outcome.UNKNOWN_ACCOUNT),
            (leg.debit == leg.credit, Outcome.SAME_ACCOUNT),
            (leg.amount < 0 or (leg.amount == 0 and not may_be_zero), Outcome.AMOUNT_NOT_POSITIVE),
            (leg.amount > AMOUNT_MAX, Outcome.AMOUNT_OUT_OF_RANGE),
            (dated and not VALUE_DATE_MIN <= leg.value_date <= VALUE_DATE_MAX, Outcome.VALUE_DATE_OUT_OF_RANGE),
            (known and accounts[leg.debit].currency != accounts[leg.credit].currency, Outcome.CURRENCY_DIFFERS),
        ]
        return {outcome for applies, outcome in checks if applies}

    def _against_hold(self, leg: Asked, now: int) -> set[Outcome]:
        hold = self.books.holds.get(leg.reference)
        if hold is None or hold.debit != leg.debit:
            return {Outcome.PENDING_NOT_FOUND}
        past = 0 < hold.expires_at <= now
        expiring = bool(leg.flags & Flag.EXPIRE)
        checks = [
            (hold.credit != leg.credit, Outcome.PENDING_DIFFERS),
            (hold.state == "resolved", Outcome.PENDING_RESOLVED),
            (hold.state == "expired" or (past and not expiring), Outcome.PENDING_EXPIRED),
            (expiring and not past, Outcome.PENDING_NOT_EXPIRED),
            (leg.amount > hold.remaining, Outcome.OVER_PENDING),
        ]
        return {outcome for applies, outcome in checks if applies}

    def _against_state(self, leg: Asked) -> set[Outcome]:
        debit, credit = self.books.accounts[leg.debit].flags, self.books.accounts[leg.credit].flags
        checks = [
            ((debit | credit) & AccountFlag.CLOSED, Outcome.ACCOUNT_CLOSED),
            (debit & AccountFlag.DEBIT_BLOCKED, Outcome.DEBIT_BLOCKED),
            (credit & AccountFlag.CREDIT_BLOCKED, Outcome.CREDIT_BLOCKED),
        ]
        return {outcome for applies, outcome in checks if applies}

    def _against_money(self, leg: Asked) -> set[Outcome]:
        debit, credit = self.books.accounts[leg.debit], self.books.accounts[leg.credit]
        nothing_there = leg.flags & Flag.BALANCING_DEBIT and self.books.available(leg.debit) <= 0
        no_room = leg.flags & Flag.BALANCING_CREDIT and credit.ceiling - credit.balance <= 0
        if nothing_there or no_room:
            return {Outcome.INSUFFICIENT_FUNDS if nothing_there else Outcome.OVER_CEILING}
        amount = self._amount(leg)
        reasons: set[Outcome] = set()
        if not leg.flags & Flag.POST:
            if debit.spent.get(self.business_date, 0) + amount > debit.limit_daily:
                reasons.add(Outcome.OVER_DAILY_LIMIT)
            if amount > self.books.available(leg.debit):
                reasons.add(Outcome.INSUFFICIENT_FUNDS)
        if not leg.flags & Flag.PENDING:
            if credit.balance + amount > AMOUNT_MAX or debit.balance - amount < -AMOUNT_MAX:
                reasons.add(Outcome.BALANCE_OVERFLOW)
            if credit.balance + amount > credit.ceiling:
                reasons.add(Outcome.OVER_CEILING)
        return reasons

    def _amount(self, leg: Asked) -> int:
        """What a leg moves, holds or releases."""
        if leg.flags & (Flag.POST | Flag.VOID) and leg.amount == 0:
            return self.books.holds[leg.reference].remaining
        amounts = [leg.amount]
        if leg.flags & Flag.BALANCING_DEBIT:
            amounts.append(self.books.available(leg.debit))
        if leg.flags & Flag.BALANCING_CREDIT:
            credit = self.books.accounts[leg.credit]
            amounts.append(credit.ceiling - credit.balance)
        return min(amounts)

    def _post(self, leg: Asked) -> None:
        books, today, seq = self.books, self.business_date, self.books.next_seq
        debit, credit = books.accounts[leg.debit], books.accounts[leg.credit]
        amount = self._amount(leg)
        if leg.flags & Flag.PENDING:
            books.holds[seq] = Hold(leg.debit, leg.credit, amount, leg.reference, today)
        if leg.flags & (Flag.POST | Flag.VOID):
            hold = books.holds[leg.reference]
            hold.remaining -= amount
            if hold.remaining == 0:
                hold.state = "expired" if leg.flags & Flag.EXPIRE else "resolved"
        if leg.flags & Flag.VOID:
            if books.holds[leg.reference].placed_on == today:
                debit.spent[today] -= amount
        elif not leg.flags & Flag.POST:
            debit.spent[today] = debit.spent.get(today, 0) + amount
        if not leg.flags & (Flag.PENDING | Flag.VOID):
            debit.balance -= amount
            credit.balance += amount
        debit.last_seq = credit.last_seq = seq
        books.next_seq += 1
        whole = leg.flags & (Flag.POST | Flag.VOID) and leg.amount == 0
        books.journal.append(
            Row(
                seq=seq,
                txn_id=leg.txn_id,
                leg=leg.leg,
                debit=leg.debit,
                credit=leg.credit,
                amount=amount,
                debit_balance=debit.balance,
                credit_balance=credit.balance,
                reference=leg.amount if leg.flags & BALANCING else leg.reference,
                value_date=today if leg.value_date is None else leg.value_date,
                code=leg.code,
                flags=leg.flags
                | (Flag.WHOLE if whole else 0)
                | (Flag(0) if leg.value_date is None else Flag.VALUE_DATED),
            )
        )

    def due(self, now: int) -> list[Asked]:
        """The releases of the holds whose time has come, the earliest first; their ids are the ledger's own."""
        past = sorted(
            (hold.expires_at, seq)
            for seq, hold in self.books.holds.items()
            if hold.state == "open" and 0 < hold.expires_at <= now
        )
        holds = [(seq, self.books.holds[seq]) for _, seq in past[:EXPIRE_MAX]]
        flags = Flag.VOID | Flag.EXPIRE
        return [Asked(UUID(int=0), hold.debit, hold.credit, 0, flags, reference=seq) for seq, hold in holds]

    # --- accounts

    def command(self, command: AccountCommand, now: int) -> tuple[AccountOutcome, int, int]:
        """Outcome, (first) account and seq of an account command."""
        content = (type(command).__name__, meaning_of(command))
        if command.request_id in self.requests:
            first_content, account, seq = self.requests[command.request_id]
            if content != first_content:
                return AccountOutcome.ID_CONFLICT, 0, 0
            return AccountOutcome.DUPLICATE, account, seq
        reasons = self._against_command(command)
        if not is_uuid7(command.request_id):
            reasons.add(AccountOutcome.ID_MALFORMED)
        if is_from_future(command.request_id, now):
            reasons.add(AccountOutcome.ID_FROM_FUTURE)
        if reasons:
            return min(reasons), 0, 0
        account = self._carry_out(command)
        seq = self.books.next_seq
        self.books.next_seq += 1
        self.requests[command.request_id] = (content, account, seq)
        return AccountOutcome.DONE, account, seq

    def _against_command(self, command: AccountCommand) -> set[AccountOutcome]:
        books = self.books
        if isinstance(command, RollDate):
            checks = [
                (not VALUE_DATE_MIN <= command.business_date <= VALUE_DATE_MAX, AccountOutcome.DATE_OUT_OF_RANGE),
                (command.business_date <= self.business_date, AccountOutcome.DATE_NOT_LATER),
            ]
            return {outcome for applies, outcome in checks if applies}
        if isinstance(command, OpenAccounts):
            reasons = {reason for line in meaning_of(command) for reason in against_limits(*line[4:])}
            if any(line[0] not in {entry.number for entry in CURRENCIES} for line in meaning_of(command)):
                reasons.add(AccountOutcome.UNKNOWN_CURRENCY)
            if len(books.accounts) + 1 + len(command.accounts) > ACCOUNTS_MAX:
                reasons.add(AccountOutcome.UNIT_FULL)
            return reasons
        if command.account not in books.accounts:
            return {AccountOutcome.UNKNOWN_ACCOUNT}
        reasons = set[AccountOutcome]()
        account = books.accounts[command.account]
        if account.flags & AccountFlag.CLOSED:
            reasons.add(AccountOutcome.ACCOUNT_CLOSED)
        if isinstance(command, SetLimits):
            reasons |= against_limits(command.floor, command.ceiling, command.limit_daily)
        if isinstance(command, CloseAccount):
            if account.balance:
                reasons.add(AccountOutcome.ACCOUNT_NOT_EMPTY)
            if books.held(command.account):
                reasons.add(AccountOutcome.HOLDS_OPEN)
        return reasons

    def _carry_out(self, command: AccountCommand) -> int:
        accounts = self.books.accounts
        if isinstance(command, RollDate):
            self.business_date = command.business_date
            return 0
        if isinstance(command, OpenAccounts):
            first = len(accounts) + 1
            for index, line in enumerate(meaning_of(command), first):
                accounts[index] = Account(*line)
            return first
        account = accounts[command.account]
        if isinstance(command, SetLimits):
            limits = {"floor": command.floor, "ceiling": command.ceiling, "limit_daily": command.limit_daily}
            accounts[command.account] = replace(account, **limits)
        elif isinstance(command, SetBlocks):
            debit = AccountFlag.DEBIT_BLOCKED if command.debit_blocked else AccountFlag(0)
            credit = AccountFlag.CREDIT_BLOCKED if command.credit_blocked else AccountFlag(0)
            account.flags = AccountFlag.OPEN | debit | credit
        else:
            account.flags = AccountFlag.CLOSED
        return command.account


def transactions(batch: Sequence[Asked]) -> list[list[Asked]]:
    """The batch in transactions: a linked leg belongs together with the next one if that has the same id."""
    groups: list[list[Asked]] = []
    for leg in batch:
        last = groups[-1][-1] if groups else None
        if last is not None and last.flags & Flag.LINKED and last.txn_id == leg.txn_id:
            groups[-1].append(leg)
        else:
            groups.append([leg])
    return groups


def is_whole(legs: Sequence[Asked]) -> bool:
    """Whether the legs are all there, in order, and not too many."""
    numbered = [leg.leg for leg in legs] == list(range(len(legs)))
    return numbered and not legs[-1].flags & Flag.LINKED and len(legs) <= LEGS_MAX


def flags_fit(leg: Asked, next_seq: int) -> bool:
    """Whether flags and fields go together."""
    if leg.flags & ~MAY_BE_ASKED or not 0 <= leg.code <= CODE_MAX:
        return False
    kind = leg.flags & ~(Flag.LINKED | Flag.VALUE_DATED)
    if kind in (Flag.POST, Flag.VOID, Flag.VOID | Flag.EXPIRE):
        return leg.reference > 0
    if kind == Flag.PENDING:
        return leg.reference >= 0
    if kind == Flag.REVERSAL:
        return 0 < leg.reference < next_seq
    return kind in (Flag(0), Flag.BALANCING_DEBIT, Flag.BALANCING_CREDIT, BALANCING) and leg.reference == 0


def against_limits(floor: int, ceiling: int, limit_daily: int) -> set[AccountOutcome]:
    reasons = set[AccountOutcome]()
    if floor > ceiling:
        reasons.add(AccountOutcome.LIMITS_CROSSED)
    if limit_daily < 0 or any(not -AMOUNT_MAX <= limit <= AMOUNT_MAX for limit in (floor, ceiling, limit_daily)):
        reasons.add(AccountOutcome.LIMITS_OUT_OF_RANGE)
    return reasons


def meaning_of(command: AccountCommand) -> tuple[object, ...]:
    """What a command asks, its id left out; of openings the columns in the order of `Account`."""
    if isinstance(command, OpenAccounts):
        names = ("currency", "gl_code", "product", "branch", "floor", "ceiling", "limit_daily")
        return tuple(zip(*(command.accounts[name].tolist() for name in names), strict=True))
    return tuple(getattr(command, name) for name in command.__struct_fields__ if name != "request_id")
