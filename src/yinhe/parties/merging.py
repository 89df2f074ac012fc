"""Merge parties that are one, and undo it.

Nothing of the loser is rewritten but whose its contracts are: its entries and relations stay under its own number, and
that number stands for the survivor from then on. Which contracts went over is kept, so that an undo gives back exactly
those, if the survivor still has them.
"""

import msgspec

from yinhe.audit.desk import Done
from yinhe.kernel.refusals import Refusal
from yinhe.parties.changes import done
from yinhe.parties.commands import Changed, Merge, UndoMerge
from yinhe.parties.identifiers import SINGLE
from yinhe.parties.model import Area, PartyStatus
from yinhe.parties.refusals import PartyRefusal
from yinhe.parties.relating import links, lock_pair
from yinhe.parties.relations import LAWS, Link
from yinhe.parties.store import PartyBook, PartyRow

_HAND_OVER = ("contracts_move", "loans_move", "guarantees_move")
_HAND_BACK = ("contracts_return", "loans_return", "guarantees_return")
_IN_BUSINESS = (PartyStatus.CUSTOMER, PartyStatus.DORMANT)


def merge_parties(book: PartyBook, command: Merge) -> Done | Refusal:
    """Merge one party into another."""
    pair = lock_pair(book, command.party, command.loser, command.expected_version)
    if isinstance(pair, Refusal):
        return pair
    survivor, loser = pair
    refused = _unlike(book, survivor, loser)
    if refused is not None:
        return refused
    merge: int = book.one("merge_write", loser=loser.number, survivor=survivor.number, merged=book.today)
    for statement in _HAND_OVER:
        book.run(statement, merge=merge, loser=str(loser.number), survivor=str(survivor.number))
    book.change(msgspec.structs.replace(loser, merged_into=survivor.number))
    after = {"loser": loser.number, "moved": _moved(book, merge)}
    answer = Changed(party=survivor.number, version=book.change(survivor))
    return done(survivor, answer, {"loser_version": loser.version}, after, loser.number)


def undo_merge(book: PartyBook, command: UndoMerge) -> Done | Refusal:
    """Undo the merge of a loser: it stands for itself again, and has the contracts back that went over."""
    found = next(iter(book.rows("merge_read", loser=command.loser)), None) if 0 < command.loser < 2**63 else None
    if found is None:
        return Refusal(PartyRefusal.MERGE_UNKNOWN)
    merge, into = int(found[0]), int(found[1])
    rows = {number: book.lock(number) for number in sorted((into, command.loser))}
    survivor, loser = rows[into], rows[command.loser]
    if loser.merged_into != into:
        return Refusal(PartyRefusal.MERGE_UNKNOWN)  # Somebody undid it between the two statements.
    if survivor.merged_into is not None:
        return Refusal(PartyRefusal.MERGE_NOT_LAST, f"party {book.resolve(into)}")
    if survivor.status is PartyStatus.CLOSED:
        return Refusal(PartyRefusal.PARTY_CLOSED, f"party {into}")
    for statement in _HAND_BACK:
        book.run(statement, merge=merge, loser=str(loser.number), survivor=str(into))
    book.run("merge_undo", merge=merge, undone=book.today)
    version = book.change(msgspec.structs.replace(loser, merged_into=None))
    book.change(survivor)
    _let_identifiers_hold(book, survivor, loser)
    after = {"survivor": into, "returned": _moved(book, merge)}
    return done(loser, Changed(party=loser.number, version=version), {"merged_into": into}, after, into)


def _let_identifiers_hold(book: PartyBook, survivor: PartyRow, loser: PartyRow) -> None:
    """Each of two parties that were one holds its own identifiers again, unless it is closed."""
    groups = {row.number: book.group(row.number) for row in (survivor, loser)}
    book.run("identifiers_rest", numbers=[number for group in groups.values() for number in group])
    for row in (survivor, loser):
        if row.status is not PartyStatus.CLOSED:
            book.run("identifiers_hold", numbers=groups[row.number])


def _moved(book: PartyBook, merge: int) -> dict[str, int]:
    return {str(area): int(count) for area, count in book.rows("moved_count", merge=merge)}


def _unlike(book: PartyBook, survivor: PartyRow, loser: PartyRow) -> Refusal | None:
    """Why two parties cannot be one."""
    if survivor.number == loser.number:
        return Refusal(PartyRefusal.MERGE_WITH_ITSELF)
    if survivor.kind is not loser.kind:
        return Refusal(PartyRefusal.MERGE_KINDS)
    if survivor.status is PartyStatus.CLOSED:
        return Refusal(PartyRefusal.PARTY_CLOSED)
    if loser.status in _IN_BUSINESS and survivor.status not in _IN_BUSINESS:
        return Refusal(PartyRefusal.MERGE_DIRECTION)
    groups = (book.group(survivor.number), book.group(loser.number))
    born = {date for date in map(book.born, groups) if date is not None}
    if len(born) > 1:
        return Refusal(PartyRefusal.MERGE_CONTRADICTS, "born")
    singles: dict[str, str] = {}
    for item in book.items([*groups[0], *groups[1]]):
        if item.area is Area.IDENTIFIER and item.kind in SINGLE:
            value = book.texts(item)["value"]
            if singles.setdefault(item.kind, value) != value:
                return Refusal(PartyRefusal.MERGE_CONTRADICTS, item.kind)
    return _relations_contradict(survivor.number, loser.number, links(book, survivor.number), links(book, loser.number))


def _relations_contradict(survivor: int, loser: int, ours: list[Link], theirs: list[Link]) -> Refusal | None:
    """Two spouses, two legal representatives: what one party has once at a time."""
    for kind, law in LAWS.items():
        if not law.single:
            continue
        others = [
            {
                link.party if link.other == number else link.other
                for link in found
                if link.kind is kind and (link.party == number or law.symmetric)
            }
            - {survivor, loser}
            for number, found in ((survivor, ours), (loser, theirs))
        ]
        if len(others[0] | others[1]) > 1:
            return Refusal(PartyRefusal.MERGE_CONTRADICTS, kind)
    return None
