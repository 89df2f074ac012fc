-- name: user_sealed
-- Reads sealed secrets of second factors, by user.
SELECT principal, totp_secret FROM identity_user
WHERE totp_secret IS NOT NULL AND (%(after)s::bigint IS NULL OR principal > %(after)s::bigint)
ORDER BY principal LIMIT %(limit)s FOR UPDATE

-- name: user_seal
-- Keeps the secret of a second factor sealed anew.
UPDATE identity_user SET totp_secret = (%(sealed)s::bytea[])[1] WHERE principal = %(id)s

-- name: key_sealed
-- Reads sealed signing keys, by name.
SELECT kid, private_key FROM identity_key
WHERE %(after)s::text IS NULL OR kid > %(after)s::text
ORDER BY kid LIMIT %(limit)s FOR UPDATE

-- name: key_seal
-- Keeps a signing key sealed anew.
UPDATE identity_key SET private_key = (%(sealed)s::bytea[])[1] WHERE kid = %(id)s

-- name: approval_sealed
-- Reads sealed commands that wait or waited for a second person, by id.
SELECT id, command, effect FROM approval
WHERE %(after)s::uuid IS NULL OR id > %(after)s::uuid
ORDER BY id LIMIT %(limit)s FOR UPDATE

-- name: approval_seal
-- Keeps a command and its effect sealed anew.
UPDATE approval SET command = (%(sealed)s::bytea[])[1], effect = (%(sealed)s::bytea[])[2] WHERE id = %(id)s

-- name: payment_sealed
-- Reads what is personal of payments, by id.
SELECT id, sealed FROM payment WHERE %(after)s::uuid IS NULL OR id > %(after)s::uuid
ORDER BY id LIMIT %(limit)s FOR UPDATE

-- name: payment_seal
-- Keeps what is personal of a payment sealed anew.
UPDATE payment SET sealed = (%(sealed)s::bytea[])[1] WHERE id = %(id)s

-- name: receipt_sealed
-- Reads what is personal of receipts, by id.
SELECT id, sealed FROM receipt WHERE %(after)s::uuid IS NULL OR id > %(after)s::uuid
ORDER BY id LIMIT %(limit)s FOR UPDATE

-- name: receipt_seal
-- Keeps what is personal of a receipt sealed anew.
UPDATE receipt SET sealed = (%(sealed)s::bytea[])[1] WHERE id = %(id)s

-- name: message_sealed
-- Reads messages that were sent to the clearing, by id.
SELECT id, sealed FROM clearing_message
WHERE sealed IS NOT NULL AND (%(after)s::uuid IS NULL OR id > %(after)s::uuid)
ORDER BY id LIMIT %(limit)s FOR UPDATE

-- name: message_seal
-- Keeps a message to the clearing sealed anew.
UPDATE clearing_message SET sealed = (%(sealed)s::bytea[])[1] WHERE id = %(id)s

-- name: webhook_sealed
-- Reads the secrets of webhooks, by number.
SELECT webhook, secret, retired FROM webhook WHERE %(after)s::bigint IS NULL OR webhook > %(after)s::bigint
ORDER BY webhook LIMIT %(limit)s FOR UPDATE

-- name: webhook_seal
-- Keeps the secrets of a webhook sealed anew.
UPDATE webhook SET secret = (%(sealed)s::bytea[])[1], retired = (%(sealed)s::bytea[])[2] WHERE webhook = %(id)s

-- name: party_field_sealed
-- Reads one sealed field of a party, if there is one.
SELECT party, item, field, sealed FROM party_field LIMIT 1
