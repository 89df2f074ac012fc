-- Which migrations this schema has had. The clock is the database's: the row is about the database, not the bank.
CREATE TABLE schema_migration (
    number integer PRIMARY KEY,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
