"""What is asked of loans, handed to lending; and what it moves."""

from typing import NamedTuple

import numpy as np
from msgspec import UNSET

from yinhe.api.call import Call
from yinhe.api.counterpart import Side, other_end, refuse_end
from yinhe.api.forms import account_text, money_form, read_account, read_amount, read_rate
from yinhe.api.handlers.contract_commands import channel_of, version_asked
from yinhe.api.handlers.loan_forms import (
    LoanAgreement,
    LoanArrangement,
    LoanChange,
    LoanConversion,
    LoanDone,
    LoanDrawing,
    LoanFormRefusal,
    LoanParams,
    LoanPayOff,
    LoanRecovery,
    LoanRepayment,
)
from yinhe.api.reach import (
    Holder,
    contract_of,
    find_account,
    find_holder,
    reach_account,
    reach_loan,
    reach_opening,
    reach_party,
)
from yinhe.api.route import Handled, RefusalLike, Reply, Weight
from yinhe.kernel.currency import Currency, currency
from yinhe.kernel.dates import days_from_date
from yinhe.kernel.refusals import Refusal
from yinhe.lending import events
from yinhe.lending.commands import Agree, Arrange, Change, Command, Convert, Draw, PayOff, Recover, Repay, WriteOff
from yinhe.lending.events import Event
from yinhe.lending.refusals import LoanRefusal
from yinhe.lending.refusals import Refusal as LendingRefusal
from yinhe.lending.service import Done
from yinhe.products.errors import RateMissing
from yinhe.products.parts.application import Purpose
from yinhe.products.parts.loan_interest import LoanInterest
from yinhe.products.parts.prepayment import Afterwards
from yinhe.products.parts.purpose import Payee
from yinhe.products.product import Product


class _On(NamedTuple):
    """A loan in reach, with what is to be paid, and by whom, in the ledger's terms."""

    loan: int
    its: Currency
    amount_minor: int
    payer: int


def _on(call: Call, amount: str = "", payer: str | None = None, cash: bool = False) -> _On | RefusalLike:
    """The loan a command is about; what does not fit is refused."""
    loan = call.params_as(LoanParams).loan
    its = _currency_of(call, loan)
    if not isinstance(its, Currency):
        return its
    minor = read_amount(amount, its) if amount else 0
    if not isinstance(minor, int):
        return minor
    account = _end(call, payer, cash, its, Side.GIVES)
    return _On(loan, its, minor, account) if isinstance(account, int) else account


def _currency_of(call: Call, loan: int) -> Currency | RefusalLike:
    wrong, row = reach_loan(call, loan), call.bank.lending.book.row(loan)
    if wrong is not None or row is None:
        return wrong or LendingRefusal(LoanRefusal.LOAN_UNKNOWN)
    return currency(call.bank.holding.catalogue.product(int(row["version"][0])).currency)


def _carry_out(call: Call, command: Command, its: Currency) -> Handled:
    """Do what is asked, or only say what would come of it."""
    lending = call.bank.lending
    try:
        done = lending.preview(command) if call.dry_run else lending.do(command, call.author)
    except RateMissing:
        return Refusal(LoanFormRefusal.RATE_TABLE_SILENT)
    if not isinstance(done, Done):
        return done
    row = lending.book.row(done.loan)
    return Reply(
        value=LoanDone(
            id=str(done.id),
            done=done.kind,
            loan=done.loan,
            account=None if row is None else account_text(int(row["account"][0]), call.bank.unit),
            paid=money_form(done.paid_minor, its.number),
            fee=money_form(done.fee_minor, its.number),
        )
    )


def _earlier(call: Call) -> Event | None:
    """What was asked of loans under this id before: it gets its first answer again, whatever changed since."""
    with call.bank.sessions.lend() as session:
        return events.find(session, call.id)


def _end(call: Call, account: str | None, cash: bool, its: Currency, side: Side) -> int | RefusalLike:
    """The account at the other end: one in reach, the bank's cash, or 0 for the linked account."""
    if cash or account is None:
        return other_end(call, account, cash, its, side)
    found = find_account(call, account)
    if not isinstance(found, int) or _earlier(call) is not None:
        return found
    return refuse_end(call, found, side) or found


