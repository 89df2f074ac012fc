"""pacs.004, PaymentReturn: money that one bank sends back to another, because it could not be credited."""

from typing import Final

import msgspec

from yinhe.kernel.currency import currency
from yinhe.kernel.refusals import Refusal
from yinhe.payments.iso.fields import (
    amount_tag,
    bank_tag,
    date_text,
    id_text,
    optional_text,
    read_bic,
    time_text,
)
from yinhe.payments.iso.pacs008 import read_money, transactions_of
from yinhe.payments.iso.xml import Node, Tag, Unreadable, read_document, tag, write_document
from yinhe.payments.refusals import PaymentReason

MESSAGES: Final = ("pacs.004.001.09", "pacs.004.001.10", "pacs.004.001.11")
"""What is taken; the first is what is sent."""


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """One payment that comes back; with a `refusal` it could not be read, but for its amount, if that stands."""

    number: int
    """In the message, from 1."""
    refusal: Refusal | None = None
    return_id: str = ""
    """Under which the bank that returns it knows the return."""
    original_message_id: str = ""
    original_message: str = "pacs.008.001.08"
    original_transaction_id: str = ""
    original_end_to_end_id: str = ""
    amount_minor: int = 0
    currency: str = ""
    iso_code: str = "MS03"
    words: str = ""


class Returns(msgspec.Struct, frozen=True, kw_only=True):
    """A whole message."""

    message: str = MESSAGES[0]
    message_id: str
    created_us: int = 0
    settlement_date: int | None = None
    sender_bic: str = ""
    receiver_bic: str = ""
    lines: tuple[Returned, ...]


def read_pacs004(data: bytes) -> Returns | Refusal:
    """Read a message, and check its count and sum."""
    root = read_document(data, MESSAGES)
    if isinstance(root, Refusal):
        return root
    try:
        return _message(root)
    except Unreadable as unreadable:
        return unreadable.refusal


def _message(root: Node) -> Returns:
    head, nodes = transactions_of(root, "PmtRtr", "TxInf", "RtrdIntrBkSttlmAmt")
    original = root.find("OrgnlGrpInf")
    return Returns(
        message=root.message,
        message_id=id_text(head, "MsgId"),
        sender_bic=read_bic(head, "InstgAgt"),
        receiver_bic=read_bic(head, "InstdAgt"),
        lines=tuple(_line(node, number, original) for number, node in enumerate(nodes, start=1)),
    )


def _line(node: Node, number: int, original: Node | None) -> Returned:
    amount, code = read_money(node, "RtrdIntrBkSttlmAmt")
    minor = 0 if isinstance(amount, Refusal) else amount.minor
    try:
        group = node.find("OrgnlGrpInf") or original
        reasons = node.all("RtrRsnInf")
        return Returned(
            number=number,
            refusal=amount if isinstance(amount, Refusal) else None,
            return_id=optional_text(node, "RtrId", 35),
            original_message_id="" if group is None else optional_text(group, "OrgnlMsgId", 35),
            original_message="" if group is None else optional_text(group, "OrgnlMsgNmId", 35),
            original_transaction_id=optional_text(node, "OrgnlTxId", 35),
            original_end_to_end_id=optional_text(node, "OrgnlEndToEndId", 35),
            amount_minor=minor,
            currency=code,
            iso_code=optional_text(reasons[0], "Rsn/Cd", 4) if reasons else "MS03",
            words=" ".join(node.own_text for node in reasons[0].all("AddtlInf"))[:105] if reasons else "",
        )
    except Unreadable as unreadable:
        because = Refusal(PaymentReason.LINE_MALFORMED, unreadable.refusal.detail)
        return Returned(number=number, refusal=because, amount_minor=minor, currency=code)


def write_pacs004(message: Returns) -> bytes:
    """The message as XML: settled through a clearing system, on one date, in one currency."""
    codes = {line.currency for line in message.lines}
    assert len(codes) == 1, "a message settles one currency"
    assert message.settlement_date is not None, "a message settles on one date"
    total = sum(line.amount_minor for line in message.lines)
    root = tag(
        "PmtRtr",
        tag(
            "GrpHdr",
            tag("MsgId", message.message_id),
            tag("CreDtTm", time_text(message.created_us)),
            tag("NbOfTxs", str(len(message.lines))),
            amount_tag("TtlRtrdIntrBkSttlmAmt", total, currency(codes.pop())),
            tag("IntrBkSttlmDt", date_text(message.settlement_date)),
            tag("SttlmInf", tag("SttlmMtd", "CLRG")),
            bank_tag("InstgAgt", message.sender_bic) if message.sender_bic else None,
            bank_tag("InstdAgt", message.receiver_bic) if message.receiver_bic else None,
        ),
        *(_written(line) for line in message.lines),
    )
    return write_document(MESSAGES[0], root)


def _written(line: Returned) -> Tag | None:
    return tag(
        "TxInf",
        tag("RtrId", line.return_id),
        tag(
            "OrgnlGrpInf",
            tag("OrgnlMsgId", line.original_message_id),
            tag("OrgnlMsgNmId", line.original_message),
        )
        if line.original_message_id
        else None,
        tag("OrgnlEndToEndId", line.original_end_to_end_id),
        tag("OrgnlTxId", line.original_transaction_id),
        amount_tag("RtrdIntrBkSttlmAmt", line.amount_minor, currency(line.currency)),
        tag("RtrRsnInf", tag("Rsn", tag("Cd", line.iso_code)), tag("AddtlInf", line.words[:105])),
    )
