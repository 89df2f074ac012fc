"""The steps of a product's life and new rates, written to the database; each step with its actor and business date.

Each function runs in one transaction of its session and answers with the version's id, or with everything that stands
against the step. What was published never changes: the table refuses it too. Each step that was taken is put on record
in the log of acts with it, by `author` where that is told, else by the actor's name alone; what is refused to an author
who is told, too.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

import msgspec
import psycopg

from yinhe.audit.record import Author
from yinhe.kernel.clock import Clock
from yinhe.kernel.dates import date_from_days, days_from_date
from yinhe.products.acts import ACTIONS, SYSTEM, Acting, note_refused, put_on_record
from yinhe.products.assembly import read_product, write_product
from yinhe.products.catalogue import VersionRow, load_rates, read_versions
from yinhe.products.checks import Bank, Known
from yinhe.products.digest import sha256_of
from yinhe.products.findings import Code, Refused, refused
from yinhe.products.nearest import did_you_mean
from yinhe.products.parts.base import Kind, Part
from yinhe.products.product import Product
from yinhe.products.rate_tables import refuse_rate
from yinhe.products.registry import part_classes
from yinhe.products.status import Status
from yinhe.storage.statements import load_statements

Parts = Mapping[str, type[Part]]

_BEFORE: Final[Mapping[Status, Status]] = {
    Status.CHECKED: Status.DRAFT,
    Status.APPROVED: Status.CHECKED,
    Status.PUBLISHED: Status.APPROVED,
    Status.WITHDRAWN: Status.PUBLISHED,
}
"""Which status each step starts from."""

_VERSIONS_REMEMBERED: Final = 4_096
"""Of so many versions the mapping is read once a process: what is fixed never changes."""


class Event(msgspec.Struct, frozen=True):
    """A step of a version's life that was taken."""

    status: Status
    actor: str
    business_date: int
    """Days since 1970-01-01."""


def bank_of(session: psycopg.Connection, business_date: int) -> Bank:
    """What a product is checked against in this bank on a business date (days since 1970-01-01)."""
    return _bank(read_versions(session), session, business_date)


def draft(
    session: psycopg.Connection,
    text: str,
    file: str,
    actor: str,
    business_date: int,
    parts: Parts | None = None,
    *,
    author: Author | None = None,
    clock: Clock = SYSTEM,
) -> int | Refused:
    """Store a product file as a draft, in canonical form; an unpublished version of that name is written anew.

    A file with any mistake is refused whole. The answer is the version's id.
    """
    by = Acting(actor, author, clock)
    drafted = _draft(session, text, file, by, business_date, parts)
    if isinstance(drafted, Refused):
        note_refused(session, by, "product.draft", "", drafted)
    return drafted


def _draft(
    session: psycopg.Connection, text: str, file: str, by: Acting, business_date: int, parts: Parts | None
) -> int | Refused:
    actor = by.actor
    if not actor.strip():
        return refused(file, Code.ACTOR_MISSING, hint="name the author")
    with session.transaction():
        _lock(session)
        bank = bank_of(session, business_date)
        product = read_product(text, file, part_classes() if parts is None else parts, bank)
        if isinstance(product, Refused):
            return product
        canonical = write_product(product)
        row = session.execute(
            load_statements("products")["version_draft"],
            {
                "code": product.code,
                "number": product.number,
                "version": product.version,
                "currency": product.currency,
                "effective": product.effective,
                "text": canonical,
                "sha256": sha256_of(canonical),
                "author": actor,
                "day": date_from_days(business_date),
            },
        ).fetchone()
        assert row is not None
        version_id: int = row[0]
        _note(session, version_id, Status.DRAFT, actor, business_date)
        after = {"status": Status.DRAFT.value, "sha256": sha256_of(canonical)}
        put_on_record(session, by, "product.draft", f"product/{product.name}", None, after)
    return version_id


def check(
    session: psycopg.Connection,
    name: str,
    actor: str,
    business_date: int,
    parts: Parts | None = None,
    *,
    author: Author | None = None,
    clock: Clock = SYSTEM,
) -> int | Refused:
    """Check a draft (`demand/1`) once more as a whole, beside the bank; a sound one is checked from now on."""
    return _step(session, name, Status.CHECKED, Acting(actor, author, clock), business_date, _sound(parts))


def approve(
    session: psycopg.Connection,
    name: str,
    actor: str,
    business_date: int,
    parts: Parts | None = None,
    *,
    author: Author | None = None,
    clock: Clock = SYSTEM,
) -> int | Refused:
    """Approve a checked version; its author cannot."""

    def another_person(stored: VersionRow, bank: Bank) -> Refused | None:
        if stored.author == actor:
            return refused(name, Code.SAME_PERSON, actor=actor, what=name)
        return _sound(parts)(stored, bank)

    return _step(session, name, Status.APPROVED, Acting(actor, author, clock), business_date, another_person)


def publish(
    session: psycopg.Connection,
    name: str,
    actor: str,
    business_date: int,
    parts: Parts | None = None,
    *,
    author: Author | None = None,
    clock: Clock = SYSTEM,
) -> int | Refused:
    """Publish an approved version: from its effective date on contracts may be opened on it, and it never changes."""
    return _step(session, name, Status.PUBLISHED, Acting(actor, author, clock), business_date, _sound(parts))


def withdraw(
    session: psycopg.Connection,
    name: str,
    actor: str,
    business_date: int,
    *,
    author: Author | None = None,
    clock: Clock = SYSTEM,
) -> int | Refused:
    """Withdraw a published version: no contract is opened on it any more; those that are there go on."""
    by = Acting(actor, author, clock)
    return _step(session, name, Status.WITHDRAWN, by, business_date, lambda stored, bank: None)


