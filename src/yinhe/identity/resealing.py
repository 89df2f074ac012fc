"""After a change of the vault's keys: what identity and access keep sealed is sealed anew, some rows at a time."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from yinhe.access.pending import sealing_contexts
from yinhe.identity.keys import key_context
from yinhe.identity.user_store import factor_context
from yinhe.storage.sessions import Sessions
from yinhe.storage.statements import load_statements
from yinhe.storage.vault import Vault, key_number

ROWS_MAX: Final = 20
"""Rows of one transaction; a command that waits may have megabytes."""

Contexts = Callable[[Any], tuple[str, ...]]
"""In which contexts the fields of a row are sealed, by its number, name or id."""
Kind = tuple[str, Contexts]
"""A kind of rows as the statements name it, and the contexts of their fields."""

_SEALED: Final[tuple[Kind, ...]] = (
    ("user", lambda number: (factor_context(number),)),
    ("key", lambda kid: (key_context(kid),)),
    ("approval", sealing_contexts),
)


def seal_anew(sessions: Sessions, vault: Vault, kinds: Sequence[Kind] = _SEALED) -> int:
    """Seal with the newest key whatever was sealed with an older one; how many rows. May be run at any time, and again.

    Raises SealBroken for a field whose key is not there.
    """
    return sum(_kind_anew(sessions, vault, name, contexts) for name, contexts in kinds)


def _kind_anew(sessions: Sessions, vault: Vault, name: str, contexts: Contexts) -> int:
    sql, done = load_statements("reseal"), 0
    after: Any = None
    while True:
        with sessions.transaction() as session:
            given = {"after": after, "limit": ROWS_MAX}
            rows = session.execute(sql[f"{name}_sealed"], given).fetchall()
            for key, *fields in rows:
                if all(sealed is None or key_number(bytes(sealed)) == vault.newest for sealed in fields):
                    continue
                resealed = [
                    None if sealed is None else vault.seal(vault.unseal(bytes(sealed), context), context)
                    for sealed, context in zip(fields, contexts(key), strict=True)
                ]
                session.execute(sql[f"{name}_seal"], {"id": key, "sealed": resealed})
                done += 1
        if len(rows) < ROWS_MAX:
            return done
        after = rows[-1][0]
