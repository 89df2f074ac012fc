-- name: lock_take
-- Tries to become the unit's one writer; the lock lives as long as the session.
SELECT pg_try_advisory_lock(hashtext('yinhe.writer'), hashtext(current_schema()))

-- name: lock_holder
-- Says which session is the unit's writer.
SELECT a.pid, a.application_name, coalesce(a.client_addr::text, 'this machine') AS place, a.backend_start
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
  AND l.classid::bigint = hashtext('yinhe.writer')::bigint & 4294967295
  AND l.objid::bigint = hashtext(current_schema())::bigint & 4294967295
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())

-- name: rows_in_order
-- Has a reading of a whole table begin at its first row, where the oldest are.
SET synchronize_seqscans = off

-- name: unit_read
-- Reads the unit's row.
SELECT unit, business_date - date '1970-01-01', segment_rows FROM unit

-- name: unit_open
-- Writes the unit's row, once.
INSERT INTO unit (unit, business_date, segment_rows, opened_at)
VALUES (%(unit)s, date '1970-01-01' + %(business_date)s::integer, %(segment_rows)s,
        'epoch'::timestamptz + %(opened_at)s * interval '1 microsecond')
ON CONFLICT DO NOTHING

-- name: unit_roll
-- Moves the unit to a new business date.
UPDATE unit SET business_date = date '1970-01-01' + %(business_date)s::integer

-- name: batch_append
-- Notes one commit, if it follows the last one.
INSERT INTO journal_batch (first_seq, last_seq, booked_at, business_date)
SELECT %(first_seq)s::bigint, %(last_seq)s::bigint, 'epoch'::timestamptz + %(booked_at)s * interval '1 microsecond',
       date '1970-01-01' + %(business_date)s::integer
WHERE coalesce((SELECT max(last_seq) FROM journal_batch), 0) = %(first_seq)s::bigint - 1

-- name: batch_last
-- Finds the last commit.
SELECT last_seq, (extract(epoch FROM booked_at) * 1000000)::bigint FROM journal_batch ORDER BY last_seq DESC LIMIT 1

-- name: batch_first_booked_at
-- Finds when the first commit at or after a seq was booked.
SELECT (extract(epoch FROM booked_at) * 1000000)::bigint FROM journal_batch
WHERE last_seq >= %(seq)s ORDER BY last_seq LIMIT 1

-- name: event_append
-- Notes what happened to accounts.
INSERT INTO account_event (seq, request_id, digest, kind, first_account, accounts, body)
VALUES (%(seq)s, %(request_id)s, %(digest)s, %(kind)s, %(first_account)s, %(accounts)s, %(body)s)

-- name: events_between
-- Reads which floor and which flags accounts had before their changes of a range of seqs, the latest change first.
SELECT first_account, (body->>'floor_before')::bigint, (body->>'before')::bigint FROM account_event
WHERE seq > %(after)s AND seq <= %(until)s AND kind IN ('limits', 'flags', 'close') ORDER BY seq DESC

-- name: event_find
-- Finds what was done under a request id.
SELECT seq, digest, first_account FROM account_event WHERE request_id = %(request_id)s

-- name: checkpoint_write
-- Notes how far a piece of bulk work has come.
INSERT INTO checkpoint (job, step, seq) VALUES (%(job)s, %(step)s, %(seq)s)
ON CONFLICT (job) DO UPDATE SET step = excluded.step, seq = excluded.seq

-- name: checkpoints
-- Lists how far each piece of bulk work has come.
SELECT job, step FROM checkpoint

-- name: details_copy
-- Keeps what is known of transactions beyond their postings.
COPY transaction (txn_id, seq, actor, channel, narrative, detail) FROM STDIN

-- name: segments
-- Lists the segments.
SELECT segment, first_seq, end_seq, id_first, id_last, sealed_at IS NOT NULL FROM segment ORDER BY segment

-- name: segment_create
-- Makes a new segment.
SELECT segment_create(%(segment)s, %(first_seq)s, %(end_seq)s)

-- name: segment_seal
-- Builds a full segment's indexes.
SELECT segment_seal(%(segment)s)

-- name: pass_seq
-- Reads up to which seq balances are complete.
SELECT as_of_seq FROM balance_pass

-- name: pass_done
-- Notes up to which seq balances are complete, unless a newer pass has.
UPDATE balance_pass SET as_of_seq = %(seq)s WHERE as_of_seq < %(seq)s

-- name: account_stage_create
-- Makes the session's own table for the account pages of one commit.
CREATE TEMPORARY TABLE IF NOT EXISTS account_page_stage (LIKE account_page INCLUDING STORAGE) ON COMMIT DELETE ROWS

-- name: account_stage_copy
-- Takes the account pages of one commit in.
COPY account_page_stage (page, currency, gl_code, product, branch, floor, ceiling, limit_daily, flags, opened_seq)
FROM STDIN (FORMAT binary)

-- name: account_stage_merge
-- Brings the account pages of one commit into the table.
INSERT INTO account_page SELECT * FROM account_page_stage ORDER BY page
ON CONFLICT (page) DO UPDATE SET currency = excluded.currency, gl_code = excluded.gl_code, product = excluded.product,
    branch = excluded.branch, floor = excluded.floor, ceiling = excluded.ceiling,
    limit_daily = excluded.limit_daily, flags = excluded.flags, opened_seq = excluded.opened_seq

-- name: balance_stage_create
-- Makes the session's own table for the balances of one pass.
CREATE TEMPORARY TABLE IF NOT EXISTS balance_page_stage (LIKE balance_page INCLUDING STORAGE) ON COMMIT DELETE ROWS

-- name: balance_stage_copy
-- Takes the balances of one pass in.
COPY balance_page_stage (page, as_of_seq, balance, held, turnover, turnover_date, last_seq) FROM STDIN (FORMAT binary)

-- name: balance_stage_merge
-- Brings the balances of one pass into the table; a pass that arrives late changes nothing newer.
INSERT INTO balance_page SELECT * FROM balance_page_stage ORDER BY page
ON CONFLICT (page) DO UPDATE SET as_of_seq = excluded.as_of_seq, balance = excluded.balance, held = excluded.held,
    turnover = excluded.turnover, turnover_date = excluded.turnover_date, last_seq = excluded.last_seq
WHERE balance_page.as_of_seq < excluded.as_of_seq

-- name: holds_forget
-- Drops the holds that a pass found changed or resolved.
DELETE FROM hold WHERE seq = ANY(%(seqs)s::bigint[])

-- name: holds_copy
-- Takes the holds that a pass found open in.
COPY hold (seq, debit, credit, remaining, expires_at, placed_on) FROM STDIN (FORMAT binary)

-- name: accounts_load
-- Reads every account.
COPY account_page (page, currency, gl_code, product, branch, floor, ceiling, limit_daily, flags, opened_seq)
TO STDOUT (FORMAT binary)

-- name: balances_load
-- Reads every balance.
COPY balance_page (page, as_of_seq, balance, held, turnover, turnover_date, last_seq) TO STDOUT (FORMAT binary)

-- name: holds_load
-- Reads every open hold.
COPY hold (seq, debit, credit, remaining, expires_at, placed_on) TO STDOUT (FORMAT binary)

-- name: hold_rows
-- Reads the pending row of a hold and the posts and voids of it.
SELECT * FROM journal
WHERE debit = %(debit)s AND seq >= %(seq)s AND seq < %(before_seq)s
  AND (seq = %(seq)s OR (reference = %(seq)s AND flags & 12 <> 0))
ORDER BY seq
