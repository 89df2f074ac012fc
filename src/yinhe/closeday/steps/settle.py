"""Settle: interest that is due is rounded once, credited, and the next period begins."""

import numpy as np

from yinhe.closeday.facts import Facts, Plan, Posting, mapping_of, net_transfers
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.interest import begin_period, last_settled, settlement_amounts, withheld
from yinhe.ledger.batch import TRANSFER, Flag
from yinhe.products.parts.accrual import Accrual
from yinhe.products.parts.base import Int64Column
from yinhe.products.parts.instalment import InterestMonthly
from yinhe.products.parts.settlement import Settlement
from yinhe.products.product import Product

UNCLAIMED: int = 2241
"""Other payables: where interest goes that its contract's account cannot take."""


def decide(facts: Facts) -> Plan:
    """Credit what is due after the day, from interest payable; the rest is carried or given up."""
    rows = facts.book.rows
    postings: list[np.ndarray] = [np.zeros(0, TRANSFER)]
    kept: list[Int64Column] = [np.zeros(0, np.int64)]
    rests: dict[int, tuple[Product, int]] = {}
    settled = paid = taxed = 0
    for version, places in facts.book.by_version().items():
        product = facts.product(version)
        due = _due(facts, product, places)
        accrual = product.one(Accrual)
        if accrual is None or not len(due):
            continue
        amounts = settlement_amounts(rows[due], product, facts.date)
        taxes = withheld(product, amounts, rows["flags"][due], facts.date)
        postings.append(_credits(facts, product, due, amounts, taxes))
        rest = begin_period(rows, due, amounts, accrual, facts.date + 1)
        _, before = rests.get(product.number, (product, 0))
        rests[product.number] = (product, before + rest)
        settled, paid, taxed = settled + len(due), paid + int(amounts.sum()), taxed + int(taxes.sum())
        if accrual.carry:
            kept.append(due)
    postings.append(net_transfers(facts, Posting.SETTLEMENT_REST, rests, TransferCode.INTEREST_ACCRUED))
    figures = {"contracts": settled, "interest_minor": paid, "tax_minor": taxed}
    return Plan(postings=np.concatenate(postings), accruals=np.concatenate(kept), figures=figures)


def _due(facts: Facts, product: Product, places: Int64Column) -> Int64Column:
    """The contracts whose settlement pays up to and including the day."""
    rows = facts.book.rows
    # A contract opened since the cut-off has no interest of the day yet.
    places = places[rows["through"][places] == facts.date + 1]
    if product.one(Settlement) is None and product.one(InterestMonthly) is None:
        return places[:0]
    return places[last_settled(product, facts.date, rows[places]) == facts.date]


def _credits(facts: Facts, product: Product, due: Int64Column, amounts: Int64Column, taxes: Int64Column) -> np.ndarray:
    """Interest to each contract's account; where tax is withheld, a second leg takes it in the same transaction."""
    rows, mapping = facts.book.rows, mapping_of(product)
    contracts, accounts = rows["contract"][due], rows["account"][due].astype(np.int64)
    payable = facts.pool(product, mapping.payable)
    legs = [facts.transfers(Posting.SETTLEMENT, contracts, payable, accounts, amounts, TransferCode.INTEREST)]
    if taxes.any():
        tax_payable = facts.pool(product, mapping.tax_payable)
        legs.append(
            facts.transfers(Posting.SETTLEMENT, contracts, accounts, tax_payable, taxes, TransferCode.INTEREST_TAX)
        )
    if product.one(InterestMonthly) is not None:
        linked = rows["linked"][due].astype(np.int64)
        out = np.where(linked != 0, amounts - taxes, 0)
        legs.append(facts.transfers(Posting.SETTLEMENT, contracts, accounts, linked, out, TransferCode.INSTALMENT))
    return joined(legs)


def joined(legs: list[np.ndarray]) -> np.ndarray:
    """The legs of each transaction (those of one id, in the order of the list) put together and linked."""
    if len(legs) == 1:
        return legs[0]
    rows = np.concatenate(legs)
    rows = rows[np.argsort(rows["txn_lo"], kind="stable")]
    follows = rows["txn_lo"][1:] == rows["txn_lo"][:-1]
    first = np.concatenate([[True], ~follows])
    starts = np.maximum.accumulate(np.where(first, np.arange(len(rows)), 0))
    rows["leg"] = np.arange(len(rows)) - starts
    rows["flags"][:-1][follows] |= np.uint16(Flag.LINKED)
    return rows


def remedy(facts: Facts, refused: np.ndarray) -> np.ndarray:
    """What goes to unclaimed interest instead: the settlements (dtype TRANSFER) whose account could not take them."""
    lost = refused[refused["code"] == TransferCode.INTEREST.code]
    postings: list[np.ndarray] = [np.zeros(0, TRANSFER)]
    for version, places in facts.book.by_version().items():
        product = facts.product(version)
        ours = lost[np.isin(lost["credit"], facts.book.rows["account"][places])]
        contracts = facts.book.rows["contract"][facts.book.of_accounts(ours["credit"])]
        postings.append(
            facts.transfers(
                Posting.SETTLEMENT_UNCLAIMED,
                contracts,
                facts.pool(product, mapping_of(product).payable),
                facts.pool(product, UNCLAIMED),
                ours["amount"],
                TransferCode.INTEREST,
            )
        )
    return np.concatenate(postings)
