"""What is decided before anything is posted: the tax on interest, and whose rate a contract keeps."""

import datetime as dt
import uuid

import msgspec
import numpy as np
import pytest
from tests.property.closeday.paper import made
from tests.unit.deposits.shelf import product, rates

from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import CONTRACT, NO_RATE, ContractFlag
from yinhe.deposits.commands import Close, DepositMore, Withdraw
from yinhe.deposits.decide import PoolAccounts, Standing, decide_close, decide_deposit, decide_withdraw
from yinhe.deposits.opening import freeze_rates, refuse_rate
from yinhe.deposits.plans import OWN_ACCOUNT, Leg, Plan
from yinhe.deposits.refusals import ContractRefusal, Refusal
from yinhe.kernel.currency import currency
from yinhe.kernel.money import Money
from yinhe.kernel.rates import Rate
from yinhe.products.parts.fee import FeeEvent, FlatFee
from yinhe.products.parts.tax import Tax, TaxStep, Withholding
from yinhe.products.product import Product, Term, TermRule

CNY = currency("CNY")
ID = uuid.UUID(int=1)
PAYABLE, EXPENSE, TAX, PAYEE, DAY = 31, 32, 33, 34, 20_458


def closing(flags: ContractFlag = ContractFlag.OPEN) -> Plan:
    """1,000.00 with 10.00 accrued, of which 8.00 are in the books, closed where 20 % of interest goes in tax."""
    demand = product("demand")
    taxed = Withholding(steps=(TaxStep(effective=dt.date(2000, 1, 1), rate=Rate(20_000_000)),))
    parts = tuple(taxed if isinstance(part, Tax) else part for part in demand.parts)
    plan = decide_close(Close(id=ID, contract=1), standing(msgspec.structs.replace(demand, parts=parts), flags))
    assert isinstance(plan, Plan)
    return plan


def standing(of: Product, flags: ContractFlag = ContractFlag.OPEN) -> Standing:
    row = np.zeros(1, CONTRACT)
    row["contract"], row["account"], row["linked"], row["flags"], row["rate"] = 1, 7, PAYEE, int(flags), NO_RATE
    row["whole"] = 10_00
    return Standing(
        date=DAY,
        rates=rates(),
        product=of,
        row=row,
        posted_whole=8_00,
        balance_minor=1_000_00,
        held_minor=0,
        balance_on=lambda _: 1_000_00,
        pools=PoolAccounts(PAYABLE, EXPENSE, TAX),
    )


@pytest.mark.parametrize("event", [FeeEvent.DEPOSIT, FeeEvent.WITHDRAWAL, FeeEvent.TRANSFER])
def test_what_a_fee_is_charged_for_is_left_to_the_day_that_charges_it(event: FeeEvent) -> None:
    demand = product("demand")
    charged = standing(
        msgspec.structs.replace(demand, parts=(*demand.parts, FlatFee(event=event, charge=Money(1, CNY))))
    )
    answers = {
        FeeEvent.DEPOSIT: decide_deposit(DepositMore(id=ID, contract=1, amount_minor=5_00, funding=PAYEE), charged),
        FeeEvent.WITHDRAWAL: decide_withdraw(Withdraw(id=ID, contract=1, amount_minor=5_00), charged),
    }
    for of, answer in answers.items():
        refused = isinstance(answer, Refusal) and answer.because is ContractRefusal.CHARGED_BY_TRANSFER
        assert refused is (of is event)
        assert refused or isinstance(answer, Plan)


def test_the_tax_is_taken_from_the_interest_and_the_rest_is_paid_out() -> None:
    assert closing().legs == (
        Leg(EXPENSE, PAYABLE, 2_00, TransferCode.INTEREST_ACCRUED),
        Leg(PAYABLE, OWN_ACCOUNT, 10_00, TransferCode.INTEREST),
        Leg(OWN_ACCOUNT, TAX, 2_00, TransferCode.INTEREST_TAX),
        Leg(OWN_ACCOUNT, PAYEE, 1_008_00, TransferCode.CLOSING),
    )


def test_a_company_pays_no_tax_on_savings() -> None:
    assert closing(ContractFlag.OPEN | ContractFlag.COMPANY).legs[-1].amount_minor == 1_010_00


KEPT = [
    # product, maturity, rate it keeps
    ("lump_sum", 20_548, 1_500_000),
    ("demand", 0, NO_RATE),
    ("corporate", 0, NO_RATE),  # negotiable, and nothing was negotiated: it follows
    ("corporate", 20_548, 500_000),  # … but for a term
    ("at_will", 0, NO_RATE),
]


@pytest.mark.parametrize(("code", "maturity", "rate"), KEPT)
def test_whose_rate_a_contract_keeps(code: str, maturity: int, rate: int) -> None:
    row = np.zeros(1, CONTRACT)
    row["rate"], row["start"], row["maturity"], row["months"] = NO_RATE, DAY, maturity, 3
    freeze_rates(product(code), rates(), row)
    assert row["rate"][0] == rate


def test_a_rate_negotiated_is_kept_as_it_is() -> None:
    row = np.zeros(1, CONTRACT)
    row["rate"], row["start"], row["maturity"], row["months"] = 1_234_567, DAY, 20_548, 3
    freeze_rates(product("lump_sum"), rates(), row)
    assert row["rate"][0] == 1_234_567


TIERS = (
    'part = "interest.tiered_slice"\ntiers = [{at_least = "0.00 CNY", rate = "1%"}, '
    '{at_least = "9.00 CNY", rate = "2%"}]'
)
AT_WILL = 'part = "interest.at_will"\ndemand = "0.1%"\nladder = [{held = "3 months", rate = "1%"}]'


@pytest.mark.parametrize("interest", [TIERS, AT_WILL])
def test_one_rate_is_not_agreed_for_several(interest: str) -> None:
    terms = (Term(name="rate", rule=TermRule.NEGOTIATE, least=0, most=3_000_000),)
    refused = refuse_rate(msgspec.structs.replace(made(interest), terms=terms), 1_000_000)
    assert refused is not None
    assert refused.because is ContractRefusal.RATE_NOT_ONE
