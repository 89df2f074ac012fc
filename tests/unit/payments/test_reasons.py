"""Every reason has words in both languages and a code of the standard; names are compared as a clerk would."""

import re

import pytest

from yinhe.kernel.refusals import ReasonEnum, Refusal
from yinhe.ledger.outcomes import REASONS, Outcome
from yinhe.payments.codes import CODES, PaymentCode
from yinhe.payments.house import same_name
from yinhe.payments.refusals import FileReason, PaymentReason, cause_by_books, cause_of, code_of

EVERY = [*FileReason, *PaymentReason]


@pytest.mark.parametrize("reason", EVERY, ids=lambda reason: reason.name)
def test_every_reason_is_told_in_two_languages_and_by_a_code(reason: ReasonEnum) -> None:
    cause = cause_of(Refusal(reason))
    assert re.fullmatch(r"[A-Z]{2}[0-9]{2}", cause.iso_code)
    assert re.search(r"[\u4e00-\u9fff]", cause.chinese)
    assert not cause.english.endswith(".")
    assert cause.name == reason.name.lower()


BY_BOOKS = {
    Outcome.INSUFFICIENT_FUNDS: "AM04",
    Outcome.CURRENCY_DIFFERS: "AM03",
    Outcome.ACCOUNT_CLOSED: "AC04",
    Outcome.DEBIT_BLOCKED: "AC06",
    Outcome.CREDIT_BLOCKED: "AC06",
    Outcome.UNKNOWN_ACCOUNT: "AC01",
    Outcome.OVER_DAILY_LIMIT: "AM02",
    Outcome.OVER_CEILING: "AM02",
    Outcome.ID_CONFLICT: "MS03",
}


@pytest.mark.parametrize(("outcome", "code"), BY_BOOKS.items(), ids=lambda value: getattr(value, "name", value))
def test_what_the_books_refuse_keeps_its_words_and_gets_a_code(outcome: Outcome, code: str) -> None:
    words = REASONS[outcome]
    cause = cause_by_books(outcome.name.lower(), words.english, words.chinese)
    assert (cause.iso_code, cause.english, cause.chinese) == (code, words.english, words.chinese)


def test_a_reason_of_another_organ_is_not_specified() -> None:
    class Strange(ReasonEnum):
        ODD = "odd", "奇怪"

    assert code_of(Refusal(Strange.ODD)) == "MS03"


def test_the_codes_of_payments_are_their_own() -> None:
    assert len(CODES) == len(PaymentCode)
    assert all(700 <= code < 750 for code in CODES)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("张三", "张 三", True),
        ("ＡＣＭＥ Ltd.", "acme ltd", True),
        ("Straße", "STRASSE", True),
        ("张三", "张四", False),
        ("Acme", "Acme 2", False),
    ],
)
def test_names_are_the_same_but_for_case_width_spaces_and_points(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same
