-- name: database_exists
-- Finds a database of the server by its name.
SELECT 1 FROM pg_database WHERE datname = %s

-- name: one_snapshot
-- Has everything a transaction reads be of one moment.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY

-- name: durability
-- Reads the settings that decide whether what was confirmed can be lost.
SELECT name, setting FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'server_encoding')
