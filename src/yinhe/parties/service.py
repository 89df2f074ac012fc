"""The parties of a unit: every command through the desk, every reading in the clear on record."""

import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

import msgspec

from yinhe.audit.desk import Asked, Desk, Done, Told
from yinhe.audit.record import Author, Outcome, Record
from yinhe.kernel.refusals import Refusal
from yinhe.parties import changes, merging, opening, reading, relating
from yinhe.parties.changes import HasOpenContracts
from yinhe.parties.commands import (
    Add,
    End,
    EndRelation,
    Merge,
    Move,
    Open,
    Prefer,
    RateRisk,
    Relate,
    SetBorn,
    SetTier,
    UndoMerge,
    Verify,
)
from yinhe.parties.duplicates import Candidate
from yinhe.parties.history import read_acts
from yinhe.parties.model import Area, ContactKind, IdentifierKind, PartyStatus, Risk
from yinhe.parties.refusals import PartyRefusal
from yinhe.parties.sealing import content_of
from yinhe.parties.store import PartyBook
from yinhe.parties.text import plain_text
from yinhe.parties.views import Act, Page, PartyLine, PartyView
from yinhe.storage.statements import load_statements
from yinhe.storage.vault import Vault

PURPOSE_MAX: Final = 200
"""Longest purpose of a reading, in characters."""

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")


