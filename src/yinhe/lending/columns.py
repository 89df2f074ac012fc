"""Loans as columns: what the night reads and writes of each, and what of it has fallen due and is not paid.

A loan's number is its place: loans are numbered 1, 2, 3, … as they are agreed, and never renumbered. Amounts are minor
units and zero or above: that a loan is an asset shows in the sign of its accounts, not here.
"""

from enum import IntFlag
from typing import Final

import numpy as np

LOAN: Final = np.dtype(
    [
        ("loan", np.int64),
        ("undue", np.int64),  # principal that has not fallen due
        ("whole", np.int64),  # interest of the running period, not due yet: minor units …
        ("remainder", np.int64),  # … and parts of D = basis_days * 10^8
        ("rate", np.int64),  # 1e-8 a year, now
        ("penalty_whole", np.int64),  # penalty interest on principal past its due date, accrued and not charged
        ("penalty_remainder", np.int64),
        ("compound_whole", np.int64),  # interest at the penalty rate on interest past its due date, not charged
        ("compound_remainder", np.int64),
        ("through", np.int32),  # interest has accrued for the days before this one
        ("since", np.int32),  # the first day of the running period
        ("next_due", np.int32),  # when the next instalment falls due, of a card its next statement is made; 0 for none
        ("flags", np.int32),  # LoanFlag
        ("version", np.int32),  # the product version's id in the catalogue
        ("penalty", np.int64),  # charged and not paid
        ("compound", np.int64),
        ("fee", np.int64),
        ("payment", np.int64),  # the level payment; 0 where there is none
        ("base", np.int64),  # the principal that instalments are worked out of: what was lent, until it is changed
        ("limit", np.int64),  # what was agreed: drawn in all, or owed at once on a line
        ("lent", np.int64),  # what has been drawn
        ("margin", np.int64),  # 1e-8, agreed on top of the product's rate
        ("allowance", np.int64),  # set aside for its loss
        ("account", np.int32),  # the principal's account, an index of the ledger
        ("receivable", np.int32),  # the account of what is due beside principal
        ("linked", np.int32),  # where instalments are collected from
        ("agreed", np.int32),  # days since 1970-01-01
        ("start", np.int32),  # the first drawing; 0 for none yet
        ("maturity", np.int32),
        ("months", np.int32),  # the term, from `start`
        ("drawings", np.int32),  # how often something was drawn
        ("number", np.int32),  # instalments fallen due so far
        ("next_reset", np.int32),  # the next day on which the rate is set anew; 0 for never
        ("overdue_since", np.int32),  # the due date of the oldest instalment unpaid; 0 for none
        ("grade", np.int32),  # products.parts.classification.Grade; 0 before the first night
        ("stage", np.int32),  # of the loss allowance: 1, 2, 3
        ("branch", np.int32),
        ("region", np.int32),
        ("closed", np.int32),  # the business date of the last payment; 0 while open
        ("arranged", np.int32),  # the day it was last arranged anew; 0 for never
        ("arrangements", np.int32),  # how often it was
        ("extended", np.int32),  # by how many months in all
        ("written_off", np.int64),  # given up in the books and still claimed
    ],
    align=True,
)
"""One loan; what every night touches comes first."""

ITEM: Final = np.dtype(
    [
        ("loan", np.int64),
        ("number", np.int32),
        ("due", np.int32),
        ("principal", np.int64),  # as it fell due
        ("interest", np.int64),
        ("principal_left", np.int64),  # of that, what is not paid
        ("interest_left", np.int64),
        ("paid", np.int32),  # the day on which nothing was left; 0 before
    ],
    align=True,
)
"""An instalment that has fallen due; of a card the minimum of a statement, from the billing day on."""

PLANS_MAX: Final = 8
"""Most instalment plans that run on one card at a time."""

CARD: Final = np.dtype(
    [
        ("loan", np.int64),
        ("bought", np.int64),  # owed of purchases since the last statement that bear no interest so far
        ("bought_whole", np.int64),  # the interest they bear if their statement is not paid whole: minor units …
        ("bought_remainder", np.int64),  # … and parts of D = basis_days * 10^8
        ("advanced", np.int64),  # owed of what was drawn since the last statement and bears interest from its day
        ("billed", np.int64),  # owed of purchases on the last statement that bear no interest so far
        ("billed_whole", np.int64),
        ("billed_remainder", np.int64),
        ("planned", np.int64),  # principal in instalment plans that has not come on a statement
        ("fees", np.int64),  # to be charged with the next statement
        ("charged", np.int64),  # all fees charged with statements so far
        ("left", np.int64),  # of the last statement, what is not paid
        ("balance", np.int64),  # the last statement: all that was owed on it …
        ("minimum", np.int64),
        ("interest", np.int64),  # … and of that the interest and the fees charged with it
        ("fee", np.int64),
        ("number", np.int32),  # statements so far
        ("closed", np.int32),  # its billing day; 0 for no statement yet
        ("due", np.int32),
        ("paid", np.int32),  # the day on which nothing of it was left; 0 before
        ("plan_amount", np.int64, (PLANS_MAX,)),  # of each instalment plan; 0 for a free place
        ("plan_count", np.int32, (PLANS_MAX,)),
        ("plan_done", np.int32, (PLANS_MAX,)),  # instalments that have come on a statement
    ],
    align=True,
)
"""What a card has beside a loan, from its first drawing on."""


class LoanFlag(IntFlag):
    """What else is agreed or has happened."""

    OPEN = 1
    COMPANY = 2
    REVOLVING = 4
    """What is repaid may be drawn again."""
    BLOCKED = 8
    """No drawing and no repayment before it is due, by order."""
    NON_ACCRUAL = 16
    """Its interest is followed off the balance sheet."""
    MISUSED = 32
    """Funds went elsewhere than agreed: the misuse rate applies to all of it."""
    WRITTEN_OFF = 64
    RESTRUCTURED = 128
    IMPAIRED = 256
    """A person has found it impaired, whatever its days past due."""
    PAYS_WHOLE = 512
    """On the due day of a statement the whole of it is collected, not the minimum."""
