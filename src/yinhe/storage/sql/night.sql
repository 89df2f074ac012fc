-- name: night_begin
-- Notes that the close of a business date begins; what was noted first stands, and is read.
INSERT INTO night (business_date, id_ms, began_at)
VALUES (date '1970-01-01' + %(date)s::integer, %(id_ms)s, 'epoch'::timestamptz + %(now)s * interval '1 microsecond')
ON CONFLICT (business_date) DO UPDATE SET id_ms = night.id_ms
RETURNING id_ms, cutoff_seq, ended_at IS NOT NULL, report

-- name: night_read
-- Reads the night of a business date.
SELECT id_ms, cutoff_seq, ended_at IS NOT NULL, report FROM night
WHERE business_date = date '1970-01-01' + %(date)s::integer

-- name: night_cut_off
-- Notes the last seq of a business date.
UPDATE night SET cutoff_seq = %(seq)s WHERE business_date = date '1970-01-01' + %(date)s::integer

-- name: night_end
-- Notes that a night is over, with its report.
UPDATE night SET ended_at = 'epoch'::timestamptz + %(now)s * interval '1 microsecond', report = %(report)s
WHERE business_date = date '1970-01-01' + %(date)s::integer

-- name: nights_last
-- Finds the last business date whose night is over.
SELECT business_date - date '1970-01-01' FROM night WHERE ended_at IS NOT NULL ORDER BY business_date DESC LIMIT 1

-- name: nights
-- Lists the newest nights.
SELECT business_date - date '1970-01-01', cutoff_seq, (extract(epoch FROM ended_at - began_at) * 1000)::bigint, report
FROM night ORDER BY business_date DESC LIMIT %(limit)s

-- name: step_begin
-- Notes that a step begins, on balances as of a seq; what was noted first stands, and is read.
INSERT INTO night_step (business_date, step, as_of_seq, began_at)
VALUES (date '1970-01-01' + %(date)s::integer, %(step)s, %(as_of_seq)s,
        'epoch'::timestamptz + %(now)s * interval '1 microsecond')
ON CONFLICT (business_date, step) DO UPDATE SET as_of_seq = night_step.as_of_seq
RETURNING as_of_seq

-- name: step_pass
-- Notes that a step had nothing to do.
INSERT INTO night_step (business_date, step, as_of_seq, began_at, ended_at, body)
VALUES (date '1970-01-01' + %(date)s::integer, %(step)s, %(as_of_seq)s,
        'epoch'::timestamptz + %(now)s * interval '1 microsecond',
        'epoch'::timestamptz + %(now)s * interval '1 microsecond', %(body)s)
ON CONFLICT (business_date, step) DO UPDATE SET ended_at = excluded.ended_at, body = excluded.body

-- name: step_read
-- Reads how far a step has come.
SELECT as_of_seq, ended_at IS NOT NULL, body FROM night_step
WHERE business_date = date '1970-01-01' + %(date)s::integer AND step = %(step)s

-- name: steps_over
-- Lists the steps of a night that are done, with what they did.
SELECT step, body FROM night_step
WHERE business_date = date '1970-01-01' + %(date)s::integer AND ended_at IS NOT NULL

-- name: step_end
-- Notes that a step is done, with what it did.
UPDATE night_step SET ended_at = 'epoch'::timestamptz + %(now)s * interval '1 microsecond', body = %(body)s
WHERE business_date = date '1970-01-01' + %(date)s::integer AND step = %(step)s

-- name: step_open
-- Finds a step that has begun and not ended; a reconciliation decides nothing and may wait for a person.
SELECT 1 FROM night_step WHERE ended_at IS NULL AND step <> 'reconcile' LIMIT 1

-- name: steps
-- Lists the steps of a night.
SELECT step, as_of_seq, (extract(epoch FROM ended_at - began_at) * 1000)::bigint, body FROM night_step
WHERE business_date = date '1970-01-01' + %(date)s::integer ORDER BY began_at
