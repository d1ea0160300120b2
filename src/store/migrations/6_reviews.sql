-- 6: documents, reviews, holds of keys, signatories
CREATE TABLE key_hold (                 -- why a usable key is suspended; it may have several
    api_key TEXT NOT NULL REFERENCES api_key (id),
    reason BIGINT NOT NULL,             -- keys/reason.def
    since_ns BIGINT NOT NULL,
    PRIMARY KEY (api_key, reason)
);
INSERT INTO key_hold (api_key, reason, since_ns)
    SELECT id, reason, state_at_ns FROM api_key WHERE state = 2;
CREATE TABLE document (                 -- what an account shows; its bytes lie in DATA/evidence
    id TEXT PRIMARY KEY,                -- 32 hexadecimal digits, and the name of the file
    account BIGINT NOT NULL REFERENCES account (id),
    step BIGINT NOT NULL,               -- authority/steps.def
    kind BIGINT NOT NULL,               -- enum document_kind
    bytes BIGINT NOT NULL,
    name TEXT NOT NULL,                 -- as its owner called it
    at_ns BIGINT NOT NULL,
    review BIGINT NOT NULL              -- that it was submitted to; 0: not yet
);
CREATE INDEX document_account ON document (account, step, at_ns, id);
CREATE INDEX document_review ON document (review, at_ns, id) WHERE review > 0;
CREATE TABLE review (                   -- something that a person has to decide
    id BIGINT PRIMARY KEY,
    kind BIGINT NOT NULL,               -- enum review_kind
    state BIGINT NOT NULL,              -- enum review_state; up to 2: not decided yet
    account BIGINT NOT NULL REFERENCES account (id),
    api_key TEXT NOT NULL,              -- '': about no key
    step BIGINT NOT NULL,               -- authority/steps.def; 0: about no step
    opened_at_ns BIGINT NOT NULL,
    ends_at_ns BIGINT NOT NULL,         -- rejected by itself then; 0: waits for ever
    decided_at_ns BIGINT NOT NULL,
    detail TEXT NOT NULL,               -- JSON: the evidence
    reason TEXT NOT NULL                -- of the decision
);
CREATE INDEX review_open ON review (id) WHERE state <= 2;
CREATE INDEX review_end ON review (ends_at_ns) WHERE state <= 2 AND ends_at_ns > 0;
CREATE INDEX review_account ON review (account, id);
CREATE INDEX review_key ON review (api_key) WHERE state <= 2;
CREATE TABLE review_vote (
    review BIGINT NOT NULL REFERENCES review (id),
    voter TEXT NOT NULL,                -- "operator 1003", "operator uid 0", "signatory 7"
    accepts BIGINT NOT NULL,            -- 1 or 0
    reason TEXT NOT NULL,
    at_ns BIGINT NOT NULL,
    PRIMARY KEY (review, voter)
);
CREATE TABLE signatory (                -- who may act for a corporate account (A4)
    id BIGINT PRIMARY KEY,              -- never given twice: mailed links name it
    account BIGINT NOT NULL REFERENCES account (id),
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    added_at_ns BIGINT NOT NULL,
    removed_at_ns BIGINT NOT NULL       -- 0: listed
);
CREATE INDEX signatory_account ON signatory (account, id) WHERE removed_at_ns = 0;
-- Operators find accounts by the beginning of a name; e-mails have their index.
CREATE INDEX account_name ON account (LOWER(name));
