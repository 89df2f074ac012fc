-- Within which reach a delivery was put together (SHA-256): when that has changed since, it is not sent as it was.

ALTER TABLE webhook ADD COLUMN pending_reach text;
ALTER TABLE webhook_dead ADD COLUMN reach text;
