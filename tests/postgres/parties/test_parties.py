"""Open parties, change them, see them: what is kept, what is refused, and that nothing personal stands in the clear."""

import datetime as dt

import msgspec
from tests.postgres.parties.conftest import AUTHOR, TODAY, Bank

from yinhe.audit.desk import Told
from yinhe.audit.record import AuditRefusal
from yinhe.kernel.refusals import Refusal
from yinhe.parties.commands import (
    Add,
    Changed,
    End,
    Move,
    Open,
    Prefer,
    RateRisk,
    SetBorn,
    SetTier,
    Verify,
)
from yinhe.parties.model import (
    Address,
    AddressKind,
    Area,
    Consent,
    Contact,
    ContactKind,
    Document,
    Identifier,
    IdentifierKind,
    Name,
    NameKind,
    PartyKind,
    PartyStatus,
    Risk,
)
from yinhe.parties.refusals import PartyRefusal
from yinhe.parties.views import PartyView

CITIZEN = Identifier(kind=IdentifierKind.CITIZEN_ID, value="110101199003078515", expires=dt.date(2036, 1, 1))
PASSPORT = Identifier(kind=IdentifierKind.PASSPORT, value="E12345678", expires=dt.date(2030, 1, 1))
MOBILE = Contact(kind=ContactKind.MOBILE, value="138 1234 5678")
EMAIL = Contact(kind=ContactKind.EMAIL, value="zhang.san@Example.org")
HOME = Address(
    kind=AddressKind.HOME,
    province="北京市",
    town="北京市",
    district="东城区",
    street="长安街",
    building="1号",
    post_code="100010",
)
EVERYTHING = (
    CITIZEN,
    Name(text="Zhang San", kind=NameKind.ALIAS),
    HOME,
    MOBILE,
    EMAIL,
    Consent(purpose="credit_bureau", evidence="form 17"),
    Document(kind="identity_card_copy", reference="archive 9/81", sha256="ab" * 32),
)
SECRETS = (
    "张三",
    "Zhang San",
    "110101199003078515",
    "1990-03-07",
    "长安街",
    "13812345678",
    "zhang.san",
    "form 17",
    "9/81",
)


def seen(bank: Bank, party: int, *, clear: bool = False) -> PartyView:
    given = {"clear": True, "purpose": "identity check", "author": AUTHOR} if clear else {}
    view = bank.parties.view(party, **given)
    assert isinstance(view, PartyView), view
    return view


def texts(view: PartyView) -> list[str]:
    return [text for item in view.items for text in item.fields.values()]


def test_a_party_is_seen_masked_and_in_the_clear_only_on_record(bank: Bank) -> None:
    party = bank.person("张三", *EVERYTHING, tier=3)

    masked = seen(bank, party)
    assert (masked.name, masked.born, masked.tier, masked.status) == ("张*", "1990-**-**", 3, "prospect")
    assert texts(masked) == [
        "张*",
        "1101**********8515",
        "Z*** S***",
        "***", "***", "***", "北京市", "***", "北京市",
        "138****5678",
        "z***@example.org",
        "***",
        "***",
    ]  # fmt: skip

    clear = seen(bank, party, clear=True)
    assert (clear.name, clear.born) == ("张三", "1990-03-07")
    assert clear.of(Area.IDENTIFIER)[0].fields == {"value": "110101199003078515"}
    assert clear.of(Area.CONTACT)[0].fields == {"value": "+8613812345678"}
    assert clear.of(Area.NAME)[1].script == "latin"
    assert clear.of(Area.DOCUMENT)[0].sha256 == "ab" * 32
    records = bank.sql(
        "SELECT action, actor, outcome, content::jsonb ->> 'why', parties FROM audit_record ORDER BY number"
    )
    assert records == [
        ("party.open", "user:teller-1", "done", "", [party]),
        ("party.read", "user:teller-1", "read", "identity check", [party]),
    ]


