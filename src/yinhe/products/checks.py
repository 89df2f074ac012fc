"""What must hold of a product as a whole: each law a function, all of them listed at the bottom.

A part has checked its own parameters when it was read; here they are seen together, and beside the bank.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import msgspec

from yinhe.kernel.dates import date_from_days, days_from_date
from yinhe.kernel.money import Money
from yinhe.kernel.rates import Rate, format_rate
from yinhe.products.case import Case
from yinhe.products.conflict import Conflict
from yinhe.products.conflicts import CONFLICTS, NEVER_CHARGED
from yinhe.products.errors import RateMissing
from yinhe.products.findings import Code, FindingLog, Path
from yinhe.products.loan_checks import check_family, check_penalties
from yinhe.products.loan_conflicts import LOAN_CONFLICTS
from yinhe.products.natures import natures_of
from yinhe.products.part_list import KIND_WORDS
from yinhe.products.parts.amount import BalanceMost
from yinhe.products.parts.base import MANY, Kind, Part
from yinhe.products.parts.interest import DEPOSIT_RATE_MAX, ByTerm
from yinhe.products.parts.term import Fixed
from yinhe.products.product import Product, Term, TermRule
from yinhe.products.rates import RateBook, RateSource
from yinhe.products.status import Status
from yinhe.products.terms import NEGOTIABLE, RATE
from yinhe.products.walk import lists_of, values_of


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A version the bank has, as far as others must fit it."""

    code: str
    number: int
    version: int
    currency: str
    effective: dt.date
    status: Status
    ledger: tuple[Part, ...] | None = None
    """Its general-ledger mapping, where that is fixed and known."""


class Bank(msgspec.Struct, frozen=True, kw_only=True):
    """What a product is checked against beside itself."""

    business_date: int
    """Days since 1970-01-01."""
    rates: RateBook
    versions: tuple[Known, ...] = ()


def check_product(product: Product, log: FindingLog, places: Sequence[int], *, is_whole: bool = True) -> None:
    """Note everything that is wrong with a product by itself."""
    case = Case(product, places, is_whole)
    for law in LAWS:
        law(case, log)


def check_in_bank(product: Product, log: FindingLog, places: Sequence[int], bank: Bank) -> None:
    """Note everything that keeps a product from the bank that has these versions, rates and business date."""
    case = Case(product, places, True)
    for law in BANK_LAWS:
        law(case, bank, log)


# --- by itself


def _kinds(case: Case, log: FindingLog) -> None:
    for kind in Kind:
        for part in case.product.of_kind(kind)[1:]:
            if kind not in MANY:
                chinese = KIND_WORDS[kind][1]
                log.add(Code.KIND_TWICE, (*case.path(part), "part"), what=kind.value, chinese=chinese)


def _tiers(case: Case, log: FindingLog) -> None:
    """Tiers begin at zero and ascend, and a balance can reach each."""
    most = min(_balance_limits(case.product), default=None)
    for part in case.product.parts:
        for path, cls, records in lists_of(part, case.path(part)):
            if "at_least" in cls.__struct_fields__:
                lows = [low for record in records if isinstance(low := getattr(record, "at_least", None), Money)]
                # An adjustment may begin anywhere; a rate or a fee there must be for every balance.
                _check_tiers(lows, path, most, log, from_zero=part.kind in (Kind.INTEREST, Kind.FEE))


def _check_tiers(lows: Sequence[Money], path: Path, most: Money | None, log: FindingLog, *, from_zero: bool) -> None:
    if not lows:
        log.add(Code.TIERS_MISSING, path)
        return
    if from_zero and lows[0].amount_minor != 0:
        hint = f'let the first begin at "{Money(0, lows[0].currency)}"'
        log.add(Code.TIER_GAP, (*path, 0, "at_least"), found=lows[0], hint=hint)
    for place, (before, low) in enumerate(pairwise(lows), 1):
        if low == before:
            log.add(Code.TIER_OVERLAP, (*path, place, "at_least"), found=low)
        elif low < before:
            log.add(Code.TIER_DESCENDING, (*path, place, "at_least"), found=low, before=before)
    for place, low in enumerate(lows):
        if most is not None and most < low:
            log.add(Code.TIER_UNREACHABLE, (*path, place, "at_least"), found=low, most=most)


