"""Who is in the sample bank: households with wallets, savings and foreign money, merchants, employers, the bank itself.

Nobody has a name: an account is a number, and who holds it is one. Account classes and limits follow the rules on
personal bank accounts (人民银行 银发〔2016〕302号, 银发〔2018〕16号): a class-III account (here: wallet) holds at most
2,000 yuan and pays at most 2,000 yuan a day.
"""

from enum import IntEnum
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.demo.names import GeneralLedger, Reason
from yinhe.kernel.ids import IdSource
from yinhe.ledger.accounts import OPENING, openings
from yinhe.ledger.batch import columns_of
from yinhe.ledger.columns import AMOUNT_MAX

CNY: Final = 156
EUR: Final = 978
USD: Final = 840

LANES: Final = 8
"""Threads of online clients; what one household does always goes through the same one, in order."""
DAYS_MAX: Final = 31
ACCOUNTS_MIN: Final = 1_000
ACCOUNTS_MAX: Final = 5_000_000

WALLET_MAX: Final = 2_000_00
LIMIT_DAILY: Final = 50_000_00
SWEEP_LIMIT_DAILY: Final = 5_000_000_00
"""Of accounts that the night sweeps: what it moves counts as well."""
ZIPF_EXPONENT: Final = 1.05
"""Of custom among merchants: the first takes some per cent of all payments."""

REGULAR: Final = 0
STOPPED: Final = 1
FROZEN: Final = 2
LEAVING: Final = 3
"""Places in a lane: its busiest household, one that may not be debited, one that may not be credited, and from here on
the households that close their account, one a day."""


class Product(IntEnum):
    """What an account is, by the number of its product; 0 for the bank's own."""

    OWN = 0
    HOUSEHOLD = 1001
    AGREEMENT = 1010
    CORPORATE = 1011
    SWEPT = 1012
    SAVINGS = 1013
    DOLLARS = 1014
    EUROS = 9001


class Own(NamedTuple):
    """The bank's own accounts, by index."""

    cash: int
    central_bank: int
    clearing: int
    position: int
    capital: int
    fees: int
    banks_eur: int
    position_eur: int
    banks_usd: int
    position_usd: int


_OWN: Final = (
    (CNY, GeneralLedger.CASH),
    (CNY, GeneralLedger.CENTRAL_BANK),
    (CNY, GeneralLedger.CLEARING),
    (CNY, GeneralLedger.POSITION),
    (CNY, GeneralLedger.CAPITAL),
    (CNY, GeneralLedger.FEES),
    (EUR, GeneralLedger.OTHER_BANKS),
    (EUR, GeneralLedger.POSITION),
    (USD, GeneralLedger.OTHER_BANKS),
    (USD, GeneralLedger.POSITION),
)

Indexes = NDArray[np.int64]


class Side(msgspec.Struct, frozen=True, eq=False):
    """Further accounts of households: `account[i]` belongs to household `owner[i]`; both int64, shape (n,)."""

    account: Indexes
    owner: Indexes


