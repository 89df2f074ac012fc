"""The laws of a party's life, of relations, of duplicates: tables."""

import datetime as dt

import pytest

from yinhe.kernel.refusals import ReasonEnum
from yinhe.parties.duplicates import Candidate, Sign, told, unseen, weigh
from yinhe.parties.life import MOVES, Standing, decide_move, decide_review
from yinhe.parties.model import PartyKind, PartyStatus, Risk
from yinhe.parties.refusals import PartyRefusal
from yinhe.parties.relations import LAWS, Link, RelationKind, decide_relation, shares_of

TODAY = dt.date(2026, 3, 2)
PROSPECT, CUSTOMER, DORMANT, CLOSED = PartyStatus
PERSON, ORGANISATION = PartyKind
HALF = 50_000_000


def test_from_where_to_where_a_party_goes() -> None:
    lawful = {
        (PROSPECT, CUSTOMER),
        (PROSPECT, CLOSED),
        (CUSTOMER, DORMANT),
        (CUSTOMER, CLOSED),
        (DORMANT, CUSTOMER),
        (DORMANT, CLOSED),
        (CLOSED, PROSPECT),
    }
    for status in PartyStatus:
        for to in PartyStatus:
            standing = Standing(status=status, risk=None, verified=True, open_contracts=False)
            refused = decide_move(standing, to)
            assert (refused is None) == ((status, to) in lawful), (status, to)
    assert set(MOVES) == set(PartyStatus)


@pytest.mark.parametrize(
    ("status", "to", "risk", "verified", "open_contracts", "reason"),
    [
        (PROSPECT, CUSTOMER, None, False, False, PartyRefusal.IDENTIFIER_UNVERIFIED),
        (PROSPECT, CUSTOMER, Risk.PROHIBITED, True, False, PartyRefusal.RISK_PROHIBITED),
        (PROSPECT, CUSTOMER, Risk.HIGH, True, True, None),
        (DORMANT, CUSTOMER, None, False, True, PartyRefusal.IDENTIFIER_UNVERIFIED),
        (CUSTOMER, CLOSED, None, False, True, PartyRefusal.CONTRACTS_OPEN),
        (DORMANT, CLOSED, Risk.PROHIBITED, False, False, None),
        (CUSTOMER, DORMANT, Risk.PROHIBITED, False, True, None),
    ],
)
def test_what_a_move_asks_for(status, to, risk, verified, open_contracts, reason: ReasonEnum | None) -> None:
    refusal = decide_move(Standing(status=status, risk=risk, verified=verified, open_contracts=open_contracts), to)
    assert (refusal.because if refusal else None) is reason


@pytest.mark.parametrize(
    ("risk", "latest"),
    [
        (Risk.PROHIBITED, dt.date(2026, 9, 2)),
        (Risk.HIGH, dt.date(2026, 9, 2)),
        (Risk.MEDIUM, dt.date(2027, 3, 2)),
        (Risk.LOW, dt.date(2028, 3, 2)),
    ],
)
def test_the_next_review_comes_in_time(risk: Risk, latest: dt.date) -> None:
    day = dt.timedelta(days=1)
    assert decide_review(risk, latest, TODAY) is None
    late, now = decide_review(risk, latest + day, TODAY), decide_review(risk, TODAY, TODAY)
    assert late is not None
    assert (late.because, late.detail) == (PartyRefusal.REVIEW_TOO_LATE, latest.isoformat())
    assert now is not None
    assert now.because is PartyRefusal.REVIEW_NOT_AHEAD


def test_who_may_be_what_to_whom() -> None:
    lawful = {
        RelationKind.SPOUSE: {(PERSON, PERSON)},
        RelationKind.PARENT: {(PERSON, PERSON)},
        RelationKind.GUARDIAN: {(PERSON, PERSON), (PERSON, ORGANISATION)},
        RelationKind.EMPLOYER: {(PERSON, PERSON), (PERSON, ORGANISATION)},
        RelationKind.ATTORNEY: {(PERSON, PERSON), (ORGANISATION, PERSON)},
        RelationKind.LEGAL_REPRESENTATIVE: {(ORGANISATION, PERSON)},
        RelationKind.BENEFICIAL_OWNER: {(ORGANISATION, PERSON)},
        RelationKind.SHAREHOLDER: {(ORGANISATION, PERSON), (ORGANISATION, ORGANISATION)},
        RelationKind.GROUP_HEAD: {(ORGANISATION, ORGANISATION)},
    }
    assert set(LAWS) == set(RelationKind)
    for kind in RelationKind:
        wanted = Link(1, 2, kind, HALF if LAWS[kind].share else None)
        for pair in ((of, other) for of in PartyKind for other in PartyKind):
            refused = decide_relation(wanted, pair, [], set())
            assert (refused is None) == (pair in lawful[kind]), (kind, pair)


OWNER, SPOUSE, GUARDIAN, HEAD = (
    RelationKind.BENEFICIAL_OWNER,
    RelationKind.SPOUSE,
    RelationKind.GUARDIAN,
    RelationKind.GROUP_HEAD,
)
SHAREHOLDER = RelationKind.SHAREHOLDER
FIRM, PEOPLE, FIRMS = (ORGANISATION, PERSON), (PERSON, PERSON), (ORGANISATION, ORGANISATION)


