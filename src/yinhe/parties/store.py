"""The tables of parties inside one transaction: rows in and out, personal data sealed on its way."""

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Final

import msgspec
import psycopg
from psycopg.rows import dict_row

from yinhe.kernel.refusals import Refusal
from yinhe.parties.errors import PartyTorn
from yinhe.parties.model import ITEMS_MAX, Area, Checked, PartyKind, PartyStatus, Risk
from yinhe.parties.refusals import PartyRefusal
from yinhe.parties.relations import RelationKind
from yinhe.parties.sealing import BORN, context_of, index_of, logged, twin_of
from yinhe.parties.text import name_index
from yinhe.storage.statements import Statements
from yinhe.storage.vault import Vault


class PartyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A party's own row."""

    number: int
    kind: PartyKind
    status: PartyStatus
    tier: int
    risk: Risk | None
    risk_review: dt.date | None
    merged_into: int | None
    version: int
    opened: dt.date
    closed: dt.date | None


class ItemRow(msgspec.Struct, frozen=True, kw_only=True):
    """An entry, but for its personal data."""

    item: int
    party: int
    area: Area
    kind: str
    country: str
    script: str
    preferred: bool
    since: dt.date
    ended: dt.date | None
    expires: dt.date | None
    verified: dt.date | None
    verified_how: str
    digest: bytes | None


class RelationRow(msgspec.Struct, frozen=True, kw_only=True):
    """A relation: `other` is the `kind` of `party`."""

    relation: int
    party: int
    other: int
    kind: RelationKind
    share: int | None
    since: dt.date
    ended: dt.date | None


Fields = dict[int, dict[str, str]]
"""Personal data by item and field, `{31: {"text": …}}`; the date of birth is that of item 0."""


