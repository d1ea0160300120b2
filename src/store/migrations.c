#include "store/migrations.h"

#include <stdio.h>

#include "base/log.h"

/* Moments are nanoseconds of the wall clock since 1970; 0 means "not yet". Enumerations are the
 * numbers of the headers named beside them. Sealed: XChaCha20-Poly1305, 24 bytes of nonce first. */
static const char *const migrations[] = {
    /* 1: the first tables */
    "CREATE TABLE account (\n"
    "    id BIGINT PRIMARY KEY,              -- from 1001 on; ours, never given twice\n"
    "    email TEXT NOT NULL UNIQUE,         -- lower case\n"
    "    kind BIGINT NOT NULL,               -- enum account_kind\n"
    "    jurisdiction TEXT NOT NULL,         -- ISO 3166-1 alpha-2\n"
    "    password TEXT NOT NULL,             -- Argon2id, the text form of libsodium\n"
    "    created_at_ns BIGINT NOT NULL,\n"
    "    sandbox_order_at_ns BIGINT NOT NULL -- first accepted order in the sandbox (D2)\n"
    ");\n"
    "CREATE TABLE account_step (\n"
    "    account BIGINT NOT NULL REFERENCES account (id),\n"
    "    step BIGINT NOT NULL,               -- authority/steps.def (A1, A4)\n"
    "    state BIGINT NOT NULL,              -- enum step_state; no row: missing\n"
    "    reason TEXT NOT NULL,               -- words of the operator\n"
    "    decided_at_ns BIGINT NOT NULL,\n"
    "    PRIMARY KEY (account, step)\n"
    ");\n"
    "CREATE TABLE account_flag (\n"
    "    account BIGINT PRIMARY KEY REFERENCES account (id),\n"
    "    kind BIGINT NOT NULL,               -- enum flag_kind (A3)\n"
    "    keys BIGINT NOT NULL,               -- enum flag_keys: what became of the keys\n"
    "    reason TEXT NOT NULL,\n"
    "    raised_at_ns BIGINT NOT NULL\n"
    ");\n"
    "CREATE TABLE account_totp (\n"
    "    account BIGINT PRIMARY KEY REFERENCES account (id),\n"
    "    sealed BYTEA NOT NULL,              -- seed of 20 bytes\n"
    "    enrolled_at_ns BIGINT NOT NULL,     -- 0: waits for the first code\n"
    "    last_step BIGINT NOT NULL,          -- time step of the last accepted code (B5)\n"
    "    failure_count BIGINT NOT NULL,      -- wrong codes in a row\n"
    "    blocked_until_ns BIGINT NOT NULL    -- no code is looked at before\n"
    ");\n"
    "CREATE TABLE api_key (\n"
    "    id TEXT PRIMARY KEY,                -- the 16 random characters of the key id\n"
    "    environment BIGINT NOT NULL,        -- enum environment\n"
    "    account BIGINT NOT NULL REFERENCES account (id),\n"
    "    label TEXT NOT NULL,                -- as the owner wrote it\n"
    "    label_folded TEXT NOT NULL,         -- lower case: what must not clash (B7)\n"
    "    ip_rules TEXT NOT NULL,             -- canonical, sorted, one space between\n"
    "    ip_rules_sha256 BYTEA NOT NULL,     -- of that text: what must not clash (B7)\n"
    "    scopes BIGINT NOT NULL,             -- bit n: scope n of keys/scope.def\n"
    "    scopes_waiting BIGINT NOT NULL,     -- off until the mailed link was followed (C2)\n"
    "    state BIGINT NOT NULL,              -- enum key_state: 1 active, 2 suspended, ...\n"
    "    reason BIGINT NOT NULL,             -- enum key_reason: why it is not active\n"
    "    words TEXT NOT NULL,                -- of whoever decided so\n"
    "    state_at_ns BIGINT NOT NULL,\n"
    "    created_at_ns BIGINT NOT NULL,\n"
    "    cooling_until_ns BIGINT NOT NULL,   -- 0: no trading scope, or sandbox (C3)\n"
    "    wallets_at_ns BIGINT NOT NULL,      -- first successful call of wallets (D1)\n"
    "    public_per_s BIGINT NOT NULL,       -- C1\n"
    "    private_per_s BIGINT NOT NULL,\n"
    "    secret_sealed BYTEA NOT NULL,       -- B6; key id as associated data\n"
    "    secret_sha256 BYTEA NOT NULL UNIQUE -- finds the key of a leaked secret (E1)\n"
    ");\n"
    "CREATE INDEX api_key_account ON api_key (account, created_at_ns, id);\n"
    "-- Usable keys (active and suspended) are those up to 2.\n"
    "CREATE UNIQUE INDEX api_key_label ON api_key (account, label_folded) WHERE state <= 2;\n"
    "CREATE UNIQUE INDEX api_key_ip_rules ON api_key (account, ip_rules_sha256) WHERE state <= 2;\n"
    "CREATE TABLE change (\n"
    "    sequence BIGINT PRIMARY KEY,        -- order of the commits\n"
    "    id BYTEA NOT NULL UNIQUE,           -- request id of its audit record, 16 bytes\n"
    "    at_ns BIGINT NOT NULL,\n"
    "    account BIGINT NOT NULL,            -- 0: none\n"
    "    api_key TEXT NOT NULL,              -- '': none\n"
    "    environment BIGINT NOT NULL,        -- of the key\n"
    "    body TEXT NOT NULL,                 -- JSON: who, what, before, after\n"
    "    delivered BIGINT NOT NULL           -- 1: it is in the audit log\n"
    ");\n"
    "CREATE INDEX change_waiting ON change (sequence) WHERE delivered = 0;\n",
    /* 2: terms of a key that an operator sets */
    "ALTER TABLE api_key ADD COLUMN nonce_window BIGINT NOT NULL DEFAULT 0; -- out of order (C6)\n"
    "ALTER TABLE api_key ADD COLUMN ends_at_ns BIGINT NOT NULL DEFAULT 0; -- announced end\n"
    "ALTER TABLE api_key ADD COLUMN ends_reason BIGINT NOT NULL DEFAULT 0; -- enum key_reason\n",
};

