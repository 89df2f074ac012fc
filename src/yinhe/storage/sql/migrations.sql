-- name: lock
-- Waits to be the only session that migrates this schema.
SELECT pg_advisory_lock(hashtext('yinhe.migrate'), hashtext(%(schema)s))

-- name: unlock
-- Lets the next session migrate this schema.
SELECT pg_advisory_unlock(hashtext('yinhe.migrate'), hashtext(%(schema)s))

-- name: is_new
-- Tells whether the schema has no migration yet.
SELECT to_regclass('schema_migration') IS NULL

-- name: applied
-- Lists the migrations the schema has had, in order.
SELECT number, name, sha256 FROM schema_migration ORDER BY number

-- name: record
-- Notes a migration just applied.
INSERT INTO schema_migration (number, name, sha256) VALUES (%(number)s, %(name)s, %(sha256)s)
