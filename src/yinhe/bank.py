"""The bank that serves: every organ of one unit, wired over its running ledger."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import Final

import msgspec
import psycopg

from yinhe.access.permissions import Permission
from yinhe.access.principal import Scope
from yinhe.audit.desk import Desk
from yinhe.audit.follower import catch_up
from yinhe.audit.record import ActorKind
from yinhe.bootstrap import Configuration, deposit_unit, open_books, open_ledger
from yinhe.chores import Chore, Chores, IsOver
from yinhe.closeday.background import NightShift
from yinhe.closeday.bank import DepositBank
from yinhe.closeday.runner import NightRunner
from yinhe.deposits.service import Deposits
from yinhe.feed.addresses import Rules
from yinhe.feed.dispatcher import Denied, Dispatcher
from yinhe.feed.feed import Feed
from yinhe.feed.sending import HttpSender
from yinhe.feed.webhooks import Webhooks
from yinhe.identity.gate import Gate
from yinhe.identity.service import Identity, make_identity
from yinhe.identity.settings import IdentitySettings
from yinhe.kernel.clock import Clock
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.engine import EngineSettings
from yinhe.ledger.ledger import Ledger
from yinhe.lending.service import Lending
from yinhe.overview.people import PartyRegister
from yinhe.overview.service import Overview
from yinhe.overview.values import Values
from yinhe.parties.service import Parties
from yinhe.payments.house import BankName
from yinhe.payments.service import Payments
from yinhe.rotation import prove_keys
from yinhe.storage.connection import unit_schema
from yinhe.storage.sessions import Sessions
from yinhe.storage.statements import load_statements
from yinhe.storage.vault import Vault
from yinhe.transact.announce import Announcer
from yinhe.transact.day import Day
from yinhe.transact.elsewhere import Elsewhere

_LOOK_SECONDS: Final = 0.4
"""How often changes of access by other processes are looked for; the gate lets nothing in that is not looked at once a
second."""
KEYS_SECONDS: Final = 1.0
"""How often it is looked whether a key of personal data was added."""
_FOLLOW_SECONDS: Final = 1.0
"""How long log and values rest when they are up with the journal."""
_ORDERS_LOOK_SECONDS: Final = 10.0
"""How often it is looked whether a business date has come on which payments are due."""
_ORDERS_AGAIN_SECONDS: Final = 3_600
"""After how long what found no money is tried again on the same date, as often as its rule lets it."""
_BACKGROUND_SESSIONS_MAX: Final = 4
"""Sessions of what works beside requests: it never waits for theirs, nor they for its."""
NOT_INSIDE: Final = Rules(loopback=False)
"""Events are sent to no address of the bank's own networks, nor to this machine."""


class Bank(msgspec.Struct, frozen=True, eq=False):
    """All that serves customers and staff of one unit."""

    unit: int
    clock: Clock
    ledger: Ledger
    holding: DepositBank
    """Contracts, loans, products and pools in memory."""
    deposits: Deposits
    lending: Lending
    night: NightRunner
    shift: NightShift
    """Runs nights in the background."""
    sessions: Sessions
    desk: Desk
    vault: Vault
    identity: Identity
    parties: Parties
    day: Day
    elsewhere: Elsewhere
    """What commands that are no transfers move today."""
    payments: Payments
    overview: Overview
    feed: Feed
    webhooks: Webhooks
    dispatcher: Dispatcher
    chores: Chores
    values: Values

    @contextmanager
    def background(self, more: Sequence[Chore] = ()) -> Generator[None]:
        """Let what works beside requests work: log and values follow the journal, events go out, access is renewed."""
        url, schema = self.ledger.database.url, unit_schema(self.unit)
        with ExitStack() as stack:
            sessions = Sessions(url, schema, "yinhe background", _BACKGROUND_SESSIONS_MAX)
            stack.callback(sessions.close)
            chores = (
                Chore("access", _LOOK_SECONDS, lambda _: self.identity.watch.renew()),
                Chore("keys", KEYS_SECONDS, lambda _: self.vault.renew()),
                Chore("log", _FOLLOW_SECONDS, lambda is_over: _follow_log(sessions, self.clock, is_over)),
                Chore("orders", _ORDERS_LOOK_SECONDS, DuePayments(self)),
                Chore("values", _FOLLOW_SECONDS, lambda is_over: self._follow_values(sessions, is_over)),
            )
            stack.enter_context(self.chores.running((*chores, *more)))
            self.feed.start()
            stack.callback(self.feed.stop)
            self.dispatcher.start()
            stack.callback(self.dispatcher.stop)
            yield

    def _follow_values(self, sessions: Sessions, is_over: IsOver) -> None:
        until = self.ledger.committed_seq
        with sessions.lend() as session:
            while self.values.step(session, until) < until and not is_over():
                pass

    def learn_prohibited(self) -> None:
        """Keep the parties that the bank does no business with from the day's transfers."""
        with self.sessions.lend() as session:
            rows = session.execute(load_statements("bank")["parties_prohibited"]).fetchall()
        self.day.prohibited.prohibit(frozenset(int(row[0]) for row in rows))