def events(session: psycopg.Connection, version_id: int) -> tuple[Event, ...]:
    """The steps of a version's life, in order."""
    rows = session.execute(load_statements("products")["events_read"], {"id": version_id}).fetchall()
    return tuple(Event(Status(status), actor, days_from_date(day)) for status, actor, day in rows)


def set_rate(
    session: psycopg.Connection,
    table: str,
    effective: int,
    rate: int,
    recorded: int,
    author: str,
    *,
    correction: bool = False,
    on_record: Author | None = None,
    clock: Clock = SYSTEM,
) -> Refused | None:
    """Write down the rate (1e-8 a year) of a table from a day on; `recorded` is the business date it is written on.

    What was written stays: a second rate for a day is another entry, and stands from now on. A day before `recorded`
    is refused unless it is said to be a correction, for interest of the past is then wrong and must be put right.
    `on_record` is the author as the log of acts names it.
    """
    by = Acting(author, on_record, clock)
    against = refuse_rate(table, effective, rate, recorded, author, correction=correction)
    if against is not None:
        note_refused(session, by, "rate.set", f"rate/{table}", against)
        return against
    values = {
        "table": table,
        "effective": date_from_days(effective),
        "recorded": date_from_days(recorded),
        "rate": rate,
        "author": author,
    }
    with session.transaction():
        session.execute(load_statements("products")["rate_write"], values)
        after = {"effective": date_from_days(effective), "rate": rate, "correction": correction}
        put_on_record(session, by, "rate.set", f"rate/{table}", None, after)
    return None


# --- one step


Condition = Callable[[VersionRow, Bank], Refused | None]
"""What else must hold of a version before it takes a step."""


def _step(
    session: psycopg.Connection, name: str, becomes: Status, by: Acting, business_date: int, condition: Condition
) -> int | Refused:
    taken = _take(session, name, becomes, by, business_date, condition)
    if isinstance(taken, Refused):
        note_refused(session, by, ACTIONS[becomes], f"product/{name}", taken)
    return taken


def _take(
    session: psycopg.Connection, name: str, becomes: Status, by: Acting, business_date: int, condition: Condition
) -> int | Refused:
    actor = by.actor
    if not actor.strip():
        return refused(name, Code.ACTOR_MISSING, hint="name who does it")
    with session.transaction():
        _lock(session)
        versions = read_versions(session)
        stored = next((one for one in versions if one.name == name), None)
        if stored is None:
            return refused(name, Code.VERSION_UNKNOWN, what=name, hint=_known(versions, name))
        if stored.status is not _BEFORE[becomes]:
            return _out_of_order(stored, becomes)
        against = condition(stored, _bank(versions, session, business_date))
        if against is not None:
            return against
        values = {"id": stored.id, "actor": actor, "day": date_from_days(business_date)}
        session.execute(load_statements("products")[f"version_{becomes.value}"], values)
        _note(session, stored.id, becomes, actor, business_date)
        before, after = {"status": stored.status.value}, {"status": becomes.value}
        put_on_record(session, by, ACTIONS[becomes], f"product/{name}", before, after)
    return stored.id


def _sound(parts: Parts | None) -> Condition:
    """The condition that the version still passes every check; its line numbers are those of its canonical text."""

    def condition(stored: VersionRow, bank: Bank) -> Refused | None:
        found = read_product(stored.text, stored.name, part_classes() if parts is None else parts, bank)
        return found if isinstance(found, Refused) else None

    return condition


def _out_of_order(stored: VersionRow, becomes: Status) -> Refused:
    wanted = _BEFORE[becomes]
    return refused(
        stored.name,
        Code.STATUS_WRONG,
        what=stored.name,
        status=stored.status.value,
        chinese=stored.status.chinese,
        wanted=wanted.value,
        wanted_chinese=wanted.chinese,
        becomes=becomes.value,
        becomes_chinese=becomes.chinese,
    )


def _known(versions: tuple[VersionRow, ...], name: str) -> str:
    code = name.partition("/")[0]
    own = [one.name for one in versions if one.code == code] or [one.name for one in versions]
    return did_you_mean(name, own) or "yinhe product list shows all"


def _bank(versions: tuple[VersionRow, ...], session: psycopg.Connection, business_date: int) -> Bank:
    known = tuple(
        Known(
            code=one.code,
            number=one.number,
            version=one.version,
            currency=one.currency,
            effective=one.effective,
            status=one.status,
            ledger=_ledger_of(one.text, one.name) if one.status.is_fixed else None,
        )
        for one in versions
    )
    return Bank(business_date=business_date, rates=load_rates(session), versions=known)


@lru_cache(maxsize=_VERSIONS_REMEMBERED)
def _ledger_of(text: str, name: str) -> tuple[Part, ...] | None:
    """The general-ledger mapping of a version that is fixed; None of one that does not read."""
    product = read_product(text, name, part_classes())
    return product.of_kind(Kind.LEDGER) if isinstance(product, Product) else None


def _lock(session: psycopg.Connection) -> None:
    session.execute(load_statements("products")["versions_lock"])


def _note(session: psycopg.Connection, version_id: int, status: Status, actor: str, business_date: int) -> None:
    values = {"id": version_id, "status": status.value, "actor": actor, "day": date_from_days(business_date)}
    session.execute(load_statements("products")["event_write"], values)