class Parties:
    """Persons and organisations of a unit; safe between threads.

    Commands are answered with `Changed` (see `Told.read`), and a number that was merged stands for the survivor in all
    of them. `asked.content` and `asked.action` are set here, so that no personal data stands in the log in the clear.
    """

    def __init__(self, desk: Desk, vault: Vault, has_open_contracts: HasOpenContracts) -> None:
        """Parties whose changes go through a desk. `has_open_contracts` tells who cannot be closed."""
        self._desk: Final = desk
        self._vault: Final = vault
        self._has_open_contracts: Final = has_open_contracts
        self._sql: Final = load_statements("parties")

    # --- commands

    def open(self, asked: Asked, command: Open) -> Told | Refusal:
        """Open a party as a prospect."""
        return self._carry_out(asked, "open", command, lambda book: opening.open_party(book, command))

    def add(self, asked: Asked, command: Add) -> Told | Refusal:
        """Add a name, an identifier, an address, a contact, a consent or a document."""
        return self._carry_out(asked, "add", command, lambda book: changes.add_item(book, command))

    def end(self, asked: Asked, command: End) -> Told | Refusal:
        """End an entry; withdraw a consent."""
        return self._carry_out(asked, "end", command, lambda book: changes.end_item(book, command))

    def prefer(self, asked: Asked, command: Prefer) -> Told | Refusal:
        """Make an entry the preferred one of its area."""
        return self._carry_out(asked, "prefer", command, lambda book: changes.prefer_item(book, command))

    def verify(self, asked: Asked, command: Verify) -> Told | Refusal:
        """Note that an identifier was verified."""
        return self._carry_out(asked, "verify", command, lambda book: changes.verify_identifier(book, command))

    def set_born(self, asked: Asked, command: SetBorn) -> Told | Refusal:
        """Set the date of birth or foundation right."""
        return self._carry_out(asked, "set_born", command, lambda book: changes.set_born(book, command))

    def set_tier(self, asked: Asked, command: SetTier) -> Told | Refusal:
        """Put a party into a tier."""
        return self._carry_out(asked, "set_tier", command, lambda book: changes.set_tier(book, command))

    def rate_risk(self, asked: Asked, command: RateRisk) -> Told | Refusal:
        """Rate a party's risk until the next review."""
        return self._carry_out(asked, "rate_risk", command, lambda book: changes.rate_risk(book, command))

    def move(self, asked: Asked, command: Move) -> Told | Refusal:
        """Bring a party into another state of its life; reopen it."""
        ask = self._has_open_contracts
        return self._carry_out(asked, "move", command, lambda book: changes.move_party(book, command, ask))

    def relate(self, asked: Asked, command: Relate) -> Told | Refusal:
        """Note that another party is something to this one."""
        return self._carry_out(asked, "relate", command, lambda book: relating.relate(book, command))

    def end_relation(self, asked: Asked, command: EndRelation) -> Told | Refusal:
        """End a relation."""
        return self._carry_out(asked, "end_relation", command, lambda book: relating.end_relation(book, command))

    def merge(self, asked: Asked, command: Merge) -> Told | Refusal:
        """Merge another party into this one."""
        return self._carry_out(asked, "merge", command, lambda book: merging.merge_parties(book, command))

    def undo_merge(self, asked: Asked, command: UndoMerge) -> Told | Refusal:
        """Undo a merge."""
        return self._carry_out(asked, "undo_merge", command, lambda book: merging.undo_merge(book, command))

    # --- readings

    def view(
        self,
        party: int,
        *,
        clear: bool = False,
        purpose: str = "",
        author: Author | None = None,
        with_ended: bool = False,
    ) -> PartyView | Refusal:
        """The whole of a party, masked. In the clear only for a purpose and to an author, and that is on record."""
        reader = _reader(purpose, author) if clear else None
        if isinstance(reader, Refusal):
            return reader
        with self._book() as book:
            found = reading.read_party(book, party, clear=clear, with_ended=with_ended)
        if found is None:
            return Refusal(PartyRefusal.PARTY_UNKNOWN)
        if reader is not None:
            self._note_reading("party.read", found.party, *reader)
        return found

    def history(
        self,
        party: int,
        *,
        before: int | None = None,
        limit: int = reading.PAGE_MAX,
        clear: bool = False,
        purpose: str = "",
        author: Author | None = None,
    ) -> tuple[Act, ...] | Refusal:
        """What was done to a party, the newest first, below the record numbered `before`; in the clear as in `view`."""
        reader = _reader(purpose, author) if clear else None
        if isinstance(reader, Refusal):
            return reader
        with self._book() as book:
            resolved = book.resolve(party)
            acts = () if resolved is None else read_acts(book, book.group(resolved), before, limit, clear=clear)
        if resolved is None:
            return Refusal(PartyRefusal.PARTY_UNKNOWN)
        if reader is not None:
            self._note_reading("party.history", resolved, *reader)
        return acts

    def resolve(self, party: int) -> int | None:
        """The number of the party a number stands for; None if there is none."""
        with self._book() as book:
            return book.resolve(party)

    def numbers_of(self, party: int) -> tuple[int, ...]:
        """All numbers that stand for a party, its own first; empty if there is none."""
        with self._book() as book:
            resolved = book.resolve(party)
            return () if resolved is None else tuple(book.group(resolved))

    def lines(self, parties: list[int]) -> tuple[PartyLine, ...]:
        """Lines of parties by number, masked."""
        with self._book() as book:
            return reading.read_lines(book, book.resolved(parties[: reading.PAGE_MAX]).values())

    def no_business(self, party: int) -> Refusal | None:
        """Why no new contract or loan is agreed on with a party; None if one may be."""
        with self._book() as book:
            resolved = book.resolve(party)
            if resolved is None:
                return Refusal(PartyRefusal.PARTY_UNKNOWN)
            row = book.parties([resolved])[0]
        if row.risk is Risk.PROHIBITED:
            return Refusal(PartyRefusal.RISK_PROHIBITED)
        return None if row.status is PartyStatus.CUSTOMER else Refusal(PartyRefusal.NOT_A_CUSTOMER, row.status)

    def list(self, after: int = 0, limit: int = reading.PAGE_MAX, status: PartyStatus | None = None) -> Page:
        """Parties in the order of their numbers, masked."""
        with self._book() as book:
            return reading.list_parties(book, after, limit, status)

    def find_by_identifier(self, kind: IdentifierKind, value: str, country: str = "CN") -> tuple[PartyLine, ...]:
        """The parties that have an identifier, masked."""
        with self._book() as book:
            return reading.find_by_identifier(book, kind, value, country)

    def find_by_contact(self, kind: ContactKind, value: str, after: int = 0, limit: int = reading.PAGE_MAX) -> Page:
        """The parties that are reached by a number or an e-mail address, masked."""
        with self._book() as book:
            return reading.find_by_contact(book, kind, value, after, limit)

    def find_by_name(self, text: str, after: int = 0, limit: int = reading.PAGE_MAX) -> Page:
        """The parties that have a name, masked."""
        with self._book() as book:
            return reading.find_by_name(book, text, after, limit)

    def duplicates(self, party: int) -> tuple[Candidate, ...] | Refusal:
        """Parties that may be the same as one on file, the most probable first."""
        with self._book() as book:
            resolved = book.resolve(party)
            if resolved is None:
                return Refusal(PartyRefusal.PARTY_UNKNOWN)
            group = book.group(resolved)
            known = changes.known_items(
                book, [item for item in book.items(group) if item.area in (Area.NAME, Area.CONTACT)]
            )
            kind = book.parties([resolved])[0].kind
            return opening.candidates_for(book, kind, known, book.born(group), but=group)

    # --- inside

    @contextmanager
    def _book(self) -> Generator[PartyBook]:
        with self._desk.sessions.transaction() as session:
            session.execute(self._sql["snapshot"])
            yield PartyBook(session, self._vault, self._sql)

    def _carry_out(
        self, asked: Asked, verb: str, command: msgspec.Struct, work: Callable[[PartyBook], Done | Refusal]
    ) -> Told | Refusal:
        content = content_of(command, self._vault)
        asked = msgspec.structs.replace(asked, action=f"party.{verb}", content=content)
        return self._desk.carry_out(asked, lambda session: work(PartyBook(session, self._vault, self._sql)))

    def _note_reading(self, action: str, party: int, purpose: str, author: Author) -> None:
        self._desk.note(
            Record(
                action=action,
                author=author,
                outcome=Outcome.READ,
                object=f"party/{party}",
                parties=(party,),
                why=purpose,
            )
        )


def party_of_holder(text: str) -> int | None:
    """The number of the party a contract's holder is; None for references of books older than parties."""
    return int(text) if _NUMBER.fullmatch(text) else None


def _reader(purpose: str, author: Author | None) -> tuple[str, Author] | Refusal:
    """Who reads in the clear and what for; or which of the two is missing."""
    stated = plain_text(purpose, "purpose", PURPOSE_MAX, empty=True)
    if isinstance(stated, Refusal):
        return stated
    if not stated:
        return Refusal(PartyRefusal.PURPOSE_MISSING)
    if author is None:
        return Refusal(PartyRefusal.AUTHOR_MISSING)
    return stated, author
