"""What must hold of a product's family, and of a loan as a whole: each law a function; `checks` has the list."""

from typing import Final

from yinhe.products.case import Case
from yinhe.products.families import FAMILY_WORDS, REQUIRED, Family, family_of, family_of_part
from yinhe.products.findings import Code, FindingLog
from yinhe.products.part_list import KIND_WORDS
from yinhe.products.parts.overdue import Misuse, Penalty

PENALTY_PERCENT: Final = (130, 150)
"""What the rate of a late yuan loan may be, in percent of the contract's (People's Bank of China, 2003, No. 251)."""
MISUSE_PERCENT: Final = (150, 200)
"""What the rate of a misused yuan loan may be, by the same notice."""


def check_family(case: Case, log: FindingLog) -> None:
    """A product is a deposit or a loan, has what one needs, and no part of the other."""
    family = family_of(case.product)
    if family is None:
        if case.is_whole:
            hint = 'a deposit has a part as "ledger.deposit", a loan one as "ledger.loan"'
            log.add(Code.FAMILY_UNKNOWN, ("parts",), hint=hint)
        return
    for kind, hint in REQUIRED[family].items():
        if case.is_whole and not case.product.of_kind(kind):
            log.add(Code.KIND_MISSING, ("parts",), what=kind.value, chinese=KIND_WORDS[kind][1], hint=hint)
    for part in case.product.parts:
        other = family_of_part(part)
        if other is not None and other is not family:
            (one, one_chinese), (theirs, theirs_chinese) = FAMILY_WORDS[family], FAMILY_WORDS[other]
            words = {"family": one, "family_chinese": one_chinese, "other": theirs, "other_chinese": theirs_chinese}
            log.add(Code.FAMILY_DIFFERS, (*case.path(part), "part"), what=part.name, **words)


def check_penalties(case: Case, log: FindingLog) -> None:
    """Of a loan in yuan the penalty rate and that of misuse are within what the central bank allows."""
    if case.product.currency != "CNY" or family_of(case.product) is not Family.LOAN:
        return
    for part in case.product.parts:
        match part:
            case Penalty():
                least, most = PENALTY_PERCENT
            case Misuse():
                least, most = MISUSE_PERCENT
            case _:
                continue
        if not least <= part.multiple <= most:
            path = (*case.path(part), "multiple")
            log.add(Code.OUT_OF_BOUNDS, path, found=f"{part.multiple}%", least=f"{least}%", most=f"{most}%")
