"""Relate parties to each other, and end relations."""

from typing import Any

from yinhe.audit.desk import Done
from yinhe.kernel.errors import KernelError
from yinhe.kernel.rates import RATE_ONE, Rate, format_rate, parse_rate
from yinhe.kernel.refusals import Refusal
from yinhe.parties.changes import done
from yinhe.parties.commands import Changed, EndRelation, Relate
from yinhe.parties.model import RELATIONS_MAX, PartyStatus
from yinhe.parties.refusals import PartyRefusal
from yinhe.parties.relations import CHAIN_MAX, LAWS, Link, RelationKind, decide_relation
from yinhe.parties.store import PartyBook, PartyRow, RelationRow


def relate(book: PartyBook, command: Relate) -> Done | Refusal:
    """Note that another party is something to this one."""
    pair = lock_pair(book, command.party, command.other, command.expected_version)
    if isinstance(pair, Refusal):
        return pair
    row, other = pair
    if PartyStatus.CLOSED in (row.status, other.status):
        return Refusal(PartyRefusal.PARTY_CLOSED)
    share = share_of(command.share)
    if isinstance(share, Refusal):
        return share
    since = command.since or book.today
    if since > book.today:
        return Refusal(PartyRefusal.DATE_IN_FUTURE, "since")
    holding = links(book, row.number) + links(book, other.number)
    if len(holding) >= RELATIONS_MAX:
        return Refusal(PartyRefusal.TOO_MANY, str(RELATIONS_MAX))
    wanted = Link(row.number, other.number, command.kind, share)
    above = set[int]() if LAWS[command.kind].circular else above_of(book, other.number, command.kind)
    refused = decide_relation(wanted, (row.kind, other.kind), list(dict.fromkeys(holding)), above)
    if refused is not None:
        return refused
    number: int = book.one(
        "relation_write", party=row.number, other=other.number, kind=str(command.kind), share=share, since=since
    )
    after: dict[str, Any] = {"kind": command.kind, "other": other.number, "since": since}
    if share is not None:
        after["share"] = format_rate(Rate(share))
    answer = Changed(party=row.number, version=book.change(row), item=number)
    return done(row, answer, None, {f"relation/{number}": after}, other.number)


def end_relation(book: PartyBook, command: EndRelation) -> Done | Refusal:
    """End a relation, from either of the two."""
    row = book.standing(command.party, command.expected_version)
    if isinstance(row, Refusal):
        return row
    found = next((one for one in book.relations(book.group(row.number)) if one.relation == command.relation), None)
    if found is None:
        return Refusal(PartyRefusal.RELATION_UNKNOWN)
    on = command.on or book.today
    if on > book.today:
        return Refusal(PartyRefusal.DATE_IN_FUTURE, "on")
    if on < found.since:
        return Refusal(PartyRefusal.RELATION_ENDS_EARLY)
    book.run("relation_end", relation=found.relation, ended=on)
    key = f"relation/{found.relation}"
    before = {key: {"kind": found.kind, "party": found.party, "other": found.other, "since": found.since}}
    answer = Changed(party=row.number, version=book.change(row), item=found.relation)
    others = [number for number in (book.resolve(found.party), book.resolve(found.other)) if number is not None]
    return done(row, answer, before, {key: {"ended": on}}, *(number for number in others if number != row.number))


def lock_pair(
    book: PartyBook, party: int, other: int, expected_version: int | None
) -> tuple[PartyRow, PartyRow] | Refusal:
    """Two parties, both locked, the lower number first, so that no two wait for each other."""
    resolved = (book.resolve(party), book.resolve(other))
    for number in sorted(number for number in resolved if number is not None):
        book.lock(number)
    row = book.standing(party, expected_version)
    if isinstance(row, Refusal):
        return row
    second = book.standing(other)
    return second if isinstance(second, Refusal) else (row, second)


def links(book: PartyBook, party: int) -> list[Link]:
    """The relations of a party that hold, merged parties under the number of the one that remains."""
    return [link for _, link in linked(book, book.relations(book.group(party)))]


def linked(book: PartyBook, rows: list[RelationRow]) -> list[tuple[RelationRow, Link]]:
    """Relations with the parties they are between by now; what a merge left of one to itself is left out."""
    numbers = {number for row in rows for number in (row.party, row.other)}
    resolved = book.resolved(numbers)
    pairs = ((row, Link(resolved[row.party], resolved[row.other], row.kind, row.share)) for row in rows)
    return [(row, link) for row, link in pairs if link.party != link.other]


def above_of(book: PartyBook, party: int, kind: RelationKind) -> set[int]:
    """A party and those above it in relations of a kind, CHAIN_MAX at most."""
    seen: set[int] = set()
    waiting = [party]
    while waiting and len(seen) < CHAIN_MAX:
        number = waiting.pop()
        if number not in seen:
            seen.add(number)
            waiting += [link.other for link in links(book, number) if link.kind is kind and link.party == number]
    return seen


def share_of(text: str | None) -> int | Refusal | None:
    """A share in units of 1e-8 from `"25%"`."""
    if text is None:
        return None
    try:
        units = parse_rate(text).units
    except KernelError:
        return Refusal(PartyRefusal.SHARE_OUT_OF_BOUNDS)
    return units if 1 <= units <= RATE_ONE else Refusal(PartyRefusal.SHARE_OUT_OF_BOUNDS)
