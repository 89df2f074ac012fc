"""The close of days over the interface, and why what it posts is what it is. The bank is one of its own."""

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.postgres.api.conftest import Counter, client_of
from tests.postgres.closeday.house import DEMAND
from tests.postgres.ledger.conftest import MONDAY, START_US, ledger_at

from yinhe.api.handlers import accounts, contracts, explain, nights
from yinhe.bank import bank_over
from yinhe.bootstrap import Configuration
from yinhe.closeday.background import NightShift, Shift, ShiftState
from yinhe.kernel.clock import ManualClock
from yinhe.kernel.dates import date_from_days
from yinhe.ledger.errors import LedgerFault
from yinhe.products.catalogue_store import approve, check, draft, publish, set_rate

MONTHLY = DEMAND.replace('part = "settlement.quarterly"', 'part = "settlement.monthly"\nday = 15')
ROUTES = (*contracts.ROUTES, *accounts.ROUTES, *nights.ROUTES, *explain.ROUTES)


@pytest.fixture(scope="module")
def counter(database_url: str, units: Iterator[int]) -> Iterator[Counter]:
    """A bank with one product, at 0.30 %, settled on the 15th."""
    unit, clock = next(units), ManualClock(START_US)
    with tempfile.TemporaryDirectory(prefix="yinhe-api-") as home, ledger_at(database_url, unit, clock) as ledger:
        with ledger.connect("yinhe shelf") as session:
            assert set_rate(session, "demand", MONDAY, 300_000, MONDAY, "author") is None
            assert isinstance(draft(session, MONTHLY, "demand.toml", "author", MONDAY), int)
            for step, actor in ((check, "author"), (approve, "approver"), (publish, "approver")):
                assert isinstance(step(session, "demand/1", actor, MONDAY), int)
        with bank_over(ledger, Configuration(Path(home), database_url, unit), {}) as bank:
            yield Counter(bank, ROUTES)


def close(counter: Counter, through: str | None = None) -> dict[str, Any]:
    """Start a night and wait for it; how far it is then."""
    counter.done("startNight", {} if through is None else {"through": through})
    counter.bank.shift.wait(30)
    return counter.done("readNightAtWork")


def test_a_night_runs_beside_the_service_and_is_told_step_by_step(counter: Counter) -> None:
    assert counter.done("readNightAtWork")["state"] == "idle"
    assert counter.refused("readNight", date="2026-01-05") == "night_unknown"
    counter.contract(counter.party(), "100000.00")
    told = close(counter)
    assert (told["state"], told["first"], told["business_date"]) == ("done", "2026-01-05", "2026-01-06")
    night = counter.done("readNight", date="2026-01-05")
    assert night["closed"]
    assert night["summary"]["contracts"] == 1
    steps = {step["step"]: step for step in night["steps"]}
    assert steps["accrue"]["over"]
    assert [(one["words"]["en"], one["amount"]["amount"]) for one in steps["accrue"]["posted"]] == [
        ("Interest accrued", "0.83")
    ]
    assert steps["reconcile"]["words"]["zh"]


def test_several_days_are_closed_at_once_and_each_once(counter: Counter) -> None:
    key = counter.new_id()
    started = counter.done("startNight", {"through": "2026-01-08"}, key=key)
    counter.bank.shift.wait(30)
    # The same request again starts nothing and gets its answer again.
    assert counter.done("startNight", {"through": "2026-01-08"}, key=key) == started
    assert counter.done("readNightAtWork")["business_date"] == "2026-01-09"
    page = counter.done("listNights", limit=3)
    assert [one["date"] for one in page["items"]] == ["2026-01-08", "2026-01-07", "2026-01-06"]
    rest = counter.done("listNights", limit=3, cursor=page["next"])
    assert ([one["date"] for one in rest["items"]], rest["next"]) == (["2026-01-05"], None)
    assert counter.refused("startNight", {"through": "2026-01-08"}) == "night_closed"
    assert counter.refused("startNight", {"through": "0001-01-01"}) == "night_closed"
    assert counter.refused("startNight", {"through": "9999-12-31"}) == "nights_too_many"


def test_a_dry_run_starts_no_night(counter: Counter) -> None:
    before = counter.bank.ledger.business_date
    told = counter.done("startNight", {}, dry_run=True)
    assert told["first"] == str(date_from_days(before))
    counter.bank.shift.wait(5)
    assert counter.bank.ledger.business_date == before


