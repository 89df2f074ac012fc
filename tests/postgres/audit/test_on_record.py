"""What is done with contracts, loans and products stands in the log with it, or is not done."""

from typing import Any

import pytest
from tests.postgres.closeday.house import TIME, House, day, product
from tests.postgres.deposits.conftest import Branch
from tests.postgres.lending.house import LEVEL_LOAN, Lender

from yinhe.audit import log
from yinhe.audit.reading import Kept, Wanted, read_records
from yinhe.audit.record import ActorKind, Author
from yinhe.deposits.answers import Done
from yinhe.deposits.commands import Amend, Close, Open, TransferTo, Withdraw
from yinhe.deposits.refusals import Refusal
from yinhe.ledger.accounts import openings
from yinhe.ledger.outcomes import Outcome
from yinhe.lending.commands import Draw, Repay
from yinhe.lending.service import Done as LoanDone
from yinhe.products.catalogue_store import check, draft

TELLER = Author(kind=ActorKind.USER, name="teller-7", channel="counter", address="127.0.0.1")


def records(connect: Any, **wanted: Any) -> tuple[Kept, ...]:
    with connect() as session:
        return read_records(session, Wanted(**wanted))


def opening(at: Branch, amount: int = 1_000_00, **more: Any) -> Open:
    given = {"holder": "12", "funding": at.till, "linked": at.purse} | more
    return Open(id=at.ledger.ids.next(), version=at.version("demand"), amount_minor=amount, **given)


def opened(at: Branch, **more: Any) -> Done:
    done = at.deposits.do(opening(at, **more), TELLER)
    assert isinstance(done, Done), done
    return done


def test_what_is_done_with_a_contract_is_told_with_its_author_its_party_and_what_changed(branch: Branch) -> None:
    done = opened(branch)
    amend = Amend(id=branch.ledger.ids.next(), contract=1, linked=branch.till)
    assert isinstance(branch.deposits.do(amend, TELLER), Done)
    opening_record, amendment = records(branch.unit.connect)
    assert (opening_record.action, opening_record.object) == ("contract.open", "contract/1")
    assert (opening_record.actor, opening_record.parties) == ("user:teller-7", (12,))
    assert opening_record.request_id == done.id
    told = opening_record.told
    assert told["before"] is None
    assert told["after"]["opened"] == "2026-01-05"
    assert told["after"]["flags"] == ["open"]
    leg = {"debit": branch.till, "credit": done.account, "amount_minor": 1_000_00, "code": "opening"}
    assert told["detail"] == {"account": done.account, "legs": [leg]}
    assert told["author"]["channel"] == "counter"
    assert (amendment.told["before"], amendment.told["after"]) == ({"linked": branch.purse}, {"linked": branch.till})


def test_a_name_of_a_holder_is_never_in_the_log(branch: Branch) -> None:
    opened(branch, holder="张三")
    other = TransferTo(id=branch.ledger.ids.next(), contract=1, holder="110101199003070011")
    branch.deposits.do(other, TELLER)
    text = "".join(kept.content for kept in records(branch.unit.connect))
    assert "张三" not in text
    assert "110101199003070011" not in text


def test_a_transfer_concerns_both_holders(branch: Branch) -> None:
    opened(branch, holder="12")
    command = TransferTo(id=branch.ledger.ids.next(), contract=1, holder="34")
    answer = branch.deposits.do(command, TELLER)
    last = records(branch.unit.connect)[-1]
    assert last.parties == (12, 34)
    assert last.outcome == ("done" if isinstance(answer, Done) else "refused")


def test_a_refusal_is_on_record_where_another_than_the_bank_asked(branch: Branch) -> None:
    opened(branch)
    branch.ledger.block(branch.deposits.book.rows["account"][0], debit=True, credit=False)
    unknown = Withdraw(id=branch.ledger.ids.next(), contract=9, amount_minor=1)
    blocked = Withdraw(id=branch.ledger.ids.next(), contract=1, amount_minor=5_00)
    for command in (unknown, blocked):
        assert isinstance(branch.deposits.do(command, TELLER), Refusal)
    before = records(branch.unit.connect)
    assert [(kept.object, kept.outcome, kept.told["why"]) for kept in before[1:]] == [
        ("contract/9", "refused", "contract_unknown"),
        ("contract/1", "refused", "debit_blocked"),
    ]
    assert before[2].parties == (12,)
    assert isinstance(branch.deposits.do(Withdraw(id=branch.ledger.ids.next(), contract=9, amount_minor=1)), Refusal)
    assert records(branch.unit.connect) == before


def test_asked_again_nothing_more_is_on_record(branch: Branch) -> None:
    command = opening(branch)
    assert branch.deposits.do(command, TELLER) == branch.deposits.do(command, TELLER)
    assert len(records(branch.unit.connect)) == 1


def test_what_is_finished_after_a_stop_is_on_record_under_its_author(
    branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any) -> None:
        raise RuntimeError("stopped")

    command = opening(branch)
    with monkeypatch.context() as patched:
        patched.setattr("yinhe.deposits.service.append", stop)
        with pytest.raises(RuntimeError, match="stopped"):
            branch.deposits.do(command, TELLER)
    assert records(branch.unit.connect) == ()
    assert len(branch.deposits.book) == 0
    branch.reopen()
    (only,) = records(branch.unit.connect)
    assert (only.action, only.actor, only.request_id) == ("contract.open", "user:teller-7", command.id)


