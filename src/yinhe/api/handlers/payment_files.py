"""Payment files: pain.001 in, progress and results line by line, pain.002 out.

What a file moves, and whose accounts it debits, is looked at before the organ takes it: so a file is weighed like a
payment, and whoever is limited to parties debits none but theirs.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from yinhe.access.permissions import Permission
from yinhe.api.approving import note_refusal
from yinhe.api.call import Call
from yinhe.api.forms import make_cursor, read_cursor
from yinhe.api.handlers.payment_forms import (
    XML,
    FileTaken,
    FileView,
    PaymentFilePages,
    PaymentFilePath,
    file_taken,
)
from yinhe.api.handlers.payments import SEND, is_limited, sent_it, views_of
from yinhe.api.problem import status_of
from yinhe.api.reach import reach_account
from yinhe.api.reading import ReadingRefusal
from yinhe.api.route import JSON, Handled, RefusalLike, Reply, Route, Weight
from yinhe.api.weighing import heaviest
from yinhe.kernel.refusals import Refusal
from yinhe.payments.iso import pain001
from yinhe.payments.iso.fields import AccountId, read_account, read_amount
from yinhe.payments.iso.xml import BYTES_MAX, Unreadable, read_document
from yinhe.payments.model import FileProgress
from yinhe.payments.refusals import FileReason, PaymentReason

SECONDS_MAX: Final = 120.0
"""Longest a file may take; what is not booked by then is booked by whoever hands it in again, or at the next start."""


def sums_of(data: bytes, messages: Sequence[str], path: str) -> dict[str, int]:
    """What the amounts of a message (at `path`) come to by currency, in minor units; nothing of one that does not read.

    An amount that is none is refused later, and weighs nothing.
    """
    root = read_document(data, messages)
    sums: dict[str, int] = defaultdict(int)
    for node in () if isinstance(root, Refusal) else root.all(path):
        amount = read_amount(node.own_text, node.attribute("Ccy"))
        if not isinstance(amount, Refusal):
            sums[amount.currency.code] += amount.minor
    return sums


def weigh_file(call: Call) -> Weight:
    """What a file moves."""
    return heaviest(call, sums_of(call.body_as(bytes), pain001.MESSAGES, "PmtInf/CdtTrfTxInf/Amt/InstdAmt"))


def take_file(call: Call) -> Handled:
    """Take a payment file, and book what is for today."""
    data, payments = call.body_as(bytes), call.bank.payments
    refused = _refuse_debtors(call, data)
    if refused is not None:
        return refused
    told = payments.take_file(call.asked(), data)
    if isinstance(told, Refusal):
        return _refused(call, data, told)
    progress = told.read(FileProgress)
    if call.accept == XML and not call.dry_run:
        return Reply(content=payments.status_report(progress.number), media=XML, value=file_taken(progress))
    return Reply(value=file_taken(progress))


def _refused(call: Call, data: bytes, refusal: Refusal) -> Handled:
    """A refusal of the whole file, as pain.002 for whoever asks for that."""
    if call.accept != XML or not isinstance(refusal.because, FileReason):
        return refusal
    report = call.bank.payments.refusal_report(data, refusal)
    return refusal if report is None else Reply(status=status_of(refusal.name), content=report, media=XML)


def _refuse_debtors(call: Call, data: bytes) -> RefusalLike | None:
    """Why whoever asks may not debit the accounts a file names: one is out of reach, or is not there at all."""
    if not is_limited(call.principal.scope):
        return None
    root = read_document(data, pain001.MESSAGES)
    if isinstance(root, Refusal):
        return None
    try:
        debtors = [read_account(group, "DbtrAcct") or AccountId() for group in root.all("PmtInf")]
    except Unreadable:
        return None
    with call.bank.sessions.lend() as session:
        own = call.bank.payments.house.own_accounts(session, debtors)
    accounts = {own.get(debtor.number, 0) for debtor in debtors}
    if all(account and reach_account(call, account) is None for account in accounts):
        return None
    refusal = Refusal(PaymentReason.DEBTOR_UNKNOWN)
    if not call.dry_run:
        note_refusal(call, refusal)
    return refusal


# --- reading


def _reach(call: Call, file: int) -> FileProgress | Refusal:
    """How far a file has come, where it is there for whoever asks: those who are limited see what they sent."""
    if is_limited(call.principal.scope) and not sent_it(call, file):
        return Refusal(PaymentReason.FILE_UNKNOWN)
    try:
        return call.bank.payments.progress(file)
    except LookupError:
        return Refusal(PaymentReason.FILE_UNKNOWN)


def read_file(call: Call) -> Handled:
    """Show how far a file has come, and a page of its payments."""
    params = call.params_as(PaymentFilePages)
    progress = _reach(call, params.file)
    if isinstance(progress, Refusal):
        return progress
    after = 0
    if params.cursor:
        found = read_cursor("file lines", params.cursor, int, int)
        if isinstance(found, Refusal) or found[0] != params.file or found[1] > progress.count:
            return Refusal(ReadingRefusal.CURSOR_INVALID)
        after = found[1]
    lines = call.bank.payments.lines(params.file, after, params.limit)
    more = len(lines) == params.limit
    taken = file_taken(progress)
    return Reply(
        value=FileView(
            file=taken.file,
            message_id=taken.message_id,
            count=taken.count,
            states=taken.states,
            done=taken.done,
            lines=views_of(call, lines),
            next=make_cursor("file lines", params.file, lines[-1].line) if more else None,
        )
    )


def read_status_report(call: Call) -> Handled:
    """Make the report on a file as it stands."""
    progress = _reach(call, call.params_as(PaymentFilePath).file)
    if isinstance(progress, Refusal):
        return progress
    return Reply(content=call.bank.payments.status_report(progress.number), media=XML)


_TAG: Final = "payment files"
ROUTES: Final[tuple[Route, ...]] = (
    Route(
        method="POST",
        path="/v1/payment-files",
        name="sendPaymentFile",
        tag=_TAG,
        summary="Hand in a payment file (pain.001), and have what is for today paid.",
        description="Versions 001.03, 001.09, 001.10 and 001.11, at most 10,000 payments. Known by its sender and "
        "message id: handed in again it is done once. What is wrong with one payment stays with it. With "
        "`Accept: application/xml` the answer, also of a file refused whole, is its status report (pain.002).",
        permission=Permission.PAYMENT_SEND,
        handler=take_file,
        body=bytes,
        media_in=(XML,),
        body_bytes_max=BYTES_MAX,
        answer=FileTaken,
        media_out=(JSON, XML),
        media_refused=XML,
        status=201,
        action=SEND,
        weigh=weigh_file,
        seconds_max=SECONDS_MAX,
    ),
    Route(
        method="GET",
        path="/v1/payment-files/{file}",
        name="readPaymentFile",
        tag=_TAG,
        summary="Show how far a payment file has come, and its payments in order.",
        permission=Permission.PAYMENT_READ,
        handler=read_file,
        params=PaymentFilePages,
        answer=FileView,
    ),
    Route(
        method="GET",
        path="/v1/payment-files/{file}/status-report",
        name="readStatusReport",
        tag=_TAG,
        summary="Make the report (pain.002) on a payment file as it stands, line by line.",
        permission=Permission.PAYMENT_READ,
        handler=read_status_report,
        params=PaymentFilePath,
        media_out=(XML,),
        seconds_max=SECONDS_MAX,
    ),
)
