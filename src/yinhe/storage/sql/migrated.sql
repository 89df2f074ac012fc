-- name: book_read
-- Reads the digest of the book taken over from a source.
SELECT sha256 FROM migrated_book WHERE source = %(source)s

-- name: book_note
-- Notes which book is being taken over from a source.
INSERT INTO migrated_book (source, sha256) VALUES (%(source)s, %(sha256)s)

-- name: aliases_write
-- Notes the account numbers of another bank; those noted before stay.
INSERT INTO account_alias (source, source_account, account)
SELECT %(source)s, * FROM unnest(%(source_accounts)s::text[], %(accounts)s::integer[])
ON CONFLICT DO NOTHING

-- name: aliases_read
-- Lists the account numbers of another bank and the accounts they name.
SELECT source_account, account FROM account_alias WHERE source = %(source)s

-- name: holders_write
-- Notes who may use accounts; those noted before stay.
INSERT INTO account_holder (source, account, client, role)
SELECT %(source)s, * FROM unnest(%(accounts)s::integer[], %(clients)s::text[], %(roles)s::text[])
ON CONFLICT DO NOTHING

-- name: transfer_codes_write
-- Notes what transfer codes mean; those noted before stay.
INSERT INTO transfer_code (code, english, chinese)
SELECT * FROM unnest(%(codes)s::smallint[], %(english)s::text[], %(chinese)s::text[])
ON CONFLICT DO NOTHING

-- name: general_ledger_codes_write
-- Notes what general-ledger codes are called; those noted before stay.
INSERT INTO general_ledger_code (gl_code, english, chinese)
SELECT * FROM unnest(%(codes)s::integer[], %(english)s::text[], %(chinese)s::text[])
ON CONFLICT DO NOTHING

-- name: accounts_taken_over
-- Lists another bank's accounts with their owners and the business date each was opened on, by account.
SELECT s.account, coalesce(h.client, ''), b.business_date - date '1970-01-01'
FROM account_alias s
JOIN account a USING (account)
LEFT JOIN account_holder h ON h.account = s.account AND h.source = s.source AND h.role = 'owner'
CROSS JOIN LATERAL (
    SELECT business_date FROM journal_batch WHERE last_seq >= a.opened_seq ORDER BY last_seq LIMIT 1
) AS b
WHERE s.source = %(source)s
ORDER BY s.account
