"""Loans are read out of the database as the engine has them, also while a night is at work."""

from collections.abc import Iterator

import pytest
from tests.postgres.closeday.conftest import NewHouse
from tests.postgres.closeday.test_killed import Killed, killed_at
from tests.postgres.lending.house import LEVEL_LOAN, Lender, day
from tests.postgres.lending.test_killed_loans import FIRST, anew, lend_earlier

from yinhe.closeday.loan_reader import loan_reader
from yinhe.lending.forthcoming import Forthcoming
from yinhe.lending.reading import list_cards, read_agreement
from yinhe.lending.refusals import LoanRefusal, Refusal
from yinhe.products.parts.application import Purpose


@pytest.fixture
def later(new_house: NewHouse) -> Iterator[Lender]:
    """On 3 March, with a loan that another bank drew on 3 February: its first instalment falls due tonight."""
    lender = Lender(new_house(FIRST))
    version = lender.house.publish(LEVEL_LOAN.replace("2026-01-05", "2026-03-03"))
    lend_earlier(lender, version, 0, day("2026-02-03"), lender.account(5_000_00))
    yield lender
    lender.lending.close()


def to_come(lender: Lender, loan: int) -> list[Forthcoming]:
    with lender.house.connect() as session, loan_reader(session) as reader:
        standing = reader.standing(loan)
        assert standing is not None
        return list(reader.to_come(standing))


def test_a_loan_is_read_as_the_engine_has_it(lender: Lender) -> None:
    loan = lender.lend(lender.house.publish(LEVEL_LOAN), 12_000_00, 3)
    lender.house.nights_until(day("2026-01-08"))
    with lender.house.connect() as session, loan_reader(session) as reader:
        standing, agreement = reader.standing(loan), read_agreement(session, loan)
        assert reader.standing(loan + 1) == Refusal(LoanRefusal.LOAN_UNKNOWN)
        assert read_agreement(session, loan + 1) is None
        (card,) = list_cards(session, borrower="P-1")
    assert standing is not None
    # Three days have accrued, which the night has not written down.
    assert standing.at.row.tolist() == lender.lending.book.rows.tolist()
    assert standing.at.row["whole"][0] == 4_90
    assert standing.date == day("2026-01-08")
    engine = lender.lending.standing(loan)
    assert standing.acts == engine.acts
    assert (agreement.borrower, agreement.purpose) == ("P-1", Purpose.GOODS)
    assert (card.loan, card.principal, card.linked) == (loan, 12_000_00, lender.current)


def test_while_a_night_is_at_work_a_loan_stands_before_it_or_after(
    later: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, runner, today = to_come(later, 1), later.house.runner, later.house.today
    assert before[0].due == today
    killed = 0
    for at in range(4, 80, 5):
        try:
            with killed_at(monkeypatch, at):
                runner.close(today, lambda step, done, total: None)
        except Killed:
            killed += 1
            assert to_come(later, 1) in (before, before[1:])
            anew(later)
            runner = later.house.runner
        else:
            break
    assert killed > 3
    assert to_come(later, 1) == before[1:]


def test_a_loan_of_another_bank_is_for_what_was_said_there(later: Lender) -> None:
    with later.house.connect() as session:
        agreement = read_agreement(session, 1)
        assert agreement is not None
        assert agreement.purpose == ""
        assert [one.loan for one in list_cards(session)] == [1]
