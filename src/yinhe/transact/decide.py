"""Decide: command, facts and product become a plan, or a refusal with a reason a customer can read. Pure."""

from typing import Final

import msgspec
import numpy as np

from yinhe.kernel.refusals import Refusal
from yinhe.ledger.batch import Flag
from yinhe.products.parts.amount import AmountPart
from yinhe.products.parts.base import Channel
from yinhe.products.parts.fee import FeeEvent
from yinhe.products.parts.sweep import Sweep
from yinhe.transact.codes import TransferKind, event_of
from yinhe.transact.commands import Command, Hold, HoldAct
from yinhe.transact.piece import Leg, Piece, Plan
from yinhe.transact.refusals import DAY_REFUSALS, DayRefusal
from yinhe.transact.rules import Charge
from yinhe.transact.state import State

_DORMANT: Final = DAY_REFUSALS[DayRefusal.DORMANT]
_CASH_ONLY: Final = DAY_REFUSALS[DayRefusal.CASH_ACCOUNT_ONLY]
_ASK_AGAIN: Final = DAY_REFUSALS[DayRefusal.ASK_AGAIN]
_FEE: Final = TransferKind.FEE.code
_RECALL: Final = TransferKind.RECALL.code
_CASH_OUT: Final = TransferKind.CASH_OUT.code
_CASH_IN: Final = TransferKind.CASH_IN.code
_HOLD_FLAGS: Final = {
    HoldAct.PLACE: int(Flag.PENDING),
    HoldAct.POST: int(Flag.POST),
    HoldAct.VOID: int(Flag.VOID),
}


def decide(piece: Piece, state: State) -> Refusal | None:
    """Make the plan; `piece.plan` has it where nothing is refused."""
    command = piece.command
    if isinstance(command, Hold) and command.act is not HoldAct.PLACE:
        # What may be held was asked when it was placed; the hold's own accounts and amount bind.
        piece.plan = Plan((_hold_leg(command),))
        return None
    debit, credit = piece.debit_rule, piece.credit_rule
    if debit.refuse_debit is not None or credit.refuse_credit is not None or command.code in (_CASH_OUT, _CASH_IN):
        refused = _refuse_accounts(piece, state)
        if refused is not None:
            return refused
    if debit.is_dormant and command.channel is not Channel.COUNTER:
        return _DORMANT
    amount = command.amount_minor
    least, most = debit.debit_quiet
    if not least <= amount <= most and debit.debit_parts:
        own, others = _leaving(piece, state)
        refused = _refuse_amount(state, debit.debit_parts, command.debit, command, -own, -others)
        if refused is not None:
            return refused
    least, most = credit.credit_quiet
    if not least <= amount <= most and credit.credit_parts:
        own = sum(one.command.amount_minor for one in piece.earlier if one.command.credit == command.credit)
        others = state.tallies.arriving(command.credit) - own
        refused = _refuse_amount(state, credit.credit_parts, command.credit, command, own, others)
        if refused is not None:
            return refused
    if isinstance(command, Hold):
        piece.plan = Plan((_hold_leg(command),))
    else:
        leg = Leg(command.debit, command.credit, amount, command.code)
        if debit.charges or credit.charges:
            refused = _charged(piece, state, leg)
            if refused is not None:
                return refused
        else:
            piece.plan = Plan((leg,), 0, command.value_date)
    return None if debit.sweep is None else _recalled(piece, state, debit.sweep)


def _refuse_amount(
    state: State, parts: tuple[AmountPart, ...], account: int, command: Command, own_minor: int, others_minor: int
) -> Refusal | None:
    """What amount parts say, by what legs of its own transaction move before it.

    Where that depends on what others have on their way they are waited for. Both in minor units, out below zero.
    """
    amount, channel = command.amount_minor, command.channel
    refused = state.facts.refuse_amount(parts, account, amount, own_minor, channel)
    with_others = own_minor + others_minor
    if others_minor and state.facts.refuse_amount(parts, account, amount, with_others, channel) is not refused:
        return _ASK_AGAIN
    return refused


def _leaving(piece: Piece, state: State) -> tuple[int, int]:
    """What is on its way out of the account: by legs of the same transaction, and by others."""
    account = piece.command.debit
    own = sum(one.plan.leaving_minor(account) for one in piece.earlier if one.plan is not None)
    return own, state.tallies.leaving(account) - own


