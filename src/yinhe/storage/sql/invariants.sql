-- name: unit_state
-- Reads the unit's number and date, how far balances are complete, and the last commit.
SELECT unit, business_date - date '1970-01-01', (SELECT as_of_seq FROM balance_pass),
       coalesce((SELECT max(last_seq) FROM journal_batch), 0)
FROM unit

-- name: accounts
-- Reads every account as it is agreed now.
COPY (SELECT account, currency, gl_code, product, branch, floor, ceiling, limit_daily, flags, opened_seq FROM account)
TO STDOUT (FORMAT binary)

-- name: first_limits
-- Reads what the limits of an account were before they were first changed.
COPY (SELECT DISTINCT ON (first_account) first_account AS account, (body->>'floor_before')::bigint,
             (body->>'ceiling_before')::bigint, (body->>'limit_daily_before')::bigint
      FROM account_event WHERE kind = 'limits' ORDER BY first_account, seq)
TO STDOUT (FORMAT binary)

-- name: balances
-- Reads every balance with the seq it is said to be true at.
COPY (SELECT account, balance, held, turnover, turnover_date, last_seq, as_of_seq FROM balance)
TO STDOUT (FORMAT binary)

-- name: holds
-- Reads the holds said to be open.
COPY (SELECT seq, debit, credit, remaining, expires_at, placed_on FROM hold ORDER BY seq) TO STDOUT (FORMAT binary)

-- name: segments
-- Lists the journal's partitions and the segments, matched, with the valid indexes each partition has.
SELECT coalesce(p.number, s.segment), p.number IS NOT NULL, s.segment IS NOT NULL, coalesce(s.first_seq, 0),
       coalesce(s.end_seq, 0), s.sealed_at IS NOT NULL, s.id_first, s.id_last, coalesce(p.indexes, '{}')
FROM (
    SELECT substr(c.relname, 9)::integer AS number,
           array(SELECT (CASE WHEN x.indisunique THEN 'unique ' ELSE '' END) ||
                        (SELECT string_agg(a.attname, ',' ORDER BY k.place)
                         FROM unnest(x.indkey::smallint[]) WITH ORDINALITY AS k (attribute, place)
                         JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attribute)
                 FROM pg_index x WHERE x.indrelid = c.oid AND x.indisvalid AND x.indpred IS NULL) AS indexes
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'journal'::regclass
) p
FULL JOIN segment s ON s.segment = p.number
ORDER BY 1

-- name: commits_astray
-- Finds checkpoints and details that belong to no commit.
SELECT * FROM (
    SELECT 'checkpoint ' || job AS what, seq FROM checkpoint c
    WHERE NOT EXISTS (SELECT 1 FROM journal_batch b WHERE b.last_seq = c.seq)
    UNION ALL
    SELECT 'detail of ' || txn_id, seq FROM transaction t
    WHERE NOT EXISTS (SELECT 1 FROM journal_batch b WHERE b.first_seq = t.seq)
) astray
ORDER BY seq

-- name: commits_kept
-- Counts checkpoints and details.
SELECT (SELECT count(*) FROM checkpoint) + (SELECT count(*) FROM transaction)
