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

-- Payments a customer wants made every month, on a day of it or on its last where it is shorter. Those that could not be
-- carried out for want of money are tried again on the next `retry_days` nights: `due` is the date they are tried for,
-- `tries` how often they were. 1970-01-01 and 0: nothing is being tried again.
CREATE TABLE standing_order (
    id uuid PRIMARY KEY,
    from_account integer NOT NULL,
    to_account integer NOT NULL CHECK (to_account <> from_account),
    amount bigint NOT NULL CHECK (amount > 0),
    day_of_month integer NOT NULL CHECK (day_of_month BETWEEN 1 AND 31),
    first date NOT NULL,
    last date NOT NULL,
    last_run date NOT NULL,
    active boolean NOT NULL,
    retry_days integer NOT NULL DEFAULT 3 CHECK (retry_days BETWEEN 0 AND 10),
    due date NOT NULL DEFAULT date '1970-01-01',
    tries integer NOT NULL DEFAULT 0
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
-- Who may do what, and how they prove who they are. Secrets stand here only hashed or sealed.

-- Users and clients: whoever may be granted anything. `scope` narrows what the roles reach.
CREATE TABLE access_principal (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('user', 'client')),
    name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9.-]{1,39}$'),
    enabled boolean NOT NULL DEFAULT true,
    scope jsonb NOT NULL,
    made_at timestamptz NOT NULL,
    UNIQUE (kind, name)
);

-- Named sets of permissions. `limits` by currency, '*' for every other one; a currency that is not there: nothing.
CREATE TABLE access_role (
    name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9.-]{1,39}$'),
    english text NOT NULL,
    chinese text NOT NULL,
    permissions text[] NOT NULL,
    limits jsonb NOT NULL,
    scope jsonb NOT NULL
);

CREATE TABLE access_grant (
    principal bigint NOT NULL REFERENCES access_principal,
    role text NOT NULL REFERENCES access_role,
    PRIMARY KEY (principal, role)
);
CREATE INDEX access_grant_role ON access_grant (role);

-- Counts changes of who may do what: one row, locked by whoever changes something, so that generations stand in the
-- order of commits. `access_change` has the newest change of each principal; 0 is everyone.
CREATE TABLE access_state (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    generation bigint NOT NULL
);
INSERT INTO access_state (generation) VALUES (0);
CREATE TABLE access_change (
    principal bigint PRIMARY KEY,
    generation bigint NOT NULL
);
CREATE INDEX access_change_generation ON access_change (generation);

-- Which commands need a second person. `thresholds` by currency in minor units; null: always.
CREATE TABLE approval_rule (
    pattern text PRIMARY KEY CHECK (pattern ~ '^([a-z][a-z0-9_-]*[.]([a-z][a-z0-9_-]*|[*])|[*])$'),
    kinds text[] NOT NULL CHECK (kinds <@ ARRAY['user', 'client'] AND kinds <> '{}'),
    thresholds jsonb
);

-- Commands that wait, or waited, for a second person; command and effect are sealed.
CREATE TABLE approval (
    id uuid PRIMARY KEY,
    action text NOT NULL,
    maker bigint NOT NULL REFERENCES access_principal,
    permission text NOT NULL,
    rule text NOT NULL,
    amount_minor bigint,
    currency text,
    command bytea NOT NULL,
    effect bytea NOT NULL,
    why text NOT NULL,
    state text NOT NULL
        CHECK (state IN ('waiting', 'approved', 'done', 'failed', 'turned_down', 'expired', 'withdrawn')),
    put_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    decider bigint REFERENCES access_principal CHECK (decider <> maker),
    decided_at timestamptz,
    decision_why text,
    finished_at timestamptz,
    result text
);
CREATE INDEX approval_open ON approval (id) WHERE state IN ('waiting', 'approved');
CREATE INDEX approval_maker ON approval (maker, id);

-- Break-glass: who took every permission, why, until when, and who looked at it afterwards.
CREATE TABLE access_emergency (
    id uuid PRIMARY KEY,
    principal bigint NOT NULL REFERENCES access_principal,
    why text NOT NULL,
    opened_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at <= opened_at + interval '60 minutes'),
    reviewer bigint REFERENCES access_principal CHECK (reviewer <> principal),
    reviewed_at timestamptz,
    finding text
);
CREATE INDEX access_emergency_principal ON access_emergency (principal, ends_at);
CREATE INDEX access_emergency_unreviewed ON access_emergency (opened_at) WHERE reviewed_at IS NULL;

-- What users prove themselves with. `totp_step` is the last time step whose code was used.
CREATE TABLE identity_user (
    principal bigint PRIMARY KEY REFERENCES access_principal,
    password_hash text NOT NULL,
    password_set_at timestamptz NOT NULL,
    one_time_until timestamptz,
    totp_secret bytea,
    totp_confirmed boolean NOT NULL DEFAULT false,
    totp_step bigint NOT NULL DEFAULT 0,
    last_opened_at timestamptz
);

CREATE TABLE identity_recovery_code (
    principal bigint NOT NULL REFERENCES identity_user,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    used_at timestamptz,
    PRIMARY KEY (principal, hash)
);

