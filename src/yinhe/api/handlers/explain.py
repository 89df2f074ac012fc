"""Why a transaction's amounts are what they are, worked out again from the journal and the history of products."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final
from uuid import UUID

import msgspec

from yinhe.access.permissions import Permission
from yinhe.api.call import Call
from yinhe.api.forms import CurrencyCode, MoneyForm, RateText, account_text, date_form, money_form, rate_text
from yinhe.api.problem import Reasons
from yinhe.api.reach import reach_account
from yinhe.api.route import Handled, RefusalLike, Reply, Route
from yinhe.closeday.errors import ExplanationDiffers, NotExplained, TransactionUnknown
from yinhe.closeday.explain import explain
from yinhe.closeday.explanation import Derivation, Explanation, Leg, Span
from yinhe.closeday.past import Past
from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.refusals import ReasonEnum, Refusal
from yinhe.products.errors import ProductUnknown, RateMissing
from yinhe.products.pricing import Reason
from yinhe.storage.statements import load_statements


class ExplainRefusal(ReasonEnum):
    """Why nothing is explained."""

    TRANSACTION_UNKNOWN = "there is no such transaction, or it is out of reach", "交易不存在或无权访问"
    EXPLANATION_DIFFERS = "worked out again it comes out otherwise than it was posted", "重新推算结果与入账不符"
    NOT_EXPLAINED = "the facts it follows from are not in the books", "账内缺少推算依据"


class ExplainParams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which transaction."""

    transaction: Annotated[UUID, msgspec.Meta(description="Its id.")]


class ExplainedLeg(msgspec.Struct, frozen=True, kw_only=True):
    """One posting of the transaction, as the journal has it."""

    seq: int
    debit: Annotated[str, msgspec.Meta(description="The account that is debited.")]
    credit: str
    amount: MoneyForm
    code: int
    words: Reasons
    value_date: date


class ExplainedRate(msgspec.Struct, frozen=True, kw_only=True):
    """A rate that counted."""

    at_least: Annotated[MoneyForm, msgspec.Meta(description="The balance from which it holds, or the slice begins.")]
    rate: RateText
    source: Annotated[Reasons, msgspec.Meta(description="Where it came from.")]


class ExplainedSpan(msgspec.Struct, frozen=True, kw_only=True):
    """Days on which balance, rates and product were the same."""

    first: date
    last: date
    days: Annotated[int, msgspec.Meta(description="As the product counts them.")]
    balance: MoneyForm
    product: Annotated[str, msgspec.Meta(description="The version in force.", examples=["demand/1"])]
    part: Annotated[str, msgspec.Meta(description="The part that names the rate.", examples=["interest.flat"])]
    rates: tuple[ExplainedRate, ...]
    whole: Annotated[int, msgspec.Meta(description="What the days earned: whole minor units …")]
    remainder: Annotated[str, msgspec.Meta(description="… and parts of `base`, as text: it may be large.")]


class ExplainedInterest(msgspec.Struct, frozen=True, kw_only=True):
    """How an amount of interest came about: the sum of the spans, rounded once."""

    contract: int
    spans: tuple[ExplainedSpan, ...]
    brought_whole: Annotated[int, msgspec.Meta(description="Accrued before the first span …")]
    brought_remainder: str
    base: Annotated[str, msgspec.Meta(description="The parts of a minor unit a remainder counts.")]
    whole: Annotated[int, msgspec.Meta(description="All together: whole minor units …")]
    remainder: str
    rounding: Annotated[str, msgspec.Meta(examples=["half_up"])]
    amount: Annotated[MoneyForm, msgspec.Meta(description="Rounded.")]


class ExplainedShare(msgspec.Struct, frozen=True):
    """What one contract contributes to a posting for a whole product."""

    contract: int
    amount: MoneyForm


