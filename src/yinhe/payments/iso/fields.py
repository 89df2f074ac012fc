"""The fields that messages share: amounts, dates, texts, accounts and banks, read strictly and written exactly."""

import datetime as dt
import re
from decimal import Decimal
from typing import Final

import msgspec
from stdnum import bic as bic_numbers
from stdnum import iban as iban_numbers
from stdnum.exceptions import ValidationError

from yinhe.kernel.currency import Currency, currency
from yinhe.kernel.dates import date_from_days, days_from_date
from yinhe.kernel.decimals import parse_scaled
from yinhe.kernel.errors import OutOfRangeError, ParseError, UnknownCurrencyError
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.payments.iso.xml import Node, Tag, Unreadable, tag
from yinhe.payments.refusals import FileReason, PaymentReason

ID_MAX: Final = 35
"""Most characters of an identification (Max35Text)."""
ACCOUNT_MAX: Final = 34
NAME_MAX: Final = 140
REMITTANCE_MAX: Final = 140
REMITTANCES_MAX: Final = 10
"""Most lines of remittance text that are taken for one payment."""
LINES_MAX: Final = 10_000
"""Most payments of one file."""
NOT_PROVIDED: Final = "NOTPROVIDED"
"""What stands for an end-to-end id, or a bank, that nobody gave."""
CHARGE_BEARERS: Final = ("SLEV", "SHAR", "DEBT", "CRED")

_AMOUNT: Final = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,17})?")
_DATE: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class AccountId(msgspec.Struct, frozen=True):
    """An account as a message names it: by IBAN, or by another number."""

    iban: str = ""
    other: str = ""

    @property
    def number(self) -> str:
        """The one number it has; "" where it has none."""
        return self.iban or self.other


class Amount(msgspec.Struct, frozen=True):
    """An amount in minor units of a currency."""

    minor: int
    currency: Currency


# --- reading


def id_text(node: Node, path: str, most: int = ID_MAX) -> str:
    """An identification that must be there. Raises Unreadable."""
    text = node.need(path).own_text
    return _text(text, path, 1, most)


def optional_text(node: Node, path: str, most: int) -> str:
    """A text that may be there; "" where it is not. Raises Unreadable when it is too long."""
    return _text(node.text(path), path, 0, most)


def _text(text: str, path: str, least: int, most: int) -> str:
    if not least <= len(text) <= most or _CONTROL.search(text):
        raise Unreadable(Refusal(FileReason.FIELD_MALFORMED, path))
    return text


def read_count(node: Node, path: str) -> int | None:
    """A number of payments; None where it is not given. Raises Unreadable."""
    text = node.text(path)
    if text and not re.fullmatch(r"[0-9]{1,15}", text):
        raise Unreadable(Refusal(FileReason.FIELD_MALFORMED, path))
    return int(text) if text else None


def read_sum(node: Node, path: str) -> Decimal | None:
    """A sum of amounts of any currencies; None where it is not given. Raises Unreadable."""
    text = node.text(path)
    if text and not _AMOUNT.fullmatch(text):
        raise Unreadable(Refusal(FileReason.FIELD_MALFORMED, path))
    return Decimal(text) if text else None


def decimal_of(text: str) -> Decimal:
    """What an amount adds to a control sum: nothing where it is no amount."""
    return Decimal(text) if _AMOUNT.fullmatch(text) else Decimal(0)


def read_amount(text: str, code: str) -> Amount | Refusal:
    """An amount as a message writes it: digits and a point, no sign, no more decimals than the currency has.

    Zeros after the last decimal are nothing and are taken (`10.500` is 10.50).
    """
    try:
        money = currency(code)
    except UnknownCurrencyError:
        return Refusal(PaymentReason.CURRENCY_UNKNOWN)
    if text.startswith("-"):
        return Refusal(PaymentReason.AMOUNT_NOT_POSITIVE)
    if not _AMOUNT.fullmatch(text):
        return Refusal(PaymentReason.AMOUNT_MALFORMED)
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    if len(decimals) > money.scale:
        return Refusal(PaymentReason.AMOUNT_TOO_FINE)
    try:
        minor = parse_scaled(f"{whole}.{decimals}" if decimals else whole, money.scale, "Amount")
    except (ParseError, OutOfRangeError):
        return Refusal(PaymentReason.AMOUNT_TOO_LARGE)
    if minor > AMOUNT_MAX:
        return Refusal(PaymentReason.AMOUNT_TOO_LARGE)
    return Amount(minor, money) if minor else Refusal(PaymentReason.AMOUNT_NOT_POSITIVE)


