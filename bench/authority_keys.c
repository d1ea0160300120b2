/* bench/authority_keys.c: an account with as many keys as asked, for bench/authority.mjs
 *
 *     authority_keys DATA ACCOUNT COUNT
 *
 * Writes the keys into the database in DATA that no authority has open: each is read as an
 * application is, sealed by the master key there, and inserted by the store's own statement; only
 * the change log and the mails of a single issue are left out.  Labels and rules are all different
 * (B7): "bot 0000042" may come from 10.0.0.42 alone.  One in a hundred is revoked.
 */
#include <openssl/sha.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/key_draft.h"
#include "authority/key_issue.h"
#include "authority/vault.h"
#include "base/clock.h"
#include "store/keys.h"

enum { TRANSACTION_KEYS = 20000, REVOKED_EACH = 100, PATH_SIZE = 512 };

struct house {
    struct store *store;
    struct vault *vault;
    uint64_t account;
    uint64_t start_ns; /* the keys were made one millisecond after the other up to now */
};

static enum err house_open(struct house *h, const char *data)
{
    char path[PATH_SIZE], problem[STORE_PROBLEM_SIZE] = "";
    enum err e;

    snprintf(path, sizeof path, "%s/master.key", data);
    TRY(vault_open(path, &h->vault, problem));
    snprintf(path, sizeof path, "%s/authority.db", data);
    e = store_open(path, &h->store, problem);
out:
    if (e != OK)
        fprintf(stderr, "authority_keys: %s\n", problem);
    return e;
}

/* False: the application would be refused. */
static bool draft_make(struct key_draft *d, uint32_t number)
{
    static struct refusal refusal;
    char label[32], rule[32];
    struct key_application ask = { .environment = SLICE("sandbox"),
                                   .scopes = { SLICE("account:read"), SLICE("orders:write") },
                                   .scope_count = 2,
                                   .confirmed_groups = { SLICE("read"), SLICE("trade") },
                                   .confirmed_count = 2,
                                   .ip_rule_count = 1 };

    snprintf(label, sizeof label, "bot %07u", number);
    snprintf(rule, sizeof rule, "10.%u.%u.%u", number >> 16, number >> 8 & 0xff, number & 0xff);
    ask.label = slice_of(label);
    ask.ip_rules[0] = slice_of(rule);
    *d = (struct key_draft){ .name = "" };
    refusal_init(&refusal);
    key_draft_read(d, &ask, &refusal);
    return !refusal_is(&refusal);
}

static enum err key_insert(const struct house *h, struct store_tx *tx, uint32_t number)
{
    static struct key_draft d;
    char name[KEY_ID_TEXT_SIZE];
    struct secret secret;
    struct key_id id;
    enum err e;

    if (!draft_make(&d, number))
        return ERR_MALFORMED;
    key_id_draw(&id, d.row.environment, randombytes_buf);
    secret_draw(&secret, id.environment, randombytes_buf);
    key_id_format(&id, name);
    memcpy(d.row.id, id.random, sizeof d.row.id);
    d.row.secret_sealed_size =
        vault_seal(h->vault, slice_of(name),
                   (struct slice){ (const char *)secret.bytes, secret.size }, d.row.secret_sealed);
    SHA256(secret.bytes, secret.size, d.row.secret_sha256);
    secret_wipe(&secret);
    d.row.account = h->account;
    d.row.public_per_s = KEY_PUBLIC_PER_S;
    d.row.private_per_s = KEY_PRIVATE_PER_S;
    d.row.created_at_ns = d.row.state_at_ns = h->start_ns + number * NS_PER_MS;
    d.row.state = number % REVOKED_EACH == 0 ? KEY_REVOKED : KEY_ACTIVE;
    d.row.reason = d.row.state == KEY_REVOKED ? KEY_REASON_OWNER : KEY_REASON_NONE;
    e = store_key_insert(tx, &d.row);
    return e;
}

static enum err keys_insert(const struct house *h, uint32_t count)
{
    struct store_tx *tx = NULL;
    enum err e = OK;

    for (uint32_t i = 0; i < count; i++) {
        if (tx == NULL)
            TRY(store_begin(h->store, &tx));
        TRY(key_insert(h, tx, i));
        if ((i + 1) % TRANSACTION_KEYS == 0)
            TRY(store_commit(&tx));
    }
    if (tx != NULL)
        e = store_commit(&tx);
out:
    store_rollback(&tx);
    return e;
}

int main(int argc, char **argv)
{
    unsigned long count = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
    struct house h = { .account = argc == 4 ? strtoull(argv[2], NULL, 10) : 0 };
    enum err e;

    if (count < 1 || count > 1 << 24 || sodium_init() < 0) {
        fputs("usage: authority_keys DATA ACCOUNT COUNT\n", stderr);
        return 2;
    }
    h.start_ns = clock_wall_ns() - count * NS_PER_MS;
    TRY(house_open(&h, argv[1]));
    e = keys_insert(&h, (uint32_t)count);
out:
    if (e != OK)
        fprintf(stderr, "authority_keys: %s\n", err_text(e));
    store_close(&h.store);
    vault_close(&h.vault);
    return e == OK ? 0 : 1;
}
