"""Posting: one batch for many, who did it beside the journal, refusals in the log, faults, and what is taken back."""

import threading
import time

import psycopg
import pytest
from tests.postgres.transact.conftest import CNY, Street

from yinhe.audit.record import BANK
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.errors import Busy, RetrySameId
from yinhe.ledger.ledger import reversal_id
from yinhe.payments.posting import MoneyOrder
from yinhe.transact.answers import Posted
from yinhe.transact.caller import bank_caller

READ = "SELECT relname, coalesce(seq_scan, 0) + coalesce(idx_scan, 0) + n_tup_ins + n_tup_upd + n_tup_del "
STATS = READ + "FROM pg_stat_user_tables WHERE schemaname = current_schema()"


def stats(street: Street) -> dict[str, int]:
    with street.house.connect() as session:
        return dict(session.execute(STATS).fetchall())


def test_a_transfer_touches_no_table_but_the_journal(street: Street) -> None:
    partner = street.caller("partner", daily=500_00, parties=frozenset({12}))
    street.hold_by(street.plain, 12)
    street.ask(street.plain, street.other, 1, partner)
    street.ask(street.counted, street.other, 1)
    # A session tells its statistics at a commit, once a second.
    time.sleep(1.1)
    street.ask(street.plain, street.other, 1, partner)
    before = stats(street)
    for amount in range(1, 30):
        assert isinstance(street.ask(street.plain, street.other, amount, partner), Posted)
        assert isinstance(street.ask(street.counted, street.other, amount), Posted)
    time.sleep(1.1)
    street.ask(street.plain, street.other, 1, partner)
    touched = {table for table, count in stats(street).items() if count != before.get(table, 0)}
    assert "transaction" in touched
    # The keeper writes balances beside; the journal is in segments.
    kept = {"balance_page", "balance_pass", "hold", "segment"}
    assert {name for name in touched - kept if not name.startswith("journal")} == {"transaction"}


