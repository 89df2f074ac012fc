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
