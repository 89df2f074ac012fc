"""Contracts through the interface. The unit's date is Monday 2026-01-05; amounts are text, in yuan."""

import pytest
from tests.postgres.api.conftest import Counter, MakeCounter, at_branch, client_of

from yinhe.api.handlers import contracts
from yinhe.api.route import Weight


@pytest.fixture
def counter(make_counter: MakeCounter) -> Counter:
    return make_counter(contracts.ROUTES)


def test_a_contract_is_opened_with_cash_and_read(counter: Counter) -> None:
    party = counter.party()
    told = counter.contract(party, "1000.00", auto_renew=False)
    assert told["kind"] == "open"
    assert told["received"] == {"amount": "1000.00", "currency": "CNY"}
    read = counter.done("readContract", contract=told["contract"])
    assert (read["party"], read["product"], read["status"]) == (party, "demand/1", "open")
    assert read["balance"] == read["available"] == {"amount": "1000.00", "currency": "CNY"}
    assert (read["opened"], read["as_of"], read["maturity"]) == ("2026-01-05", "2026-01-05", None)
    assert (read["rate"], read["agreed_rate"]) == ("0.05", None)
    assert (read["accrued"]["amount"], read["accrued_until"]) == ("0.00", "2026-01-05")
    earlier = counter.done("readContract", contract=told["contract"], as_of="2026-01-04")
    assert (earlier["balance"]["amount"], earlier["held"]) == ("0.00", None)
    assert counter.refused("readContract", contract=told["contract"], as_of="2026-01-06") == "as_of_in_future"


def test_a_dry_run_tells_the_effect_and_leaves_nothing(counter: Counter) -> None:
    body = {"product": "demand", "party": counter.party(), "amount": "5.00", "cash": True}
    key, before = counter.new_id(), len(counter.bank.deposits.book)
    would = counter.done("openContract", body, key=key, dry_run=True)
    assert would["account"] is None
    assert would["received"]["amount"] == "5.00"
    assert len(counter.bank.deposits.book) == before
    assert counter.done("openContract", body, key=key)["contract"] == would["contract"] == before + 1


def test_the_same_id_again_gets_the_first_answer_whatever_changed_since(counter: Counter) -> None:
    party = counter.party()
    first, second = counter.contract(party), counter.contract(party, "0.50")
    key, body = counter.new_id(), {"payee": second["account"]}
    told = counter.done("closeContract", body, key=key, contract=first["contract"])
    counter.done("closeContract", {"cash": True}, contract=second["contract"])
    assert counter.done("closeContract", body, key=key, contract=first["contract"]) == told
    assert counter.refused("closeContract", {}, key=key, contract=first["contract"]) == "id_conflict"
    opened = {"product": "demand", "party": party, "amount": "1.00", "cash": True}
    key = counter.new_id()
    told = counter.done("openContract", opened, key=key)
    with counter.bank.sessions.lend() as session:
        session.execute("UPDATE party SET status = 'closed', closed = '2026-01-05' WHERE number = %s", (party,))
    assert counter.done("openContract", opened, key=key) == told
    assert counter.refused("openContract", opened) == "not_a_customer"


OPENINGS_REFUSED = [
    ("a product nobody knows", {"product": "nothing"}, "product_unknown"),
    ("a version nobody knows", {"product": "demand/9"}, "product_unknown"),
    ("a party nobody knows", {"party": 2**40}, "party_unknown"),
    ("too many decimals", {"amount": "1.001"}, "amount_malformed"),
    ("more than the ledger holds", {"amount": "999999999999999.99", "product": "demand"}, None),
    ("from nowhere", {"cash": False}, "funding_missing"),
    ("from account and cash", {"funding": "0001000000001762"}, "both_ends_named"),
    ("a term not offered", {"months": 5}, "term_not_offered"),
    ("a rate that is not negotiated", {"rate": "1.5"}, "rate_not_negotiable"),
    ("a rate that is none", {"rate": "999.0"}, "rate_malformed"),
    ("a loan", {"product": "consumer_loan"}, "not_a_deposit"),
    ("a number for money", {"amount": 5}, "body_invalid"),
    ("a field nobody knows", {"tier": 9}, "body_invalid"),
]


@pytest.mark.parametrize(
    ("more", "name"),
    [case[1:] for case in OPENINGS_REFUSED if case[2]],
    ids=[case[0] for case in OPENINGS_REFUSED if case[2]],
)
def test_an_opening_is_refused(counter: Counter, more: dict, name: str) -> None:
    before = len(counter.bank.deposits.book)
    body = {"product": "demand", "party": counter.party(), "amount": "5.00", "cash": True} | more
    assert counter.refused("openContract", body) == name
    assert len(counter.bank.deposits.book) == before


@pytest.mark.parametrize(
    ("state", "name"),
    [
        ({"status": "prospect"}, "not_a_customer"),
        ({"status": "closed"}, "not_a_customer"),
        ({"risk": "prohibited"}, "risk_prohibited"),
    ],
)
def test_only_a_customer_in_order_holds_contracts(counter: Counter, state: dict, name: str) -> None:
    party = counter.party(**state)
    assert counter.refused("openContract", {"product": "demand", "party": party}) == name


