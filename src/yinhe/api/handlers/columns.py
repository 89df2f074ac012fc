"""Many transfers as columns: an Arrow IPC stream in, one out; the same rules and limits as one by one."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
import numpy as np

from yinhe.access.permissions import Permission
from yinhe.api.arrow_columns import ARROW, Columns, read_columns, write_answer
from yinhe.api.call import Call
from yinhe.api.forms import FormRefusal, read_account, read_currency
from yinhe.api.handlers.posting import BATCH_BYTES_MAX, TRANSFERS_MAX, channel_of
from yinhe.api.route import Handled, Reply, Route, Weight
from yinhe.api.weighing import heaviest
from yinhe.kernel.ids import derived, split
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.outcomes import Outcome
from yinhe.transact.answers import Posted
from yinhe.transact.caller import Caller, caller_of
from yinhe.transact.columnar import Batch
from yinhe.transact.commands import Transfer

_DIGITS: Final = 16


class ColumnsDone(msgspec.Struct, frozen=True):
    """What became of a batch in columns, counted: what a second person is shown of it."""

    posted: int
    refused: int


class _Row(msgspec.Struct, frozen=True):
    """What became of a row, as it is told."""

    outcome: str
    seq: int = 0


def post_columns(call: Call) -> Handled:
    """Post many transfers, each by itself."""
    columns = read_columns(call.body_as(bytes), TRANSFERS_MAX)
    if isinstance(columns, Refusal):
        return columns
    ids = columns.ids or [derived(call.id, f"transfer {place}") for place in range(len(columns))]
    asked = _commands(call, columns, ids)
    caller = caller_of(call.principal, address=call.address, approver=call.approver)
    commands = [one for one in asked if isinstance(one, Transfer)]
    done = iter(_try(call, commands, caller) if call.dry_run else _post(call, commands, caller))
    rows = [next(done) if isinstance(one, Transfer) else _Row(one.name) for one in asked]
    content = write_answer(ids, [row.outcome for row in rows], [row.seq for row in rows])
    posted = sum(row.outcome in ("posted", "duplicate") for row in rows)
    return Reply(content=content, media=ARROW, value=ColumnsDone(posted, len(rows) - posted))


def _commands(call: Call, columns: Columns, ids: Sequence[UUID]) -> list[Transfer | Refusal]:
    """Each row as a command, or why it is none."""
    unit, channel = call.bank.unit, channel_of(call.principal)
    accounts = {text: _account(text, unit) for text in {*columns.debit, *columns.credit}}
    currencies = {code: read_currency(code) for code in set(columns.currency)}
    words = columns.narrative or [""] * len(columns)
    found: list[Transfer | Refusal] = []
    for txn_id, debit, credit, amount, code, narrative in zip(
        ids, columns.debit, columns.credit, columns.amount_minor, columns.currency, words, strict=True
    ):
        its, payer, payee = currencies[code], accounts[debit], accounts[credit]
        if isinstance(its, Refusal):
            found.append(its)
        elif isinstance(payer, Refusal):
            found.append(payer)
        elif isinstance(payee, Refusal):
            found.append(payee)
        else:
            found.append(
                Transfer(
                    id=txn_id,
                    debit=payer,
                    credit=payee,
                    amount_minor=amount,
                    currency=its.number,
                    narrative=narrative,
                    channel=channel,
                )
            )
    return found


def _account(text: str, unit: int) -> int | Refusal:
    if len(text) != _DIGITS or not (text.isascii() and text.isdecimal()):
        return Refusal(FormRefusal.ACCOUNT_MALFORMED)
    return read_account(text, unit)


def _try(call: Call, commands: Sequence[Transfer], caller: Caller) -> list[_Row]:
    return [_row(call.bank.day.preview(command, caller)) for command in commands]


def _post(call: Call, commands: Sequence[Transfer], caller: Caller) -> list[_Row]:
    """Post commands in order: of one currency in columns, of several one after another in one submission."""
    if len({command.currency for command in commands}) != 1:
        return [_row(reply) for reply in call.bank.day.carry_out(commands, [caller] * len(commands))]
    halves = np.array([split(command.id) for command in commands], np.uint64)
    posted = call.bank.day.post_columns(
        Batch(
            id_hi=halves[:, 0].copy(),
            id_lo=halves[:, 1].copy(),
            debit=np.array([command.debit for command in commands], np.int64),
            credit=np.array([command.credit for command in commands], np.int64),
            amount_minor=np.array([command.amount_minor for command in commands], np.int64),
            currency=commands[0].currency,
            narratives=[command.narrative for command in commands],
            channel=commands[0].channel,
        ),
        caller,
    )
    found: list[_Row] = []
    for place, seq in enumerate(posted.seq.tolist()):
        refusal = posted.refusal(place)
        outcome = "duplicate" if posted.reason[place] == Outcome.DUPLICATE else "posted"
        found.append(_Row(outcome, seq) if refusal is None else _Row(refusal.name))
    return found


def _row(reply: Posted | Refusal) -> _Row:
    if isinstance(reply, Refusal):
        return _Row(reply.name)
    return _Row("duplicate" if reply.duplicate else "posted", reply.seq)


def weigh_columns(call: Call) -> Weight:
    """What the rows of a batch move together; those that are refused later weigh nothing."""
    columns = read_columns(call.body_as(bytes), TRANSFERS_MAX)
    if isinstance(columns, Refusal):
        return Weight()
    sums: dict[str, int] = {}
    for code, amount in zip(columns.currency, columns.amount_minor, strict=True):
        if amount > 0:
            sums[code] = sums.get(code, 0) + amount
    known = {code: amount for code, amount in sums.items() if not isinstance(read_currency(code), Refusal)}
    return heaviest(call, known)


ROUTES: Final[tuple[Route, ...]] = (
    Route(
        method="POST",
        path="/v1/transfer-batches/columns",
        name="postTransferColumns",
        tag="transfers",
        summary="Transfer many times as columns: an Arrow IPC stream in, one out.",
        description="Columns in: `debit`, `credit` (string of 16 digits, or uint64), `amount_minor` (int64, minor "
        "units), `currency` (string, or a dictionary of strings), and if wanted `id` (fixed_size_binary[16], uuid or "
        "string; else made of the Idempotency-Key and the row) and `narrative` (string). No nulls, not compressed, at "
        "most 10,000 rows. Columns out, in the same order: `transaction` (fixed_size_binary[16]), `outcome` "
        "(`posted`, `duplicate` or the code of the refusal), `seq` (int64; 0 where refused). The rules and limits "
        "are those of transfers sent one by one.",
        permission=Permission.TRANSFER_POST,
        handler=post_columns,
        body=bytes,
        media_in=(ARROW,),
        body_bytes_max=BATCH_BYTES_MAX,
        media_out=(ARROW,),
        action="transfer.post_batch",
        weigh=weigh_columns,
        counted=False,
        seconds_max=120.0,
    ),
)
