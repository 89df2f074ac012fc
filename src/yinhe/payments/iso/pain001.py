"""pain.001, CustomerCreditTransferInitiation: what a customer asks the bank to pay.

What is wrong with the file as a whole refuses it; what is wrong with one payment, or one group of them, stays with it,
so that the others are paid. Of the standard's fields those are read that decide who pays whom how much, when, and why;
the others (purpose codes, postal addresses, ultimate parties) are taken and left aside.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import msgspec

from yinhe.kernel.refusals import Refusal
from yinhe.payments.iso.fields import (
    CHARGE_BEARERS,
    LINES_MAX,
    NAME_MAX,
    NOT_PROVIDED,
    AccountId,
    decimal_of,
    id_text,
    optional_text,
    read_account,
    read_amount,
    read_bic,
    read_count,
    read_date,
    read_reference,
    read_remittance,
    read_sum,
)
from yinhe.payments.iso.xml import Node, Unreadable, read_document
from yinhe.payments.refusals import FileReason, PaymentReason

MESSAGES: Final = ("pain.001.001.03", "pain.001.001.09", "pain.001.001.10", "pain.001.001.11")
"""What is taken."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One payment of a file; with a `refusal` the fields read before it stand, the others are empty."""

    number: int
    """In the file, from 1."""
    refusal: Refusal | None = None
    instruction_id: str = ""
    end_to_end_id: str = ""
    amount_minor: int = 0
    currency: str = ""
    amount_text: str = ""
    """The amount as the file wrote it."""
    creditor_name: str = ""
    creditor: AccountId = AccountId()
    creditor_bic: str = ""
    remittance: tuple[str, ...] = ()
    reference: str = ""
    charge_bearer: str = ""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Payments out of one account on one date (`PmtInf`)."""

    id: str
    refusal: Refusal | None = None
    batch_booking: bool = False
    """Whether the account is debited once for all of them."""
    execution_date: int = 0
    """Days since 1970-01-01."""
    debtor_name: str = ""
    debtor: AccountId = AccountId()
    debtor_bic: str = ""
    lines: tuple[Line, ...]


class PaymentFile(msgspec.Struct, frozen=True, kw_only=True):
    """A whole message."""

    message: str
    message_id: str
    created_at: str
    initiator: str
    count: int
    control_sum: str
    """As the file gives it; "" where it gives none."""
    groups: tuple[Group, ...]

    @property
    def lines(self) -> Iterator[tuple[Group, Line]]:
        """Every payment with its group, in order."""
        return ((group, line) for group in self.groups for line in group.lines)


def read_pain001(data: bytes) -> PaymentFile | Refusal:
    """Read a file, and check its counts and control sums."""
    root = read_document(data, MESSAGES)
    if isinstance(root, Refusal):
        return root
    try:
        return _checked(_file(root), root)
    except Unreadable as unreadable:
        return unreadable.refusal


def _file(root: Node) -> PaymentFile:
    if root.name != "CstmrCdtTrfInitn":
        raise Unreadable(Refusal(FileReason.MESSAGE_NOT_TAKEN, root.name[:NAME_MAX]))
    head = root.need("GrpHdr")
    count = read_count(head, "NbOfTxs")
    if count is None:
        raise Unreadable(Refusal(FileReason.FIELD_MISSING, "GrpHdr/NbOfTxs"))
    read_sum(head, "CtrlSum")
    groups: list[Group] = []
    number = 0
    for node in root.all("PmtInf"):
        transfers = node.all("CdtTrfTxInf")
        if number + len(transfers) > LINES_MAX:
            raise Unreadable(Refusal(FileReason.TOO_MANY_LINES, f"at most {LINES_MAX:,}"))
        groups.append(_group(node, transfers, number))
        number += len(transfers)
    return PaymentFile(
        message=root.message,
        message_id=id_text(head, "MsgId"),
        created_at=id_text(head, "CreDtTm"),
        initiator=optional_text(head, "InitgPty/Nm", NAME_MAX),
        count=count,
        control_sum=head.text("CtrlSum"),
        groups=tuple(groups),
    )


def _checked(file: PaymentFile, root: Node) -> PaymentFile | Refusal:
    """The file, if its counts and sums are those it gives, in the whole and in each group."""
    total, count = Decimal(0), 0
    for group, node in zip(file.groups, root.all("PmtInf"), strict=True):
        added = sum((decimal_of(line.amount_text) for line in group.lines), Decimal(0))
        total, count = total + added, count + len(group.lines)
        given, stated = read_count(node, "NbOfTxs"), read_sum(node, "CtrlSum")
        if given is not None and given != len(group.lines):
            return Refusal(FileReason.COUNT_DIFFERS, f"{len(group.lines):,}, not {given:,}")
        if stated is not None and stated != added:
            return Refusal(FileReason.SUM_DIFFERS, f"{added}, not {stated}")
    if not count:
        return Refusal(FileReason.NO_LINES)
    if file.count != count:
        return Refusal(FileReason.COUNT_DIFFERS, f"{count:,}, not {file.count:,}")
    if file.control_sum and Decimal(file.control_sum) != total:
        return Refusal(FileReason.SUM_DIFFERS, f"{total}, not {file.control_sum}")
    return file


def _group(node: Node, transfers: tuple[Node, ...], before: int) -> Group:
    bearer = node.text("ChrgBr")
    seen = tuple(_line(transfer, before + place, bearer) for place, transfer in enumerate(transfers, start=1))
    group_id = id_text(node, "PmtInfId")
    if node.need("PmtMtd").own_text != "TRF":
        return Group(id=group_id, refusal=Refusal(PaymentReason.METHOD_NOT_OFFERED), lines=seen)
    booking = node.text("BtchBookg")
    if booking not in ("", "true", "false", "1", "0"):
        raise Unreadable(Refusal(FileReason.FIELD_MALFORMED, "PmtInf/BtchBookg"))
    asked = node.need("ReqdExctnDt")
    date = asked.own_text or asked.text("Dt") or asked.text("DtTm")[:10]
    debtor = read_account(node, "DbtrAcct")
    if debtor is None:
        raise Unreadable(Refusal(FileReason.FIELD_MISSING, "PmtInf/DbtrAcct"))
    return Group(
        id=group_id,
        batch_booking=booking in ("true", "1"),
        execution_date=read_date(date, "PmtInf/ReqdExctnDt"),
        debtor_name=optional_text(node.need("Dbtr"), "Nm", NAME_MAX),
        debtor=debtor,
        debtor_bic=read_bic(node, "DbtrAgt"),
        lines=seen,
    )


def _line(node: Node, number: int, group_bearer: str) -> Line:
    """A payment; what is wrong with it is said in it."""
    text, code, instruction_id, end_to_end_id = "", "", "", ""
    try:
        given = node.find("Amt/InstdAmt")
        text, code = ("", "") if given is None else (given.own_text, given.attribute("Ccy"))
        instruction_id = optional_text(node, "PmtId/InstrId", 35)
        end_to_end_id = id_text(node, "PmtId/EndToEndId")
        amount = read_amount(text, code) if given is not None else Refusal(PaymentReason.AMOUNT_MALFORMED)
        bearer = node.text("ChrgBr") or group_bearer
        if bearer and bearer not in CHARGE_BEARERS:
            raise Unreadable(Refusal(FileReason.FIELD_MALFORMED, "ChrgBr"))
        return Line(
            number=number,
            refusal=amount if isinstance(amount, Refusal) else None,
            instruction_id=instruction_id,
            end_to_end_id=end_to_end_id,
            amount_minor=0 if isinstance(amount, Refusal) else amount.minor,
            currency=code,
            amount_text=text,
            creditor_name=optional_text(node, "Cdtr/Nm", NAME_MAX),
            creditor=read_account(node, "CdtrAcct") or AccountId(),
            creditor_bic=read_bic(node, "CdtrAgt"),
            remittance=read_remittance(node),
            reference=read_reference(node),
            charge_bearer=bearer,
        )
    except Unreadable as unreadable:
        return Line(
            number=number,
            refusal=Refusal(PaymentReason.LINE_MALFORMED, unreadable.refusal.detail),
            instruction_id=instruction_id,
            end_to_end_id=end_to_end_id or NOT_PROVIDED,
            amount_text=text,
            currency=code if len(code) == 3 else "",
        )