def test_a_company_is_a_company_whatever_the_body_says(counter: Counter) -> None:
    company, person = counter.party("organisation"), counter.party()
    body = {"product": "lump_sum", "amount": "100.00", "cash": True, "months": 3}
    assert counter.refused("openContract", body | {"party": company}) == "persons_only"
    assert counter.done("openContract", body | {"party": person})["maturity"] == "2026-04-05"


def test_money_goes_in_and_out_by_the_contracts_own_rules(counter: Counter) -> None:
    party = counter.party()
    mine, term = counter.contract(party), counter.contract(party, "500.00", "lump_sum", months=3)
    number = mine["contract"]
    counter.done("payIntoContract", {"amount": "50.00", "cash": True}, contract=number)
    drawn = counter.done("drawFromContract", {"amount": "200.00", "cash": True}, contract=number)
    assert drawn["paid"]["amount"] == "200.00"
    assert counter.balance(mine["account"]) == 850_00
    more = {"amount": "1.00", "funding": mine["account"]}
    assert counter.refused("payIntoContract", more, contract=term["contract"]) == "no_further_deposit"
    from_term = {"amount": "1.00", "funding": term["account"]}
    assert counter.refused("payIntoContract", from_term, contract=number) == "debit_term"
    own = {"amount": "1.00", "funding": counter.own_account()}
    assert counter.refused("payIntoContract", own, contract=number) == "debit_own_account"
    to_own = {"amount": "1.00", "payee": counter.own_account()}
    assert counter.refused("drawFromContract", to_own, contract=number) == "credit_own_account"
    assert counter.refused("drawFromContract", {"amount": "9999.00", "cash": True}, contract=number) == (
        "amount_over_balance"
    )
    assert counter.refused("payIntoContract", {"amount": "1.00"}, contract=number) == "end_missing"
    closed = counter.done("closeContract", {"payee": mine["account"]}, contract=term["contract"])
    assert closed["paid"]["amount"] == "500.00"
    assert counter.done("readContract", contract=term["contract"])["status"] == "closed"
    told = counter.done("listContractEvents", contract=number)["items"]
    assert [one["kind"] for one in told] == ["withdraw", "deposit", "open"]
    assert {one["author"] for one in told} == {"user:teller-1"}
    told = counter.done("listContractEvents", contract=number, who=client_of(party))["items"]
    assert {one["author"] for one in told} == {None}


def test_a_contract_is_amended_only_as_it_was_read(counter: Counter) -> None:
    party = counter.party()
    purse, term = counter.contract(party), counter.contract(party, "500.00", "lump_sum", months=3)
    number = term["contract"]
    read = counter.ask("readContract", contract=number)
    assert counter.ask("readContract", contract=number, if_none_match=read.etag).status == 304
    body, key = {"linked": purse["account"], "auto_renew": True}, counter.new_id()
    counter.done("amendContract", body, key=key, if_match=read.etag, contract=number)
    again = counter.done("readContract", contract=number)
    assert (again["linked"], again["auto_renew"]) == (purse["account"], True)
    late = {"auto_renew": False}
    assert counter.refused("amendContract", late, if_match=read.etag, contract=number) == "version_differs"
    assert counter.done("amendContract", body, key=key, if_match=read.etag, contract=number)["kind"] == "amend"
    assert counter.refused("amendContract", {}, contract=number) == "nothing_asked"
    counter.done("amendContract", {"linked": None}, contract=number)
    assert counter.done("readContract", contract=number)["linked"] is None


def test_notice_is_given_listed_and_taken_back(counter: Counter) -> None:
    told = counter.contract(counter.party(), "60000.00", "notice_7d")
    number = told["contract"]
    body = {"amount": "50000.00", "due_on": "2026-01-12"}
    first = counter.done("giveContractNotice", body, contract=number)
    second = counter.done("giveContractNotice", body | {"amount": "1000.00"}, contract=number)
    late = body | {"due_on": "2026-01-06"}
    assert counter.refused("giveContractNotice", late, contract=number) in ("notice_too_late", "notice_over_balance")
    page = counter.done("listContractNotices", contract=number, limit=1)
    assert [one["id"] for one in page["items"]] == [second["id"]]
    page = counter.done("listContractNotices", contract=number, limit=1, cursor=page["next"])
    assert ([one["id"] for one in page["items"]], page["next"]) == ([first["id"]], None)
    counter.done("cancelContractNotice", contract=number, notice=first["id"])
    assert counter.refused("cancelContractNotice", contract=number, notice=first["id"]) == "notice_unknown"
    far = body | {"due_on": "9999-12-31"}
    assert counter.refused("giveContractNotice", far, contract=number) == "date_out_of_range"


