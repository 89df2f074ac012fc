"""Payments: one sent, listed, shown, cancelled; and the other numbers accounts are known by.

A principal limited to parties or branches reaches the payments out of the accounts it reaches, and the lines of the
files it sent itself. What is personal is masked; in the clear it is shown to clients that speak for parties, and to
staff by permission, for a purpose that goes on record.
"""

from typing import Final

from yinhe.access.permissions import Permission
from yinhe.access.principal import Scope
from yinhe.api.call import Call
from yinhe.api.forms import account_text, make_cursor, read_amount, read_currency, read_cursor
from yinhe.api.handlers.account_forms import AccountPath
from yinhe.api.handlers.contract_forms import day_of, weight_minor
from yinhe.api.handlers.contract_reading import holder_of
from yinhe.api.handlers.payment_forms import (
    XML,
    AccountAlias,
    AliasNamed,
    NotificationParams,
    PayeeForm,
    PaymentForm,
    PaymentPage,
    PaymentPages,
    PaymentPath,
    PaymentReading,
    PaymentView,
    payment_view,
)
from yinhe.api.problem import HttpRefusal
from yinhe.api.reach import contract_of, find_account, reach_account, scope_given
from yinhe.api.route import Handled, RefusalLike, Reply, Route, Weight
from yinhe.audit.record import Outcome, Record, parties_in
from yinhe.kernel.ids import is_uuid7
from yinhe.kernel.refusals import Refusal
from yinhe.parties.refusals import PartyRefusal
from yinhe.payments.iso.fields import AccountId, compact
from yinhe.payments.model import Pay, Payment, Private, Retry, State
from yinhe.payments.refusals import PaymentReason
from yinhe.payments.store import NUMBER_END
from yinhe.storage.statements import load_statements
from yinhe.transact.refusals import DayRefusal

SEND: Final = "payment.send"
"""The action of a payment and of a file of them: one rule of second persons is about both."""


# --- who reaches what


def is_limited(scope: Scope) -> bool:
    """Whether a scope leaves accounts out."""
    return scope.parties is not None or scope.branches is not None


def refuse_clear(call: Call) -> RefusalLike | None:
    """Why personal data is not shown in the clear; None: it is, and `note_reading` puts it on record."""
    if call.principal.scope.parties is not None:
        return None
    if Permission.PARTY_PERSONAL not in call.principal.permissions:
        return Refusal(HttpRefusal.FORBIDDEN, str(Permission.PARTY_PERSONAL))
    return None if call.why else Refusal(PartyRefusal.PURPOSE_MISSING)


def note_reading(call: Call, action: str, what: str, account: int = 0) -> None:
    """Put on record that something personal was looked at, and whose account it was of."""
    contract = contract_of(call, account) if account else None
    call.bank.desk.note(
        Record(
            action=action,
            author=call.author,
            outcome=Outcome.READ,
            object=what,
            parties=() if contract is None else parties_in(holder_of(call, contract)),
            why=call.why,
        )
    )


def sent_it(call: Call, file: int) -> bool:
    """Whether a payment file was sent by whoever asks."""
    with call.bank.sessions.lend() as session:
        row = session.execute(load_statements("api")["payment_file_sender"], {"file": file}).fetchone()
    return row is not None and str(row[0]) == call.author.actor


def _reach(call: Call, number: int) -> Payment | Refusal:
    """A payment, where it is there for whoever asks."""
    payment = call.bank.payments.payment(number)
    if payment is None:
        return Refusal(PaymentReason.PAYMENT_UNKNOWN)
    if not is_limited(call.principal.scope) or (payment.debtor and reach_account(call, payment.debtor) is None):
        return payment
    is_own = payment.file is not None and sent_it(call, payment.file)
    return payment if is_own else Refusal(PaymentReason.PAYMENT_UNKNOWN)


def view_of(call: Call, payment: Payment, *, clear: bool = False) -> PaymentView:
    """A payment as whoever asks sees it."""
    (view,) = views_of(call, (payment,), clear=clear)
    return view


