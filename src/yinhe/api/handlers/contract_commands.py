"""What is asked of contracts: opened, changed, paid into, drawn from and closed."""

from msgspec import UNSET

from yinhe.access.permissions import Permission
from yinhe.access.principal import Principal
from yinhe.api.call import Call
from yinhe.api.counterpart import CounterpartRefusal, Side, earlier, other_end
from yinhe.api.forms import read_rate
from yinhe.api.handlers.contract_forms import (
    AmendContract,
    CloseContract,
    ContractPath,
    DrawFromContract,
    GiveContractNotice,
    HandOverContract,
    NoticePath,
    OpenContract,
    PayIn,
    ServingRefusal,
    amount_of,
    day_of,
    done_form,
    weight_minor,
)
from yinhe.api.handlers.contract_reading import contract_view, currency_of, etag_of, holder_of
from yinhe.api.problem import HttpRefusal
from yinhe.api.reach import Holder, find_holder, reach_contract, reach_opening, reach_party
from yinhe.api.route import Handled, RefusalLike, Reply, Weight
from yinhe.audit.record import ActorKind
from yinhe.deposits.answers import Done
from yinhe.deposits.columns import NO_RATE, ContractFlag
from yinhe.deposits.commands import (
    Amend,
    CancelNotice,
    Close,
    Command,
    DepositMore,
    GiveNotice,
    Open,
    TransferTo,
    Withdraw,
)
from yinhe.deposits.events import Event
from yinhe.kernel.currency import Currency, currency
from yinhe.kernel.refusals import Refusal
from yinhe.products.errors import ProductUnknown, RateMissing
from yinhe.products.parts.base import Channel


def channel_of(principal: Principal) -> Channel:
    """Through what a contract is opened: staff serve at the counter, a client comes through its own channel."""
    otherwise = Channel.COUNTER if principal.kind is ActorKind.USER else Channel.ONLINE
    return next((one for one in Channel if one.name.lower() == principal.channel), otherwise)


def carry_out(call: Call, command: Command, its: Currency, status: int = 0) -> Handled:
    """Carry a command out, or tell what it would do; the answer is in the currency of the contract's product."""
    deposits = call.bank.deposits
    try:
        done = deposits.preview(command) if call.dry_run else deposits.do(command, call.author)
    except RateMissing:
        return Refusal(ServingRefusal.RATE_MISSING)
    return Reply(value=done_form(call, done, its), status=status) if isinstance(done, Done) else done


# --- opening


def open_contract(call: Call) -> Handled:
    """Open a contract with its account, and pay the first deposit into it."""
    body, before = call.body_as(OpenContract), earlier(call)
    opened = before if before is not None and before.kind == "open" else None
    then = None if opened is None else int(opened.body["row"]["version"])
    version = version_asked(call, body.product, then)
    if not isinstance(version, int):
        return version
    product = call.bank.deposits.catalogue.product(version)
    its = currency(product.currency)
    refused = reach_opening(call, product.code, body.branch)
    if refused is not None:
        return refused
    if body.rate is not None and Permission.CONTRACT_AMEND not in call.principal.permissions:
        return Refusal(HttpRefusal.FORBIDDEN, str(Permission.CONTRACT_AMEND))
    holder = _holder_then(call, body.party, before)
    if not isinstance(holder, Holder):
        return holder
    command = _opening(call, body, version, its, holder)
    return carry_out(call, command, its) if isinstance(command, Open) else command


