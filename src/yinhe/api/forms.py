"""How values look outside: amounts as text with a currency, dates as ISO 8601, account numbers with check digits."""

import base64
import hashlib
from datetime import date
from typing import Annotated, Any, Final

import msgspec

from yinhe.api.reading import ReadingRefusal
from yinhe.kernel.account_number import AccountNumber, decode, encode
from yinhe.kernel.currency import Currency, currency, currency_by_number
from yinhe.kernel.dates import date_from_days, days_from_date
from yinhe.kernel.decimals import format_scaled, parse_scaled
from yinhe.kernel.errors import KernelError
from yinhe.kernel.rates import RATE_SCALE, Rate
from yinhe.kernel.refusals import ReasonEnum, Refusal

LIMIT_DEFAULT: Final = 100
LIMIT_MAX: Final = 1_000

AmountText = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[0-9]{1,15}(\.[0-9]{1,4})?$",
        description="A positive amount as text, never a number: at most the decimals of its currency.",
        examples=["1234.50"],
        max_length=20,
    ),
]
CurrencyCode = Annotated[
    str, msgspec.Meta(pattern=r"^[A-Z]{3}$", description="ISO 4217.", examples=["CNY"], max_length=3)
]
AccountText = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[0-9]{16}$",
        description="An account number: 16 digits, the last two check the others.",
        examples=["0001000000001762"],
        max_length=16,
    ),
]
RateText = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^-?[0-9]{1,3}(\.[0-9]{1,6})?$",
        description="Percent a year, as text.",
        examples=["3.25"],
        max_length=12,
    ),
]
Limit = Annotated[int, msgspec.Meta(ge=1, le=LIMIT_MAX, description="Most items of one page.")]
Cursor = Annotated[str, msgspec.Meta(max_length=512, description="Where a page begins: `next` of the page before.")]
Number = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]


class FormRefusal(ReasonEnum):
    """A value that reads but cannot be."""

    ACCOUNT_MALFORMED = "the account number was not typed right", "账号有误"
    ACCOUNT_UNKNOWN = "there is no such account, or it is out of reach", "账户不存在或无权访问"
    AMOUNT_MALFORMED = "the amount does not fit its currency", "金额与币种不符"
    CURRENCY_UNKNOWN = "there is no such currency", "币种不存在"
    RATE_MALFORMED = "the rate is no percentage between -250 and 250", "利率须在-250%至250%之间"


class MoneyForm(msgspec.Struct, frozen=True):
    """An amount with its currency."""

    amount: Annotated[str, msgspec.Meta(examples=["1234.50"], pattern=r"^-?[0-9]+(\.[0-9]+)?$")]
    currency: CurrencyCode


def money_form(amount_minor: int, number: int) -> MoneyForm:
    """Minor units of a currency (ISO 4217 number) as they look outside."""
    its = currency_by_number(number)
    return MoneyForm(amount_text(amount_minor, its), its.code)


def amount_text(amount_minor: int, its: Currency) -> str:
    """Minor units as text without separators."""
    return format_scaled(amount_minor, its.scale).replace(",", "")


def read_currency(code: str) -> Currency | Refusal:
    """The currency of a code."""
    try:
        return currency(code)
    except KernelError:
        return Refusal(FormRefusal.CURRENCY_UNKNOWN)


def read_amount(text: str, its: Currency) -> int | Refusal:
    """Minor units of an amount's text."""
    try:
        return parse_scaled(text, its.scale, f"{its.code} amount")
    except KernelError:
        return Refusal(FormRefusal.AMOUNT_MALFORMED, f"{its.code} has {its.scale} decimals")


def rate_text(units: int) -> str:
    """A rate in units of 1e-8 as percent, with the decimals it needs: `"3.25"`."""
    text = format_scaled(units, RATE_SCALE - 2).replace(",", "")
    return text.rstrip("0").rstrip(".")


def read_rate(text: str) -> int | Refusal:
    """Units of 1e-8 of a rate's text in percent."""
    try:
        return Rate(parse_scaled(text, RATE_SCALE - 2, "Rate")).units
    except KernelError:
        return Refusal(FormRefusal.RATE_MALFORMED)


def read_account(text: str, unit: int) -> int | Refusal:
    """The index of an account number of this unit."""
    try:
        number = decode(text)
    except KernelError:
        return Refusal(FormRefusal.ACCOUNT_MALFORMED)
    return number.index if number.unit == unit else Refusal(FormRefusal.ACCOUNT_UNKNOWN)


def account_text(index: int, unit: int) -> str:
    """An account's number."""
    return encode(AccountNumber(unit, index))


def date_form(days: int) -> date:
    """A date of days since 1970-01-01."""
    return date_from_days(days)


def date_or_none(days: int) -> date | None:
    """A date of days since 1970-01-01; None for 0, which stands for none."""
    return date_from_days(days) if days else None


def days_of(day: date | None, otherwise: int) -> int:
    """Days since 1970-01-01 of a date, or what stands where there is none."""
    return otherwise if day is None else days_from_date(day)


def make_cursor(kind: str, *values: Any) -> str:
    """An opaque cursor of a list; it fits no other list, and garbage is noticed."""
    content = msgspec.json.encode([kind, *values])
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()[:6] + content).decode().rstrip("=")


def read_cursor(kind: str, text: str, *types: type[Any]) -> tuple[Any, ...] | Refusal:
    """What `make_cursor` put in."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        mark, content = raw[:6], raw[6:]
        if hashlib.sha256(content).digest()[:6] != mark:
            return Refusal(ReadingRefusal.CURSOR_INVALID)
        found = msgspec.json.decode(content, type=list[Any])
        if found[0] != kind or len(found) != len(types) + 1:
            return Refusal(ReadingRefusal.CURSOR_INVALID)
        values = tuple(msgspec.convert(value, one) for value, one in zip(found[1:], types, strict=True))
        # Whoever makes one up by hand may not have a number the database has no room for.
        is_fit = not any(isinstance(value, int) and not 0 <= value < 2**63 for value in values)
        return values if is_fit else Refusal(ReadingRefusal.CURSOR_INVALID)
    except (ValueError, msgspec.MsgspecError, IndexError):
        return Refusal(ReadingRefusal.CURSOR_INVALID)
