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
