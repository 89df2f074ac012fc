"""Orders of the bank's own organs, as payments: the same stages as any transfer, with the bank itself as caller.

Linked orders are one transaction: decided leg by leg, posted together or not at all.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from yinhe.audit.record import Author
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.batch import LEGS_MAX
from yinhe.ledger.ledger import WAIT_SECONDS
from yinhe.ledger.memory import Answers
from yinhe.ledger.outcomes import Outcome
from yinhe.payments.posting import MoneyOrder, Result
from yinhe.products.parts.base import Channel
from yinhe.transact.answers import Reply, without_recalls
from yinhe.transact.caller import Caller, bank_caller
from yinhe.transact.commands import Transfer
from yinhe.transact.piece import Piece, Plan
from yinhe.transact.pipeline import run
from yinhe.transact.refusals import DAY_REFUSALS, LEDGER_REFUSALS, DayRefusal
from yinhe.transact.screen import settle
from yinhe.transact.state import State
from yinhe.transact.submission import Decided

if TYPE_CHECKING:
    from yinhe.transact.day import Day

CHANNEL: Final = Channel.PARTNER
"""Orders come from files and from the bank's own desks, not from an account's holder at the counter."""
ROUNDS_MAX: Final = 16
"""How often linked orders are decided anew that must wait for others of their account."""
PAUSE_SECONDS: Final = 0.005
"""How long they wait before: about a commit."""
_ASK_AGAIN: Final = DAY_REFUSALS[DayRefusal.ASK_AGAIN]
_LINKED_FAILED: Final = LEDGER_REFUSALS[Outcome.LINKED_FAILED]
_BROKEN: Final = LEDGER_REFUSALS[Outcome.LINKED_BROKEN]


def groups_of(orders: Sequence[MoneyOrder]) -> list[list[MoneyOrder]]:
    """The orders in order, legs of one transaction together."""
    groups: list[list[MoneyOrder]] = []
    is_open = False
    for order in orders:
        if is_open:
            groups[-1].append(order)
        else:
            groups.append([order])
        is_open = order.linked
    return groups


def command_of(order: MoneyOrder, currency: int) -> Transfer:
    """An order as a transfer, in the currency of the account it debits."""
    return Transfer(
        id=order.id,
        debit=order.debit,
        credit=order.credit,
        amount_minor=order.amount_minor,
        currency=currency,
        narrative=order.narrative,
        value_date=order.value_date,
        channel=CHANNEL,
        code=order.code,
    )


def decide_linked(orders: Sequence[MoneyOrder], caller: Caller, state: State) -> Piece | tuple[int, Refusal]:
    """One piece with the legs of linked orders and their fees; or which order is refused, and why."""
    if [order.leg for order in orders] != list(range(len(orders))):
        return 0, _BROKEN
    pieces: list[Piece] = []
    for place, order in enumerate(orders):
        piece = Piece(command_of(order, currency_of(order, state)), caller)
        piece.earlier = tuple(pieces)
        try:
            refused = run(piece, state, is_leg=True)
        except BaseException:
            _let_go(pieces, state)
            raise
        if refused is not None:
            _let_go(pieces, state)
            return place, refused
        pieces.append(piece)
    plans = [piece.plan for piece in pieces if piece.plan is not None]
    recalls = tuple(leg for plan in plans for leg in plan.legs[: plan.recalls])
    fees = tuple(leg for plan in plans for leg in plan.legs[plan.recalls + 1 :])
    legs = (*recalls, *(plan.legs[plan.recalls] for plan in plans), *fees)
    if len(legs) > LEGS_MAX:
        _let_go(pieces, state)
        return 0, _BROKEN
    whole = Piece(pieces[0].command, caller)
    fee_minor = sum(plan.fee_minor for plan in plans)
    whole.plan = Plan(legs, fee_minor, orders[0].value_date, recalls=len(recalls))
    whole.companions = tuple(pieces)
    return whole


def _let_go(pieces: Sequence[Piece], state: State) -> None:
    for piece in pieces:
        settle(piece, state, posted=False)


def currency_of(order: MoneyOrder, state: State) -> int:
    """The currency of the account an order debits, 0 where there is none."""
    return state.facts.currency.item(order.debit) if 0 < order.debit < state.facts.count else 0


def result_of(reply: Reply) -> Result:
    """A reply in the words of payments."""
    if isinstance(reply, Refusal):
        return Result(posted=False, refusal=reply.name, english=reply.english, chinese=reply.chinese)
    return Result(posted=True, seq=reply.seq)


def results_refused(count: int, place: int, refusal: Refusal) -> list[Result]:
    """The results of linked orders of which one is refused."""
    return [result_of(refusal if number == place else _LINKED_FAILED) for number in range(count)]


def results_of_linked(orders: Sequence[MoneyOrder], answers: Answers, recalls: int) -> list[Result]:
    """The results of linked orders from the ledger's answers, one a leg; recalls go before the orders, fees follow."""
    outcomes = [Outcome(outcome) for outcome in answers.outcome.tolist()]
    good = (Outcome.POSTED, Outcome.DUPLICATE)
    if all(outcome in good for outcome in outcomes):
        return [Result(posted=True, seq=seq) for seq in answers.seq.tolist()[recalls : recalls + len(orders)]]
    at_fault = next((place for place, one in enumerate(outcomes) if one not in (*good, Outcome.LINKED_FAILED)), 0)
    # What cannot be recalled or charged is the fault of the order that debits the customer: the first.
    place = at_fault - recalls if recalls <= at_fault < recalls + len(orders) else 0
    return results_refused(len(orders), place, LEDGER_REFUSALS[outcomes[at_fault]])


