"""Sound files of loans, to be spoiled as those of deposits."""

HEAD = """\
[product]
code = "advance"
number = 2003
version = 1
english = "Advance"
chinese = "贷款"
currency = "CNY"
effective = 2026-01-05
"""

RISK = """
[[parts]]
part = "overdue.penalty"
multiple = 150

[[parts]]
part = "misuse.rate"
multiple = 200

[[parts]]
part = "allocation.sequence"

[[parts]]
part = "classification.five_grades"

[[parts]]
part = "non_accrual.after_days"

[[parts]]
part = "allowance.three_stages"
first = { default = "1%", lost = "45%" }
second = { default = "12%", lost = "45%" }
third = { default = "100%", lost = "60%" }

[[parts]]
part = "ledger.loan"
loans = 1303
receivable = 1132
allowance = 1304
"""

LOAN = (
    HEAD
    + """
[[parts]]
part = "term.loan_months"
least = 12
most = 36

[[parts]]
part = "limit.amount"
least = "1,000.00 CNY"

[[parts]]
part = "purpose.only_for"
purposes = ["car"]

[[parts]]
part = "security.none"

[[parts]]
part = "drawdown.single"

[[parts]]
part = "loan_interest.indexed"
index = "board:LPR_1Y + 45bp"

[[parts]]
part = "repayment.equal_instalments"

[[parts]]
part = "prepayment.part"
"""
    + RISK
)
"""A loan in instalments."""

CARD = (
    HEAD
    + """
[[parts]]
part = "term.until_cancelled"

[[parts]]
part = "limit.amount"
least = "1,000.00 CNY"

[[parts]]
part = "purpose.only_for"
purposes = ["goods"]

[[parts]]
part = "drawdown.revolving"

[[parts]]
part = "loan_interest.fixed"
yearly = "18.25%"

[[parts]]
part = "repayment.by_statement"

[[parts]]
part = "card.billing_cycle"

[[parts]]
part = "card.minimum_payment"

[[parts]]
part = "prepayment.at_will"
"""
    + RISK
)
"""A card."""