def views_of(call: Call, payments: tuple[Payment, ...], *, clear: bool = False) -> tuple[PaymentView, ...]:
    """Payments as whoever asks sees them."""
    # What is only tried has no number that stays: what is personal of it is not kept, and not told.
    private = call.bank.payments.private_of_payments([payment.number for payment in payments])
    unit = call.bank.unit
    return tuple(
        payment_view(payment, private.get(payment.number, Private()), unit, clear=clear) for payment in payments
    )


# --- sending


def send_payment(call: Call) -> Handled:
    """Take one payment, and book it if it is for today."""
    form = call.body_as(PaymentForm)
    debtor = find_account(call, form.debtor)
    if not isinstance(debtor, int):
        return debtor
    its = read_currency(form.currency)
    if isinstance(its, Refusal):
        return its
    amount_minor = read_amount(form.amount, its)
    if isinstance(amount_minor, Refusal):
        return amount_minor
    date = None if form.execution_date is None else day_of(form.execution_date)
    if isinstance(date, Refusal):
        return date
    command = Pay(
        debtor=debtor,
        creditor=_account_of(form.creditor),
        creditor_name=form.creditor.name,
        creditor_bic=compact(form.creditor.bic),
        amount_minor=amount_minor,
        currency=its.code,
        execution_date=date,
        end_to_end_id=form.end_to_end_id,
        debtor_name=form.debtor_name,
        remittance=form.remittance,
        reference=form.reference,
        charge_bearer=form.charge_bearer,
        retry=Retry(attempts_daily=form.retry.attempts_daily, days=form.retry.days),
    )
    told = call.bank.payments.pay(call.asked(), command)
    if isinstance(told, Refusal):
        return told
    payment = told.read(Payment)
    return Reply(value=view_of(call, payment), moved=payment.state is not State.REJECTED)


def _account_of(payee: PayeeForm) -> AccountId:
    return AccountId(iban=compact(payee.iban), other=payee.account.strip())


def weigh_payment(call: Call) -> Weight:
    """What a payment moves."""
    form = call.body_as(PaymentForm)
    its = read_currency(form.currency)
    return Weight() if isinstance(its, Refusal) else Weight(weight_minor(form.amount, its), its.code)


def cancel_payment(call: Call) -> Handled:
    """Cancel a payment that waits."""
    found = _reach(call, call.params_as(PaymentPath).payment)
    if isinstance(found, Refusal):
        return found
    told = call.bank.payments.cancel(call.asked(), found.number)
    return told if isinstance(told, Refusal) else Reply(value=view_of(call, told.read(Payment)))


# --- reading


def read_payment(call: Call) -> Handled:
    """Show a payment."""
    params = call.params_as(PaymentReading)
    found = _reach(call, params.payment)
    if isinstance(found, Refusal):
        return found
    if params.clear:
        refused = refuse_clear(call)
        if refused is not None:
            return refused
        note_reading(call, "payment.read", f"payment/{found.number}", found.debtor)
    return Reply(value=view_of(call, found, clear=params.clear))


def list_payments(call: Call) -> Handled:
    """List payments, the newest first."""
    params = call.params_as(PaymentPages)
    account = None if params.account is None else find_account(call, params.account)
    if not (account is None or isinstance(account, int)):
        return account
    before = read_cursor("payments", params.cursor, int) if params.cursor else (NUMBER_END,)
    if isinstance(before, Refusal):
        return before
    numbers = _numbers(call, account, params, before[0])
    house = call.bank.payments.house
    with call.bank.sessions.lend() as session:
        found = house.store.payments(session, numbers)[::-1]
    more = len(numbers) == params.limit
    return Reply(value=PaymentPage(views_of(call, found), make_cursor("payments", numbers[-1]) if more else None))


def _numbers(call: Call, account: int | None, params: PaymentPages, before: int) -> list[int]:
    scope = call.principal.scope
    name = "payments_before"
    if account is None and is_limited(scope):
        name = "payments_of_branches" if scope.parties is None else "payments_of_holders"
    given = {"account": account, "state": params.state, "before": before, "limit": params.limit, **scope_given(scope)}
    with call.bank.sessions.lend() as session:
        return [int(row[0]) for row in session.execute(load_statements("api")[name], given).fetchall()]