def test_a_certificate_passes_to_another_holder(counter: Counter) -> None:
    seller, buyer = counter.party(), counter.party()
    told = counter.contract(seller, "200000.00", "certificate", months=12)
    done = counter.ask("transferContract", {"party": buyer}, contract=told["contract"])
    assert counter.done("readContract", contract=told["contract"])["party"] == buyer, done
    assert counter.refused("transferContract", {"party": buyer}, contract=told["contract"]) == "same_holder"


def test_lists_are_paged_and_narrowed(counter: Counter) -> None:
    party = counter.party()
    numbers = [counter.contract(party)["contract"] for _ in range(3)]
    closed = counter.contract(party, "100.00", "lump_sum", months=3)
    counter.done("closeContract", {"cash": True}, contract=closed["contract"])
    page = counter.done("listContracts", party=party, limit=2)
    assert [one["contract"] for one in page["items"]] == numbers[:2]
    page = counter.done("listContracts", party=party, limit=2, cursor=page["next"])
    assert ([one["contract"] for one in page["items"]], page["next"]) == (numbers[2:], None)
    assert len(counter.done("listContracts", party=party, closed="true")["items"]) == 4
    assert not counter.done("listContracts", party=party, product="lump_sum")["items"]
    counter.contract(counter.party())
    found = counter.done("listContracts", account=closed["account"], closed="true")
    assert [one["contract"] for one in found["items"]] == [closed["contract"]]
    assert not counter.done("listContracts", account=closed["account"])["items"]
    assert not counter.done("listContracts", account="0000000000000000")["items"]
    assert counter.refused("listContracts", cursor="bm9uc2Vuc2U") == "cursor_invalid"


def test_what_is_out_of_reach_is_as_what_does_not_exist(counter: Counter) -> None:
    mine, others = counter.party(), counter.party()
    own, other = counter.contract(mine), counter.contract(others)
    me = client_of(mine)
    unknown = counter.ask("readContract", contract=10**9)
    assert counter.done("readContract", contract=own["contract"], who=me)["party"] == mine
    assert counter.ask("readContract", contract=other["contract"], who=me) == unknown
    for name, body in (
        ("drawFromContract", {"amount": "1.00", "payee": own["account"]}),
        ("closeContract", {"payee": own["account"]}),
        ("payIntoContract", {"amount": "1.00", "funding": own["account"]}),
        ("amendContract", {"auto_renew": True}),
        ("transferContract", {"party": mine}),
        ("giveContractNotice", {"amount": "1.00", "due_on": "2026-02-01"}),
        ("listContractEvents", None),
        ("listContractNotices", None),
    ):
        assert counter.refused(name, body, contract=other["contract"], who=me) == "contract_unknown", name
    foreign = {"amount": "1.00", "funding": other["account"]}
    assert counter.refused("payIntoContract", foreign, contract=own["contract"], who=me) == "account_unknown"
    pool = {"amount": "1.00", "funding": counter.own_account()}
    assert counter.refused("payIntoContract", pool, contract=own["contract"], who=me) == "account_unknown"
    assert counter.refused("payIntoContract", {"amount": "1.00", "cash": True}, contract=own["contract"], who=me) == (
        "cash_out_of_reach"
    )
    assert counter.refused("openContract", {"product": "demand", "party": others}, who=me) == "party_unknown"
    assert {one["party"] for one in counter.done("listContracts", who=me)["items"]} == {mine}
    assert not counter.done("listContracts", who=me, party=others)["items"]
    assert not counter.done("listContracts", who=me, account=other["account"])["items"]
    assert counter.balance(other["account"]) == 1000_00


def test_what_is_out_of_reach_weighs_nothing(counter: Counter) -> None:
    # Limits are asked before the handler: the answer to a large amount must not tell that there is an account.
    party, stranger = counter.party(), client_of(counter.party())
    told = counter.contract(party, "123456.00")
    for name, whole in (("closeContract", {}), ("transferContract", {"party": party})):
        assert counter.weight(name, whole, contract=told["contract"]) == Weight(123_456_00, "CNY")
        assert counter.weight(name, whole, contract=told["contract"], who=stranger) == Weight()
    body = {"amount": "7.00"}
    assert counter.weight("drawFromContract", body, contract=told["contract"]) == Weight(7_00, "CNY")
    assert counter.weight("drawFromContract", body, contract=told["contract"], who=stranger) == Weight()
    assert counter.weight("drawFromContract", {"amount": "7.001"}, contract=told["contract"]) == Weight(0, "CNY")


def test_a_branch_serves_its_own_contracts(counter: Counter) -> None:
    party = counter.party()
    here, there = counter.contract(party, branch=7), counter.contract(party, branch=8)
    teller = at_branch(7)
    assert counter.done("readContract", contract=here["contract"], who=teller)["branch"] == 7
    assert counter.refused("readContract", contract=there["contract"], who=teller) == "contract_unknown"
    body = {"product": "demand", "party": party, "branch": 8}
    assert counter.refused("openContract", body, who=teller) == "scope_exceeded"
    assert [one["contract"] for one in counter.done("listContracts", who=teller, party=party)["items"]] == [
        here["contract"]
    ]
