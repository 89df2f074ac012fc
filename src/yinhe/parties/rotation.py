"""Seal all personal data anew with the newest key, in chunks, while the bank works.

1. `vault.add_key` adds a key; 2. every process is started anew, so that all know it; 3. `rotate`; 4. the old key may
leave the keys once nothing needs it: what the log keeps of changes stays sealed with the key of its day.
"""

from typing import Final

from yinhe.parties.sealing import context_of
from yinhe.storage.sessions import Sessions
from yinhe.storage.statements import load_statements
from yinhe.storage.vault import Vault

CHUNK: Final = 500
"""Fields sealed anew in one transaction."""


def rotate(sessions: Sessions, vault: Vault, chunk: int = CHUNK) -> int:
    """Seal what older keys sealed anew; how many fields that were. Stopped half-way, it goes on when called again."""
    sql = load_statements("parties")
    newest = vault.newest.to_bytes(4, "big")
    last: tuple[int, int, str] = (0, -1, "")
    count = 0
    while True:
        with sessions.transaction() as session:
            given = {"party": last[0], "item": last[1], "field": last[2], "newest": newest, "limit": chunk}
            found = session.execute(sql["rotation_page"], given).fetchall()
            for party, item, field, sealed in found:
                context = context_of(party, item, field)
                anew = vault.seal(vault.unseal(bytes(sealed), context), context)
                session.execute(sql["rotation_write"], {"party": party, "item": item, "field": field, "sealed": anew})
        count += len(found)
        if not found:
            return count
        last = (int(found[-1][0]), int(found[-1][1]), str(found[-1][2]))
