"""The members of the enums once more, as the plain numbers that compile best."""

from typing import Final

from yinhe.ledger.batch import Flag
from yinhe.ledger.columns import AccountFlag
from yinhe.ledger.outcomes import Outcome

FLAG_LINKED: Final = int(Flag.LINKED)
FLAG_PENDING: Final = int(Flag.PENDING)
FLAG_POST: Final = int(Flag.POST)
FLAG_VOID: Final = int(Flag.VOID)
FLAG_EXPIRE: Final = int(Flag.EXPIRE)
FLAG_VOID_EXPIRE: Final = FLAG_VOID | FLAG_EXPIRE
FLAG_BALANCING_DEBIT: Final = int(Flag.BALANCING_DEBIT)
FLAG_BALANCING_CREDIT: Final = int(Flag.BALANCING_CREDIT)
FLAG_BALANCING: Final = FLAG_BALANCING_DEBIT | FLAG_BALANCING_CREDIT
FLAG_REVERSAL: Final = int(Flag.REVERSAL)
FLAG_VALUE_DATED: Final = int(Flag.VALUE_DATED)
FLAG_WHOLE: Final = int(Flag.WHOLE)
FLAG_KIND: Final = FLAG_PENDING | FLAG_POST | FLAG_VOID | FLAG_EXPIRE | FLAG_BALANCING | FLAG_REVERSAL
FLAG_KNOWN: Final = FLAG_LINKED | FLAG_KIND | FLAG_VALUE_DATED
IS_CLOSED: Final = int(AccountFlag.CLOSED)
IS_DEBIT_BLOCKED: Final = int(AccountFlag.DEBIT_BLOCKED)
IS_CREDIT_BLOCKED: Final = int(AccountFlag.CREDIT_BLOCKED)
IS_DIRTY: Final = int(AccountFlag.DIRTY)
POSTED: Final = int(Outcome.POSTED)
DUPLICATE: Final = int(Outcome.DUPLICATE)
ID_CONFLICT: Final = int(Outcome.ID_CONFLICT)
ID_MALFORMED: Final = int(Outcome.ID_MALFORMED)
ID_FROM_FUTURE: Final = int(Outcome.ID_FROM_FUTURE)
LINKED_BROKEN: Final = int(Outcome.LINKED_BROKEN)
FLAGS_INVALID: Final = int(Outcome.FLAGS_INVALID)
UNKNOWN_ACCOUNT: Final = int(Outcome.UNKNOWN_ACCOUNT)
SAME_ACCOUNT: Final = int(Outcome.SAME_ACCOUNT)
AMOUNT_NOT_POSITIVE: Final = int(Outcome.AMOUNT_NOT_POSITIVE)
AMOUNT_OUT_OF_RANGE: Final = int(Outcome.AMOUNT_OUT_OF_RANGE)
VALUE_DATE_OUT_OF_RANGE: Final = int(Outcome.VALUE_DATE_OUT_OF_RANGE)
CURRENCY_DIFFERS: Final = int(Outcome.CURRENCY_DIFFERS)
PENDING_NOT_FOUND: Final = int(Outcome.PENDING_NOT_FOUND)
PENDING_DIFFERS: Final = int(Outcome.PENDING_DIFFERS)
PENDING_RESOLVED: Final = int(Outcome.PENDING_RESOLVED)
PENDING_EXPIRED: Final = int(Outcome.PENDING_EXPIRED)
PENDING_NOT_EXPIRED: Final = int(Outcome.PENDING_NOT_EXPIRED)
OVER_PENDING: Final = int(Outcome.OVER_PENDING)
ACCOUNT_CLOSED: Final = int(Outcome.ACCOUNT_CLOSED)
DEBIT_BLOCKED: Final = int(Outcome.DEBIT_BLOCKED)
CREDIT_BLOCKED: Final = int(Outcome.CREDIT_BLOCKED)
OVER_DAILY_LIMIT: Final = int(Outcome.OVER_DAILY_LIMIT)
INSUFFICIENT_FUNDS: Final = int(Outcome.INSUFFICIENT_FUNDS)
BALANCE_OVERFLOW: Final = int(Outcome.BALANCE_OVERFLOW)
OVER_CEILING: Final = int(Outcome.OVER_CEILING)
LINKED_FAILED: Final = int(Outcome.LINKED_FAILED)
