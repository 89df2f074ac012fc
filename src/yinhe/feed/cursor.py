"""A place in the feed: how far the journal and the log have been read. Outside it is opaque text with a check."""

import base64
import binascii
import hashlib
import struct
from typing import Final, Self

import msgspec

from yinhe.feed.refusals import FeedRefusal
from yinhe.kernel.refusals import Refusal

_FORM: Final = struct.Struct(">BQQI")
_VERSION: Final = 1
_CHECK_BYTES: Final = 7
_TEXT_MAX: Final = 64
_PLACE_MAX: Final = 2**63 - 1


class Cursor(msgspec.Struct, frozen=True):
    """The events after it: journal rows after `seq`; log records after `number`, of the first the parts from `part`."""

    seq: int = 0
    number: int = 0
    part: int = 0

    def text(self, unit: int) -> str:
        """As a reader outside keeps it; it is good in one unit alone."""
        body = _FORM.pack(_VERSION, self.seq, self.number, self.part)
        return base64.urlsafe_b64encode(body + _check(body, unit)).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, unit: int) -> Self | Refusal:
        """What `text` wrote; empty text is the beginning of all."""
        if not text:
            return cls()
        refused = Refusal(FeedRefusal.CURSOR_UNKNOWN)
        if len(text) > _TEXT_MAX or not text.isascii():
            return refused
        try:
            whole = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return refused
        body, check = whole[: _FORM.size], whole[_FORM.size :]
        if len(body) != _FORM.size or check != _check(body, unit):
            return refused
        version, seq, number, part = _FORM.unpack(body)
        if version != _VERSION or max(seq, number) > _PLACE_MAX:
            return refused
        return cls(seq, number, part)


BEGINNING: Final = Cursor()
"""Before all events."""


def _check(body: bytes, unit: int) -> bytes:
    # Against mistakes and guesses, not against forgery: whoever reads from another place sees no more than is theirs.
    return hashlib.sha256(f"yinhe feed, unit {unit}: ".encode() + body).digest()[:_CHECK_BYTES]
