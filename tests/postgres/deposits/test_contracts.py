"""Contracts from opening to closing, to the fen. The unit begins on Monday 2026-01-05.

Rates: demand 0.50 %, lump sum 3 months 1.50 %, 7-day notice 1.20 %, certificate 12 months 2.50 %.
"""

from uuid import UUID

import numpy as np
import pytest
from tests.postgres.deposits.conftest import MONDAY, Branch, OpenBranch
from tests.unit.deposits.shelf import shelf

from yinhe.deposits.answers import Done
from yinhe.deposits.bulk import RefusedOrders, orders
from yinhe.deposits.columns import NO_RATE, ContractFlag
from yinhe.deposits.commands import Amend, Close, DepositMore, GiveNotice, Open, TransferTo, Withdraw
from yinhe.deposits.refusals import ContractRefusal, Refusal
from yinhe.ledger.columns import AccountFlag
from yinhe.ledger.outcomes import Outcome
from yinhe.products.catalogue import VersionRefusal
from yinhe.products.parts.refusals import PartRefusal
from yinhe.products.status import Status


def opening(at: Branch, code: str, amount: int, **more: object) -> Open:
    given = {"holder": "ada", "funding": at.till, "linked": at.purse} | more
    return Open(id=at.ledger.ids.next(), version=at.version(code), amount_minor=amount, **given)


def opened(at: Branch, code: str, amount: int, **more: object) -> Done:
    done = at.deposits.do(opening(at, code, amount, **more))
    assert isinstance(done, Done), done
    return done


def because(answer: object) -> object:
    assert isinstance(answer, Refusal), answer
    return answer.because


def new(branch: Branch) -> UUID:
    return branch.ledger.ids.next()


def test_a_time_deposit_is_opened_with_its_money_rate_and_maturity(branch: Branch) -> None:
    done = opened(branch, "lump_sum", 10_000_00, months=3, auto_renew=True, branch=7)
    row = branch.deposits.book.row(done.contract)
    assert done.contract == 1
    assert branch.balance(done.account) == 10_000_00
    assert branch.balance(branch.till) == -10_000_00
    assert row["rate"][0] == 1_500_000
    assert done.maturity == row["maturity"][0] == MONDAY + 90  # 5 April 2026
    assert ContractFlag(int(row["flags"][0])) == ContractFlag.OPEN | ContractFlag.AUTO_RENEW
    assert branch.ledger.account(done.account).gl_code == 2011
    assert branch.ledger.account(done.account).product == 1002
    assert branch.ledger.account(done.account).branch == 7
    assert branch.deposits.holder(1) == "ada"


def test_who_follows_the_product_has_no_rate_of_its_own(branch: Branch) -> None:
    done = opened(branch, "demand", 0)
    assert branch.deposits.book.row(done.contract)["rate"][0] == NO_RATE


def test_the_price_agreed_goes_on_top(branch: Branch) -> None:
    done = opened(branch, "lump_sum", 10_000_00, months=3, tier=5)
    assert branch.deposits.book.row(done.contract)["spread"][0] == 100_000


OPENINGS_REFUSED = [
    ("a company", "lump_sum", 10_000_00, {"months": 3, "is_company": True}, PartRefusal.PERSONS_ONLY),
    ("a person", "agreement", 10_000_00, {}, PartRefusal.COMPANIES_ONLY),
    ("under the minimum", "certificate", 190_000_00, {"months": 12}, PartRefusal.UNDER_MINIMUM),
    ("off the steps", "certificate", 205_000_00, {"months": 12}, PartRefusal.OFF_STEP),
    ("over the maximum", "certificate", 100_010_000_00, {"months": 12}, PartRefusal.OVER_MAXIMUM),
    ("a term not offered", "lump_sum", 10_000_00, {"months": 4}, PartRefusal.TERM_NOT_OFFERED),
    ("a term where there is none", "demand", 10_000_00, {"months": 3}, PartRefusal.TERM_NOT_OFFERED),
    ("without its first deposit", "lump_sum", 0, {"months": 3}, PartRefusal.FIRST_DEPOSIT_MISSING),
    ("nobody's", "lump_sum", 10_000_00, {"months": 3, "holder": ""}, ContractRefusal.HOLDER_MISSING),
    ("from nowhere", "lump_sum", 10_000_00, {"months": 3, "funding": 0}, ContractRefusal.FUNDING_MISSING),
    (
        "from an unknown account",
        "lump_sum",
        10_000_00,
        {"months": 3, "funding": 99_999},
        ContractRefusal.ACCOUNT_UNKNOWN,
    ),
    ("linked to an unknown account", "demand", 1_00, {"linked": 99_999}, ContractRefusal.ACCOUNT_UNKNOWN),
    ("in another currency", "demand_usd", 1_00, {}, ContractRefusal.CURRENCY_DIFFERS),
    ("at a rate that is not negotiated", "demand", 1_00, {"rate": 600_000}, ContractRefusal.RATE_NOT_NEGOTIABLE),
    ("above", "agreement", 1_00, {"rate": 1_500_001, "is_company": True}, ContractRefusal.RATE_OUT_OF_BOUNDS),
    ("over", "corporate", 1_00, {"rate": 1_500_001, "is_company": True}, ContractRefusal.RATE_OUT_OF_BOUNDS),
    ("under", "corporate", 1_00, {"rate": 49_999, "is_company": True}, ContractRefusal.RATE_OUT_OF_BOUNDS),
]


