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
