-- name: overdrafts_load
-- Reads what every account that was overdrawn owes.
COPY (SELECT contract, whole, remainder, owed FROM overdraft) TO STDOUT (FORMAT binary)

-- name: overdraft_stage_create
-- Makes the session's own table for overdrafts to write.
CREATE TEMPORARY TABLE IF NOT EXISTS overdraft_stage (LIKE overdraft) ON COMMIT DELETE ROWS

-- name: overdraft_stage_copy
-- Takes overdrafts to write in.
COPY overdraft_stage (contract, whole, remainder, owed) FROM STDIN (FORMAT binary)

-- name: overdraft_stage_merge
-- Brings the overdrafts into the table.
INSERT INTO overdraft SELECT * FROM overdraft_stage
ON CONFLICT (contract) DO UPDATE SET whole = excluded.whole, remainder = excluded.remainder, owed = excluded.owed

-- name: overdraft_stage_empty
-- Empties the session's own table of overdrafts.
TRUNCATE overdraft_stage