@pytest.mark.parametrize(
    ("code", "amount", "more", "reason"),
    [case[1:] for case in OPENINGS_REFUSED],
    ids=[case[0] for case in OPENINGS_REFUSED],
)
def test_an_opening_is_refused(branch: Branch, code: str, amount: int, more: dict, reason: object) -> None:
    answer = branch.deposits.do(opening(branch, code, amount, **more))
    assert because(answer) is reason
    assert answer.english
    assert answer.chinese
    assert len(branch.deposits.book) == 0
    assert branch.balance(branch.till) == 0


@pytest.mark.parametrize(
    ("status", "reason"),
    [(Status.APPROVED, VersionRefusal.UNPUBLISHED), (Status.WITHDRAWN, VersionRefusal.WITHDRAWN)],
)
def test_only_what_is_on_sale_is_opened(open_branch: OpenBranch, status: Status, reason: VersionRefusal) -> None:
    branch = open_branch(shelf(demand=status))
    assert because(branch.deposits.do(opening(branch, "demand", 0))) is reason


def test_an_opening_without_funds_leaves_nothing_behind(branch: Branch) -> None:
    poor = opened(branch, "demand", 1_00)
    refused = branch.deposits.do(opening(branch, "lump_sum", 100_00, months=3, funding=poor.account))
    assert because(refused) is Outcome.INSUFFICIENT_FUNDS
    assert len(branch.deposits.book) == 1
    count = branch.ledger.engine.core.columns.count
    assert branch.ledger.account(count - 1).flags & AccountFlag.CLOSED


def test_the_same_command_again_gets_the_same_answer(branch: Branch) -> None:
    command = opening(branch, "demand", 5_00)
    first = branch.deposits.do(command)
    assert branch.deposits.do(command) == first
    assert branch.balance(branch.till) == -5_00
    other = Close(id=command.id, contract=1)
    assert because(branch.deposits.do(other)) is ContractRefusal.ID_CONFLICT


def test_a_demand_deposit_is_closed_with_interest_to_the_day_before(branch: Branch) -> None:
    # 10,000.00 for 9 days (5 to 13 January) and 11,000.00 for one (14 January), at 0.50 % over 360:
    # 101,000.00 × 0.005 / 360 = 1.402777…, so 1.40.
    done = opened(branch, "demand", 10_000_00)
    branch.days_later(9)
    more = DepositMore(id=new(branch), contract=done.contract, amount_minor=1_000_00, funding=branch.till)
    assert branch.deposits.do(more).received_minor == 1_000_00
    branch.days_later(1)
    closed = branch.deposits.do(Close(id=new(branch), contract=done.contract))
    assert (closed.interest_minor, closed.tax_minor, closed.paid_minor) == (1_40, 0, 11_001_40)
    assert branch.balance(branch.purse) == 11_001_40
    assert branch.ledger.account(done.account).flags & AccountFlag.CLOSED
    assert branch.pool(2231, "demand") == 0
    assert branch.pool(6411, "demand") == -1_40
    again = branch.deposits.do(Close(id=new(branch), contract=done.contract))
    assert because(again) is ContractRefusal.CONTRACT_CLOSED


