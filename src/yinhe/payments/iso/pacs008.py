"""pacs.008, FIToFICustomerCreditTransfer: what one bank asks another to credit."""

from decimal import Decimal
from typing import Final

import msgspec

from yinhe.kernel.currency import currency
from yinhe.kernel.refusals import Refusal
from yinhe.payments.iso.fields import (
    CHARGE_BEARERS,
    LINES_MAX,
    NAME_MAX,
    NOT_PROVIDED,
    AccountId,
    Amount,
    account_tag,
    amount_tag,
    amount_text,
    bank_tag,
    date_text,
    decimal_of,
    id_text,
    optional_text,
    party_tag,
    read_account,
    read_amount,
    read_bic,
    read_count,
    read_date,
    read_reference,
    read_remittance,
    read_sum,
    remittance_tag,
    time_text,
)
from yinhe.payments.iso.xml import Node, Tag, Unreadable, read_document, tag, write_document
from yinhe.payments.refusals import FileReason, PaymentReason

MESSAGES: Final = ("pacs.008.001.08", "pacs.008.001.09", "pacs.008.001.10")
"""What is taken; the first is what is sent."""


class CreditTransfer(msgspec.Struct, frozen=True, kw_only=True):
    """One credit; with a `refusal` the fields read before it stand, the others are empty.

    Where the amount could be read it stands in any case: the money has come, whatever else is wrong.
    """

    number: int
    """In the message, from 1."""
    refusal: Refusal | None = None
    transaction_id: str = ""
    """Under which the sending bank knows it."""
    instruction_id: str = ""
    end_to_end_id: str = ""
    amount_minor: int = 0
    currency: str = ""
    settlement_date: int | None = None
    """Days since 1970-01-01; None: the message's."""
    charge_bearer: str = "SLEV"
    debtor_name: str = ""
    debtor: AccountId = AccountId()
    debtor_bic: str = ""
    creditor_name: str = ""
    creditor: AccountId = AccountId()
    creditor_bic: str = ""
    remittance: tuple[str, ...] = ()
    reference: str = ""

    @property
    def identity(self) -> str:
        """What tells it from the others of its message and bank."""
        return self.transaction_id or f"{self.number}"


class CreditTransfers(msgspec.Struct, frozen=True, kw_only=True):
    """A whole message."""

    message: str = MESSAGES[0]
    message_id: str
    created_us: int = 0
    """When it was made, in microseconds since 1970-01-01; of use in what is sent."""
    settlement_date: int | None = None
    sender_bic: str = ""
    receiver_bic: str = ""
    lines: tuple[CreditTransfer, ...]


def read_pacs008(data: bytes) -> CreditTransfers | Refusal:
    """Read a message, and check its count and sum."""
    root = read_document(data, MESSAGES)
    if isinstance(root, Refusal):
        return root
    try:
        return _message(root)
    except Unreadable as unreadable:
        return unreadable.refusal


def _message(root: Node) -> CreditTransfers:
    head, nodes = transactions_of(root, "FIToFICstmrCdtTrf", "CdtTrfTxInf", "IntrBkSttlmAmt")
    settled = head.text("IntrBkSttlmDt")
    return CreditTransfers(
        message=root.message,
        message_id=id_text(head, "MsgId"),
        settlement_date=read_date(settled, "GrpHdr/IntrBkSttlmDt") if settled else None,
        sender_bic=read_bic(head, "InstgAgt"),
        receiver_bic=read_bic(head, "InstdAgt"),
        lines=tuple(_line(node, number, head) for number, node in enumerate(nodes, start=1)),
    )


def transactions_of(root: Node, message: str, line: str, amount: str) -> tuple[Node, tuple[Node, ...]]:
    """The header and the lines of a message between banks, whose count and sums the header tells rightly.

    `message` and `line` name the elements, `amount` what a line settles. Raises Unreadable.
    """
    if root.name != message:
        raise Unreadable(Refusal(FileReason.MESSAGE_NOT_TAKEN, root.name[:NAME_MAX]))
    head, lines = root.need("GrpHdr"), root.all(line)
    if not lines:
        raise Unreadable(Refusal(FileReason.NO_LINES))
    if len(lines) > LINES_MAX:
        raise Unreadable(Refusal(FileReason.TOO_MANY_LINES, f"at most {LINES_MAX:,}"))
    given = read_count(head, "NbOfTxs")
    if given is None:
        raise Unreadable(Refusal(FileReason.FIELD_MISSING, "GrpHdr/NbOfTxs"))
    if given != len(lines):
        raise Unreadable(Refusal(FileReason.COUNT_DIFFERS, f"{len(lines):,}, not {given:,}"))
    added = sum((decimal_of(node.text(amount)) for node in lines), Decimal(0))
    for path in ("CtrlSum", f"Ttl{amount}"):
        stated = read_sum(head, path)
        if stated is not None and stated != added:
            raise Unreadable(Refusal(FileReason.SUM_DIFFERS, f"{added}, not {stated}"))
    return head, lines


