"""What a new entry of a rate table must be."""

import re
from typing import Final

from yinhe.kernel.dates import date_from_days
from yinhe.kernel.rates import RATE_MAX, Rate, format_rate
from yinhe.products.findings import Code, Refused, refused
from yinhe.products.parts.interest import DEPOSIT_RATE_MAX

_TABLE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,39}")


def refuse_rate(
    table: str, effective: int, rate: int, recorded: int, author: str, *, correction: bool
) -> Refused | None:
    """Why an entry may not be written; None where it may. Days since 1970-01-01, the rate in 1e-8 a year."""
    if not _TABLE.fullmatch(table):
        hint = "2 to 40 of a-z, A-Z, 0-9 and _, a letter first"
        return refused(
            "rates", Code.UNREADABLE, found=repr(table), what="a table's code", chinese="利率表代码", hint=hint
        )
    if not 0 <= rate <= DEPOSIT_RATE_MAX:
        found, most = _text(rate), _text(DEPOSIT_RATE_MAX)
        hint = f"did you mean {_text(rate // 100)}?" if DEPOSIT_RATE_MAX < rate <= 100 * DEPOSIT_RATE_MAX else ""
        return refused("rates", Code.OUT_OF_BOUNDS, found=found, least="0%", most=most, hint=hint)
    if not author.strip():
        return refused("rates", Code.ACTOR_MISSING, hint="name who sets it")
    if effective < recorded and not correction:
        day, stands = date_from_days(effective), date_from_days(recorded)
        hint = "to correct what was wrong, say that it is a correction"
        return refused("rates", Code.RATE_PAST, what=table, day=day, business_date=stands, hint=hint)
    return None


def _text(units: int) -> str:
    return format_rate(Rate(max(-RATE_MAX, min(RATE_MAX, units))))
