"""Accounts, holds, standing orders and transactions through the interface; the date is Monday 2026-01-05."""

from uuid import UUID

import msgspec
import pytest
from tests.postgres.api.conftest import TELLER, Counter, MakeCounter, client_of

from yinhe.access.permissions import Permission
from yinhe.api.forms import read_account
from yinhe.api.handlers import accounts, contracts, holds, orders, transfers
from yinhe.audit.desk import Asked, Done
from yinhe.kernel.ids import derived
from yinhe.transact.caller import caller_of
from yinhe.transact.commands import Transfer

CNY = 156


@pytest.fixture
def counter(make_counter: MakeCounter) -> Counter:
    modules = contracts, accounts, holds, orders, transfers
    return make_counter([route for module in modules for route in module.ROUTES])


def index(counter: Counter, account: str) -> int:
    found = read_account(account, counter.bank.unit)
    assert isinstance(found, int)
    return found


def pay(counter: Counter, debit: str, credit: str, amount: int, narrative: str = "") -> UUID:
    command = Transfer(
        id=counter.new_id(),
        debit=index(counter, debit),
        credit=index(counter, credit),
        amount_minor=amount,
        currency=CNY,
        narrative=narrative,
    )
    (reply,) = counter.bank.day.carry_out([command], [caller_of(TELLER)])
    assert reply.name if hasattr(reply, "name") else reply.id == command.id, reply
    return command.id


def test_an_account_tells_its_balance_limits_and_contract(counter: Counter) -> None:
    told = counter.contract(counter.party(), "80.00")
    read = counter.done("readAccount", account=told["account"])
    assert (read["contract"], read["loan"], read["currency"]) == (told["contract"], None, "CNY")
    assert (read["balance"]["amount"], read["available"]["amount"]) == ("80.00", "80.00")
    assert (read["floor"]["amount"], read["ceiling"], read["limit_daily"]) == ("0.00", None, None)
    earlier = counter.done("readAccount", account=told["account"], as_of="2026-01-04")
    assert (earlier["balance"]["amount"], earlier["available"]) == ("0.00", None)
    wrong = told["account"][:-1] + str((int(told["account"][-1]) + 1) % 10)
    assert counter.refused("readAccount", account=wrong) == "account_malformed"
    assert counter.refused("readAccount", account="0099000000001707") in ("account_unknown", "account_malformed")


def test_entries_come_newest_first_each_once_with_the_balance_after_it(counter: Counter) -> None:
    party = counter.party()
    mine, other = counter.contract(party, "100.00"), counter.contract(party, "1.00")
    for number in range(4):
        pay(counter, mine["account"], other["account"], 10_00 + number, f"rent {number}")
    seen, cursor = [], ""
    while cursor is not None:
        page = counter.done("listAccountEntries", account=mine["account"], limit=2, cursor=cursor)
        seen += page["items"]
        cursor = page["next"]
    assert [one["amount"]["amount"] for one in seen] == ["-10.03", "-10.02", "-10.01", "-10.00", "100.00"]
    assert [one["balance"]["amount"] for one in seen] == ["59.94", "69.97", "79.99", "90.00", "100.00"]
    assert [one["narrative"] for one in seen] == ["rent 3", "rent 2", "rent 1", "rent 0", ""]
    assert (seen[0]["counter_account"], seen[0]["code_english"], seen[0]["code_chinese"]) == (
        other["account"],
        "Transfer",
        "转账",
    )
    assert seen[-1]["code_english"] == "Opening of a deposit"
    assert {one["kind"] for one in seen} == {"posted"}
    assert counter.refused("listAccountEntries", account=mine["account"], cursor="x") == "cursor_invalid"


