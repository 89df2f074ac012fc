"""A draft of a loan product over loans there are: what they would have owed, by loan, ledger line and day."""

from tests.postgres.lending.conftest import NewLender
from tests.postgres.lending.house import BY_DAY_LOAN, day

from yinhe.closeday.past import Past
from yinhe.closeday.replay_loans import replay_loans
from yinhe.products.assembly import read_product
from yinhe.products.product import Product
from yinhe.products.registry import part_classes


def test_a_draft_at_another_rate_is_owed_from_its_first_day_on(new_lender: NewLender) -> None:
    lender = new_lender(day("2026-02-25"))
    text = BY_DAY_LOAN.replace("2026-01-05", "2026-02-25")
    version = lender.house.publish(text)
    loan, other = (lender.lend(version, amount, 3) for amount in (36_000_00, 18_000_00))
    lender.house.nights_until(day("2026-03-27"))
    dearer = read_product(text.replace('"3.60%"', '"4.50%"'), "draft", part_classes())
    same = read_product(text, "draft", part_classes())
    assert isinstance(dearer, Product)
    assert isinstance(same, Product)
    with Past(lender.house.connect) as past:
        nothing = replay_loans(past, same, "by_day", day("2026-03-10"), day("2026-03-26"))
        found = replay_loans(past, dearer, "by_day", day("2026-03-10"), day("2026-03-26"))
    # 17 days at 3.60 % / 360 on 36,000.00 and on half as much, and 0.90 % more on the draft.
    assert (nothing.contracts, nothing.changed, nothing.unlike) == (2, 0, 0)
    assert nothing.posted_minor == nothing.draft_minor == 61_20 + 30_60
    assert (found.posted_minor, found.draft_minor) == (61_20 + 30_60, 76_50 + 38_25)
    assert [(one.contract, one.difference_minor) for one in found.top] == [(loan, 15_30), (other, 7_65)]
    # On 25 March 28 days fell due, of which the draft has 15 at its rate.
    assert [(one.date, one.posted_minor, one.draft_minor) for one in found.days] == [
        (day("2026-03-25"), 100_80 + 50_40, 100_80 + 50_40 + 13_50 + 6_75)
    ]
    lines = {line.what: line.draft_minor - line.live_minor for line in found.ledger}
    # What fell due more was not paid: the money is the same.
    assert lines == {"loans": 0, "receivable": 22_95, "income": 22_95}


KEEPS = '\n[[terms]]\nname = "rate"\nrule = "freeze"\n'


def test_a_loan_keeps_its_rate_on_a_draft_unless_it_began_within_the_days(new_lender: NewLender) -> None:
    lender = new_lender(day("2026-02-25"))
    text = BY_DAY_LOAN.replace("2026-01-05", "2026-02-25") + KEEPS
    lender.lend(lender.house.publish(text), 36_000_00, 3)
    lender.house.nights_until(day("2026-03-27"))
    dearer = read_product(text.replace('"3.60%"', '"4.50%"'), "draft", part_classes())
    assert isinstance(dearer, Product)
    with Past(lender.house.connect) as past:
        before = replay_loans(past, dearer, "by_day", day("2026-02-26"), day("2026-03-25"))
        within = replay_loans(past, dearer, "by_day", day("2026-02-25"), day("2026-03-25"))
    # 28 and 29 days at 3.60 % / 360 on 36,000.00; on the draft at 4.50 %.
    assert (before.posted_minor, before.draft_minor) == (100_80, 100_80)
    assert (within.posted_minor, within.draft_minor) == (104_40, 130_50)
    # What fell due on the last day was collected by its night: nothing else has happened.
    assert (before.unlike, within.unlike) == (0, 0)
