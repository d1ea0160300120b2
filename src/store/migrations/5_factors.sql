-- 5: passkeys, recovery codes, challenges
-- Wrong guesses are counted for all kinds of codes together, so that guessing one does not help
-- with another.
CREATE TABLE account_factors (
    account BIGINT PRIMARY KEY REFERENCES account (id),
    handle BYTEA NOT NULL,              -- WebAuthn's user handle: random, tells nobody who it is
    guess_count BIGINT NOT NULL,        -- wrong codes in a row
    blocked_until_ns BIGINT NOT NULL    -- no code is looked at before
);
INSERT INTO account_factors (account, handle, guess_count, blocked_until_ns)
    SELECT account, '', failure_count, blocked_until_ns FROM account_totp;
ALTER TABLE account_totp DROP COLUMN failure_count;
ALTER TABLE account_totp DROP COLUMN blocked_until_ns;
CREATE TABLE account_passkey (
    id TEXT PRIMARY KEY,                -- ours: 16 hexadecimal digits, random
    account BIGINT NOT NULL REFERENCES account (id),
    name TEXT NOT NULL,                 -- as the owner calls it
    credential BYTEA NOT NULL UNIQUE,   -- the authenticator's id of it
    algorithm BIGINT NOT NULL,          -- COSE: -7 ES256, -8 EdDSA, -257 RS256
    public_key BYTEA NOT NULL,          -- as libfido2 takes it
    transports TEXT NOT NULL,           -- how a browser reaches it: "internal hybrid"
    counter BIGINT NOT NULL,            -- signatures it has said to have made
    created_at_ns BIGINT NOT NULL,
    last_used_at_ns BIGINT NOT NULL,
    suspicious_at_ns BIGINT NOT NULL    -- its counter did not rise: a copy exists; not used again
);
CREATE INDEX account_passkey_account ON account_passkey (account, created_at_ns, id);
CREATE TABLE account_recovery_code (
    account BIGINT NOT NULL REFERENCES account (id),
    sha256 BYTEA NOT NULL,              -- of 80 random bits, which no dictionary holds
    PRIMARY KEY (account, sha256)
);
CREATE TABLE challenge (
    sha256 BYTEA PRIMARY KEY,           -- of the 32 bytes that the authenticator signs
    account BIGINT NOT NULL REFERENCES account (id),
    session TEXT NOT NULL,              -- the one that asked
    operation BYTEA NOT NULL,           -- SHA-256 of what it confirms
    expires_at_ns BIGINT NOT NULL
);
CREATE INDEX challenge_account ON challenge (account, expires_at_ns);
