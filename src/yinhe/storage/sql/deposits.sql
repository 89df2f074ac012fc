-- name: contracts_load
-- Reads every contract.
COPY contract (contract, account, linked, version, opened, start, maturity, months, days, day_of_month, branch, region,
               tier, flags, closed, rate, spread, principal, kept, missed)
TO STDOUT (FORMAT binary)

-- name: contracts_copy
-- Takes new contracts in.
COPY contract (contract, account, linked, version, opened, start, maturity, months, days, day_of_month, branch, region,
               tier, flags, closed, rate, spread, principal, kept, missed)
FROM STDIN (FORMAT binary)

-- name: contract_stage_create
-- Makes the session's own table for the contracts that one transaction changes.
CREATE TEMPORARY TABLE IF NOT EXISTS contract_stage (LIKE contract) ON COMMIT DELETE ROWS

-- name: contract_stage_copy
-- Takes the contracts that one transaction changes in.
COPY contract_stage (contract, account, linked, version, opened, start, maturity, months, days, day_of_month, branch,
                     region, tier, flags, closed, rate, spread, principal, kept, missed)
FROM STDIN (FORMAT binary)

-- name: contract_stage_merge
-- Brings changed contracts into the table; account and opening never change.
UPDATE contract c
SET linked = s.linked, version = s.version, start = s.start, maturity = s.maturity, months = s.months, days = s.days,
    day_of_month = s.day_of_month, branch = s.branch, region = s.region, tier = s.tier, flags = s.flags,
    closed = s.closed, rate = s.rate, spread = s.spread, principal = s.principal, kept = s.kept, missed = s.missed
FROM contract_stage s
WHERE c.contract = s.contract

-- name: contract_stage_empty
-- Forgets the contracts taken in before.
DELETE FROM contract_stage

-- name: holders_copy
-- Takes the holders of new contracts in.
COPY contract_holder (contract, holder) FROM STDIN (FORMAT binary)

-- name: holder_write
-- Notes who holds a contract.
INSERT INTO contract_holder (contract, holder) VALUES (%(contract)s, %(holder)s)
ON CONFLICT (contract) DO UPDATE SET holder = excluded.holder

-- name: holder_read
-- Reads who holds a contract.
SELECT holder FROM contract_holder WHERE contract = %(contract)s

-- name: accruals_load
-- Reads what has accrued, page by page.
COPY accrual_page (page, through, settled, active, whole, remainder) TO STDOUT (FORMAT binary)

-- name: accrual_wanted_create
-- Makes the session's own table for the pages of which one transaction changes a part.
CREATE TEMPORARY TABLE IF NOT EXISTS accrual_wanted (page integer PRIMARY KEY) ON COMMIT DELETE ROWS

-- name: accrual_wanted_empty
-- Forgets which pages were wanted before.
DELETE FROM accrual_wanted

-- name: accrual_wanted_copy
-- Takes the numbers of the pages in of which one transaction changes a part.
COPY accrual_wanted (page) FROM STDIN (FORMAT binary)

-- name: accrual_wanted_read
-- Reads the pages of which one transaction changes a part.
COPY (SELECT p.page, p.through, p.settled, p.active, p.whole, p.remainder FROM accrual_page p JOIN accrual_wanted USING (page))
TO STDOUT (FORMAT binary)

-- name: accrual_stage_create
-- Makes the session's own table for the pages of accruals of one transaction.
CREATE TEMPORARY TABLE IF NOT EXISTS accrual_page_stage (LIKE accrual_page INCLUDING STORAGE) ON COMMIT DELETE ROWS

-- name: accrual_stage_copy
-- Takes the pages of accruals of one transaction in.
COPY accrual_page_stage (page, through, settled, active, whole, remainder) FROM STDIN (FORMAT binary)

-- name: accrual_stage_merge
-- Brings pages of accruals into the table.
INSERT INTO accrual_page SELECT * FROM accrual_page_stage ORDER BY page
ON CONFLICT (page) DO UPDATE SET through = excluded.through, settled = excluded.settled, active = excluded.active,
    whole = excluded.whole, remainder = excluded.remainder

-- name: accrual_stage_empty
-- Forgets the pages of accruals taken in before.
DELETE FROM accrual_page_stage

-- name: event_begin
-- Notes that something is asked of a contract, unless it was noted under this id before.
INSERT INTO contract_event (id, contract, kind, business_date, state, body)
VALUES (%(id)s, %(contract)s, %(kind)s, date '1970-01-01' + %(business_date)s::integer, %(state)s, %(body)s)
ON CONFLICT (id) DO NOTHING

-- name: event_end
-- Notes what became of what was asked.
UPDATE contract_event SET state = %(state)s, contract = %(contract)s, body = body || %(more)s::jsonb
WHERE id = %(id)s AND state = 'begun'

-- name: event_read
-- Reads what was asked under an id.
SELECT id, contract, kind, business_date - date '1970-01-01', state, body FROM contract_event WHERE id = %(id)s

