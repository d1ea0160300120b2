-- 1: the first tables
-- Moments are nanoseconds of the wall clock since 1970; 0 means "not yet".  Enumerations are the
-- numbers of the headers named beside them.  Sealed: XChaCha20-Poly1305, 24 bytes of nonce first.
CREATE TABLE account (
    id BIGINT PRIMARY KEY,              -- from 1001 on; ours, never given twice
    email TEXT NOT NULL UNIQUE,         -- lower case
    kind BIGINT NOT NULL,               -- enum account_kind
    jurisdiction TEXT NOT NULL,         -- ISO 3166-1 alpha-2
    password TEXT NOT NULL,             -- Argon2id, the text form of libsodium
    created_at_ns BIGINT NOT NULL,
    sandbox_order_at_ns BIGINT NOT NULL -- first accepted order in the sandbox (D2)
);
CREATE TABLE account_step (
    account BIGINT NOT NULL REFERENCES account (id),
    step BIGINT NOT NULL,               -- authority/steps.def (A1, A4)
    state BIGINT NOT NULL,              -- enum step_state; no row: missing
    reason TEXT NOT NULL,               -- words of the operator
    decided_at_ns BIGINT NOT NULL,
    PRIMARY KEY (account, step)
);
CREATE TABLE account_flag (
    account BIGINT PRIMARY KEY REFERENCES account (id),
    kind BIGINT NOT NULL,               -- enum flag_kind (A3)
    keys BIGINT NOT NULL,               -- enum flag_keys: what became of the keys
    reason TEXT NOT NULL,
    raised_at_ns BIGINT NOT NULL
);
CREATE TABLE account_totp (
    account BIGINT PRIMARY KEY REFERENCES account (id),
    sealed BYTEA NOT NULL,              -- seed of 20 bytes
    enrolled_at_ns BIGINT NOT NULL,     -- 0: waits for the first code
    last_step BIGINT NOT NULL,          -- time step of the last accepted code (B5)
    failure_count BIGINT NOT NULL,      -- wrong codes in a row
    blocked_until_ns BIGINT NOT NULL    -- no code is looked at before
);
CREATE TABLE api_key (
    id TEXT PRIMARY KEY,                -- the 16 random characters of the key id
    environment BIGINT NOT NULL,        -- enum environment
    account BIGINT NOT NULL REFERENCES account (id),
    label TEXT NOT NULL,                -- as the owner wrote it
    label_folded TEXT NOT NULL,         -- lower case: what must not clash (B7)
    ip_rules TEXT NOT NULL,             -- canonical, sorted, one space between
    ip_rules_sha256 BYTEA NOT NULL,     -- of that text: what must not clash (B7)
    scopes BIGINT NOT NULL,             -- bit n: scope n of keys/scope.def
    scopes_waiting BIGINT NOT NULL,     -- off until the mailed link was followed (C2)
    state BIGINT NOT NULL,              -- enum key_state: 1 active, 2 suspended, ...
    reason BIGINT NOT NULL,             -- enum key_reason: why it is not active
    words TEXT NOT NULL,                -- of whoever decided so
    state_at_ns BIGINT NOT NULL,
    created_at_ns BIGINT NOT NULL,
    cooling_until_ns BIGINT NOT NULL,   -- 0: no trading scope, or sandbox (C3)
    wallets_at_ns BIGINT NOT NULL,      -- first successful call of wallets (D1)
    public_per_s BIGINT NOT NULL,       -- C1
    private_per_s BIGINT NOT NULL,
    secret_sealed BYTEA NOT NULL,       -- B6; key id as associated data
    secret_sha256 BYTEA NOT NULL UNIQUE -- finds the key of a leaked secret (E1)
);
CREATE INDEX api_key_account ON api_key (account, created_at_ns, id);
-- Usable keys (active and suspended) are those up to 2.
CREATE UNIQUE INDEX api_key_label ON api_key (account, label_folded) WHERE state <= 2;
CREATE UNIQUE INDEX api_key_ip_rules ON api_key (account, ip_rules_sha256) WHERE state <= 2;
CREATE TABLE change (
    sequence BIGINT PRIMARY KEY,        -- order of the commits
    id BYTEA NOT NULL UNIQUE,           -- request id of its audit record, 16 bytes
    at_ns BIGINT NOT NULL,
    account BIGINT NOT NULL,            -- 0: none
    api_key TEXT NOT NULL,              -- '': none
    environment BIGINT NOT NULL,        -- of the key
    body TEXT NOT NULL,                 -- JSON: who, what, before, after
    delivered BIGINT NOT NULL           -- 1: it is in the audit log
);
CREATE INDEX change_waiting ON change (sequence) WHERE delivered = 0;