class Bank(msgspec.Struct, frozen=True, eq=False):
    """Every account of the sample bank by index, and what was drawn about it; arrays of int64."""

    own: Own
    employers: Indexes
    merchants: Indexes
    """By custom, the busiest first."""
    households: Indexes
    wallets: Side
    savings: Side
    euros: Side
    dollars: Side
    employer: Indexes
    """Each household's employer."""
    salary: Indexes
    """Each household's salary, in fen."""
    custom: NDArray[np.float64]
    """The share of payments that go to a merchant or a busier one: float64, rising to 1."""

    @property
    def accounts(self) -> int:
        """How many accounts there are."""
        return int(self.dollars.account[-1]) - self.own.cash + 1

    @property
    def unknown(self) -> int:
        """An index that no account has, however many contracts are opened later."""
        return self.own.cash + 4 * self.accounts + 1_000_000

    @property
    def staying(self) -> Indexes:
        """The households that no day sees leave, nor blocked."""
        return self.households[LANES * (LEAVING + DAYS_MAX) :]

    def block(self, number: int, blocks: int) -> Indexes:
        """The households of one of `blocks` neighbourhoods, by its number from 0."""
        homes = self.households
        return homes[len(homes) * number // blocks : len(homes) * (number + 1) // blocks]

    def lane(self, lane: int) -> Indexes:
        """The households that a lane serves."""
        return self.households[lane::LANES]

    def pick_merchants(self, rng: np.random.Generator, count: int) -> Indexes:
        """`count` merchants, by custom."""
        return self.merchants[np.searchsorted(self.custom, rng.random(count))]


def draw_bank(accounts: int, first: int, rng: np.random.Generator) -> Bank:
    """Draw a bank that begins with `accounts` accounts, from index `first` on."""
    sizes = {"employers": accounts // 400, "merchants": accounts // 100, "households": 0, "wallets": accounts // 6}
    sizes |= {"savings": accounts // 6, "euros": accounts // 50, "dollars": accounts // 50}
    sizes["households"] = homes = accounts - len(_OWN) - sum(sizes.values())
    ends = pairwise(accumulate(sizes.values(), initial=first + len(_OWN)))
    made = {name: np.arange(start, end) for name, (start, end) in zip(sizes, ends, strict=True)}
    households = made["households"]
    sides = {
        name: Side(made[name], households[np.arange(sizes[name]) * homes // sizes[name]])
        for name in ("wallets", "savings", "euros", "dollars")
    }
    weights = np.arange(1, sizes["merchants"] + 1, dtype=np.float64) ** -ZIPF_EXPONENT
    custom = np.cumsum(weights) / weights.sum()
    custom[-1] = 1.0
    # Squaring a uniform draw makes the first employers the large ones.
    employer = made["employers"][(sizes["employers"] * rng.random(homes) ** 2).astype(np.int64)]
    return Bank(
        own=Own(*range(first, first + len(_OWN))),
        employers=made["employers"],
        merchants=made["merchants"],
        households=households,
        **sides,
        employer=employer,
        salary=amounts(rng, homes, 7_500_00, 0.45),
        custom=custom,
    )


def amounts(rng: np.random.Generator, count: int, median: int, sigma: float) -> NDArray[np.int64]:
    """`count` lognormal amounts of the given median, in minor units, at least 1; int64, shape (count,)."""
    return np.maximum(1, np.rint(rng.lognormal(np.log(median), sigma, count))).astype(np.int64)


def products_of(bank: Bank) -> tuple[tuple[Product, Indexes, Indexes], ...]:
    """What customers have: each product, its accounts, and the household (or the account itself) that holds each.

    Every other household with savings has a sweep into them, so `SWEPT` and `SAVINGS` accounts go together.
    """
    large = len(bank.employers) // 4
    swept = bank.savings.owner[::2]
    plain = np.setdiff1d(bank.households, swept)
    return (
        (Product.AGREEMENT, bank.employers[:large], bank.employers[:large]),
        (Product.CORPORATE, bank.employers[large:], bank.employers[large:]),
        (Product.CORPORATE, bank.merchants, bank.merchants),
        (Product.HOUSEHOLD, plain, plain),
        (Product.SWEPT, swept, swept),
        (Product.HOUSEHOLD, bank.wallets.account, bank.wallets.owner),
        (Product.SAVINGS, bank.savings.account, bank.savings.owner),
        (Product.EUROS, bank.euros.account, bank.euros.owner),
        (Product.DOLLARS, bank.dollars.account, bank.dollars.owner),
    )


def openings_of(bank: Bank) -> NDArray[np.void]:
    """What every account is opened with, in the order of the indexes; dtype OPENING."""
    rows = np.zeros(bank.accounts, OPENING)
    rows[:] = openings(1, currency=CNY, gl_code=GeneralLedger.DEPOSITS.code)
    first = bank.own.cash
    for place, (currency, code) in enumerate(_OWN):
        rows[place] = openings(1, currency=currency, gl_code=code.code, floor=-AMOUNT_MAX)[0]
    for product, accounts, _ in products_of(bank):
        rows["product"][accounts - first] = product
    rows["currency"][bank.euros.account - first] = EUR
    rows["currency"][bank.dollars.account - first] = USD
    rows["ceiling"][bank.wallets.account - first] = WALLET_MAX
    rows["limit_daily"][bank.wallets.account - first] = WALLET_MAX
    homes = bank.households - first
    rows["limit_daily"][homes] = LIMIT_DAILY
    rows["limit_daily"][bank.savings.owner[::2] - first] = SWEEP_LIMIT_DAILY
    # Who leaves the bank takes everything along at once.
    rows["limit_daily"][homes[LANES * LEAVING : LANES * (LEAVING + DAYS_MAX)]] = AMOUNT_MAX
    return rows


def payrolls(bank: Bank) -> Indexes:
    """What each employer pays all its staff, in fen; int64, in the order of `employers`."""
    sums = np.zeros(len(bank.employers), np.int64)
    np.add.at(sums, bank.employer - bank.employers[0], bank.salary)
    return sums


def short_of_payroll(bank: Bank) -> NDArray[np.bool_]:
    """One employer in twenty cannot pay all its staff; bool, in the order of `employers`."""
    return np.arange(len(bank.employers)) % 20 == 7


def opening_balances(bank: Bank, ids: IdSource, rng: np.random.Generator) -> NDArray[np.void]:
    """The bank's capital, and each customer's opening balance; dtype TRANSFER."""
    own = bank.own
    payroll = payrolls(bank)
    employers = np.where(short_of_payroll(bank), payroll * 9 // 10, payroll * 5 // 4) + 1
    wallets = np.minimum(amounts(rng, len(bank.wallets.account), 150_00, 1.0), WALLET_MAX)
    parts = (
        (np.array([own.cash, own.central_bank]), own.capital, np.array([20_000_000_00, 480_000_000_00])),
        (own.central_bank, bank.employers, employers),
        (own.central_bank, bank.merchants, amounts(rng, len(bank.merchants), 40_000_00, 0.9)),
        (own.central_bank, bank.households, amounts(rng, len(bank.households), 6_000_00, 1.1)),
        (own.central_bank, bank.wallets.account, wallets),
        (own.central_bank, bank.savings.account, amounts(rng, len(bank.savings.account), 20_000_00, 1.0)),
        (own.banks_eur, bank.euros.account, amounts(rng, len(bank.euros.account), 800_00, 1.0)),
        (own.banks_usd, bank.dollars.account, amounts(rng, len(bank.dollars.account), 800_00, 1.0)),
    )
    sides = [np.broadcast_arrays(debit, credit, amount) for debit, credit, amount in parts]
    debit, credit, amount = (np.concatenate(column) for column in zip(*sides, strict=True))
    hi, lo = ids.take(len(debit))
    return columns_of(txn_hi=hi, txn_lo=lo, debit=debit, credit=credit, amount_minor=amount, code=Reason.OPENING.code)