def read_date(text: str, path: str) -> int:
    """A date as days since 1970-01-01. Raises Unreadable."""
    match = _DATE.fullmatch(text)
    try:
        return days_from_date(dt.date.fromisoformat(match[1] if match else ""))
    except ValueError:
        raise Unreadable(Refusal(FileReason.FIELD_MALFORMED, path)) from None


def read_account(node: Node, path: str) -> AccountId | None:
    """The account at a path (`DbtrAcct`), None where there is none. Raises Unreadable when it names none.

    The check digits of an IBAN are for whoever uses it: see `iban_is_valid`.
    """
    found = node.find(path)
    if found is None:
        return None
    iban = compact(optional_text(found, "Id/IBAN", ACCOUNT_MAX + 8))
    other = optional_text(found, "Id/Othr/Id", ACCOUNT_MAX)
    if bool(iban) == bool(other):
        raise Unreadable(Refusal(FileReason.FIELD_MALFORMED, path))
    return AccountId(iban, other)


def read_bic(node: Node, path: str) -> str:
    """The BIC of the bank at a path (`DbtrAgt`), "" where none is given; versions name the field differently."""
    found = node.find(path)
    if found is None:
        return ""
    return compact(found.text("FinInstnId/BICFI") or found.text("FinInstnId/BIC"))


def read_remittance(node: Node) -> tuple[str, ...]:
    """The lines of remittance text of a payment. Raises Unreadable when one is too long, or they are too many."""
    lines = tuple(_text(line.own_text, "RmtInf/Ustrd", 0, REMITTANCE_MAX) for line in node.all("RmtInf/Ustrd"))
    if len(lines) > REMITTANCES_MAX:
        raise Unreadable(Refusal(FileReason.FIELD_TWICE, "RmtInf/Ustrd"))
    return tuple(line for line in lines if line)


def read_reference(node: Node) -> str:
    """The payee's own reference (`RmtInf/Strd`), "" where there is none, or more than one."""
    found = [text for text in (one.text("CdtrRefInf/Ref") for one in node.all("RmtInf/Strd")) if text]
    return found[0] if len(found) == 1 and len(found[0]) <= ID_MAX and not _CONTROL.search(found[0]) else ""


def compact(number: str) -> str:
    """An IBAN or BIC as people write it, without spaces and in capitals."""
    return "".join(number.split()).upper()


def iban_is_valid(iban: str) -> bool:
    """Whether a compact IBAN (ISO 13616) has its country's form and its check digits."""
    try:
        return iban_numbers.validate(iban, check_country=False) == iban
    except ValidationError:
        return False


def bic_is_valid(bic: str) -> bool:
    """Whether a compact BIC (ISO 9362) has its form."""
    try:
        return bic_numbers.validate(bic) == bic
    except ValidationError:
        return False


def bank_of(bic: str) -> str:
    """The eight characters that name the bank, without its branch."""
    return bic[:8]


# --- writing


def amount_text(minor: int, money: Currency) -> str:
    """An amount as messages write it, without its sign: `1234.50`."""
    whole, decimals = divmod(abs(minor), 10**money.scale)
    return f"{whole}.{decimals:0{money.scale}d}" if money.scale else str(whole)


def amount_tag(name: str, minor: int, money: Currency) -> Tag | None:
    """An amount with its currency."""
    return tag(name, amount_text(minor, money), Ccy=money.code)


def date_text(days: int) -> str:
    """Days since 1970-01-01 as YYYY-MM-DD."""
    return date_from_days(days).isoformat()


def time_text(us: int) -> str:
    """Microseconds since 1970-01-01 as a time in UTC, to the millisecond."""
    moment = dt.datetime.fromtimestamp(us // 1_000_000, dt.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{us // 1_000 % 1_000:03d}Z"


def account_tag(name: str, account: AccountId | None, currency_code: str = "") -> Tag | None:
    """An account under a name."""
    if account is None or not account.number:
        return None
    number = tag("IBAN", account.iban) if account.iban else tag("Othr", tag("Id", account.other))
    return tag(name, tag("Id", number), tag("Ccy", currency_code))


def bank_tag(name: str, bic: str) -> Tag | None:
    """A bank under a name; one without a BIC is said to be not provided."""
    known = tag("BICFI", bic) if bic else tag("Othr", tag("Id", NOT_PROVIDED))
    return tag(name, tag("FinInstnId", known))


def party_tag(name: str, words: str) -> Tag | None:
    """A party under a name; the field is always written, since messages require it."""
    return tag(name, tag("Nm", words or NOT_PROVIDED))


def remittance_tag(lines: tuple[str, ...], reference: str) -> Tag | None:
    """What the payment is for."""
    structured = tag("Strd", tag("CdtrRefInf", tag("Ref", reference)))
    return tag("RmtInf", *(tag("Ustrd", line) for line in lines), structured)
