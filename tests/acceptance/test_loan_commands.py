"""`yinhe loan`: what is lent from the agreement to the last fen, as a teller types it."""

import contextlib
import io
import json
from dataclasses import dataclass

import pytest
from tests.acceptance.conftest import Bank, Ran

from yinhe.cli.app import run
from yinhe.cli.loan_pages import MARKS
from yinhe.lending.columns import LoanFlag

CONSUMER = ("loan", "agree", "consumer_loan", "--term", "12 months", "--purpose", "renovation", "--income", "20000.00")


@dataclass(frozen=True)
class Shop:
    """A unit that sells the library's products, with an account that has 20,000.00 and one that has nothing."""

    bank: Bank
    unit: int
    rich: int
    poor: int

    def run(self, *typed: object) -> Ran:
        """The command line in this process, which spares a start of the program for each line typed."""
        given = [*map(str, typed), "--unit", str(self.unit), "--home", str(self.bank.home)]
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(given)
        return Ran(code, out.getvalue(), err.getvalue())

    def told(self, *typed: object) -> dict:
        """What a command answers to programs."""
        return self.run(*typed, "--json").answer

    def refusal(self, *typed: object) -> str:
        """Why a command is refused, which is told in English and Chinese."""
        ran = self.run(*typed, "--json")
        assert ran.code == 1
        answer = json.loads(ran.out)
        assert f"Refused: {answer['english']} ({answer['chinese']})" in ran.err
        return answer["refusal"]

    def lend(self, amount: str, linked: int, *more: object, to: str = "") -> int:
        """A consumer loan agreed and drawn; its number."""
        made = self.told(*CONSUMER, "--borrower", "P-1", "--amount", amount, "--linked", linked, *more)
        self.told("loan", "draw", made["loan"], amount, *(("--to", to) if to else ()))
        return made["loan"]

    def balance(self, contract: int) -> int:
        return self.told("contract", "show", contract)["balance_minor"]


def open_shop(bank, unit: int) -> Shop:
    done = bank.run("product", "install-library", "--author", "ada", "--approver", "bob", "--unit", unit)
    assert done.code == 0, done.err
    given = ("contract", "open", "demand", "--holder", "P-1", "--unit", unit, "--json")
    rich = bank.run(*given, "--amount", "20000.00", "--from", "cash").answer["account"]
    return Shop(bank, unit, rich, bank.run(*given).answer["account"])


@pytest.fixture(scope="module")
def lent(bank, units) -> tuple[Shop, dict]:
    """On 2026-03-07: loan 1 paid when due, 2 not at all, 3 not drawn, 4 a line; and the schedule of 1 as it was."""
    unit = next(units)
    assert bank.run("init", "--unit", unit, "--business-date", "2026-01-05").code == 0
    shop = open_shop(bank, unit)
    shop.lend("60000.00", shop.rich, "--borrower", "P-2")
    foreseen = shop.told("loan", "schedule", 1)
    shop.lend("12000.00", shop.poor, "--borrower", "P-2", "--term", "3 months", to="cash")
    shop.told(*CONSUMER, "--borrower", "P-3", "--amount", "1000.00", "--linked", shop.poor)
    shop.told(
        "loan", "agree", "technology_line/1", "--borrower", "C-1", "--company", "--amount", "1,000,000.00",
        "--term", "1 year", "--purpose", "research", "--linked", shop.rich,
    )  # fmt: skip
    shop.told("loan", "draw", 4, "100000.00")
    assert bank.run("closeday", "run", "--through", "2026-03-06", "--unit", unit).code == 0
    return shop, foreseen


@pytest.fixture
def shop(lent) -> Shop:
    """The same unit, for tests that lend on their own to P-1 and leave the others' loans alone."""
    return lent[0]


def test_the_program_itself_lends(shop):
    """The other tests here call what it calls."""
    ran = shop.bank.run(
        *CONSUMER, "--borrower", "P-1", "--amount", "60000.00", "--linked", shop.rich, "--unit", shop.unit, "--json"
    )
    assert ran.answer["kind"] == "agree"
    refused = shop.bank.run("loan", "show", 999, "--unit", shop.unit)
    assert (refused.code, refused.out) == (1, "")
    assert "there is no such loan (贷款不存在)" in refused.err