-- What clients prove themselves with. `certificate` is the SHA-256 thumbprint its tokens are bound to, '' for none.
CREATE TABLE identity_client (
    principal bigint PRIMARY KEY REFERENCES access_principal,
    channel text NOT NULL,
    certificate text NOT NULL
);

CREATE TABLE identity_client_secret (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    principal bigint NOT NULL REFERENCES identity_client,
    made_at timestamptz NOT NULL,
    ends_at timestamptz
);
CREATE INDEX identity_client_secret_principal ON identity_client_secret (principal);

-- Log-ins. A session ends when it is idle, when its time is up, or when someone ends it.
CREATE TABLE identity_session (
    id uuid PRIMARY KEY,
    principal bigint NOT NULL REFERENCES identity_user,
    address text NOT NULL,
    channel text NOT NULL,
    second_factor boolean NOT NULL,
    opened_at timestamptz NOT NULL,
    used_at timestamptz NOT NULL,
    idle_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_why text
);
CREATE INDEX identity_session_principal ON identity_session (principal, opened_at);

-- Refresh tokens, hashed; each is used once, and one that comes again ends its session.
CREATE TABLE identity_refresh (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    session uuid NOT NULL REFERENCES identity_session,
    used boolean NOT NULL DEFAULT false
);
CREATE INDEX identity_refresh_session ON identity_refresh (session);

-- Keys that sign tokens, private halves sealed. The newest signs; an older one is published while its tokens live.
CREATE TABLE identity_key (
    kid text PRIMARY KEY,
    private_key bytea NOT NULL,
    public_key jsonb NOT NULL,
    made_at timestamptz NOT NULL,
    gone_at timestamptz
);

-- Failures to prove oneself, by name and by address, and until when the next try waits.
CREATE TABLE identity_failure (
    what text PRIMARY KEY,
    failures integer NOT NULL,
    turned_away integer NOT NULL DEFAULT 0,
    last_at timestamptz NOT NULL,
    locked_until timestamptz NOT NULL
);
CREATE INDEX identity_failure_last ON identity_failure (last_at);

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

-- Addresses to which events are sent.

-- One row an address. Its events are those after (seq, number, part); `pending_*` is what is on its way: it is sent again as
-- it was until it is delivered or given up. Secrets are sealed by the vault. `retired` is the secret before the present
-- one, with which is signed too until `retired_until`.
CREATE TABLE webhook (
    webhook bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
    url text NOT NULL,
    secret bytea NOT NULL,
    retired bytea,
    retired_until timestamptz,
    types text[] NOT NULL,
    object text,
    parties bigint[],
    branches integer[],
    batch_max integer NOT NULL CHECK (batch_max > 0),
    on_dead text NOT NULL CHECK (on_dead IN ('go_on', 'pause')),
    state text NOT NULL CHECK (state IN ('active', 'paused', 'removed')),
    why text NOT NULL DEFAULT '',
    seq bigint NOT NULL,
    number bigint NOT NULL,
    part integer NOT NULL,
    pending_id text,
    pending_body text,
    pending_events integer NOT NULL DEFAULT 0,
    pending_seq bigint NOT NULL DEFAULT 0,
    pending_number bigint NOT NULL DEFAULT 0,
    pending_part integer NOT NULL DEFAULT 0,
    pending_since timestamptz,
    failures integer NOT NULL DEFAULT 0,
    next_at timestamptz,
    delivered bigint NOT NULL DEFAULT 0,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    pending_reach text
);

-- What was given up after the last attempt, as it was sent; kept until it is sent once more.
CREATE TABLE webhook_dead (
    dead bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY,
    webhook bigint NOT NULL REFERENCES webhook,
    id text NOT NULL,
    body text NOT NULL,
    events integer NOT NULL,
    attempts integer NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    resend boolean NOT NULL DEFAULT false,
    resent_at timestamptz,
    reach text
);
CREATE INDEX webhook_dead_resend ON webhook_dead (dead) WHERE resend;
CREATE INDEX webhook_dead_webhook ON webhook_dead (webhook, dead);
-- What accounts are worth to the bank, and open holds by the account they hold money on.

-- Interest, fees, tax and losses booked on each account, by month of the value date (its first day) and transfer code;
-- kept up from the journal. Of a loan everything stands on the account of its principal, seen from the loan: what is
-- paid is a credit. Which codes there are and what they count as is told by yinhe.overview.worth.
CREATE TABLE account_value (
    account integer NOT NULL,
    month date NOT NULL,
    code smallint NOT NULL,
    debit_sum bigint NOT NULL,
    credit_sum bigint NOT NULL,
    PRIMARY KEY (account, month, code)
);

-- Up to which seq of the journal account_value is complete: one row, changed in the transaction of what it tells of.
CREATE TABLE account_value_head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    seq bigint NOT NULL
);
INSERT INTO account_value_head (seq) VALUES (0);

CREATE INDEX hold_debit ON hold (debit);
-- What commands that are no transfers of the day moved, by whoever asked: their limit of a day counts it with the rest.

CREATE TABLE moved (
    id uuid NOT NULL,
    currency smallint NOT NULL,
    actor text NOT NULL,
    business_date date NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    PRIMARY KEY (id, currency)
);
CREATE INDEX moved_date ON moved (business_date);
