-- 3: sign-up, sessions, throttling of logins
ALTER TABLE account ADD COLUMN name TEXT NOT NULL DEFAULT '';  -- of the person or corporation
ALTER TABLE account ADD COLUMN role BIGINT NOT NULL DEFAULT 1; -- enum account_role
-- When the owner has shown that the mailbox is theirs; 0: an operator opened the account.
ALTER TABLE account ADD COLUMN email_confirmed_at_ns BIGINT NOT NULL DEFAULT 0;
-- An account begins when the mailed link is followed; until then it is only asked for, and asking
-- again is another row with another password, so nobody can slip theirs into somebody's sign-up.
CREATE TABLE signup (
    id BIGINT PRIMARY KEY,              -- random: never given twice
    email TEXT NOT NULL,                -- lower case
    kind BIGINT NOT NULL,               -- enum account_kind
    jurisdiction TEXT NOT NULL,
    name TEXT NOT NULL,
    password TEXT NOT NULL,             -- Argon2id
    address TEXT NOT NULL,              -- of whoever asked
    made_at_ns BIGINT NOT NULL
);
CREATE INDEX signup_email ON signup (email, made_at_ns);
CREATE INDEX signup_age ON signup (made_at_ns);
CREATE TABLE session (
    id TEXT PRIMARY KEY,                -- names it in lists; opens nothing
    token_sha256 BYTEA NOT NULL UNIQUE, -- of the cookie, which only the browser has
    account BIGINT NOT NULL REFERENCES account (id),
    level BIGINT NOT NULL,              -- enum session_level (B1)
    made_at_ns BIGINT NOT NULL,
    used_at_ns BIGINT NOT NULL,         -- within a minute
    address TEXT NOT NULL,              -- of the login
    country TEXT NOT NULL,              -- ISO 3166-1 alpha-2; '': not known
    agent TEXT NOT NULL                 -- what the browser called itself
);
CREATE INDEX session_account ON session (account, made_at_ns);
CREATE INDEX session_age ON session (made_at_ns);
CREATE TABLE known_device (
    token_sha256 BYTEA NOT NULL,        -- of a cookie that outlives sessions
    account BIGINT NOT NULL REFERENCES account (id),
    made_at_ns BIGINT NOT NULL,
    PRIMARY KEY (token_sha256, account)
);
CREATE INDEX known_device_account ON known_device (account, made_at_ns);
CREATE TABLE throttle (
    subject BYTEA PRIMARY KEY,          -- SHA-256 of what is counted (authority/throttle.h)
    failure_count BIGINT NOT NULL,      -- since the last success or the last quiet day
    last_at_ns BIGINT NOT NULL,
    blocked_until_ns BIGINT NOT NULL
);
CREATE INDEX throttle_age ON throttle (last_at_ns);
