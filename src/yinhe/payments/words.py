"""Texts that go into messages: bounded, and without characters that messages cannot hold."""

import re
from collections.abc import Sequence
from typing import Final

from yinhe.payments.iso.fields import REMITTANCE_MAX, REMITTANCES_MAX

_UNFIT: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def is_plain(text: str, most: int) -> bool:
    """Whether a text fits a field: in length, on one line, and of characters that XML can hold."""
    return len(text) <= most and not _UNFIT.search(text)


def plain_lines(lines: Sequence[str]) -> bool:
    """Whether lines of remittance text fit their fields; an empty one would be lost."""
    return len(lines) <= REMITTANCES_MAX and all(line and is_plain(line, REMITTANCE_MAX) for line in lines)
