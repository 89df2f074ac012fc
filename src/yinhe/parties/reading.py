"""Read parties: whole, as a line of a list, found by what is known of them; masked unless asked otherwise."""

from collections.abc import Iterable, Sequence
from typing import Final

from yinhe.kernel.rates import Rate, format_rate
from yinhe.parties.contacts import contact_index, normal_contact
from yinhe.parties.identifiers import compact, identifier_index
from yinhe.parties.masks import mask_date, mask_field
from yinhe.parties.model import Area, ContactKind, IdentifierKind, PartyKind, PartyStatus
from yinhe.parties.relating import linked
from yinhe.parties.sealing import context_of
from yinhe.parties.store import Fields, ItemRow, PartyBook, PartyRow
from yinhe.parties.text import name_index
from yinhe.parties.views import ItemView, Page, PartyLine, PartyView, RelationView

PAGE_MAX: Final = 200
"""Most lines of a page."""


def read_party(book: PartyBook, number: int, *, clear: bool = False, with_ended: bool = False) -> PartyView | None:
    """A party with everything of those merged into it; None if there is none."""
    resolved = book.resolve(number)
    if resolved is None:
        return None
    group = book.group(resolved)
    row = book.parties([resolved])[0]
    fields = book.fields(group)
    items = tuple(
        _item_view(item, fields, row, clear=clear)
        for item in sorted(
            book.items(group, with_ended=with_ended), key=lambda item: (item.party != resolved, item.item)
        )
    )
    names = [item for item in items if item.area is Area.NAME and item.ended is None]
    born = fields.get(0, {}).get("born")
    if born is not None and not clear and row.kind is PartyKind.PERSON:
        born = mask_date(born)
    return PartyView(
        party=resolved,
        asked=number,
        merged=tuple(group[1:]),
        kind=row.kind,
        status=row.status,
        tier=row.tier,
        risk=row.risk,
        risk_review=row.risk_review,
        version=row.version,
        opened=row.opened,
        closed=row.closed,
        clear=clear,
        name=next((item.fields["text"] for item in names if item.preferred), names[0].fields["text"] if names else ""),
        born=born,
        items=items,
        relations=_relation_views(book, resolved, group, with_ended=with_ended),
    )


def read_lines(book: PartyBook, numbers: Iterable[int]) -> tuple[PartyLine, ...]:
    """Lines of parties, in the order of their numbers, names masked."""
    rows = book.parties(sorted(set(numbers)))
    names = names_of(book, rows)
    return tuple(
        PartyLine(
            party=row.number,
            kind=row.kind,
            status=row.status,
            tier=row.tier,
            risk=row.risk,
            version=row.version,
            opened=row.opened,
            name=names.get(row.number, ""),
        )
        for row in rows
    )


def names_of(book: PartyBook, rows: Sequence[PartyRow]) -> dict[int, str]:
    """The preferred names of parties, masked, by number."""
    kinds = {row.number: row.kind for row in rows}
    found: dict[int, str] = {}
    for party, item, _, field, sealed in book.rows("fields_of_names_read", numbers=list(kinds)):
        if party not in found:
            text = book.vault.unseal(bytes(sealed), context_of(party, item, field)).decode()
            found[party] = mask_field(Area.NAME, "", "text", text, kinds[party])
    return found


def list_parties(book: PartyBook, after: int, limit: int, status: PartyStatus | None) -> Page:
    """Parties numbered above `after`, `limit` of them at most; those that were merged into another left out."""
    most = max(1, min(limit, PAGE_MAX))
    found = book.rows("list_page", after=after, limit=most + 1, status=None if status is None else str(status))
    numbers = [int(row[0]) for row in found]
    return Page(lines=read_lines(book, numbers[:most]), next_after=numbers[most - 1] if len(numbers) > most else None)


def find_by_identifier(book: PartyBook, kind: IdentifierKind, value: str, country: str) -> tuple[PartyLine, ...]:
    """The parties that have an identifier: one, and perhaps ones that are closed."""
    index = identifier_index(kind, country, compact(value))
    return _page(book, Area.IDENTIFIER, index, 0, PAGE_MAX).lines


def find_by_contact(book: PartyBook, kind: ContactKind, value: str, after: int, limit: int) -> Page:
    """The parties that are reached by a number or an e-mail address."""
    normal = normal_contact(kind, value)
    if normal is None:
        return Page(lines=(), next_after=None)
    return _page(book, Area.CONTACT, contact_index(kind, normal), after, limit)


def find_by_name(book: PartyBook, text: str, after: int, limit: int) -> Page:
    """The parties that have a name, whatever its width, case, spaces and dots."""
    index = name_index(text)
    return _page(book, Area.NAME, index, after, limit) if index else Page(lines=(), next_after=None)


def _page(book: PartyBook, area: Area, index: str, after: int, limit: int) -> Page:
    most = max(1, min(limit, PAGE_MAX))
    blind = book.vault.blind(index, f"party.{area}")
    found = [int(row[0]) for row in book.rows("find_blind", blind=blind, area=str(area), after=after, limit=most + 1)]
    lines = read_lines(book, book.resolved(found[:most]).values())
    return Page(lines=lines, next_after=found[most - 1] if len(found) > most else None)


def _item_view(item: ItemRow, fields: Fields, party: PartyRow, *, clear: bool) -> ItemView:
    shown = {
        name: text if clear else mask_field(item.area, item.kind, name, text, party.kind)
        for name, text in fields.get(item.item, {}).items()
    }
    return ItemView(
        item=item.item,
        area=item.area,
        kind=item.kind,
        fields=shown,
        since=item.since,
        country=item.country,
        script=item.script,
        # Of the names of a merged party none is the one the survivor is called by.
        preferred=item.preferred and item.party == party.number,
        expires=item.expires,
        verified=item.verified,
        verified_how=item.verified_how,
        sha256=item.digest.hex() if item.digest is not None else "",
        ended=item.ended,
    )


def _relation_views(book: PartyBook, party: int, group: Sequence[int], *, with_ended: bool) -> tuple[RelationView, ...]:
    pairs = linked(book, book.relations(group, with_ended=with_ended))
    others = {link.other if link.party == party else link.party for _, link in pairs}
    names = names_of(book, book.parties(sorted(others)))
    views: list[RelationView] = []
    for row, link in pairs:
        outward = link.party == party
        other = link.other if outward else link.party
        views.append(
            RelationView(
                relation=row.relation,
                kind=row.kind,
                other=other,
                other_name=names.get(other, ""),
                outward=outward,
                since=row.since,
                share=None if row.share is None else format_rate(Rate(row.share)),
                ended=row.ended,
            )
        )
    return tuple(views)
