"""What payments work with: the books, the desk, the vault, who posts for them, and the bank's own accounts."""

import threading
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol
from uuid import UUID

import msgspec
import psycopg

from yinhe.audit.desk import Desk
from yinhe.kernel.account_number import AccountNumber, decode, encode
from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.errors import ParseError
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.columns import AccountFlag
from yinhe.ledger.ledger import Account, Ledger
from yinhe.payments.codes import CLEARING, SUSPENSE, TRANSIT, note_codes
from yinhe.payments.iso.fields import AccountId, bank_of, bic_is_valid, iban_is_valid
from yinhe.payments.model import Private
from yinhe.payments.posting import Poster
from yinhe.payments.refusals import PaymentReason
from yinhe.payments.store import Store
from yinhe.products.pools import Pools


class Sealer(Protocol):
    """Keeps what is personal: the vault, as far as payments need it."""

    def seal(self, plain: bytes, context: str) -> bytes:
        """Seal bytes; they open in the same context only."""
        ...

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """What was sealed."""
        ...

    def blind(self, value: str, purpose: str) -> bytes:
        """The same for equal values, and telling nothing of them."""
        ...


class BankName(msgspec.Struct, frozen=True):
    """How other banks know the bank. Raises ValueError for a BIC that is none."""

    bic: str
    name: str
    unit: int = 1

    def __post_init__(self) -> None:
        if not bic_is_valid(self.bic):
            raise ValueError(f"{self.bic!r} is no BIC.")


class InHand:
    """What is being booked at this moment in this process, so that nothing is booked by two at once."""

    def __init__(self) -> None:
        self._lock: Final = threading.Lock()
        self._held: Final[set[tuple[str, int]]] = set()

    def take(self, kind: str, numbers: Iterable[int]) -> tuple[int, ...]:
        """Those of the numbers that nobody else has in hand; they are to be let go."""
        with self._lock:
            free = tuple(number for number in numbers if (kind, number) not in self._held)
            self._held.update((kind, number) for number in free)
            return free

    def let_go(self, kind: str, numbers: Iterable[int]) -> None:
        """Give up what was taken."""
        with self._lock:
            self._held.difference_update((kind, number) for number in numbers)


NameOf = Callable[[int], str | None]
"""Under which name an account is held; None where that is not known and no name is compared."""


def no_names(account: int) -> str | None:
    """No name is known, so none is compared."""
    del account


class House:
    """The resources of payments; safe between threads."""

    def __init__(
        self, bank: BankName, desk: Desk, ledger: Ledger, pools: Pools, poster: Poster, vault: Sealer, name_of: NameOf
    ) -> None:
        """Note what the codes of payments mean."""
        self.bank: Final = bank
        self.desk: Final = desk
        self.ledger: Final = ledger
        self.pools: Final = pools
        self.post: Final = poster.post
        self.foresee: Final = poster.foresee
        self.vault: Final = vault
        self.name_of: Final = name_of
        self.store: Final = Store()
        self.in_hand: Final = InHand()
        with desk.sessions.lend() as session:
            note_codes(session)

    # --- the bank's own accounts

    def clearing(self, currency: int) -> int:
        """The account of what is owed between this bank and the clearing, in a currency (ISO 4217 number)."""
        return self.pools.account(CLEARING, currency, 0)

    def suspense(self, currency: int) -> int:
        """The account of money from other banks that found no account yet."""
        return self.pools.account(SUSPENSE, currency, 0)

    def transit(self, currency: int) -> int:
        """The account that batches pass through."""
        return self.pools.account(TRANSIT, currency, 0)

    # --- accounts of customers

    def account(self, index: int) -> Account | None:
        """An account of this bank that may be a customer's; None where there is none, or it is the bank's own."""
        try:
            found = self.ledger.account(index)
        except LookupError:
            return None
        return None if index in self.pools.all().values() else found

    def account_number(self, index: int) -> AccountId:
        """The number under which this bank knows an account."""
        return AccountId(other=encode(AccountNumber(self.bank.unit, index)))

    def own_accounts(self, session: psycopg.Connection, numbers: Sequence[AccountId]) -> dict[str, int]:
        """The accounts of this bank that some numbers name, by number: its own, and the aliases noted."""
        named = self.store.rows(session, "aliases_named", aliases=[one.number for one in numbers if one.number])
        found = {str(alias): int(account) for alias, account in named}
        for one in numbers:
            index = self._decoded(one.other)
            if index is not None:
                found.setdefault(one.number, index)
        return found

    def _decoded(self, number: str) -> int | None:
        if not number:
            return None
        try:
            decoded = decode(number)
        except ParseError:
            return None
        return decoded.index if decoded.unit == self.bank.unit else None

    def is_own(self, bic: str) -> bool:
        """Whether a BIC is this bank's, whatever the branch."""
        return bank_of(bic) == bank_of(self.bank.bic)

    # --- what is personal

    def seal(self, private: Private, kind: str, of: UUID) -> bytes:
        """What is personal of a payment or receipt, sealed for it alone."""
        return self.vault.seal(msgspec.json.encode(private), f"{kind}/{of}")

    def unseal(self, sealed: bytes, kind: str, of: UUID) -> Private:
        """What was sealed."""
        return msgspec.json.decode(self.vault.unseal(bytes(sealed), f"{kind}/{of}"), type=Private)

    def privates(self, session: psycopg.Connection, kind: str, numbers: Sequence[int]) -> dict[int, Private]:
        """What is personal of payments (`payment`) or receipts (`receipt`), by number."""
        rows = self.store.rows(session, f"{kind}_sealed", numbers=list(numbers))
        return {int(number): self.unseal(sealed, kind, of) for number, of, sealed in rows}


def unusable(account: Account | None, currency: int, *, debit: bool) -> PaymentReason | None:
    """Why an account cannot be debited or credited in a currency, whatever its balance."""
    if account is None:
        return PaymentReason.DEBTOR_UNKNOWN if debit else PaymentReason.CREDITOR_UNKNOWN
    if account.flags & AccountFlag.CLOSED:
        return PaymentReason.ACCOUNT_CLOSED
    if account.flags & (AccountFlag.DEBIT_BLOCKED if debit else AccountFlag.CREDIT_BLOCKED):
        return PaymentReason.ACCOUNT_BLOCKED
    return None if account.currency == currency else PaymentReason.CURRENCY_DIFFERS


def elsewhere(creditor: AccountId, bic: str) -> Refusal | None:
    """Why an account at another bank cannot be paid: its numbers are wrong, or its bank is not known."""
    if not creditor.number:
        return Refusal(PaymentReason.CREDITOR_MISSING)
    if creditor.iban and not iban_is_valid(creditor.iban):
        return Refusal(PaymentReason.IBAN_INVALID)
    if bic and not bic_is_valid(bic):
        return Refusal(PaymentReason.BIC_INVALID)
    return None if bic or creditor.iban else Refusal(PaymentReason.BANK_MISSING)


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same but for case, width, spaces and points."""

    def bare(name: str) -> str:
        folded = unicodedata.normalize("NFKC", name).casefold()
        return "".join(character for character in folded if character.isalnum())

    return bare(one) == bare(other)


def currency_code(number: int) -> str:
    """The three letters of a currency."""
    return currency_by_number(number).code
