"""What the bank hears late, an entry with an earlier value date or a rate corrected, counts as if told at once.

Each test lets two banks live through the same days: one hears in time, the other late.
"""

from collections.abc import Callable

import msgspec
import pytest
from tests.postgres.closeday.conftest import NewHouse
from tests.postgres.closeday.house import House, day, product

from yinhe.deposits.answers import Done
from yinhe.deposits.codes import TransferCode
from yinhe.deposits.commands import Amend, Withdraw
from yinhe.deposits.service import Deposits

CNY = 156
OPEN_ENDED = 'part = "term.open_ended"'
BY_DAY = 'part = "accrual.accumulated_balance"'
MONTHLY = 'part = "settlement.monthly"\nday = 12'
BOARD = 'part = "interest.flat"\nrate = "board:demand"'
PLAIN = product("plain", 41, OPEN_ENDED, BOARD, BY_DAY, MONTHLY)
TAXED = product(
    "taxed", 42, OPEN_ENDED, BOARD, BY_DAY, MONTHLY,
    'part = "tax.withholding"\nsteps = [{effective = 2000-01-01, rate = "20%"}]',
)  # fmt: skip
TIERED = product(
    "tiered", 43, OPEN_ENDED,
    'part = "interest.tiered_slice"\ntiers = [{at_least = "0.00 CNY", rate = "board:demand"}, '
    '{at_least = "5,000.00 CNY", rate = "2.15%"}]',
    'part = "accrual.accumulated_balance"\ncarry = true', MONTHLY,
)  # fmt: skip
NOTICE = product(
    "notice", 44, OPEN_ENDED, 'part = "notice.days"\ndays = 7\nminimum_left = "100.00 CNY"\nwithout = "0.35%"',
    BOARD, BY_DAY, 'part = "settlement.on_closing"', 'part = "closing.any_time"',
)  # fmt: skip
PRODUCTS = (PLAIN, TAXED, TIERED)
HEARD, END = day("2026-01-15"), day("2026-01-17")
"""The settlement of 12 January is credited on the 13th."""


class Books(msgspec.Struct, frozen=True):
    """What must be the same however late the bank heard: by contract and by product, in minor units."""

    balances: tuple[int, ...]
    accrued: tuple[tuple[int, int], ...]
    expense: tuple[int, ...]
    payable: tuple[int, ...]
    tax: tuple[int, ...]


def books(house: House) -> Books:
    rows = house.bank.book.rows
    numbers = sorted({key[2] for key in house.bank.pools.all()})

    def held(code: int) -> tuple[int, ...]:
        return tuple(house.balance(house.bank.pools.account(code, CNY, number)) for number in numbers)

    return Books(
        tuple(house.balance(account) for account in rows["account"].tolist()),
        tuple(zip(rows["whole"].tolist(), rows["remainder"].tolist(), strict=True)),
        held(6411),
        held(2231),
        held(2221),
    )


def corrections(house: House, account: int) -> list[int]:
    code = TransferCode.INTEREST_CORRECTION.code
    return [one.amount_minor for one in house.ledger.history(account, limit=100).entries if one.code == code]


def twins(new_house: NewHouse, live: Callable[[House, bool], list[int]]) -> tuple[House, House]:
    """Two banks that lived alike, the first having heard in time; their books are equal."""
    in_time, late = new_house(), new_house()
    accounts = live(in_time, True)
    assert live(late, False) == accounts
    assert books(late) == books(in_time)
    return in_time, late


ENTRIES = {
    "a deposit before the settlement": (9_000_00, day("2026-01-08"), True),
    "a withdrawal before the settlement": (-3_000_00, day("2026-01-08"), True),
    "a deposit after the settlement": (9_000_00, day("2026-01-14"), False),
    "a withdrawal after the settlement": (-3_000_00, day("2026-01-14"), False),
}
"""The amount, the day it is for, and whether interest that was paid is corrected."""


