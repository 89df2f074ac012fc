"""Taking a transaction of the day back: by a transaction of its own, each leg the other way round."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from yinhe.access.refusals import AccessRefusal
from yinhe.audit.record import Outcome as ActOutcome
from yinhe.audit.record import Record
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.batch import Flag, Transfer
from yinhe.ledger.ledger import Ledger, reversal_id
from yinhe.ledger.outcomes import Outcome
from yinhe.ledger.store import Detail
from yinhe.transact.answers import Posted, Reply, without_recalls
from yinhe.transact.caller import Caller
from yinhe.transact.codes import REVERSIBLE_CODES, TransferKind
from yinhe.transact.facts import Facts
from yinhe.transact.identify import Reaches
from yinhe.transact.refusals import DAY_REFUSALS, LEDGER_REFUSALS, LIMIT_REFUSALS, DayRefusal

_NOT_TAKEN_BACK = np.uint16(Flag.PENDING | Flag.VOID | Flag.REVERSAL)


def refuse_reversal(rows: NDArray[np.void], caller: Caller, reaches: Reaches, facts: Facts) -> Refusal | None:
    """Why a transaction (its journal rows, dtype ROW) is not taken back by a caller; None: it may be.

    Only transfers of the day are: what a contract, a payment or a night has posted is put right where it came from.
    """
    scope = caller.scope
    asked = without_recalls(rows)
    if not len(rows) or (scope is not None and not reaches.reaches(scope, int(asked["debit"][0]), facts.branch)):
        return DAY_REFUSALS[DayRefusal.TRANSACTION_UNKNOWN]
    is_of_the_day = np.isin(rows["code"], list(REVERSIBLE_CODES)).all()
    if not is_of_the_day or (rows["flags"] & _NOT_TAKEN_BACK).any():
        return DAY_REFUSALS[DayRefusal.NOT_REVERSIBLE]
    single, _ = caller.limits(int(facts.currency[int(asked["debit"][0])]))
    return LIMIT_REFUSALS[AccessRefusal.OVER_SINGLE_LIMIT] if int(asked["amount"][0]) > single else None


def post_reversal(ledger: Ledger, txn_id: UUID, caller: Caller, why: str) -> Reply:
    """Post the reversal and wait. Raises RetrySameId, Busy, LedgerClosed; ask again."""
    transfers = ledger.reversal_of(txn_id)
    detail = {**caller.detail, "reverses": str(txn_id), "why": why}
    words = Detail(reversal_id(txn_id), caller.actor, caller.author.channel, "", detail)
    answers = ledger.post(transfers, (words,))
    refused = [answer.outcome for answer in answers if not answer.posted]
    if refused:
        own = next((outcome for outcome in refused if outcome is not Outcome.LINKED_FAILED), refused[0])
        return LEDGER_REFUSALS[own]
    main = answers[_main(transfers)]
    fees = sum(
        one.amount_minor for one, leg in zip(answers, transfers, strict=True) if leg.code == TransferKind.FEE.code
    )
    return Posted(
        id=main.txn_id,
        seq=answers[0].seq,
        amount_minor=main.amount_minor,
        fee_minor=fees,
        debit_balance_minor=main.debit_balance_minor if caller.sees_balances else None,
        duplicate=main.outcome is Outcome.DUPLICATE,
    )


def outlook(ledger: Ledger, txn_id: UUID) -> Reply:
    """What `post_reversal` would answer at this moment; the seq is 0, no balance is told."""
    transfers = ledger.reversal_of(txn_id)
    outcomes = ledger.preview(transfers)
    own = next((one for one in outcomes if one not in (Outcome.POSTED, Outcome.LINKED_FAILED)), outcomes[0])
    if own not in (Outcome.POSTED, Outcome.DUPLICATE):
        return LEDGER_REFUSALS[own]
    return Posted(
        id=reversal_id(txn_id),
        seq=0,
        amount_minor=transfers[_main(transfers)].amount_minor,
        fee_minor=sum(leg.amount_minor for leg in transfers if leg.code == TransferKind.FEE.code),
        duplicate=own is Outcome.DUPLICATE,
    )


def _main(transfers: Sequence[Transfer]) -> int:
    """The place of what was asked for among the legs of a reversal: the last but for what goes back to be linked."""
    return max(place for place, leg in enumerate(transfers) if leg.code != TransferKind.RECALL.code)


def record_of_refusal(txn_id: UUID, caller: Caller, refusal: Refusal) -> Record:
    """A refused reversal, for the log."""
    return Record(
        action="transfer.reverse",
        author=caller.author,
        outcome=ActOutcome.REFUSED,
        object=f"transaction/{txn_id}",
        why=refusal.name,
    )
