-- Which migrations this schema has had. The clock is the database's: the row is about the database, not the bank.
CREATE TABLE schema_migration (
    number integer PRIMARY KEY,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
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
-- Products: their versions and lives, and the dated tables of rates.

-- One version of a product, as its file says in canonical form. From publication on only its status moves.
CREATE TABLE product_version (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL,
    number smallint NOT NULL CHECK (number > 0),
    version integer NOT NULL CHECK (version > 0),
    status text NOT NULL CHECK (status IN ('draft', 'checked', 'approved', 'published', 'withdrawn')),
    currency text NOT NULL,
    effective date NOT NULL,
    text text NOT NULL,
    sha256 text NOT NULL CHECK (sha256 = encode(sha256(convert_to(text, 'UTF8')), 'hex')),
    author text NOT NULL,
    approver text,
    drafted_on date NOT NULL,
    approved_on date,
    published_on date,
    withdrawn_on date,
    UNIQUE (code, version),
    CONSTRAINT product_version_two_persons CHECK (approver <> author),
    CONSTRAINT product_version_approved CHECK (status IN ('draft', 'checked') OR approver IS NOT NULL)
);

-- Keeps what was published as it was: whoever may write the table cannot change a published version by mistake.
CREATE FUNCTION product_version_keep() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status NOT IN ('published', 'withdrawn') THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - 'status' - 'withdrawn_on') <> (to_jsonb(OLD) - 'status' - 'withdrawn_on')
       OR NOT (NEW.status = OLD.status OR (OLD.status = 'published' AND NEW.status = 'withdrawn')) THEN
        RAISE EXCEPTION 'A published version of a product never changes: %/%.', OLD.code, OLD.version;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER product_version_keep BEFORE UPDATE OR DELETE ON product_version
    FOR EACH ROW EXECUTE FUNCTION product_version_keep();

-- Each step of a version's life: who took it, and on which business date.
CREATE TABLE product_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version_id integer NOT NULL REFERENCES product_version (id),
    status text NOT NULL CHECK (status IN ('draft', 'checked', 'approved', 'published', 'withdrawn')),
    actor text NOT NULL,
    business_date date NOT NULL,
    sha256 text NOT NULL
);
CREATE INDEX product_event_version ON product_event (version_id, id);

-- The rate of a table from a day on, in units of 1e-8 a year; never changed: a correction is another row.
CREATE TABLE rate_entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_code text NOT NULL,
    effective date NOT NULL,
    recorded date NOT NULL,
    rate bigint NOT NULL,
    author text NOT NULL
);
CREATE INDEX rate_entry_table ON rate_entry (table_code, effective, id);
-- Deposit contracts, what happened to them, and the accounts interest and fees meet.

-- What is agreed in each contract. No column is ever null, so that the whole table is read as arrays: 0 stands for none,
-- and so does the date 1970-01-01. Read it through the view `deposit`.
CREATE TABLE contract (
    contract bigint PRIMARY KEY CHECK (contract > 0),
    account integer NOT NULL,
    linked integer NOT NULL,
    version integer NOT NULL,
    opened date NOT NULL,
    start date NOT NULL,
    maturity date NOT NULL,
    months integer NOT NULL,
    days integer NOT NULL,
    day_of_month integer NOT NULL,
    branch integer NOT NULL,
    region integer NOT NULL,
    tier integer NOT NULL,
    flags integer NOT NULL,
    closed date NOT NULL,
    rate bigint NOT NULL,
    spread bigint NOT NULL,
    principal bigint NOT NULL,
    kept bigint NOT NULL DEFAULT 0,
    missed integer NOT NULL DEFAULT 0
);
CREATE INDEX contract_account ON contract (account);

-- Who holds a contract: a reference to a party.
CREATE TABLE contract_holder (
    contract bigint PRIMARY KEY,
    holder text NOT NULL
);
CREATE INDEX contract_holder_holder ON contract_holder (holder);