def test_drawing_from_a_demand_deposit_leaves_its_interest_until_it_is_settled(branch: Branch) -> None:
    # 36,000.00 for 10 days, then 18,000.00 for 10 days, at 0.50 % over 360: 5.00 and 2.50.
    opened(branch, "demand", 36_000_00)
    branch.days_later(10)
    drawn = branch.deposits.do(Withdraw(id=new(branch), contract=1, amount_minor=18_000_00))
    assert (drawn.interest_minor, drawn.paid_minor) == (0, 18_000_00)
    assert branch.deposits.book.row(1)["whole"][0] == 5_00 == branch.pool(2231, "demand")
    branch.days_later(10)
    assert branch.deposits.do(Close(id=new(branch), contract=1)).interest_minor == 7_50


def test_a_part_drawn_early_earns_the_demand_rate_and_the_rest_stays(branch: Branch) -> None:
    # 4,000.00 for 1 month and 10 days at 0.50 %: 4,000 × 0.005 × (1/12 + 10/360) = 2.2222…, so 2.22.
    done = opened(branch, "lump_sum", 10_000_00, months=3)
    branch.days_later(41)  # 15 February
    drawn = branch.deposits.do(Withdraw(id=new(branch), contract=1, amount_minor=4_000_00))
    assert (drawn.interest_minor, drawn.paid_minor) == (2_22, 4_002_22)
    row = branch.deposits.book.row(done.contract)
    assert branch.balance(done.account) == 6_000_00
    assert row["principal"][0] == 6_000_00
    assert row["flags"][0] & ContractFlag.DRAWN_EARLY
    # What is left has earned 6,000.00 × 1.50 % × 40/360 = 10.00, and that is what the bank owes.
    assert (row["whole"][0], row["remainder"][0]) == (10_00, 0)
    assert branch.pool(2231, "lump_sum") == 10_00
    assert branch.pool(6411, "lump_sum") == -12_22
    second = branch.deposits.do(Withdraw(id=new(branch), contract=1, amount_minor=1_000_00))
    assert because(second) is PartRefusal.EARLY_USED_UP
    branch.reopen()
    assert branch.deposits.book.row(done.contract) == row


def test_a_time_deposit_closed_early_earns_the_demand_rate(branch: Branch) -> None:
    opened(branch, "lump_sum", 10_000_00, months=3)
    branch.days_later(41)
    closed = branch.deposits.do(Withdraw(id=new(branch), contract=1, amount_minor=10_000_00))
    assert closed.kind == "close"
    assert closed.interest_minor == 5_56  # 10,000 × 0.005 × 40/360 = 5.5555…
    assert branch.pool(2231, "lump_sum") == 0
    assert branch.pool(6411, "lump_sum") == -5_56


def test_a_time_deposit_closed_at_maturity_earns_its_rate(branch: Branch) -> None:
    opened(branch, "lump_sum", 10_000_00, months=3)
    branch.days_later(90)
    closed = branch.deposits.do(Close(id=new(branch), contract=1))
    assert closed.interest_minor == 37_50  # 10,000 × 1.50 % × 3/12


def test_after_maturity_the_night_comes_first(branch: Branch) -> None:
    opened(branch, "lump_sum", 10_000_00, months=3)
    branch.days_later(91)
    assert because(branch.deposits.do(Close(id=new(branch), contract=1))) is ContractRefusal.NIGHT_BEHIND


def test_instalments_drawn_early_earn_from_the_day_they_were_paid_in(branch: Branch) -> None:
    # 100.00 for 40 days and 100.00 for 10 days at 0.50 %: 5,000.00 × 0.005 / 360 = 0.0694…, so 0.07.
    opened(branch, "save_monthly", 100_00, months=12, day_of_month=5)
    branch.days_later(30)
    more = branch.deposits.do(DepositMore(id=new(branch), contract=1, amount_minor=100_00, funding=branch.till))
    assert isinstance(more, Done)
    branch.days_later(10)
    closed = branch.deposits.do(Close(id=new(branch), contract=1))
    assert (closed.interest_minor, closed.paid_minor) == (7, 200_07)