def test_the_nights_book_what_the_schedule_said(lent):
    shop, foreseen = lent
    assert [one["due"] for one in foreseen["instalments"]][:3] == ["2026-02-05", "2026-03-05", "2026-04-05"]
    # 31 days at 3.60 % / 360 on 60,000.00: 186.00 of the level payment, 5,098.04.
    assert (foreseen["instalments"][0]["interest_minor"], foreseen["instalments"][0]["total_minor"]) == (
        18_600,
        509_804,
    )
    assert foreseen["principal_minor"] == 6_000_000
    assert foreseen["instalments"][-1]["owed_minor"] == 0
    names = ("number", "due", "principal_minor", "interest_minor")
    fallen = [[one[name] for name in names] for one in shop.told("loan", "show", 1)["instalments"]]
    said = [[one[name] for name in names] for one in foreseen["instalments"]]
    assert fallen == said[:2]
    # What is to come has not changed by what came.
    now = shop.told("loan", "schedule", 1)
    assert now["instalments"] == foreseen["instalments"][2:]
    assert now["due_before_minor"] == 0
    assert foreseen["instalments"][2] == shop.told("loan", "show", 1)["next_instalment"]


def test_what_is_overdue_is_shown_to_the_fen(lent):
    shop, _ = lent
    told = shop.told("loan", "show", 2)
    # Due on 5 February: 4,024.02, of it 37.20 interest; on 5 March: 4,024.02 and 22.44.
    assert [(one["principal_minor"], one["interest_minor"], one["paid"]) for one in told["instalments"]] == [
        (398_682, 3_720, None),
        (400_158, 2_244, None),
    ]
    # To 6 March, at 5.40 % / 360: 3,986.82 for 30 days and 4,001.58 for 2: 19.14; 37.20 and 22.44 likewise: 0.17.
    due = {"principal": 798_840, "interest": 5_964, "penalty": 1_914, "compound": 17, "fee": 0}
    assert told["due"] == {f"{name}_minor": value for name, value in due.items()}
    assert told["due_minor"] == sum(due.values())
    assert (told["overdue_minor"], told["overdue_since"], told["days_late"]) == (804_804, "2026-02-05", 30)
    assert (told["grade"], told["stage"]) == ("special_mention", 1)
    assert told["principal_minor"] == 1_200_000
    # Nothing has happened since the last date was closed; a month before, the first instalment was just late.
    assert shop.told("loan", "show", 2, "--as-of", "2026-03-06") == told
    then = shop.told("loan", "show", 2, "--as-of", "2026-02-05")
    assert (then["overdue_minor"], then["days_late"], then["due"]["penalty_minor"]) == (402_402, 1, 60)
    shown = shop.run("loan", "show", 2).out
    for words in ("special mention 关注", "since 2026-02-05, 30 days late", "compound interest 0.17", "8,067.35"):
        assert words in shown
    schedule = shop.told("loan", "schedule", 2)
    assert schedule["due_before_minor"] == told["due_minor"]
    assert [(one["number"], one["due"], one["principal_minor"]) for one in schedule["instalments"]] == [
        (3, "2026-04-05", 401_160)
    ]
    quote = shop.told("loan", "show", 2, "--pay-off")["pay_off"]
    # Two days on 4,011.60 at 3.60 % / 360: 0.80.
    assert quote == {
        "due_minor": 806_735,
        "interest_minor": 80,
        "principal_minor": 401_160,
        "fee_minor": 0,
        "total_minor": 1_207_975,
    }


def test_loans_are_listed_by_borrower_account_product_and_lateness(lent):
    shop, _ = lent

    def found(*more: object) -> list[int]:
        return [one["loan"] for one in shop.told("loan", "list", *more)["loans"]]

    assert found("--limit", 4) == [1, 2, 3, 4]
    assert found("--borrower", "C-1") == [4]
    assert found("--account", shop.poor, "--after", 2)[0] == 3
    assert found("--overdue") == [2]
    assert found("--product", "consumer_loan", "--after", 1, "--limit", 1) == [2]
    (late,) = shop.told("loan", "list", "--overdue")["loans"]
    assert (late["principal_minor"], late["overdue_since"], late["grade"]) == (
        1_200_000,
        "2026-02-05",
        "special_mention",
    )
    shown = shop.run("loan", "list").out
    for words in ("technology_line/1", "special mention 关注", "C-1"):
        assert words in shown


