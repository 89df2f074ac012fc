"""Where a reader of a timeline stands, as one opaque word: given with a page, and given back for the next."""

import base64
import binascii
from typing import Final
from uuid import UUID

import msgspec

from yinhe.ledger.batch import VALUE_DATE_MIN
from yinhe.ledger.history import SEQ_END
from yinhe.overview.reading import DATE_END, Place

_VERSION: Final = 1
_LENGTH_MAX: Final = 200
"""Letters of the longest cursor that is looked at."""

_Packed = tuple[int, int, int, bytes, int, bytes, int]


def write_cursor(place: Place) -> str:
    """A place as a word of letters, digits, - and _."""
    packed = (
        _VERSION,
        place.seq,
        place.contract_date,
        place.contract_id.bytes,
        place.loan_date,
        place.loan_id.bytes,
        place.record,
    )
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(packed)).rstrip(b"=").decode()


def read_cursor(word: str) -> Place | None:
    """The place a word stands for; None for a word that no page was given with."""
    if len(word) > _LENGTH_MAX or not word.isascii():
        return None
    try:
        data = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
        version, seq, contract_date, contract_id, loan_date, loan_id, record = msgspec.msgpack.decode(
            data, type=_Packed
        )
    except (binascii.Error, msgspec.DecodeError):
        return None
    dates = all(VALUE_DATE_MIN <= date <= DATE_END for date in (contract_date, loan_date))
    numbers = all(0 <= number <= SEQ_END for number in (seq, record))
    if version != _VERSION or not dates or not numbers or not len(contract_id) == len(loan_id) == 16:
        return None
    return Place(seq, contract_date, UUID(bytes=contract_id), loan_date, UUID(bytes=loan_id), record)