def test_nothing_is_shown_in_the_clear_without_purpose_and_reader(bank: Bank) -> None:
    party = bank.person("张三")
    for purpose, author, reason in (
        ("", AUTHOR, PartyRefusal.PURPOSE_MISSING),
        ("  ", AUTHOR, PartyRefusal.PURPOSE_MISSING),
        ("audit", None, PartyRefusal.AUTHOR_MISSING),
        ("audit\u202e", AUTHOR, PartyRefusal.TEXT_INVISIBLE),
    ):
        for reading in (bank.parties.view, bank.parties.history):
            refusal = reading(party, clear=True, purpose=purpose, author=author)
            assert isinstance(refusal, Refusal)
            assert refusal.because is reason
    assert bank.sql("SELECT count(*) FROM audit_record WHERE outcome = 'read'") == [(0,)]


def test_no_table_holds_personal_data_in_the_clear(bank: Bank) -> None:
    party = bank.person("张三", *EVERYTHING)
    view = seen(bank, party, clear=True)
    bank.do(End(party=party, item=view.of(Area.CONTACT)[0].item))
    bank.do(Add(party=party, item=Name(text="张三丰", kind=NameKind.ALIAS)))
    assert bank.refused(Add(party=party, item=CITIZEN)) is PartyRefusal.IDENTIFIER_SINGLE
    again = Open(kind=PartyKind.PERSON, items=(Name(text="张三"), *EVERYTHING), born=dt.date(1990, 3, 7))
    assert bank.refused(again) is PartyRefusal.IDENTIFIER_TAKEN
    tables = [
        str(row[0]) for row in bank.sql("SELECT tablename FROM pg_tables WHERE schemaname = %s", bank.database.schema)
    ]
    assert {"party_field", "audit_record", "request"} <= set(tables)
    for table in tables:
        everything = str(bank.sql(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t"))
        assert not [secret for secret in SECRETS if secret in everything], table
        assert not [secret for secret in SECRETS if secret.encode().hex() in everything], table


def test_the_same_request_is_done_once_and_other_content_under_its_id_is_refused(bank: Bank) -> None:
    id = bank.ids.next()
    opening = Open(kind=PartyKind.PERSON, items=(Name(text="张三"), MOBILE))
    first, again = bank.ask(opening, id), bank.ask(opening, id)
    assert isinstance(first, Told)
    assert isinstance(again, Told)
    assert (again.answer, again.repeated) == (first.answer, True)
    other = bank.ask(Open(kind=PartyKind.PERSON, items=(Name(text="李四"), MOBILE)), id)
    assert isinstance(other, Refusal)
    assert other.because is AuditRefusal.ID_CONFLICT


def test_a_dry_run_says_what_would_be_and_changes_nothing(bank: Bank) -> None:
    before = bank.tables()
    told = bank.ask(Open(kind=PartyKind.PERSON, items=(Name(text="张三"),)), dry_run=True)
    assert isinstance(told, Told)
    assert told.read(Changed).version == 1
    assert bank.tables() == before


def test_who_has_read_an_older_version_changes_nothing(bank: Bank) -> None:
    party = bank.person("张三")
    assert bank.do(SetTier(party=party, tier=5, expected_version=1)).version == 2
    assert bank.refused(SetTier(party=party, tier=6, expected_version=1)) is PartyRefusal.VERSION_DIFFERS
    assert seen(bank, party).version == 2


UNLAWFUL = (
    (Open(kind=PartyKind.PERSON, items=(MOBILE,)), PartyRefusal.NAME_MISSING),
    (Open(kind=PartyKind.PERSON, items=(Name(text="张三", kind=NameKind.ALIAS),)), PartyRefusal.NAME_MISSING),
    (Open(kind=PartyKind.PERSON, items=(Name(text="张三"),), tier=100), PartyRefusal.TIER_OUT_OF_BOUNDS),
    (Open(kind=PartyKind.PERSON, items=(Name(text="张三"), CITIZEN, CITIZEN)), PartyRefusal.IDENTIFIER_TAKEN),
    (Open(kind=PartyKind.ORGANISATION, items=(Name(text="张三"), CITIZEN)), PartyRefusal.IDENTIFIER_KIND),
    (
        Open(kind=PartyKind.PERSON, items=(Name(text="张三"), CITIZEN), born=dt.date(1990, 3, 8)),
        PartyRefusal.BIRTH_DATE_DIFFERS,
    ),
    (
        Open(kind=PartyKind.PERSON, items=(Name(text="张三"),), born=TODAY + dt.timedelta(1)),
        PartyRefusal.BIRTH_DATE_UNLIKELY,
    ),
    (Open(kind=PartyKind.PERSON, items=(Name(text="张三"), *[MOBILE] * 200)), PartyRefusal.TOO_MANY),
)


def test_a_party_is_not_opened_against_the_rules(bank: Bank) -> None:
    assert [bank.refused(opening) for opening, _ in UNLAWFUL] == [reason for _, reason in UNLAWFUL]


def test_an_identifier_belongs_to_one_party_and_the_refusal_names_it(bank: Bank) -> None:
    party = bank.person("张三", CITIZEN)
    refusal = bank.ask(Open(kind=PartyKind.PERSON, items=(Name(text="李四"), CITIZEN)))
    assert isinstance(refusal, Refusal)
    assert (refusal.because, refusal.detail) == (PartyRefusal.IDENTIFIER_TAKEN, f"party {party}")
    other = bank.person("李四")
    assert bank.refused(Add(party=other, item=CITIZEN)) is PartyRefusal.IDENTIFIER_TAKEN
    # A passport of another country with the same number is another one.
    bank.do(Add(party=party, item=PASSPORT))
    bank.do(Add(party=other, item=msgspec.structs.replace(PASSPORT, country="DE")))
    # An identifier that has ended is free.
    [citizen] = [item for item in seen(bank, party).of(Area.IDENTIFIER) if item.kind == "citizen_id"]
    bank.do(End(party=party, item=citizen.item))
    bank.do(Add(party=other, item=CITIZEN))
    assert seen(bank, other, clear=True).born == "1990-03-07"


def test_who_looks_like_a_party_on_file_is_opened_only_after_somebody_looked(bank: Bank) -> None:
    born = dt.date(1990, 3, 7)
    first = bank.person("张 三", MOBILE, EMAIL, born=born)
    alike = [
        ({"items": (Name(text="张三"),), "born": born}, 85),
        ({"items": (Name(text="张三"), MOBILE)}, 90),
        ({"items": (Name(text="张三"), EMAIL)}, 85),
    ]
    for given, score in alike:
        opening = Open(kind=PartyKind.PERSON, **given)
        refusal = bank.ask(opening)
        assert isinstance(refusal, Refusal)
        assert (refusal.because, refusal.detail) == (PartyRefusal.DUPLICATE_PROBABLE, f"party {first}")
        told = bank.ask(msgspec.structs.replace(opening, seen=(first,)), dry_run=True)
        assert isinstance(told, Told)
        [candidate] = told.read(Changed).candidates
        assert (candidate.party, candidate.score) == (first, score)
    # The same name and another date of birth is somebody else; the same name alone is worth telling.
    assert bank.do(Open(kind=PartyKind.PERSON, items=(Name(text="张三"),), born=dt.date(1991, 1, 1))).candidates == ()
    assert bank.do(Open(kind=PartyKind.PERSON, items=(Name(text="张三"),), seen=())).candidates != ()
    assert bank.do(Open(kind=PartyKind.PERSON, items=(Name(text="李四"), MOBILE))).candidates == ()


def test_entries_are_ended_not_deleted_and_a_legal_name_remains(bank: Bank) -> None:
    party = bank.person("张三", MOBILE)
    name, mobile = seen(bank, party).items
    assert bank.refused(End(party=party, item=name.item)) is PartyRefusal.NAME_MISSING
    bank.do(End(party=party, item=mobile.item))
    assert bank.refused(End(party=party, item=mobile.item)) is PartyRefusal.ITEM_ENDED
    assert bank.refused(End(party=party, item=10_000)) is PartyRefusal.ITEM_UNKNOWN
    new = bank.do(Add(party=party, item=Name(text="张叁")))
    bank.do(End(party=party, item=name.item))
    view = seen(bank, party)
    assert [(item.item, item.preferred) for item in view.items] == [(new.item, True)]
    every = bank.parties.view(party, with_ended=True)
    assert isinstance(every, PartyView)
    assert [item.ended for item in every.items] == [TODAY, TODAY, None]


def test_an_entry_of_another_party_is_not_reached(bank: Bank) -> None:
    party, other = bank.person("张三", MOBILE), bank.person("李四")
    mobile = seen(bank, party).of(Area.CONTACT)[0].item
    for command in (
        End(party=other, item=mobile),
        Prefer(party=other, item=mobile),
        Verify(party=other, item=mobile, how="seen"),
    ):
        assert bank.refused(command) is PartyRefusal.ITEM_UNKNOWN


def test_one_entry_of_an_area_is_preferred(bank: Bank) -> None:
    party = bank.person("张三", Name(text="Zhang San", kind=NameKind.ALIAS))
    _, alias = seen(bank, party).items
    bank.do(Prefer(party=party, item=alias.item))
    assert seen(bank, party).name == "Z*** S***"
    assert bank.refused(Prefer(party=party, item=alias.item)) is PartyRefusal.NOTHING_ASKED
    bank.do(Add(party=party, item=Name(text="三哥", kind=NameKind.ALIAS, preferred=True)))
    assert [item.preferred for item in seen(bank, party).items] == [False, False, True]


def test_the_life_of_a_party(bank: Bank) -> None:
    party = bank.person("张三", CITIZEN)
    assert bank.refused(Move(party=party, to=PartyStatus.CUSTOMER)) is PartyRefusal.IDENTIFIER_UNVERIFIED
    citizen = seen(bank, party).of(Area.IDENTIFIER)[0].item
    assert bank.refused(Verify(party=party, item=citizen, how="It's me")) is PartyRefusal.CODE_MALFORMED
    bank.do(Verify(party=party, item=citizen, how="public_security_network"))
    bank.do(RateRisk(party=party, risk=Risk.PROHIBITED, review=dt.date(2026, 6, 1)))
    assert bank.refused(Move(party=party, to=PartyStatus.CUSTOMER)) is PartyRefusal.RISK_PROHIBITED
    bank.do(RateRisk(party=party, risk=Risk.LOW, review=dt.date(2028, 3, 2)))
    assert bank.parties.no_business(party) == Refusal(PartyRefusal.NOT_A_CUSTOMER, "prospect")
    bank.do(Move(party=party, to=PartyStatus.CUSTOMER))
    assert bank.parties.no_business(party) is None
    assert bank.refused(Move(party=party, to=PartyStatus.PROSPECT)) is PartyRefusal.MOVE_UNLAWFUL
    bank.do(Move(party=party, to=PartyStatus.DORMANT))
    bank.with_contracts.add(party)
    assert bank.refused(Move(party=party, to=PartyStatus.CLOSED)) is PartyRefusal.CONTRACTS_OPEN
    bank.with_contracts.clear()
    bank.do(Move(party=party, to=PartyStatus.CLOSED))
    assert bank.refused(SetTier(party=party, tier=1)) is PartyRefusal.PARTY_CLOSED
    bank.do(Move(party=party, to=PartyStatus.PROSPECT))
    assert seen(bank, party).closed is None


def test_an_identifier_that_expired_since_makes_nobody_a_customer(bank: Bank) -> None:
    party = bank.person("张三", CITIZEN)
    citizen = seen(bank, party).of(Area.IDENTIFIER)[0].item
    bank.do(Verify(party=party, item=citizen, how="original_seen"))
    bank.sql("UPDATE unit SET business_date = date '2036-01-02'")
    assert bank.refused(Move(party=party, to=PartyStatus.CUSTOMER)) is PartyRefusal.IDENTIFIER_UNVERIFIED
    assert bank.refused(Verify(party=party, item=citizen, how="original_seen")) is PartyRefusal.EXPIRED


def test_the_identifier_of_a_closed_party_is_free_until_it_is_reopened(bank: Bank) -> None:
    party = bank.person("张三", CITIZEN)
    bank.do(Move(party=party, to=PartyStatus.CLOSED))
    other = bank.person("张三", CITIZEN)
    assert bank.refused(Move(party=party, to=PartyStatus.PROSPECT)) is PartyRefusal.IDENTIFIER_TAKEN
    bank.do(Move(party=other, to=PartyStatus.CLOSED))
    bank.do(Move(party=party, to=PartyStatus.PROSPECT))
    assert bank.refused(Move(party=other, to=PartyStatus.PROSPECT)) is PartyRefusal.IDENTIFIER_TAKEN


def test_a_date_of_birth_is_set_right_unless_an_identifier_says_otherwise(bank: Bank) -> None:
    party = bank.person("张三", born=dt.date(1990, 3, 8))
    other = bank.person("张三", born=dt.date(1990, 3, 7))
    assert bank.do(SetBorn(party=party, born=dt.date(1990, 3, 7))).candidates[0].party == other
    bank.do(Add(party=party, item=CITIZEN))
    assert bank.refused(SetBorn(party=party, born=dt.date(1990, 3, 8))) is PartyRefusal.BIRTH_DATE_DIFFERS
    third = bank.person("李四", born=dt.date(1980, 1, 1))
    bank.do(End(party=party, item=seen(bank, party).of(Area.IDENTIFIER)[0].item))
    assert bank.refused(Add(party=third, item=CITIZEN)) is PartyRefusal.BIRTH_DATE_DIFFERS


def test_parties_are_found_by_what_is_known_of_them(bank: Bank) -> None:
    party = bank.person("Žižková Anna", CITIZEN, MOBILE, EMAIL)
    other = bank.person("张三", msgspec.structs.replace(MOBILE, value="+86 139-1234-5678"))
    find = bank.parties
    assert [line.party for line in find.find_by_identifier(IdentifierKind.CITIZEN_ID, "11010119900307851 5")] == [party]
    assert find.find_by_identifier(IdentifierKind.CITIZEN_ID, "110101199003078516") == ()
    assert [line.party for line in find.find_by_contact(ContactKind.MOBILE, "008613812345678").lines] == [party]
    assert [line.party for line in find.find_by_contact(ContactKind.EMAIL, "ZHANG.SAN@EXAMPLE.ORG").lines] == [party]
    assert [line.party for line in find.find_by_name("ŽIŽKOVÁ  anna").lines] == [party]
    assert [line.name for line in find.find_by_name("張三").lines] == []
    assert [line.name for line in find.find_by_name("张三").lines] == ["张*"]
    page = find.list(limit=1)
    assert ([line.party for line in page.lines], page.next_after) == ([party], party)
    page = find.list(after=party, limit=1)
    assert ([line.party for line in page.lines], page.next_after) == ([other], None)
    assert find.list(status=PartyStatus.CLOSED).lines == ()


def test_the_history_of_a_party_is_the_log(bank: Bank) -> None:
    party = bank.person("张三", MOBILE)
    mobile = seen(bank, party).of(Area.CONTACT)[0].item
    bank.do(SetTier(party=party, tier=2))
    bank.do(End(party=party, item=mobile))
    acts = bank.parties.history(party)
    assert not isinstance(acts, Refusal)
    assert [act.action for act in acts] == ["party.end", "party.set_tier", "party.open"]
    assert (acts[1].before, acts[1].after) == ({"tier": 0}, {"tier": 2})
    assert acts[0].before[f"contact/{mobile}"]["value"] == "***"
    clear = bank.parties.history(party, clear=True, purpose="complaint", author=AUTHOR, before=acts[1].number, limit=1)
    assert not isinstance(clear, Refusal)
    assert clear[0].after[f"contact/{mobile}"]["value"] == "+8613812345678"
    newest = bank.parties.history(party, limit=1)
    assert not isinstance(newest, Refusal)
    assert (newest[0].action, newest[0].outcome, newest[0].why) == ("party.history", "read", "complaint")


def test_a_number_of_no_party_is_unknown(bank: Bank) -> None:
    for number in (0, -1, 5, 2**63, 10**30):
        assert bank.refused(SetTier(party=number, tier=1)) is PartyRefusal.PARTY_UNKNOWN
        assert bank.parties.no_business(number) == Refusal(PartyRefusal.PARTY_UNKNOWN)
        assert isinstance(bank.parties.view(number), Refusal)
        assert isinstance(bank.parties.history(number), Refusal)
