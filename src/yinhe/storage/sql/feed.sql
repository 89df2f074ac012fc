-- name: commits_from
-- Reads the commits that hold the seqs of a span.
SELECT last_seq, (extract(epoch FROM booked_at) * 1000000)::bigint, business_date - date '1970-01-01'
FROM journal_batch WHERE last_seq >= %(first)s
ORDER BY last_seq LIMIT %(limit)s

-- name: contract_holders
-- Reads who holds some contracts.
SELECT contract, holder FROM contract_holder WHERE contract = ANY(%(numbers)s::bigint[])

-- name: loan_borrowers
-- Reads who owes some loans.
SELECT loan, borrower FROM loan_agreement WHERE loan = ANY(%(numbers)s::bigint[])

-- name: contracts_held
-- Lists the contracts that some parties hold.
SELECT contract FROM contract_holder WHERE holder = ANY(%(parties)s::text[])

-- name: loans_owed
-- Lists the loans that some parties owe.
SELECT loan FROM loan_agreement WHERE borrower = ANY(%(parties)s::text[])


-- name: webhook_number
-- Takes the number of a webhook that is to be made: its secret is sealed under it.
SELECT nextval(pg_get_serial_sequence('webhook', 'webhook'))

-- name: webhook_count
-- Counts the webhooks that are not removed.
SELECT count(*) FROM webhook WHERE state <> 'removed'

-- name: webhook_make
-- Makes a webhook.
INSERT INTO webhook (webhook, url, secret, types, object, parties, branches, batch_max, on_dead, state, seq, number, part,
                     made_by, made_at)
VALUES (%(webhook)s, %(url)s, %(secret)s, %(types)s, %(object)s, %(parties)s::bigint[], %(branches)s::integer[],
        %(batch_max)s, %(on_dead)s, 'active', %(seq)s, %(number)s, %(part)s, %(made_by)s,
        'epoch'::timestamptz + %(at)s * interval '1 microsecond')

-- name: webhook_read
-- Reads one webhook.
SELECT webhook, url, secret, retired, (extract(epoch FROM retired_until) * 1000000)::bigint, types, object, parties,
       branches, batch_max, on_dead, state, why, seq, number, part, pending_id, pending_body, pending_events, pending_seq,
       pending_number, pending_part, (extract(epoch FROM pending_since) * 1000000)::bigint, failures,
       (extract(epoch FROM next_at) * 1000000)::bigint, delivered, made_by, (extract(epoch FROM made_at) * 1000000)::bigint,
       pending_reach
FROM webhook WHERE webhook = %(webhook)s

-- name: webhook_lock
-- Locks one webhook until the transaction ends.
SELECT state, made_by FROM webhook WHERE webhook = %(webhook)s FOR UPDATE

-- name: webhooks_list
-- Lists webhooks that are not removed, of one who made them where that is asked for.
SELECT webhook FROM webhook
WHERE state <> 'removed' AND (%(made_by)s::text IS NULL OR made_by = %(made_by)s::text)
ORDER BY webhook

-- name: webhook_state
-- Pauses, resumes or removes a webhook.
UPDATE webhook SET state = %(state)s, why = %(why)s, failures = 0, next_at = NULL WHERE webhook = %(webhook)s

-- name: webhook_secret
-- Gives a webhook another secret; the one before is good for a while.
UPDATE webhook SET retired = secret, retired_until = 'epoch'::timestamptz + %(until)s * interval '1 microsecond',
       secret = %(secret)s
WHERE webhook = %(webhook)s

-- name: webhook_place
-- Sets where a webhook goes on from; what was on its way is dropped.
UPDATE webhook SET seq = %(seq)s, number = %(number)s, part = %(part)s, pending_id = NULL, pending_body = NULL, failures = 0,
       next_at = NULL
WHERE webhook = %(webhook)s

