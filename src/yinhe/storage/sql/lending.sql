-- name: pages_load
-- Reads every page of loans.
COPY (SELECT
    page, undue, whole, remainder, rate, penalty_whole, penalty_remainder, compound_whole, compound_remainder,
    through, since, next_due, flags, version, penalty, compound, fee, payment, base, "limit", lent, margin,
    allowance, account, receivable, linked, agreed, start, maturity, months, drawings, number, next_reset,
    overdue_since, grade, stage, branch, region, closed, arranged, arrangements, extended, written_off
    FROM loan_page
) TO STDOUT (FORMAT binary)

-- name: page_stage_create
-- Makes the session's own table for pages to write.
CREATE TEMPORARY TABLE IF NOT EXISTS loan_page_stage (LIKE loan_page INCLUDING STORAGE) ON COMMIT DELETE ROWS

-- name: page_stage_copy
-- Takes pages to write in.
COPY loan_page_stage (
    page, undue, whole, remainder, rate, penalty_whole, penalty_remainder, compound_whole, compound_remainder,
    through, since, next_due, flags, version, penalty, compound, fee, payment, base, "limit", lent, margin,
    allowance, account, receivable, linked, agreed, start, maturity, months, drawings, number, next_reset,
    overdue_since, grade, stage, branch, region, closed, arranged, arrangements, extended, written_off
) FROM STDIN (FORMAT binary)

-- name: page_stage_merge
-- Brings the pages into the table.
INSERT INTO loan_page SELECT * FROM loan_page_stage
ON CONFLICT (page) DO UPDATE SET
    undue = excluded.undue, whole = excluded.whole, remainder = excluded.remainder, rate = excluded.rate,
    penalty_whole = excluded.penalty_whole, penalty_remainder = excluded.penalty_remainder, compound_whole =
    excluded.compound_whole, compound_remainder = excluded.compound_remainder, through = excluded.through, since =
    excluded.since, next_due = excluded.next_due, flags = excluded.flags, version = excluded.version, penalty =
    excluded.penalty, compound = excluded.compound, fee = excluded.fee, payment = excluded.payment, base =
    excluded.base, "limit" = excluded."limit", lent = excluded.lent, margin = excluded.margin, allowance =
    excluded.allowance, account = excluded.account, receivable = excluded.receivable, linked = excluded.linked,
    agreed = excluded.agreed, start = excluded.start, maturity = excluded.maturity, months = excluded.months,
    drawings = excluded.drawings, number = excluded.number, next_reset = excluded.next_reset, overdue_since =
    excluded.overdue_since, grade = excluded.grade, stage = excluded.stage, branch = excluded.branch, region =
    excluded.region, closed = excluded.closed, arranged = excluded.arranged, arrangements = excluded.arrangements,
    extended = excluded.extended, written_off = excluded.written_off

-- name: page_stage_empty
-- Empties the session's own table of pages.
TRUNCATE loan_page_stage

-- name: items_load
-- Reads every instalment that is not wholly paid.
COPY (SELECT
    loan, number, due, principal, interest, principal_left, interest_left, paid
    FROM loan_item WHERE paid = date '1970-01-01'
) TO STDOUT (FORMAT binary)

-- name: item_stage_create
-- Makes the session's own table for items to write.
CREATE TEMPORARY TABLE IF NOT EXISTS loan_item_stage (LIKE loan_item INCLUDING STORAGE) ON COMMIT DELETE ROWS

-- name: item_stage_copy
-- Takes items to write in.
COPY loan_item_stage (
    loan, number, due, principal, interest, principal_left, interest_left, paid
) FROM STDIN (FORMAT binary)

-- name: item_stage_merge
-- Brings the items into the table.
INSERT INTO loan_item SELECT * FROM loan_item_stage
ON CONFLICT (loan, number) DO UPDATE SET
    due = excluded.due, principal = excluded.principal, interest = excluded.interest, principal_left =
    excluded.principal_left, interest_left = excluded.interest_left, paid = excluded.paid

-- name: item_stage_empty
-- Empties the session's own table of items.
TRUNCATE loan_item_stage

-- name: items_of
-- Reads every instalment of a loan that has fallen due; dates as days since 1970-01-01.
SELECT loan, number, (due - date '1970-01-01'),
       principal, interest, principal_left, interest_left, (paid - date '1970-01-01')
FROM loan_item WHERE loan = %(loan)s ORDER BY number

-- name: agreement_write
-- Writes who owes a loan, what for, and what stands behind it.
INSERT INTO loan_agreement (loan, borrower, purpose, collateral, guarantors)
VALUES (%(loan)s, %(borrower)s, %(purpose)s, %(collateral)s, %(guarantors)s)

-- name: agreements_copy
-- Takes who owes many loans in.
COPY loan_agreement (loan, borrower, purpose, collateral, guarantors) FROM STDIN (FORMAT binary)

-- name: agreement_read
-- Reads who owes a loan, what for, and what stands behind it.
SELECT borrower, purpose, collateral, guarantors FROM loan_agreement WHERE loan = %(loan)s

-- name: event_begin
-- Notes an event, once.
INSERT INTO loan_event (id, loan, kind, business_date, value_date, state, body)
VALUES (%(id)s, %(loan)s, %(kind)s, date '1970-01-01' + %(business_date)s::integer,
        date '1970-01-01' + %(value_date)s::integer, %(state)s, %(body)s)
ON CONFLICT DO NOTHING

-- name: event_end
-- Notes what became of an event that was begun.
UPDATE loan_event SET loan = %(loan)s, state = %(state)s, body = body || %(more)s WHERE id = %(id)s

-- name: event_read
-- Reads an event; dates as days since 1970-01-01.
SELECT id, loan, kind, business_date - date '1970-01-01', value_date - date '1970-01-01', state, body
FROM loan_event WHERE id = %(id)s

-- name: events_begun
-- Lists what was begun and not ended, in the order it came.
SELECT id, loan, kind, business_date - date '1970-01-01', value_date - date '1970-01-01', state, body
FROM loan_event WHERE state = 'begun' ORDER BY id

-- name: collections_write
-- Takes what a night took for loans in.
COPY loan_collection (loan, day, amount) FROM STDIN (FORMAT binary)

-- name: collections_of
-- Reads what the nights took for a loan; dates as days since 1970-01-01.
SELECT day - date '1970-01-01', amount FROM loan_collection WHERE loan = %(loan)s ORDER BY day

-- name: loans_of_versions
-- Lists the loans on some product versions.
SELECT loan FROM loan WHERE version = ANY(%(versions)s) ORDER BY loan

-- name: events_of
-- Lists what was done with a loan, oldest first.
SELECT id, loan, kind, business_date - date '1970-01-01', value_date - date '1970-01-01', state, body
FROM loan_event WHERE loan = %(loan)s ORDER BY business_date, kind NOT IN ('agree', 'take_over'), id
LIMIT %(limit)s
