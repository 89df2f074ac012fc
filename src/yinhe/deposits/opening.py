"""What is sold, to whom, at which price: checks and terms of new contracts, on columns. Pure."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import CONTRACT, NO_RATE, ContractFlag
from yinhe.deposits.commands import Open
from yinhe.deposits.errors import PartMissing
from yinhe.deposits.plans import OWN_ACCOUNT, Leg, NewAccount, Plan
from yinhe.deposits.refusals import ContractRefusal, Refusal
from yinhe.kernel.currency import currency
from yinhe.ledger.accounts import openings
from yinhe.products.catalogue import Catalogue
from yinhe.products.parts.amount import AmountPart, Moment
from yinhe.products.parts.base import Channel, Facts, Int64Column
from yinhe.products.parts.eligibility import Eligibility
from yinhe.products.parts.interest import Interest, Tiered
from yinhe.products.parts.interest_dated import AtWill
from yinhe.products.parts.ledger import LedgerMapping
from yinhe.products.parts.opening import Opening
from yinhe.products.parts.overdraft import Overdraft
from yinhe.products.parts.refusals import PartRefusal
from yinhe.products.parts.term import TermPart
from yinhe.products.pricing import may_agree, price
from yinhe.products.product import Product, TermRule
from yinhe.products.rates import RateBook
from yinhe.products.terms import RATE

CurrencyOf = Callable[[int], int | None]
"""The ISO 4217 number of an account's currency; None where there is no such open account."""


def facts_of(
    rows: NDArray[np.void],
    date: int,
    amounts: Sequence[int] | Int64Column,
    balances: Sequence[int] | Int64Column,
    channel: Channel,
) -> Facts:
    """What parts may know of contracts (dtype CONTRACT, shape (n,)); amounts and balances in minor units, (n,)."""
    flags = rows["flags"]
    return Facts(
        business_date=date,
        amount=np.asarray(amounts, np.int64),
        balance=np.asarray(balances, np.int64),
        months=rows["months"].copy(),
        days=rows["days"].copy(),
        opened=rows["opened"].copy(),
        is_company=flags & np.int32(ContractFlag.COMPANY) != 0,
        tier=rows["tier"].copy(),
        region=rows["region"].copy(),
        channel=np.full(len(rows), channel.value, np.int32),
        is_new_money=flags & np.int32(ContractFlag.NEW_MONEY) != 0,
    )


def refuse_version(catalogue: Catalogue, version: int, date: int) -> Refusal | None:
    """Why no deposit may be opened on a product version (its id in the catalogue) on a day."""
    refused = catalogue.refusal(version, date)
    if refused is not None:
        return Refusal(refused)
    # What no deposit is without; a loan has a mapping of its own.
    is_deposit = catalogue.product(version).one(LedgerMapping) is not None
    return None if is_deposit else Refusal(ContractRefusal.NOT_A_DEPOSIT)


def refuse_sale(product: Product, rows: NDArray[np.void], facts: Facts) -> Int64Column:
    """Why contracts may not be opened, int64[n] of `PartRefusal`, 0 where they may; the first reason of each."""
    codes = np.zeros(len(rows), np.int64)
    has_amount = facts.amount > 0
    found = [part.refuse(facts) for part in product.all(Eligibility)]
    asked = (part for part in product.all(AmountPart) if Moment.OPENING in part.moments)
    found += [np.where(has_amount, part.refuse(facts), 0) for part in asked]
    found += [part.refuse(facts) for part in product.all(Opening)]
    for reasons in found:
        codes = np.where(codes != 0, codes, reasons)
    term = product.one(TermPart)
    months, days = rows["months"].copy(), rows["days"].copy()
    offered = (months == 0) & (days == 0) if term is None else term.offers(rows["start"].copy(), months, days)
    return np.where((codes == 0) & ~offered, int(PartRefusal.TERM_NOT_OFFERED), codes).astype(np.int64)


def refuse_rate(product: Product, rate: int) -> Refusal | None:
    """Why a rate (1e-8 a year) may not be agreed for contracts of a product.

    A rate that is agreed takes the place of the product's one rate; of an agreement deposit, of the one above its
    threshold. It cannot stand for several tiers, nor for what is only known on the day of drawing.
    """
    if product.rule(RATE) is not TermRule.NEGOTIATE:
        return Refusal(ContractRefusal.RATE_NOT_NEGOTIABLE)
    if isinstance(product.one(Interest), Tiered | AtWill):
        return Refusal(ContractRefusal.RATE_NOT_ONE)
    return None if may_agree(product, RATE, rate) else Refusal(ContractRefusal.RATE_OUT_OF_BOUNDS)


def begin(product: Product, rates: RateBook, rows: NDArray[np.void], facts: Facts) -> None:
    """Work out what new contracts (dtype CONTRACT, one product) are agreed to have, in place.

    Their maturity, the price on top of every tier, the rate where it is kept, and an accrual that begins at `start`.
    Raises RateMissing.
    """
    term = product.one(TermPart)
    start, months, days = rows["start"].copy(), rows["months"].copy(), rows["days"].copy()
    rows["maturity"] = 0 if term is None else term.maturity(start, months, days)
    spread = price(product, rates, facts, facts.business_date).spread
    # What was negotiated is the whole price.
    rows["spread"] = np.where(rows["rate"] == NO_RATE, spread, 0)
    rows["flags"] |= np.int32(ContractFlag.OPEN)
    rows["through"] = rows["settled"] = start
    rows["whole"] = rows["remainder"] = 0
    freeze_rates(product, rates, rows)


