-- name: rows_of_account
-- Reads the newest rows of an account within a range of seqs, by both account indexes.
SELECT * FROM (
    (SELECT * FROM journal WHERE debit = %(account)s AND seq >= %(first_seq)s AND seq < %(before_seq)s
     ORDER BY seq DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT * FROM journal WHERE credit = %(account)s AND seq >= %(first_seq)s AND seq < %(before_seq)s
     ORDER BY seq DESC LIMIT %(limit)s)
) both_sides
ORDER BY seq DESC LIMIT %(limit)s

-- name: last_seq
-- Finds the last committed seq.
SELECT last_seq FROM journal_batch ORDER BY last_seq DESC LIMIT 1

-- name: rows_of_transaction
-- Reads the rows of a transaction.
SELECT * FROM journal WHERE txn_id = %(txn_id)s AND seq < %(before_seq)s ORDER BY leg

-- name: rows_after
-- Reads the journal in order after a seq.
SELECT * FROM journal WHERE seq > %(after_seq)s AND seq < %(before_seq)s ORDER BY seq LIMIT %(limit)s

-- name: times_of
-- Reads when and on which date each of some rows was booked.
SELECT s.seq, (extract(epoch FROM b.booked_at) * 1000000)::bigint, b.business_date - date '1970-01-01'
FROM unnest(%(seqs)s::bigint[]) AS s (seq)
CROSS JOIN LATERAL (
    SELECT booked_at, business_date FROM journal_batch WHERE last_seq >= s.seq ORDER BY last_seq LIMIT 1
) b

-- name: seq_at_time
-- Finds the last seq booked at or before a time.
SELECT last_seq FROM journal_batch
WHERE booked_at <= 'epoch'::timestamptz + %(time)s * interval '1 microsecond' ORDER BY last_seq DESC LIMIT 1

-- name: seq_at_date
-- Finds the last seq booked on or before a business date.
SELECT last_seq FROM journal_batch
WHERE business_date <= date '1970-01-01' + %(date)s::integer ORDER BY business_date DESC, last_seq DESC LIMIT 1

-- name: detail_read
-- Reads what is known of a transaction beyond its postings.
SELECT actor, channel, narrative, detail FROM transaction WHERE txn_id = %(txn_id)s
