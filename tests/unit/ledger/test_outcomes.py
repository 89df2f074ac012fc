"""The closed lists of answers."""

import re
from enum import IntEnum
from typing import Any

import pytest

from yinhe.ledger.outcomes import ACCOUNT_REASONS, REASONS, AccountOutcome, Outcome

LISTS = [(Outcome, REASONS), (AccountOutcome, ACCOUNT_REASONS)]


@pytest.mark.parametrize(("outcomes", "reasons"), LISTS, ids=["transfers", "accounts"])
def test_every_outcome_has_its_reason_in_the_order_of_precedence(outcomes: type[IntEnum], reasons: Any) -> None:
    assert list(reasons) == list(outcomes)
    assert [int(outcome) for outcome in outcomes] == list(range(len(outcomes)))


@pytest.mark.parametrize(("outcomes", "reasons"), LISTS, ids=["transfers", "accounts"])
def test_every_reason_is_told_in_english_and_in_chinese_and_in_words_of_its_own(
    outcomes: type[IntEnum], reasons: Any
) -> None:
    for reason in reasons.values():
        assert reason.english
        assert reason.english.isascii()
        assert re.search("[\u4e00-\u9fff]", reason.chinese)
    assert len({reason.english for reason in reasons.values()}) == len(outcomes)
    assert len({reason.chinese for reason in reasons.values()}) == len(outcomes)


@pytest.mark.parametrize(("outcomes", "reasons"), LISTS, ids=["transfers", "accounts"])
def test_nobody_can_change_the_reasons(outcomes: type[IntEnum], reasons: Any) -> None:
    with pytest.raises(TypeError):
        reasons[outcomes(0)] = None


STATE_DECIDES = {
    Outcome.ID_FROM_FUTURE,
    Outcome.UNKNOWN_ACCOUNT,
    Outcome.PENDING_NOT_FOUND,
    Outcome.PENDING_NOT_EXPIRED,
    Outcome.OVER_PENDING,
    Outcome.DEBIT_BLOCKED,
    Outcome.CREDIT_BLOCKED,
    Outcome.OVER_DAILY_LIMIT,
    Outcome.INSUFFICIENT_FUNDS,
    Outcome.BALANCE_OVERFLOW,
    Outcome.OVER_CEILING,
    Outcome.LINKED_FAILED,
}


def test_a_retry_can_change_what_time_or_the_state_of_accounts_decides() -> None:
    assert {outcome for outcome, reason in REASONS.items() if reason.retry_can_change} == STATE_DECIDES


def test_outcomes_fit_the_byte_they_are_answered_in() -> None:
    assert max(Outcome) < 256
