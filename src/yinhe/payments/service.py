"""Payments: the one door to the organ, for the HTTP layer, the command line and the night.

1. What is asked is checked and noted, under the desk's one write path: an id that is asked again gets its answer again.
2. It is posted, through whoever posts, under ids that follow from the id asked under and the line.
3. What became of it is noted.

Whatever stops between two of these is found by `resume`, which is called when the service starts.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
import psycopg

from yinhe.audit.desk import Asked, Desk, Done, Told
from yinhe.audit.record import BANK, Author
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.ledger import Ledger
from yinhe.payments import orders, receipts, receiving, reports, sending, settling, statements
from yinhe.payments.house import BankName, House, NameOf, Sealer, no_names
from yinhe.payments.iso.fields import AccountId, compact, iban_is_valid
from yinhe.payments.model import FileProgress, Message, Pay, Payment, Private, Receipt, ReceiptState, State, Taken
from yinhe.payments.posting import Poster
from yinhe.payments.refusals import PaymentReason
from yinhe.payments.settling import Outgoing
from yinhe.payments.store import NUMBER_END, PAGE_MAX
from yinhe.payments.words import is_plain
from yinhe.products.pools import Pools


class Payments:
    """Payments of a unit; safe between threads. One beside the unit's one ledger."""

    def __init__(
        self,
        bank: BankName,
        desk: Desk,
        ledger: Ledger,
        pools: Pools,
        poster: Poster,
        vault: Sealer,
        name_of: NameOf = no_names,
    ) -> None:
        """`name_of` gives the name an account is held under; with it, money under another name goes into suspense."""
        self.house: Final = House(bank, desk, ledger, pools, poster, vault, name_of)

    # --- commands

    def pay(self, asked: Asked, command: Pay) -> Told | Refusal:
        """Take one payment, and book it if it is for today; the answer is the `Payment`, which may be rejected."""
        return sending.pay(self.house, asked, command)

    def cancel(self, asked: Asked, payment: int) -> Told | Refusal:
        """Cancel a payment that waits; the answer is the `Payment`."""
        return orders.cancel(self.house, asked, payment)

    def take_file(self, asked: Asked, data: bytes) -> Told | Refusal:
        """Take a payment file (pain.001) and book what is for today; the answer is its `FileProgress`."""
        return sending.take_file(self.house, asked, data)

    def take_credits(self, asked: Asked, data: bytes) -> Told | Refusal:
        """Take a message of the clearing with credits (pacs.008); the answer is what was `Taken`."""
        return receiving.take_credits(self.house, asked, data)

    def take_returns(self, asked: Asked, data: bytes) -> Told | Refusal:
        """Take a message of the clearing with payments that come back (pacs.004); the answer is what was `Taken`."""
        return receiving.take_returns(self.house, asked, data)

    def send(self, asked: Asked, kind: Outgoing, currency: str) -> Told | Refusal:
        """Make the next message to the clearing; the answer is the `Message`, `file_of` gives its bytes."""
        return settling.send(self.house, asked, kind, currency)

    def apply(self, asked: Asked, receipt: int, account: int) -> Told | Refusal:
        """Credit money in suspense to an account; the answer is the `Receipt`."""
        return receipts.apply(self.house, asked, receipt, account)

    def send_back(self, asked: Asked, receipt: int, iso_code: str, words: str = "") -> Told | Refusal:
        """Send money in suspense back, with the code that says why (`AC04`); the answer is the `Receipt`."""
        return receipts.send_back(self.house, asked, receipt, iso_code, words)

    def name_account(self, asked: Asked, alias: str, account: int) -> Told | Refusal:
        """Give an account another number: an IBAN, or one it had elsewhere; the answer is the alias."""
        alias = compact(alias)
        asked = msgspec.structs.replace(asked, content={"alias": alias, "account": account})
        looks_like_iban = alias[:2].isalpha() and alias[2:4].isdigit()

        def work(session: psycopg.Connection) -> Done | Refusal:
            if not alias or not is_plain(alias, 34):
                return Refusal(PaymentReason.FIELD_MALFORMED, "alias")
            if looks_like_iban and not iban_is_valid(alias):
                return Refusal(PaymentReason.IBAN_INVALID)
            if self.house.account(account) is None:
                return Refusal(PaymentReason.CREDITOR_UNKNOWN)
            # An account's own number names it already: no alias leads what is paid to it elsewhere.
            named = self.house.own_accounts(session, [AccountId(other=alias)])
            if named.get(alias, account) != account:
                return Refusal(PaymentReason.ALIAS_TAKEN)
            self.house.store.run(session, "alias_write", alias=alias, account=account)
            return Done(answer=alias, object=f"account/{account}", after={"alias": alias})

        return self.house.desk.carry_out(asked, work)

    def run_due(self, date: int, author: Author = BANK) -> int:
        """Carry out what is due on a business date that has come; how many payments were tried."""
        return orders.run_due(self.house, date, author)

    def resume(self, author: Author = BANK) -> int:
        """Book whatever a stop left on its way; how many payments and receipts that were."""
        return orders.resume(self.house, author) + receipts.resume_receipts(self.house, author)

    # --- reading

    def payment(self, number: int) -> Payment | None:
        """One payment, without what is personal."""
        with self.house.desk.sessions.lend() as session:
            return self.house.store.payment(session, number)

    def payments(
        self, *, account: int | None = None, state: State | None = None, before: int = NUMBER_END, limit: int = 100
    ) -> tuple[Payment, ...]:
        """Payments from or to an account, or all, newest first; at most PAGE_MAX."""
        given = {"account": account, "state": state, "before": before, "limit": min(limit, PAGE_MAX)}
        with self.house.desk.sessions.lend() as session:
            return self.house.store.payments_by(session, "payments_list", **given)

    def private_of_payments(self, numbers: Sequence[int]) -> dict[int, Private]:
        """What is personal of payments, in the clear; whoever asks for it puts the reading on record."""
        with self.house.desk.sessions.lend() as session:
            return self.house.privates(session, "payment", numbers)

    def private_of_receipts(self, numbers: Sequence[int]) -> dict[int, Private]:
        """What is personal of receipts, in the clear; whoever asks for it puts the reading on record."""
        with self.house.desk.sessions.lend() as session:
            return self.house.privates(session, "receipt", numbers)

    def progress(self, file: int) -> FileProgress:
        """How far a payment file has come. Raises LookupError."""
        with self.house.desk.sessions.lend() as session:
            return sending.progress_of(self.house, session, file)

    def lines(self, file: int, after: int = 0, limit: int = PAGE_MAX) -> tuple[Payment, ...]:
        """The payments of a file after a line, in order; at most PAGE_MAX."""
        with self.house.desk.sessions.lend() as session:
            given = {"file": file, "after": after, "limit": min(limit, PAGE_MAX)}
            return self.house.store.payments_by(session, "payments_of_file", **given)

    def status_report(self, file: int) -> bytes:
        """The status of a payment file, line by line (pain.002). Raises LookupError."""
        return reports.status_report(self.house, file)

    def refusal_report(self, data: bytes, refusal: Refusal) -> bytes | None:
        """The report on a file refused as a whole (pain.002); None where not even its id can be read."""
        return reports.refusal_report(self.house, data, refusal)

    def receipt(self, number: int) -> Receipt | None:
        """Money from another bank, without what is personal."""
        with self.house.desk.sessions.lend() as session:
            return self.house.store.receipt(session, number)

    def receipts(
        self, *, state: ReceiptState | None = None, before: int = NUMBER_END, limit: int = 100
    ) -> tuple[Receipt, ...]:
        """Money from other banks, newest first, in a state or in any; at most PAGE_MAX."""
        with self.house.desk.sessions.lend() as session:
            given = {"state": state, "before": before, "limit": min(limit, PAGE_MAX)}
            return self.house.store.receipts_by(session, "receipts_list", **given)

    def taken(self, message: int) -> Taken:
        """What became of a message of the clearing. Raises LookupError."""
        with self.house.desk.sessions.lend() as session:
            return receiving.taken(self.house, session, message)

    def messages(self, before: int = NUMBER_END, limit: int = 100) -> tuple[Message, ...]:
        """Messages to and from the clearing, newest first; at most PAGE_MAX."""
        with self.house.desk.sessions.lend() as session:
            return self.house.store.messages(session, before, min(limit, PAGE_MAX))

    def file_of(self, message: int) -> bytes:
        """A message to the clearing as it was sent. Raises LookupError."""
        return settling.file_of(self.house, message)

    def statement(self, account: int, first: int, last: int) -> bytes | Refusal:
        """The statement of an account over business dates (camt.053). Raises LookupError."""
        return statements.statement(self.house, account, first, last)

    def notification(self, account: int, transaction_id: UUID) -> bytes:
        """What one transaction did to an account (camt.054). Raises LookupError."""
        return statements.notification(self.house, account, transaction_id)