def is_in_books(orders: Sequence[MoneyOrder], rows: NDArray[np.void]) -> bool:
    """Whether journal rows (dtype ROW) of one transaction hold linked orders, recalls before and fees behind them."""
    asked = [(order.debit, order.credit, order.amount_minor, order.code) for order in orders]
    rows = without_recalls(rows)[: len(orders)]
    found = [tuple(int(row[name]) for name in ("debit", "credit", "amount", "code")) for row in rows]
    return found == asked


def post_orders(day: "Day", orders: Sequence[MoneyOrder], author: Author) -> tuple[Result, ...]:
    """Post orders and wait: one result an order, in order; see `Day.post`."""
    caller = bank_caller(author)
    results: list[Result] = []
    singles: list[MoneyOrder] = []
    for group in groups_of(orders):
        if len(group) == 1:
            singles += group
            continue
        results += _post_singles(day, singles, caller)
        singles = []
        results += _post_linked(day, group, caller)
    return tuple(results + _post_singles(day, singles, caller))


def _post_singles(day: "Day", orders: Sequence[MoneyOrder], caller: Caller) -> list[Result]:
    if not orders:
        return []
    with day.deciding() as state:
        commands = [command_of(order, currency_of(order, state)) for order in orders]
    return [result_of(reply) for reply in day.carry_out(commands, [caller] * len(commands))]


def _post_linked(day: "Day", orders: Sequence[MoneyOrder], caller: Caller) -> list[Result]:
    for _ in range(ROUNDS_MAX):
        with day.deciding() as state:
            whole = decide_linked(orders, caller, state)
            if isinstance(whole, Piece):
                state.in_flight.setdefault(whole.command.id.int, whole)
        if isinstance(whole, Piece):
            return _post_whole(day, orders, whole)
        place, refusal = whole
        if is_in_books(orders, day.ledger.known(orders[0].id)):
            return [Result(posted=True) for _ in orders]
        if refusal is not _ASK_AGAIN:
            return results_refused(len(orders), place, refusal)
        # Others of the account are on their way: once they are durable, how many there were is known.
        day.ledger.engine.await_durable(day.ledger.engine.core.next_seq - 1, WAIT_SECONDS)
    return results_refused(len(orders), 0, _ASK_AGAIN)


def _post_whole(day: "Day", orders: Sequence[MoneyOrder], whole: Piece) -> list[Result]:
    submission = day.submit(Decided([whole], [None]))
    answers = submission.future.result(WAIT_SECONDS)
    day.note_settled(submission)
    if answers.outcome[0] == Outcome.ID_CONFLICT and is_in_books(orders, day.ledger.known(orders[0].id)):
        return [Result(posted=True) for _ in orders]
    assert whole.plan is not None, "it was posted"
    return results_of_linked(orders, answers, whole.plan.recalls)
