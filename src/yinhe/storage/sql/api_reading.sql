-- name: rate_entries
-- Reads the entries of a rate table after one, in the order of their days and of their writing.
SELECT id, effective, recorded, rate, author FROM rate_entry
WHERE table_code = %(table)s
  AND (effective, recorded, id) > (%(effective)s::date, %(recorded)s::date, %(id)s::bigint)
ORDER BY effective, recorded, id LIMIT %(limit)s

-- name: nights_before
-- Lists nights before a business date, the newest first: date, cut-off, when it began and ended, and its report.
SELECT business_date, cutoff_seq, began_at, ended_at, report FROM night
WHERE business_date < %(before)s::date ORDER BY business_date DESC LIMIT %(limit)s

-- name: night_of
-- Reads the night of a business date.
SELECT business_date, cutoff_seq, began_at, ended_at, report FROM night WHERE business_date = %(date)s::date

-- name: night_steps
-- Lists the steps of a night in the order they began: name, when it began and ended, and what it did.
SELECT step, began_at, ended_at, body FROM night_step WHERE business_date = %(date)s::date ORDER BY began_at, step

-- name: gl_names
-- Reads what general-ledger codes are called.
SELECT gl_code, english, chinese FROM general_ledger_code

-- name: code_names
-- Reads what transfer codes are called.
SELECT code, english, chinese FROM transfer_code

-- name: anchors_before
-- Lists the anchors of business dates before one, the newest first.
SELECT business_date, number, hash, at FROM audit_anchor
WHERE business_date < %(before)s::date ORDER BY business_date DESC LIMIT %(limit)s

-- name: details_of
-- Reads who posted some transactions, through what, and with which words; those of nobody are not among them.
SELECT txn_id, actor, channel, narrative FROM transaction WHERE txn_id = ANY(%(transactions)s::uuid[])

-- name: records_before
-- Lists records of the log before a number, the newest first, by what they are about, who did it and what was done.
SELECT number, (extract(epoch FROM at) * 1000000)::bigint, business_date - date '1970-01-01', action, object, actor,
       outcome, request_id, parties, content, hash
FROM audit_record
WHERE number < %(before)s
  AND (%(object)s::text IS NULL OR object = %(object)s::text)
  AND (%(actor)s::text IS NULL OR actor = %(actor)s::text)
  AND (%(action)s::text IS NULL OR action = %(action)s::text OR starts_with(action, %(action)s::text || '.'))
  AND (%(outcome)s::text IS NULL OR outcome = %(outcome)s::text)
  AND (%(request)s::uuid IS NULL OR request_id = %(request)s::uuid)
  AND (%(party)s::bigint IS NULL OR parties @> ARRAY[%(party)s::bigint])
  AND (%(reach)s::bigint[] IS NULL OR parties && %(reach)s::bigint[])
ORDER BY number DESC LIMIT %(limit)s
