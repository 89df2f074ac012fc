-- name: value_head
-- Reads up to which seq the table of values is complete, and keeps others from moving it until the transaction ends.
SELECT seq FROM account_value_head FOR UPDATE

-- name: value_moved
-- Notes up to which seq the table of values is complete.
UPDATE account_value_head SET seq = %(seq)s WHERE seq = %(was)s

-- name: value_stage_create
-- Makes the session's own table for the values of one step.
CREATE TEMPORARY TABLE IF NOT EXISTS account_value_stage (LIKE account_value) ON COMMIT DELETE ROWS

-- name: value_stage_copy
-- Takes the values of one step in.
COPY account_value_stage (account, month, code, debit_sum, credit_sum) FROM STDIN (FORMAT binary)

-- name: value_stage_merge
-- Adds the values of one step to the table.
INSERT INTO account_value SELECT * FROM account_value_stage ORDER BY account, month, code
ON CONFLICT (account, month, code) DO UPDATE
SET debit_sum = account_value.debit_sum + excluded.debit_sum, credit_sum = account_value.credit_sum + excluded.credit_sum

-- name: loans_of_transactions
-- Finds the loans that some transactions were asked of.
SELECT id, loan FROM loan_event WHERE id = ANY(%(ids)s::uuid[])

-- name: value_read
-- Sums the values of a party's accounts by code, in all and since a month; at least one row, which tells how far they go.
WITH mine AS MATERIALIZED (
    SELECT c.account FROM contract_holder h JOIN contract c ON c.contract = h.contract WHERE h.holder = %(holder)s
    UNION ALL
    SELECT p.account[(a.loan %% 16 + 1)::integer]
    FROM loan_agreement a JOIN loan_page p ON p.page = (a.loan / 16)::integer WHERE a.borrower = %(holder)s
)
SELECT head.seq, v.account, v.code, v.debit, v.credit, v.debit_since, v.credit_since
FROM account_value_head head
LEFT JOIN (
    SELECT account, code, sum(debit_sum)::bigint AS debit, sum(credit_sum)::bigint AS credit,
           coalesce(sum(debit_sum) FILTER (WHERE month >= %(since)s::date), 0)::bigint AS debit_since,
           coalesce(sum(credit_sum) FILTER (WHERE month >= %(since)s::date), 0)::bigint AS credit_since
    FROM mine JOIN account_value USING (account) GROUP BY account, code
) v ON true

-- name: contracts_of
-- Lists the contracts a party holds that were open at the end of a date; dates in days since 1970-01-01.
SELECT c.contract, c.account, c.linked, c.version, c.opened - date '1970-01-01', c.start - date '1970-01-01',
       c.maturity - date '1970-01-01', c.months, c.days, c.flags, c.closed - date '1970-01-01', c.rate, c.spread,
       c.missed
FROM contract_holder h JOIN contract c ON c.contract = h.contract
WHERE h.holder = %(holder)s AND c.opened <= date '1970-01-01' + %(date)s::integer
  AND (c.closed = date '1970-01-01' OR c.closed > date '1970-01-01' + %(date)s::integer)
ORDER BY c.contract LIMIT %(limit)s

-- name: contracts_held
-- Counts the contracts a party holds, and those of them that were open at the end of a date.
SELECT count(*), count(*) FILTER (
    WHERE c.opened <= date '1970-01-01' + %(date)s::integer
      AND (c.closed = date '1970-01-01' OR c.closed > date '1970-01-01' + %(date)s::integer))
FROM contract_holder h JOIN contract c ON c.contract = h.contract WHERE h.holder = %(holder)s

-- name: accounts_held
-- Lists a party's accounts: of contracts, closed ones too; with the id under which each came to it from another holder.
SELECT c.contract, c.account, (
    SELECT t.id FROM contract_event t
    WHERE t.contract = c.contract AND t.kind = 'transfer' AND t.state = 'done'
    ORDER BY t.business_date DESC, t.id DESC LIMIT 1
)
FROM contract_holder h JOIN contract c ON c.contract = h.contract
WHERE h.holder = %(holder)s ORDER BY c.contract LIMIT %(limit)s

