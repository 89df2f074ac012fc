-- Parties: persons and organisations. What is personal stands sealed, one field at a time, in `party_field` and nowhere
-- else; it is found again by blind indexes alone.

CREATE SEQUENCE party_number AS bigint;

-- One row a party. A party that was merged into another keeps what it is; its number stands for the other from then on.
CREATE TABLE party (
    number bigint PRIMARY KEY CHECK (number > 0),
    kind text NOT NULL CHECK (kind IN ('person', 'organisation')),
    status text NOT NULL CHECK (status IN ('prospect', 'customer', 'dormant', 'closed')),
    tier smallint NOT NULL CHECK (tier BETWEEN 0 AND 99),
    risk text NOT NULL DEFAULT '' CHECK (risk IN ('', 'low', 'medium', 'high', 'prohibited')),
    risk_review date,
    merged_into bigint REFERENCES party (number),
    version integer NOT NULL DEFAULT 1,
    opened date NOT NULL,
    closed date,
    CHECK (merged_into <> number),
    CHECK ((risk = '') = (risk_review IS NULL)),
    CHECK ((status = 'closed') = (closed IS NOT NULL))
);
CREATE INDEX party_merged_into ON party (merged_into) WHERE merged_into IS NOT NULL;

-- What a party has several of; ended, never taken away. `blind` is the blind index of the whole value, `twin` that of
-- a name with the date of birth. `live`: an identifier that holds against other parties, neither ended nor a closed
-- party's. `digest` is the SHA-256 of a document's content, which is kept elsewhere.
CREATE TABLE party_item (
    item bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    party bigint NOT NULL REFERENCES party (number),
    area text NOT NULL CHECK (area IN ('name', 'identifier', 'address', 'contact', 'consent', 'document')),
    kind text NOT NULL,
    country text NOT NULL,
    script text NOT NULL,
    preferred boolean NOT NULL,
    since date NOT NULL,
    ended date,
    expires date,
    verified date,
    verified_how text NOT NULL DEFAULT '',
    digest bytea CHECK (octet_length(digest) = 32),
    blind bytea CHECK (octet_length(blind) = 32),
    twin bytea CHECK (octet_length(twin) = 32),
    live boolean NOT NULL DEFAULT true,
    CHECK (ended >= since),
    CHECK (ended IS NULL OR NOT (live OR preferred)),
    CHECK ((verified IS NULL) = (verified_how = ''))
);
CREATE INDEX party_item_party ON party_item (party, item);
CREATE INDEX party_item_blind ON party_item (blind) WHERE blind IS NOT NULL;
CREATE INDEX party_item_twin ON party_item (twin) WHERE twin IS NOT NULL;
CREATE UNIQUE INDEX party_identifier_once ON party_item (blind) WHERE area = 'identifier' AND live;
CREATE UNIQUE INDEX party_preferred_once ON party_item (party, area) WHERE preferred;

-- Personal data, sealed. `field` is area and field, `name.text`; item 0 is the party itself, `party.born`.
-- Byte 1 of `sealed` is its form, bytes 2 to 5 the number of the key.
CREATE TABLE party_field (
    party bigint NOT NULL REFERENCES party (number),
    item bigint NOT NULL,
    field text NOT NULL,
    sealed bytea NOT NULL CHECK (octet_length(sealed) >= 33),
    PRIMARY KEY (party, item, field)
);

-- What `other` is to `party`: its guardian, its beneficial owner; ended, never taken away. Shares in parts of 1e-8.
CREATE TABLE party_relation (
    relation bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    party bigint NOT NULL REFERENCES party (number),
    other bigint NOT NULL REFERENCES party (number),
    kind text NOT NULL,
    share bigint CHECK (share BETWEEN 1 AND 100000000),
    since date NOT NULL,
    ended date,
    CHECK (party <> other),
    CHECK (ended >= since)
);
CREATE INDEX party_relation_party ON party_relation (party);
CREATE INDEX party_relation_other ON party_relation (other);
CREATE UNIQUE INDEX party_relation_once ON party_relation (party, other, kind) WHERE ended IS NULL;

-- Parties that were found to be one, and each that was found not to be after all.
CREATE TABLE party_merge (
    merge bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    loser bigint NOT NULL REFERENCES party (number),
    survivor bigint NOT NULL REFERENCES party (number),
    merged date NOT NULL,
    undone date,
    CHECK (loser <> survivor),
    CHECK (undone >= merged)
);
CREATE UNIQUE INDEX party_merge_standing ON party_merge (loser) WHERE undone IS NULL;

-- Which contracts, loans and guarantees went to the survivor with a merge, to go back when it is undone.
CREATE TABLE party_merge_moved (
    merge bigint NOT NULL REFERENCES party_merge (merge),
    area text NOT NULL CHECK (area IN ('contract', 'loan', 'guarantee')),
    reference bigint NOT NULL,
    PRIMARY KEY (merge, area, reference)
);

-- Finds the loans a party stands surety for.
CREATE INDEX loan_agreement_guarantors ON loan_agreement USING gin (guarantors) WHERE guarantors <> '[]'::jsonb;
