-- name: unit
-- Reads the unit's row.
SELECT business_date, opened_at FROM unit

-- name: accounts_count
-- Counts the accounts ever opened.
SELECT coalesce(sum(accounts), 0)::bigint FROM account_event WHERE kind = 'open'

-- name: last_batch
-- Finds the last commit.
SELECT last_seq, booked_at FROM journal_batch ORDER BY last_seq DESC LIMIT 1

-- name: segments_count
-- Counts the segments, and those sealed.
SELECT count(*), count(sealed_at) FROM segment

-- name: holds_count
-- Counts the holds open at the last pass.
SELECT count(*) FROM hold

-- name: balances_as_of
-- Reads up to which seq the table of balances is complete.
SELECT as_of_seq FROM balance_pass

-- name: jobs
-- Lists how far each piece of bulk work has come.
SELECT job, step FROM checkpoint ORDER BY job

-- name: trial_balance
-- Sums every account's balance by currency and general-ledger code: the table of balances, and newer rows of the journal.
WITH newer AS (
    SELECT DISTINCT ON (account) account, balance
    FROM (
        SELECT seq, debit AS account, debit_balance AS balance FROM journal
        WHERE seq > (SELECT as_of_seq FROM balance_pass)
        UNION ALL
        SELECT seq, credit, credit_balance FROM journal
        WHERE seq > (SELECT as_of_seq FROM balance_pass)
    ) AS side
    ORDER BY account, seq DESC
)
SELECT a.currency, a.gl_code, coalesce(g.english, ''), count(*),
       coalesce(sum(-now.balance) FILTER (WHERE now.balance < 0), 0),
       coalesce(sum(now.balance) FILTER (WHERE now.balance > 0), 0)
FROM account a
LEFT JOIN newer n USING (account)
LEFT JOIN balance b USING (account)
LEFT JOIN general_ledger_code g USING (gl_code)
CROSS JOIN LATERAL (SELECT coalesce(n.balance, b.balance, 0) AS balance) AS now
GROUP BY a.currency, a.gl_code, g.english
ORDER BY a.currency, a.gl_code

-- name: account
-- Reads what is agreed about an account; no row, or flags 0, where there is none.
SELECT p.currency[place], p.gl_code[place], p.branch[place], p.flags[place], coalesce(g.english, '')
FROM account_page p
CROSS JOIN LATERAL (SELECT %(account)s::integer %% 64 + 1 AS place) AS of_account
LEFT JOIN general_ledger_code g ON g.gl_code = p.gl_code[place]
WHERE p.page = %(account)s::integer / 64

-- name: alias
-- Finds an account by another bank's number.
SELECT account FROM account_alias WHERE source = %(source)s AND source_account = %(source_account)s

-- name: aliases
-- Lists another bank's numbers of an account.
SELECT source, source_account FROM account_alias WHERE account = %(account)s ORDER BY source, source_account

-- name: holders
-- Lists who may use an account.
SELECT source, client, role FROM account_holder WHERE account = %(account)s ORDER BY source, role DESC, client

-- name: transfer_codes
-- Lists what transfer codes mean.
SELECT code, english FROM transfer_code

-- name: segments
-- Lists the segments of the journal.
SELECT first_seq, end_seq FROM segment ORDER BY segment

-- name: accounts_opened
-- Reads every account with the business date it was opened on.
SELECT a.account, a.currency, a.gl_code, b.business_date
FROM account a
CROSS JOIN LATERAL (
    SELECT business_date FROM journal_batch WHERE last_seq >= a.opened_seq ORDER BY last_seq LIMIT 1
) AS b
ORDER BY a.account

-- name: journal_rows
-- Reads one segment of the journal in order, each row with its business date and narrative.
SELECT j.seq, j.txn_id, j.debit, j.credit, j.amount, j.debit_balance, j.credit_balance, j.code, j.flags, j.value_date,
       b.business_date, coalesce(t.narrative, '')
FROM journal j
CROSS JOIN LATERAL (
    SELECT business_date FROM journal_batch WHERE last_seq >= j.seq ORDER BY last_seq LIMIT 1
) AS b
LEFT JOIN transaction t ON t.txn_id = j.txn_id
WHERE j.seq >= %(first_seq)s AND j.seq < %(end_seq)s
ORDER BY j.seq