@pytest.mark.parametrize(
    ("wanted", "kinds", "holding", "above", "reason"),
    [
        (Link(1, 1, GUARDIAN), PEOPLE, [], set(), PartyRefusal.RELATION_TO_ITSELF),
        (Link(1, 2, GUARDIAN), PEOPLE, [Link(1, 2, GUARDIAN)], set(), PartyRefusal.RELATION_KNOWN),
        (Link(1, 2, GUARDIAN), PEOPLE, [Link(1, 3, GUARDIAN)], set(), None),
        (Link(1, 2, GUARDIAN), PEOPLE, [], {2, 1}, PartyRefusal.RELATION_CIRCULAR),
        (Link(1, 2, SPOUSE), PEOPLE, [Link(2, 1, SPOUSE)], set(), PartyRefusal.RELATION_KNOWN),
        (Link(1, 2, SPOUSE), PEOPLE, [Link(3, 2, SPOUSE)], set(), PartyRefusal.RELATION_SINGLE),
        (Link(1, 2, SPOUSE), PEOPLE, [Link(1, 3, SPOUSE)], set(), PartyRefusal.RELATION_SINGLE),
        (Link(1, 2, HEAD), FIRMS, [Link(1, 3, HEAD)], set(), PartyRefusal.RELATION_SINGLE),
        (Link(1, 2, HEAD), FIRMS, [Link(3, 2, HEAD)], set(), None),
        (Link(1, 2, HEAD, HALF), FIRMS, [], set(), PartyRefusal.SHARE_NOT_ASKED),
        (Link(1, 2, OWNER), FIRM, [], set(), PartyRefusal.SHARE_MISSING),
        (Link(1, 2, OWNER, 0), FIRM, [], set(), PartyRefusal.SHARE_OUT_OF_BOUNDS),
        (Link(1, 2, OWNER, 2 * HALF + 1), FIRM, [], set(), PartyRefusal.SHARE_OUT_OF_BOUNDS),
        (Link(1, 2, OWNER, HALF), FIRM, [Link(1, 3, OWNER, HALF)], set(), None),
        (Link(1, 2, OWNER, HALF + 1), FIRM, [Link(1, 3, OWNER, HALF)], set(), PartyRefusal.SHARES_OVER_ALL),
        (Link(1, 2, OWNER, HALF + 1), FIRM, [Link(1, 3, SHAREHOLDER, HALF)], set(), None),
        (Link(1, 2, OWNER, HALF + 1), FIRM, [Link(4, 3, OWNER, HALF)], set(), None),
        (Link(1, 2, SHAREHOLDER, HALF), FIRMS, [Link(2, 1, SHAREHOLDER, HALF)], {2, 1}, None),
    ],
)
def test_laws_of_relations(wanted, kinds, holding, above, reason: ReasonEnum | None) -> None:
    refusal = decide_relation(wanted, kinds, holding, above)
    assert (refusal.because if refusal else None) is reason


def test_an_owner_that_a_merge_left_twice_counts_once() -> None:
    assert shares_of(1, OWNER, [Link(1, 2, OWNER, 30), Link(1, 2, OWNER, 40), Link(1, 3, OWNER, 5)]) == 45


@pytest.mark.parametrize(
    ("kind", "signs", "score"),
    [
        (PERSON, {Sign.NAME}, 50),
        (PERSON, {Sign.NAME, Sign.BORN}, 85),
        (PERSON, {Sign.NAME, Sign.NUMBER}, 90),
        (PERSON, {Sign.NAME, Sign.EMAIL}, 85),
        (PERSON, {Sign.NUMBER}, 40),
        (PERSON, {Sign.NUMBER, Sign.EMAIL}, 75),
        (PERSON, {Sign.NAME, Sign.BORN_DIFFERS}, 10),
        (PERSON, {Sign.NAME, Sign.BORN_DIFFERS, Sign.NUMBER}, 50),
        (PERSON, {Sign.NAME, Sign.BORN, Sign.NUMBER, Sign.EMAIL}, 100),
        (PERSON, {Sign.BORN_DIFFERS}, 0),
        (ORGANISATION, {Sign.NAME}, 70),
        (ORGANISATION, {Sign.NAME, Sign.NUMBER}, 100),
    ],
)
def test_how_probable_it_is_that_two_are_one(kind: PartyKind, signs: set[Sign], score: int) -> None:
    assert weigh(1, kind, signs).score == score


def test_the_probable_are_told_first_and_few_and_must_be_looked_at() -> None:
    candidates = [Candidate(number, score, ()) for number, score in ((1, 49), (2, 50), (3, 90), (4, 80), (5, 90))]
    assert [candidate.party for candidate in told(candidates)] == [3, 5, 4, 2]
    assert len(told([Candidate(number, 90, ()) for number in range(100)])) == 20
    assert unseen(candidates, seen=()) == (3, 4, 5)
    assert unseen(candidates, seen=(3, 5)) == (4,)


def test_every_reason_is_said_in_both_languages_without_a_full_stop() -> None:
    for reason in PartyRefusal:
        assert reason.english
        assert reason.english[-1] not in ".。"
        assert any("\u4e00" <= character <= "\u9fff" for character in reason.chinese)