def test_deciding_needs_no_database_at_all(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    street.hold_by(street.plain, 12)
    partner = street.caller("partner", daily=500_00, parties=frozenset({12}))
    accounts = [street.plain, street.other, street.term, street.bounded, street.counted]
    commands = [street.transfer(debit, credit, 1_00) for debit in accounts for credit in accounts]
    callers = [partner if number % 2 else street.anyone for number in range(len(commands))]
    before = street.day.decide_many(commands, callers)
    street.day.give_up(before)

    def broken(*_: object, **__: object) -> None:
        raise psycopg.OperationalError("there is no database")

    for name in ("execute", "cursor", "transaction"):
        monkeypatch.setattr(psycopg.Connection, name, broken)
    after = street.day.decide_many(commands, callers)
    assert list(after.refusals) == list(before.refusals)
    street.day.give_up(after)


def test_who_asked_through_what_and_in_which_words_commits_with_the_journal(street: Street) -> None:
    words = "a\tb".replace("\t", " ") + " \\ 房租 'quoted'"
    reply = street.ask(street.plain, street.other, 1_00, narrative=words)
    detail = street.ledger.detail(reply.id)
    assert (detail.actor, detail.channel, detail.narrative) == ("user:teller-7", "online", words)
    assert detail.detail == {"address": "192.0.2.7"}


def test_refusals_are_put_on_record_in_groups(street: Street) -> None:
    commands = [street.transfer(street.term, street.plain, 1_00) for _ in range(600)]
    commands += [street.transfer(street.plain, street.other, 9_000_00)]
    street.day.carry_out(commands, [street.anyone] * len(commands))
    street.day.carry_out([street.transfer(street.term, street.plain, 1_00)], [bank_caller()])
    street.announcer.close()
    with street.house.connect() as session:
        found = session.execute(
            "SELECT action, object, actor, content::json->>'why', count(*), count(DISTINCT request_id) "
            "FROM audit_record WHERE outcome = 'refused' AND action = 'transfer.post' GROUP BY 1, 2, 3, 4 ORDER BY 5"
        ).fetchall()
    who, account = "user:teller-7", "account/"
    assert found == [
        ("transfer.post", f"{account}{street.plain}", who, "insufficient_funds", 1, 1),
        ("transfer.post", f"{account}{street.term}", who, "debit_term", 600, 600),
    ]


def test_what_cannot_be_handed_in_counts_for_nothing(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    limited = street.caller(daily=100_00)
    decided = street.day.decide_many([street.transfer(street.plain, street.other, 100_00)], [limited])

    def full(*_: object) -> None:
        raise Busy

    with monkeypatch.context() as patch:
        patch.setattr(street.ledger.engine._line, "put", full)
        with pytest.raises(Busy):
            street.day.submit(decided)
    assert isinstance(street.ask(street.plain, street.other, 100_00, limited), Posted)


def test_after_a_lost_commit_the_same_id_finds_out_and_is_counted_once(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited, command = street.caller(daily=100_00), street.transfer(street.counted, street.other, 100_00)
    street.day.preview(command, limited)
    append, lost = street.ledger.engine._store.append, []

    def lose(block: object) -> None:
        append(block)
        if not lost:
            lost.append(block)
            raise psycopg.OperationalError("the connection was lost after the commit")

    monkeypatch.setattr(street.ledger.engine._store, "append", _failing(lose))
    with pytest.raises(RetrySameId):
        street.day.carry_out([command], [limited])
    reply = street.day.carry_out([command], [limited])[0]
    assert isinstance(reply, Posted)
    assert reply.duplicate
    assert street.ask(street.plain, street.other, 1, limited).name == "over_daily_limit"
    # One of its free transfers is used up, not two.
    assert [street.ask(street.counted, street.other, 1).fee_minor for _ in range(2)] == [0, 2_00]


def _failing(append: object) -> object:
    from yinhe.ledger.errors import AppendFailed

    def wrapped(block: object) -> None:
        try:
            append(block)
        except psycopg.OperationalError as error:
            raise AppendFailed(str(error)) from error

    return wrapped


def test_a_transfer_is_taken_back_once_with_its_fee(street: Street) -> None:
    for _ in range(2):
        street.ask(street.counted, street.plain, 1_00)
    charged = street.ask(street.counted, street.plain, 10_00)
    assert charged.fee_minor == 2_00
    reply = street.day.reverse(charged.id, street.anyone, why="entered twice")
    assert (reply.id, reply.amount_minor, reply.fee_minor) == (reversal_id(charged.id), 10_00, 2_00)
    assert street.balance(street.counted) == 1_000_00 - 2_00
    assert street.day.reverse(charged.id, street.anyone).duplicate
    assert street.balance(street.counted) == 1_000_00 - 2_00
    assert street.ledger.detail(reply.id).detail["why"] == "entered twice"
    assert street.day.reverse(reply.id, street.anyone).name == "not_reversible"
    assert street.day.reverse(street.new_id(), street.anyone).name == "transaction_unknown"
    limited = street.caller("junior", single=5_00)
    other = street.ask(street.plain, street.other, 10_00)
    assert street.day.reverse(other.id, limited).name == "over_single_limit"


def test_what_a_contract_has_posted_is_not_taken_back_by_a_transfer(street: Street) -> None:
    answer = street.ledger.transfer(debit=street.plain, credit=street.other, amount_minor=5_00, code=2009)
    assert street.day.reverse(answer.txn_id, street.anyone).name == "not_reversible"


def order(street: Street, debit: int, credit: int, amount: int, **more: object) -> MoneyOrder:
    given = {"id": street.new_id(), "code": 701, "narrative": "", **more}
    return MoneyOrder(debit=debit, credit=credit, amount_minor=amount, **given)


def test_orders_of_the_bank_are_posted_by_the_same_rules(street: Street) -> None:
    clearing = street.house.bank.pools.account(3001, CNY, 0)
    orders = [
        order(street, street.plain, clearing, 10_00, code=700),
        order(street, street.term, clearing, 10_00, code=700),
        order(street, clearing, street.other, 10_00, code=703),
        order(street, street.plain, street.other, 9_000_00),
    ]
    results = street.day.post(orders, BANK)
    assert [(one.posted, one.refusal) for one in results] == [
        (True, ""),
        (False, "debit_term"),
        (True, ""),
        (False, "insufficient_funds"),
    ]
    again = street.day.post(orders, BANK)
    assert next(one.seq for one in again) == results[0].seq
    assert street.balance(clearing) == 0


def test_linked_orders_post_together_or_not_at_all_and_their_fees_with_them(street: Street) -> None:
    transit = street.house.bank.pools.account(3003, CNY, 0)

    def batch(amounts: list[int], payees: list[int]) -> list[MoneyOrder]:
        first = order(street, street.counted, transit, sum(amounts), code=702, linked=True)
        rest = [
            order(street, transit, payee, amount, id=first.id, code=702, leg=leg, linked=leg < len(amounts))
            for leg, (payee, amount) in enumerate(zip(payees, amounts, strict=True), 1)
        ]
        return [first, *rest]

    good = batch([1_00, 1_00, 3_00], [street.plain, street.plain, street.other])
    assert [one.posted for one in street.day.post(good, BANK)] == [True] * 4
    assert [one.posted for one in street.day.post(good, BANK)] == [True] * 4
    bad = street.day.post(batch([1_00, 2_00], [street.plain, street.term]), BANK)
    assert [one.refusal for one in bad] == ["linked_failed", "linked_failed", "credit_no_further"]
    poor = street.day.post(batch([900_00, 900_00], [street.plain, street.other]), BANK)
    assert [one.refusal for one in poor] == ["insufficient_funds", "linked_failed", "linked_failed"]
    street.day.post(batch([1_00], [street.plain]), BANK)
    assert street.balance(street.counted) == 1_000_00 - 6_00
    # The third of the month is charged; asked again later it is the same.
    third = batch([1_00], [street.plain])
    assert street.day.post(third, BANK)[0].posted
    assert street.balance(street.counted) == 1_000_00 - 6_00 - 3_00
    street.ledger.roll_date(street.ledger.business_date + 31)
    assert [one.posted for one in street.day.post(third, BANK)] == [True, True]
    assert street.balance(street.counted) == 1_000_00 - 6_00 - 3_00


def test_many_threads_together_go_beyond_no_limit_and_have_no_free_transfer_too_many(street: Street) -> None:
    limited, replies = street.caller(daily=25_00), []
    street.day.preview(street.transfer(street.counted, street.other, 1_00), limited)

    def ask() -> None:
        commands = [street.transfer(street.counted, street.other, 1_00) for _ in range(10)]
        for half in (commands[:5], commands[5:]):
            replies.extend(street.day.carry_out(half, [limited] * 5))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    posted = [reply for reply in replies if isinstance(reply, Posted)]
    others = {reply.name for reply in replies if not isinstance(reply, Posted)}
    assert len(replies) == 40
    assert others <= {"over_daily_limit", "ask_again"}
    assert len(posted) <= 25
    assert sorted(reply.fee_minor for reply in posted)[:3] == [0, 0, 2_00]
    assert street.balance(street.other) == 1_000_00 + 1_00 * len(posted)
    # Whatever is left of the limit is still there, to the cent.
    left = 25_00 - 1_00 * len(posted)
    assert isinstance(street.ask(street.plain, street.other, left or 1, limited), Posted if left else Refusal)
    assert street.ask(street.plain, street.other, 1, limited).name == "over_daily_limit"
    assert not street.day._state.in_flight