def test_a_term_at_will_earns_by_the_time_held(branch: Branch) -> None:
    # 100 days, more than 3 months: 60 % of 1.50 %: 10,000 × 0.009 × 100/360 = 25.00.
    opened(branch, "at_will", 10_000_00)
    branch.days_later(100)
    assert branch.deposits.do(Close(id=new(branch), contract=1)).interest_minor == 25_00


@pytest.mark.parametrize(
    ("noticed", "wait", "amount", "interest"),
    [
        # 60,000.00 for 20 days at 1.20 %: 40.00; at the demand rate of 0.50 %: 16.67.
        (60_000_00, 10, 60_000_00, 40_00),
        (60_000_00, 11, 60_000_00, 17_50),  # a day late: 21 days at 0.50 %
        (60_000_00, 10, 50_000_00, 13_89),  # less than was noticed: 50,000.00
        (60_000_00, 10, 65_000_00, 41_39),  # 5,000.00 beyond it: 1.3888… more
        (None, 10, 60_000_00, 16_67),
    ],
)
def test_notice_kept_earns_the_notice_rate(
    branch: Branch, noticed: int | None, wait: int, amount: int, interest: int
) -> None:
    opened(branch, "notice_7d", 120_000_00)
    branch.days_later(10)
    if noticed is not None:
        due = branch.ledger.business_date + 10
        given = branch.deposits.do(GiveNotice(id=new(branch), contract=1, amount_minor=noticed, due_on=due))
        assert isinstance(given, Done)
    branch.days_later(wait)
    drawn = branch.deposits.do(Withdraw(id=new(branch), contract=1, amount_minor=amount))
    assert drawn.interest_minor == interest
    assert branch.balance(drawn.account) == 120_000_00 - amount


def test_a_notice_is_used_once(branch: Branch) -> None:
    opened(branch, "notice_7d", 200_000_00)
    due = branch.ledger.business_date + 7
    branch.deposits.do(GiveNotice(id=new(branch), contract=1, amount_minor=50_000_00, due_on=due))
    branch.days_later(7)
    first = branch.deposits.do(Withdraw(id=new(branch), contract=1, amount_minor=50_000_00))
    second = branch.deposits.do(Withdraw(id=new(branch), contract=1, amount_minor=50_000_00))
    assert first.interest_minor == 11_67  # 50,000 × 1.20 % × 7/360
    assert second.interest_minor == 4_86  # at 0.50 %


def test_a_notice_deposit_left_with_too_little_is_closed(branch: Branch) -> None:
    opened(branch, "notice_7d", 60_000_00)
    branch.days_later(1)
    drawn = branch.deposits.do(Withdraw(id=new(branch), contract=1, amount_minor=50_000_00))
    assert drawn.kind == "close"
    assert drawn.paid_minor == 60_000_83


NOTICES_REFUSED = [
    ("lump_sum", 50_000_00, 7, ContractRefusal.NOTICE_NOT_TAKEN),
    ("notice_7d", 0, 7, ContractRefusal.AMOUNT_NOT_POSITIVE),
    ("notice_7d", 60_000_01, 7, ContractRefusal.NOTICE_OVER_BALANCE),
    ("notice_7d", 50_000_00, 6, ContractRefusal.NOTICE_TOO_LATE),
]


@pytest.mark.parametrize(("code", "amount", "ahead", "reason"), NOTICES_REFUSED)
def test_a_notice_is_refused(branch: Branch, code: str, amount: int, ahead: int, reason: ContractRefusal) -> None:
    opened(branch, code, 60_000_00, months=3 if code == "lump_sum" else 0)
    command = GiveNotice(id=new(branch), contract=1, amount_minor=amount, due_on=MONDAY + ahead)
    assert because(branch.deposits.do(command)) is reason


def test_a_certificate_passes_to_another_person(branch: Branch) -> None:
    opened(branch, "certificate", 200_000_00, months=12)
    same = branch.deposits.do(TransferTo(id=new(branch), contract=1, holder="ada"))
    assert because(same) is ContractRefusal.SAME_HOLDER
    company = branch.deposits.do(TransferTo(id=new(branch), contract=1, holder="acme", is_company=True))
    assert because(company) is PartRefusal.TRANSFER_OTHER_KIND
    assert isinstance(branch.deposits.do(TransferTo(id=new(branch), contract=1, holder="bob")), Done)
    assert branch.deposits.holder(1) == "bob"