def test_the_history_has_what_the_nights_collected(lent):
    shop, _ = lent
    told = [
        (one["kind"], one["business_date"], one["amount_minor"]) for one in shop.told("loan", "history", 1)["history"]
    ]
    assert told == [
        ("agree", "2026-01-05", 0),
        ("draw", "2026-01-05", -6_000_000),
        ("collect", "2026-02-05", 509_804),
        ("collect", "2026-03-05", 509_804),
    ]
    assert "collect" in shop.run("loan", "history", 1).out


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        (("repay", 1, "1.00"), "more_than_due"),
        (("repay", 1, "500.00", "--early"), "prepayment_too_small"),
        (("repay", 1, "99999.00", "--early"), "more_than_owed"),
        (("repay", 1, "0.00"), "amount_not_positive"),
        (("repay", 1, "1.00", "--value-date", "2026-03-08"), "date_in_future"),
        (("repay", 1, "1.00", "--value-date", "2026-01-04"), "before_start"),
        (("repay", 1, "1.00", "--from", "999999"), "account_unknown"),
        (("draw", 1, "1.00"), "drawing_over"),
        (("draw", 2, "1.00"), "loan_overdue"),
        (("draw", 3, "1000.00"), "drawing_over"),
        (("draw", 4, "990000.00"), "over_limit"),
        (("pay-off", 3), "loan_not_drawn"),
        (("change", 1), "nothing_asked"),
        (("change", 1, "--linked", "999999"), "account_unknown"),
        (("arrange", 1), "nothing_asked"),
        (("arrange", 1, "--re-age", "--rate", "3.10%"), "nothing_asked"),
        (("arrange", 1, "--extend-months", 6), "not_arranged_anew"),
        (("arrange", 2, "--re-age"), "arrears_too_new"),
        (("arrange", 2, "--rate", "2.99%"), "rate_too_low"),
        (("write-off", 2), "not_yet_lost"),
        (("recover", 2, "1.00", "--from", "cash"), "not_written_off"),
        (("show", 9), "loan_unknown"),
        (("show", 1, "--as-of", "2026-01-04"), "not_on_books_yet"),
        (("show", 1, "--as-of", "2026-03-08"), "as_of_in_future"),
        (("show", 9, "--as-of", "2026-03-06"), "loan_unknown"),
        (("schedule", 9), "loan_unknown"),
        (("history", 9), "loan_unknown"),
        (("pay-off", 9), "loan_unknown"),
    ],
)
def test_a_command_is_refused_with_its_reason_and_changes_nothing(lent, typed, reason):
    shop, _ = lent
    before = shop.told("loan", "list")
    assert shop.refusal("loan", *typed) == reason
    assert shop.told("loan", "list") == before


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (("--amount", "0.00"), "amount_not_positive"),
        (("--amount", "60050.00"), "off_step"),
        (("--amount", "300000.00"), "over_limit"),
        (("--linked", "999999"), "account_unknown"),
        (("--purpose", "securities"), "purpose_not_allowed"),
        (("--term", "7 years"), "term_not_offered"),
        (("--margin", "0.10%"), "margin_out_of_bounds"),
        (("--rate", "3.50%"), "margin_out_of_bounds"),
        (("--income", "1000.00"), "income_too_low"),
        (("--company",), "persons_only"),
    ],
)
def test_an_agreement_is_refused_with_its_reason(lent, changed, reason):
    shop, _ = lent
    given = ("--borrower", "P-1", "--amount", "60000.00", "--linked", shop.rich)
    before = shop.told("loan", "list")
    assert shop.refusal(*CONSUMER, *given, *changed) == reason
    assert shop.told("loan", "list") == before


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            ("agree", "consumer_lone", "--borrower", "x", "--amount", "1.00", "--purpose", "car", "--linked", "2"),
            "is sold on",
        ),
        (
            ("agree", "consumer_loan", "--borrower", "x", "--amount", "1.00", "--purpose", "fun", "--linked", "2"),
            "no purpose",
        ),
        (("repay", 1, "1.005"), "decimals"),
        (("draw", 1, "1.00", "--payee", "me"), "no payee"),
        (("repay", 1, "1.00", "--value-date", "yesterday"), "is not a date"),
    ],
)
def test_what_was_typed_wrong_is_said_in_one_line(lent, typed, said):
    shop, _ = lent
    told = shop.run("loan", *typed)
    assert told.code in (1, 2)
    assert said in " ".join(told.err.split())