def test_an_entry_told_late_leaves_the_books_of_a_bank_that_was_told_in_time(new_house: NewHouse) -> None:
    def live(house: House, in_time: bool) -> list[int]:
        house.rate("demand", 1_350_000)
        versions = [house.publish(text) for text in PRODUCTS]
        accounts = [house.open(version, 8_000_00) for _ in ENTRIES for version in versions]
        for today in range(house.today, END):
            house.nights_until(today)
            for place, (amount, value, _) in enumerate(ENTRIES.values()):
                if today == (value if in_time else HEARD):
                    for account in accounts[3 * place : 3 * place + 3]:
                        house.pay(account, amount, None if in_time else value)
        house.nights_until(END)
        return accounts

    _, late = twins(new_house, live)
    accounts = late.bank.book.rows["account"].tolist()
    for place, (what, (_, _, corrected)) in enumerate(ENTRIES.items()):
        for account in accounts[3 * place : 3 * place + 3]:
            assert bool(corrections(late, account)) == corrected, what


def test_last_months_wrong_rate_corrected_leaves_the_books_of_a_bank_that_never_had_it(new_house: NewHouse) -> None:
    def live(house: House, in_time: bool) -> list[int]:
        house.rate("demand", 350_000)
        accounts = [house.open(house.publish(text), 8_000_00) for text in PRODUCTS]
        house.nights_until(day("2026-01-07"))
        # From the 7th on 1.35 % was meant.
        house.rate("demand", 1_350_000 if in_time else 3_510_000)
        house.nights_until(day("2026-02-02"))
        if not in_time:
            house.rate("demand", 1_350_000, day("2026-01-07"), correction=True)
        house.nights_until(day("2026-02-04"))
        return accounts

    _, late = twins(new_house, live)
    for account in late.bank.book.rows["account"].tolist():
        assert sum(corrections(late, account)) < 0


def test_a_correction_withholds_tax_and_gives_tax_back_in_its_own_transaction(house: House) -> None:
    house.rate("demand", 3_600_000)
    account = house.open(house.publish(TAXED), 10_000_00)
    house.nights_until(HEARD)
    # 8 days to the 12th at 1.00 a day: 8.00, of which 1.60 is withheld.
    assert house.balance(account) == 10_000_00 + 6_40
    house.pay(account, 10_000_00, value_date=day("2026-01-11"))
    house.night()
    # Two days of another 10,000.00.
    assert house.balance(account) == 20_000_00 + 6_40 + 2_00 - 40
    house.pay(account, -10_000_00, value_date=day("2026-01-11"))
    house.night()
    assert house.balance(account) == 10_000_00 + 6_40
    assert house.balance(house.bank.pools.account(2221, CNY, 42)) == 1_60
    lines = house.ledger.history(account, limit=5).entries
    assert [(one.code, one.amount_minor) for one in lines if one.code in (2003, 2004)] == [
        (2003, -2_00),
        (2004, 40),
        (2004, -40),
        (2003, 2_00),
    ]
    for first, second in ((0, 1), (3, 4)):
        assert lines[first].txn_id == lines[second].txn_id
        assert lines[first].value_date == lines[second].value_date == day("2026-01-13")


@pytest.mark.parametrize("value", ["2026-01-06", "2026-01-12"])
def test_interest_paid_with_a_part_drawn_is_not_paid_again_when_the_past_is_worked_out_anew(
    new_house: NewHouse, value: str
) -> None:
    """The entry is for a day before the part was drawn, or for one after."""

    def live(house: House, in_time: bool) -> list[int]:
        house.rate("demand", 1_350_000)
        account = house.open(house.publish(NOTICE), 90_000_00)
        deposits = Deposits(house.bank)
        for today in range(house.today, END):
            house.nights_until(today)
            if today == (day(value) if in_time else HEARD):
                house.pay(account, 7_000_00, None if in_time else day(value))
            if today == day("2026-01-10"):
                drawn = deposits.do(
                    Withdraw(id=house.ledger.ids.next(), contract=1, amount_minor=40_000_00, payee=house.cash)
                )
                assert isinstance(drawn, Done), drawn
        house.nights_until(END)
        deposits.close()
        return [account]

    _, late = twins(new_house, live)
    # By hand: 5 days of 90,000.00 (or 4 of 97,000.00 after one) and what stayed of it; never what was drawn.
    whole = int(late.bank.book.rows["whole"][0])
    assert whole < (97_000_00 * 5 + 57_000_00 * 7) * 135 // 3_600_000


