"""The log of acts on a real PostgreSQL: beside a branch with contracts, beside a bank that lends."""

from tests.postgres.closeday.conftest import clock, house, new_house
from tests.postgres.deposits.conftest import branch, open_branch
from tests.postgres.lending.conftest import lender

__all__ = ["branch", "clock", "house", "lender", "new_house", "open_branch"]
