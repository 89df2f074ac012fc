-- name: aliases_named
-- Finds the accounts that other numbers (IBANs) name.
SELECT source_account, account FROM account_alias WHERE source = 'payments' AND source_account = ANY(%(aliases)s)

-- name: alias_write
-- Notes another number of an account; no row when it names one already.
INSERT INTO account_alias (source, source_account, account) VALUES ('payments', %(alias)s, %(account)s)
ON CONFLICT DO NOTHING

-- name: alias_of
-- Reads the first other number of an account.
SELECT source_account FROM account_alias WHERE source = 'payments' AND account = %(account)s
ORDER BY source_account LIMIT 1

-- name: file_write
-- Notes a payment file.
INSERT INTO payment_file (id, sender, message, message_id, digest, business_date, count, control_sum)
VALUES (%(id)s, %(sender)s, %(message)s, %(message_id)s, %(digest)s, date '1970-01-01' + %(business_date)s::integer,
        %(count)s, %(control_sum)s)
RETURNING number

-- name: files_lock
-- Lets one payment file be noted at a time, so that one that comes twice at once is found.
LOCK TABLE payment_file IN SHARE ROW EXCLUSIVE MODE

-- name: file_find
-- Finds a payment file by sender and message id.
SELECT number, digest FROM payment_file WHERE sender = %(sender)s AND message_id = %(message_id)s

-- name: file_read
-- Reads a payment file.
SELECT message, message_id, count, control_sum FROM payment_file WHERE number = %(file)s

-- name: file_states
-- Counts the payments of a file by state.
SELECT state, count(*) FROM payment WHERE file = %(file)s GROUP BY state

-- name: payment_write
-- Notes a payment.
INSERT INTO payment (id, file, line, group_id, batch, state, debtor, creditor, amount, currency, execution_date,
                     instruction_id, end_to_end_id, transaction_id, reason, reason_english, reason_chinese, iso_code,
                     sealed)
VALUES (%(id)s, %(file)s, %(line)s, %(group_id)s, %(batch)s, %(state)s, %(debtor)s, %(creditor)s, %(amount)s,
        %(currency)s, date '1970-01-01' + %(execution_date)s::integer, %(instruction_id)s, %(end_to_end_id)s,
        %(transaction_id)s, %(reason)s, %(reason_english)s, %(reason_chinese)s, %(iso_code)s, %(sealed)s)
RETURNING number

-- name: order_write
-- Notes when payments are to be tried, and how often.
INSERT INTO payment_order (payment, due, attempts_daily, days_max)
SELECT number, execution_date, %(attempts_daily)s, %(days_max)s FROM payment WHERE number = %(payment)s

-- name: orders_write
-- Notes when the waiting payments of a file are to be tried.
INSERT INTO payment_order (payment, due, attempts_daily, days_max)
SELECT number, execution_date, 1, 1 FROM payment WHERE file = %(file)s AND state = 'waiting'

-- name: payments_read
-- Reads payments by number.
SELECT number, id, file, line, group_id, batch, state, debtor, creditor, amount, currency,
       execution_date - date '1970-01-01', posted_on - date '1970-01-01', instruction_id, end_to_end_id,
       transaction_id, leg, reason, reason_english, reason_chinese, iso_code, sent
FROM payment WHERE number = ANY(%(numbers)s) ORDER BY number

-- name: payments_list
-- Lists payments, newest first, of an account or of all, in a state or in any.
SELECT number, id, file, line, group_id, batch, state, debtor, creditor, amount, currency,
       execution_date - date '1970-01-01', posted_on - date '1970-01-01', instruction_id, end_to_end_id,
       transaction_id, leg, reason, reason_english, reason_chinese, iso_code, sent
FROM payment
WHERE number < %(before)s AND (%(account)s::integer IS NULL OR debtor = %(account)s OR creditor = %(account)s)
  AND (%(state)s::text IS NULL OR state = %(state)s)
ORDER BY number DESC LIMIT %(limit)s