class PartyBook:
    """The parties as one transaction sees and changes them."""

    def __init__(self, session: psycopg.Connection, vault: Vault, sql: Statements) -> None:
        """`sql` are the statements of `parties.sql`, read once by whoever makes books."""
        self.session: Final = session
        self.vault: Final = vault
        self._sql: Final = sql

    @cached_property
    def today(self) -> dt.date:
        """The unit's business date."""
        return self.one("business_date")

    def one(self, statement: str, **given: Any) -> Any:
        """The first column of the first row a statement gives; None without a row."""
        row = self.session.execute(self._sql[statement], given).fetchone()
        return None if row is None else row[0]

    def run(self, statement: str, **given: Any) -> None:
        """Carry a statement out."""
        self.session.execute(self._sql[statement], given)

    def rows(self, statement: str, **given: Any) -> list[tuple[Any, ...]]:
        """The rows a statement gives."""
        return self.session.execute(self._sql[statement], given).fetchall()

    # --- parties

    def standing(self, number: int, expected_version: int | None = None) -> PartyRow | Refusal:
        """The party a number stands for, locked; refused if it is not on file or has another version."""
        while (resolved := self.resolve(number)) is not None:
            row = self.lock(resolved)
            if row.merged_into is not None:
                continue  # It was merged between the two statements.
            if expected_version is not None and row.version != expected_version:
                return Refusal(PartyRefusal.VERSION_DIFFERS, str(row.version))
            return row
        return Refusal(PartyRefusal.PARTY_UNKNOWN)

    def in_business(self, number: int, expected_version: int | None = None) -> PartyRow | Refusal:
        """The party a number stands for, locked; refused also if it is closed."""
        row = self.standing(number, expected_version)
        if isinstance(row, PartyRow) and row.status is PartyStatus.CLOSED:
            return Refusal(PartyRefusal.PARTY_CLOSED)
        return row

    def resolve(self, number: int) -> int | None:
        """The number of the party a number stands for; None if there is none."""
        return self.one("party_resolve", number=number) if 0 < number < 2**63 else None

    def resolved(self, numbers: Iterable[int]) -> dict[int, int]:
        """The numbers of the parties that numbers stand for; those of no party are left out."""
        asked = sorted({number for number in numbers if 0 < number < 2**63})
        return {int(one): int(other) for one, other in self.rows("parties_resolve", numbers=asked)} if asked else {}

    def lock(self, number: int) -> PartyRow:
        """A party's row, locked. Raises PartyTorn without one."""
        with self.session.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(self._sql["party_lock"], {"number": number}).fetchone()
        if row is None:
            raise PartyTorn(f"Party {number} is referred to and not on file.")
        return msgspec.convert(row, PartyRow)

    def parties(self, numbers: Sequence[int]) -> list[PartyRow]:
        """Rows of parties, by number."""
        with self.session.cursor(row_factory=dict_row) as cursor:
            found = cursor.execute(self._sql["parties_read"], {"numbers": list(numbers)}).fetchall()
        return msgspec.convert(found, list[PartyRow])

    def group(self, number: int) -> list[int]:
        """The numbers that stand for a party, its own first."""
        return [int(row[0]) for row in self.rows("group_read", number=number)]

    def change(self, row: PartyRow) -> int:
        """Write a party's row; its new version."""
        given = {name: getattr(row, name) for name in ("number", "tier", "risk_review", "merged_into", "closed")}
        return self.one(
            "party_change", **given, status=str(row.status), risk=None if row.risk is None else str(row.risk)
        )

    # --- items

    def add_item(self, party: int, checked: Checked, born: dt.date | None) -> ItemRow | Refusal:
        """Add an entry, its personal part sealed; an identifier that another party has is refused, naming it."""
        if self.one("items_count", numbers=[party]) >= ITEMS_MAX:
            return Refusal(PartyRefusal.TOO_MANY, str(ITEMS_MAX))
        blind = index_of(self.vault, checked)
        if checked.area is Area.IDENTIFIER:
            assert blind is not None, "identifiers are looked up"
            taken = self.taken([blind], but=())
            if taken is not None:
                return taken
        if checked.preferred:
            self.run("preferred_clear", numbers=[party], area=str(checked.area))
        named_and_born = checked.area is Area.NAME and born is not None
        item = self.one(
            "item_write",
            party=party,
            area=str(checked.area),
            kind=checked.kind,
            country=checked.country,
            script=checked.script,
            preferred=checked.preferred,
            since=checked.since or self.today,
            expires=checked.expires,
            digest=checked.digest,
            blind=blind,
            twin=twin_of(self.vault, checked.index, born.isoformat()) if named_and_born and born else None,
        )
        for name, text in checked.fields.items():
            self.write_field(party, item, f"{checked.area}.{name}", text)
        row = self.item(item, [party])
        assert row is not None, "it was written"
        return row

    def taken(self, blinds: Sequence[bytes], but: Iterable[int]) -> Refusal | None:
        """Refuse identifiers that a party has, those in `but` aside; until the end nobody else can take them."""
        for blind in sorted(blinds):
            self.one("blind_lock", key=int.from_bytes(blind[:8], "big", signed=True))
        holder = self.one("identifier_holder", blinds=list(blinds), but=list(but))
        if holder is None:
            return None
        return Refusal(PartyRefusal.IDENTIFIER_TAKEN, f"party {self.resolve(holder)}")

    def item(self, item: int, numbers: Sequence[int]) -> ItemRow | None:
        """An entry of one of some parties."""
        with self.session.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(self._sql["item_read"], {"item": item, "numbers": list(numbers)}).fetchone()
        return None if row is None else msgspec.convert(row, ItemRow)

    def items(self, numbers: Sequence[int], *, with_ended: bool = False) -> list[ItemRow]:
        """The entries of parties, in the order they were added."""
        with self.session.cursor(row_factory=dict_row) as cursor:
            found = cursor.execute(
                self._sql["items_read"], {"numbers": list(numbers), "with_ended": with_ended}
            ).fetchall()
        return msgspec.convert(found, list[ItemRow])

    # --- personal data

    def write_field(self, party: int, item: int, field: str, text: str) -> None:
        """Seal a field and keep it."""
        sealed = self.vault.seal(text.encode(), context_of(party, item, field))
        self.run("field_write", party=party, item=item, field=field, sealed=sealed)

    def fields(self, numbers: Sequence[int]) -> Fields:
        """The personal data of parties, opened; of their dates of birth the first one's that is known."""
        found: Fields = {}
        born: dict[int, str] = {}
        for party, item, field, sealed in self.rows("fields_read", numbers=list(numbers)):
            text = self.vault.unseal(bytes(sealed), context_of(party, item, field)).decode()
            if item == 0:
                born[party] = text
            else:
                found.setdefault(item, {})[str(field).partition(".")[2]] = text
        known = next((born[number] for number in numbers if number in born), None)
        return found if known is None else {**found, 0: {"born": known}}

    def born(self, numbers: Sequence[int]) -> dt.date | None:
        """The date of birth of the first of some parties of whom it is known."""
        for number in numbers:
            for party, item, field, sealed in self.rows("fields_of_item_read", party=number, item=0):
                text = self.vault.unseal(bytes(sealed), context_of(party, item, field)).decode()
                return dt.date.fromisoformat(text)
        return None

    def write_born(self, party: int, born: dt.date) -> None:
        """Seal the date of birth, and let the party's names be found with it."""
        self.write_field(party, 0, BORN, born.isoformat())
        for item in self.items([party], with_ended=True):
            if item.area is Area.NAME:
                text = self.texts(item)["text"]
                self.run("twin_write", item=item.item, twin=twin_of(self.vault, name_index(text), born.isoformat()))

    def texts(self, row: ItemRow) -> dict[str, str]:
        """The personal data of one entry, opened, by field."""
        found = self.rows("fields_of_item_read", party=row.party, item=row.item)
        return {
            str(field).partition(".")[2]: self.vault.unseal(bytes(sealed), context_of(party, item, field)).decode()
            for party, item, field, sealed in found
        }

    # --- the log

    def record_of(self, row: ItemRow) -> dict[str, Any]:
        """An entry as the log keeps it: under `<area>/<item>`, its personal data sealed."""
        kept = {name: value for name, value in msgspec.to_builtins(row).items() if value not in (None, "", False)}
        for area in ("item", "area", "party"):
            kept.pop(area)
        for party, item, field, sealed in self.rows("fields_of_item_read", party=row.party, item=row.item):
            kept[str(field).partition(".")[2]] = logged(bytes(sealed), context_of(party, item, field))
        return {f"{row.area}/{row.item}": kept}

    def record_of_born(self, party: int) -> dict[str, Any]:
        """The date of birth as the log keeps it."""
        return {
            str(field).partition(".")[2]: logged(bytes(sealed), context_of(party, item, field))
            for party, item, field, sealed in self.rows("fields_of_item_read", party=party, item=0)
        }

    # --- relations

    def relations(self, numbers: Sequence[int], *, with_ended: bool = False) -> list[RelationRow]:
        """The relations from and to parties, in the order they were added."""
        with self.session.cursor(row_factory=dict_row) as cursor:
            found = cursor.execute(
                self._sql["relations_read"], {"numbers": list(numbers), "with_ended": with_ended}
            ).fetchall()
        return msgspec.convert(found, list[RelationRow])
