"""Details of transactions as one COPY in PostgreSQL's text format (PostgreSQL manual, COPY, "Text Format").

Text, not binary, because the columns are of unequal length and JSON: one pass of string building, a fraction of the
cost of one statement each.
"""

import json
from collections.abc import Sequence
from typing import Final

from yinhe.ledger.store import Detail

_ESCAPES: Final = str.maketrans(
    {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r", "\b": r"\b", "\f": r"\f", "\v": r"\v"}
)
"""What COPY's text format would take for its own marks; every other character stands for itself."""


def encode_details(details: Sequence[Detail], seq: int) -> bytearray:
    """The rows of table `transaction` for details that commit with the block that begins at `seq`."""
    # Many details of one batch share one object; written out once.
    known: dict[int, str] = {}
    lines: list[str] = []
    for detail in details:
        rest = known.get(id(detail.detail))
        if rest is None:
            rest = known[id(detail.detail)] = json.dumps(detail.detail).translate(_ESCAPES)
        actor, channel, narrative = _plain(detail.actor), _plain(detail.channel), _plain(detail.narrative)
        lines.append(f"{detail.txn_id}\t{seq}\t{actor}\t{channel}\t{narrative}\t{rest}\n")
    return bytearray("".join(lines).encode())


def _plain(text: str) -> str:
    """A text with COPY's own marks escaped; most have none."""
    return text if text.isprintable() and "\\" not in text else text.translate(_ESCAPES)
