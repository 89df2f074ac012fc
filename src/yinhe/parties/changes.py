"""Change a party that is on file: its entries, its date of birth, tier, risk rating and state."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import msgspec
import psycopg

from yinhe.audit.desk import Done
from yinhe.kernel.refusals import Refusal
from yinhe.parties.commands import Add, Changed, End, Move, Prefer, RateRisk, SetBorn, SetTier, Verify
from yinhe.parties.identifiers import SINGLE, born_of, likely_birth
from yinhe.parties.items import as_checked, check_item
from yinhe.parties.life import Standing, decide_move, decide_review
from yinhe.parties.model import TIER_MAX, Area, Checked, NameKind, PartyStatus
from yinhe.parties.opening import CITIZENS, candidates_for
from yinhe.parties.refusals import PartyRefusal
from yinhe.parties.store import ItemRow, PartyBook, PartyRow
from yinhe.parties.text import code_text

HasOpenContracts = Callable[[psycopg.Connection, int], bool]
"""Whether a party, by number, still has a contract or a loan that is open."""

_PREFERABLE = (Area.NAME, Area.ADDRESS, Area.CONTACT)


def add_item(book: PartyBook, command: Add) -> Done | Refusal:
    """Add an entry."""
    row = book.in_business(command.party, command.expected_version)
    if isinstance(row, Refusal):
        return row
    checked = check_item(command.item, row.kind, book.today)
    if isinstance(checked, Refusal):
        return checked
    group = book.group(row.number)
    born = book.born(group)
    if checked.area is Area.IDENTIFIER:
        refused = _contradicts(book, checked, group, born)
        if refused is not None:
            return refused
    if checked.preferred:
        # The party and all that were merged into it have one preferred entry of an area.
        book.run("preferred_clear", numbers=group, area=str(checked.area))
    item = book.add_item(row.number, checked, born)
    if isinstance(item, Refusal):
        return item
    after: dict[str, Any] = book.record_of(item)
    if born is None and checked.area is Area.IDENTIFIER and checked.kind in CITIZENS:
        born = born_of(checked.fields["value"])
        book.write_born(row.number, born)
        after |= book.record_of_born(row.number)
    looked_up = checked.area in (Area.NAME, Area.CONTACT)
    candidates = candidates_for(book, row.kind, _known(book, group), born, but=group) if looked_up else ()
    answer = Changed(party=row.number, version=book.change(row), item=item.item, candidates=candidates)
    return done(row, answer, after=after)


def end_item(book: PartyBook, command: End) -> Done | Refusal:
    """End an entry."""
    found = _find(book, command.party, command.expected_version, command.item)
    if isinstance(found, Refusal):
        return found
    row, item, group = found
    before = book.record_of(item)
    legal = [
        other
        for other in book.items(group)
        if other.area is Area.NAME and other.kind == NameKind.LEGAL and other.item != item.item
    ]
    if item.area is Area.NAME and not legal:
        return Refusal(PartyRefusal.NAME_MISSING)
    book.run("item_end", item=item.item, ended=book.today)
    if item.area is Area.NAME and item.preferred:
        book.run("preferred_set", item=legal[0].item)
    ended = book.item(item.item, group)
    assert ended is not None, "it was there"
    return done(row, Changed(party=row.number, version=book.change(row), item=item.item), before, book.record_of(ended))


def prefer_item(book: PartyBook, command: Prefer) -> Done | Refusal:
    """Make an entry the preferred one of its area."""
    found = _find(book, command.party, command.expected_version, command.item)
    if isinstance(found, Refusal):
        return found
    row, item, group = found
    if item.area not in _PREFERABLE:
        return Refusal(PartyRefusal.ITEM_UNKNOWN, item.area)
    if item.preferred:
        return Refusal(PartyRefusal.NOTHING_ASKED)
    before = {"preferred": [other.item for other in book.items(group) if other.preferred and other.area is item.area]}
    book.run("preferred_clear", numbers=group, area=str(item.area))
    book.run("preferred_set", item=item.item)
    answer = Changed(party=row.number, version=book.change(row), item=item.item)
    return done(row, answer, before, {"preferred": [item.item]})


def verify_identifier(book: PartyBook, command: Verify) -> Done | Refusal:
    """Note that an identifier was verified, today and how."""
    how = code_text(command.how, "how")
    if isinstance(how, Refusal):
        return how
    found = _find(book, command.party, command.expected_version, command.item)
    if isinstance(found, Refusal):
        return found
    row, item, _ = found
    if item.area is not Area.IDENTIFIER:
        return Refusal(PartyRefusal.ITEM_UNKNOWN, Area.IDENTIFIER)
    if item.expires is not None and item.expires < book.today:
        return Refusal(PartyRefusal.EXPIRED, item.kind)
    book.run("item_verify", item=item.item, verified=book.today, how=how)
    key = f"{item.area}/{item.item}"
    before = {key: {"verified": item.verified, "verified_how": item.verified_how}}
    after = {key: {"verified": book.today, "verified_how": how}}
    return done(row, Changed(party=row.number, version=book.change(row), item=item.item), before, after)


def set_born(book: PartyBook, command: SetBorn) -> Done | Refusal:
    """Set the date of birth or foundation right."""
    row = book.in_business(command.party, command.expected_version)
    if isinstance(row, Refusal):
        return row
    if not likely_birth(command.born, book.today):
        return Refusal(PartyRefusal.BIRTH_DATE_UNLIKELY)
    group = book.group(row.number)
    citizens = [item for item in book.items(group) if item.area is Area.IDENTIFIER and item.kind in CITIZENS]
    if any(born_of(book.texts(item)["value"]) != command.born for item in citizens):
        return Refusal(PartyRefusal.BIRTH_DATE_DIFFERS)
    before = book.record_of_born(row.number)
    book.write_born(row.number, command.born)
    candidates = candidates_for(book, row.kind, _known(book, group), command.born, but=group)
    answer = Changed(party=row.number, version=book.change(row), candidates=candidates)
    return done(row, answer, before, book.record_of_born(row.number))


def set_tier(book: PartyBook, command: SetTier) -> Done | Refusal:
    """Put a party into a tier."""
    if not 0 <= command.tier <= TIER_MAX:
        return Refusal(PartyRefusal.TIER_OUT_OF_BOUNDS)
    row = book.in_business(command.party, command.expected_version)
    if isinstance(row, Refusal):
        return row
    if row.tier == command.tier:
        return Refusal(PartyRefusal.NOTHING_ASKED)
    return _rewritten(book, row, msgspec.structs.replace(row, tier=command.tier))


def rate_risk(book: PartyBook, command: RateRisk) -> Done | Refusal:
    """Rate a party's risk until the next review."""
    row = book.in_business(command.party, command.expected_version)
    if isinstance(row, Refusal):
        return row
    refused = decide_review(command.risk, command.review, book.today)
    if refused is not None:
        return refused
    return _rewritten(book, row, msgspec.structs.replace(row, risk=command.risk, risk_review=command.review))


