"""Parties: persons and organisations, from the first contact to the last."""

from collections.abc import Callable
from typing import Any

import msgspec

from yinhe.access.permissions import Permission
from yinhe.api.call import Call
from yinhe.api.forms import make_cursor, read_cursor
from yinhe.api.handlers.party_forms import (
    ActList,
    BirthDateForm,
    CandidateList,
    EntryForm,
    EntryParams,
    HistoryParams,
    MergeForm,
    PartiesParams,
    PartyForm,
    PartyList,
    PartyParams,
    PartyViewParams,
    RelationForm,
    RiskForm,
    SearchForm,
    StatusForm,
    TierForm,
    VerificationForm,
)
from yinhe.api.problem import HttpRefusal
from yinhe.api.reach import reach_party
from yinhe.api.reading import ReadingRefusal
from yinhe.api.route import Handled, Reply
from yinhe.audit.desk import Asked, Told
from yinhe.kernel.refusals import Refusal
from yinhe.parties.commands import (
    Add,
    Changed,
    End,
    EndRelation,
    Merge,
    Move,
    Open,
    Prefer,
    RateRisk,
    Relate,
    SetBorn,
    SetTier,
    UndoMerge,
    Verify,
)
from yinhe.parties.reading import PAGE_MAX
from yinhe.parties.views import Page

# --- commands


def _told(told: Told | Refusal) -> Handled:
    if isinstance(told, Refusal):
        return told
    changed = told.read(Changed)
    return Reply(value=changed, etag=_etag(changed.version))


def _etag(version: int) -> str:
    return f'"{version}"'


def _version(call: Call) -> int | Refusal | None:
    """The version that `If-Match` names; None for any."""
    text = call.if_match
    if text in ("", "*"):
        return None
    number = text.removeprefix('"').removesuffix('"')
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        return Refusal(HttpRefusal.VERSION_DIFFERS)
    return int(number)


Verb = Callable[[Asked, Any], Told | Refusal]


def _command(call: Call, party: int, verb: Verb, make: Callable[[int | None], msgspec.Struct]) -> Handled:
    """Carry out a command on a party that is in reach, at the version the caller names."""
    refused = reach_party(call, party)
    if refused is not None:
        return refused
    version = _version(call)
    if isinstance(version, Refusal):
        return version
    return _told(verb(call.asked(), make(version)))


def open_party(call: Call) -> Handled:
    """Open a party."""
    if call.principal.scope.parties is not None:
        return Refusal(HttpRefusal.FORBIDDEN, "whoever speaks for certain parties opens no others")
    form = call.body_as(PartyForm)
    command = Open(kind=form.kind, items=form.items, born=form.born, tier=form.tier, seen=form.seen)
    return _told(call.bank.parties.open(call.asked(), command))


def add_entry(call: Call) -> Handled:
    """Add a name, an identifier and the like."""
    party, form = call.params_as(PartyParams).party, call.body_as(EntryForm)
    return _command(
        call, party, call.bank.parties.add, lambda version: Add(party=party, expected_version=version, item=form.item)
    )


def end_entry(call: Call) -> Handled:
    """End an entry."""
    params = call.params_as(EntryParams)
    return _command(
        call,
        params.party,
        call.bank.parties.end,
        lambda version: End(party=params.party, expected_version=version, item=params.entry),
    )


def prefer_entry(call: Call) -> Handled:
    """Make an entry the first of its kind."""
    params = call.params_as(EntryParams)
    return _command(
        call,
        params.party,
        call.bank.parties.prefer,
        lambda version: Prefer(party=params.party, expected_version=version, item=params.entry),
    )


def verify_entry(call: Call) -> Handled:
    """Note that an identifier was verified."""
    params, form = call.params_as(EntryParams), call.body_as(VerificationForm)
    return _command(
        call,
        params.party,
        call.bank.parties.verify,
        lambda version: Verify(party=params.party, expected_version=version, item=params.entry, how=form.how),
    )


def set_birth_date(call: Call) -> Handled:
    """Set the date of birth or foundation right."""
    party, form = call.params_as(PartyParams).party, call.body_as(BirthDateForm)
    return _command(
        call,
        party,
        call.bank.parties.set_born,
        lambda version: SetBorn(party=party, expected_version=version, born=form.born),
    )


def set_tier(call: Call) -> Handled:
    """Put a party into a tier."""
    party, form = call.params_as(PartyParams).party, call.body_as(TierForm)
    return _command(
        call,
        party,
        call.bank.parties.set_tier,
        lambda version: SetTier(party=party, expected_version=version, tier=form.tier),
    )


def rate_risk(call: Call) -> Handled:
    """Rate a party's risk, and keep whoever the bank does no business with from the day's transfers."""
    party, form = call.params_as(PartyParams).party, call.body_as(RiskForm)
    handled = _command(
        call,
        party,
        call.bank.parties.rate_risk,
        lambda version: RateRisk(party=party, expected_version=version, risk=form.risk, review=form.review),
    )
    if isinstance(handled, Reply) and not call.dry_run:
        call.bank.learn_prohibited()
    return handled


def set_status(call: Call) -> Handled:
    """Bring a party into another state of its life."""
    party, form = call.params_as(PartyParams).party, call.body_as(StatusForm)
    return _command(
        call,
        party,
        call.bank.parties.move,
        lambda version: Move(party=party, expected_version=version, to=form.status),
    )