-- name: payments_of_file
-- Lists the payments of a file after a line.
SELECT number, id, file, line, group_id, batch, state, debtor, creditor, amount, currency,
       execution_date - date '1970-01-01', posted_on - date '1970-01-01', instruction_id, end_to_end_id,
       transaction_id, leg, reason, reason_english, reason_chinese, iso_code, sent
FROM payment WHERE file = %(file)s AND line > %(after)s ORDER BY line LIMIT %(limit)s

-- name: payments_of_transactions
-- Lists the payments that were posted in some transactions.
SELECT number, id, file, line, group_id, batch, state, debtor, creditor, amount, currency,
       execution_date - date '1970-01-01', posted_on - date '1970-01-01', instruction_id, end_to_end_id,
       transaction_id, leg, reason, reason_english, reason_chinese, iso_code, sent
FROM payment WHERE transaction_id = ANY(%(ids)s::uuid[]) AND posted_on IS NOT NULL ORDER BY number

-- name: payments_accepted
-- Lists payments on their way into the books, of a file or of all, after a number.
SELECT number FROM payment
WHERE state = 'accepted' AND number > %(after)s AND (%(file)s::bigint IS NULL OR file = %(file)s)
ORDER BY number LIMIT %(limit)s

-- name: files_accepted
-- Lists the files of which payments are on their way into the books.
SELECT DISTINCT file FROM payment WHERE state = 'accepted' AND file IS NOT NULL ORDER BY file

-- name: alone_accepted
-- Lists payments that came alone and are on their way into the books, after a number.
SELECT number FROM payment WHERE state = 'accepted' AND file IS NULL AND number > %(after)s
ORDER BY number LIMIT %(limit)s

-- name: payments_due
-- Puts payments that are due, and may be tried again on the date, on their way into the books.
UPDATE payment p SET state = 'accepted'
FROM payment_order o
WHERE o.payment = p.number AND o.active AND p.state = 'waiting' AND o.due <= date '1970-01-01' + %(date)s::integer
  AND (o.tried_on IS NULL OR o.tried_on < date '1970-01-01' + %(date)s::integer
       OR (o.tried_on = date '1970-01-01' + %(date)s::integer AND o.attempts < o.attempts_daily))
RETURNING p.number

-- name: payment_sealed
-- Reads what is personal of payments, sealed.
SELECT number, id, sealed FROM payment WHERE number = ANY(%(numbers)s)

-- name: batch_assign
-- Notes in which transaction, and as which leg, a payment of a batch is to be posted.
UPDATE payment SET transaction_id = %(transaction_id)s, leg = %(leg)s
WHERE number = %(number)s AND state = 'accepted'

-- name: payments_posted
-- Notes that payments are posted.
UPDATE payment SET state = 'posted', posted_on = date '1970-01-01' + %(date)s::integer, reason = NULL,
       reason_english = NULL, reason_chinese = NULL, iso_code = NULL
WHERE number = ANY(%(numbers)s) AND state = 'accepted'

-- name: orders_done
-- Ends the orders of payments that are tried no more.
UPDATE payment_order SET active = false WHERE payment = ANY(%(numbers)s) AND active

-- name: order_tried
-- Counts a try of a payment that failed for want of money; whether it may be tried again.
UPDATE payment_order
SET attempts = CASE WHEN tried_on = date '1970-01-01' + %(date)s::integer THEN attempts + 1 ELSE 1 END,
    days_tried = CASE WHEN tried_on = date '1970-01-01' + %(date)s::integer THEN days_tried ELSE days_tried + 1 END,
    tried_on = date '1970-01-01' + %(date)s::integer
WHERE payment = %(payment)s AND active
RETURNING days_tried < days_max OR attempts < attempts_daily

-- name: payment_refused
-- Notes why a payment was refused, and what becomes of it.
UPDATE payment SET state = %(state)s, reason = %(reason)s, reason_english = %(reason_english)s,
       reason_chinese = %(reason_chinese)s, iso_code = %(iso_code)s
