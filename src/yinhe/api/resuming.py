"""What second persons approved and a crash, a fault or a lost database kept from being carried out."""

from collections.abc import Callable, Mapping
from typing import Final

from yinhe.access.pending import PAGE_MAX, ApprovalState, Pending
from yinhe.access.principal import Principal
from yinhe.api.call import Call
from yinhe.api.handlers.approvals import carry_out
from yinhe.api.route import Reply, Route
from yinhe.audit.record import ActorKind
from yinhe.bank import Bank
from yinhe.kernel.errors import YinheError
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.logbook import Logbook

SETTLED_US: Final = 60_000_000
"""How long whoever approved may still be carrying it out: a minute, twice what the longest request takes."""

_LOG: Final = Logbook("yinhe.api")


def resume_approved(
    bank: Bank, routes: Mapping[str, Route], *, settled_us: int = 0, is_over: Callable[[], bool] = lambda: False
) -> int:
    """Carry out, each under its own id, what was approved that long ago and has no end on record; how many it was.

    What was done before and not noted is told as it was answered then: nothing is done twice.
    """
    done, before = 0, bank.clock.now_us() - settled_us
    for approval in _approved(bank):
        if is_over():
            break
        # A list leaves large commands out: each is read whole.
        pending = bank.identity.approvals.read(approval.id)
        if isinstance(pending, Refusal) or pending.state is not ApprovalState.APPROVED:
            continue
        if (pending.decided_at or 0) <= before:
            done += _resumed(bank, routes, pending)
    return done


def _approved(bank: Bank) -> list[Pending]:
    found: list[Pending] = []
    while True:
        last = found[-1].id if found else None
        page = bank.identity.approvals.list(states=(ApprovalState.APPROVED,), before=last)
        found += page
        if len(page) < PAGE_MAX:
            return found


def _resumed(bank: Bank, routes: Mapping[str, Route], pending: Pending) -> bool:
    nobody = Principal(kind=ActorKind.USER, number=0, name="nobody", permissions=frozenset())
    call = Call(bank=bank, principal=nobody, id=pending.id, action=pending.action, routes=routes)
    try:
        handled = carry_out(call, pending, f"{ActorKind.USER}:{pending.decider}")
    except YinheError as error:
        _LOG.warning("approved, not carried out yet", request=str(pending.id), kind=type(error).__name__)
        return False
    outcome = "done" if isinstance(handled, Reply) else handled.name
    _LOG.info("carried out what was approved before", request=str(pending.id), action=pending.action, outcome=outcome)
    return True
