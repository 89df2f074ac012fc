-- Instalments missed: how many were not there at the end of their interval, and what keeps the agreed rate once a plan is
-- broken.
ALTER TABLE contract ADD COLUMN kept bigint NOT NULL DEFAULT 0, ADD COLUMN missed integer NOT NULL DEFAULT 0;

CREATE OR REPLACE VIEW deposit AS
SELECT c.contract, c.account, nullif(c.linked, 0) AS linked, c.version, h.holder, c.opened, c.start,
       nullif(c.maturity, date '1970-01-01') AS maturity, nullif(c.months, 0) AS months, nullif(c.days, 0) AS days,
       nullif(c.day_of_month, 0) AS day_of_month, c.branch, c.region, c.tier,
       (c.flags & 1) <> 0 AS open,
       (c.flags & 2) <> 0 AS renews,
       (c.flags & 4) <> 0 AS dormant,
       (c.flags & 8) <> 0 AS company,
       (c.flags & 16) <> 0 AS new_money,
       (c.flags & 32) <> 0 AS drawn_early,
       (c.flags & 64) <> 0 AS matured,
       nullif(c.closed, date '1970-01-01') AS closed,
       nullif(c.rate, -9223372036854775808) AS rate, c.spread, c.principal,
       (c.flags & 128) <> 0 AS broken, c.kept, c.missed
FROM contract c
LEFT JOIN contract_holder h ON h.contract = c.contract;

-- What may be asked of contracts besides: a notice taken back, a standing order ended.
ALTER TABLE contract_event DROP CONSTRAINT contract_event_kind_check;
ALTER TABLE contract_event ADD CONSTRAINT contract_event_kind_check CHECK (kind IN (
    'open', 'open_many', 'amend', 'transfer', 'notice', 'notice_cancel', 'deposit', 'withdraw', 'close', 'order',
    'order_stop'));
CREATE INDEX standing_order_from ON standing_order (from_account) WHERE active;
