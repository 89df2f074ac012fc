-- name: date_ends
-- Finds the last seq of each of some business dates, or the last one before it; 0 before all.
SELECT d.number, coalesce(b.last_seq, 0)
FROM generate_series(%(first)s::integer, %(last)s::integer) AS d (number)
LEFT JOIN LATERAL (
    SELECT last_seq FROM journal_batch WHERE business_date <= date '1970-01-01' + d.number
    ORDER BY business_date DESC, last_seq DESC LIMIT 1
) AS b ON true
ORDER BY d.number

-- name: contracts_read
-- Reads some contracts, dates in days since 1970-01-01.
SELECT contract, account, linked, version, opened - date '1970-01-01', start - date '1970-01-01',
       maturity - date '1970-01-01', months, days, day_of_month, branch, region, tier, flags,
       closed - date '1970-01-01', rate, spread, principal, kept, missed
FROM contract WHERE contract = ANY(%(contracts)s::bigint[]) ORDER BY contract

-- name: contract_of_account
-- Finds the contract whose principal lies on an account.
SELECT contract, version FROM contract WHERE account = %(account)s

-- name: contracts_of_versions
-- Finds the contracts that are on some product versions now.
SELECT contract FROM contract WHERE version = ANY(%(versions)s::integer[]) ORDER BY contract

-- name: events_with_rows
-- Lists what was done with some contracts that changed what is agreed or accrued, in the order it was done.
SELECT contract, id, business_date - date '1970-01-01', kind, body->'row'
FROM contract_event
WHERE contract = ANY(%(contracts)s::bigint[]) AND state = 'done' AND kind IN ('open', 'amend', 'withdraw', 'close')
ORDER BY business_date, id

-- name: notice_read
-- Reads a notice of withdrawal.
SELECT due_on - date '1970-01-01', amount FROM notice WHERE id = %(id)s

-- name: balances_now
-- Reads the table of balances of some accounts, true up to the seq of the last pass at least.
SELECT account, balance FROM balance WHERE account = ANY(%(accounts)s::integer[])

-- name: balances_as_of
-- Reads up to which seq the table of balances is complete.
SELECT as_of_seq FROM balance_pass

-- name: account_currency
-- Reads the currency of an account.
SELECT currency[%(account)s::integer %% 64 + 1] FROM account_page WHERE page = %(account)s::integer / 64

-- name: business_date_of
-- Reads on which business date a row was booked.
SELECT business_date - date '1970-01-01' FROM journal_batch WHERE last_seq >= %(seq)s ORDER BY last_seq LIMIT 1

-- name: last_seq
-- Finds the last committed seq.
SELECT last_seq FROM journal_batch ORDER BY last_seq DESC LIMIT 1

-- name: bulk_openings
-- Lists the contracts opened many at a time: the first of each bulk, how many, and on which business date.
SELECT (body->>'first')::bigint, (body->>'count')::bigint, business_date - date '1970-01-01'
FROM contract_event WHERE kind = 'open_many' AND state = 'done'

-- name: first_night
-- Finds the first business date that was ever closed.
SELECT business_date - date '1970-01-01' FROM night ORDER BY business_date LIMIT 1
