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