-- The interest accrued by each contract, 64 contracts a row: contract c is element c % 64 + 1 of page c / 64. A place
-- settled on 1970-01-01 is of a contract that has accrued nothing yet, from its start.
CREATE TABLE accrual_page (
    page integer PRIMARY KEY,
    through date[] NOT NULL,
    settled date[] NOT NULL,
    active date[] NOT NULL,
    whole bigint[] NOT NULL,
    remainder bigint[] NOT NULL
) WITH (fillfactor = 70, toast_tuple_target = 8160);

-- Everything asked of contracts and what became of it; the id is also that of the transaction in the journal.
CREATE TABLE contract_event (
    id uuid PRIMARY KEY,
    contract bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('open', 'open_many', 'amend', 'transfer', 'notice', 'notice_cancel',
                                       'deposit', 'withdraw', 'close', 'order', 'order_stop')),
    business_date date NOT NULL,
    state text NOT NULL CHECK (state IN ('begun', 'done', 'abandoned')),
    body jsonb NOT NULL
);
CREATE INDEX contract_event_contract ON contract_event (contract, business_date);
CREATE INDEX contract_event_begun ON contract_event (id) WHERE state = 'begun';

-- The bank's own accounts that contracts of a product meet: interest payable, interest expense, fees, tax.
CREATE TABLE pool_account (
    gl_code integer NOT NULL,
    currency smallint NOT NULL,
    product integer NOT NULL,
    account integer NOT NULL UNIQUE,
    PRIMARY KEY (gl_code, currency, product)
);

-- Notices of withdrawals; the id is that of the event that gave it.
CREATE TABLE notice (
    id uuid PRIMARY KEY,
    contract bigint NOT NULL,
    given_on date NOT NULL,
    due_on date NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    state text NOT NULL CHECK (state IN ('given', 'drawn', 'cancelled'))
);
CREATE INDEX notice_contract ON notice (contract, due_on);

-- Payments a customer wants made every month, on a day of it or on its last where it is shorter.
CREATE TABLE standing_order (
    id uuid PRIMARY KEY,
    from_account integer NOT NULL,
    to_account integer NOT NULL CHECK (to_account <> from_account),
    amount bigint NOT NULL CHECK (amount > 0),
    day_of_month integer NOT NULL CHECK (day_of_month BETWEEN 1 AND 31),
    first date NOT NULL,
    last date NOT NULL,
    last_run date NOT NULL,
    active boolean NOT NULL
);
CREATE INDEX standing_order_active ON standing_order (day_of_month) WHERE active;
CREATE INDEX standing_order_from ON standing_order (from_account) WHERE active;

-- Short arrays of numbers gain nothing from compression or a place outside the row.
DO $$
DECLARE
    c record;
BEGIN
    FOR c IN SELECT attrelid::regclass AS name, attname FROM pg_attribute
             WHERE attrelid = 'accrual_page'::regclass AND attndims > 0 LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STORAGE PLAIN', c.name, c.attname);
    END LOOP;
END
$$;

-- Contracts as a person reads them; rates in parts of 1e-8 a year, amounts in minor units.
CREATE VIEW deposit AS
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

-- Loans, what of them has fallen due, and what happened to them.

-- Loans as they were when last written, 16 a row: loan n is element n % 16 + 1 of page n / 16; a place agreed on
-- 1970-01-01 is of no loan. 0 stands for none, and so does that date. Interest accrued since the day `through` is not in
-- the row: it follows from it. Read it through the view `lending`.
CREATE TABLE loan_page (
    page integer PRIMARY KEY,
    undue bigint[] NOT NULL,
    whole bigint[] NOT NULL,
    remainder bigint[] NOT NULL,
    rate bigint[] NOT NULL,
    penalty_whole bigint[] NOT NULL,
    penalty_remainder bigint[] NOT NULL,
    compound_whole bigint[] NOT NULL,
    compound_remainder bigint[] NOT NULL,
    through date[] NOT NULL,
    since date[] NOT NULL,
    next_due date[] NOT NULL,
    flags integer[] NOT NULL,
    version integer[] NOT NULL,
    penalty bigint[] NOT NULL,
    compound bigint[] NOT NULL,
    fee bigint[] NOT NULL,
    payment bigint[] NOT NULL,
    base bigint[] NOT NULL,
    "limit" bigint[] NOT NULL,
    lent bigint[] NOT NULL,
    margin bigint[] NOT NULL,
    allowance bigint[] NOT NULL,
    account integer[] NOT NULL,
    receivable integer[] NOT NULL,
    linked integer[] NOT NULL,
    agreed date[] NOT NULL,
    start date[] NOT NULL,
    maturity date[] NOT NULL,
    months integer[] NOT NULL,
    drawings integer[] NOT NULL,
    number integer[] NOT NULL,
    next_reset date[] NOT NULL,
    overdue_since date[] NOT NULL,
    grade integer[] NOT NULL,
    stage integer[] NOT NULL,
    branch integer[] NOT NULL,
    region integer[] NOT NULL,
    closed date[] NOT NULL,
    arranged date[] NOT NULL,
    arrangements integer[] NOT NULL,
    extended integer[] NOT NULL,
    written_off bigint[] NOT NULL
) WITH (fillfactor = 50, toast_tuple_target = 8160);