def freeze_rates(product: Product, rates: RateBook, rows: NDArray[np.void]) -> None:
    """Set the rate of contracts that keep the one of the day they start on, in place; others and tiers follow.

    A rate that could be negotiated and was not is kept too where a term is agreed.
    """
    interest, rule = product.one(Interest), product.rule(RATE)
    if interest is None or rule is TermRule.FOLLOW or isinstance(interest, AtWill):
        return
    keeps = rows["rate"] == NO_RATE
    if rule is TermRule.NEGOTIATE:
        keeps &= rows["maturity"] != 0
    if not keeps.any():
        return
    terms = np.stack([rows[name][keeps] for name in ("start", "months", "days")], axis=1)
    kinds, kind = np.unique(terms, axis=0, return_inverse=True)
    found = np.full(len(kinds), NO_RATE, np.int64)
    for number, (start, months, days) in enumerate(kinds.tolist()):
        regime = interest.regimes(rates, start, start + 1, months, days)[0]
        if len(regime.rates) == 1:
            found[number] = regime.rates[0]
    rows["rate"][keeps] = found[kind.ravel()]


def mapping_of(product: Product) -> LedgerMapping:
    """The product's general-ledger codes. Raises PartMissing."""
    mapping = product.one(LedgerMapping)
    if mapping is None:
        raise PartMissing(f"The product {product.name} does not say which general-ledger codes it meets.")
    return mapping


def account_openings(product: Product, rows: NDArray[np.void], facts: Facts) -> NDArray[np.void]:
    """The accounts to open for new contracts of one product, dtype OPENING. Raises PartMissing."""
    overdraft = product.one(Overdraft)
    number, gl_code = currency(product.currency).number, mapping_of(product).principal
    accounts = openings(len(rows), currency=number, gl_code=gl_code, product=product.number)
    accounts["branch"] = rows["branch"]
    if overdraft is not None:
        accounts["floor"] = overdraft.floor(facts)
    return accounts


def _account_of(product: Product, row: NDArray[np.void], facts: Facts) -> NewAccount:
    account = account_openings(product, row, facts)
    names = ("currency", "gl_code", "product", "branch", "floor")
    return NewAccount(*(int(account[name][0]) for name in names))


def decide_open(command: Open, catalogue: Catalogue, date: int, number: int, currency_of: CurrencyOf) -> Plan | Refusal:
    """Open a contract with the given number; `date` is the business date. Raises RateMissing."""
    refused = _refuse_open(command, catalogue, date, currency_of)
    if refused is not None:
        return refused
    product, row = catalogue.product(command.version), _row_of(command, date, number)
    facts = facts_of(row, date, [command.amount_minor], [0], command.channel)
    code = int(refuse_sale(product, row, facts)[0])
    if code:
        return Refusal(PartRefusal(code))
    begin(product, catalogue.rates, row, facts)
    legs: tuple[Leg, ...] = ()
    if command.amount_minor:
        legs = (Leg(command.funding, OWN_ACCOUNT, command.amount_minor, TransferCode.OPENING),)
    account = _account_of(product, row, facts)
    return Plan(id=command.id, kind="open", row=row, legs=legs, account=account, holder=command.holder)


def _refuse_open(command: Open, catalogue: Catalogue, date: int, currency_of: CurrencyOf) -> Refusal | None:
    wrong = refuse_version(catalogue, command.version, date)
    if wrong is not None:
        return wrong
    product = catalogue.product(command.version)
    if not command.holder:
        return Refusal(ContractRefusal.HOLDER_MISSING)
    if command.amount_minor < 0:
        return Refusal(ContractRefusal.AMOUNT_NOT_POSITIVE)
    if command.amount_minor and not command.funding:
        return Refusal(ContractRefusal.FUNDING_MISSING)
    for account in (command.funding if command.amount_minor else 0, command.linked):
        its = currency_of(account) if account else currency(product.currency).number
        if its is None:
            return Refusal(ContractRefusal.ACCOUNT_UNKNOWN)
        if its != currency(product.currency).number:
            return Refusal(ContractRefusal.CURRENCY_DIFFERS)
    return None if command.rate == NO_RATE else refuse_rate(product, command.rate)


def _row_of(command: Open, date: int, number: int) -> NDArray[np.void]:
    row = np.zeros(1, CONTRACT)
    for name in ("version", "linked", "months", "days", "day_of_month", "branch", "region", "tier", "rate"):
        row[name] = getattr(command, name)
    row["contract"], row["opened"], row["start"], row["active"] = number, date, date, date
    row["principal"] = command.principal_minor or command.amount_minor
    flags = ContractFlag(0)
    for flag, is_set in (
        (ContractFlag.COMPANY, command.is_company),
        (ContractFlag.NEW_MONEY, command.is_new_money),
        (ContractFlag.AUTO_RENEW, command.auto_renew),
    ):
        flags |= flag if is_set else ContractFlag(0)
    row["flags"] = int(flags)
    return row
