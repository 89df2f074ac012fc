# ruff: noqa: T201 - an example talks to whoever runs it
"""A customer's story over HTTP, from the first contact to the statement, with the typed client.

    python examples/integrate.py ADDRESS ONE_TIME_SECRET

The bank is one that `yinhe init` and `yinhe product install-library` have made and `yinhe serve` serves; the secret is
the one its first start shows.
"""

import sys
import time
from datetime import date

from yinhe.client import Client, Problem
from yinhe.client import models as form

PASSWORD = "four words nobody guesses"  # noqa: S105 - of a bank that is gone after the example


def let_in(address: str, secret: str) -> tuple[str, str]:
    """Change the one-time secret, and make a client that serves customers and closes days: its name and secret."""
    with Client(address) as stranger:
        first = stranger.open_session(form.LogInForm(name="administrator", password=secret))
        with Client(address, token=first.access_token) as own:
            own.change_password(form.PasswordForm(current=secret, new=PASSWORD))
        session = stranger.open_session(form.LogInForm(name="administrator", password=PASSWORD))
    with Client(address, token=session.access_token) as administrator:
        made = administrator.make_client(form.ClientForm(name="branch-1", roles=("supervisor", "operator")))
    assert made.secret is not None
    return made.name, made.secret


def open_customer(bank: Client) -> int:
    """Open a person, see the passport, rate the risk: a customer."""
    opened = bank.open_party(
        form.PartyForm(
            kind="person",
            born=date(1990, 5, 1),
            items=(
                form.Name(text="张三"),
                form.Identifier(kind="passport", value="E12345678", expires=date(2035, 1, 1)),
                form.Contact(kind="mobile", value="13800001234"),
            ),
        )
    )
    passport = next(one.item for one in opened.items if one.area == "identifier")
    bank.verify_party_entry(opened.party, passport, form.VerificationForm(how="original_seen"))
    bank.rate_party_risk(opened.party, form.RiskForm(risk="low", review=date(2027, 1, 31)))
    bank.set_party_status(opened.party, form.StatusForm(status="customer"))
    shown = bank.read_party(opened.party)
    print(f"Party {shown.party} is a {shown.status}; staff see", [item.fields for item in shown.items])
    return opened.party


def pay(bank: Client, payer: str, payee: str) -> None:
    """Transfer twice under one id: it is done once. Transfer too much: it is refused in words."""
    asked = form.TransferForm(debit=payer, credit=payee, amount="125.50", currency="CNY", narrative="Rent")
    key = bank.ids.next()
    print("Asked once: ", bank.post_transfer(asked, key=key).outcome)
    print("Asked again:", bank.post_transfer(asked, key=key).outcome)
    too_much = form.TransferForm(debit=payer, credit=payee, amount="999999.00", currency="CNY")
    try:
        bank.post_transfer(too_much, dry_run=True)
    except Problem as problem:
        print(f"Too much:    {problem.code}: {problem.english} / {problem.chinese}")


def borrow(bank: Client, party: int, account: str) -> None:
    """Agree on a loan for a renovation, draw it, look at what is to come, and pay a part back early."""
    agreed = bank.agree_loan(
        form.LoanAgreement(
            product="consumer_loan",
            party=party,
            amount="12000.00",
            months=12,
            purpose="renovation",
            linked=account,
            income="9000.00",
        )
    )
    bank.draw_loan(agreed.loan, form.LoanDrawing(amount="12000.00"))
    schedule = bank.read_loan_schedule(agreed.loan)
    first = schedule.to_come[0]
    print(f"Loan {agreed.loan}: {len(schedule.to_come)} instalments, the first on {first.due}")
    print(f"Interest in all: {schedule.interest_to_come.amount} {schedule.currency}")


def close_a_day(bank: Client) -> None:
    """Close the business date, in the background, and wait until it is over."""
    started = bank.start_night(form.NightStart())
    while (night := bank.read_night_at_work()).state == "running":
        time.sleep(0.1)
    print(f"Closed {started.first}; the business date is {night.business_date}")


def tell(address: str, secret: str) -> None:
    """The whole story."""
    name, own = let_in(address, secret)
    with Client(address, client=name, secret=own) as bank:
        today = bank.read_unit().business_date
        party = open_customer(bank)
        demand = bank.open_contract(form.OpenContract(product="demand", party=party, amount="5000.00", cash=True))
        saved = bank.open_contract(
            form.OpenContract(product="lump_sum", party=party, amount="1000.00", funding=demand.account, months=12)
        )
        rent = bank.open_contract(form.OpenContract(product="demand", party=party))
        assert demand.account is not None
        assert rent.account is not None
        print(f"Contract {saved.contract} matures on {saved.maturity}")
        pay(bank, demand.account, rent.account)
        borrow(bank, party, demand.account)
        close_a_day(bank)
        statement = bank.read_account_statement(demand.account, from_=today, to_=today)
        for line in statement.lines:
            print(f"{line.business_date} {line.code_english:<28}{line.amount.amount:>12}{line.balance.amount:>12}")
        print(f"From {statement.opening.amount} to {statement.closing.amount} {statement.currency}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    tell(sys.argv[1], sys.argv[2])