def test_a_loan_from_the_agreement_to_the_last_fen_on_one_day(shop):
    agreed = shop.told(
        *CONSUMER, "--borrower", "P-1", "--amount", "60,000.00", "--linked", shop.rich, "--guarantor", "P-7",
        "--guarantor", "P-8", "--collateral", "R-2026-1", "--worth", "90000.00",
    )  # fmt: skip
    loan = agreed["loan"]
    assert (agreed["kind"], agreed["principal_owed_minor"]) == ("agree", 0)
    told = shop.told("loan", "show", loan)
    assert (told["product"], told["borrower"], told["purpose"]) == ("consumer_loan/1", "P-1", "renovation")
    assert (told["guarantors"], told["collateral"]) == (["P-7", "P-8"], ["R-2026-1"])
    assert (told["start"], told["lent_minor"], told["next_instalment"]) == (None, 0, None)
    assert shop.refusal("loan", "schedule", loan) == "loan_not_drawn"

    had = shop.balance(1)
    assert shop.refusal("loan", "draw", loan, "60000.01") == "over_limit"
    drawn = shop.told("loan", "draw", loan, "60000.00")
    assert (drawn["paid_minor"], drawn["principal_owed_minor"]) == (-6_000_000, 6_000_000)
    assert (drawn["next_due"], drawn["maturity"]) == ("2026-04-07", "2027-03-07")
    assert shop.balance(1) == had + 6_000_000
    assert shop.refusal("loan", "draw", loan, "1.00") == "drawn_already"
    shown = shop.run("loan", "show", loan, "--pay-off")
    assert shown.code == 0, shown.err
    for words in (
        "Personal consumption loan 个人消费贷款",
        "renovating a home 房屋装修",
        "60,000.00 CNY",
        "3.6%",
        "P-7, P-8",
    ):
        assert words in shown.out
    quote = shop.told("loan", "show", loan, "--pay-off")["pay_off"]
    assert quote == {
        "due_minor": 0,
        "interest_minor": 0,
        "principal_minor": 6_000_000,
        "fee_minor": 0,
        "total_minor": 6_000_000,
    }

    early = shop.told("loan", "repay", loan, "10000.00", "--early", "--from", "cash")
    # 50,000.00 left of instalments of 5,098.04: ten of them, and no longer twelve.
    assert (early["paid_minor"], early["principal_owed_minor"], early["maturity"]) == (
        1_000_000,
        5_000_000,
        "2027-01-07",
    )
    paid = shop.told("loan", "pay-off", loan)
    assert (paid["paid_minor"], paid["principal_owed_minor"], paid["next_due"]) == (5_000_000, 0, None)
    assert shop.balance(1) == had + 1_000_000
    assert shop.told("loan", "schedule", loan)["instalments"] == []
    kinds = [(one["kind"], one["amount_minor"]) for one in shop.told("loan", "history", loan)["history"]]
    assert kinds == [("agree", 0), ("draw", -6_000_000), ("repay", 1_000_000), ("payoff", 5_000_000)]


def test_a_loan_is_changed_blocked_and_released(shop):
    loan = shop.lend("12000.00", shop.poor)
    shop.told("loan", "change", loan, "--linked", shop.rich, "--block", "--impaired", "--misused")
    told = shop.told("loan", "show", loan)
    assert (told["linked"], told["marks"]) == (shop.rich, ["blocked", "misused", "impaired"])
    assert "blocked 止付, misused 挪用, impaired 已减值" in shop.run("loan", "show", loan).out
    # Twice the rate of the contract from now on.
    assert shop.told("loan", "schedule", loan)["instalments"][0]["rate"] == 7_200_000
    assert shop.refusal("loan", "repay", loan, "2000.00", "--early") == "loan_blocked"
    assert shop.told("loan", "show", loan, "--pay-off")["pay_off"]["refusal"] == "loan_blocked"
    assert "已被止付" in shop.run("loan", "show", loan, "--pay-off").out
    shop.told("loan", "change", loan, "--unblock", "--not-misused", "--not-impaired")
    assert shop.told("loan", "show", loan)["marks"] == []
    assert shop.told("loan", "repay", loan, "2000.00", "--early")["principal_owed_minor"] == 1_000_000


