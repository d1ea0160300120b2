-- 7: rotation, grants of elevated scopes, lists and searches of a million keys
ALTER TABLE api_key ADD COLUMN replaces TEXT NOT NULL DEFAULT '';        -- key it took over from
ALTER TABLE api_key ADD COLUMN replaced_by TEXT NOT NULL DEFAULT '';     -- its successor
ALTER TABLE api_key ADD COLUMN created_from TEXT NOT NULL DEFAULT '';    -- address; '': unknown
ALTER TABLE api_key ADD COLUMN created_country TEXT NOT NULL DEFAULT ''; -- ISO 3166-1 alpha-2
-- A rotated key lives on for up to seven days beside its successor, which has its label and rules.
DROP INDEX api_key_label;
DROP INDEX api_key_ip_rules;
CREATE UNIQUE INDEX api_key_label ON api_key (account, label_folded)
    WHERE state <= 2 AND replaced_by = '';
CREATE UNIQUE INDEX api_key_ip_rules ON api_key (account, ip_rules_sha256)
    WHERE state <= 2 AND replaced_by = '';
-- Pages of an account's keys, newest first, whatever is filtered; and labels by their beginning.
CREATE INDEX api_key_newest ON api_key (account, environment, state, created_at_ns, id);
CREATE INDEX api_key_label_from ON api_key (account, label_folded, id, environment, state);
-- Counting a million rows takes longer than a page may: store/keys.c keeps the numbers.
CREATE TABLE api_key_count (
    account BIGINT NOT NULL REFERENCES account (id),
    environment BIGINT NOT NULL,        -- enum environment
    state BIGINT NOT NULL,              -- enum key_state
    keys BIGINT NOT NULL,
    PRIMARY KEY (account, environment, state)
);
INSERT INTO api_key_count (account, environment, state, keys)
    SELECT account, environment, state, COUNT(*) FROM api_key GROUP BY account, environment, state;
CREATE TABLE api_key_grant (            -- elevated scopes that an operator granted (D5)
    api_key TEXT NOT NULL REFERENCES api_key (id),
    scope BIGINT NOT NULL,              -- number of keys/scope.def
    granted_at_ns BIGINT NOT NULL,
    ends_at_ns BIGINT NOT NULL,         -- the scope leaves the key then
    review BIGINT NOT NULL,             -- that decided so; 0: none
    PRIMARY KEY (api_key, scope)
);
CREATE INDEX api_key_grant_end ON api_key_grant (ends_at_ns);
