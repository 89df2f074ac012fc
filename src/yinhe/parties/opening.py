"""Open a party: everything given is checked, then likely duplicates are looked for, then it is written."""

import datetime as dt
from collections.abc import Sequence

import msgspec

from yinhe.audit.desk import Done
from yinhe.kernel.refusals import Refusal
from yinhe.parties.commands import Changed, ItemAdded, Open
from yinhe.parties.duplicates import HITS_MAX, Candidate, Sign, told, unseen, weigh
from yinhe.parties.identifiers import SINGLE, born_of, likely_birth
from yinhe.parties.items import check_item
from yinhe.parties.model import ITEMS_MAX, TIER_MAX, Area, Checked, IdentifierKind, NameKind, PartyKind
from yinhe.parties.refusals import PartyRefusal
from yinhe.parties.sealing import index_of, twin_of
from yinhe.parties.store import PartyBook

CITIZENS = (IdentifierKind.CITIZEN_ID, IdentifierKind.RESIDENCE_PERMIT)


def open_party(book: PartyBook, command: Open) -> Done | Refusal:
    """Open a party as a prospect."""
    if not 0 <= command.tier <= TIER_MAX:
        return Refusal(PartyRefusal.TIER_OUT_OF_BOUNDS)
    items = check_items(command, book.today)
    if isinstance(items, Refusal):
        return items
    born = settle_born(command.born, items, book.today)
    if isinstance(born, Refusal):
        return born
    blinds = [index_of(book.vault, item) for item in items if item.area is Area.IDENTIFIER]
    taken = book.taken([blind for blind in blinds if blind is not None], but=())
    if taken is not None:
        return taken
    candidates = candidates_for(book, command.kind, items, born, but=())
    pressing = unseen(candidates, command.seen)
    if pressing:
        return Refusal(PartyRefusal.DUPLICATE_PROBABLE, ", ".join(f"party {number}" for number in pressing))
    number: int = book.one("number_next")
    book.run("party_write", number=number, kind=str(command.kind), tier=command.tier, opened=book.today)
    if born is not None:
        book.write_born(number, born)
    after = {"kind": command.kind, "status": "prospect", "tier": command.tier, **book.record_of_born(number)}
    added: list[ItemAdded] = []
    for checked in items:
        row = book.add_item(number, checked, born)
        if isinstance(row, Refusal):
            return row
        added.append(ItemAdded(row.item, row.area))
        after |= book.record_of(row)
    answer = Changed(party=number, version=1, items=tuple(added), candidates=candidates)
    return Done(answer=answer, object=f"party/{number}", parties=(number,), after=after)


def check_items(command: Open, today: dt.date) -> list[Checked] | Refusal:
    """What a party is opened with, in order; the first legal name is preferred where none is marked."""
    if len(command.items) > ITEMS_MAX:
        return Refusal(PartyRefusal.TOO_MANY, str(ITEMS_MAX))
    items: list[Checked] = []
    for given in command.items:
        checked = check_item(given, command.kind, today)
        if isinstance(checked, Refusal):
            return checked
        items.append(checked)
    legal = [place for place, item in enumerate(items) if item.area is Area.NAME and item.kind == NameKind.LEGAL]
    if not legal:
        return Refusal(PartyRefusal.NAME_MISSING)
    if not any(item.area is Area.NAME and item.preferred for item in items):
        items[legal[0]] = msgspec.structs.replace(items[legal[0]], preferred=True)
    indexes = [item.index for item in items if item.area is Area.IDENTIFIER]
    singles = [item.kind for item in items if item.area is Area.IDENTIFIER and item.kind in SINGLE]
    if len(set(indexes)) < len(indexes) or len(set(singles)) < len(singles):
        return Refusal(PartyRefusal.IDENTIFIER_TAKEN, "given twice")
    return items


def settle_born(given: dt.date | None, items: Sequence[Checked], today: dt.date) -> dt.date | Refusal | None:
    """The date of birth: what is given must be what a citizen's number says."""
    if given is not None and not likely_birth(given, today):
        return Refusal(PartyRefusal.BIRTH_DATE_UNLIKELY)
    said = [born_of(item.fields["value"]) for item in items if item.area is Area.IDENTIFIER and item.kind in CITIZENS]
    if len({*said, *([given] if given is not None else [])}) > 1:
        return Refusal(PartyRefusal.BIRTH_DATE_DIFFERS)
    return said[0] if said else given


def candidates_for(
    book: PartyBook, kind: PartyKind, items: Sequence[Checked], born: dt.date | None, but: Sequence[int]
) -> tuple[Candidate, ...]:
    """Parties on file, those in `but` aside, that may be the same as one of whom this is known."""
    names = [item for item in items if item.area is Area.NAME]
    found = book.rows(
        "candidates_read",
        twins=[twin_of(book.vault, item.index, born.isoformat()) for item in names] if born is not None else [],
        contacts=[index_of(book.vault, item) for item in items if item.area is Area.CONTACT],
        names=[index_of(book.vault, item) for item in names],
        kind=str(kind),
        but=list(but),
        limit=HITS_MAX,
    )
    signs: dict[int, set[Sign]] = {}
    resolved = book.resolved(number for number, _ in found)
    for number, words in found:
        if resolved[number] not in but:
            signs.setdefault(resolved[number], set()).update(Sign(word) for word in words)
    for number, common in signs.items():
        # Who has the name and another date of birth is another person, however alike the rest is.
        if born is not None and Sign.NAME in common and Sign.BORN not in common:
            theirs = book.born(book.group(number))
            if theirs is not None and theirs != born:
                common.add(Sign.BORN_DIFFERS)
    return told([weigh(number, kind, common) for number, common in signs.items()])
