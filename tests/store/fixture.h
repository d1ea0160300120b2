/* tests/store/fixture.h: a database in a folder of its own, removed at the end */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "database.h"
#include "store/accounts.h"
#include "store/keys.h"
#include "store/store.h"

struct place {
    char folder[32];
    char path[DATABASE_SIZE];
    struct store *store;
};

static inline struct place place_open(void)
{
    struct place p = { .folder = "/tmp/latchkey-store-XXXXXX" };
    char problem[STORE_PROBLEM_SIZE];

    assert_non_null(mkdtemp(p.folder));
    database_name(p.folder, p.path);
    assert_int_equal(store_open(p.path, &p.store, problem), OK);
    return p;
}

static inline void place_reopen(struct place *p)
{
    char problem[STORE_PROBLEM_SIZE];

    store_close(&p->store);
    assert_int_equal(store_open(p->path, &p->store, problem), OK);
}

static inline void place_close(struct place *p)
{
    static const char *const endings[] = { "", "-wal", "-shm" };

    store_close(&p->store);
    for (size_t i = 0; i < 3; i++) {
        char name[DATABASE_SIZE + 8];

        snprintf(name, sizeof name, "%s%s", p->path, endings[i]);
        unlink(name);
    }
    assert_int_equal(rmdir(p->folder), 0);
}

static inline struct store_tx *begun(struct place *p)
{
    struct store_tx *tx;

    assert_int_equal(store_begin(p->store, &tx), OK);
    return tx;
}

static inline uint64_t account_made(struct place *p, const char *email)
{
    struct store_account a = { .kind = ACCOUNT_INDIVIDUAL, .jurisdiction = "CH" };
    struct store_tx *tx = begun(p);

    snprintf(a.email, sizeof a.email, "%s", email);
    assert_int_equal(store_account_insert(tx, &a), OK);
    assert_int_equal(store_commit(&tx), OK);
    return a.id;
}

/* A key whose id, label, rules and secret all follow from one letter. */
static inline struct store_key key_lettered(uint64_t account, char letter)
{
    struct store_key k = { .account = account, .environment = ENVIRONMENT_SANDBOX, .scopes = 5,
                           .state = KEY_ACTIVE,
                           .created_at_ns = (uint64_t)letter, .secret_sealed_size = 72 };

    memset(k.id, letter, sizeof k.id);
    k.label[0] = k.label_folded[0] = letter;
    memset(k.ip_rules_sha256, letter, sizeof k.ip_rules_sha256);
    memset(k.secret_sha256, letter, sizeof k.secret_sha256);
    memset(k.secret_sealed, letter, k.secret_sealed_size);
    snprintf(k.ip_rules, sizeof k.ip_rules, "192.0.2.0/24");
    return k;
}

#endif