def test_a_rate_agreed_anew_counts_from_its_day_also_when_the_past_is_worked_out_anew(new_house: NewHouse) -> None:
    agreed = PLAIN + '\n[[terms]]\nname = "rate"\nrule = "negotiate"\nleast = "0%"\nmost = "5%"\n'

    def live(house: House, in_time: bool) -> list[int]:
        house.rate("demand", 1_350_000)
        account = house.open(house.publish(agreed), 90_000_00)
        deposits = Deposits(house.bank)
        for today in range(house.today, END):
            house.nights_until(today)
            if today == (day("2026-01-07") if in_time else HEARD):
                house.pay(account, 7_000_00, None if in_time else day("2026-01-07"))
            if today == day("2026-01-09"):
                amended = deposits.do(Amend(id=house.ledger.ids.next(), contract=1, rate=2_000_000))
                assert isinstance(amended, Done), amended
        house.nights_until(END)
        deposits.close()
        return [account]

    twins(new_house, live)


def test_a_part_drawn_just_after_the_cut_off_is_not_forgotten_when_the_night_works_the_past_out_anew(
    new_house: NewHouse,
) -> None:
    """Drawn before the night has accrued, or in the morning after it: the books are the same."""

    def live(house: House, in_the_morning: bool) -> list[int]:
        house.rate("demand", 1_350_000)
        account = house.open(house.publish(NOTICE), 90_000_00)
        deposits = Deposits(house.bank)
        house.nights_until(HEARD)
        house.pay(account, 7_000_00, value_date=day("2026-01-08"))
        part = Withdraw(id=house.ledger.ids.next(), contract=1, amount_minor=40_000_00, payee=house.cash)

        def draw(step: str = "interest of the day", done: int = 0, total: int = 0) -> None:
            if step == "interest of the day" and not total:
                assert isinstance(deposits.do(part), Done)

        house.runner.close(HEARD, (lambda step, done, total: None) if in_the_morning else draw)
        if in_the_morning:
            draw()
        house.night()
        deposits.close()
        return [account]

    twins(new_house, live)


def test_interest_kept_as_unclaimed_is_not_paid_again_when_its_settlement_is_corrected(house: House) -> None:
    house.rate("demand", 3_600_000)
    account, other = (house.open(house.publish(text), 10_000_00) for text in (PLAIN, TAXED))
    house.ledger.block(account, debit=False, credit=True)
    house.nights_until(HEARD)
    unclaimed = house.bank.pools.account(2241, CNY, 41)
    # 8 days to the 12th at 1.00 a day could not be credited.
    assert (house.balance(account), house.balance(unclaimed)) == (10_000_00, 8_00)
    house.ledger.block(account, debit=False, credit=False)
    house.rate("demand", 7_200_000, day("2026-01-05"), correction=True)
    house.night()
    # What lacks is the other 8.00; to who got the first 8.00 less tax the same, less tax.
    assert (house.balance(account), house.balance(unclaimed)) == (10_008_00, 8_00)
    assert house.balance(other) == 10_000_00 + 2 * 6_40


def test_a_correction_its_account_cannot_bear_is_reported_and_asked_for_with_the_next(house: House) -> None:
    house.rate("demand", 7_200_000)
    account = house.open(house.publish(PLAIN), 10_000_00)
    house.nights_until(HEARD)
    # 8 days to the 12th at 2.00 a day were paid, and all of it was drawn.
    house.pay(account, -10_016_00)
    house.rate("demand", 3_600_000, day("2026-01-05"), correction=True)
    accrued = house.night().steps[0]
    assert (accrued.step, accrued.refused) == ("accrue", {"insufficient_funds": 1})
    assert house.balance(account) == 0
    house.pay(account, 100_00)
    house.night()
    # The next time the days of that settlement are worked out anew, the 8.00 are still lacking.
    house.pay(account, 1_00, value_date=day("2026-01-11"))
    assert house.night().steps[0].refused == {}
    assert house.balance(account) == 101_00 - 8_00