WHERE number = %(number)s AND state = 'accepted'

-- name: payment_cancel
-- Cancels a payment that waits.
UPDATE payment SET state = 'cancelled', reason = %(reason)s, reason_english = %(reason_english)s,
       reason_chinese = %(reason_chinese)s, iso_code = %(iso_code)s
WHERE number = %(number)s AND state = 'waiting'

-- name: payment_returned
-- Notes that a payment came back and the payer has the money again.
UPDATE payment SET state = 'returned', reason = %(reason)s, reason_english = %(reason_english)s,
       reason_chinese = %(reason_chinese)s, iso_code = %(iso_code)s
WHERE number = %(number)s AND state = 'posted'

-- name: payment_by_id
-- Finds a payment by the id under which it was sent.
SELECT number FROM payment WHERE id = %(id)s

-- name: messages_lock
-- Lets one message be numbered at a time.
LOCK TABLE clearing_message IN SHARE ROW EXCLUSIVE MODE

-- name: message_next
-- Gives the number of the next message to be sent.
SELECT coalesce(max(sent_number), 0) + 1 FROM clearing_message

-- name: message_write
-- Notes a message to or from the clearing.
INSERT INTO clearing_message (id, sent_number, bank, message, message_id, digest, business_date, count, currency, total,
                              sealed)
VALUES (%(id)s, %(sent_number)s, %(bank)s, %(message)s, %(message_id)s, %(digest)s,
        date '1970-01-01' + %(business_date)s::integer, %(count)s, %(currency)s, %(total)s, %(sealed)s)
RETURNING number

-- name: message_find
-- Finds a message taken, by who sent it and its id.
SELECT number, digest FROM clearing_message
WHERE bank = %(bank)s AND message_id = %(message_id)s AND sent_number IS NULL

-- name: message_read
-- Reads a message to or from the clearing.
SELECT number, sent_number, bank, message, message_id, business_date - date '1970-01-01', count, currency, total
FROM clearing_message WHERE number = %(number)s

-- name: messages_list
-- Lists messages to and from the clearing, newest first.
SELECT number, sent_number, bank, message, message_id, business_date - date '1970-01-01', count, currency, total
FROM clearing_message WHERE number < %(before)s ORDER BY number DESC LIMIT %(limit)s

-- name: message_sealed
-- Reads a message that was sent, sealed.
SELECT id, sealed FROM clearing_message WHERE number = %(number)s AND sealed IS NOT NULL

-- name: payments_to_send
-- Locks and lists the payments to other banks of a currency that are posted and not sent.
SELECT number FROM payment
WHERE state = 'posted' AND creditor = 0 AND sent IS NULL AND currency = %(currency)s
ORDER BY number LIMIT %(limit)s FOR UPDATE

-- name: payments_sent
-- Notes in which message payments were sent.
UPDATE payment SET sent = %(message)s WHERE number = ANY(%(numbers)s)

-- name: receipts_to_send
-- Locks and lists the receipts of a currency that are to be sent back.
SELECT number FROM receipt
WHERE state = 'returned' AND returned_in IS NULL AND currency = %(currency)s
ORDER BY number LIMIT %(limit)s FOR UPDATE

-- name: receipts_sent
-- Notes in which message receipts were sent back.
UPDATE receipt SET returned_in = %(message)s WHERE number = ANY(%(numbers)s)

-- name: receipt_write
-- Notes money from another bank.
INSERT INTO receipt (id, message, line, original, state, target, amount, currency, their_id, end_to_end_id,
                     transaction_id, reason, reason_english, reason_chinese, iso_code, sealed)
VALUES (%(id)s, %(message)s, %(line)s, %(original)s, 'taken', %(target)s, %(amount)s, %(currency)s, %(their_id)s,
        %(end_to_end_id)s, %(id)s, %(reason)s, %(reason_english)s, %(reason_chinese)s, %(iso_code)s, %(sealed)s)

