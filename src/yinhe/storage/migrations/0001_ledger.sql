-- The ledger of one unit: accounts, the journal in segments, balances, holds. Sequence numbers (seq) are one gapless
-- row of numbers over everything the unit's engine commits.

-- The unit itself: one row.
CREATE TABLE unit (
    unit smallint PRIMARY KEY,
    business_date date NOT NULL,
    segment_rows integer NOT NULL CHECK (segment_rows > 0),
    opened_at timestamptz NOT NULL
);

-- What is agreed about each account, 64 accounts a row: account a is element a % 64 + 1 of page a / 64. Exact at every
-- commit. Blank places have flags 0. Read it through the view `account`.
CREATE TABLE account_page (
    page integer PRIMARY KEY,
    currency smallint[] NOT NULL,
    gl_code integer[] NOT NULL,
    product integer[] NOT NULL,
    branch integer[] NOT NULL,
    floor bigint[] NOT NULL,
    ceiling bigint[] NOT NULL,
    limit_daily bigint[] NOT NULL,
    flags smallint[] NOT NULL,
    opened_seq bigint[] NOT NULL
) WITH (fillfactor = 70, toast_tuple_target = 8160);

-- Everything that happened to accounts other than postings, in the same row of sequence numbers as the postings.
CREATE TABLE account_event (
    seq bigint PRIMARY KEY,
    request_id uuid NOT NULL UNIQUE,
    digest bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('open', 'limits', 'flags', 'close', 'roll')),
    first_account integer NOT NULL,
    accounts integer NOT NULL,
    body jsonb NOT NULL
);
CREATE INDEX account_event_first_account ON account_event (first_account, seq);

-- One row a commit: which sequence numbers it holds, when it was booked and on which accounting day.
CREATE TABLE journal_batch (
    last_seq bigint PRIMARY KEY,
    first_seq bigint NOT NULL,
    booked_at timestamptz NOT NULL,
    business_date date NOT NULL,
    CHECK (first_seq <= last_seq)
);
CREATE INDEX journal_batch_booked_at ON journal_batch (booked_at);
CREATE INDEX journal_batch_business_date ON journal_batch (business_date, last_seq);

-- One row a transfer, with both balances after it. Append-only; partitions are the segments.
CREATE TABLE journal (
    seq bigint NOT NULL,
    amount bigint NOT NULL,
    debit_balance bigint NOT NULL,
    credit_balance bigint NOT NULL,
    reference bigint NOT NULL,
    txn_id uuid NOT NULL,
    debit integer NOT NULL,
    credit integer NOT NULL,
    value_date date NOT NULL,
    code smallint NOT NULL,
    flags smallint NOT NULL,
    leg smallint NOT NULL
) PARTITION BY RANGE (seq);

-- The segments of the journal. A sealed one is complete and has its indexes.
CREATE TABLE segment (
    segment integer PRIMARY KEY,
    first_seq bigint NOT NULL UNIQUE,
    end_seq bigint NOT NULL,
    id_first uuid,
    id_last uuid,
    sealed_at timestamptz,
    CHECK (first_seq < end_seq)
);

-- Balances, 64 accounts a row like `account_page`, each row true at as_of_seq; behind the journal by a bounded lag.
-- Read it through the view `balance`.
CREATE TABLE balance_page (
    page integer PRIMARY KEY,
    as_of_seq bigint NOT NULL,
    balance bigint[] NOT NULL,
    held bigint[] NOT NULL,
    turnover bigint[] NOT NULL,
    turnover_date date[] NOT NULL,
    last_seq bigint[] NOT NULL
) WITH (fillfactor = 70, toast_tuple_target = 8160);

-- Holds that were open at the last pass, under the seq of their pending row.
CREATE TABLE hold (
    seq bigint PRIMARY KEY,
    debit integer NOT NULL,
    credit integer NOT NULL,
    remaining bigint NOT NULL CHECK (remaining > 0),
    expires_at bigint NOT NULL,
    placed_on date NOT NULL
);

-- Up to which seq balances and holds are complete: one row.
CREATE TABLE balance_pass (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    as_of_seq bigint NOT NULL
);
INSERT INTO balance_pass (as_of_seq) VALUES (0);

-- How far each piece of bulk work has come; a step commits with its postings.
CREATE TABLE checkpoint (
    job text PRIMARY KEY,
    step bigint NOT NULL,
    seq bigint NOT NULL
);

-- What is known of a transaction beyond its postings; commits with them.
CREATE TABLE transaction (
    txn_id uuid PRIMARY KEY,
    seq bigint NOT NULL,
    actor text NOT NULL,
    channel text NOT NULL,
    narrative text NOT NULL,
    detail jsonb NOT NULL
);

