"""How far the nights have come, in PostgreSQL; nothing here commits but what a statement does alone."""

from typing import Any

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from yinhe.storage.statements import load_statements


class NightRow(msgspec.Struct, frozen=True):
    """One night as it stands; `cutoff_seq` is None before the cut-off."""

    id_ms: int
    cutoff_seq: int | None
    over: bool
    report: dict[str, Any] | None


class Night(msgspec.Struct, frozen=True):
    """One night for those who look back; `report` and `milliseconds` are None while it is not over."""

    business_date: int
    cutoff_seq: int | None
    milliseconds: int | None
    report: dict[str, Any] | None


class StepRow(msgspec.Struct, frozen=True):
    """One step as it stands."""

    as_of_seq: int
    over: bool
    body: dict[str, Any]


class NightStore:
    """The tables `night` and `night_step` through one session, in autocommit."""

    def __init__(self, session: psycopg.Connection) -> None:
        self.session = session
        self._sql = load_statements("night")

    def begin(self, date: int, id_ms: int, now_us: int) -> NightRow:
        """The night of a business date, noted as begun if it was not."""
        given = {"date": date, "id_ms": id_ms, "now": now_us}
        row = self.session.execute(self._sql["night_begin"], given).fetchone()
        assert row is not None, "what was not there is made"
        return NightRow(*row)

    def read(self, date: int) -> NightRow | None:
        """The night of a business date, None when it has not begun."""
        row = self.session.execute(self._sql["night_read"], {"date": date}).fetchone()
        return None if row is None else NightRow(*row)

    def cut_off(self, date: int, seq: int) -> None:
        """Note the last seq of the date."""
        self.session.execute(self._sql["night_cut_off"], {"date": date, "seq": seq})

    def end(self, date: int, now_us: int, report: dict[str, Any]) -> None:
        """Note that the night is over."""
        self.session.execute(self._sql["night_end"], {"date": date, "now": now_us, "report": Jsonb(report)})

    def last_closed(self) -> int | None:
        """The last business date whose night is over."""
        row = self.session.execute(self._sql["nights_last"]).fetchone()
        return None if row is None else row[0]

    def begin_step(self, date: int, step: str, as_of_seq: int, now_us: int) -> int:
        """Note a step as begun on balances as of a seq, if it was not. The seq: what was noted first stands."""
        given = {"date": date, "step": step, "as_of_seq": as_of_seq, "now": now_us}
        row = self.session.execute(self._sql["step_begin"], given).fetchone()
        assert row is not None, "what was not there is made"
        return int(row[0])

    def pass_step(self, date: int, step: str, as_of_seq: int, now_us: int, body: dict[str, Any]) -> None:
        """Note a step as done that had nothing to do."""
        given = {"date": date, "step": step, "as_of_seq": as_of_seq, "now": now_us, "body": Jsonb(body)}
        self.session.execute(self._sql["step_pass"], given)

    def read_step(self, date: int, step: str) -> StepRow | None:
        """A step, None when it has not begun."""
        row = self.session.execute(self._sql["step_read"], {"date": date, "step": step}).fetchone()
        return None if row is None else StepRow(*row)

    def steps_over(self, date: int) -> dict[str, dict[str, Any]]:
        """What the steps of a night that are done did, by their names."""
        return dict(self.session.execute(self._sql["steps_over"], {"date": date}).fetchall())

    def end_step(self, date: int, step: str, now_us: int, body: dict[str, Any]) -> None:
        """Note that a step is done; in the transaction that writes its changes."""
        self.session.execute(self._sql["step_end"], {"date": date, "step": step, "now": now_us, "body": Jsonb(body)})

    def is_open(self) -> bool:
        """Whether a step that changes contracts or posts has begun and not ended; asked under the bank's lock."""
        row = self.session.execute(self._sql["step_open"]).fetchone()
        return row is not None

    def steps(self, date: int) -> list[tuple[str, int, int | None, dict[str, Any]]]:
        """The steps of a night: name, as_of_seq, milliseconds, what it did."""
        return self.session.execute(self._sql["steps"], {"date": date}).fetchall()

    def nights(self, limit: int) -> tuple["Night", ...]:
        """The newest nights, the newest first."""
        return tuple(Night(*row) for row in self.session.execute(self._sql["nights"], {"limit": limit}))
