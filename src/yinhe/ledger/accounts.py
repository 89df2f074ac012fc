"""Commands on accounts: open, set limits, block, close, and the roll to a new business date.

They stand in the same order, and the same row of sequence numbers, as the transfers around them.
"""

import hashlib
from typing import Final, assert_never
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.kernel.currency import CURRENCIES
from yinhe.ledger.batch import VALUE_DATE_MAX, VALUE_DATE_MIN
from yinhe.ledger.columns import ACCOUNTS_MAX, AMOUNT_MAX, PAGE, AccountFlag, Columns
from yinhe.ledger.outcomes import AccountOutcome

OPENING: Final = np.dtype(
    [
        ("currency", np.uint16),
        ("gl_code", np.int32),
        ("product", np.int32),
        ("branch", np.int32),
        ("floor", np.int64),
        ("ceiling", np.int64),
        ("limit_daily", np.int64),
    ]
)
"""What one account is opened with: ISO 4217 number, codes, and limits in minor units."""


class OpenAccounts(msgspec.Struct, frozen=True, eq=False):
    """Open accounts with the next free indexes, all or none; `accounts` has dtype OPENING and shape (n,)."""

    request_id: UUID
    accounts: NDArray[np.void]


class SetLimits(msgspec.Struct, frozen=True):
    """Set an account's floor, ceiling and daily limit, in minor units."""

    request_id: UUID
    account: int
    floor: int
    ceiling: int
    limit_daily: int


class SetBlocks(msgspec.Struct, frozen=True):
    """Block or free an account's debits and credits."""

    request_id: UUID
    account: int
    debit_blocked: bool
    credit_blocked: bool


class CloseAccount(msgspec.Struct, frozen=True):
    """Close an account whose balance is zero and on which nothing is held."""

    request_id: UUID
    account: int


class RollDate(msgspec.Struct, frozen=True):
    """Move the unit to a later business date, in days since 1970-01-01."""

    request_id: UUID
    business_date: int


AccountCommand = OpenAccounts | SetLimits | SetBlocks | CloseAccount | RollDate


class AccountAnswer(msgspec.Struct, frozen=True):
    """What became of an account command; `account` is the (first) account's index, `seq` its place in the order."""

    outcome: AccountOutcome
    account: int = 0
    seq: int = 0


class Effect(msgspec.Struct, frozen=True, eq=False):
    """An accepted account command as the store keeps it."""

    seq: int
    request_id: UUID
    digest: int
    kind: str
    first_account: int
    accounts: int
    body: dict[str, int | bool]
    pages: NDArray[np.void]
    """The account pages it changed, as they are after it; dtype ACCOUNT_PAGE."""


def openings(
    count: int,
    *,
    currency: int,
    gl_code: int,
    product: int = 0,
    branch: int = 0,
    floor: int = 0,
    ceiling: int = AMOUNT_MAX,
    limit_daily: int = AMOUNT_MAX,
) -> NDArray[np.void]:
    """`count` openings alike, to be varied by column where they differ; limits in minor units, dtype OPENING."""
    rows = np.zeros(count, OPENING)
    given = {"currency": currency, "gl_code": gl_code, "product": product, "branch": branch}
    for name, value in {**given, "floor": floor, "ceiling": ceiling, "limit_daily": limit_daily}.items():
        rows[name] = value
    return rows


def require_integers(command: AccountCommand) -> AccountCommand:
    """The command with Python integers for NumPy's; raises ValueError for other numbers and openings of other dtype."""
    if isinstance(command, OpenAccounts):
        if command.accounts.dtype != OPENING or command.accounts.ndim != 1:
            raise ValueError(f"Openings come in one dimension and dtype OPENING, not as {command.accounts.dtype}.")
        return command
    given = {name: value for name, value in msgspec.structs.asdict(command).items() if name != "request_id"}
    for name, value in given.items():
        if not isinstance(value, int | np.integer | np.bool_):
            raise ValueError(f"{name} is an integer, not {value!r}.")
    integers = {name: value if isinstance(value, bool) else int(value) for name, value in given.items()}
    return msgspec.structs.replace(command, **integers)


def digest_of(command: AccountCommand) -> int:
    """A 64-bit digest of what a command asks, its id left out: the same id with another digest is a conflict."""
    match command:
        case OpenAccounts():
            content = b"open" + np.ascontiguousarray(command.accounts).tobytes()
        case SetLimits() | SetBlocks() | CloseAccount() | RollDate():
            content = type(command).__name__.encode() + repr(msgspec.structs.astuple(command)[1:]).encode()
        case _:
            assert_never(command)
    return int.from_bytes(hashlib.sha256(content).digest()[:8], "big", signed=True)


def limits_refusal(floor: int, ceiling: int, limit_daily: int) -> AccountOutcome:
    """DONE when the limits (minor units) can stand together, else why not."""
    if floor > ceiling:
        return AccountOutcome.LIMITS_CROSSED
    if not (floor >= -AMOUNT_MAX and ceiling <= AMOUNT_MAX and 0 <= limit_daily <= AMOUNT_MAX):
        return AccountOutcome.LIMITS_OUT_OF_RANGE
    return AccountOutcome.DONE


