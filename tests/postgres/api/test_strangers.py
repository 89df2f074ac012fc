"""Refused tokens on record: a line a network and reason, however many there were, and nothing lost."""

from typing import Any

import psycopg
import pytest

from yinhe.api.strangers import ACTION, ELSEWHERE, GROUPS_MAX, Strangers
from yinhe.bank import Bank
from yinhe.identity.refusals import IdentityRefusal
from yinhe.kernel.refusals import Refusal

FORGED, MALFORMED = Refusal(IdentityRefusal.TOKEN_FORGED), Refusal(IdentityRefusal.TOKEN_MALFORMED)


def written(bank: Bank) -> list[tuple[Any, ...]]:
    with bank.sessions.lend() as session:
        return session.execute(
            "SELECT content::json->'author'->>'address', content::json->>'why', "
            "(content::json->'detail'->>'times')::int FROM audit_record WHERE action = %s ORDER BY number",
            (ACTION,),
        ).fetchall()


def test_many_of_one_network_are_one_line(api_bank: Bank) -> None:
    strangers, before = Strangers(api_bank.desk), len(written(api_bank))
    for number in range(50):
        strangers.note(f"2001:db8::{number:x}", FORGED)
        strangers.note("192.0.2.1", MALFORMED)
    strangers.note("192.0.2.1", FORGED)
    strangers.put_on_record()
    strangers.put_on_record()
    assert sorted(written(api_bank)[before:]) == [
        ("192.0.2.1", "token_forged", 1),
        ("192.0.2.1", "token_malformed", 50),
        ("2001:db8::/64", "token_forged", 50),
    ]


def test_what_runs_out_by_itself_is_not_put_on_record(api_bank: Bank) -> None:
    strangers, before = Strangers(api_bank.desk), len(written(api_bank))
    for because in (IdentityRefusal.TOKEN_EXPIRED, IdentityRefusal.SESSION_ENDED):
        strangers.note("192.0.2.1", Refusal(because))
    strangers.put_on_record()
    assert len(written(api_bank)) == before


def test_from_everywhere_at_once_the_lines_are_bounded_and_the_count_is_whole(api_bank: Bank) -> None:
    strangers, before = Strangers(api_bank.desk), len(written(api_bank))
    for number in range(GROUPS_MAX + 100):
        strangers.note(f"10.0.{number // 250}.{number % 250}", FORGED)
    strangers.put_on_record()
    found = written(api_bank)[before:]
    assert len(found) == GROUPS_MAX + 1
    assert sum(times for _, _, times in found) == GROUPS_MAX + 100
    assert (ELSEWHERE, "token_forged", 100) in found


def test_what_could_not_be_written_is_written_the_next_time(api_bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    strangers, before = Strangers(api_bank.desk), len(written(api_bank))
    strangers.note("192.0.2.1", FORGED)

    def broken(*_: object) -> None:
        raise psycopg.OperationalError("there is no database")

    with monkeypatch.context() as patch:
        patch.setattr(type(api_bank.desk), "note", broken)
        with pytest.raises(psycopg.OperationalError):
            strangers.put_on_record()
    strangers.note("192.0.2.1", FORGED)
    strangers.put_on_record()
    assert written(api_bank)[before:] == [("192.0.2.1", "token_forged", 2)]
