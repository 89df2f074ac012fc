"""Instalments and standing orders that fall due the next day."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np

from yinhe.closeday.facts import Facts, Plan, Posting
from yinhe.closeday.identity import KEY_MAX
from yinhe.closeday.steps.recall import with_recalls
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.columns import NO_RATE
from yinhe.ledger.batch import TRANSFER
from yinhe.products.parts.base import Int64Column
from yinhe.products.parts.instalment import Instalment, InterestMonthly


def decide(facts: Facts) -> Plan:
    """Move each instalment between the contract and its linked account, and carry out the orders."""
    rows, day = facts.book.rows, facts.date + 1
    postings: list[np.ndarray] = [np.zeros(0, TRANSFER)]
    count = 0
    for version, places in facts.book.by_version().items():
        part = facts.product(version).one(Instalment)
        # Interest drawn monthly is settled, not moved: see `settle`.
        if part is None or isinstance(part, InterestMonthly):
            continue
        start, months = rows["start"][places], rows["months"][places]
        due = places[part.is_due(day, start, months) & (start < day) & (rows["linked"][places] != 0)]
        if len(due):
            postings.append(_moved(facts, part, due, day))
            count += len(due)
    orders = facts.orders
    postings.append(
        facts.transfers(
            Posting.STANDING_ORDER,
            np.array([order.id.int & KEY_MAX for order in orders], np.int64),
            np.array([order.from_account for order in orders], np.int64),
            np.array([order.to_account for order in orders], np.int64),
            np.array([order.amount_minor for order in orders], np.int64),
            TransferCode.STANDING_ORDER,
        )
    )
    moved = np.concatenate(postings)
    figures = {"instalments": count, "standing_orders": len(orders), "asked_minor": int(moved["amount"].sum())}
    return Plan(postings=with_recalls(facts, moved), orders=tuple(order.id for order in orders), figures=figures)


def unpaid_orders(orders: Sequence[UUID], wanting: Sequence[np.ndarray]) -> tuple[UUID, ...]:
    """Which standing orders are among the postings (dtype TRANSFER) there was no money for."""
    keys = {
        int(key) & KEY_MAX
        for rows in wanting
        for key in rows["txn_lo"][rows["code"] == TransferCode.STANDING_ORDER.code].tolist()
    }
    return tuple(order for order in orders if order.int & KEY_MAX in keys)


def _moved(facts: Facts, part: Instalment, due: Int64Column, day: int) -> np.ndarray:
    rows = facts.book.rows[due]
    number = part.done(day, rows["start"], rows["months"])
    rate = np.where(rows["rate"] == NO_RATE, 0, rows["rate"])
    amounts = part.amount(number, rows["months"], rows["principal"], rate)
    account, linked = rows["account"].astype(np.int64), rows["linked"].astype(np.int64)
    debit, credit = np.where(amounts > 0, linked, account), np.where(amounts > 0, account, linked)
    return facts.transfers(
        Posting.INSTALMENT, rows["contract"], debit, credit, np.abs(amounts), TransferCode.INSTALMENT
    )
