-- name: head_lock
-- Locks the head of the log until the transaction ends, and reads it with the unit's business date.
SELECT h.number, h.hash, u.business_date
FROM audit_head h CROSS JOIN (SELECT coalesce((SELECT business_date FROM unit), date '1970-01-01') AS business_date) u
FOR UPDATE OF h

-- name: head_read
-- Reads the head of the log.
SELECT number, hash FROM audit_head

-- name: head_write
-- Moves the head of the log.
UPDATE audit_head SET number = %(number)s, hash = %(hash)s

-- name: record_write
-- Appends one record.
INSERT INTO audit_record (number, at, business_date, action, object, actor, outcome, request_id, parties, content, hash)
VALUES (%(number)s, 'epoch'::timestamptz + %(at)s * interval '1 microsecond', %(business_date)s::date, %(action)s,
        %(object)s, %(actor)s, %(outcome)s, %(request_id)s, %(parties)s::bigint[], %(content)s, %(hash)s)

-- name: request_claim
-- Claims the id of a request; no row when it was claimed before.
INSERT INTO request (id, action, digest) VALUES (%(id)s, %(action)s, %(digest)s) ON CONFLICT (id) DO NOTHING

-- name: request_answer
-- Keeps the answer to a request.
UPDATE request SET answer = %(answer)s, object = %(object)s WHERE id = %(id)s

-- name: request_read
-- Reads the digest of a request and the answer it got.
SELECT digest, answer, object FROM request WHERE id = %(id)s


-- name: records_read
-- Reads records in the order of their numbers, of one object, party, actor, action or request where that is asked for.
SELECT number, (extract(epoch FROM at) * 1000000)::bigint, business_date - date '1970-01-01', action, object, actor,
       outcome, request_id, parties, content, hash
FROM audit_record
WHERE number > %(after)s AND number < %(before)s
  AND (%(object)s::text IS NULL OR object = %(object)s::text)
  AND (%(party)s::bigint IS NULL OR parties @> ARRAY[%(party)s::bigint])
  AND (%(actor)s::text IS NULL OR actor = %(actor)s::text)
  AND (%(action)s::text IS NULL OR action = %(action)s::text OR starts_with(action, %(action)s::text || '.'))
  AND (%(request_id)s::uuid IS NULL OR request_id = %(request_id)s::uuid)
ORDER BY CASE WHEN %(newest)s THEN -number ELSE number END
LIMIT %(limit)s


-- name: posted_lock
-- Locks the head of the log, and reads up to which seq it has taken transactions in.
SELECT posted_seq FROM audit_head FOR UPDATE

-- name: posted_end
-- Finds the commit with which a batch of transactions after a seq ends: a commit is taken in whole.
SELECT max(seq) FROM (SELECT seq FROM transaction WHERE seq > %(after)s ORDER BY seq LIMIT %(limit)s) t

-- name: posted_rows
-- Reads the transactions of some commits, in the order in which the log takes them in.
SELECT txn_id, seq, actor, channel, narrative, detail::text FROM transaction
WHERE seq > %(after)s AND seq <= %(last)s ORDER BY seq, txn_id

-- name: posted_write
-- Notes up to which seq the log has taken transactions in.
UPDATE audit_head SET posted_seq = %(seq)s

-- name: posted_seq
-- Reads up to which seq the log has taken transactions in.
SELECT posted_seq FROM audit_head

-- name: records_walk
-- Reads every record after a number, in order.
SELECT number, (extract(epoch FROM at) * 1000000)::bigint, business_date - date '1970-01-01', action, object, actor,
       outcome, request_id, parties, content, hash
FROM audit_record WHERE number > %(after)s ORDER BY number

-- name: records_count
-- Counts the records after a number.
SELECT count(*) FROM audit_record WHERE number > %(after)s

-- name: record_hash
-- Reads the hash of one record.
SELECT hash FROM audit_record WHERE number = %(number)s

-- name: anchor_span
-- Finds the dates to anchor: the last one anchored, that of the first record, and the business date.
SELECT (SELECT max(business_date) FROM audit_anchor) - date '1970-01-01',
       (SELECT business_date FROM audit_record ORDER BY number LIMIT 1) - date '1970-01-01',
       (SELECT business_date FROM unit) - date '1970-01-01'

-- name: anchor_write
-- Anchors the last record of a business date or of the dates before it.
INSERT INTO audit_anchor (business_date, number, hash, at)
SELECT date '1970-01-01' + %(date)s::integer, number, hash, 'epoch'::timestamptz + %(at)s * interval '1 microsecond'
FROM audit_record WHERE business_date <= date '1970-01-01' + %(date)s::integer ORDER BY number DESC LIMIT 1
ON CONFLICT DO NOTHING

-- name: anchors_read
-- Lists anchors by date, the newest first.
SELECT business_date - date '1970-01-01', number, hash, (extract(epoch FROM at) * 1000000)::bigint
FROM audit_anchor ORDER BY business_date DESC LIMIT %(limit)s

-- name: anchors_walk
-- Reads every anchor of a record after a number, in order.
SELECT business_date - date '1970-01-01', number, hash FROM audit_anchor
WHERE number > %(after)s ORDER BY number, business_date

-- name: anchors_count
-- Counts the anchors.
SELECT count(*) FROM audit_anchor
