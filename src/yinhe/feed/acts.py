"""Records of the log as events: what was done with parties, contracts, loans, products, rates and payments.

Only what was done is an event, not what was asked and refused or only looked at. Of parties and payments an event says
which fields changed, never what is in them; whoever may know reads them at their place.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

import msgspec
import psycopg

from yinhe.access.principal import Scope
from yinhe.audit.posted import POSTED
from yinhe.audit.reading import Kept
from yinhe.audit.record import Outcome
from yinhe.deposits.columns import NO_RATE
from yinhe.feed.event import Event, Wanted
from yinhe.feed.owners import Owners
from yinhe.feed.words import date_text, money_text, rate_text, time_text
from yinhe.kernel.account_number import AccountNumber, encode
from yinhe.kernel.currency import Currency, currency_by_number
from yinhe.ledger.ledger import Ledger

AREAS: Final = frozenset(("party", "contract", "loan", "product", "rate", "payment", "account", "night"))
"""Areas of acts that are events; who may do what, and who did it, is told to nobody outside."""
NIGHT: Final = "night"
"""The verb of what a night did with many contracts or loans."""

_OPEN: Final = frozenset(("contract", "loan", "product", "rate"))
"""Areas whose changes are told, and not only which fields changed."""
_MONEY: Final = frozenset(("principal", "kept", "limit", "lent", "undue", "payment", "written_off"))
_RATES: Final = frozenset(("rate", "spread", "margin"))
_PLAIN: Final = frozenset(
    (
        *("flags", "opened", "start", "maturity", "closed", "months", "days", "branch", "version", "status", "sha256"),
        *("agreed", "next_due", "overdue_since", "next_reset", "grade", "effective", "correction", "day_of_month"),
    )
)
_ACCOUNTS: Final = frozenset(("linked",))

Part: TypeAlias = tuple[int, Event]
"""A part of a record as an event, and its place among the record's parts."""


class Acts:
    """Makes events of records; safe between threads."""

    def __init__(self, ledger: Ledger, owners: Owners) -> None:
        self._ledger: Final = ledger
        self._owners: Final = owners

    def parts_of(
        self, session: psycopg.Connection, kept: Kept, first: int, wanted: Wanted, reach: Scope
    ) -> Iterator[Part]:
        """The events of a record that a reader wants and may have, those of its parts from `first` on."""
        area, _, verb = kept.action.partition(".")
        if kept.outcome != Outcome.DONE or kept.action == POSTED or area not in AREAS:
            return
        if verb == NIGHT:
            yield from self._night(session, kept, first, wanted, reach)
        elif not first:
            told = kept.told
            kind = f"{kept.action}.v{told.get('version', 1)}"
            if wanted.takes(kind) and self._may_have(kept.object, kept.parties, wanted, reach):
                yield 0, self._event(kept, kind, kept.object, kept.parties, reach, self._data(kept, area, told))

    def count_of(self, kept: Kept) -> int:
        """How many parts a record has."""
        if not kept.action.endswith(f".{NIGHT}"):
            return 1
        return len(_numbers(kept.told))

    def _night(
        self, session: psycopg.Connection, kept: Kept, first: int, wanted: Wanted, reach: Scope
    ) -> Iterator[Part]:
        told = kept.told
        area = kept.action.partition(".")[0]
        detail: dict[str, Any] = told["detail"]
        kind = f"{area}.{detail['happened']}.v{told.get('version', 1)}"
        if not wanted.takes(kind):
            return
        objects = [f"{area}/{number}" for number in _numbers(told)]
        if wanted.object is not None and wanted.object not in objects:
            return
        parties = self._owners.parties_of(session, objects[first:])
        data = {"closed_date": detail["closed_date"], "step": detail["step"]}
        for part, what in enumerate(objects[first:], first):
            if self._may_have(what, parties.get(what, ()), wanted, reach):
                yield part, self._event(kept, kind, what, parties.get(what, ()), reach, data, f"-{part}")

    def _may_have(self, what: str, parties: tuple[int, ...], wanted: Wanted, reach: Scope) -> bool:
        if wanted.object is not None and wanted.object != what:
            return False
        if wanted.party is not None and wanted.party not in parties:
            return False
        if reach.parties is not None and not reach.parties & set(parties):
            return False
        if reach.branches is None:
            return True
        (branch,) = self._owners.branches_of([self._owners.account_of(what)])
        return branch in reach.branches

    def _event(
        self,
        kept: Kept,
        kind: str,
        what: str,
        parties: tuple[int, ...],
        reach: Scope,
        data: dict[str, Any],
        suffix: str = "",
    ) -> Event:
        return Event(
            id=f"act-{kept.number}{suffix}",
            type=kind,
            at=time_text(kept.at),
            business_date=date_text(kept.business_date),
            object=what,
            parties=tuple(one for one in parties if reach.parties is None or one in reach.parties),
            data=data,
        )

    def _data(self, kept: Kept, area: str, told: Mapping[str, Any]) -> dict[str, Any]:
        before, after = _mapping(told.get("before")), _mapping(told.get("after"))
        data: dict[str, Any] = {"changed": sorted({*before, *after})}
        if kept.request_id is not None:
            data["request"] = str(kept.request_id)
        if area in _OPEN:
            its = self._currency_of(kept.object)
            data["before"] = {name: self._value(name, value, its) for name, value in before.items() if _told(name)}
            data["after"] = {name: self._value(name, value, its) for name, value in after.items() if _told(name)}
        return data

    def _currency_of(self, what: str) -> Currency | None:
        account, columns = self._owners.account_of(what), self._ledger.engine.core.columns
        return currency_by_number(int(columns.line["currency"][account])) if account else None

    def _value(self, name: str, value: Any, its: Currency | None) -> Any:
        if name in _MONEY and isinstance(value, int):
            return None if its is None else money_text(value, its)
        if name in _RATES and isinstance(value, int):
            return None if value == NO_RATE else rate_text(value)
        if name in _ACCOUNTS and isinstance(value, int):
            return encode(AccountNumber(self._ledger.engine.core.unit, value)) if value else None
        return value


def _told(name: str) -> bool:
    return name in _MONEY or name in _RATES or name in _PLAIN or name in _ACCOUNTS


def _mapping(value: Any) -> dict[str, Any]:
    return msgspec.convert(value, dict[str, Any]) if isinstance(value, dict) else {}


def _numbers(told: Mapping[str, Any]) -> list[int]:
    return msgspec.convert(told["detail"]["numbers"], list[int])
