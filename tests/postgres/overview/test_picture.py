"""A customer's whole picture agrees with the books it is drawn from."""

import datetime as dt
import threading

import msgspec
import pytest
from tests.postgres.overview.story import OTHER, PARTY, Story, bystander

from yinhe.kernel.dates import date_from_days, days_from_date
from yinhe.kernel.refusals import Refusal
from yinhe.ledger.batch import Flag
from yinhe.lending.owing import owing_of
from yinhe.lending.service import Lending
from yinhe.overview.people import Expiry, Known
from yinhe.overview.records import ContractStatus, LimitKind, LoanStatus, Picture
from yinhe.overview.refusals import OverviewRefusal
from yinhe.overview.service import Overview
from yinhe.overview.values import Values
from yinhe.storage.sessions import Sessions


def drawn(overview: Overview, party: int = PARTY, as_of: int | None = None) -> Picture:
    found = overview.picture(party, as_of)
    assert isinstance(found, Picture), found
    return found


def test_contracts_show_what_the_ledger_and_the_night_have(story: Story, overview: Overview) -> None:
    picture = drawn(overview)
    assert [one.contract for one in picture.contracts] == [
        story.contracts[name] for name in ("current", "term", "passed")
    ]
    for one in picture.contracts:
        account, row = story.ledger.account(one.account), story.deposits.book.row(one.contract)
        assert one.balance_minor == account.balance_minor
        assert (one.held_minor, one.available_minor) == (account.held_minor, account.available_minor)
        assert one.accrued_minor == row["whole"][0]
        assert days_from_date(one.accrued_until) == row["through"][0] == story.house.today
    # The time deposit is past its month; the current account lies in its second tier.
    assert [one.status for one in picture.contracts] == [
        ContractStatus.OPEN,
        ContractStatus.MATURED,
        ContractStatus.OPEN,
    ]
    assert [one.rate for one in picture.contracts] == [1_800_000, 360_000, 360_000]
    assert picture.seq == story.ledger.committed_seq
    assert not picture.night_at_work


def test_a_loan_shows_what_is_owed_and_what_comes_next(story: Story, overview: Overview) -> None:
    (loan,) = drawn(overview).loans
    standing = story.lending.standing(story.loan)
    owing = owing_of(standing)
    assert loan.principal_minor == owing.not_due + owing.principal
    assert (loan.due_minor, loan.overdue_minor, loan.running_minor) == (owing.due, owing.overdue, owing.running)
    assert (loan.status, loan.days_late, loan.grade) == (LoanStatus.OPEN, 0, "normal")
    # Six level payments of 6,000.00 at 4.90 %: the second falls due a month after the first.
    assert (loan.next_due, loan.next_minor) == (dt.date(2026, 3, 5), 1_014_34)


def test_totals_are_the_sums_of_what_is_listed(overview: Overview) -> None:
    picture = drawn(overview)
    (total,) = picture.totals
    assert total.deposits_minor == sum(one.balance_minor for one in picture.contracts)
    assert total.held_minor == sum(one.held_minor for one in picture.contracts) > 0
    assert total.loans_minor == picture.loans[0].principal_minor


def test_every_open_hold_is_shown(story: Story, overview: Overview) -> None:
    held = story.ledger.account(story.accounts["current"]).held_minor
    assert sum(hold.remaining_minor for hold in drawn(overview).holds) == held
    payer, payee = story.accounts["current"], story.accounts["other"]
    expires_at = story.house.clock.now_us() + 3_600_000_000
    placed = story.ledger.hold(debit=payer, credit=payee, amount_minor=9_99, expires_at=expires_at)
    picture = drawn(overview)
    shown = {hold.hold: hold for hold in picture.holds}[placed.seq]
    assert (shown.remaining_minor, shown.expires_at) == (9_99, expires_at)
    assert days_from_date(shown.placed_on) == story.house.today
    assert [alert.object for alert in picture.alerts if alert.name == "hold_expires"] == [f"hold/{placed.seq}"]
    story.ledger.transfer(debit=payer, credit=payee, amount_minor=0, flags=Flag.VOID, reference=placed.seq)
    assert placed.seq not in {hold.hold for hold in drawn(overview).holds}


def test_limits_show_what_is_used_of_them_today(story: Story, overview: Overview) -> None:
    payer = story.accounts["current"]
    before = {one.kind: one for one in drawn(overview).limits}
    story.ledger.transfer(debit=payer, credit=bystander(story), amount_minor=12_34)
    after = {one.kind: one for one in drawn(overview).limits}
    assert after[LimitKind.DAILY].used_minor - before[LimitKind.DAILY].used_minor == 12_34
    assert after[LimitKind.DAILY].free_minor == 8_000_00 - after[LimitKind.DAILY].used_minor
    assert (after[LimitKind.OVERDRAFT].limit_minor, after[LimitKind.OVERDRAFT].used_minor) == (500_00, 0)


