#include "test.h"

#include <sched.h>

#include "authority/about.h"
#include "authority/evidence.h"
#include "authority/key_change.h"
#include "authority/reseal.h"
#include "owner.h"
#include "papers.h"
#include "store/sealed.h"

static char folder[96];
static struct store_document document;

/* An owner with a key, an authenticator, mails that wait and a document. */
static void owner_with_all(struct owner *o)
{
    const struct upload u = { .step = SLICE("identity"), .type = SLICE("image/png"),
                              .name = SLICE("passport.png"), .bytes = PAPER_PNG };
    struct upload own = u;

    owner_begin(o, "live", NULL);
    snprintf(folder, sizeof folder, "%s/evidence", o->house->folder);
    o->house->a.evidence = folder;
    assert_int_equal(evidence_sweep(&o->house->a), OK);
    own.account = account_opened(o->house, "bob@example.com", "individual");
    refusal_init(&o->house->r);
    assert_int_equal(evidence_add(&o->house->a, "tester", &own, &document, &o->house->r), OK);
    assert_false(refusal_is(&o->house->r));
}

static void restarted(struct owner *o)
{
    house_stop(o->house);
    house_start(o->house);
    o->house->a.evidence = folder;
}

static uint64_t old_count(struct house *h)
{
    struct store_sealed *row = malloc(sizeof *row);
    uint64_t count = 0;
    struct store_tx *tx;
    bool present;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    for (int kind = 0; kind < STORE_SEALED_KINDS; kind++) {
        memset(row, 0, sizeof *row);
        for (;;) {
            assert_int_equal(store_sealed_next(tx, kind, row, &present), OK);
            if (!present)
                break;
            count += row->size > 0 &&
                     !vault_is_newest(h->a.vault,
                                      (struct slice){ (const char *)row->bytes, row->size });
        }
    }
    store_rollback(&tx);
    free(row);
    return count;
}

static struct reseal_state state_of(struct house *h)
{
    struct reseal_state state;

    reseal_state_get(&h->a, h->a.reseal, &state);
    return state;
}

static bool document_opens(struct house *h)
{
    struct store_document got;
    struct buffer bytes;
    bool opens;

    buffer_init(&bytes);
    opens = evidence_get(&h->a, 0, slice_of(document.id), &got, &bytes) == OK &&
            slice_is(buffer_slice(&bytes), PAPER_PNG);
    buffer_wipe(&bytes);
    return opens;
}

/* With the file of the new key alone, all that was sealed opens. */
static void all_opens(struct owner *o)
{
    struct key_wish wish = { .public_per_s = 3 };

    restarted(o); /* the publisher unseals every key */
    assert_int_equal(access(house_path(o->house, "master.key.next"), F_OK), -1);
    assert_true(fixed_of(o->house, &o->key).state == KEY_ACTIVE);
    assert_true(document_opens(o->house));
    owner_prove(o); /* the authenticator's seed */
    assert_int_equal(key_loosen(&o->house->a, &o->asker, o->key.id.random, &wish, &o->house->r),
                     OK);
    assert_true(refused(o->house, "not-loosened", ""));
}

TEST(everything_comes_under_the_new_key_and_the_old_is_gone)
{
    struct owner o;
    struct reseal_state before, after;

    owner_with_all(&o);
    before = state_of(o.house);
    assert_string_equal(before.replaced, "");
    assert_int_equal(reseal_open(&o.house->a, &o.house->a.reseal), OK);
    refusal_init(&o.house->r);
    assert_int_equal(reseal_begin(&o.house->a, "tester", &o.house->r), OK);
    assert_false(refusal_is(&o.house->r));
    while (state_of(o.house).rotating)
        sched_yield();
    after = state_of(o.house);
    assert_string_not_equal(after.seals, before.seals);
    assert_true(after.done >= 4 && after.done == after.total);
    assert_string_equal(after.problem, "");
    assert_int_equal(old_count(o.house), 0);
    reseal_close(&o.house->a.reseal);
    all_opens(&o);
    assert_string_equal(state_of(o.house).seals, after.seals);
    owner_end(&o);
}

TEST(what_was_interrupted_goes_on_at_the_next_start)
{
    struct owner o;

    owner_with_all(&o);
    refusal_init(&o.house->r);
    assert_int_equal(reseal_begin(&o.house->a, "tester", &o.house->r), OK);
    assert_true(old_count(o.house) >= 3);
    assert_int_equal(reseal_begin(&o.house->a, "tester", &o.house->r), OK);
    assert_true(refused(o.house, "rotation-under-way", ""));
    restarted(&o);
    assert_true(state_of(o.house).rotating);
    assert_int_equal(reseal_open(&o.house->a, &o.house->a.reseal), OK);
    while (state_of(o.house).rotating)
        sched_yield();
    reseal_close(&o.house->a.reseal);
    all_opens(&o);
    owner_end(&o);
}

TEST(what_opens_with_neither_keeps_the_old_key)
{
    struct store_sealed *row = calloc(1, sizeof *row);
    struct owner o;
    struct store_tx *tx;
    bool present;

    owner_with_all(&o);
    assert_int_equal(store_begin(o.house->a.store, &tx), OK);
    assert_int_equal(store_sealed_next(tx, STORE_SEALED_TOTP, row, &present), OK);
    row->bytes[row->size - 1] ^= 1;
    assert_int_equal(store_sealed_set(tx, STORE_SEALED_TOTP, row), OK);
    assert_int_equal(store_commit(&tx), OK);
    assert_int_equal(reseal_open(&o.house->a, &o.house->a.reseal), OK);
    refusal_init(&o.house->r);
    assert_int_equal(reseal_begin(&o.house->a, "tester", &o.house->r), OK);
    while (state_of(o.house).problem[0] == '\0')
        sched_yield();
    assert_true(state_of(o.house).rotating);
    assert_non_null(strstr(state_of(o.house).problem, "1 things open neither"));
    assert_int_equal(old_count(o.house), 1);
    assert_int_equal(access(house_path(o.house, "master.key.next"), F_OK), 0);
    reseal_close(&o.house->a.reseal);
    free(row);
    owner_end(&o);
}

TEST_MAIN