def _opening(call: Call, body: OpenContract, version: int, its: Currency, holder: Holder) -> Open | RefusalLike:
    amount, principal = amount_of(body.amount, its), amount_of(body.principal, its)
    rate = NO_RATE if body.rate is None else read_rate(body.rate)
    funding = other_end(call, body.funding, body.cash, its, Side.GIVES)
    linked = other_end(call, body.linked, False, its, Side.TAKES)
    for found in (amount, principal, rate, funding, linked):
        if not isinstance(found, int):
            return found
    assert isinstance(amount, int)
    assert isinstance(principal, int)
    assert isinstance(rate, int)
    assert isinstance(funding, int)
    assert isinstance(linked, int)
    return Open(
        id=call.id,
        version=version,
        holder=holder.reference,
        amount_minor=amount,
        funding=funding,
        principal_minor=principal,
        linked=linked,
        months=body.months,
        days=body.days,
        day_of_month=body.day_of_month,
        branch=body.branch,
        region=body.region,
        tier=holder.tier,
        is_company=holder.is_company,
        is_new_money=body.new_money,
        auto_renew=body.auto_renew,
        channel=channel_of(call.principal),
        rate=rate,
    )


def version_asked(call: Call, product: str, before: int | None) -> int | Refusal:
    """The version a command names as CODE or CODE/NUMBER; `before` is the one it came to when it was asked before."""
    catalogue = call.bank.deposits.catalogue
    code, _, number = product.partition("/")
    if number:
        try:
            return catalogue.id_of(code, int(number))
        except ProductUnknown:
            return Refusal(ServingRefusal.PRODUCT_UNKNOWN)
    if before is not None and catalogue.product(before).code == code:
        return before
    current = catalogue.current(code, call.bank.ledger.business_date)
    return Refusal(ServingRefusal.PRODUCT_UNKNOWN) if current is None else current[0]


def _holder_then(call: Call, party: int, before: Event | None) -> Holder | RefusalLike:
    """The party as a holder: of a command that was asked before as it was then."""
    holder = find_holder(call, party)
    if before is None or before.kind not in ("open", "transfer"):
        return holder
    if not isinstance(holder, Holder):
        holder = reach_party(call, party) or Holder(party, False, 0)
    if not isinstance(holder, Holder):
        return holder
    row = before.body["row"]
    return Holder(holder.party, bool(row["flags"] & ContractFlag.COMPANY), int(row["tier"]))


def weigh_opening(call: Call) -> Weight:
    """What an opening moves: the first deposit."""
    body = call.body_as(OpenContract)
    version = version_asked(call, body.product, None)
    if not isinstance(version, int):
        return Weight()
    its = currency(call.bank.deposits.catalogue.product(version).currency)
    return Weight(weight_minor(body.amount, its), its.code)


# --- what is agreed


def amend_contract(call: Call) -> Handled:
    """Change what is agreed; with If-Match only if the contract is as it was read."""
    body, contract = call.body_as(AmendContract), call.params_as(ContractPath).contract
    refused = reach_contract(call, contract)
    if refused is not None:
        return refused
    its = currency_of(call, contract)
    linked = rate = None
    if body.linked is not UNSET:
        linked = other_end(call, body.linked, False, its, Side.TAKES)
        if not isinstance(linked, int):
            return linked
    if body.rate is not UNSET:
        rate = read_rate(body.rate)
        if not isinstance(rate, int):
            return rate
    auto_renew = None if body.auto_renew is UNSET else body.auto_renew
    command = Amend(id=call.id, contract=contract, linked=linked, auto_renew=auto_renew, rate=rate)
    expected = "" if call.if_match == "*" or earlier(call) is not None else call.if_match
    holder = holder_of(call, contract) if expected else ""
    # Compared and changed as one: nothing else changes contracts meanwhile.
    with call.bank.holding.lock:
        if expected:
            view = contract_view(call, contract, holder, call.bank.ledger.business_date)
            if etag_of(view) != expected:
                return Refusal(HttpRefusal.VERSION_DIFFERS)
        return carry_out(call, command, its)


