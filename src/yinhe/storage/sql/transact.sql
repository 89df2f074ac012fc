-- name: contracts_held
-- Lists the deposit contracts of some holders.
SELECT contract FROM contract_holder WHERE holder = ANY(%(holders)s::text[])

-- name: moved_by_actor
-- Sums what each actor has moved since a seq by some codes, by the account debited; corrections left out.
SELECT t.actor, j.debit, sum(j.amount)::bigint
FROM transaction t JOIN journal j ON j.txn_id = t.txn_id
WHERE t.seq >= %(first_seq)s AND j.seq >= %(first_seq)s AND j.flags & 140 = 0
  AND j.code = ANY(%(codes)s::smallint[])
GROUP BY t.actor, j.debit

-- name: counted_debits
-- Counts the transactions of some codes that each account was debited by since a seq; corrections left out.
SELECT debit, count(*)::bigint FROM journal
WHERE seq >= %(first_seq)s AND code = ANY(%(codes)s::smallint[]) AND flags & 142 = 0
GROUP BY debit

-- name: counted_credits
-- Counts the transactions of some codes that each account was credited by since a seq; corrections left out.
SELECT credit, count(*)::bigint FROM journal
WHERE seq >= %(first_seq)s AND code = ANY(%(codes)s::smallint[]) AND flags & 142 = 0
GROUP BY credit

-- name: moved_read
-- Reads what was counted of a command, by currency.
SELECT currency, amount, business_date - date '1970-01-01' FROM moved WHERE id = %(id)s

-- name: moved_write
-- Counts what a command moves in one currency.
INSERT INTO moved (id, currency, actor, business_date, amount)
VALUES (%(id)s, %(currency)s, %(actor)s, date '1970-01-01' + %(date)s::integer, %(amount)s)
ON CONFLICT (id, currency) DO UPDATE SET amount = excluded.amount

-- name: moved_take_back
-- Takes back what was counted of a command in one currency.
DELETE FROM moved WHERE id = %(id)s AND currency = %(currency)s

-- name: moved_on
-- Lists what was counted of commands on a business date, with whoever asked.
SELECT id, actor, currency, amount FROM moved WHERE business_date = date '1970-01-01' + %(date)s::integer

-- name: moved_prune
-- Forgets what was moved long ago.
DELETE FROM moved WHERE business_date < date '1970-01-01' + %(date)s::integer
