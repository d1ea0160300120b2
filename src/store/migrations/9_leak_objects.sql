-- 9: the object in which a key was found (E1)
CREATE TABLE leak_object (              -- one per leak: that of its first sighting; gone when it expires
    leak BIGINT PRIMARY KEY REFERENCES leak (id),
    sha256 BYTEA NOT NULL,              -- of its bytes; the leak's evidence has it too
    size BIGINT NOT NULL,               -- of its bytes
    stored_at_ns BIGINT NOT NULL,       -- 0: it was told of and has not come yet
    expires_at_ns BIGINT NOT NULL,
    key_sealed BYTEA NOT NULL,          -- key of the body; "leak object ID" as associated data
    body BYTEA NOT NULL                 -- encrypted with that key
);
CREATE INDEX leak_object_expires ON leak_object (expires_at_ns);