enum { MIGRATION_COUNT = sizeof migrations / sizeof *migrations };

int64_t migrations_newest(void)
{
    return MIGRATION_COUNT;
}

static enum err number_find(struct driver *driver, int64_t *number)
{
    struct query *q = NULL;
    bool row = false;
    enum err e;

    TRY(query_open(driver, "SELECT COALESCE(MAX(number), 0) FROM migration", &q));
    TRY(query_step(q, &row));
    *number = row ? query_integer(q, 0) : 0;
out:
    query_close(&q);
    return e;
}

static enum err migration_run(struct driver *driver, int64_t number, uint64_t now_ns)
{
    struct query *q = NULL;
    enum err e;

    TRY(driver_execute(driver, migrations[number - 1]));
    TRY(query_open(driver, "INSERT INTO migration (number, run_at_ns) VALUES ($number, $at)", &q));
    query_bind_integer(q, "$number", number);
    query_bind_integer(q, "$at", (int64_t)now_ns);
    TRY(query_run(q));
    log_info("store", "migration %d done", (int)number);
out:
    query_close(&q);
    return e;
}

enum err migrations_run(struct driver *driver, uint64_t now_ns, int64_t *found)
{
    enum err e;

    *found = 0;
    TRY(driver_begin(driver));
    TRY(driver_execute(driver, "CREATE TABLE IF NOT EXISTS migration (\n"
                               "    number BIGINT PRIMARY KEY, -- store/migrations.c\n"
                               "    run_at_ns BIGINT NOT NULL\n"
                               ")"));
    TRY(number_find(driver, found));
    if (*found > MIGRATION_COUNT) {
        e = ERR_VERSION;
        goto out;
    }
    for (int64_t number = *found + 1; number <= MIGRATION_COUNT; number++)
        TRY(migration_run(driver, number, now_ns));
    TRY(driver_commit(driver));
out:
    driver_rollback(driver); /* does nothing once committed */
    return e;
}