def _payee(call: Call, its: Currency, body: LoanDrawing) -> int | RefusalLike:
    """Where drawn money goes; whoever is paid beside the borrower has any customer's account."""
    if body.payee is None or body.cash or body.payee_kind == "borrower":
        return _end(call, body.payee, body.cash, its, Side.TAKES)
    account = read_account(body.payee, call.bank.unit)
    if not isinstance(account, int):
        return account
    wrong = None if contract_of(call, account) is not None else reach_account(call, account)
    return wrong or refuse_end(call, account, Side.TAKES) or account


def _holder(call: Call, party: int, before: Event | None) -> Holder | RefusalLike:
    """Who borrows: of a command that was asked before as it was then."""
    holder = find_holder(call, party)
    if before is None or before.kind != "agree":
        return holder
    then = before.body["agreement"]
    if not isinstance(holder, Holder):
        wrong = reach_party(call, party)
        if wrong is not None:
            return wrong
    number = holder.party if isinstance(holder, Holder) else party
    return Holder(number, bool(then["is_company"]), int(then["tier"]))


def agree(call: Call) -> Handled:
    """Agree on a loan or a line."""
    body, before = call.body_as(LoanAgreement), _earlier(call)
    agreed = before if before is not None and before.kind == "agree" else None
    then = None if agreed is None else int(agreed.body["agreement"]["version"])
    version = version_asked(call, body.product, then)
    if not isinstance(version, int):
        return version
    product = call.bank.holding.catalogue.product(version)
    wrong = reach_opening(call, product.code, body.branch)
    if wrong is not None:
        return wrong
    its, holder = currency(product.currency), _holder(call, body.party, before)
    if not isinstance(holder, Holder):
        return holder
    linked = _end(call, body.linked, False, its, Side.GIVES)
    if not isinstance(linked, int):
        return linked
    unknown = next((one for party in body.guarantors if (one := reach_party(call, party)) is not None), None)
    if unknown is not None:
        return unknown
    amounts, margin = _amounts(body, its), _margin(call, body, product, before)
    if not isinstance(amounts, dict):
        return amounts
    if not isinstance(margin, int):
        return margin
    command = Agree(
        id=call.id,
        version=version,
        borrower=holder.reference,
        months=body.months,
        purpose=Purpose[body.purpose.upper()],
        linked=linked,
        margin=margin,
        collateral=tuple(one.strip() for one in body.collateral),
        guarantors=tuple(str(party) for party in body.guarantors),
        tier=holder.tier,
        region=body.region,
        branch=body.branch,
        is_company=holder.is_company,
        pays_whole=body.pays_whole,
        channel=channel_of(call.principal),
        **amounts,
    )
    return _carry_out(call, command, its)


def _amounts(body: LoanAgreement, its: Currency) -> dict[str, int] | RefusalLike:
    """The amounts of an agreement in minor units, by the command's names."""
    texts = {
        "amount_minor": body.amount,
        "price_minor": body.price,
        "collateral_minor": body.collateral_worth,
        "guaranteed_minor": body.guaranteed,
        "income_minor": body.income,
        "other_dues_minor": body.other_dues,
    }
    found: dict[str, int] = {}
    for name, text in texts.items():
        amount = 0 if text is None else read_amount(text, its)
        if not isinstance(amount, int):
            return amount
        found[name] = amount
    return found


def _margin(call: Call, body: LoanAgreement, product: Product, before: Event | None) -> int | RefusalLike:
    """What is agreed on top of the product's rate: said as it is, or by the rate that comes of it on the day."""
    if body.margin is not None and body.rate is not None:
        return Refusal(LoanFormRefusal.MARGIN_AND_RATE)
    text = body.margin if body.rate is None else body.rate
    given = 0 if text is None else read_rate(text)
    interest = product.one(LoanInterest)
    if body.rate is None or not isinstance(given, int) or interest is None:
        return given
    day = call.bank.ledger.business_date if before is None else before.business_date
    rates = call.bank.holding.catalogue.rates.known(day)
    try:
        return given - int(interest.rate(rates, day, np.array([day], np.int32), np.zeros(1, np.int64))[0])
    except RateMissing:
        return Refusal(LoanFormRefusal.RATE_TABLE_SILENT)


def draw(call: Call) -> Handled:
    """Draw a loan, a tranche of it, on a line, or on a card."""
    body = call.body_as(LoanDrawing)
    on = _on(call, body.amount)
    if not isinstance(on, _On):
        return on
    payee = _payee(call, on.its, body)
    if not isinstance(payee, int):
        return payee
    command = Draw(
        id=call.id,
        loan=on.loan,
        amount_minor=on.amount_minor,
        payee=payee,
        payee_kind=Payee[body.payee_kind.upper()],
        cash=body.advance,
    )
    return _carry_out(call, command, on.its)


