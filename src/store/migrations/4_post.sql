-- 4: mail, links, events, webhooks
CREATE TABLE link (
    token_sha256 BYTEA PRIMARY KEY,     -- the token itself is in the mail only
    purpose BIGINT NOT NULL,            -- enum link_purpose
    account BIGINT NOT NULL,            -- 0: of a sign-up, which becomes one
    api_key TEXT NOT NULL,              -- '': about no key
    subject BIGINT NOT NULL,            -- whom it was mailed to, if not the account's owner; signup.id
    made_at_ns BIGINT NOT NULL,
    expires_at_ns BIGINT NOT NULL,
    used_at_ns BIGINT NOT NULL          -- 0: not yet; a sibling's use counts too
);
CREATE INDEX link_about ON link (account, purpose, api_key, subject);
CREATE INDEX link_expiry ON link (expires_at_ns);
CREATE TABLE event (
    id BIGINT PRIMARY KEY,              -- order of the commits
    account BIGINT NOT NULL REFERENCES account (id),
    api_key TEXT NOT NULL,              -- '': about no key
    kind BIGINT NOT NULL,               -- authority/event.def
    at_ns BIGINT NOT NULL,
    address TEXT NOT NULL,              -- of whoever caused it; '': nobody's request
    data TEXT NOT NULL                  -- JSON object
);
CREATE INDEX event_account ON event (account, id);
CREATE TABLE notice_read (
    account BIGINT PRIMARY KEY REFERENCES account (id),
    up_to BIGINT NOT NULL               -- event.id: the owner has seen this one and those before
);
CREATE TABLE mail (
    id BIGINT PRIMARY KEY,
    account BIGINT NOT NULL,            -- 0: nobody's
    recipient TEXT NOT NULL,
    template BIGINT NOT NULL,           -- authority/template.def
    sealed BYTEA NOT NULL,              -- subject, line feed, text; empty once it needs no sending
    state BIGINT NOT NULL,              -- enum delivery_state
    attempt_count BIGINT NOT NULL,
    made_at_ns BIGINT NOT NULL,
    due_at_ns BIGINT NOT NULL,          -- next attempt
    done_at_ns BIGINT NOT NULL,         -- sent or given up
    problem TEXT NOT NULL               -- of the last attempt
);
CREATE INDEX mail_due ON mail (due_at_ns) WHERE state = 1;
CREATE INDEX mail_done ON mail (done_at_ns) WHERE state > 2;
CREATE TABLE webhook (
    id BIGINT PRIMARY KEY,
    account BIGINT NOT NULL REFERENCES account (id),
    url TEXT NOT NULL,
    events TEXT NOT NULL,               -- words of authority/event.def with a space between; '': all
    secret_sealed BYTEA NOT NULL,       -- 32 bytes; "webhook ID" as associated data
    state BIGINT NOT NULL,              -- enum webhook_state
    made_at_ns BIGINT NOT NULL,
    failing_since_ns BIGINT NOT NULL    -- first failure after the last success; 0: none
);
CREATE INDEX webhook_account ON webhook (account, id);
CREATE TABLE webhook_delivery (
    id BIGINT PRIMARY KEY,
    webhook BIGINT NOT NULL REFERENCES webhook (id),
    event BIGINT NOT NULL REFERENCES event (id),
    state BIGINT NOT NULL,              -- enum delivery_state
    attempt_count BIGINT NOT NULL,
    made_at_ns BIGINT NOT NULL,
    due_at_ns BIGINT NOT NULL,          -- next attempt
    done_at_ns BIGINT NOT NULL,         -- delivered or given up
    status BIGINT NOT NULL,             -- HTTP status of the last attempt; 0: none came
    problem TEXT NOT NULL               -- of the last attempt
);
CREATE INDEX webhook_delivery_webhook ON webhook_delivery (webhook, id);
CREATE INDEX webhook_delivery_due ON webhook_delivery (due_at_ns) WHERE state = 1;
CREATE INDEX webhook_delivery_under_way ON webhook_delivery (webhook) WHERE state = 2;
CREATE INDEX webhook_delivery_done ON webhook_delivery (done_at_ns) WHERE state > 2;
CREATE TABLE key_warning (
    api_key TEXT PRIMARY KEY REFERENCES api_key (id),
    ends_at_ns BIGINT NOT NULL,         -- the end that was warned of; another end starts anew
    days BIGINT NOT NULL                -- the last warning: 14, 7, 3 or 1 days before
);
CREATE INDEX api_key_end ON api_key (ends_at_ns, id) WHERE state <= 2 AND ends_at_ns > 0;