-- name: events_begun
-- Lists what was asked and not finished, in the order it came.
SELECT id, contract, kind, business_date - date '1970-01-01', state, body FROM contract_event
WHERE state = 'begun' ORDER BY id

-- name: events_of
-- Lists what happened to a contract, latest first.
SELECT id, contract, kind, business_date - date '1970-01-01', state, body FROM contract_event
WHERE contract = %(contract)s AND state = 'done' ORDER BY business_date DESC, id DESC LIMIT %(limit)s

-- name: contract_changes
-- Lists what was done with some contracts that interest worked out anew counts with, in the order it was done.
SELECT contract, business_date - date '1970-01-01', kind, body FROM contract_event
WHERE contract = ANY(%(contracts)s::bigint[]) AND state = 'done' AND kind IN ('amend', 'withdraw')
ORDER BY business_date, id

-- name: times_drawn_early
-- Counts how often a part of a contract was drawn before maturity since a day.
SELECT count(*) FROM contract_event
WHERE contract = %(contract)s AND kind = 'withdraw' AND state = 'done' AND (body->>'early')::boolean
  AND business_date >= date '1970-01-01' + %(since)s::integer

-- name: notice_write
-- Notes a notice of withdrawal, once.
INSERT INTO notice (id, contract, given_on, due_on, amount, state)
VALUES (%(id)s, %(contract)s, date '1970-01-01' + %(given_on)s::integer, date '1970-01-01' + %(due_on)s::integer,
        %(amount)s, 'given')
ON CONFLICT DO NOTHING

-- name: notices_of
-- Lists the notices of a contract, the first due first.
SELECT id, contract, given_on - date '1970-01-01', due_on - date '1970-01-01', amount, state FROM notice
WHERE contract = %(contract)s ORDER BY due_on, id

-- name: notice_state
-- Notes that a notice was drawn or cancelled.
UPDATE notice SET state = %(state)s WHERE id = %(id)s AND state = 'given'

-- name: order_write
-- Notes a standing order, once.
INSERT INTO standing_order (id, from_account, to_account, amount, day_of_month, first, last, last_run, active,
                            retry_days)
VALUES (%(id)s, %(from_account)s, %(to_account)s, %(amount)s, %(day_of_month)s,
        date '1970-01-01' + %(first)s::integer, date '1970-01-01' + %(last)s::integer, date '1970-01-01', true,
        %(retry_days)s)
ON CONFLICT DO NOTHING

-- name: order_stop
-- Ends a standing order.
UPDATE standing_order SET active = false WHERE id = %(id)s AND active

-- name: orders_stop_from
-- Ends the standing orders that pay out of an account.
UPDATE standing_order SET active = false WHERE from_account = %(account)s AND active

-- name: orders_from
-- Lists the active standing orders that pay out of an account.
SELECT id, from_account, to_account, amount, day_of_month, first - date '1970-01-01', last - date '1970-01-01',
       last_run - date '1970-01-01', retry_days, due - date '1970-01-01'
FROM standing_order WHERE from_account = %(account)s AND active ORDER BY id

-- name: orders_active
-- Lists the standing orders that may be due on or before a day.
SELECT id, from_account, to_account, amount, day_of_month, first - date '1970-01-01', last - date '1970-01-01',
       last_run - date '1970-01-01', retry_days, due - date '1970-01-01'
FROM standing_order
WHERE active AND first <= date '1970-01-01' + %(date)s::integer
ORDER BY id

-- name: orders_ran
-- Notes on which day standing orders were carried out last.
UPDATE standing_order SET last_run = date '1970-01-01' + %(date)s::integer, due = date '1970-01-01', tries = 0
WHERE id = ANY(%(ids)s::uuid[])

-- name: orders_wanting
-- Notes that there was no money for standing orders on a day: to be tried again, or tried often enough.
UPDATE standing_order o
SET last_run = n.day, tries = CASE WHEN n.is_last THEN 0 ELSE o.tries + 1 END,
    due = CASE WHEN n.is_last THEN date '1970-01-01' WHEN o.tries > 0 THEN o.due ELSE n.day END
FROM (SELECT id, date '1970-01-01' + %(date)s::integer AS day, tries >= retry_days AS is_last FROM standing_order) n
WHERE n.id = o.id AND o.id = ANY(%(ids)s::uuid[])
RETURNING o.id, n.is_last

-- name: deposit_read
-- Reads one contract as a person reads it.
SELECT contract, account, linked, version, holder, opened, start, maturity, months, days, open, renews, matured, closed,
       rate, spread, principal, broken, kept, missed
FROM deposit WHERE contract = %(contract)s

-- name: deposits_list
-- Lists contracts as a person reads them, in the order they were opened.
SELECT contract, account, linked, version, holder, opened, start, maturity, months, days, open, renews, matured, closed,
       rate, spread, principal, broken, kept, missed
FROM deposit
WHERE (open OR %(closed)s) AND contract > %(after)s
  AND (%(holder)s::text IS NULL OR holder = %(holder)s::text)
  AND (%(versions)s::integer[] IS NULL OR version = ANY(%(versions)s::integer[]))
ORDER BY contract LIMIT %(limit)s
