"""Which general-ledger codes a product's postings go to."""

from typing import Annotated, ClassVar

from yinhe.products.parts.base import Kind, Parameter, Part

GL_CODE_LEAST = 1
GL_CODE_MOST = 99_999_999


def code_parameter(english: str, chinese: str) -> Parameter:
    """A general-ledger code: one to eight digits."""
    return Parameter(english, chinese, least=GL_CODE_LEAST, most=GL_CODE_MOST)


class LedgerMapping(Part, frozen=True, kw_only=True):
    """The base of general-ledger mappings: the codes every deposit needs."""

    kind: ClassVar[Kind] = Kind.LEDGER
    effect: ClassVar[str] = "names the codes of principal, interest payable and expense, fee income and tax"

    principal: Annotated[int, code_parameter("the deposits themselves, a liability", "存款本金科目（负债）")]
    payable: Annotated[int, code_parameter("interest accrued and not paid, a liability", "应付利息科目（负债）")]
    expense: Annotated[int, code_parameter("interest expense", "利息支出科目（费用）")]
    fee_income: Annotated[int, code_parameter("fees earned, income", "手续费收入科目（收入）")]
    tax_payable: Annotated[int, code_parameter("tax withheld, a liability", "应交税费科目（负债）")]


class DepositLedger(LedgerMapping, frozen=True, kw_only=True):
    """The mapping of a deposit; the codes of the Chinese chart of accounts are the defaults."""

    name: ClassVar[str] = "ledger.deposit"
    chinese: ClassVar[str] = "存款产品的总账科目"

    principal: Annotated[int, code_parameter("the deposits themselves, a liability", "存款本金科目（负债）")] = 2011
    payable: Annotated[int, code_parameter("interest accrued and not paid, a liability", "应付利息科目（负债）")] = 2231
    expense: Annotated[int, code_parameter("interest expense", "利息支出科目（费用）")] = 6411
    fee_income: Annotated[int, code_parameter("fees earned, income", "手续费收入科目（收入）")] = 6021
    tax_payable: Annotated[int, code_parameter("tax withheld, a liability", "应交税费科目（负债）")] = 2221


class OverdraftLedger(DepositLedger, frozen=True, kw_only=True):
    """The mapping of a deposit that may be overdrawn: interest earned on the overdraft too."""

    name: ClassVar[str] = "ledger.overdraft"
    chinese: ClassVar[str] = "可透支账户的总账科目"

    receivable: Annotated[int, code_parameter("interest earned and not received, an asset", "应收利息科目（资产）")] = (
        1132
    )
    income: Annotated[int, code_parameter("interest income", "利息收入科目（收入）")] = 6011


class UnclaimedLedger(DepositLedger, frozen=True, kw_only=True):
    """The mapping of a deposit whose dormant balances move to unclaimed money."""

    name: ClassVar[str] = "ledger.unclaimed"
    chinese: ClassVar[str] = "含久悬未取款项的总账科目"

    unclaimed: Annotated[int, code_parameter("unclaimed money, a liability", "久悬未取款项科目（负债）")] = 2241