-- name: webhooks_due
-- Lists the active webhooks whose time has come, with their places.
SELECT webhook, seq, number, part, pending_id IS NOT NULL FROM webhook
WHERE state = 'active' AND (next_at IS NULL OR next_at <= 'epoch'::timestamptz + %(now)s * interval '1 microsecond')
ORDER BY webhook

-- name: webhook_passed
-- Notes that a webhook has no event up to a place.
UPDATE webhook SET seq = %(seq)s, number = %(number)s, part = %(part)s
WHERE webhook = %(webhook)s AND pending_id IS NULL AND (seq, number, part) = (%(old_seq)s, %(old_number)s, %(old_part)s)

-- name: webhook_pending
-- Notes what is on its way, unless something else is, or the place was set anew meanwhile.
UPDATE webhook SET pending_id = %(id)s, pending_body = %(body)s, pending_events = %(events)s, pending_seq = %(seq)s,
       pending_number = %(number)s, pending_part = %(part)s, failures = 0, next_at = NULL,
       pending_reach = %(reach)s, pending_since = 'epoch'::timestamptz + %(at)s * interval '1 microsecond'
WHERE webhook = %(webhook)s AND state = 'active' AND pending_id IS NULL
  AND (seq, number, part) = (%(old_seq)s, %(old_number)s, %(old_part)s)

-- name: webhook_drop
-- Drops what was on its way: it is put together anew.
UPDATE webhook SET pending_id = NULL, pending_body = NULL, failures = 0, next_at = NULL
WHERE webhook = %(webhook)s AND pending_id = %(id)s

-- name: webhook_done
-- Notes that what was on its way has arrived, or was given up.
UPDATE webhook SET seq = pending_seq, number = pending_number, part = pending_part, pending_id = NULL, pending_body = NULL,
       failures = 0, next_at = NULL, delivered = delivered + %(delivered)s
WHERE webhook = %(webhook)s AND pending_id = %(id)s

-- name: webhook_failed
-- Notes an attempt that failed, and when the next is due.
UPDATE webhook SET failures = failures + 1, next_at = 'epoch'::timestamptz + %(next)s * interval '1 microsecond',
       why = %(why)s
WHERE webhook = %(webhook)s AND pending_id = %(id)s

-- name: webhook_pause
-- Pauses a webhook that cannot go on.
UPDATE webhook SET state = 'paused', why = %(why)s WHERE webhook = %(webhook)s AND state = 'active'

-- name: dead_make
-- Keeps what is given up.
INSERT INTO webhook_dead (webhook, id, body, reach, events, attempts, reason, at)
VALUES (%(webhook)s, %(id)s, %(body)s, %(reach)s, %(events)s, %(attempts)s, %(reason)s,
        'epoch'::timestamptz + %(at)s * interval '1 microsecond')

-- name: dead_list
-- Lists what was given up of a webhook, the newest first.
SELECT dead, webhook, id, body, events, attempts, reason, (extract(epoch FROM at) * 1000000)::bigint, resend,
       (extract(epoch FROM resent_at) * 1000000)::bigint
FROM webhook_dead WHERE webhook = %(webhook)s AND dead < %(before)s ORDER BY dead DESC LIMIT %(limit)s

-- name: dead_owner
-- Reads whose a thing given up is.
SELECT webhook FROM webhook_dead WHERE dead = %(dead)s

-- name: dead_resend
-- Asks for what was given up to be sent once more.
UPDATE webhook_dead SET resend = true WHERE dead = %(dead)s

-- name: dead_wanted
-- Lists what is to be sent once more.
SELECT d.dead, d.webhook, d.id, d.body, d.reach FROM webhook_dead d JOIN webhook w USING (webhook)
WHERE d.resend AND w.state <> 'removed' ORDER BY d.dead LIMIT %(limit)s

-- name: dead_sent
-- Notes what became of sending something once more.
UPDATE webhook_dead SET resend = false, attempts = attempts + 1, reason = %(reason)s,
       resent_at = 'epoch'::timestamptz + %(at)s * interval '1 microsecond'
WHERE dead = %(dead)s
