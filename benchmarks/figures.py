"""Write the figures into README.md and README.zh-CN.md from the results of the benchmarks.

    python benchmarks/figures.py            # rewrites the table in both
    python benchmarks/figures.py --check    # exits with 1 when one is not as it would be written

Reads ledger.json, recovery.json, closeday.json and http.json of benchmarks/results, as `make bench` leaves them; a test
holds the READMEs to them.
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from yinhe.bench.closeday import ClosedayFigures
from yinhe.bench.http import HttpFigures
from yinhe.bench.ledger import LedgerFigures
from yinhe.bench.machine import Machine
from yinhe.bench.recovery import RecoveryFigures

ROOT: Final = Path(__file__).resolve().parents[1]
RESULTS: Final = ROOT / "benchmarks" / "results"
PART: Final = re.compile(r"(<!-- figures:begin -->\n).*?(<!-- figures:end -->)", re.DOTALL)
NONE_YET: Final = MappingProxyType(
    {
        "README.md": "No results are committed yet; `make bench` measures your machine.\n",
        "README.zh-CN.md": "尚未提交测试结果；运行 `make bench` 可在您的机器上实测。\n",
    }
)


class Results(NamedTuple):
    """Everything that was measured."""

    ledger: LedgerFigures
    recovery: RecoveryFigures
    nights: ClosedayFigures
    http: HttpFigures


def results() -> Results | None:
    """The committed results, None while one is missing."""
    paths = [RESULTS / f"{name}.json" for name in ("ledger", "recovery", "closeday", "http")]
    if not all(path.exists() for path in paths):
        return None
    kinds = (LedgerFigures, RecoveryFigures, ClosedayFigures, HttpFigures)
    found = [msgspec.json.decode(path.read_bytes(), type=kind) for path, kind in zip(paths, kinds, strict=True)]
    return Results(*found)


def table_in_english(found: Results) -> str:
    """The table of README.md."""
    ledger, recovery, nights, http = found
    rows = {
        "posting until indexed, every batch durable": f"{ledger.transfers_per_s_until_indexed:,.0f} transfers/s",
        "the same in a burst": f"{ledger.transfers_per_s_burst:,.0f} transfers/s",
        "pgbench TPC-B, same server, best client count": f"{ledger.pgbench_tps:,.0f} transactions/s",
        "posting until indexed ÷ pgbench": f"{ledger.ratio_pgbench:,.1f}",
        f"a batch of {ledger.batch:,}, handed in to durable": _batch(ledger, "p50 {:,.1f} ms, p99 {:,.1f} ms"),
        "one transfer after another, each durable": _single(ledger, "p50 {:,.2f} ms, p99 {:,.2f} ms"),
        "8 M transfers among 10 M accounts ÷ among 1 M: time until indexed": _growth(ledger.growth_cost_ratio),
        "writing an account's balance, of 10 M ÷ of 1 M": _growth(ledger.growth_account_cost_ratio),
        f"restart after a kill, {_size(recovery, 'accounts', 'rows')}": f"{recovery.restart_s:.1f} s",
        f"of {recovery.acknowledged:,} acknowledged: lost, duplicated": f"{recovery.lost:,}, {recovery.duplicated:,}",
        "memory": f"{ledger.bytes_per_account} bytes an account",
        "a day's interest accrued": f"{nights.accrued_per_s_per_core / 1e6:,.0f} M contracts/s a core",
        f"a quarter settled, {nights.accounts:,} contracts, indexed": f"{nights.settled_per_s:,.0f} contracts/s",
        "the quarter's night; customers' p99 meanwhile": _night(nights, "{:.1f} s; {:,.0f} ms"),
        "loan instalments due, collected and paid": _loans(nights.due_per_s, "{:,.0f} a second"),
        "loans priced anew, durable": _loans(nights.repriced_per_s, "{:,.0f} a second"),
        "a loan's schedule of 360 instalments": _schedule(nights, "{:,.0f} µs"),
        "transfers over HTTP, one a request, 64 connections": _http(http, "{:,.0f} requests/s, p99 {:,.1f} ms"),
        "the same ÷ pgbench in that run": f"{http.ratio_pgbench:,.1f}",
        "a customer's picture; a page of history": _reading(http, "p99 {:,.1f} ms; p99 {:,.1f} ms"),
    }
    return (
        _table(("What", "Measured"), rows)
        + f"\n{_machines(ledger, nights, 'cores', (' The nights and HTTP: ', '.'))}\n"
    )


def table_in_chinese(found: Results) -> str:
    """The table of README.zh-CN.md."""
    ledger, recovery, nights, http = found
    rows = {
        "批量记账，逐批落盘，直至索引建成": f"{ledger.transfers_per_s_until_indexed:,.0f} 笔/秒",
        "同上，突发": f"{ledger.transfers_per_s_burst:,.0f} 笔/秒",
        "pgbench TPC-B，同一服务器，最佳并发数": f"{ledger.pgbench_tps:,.0f} 笔/秒",
        "与 pgbench 之比": f"{ledger.ratio_pgbench:,.1f} 倍",
        f"每批 {ledger.batch:,} 笔，从提交到落盘": _batch(ledger, "p50 {:,.1f} 毫秒，p99 {:,.1f} 毫秒"),
        "逐笔提交，逐笔落盘": _single(ledger, "p50 {:,.2f} 毫秒，p99 {:,.2f} 毫秒"),
        "八百万笔在一千万账户与一百万账户间记账的时间之比（至索引建成）": _growth(ledger.growth_cost_ratio),
        "写一个账户余额的时间之比（一千万账户与一百万账户）": _growth(ledger.growth_account_cost_ratio),
        f"强杀后重启（{_size(recovery, '账户', '条流水')}）": f"{recovery.restart_s:.1f} 秒",
        f"已答复的 {recovery.acknowledged:,} 笔中：丢失、重复": f"{recovery.lost:,}、{recovery.duplicated:,}",
        "内存": f"每账户 {ledger.bytes_per_account} 字节",
        "每日计提利息": f"每核每秒 {nights.accrued_per_s_per_core / 1e4:,.0f} 万份合约",
        f"季度结息（{nights.accounts:,} 份合约，入账并建成索引）": f"{nights.settled_per_s:,.0f} 份/秒",
        "季末日终；期间联机交易 p99": _night(nights, "{:.1f} 秒；{:,.0f} 毫秒"),
        "贷款到期扣款入账": _loans(nights.due_per_s, "{:,.0f} 笔/秒"),
        "贷款重定价（落盘）": _loans(nights.repriced_per_s, "{:,.0f} 笔/秒"),
        "360 期还款计划": _schedule(nights, "{:,.0f} 微秒"),
        "HTTP 逐笔转账，64 个连接": _http(http, "{:,.0f} 笔/秒，p99 {:,.1f} 毫秒"),
        "同上，与同次 pgbench 之比": f"{http.ratio_pgbench:,.1f} 倍",
        "客户全貌；一页流水": _reading(http, "p99 {:,.1f} 毫秒；p99 {:,.1f} 毫秒"),
    }
    return _table(("项目", "实测"), rows) + f"\n{_machines(ledger, nights, '核', ('日终与 HTTP：', '。'))}\n"


def _machines(ledger: LedgerFigures, nights: ClosedayFigures, cores: str, words: tuple[str, str]) -> str:
    """The machine of the figures, and that of the nights where they ran on another."""
    head, end = words
    first = f"{_machine(ledger.machine, cores)}{end}"
    if nights.machine.processor == ledger.machine.processor:
        return first
    return f"{first}{head}{_machine(nights.machine, cores)}{end}"


def _night(nights: ClosedayFigures, form: str) -> str:
    return form.format(nights.close_s, nights.online_p99_ms_during_close)


def _http(http: HttpFigures, form: str) -> str:
    return form.format(http.requests_per_s, http.p99_ms)


def _reading(http: HttpFigures, form: str) -> str:
    found = http.overview
    return "–" if found is None else form.format(found.picture.p99_ms, found.history_page.p99_ms)


def _loans(per_s: float | None, form: str) -> str:
    return "–" if per_s is None else form.format(per_s)


def _schedule(nights: ClosedayFigures, form: str) -> str:
    return "–" if nights.loans is None else form.format(nights.loans.schedule_us)


def _batch(ledger: LedgerFigures, form: str) -> str:
    return form.format(ledger.p50_ms, ledger.p99_ms)


def _size(recovery: RecoveryFigures, accounts: str, rows: str) -> str:
    return f"{recovery.accounts:,} {accounts}, {recovery.journal_rows:,} {rows}"


def _single(ledger: LedgerFigures, form: str) -> str:
    one = next((size for size in ledger.batch_sizes if size.batch == 1), None)
    return form.format(one.p50_ms, one.p99_ms) if one else "–"


def _growth(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.2f}"


def _table(head: tuple[str, str], rows: Mapping[str, str]) -> str:
    lines = [head, ("---", "---"), *((name, value) for name, value in rows.items() if value != "–")]
    return "".join(f"| {name} | {value} |\n" for name, value in lines)


def _machine(machine: Machine, cores: str) -> str:
    parts = f"{machine.cores} {cores}", f"{machine.memory_gib} GiB", machine.system
    software = f"Python {machine.python}", f"PostgreSQL {machine.postgresql}", f"fsync {machine.fsync_ms} ms"
    return ", ".join([machine.processor, *parts, *software])


def filled(name: str, text: str) -> str:
    """A README as it should be."""
    found = results()
    part = NONE_YET[name]
    if found is not None:
        part = table_in_english(found) if name == "README.md" else table_in_chinese(found)
    return PART.sub(lambda match: f"{match[1]}\n{part}\n{match[2]}", text)


def main(check: bool) -> int:
    """Rewrite or check both READMEs; how many were not as they should be."""
    stale = 0
    for name in NONE_YET:
        path = ROOT / name
        text = path.read_text("utf-8")
        wanted = filled(name, text)
        if text != wanted:
            stale += 1
            sys.stdout.write(f"{'stale' if check else 'rewritten'}: {name}\n")
            if not check:
                path.write_text(wanted, "utf-8")
    return stale if check else 0


if __name__ == "__main__":
    sys.exit(min(1, main("--check" in sys.argv[1:])))