def move_party(book: PartyBook, command: Move, has_open_contracts: HasOpenContracts) -> Done | Refusal:
    """Bring a party into another state of its life."""
    row = book.standing(command.party, command.expected_version)
    if isinstance(row, Refusal):
        return row
    group = book.group(row.number)
    standing = Standing(
        status=row.status,
        risk=row.risk,
        verified=any(_holds(item, book.today) for item in book.items(group)),
        open_contracts=command.to is PartyStatus.CLOSED
        and any(has_open_contracts(book.session, number) for number in group),
    )
    refused = decide_move(standing, command.to)
    if refused is not None:
        return refused
    if row.status is PartyStatus.CLOSED:
        # While it was closed its identifiers held against nobody: somebody may have come with one.
        taken = book.taken([bytes(blind) for (blind,) in book.rows("identifiers_blind", numbers=group)], but=group)
        if taken is not None:
            return taken
        book.run("identifiers_hold", numbers=group)
    if command.to is PartyStatus.CLOSED:
        book.run("identifiers_rest", numbers=group)
    closed = book.today if command.to is PartyStatus.CLOSED else None
    return _rewritten(book, row, msgspec.structs.replace(row, status=command.to, closed=closed))


def done(row: PartyRow, answer: Changed, before: Any = None, after: Any = None, *others: int) -> Done:
    """What a change of a party is told as, and what the log keeps of it."""
    return Done(answer=answer, object=f"party/{row.number}", parties=(row.number, *others), before=before, after=after)


def _rewritten(book: PartyBook, row: PartyRow, new: PartyRow) -> Done:
    names = [name for name in row.__struct_fields__ if getattr(row, name) != getattr(new, name)]
    before, after = ({name: getattr(one, name) for name in names} for one in (row, new))
    return done(row, Changed(party=row.number, version=book.change(new)), before, after)


def _find(
    book: PartyBook, party: int, expected_version: int | None, item: int
) -> tuple[PartyRow, ItemRow, list[int]] | Refusal:
    """A party, an entry of its that has not ended, and the numbers that stand for it."""
    row = book.in_business(party, expected_version)
    if isinstance(row, Refusal):
        return row
    group = book.group(row.number)
    found = book.item(item, group) if 0 < item < 2**63 else None
    if found is None:
        return Refusal(PartyRefusal.ITEM_UNKNOWN)
    if found.ended is not None:
        return Refusal(PartyRefusal.ITEM_ENDED)
    return row, found, group


def _holds(item: ItemRow, today: dt.date) -> bool:
    return (
        item.area is Area.IDENTIFIER and item.verified is not None and (item.expires is None or item.expires >= today)
    )


def _contradicts(book: PartyBook, checked: Checked, group: list[int], born: dt.date | None) -> Refusal | None:
    """Why a further identifier does not go with what is known."""
    if checked.kind in SINGLE and any(
        item.kind == checked.kind for item in book.items(group) if item.area is Area.IDENTIFIER
    ):
        return Refusal(PartyRefusal.IDENTIFIER_SINGLE, checked.kind)
    if checked.kind in CITIZENS and born is not None and born_of(checked.fields["value"]) != born:
        return Refusal(PartyRefusal.BIRTH_DATE_DIFFERS)
    return None


def _known(book: PartyBook, group: list[int]) -> list[Checked]:
    """Names and contacts of a party, as they are compared with others'."""
    return known_items(book, [item for item in book.items(group) if item.area in (Area.NAME, Area.CONTACT)])


def known_items(book: PartyBook, rows: list[ItemRow]) -> list[Checked]:
    """Names and contacts on file in the form they are looked up in."""
    return [as_checked(row.area, row.kind, book.texts(row)) for row in rows]
