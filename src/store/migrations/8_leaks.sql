-- 8: keys that were found in public (E1), and the alerts that told of them
CREATE TABLE alert (                    -- journal: what a hosting service sent, before it is answered
    id BIGINT PRIMARY KEY,
    origin TEXT NOT NULL,               -- name of the origin in the settings
    body_sha256 BYTEA NOT NULL,         -- of the raw body: the same one is kept once
    body BYTEA NOT NULL,                -- encrypted with a key of its own; empty once erased
    key_sealed BYTEA NOT NULL,          -- that key; "alert ID" as associated data; empty once erased
    identifier TEXT NOT NULL,           -- header that named the signing key; '': origin without
    signature TEXT NOT NULL,            -- header over the raw body
    signer TEXT NOT NULL,               -- PEM that verified it
    received_at_ns BIGINT NOT NULL,
    handled_at_ns BIGINT NOT NULL,      -- 0: not yet; done again at the next start
    entries BIGINT NOT NULL,
    hits BIGINT NOT NULL,               -- entries that were keys of ours
    UNIQUE (origin, body_sha256)
);
CREATE INDEX alert_waiting ON alert (id) WHERE handled_at_ns = 0;
CREATE INDEX alert_received ON alert (received_at_ns);
CREATE TABLE leak (                     -- a key's secret, or its id, was found; one row each
    id BIGINT PRIMARY KEY,
    api_key TEXT NOT NULL REFERENCES api_key (id),
    kind BIGINT NOT NULL,               -- enum leak_kind
    reaction BIGINT NOT NULL,           -- enum leak_reaction
    found_at_ns BIGINT NOT NULL,        -- by us
    lifted_at_ns BIGINT NOT NULL,       -- the owner lifted the suspension; 0: not
    sightings BIGINT NOT NULL,          -- all of them, also those whose place is not kept
    evidence TEXT NOT NULL,             -- JSON, never changed
    evidence_sha256 BYTEA NOT NULL,     -- of it; it stands in the change log too
    UNIQUE (api_key, kind)
);
CREATE TABLE leak_place (               -- where it was seen
    leak BIGINT NOT NULL REFERENCES leak (id),
    sha256 BYTEA NOT NULL,              -- of channel, origin and place: the same one is kept once
    channel BIGINT NOT NULL,            -- enum leak_channel
    origin TEXT NOT NULL,
    place TEXT NOT NULL,                -- JSON object of strings and numbers
    excerpt TEXT NOT NULL,              -- what stands around it, masked
    alert BIGINT NOT NULL,              -- alert.id; 0: none
    seen_at_ns BIGINT NOT NULL,         -- by its source; 0: not told
    found_at_ns BIGINT NOT NULL,        -- by us
    PRIMARY KEY (leak, sha256)
);
