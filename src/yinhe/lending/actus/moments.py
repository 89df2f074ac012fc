"""Points in time as the standard writes them, and as the engine counts them.

A moment is seconds since 1970-01-01T00:00:00, without a time zone. 23:59:59 stands for midnight, the start of the next
day (ACTUS technical specification 1.1, section 2.7): for the counting of days a moment is rounded to the full hour.
"""

from datetime import UTC, datetime
from typing import Final

DAY_SECONDS: Final = 86_400
_HOUR_SECONDS: Final = 3_600


def read_moment(text: str) -> int:
    """The moment of an ISO 8601 date and time, with or without seconds, or of a date alone. Raises ValueError.

    24:00:00 is the start of the next day.
    """
    day, separator, time = text.strip().partition("T")
    if separator and time.startswith("24:00"):
        return read_moment(day) + DAY_SECONDS
    return int(datetime.fromisoformat(text.strip()).replace(tzinfo=UTC).timestamp())


def write_moment(moment: int) -> str:
    """A moment as YYYY-MM-DDThh:mm:ss."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def day_of(moment: int) -> int:
    """The calendar day of a moment, since 1970-01-01."""
    return moment // DAY_SECONDS


def time_of(moment: int) -> int:
    """The seconds of a moment since the start of its day."""
    return moment % DAY_SECONDS


def counted_day(moment: int) -> int:
    """The day up to which interest counts at a moment: that of its nearest full hour, half an hour counting up."""
    return (moment + _HOUR_SECONDS // 2) // _HOUR_SECONDS * _HOUR_SECONDS // DAY_SECONDS