def test_on_every_past_day_balances_are_those_of_its_end(story: Story, overview: Overview) -> None:
    first = days_from_date(dt.date(2026, 1, 5))
    for day in range(first - 1, story.house.today, 6):
        picture = drawn(overview, as_of=day)
        for one in (*picture.contracts, *picture.loans):
            sign, amount = (1, one.balance_minor) if hasattr(one, "balance_minor") else (-1, one.principal_minor)
            assert sign * amount == story.ledger.balance_at_date(one.account, day)
        assert len(picture.contracts) == (0 if day < first else 3)
        if picture.contracts:
            matured = day >= days_from_date(dt.date(2026, 2, 5))
            assert (picture.contracts[1].status is ContractStatus.MATURED) == matured
    assert msgspec.structs.replace(drawn(overview, as_of=story.house.today), alerts=()).as_of is None


def test_acts_are_the_events_the_customer_has_to_do_with(story: Story, overview: Overview) -> None:
    acts = [(act.action, act.object, act.amount_minor) for act in drawn(overview).acts]
    assert ("contract.transfer", f"contract/{story.contracts['passed']}", None) in acts
    assert ("contract.open", f"contract/{story.contracts['current']}", 20_000_00) in acts
    assert ("loan.draw", f"loan/{story.loan}", 6_000_00) in acts
    # That another opened it and what that one did is no matter of the one it was passed to.
    assert ("contract.open", f"contract/{story.contracts['passed']}", 1_000_00) not in acts
    assert "contract.open" in [act.action for act in drawn(overview, OTHER).acts]


def test_worth_is_what_the_accounts_were_booked(story: Story, overview: Overview, values: Values, sessions) -> None:
    with sessions.lend() as session:
        values.catch_up(session)
    picture = drawn(overview)
    (line,) = picture.worth.in_all
    rows = story.ledger.feed(0, 10_000)
    mine = [one.account for one in picture.contracts]

    def booked(code: int, side: str, accounts: list[int]) -> int:
        return sum(int(row["amount"]) for row in rows if row["code"] == code and row[side] in accounts)

    assert line.interest_paid_minor == booked(2001, "credit", mine) > 0
    assert line.tax_minor == booked(2004, "debit", mine) > 0
    assert line.fees_minor == booked(2005, "debit", mine) > 0
    assert line.interest_earned_minor == booked(3003, "credit", [int(story.lending.book.rows["receivable"][0])]) > 0
    assert line.result_minor == line.interest_earned_minor + line.fees_minor - line.interest_paid_minor
    assert picture.worth.last_year == picture.worth.in_all
    assert picture.worth.as_of_seq <= picture.seq


def test_while_a_step_of_the_night_has_accruals_in_hand_they_are_not_shown(story: Story, overview: Overview) -> None:
    with story.house.connect() as session:
        session.execute("INSERT INTO night (business_date, id_ms, began_at) VALUES ('2030-01-01', 1, now())")
    taken, free = threading.Event(), threading.Event()

    def hold() -> None:
        with story.house.bank.lock:
            taken.set()
            free.wait(30)

    step = threading.Thread(target=hold)
    try:
        step.start()
        taken.wait(30)
        picture = drawn(overview)
        assert picture.night_at_work
        assert {one.accrued_minor for one in picture.contracts} == {None}
        assert picture.loans[0].due_minor is None
        assert picture.contracts[0].balance_minor == story.house.balance(story.accounts["current"])
        free.set()
        step.join()
        assert None not in {one.accrued_minor for one in drawn(overview).contracts}
    finally:
        free.set()
        step.join()
        with story.house.connect() as session:
            session.execute("DELETE FROM night WHERE business_date = '2030-01-01'")


class Cards:
    """A register of one party, under which another was merged."""

    def known(self, party: int) -> Known | None:
        if party not in (PARTY, 70):
            return None
        expired = Expiry(what="identifier", kind="passport", on=dt.date(2026, 1, 1))
        return Known(party=PARTY, merged=(70,), details={"name": "张*"}, expiries=(expired,))


def test_the_register_tells_who_it_is_and_what_has_expired(story: Story, sessions: Sessions) -> None:
    overview = Overview(sessions, story.ledger, story.house.bank, Cards())
    picture = drawn(overview, 70)
    assert (picture.party, picture.details) == (PARTY, {"name": "张*"})
    assert "identifier_expired" in [alert.name for alert in picture.alerts]
    assert len(picture.contracts) == 3
    assert overview.picture(71) == Refusal(OverviewRefusal.PARTY_UNKNOWN)
    assert overview.timeline(71) == Refusal(OverviewRefusal.PARTY_UNKNOWN)
    overview.close()


@pytest.mark.parametrize("party", [0, -1, 2**63, 10**30])
def test_a_number_no_party_has_is_refused(overview: Overview, party: int) -> None:
    assert overview.picture(party) == Refusal(OverviewRefusal.PARTY_UNKNOWN)


def test_a_day_to_come_is_refused(story: Story, overview: Overview) -> None:
    assert overview.picture(PARTY, story.house.today + 1) == Refusal(OverviewRefusal.DATE_AHEAD)


def test_who_has_nothing_has_an_empty_picture(story: Story, overview: Overview) -> None:
    picture = drawn(overview, 999)
    assert (picture.contracts, picture.loans, picture.totals, picture.acts) == ((), (), (), ())
    assert picture.business_date == date_from_days(story.house.today)


def test_a_picture_is_written_as_json(overview: Overview) -> None:
    assert msgspec.json.decode(msgspec.json.encode(drawn(overview)))["contracts"][0]["opened"] == "2026-01-05"


__all__ = ["Lending"]