def test_another_rate_is_arranged(shop):
    loan = shop.lend("12000.00", shop.rich)
    shop.told("loan", "arrange", loan, "--rate", "3.00%")
    told = shop.told("loan", "show", loan)
    assert (told["rate"], told["marks"]) == (3_000_000, ["restructured"])
    # 31 days at 3.00 % / 360 on 12,000.00: 31.00.
    assert shop.told("loan", "schedule", loan)["instalments"][0]["interest_minor"] == 3_100


def test_a_request_sent_twice_is_done_once(shop):
    request = ("--id", "019b8c6e-0000-7000-8000-000000000001")
    given = (*CONSUMER, "--borrower", "P-1", "--amount", "12000.00", "--linked", shop.rich, *request)
    agreed = shop.told(*given)
    assert shop.told(*given) == agreed
    had, loan = shop.balance(1), agreed["loan"]
    draw = ("loan", "draw", loan, "12000.00", "--id", "019b8c6e-0000-7000-8000-000000000002")
    first = shop.told(*draw)
    assert shop.told(*draw) == first
    assert shop.balance(1) == had + 1_200_000
    assert shop.refusal("loan", "draw", loan, "1.00", "--id", "019b8c6e-0000-7000-8000-000000000002") == "id_conflict"


def test_a_card_is_drawn_shown_and_paid(shop):
    given = ("--borrower", "P-9", "--amount", "20000.00", "--purpose", "goods", "--linked", shop.rich, "--pays-whole")
    card = shop.told("loan", "agree", "credit_card", *given)["loan"]
    shop.told("loan", "draw", card, "3000.00", "--to", "cash", "--payee", "supplier")
    shop.told("loan", "draw", card, "500.00", "--to", "cash", "--advance")
    told = shop.told("loan", "show", card)
    assert (told["marks"], told["principal_minor"], told["statement"]) == (["revolving", "pays_whole"], 350_000, None)
    assert "statements collected whole 全额自动还款" in shop.run("loan", "show", card).out
    assert shop.told("loan", "schedule", card)["instalments"] == []
    assert shop.refusal("loan", "convert", card, "9000.00", "--count", 12) == "more_than_bought"
    shop.told("loan", "convert", card, "3000.00", "--count", 12)
    acts = [one["act"] for one in shop.told("loan", "history", card)["history"]]
    assert acts[-1] == {"kind": "convert", "amount_minor": 300_000}


def test_what_counts_from_an_earlier_day_and_what_the_night_closes(shop):
    """The last here: days pass."""
    late = shop.lend("12000.00", shop.rich, to="cash")
    repaid = shop.lend("12000.00", shop.rich)
    shop.told("loan", "pay-off", repaid)
    assert shop.run("closeday", "run", "--through", "2026-03-09").code == 0
    done = shop.told("loan", "repay", late, "2000.00", "--early", "--value-date", "2026-03-08")
    assert done["principal_owed_minor"] == 1_000_000
    # 12,000.00 for a day and 10,000.00 for two, at 3.60 % / 360: 3.20.
    assert shop.told("loan", "show", late)["interest_to_date_minor"] == 320
    (_, _, told) = shop.told("loan", "history", late)["history"]
    assert (told["business_date"], told["value_date"]) == ("2026-03-10", "2026-03-08")
    assert shop.run("closeday", "run").code == 0

    assert shop.told("loan", "show", repaid)["closed"] == "2026-03-07"
    assert repaid not in [one["loan"] for one in shop.told("loan", "list")["loans"]]
    assert repaid in [one["loan"] for one in shop.told("loan", "list", "--closed")["loans"]]
    assert shop.refusal("loan", "pay-off", repaid) == "loan_closed"
    assert shop.run("check").code == 0


def test_every_mark_of_a_loan_has_its_words():
    assert set(MARKS) == set(LoanFlag) - {LoanFlag.OPEN}
    assert all(english and chinese for english, chinese in MARKS.values())