-- name: loans_of
-- Lists the loans a party owes that were not closed at the end of a date, as last written; a page has 16 loans.
SELECT a.loan, p.account[i.at], p.receivable[i.at], p.linked[i.at], p.version[i.at], p.agreed[i.at] - date '1970-01-01',
       p.start[i.at] - date '1970-01-01', p.maturity[i.at] - date '1970-01-01', p.closed[i.at] - date '1970-01-01',
       p.flags[i.at], p."limit"[i.at], p.lent[i.at], p.rate[i.at], p.overdue_since[i.at] - date '1970-01-01',
       p.grade[i.at], p.written_off[i.at]
FROM loan_agreement a
JOIN loan_page p ON p.page = (a.loan / 16)::integer
CROSS JOIN LATERAL (SELECT (a.loan %% 16 + 1)::integer AS at) i
WHERE a.borrower = %(holder)s AND p.agreed[i.at] <= date '1970-01-01' + %(date)s::integer
  AND (p.closed[i.at] = date '1970-01-01' OR p.closed[i.at] > date '1970-01-01' + %(date)s::integer)
ORDER BY a.loan LIMIT %(limit)s

-- name: loans_owed
-- Counts the loans a party owes, and those of them that were agreed and not closed at the end of a date.
SELECT count(*), count(*) FILTER (
    WHERE p.agreed[i.at] <= date '1970-01-01' + %(date)s::integer
      AND (p.closed[i.at] = date '1970-01-01' OR p.closed[i.at] > date '1970-01-01' + %(date)s::integer))
FROM loan_agreement a
JOIN loan_page p ON p.page = (a.loan / 16)::integer
CROSS JOIN LATERAL (SELECT (a.loan %% 16 + 1)::integer AS at) i
WHERE a.borrower = %(holder)s

-- name: accounts_owed
-- Lists the accounts of a party's loans, closed ones too: of the principal and of what is due beside it.
SELECT a.loan, p.account[(a.loan %% 16 + 1)::integer], p.receivable[(a.loan %% 16 + 1)::integer]
FROM loan_agreement a JOIN loan_page p ON p.page = (a.loan / 16)::integer
WHERE a.borrower = %(holder)s ORDER BY a.loan LIMIT %(limit)s

-- name: night_at_work
-- Says whether a night has begun and is not over.
SELECT ended_at IS NULL FROM night ORDER BY business_date DESC LIMIT 1

-- name: events_of_contracts
-- Lists what was done with a party's contracts before an event, latest first, none of it before they came to the party.
SELECT date, id, contract, kind, legs, version FROM (
    SELECT e.business_date - date '1970-01-01' AS date, e.id, e.contract, e.kind, e.body->'legs' AS legs, c.version
    FROM contract_holder h
    JOIN contract c ON c.contract = h.contract
    JOIN contract_event e ON e.contract = h.contract
    WHERE h.holder = %(holder)s AND e.state = 'done'
      AND NOT EXISTS (
          SELECT 1 FROM contract_event t
          WHERE t.contract = e.contract AND t.kind = 'transfer' AND t.state = 'done'
            AND (t.business_date, t.id) > (e.business_date, e.id)
      )
    UNION ALL
    -- Contracts opened many at a time, or taken over, have no event of their own: the first thing told of them.
    SELECT c.opened - date '1970-01-01', lpad(to_hex(c.contract), 32, '0')::uuid, c.contract, 'open', NULL, c.version
    FROM contract_holder h JOIN contract c ON c.contract = h.contract
    WHERE h.holder = %(holder)s
      AND NOT EXISTS (
          SELECT 1 FROM contract_event o
          WHERE o.contract = c.contract AND o.kind IN ('open', 'transfer') AND o.state = 'done'
      )
) happened
WHERE (date, id) < (%(date)s::integer, %(id)s::uuid)
ORDER BY date DESC, id DESC LIMIT %(limit)s