def hand_over(call: Call) -> Handled:
    """Transfer a contract to another holder."""
    body, contract = call.body_as(HandOverContract), call.params_as(ContractPath).contract
    refused = reach_contract(call, contract)
    if refused is not None:
        return refused
    holder = _holder_then(call, body.party, earlier(call))
    if not isinstance(holder, Holder):
        return holder
    command = TransferTo(id=call.id, contract=contract, holder=holder.reference, is_company=holder.is_company)
    return carry_out(call, command, currency_of(call, contract))


def give_notice(call: Call) -> Handled:
    """Give notice of a withdrawal."""
    body, contract = call.body_as(GiveContractNotice), call.params_as(ContractPath).contract
    refused = reach_contract(call, contract)
    if refused is not None:
        return refused
    its = currency_of(call, contract)
    amount, due_on = amount_of(body.amount, its), day_of(body.due_on)
    if not isinstance(amount, int):
        return amount
    if not isinstance(due_on, int):
        return due_on
    return carry_out(call, GiveNotice(id=call.id, contract=contract, amount_minor=amount, due_on=due_on), its)


def cancel_notice(call: Call) -> Handled:
    """Take a notice of withdrawal back."""
    asked = call.params_as(NoticePath)
    refused = reach_contract(call, asked.contract)
    if refused is not None:
        return refused
    command = CancelNotice(id=call.id, contract=asked.contract, notice=asked.notice)
    return carry_out(call, command, currency_of(call, asked.contract))


# --- money


def pay_in(call: Call) -> Handled:
    """Pay more into a contract."""
    body, contract = call.body_as(PayIn), call.params_as(ContractPath).contract
    refused = reach_contract(call, contract)
    if refused is not None:
        return refused
    its = currency_of(call, contract)
    amount = amount_of(body.amount, its)
    if not isinstance(amount, int):
        return amount
    funding = other_end(call, body.funding, body.cash, its, Side.GIVES)
    if not isinstance(funding, int):
        return funding
    if not funding:
        return Refusal(CounterpartRefusal.END_MISSING)
    return carry_out(call, DepositMore(id=call.id, contract=contract, amount_minor=amount, funding=funding), its)


def draw(call: Call) -> Handled:
    """Draw a part of a contract; drawing all of it closes the contract."""
    body, contract = call.body_as(DrawFromContract), call.params_as(ContractPath).contract
    refused = reach_contract(call, contract)
    if refused is not None:
        return refused
    its = currency_of(call, contract)
    amount = amount_of(body.amount, its)
    if not isinstance(amount, int):
        return amount
    payee = other_end(call, body.payee, body.cash, its, Side.TAKES)
    if not isinstance(payee, int):
        return payee
    return carry_out(call, Withdraw(id=call.id, contract=contract, amount_minor=amount, payee=payee), its)


def close_contract(call: Call) -> Handled:
    """Draw all of a contract with its interest, and close it."""
    body, contract = call.body_as(CloseContract), call.params_as(ContractPath).contract
    refused = reach_contract(call, contract)
    if refused is not None:
        return refused
    its = currency_of(call, contract)
    payee = other_end(call, body.payee, body.cash, its, Side.TAKES)
    if not isinstance(payee, int):
        return payee
    return carry_out(call, Close(id=call.id, contract=contract, payee=payee), its)


def weigh_amount(call: Call) -> Weight:
    """What a command on a contract moves: the amount it names."""
    its = _currency_reached(call)
    return Weight() if its is None else Weight(weight_minor(call.body.amount, its), its.code)


def weigh_closing(call: Call) -> Weight:
    """What the closing of a contract moves: all it holds."""
    its, row = _currency_reached(call), call.bank.deposits.book.row(int(call.params.contract))
    if its is None or row is None:
        return Weight()
    return Weight(max(0, call.bank.ledger.account(int(row["account"][0])).balance_minor), its.code)


def _currency_reached(call: Call) -> Currency | None:
    """The currency of the contract that is meant; None out of reach: not even its weight is told."""
    contract = int(call.params.contract)
    return currency_of(call, contract) if reach_contract(call, contract) is None else None