def test_blocks_are_set_once_and_on_record_with_what_was_before(counter: Counter) -> None:
    party = counter.party()
    told = counter.contract(party)
    body, key = {"debit": True, "credit": False}, counter.new_id()
    would = counter.done("blockAccount", body, key=key, dry_run=True, account=told["account"])
    assert (would["debit_blocked"], would["credit_blocked"]) == (True, False)
    assert not counter.done("readAccount", account=told["account"])["debit_blocked"]
    first = counter.done("blockAccount", body, key=key, account=told["account"])
    assert first["debit_blocked"]
    assert counter.refused("drawFromContract", {"amount": "1.00", "cash": True}, contract=told["contract"]) == (
        "debit_blocked"
    )
    counter.done("blockAccount", {"debit": False, "credit": False}, account=told["account"])
    assert counter.done("blockAccount", body, key=key, account=told["account"]) == first
    assert counter.refused("blockAccount", {"debit": False, "credit": False}, key=key, account=told["account"]) == (
        "id_conflict"
    )
    assert not counter.done("readAccount", account=told["account"])["debit_blocked"]
    with counter.bank.sessions.lend() as session:
        found = session.execute(
            "SELECT content, parties FROM audit_record WHERE action = 'account.block' AND object = %s ORDER BY number",
            (f"account/{told['account']}",),
        ).fetchall()
    assert len(found) == 2
    assert found[0][1] == [party]
    assert '"before":{"credit":false,"debit":false}' in found[0][0].replace(" ", "")


def test_an_id_that_another_command_has_changes_nothing(counter: Counter) -> None:
    told, key = counter.contract(counter.party()), counter.new_id()
    asked = Asked(id=key, action="party.open", content={}, author=TELLER.author())
    counter.bank.desk.carry_out(asked, lambda _: Done(answer={}, object="party/1"))
    body = {"debit": True, "credit": True}
    assert counter.refused("blockAccount", body, key=key, account=told["account"]) == "id_conflict"
    assert not counter.done("readAccount", account=told["account"])["debit_blocked"]


LIMITS = [
    ("a floor below zero without an overdraft", {"floor": "-0.01"}, "floor_not_agreed"),
    ("a floor above the ceiling", {"floor": "2.00", "ceiling": "1.00"}, "limits_crossed"),
    ("too many decimals", {"limit_daily": "1.001"}, "amount_malformed"),
    ("a limit below zero", {"limit_daily": "-1"}, "body_invalid"),
    ("a field nobody knows", {"balance": "1"}, "body_invalid"),
]


@pytest.mark.parametrize(("body", "name"), [case[1:] for case in LIMITS], ids=[case[0] for case in LIMITS])
def test_limits_are_refused(counter: Counter, body: dict, name: str) -> None:
    told = counter.contract(counter.party())
    assert counter.refused("limitAccount", body, account=told["account"]) == name
    assert counter.refused("limitAccount", body, dry_run=True, account=told["account"]) == name


def test_limits_bind_from_then_on(counter: Counter) -> None:
    told = counter.contract(counter.party())
    view = counter.done("limitAccount", {"floor": "10.00", "limit_daily": "50.00"}, account=told["account"])
    assert (view["available"]["amount"], view["limit_daily"]["amount"]) == ("990.00", "50.00")
    drawn = {"amount": "50.01", "cash": True}
    assert counter.refused("drawFromContract", drawn, contract=told["contract"]) == "over_daily_limit"
    assert counter.refused("limitAccount", {}, account=counter.own_account()) == "no_contracts_account"