def test_a_demand_deposit_stays_with_its_holder(branch: Branch) -> None:
    opened(branch, "demand", 0)
    assert because(branch.deposits.do(TransferTo(id=new(branch), contract=1, holder="bob"))) is (
        PartRefusal.NOT_TRANSFERABLE
    )


def test_what_is_agreed_may_be_changed(branch: Branch) -> None:
    opened(branch, "lump_sum", 10_000_00, months=3)
    branch.deposits.do(Amend(id=new(branch), contract=1, linked=branch.till, auto_renew=True))
    branch.reopen()
    row = branch.deposits.book.row(1)
    assert row["linked"][0] == branch.till
    assert row["flags"][0] & ContractFlag.AUTO_RENEW
    assert because(branch.deposits.do(Amend(id=new(branch), contract=1))) is ContractRefusal.NOTHING_ASKED
    frozen = branch.deposits.do(Amend(id=new(branch), contract=1, rate=2_000_000))
    assert because(frozen) is ContractRefusal.RATE_NOT_NEGOTIABLE


def test_a_rate_negotiated_later_counts_from_that_day(branch: Branch) -> None:
    # 360,000.00 for 10 days at 0.50 %: 50.00; then 10 days at 1.20 %: 120.00.
    opened(branch, "corporate", 360_000_00, is_company=True)
    branch.days_later(10)
    assert isinstance(branch.deposits.do(Amend(id=new(branch), contract=1, rate=1_200_000)), Done)
    assert branch.pool(2231, "corporate") == 50_00
    branch.days_later(10)
    assert branch.deposits.do(Close(id=new(branch), contract=1)).interest_minor == 170_00


def test_a_rate_negotiated_of_an_agreement_deposit_counts_above_its_threshold_alone(branch: Branch) -> None:
    # 500,000.00 at 0.50 % and 360,000.00 at the 1.20 % agreed, 10 days: 69.44 and 120.00.
    opened(branch, "agreement", 860_000_00, is_company=True, rate=1_200_000)
    branch.days_later(10)
    assert branch.deposits.do(Close(id=new(branch), contract=1)).interest_minor == 69_44 + 120_00


def test_a_rate_agreed_anew_of_an_agreement_deposit_counts_from_that_day(branch: Branch) -> None:
    # What is above the threshold earns 1.00 % for 10 days, then 1.20 %: 100.00 and 120.00.
    opened(branch, "agreement", 860_000_00, is_company=True)
    branch.days_later(10)
    assert isinstance(branch.deposits.do(Amend(id=new(branch), contract=1, rate=1_200_000)), Done)
    branch.days_later(10)
    assert branch.deposits.do(Close(id=new(branch), contract=1)).interest_minor == 138_89 + 220_00


DRAWINGS_REFUSED = [
    ("nothing", 0, {}, ContractRefusal.AMOUNT_NOT_POSITIVE),
    ("more than there is", 100_000_00 + 1, {}, ContractRefusal.AMOUNT_OVER_BALANCE),
    ("to an unknown account", 1_000_00, {"payee": 99_999}, ContractRefusal.ACCOUNT_UNKNOWN),
    ("leaving too little", 99_990_00, {}, PartRefusal.TOO_LITTLE_LEFT),
]


@pytest.mark.parametrize(
    ("amount", "more", "reason"), [case[1:] for case in DRAWINGS_REFUSED], ids=[case[0] for case in DRAWINGS_REFUSED]
)
def test_a_drawing_is_refused(branch: Branch, amount: int, more: dict, reason: object) -> None:
    done = opened(branch, "lump_sum", 100_000_00, months=3)
    assert because(branch.deposits.do(Withdraw(id=new(branch), contract=1, amount_minor=amount, **more))) is reason
    assert branch.balance(done.account) == 100_000_00


def test_held_money_is_not_drawn(branch: Branch) -> None:
    done = opened(branch, "lump_sum", 100_000_00, months=3)
    assert branch.ledger.hold(debit=done.account, credit=branch.purse, amount_minor=1).posted
    assert because(branch.deposits.do(Close(id=new(branch), contract=1))) is ContractRefusal.MONEY_HELD


ONE_AMOUNT = [
    ("lump_sum", {"months": 3}),
    ("draw_monthly", {"months": 12}),
    ("interest_monthly", {"months": 12}),
    ("at_will", {}),
    ("notice_7d", {}),
]


