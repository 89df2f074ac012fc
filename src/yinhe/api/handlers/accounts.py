"""Accounts: the operations on them."""

from typing import Final

from yinhe.access.permissions import Permission
from yinhe.api.handlers import account_commands, account_reading, account_statements
from yinhe.api.handlers.account_forms import (
    AccountBlocks,
    AccountEntryPage,
    AccountLimits,
    AccountPages,
    AccountPath,
    AccountReading,
    AccountView,
)
from yinhe.api.route import Route

_TAG: Final = "accounts"

ROUTES: Final[tuple[Route, ...]] = (
    Route(
        method="GET",
        path="/v1/accounts/{account}",
        name="readAccount",
        tag=_TAG,
        summary="Tell how an account stands: balance, money held, limits, blocks.",
        description="With `as_of` the balance is that at the end of a business date; limits are as of now.",
        permission=Permission.CONTRACT_READ,
        handler=account_reading.read_account_view,
        params=AccountReading,
        answer=AccountView,
        problems=(422,),
    ),
    Route(
        method="GET",
        path="/v1/accounts/{account}/entries",
        name="listAccountEntries",
        tag=_TAG,
        summary="List the lines of an account, newest first, with the balance after each.",
        permission=Permission.CONTRACT_READ,
        handler=account_reading.list_entries,
        params=AccountPages,
        answer=AccountEntryPage,
        problems=(422,),
    ),
    Route(
        method="PUT",
        path="/v1/accounts/{account}/blocks",
        name="blockAccount",
        tag=_TAG,
        summary="Block or free an account's debits and credits.",
        permission=Permission.ACCOUNT_CONTROL,
        handler=account_commands.set_blocks,
        params=AccountPath,
        body=AccountBlocks,
        answer=AccountView,
        action="account.block",
        example=AccountBlocks(debit=True, credit=False),
    ),
    Route(
        method="PUT",
        path="/v1/accounts/{account}/limits",
        name="limitAccount",
        tag=_TAG,
        summary="Set the limits of an account, all of them.",
        description="The floor goes below zero only as far as the product's overdraft does.",
        permission=Permission.ACCOUNT_CONTROL,
        handler=account_commands.set_limits,
        params=AccountPath,
        body=AccountLimits,
        answer=AccountView,
        action="account.limit",
        example=AccountLimits(floor="0", ceiling=None, limit_daily="50000.00"),
    ),
    *account_statements.ROUTES,
)
