-- 2: terms of a key that an operator sets
ALTER TABLE api_key ADD COLUMN nonce_window BIGINT NOT NULL DEFAULT 0; -- out of order (C6)
ALTER TABLE api_key ADD COLUMN ends_at_ns BIGINT NOT NULL DEFAULT 0; -- announced end
ALTER TABLE api_key ADD COLUMN ends_reason BIGINT NOT NULL DEFAULT 0; -- enum key_reason
