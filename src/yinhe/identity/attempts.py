"""Tries to prove oneself: after failures the next one waits, ever longer, by name and by address.

A try is counted as a failure before its secret is looked at and taken back when it succeeds, so that many at once gain
nothing. A name that is nobody's waits like any other. While a try waits its secret is not looked at and nothing is put
on record but how many there were.
"""

import ipaddress
from collections.abc import Sequence
from typing import Final

import msgspec
import psycopg

from yinhe.identity.refusals import IdentityRefusal
from yinhe.identity.settings import DAY_US, MINUTE_US, SECOND_US
from yinhe.kernel.clock import Clock, datetime_from_us, us_from_datetime
from yinhe.kernel.refusals import Refusal
from yinhe.storage.sessions import Sessions
from yinhe.storage.statements import load_statements

FREE_BY_NAME: Final = 5
"""Failures of a name in a row without a wait."""
FREE_BY_ADDRESS: Final = 50
"""… of an address, behind which a whole branch may sit."""
DELAY_LEAST_US: Final = SECOND_US
DELAY_MOST_US: Final = 15 * MINUTE_US
FORGOTTEN_US: Final = DAY_US
"""After how long without a try failures are forgotten."""


class Key(msgspec.Struct, frozen=True, order=True):
    """What failures are counted by, and how many are free."""

    what: str
    free: int


def keys_for(name: str | None, address: str) -> tuple[Key, ...]:
    """What to count a try by, in the order in which they are locked; None: the name has not the form of one."""
    keys = [Key(f"user:{name}", FREE_BY_NAME)] if name is not None else []
    if address:
        keys.append(Key(f"address:{network_of(address)}", FREE_BY_ADDRESS))
    return tuple(sorted(keys))


def network_of(address: str) -> str:
    """An address as failures are counted by it: one of version 6 by its network of 64 bits, which one person has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unreadable"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))


def delay_us(failures: int, free: int) -> int:
    """How long the next try waits after this many failures in a row: 1 s, doubled each time, 15 minutes at most."""
    if failures < free:
        return 0
    return min(DELAY_LEAST_US << min(failures - free, 30), DELAY_MOST_US)


class Attempts:
    """Counts tries; safe between threads and processes."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions: Final = sessions
        self._clock: Final = clock
        self._sql: Final = load_statements("identity")

    def begin(self, keys: Sequence[Key]) -> Refusal | None:
        """Count a try as failed, or refuse it with the seconds it has to wait as detail."""
        now = self._clock.now_us()
        with self._sessions.transaction() as session:
            session.execute(self._sql["failures_prune"], {"before": datetime_from_us(now - FORGOTTEN_US)})
            counts = [self._count(session, key, now) for key in keys]
            waits = max((count.locked_until - now for count in counts), default=0)
            for key, count in zip(keys, counts, strict=True):
                if waits > 0:
                    self._write(session, key, count.failures, count.turned_away + 1, now, count.locked_until)
                else:
                    failures = count.failures + 1
                    self._write(session, key, failures, count.turned_away, now, now + delay_us(failures, key.free))
        return Refusal(IdentityRefusal.TRY_LATER, f"{-(-waits // SECOND_US)} s") if waits > 0 else None

    def take_back(self, session: psycopg.Connection, keys: Sequence[Key]) -> None:
        """Take back one try that was counted ahead; the failures before it stand."""
        now = self._clock.now_us()
        for key in keys:
            count = self._count(session, key, now)
            failures = max(count.failures - 1, 0)
            self._write(session, key, failures, count.turned_away, now, now + delay_us(failures, key.free))

    def succeed(self, session: psycopg.Connection, keys: Sequence[Key]) -> None:
        """Forget the failures of the name that succeeded; those of the address stand but for this try."""
        for key in keys:
            if key.what.startswith("user:"):
                session.execute(self._sql["failure_forget"], {"what": key.what})
            else:
                self.take_back(session, [key])

    def _count(self, session: psycopg.Connection, key: Key, now: int) -> "_Count":
        row = session.execute(self._sql["failure_lock"], {"what": key.what, "now": datetime_from_us(now)}).fetchone()
        assert row is not None, "what is not there is made"
        failures, turned_away, last_at, locked_until = row
        if us_from_datetime(last_at) < now - FORGOTTEN_US:
            return _Count(0, 0, now)
        return _Count(int(failures), int(turned_away), us_from_datetime(locked_until))

    def _write(
        self, session: psycopg.Connection, key: Key, failures: int, turned_away: int, now: int, locked_until: int
    ) -> None:
        given = {"what": key.what, "failures": failures, "turned_away": turned_away}
        times = {"now": datetime_from_us(now), "locked_until": datetime_from_us(locked_until)}
        session.execute(self._sql["failure_write"], {**given, **times})


class _Count(msgspec.Struct, frozen=True):
    failures: int
    turned_away: int
    locked_until: int
