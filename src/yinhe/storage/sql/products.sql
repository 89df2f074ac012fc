-- name: versions_read
-- Reads every version of every product, in the order they were drafted.
SELECT id, code, number, version, status, currency, effective, text, sha256, author, approver,
       drafted_on, approved_on, published_on, withdrawn_on
FROM product_version ORDER BY id

-- name: versions_lock
-- Lets one step of one product's life happen at a time.
LOCK TABLE product_version IN SHARE ROW EXCLUSIVE MODE

-- name: version_draft
-- Writes a draft, or writes an unpublished version anew.
INSERT INTO product_version (code, number, version, status, currency, effective, text, sha256, author, drafted_on)
VALUES (%(code)s, %(number)s, %(version)s, 'draft', %(currency)s, %(effective)s, %(text)s, %(sha256)s,
        %(author)s, %(day)s)
ON CONFLICT (code, version) DO UPDATE
SET number = EXCLUDED.number, status = 'draft', currency = EXCLUDED.currency,
    effective = EXCLUDED.effective, text = EXCLUDED.text, sha256 = EXCLUDED.sha256,
    author = EXCLUDED.author, drafted_on = EXCLUDED.drafted_on, approver = NULL, approved_on = NULL
RETURNING id

-- name: version_checked
-- Notes that a draft has passed every check.
UPDATE product_version SET status = 'checked' WHERE id = %(id)s

-- name: version_approved
-- Notes who approved a version, and when.
UPDATE product_version SET status = 'approved', approver = %(actor)s, approved_on = %(day)s WHERE id = %(id)s

-- name: version_published
-- Notes when a version was published.
UPDATE product_version SET status = 'published', published_on = %(day)s WHERE id = %(id)s

-- name: version_withdrawn
-- Notes when a version was withdrawn.
UPDATE product_version SET status = 'withdrawn', withdrawn_on = %(day)s WHERE id = %(id)s

-- name: event_write
-- Notes a step of a version's life with the digest of the text it was taken on.
INSERT INTO product_event (version_id, status, actor, business_date, sha256)
SELECT id, status, %(actor)s, %(day)s, sha256 FROM product_version WHERE id = %(id)s

-- name: events_read
-- Reads the steps of a version's life.
SELECT status, actor, business_date FROM product_event WHERE version_id = %(id)s ORDER BY id

-- name: rates_read
-- Reads every entry of every rate table, in the order they were written down.
SELECT table_code, effective, recorded, rate, author FROM rate_entry ORDER BY id

-- name: rate_write
-- Writes down a rate of a table from a day on.
INSERT INTO rate_entry (table_code, effective, recorded, rate, author)
VALUES (%(table)s, %(effective)s, %(recorded)s, %(rate)s, %(author)s)

-- name: pools
-- Lists the bank's own accounts that contracts meet.
SELECT gl_code, currency, product, account FROM pool_account

-- name: pool_write
-- Notes an account that contracts meet, once.
INSERT INTO pool_account (gl_code, currency, product, account)
VALUES (%(gl_code)s, %(currency)s, %(product)s, %(account)s)
ON CONFLICT DO NOTHING
