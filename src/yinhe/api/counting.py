"""Carries a command out, counted against the day's limit of whoever asks; transfers of the day count themselves."""

from yinhe.api.approving import note_refusal
from yinhe.api.call import Call
from yinhe.api.route import Handled, Reply, Route, Weight
from yinhe.kernel.currency import currency
from yinhe.kernel.refusals import Refusal
from yinhe.transact.caller import caller_of
from yinhe.transact.refusals import DayRefusal


def carried_out(route: Route, call: Call, weight: Weight | None) -> Handled:
    """Handle a call whose route's weight is known (None: it has none), or refuse what goes beyond the day's limit."""
    if weight is None or not route.counted:
        return route.handler(call)
    elsewhere, caller = call.bank.elsewhere, caller_of(call.principal)
    sums = weight.sums or {weight.currency: weight.amount_minor}
    by_number = {currency(code).number: amount for code, amount in sums.items() if amount}
    if call.dry_run:
        return elsewhere.try_out(caller, by_number) or route.handler(call)
    counted = elsewhere.begin(call.id, call.action, caller, by_number)
    if counted is None:
        return route.handler(call)
    if isinstance(counted, Refusal):
        if counted.because is not DayRefusal.ASK_AGAIN:
            note_refusal(call, counted)
        return counted
    # Whatever is raised, nobody knows what was moved: it stays counted.
    moved = True
    try:
        handled = route.handler(call)
        moved = isinstance(handled, Reply) and handled.moved and handled.status < 400
    finally:
        elsewhere.end(counted, moved=moved)
    return handled