-- name: unread_write
-- Notes a line of a message that says no amount that could be booked.
INSERT INTO receipt_unread (message, line, reason, iso_code, detail)
VALUES (%(message)s, %(line)s, %(reason)s, %(iso_code)s, %(detail)s)

-- name: unread_count
-- Counts the lines of a message that say no amount that could be booked.
SELECT count(*) FROM receipt_unread WHERE message = %(message)s

-- name: receipts_read
-- Reads receipts by number.
SELECT number, id, message, line, original, state, target, amount, currency, their_id, end_to_end_id, transaction_id,
       booked_on - date '1970-01-01', reason, reason_english, reason_chinese, iso_code, returned_in
FROM receipt WHERE number = ANY(%(numbers)s) ORDER BY number

-- name: receipts_list
-- Lists receipts, newest first, in a state or in any.
SELECT number, id, message, line, original, state, target, amount, currency, their_id, end_to_end_id, transaction_id,
       booked_on - date '1970-01-01', reason, reason_english, reason_chinese, iso_code, returned_in
FROM receipt
WHERE number < %(before)s AND (%(state)s::text IS NULL OR state = %(state)s)
ORDER BY number DESC LIMIT %(limit)s

-- name: receipts_of_transactions
-- Lists the receipts that were credited in some transactions.
SELECT number, id, message, line, original, state, target, amount, currency, their_id, end_to_end_id, transaction_id,
       booked_on - date '1970-01-01', reason, reason_english, reason_chinese, iso_code, returned_in
FROM receipt WHERE transaction_id = ANY(%(ids)s::uuid[]) ORDER BY number

-- name: receipts_under_way
-- Lists the receipts that are on their way into the books, of a message or of all, after a number.
SELECT number FROM receipt
WHERE state IN ('taken', 'applying', 'returning') AND number > %(after)s
  AND (%(message)s::bigint IS NULL OR message = %(message)s)
ORDER BY number LIMIT %(limit)s

-- name: receipt_states
-- Counts the receipts of a message by state.
SELECT state, count(*) FROM receipt WHERE message = %(message)s GROUP BY state

-- name: receipt_sealed
-- Reads what is personal of receipts, sealed.
SELECT number, id, sealed FROM receipt WHERE number = ANY(%(numbers)s)

-- name: receipt_move
-- Takes a receipt from one state to the next: where its money goes, and in which transaction.
UPDATE receipt SET state = %(state)s, target = %(target)s, transaction_id = %(transaction_id)s
WHERE number = %(number)s AND state = %(before)s

-- name: receipt_reroute
-- Has a receipt that the books refused go into suspense.
UPDATE receipt SET target = %(target)s, reason = %(reason)s,
       reason_english = %(reason_english)s, reason_chinese = %(reason_chinese)s, iso_code = %(iso_code)s
WHERE number = %(number)s AND state = 'taken'

-- name: receipts_booked
-- Notes that receipts are in the books.
UPDATE receipt SET state = %(state)s, booked_on = date '1970-01-01' + %(date)s::integer
WHERE number = ANY(%(numbers)s) AND state = %(before)s

-- name: receipt_reason
-- Notes why a receipt is sent back.
UPDATE receipt SET reason = %(reason)s, reason_english = %(reason_english)s, reason_chinese = %(reason_chinese)s,
       iso_code = %(iso_code)s
WHERE number = %(number)s

-- name: receipt_of_original
-- Finds a receipt by which a payment came back.
SELECT number FROM receipt WHERE original = %(original)s LIMIT 1

-- name: narratives
-- Reads what transactions are for, in the words of whoever asked for them.
SELECT txn_id, narrative FROM transaction WHERE txn_id = ANY(%(ids)s::uuid[]) AND narrative <> ''

-- name: transfer_words
-- Reads what transfer codes mean.
SELECT code, english FROM transfer_code WHERE code = ANY(%(codes)s::smallint[])

-- name: file_id
-- Reads the id of a payment file.
SELECT id FROM payment_file WHERE number = %(file)s