def _line(node: Node, number: int, head: Node) -> CreditTransfer:
    transaction_id, end_to_end_id = "", ""
    amount, code = read_money(node, "IntrBkSttlmAmt")
    try:
        transaction_id = optional_text(node, "PmtId/TxId", 35)
        end_to_end_id = id_text(node, "PmtId/EndToEndId")
        settled, bearer = node.text("IntrBkSttlmDt"), node.text("ChrgBr")
        if bearer not in CHARGE_BEARERS:
            raise Unreadable(Refusal(FileReason.FIELD_MALFORMED, "ChrgBr"))
        return CreditTransfer(
            number=number,
            refusal=amount if isinstance(amount, Refusal) else None,
            transaction_id=transaction_id,
            instruction_id=optional_text(node, "PmtId/InstrId", 35),
            end_to_end_id=end_to_end_id,
            amount_minor=0 if isinstance(amount, Refusal) else amount.minor,
            currency=code,
            settlement_date=read_date(settled, "IntrBkSttlmDt") if settled else None,
            charge_bearer=bearer,
            debtor_name=optional_text(node.need("Dbtr"), "Nm", NAME_MAX),
            debtor=read_account(node, "DbtrAcct") or AccountId(),
            debtor_bic=read_bic(node, "DbtrAgt") or read_bic(head, "InstgAgt"),
            creditor_name=optional_text(node.need("Cdtr"), "Nm", NAME_MAX),
            creditor=read_account(node, "CdtrAcct") or AccountId(),
            creditor_bic=read_bic(node, "CdtrAgt"),
            remittance=read_remittance(node),
            reference=read_reference(node),
        )
    except Unreadable as unreadable:
        return CreditTransfer(
            number=number,
            refusal=Refusal(PaymentReason.LINE_MALFORMED, unreadable.refusal.detail),
            transaction_id=transaction_id,
            end_to_end_id=end_to_end_id or NOT_PROVIDED,
            amount_minor=0 if isinstance(amount, Refusal) else amount.minor,
            currency=code,
        )


def read_money(node: Node, path: str) -> tuple[Amount | Refusal, str]:
    """An amount settled, and the letters of its currency."""
    given = node.all(path)
    if len(given) != 1:
        return Refusal(PaymentReason.AMOUNT_MALFORMED), ""
    code = given[0].attribute("Ccy")
    return read_amount(given[0].own_text, code), code


def write_pacs008(message: CreditTransfers) -> bytes:
    """The message as XML: settled through a clearing system, on one date, in one currency."""
    codes = {line.currency for line in message.lines}
    assert len(codes) == 1, "a message settles one currency"
    assert message.settlement_date is not None, "a message settles on one date"
    money = currency(codes.pop())
    total = sum(line.amount_minor for line in message.lines)
    root = tag(
        "FIToFICstmrCdtTrf",
        tag(
            "GrpHdr",
            tag("MsgId", message.message_id),
            tag("CreDtTm", time_text(message.created_us)),
            tag("NbOfTxs", str(len(message.lines))),
            tag("CtrlSum", amount_text(total, money)),
            amount_tag("TtlIntrBkSttlmAmt", total, money),
            tag("IntrBkSttlmDt", date_text(message.settlement_date)),
            tag("SttlmInf", tag("SttlmMtd", "CLRG")),
            bank_tag("InstgAgt", message.sender_bic) if message.sender_bic else None,
            bank_tag("InstdAgt", message.receiver_bic) if message.receiver_bic else None,
        ),
        *(_written(line) for line in message.lines),
    )
    return write_document(MESSAGES[0], root)


def _written(line: CreditTransfer) -> Tag | None:
    return tag(
        "CdtTrfTxInf",
        tag(
            "PmtId",
            tag("InstrId", line.instruction_id),
            tag("EndToEndId", line.end_to_end_id or NOT_PROVIDED),
            tag("TxId", line.transaction_id),
        ),
        amount_tag("IntrBkSttlmAmt", line.amount_minor, currency(line.currency)),
        tag("ChrgBr", line.charge_bearer),
        party_tag("Dbtr", line.debtor_name),
        account_tag("DbtrAcct", line.debtor),
        bank_tag("DbtrAgt", line.debtor_bic),
        bank_tag("CdtrAgt", line.creditor_bic),
        party_tag("Cdtr", line.creditor_name),
        account_tag("CdtrAcct", line.creditor),
        remittance_tag(line.remittance, line.reference),
    )
