"""From contracts, nights and errands to figures."""

from collections.abc import Sequence
from statistics import median
from typing import Final

import numpy as np

from yinhe.bootstrap import Configuration, DepositUnit, open_past
from yinhe.closeday.explain import explain
from yinhe.closeday.report import NightReport
from yinhe.demo.bank import CNY
from yinhe.demo.counter import Counter, Errand
from yinhe.demo.days import Quarter
from yinhe.demo.errors import DemoError
from yinhe.demo.figures import (
    CounterRefusalFigures,
    ErrandFigures,
    ExplainedFigures,
    NightFigures,
    ProductFigures,
    QuarterFigures,
    SettlementFigures,
)
from yinhe.demo.names import GeneralLedger
from yinhe.demo.nights import Nights, is_quarter_end
from yinhe.deposits.codes import TransferCode
from yinhe.kernel.currency import currency
from yinhe.kernel.dates import date_from_days

_PAID: Final = (TransferCode.INTEREST, TransferCode.INTEREST_CORRECTION)


def product_figures(unit: DepositUnit, nights: Nights, quarters: int) -> tuple[ProductFigures, ...]:
    """Every product that has or had contracts, by its number.

    Raises DemoError where the general ledger and the postings to customers disagree about a product's interest.
    """
    ledger, book, catalogue = unit.ledger, unit.bank.book, unit.bank.catalogue
    balances, pools = ledger.balances_at(ledger.committed_seq), unit.bank.pools.all()
    open_ones = book.by_version()
    made: dict[int, ProductFigures] = {}
    for version in np.unique(book.rows["version"]).tolist():
        product = catalogue.product(version)
        number, places = currency(product.currency).number, open_ones.get(version, np.zeros(0, np.int64))

        def pool(code: GeneralLedger, key: tuple[int, int] = (number, product.number)) -> int:
            account = pools.get((code.code, *key))
            return 0 if account is None else int(balances[account])

        cost, payable = -pool(GeneralLedger.INTEREST_EXPENSE), pool(GeneralLedger.INTEREST_PAYABLE)
        paid = sum(nights.sum_of(quarter, product.number, *_PAID).amount_minor for quarter in range(quarters))
        if cost - payable != paid:
            raise DemoError(f"{product.name}: {cost} of interest less {payable} payable is not {paid} paid.")
        made[product.number] = ProductFigures(
            product=product.name,
            english=product.english,
            chinese=product.chinese,
            currency=number,
            contracts=len(places),
            balance_minor=int(balances[book.rows["account"][places]].sum()),
            interest_minor=cost,
            paid_minor=paid,
            payable_minor=payable,
        )
    return tuple(made[number] for number in sorted(made))


def quarter_figures(unit: DepositUnit, nights: Nights, quarters: Sequence[Quarter]) -> tuple[QuarterFigures, ...]:
    """The management summary of each quarter."""
    return tuple(_quarter(unit, nights, place, quarter) for place, quarter in enumerate(quarters))


def _quarter(unit: DepositUnit, nights: Nights, place: int, quarter: Quarter) -> QuarterFigures:
    reports = nights.reports_of(quarter)
    catalogue, versions = unit.bank.catalogue, np.unique(unit.bank.book.rows["version"]).tolist()
    products = [catalogue.product(version) for version in versions]
    yuan = [product.number for product in products if currency(product.currency).number == CNY]

    def posted(*codes: TransferCode) -> int:
        return sum(nights.sum_of(place, product, *codes).amount_minor for product in yuan)

    def counted(name: str) -> int:
        return sum(report.summary[name] for report in reports)

    return QuarterFigures(
        first=date_from_days(quarter.first),
        last=date_from_days(quarter.last),
        nights=len(reports),
        contracts=reports[-1].summary["contracts"],
        # A correction is cost like any accrual, but goes to the customer at once.
        accrued_minor=posted(TransferCode.INTEREST_ACCRUED, TransferCode.INTEREST_CORRECTION),
        paid_minor=posted(*_PAID),
        settled=counted("settled"),
        corrections=counted("corrections"),
        renewed=counted("renewed"),
        paid_out=counted("paid_out_at_maturity"),
        paid_out_minor=posted(TransferCode.MATURITY),
        fees_minor=posted(TransferCode.FEE),
        swept_out_minor=posted(TransferCode.SWEEP_OUT),
        swept_back_minor=posted(TransferCode.SWEEP_IN),
        postings=counted("postings"),
        refused=counted("refused"),
        findings=counted("findings"),
        seconds=round(sum(report.milliseconds for report in reports) / 1e3, 3),
    )


def night_figures(nights: Nights) -> NightFigures:
    """What the nights cost."""
    reports = nights.reports
    seconds = sum(report.milliseconds for report in reports) / 1e3
    slowest = max(reports, key=lambda report: report.milliseconds)
    accrued = sum(report.summary["contracts"] for report in reports)
    return NightFigures(
        nights=len(reports),
        seconds=round(seconds, 3),
        median_ms=round(median(report.milliseconds for report in reports)),
        slowest_ms=slowest.milliseconds,
        slowest=date_from_days(slowest.business_date),
        contract_nights=accrued,
        contracts_per_s=round(accrued / max(seconds, 1e-3)),
        settlements=tuple(_settlement(nights, report) for report in reports if is_quarter_end(report.business_date)),
    )


def _settlement(nights: Nights, report: NightReport) -> SettlementFigures:
    step = next(step for step in report.steps if step.step == "settle")
    settled = report.figure("settle", "contracts")
    return SettlementFigures(
        business_date=date_from_days(report.business_date),
        contracts=settled,
        interest_minor=nights.settled_minor[report.business_date],
        seconds=step.milliseconds / 1e3,
        contracts_per_s=round(settled / max(step.milliseconds / 1e3, 1e-3)),
        night_seconds=report.milliseconds / 1e3,
    )


def errand_figures(counter: Counter) -> tuple[ErrandFigures, ...]:
    """What customers came for, the most frequent first."""
    errands = sorted(Errand, key=lambda errand: -counter.done[errand] - counter.refused[errand])
    return tuple(
        ErrandFigures(
            errand.name.lower(), errand.english, errand.chinese, counter.done[errand], counter.refused[errand]
        )
        for errand in errands
        if counter.done[errand] + counter.refused[errand]
    )


def counter_refusals(counter: Counter) -> tuple[CounterRefusalFigures, ...]:
    """The reasons that customers were given, the most frequent first."""
    return tuple(
        CounterRefusalFigures(english, chinese, count) for (english, chinese), count in counter.reasons.most_common()
    )


def explained(configuration: Configuration, unit: DepositUnit, nights: Nights) -> ExplainedFigures:
    """The posting chosen, explained from the database alone. Raises DemoError, or what `explain` raises."""
    if nights.example is None:
        raise DemoError("No quarter's end paid any interest.")
    with open_past(configuration) as past:
        found = explain(past, nights.example.txn_id)
    contract = unit.bank.book.of_account(nights.example.account) + 1
    return ExplainedFigures(str(nights.example.txn_id), contract, nights.example.account, found)
