"""`yinhe audit` on the command line: what was done is listed, shown, proved, and anchored."""

import json

from yinhe.audit.log import append
from yinhe.audit.record import ActorKind, Author, Record
from yinhe.kernel.clock import SystemClock
from yinhe.storage.connection import unit_schema

TELLER = Author(kind=ActorKind.USER, name="teller-7", channel="counter")


def test_the_log_is_listed_shown_proved_and_anchored(bank, unit):
    with bank.connect() as session:
        session.execute(f"SET search_path TO {unit_schema(unit)}")
        with session.transaction():
            forged = Record(
                action="party.open", author=TELLER, object="party/1", why="x\n2  forged\x1b[31m", parties=(1,)
            )
            append(session, SystemClock(), [forged, Record(action="contract.open", author=TELLER, object="contract/1")])
    told = bank.run("audit", "list", "--unit", unit)
    assert told.code == 0, told.err
    assert "\x1b" not in told.out
    assert "\\u000a2  forged\\u001b[31m" in told.out
    listed = bank.run("audit", "list", "--unit", unit, "--party", 1, "--json").answer["records"]
    assert [(record["number"], record["author"]["name"]) for record in listed] == [(1, "teller-7")]
    assert (
        bank.run("audit", "list", "--unit", unit, "--action", "contract", "--json").answer["records"][0]["number"] == 2
    )
    assert "counter" in bank.run("audit", "show", 1, "--unit", unit).out
    assert bank.run("audit", "show", 3, "--unit", unit).code == 1
    assert bank.run("audit", "verify", "--unit", unit).code == 0
    assert bank.run("audit", "verify", "--unit", unit, "--from", 1, "--json").answer["last"] == 2
    assert bank.run("audit", "anchors", "--unit", unit, "--json").answer["anchors"] == []


def test_a_log_that_was_changed_exits_with_1_and_says_where(bank, unit):
    with bank.connect() as session:
        session.execute(f"SET search_path TO {unit_schema(unit)}")
        with session.transaction():
            append(session, SystemClock(), [Record(action="party.open", author=TELLER, object="party/1")])
        session.execute("SET session_replication_role = replica")
        session.execute("UPDATE audit_record SET content = replace(content, 'party/1', 'party/2')")
    told = bank.run("audit", "verify", "--unit", unit)
    assert told.code == 1
    assert "not what was written" in told.err
    found = json.loads(bank.run("audit", "verify", "--unit", unit, "--json").out)
    assert {entry["invariant"] for entry in found["checked"] if entry["contradictions"]} == {"L1", "L2"}
    assert bank.run("check", "--unit", unit).code == 1
