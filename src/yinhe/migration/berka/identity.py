"""Stable transfer ids: a source row always gets the same id, so that a second run posts nothing twice."""

from hashlib import sha256
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from yinhe.kernel.ids import join
from yinhe.migration.errors import MigrationError

MILLISECONDS_A_DAY: Final = 86_400_000
NAME_SPACE: Final = "berka"
"""Sets these ids apart from those of any other source with the same numbers."""


class DayBeforeUuidTimeError(MigrationError):
    """A business date is before 1970-01-01, which a UUIDv7 cannot express."""


def transfer_ids(
    business_date: NDArray[np.int32], trans_id: NDArray[np.int64], leg: NDArray[np.uint8]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the high and low half (uint64, length n) of a UUIDv7 for each (date, source transaction, leg).

    The layout is that of RFC 9562 section 5.7: 48 bits of milliseconds since 1970 (midnight UTC of the business
    date), version 7, 12 bits, variant 10, 62 bits. The 74 free bits are taken from SHA-256 of the transaction and leg
    in place of random ones.

    Raises DayBeforeUuidTimeError for a business date before 1970.
    """
    if (business_date < 0).any():
        raise DayBeforeUuidTimeError
    names = zip(trans_id.tolist(), leg.tolist(), strict=True)
    digests = b"".join(sha256(f"{NAME_SPACE}:{trans}:{part}".encode()).digest()[:16] for trans, part in names)
    words = np.frombuffer(digests, ">u8").astype(np.uint64).reshape(-1, 2)
    milliseconds = business_date.astype(np.uint64) * np.uint64(MILLISECONDS_A_DAY)
    high = milliseconds << np.uint64(16) | np.uint64(0x7000) | words[:, 0] & np.uint64(0x0FFF)
    low = np.uint64(1 << 63) | words[:, 1] & np.uint64((1 << 62) - 1)
    return high, low


def opening_id(business_date: int) -> UUID:
    """Return the id of the one request that opens the book's accounts on a day (days since 1970-01-01).

    Accounts are named like transaction 0 of that day: the source numbers its transactions from 1.
    """
    high, low = transfer_ids(np.array([business_date], np.int32), np.zeros(1, np.int64), np.zeros(1, np.uint8))
    return join(int(high[0]), int(low[0]))
