-- The night: how far each close of a business date has come, and what interest has accrued.

-- One row a close of a business date.
CREATE TABLE night (
    business_date date PRIMARY KEY,
    id_ms bigint NOT NULL,
    cutoff_seq bigint,
    began_at timestamptz NOT NULL,
    ended_at timestamptz,
    report jsonb
);

-- How far each step of a night has come. A step is decided on balances as they were at as_of_seq, and its changes to
-- contracts commit with its end.
CREATE TABLE night_step (
    business_date date NOT NULL REFERENCES night,
    step text NOT NULL,
    as_of_seq bigint NOT NULL,
    began_at timestamptz NOT NULL,
    ended_at timestamptz,
    body jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (business_date, step)
);
