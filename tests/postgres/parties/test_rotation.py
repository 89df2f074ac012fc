"""Keys are changed while the bank works, and two clerks at once cannot break a law."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import psycopg
import pytest
from tests.postgres.parties.conftest import AUTHOR, Bank

from yinhe.audit.desk import Done, Told
from yinhe.kernel.refusals import Refusal
from yinhe.parties.commands import Merge, Open
from yinhe.parties.model import Identifier, IdentifierKind, Name, PartyKind
from yinhe.parties.opening import open_party
from yinhe.parties.refusals import PartyRefusal
from yinhe.parties.rotation import rotate
from yinhe.parties.service import Parties
from yinhe.parties.store import PartyBook
from yinhe.parties.views import PartyView
from yinhe.storage.errors import SealBroken
from yinhe.storage.statements import load_statements
from yinhe.storage.vault import Vault, add_key, drop_old_keys

CITIZEN = Identifier(kind=IdentifierKind.CITIZEN_ID, value="110101199003078515")


def test_every_field_is_sealed_anew_and_a_rotation_that_was_stopped_goes_on(bank: Bank, tmp_path: Path) -> None:
    parties = [bank.person(name, CITIZEN) if name == "张三" else bank.person(name) for name in ("张三", "李四", "王五")]
    assert add_key(tmp_path) == 2
    vault = Vault.open(tmp_path, {})

    class Stopped(Exception):  # noqa: N818 - it says what happened
        pass

    class StopsAfterOneChunk(Vault):
        sealed = 0

        def seal(self, plain: bytes, context: str) -> bytes:
            self.sealed += 1
            if self.sealed > 2:
                raise Stopped
            return super().seal(plain, context)

    with pytest.raises(Stopped):
        rotate(bank.sessions, StopsAfterOneChunk.open(tmp_path, {}), chunk=2)
    keys = "SELECT get_byte(sealed, 4), count(*) FROM party_field GROUP BY 1 ORDER BY 1"
    assert bank.sql(keys) == [(1, 3), (2, 2)]
    assert rotate(bank.sessions, vault, chunk=2) == 3
    assert rotate(bank.sessions, vault) == 0
    assert bank.sql(keys) == [(2, 5)]

    assert drop_old_keys(tmp_path) == 1
    anew = Parties(bank.desk, Vault.open(tmp_path, {}), lambda _, __: False)
    view = anew.view(parties[0], clear=True, purpose="check", author=AUTHOR)
    assert isinstance(view, PartyView)
    assert (view.name, view.born) == ("张三", "1990-03-07")
    assert [line.party for line in anew.find_by_identifier(IdentifierKind.CITIZEN_ID, CITIZEN.value)] == parties[:1]
    # What the log kept under the old key is gone with it.
    with pytest.raises(SealBroken):
        anew.history(parties[0], clear=True, purpose="check", author=AUTHOR)


def test_a_field_copied_to_another_party_does_not_open(bank: Bank) -> None:
    first, second = bank.person("张三"), bank.person("李四")
    bank.sql(
        "UPDATE party_field SET sealed = (SELECT sealed FROM party_field WHERE party = %s) WHERE party = %s",
        first,
        second,
    )
    with pytest.raises(SealBroken):
        bank.parties.view(second)


def test_of_two_openings_at_once_with_one_identifier_one_is_refused(bank: Bank) -> None:
    first, second = (Open(kind=PartyKind.PERSON, items=(Name(text=name), CITIZEN)) for name in ("张三", "李四"))
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with ThreadPoolExecutor(1) as threads, bank.database.connect() as session:
        with session.transaction():
            done = open_party(PartyBook(session, bank.vault, load_statements("parties")), first)
            assert isinstance(done, Done)
            outcome = threads.submit(bank.ask, second)
            while bank.sql(waiting) == [(0,)]:
                assert not outcome.done()
        refusal = outcome.result()
    assert refusal == Refusal(PartyRefusal.IDENTIFIER_TAKEN, f"party {done.parties[0]}")


def test_the_table_itself_lets_an_identifier_stand_once(bank: Bank) -> None:
    bank.person("张三", CITIZEN)
    with bank.database.connect() as session, pytest.raises(psycopg.errors.UniqueViolation):
        session.execute(
            "INSERT INTO party_item (party, area, kind, country, script, preferred, since, blind) SELECT party, area, "
            "kind, country, script, preferred, since, blind FROM party_item WHERE area = 'identifier'"
        )


def test_parties_merged_crosswise_at_once_end_as_one(bank: Bank) -> None:
    for _ in range(3):
        pair = (bank.person("张三"), bank.person("李四"))
        with ThreadPoolExecutor(2) as threads:
            asked = [Merge(party=pair[0], loser=pair[1]), Merge(party=pair[1], loser=pair[0])]
            outcomes = list(threads.map(bank.ask, asked))
        assert {type(outcome) for outcome in outcomes} == {Told, Refusal}
        assert bank.parties.resolve(pair[0]) == bank.parties.resolve(pair[1])


def test_a_command_has_no_fields_but_its_own() -> None:
    for extra in ('"status":"customer"', '"merged_into":1', '"version":9'):
        with pytest.raises(msgspec.ValidationError, match="unknown field"):
            msgspec.json.decode(f'{{"kind":"person","items":[],{extra}}}', type=Open)
