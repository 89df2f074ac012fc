"""The benchmarks run, print the keys they promise, and their comparison can fail."""

import numpy as np
import pytest

from yinhe.bench.poster import BATCH, numbered_batch, numbered_ids
from yinhe.bench.recovery import compare
from yinhe.bench.traffic import Skew, draw
from yinhe.kernel.clock import ManualClock
from yinhe.kernel.ids import IdSource

ACCOUNTS = 500


def test_bench_ledger_fills_a_segment_and_prints_its_figures(bank):
    done = bank.run(
        "bench", "ledger", "--accounts", "2000", "--segments", "1", "--pgbench-seconds", "1",
        "--no-variants", "--no-growth", "--json",
    )  # fmt: skip
    figures = done.answer
    assert figures["transfers_per_s_burst"] >= figures["transfers_per_s_until_indexed"] > 0
    assert figures["pgbench_tps"] == max(figures["pgbench"]["tps_by_clients"].values())
    assert figures["ratio_pgbench"] == pytest.approx(
        figures["transfers_per_s_until_indexed"] / figures["pgbench_tps"], abs=0.01
    )
    assert 0 < figures["p50_ms"] <= figures["p99_ms"]
    assert figures["bytes_per_account"] <= 200


def test_bench_recovery_finds_every_acknowledged_id_after_the_kill(bank):
    done = bank.run("bench", "recovery", "--accounts", "2000", "--rows", "50000", "--json")
    figures = done.answer
    assert (figures["lost"], figures["duplicated"]) == (0, 0)
    assert figures["acknowledged"] >= 50_000
    assert figures["journal_rows"] >= figures["acknowledged"]
    assert figures["restart_s"] > 0


def journal_of(*numbers):
    halves = [numbered_ids(number) for number in numbers]
    return np.concatenate([hi for hi, _ in halves]), np.concatenate([lo for _, lo in halves])


def test_the_comparison_counts_what_is_lost_and_what_is_there_twice():
    hi, lo = journal_of(0, 1, 2)
    assert compare(hi, lo, {0, 1, 2}) == (0, 0)
    assert compare(hi[:-3], lo[:-3], {0, 1, 2}) == (3, 0)
    assert compare(np.append(hi, hi[:2]), np.append(lo, lo[:2]), {0, 1, 2}) == (0, 2)
    assert compare(hi, lo, {0, 3}) == (BATCH, 0)


def test_a_numbered_batch_is_the_same_each_time_and_its_ids_are_its_own():
    assert (numbered_batch(1, 5, ACCOUNTS) == numbered_batch(1, 5, ACCOUNTS)).all()
    hi, lo = journal_of(5, 6)
    assert len(set(zip(hi.tolist(), lo.tolist(), strict=True))) == 2 * BATCH


@pytest.mark.parametrize("skew", list(Skew))
def test_drawn_transfers_stay_within_the_accounts_and_never_go_to_themselves(skew):
    batch = draw(IdSource(ManualClock(0), 1), np.random.default_rng(1), skew, ACCOUNTS, 20_000)
    assert (batch["debit"] != batch["credit"]).all()
    for side in ("debit", "credit"):
        assert 1 <= batch[side].min() <= batch[side].max() <= ACCOUNTS


def test_half_of_the_hot_transfers_meet_one_account_and_zipf_has_favourites():
    ids, rng = IdSource(ManualClock(0), 1), np.random.default_rng(1)
    hot = np.bincount(draw(ids, rng, Skew.HOT, ACCOUNTS, 20_000)["debit"])
    zipf = np.bincount(draw(ids, rng, Skew.ZIPF, ACCOUNTS, 20_000)["debit"])
    assert hot.max() == pytest.approx(10_000, rel=0.05)
    assert zipf.max() > 20 * np.median(zipf)


@pytest.mark.parametrize(
    "arguments",
    [("ledger", "--accounts", "10"), ("recovery", "--rows", "0"), ("ledger", "--folder", "/no/such/folder"), ("disk",)],
)
def test_wrong_options_are_refused_in_one_line(bank, arguments):
    done = bank.run("bench", *arguments)
    assert done.code == 2
    assert len(done.err.strip().splitlines()) == 1