class TransferExplanation(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction, and why its amounts are what they are."""

    transaction: UUID
    words: Reasons
    business_date: Annotated[date, msgspec.Meta(description="The date it was booked on.")]
    night: Annotated[date | None, msgspec.Meta(description="The business date whose close posted it.")]
    currency: CurrencyCode
    legs: tuple[ExplainedLeg, ...]
    interest: ExplainedInterest | None
    shares: Annotated[
        tuple[ExplainedShare, ...], msgspec.Meta(description="The contracts that contribute most, the largest first.")
    ]
    contracts: Annotated[int, msgspec.Meta(description="How many contribute.")]
    reasons: Annotated[tuple[Reasons, ...], msgspec.Meta(description="What else decided, in order.")]
    derived: Annotated[
        bool, msgspec.Meta(description="Whether the amounts follow from other facts; else they were asked for.")
    ]


def explain_transfer(call: Call) -> Handled:
    """Why a transaction's amounts are what they are."""
    transaction = call.params_as(ExplainParams).transaction
    wrong = _reach(call, transaction)
    if wrong is not None:
        return wrong
    try:
        with Past(lambda: call.bank.ledger.connect("yinhe explain")) as past:
            found = explain(past, transaction)
    except TransactionUnknown:
        return Refusal(ExplainRefusal.TRANSACTION_UNKNOWN)
    except ExplanationDiffers as error:
        return Refusal(ExplainRefusal.EXPLANATION_DIFFERS, str(error).removesuffix("."))
    except (NotExplained, RateMissing, ProductUnknown) as error:
        return Refusal(ExplainRefusal.NOT_EXPLAINED, str(error).removesuffix("."))
    return Reply(value=_told(found, call.bank.unit, _names(call)))


def _names(call: Call) -> Mapping[int, Reasons]:
    """What transfer codes are called, those of every organ."""
    with call.bank.sessions.lend() as session:
        rows = session.execute(load_statements("api_reading")["code_names"]).fetchall()
    return {int(code): Reasons(english, chinese) for code, english, chinese in rows}


def _reach(call: Call, transaction: UUID) -> RefusalLike | None:
    """Why a transaction is not there for whoever asks: it is that of the accounts it moves money between.

    Whoever reaches one of them may know what happened to it; a posting for many contracts touches none of theirs.
    """
    rows = call.bank.ledger.transaction(transaction)
    accounts = {int(row[side]) for row in rows for side in ("debit", "credit")}
    if any(reach_account(call, account) is None for account in accounts):
        return None
    return Refusal(ExplainRefusal.TRANSACTION_UNKNOWN)


def _told(found: Explanation, unit: int, names: Mapping[int, Reasons]) -> TransferExplanation:
    its = found.currency
    legs = tuple(_leg(leg, unit, its, names) for leg in found.legs)
    # The whole is called as the leg that gives it its name.
    words = next((told.words for leg, told in zip(found.legs, legs, strict=True) if leg.what == found.what), None)
    return TransferExplanation(
        transaction=found.txn_id,
        words=words or _words(found.what),
        business_date=date_form(found.business_date),
        night=None if found.night is None else date_form(found.night),
        currency=currency_by_number(its).code,
        legs=legs,
        interest=None if found.derivation is None else _interest(found.derivation, its),
        shares=tuple(ExplainedShare(one.contract, money_form(one.amount_minor, its)) for one in found.shares),
        contracts=found.contracts,
        reasons=tuple(_words(one) for one in found.reasons),
        derived=found.derived,
    )


def _words(reason: Reason) -> Reasons:
    return Reasons(reason.english, reason.chinese)


def _leg(leg: Leg, unit: int, its: int, names: Mapping[int, Reasons]) -> ExplainedLeg:
    return ExplainedLeg(
        seq=leg.seq,
        debit=account_text(leg.debit, unit),
        credit=account_text(leg.credit, unit),
        amount=money_form(leg.amount_minor, its),
        code=leg.code,
        words=names.get(leg.code) or _words(leg.what),
        value_date=date_form(leg.value_date),
    )


def _interest(found: Derivation, its: int) -> ExplainedInterest:
    return ExplainedInterest(
        contract=found.contract,
        spans=tuple(_span(span, its) for span in found.spans),
        brought_whole=found.brought_whole,
        brought_remainder=str(found.brought_remainder),
        base=str(found.base),
        whole=found.whole,
        remainder=str(found.remainder),
        rounding=found.rounding.value,
        amount=money_form(found.amount_minor, its),
    )


def _span(span: Span, its: int) -> ExplainedSpan:
    return ExplainedSpan(
        first=date_form(span.start),
        last=date_form(span.end - 1),
        days=span.days,
        balance=money_form(span.balance_minor, its),
        product=span.product,
        part=span.part,
        rates=tuple(
            ExplainedRate(
                at_least=money_form(used.at_least_minor, its), rate=rate_text(used.rate), source=_words(used.source)
            )
            for used in span.rates
        ),
        whole=span.whole,
        remainder=str(span.remainder),
    )


ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/transfers/{transaction}/explanation",
        name="explainTransfer",
        tag="transfers",
        summary="Why a transaction's amounts are what they are: days, balances, rates, the remainder, the rounding.",
        description="Everything is worked out again from the journal and the history of products, as known on the "
        "night that posted it; where that does not give the amount posted, it is said.",
        permission=Permission.CONTRACT_READ,
        handler=explain_transfer,
        params=ExplainParams,
        answer=TransferExplanation,
        problems=(422,),
    ),
)
