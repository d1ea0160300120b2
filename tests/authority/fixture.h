/* tests/authority/fixture.h: a whole authority in folders of its own, under a clock that tests move
 *
 * Real SQLite, real segments, a real audit log, real codes of liboath.
 */
#ifndef TESTS_AUTHORITY_FIXTURE_H
#define TESTS_AUTHORITY_FIXTURE_H

#include <ftw.h>
#include <liboath/oath.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../store/database.h"
#include "authority/account.h"
#include "authority/authority.h"
#include "authority/collector.h"
#include "authority/key_issue.h"
#include "authority/key_life.h"
#include "authority/key_view.h"
#include "authority/publish.h"
#include "authority/settings.h"
#include "authority/vault.h"
#include "store/store.h"
#include "trail/trail.h"

#define SOME_MONDAY_NS (UINT64_C(1795392000) * NS_PER_S)

static uint64_t test_now_ns;

static inline uint64_t test_now(void)
{
    return test_now_ns;
}

struct house {
    char folder[32];
    char database[DATABASE_SIZE];
    struct authority a;
    struct refusal r;
    struct settings *settings;
};

static inline const char *house_path(const struct house *h, const char *name)
{
    static char path[96];

    snprintf(path, sizeof path, "%s/%s", h->folder, name);
    return path;
}

static inline void house_start(struct house *h)
{
    static const uint8_t seed[TRAIL_SEED_SIZE] = "a seed for tests, and only there";
    char problem[TRAIL_PROBLEM_SIZE], folder[96];
    struct trail_options options = { .folder = folder, .origin = "test/audit", .seed = seed };

    assert_int_equal(settings_load(NULL, &h->settings, problem), OK);
    h->settings->country.unknown = COUNTRY_UNKNOWN_PASS; /* tests have no countries but their own */
    h->a = (struct authority){ .now_ns = test_now, .settings = h->settings };
    snprintf(folder, sizeof folder, "%s/audit", h->folder);
    assert_int_equal(vault_open(house_path(h, "master.key"), &h->a.vault, problem), OK);
    assert_int_equal(store_open(h->database, &h->a.store, problem), OK);
    assert_int_equal(trail_open(&options, &h->a.trail, problem), OK);
    assert_int_equal(publisher_open(&h->a, h->folder, 200, &h->a.publisher, problem), OK);
    refusal_init(&h->r);
}

static inline void house_stop(struct house *h)
{
    publisher_close(&h->a.publisher);
    trail_close(&h->a.trail);
    store_close(&h->a.store);
    vault_close(&h->a.vault);
    settings_free(&h->settings);
}

static inline struct house *house_open(void)
{
    struct house *h = calloc(1, sizeof *h);

    test_now_ns = SOME_MONDAY_NS;
    snprintf(h->folder, sizeof h->folder, "/tmp/latchkey-house-XXXXXX");
    assert_non_null(mkdtemp(h->folder));
    database_name(h->folder, h->database);
    house_start(h);
    return h;
}

static inline int file_remove(const char *path, const struct stat *about, int kind, struct FTW *at)
{
    (void)about, (void)kind, (void)at;
    return remove(path);
}

static inline void house_close(struct house *h)
{
    house_stop(h);
    assert_int_equal(nftw(h->folder, file_remove, 16, FTW_DEPTH | FTW_PHYS), 0);
    free(h);
}

/* Whether the refusal has a reason with the code whose text holds the words. */
static inline bool refused(const struct house *h, const char *code, const char *words)
{
    for (size_t i = 0; i < h->r.count; i++)
        if (strcmp(h->r.reasons[i].code, code) == 0 &&
            strstr(h->r.reasons[i].text, words) != NULL)
            return true;
    return false;
}

static inline uint64_t account_opened(struct house *h, const char *email, const char *kind)
{
    const struct account_application ask = { .email = slice_of(email),
                                             .kind = slice_of(kind),
                                             .jurisdiction = SLICE("CH"),
                                             .password = SLICE("correct horse") };
    uint64_t id = 0;

    assert_int_equal(account_open(&h->a, "tester", &ask, &id, &h->r), OK);
    assert_false(refusal_is(&h->r));
    return id;
}

static inline void account_shown(struct house *h, uint64_t account, const char *step)
{
    const struct verification v = { slice_of(step), SLICE("accepted"), SLICE_EMPTY };

    assert_int_equal(account_verify(&h->a, "tester", account, &v, &h->r), OK);
    assert_false(refusal_is(&h->r));
}

struct phone {
    char *seed;
    size_t size;
    char code[7];
};

static inline struct slice phone_code(struct phone *p, int steps)
{
    assert_int_equal(oath_totp_generate(p->seed, p->size,
                                        (time_t)(test_now_ns / NS_PER_S) + 30 * steps, 30, 0, 6,
                                        p->code),
                     OATH_OK);
    return slice_of(p->code);
}

static inline struct phone phone_of(const char *secret)
{
    struct phone p = { 0 };

    assert_int_equal(oath_base32_decode(secret, strlen(secret), &p.seed, &p.size), OATH_OK);
    return p;
}

static inline struct phone phone_enrolled(struct house *h, uint64_t account)
{
    struct totp_grant grant;
    struct phone p;

    assert_int_equal(totp_enrol(&h->a, "tester", account, &grant, &h->r), OK);
    assert_false(refusal_is(&h->r));
    p = phone_of(grant.secret);
    assert_int_equal(totp_confirm(&h->a, "tester", account, phone_code(&p, 0), &h->r), OK);
    assert_false(refusal_is(&h->r));
    test_now_ns += 30 * NS_PER_S; /* so that there is a fresh code */
    return p;
}

/* An account that may hold keys, and its phone. */
static inline uint64_t account_ready(struct house *h, const char *email, struct phone *phone)
{
    uint64_t id = account_opened(h, email, "individual");

    account_shown(h, id, "all");
    *phone = phone_enrolled(h, id);
    return id;
}

/* A good application for one trading key. */
static inline struct key_batch batch_of(uint64_t account, const char *environment,
                                        const char *label, const char *rule)
{
    struct key_batch b = { .account = account, .count = 1 };
    struct key_application *ask = &b.keys[0];

    ask->environment = slice_of(environment);
    ask->label = slice_of(label);
    ask->scopes[ask->scope_count++] = SLICE("orders:write");
    ask->scopes[ask->scope_count++] = SLICE("wallets:read");
    ask->confirmed_groups[ask->confirmed_count++] = SLICE("trade");
    ask->confirmed_groups[ask->confirmed_count++] = SLICE("read");
    ask->ip_rules[ask->ip_rule_count++] = slice_of(rule);
    return b;
}

static inline struct key_grant key_made(struct house *h, struct phone *phone,
                                        struct key_batch batch)
{
    struct key_grant grants[KEY_BATCH_MOST];

    test_now_ns += 30 * NS_PER_S;
    batch.proof = (struct proof){ .kind = PROOF_CODE, .code = phone_code(phone, 0) };
    assert_int_equal(key_issue(&h->a, "tester", &batch, grants, &h->r), OK);
    assert_false(refusal_is(&h->r));
    return grants[0];
}

static inline struct gate_key fixed_of(struct house *h, const struct key_grant *g)
{
    struct gate_key fixed;

    assert_true(publish_fixed_get(h->a.publisher, g->id.environment, g->id.random, &fixed));
    return fixed;
}

#endif
