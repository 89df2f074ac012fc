-- What came from another bank: whose books, its account numbers, who may use the accounts; and what codes mean here.

-- Books taken over, each by a digest of all that was read, so that no unit ever mixes two versions of one source.
CREATE TABLE migrated_book (
    source text PRIMARY KEY,
    sha256 text NOT NULL
);

-- Account numbers of another bank.
CREATE TABLE account_alias (
    source text NOT NULL,
    source_account text NOT NULL,
    account integer NOT NULL,
    PRIMARY KEY (source, source_account)
);
CREATE INDEX account_alias_account ON account_alias (account);

-- Which of another bank's clients may use an account.
CREATE TABLE account_holder (
    source text NOT NULL,
    account integer NOT NULL,
    client text NOT NULL,
    role text NOT NULL CHECK (role IN ('owner', 'disponent')),
    PRIMARY KEY (account, source, client)
);
CREATE INDEX account_holder_client ON account_holder (source, client);

-- Why money moves, by transfer code.
CREATE TABLE transfer_code (
    code smallint PRIMARY KEY,
    english text NOT NULL,
    chinese text NOT NULL
);

-- What general-ledger codes are called.
CREATE TABLE general_ledger_code (
    gl_code integer PRIMARY KEY,
    english text NOT NULL,
    chinese text NOT NULL
);