def relate(call: Call) -> Handled:
    """Note what another party is to this one."""
    party, form = call.params_as(PartyParams).party, call.body_as(RelationForm)
    other = reach_party(call, form.other)
    if other is not None:
        return other
    return _command(
        call,
        party,
        call.bank.parties.relate,
        lambda version: Relate(
            party=party,
            expected_version=version,
            other=form.other,
            kind=form.kind,
            share=form.share,
            since=form.since,
        ),
    )


def end_relation(call: Call) -> Handled:
    """End a relation."""
    params = call.params_as(EntryParams)
    return _command(
        call,
        params.party,
        call.bank.parties.end_relation,
        lambda version: EndRelation(party=params.party, expected_version=version, relation=params.entry),
    )


def merge(call: Call) -> Handled:
    """Merge another party into this one."""
    party, form = call.params_as(PartyParams).party, call.body_as(MergeForm)
    other = reach_party(call, form.loser)
    if other is not None:
        return other
    handled = _command(
        call,
        party,
        call.bank.parties.merge,
        lambda version: Merge(party=party, expected_version=version, loser=form.loser),
    )
    call.bank.day.reaches.forget()
    return handled


def undo_merge(call: Call) -> Handled:
    """Undo the merge of a party into another."""
    party = call.params_as(PartyParams).party
    handled = reach_party(call, party) or _told(call.bank.parties.undo_merge(call.asked(), UndoMerge(loser=party)))
    # Contracts changed hands by it.
    call.bank.day.reaches.forget()
    return handled


# --- readings


def _purpose(call: Call, clear: bool) -> Refusal | None:
    if clear and Permission.PARTY_PERSONAL not in call.principal.permissions:
        return Refusal(HttpRefusal.FORBIDDEN, str(Permission.PARTY_PERSONAL))
    return None


def read_party(call: Call) -> Handled:
    """Show a party."""
    params = call.params_as(PartyViewParams)
    refused = reach_party(call, params.party) or _purpose(call, params.clear)
    if refused is not None:
        return refused
    found = call.bank.parties.view(
        params.party, clear=params.clear, purpose=call.why, author=call.author, with_ended=params.ended
    )
    if isinstance(found, Refusal):
        return found
    etag = _etag(found.version)
    if call.if_none_match == etag and not params.clear:
        return Reply(status=304, etag=etag)
    return Reply(value=found, etag=etag)


def party_history(call: Call) -> Handled:
    """Show what was done to a party."""
    params = call.params_as(HistoryParams)
    refused = reach_party(call, params.party) or _purpose(call, params.clear)
    if refused is not None:
        return refused
    before: int | None = None
    if params.cursor:
        found = read_cursor("party acts", params.cursor, int, int)
        if isinstance(found, Refusal) or found[0] != params.party:
            return Refusal(ReadingRefusal.CURSOR_INVALID)
        before = found[1]
    acts = call.bank.parties.history(
        params.party, before=before, limit=params.limit, clear=params.clear, purpose=call.why, author=call.author
    )
    if isinstance(acts, Refusal):
        return acts
    following = make_cursor("party acts", params.party, acts[-1].number) if len(acts) == params.limit else None
    return Reply(value=ActList(acts, following))


def list_parties(call: Call) -> Handled:
    """List parties by number."""
    params, after = call.params_as(PartiesParams), 0
    if params.cursor:
        found = read_cursor("parties", params.cursor, int)
        if isinstance(found, Refusal):
            return found
        after = found[0]
    scope = call.principal.scope.parties
    if scope is not None:
        lines = call.bank.parties.lines(sorted(scope)[:PAGE_MAX])
        return Reply(value=PartyList(tuple(line for line in lines if line.party > after), None))
    return _page(call.bank.parties.list(after, params.limit, params.status))


def _page(page: Page) -> Reply:
    following = None if page.next_after is None else make_cursor("parties", page.next_after)
    return Reply(value=PartyList(page.lines, following))


def search_parties(call: Call) -> Handled:
    """Look for parties by what they are known by."""
    form = call.body_as(SearchForm)
    if sum(one is not None for one in (form.identifier, form.contact, form.name)) != 1:
        return Refusal(ReadingRefusal.BODY_INVALID, "exactly one of identifier, contact and name")
    parties, scope = call.bank.parties, call.principal.scope.parties
    if form.identifier is not None:
        sought = form.identifier
        lines = parties.find_by_identifier(sought.kind, sought.value, sought.country)
    elif form.contact is not None:
        lines = parties.find_by_contact(form.contact.kind, form.contact.value).lines
    else:
        lines = parties.find_by_name(form.name or "").lines
    return Reply(value=PartyList(tuple(line for line in lines if scope is None or line.party in scope), None))


def duplicates(call: Call) -> Handled:
    """Show parties that may be the same."""
    party = call.params_as(PartyParams).party
    refused = reach_party(call, party)
    if refused is not None:
        return refused
    found = call.bank.parties.duplicates(party)
    if isinstance(found, Refusal):
        return found
    scope = call.principal.scope.parties
    return Reply(value=CandidateList(tuple(one for one in found if scope is None or one.party in scope)))