def _refuse_accounts(piece: Piece, state: State) -> Refusal | None:
    """What an account refuses by its nature. The bank's own accounts are for its own programs, and for cash."""
    command, caller = piece.command, piece.caller
    debit, credit = piece.debit_rule, piece.credit_rule
    if not caller.is_bank and command.code in (_CASH_OUT, _CASH_IN):
        till, rule, other = command.credit, credit, debit
        if command.code == _CASH_IN:
            till, rule, other = command.debit, debit, credit
        if not (caller.handles_cash and command.channel is Channel.COUNTER and rule.is_own and not other.is_own):
            return _CASH_ONLY
        if not state.facts.is_cash(till):
            return _CASH_ONLY
        return other.refuse_debit if command.code == _CASH_OUT else other.refuse_credit
    if debit.refuse_debit is not None and not (debit.is_own and caller.is_bank):
        return debit.refuse_debit
    if credit.refuse_credit is not None and not (credit.is_own and caller.is_bank):
        return credit.refuse_credit
    return None


def _charged(piece: Piece, state: State, leg: Leg) -> Refusal | None:
    """The plan with its fee as a second leg: both post or none."""
    command, event = piece.command, event_of(leg.code)
    payer, rule = leg.debit, piece.debit_rule
    if event is FeeEvent.DEPOSIT:
        payer, rule = leg.credit, piece.credit_rule
    charge = None if event is None else rule.charges.get(event)
    if event is None or charge is None:
        piece.plan = Plan((leg,), 0, command.value_date)
        return None
    fee = _fee(charge, state, payer, event, leg.amount_minor)
    if fee is None:
        return _ASK_AGAIN
    legs = (leg, Leg(payer, charge.income, fee, _FEE)) if fee > 0 else (leg,)
    piece.plan = Plan(legs, fee, command.value_date, (payer, event) if charge.counts else None)
    return None


def _recalled(piece: Piece, state: State, sweep: Sweep) -> Refusal | None:
    """The plan with money brought back from the linked product, as much as the account is short of; all or none.

    Where others of the account are on their way, what it is short of is known when they are done. What is short beyond
    what is linked, and may be drawn from there by a plain transfer, is the ledger's to refuse.
    """
    plan, account, facts = piece.plan, piece.command.debit, state.facts
    assert plan is not None, "it was just made"
    own, others = _leaving(piece, state)
    short = plan.leaving_minor(account) + own - facts.free_minor(account)
    if short + others <= 0:
        return None
    if others:
        return _ASK_AGAIN
    linked = facts.linked(account)
    back = _back(piece, state, sweep, linked, short) if linked and facts.may_move(linked, account) else 0
    if back < short:
        piece.plan = msgspec.structs.replace(plan, is_short=True)
    else:
        recall = Leg(linked, account, back, _RECALL)
        piece.plan = msgspec.structs.replace(plan, legs=(recall, *plan.legs), recalls=1)
    return None


def _back(piece: Piece, state: State, sweep: Sweep, linked: int, short: int) -> int:
    """What a linked account gives back, in minor units: nothing where its own rules keep it there."""
    facts, rule, channel = state.facts, state.facts.rule(linked), piece.command.channel
    own = sum(one.plan.leaving_minor(linked) for one in piece.earlier if one.plan is not None)
    free = facts.free_minor(linked) - own
    back = int(sweep.recall(np.array([short], np.int64), np.array([free], np.int64))[0])
    keeps = rule.refuse_debit is not None or rule.is_dormant
    if keeps or (back and facts.refuse_amount(rule.debit_parts, linked, back, -own, channel) is not None):
        return 0
    return back


def _fee(charge: Charge, state: State, payer: int, event: FeeEvent, amount_minor: int) -> int | None:
    """The fee; None where it depends on what becomes of others of the account that are on their way."""
    balance = state.facts.balance.item(payer)
    if not charge.counts:
        return charge.fee_minor(1, amount_minor, balance)
    least, most = state.tallies.counts((payer, event))
    fee = charge.fee_minor(least, amount_minor, balance)
    return fee if most == least or charge.fee_minor(most, amount_minor, balance) == fee else None


def _hold_leg(command: Hold) -> Leg:
    reference = command.expires_at if command.act is HoldAct.PLACE else command.hold
    return Leg(command.debit, command.credit, command.amount_minor, command.code, _HOLD_FLAGS[command.act], reference)