def test_a_preview_answers_as_doing_it_would_and_leaves_nothing(branch: Branch) -> None:
    command = opening(branch)
    seq = branch.ledger.committed_seq
    told = branch.deposits.preview(command)
    assert isinstance(told, Done)
    assert (told.account, told.received_minor, branch.ledger.committed_seq) == (0, 1_000_00, seq)
    assert records(branch.unit.connect) == ()
    done = branch.deposits.do(command, TELLER)
    assert isinstance(done, Done)
    assert (told.contract, told.received_minor) == (done.contract, done.received_minor)
    assert branch.deposits.preview(command) == done
    close = Close(id=branch.ledger.ids.next(), contract=1)
    assert isinstance(branch.deposits.preview(close), Done)
    branch.ledger.block(done.account, debit=True, credit=False)
    refused = branch.deposits.preview(close)
    assert isinstance(refused, Refusal)
    assert refused.because is Outcome.DEBIT_BLOCKED


def test_a_first_deposit_out_of_nothing_is_refused_in_a_preview_too(branch: Branch) -> None:
    empty = branch.ledger.open_accounts(openings(1, currency=156, gl_code=2011))[0]
    command = opening(branch, funding=empty)
    previewed = branch.deposits.preview(command)
    assert isinstance(previewed, Refusal)
    assert previewed == branch.deposits.do(command, TELLER)
    assert previewed.because is Outcome.INSUFFICIENT_FUNDS


def test_loans_are_on_record_and_previewed(lender: Lender) -> None:
    loan = lender.lend(lender.house.publish(LEVEL_LOAN), 12_000_00, 3)
    actions = [kept.action for kept in records(lender.house.connect, action="loan")]
    assert actions == ["loan.agree", "loan.draw"]
    repay = Repay(id=lender.next_id(), loan=loan, amount_minor=1_000_00, early=True)
    previewed = lender.lending.preview(repay)
    assert isinstance(previewed, LoanDone)
    assert lender.lending.do(repay, TELLER) == previewed
    drawn = records(lender.house.connect, object=f"loan/{loan}")[-1]
    assert (drawn.action, drawn.actor) == ("loan.repay", "user:teller-7")
    assert drawn.told["before"].keys() == drawn.told["after"].keys()
    again = Draw(id=lender.next_id(), loan=loan, amount_minor=1)
    assert not isinstance(lender.lending.do(again, TELLER), LoanDone)
    assert records(lender.house.connect)[-1].outcome == "refused"


def test_steps_of_a_product_and_rates_are_on_record_with_their_actor(house: House) -> None:
    house.rate("y1", 1_500_000)
    house.publish(product("plain", 31, 'part = "term.open_ended"', 'part = "interest.flat"\nrate = "1%"',
                          'part = "accrual.accumulated_balance"', 'part = "settlement.quarterly"'))  # fmt: skip
    found = [(kept.action, kept.object, kept.actor) for kept in records(house.connect)]
    assert found == [
        ("rate.set", "rate/y1", "user:author"),
        ("product.draft", "product/plain/1", "user:author"),
        ("product.check", "product/plain/1", "user:author"),
        ("product.approve", "product/plain/1", "user:approver"),
        ("product.publish", "product/plain/1", "user:approver"),
    ]
    with house.connect() as session:
        assert not isinstance(check(session, "plain/1", "author", house.today, author=TELLER), int)
        assert not isinstance(draft(session, "nonsense", "a.toml", "author", house.today), int)
    last = records(house.connect)[-1]
    assert (last.number, last.outcome, last.told["why"]) == (6, "refused", "status_wrong")


def test_a_night_tells_what_a_customer_would_call_a_change_and_no_accruals(house: House) -> None:
    house.rate("y1", 1_500_000)
    house.rate("demand", 500_000)
    version = house.publish(TIME.replace('"3 months"', '"1 month"'))
    house.open(version, 1_000_00, months=1, renew=True)
    house.open(version, 2_000_00, months=1)
    house.nights_until(day("2026-02-06"))
    nights = [kept for kept in records(house.connect) if kept.action == "contract.night"]
    happened = [(kept.told["detail"]["happened"], kept.told["detail"]["numbers"]) for kept in nights]
    assert happened == [("renewed", [1]), ("matured", [2])]
    assert {kept.business_date for kept in nights} == {day("2026-02-05")}
    with house.connect() as session:
        assert log.head(session).number == len(records(house.connect))


def test_a_night_tells_what_fell_due_and_what_was_not_paid(lender: Lender) -> None:
    version = lender.house.publish(LEVEL_LOAN)
    paid, unpaid = lender.lend(version, 12_000_00, 3), lender.lend(version, 12_000_00, 3, linked=lender.account())
    lender.house.pay(lender.current, 200_00)
    lender.house.pay(int(lender.row(unpaid)["linked"]), -12_000_00)
    lender.house.nights_until(day("2026-02-06"))
    nights = [kept.told["detail"] for kept in records(lender.house.connect, action="loan.night")]
    assert [(night["step"], night["happened"], night["numbers"]) for night in nights] == [
        ("loan_due", "fell_due", [paid, unpaid]),
        ("loan_due", "overdue", [unpaid]),
    ]
    assert {night["closed_date"] for night in nights} == {"2026-02-05"}