def test_a_hold_is_placed_posted_in_part_and_released(counter: Counter) -> None:
    party = counter.party()
    mine, shop = counter.contract(party, "100.00"), counter.contract(counter.party(), "0.01")
    body = {"amount": "60.00", "payee": shop["account"], "expires_at": "2026-01-06T08:00:00Z"}
    key = counter.new_id()
    would = counter.done("placeHold", body, key=key, dry_run=True, account=mine["account"])
    assert (would["hold"], would["amount"]["amount"]) == (None, "60.00")
    assert not counter.done("listHolds", account=mine["account"])["items"]
    placed = counter.done("placeHold", body, key=key, account=mine["account"])
    number = placed["hold"]
    again = counter.done("placeHold", body, key=key, account=mine["account"])
    assert (again["hold"], again["repeated"]) == (number, True)
    assert counter.done("readAccount", account=mine["account"])["available"]["amount"] == "40.00"
    second = counter.done("placeHold", {"amount": "5.00", "payee": shop["account"]}, account=mine["account"])
    page = counter.done("listHolds", account=mine["account"], limit=1)
    assert [(one["hold"], one["expires_at"]) for one in page["items"]] == [(number, "2026-01-06T08:00:00Z")]
    page = counter.done("listHolds", account=mine["account"], limit=1, cursor=page["next"])
    assert ([one["hold"] for one in page["items"]], page["next"]) == ([second["hold"]], None)
    where = {"account": mine["account"], "hold": number}
    assert counter.refused("postHold", {"amount": "0.00"}, **where) == "amount_not_positive"
    assert counter.refused("postHold", {"amount": "60.01"}, **where) == "over_pending"
    posted = counter.done("postHold", {"amount": "20.00"}, **where)
    assert (posted["amount"]["amount"], counter.balance(shop["account"])) == ("20.00", 20_01)
    would = counter.done("releaseHold", {}, dry_run=True, **where)
    assert would["amount"]["amount"] == "40.00"
    key = counter.new_id()
    released = counter.done("releaseHold", {}, key=key, **where)
    assert released["amount"]["amount"] == "40.00"
    assert counter.done("releaseHold", {}, key=key, **where)["repeated"]
    assert counter.refused("postHold", {}, **where) == "pending_resolved"
    assert [one["hold"] for one in counter.done("listHolds", account=mine["account"])["items"]] == [second["hold"]]
    kinds = [one["kind"] for one in counter.done("listAccountEntries", account=mine["account"])["items"]]
    assert kinds == ["hold_released", "hold_posted", "hold_placed", "hold_placed", "posted"]


def test_a_hold_that_cannot_be_is_refused(counter: Counter) -> None:
    party = counter.party()
    mine, shop = counter.contract(party, "100.00"), counter.contract(party, "1.00")
    term = counter.contract(party, "50.00", "lump_sum", months=3)
    past = {"amount": "1.00", "payee": shop["account"], "expires_at": "2026-01-05T07:59:59Z"}
    assert counter.refused("placeHold", past, account=mine["account"]) == "expiry_not_ahead"
    naive = past | {"expires_at": "2026-01-06T08:00:00"}
    assert counter.refused("placeHold", naive, account=mine["account"]) == "body_invalid"
    body = {"amount": "100.01", "payee": shop["account"]}
    assert counter.refused("placeHold", body, account=mine["account"]) == "insufficient_funds"
    assert counter.refused("placeHold", body, dry_run=True, account=mine["account"]) == "insufficient_funds"
    assert counter.refused("placeHold", {"amount": "1.00", "payee": shop["account"]}, account=term["account"]) == (
        "debit_term"
    )
    assert counter.refused("postHold", {}, account=mine["account"], hold=1) == "hold_unknown"
    other = counter.contract(counter.party(), "9.00")
    placed = counter.done("placeHold", {"amount": "1.00", "payee": shop["account"]}, account=mine["account"])
    next_number = {"account": mine["account"], "hold": placed["hold"] + 1}
    assert counter.refused("releaseHold", {}, **next_number) == "hold_unknown"
    # A hold is found on its own account alone.
    assert counter.refused("releaseHold", {}, account=other["account"], hold=placed["hold"]) == "hold_unknown"
    assert counter.refused("releaseHold", {}, account=shop["account"], hold=placed["hold"]) == "hold_unknown"


