-- The log of every act, chained by hashes, and the requests that were answered.

-- One row an act. `content` is what the hash is made of: hash(n) = SHA-256(hash(n - 1) || content(n)); the other columns
-- repeat parts of it, to be found by. `parties` are the numbers of those it concerns.
CREATE TABLE audit_record (
    number bigint PRIMARY KEY CHECK (number > 0),
    at timestamptz NOT NULL,
    business_date date NOT NULL,
    action text NOT NULL,
    object text NOT NULL,
    actor text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('done', 'refused', 'pending', 'read')),
    request_id uuid,
    parties bigint[] NOT NULL,
    content text NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);
CREATE INDEX audit_record_object ON audit_record (object, number);
CREATE INDEX audit_record_actor ON audit_record (actor, number);
CREATE INDEX audit_record_request ON audit_record (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX audit_record_parties ON audit_record USING gin (parties);

-- The last record: one row. Whoever appends locks it until commit, so that numbers stand in the order of commits.
-- `posted_seq`: up to which seq of the journal the log has taken in the transactions posted for callers.
CREATE TABLE audit_head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    number bigint NOT NULL,
    hash bytea NOT NULL,
    posted_seq bigint NOT NULL DEFAULT 0
);
INSERT INTO audit_head (number, hash) VALUES (0, decode(repeat('00', 32), 'hex'));

-- The head at the end of a business date, to be published: whoever keeps one can tell whether the log before it changed.
CREATE TABLE audit_anchor (
    business_date date PRIMARY KEY,
    number bigint NOT NULL,
    hash bytea NOT NULL,
    at timestamptz NOT NULL
);

-- Keeps the log as it was written: no row is ever changed or taken away.
CREATE FUNCTION audit_keep() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The log of acts is never changed: % of %.', TG_OP, TG_TABLE_NAME;
END
$$;
CREATE TRIGGER audit_record_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_record
    FOR EACH STATEMENT EXECUTE FUNCTION audit_keep();
CREATE TRIGGER audit_anchor_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_anchor
    FOR EACH STATEMENT EXECUTE FUNCTION audit_keep();

-- Requests of the control plane that were carried out, each with its answer: the same id again gets it again.
CREATE TABLE request (
    id uuid PRIMARY KEY,
    action text NOT NULL,
    digest bytea NOT NULL,
    answer text NOT NULL DEFAULT '',
    object text NOT NULL DEFAULT ''
);

-- Transactions in the order of the journal, for the log to take them in.
CREATE INDEX transaction_seq ON transaction (seq);
