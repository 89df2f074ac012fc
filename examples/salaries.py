# ruff: noqa: T201 - an example talks to whoever runs it
"""Pay 100,000 salaries by columns, in steps that are paid exactly once however often this is started.

    python examples/salaries.py FOLDER [ACCOUNTS]

Stop it anywhere (Ctrl-C, kill -9) and start it again with the same folder: it goes on after the last step that was
committed, because each step commits together with a note of how far the job is. Run to its end, it pays nothing more.
"""

import sys
from pathlib import Path

import numpy as np

from yinhe.kernel.currency import currency
from yinhe.kernel.money import Money
from yinhe.ledger.accounts import openings
from yinhe.ledger.batch import columns_of
from yinhe.ledger.columns import AMOUNT_MAX
from yinhe.ledger.ledger import Ledger
from yinhe.ledger.outcomes import REASONS, Outcome
from yinhe.ledger.store import Checkpoint

JOB = "salaries of January"
STEP_ROWS = 5_000
SALARY_CODE = 110
EMPLOYER = 1


def pay(home: Path, employees: int) -> None:
    """Open the accounts if there are none; pay every salary that is not paid yet."""
    yuan = currency("CNY")
    with Ledger.open(home) as ledger:
        if ledger.committed_seq == 0:
            accounts = openings(1 + employees, currency=yuan.number, gl_code=2011)
            accounts["floor"][0] = -AMOUNT_MAX  # the employer may go below zero
            ledger.open_accounts(accounts)
        done = ledger.engine.core.checkpoints.get(JOB, 0)
        print(f"{done} steps were done before")
        salaries = np.random.default_rng(1).integers(5_000_00, 30_000_00, employees)
        for step in range(done + 1, -(-employees // STEP_ROWS) + 1):
            first, end = (step - 1) * STEP_ROWS, min(step * STEP_ROWS, employees)
            hi, lo = ledger.ids.take(end - first)
            batch = columns_of(
                txn_hi=hi,
                txn_lo=lo,
                debit=EMPLOYER,
                credit=np.arange(first, end) + EMPLOYER + 1,
                amount_minor=salaries[first:end],
                code=SALARY_CODE,
            )
            answers = ledger.submit_columns(batch, Checkpoint(JOB, step)).result()
            for outcome in np.unique(answers.outcome).tolist():
                if outcome != Outcome.POSTED:
                    raise SystemExit(f"step {step}: {REASONS[Outcome(outcome)].english}")
        paid = -ledger.account(EMPLOYER).balance_minor
        print(f"{employees:,} salaries, {Money(paid, yuan)} in all")
        print("all accounts sum to", sum(line.balance_minor for line in ledger.trial_balance()))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    pay(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100_000)
