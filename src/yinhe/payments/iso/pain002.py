"""pain.002, CustomerPaymentStatusReport: what became of each payment of a file."""

from collections.abc import Sequence
from enum import StrEnum, unique
from itertools import groupby
from types import MappingProxyType
from typing import Final

import msgspec

from yinhe.payments.iso.fields import time_text
from yinhe.payments.iso.xml import Tag, tag, write_document

REPLIES: Final = MappingProxyType(
    {
        "pain.001.001.03": "pain.002.001.03",
        "pain.001.001.09": "pain.002.001.10",
        "pain.001.001.10": "pain.002.001.11",
        "pain.001.001.11": "pain.002.001.12",
    }
)
"""The version that reports on each version asked in: those of one release of the standard."""
WORDS_MAX: Final = 105
"""Most characters of one line of further words (Max105Text)."""


@unique
class Status(StrEnum):
    """How far a payment, a group or a file has come (ExternalPaymentTransactionStatus1Code and its like)."""

    RECEIVED = "RCVD"
    PENDING = "PDNG"
    ACCEPTED = "ACCP"
    SETTLED = "ACSC"
    """Accepted and booked on the payer's account."""
    PARTLY = "PART"
    REJECTED = "RJCT"


class LineStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One payment's."""

    group_id: str
    status: Status
    id: str
    """Under which the bank knows it."""
    instruction_id: str = ""
    end_to_end_id: str = ""
    iso_code: str = ""
    words: str = ""


class StatusReport(msgspec.Struct, frozen=True, kw_only=True):
    """On a whole file, its lines in order of their groups; a file refused as a whole has no lines."""

    message_id: str
    created_us: int
    bic: str
    """Of the bank that reports."""
    original_message: str
    original_message_id: str
    original_count: int | None = None
    original_sum: str = ""
    iso_code: str = ""
    words: str = ""
    lines: tuple[LineStatus, ...] = ()


def write_pain002(report: StatusReport) -> bytes:
    """The report as XML."""
    message = REPLIES.get(report.original_message, "pain.002.001.03")
    bank = tag("FinInstnId", tag("BIC" if message == "pain.002.001.03" else "BICFI", report.bic))
    groups = [(key, list(lines)) for key, lines in groupby(report.lines, key=lambda line: line.group_id)]
    root = tag(
        "CstmrPmtStsRpt",
        tag(
            "GrpHdr",
            tag("MsgId", report.message_id),
            tag("CreDtTm", time_text(report.created_us)),
            tag("DbtrAgt", bank),
        ),
        tag(
            "OrgnlGrpInfAndSts",
            tag("OrgnlMsgId", report.original_message_id),
            tag("OrgnlMsgNmId", report.original_message),
            tag("OrgnlNbOfTxs", "" if report.original_count is None else str(report.original_count)),
            tag("OrgnlCtrlSum", report.original_sum),
            tag("GrpSts", _of_all(report.lines).value),
            _reason(report.iso_code, report.words),
        ),
        *(_group(group_id, lines) for group_id, lines in groups),
    )
    return write_document(message, root)


def _group(group_id: str, lines: Sequence[LineStatus]) -> Tag | None:
    return tag(
        "OrgnlPmtInfAndSts",
        tag("OrgnlPmtInfId", group_id),
        tag("OrgnlNbOfTxs", str(len(lines))),
        tag("PmtInfSts", _of_all(lines).value),
        *(_line(line) for line in lines),
    )


def _line(line: LineStatus) -> Tag | None:
    return tag(
        "TxInfAndSts",
        tag("StsId", line.id),
        tag("OrgnlInstrId", line.instruction_id),
        tag("OrgnlEndToEndId", line.end_to_end_id),
        tag("TxSts", line.status.value),
        _reason(line.iso_code, line.words),
    )


def _reason(iso_code: str, words: str) -> Tag | None:
    if not iso_code:
        return None
    return tag("StsRsnInf", tag("Rsn", tag("Cd", iso_code)), tag("AddtlInf", words[:WORDS_MAX]))


def _of_all(lines: Sequence[LineStatus]) -> Status:
    """The status of many: their one, or that it is partly so; nothing in it means all was rejected."""
    kinds = {line.status for line in lines}
    if not kinds:
        return Status.REJECTED
    return kinds.pop() if len(kinds) == 1 else Status.PARTLY
