"""Refusals and codes: every reason in two languages, under one name, and codes that are nobody else's."""

from yinhe.deposits.codes import TransferCode
from yinhe.kernel.refusals import ReasonEnum
from yinhe.ledger.outcomes import REASONS, Outcome
from yinhe.lending.codes import LoanCode
from yinhe.payments.codes import PaymentCode
from yinhe.products.parts.fee import FeeEvent
from yinhe.transact.codes import PAYMENT_CODES, TransferKind, codes_of, event_of
from yinhe.transact.refusals import ALL_REFUSALS, LEDGER_REFUSALS, PLACES, RETRY_CAN_CHANGE, DayRefusal


def test_places_of_the_ledgers_outcomes_are_their_numbers() -> None:
    for outcome in Outcome:
        assert ALL_REFUSALS[outcome] is LEDGER_REFUSALS[outcome]
        assert (ALL_REFUSALS[outcome].name, ALL_REFUSALS[outcome].english) == (
            outcome.name.lower(),
            REASONS[outcome].english,
        )


def test_every_reason_has_one_place_and_words_in_both_languages() -> None:
    assert len(PLACES) == len(ALL_REFUSALS)
    for refusal in ALL_REFUSALS:
        assert isinstance(refusal.because, ReasonEnum)
        assert refusal.english
        assert refusal.chinese
        assert not refusal.english.endswith(".")
        assert not refusal.chinese.endswith("。")
    assert set(RETRY_CAN_CHANGE) <= set(PLACES)


def test_no_two_reasons_of_the_day_say_the_same() -> None:
    assert len({one.english for one in DayRefusal}) == len({one.chinese for one in DayRefusal}) == len(DayRefusal)


def test_codes_are_nobody_elses() -> None:
    mine = {kind.code for kind in TransferKind}
    others = {one.code for enum in (TransferCode, LoanCode, PaymentCode) for one in enum}
    assert not mine & others
    assert all(650 <= code < 700 for code in mine)
    assert {one.code for one in PaymentCode} <= set(PAYMENT_CODES)


def test_each_kind_is_charged_as_what_it_is() -> None:
    assert event_of(TransferKind.TRANSFER.code) is event_of(PaymentCode.OUT.code) is FeeEvent.TRANSFER
    assert event_of(TransferKind.CASH_OUT.code) is FeeEvent.WITHDRAWAL
    assert event_of(TransferKind.FEE.code) is event_of(TransferCode.INTEREST.code) is None
    assert codes_of(FeeEvent.DEPOSIT) == (TransferKind.CASH_IN.code,)