@pytest.mark.parametrize(("code", "months"), ONE_AMOUNT)
def test_a_deposit_of_one_amount_takes_nothing_more(branch: Branch, code: str, months: dict[str, int]) -> None:
    opened(branch, code, 100_000_00, **months)
    more = DepositMore(id=new(branch), contract=1, amount_minor=1_00, funding=branch.till)
    assert because(branch.deposits.do(more)) is ContractRefusal.NO_FURTHER_DEPOSIT


def test_an_unknown_contract_is_refused(branch: Branch) -> None:
    assert because(branch.deposits.do(Close(id=new(branch), contract=1))) is ContractRefusal.CONTRACT_UNKNOWN


# --- in bulk


def bulk(branch: Branch) -> np.ndarray:
    rows = orders(300, version=branch.version("demand"))
    rows["version"][::3] = branch.version("lump_sum")
    rows["months"][::3] = np.tile([3, 6, 12, 3], 25)
    rows["principal"] = 10_000_00
    rows["branch"] = np.arange(300)
    return rows


def test_contracts_in_bulk_are_those_opened_one_by_one(branch: Branch) -> None:
    numbers = branch.deposits.open_contracts(bulk(branch), [f"party-{n}" for n in range(300)])
    assert numbers == range(1, 301)
    for place, months in ((0, 3), (3, 6), (1, 0)):
        one = opened(branch, "lump_sum" if months else "demand", 10_000_00, months=months, linked=0, branch=place)
        row, its = branch.deposits.book.row(one.contract), branch.deposits.book.row(place + 1)
        assert branch.deposits.holder(place + 1) == f"party-{place}"
        for name in row.dtype.names:
            if name not in ("contract", "account"):
                assert row[name] == its[name], name
        mine, other = branch.ledger.account(one.account), branch.ledger.account(int(its["account"][0]))
        assert (mine.gl_code, mine.product, mine.branch) == (other.gl_code, other.product, other.branch)
    branch.reopen()
    assert len(branch.deposits.book) == 303


def test_a_rate_of_an_order_is_agreed_within_the_same_bounds(branch: Branch) -> None:
    rows = orders(4, version=branch.version("corporate"))
    rows["flags"] = int(ContractFlag.COMPANY)
    rows["principal"] = 100_00
    rows["rate"][1:] = 1_500_000, 1_500_001, 1_500_001
    rows["flags"][3] = 0
    refused = branch.deposits.open_contracts(rows)
    assert isinstance(refused, RefusedOrders)
    assert [(order.place, order.refusal.because) for order in refused.orders] == [
        (2, ContractRefusal.RATE_OUT_OF_BOUNDS),
        (3, PartRefusal.COMPANIES_ONLY),
    ]
    assert branch.deposits.open_contracts(rows[:2]) == range(1, 3)


def test_one_wrong_order_and_none_is_opened(branch: Branch) -> None:
    rows = bulk(branch)
    rows["months"][6] = 7
    rows["flags"][10] = int(ContractFlag.COMPANY)
    refused = branch.deposits.open_contracts(rows)
    assert isinstance(refused, RefusedOrders)
    assert [(order.place, order.refusal.because) for order in refused.orders] == [
        (6, PartRefusal.TERM_NOT_OFFERED),
        (10, PartRefusal.PERSONS_ONLY),
    ]
    assert len(branch.deposits.book) == 0


def test_a_bulk_asked_for_twice_is_opened_once(branch: Branch) -> None:
    request = new(branch)
    first = branch.deposits.open_contracts(bulk(branch), request_id=request)
    assert branch.deposits.open_contracts(bulk(branch), request_id=request) == first
    assert len(branch.deposits.book) == 300


def test_accounts_that_are_there_may_be_put_on_a_product(branch: Branch) -> None:
    rows = orders(1, version=branch.version("agreement"))
    rows["account"], rows["opened"] = branch.purse, MONDAY - 100
    assert branch.deposits.open_contracts(rows, taken_over=True) == range(1, 2)
    row = branch.deposits.book.row(1)
    assert (row["account"][0], row["start"][0], row["through"][0]) == (branch.purse, MONDAY - 100, MONDAY - 100)
    assert branch.deposits.book.of_account(branch.purse) == 0