def repay(call: Call) -> Handled:
    """Pay what is due of a loan, and early some of what is not."""
    body = call.body_as(LoanRepayment)
    on = _on(call, body.amount, body.payer, body.cash)
    if not isinstance(on, _On):
        return on
    command = Repay(
        id=call.id,
        loan=on.loan,
        amount_minor=on.amount_minor,
        payer=on.payer,
        early=body.early,
        afterwards=Afterwards(body.afterwards),
        value_date=None if body.value_date is None else days_from_date(body.value_date),
    )
    return _carry_out(call, command, on.its)


def pay_off(call: Call) -> Handled:
    """Repay everything today."""
    body = call.body_as(LoanPayOff)
    on = _on(call, payer=body.payer, cash=body.cash)
    if not isinstance(on, _On):
        return on
    return _carry_out(call, PayOff(id=call.id, loan=on.loan, payer=on.payer), on.its)


def convert(call: Call) -> Handled:
    """Make an instalment plan of purchases on a card."""
    body = call.body_as(LoanConversion)
    on = _on(call, body.amount)
    if not isinstance(on, _On):
        return on
    command = Convert(id=call.id, loan=on.loan, amount_minor=on.amount_minor, count=body.count)
    return _carry_out(call, command, on.its)


def change(call: Call) -> Handled:
    """Change what is noted of a loan."""
    body, on = call.body_as(LoanChange), _on(call)
    if not isinstance(on, _On):
        return on
    linked = None if body.linked is UNSET else _end(call, body.linked, False, on.its, Side.GIVES)
    if not isinstance(linked, int | None):
        return linked
    asked = {name: getattr(body, name) for name in ("blocked", "misused", "impaired", "pays_whole")}
    flags: dict[str, bool] = {name: value for name, value in asked.items() if value is not UNSET}
    return _carry_out(call, Change(id=call.id, loan=on.loan, linked=linked, **flags), on.its)


def arrange(call: Call) -> Handled:
    """Arrange a loan in difficulty anew."""
    body, on = call.body_as(LoanArrangement), _on(call)
    if not isinstance(on, _On):
        return on
    rate = None if body.rate is None else read_rate(body.rate)
    if not isinstance(rate, int | None):
        return rate
    command = Arrange(
        id=call.id,
        loan=on.loan,
        extend_months=body.extend_months,
        rate=rate,
        capitalise=body.capitalise,
        re_age=body.re_age,
    )
    return _carry_out(call, command, on.its)


def write_off(call: Call) -> Handled:
    """Give a loan up in the books; the claim stays."""
    on = _on(call)
    return _carry_out(call, WriteOff(id=call.id, loan=on.loan), on.its) if isinstance(on, _On) else on


def recover(call: Call) -> Handled:
    """Take what is paid of a loan that was written off."""
    body = call.body_as(LoanRecovery)
    if body.payer is None and not body.cash:
        return Refusal(LoanFormRefusal.PAYER_MISSING)
    on = _on(call, body.amount, body.payer, body.cash)
    if not isinstance(on, _On):
        return on
    command = Recover(id=call.id, loan=on.loan, amount_minor=on.amount_minor, payer=on.payer)
    return _carry_out(call, command, on.its)


# --- what it moves


def weigh_amount(call: Call) -> Weight:
    """The amount a command on a loan names."""
    its = _currency_of(call, call.params_as(LoanParams).loan)
    return _weight(call.body.amount, its) if isinstance(its, Currency) else Weight()


def weigh_agreement(call: Call) -> Weight:
    """What is agreed on."""
    body = call.body_as(LoanAgreement)
    version = version_asked(call, body.product, None)
    if not isinstance(version, int):
        return Weight()
    return _weight(body.amount, currency(call.bank.holding.catalogue.product(version).currency))


def weigh_rest(call: Call) -> Weight:
    """All that is owed of the principal: what is paid off or written off."""
    loan = call.params_as(LoanParams).loan
    its, row = _currency_of(call, loan), call.bank.lending.book.row(loan)
    if not isinstance(its, Currency) or row is None:
        return Weight()
    items = call.bank.lending.book.items_of(row["loan"])
    return Weight(int(row["undue"][0]) + int(items["principal_left"].sum()), its.code)


def _weight(text: str, its: Currency) -> Weight:
    amount = read_amount(text, its)
    return Weight(amount, its.code) if isinstance(amount, int) else Weight()
