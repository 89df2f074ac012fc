-- name: party_standing
-- Reads the party that a number stands for now, merged ones followed to the one that remains.
WITH RECURSIVE standing AS (
    SELECT number, kind, tier, merged_into FROM party WHERE number = %(party)s
    UNION ALL
    SELECT p.number, p.kind, p.tier, p.merged_into
    FROM party p JOIN standing s ON p.number = s.merged_into
)
SELECT number, kind, tier FROM standing WHERE merged_into IS NULL

-- name: contract_holder
-- Reads who holds a contract.
SELECT holder FROM contract_holder WHERE contract = %(contract)s

-- name: loan_borrower
-- Reads who borrows a loan.
SELECT borrower FROM loan_agreement WHERE loan = %(loan)s

-- name: contracts_after
-- Lists contracts with their holders in the order they were opened: all, or those a scope reaches.
SELECT c.contract, coalesce(h.holder, '')
FROM contract c LEFT JOIN contract_holder h ON h.contract = c.contract
WHERE c.contract > %(after)s
  AND (%(closed)s OR (c.flags & 1) <> 0)
  AND (%(versions)s::integer[] IS NULL OR c.version = ANY(%(versions)s::integer[]))
  AND (%(branches)s::integer[] IS NULL OR c.branch = ANY(%(branches)s::integer[]))
ORDER BY c.contract LIMIT %(limit)s

-- name: contracts_of_holders
-- Lists the contracts of some holders in the order they were opened: all, or those a scope reaches.
SELECT c.contract, h.holder
FROM contract_holder h JOIN contract c ON c.contract = h.contract
WHERE h.holder = ANY(%(holders)s::text[]) AND h.contract > %(after)s
  AND (%(closed)s OR (c.flags & 1) <> 0)
  AND (%(versions)s::integer[] IS NULL OR c.version = ANY(%(versions)s::integer[]))
  AND (%(branches)s::integer[] IS NULL OR c.branch = ANY(%(branches)s::integer[]))
ORDER BY h.contract LIMIT %(limit)s

-- name: contract_events_before
-- Lists what was done with a contract before an event, latest first.
SELECT id, contract, kind, business_date - date '1970-01-01', state, body
FROM contract_event
WHERE contract = %(contract)s AND state = 'done'
  AND (business_date, id) < (date '1970-01-01' + %(date)s::integer, %(id)s::uuid)
ORDER BY business_date DESC, id DESC LIMIT %(limit)s

-- name: contract_notices_before
-- Lists the notices of a contract given before one, the latest first.
SELECT id, given_on - date '1970-01-01', due_on - date '1970-01-01', amount, state
FROM notice WHERE contract = %(contract)s AND id < %(id)s::uuid
ORDER BY id DESC LIMIT %(limit)s

-- name: codes_named
-- Reads what some transfer codes mean.
SELECT code, english, chinese FROM transfer_code WHERE code = ANY(%(codes)s::integer[])

-- name: narratives
-- Reads the words of some transactions, where they have any.
SELECT txn_id, narrative FROM transaction WHERE txn_id = ANY(%(ids)s::uuid[]) AND narrative <> ''

-- name: account_change
-- Reads what an account command changed, by its request's id.
SELECT body FROM account_event WHERE request_id = %(id)s

-- name: orders_after
-- Lists the standing orders of an account that are not stopped, given after one.
SELECT id, to_account, amount, day_of_month, first - date '1970-01-01', last - date '1970-01-01',
       last_run - date '1970-01-01'
FROM standing_order WHERE from_account = %(account)s AND active AND id > %(after)s::uuid
ORDER BY id LIMIT %(limit)s

-- name: payments_before
-- Lists payments before a number, newest first: all, or those out of an account; in a state or in any.
SELECT number FROM payment
WHERE number < %(before)s AND (%(account)s::integer IS NULL OR debtor = %(account)s)
  AND (%(state)s::text IS NULL OR state = %(state)s)
ORDER BY number DESC LIMIT %(limit)s

-- name: payments_of_holders
-- Lists payments before a number, newest first, out of the accounts of some holders that a scope reaches.
SELECT p.number FROM payment p
WHERE p.number < %(before)s AND (%(state)s::text IS NULL OR p.state = %(state)s)
  AND p.debtor = ANY(ARRAY(
    SELECT c.account FROM contract_holder h JOIN contract c ON c.contract = h.contract
    WHERE h.holder = ANY(%(holders)s::text[])
      AND (%(branches)s::integer[] IS NULL OR c.branch = ANY(%(branches)s::integer[]))))
ORDER BY p.number DESC LIMIT %(limit)s

-- name: payments_of_branches
-- Lists payments before a number, newest first, out of the accounts of some branches.
SELECT p.number FROM payment p
WHERE p.number < %(before)s AND (%(state)s::text IS NULL OR p.state = %(state)s)
  AND EXISTS (SELECT FROM contract c WHERE c.account = p.debtor AND c.branch = ANY(%(branches)s::integer[]))
ORDER BY p.number DESC LIMIT %(limit)s

-- name: payment_file_sender
-- Reads who sent a payment file.
SELECT sender FROM payment_file WHERE number = %(file)s