def test_a_standing_order_is_given_listed_and_stopped(counter: Counter) -> None:
    party = counter.party()
    mine, other = counter.contract(party), counter.contract(party, "1.00")
    number, key = mine["contract"], counter.new_id()
    body = {"amount": "15.00", "payee": other["account"], "day_of_month": 31}
    given = counter.done("giveOrder", body, key=key, contract=number)
    assert given["id"] == str(key)
    counter.done("giveOrder", body | {"last": "2026-12-31"}, contract=number)
    page = counter.done("listOrders", contract=number, limit=1)
    assert page["items"] == [
        {
            "id": str(key),
            "payee": other["account"],
            "amount": {"amount": "15.00", "currency": "CNY"},
            "day_of_month": 31,
            "first": "2026-01-05",
            "last": None,
            "last_run": None,
        }
    ]
    page = counter.done("listOrders", contract=number, cursor=page["next"])
    assert [one["last"] for one in page["items"]] == ["2026-12-31"]
    assert counter.refused("giveOrder", body | {"first": "2026-01-04"}, contract=number) == "order_in_the_past"
    assert counter.refused("giveOrder", body | {"last": "9999-12-31"}, contract=number) == "date_out_of_range"
    assert counter.refused("giveOrder", body | {"payee": mine["account"]}, contract=number) == "order_to_itself"
    counter.done("stopOrder", contract=number, order=key)
    assert counter.refused("stopOrder", contract=number, order=key) == "order_unknown"
    assert len(counter.done("listOrders", contract=number)["items"]) == 1


def test_a_transfer_is_read_and_taken_back_once(counter: Counter) -> None:
    party, payee = counter.party(), counter.party()
    mine, other = counter.contract(party, "100.00"), counter.contract(payee, "1.00")
    txn_id = pay(counter, mine["account"], other["account"], 25_00, "by mistake")
    read = counter.done("readTransaction", transaction=txn_id)
    (leg,) = read["legs"]
    assert (leg["debit"], leg["credit"], leg["amount"]["amount"]) == (mine["account"], other["account"], "25.00")
    assert (leg["debit_balance"]["amount"], leg["credit_balance"]["amount"]) == ("75.00", "26.00")
    assert (read["narrative"], read["reversed_by"], read["business_date"]) == ("by mistake", None, "2026-01-05")
    would = counter.done("reverseTransaction", dry_run=True, transaction=txn_id)
    assert (would["amount"]["amount"], would["repeated"]) == ("25.00", False)
    assert counter.balance(mine["account"]) == 75_00
    done = counter.done("reverseTransaction", transaction=txn_id)
    assert (done["transaction"], done["reverses"]) == (str(derived(txn_id, "reversal")), str(txn_id))
    assert counter.balance(mine["account"]) == 100_00
    assert counter.done("reverseTransaction", transaction=txn_id)["repeated"]
    assert counter.balance(mine["account"]) == 100_00
    assert counter.done("readTransaction", transaction=txn_id)["reversed_by"] == done["transaction"]
    assert counter.refused("reverseTransaction", transaction=counter.new_id()) == "transaction_unknown"
    assert counter.refused("reverseTransaction", transaction=UUID(int=5)) == "transaction_unknown"
    assert counter.refused("readTransaction", transaction=UUID(int=5)) == "transaction_unknown"


def test_what_a_contract_posted_is_not_taken_back_by_a_transfer(counter: Counter) -> None:
    told = counter.contract(counter.party())
    drawn = counter.done("drawFromContract", {"amount": "1.00", "cash": True}, contract=told["contract"])
    assert counter.refused("reverseTransaction", transaction=drawn["id"]) == "not_reversible"