@contextmanager
def open_bank(
    configuration: Configuration,
    environment: Mapping[str, str],
    *,
    settings: EngineSettings | None = None,
    webhook_rules: Rules = NOT_INSIDE,
    identity: IdentitySettings | None = None,
) -> Generator[Bank]:
    """Start the engine of a unit that is there, with every organ; all are left at the end.

    Raises UnitUnknown, UnitTaken when another engine serves the unit, BooksCorrupt, or a fault of storage.
    """
    open_books(configuration).close()
    with (
        open_ledger(configuration, settings=settings) as ledger,
        bank_over(ledger, configuration, environment, webhook_rules, identity) as bank,
    ):
        yield bank


@contextmanager
def bank_over(
    ledger: Ledger,
    configuration: Configuration,
    environment: Mapping[str, str],
    webhook_rules: Rules = NOT_INSIDE,
    identity: IdentitySettings | None = None,
) -> Generator[Bank]:
    """The organs over a ledger that is open; left at the end, the ledger stays open.

    `webhook_rules` say where within the bank's networks events may be sent to.
    """
    vault = Vault.open(configuration.home, environment)
    with ExitStack() as stack:
        sessions = Sessions(ledger.database.url, unit_schema(configuration.unit))
        stack.callback(sessions.close)
        prove_keys(sessions, vault)
        opened = stack.enter_context(deposit_unit(ledger))
        shift = stack.enter_context(closing(NightShift(opened.night)))
        desk = Desk(sessions, ledger.clock)
        announcer = stack.enter_context(closing(Announcer(desk)))
        parties = Parties(desk, vault, has_open_contracts)
        overview = Overview(sessions, ledger, opened.bank, PartyRegister(parties))
        stack.callback(overview.close)
        feed = Feed(sessions, ledger, opened.bank, ledger.clock)
        day = Day(opened.bank, announcer)
        access = make_identity(desk, vault, ledger.ids, identity)
        sender = HttpSender(webhook_rules)
        name = BankName(configuration.bic, configuration.bank_name, configuration.unit)
        bank = Bank(
            unit=configuration.unit,
            clock=ledger.clock,
            ledger=ledger,
            holding=opened.bank,
            deposits=opened.deposits,
            lending=opened.lending,
            night=opened.night,
            shift=shift,
            sessions=sessions,
            desk=desk,
            vault=vault,
            identity=access,
            parties=parties,
            day=day,
            elsewhere=Elsewhere(day, sessions),
            payments=Payments(name, desk, ledger, opened.bank.pools, day, vault),
            overview=overview,
            feed=feed,
            webhooks=Webhooks(desk, feed, vault, webhook_rules),
            dispatcher=Dispatcher(
                sessions, feed, vault, ledger.clock, sender, allowed=partial(events_reach, access.gate)
            ),
            chores=Chores(ledger.clock),
            values=Values(ledger, opened.bank),
        )
        bank.learn_prohibited()
        yield bank


def events_reach(gate: Gate, actor: str) -> Scope | Denied:
    """What whoever made a webhook reaches now; nothing any more where they are disabled or may have no webhooks."""
    kind, _, name = actor.partition(":")
    if kind == ActorKind.BANK:
        return Scope()
    principal = gate.principal_of(ActorKind(kind), name)
    if isinstance(principal, Refusal):
        return Denied.ANY_MORE
    if principal.must_change_secret:
        # Of what they may, nothing is known before.
        return Denied.NOT_NOW
    return principal.scope if Permission.WEBHOOK_WRITE in principal.permissions else Denied.ANY_MORE


def has_open_contracts(session: psycopg.Connection, party: int) -> bool:
    """Whether a party still has a deposit contract or a loan that is open."""
    given = {"holder": str(party)}
    row = session.execute(load_statements("bank")["has_open_contracts"], given).fetchone()
    return row is not None and bool(row[0])


class DuePayments:
    """Carries out what is due once its date has come, and first whatever a stop left on its way."""

    def __init__(self, bank: Bank) -> None:
        self._bank: Final = bank
        self._date = -1
        self._at_us = 0

    def __call__(self, is_over: IsOver) -> None:
        """Look once."""
        date, now = self._bank.ledger.business_date, self._bank.clock.monotonic_us()
        if self._bank.holding.night_open:
            return
        if date == self._date and now - self._at_us < _ORDERS_AGAIN_SECONDS * 1_000_000:
            return
        if self._date < 0:
            self._bank.payments.resume()
        self._bank.payments.run_due(date)
        self._date, self._at_us = date, now


def _follow_log(sessions: Sessions, clock: Clock, is_over: IsOver) -> None:
    with sessions.lend() as session:
        catch_up(session, clock, is_over)