def test_a_second_start_is_refused_while_one_is_at_work(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    going, go = threading.Event(), threading.Event()

    def slow(through: int, watch: Any) -> None:
        watch("Work", 1, 2)
        going.set()
        assert go.wait(30)

    monkeypatch.setattr(counter.bank.night, "close_through", slow)
    counter.done("startNight", {})
    assert going.wait(30)
    now = counter.done("readNightAtWork")
    assert (now["state"], now["step"], now["postings_done"], now["postings"]) == ("running", "Work", 1, 2)
    assert counter.refused("startNight", {}) == "night_running"
    go.set()
    counter.bank.shift.wait(30)
    assert counter.done("readNightAtWork")["state"] == "done"


def test_a_night_that_broke_off_says_why_and_is_taken_up(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(through: int, watch: Any) -> None:
        raise LedgerFault("The books disagree.")

    with monkeypatch.context() as broken:
        broken.setattr(counter.bank.night, "close_through", failing)
        told = close(counter)
    assert (told["state"], told["reason"]) == ("broken_off", "The books disagree.")
    assert close(counter)["state"] == "done"


def test_a_service_that_stops_breaks_the_night_off_and_begins_no_other(counter: Counter) -> None:
    class Runner:
        def close_through(self, through: int, watch: Any) -> None:
            while True:
                watch("Work", 0, 0)

    shift = NightShift(Runner())  # type: ignore[arg-type]
    assert shift.claim()
    assert not shift.claim()
    shift.start(1, 2)
    shift.close()
    assert shift.now.state is ShiftState.BROKEN_OFF
    assert not shift.claim()


def test_whoever_sees_that_a_night_ended_may_start_the_next_at_once() -> None:
    class Runner:
        def close_through(self, through: int, watch: Any) -> None:
            """Close nothing, at once."""

    class Watched(NightShift):
        """Somebody starts the next night in the very moment the end of one can be seen."""

        started_next = False

        def __setattr__(self, name: str, value: object) -> None:
            super().__setattr__(name, value)
            if isinstance(value, Shift) and value.state is ShiftState.DONE:
                self.started_next = self.claim()

    shift = Watched(Runner())  # type: ignore[arg-type]
    assert shift.claim()
    shift.start(1, 1)
    shift.wait(30)
    assert shift.started_next


def test_a_night_claimed_before_a_service_stops_does_not_begin_after_it() -> None:
    begun: list[int] = []

    class Runner:
        def close_through(self, through: int, watch: Any) -> None:
            begun.append(through)

    shift = NightShift(Runner())  # type: ignore[arg-type]
    assert shift.claim()
    shift.close()
    shift.start(1, 1)
    shift.wait(30)
    assert (begun, shift.now.state, shift.claim()) == ([], ShiftState.BROKEN_OFF, False)


def test_interest_is_explained_day_by_day_to_whoever_reaches_the_account(counter: Counter) -> None:
    party = counter.party()
    opened = counter.contract(party, "360000.00")
    assert close(counter, "2026-01-15")["state"] == "done"
    entries = counter.done("listAccountEntries", account=opened["account"])["items"]
    paid = entries[0]
    told = counter.done("explainTransfer", transaction=paid["transaction"])
    assert told["words"] == {"en": "Interest", "zh": "结息"}
    assert told["night"] == "2026-01-15"
    assert told["derived"]
    spans = told["interest"]["spans"]
    assert spans[0]["rates"][0]["rate"] == "0.3"
    assert spans[0]["balance"]["amount"] == "360000.00"
    days = sum(span["days"] for span in spans)
    assert told["interest"]["amount"]["amount"] == f"{360000 * 0.003 * days / 360:.2f}" == paid["amount"]["amount"]
    assert counter.done("explainTransfer", who=client_of(party), transaction=paid["transaction"]) == told
    assert counter.refused("explainTransfer", who=client_of(party + 1), transaction=paid["transaction"]) == (
        "transaction_unknown"
    )
    opening = counter.done("explainTransfer", transaction=entries[-1]["transaction"])
    assert (opening["derived"], opening["interest"]) == (False, None)
    assert counter.refused("explainTransfer", transaction=counter.new_id()) == "transaction_unknown"
