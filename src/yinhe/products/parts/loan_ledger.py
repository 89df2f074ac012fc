"""Which general-ledger codes a loan's postings go to."""

from typing import Annotated, ClassVar

from yinhe.products.parts.base import Kind, Part
from yinhe.products.parts.ledger import code_parameter


class LoanMapping(Part, frozen=True, kw_only=True):
    """The base of a loan's general-ledger mappings: the codes every loan needs."""

    kind: ClassVar[Kind] = Kind.LEDGER
    effect: ClassVar[str] = (
        "names the codes of loans, interest receivable, allowance, interest and fee income, credit losses, and of "
        "interest off balance"
    )

    loans: Annotated[int, code_parameter("the principal lent, an asset", "贷款本金科目（资产）")] = 1303
    receivable: Annotated[int, code_parameter("interest earned and not received, an asset", "应收利息科目（资产）")] = (
        1132
    )
    allowance: Annotated[
        int, code_parameter("what is set aside for losses, taken off the assets", "贷款损失准备科目（资产备抵）")
    ] = 1304
    income: Annotated[int, code_parameter("interest income", "利息收入科目（收入）")] = 6011
    fee_income: Annotated[int, code_parameter("fees earned, income", "手续费收入科目（收入）")] = 6021
    credit_loss: Annotated[int, code_parameter("credit-loss expense", "信用减值损失科目（费用）")] = 6702
    off_balance: Annotated[
        int, code_parameter("interest of non-accrual loans, off balance", "表外应收利息科目（表外）")
    ] = 7132


class LoanLedger(LoanMapping, frozen=True, kw_only=True):
    """The mapping of a loan; the codes of the Chinese chart of accounts are the defaults."""

    name: ClassVar[str] = "ledger.loan"
    chinese: ClassVar[str] = "贷款产品的总账科目"


class WrittenOffLedger(LoanMapping, frozen=True, kw_only=True):
    """The mapping of a loan that follows what was written off by a code of its own, off balance."""

    name: ClassVar[str] = "ledger.loan_written_off"
    chinese: ClassVar[str] = "贷款产品的总账科目，含已核销贷款表外科目"

    written_off: Annotated[
        int, code_parameter("principal written off and still claimed, off balance", "已核销贷款科目（表外）")
    ] = 7133
