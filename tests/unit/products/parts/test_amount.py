"""How much may be paid in and drawn, who may open, and how contracts begin and end."""

import datetime as dt

import numpy as np
import pytest

from yinhe.products.parts import amount, closing, eligibility, opening, transfer
from yinhe.products.parts.base import Channel
from yinhe.products.parts.refusals import PART_REASONS, PartRefusal

from .specimens import counts, day, days, facts, fen, yuan

LARGE = amount.OpeningAmount(least=yuan("200000"), step=yuan("10000"), most=yuan("1000000"))


def refused(part, **columns):
    return PartRefusal(int(part.refuse(facts(**columns))[0])).name


@pytest.mark.parametrize(
    ("part", "paid", "balance", "refusal"),
    [
        (LARGE, "199999.99", "0", "UNDER_MINIMUM"),
        (LARGE, "200000", "0", "NONE"),
        (LARGE, "205000", "0", "OFF_STEP"),
        (LARGE, "210000", "0", "NONE"),
        (LARGE, "1000000", "0", "NONE"),
        (LARGE, "1010000", "0", "OVER_MAXIMUM"),
        (amount.OpeningAmount(least=yuan("5"), step=yuan("10")), "25", "0", "NONE"),
        (amount.OpeningAmount(least=yuan("5"), step=yuan("10")), "20", "0", "OFF_STEP"),
        (amount.DepositAmount(least=yuan("10"), step=yuan("10")), "20", "0", "NONE"),
        (amount.DepositAmount(least=yuan("10"), step=yuan("10")), "25", "0", "OFF_STEP"),
        (amount.DepositAmount(least=yuan("10")), "9.99", "0", "UNDER_MINIMUM"),
        (amount.DepositAmount(), "0.01", "0", "NONE"),
        (amount.WithdrawalAmount(least=yuan("50000")), "49999", "60000", "UNDER_MINIMUM"),
        (amount.WithdrawalAmount(least=yuan("50000")), "40000", "40000", "NONE"),
        (amount.WithdrawalAmount(most=yuan("50000")), "50001", "60000", "OVER_MAXIMUM"),
        (amount.BalanceMost(most=yuan("100")), "40", "60", "NONE"),
        (amount.BalanceMost(most=yuan("100")), "40.01", "60", "BALANCE_OVER_MAXIMUM"),
        (amount.BalanceLeast(least=yuan("100")), "900", "1000", "NONE"),
        (amount.BalanceLeast(least=yuan("100")), "900.01", "1000", "BALANCE_UNDER_MINIMUM"),
        (amount.BalanceLeast(least=yuan("100")), "1000", "1000", "NONE"),
    ],
)
def test_an_amount_keeps_its_bounds_and_steps(part, paid, balance, refusal):
    assert refused(part, amount=fen(yuan(paid).amount_minor), balance=fen(yuan(balance).amount_minor)) == refusal


def test_bounds_that_cross_are_found():
    assert amount.DepositAmount(least=yuan("2"), most=yuan("1")).problems()
    assert not amount.DepositAmount(least=yuan("1"), most=yuan("1")).problems()


def test_a_sale_may_be_one_day_and_not_end_before_it_begins():
    one, other = dt.date(2026, 1, 1), dt.date(2026, 1, 2)
    assert not eligibility.SalesPeriod(first=one, last=one).problems()
    assert eligibility.SalesPeriod(first=other, last=one).problems()


YES, NO = np.array([True]), np.array([False])
SALE = eligibility.SalesPeriod(first=dt.date(2026, 1, 1), last=dt.date(2026, 1, 5))