-- name: events_of_loans
-- Lists what was done with a party's loans before an event, latest first.
SELECT e.business_date - date '1970-01-01', e.id, e.loan, e.kind, e.body->'act', p.version[(a.loan %% 16 + 1)::integer]
FROM loan_agreement a
JOIN loan_page p ON p.page = (a.loan / 16)::integer
JOIN loan_event e ON e.loan = a.loan
WHERE a.borrower = %(holder)s AND e.state = 'done'
  AND (e.business_date, e.id) < (date '1970-01-01' + %(date)s::integer, %(id)s::uuid)
ORDER BY e.business_date DESC, e.id DESC LIMIT %(limit)s

-- name: records_of
-- Lists the records of the log about a party before a number, latest first, but for those of the events listed beside.
-- The party is looked for first, however long the log is.
WITH mine AS MATERIALIZED (
    SELECT number, request_id FROM audit_record
    WHERE parties && %(parties)s::bigint[] AND number < %(before)s AND outcome = ANY(%(outcomes)s::text[])
), newest AS (
    SELECT number FROM mine
    WHERE NOT (%(beside_contracts)s AND request_id IS NOT NULL AND EXISTS (
              SELECT 1 FROM contract_event e JOIN contract_holder h ON h.contract = e.contract
              WHERE e.id = mine.request_id AND e.state = 'done' AND h.holder = %(holder)s))
      AND NOT (%(beside_loans)s AND request_id IS NOT NULL AND EXISTS (
              SELECT 1 FROM loan_event e JOIN loan_agreement a ON a.loan = e.loan
              WHERE e.id = mine.request_id AND e.state = 'done' AND a.borrower = %(holder)s))
    ORDER BY number DESC LIMIT %(limit)s
)
SELECT r.business_date - date '1970-01-01', (extract(epoch FROM r.at) * 1000000)::bigint, r.number, r.action, r.object,
       r.actor, r.outcome, r.request_id
FROM newest JOIN audit_record r ON r.number = newest.number ORDER BY r.number DESC

-- name: holds_of
-- Lists the open holds on some accounts as of the last pass of balances; at least one row, which tells its seq.
SELECT p.as_of_seq, h.seq, h.debit, h.credit, h.remaining, h.expires_at, h.placed_on - date '1970-01-01'
FROM balance_pass p LEFT JOIN hold h ON h.debit = ANY(%(accounts)s::integer[])

-- name: balances_at
-- Reads the balance of each of some accounts after the newest of its rows before a seq; accounts without one are left out.
SELECT a.account,
       (SELECT j.balance FROM (
            (SELECT seq, debit_balance AS balance FROM journal
             WHERE debit = a.account AND seq < %(before_seq)s ORDER BY seq DESC LIMIT 1)
            UNION ALL
            (SELECT seq, credit_balance FROM journal
             WHERE credit = a.account AND seq < %(before_seq)s ORDER BY seq DESC LIMIT 1)
        ) j ORDER BY j.seq DESC LIMIT 1)
FROM unnest(%(accounts)s::integer[]) AS a (account)

-- name: rows_of_accounts
-- Reads the newest journal rows of some accounts within a range of seqs; a row between two of them comes twice.
SELECT j.* FROM unnest(%(accounts)s::integer[]) AS a (account)
CROSS JOIN LATERAL (
    (SELECT * FROM journal WHERE debit = a.account AND seq >= %(first)s AND seq < %(end)s ORDER BY seq DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT * FROM journal WHERE credit = a.account AND seq >= %(first)s AND seq < %(end)s ORDER BY seq DESC LIMIT %(limit)s)
) j
ORDER BY j.seq DESC LIMIT 2 * %(limit)s

-- name: words_of
-- Reads what callers said of some transactions.
SELECT txn_id, actor, narrative FROM transaction WHERE txn_id = ANY(%(ids)s::uuid[])

-- name: code_names
-- Reads what some transfer codes are called in this unit.
SELECT code, english, chinese FROM transfer_code WHERE code = ANY(%(codes)s::smallint[])

-- name: statistics
-- Has the server learn how the tables of the overview are filled.
ANALYZE contract_holder, contract, contract_event, loan_agreement, loan_event, account_value, audit_record
