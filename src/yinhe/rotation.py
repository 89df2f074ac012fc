"""The keys of personal data: proved at the start; after a change everything is sealed anew, while the bank works.

What the log of acts keeps stays sealed with the key of its day: a log is never written again. So old keys stay, too.
"""

from typing import Final

import msgspec

from yinhe.feed.subscription import secret_context
from yinhe.identity.keys import key_context
from yinhe.identity.resealing import Kind, seal_anew
from yinhe.parties.rotation import rotate
from yinhe.parties.sealing import context_of
from yinhe.storage.errors import FieldKeysUnusable, SealBroken
from yinhe.storage.sessions import Sessions
from yinhe.storage.statements import load_statements
from yinhe.storage.vault import KEYS_FILE, KEYS_VARIABLE, Vault

PASSES_MAX: Final = 5
"""Passes over everything: the first does it, the next find what others sealed with the old key meanwhile."""

_PAYMENTS: Final[tuple[Kind, ...]] = (
    ("payment", lambda id: (f"payment/{id}",)),
    ("receipt", lambda id: (f"receipt/{id}",)),
    ("message", lambda id: (f"clearing-message/{id}",)),
)
_WEBHOOKS: Final[tuple[Kind, ...]] = (("webhook", lambda number: (secret_context(number),) * 2),)


class Resealed(msgspec.Struct, frozen=True, kw_only=True):
    """How much was sealed anew."""

    parties: int
    """Fields of parties."""
    identity: int
    """Second factors, signing keys and commands that wait or waited for a second person."""
    payments: int
    webhooks: int

    @property
    def count(self) -> int:
        """All of it."""
        return self.parties + self.identity + self.payments + self.webhooks


def prove_keys(sessions: Sessions, vault: Vault) -> None:
    """Open something that is sealed, if anything is. Raises FieldKeysUnusable when the keys are not those of the books.

    A home that lost its keys is given new ones when it is opened: nothing more may be sealed with them.
    """
    sql = load_statements("reseal")
    with sessions.lend() as session:
        fields = session.execute(sql["party_field_sealed"]).fetchall()
        keys = session.execute(sql["key_sealed"], {"after": None, "limit": 1}).fetchall()
    sealed = [(context_of(party, item, field), what) for party, item, field, what in fields]
    sealed += [(key_context(kid), what) for kid, what in keys]
    try:
        for context, what in sealed:
            vault.unseal(bytes(what), context)
    except SealBroken as error:
        raise FieldKeysUnusable(
            f"What is sealed in these books does not open with the keys there are: put back the {KEYS_FILE} (or "
            f"{KEYS_VARIABLE}) that belongs to them. {error}"
        ) from error


def reseal(sessions: Sessions, vault: Vault) -> Resealed:
    """Seal with the newest key whatever an older one sealed. Stopped half-way, it goes on when called again.

    Raises SealBroken for a field whose key is not there.
    """
    done = _pass(sessions, vault)
    for _ in range(PASSES_MAX - 1):
        more = _pass(sessions, vault)
        if not more.count:
            break
        done = Resealed(
            parties=done.parties + more.parties,
            identity=done.identity + more.identity,
            payments=done.payments + more.payments,
            webhooks=done.webhooks + more.webhooks,
        )
    return done


def _pass(sessions: Sessions, vault: Vault) -> Resealed:
    return Resealed(
        parties=rotate(sessions, vault),
        identity=seal_anew(sessions, vault),
        payments=seal_anew(sessions, vault, _PAYMENTS),
        webhooks=seal_anew(sessions, vault, _WEBHOOKS),
    )
