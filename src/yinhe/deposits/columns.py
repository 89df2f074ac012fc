"""Deposit contracts as columns: what the night reads and writes of each, grouped by product version.

A contract's number is its place: contracts are numbered 1, 2, 3, … as they are opened, and never renumbered.
"""

from enum import IntFlag
from typing import Final

import numpy as np

CONTRACT: Final = np.dtype(
    [
        ("contract", np.int64),
        ("whole", np.int64),  # accrued and not posted, in minor units …
        ("remainder", np.int64),  # … and parts of D = basis_days * 10^8
        ("rate", np.int64),  # 1e-8 a year, frozen or negotiated; NO_RATE where the contract follows the product
        ("spread", np.int64),  # 1e-8, priced at opening, on top of every tier
        ("account", np.int32),  # the principal's account, an index of the ledger
        ("through", np.int32),  # interest has accrued for the days before this one …
        ("settled", np.int32),  # … and since this one: the day after the last settlement, or `start`
        ("flags", np.int32),  # ContractFlag
        ("linked", np.int32),  # where interest and principal go, and money is swept; 0 for none
        ("version", np.int32),  # the product version's id in the catalogue
        ("opened", np.int32),  # days since 1970-01-01
        ("start", np.int32),  # from when interest counts: the opening, or the last renewal
        ("maturity", np.int32),  # 0 for none
        ("months", np.int32),  # the term agreed, in months; 0 for none
        ("days", np.int32),  # the term agreed, in days; 0 for none
        ("day_of_month", np.int32),  # of instalments; 0 for none
        ("branch", np.int32),
        ("region", np.int32),
        ("tier", np.int32),
        ("active", np.int32),  # the last business date on which its customer moved it
        ("closed", np.int32),  # the business date of closing; 0 while open
        ("principal", np.int64),  # minor units agreed: the time deposit's, or one instalment's
        ("kept", np.int64),  # minor units that earn the agreed rate once a saver has broken the plan (BROKEN) …
        ("missed", np.int32),  # … and how many instalments were not there at the end of their interval
    ],
    align=True,
)
"""One deposit contract: 136 bytes, what every night touches in the first 64."""

NO_RATE: Final = -(2**63)
"""In `rate`: the contract follows the rates of its product."""


class ContractFlag(IntFlag):
    """What else is agreed or has happened."""

    OPEN = 1
    AUTO_RENEW = 2
    DORMANT = 4
    COMPANY = 8
    NEW_MONEY = 16
    DRAWN_EARLY = 32
    """A part was withdrawn before maturity once; many products allow no second time."""
    MATURED = 64
    """Past its maturity, not renewed: earns the demand rate."""
    BROKEN = 128
    """Instalments were missed and not made good: what is paid in later earns the lower rate."""