def _balance_limits(product: Product) -> tuple[Money, ...]:
    """The highest balances that parts of a product allow."""
    return tuple(part.most for part in product.all(BalanceMost))


def _problems(case: Case, log: FindingLog) -> None:
    """What a part says against itself, where nothing more exact was said of the same place."""
    for part in case.product.parts:
        for problem in part.problems():
            path = (*case.path(part), problem.parameter)
            if not log.mentions(path):
                log.add(Code.PARTS_CONTRADICT, path, what=problem.english, chinese=problem.chinese)


def _contradictions(case: Case, log: FindingLog) -> None:
    for conflict in (*CONFLICTS, *LOAN_CONFLICTS):
        _contradicts(conflict, case, log)


def _contradicts(conflict: Conflict, case: Case, log: FindingLog) -> None:
    part = conflict.part(case.product)
    if part is not None:
        what, chinese = conflict.english, conflict.chinese
        log.add(Code.PARTS_CONTRADICT, (*case.path(part), "part"), what=what, chinese=chinese, hint=conflict.hint)


def _rates_of_terms(case: Case, log: FindingLog) -> None:
    """Each term offered has a rate, and each rate a term."""
    interest, term = case.product.one(ByTerm), case.product.one(Fixed)
    if interest is None or term is None:
        return
    rated = interest.terms()
    for place, period in enumerate(term.offered):
        if period not in rated:
            english, chinese = f"the term {period} has no rate", f"存期{period.chinese}没有利率"
            log.add(Code.PARTS_CONTRADICT, (*case.path(term), "offered", place), what=english, chinese=chinese)
    for place, period in enumerate(rated):
        if period not in term.offered:
            english = f"the rate for {period} is never used: the term is not offered"
            chinese = f"存期{period.chinese}未提供，其利率无效"
            log.add(Code.PARTS_CONTRADICT, (*case.path(interest), "rates", place), what=english, chinese=chinese)


def _ledger(case: Case, log: FindingLog) -> None:
    """Each general-ledger code is of the nature its role needs, so that what is posted balances."""
    for part in case.product.of_kind(Kind.LEDGER):
        for role, code, nature in natures_of(part):
            if not nature.fits(code):
                log.add(
                    Code.LEDGER_UNBALANCED,
                    (*case.path(part), role),
                    what=role,
                    english=nature.english,
                    chinese=nature.chinese,
                    codes=nature.codes,
                    found=code,
                )
        codes = {role: code for role, code, _ in natures_of(part)}
        for role, other, english, chinese in _APART:
            if role in codes and codes[role] == codes.get(other):
                words = {
                    "what": f"{english} share one code, so that neither can be reconciled",
                    "chinese": f"{chinese}使用同一科目，无法核对",
                }
                log.add(Code.PARTS_CONTRADICT, (*case.path(part), role), **words)


_APART: Final = (
    ("payable", "principal", "interest payable and principal", "应付利息与本金"),
    ("receivable", "loans", "interest receivable and loans", "应收利息与贷款本金"),
    ("allowance", "loans", "the allowance and loans", "损失准备与贷款本金"),
    ("allowance", "receivable", "the allowance and interest receivable", "损失准备与应收利息"),
)
"""Roles whose codes must differ, as balances of their own."""


def _terms(case: Case, log: FindingLog) -> None:
    seen: set[str] = set()
    for place, term in enumerate(case.product.terms):
        if term.name in seen:
            log.add(Code.TERM_TWICE, ("terms", place, "name"), what=term.name)
        seen.add(term.name)
        _check_bounds(term, place, log)


def _check_bounds(term: Term, place: int, log: FindingLog) -> None:
    path: Path = "terms", place
    if term.rule is TermRule.NEGOTIATE and term.name not in NEGOTIABLE:
        english = f"a contract has no {term.name} of its own; only its rate is negotiated"
        hint = 'let it follow, or keep it with rule = "freeze"'
        log.add(Code.TERM_BOUNDS, (*path, "rule"), what=english, chinese="合约只能协商利率", hint=hint)
        return
    if term.rule is not TermRule.NEGOTIATE:
        if term.least is not None or term.most is not None:
            english, chinese = "only a negotiated term has bounds", "只有协商条款才有上下限"
            log.add(Code.TERM_BOUNDS, (*path, "rule"), what=english, chinese=chinese)
        return
    if term.least is None or term.most is None:
        english, chinese = "a negotiated term needs its least and its most", "协商条款必须写明上限和下限"
        log.add(Code.TERM_BOUNDS, (*path, "rule"), what=english, chinese=chinese)
    elif term.least > term.most:
        english, chinese = "the bounds of the term cross: its least is above its most", "条款的下限高于上限"
        log.add(Code.TERM_BOUNDS, (*path, "least"), what=english, chinese=chinese)
    if term.name == RATE:
        for key, bound in (("least", term.least), ("most", term.most)):
            if bound is not None and not 0 <= bound <= DEPOSIT_RATE_MAX:
                found, most = (format_rate(Rate(units)) for units in (bound, DEPOSIT_RATE_MAX))
                log.add(Code.OUT_OF_BOUNDS, (*path, key), found=found, least="0%", most=most)