def read_notification(call: Call) -> Handled:
    """Make the notification of what one transaction did to an account."""
    params = call.params_as(NotificationParams)
    account = find_account(call, params.account)
    if not isinstance(account, int):
        return account
    refused = refuse_clear(call)
    if refused is not None:
        return refused
    if not is_uuid7(params.transaction):
        return Refusal(DayRefusal.TRANSACTION_UNKNOWN)
    try:
        content = call.bank.payments.notification(account, params.transaction)
    except LookupError:
        return Refusal(DayRefusal.TRANSACTION_UNKNOWN)
    if call.principal.scope.parties is None:
        note_reading(call, "account.notification", f"account/{params.account}", account)
    return Reply(content=content, media=XML)


# --- other numbers of accounts


def name_account(call: Call) -> Handled:
    """Give an account another number."""
    account = find_account(call, call.params_as(AccountPath).account)
    if not isinstance(account, int):
        return account
    told = call.bank.payments.name_account(call.asked(), call.body_as(AccountAlias).alias, account)
    if isinstance(told, Refusal):
        return told
    return Reply(value=AliasNamed(account_text(account, call.bank.unit), told.read(str)))


_TAG: Final = "payments"
ROUTES: Final[tuple[Route, ...]] = (
    Route(
        method="POST",
        path="/v1/payments",
        name="sendPayment",
        tag=_TAG,
        summary="Pay an account of this bank or of another.",
        description="For today it is booked before the answer, which may be a rejection: see `state` and `reason`. "
        "For a later date it waits, and may be cancelled until then.",
        permission=Permission.PAYMENT_SEND,
        handler=send_payment,
        body=PaymentForm,
        answer=PaymentView,
        status=201,
        action=SEND,
        weigh=weigh_payment,
        example=PaymentForm(
            debtor="0001000000001762",
            creditor=PayeeForm(name="张三", iban="NL91ABNA0417164300"),
            amount="125.00",
            currency="CNY",
            end_to_end_id="2026-0017",
            remittance=("Invoice 17",),
        ),
    ),
    Route(
        method="GET",
        path="/v1/payments",
        name="listPayments",
        tag=_TAG,
        summary="List payments, the newest first.",
        permission=Permission.PAYMENT_READ,
        handler=list_payments,
        params=PaymentPages,
        answer=PaymentPage,
        problems=(404, 422),
    ),
    Route(
        method="GET",
        path="/v1/payments/{payment}",
        name="readPayment",
        tag=_TAG,
        summary="Show a payment.",
        permission=Permission.PAYMENT_READ,
        handler=read_payment,
        params=PaymentReading,
        answer=PaymentView,
        problems=(422,),
    ),
    Route(
        method="POST",
        path="/v1/payments/{payment}/cancellation",
        name="cancelPayment",
        tag=_TAG,
        summary="Cancel a payment that waits.",
        permission=Permission.PAYMENT_SEND,
        handler=cancel_payment,
        params=PaymentPath,
        answer=PaymentView,
        action="payment.cancel",
    ),
    Route(
        method="GET",
        path="/v1/transfers/{transaction}/notification",
        name="readNotification",
        tag=_TAG,
        summary="Make the notification (camt.054) of what a transaction did to an account.",
        description="It names who paid and who was paid: staff need `party:personal` and a purpose in X-Reason.",
        permission=Permission.CONTRACT_READ,
        handler=read_notification,
        params=NotificationParams,
        media_out=(XML,),
        problems=(422,),
    ),
    Route(
        method="POST",
        path="/v1/accounts/{account}/aliases",
        name="nameAccount",
        tag=_TAG,
        summary="Give an account another number, by which payments find it: an IBAN, or one it had elsewhere.",
        permission=Permission.ACCOUNT_CONTROL,
        handler=name_account,
        params=AccountPath,
        body=AccountAlias,
        answer=AliasNamed,
        status=201,
        action="account.name",
        example=AccountAlias("DE89370400440532013000"),
    ),
)
