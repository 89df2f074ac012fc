-- name: loan_read
-- Reads one loan as it was last written.
SELECT
    loan, undue, whole, remainder, rate, penalty_whole, penalty_remainder, compound_whole, compound_remainder,
    through, since, next_due, flags, version, penalty, compound, fee, payment, base, "limit", lent, margin,
    allowance, account, receivable, linked, agreed, start, maturity, months, drawings, number, next_reset,
    overdue_since, grade, stage, branch, region, closed, arranged, arrangements, extended, written_off
FROM loan WHERE loan = %(loan)s

-- name: loans_list
-- Lists loans as a person reads them, in the order they were agreed; flag 1 is of a loan that is open.
SELECT
    loan.loan, borrower, version, linked, agreed, nullif(start, date '1970-01-01'), nullif(maturity, date '1970-01-01'),
    "limit", lent,
    undue + coalesce((
        SELECT sum(principal_left)::bigint FROM loan_item
        WHERE loan_item.loan = loan.loan AND paid = date '1970-01-01'
    ), 0),
    rate, nullif(next_due, date '1970-01-01'), nullif(overdue_since, date '1970-01-01'), grade, flags,
    nullif(closed, date '1970-01-01')
FROM loan JOIN loan_agreement USING (loan)
WHERE loan.loan > %(after)s AND ((flags & 1) <> 0 OR %(closed)s)
  AND (%(borrower)s::text IS NULL OR borrower = %(borrower)s::text)
  AND (%(linked)s::integer IS NULL OR linked = %(linked)s::integer)
  AND (%(versions)s::integer[] IS NULL OR version = ANY(%(versions)s::integer[]))
  AND (NOT %(overdue)s OR overdue_since <> date '1970-01-01')
ORDER BY loan.loan LIMIT %(limit)s