def refusal(columns: Columns, business_date: int, command: AccountCommand) -> AccountOutcome:
    """DONE when the command can be carried out on these columns, else the first reason against it."""
    match command:
        case OpenAccounts():
            return _refuse_openings(columns, command.accounts)
        case RollDate():
            if not VALUE_DATE_MIN <= command.business_date <= VALUE_DATE_MAX:
                return AccountOutcome.DATE_OUT_OF_RANGE
            later = command.business_date > business_date
            return AccountOutcome.DONE if later else AccountOutcome.DATE_NOT_LATER
        case SetLimits() | SetBlocks() | CloseAccount():
            pass
        case _:
            assert_never(command)
    if not 0 < command.account < columns.count:
        return AccountOutcome.UNKNOWN_ACCOUNT
    line = columns.line[command.account]
    if line["flags"] & AccountFlag.CLOSED:
        return AccountOutcome.ACCOUNT_CLOSED
    if isinstance(command, SetLimits):
        return limits_refusal(command.floor, command.ceiling, command.limit_daily)
    if isinstance(command, CloseAccount):
        if line["balance"] != 0:
            return AccountOutcome.ACCOUNT_NOT_EMPTY
        if line["held"] != 0:
            return AccountOutcome.HOLDS_OPEN
    return AccountOutcome.DONE


def _refuse_openings(columns: Columns, accounts: NDArray[np.void]) -> AccountOutcome:
    if not np.isin(accounts["currency"], [entry.number for entry in CURRENCIES]).all():
        return AccountOutcome.UNKNOWN_CURRENCY
    if (accounts["floor"] > accounts["ceiling"]).any():
        return AccountOutcome.LIMITS_CROSSED
    lowest, highest = accounts["floor"].min(initial=0), accounts["ceiling"].max(initial=0)
    daily = accounts["limit_daily"]
    if lowest < -AMOUNT_MAX or highest > AMOUNT_MAX or (daily < 0).any() or (daily > AMOUNT_MAX).any():
        return AccountOutcome.LIMITS_OUT_OF_RANGE
    if columns.count + len(accounts) > ACCOUNTS_MAX:
        return AccountOutcome.UNIT_FULL
    return AccountOutcome.DONE


def carry_out(columns: Columns, seq: int, command: AccountCommand) -> Effect:
    """Change the columns as an accepted command says; what the store is to keep of it."""
    match command:
        case OpenAccounts():
            kind, first, count, body = "open", columns.count, len(command.accounts), dict[str, int | bool]()
            _open(columns, seq, command.accounts)
        case SetLimits():
            kind, first, count = "limits", command.account, 1
            body = _set_limits(columns.line[command.account], command)
        case SetBlocks():
            flags = AccountFlag.OPEN
            flags |= AccountFlag.DEBIT_BLOCKED if command.debit_blocked else AccountFlag(0)
            flags |= AccountFlag.CREDIT_BLOCKED if command.credit_blocked else AccountFlag(0)
            kind, first, count = "flags", command.account, 1
            body = _set_flags(columns.line[command.account], flags)
        case CloseAccount():
            kind, first, count = "close", command.account, 1
            body = _set_flags(columns.line[command.account], AccountFlag.CLOSED)
        case RollDate():
            kind, first, count, body = "roll", 0, 0, {"business_date": command.business_date}
        case _:
            assert_never(command)
    pages = np.arange(first // PAGE, (first + count - 1) // PAGE + 1 if count else first // PAGE, dtype=np.int32)
    return Effect(seq, command.request_id, digest_of(command), kind, first, count, body, columns.account_pages(pages))


def _open(columns: Columns, seq: int, accounts: NDArray[np.void]) -> None:
    first, end = columns.count, columns.count + len(accounts)
    columns.grow(end)
    for name in ("currency", "floor", "ceiling", "limit_daily"):
        columns.line[name][first:end] = accounts[name]
    columns.line["flags"][first:end] = int(AccountFlag.OPEN)
    for name in ("gl_code", "product", "branch"):
        getattr(columns, name)[first:end] = accounts[name]
    columns.opened_seq[first:end] = seq
    columns.count = end


def _set_limits(line: np.void, command: SetLimits) -> dict[str, int | bool]:
    body: dict[str, int | bool] = {f"{name}_before": int(line[name]) for name in ("floor", "ceiling", "limit_daily")}
    line["floor"], line["ceiling"], line["limit_daily"] = command.floor, command.ceiling, command.limit_daily
    return body | {"floor": command.floor, "ceiling": command.ceiling, "limit_daily": command.limit_daily}


def _set_flags(line: np.void, flags: AccountFlag) -> dict[str, int | bool]:
    before = int(line["flags"])
    line["flags"] = (before & int(AccountFlag.DIRTY)) | int(flags)
    return {"before": before & ~int(AccountFlag.DIRTY), "flags": int(flags)}
