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