-- Makes the table of one segment and hangs it under the journal without waiting for readers.
CREATE FUNCTION segment_create(number integer, first bigint, stop bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    -- Rows never change: there is nothing to vacuum until the transaction ids need freezing.
    EXECUTE format('CREATE TABLE %I (LIKE journal INCLUDING DEFAULTS, CHECK (seq >= %s AND seq < %s)) '
                   'WITH (autovacuum_vacuum_insert_threshold = -1)', 'journal_' || number, first, stop);
    EXECUTE format('ALTER TABLE journal ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
                   'journal_' || number, first, stop);
    EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I',
                   'journal_' || number, 'journal_' || number || '_seq_check');
    INSERT INTO segment (segment, first_seq, end_seq) VALUES (number, first, stop);
END
$$;

-- Builds the three indexes of a full segment, in bulk, and notes which ids it holds. One process: the other cores are
-- for posting.
CREATE FUNCTION segment_seal(number integer) RETURNS void
LANGUAGE plpgsql SET max_parallel_maintenance_workers = 0 AS $$
DECLARE
    name text := 'journal_' || number;
    lowest uuid;
    highest uuid;
BEGIN
    IF (SELECT sealed_at FROM segment WHERE segment = number) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE UNIQUE INDEX ON %I (txn_id, leg) WITH (fillfactor = 100)', name);
    EXECUTE format('CREATE INDEX ON %I (debit, seq) WITH (fillfactor = 100)', name);
    EXECUTE format('CREATE INDEX ON %I (credit, seq) WITH (fillfactor = 100)', name);
    EXECUTE format('SELECT txn_id FROM %I ORDER BY txn_id, leg LIMIT 1', name) INTO lowest;
    EXECUTE format('SELECT txn_id FROM %I ORDER BY txn_id DESC, leg DESC LIMIT 1', name) INTO highest;
    UPDATE segment SET sealed_at = now(), id_first = lowest, id_last = highest WHERE segment = number;
END
$$;

-- Short arrays of numbers gain nothing from compression or a place outside the row.
DO $$
DECLARE
    c record;
BEGIN
    FOR c IN SELECT attrelid::regclass AS name, attname FROM pg_attribute
             WHERE attrelid IN ('account_page'::regclass, 'balance_page'::regclass) AND attndims > 0 LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STORAGE PLAIN', c.name, c.attname);
    END LOOP;
END
$$;

-- Accounts as a person reads them.
CREATE VIEW account AS
SELECT p.page * 64 + a.place::integer - 1 AS account, a.currency, a.gl_code, a.product, a.branch, a.floor, a.ceiling,
       a.limit_daily, a.flags, a.opened_seq
FROM account_page p
CROSS JOIN LATERAL unnest(p.currency, p.gl_code, p.product, p.branch, p.floor, p.ceiling, p.limit_daily, p.flags,
                          p.opened_seq) WITH ORDINALITY
    AS a (currency, gl_code, product, branch, floor, ceiling, limit_daily, flags, opened_seq, place)
WHERE a.flags <> 0;

-- Balances as a person reads them, each with the seq it is true at.
CREATE VIEW balance AS
SELECT p.page * 64 + b.place::integer - 1 AS account, b.balance, b.held, b.turnover, b.turnover_date, b.last_seq,
       p.as_of_seq
FROM balance_page p
JOIN account_page a ON a.page = p.page
CROSS JOIN LATERAL unnest(p.balance, p.held, p.turnover, p.turnover_date, p.last_seq, a.flags) WITH ORDINALITY
    AS b (balance, held, turnover, turnover_date, last_seq, flags, place)
WHERE b.flags <> 0;

-- The journal as a person reads it: what `reference` and `flags` mean, spelled out, with booking time and date.
CREATE VIEW journal_entry AS
SELECT j.seq, j.txn_id, j.leg, j.debit, j.credit, j.amount, j.debit_balance, j.credit_balance, j.code,
       b.booked_at, b.business_date, j.value_date,
       (j.flags & 1) <> 0 AS linked,
       (j.flags & 2) <> 0 AS pending,
       (j.flags & 4) <> 0 AS posts_hold,
       (j.flags & 8) <> 0 AS voids_hold,
       (j.flags & 16) <> 0 AS expires_hold,
       CASE WHEN (j.flags & 28) <> 0 THEN j.reference END AS hold,
       CASE WHEN (j.flags & 2) <> 0 AND j.reference <> 0
            THEN 'epoch'::timestamptz + j.reference * interval '1 microsecond' END AS hold_expires_at,
       CASE WHEN (j.flags & 96) <> 0 THEN j.reference END AS amount_asked,
       CASE WHEN (j.flags & 128) <> 0 THEN j.reference END AS reverses_seq
FROM journal j
CROSS JOIN LATERAL (
    SELECT booked_at, business_date FROM journal_batch WHERE last_seq >= j.seq ORDER BY last_seq LIMIT 1
) b;