def test_another_partys_account_is_as_one_that_does_not_exist(counter: Counter) -> None:
    party, stranger = counter.party(), counter.party()
    mine, other = counter.contract(party), counter.contract(stranger)
    third = counter.contract(counter.party())
    held = counter.done("placeHold", {"amount": "1.00", "payee": mine["account"]}, account=other["account"])
    order = {"amount": "1.00", "payee": mine["account"], "day_of_month": 1}
    given = counter.done("giveOrder", order, contract=other["contract"])
    me, body = client_of(party), {"amount": "1.00", "payee": mine["account"]}
    for name, content, more in (
        ("readAccount", None, {}),
        ("listAccountEntries", None, {}),
        ("listHolds", None, {}),
        ("placeHold", body, {}),
        ("postHold", {}, {"hold": held["hold"]}),
        ("releaseHold", {}, {"hold": held["hold"]}),
        ("blockAccount", {"debit": True, "credit": True}, {}),
        ("limitAccount", {}, {}),
    ):
        for account in (other["account"], counter.own_account()):
            assert counter.refused(name, content, who=me, account=account, **more) == "account_unknown", name
    assert counter.refused("listOrders", who=me, contract=other["contract"]) == "contract_unknown"
    assert counter.refused("giveOrder", order, who=me, contract=other["contract"]) == "contract_unknown"
    assert counter.refused("stopOrder", who=me, contract=other["contract"], order=given["id"]) == "contract_unknown"
    assert counter.refused("stopOrder", who=me, contract=mine["contract"], order=given["id"]) == "order_unknown"
    between = pay(counter, other["account"], third["account"], 1_00)
    assert counter.refused("readTransaction", who=me, transaction=between) == "transaction_unknown"
    assert counter.refused("reverseTransaction", who=me, transaction=between) == "transaction_unknown"
    to_me = pay(counter, other["account"], mine["account"], 2_00)
    (leg,) = counter.done("readTransaction", who=me, transaction=to_me)["legs"]
    assert (leg["debit_balance"], leg["credit_balance"]["amount"]) == (None, "1002.00")
    assert counter.balance(other["account"]) == 997_00


def test_a_statement_adds_up_in_every_form(counter: Counter) -> None:
    party = counter.party()
    mine, other = counter.contract(party, "100.00"), counter.contract(party, "1.00")
    pay(counter, mine["account"], other["account"], 30_00, "=HYPERLINK(1)")
    pay(counter, other["account"], mine["account"], 5_00, "租金")
    period = {"account": mine["account"], "from_": "2026-01-05", "to": "2026-01-05"}
    told = counter.done("readAccountStatement", **period)
    amounts = [line["amount"]["amount"] for line in told["lines"]]
    assert (told["opening"]["amount"], amounts, told["closing"]["amount"]) == (
        "0.00",
        ["100.00", "-30.00", "5.00"],
        "75.00",
    )
    assert told["debits"] == {"count": 1, "amount": {"amount": "30.00", "currency": "CNY"}}
    csv = counter.ask("readAccountStatement", accept="text/csv", language="zh", mark="true", **period)
    text = csv.content.decode()
    assert text.startswith("\ufeff会计日期")
    assert "'=HYPERLINK" in text
    pdf = counter.ask("readAccountStatement", accept="application/pdf", **period)
    assert (pdf.media, pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert mine["account"] in pdf.headers["content-disposition"]


def test_staff_say_why_they_read_who_paid(counter: Counter) -> None:
    party = counter.party()
    told = counter.contract(party)
    period = {"account": told["account"], "from_": "2026-01-05", "to": "2026-01-05", "accept": "application/xml"}
    assert counter.refused("readAccountStatement", **period) == "purpose_missing"
    blind = msgspec.structs.replace(TELLER, permissions=frozenset({Permission.CONTRACT_READ}))
    assert counter.refused("readAccountStatement", who=blind, why="complaint", **period) == "forbidden"
    camt = counter.ask("readAccountStatement", why="complaint 7", **period)
    assert b"camt.053.001.08" in camt.content
    own = counter.ask("readAccountStatement", who=client_of(party), **period)
    assert b">1000.00<" in own.content
    with counter.bank.sessions.lend() as session:
        found = session.execute(
            "SELECT parties FROM audit_record WHERE action = 'account.statement' AND object = %s",
            (f"account/{told['account']}",),
        ).fetchall()
    assert found == [([party],)]


def test_a_statement_of_a_period_that_cannot_be_is_refused(counter: Counter) -> None:
    told = counter.contract(counter.party())
    period = {"account": told["account"], "from_": "2026-01-05", "to": "2026-01-04"}
    assert counter.refused("readAccountStatement", **period) == "period_reversed"
    assert counter.refused("readAccountStatement", **period | {"to": "2026-01-06"}) == "date_ahead"
    assert counter.refused("readAccountStatement", **period | {"from_": "0001-01-01"}) == "date_out_of_range"
    stranger = client_of(counter.party())
    period |= {"to": "2026-01-05"}
    assert counter.refused("readAccountStatement", who=stranger, **period) == "account_unknown"