-- Short arrays of numbers gain nothing from compression or a place outside the row.
DO $$
DECLARE
    c record;
BEGIN
    FOR c IN SELECT attrelid::regclass AS name, attname FROM pg_attribute
             WHERE attrelid = 'loan_page'::regclass AND attndims > 0 LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STORAGE PLAIN', c.name, c.attname);
    END LOOP;
END
$$;

CREATE VIEW loan AS
SELECT (p.page * 16 + l.place - 1)::bigint AS loan,
       l.undue, l.whole, l.remainder, l.rate, l.penalty_whole, l.penalty_remainder, l.compound_whole,
       l.compound_remainder, l.through, l.since, l.next_due, l.flags, l.version, l.penalty, l.compound, l.fee,
       l.payment, l.base, l."limit", l.lent, l.margin, l.allowance, l.account, l.receivable, l.linked,
       l.agreed, l.start, l.maturity, l.months, l.drawings, l.number, l.next_reset, l.overdue_since, l.grade,
       l.stage, l.branch, l.region, l.closed, l.arranged, l.arrangements, l.extended, l.written_off
FROM loan_page p
CROSS JOIN LATERAL unnest(
    p.undue, p.whole, p.remainder, p.rate, p.penalty_whole, p.penalty_remainder, p.compound_whole,
    p.compound_remainder, p.through, p.since, p.next_due, p.flags, p.version, p.penalty, p.compound, p.fee,
    p.payment, p.base, p."limit", p.lent, p.margin, p.allowance, p.account, p.receivable, p.linked, p.agreed,
    p.start, p.maturity, p.months, p.drawings, p.number, p.next_reset, p.overdue_since, p.grade, p.stage,
    p.branch, p.region, p.closed, p.arranged, p.arrangements, p.extended, p.written_off
) WITH ORDINALITY AS l (
    undue, whole, remainder, rate, penalty_whole, penalty_remainder, compound_whole, compound_remainder, through,
    since, next_due, flags, version, penalty, compound, fee, payment, base, "limit", lent, margin, allowance,
    account, receivable, linked, agreed, start, maturity, months, drawings, number, next_reset, overdue_since,
    grade, stage, branch, region, closed, arranged, arrangements, extended, written_off, place
)
WHERE l.agreed <> date '1970-01-01';

-- Instalments that have fallen due, with what is left of each to pay.
CREATE TABLE loan_item (
    loan bigint NOT NULL,
    number integer NOT NULL,
    due date NOT NULL,
    principal bigint NOT NULL,
    interest bigint NOT NULL,
    principal_left bigint NOT NULL,
    interest_left bigint NOT NULL,
    paid date NOT NULL,
    PRIMARY KEY (loan, number)
);
CREATE INDEX loan_item_open ON loan_item (loan) WHERE paid = date '1970-01-01';

