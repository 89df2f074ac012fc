"""The customer at the centre: the whole picture in one call, and everything that ever happened."""

import datetime as dt
from typing import Annotated, Any, Final

import msgspec

from yinhe.access.permissions import Permission
from yinhe.api.call import Call
from yinhe.api.forms import LIMIT_DEFAULT, Cursor
from yinhe.api.handlers.party_forms import PartyNumber
from yinhe.api.outer import outer, shown
from yinhe.api.problem import HttpRefusal
from yinhe.api.reach import reach_party
from yinhe.api.route import Handled, Reply, Route
from yinhe.kernel.dates import days_from_date
from yinhe.kernel.refusals import Refusal
from yinhe.overview.happenings import Happening, Kind
from yinhe.overview.people import known_of
from yinhe.overview.records import Picture

CustomerPicture: Final = outer(Picture, "CustomerPicture")
CustomerHappening: Final = outer(Happening, "CustomerHappening")


class PictureParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose picture, and of when."""

    party: PartyNumber
    as_of: Annotated[dt.date | None, msgspec.Meta(description="At the end of this business date; now without it.")] = (
        None
    )
    clear: Annotated[
        bool,
        msgspec.Meta(description="In the clear: needs `party:personal` and a purpose in X-Reason, and goes on record."),
    ] = False


class TimelineParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose timeline."""

    party: PartyNumber
    kinds: Annotated[
        str,
        msgspec.Meta(
            pattern=r"^$|^(contract|loan|record|posting)(,(contract|loan|record|posting)){0,3}$",
            description="Only these, apart by commas: contract, loan, record, posting.",
            examples=["contract,posting"],
        ),
    ] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = LIMIT_DEFAULT
    cursor: Cursor = ""


class TimelineAnswer(msgspec.Struct, frozen=True):
    """A page of what happened with a customer, the newest first."""

    party: int
    items: tuple[CustomerHappening, ...]  # type: ignore[valid-type]
    next: str | None


def picture(call: Call) -> Handled:
    """Show a customer's whole picture."""
    params = call.params_as(PictureParams)
    refused = reach_party(call, params.party)
    if refused is not None:
        return refused
    if params.clear and Permission.PARTY_PERSONAL not in call.principal.permissions:
        return Refusal(HttpRefusal.FORBIDDEN, str(Permission.PARTY_PERSONAL))
    known = None
    if params.clear:
        view = call.bank.parties.view(params.party, clear=True, purpose=call.why, author=call.author)
        if isinstance(view, Refusal):
            return view
        known = known_of(view)
    as_of = None if params.as_of is None else days_from_date(params.as_of)
    found = call.bank.overview.picture(params.party, as_of, known)
    return found if isinstance(found, Refusal) else Reply(value=shown(found, CustomerPicture))


def timeline(call: Call) -> Handled:
    """Show what happened with a customer."""
    params = call.params_as(TimelineParams)
    refused = reach_party(call, params.party)
    if refused is not None:
        return refused
    more: dict[str, Any] = {}
    if params.kinds:
        more["kinds"] = frozenset(Kind(one) for one in params.kinds.split(","))
    page = call.bank.overview.timeline(params.party, params.cursor or None, params.limit, **more)
    if isinstance(page, Refusal):
        return page
    items = tuple(shown(one, CustomerHappening) for one in page.items)
    return Reply(value=TimelineAnswer(page.party, items, page.cursor))


ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/parties/{party}/picture",
        name="readCustomer",
        tag="parties",
        summary="A customer's whole picture: contracts, balances, limits, holds, loans, cards, alerts, worth.",
        permission=Permission.CONTRACT_READ,
        handler=picture,
        params=PictureParams,
        answer=CustomerPicture,
        problems=(422,),
    ),
    Route(
        method="GET",
        path="/v1/parties/{party}/timeline",
        name="readCustomerTimeline",
        tag="parties",
        summary="What happened with a customer, the newest first, back to the first day.",
        permission=Permission.CONTRACT_READ,
        handler=timeline,
        params=TimelineParams,
        answer=TimelineAnswer,
        problems=(422,),
    ),
)
