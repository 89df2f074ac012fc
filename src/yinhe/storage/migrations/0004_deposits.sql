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
    principal bigint NOT NULL
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
    kind text NOT NULL CHECK (kind IN ('open', 'open_many', 'amend', 'transfer', 'notice', 'deposit', 'withdraw',
                                       'close', 'order')),
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
       nullif(c.rate, -9223372036854775808) AS rate, c.spread, c.principal
FROM contract c
LEFT JOIN contract_holder h ON h.contract = c.contract;