-- What cards have beside a loan: the last statement, and what was bought and drawn since. 0 stands for none, and so does
-- 1970-01-01. Interest since the day the loan's interest has accrued to is not in the row: it follows from it.
CREATE TABLE card (
    loan bigint NOT NULL PRIMARY KEY,
    bought bigint NOT NULL,
    bought_whole bigint NOT NULL,
    bought_remainder bigint NOT NULL,
    advanced bigint NOT NULL,
    billed bigint NOT NULL,
    billed_whole bigint NOT NULL,
    billed_remainder bigint NOT NULL,
    planned bigint NOT NULL,
    fees bigint NOT NULL,
    charged bigint NOT NULL,
    "left" bigint NOT NULL,
    balance bigint NOT NULL,
    minimum bigint NOT NULL,
    interest bigint NOT NULL,
    fee bigint NOT NULL,
    number integer NOT NULL,
    closed date NOT NULL,
    due date NOT NULL,
    paid date NOT NULL,
    plan_amount bigint[] NOT NULL,
    plan_count integer[] NOT NULL,
    plan_done integer[] NOT NULL
);

-- The statements of cards; "left" is what is not paid of one, or was not when the next took its place. What is left of
-- its minimum is the loan_item of the same number.
CREATE TABLE card_statement (
    loan bigint NOT NULL,
    number integer NOT NULL,
    closed date NOT NULL,
    due date NOT NULL,
    balance bigint NOT NULL,
    minimum bigint NOT NULL,
    interest bigint NOT NULL,
    fee bigint NOT NULL,
    "left" bigint NOT NULL,
    paid date NOT NULL,
    PRIMARY KEY (loan, number)
);

-- What accounts owe for having been overdrawn: interest of the running period as at the end of the last night, in minor
-- units and parts of a minor unit, and what was settled and is not taken yet, or is to be given back.
CREATE TABLE overdraft (
    contract bigint PRIMARY KEY,
    whole bigint NOT NULL,
    remainder bigint NOT NULL,
    owed bigint NOT NULL
);

-- What the nights took for loans that were due: the money, whatever it paid then.
CREATE TABLE loan_collection (
    loan bigint NOT NULL,
    day date NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    PRIMARY KEY (loan, day)
);

-- Who owes a loan: a reference to a party. What it is for, and the references of collateral and guarantors.
CREATE TABLE loan_agreement (
    loan bigint PRIMARY KEY,
    borrower text NOT NULL,
    purpose text NOT NULL,
    collateral jsonb NOT NULL,
    guarantors jsonb NOT NULL
);
CREATE INDEX loan_agreement_borrower ON loan_agreement (borrower);

-- Everything asked of loans and what became of it; the id is also that of the transaction in the journal.
CREATE TABLE loan_event (
    id uuid PRIMARY KEY,
    loan bigint NOT NULL,
    kind text NOT NULL,
    business_date date NOT NULL,
    value_date date NOT NULL,
    state text NOT NULL CHECK (state IN ('begun', 'done', 'abandoned')),
    body jsonb NOT NULL
);
CREATE INDEX loan_event_loan ON loan_event (loan, value_date);
CREATE INDEX loan_event_begun ON loan_event (id) WHERE state = 'begun';

-- Loans as a person reads them; rates in parts of 1e-8 a year, amounts in minor units.
CREATE VIEW lending AS
SELECT l.loan, l.version, a.borrower, a.purpose, l."limit", l.lent, l.undue, l.rate, l.payment, l.agreed,
       nullif(l.start, date '1970-01-01') AS start, nullif(l.maturity, date '1970-01-01') AS maturity,
       nullif(l.next_due, date '1970-01-01') AS next_due, l.months, l.number AS instalments_due,
       nullif(l.overdue_since, date '1970-01-01') AS overdue_since, l.grade, l.stage, l.allowance, l.written_off,
       l.penalty, l.compound, l.fee, l.account, l.receivable, nullif(l.linked, 0) AS linked,
       (l.flags & 1) <> 0 AS open,
       (l.flags & 4) <> 0 AS revolving,
       (l.flags & 8) <> 0 AS blocked,
       (l.flags & 16) <> 0 AS non_accrual,
       nullif(l.closed, date '1970-01-01') AS closed
FROM loan l
LEFT JOIN loan_agreement a ON a.loan = l.loan;
