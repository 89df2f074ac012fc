-- Payments: files taken, what is paid and what waits, messages to and from other banks, and what is in suspense.

-- Payment files, each once by sender and message id; the ids of its payments are derived from `id`.
CREATE TABLE payment_file (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    sender text NOT NULL,
    message text NOT NULL,
    message_id text NOT NULL,
    digest bytea NOT NULL,
    business_date date NOT NULL,
    count integer NOT NULL CHECK (count > 0),
    control_sum text NOT NULL,
    UNIQUE (sender, message_id)
);

-- Messages sent to the clearing and taken from it. Sent ones are numbered without a gap and kept, sealed, as they were
-- sent; taken ones are told apart by who sent them and their id.
CREATE TABLE clearing_message (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    sent_number bigint UNIQUE CHECK (sent_number > 0),
    bank text NOT NULL,
    message text NOT NULL,
    message_id text NOT NULL,
    digest bytea NOT NULL,
    business_date date NOT NULL,
    count integer NOT NULL CHECK (count > 0),
    currency integer,
    total bigint,
    sealed bytea,
    CHECK ((sent_number IS NULL) = (sealed IS NULL))
);
CREATE UNIQUE INDEX clearing_message_taken ON clearing_message (bank, message_id) WHERE sent_number IS NULL;

-- Payments of the bank's customers. Accounts are indexes of the ledger; `creditor` is 0 where another bank's account is
-- paid, `debtor` 0 where a rejected payment named none of ours. `sealed` holds names, numbers at other banks and what it is for.
CREATE TABLE payment (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    file bigint REFERENCES payment_file,
    line integer NOT NULL,
    group_id text NOT NULL,
    batch boolean NOT NULL,
    state text NOT NULL
        CHECK (state IN ('waiting', 'accepted', 'posted', 'rejected', 'returned', 'cancelled')),
    debtor integer NOT NULL,
    creditor integer NOT NULL,
    amount bigint NOT NULL CHECK (amount >= 0),
    currency integer NOT NULL,
    execution_date date NOT NULL,
    posted_on date,
    instruction_id text NOT NULL,
    end_to_end_id text NOT NULL,
    transaction_id uuid,
    leg integer NOT NULL DEFAULT 0,
    reason text,
    reason_english text,
    reason_chinese text,
    iso_code text,
    sent bigint REFERENCES clearing_message,
    sealed bytea NOT NULL
);
CREATE INDEX payment_file_line ON payment (file, line) WHERE file IS NOT NULL;
CREATE INDEX payment_debtor ON payment (debtor, number);
CREATE INDEX payment_creditor ON payment (creditor, number) WHERE creditor <> 0;
CREATE INDEX payment_transaction ON payment (transaction_id) WHERE transaction_id IS NOT NULL;
CREATE INDEX payment_accepted ON payment (number) WHERE state = 'accepted';
CREATE INDEX payment_to_send ON payment (currency, number) WHERE state = 'posted' AND creditor = 0 AND sent IS NULL;

-- Payments that wait for a date, or are tried again: at most `attempts_daily` times on each of `days_max` business dates.
CREATE TABLE payment_order (
    payment bigint PRIMARY KEY REFERENCES payment,
    due date NOT NULL,
    attempts_daily integer NOT NULL CHECK (attempts_daily > 0),
    days_max integer NOT NULL CHECK (days_max > 0),
    tried_on date,
    attempts integer NOT NULL DEFAULT 0,
    days_tried integer NOT NULL DEFAULT 0,
    active boolean NOT NULL DEFAULT true
);
CREATE INDEX payment_order_due ON payment_order (due) WHERE active;

-- Money that came from other banks: credits, and payments of ours that came back (`original`). `target` is the account it
-- goes to; `suspended` money lies on the suspense account until a person applies it or sends it back.
CREATE TABLE receipt (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    message bigint NOT NULL REFERENCES clearing_message,
    line integer NOT NULL,
    original bigint REFERENCES payment,
    state text NOT NULL
        CHECK (state IN ('taken', 'credited', 'suspended', 'applying', 'applied', 'returning', 'returned')),
    target integer NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    currency integer NOT NULL,
    their_id text NOT NULL,
    end_to_end_id text NOT NULL,
    transaction_id uuid NOT NULL,
    booked_on date,
    reason text,
    reason_english text,
    reason_chinese text,
    iso_code text,
    returned_in bigint REFERENCES clearing_message,
    sealed bytea NOT NULL,
    UNIQUE (message, line)
);
CREATE INDEX receipt_transaction ON receipt (transaction_id);
CREATE INDEX receipt_original ON receipt (original) WHERE original IS NOT NULL;
CREATE INDEX receipt_suspended ON receipt (number) WHERE state = 'suspended';
CREATE INDEX receipt_to_send ON receipt (currency, number) WHERE state = 'returned' AND returned_in IS NULL;
CREATE INDEX receipt_under_way ON receipt (number) WHERE state IN ('taken', 'applying', 'returning');

-- Lines of messages from other banks that say no amount that could be booked: kept, and told of; no money moved.
CREATE TABLE receipt_unread (
    message bigint NOT NULL REFERENCES clearing_message,
    line integer NOT NULL,
    reason text NOT NULL,
    iso_code text NOT NULL,
    detail text NOT NULL,
    PRIMARY KEY (message, line)
);

-- Standing orders that could not be carried out for want of money are tried again on the next `retry_days` nights: `due`
-- is the date they are tried for, `tries` how often they were. 1970-01-01 and 0: nothing is being tried again.
ALTER TABLE standing_order ADD COLUMN retry_days integer NOT NULL DEFAULT 3 CHECK (retry_days BETWEEN 0 AND 10);
ALTER TABLE standing_order ADD COLUMN due date NOT NULL DEFAULT date '1970-01-01';
ALTER TABLE standing_order ADD COLUMN tries integer NOT NULL DEFAULT 0;