@pytest.mark.parametrize(
    ("part", "columns", "refusal"),
    [
        (eligibility.PersonsOnly(), {"is_company": NO}, "NONE"),
        (eligibility.PersonsOnly(), {"is_company": YES}, "PERSONS_ONLY"),
        (eligibility.CompaniesOnly(), {"is_company": YES}, "NONE"),
        (eligibility.CompaniesOnly(), {"is_company": NO}, "COMPANIES_ONLY"),
        (eligibility.CustomerTier(least=3), {"tier": counts(2)}, "CUSTOMER_TIER"),
        (eligibility.CustomerTier(least=3), {"tier": counts(3)}, "NONE"),
        (eligibility.Regions(regions=(3, 11)), {"region": counts(11)}, "NONE"),
        (eligibility.Regions(regions=(3, 11)), {"region": counts(4)}, "REGION"),
        (eligibility.Channels(channels=(Channel.MOBILE,)), {"channel": counts(3)}, "NONE"),
        (eligibility.Channels(channels=(Channel.MOBILE,)), {"channel": counts(1)}, "CHANNEL"),
        (eligibility.NewMoneyOnly(), {"is_new_money": YES}, "NONE"),
        (eligibility.NewMoneyOnly(), {"is_new_money": NO}, "NEW_MONEY_ONLY"),
        (SALE, {"business_date": day("2025-12-31")}, "NOT_ON_SALE"),
        (SALE, {"business_date": day("2026-01-01")}, "NONE"),
        (SALE, {"business_date": day("2026-01-05")}, "NONE"),
        (SALE, {"business_date": day("2026-01-06")}, "NOT_ON_SALE"),
        (opening.WithDeposit(), {"amount": fen(0)}, "FIRST_DEPOSIT_MISSING"),
        (opening.WithDeposit(), {"amount": fen(1)}, "NONE"),
        (opening.OrEmpty(), {"amount": fen(0)}, "NONE"),
        (opening.Empty(), {"amount": fen(0)}, "NONE"),
        (opening.Empty(), {"amount": fen(1)}, "FIRST_DEPOSIT_LATER"),
        (closing.AnyTime(), {"balance": fen(5)}, "NONE"),
        (closing.EmptyOnly(), {"balance": fen(5)}, "NOT_EMPTY"),
        (closing.EmptyOnly(), {"balance": fen(0)}, "NONE"),
        (closing.AfterDays(days=4), {"opened": days("2026-01-02")}, "TOO_SOON_TO_CLOSE"),
        (closing.AfterDays(days=4), {"opened": days("2026-01-01")}, "NONE"),
    ],
)
def test_a_part_refuses_whom_it_is_not_for(part, columns, refusal):
    assert refused(part, **columns) == refusal


def test_only_a_certificate_closes_by_itself_when_all_is_drawn():
    assert closing.WhenDrawn().by_itself(fen(0, 1)).tolist() == [True, False]
    assert closing.AnyTime().by_itself(fen(0, 1)).tolist() == [False, False]


HELD = transfer.Whole(held_days=30)


@pytest.mark.parametrize(
    ("part", "opened", "from_company", "to_company", "refusal"),
    [
        (HELD, "2025-12-06", False, False, "NONE"),
        (HELD, "2025-12-07", False, False, "TRANSFER_TOO_SOON"),
        (HELD, "2025-12-06", False, True, "TRANSFER_OTHER_KIND"),
        (HELD, "2025-12-06", True, True, "NONE"),
        (transfer.Whole(same_kind=False), "2026-01-05", True, False, "NONE"),
        (transfer.NotTransferable(), "2020-01-01", False, False, "NOT_TRANSFERABLE"),
    ],
)
def test_a_certificate_passes_to_a_holder_of_the_same_kind(part, opened, from_company, to_company, refusal):
    held = facts(opened=days(opened), is_company=np.array([from_company]))
    assert PartRefusal(int(part.refuse(held, np.array([to_company]))[0])).name == refusal


def test_every_refusal_can_be_read_in_two_languages():
    assert set(PART_REASONS) == set(PartRefusal)
    assert len({reason for reason, _ in PART_REASONS.values()}) == len(PartRefusal)
    assert len({reason for _, reason in PART_REASONS.values()}) == len(PartRefusal)