LAWS: Final[tuple[Callable[[Case, FindingLog], None], ...]] = (
    check_family,
    _kinds,
    _tiers,
    _problems,
    _contradictions,
    check_penalties,
    _rates_of_terms,
    _ledger,
    _terms,
)
"""All that must hold of a product by itself."""


# --- beside the bank


def _effective(case: Case, bank: Bank, log: FindingLog) -> None:
    product = case.product
    if days_from_date(product.effective) < bank.business_date:
        stands = date_from_days(bank.business_date)
        hint = "a product holds from today on at the earliest"
        path = "product", "effective"
        log.add(Code.EFFECTIVE_PAST, path, day=product.effective, business_date=stands, hint=hint)
    earlier = [one for one in bank.versions if one.code == product.code and one.version < product.version]
    latest = max(earlier, key=lambda one: one.version, default=None)
    if latest is not None and product.effective <= latest.effective:
        path, before = ("product", "effective"), latest.effective
        log.add(Code.EFFECTIVE_ORDER, path, day=product.effective, version=latest.version, before=before)


def _identity(case: Case, bank: Bank, log: FindingLog) -> None:
    product = case.product
    taken = next((one for one in bank.versions if one.number == product.number and one.code != product.code), None)
    if taken is not None:
        free = max(one.number for one in bank.versions) + 1
        log.add(Code.NUMBER_TAKEN, ("product", "number"), what=product.number, owner=taken.code, hint=f"{free} is free")
    # Drafts may still change; what is published may not, and accounts carry its number.
    fixed = [one for one in bank.versions if one.code == product.code and one.status.is_fixed]
    for one in fixed[:1]:
        if one.number != product.number:
            log.add(Code.NUMBER_CHANGED, ("product", "number"), what=product.number, before=one.number)
        if one.currency != product.currency:
            log.add(Code.CURRENCY_CHANGED, ("product", "currency"), found=product.currency, before=one.currency)
        mapping = product.of_kind(Kind.LEDGER)
        if mapping and one.ledger is not None and mapping != one.ledger:
            log.add(Code.LEDGER_CHANGED, (*case.path(mapping[0]), "part"), hint="sell it as another product")


def _version(case: Case, bank: Bank, log: FindingLog) -> None:
    product, path = case.product, ("product", "version")
    own = {one.version: one.status for one in bank.versions if one.code == product.code}
    following = max((version for version, status in own.items() if status.is_fixed), default=0) + 1
    status = own.get(product.version)
    if status is not None and status.is_fixed:
        words = status.value, status.chinese
        log.add(Code.VERSION_FIXED, path, found=product.version, status=words[0], chinese=words[1], next=following)
    elif product.version != following:
        log.add(Code.VERSION_NOT_NEXT, path, found=product.version, next=following)


def _tables(case: Case, bank: Bank, log: FindingLog) -> None:
    day = days_from_date(case.product.effective)
    for part in case.product.parts:
        for path, value in values_of(part, case.path(part)):
            if isinstance(value, RateSource) and value.table:
                try:
                    bank.rates.on(value.table, day)
                except RateMissing:
                    hint = f"yinhe rates set {value.table} --rate RATE --effective DATE"
                    what, on = value.table, case.product.effective
                    log.add(Code.RATE_TABLE_UNKNOWN, path, what=what, day=on, hint=hint)


BANK_LAWS: Final[tuple[Callable[[Case, Bank, FindingLog], None], ...]] = (
    _effective,
    _identity,
    _version,
    _tables,
    lambda case, _, log: _contradicts(NEVER_CHARGED, case, log),
)
"""All that must hold of a product beside what the bank has."""
