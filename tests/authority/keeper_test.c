#include "authority/keeper.h"

#include <sched.h>

#include "authority/collector.h"
#include "gate/verdict.h"
#include "shm/announced.h"
#include "shm/slots.h"
#include "test.h"

#include "fixture.h"

/* A house whose gateways announce. */
struct gateway {
    struct house *h;
    struct collector *collector;
    struct slab *slab;
};

static void keeping(struct gateway *g, bool durable)
{
    char folder[96];

    snprintf(folder, sizeof folder, "%s/intents", g->h->folder);
    assert_int_equal(keeper_open(&g->h->a, folder, g->h->folder, durable, &g->h->a.keeper), OK);
    assert_int_equal(collector_start(&g->h->a, &g->collector), OK);
    assert_int_equal(keeper_start(g->h->a.keeper, g->collector), OK);
}

static struct gateway gateway_open(bool durable)
{
    struct gateway g = { .h = house_open() };

    keeping(&g, durable);
    assert_int_equal(
        slab_claim(publish_segment(g.h->a.publisher, ENVIRONMENT_SANDBOX), &g.slab), OK);
    return g;
}

static void keeping_end(struct gateway *g)
{
    keeper_close(&g->h->a.keeper);
    collector_stop(&g->collector);
}

static struct audit_record *announced(struct gateway *g, uint64_t nonce, enum verdict verdict,
                                      const struct key_grant *key)
{
    struct audit_record *r;

    /* All in use while the disk is slow: a gateway would answer 503, here there is time. */
    while ((r = slot_take(g->slab)) == NULL)
        sched_yield();
    r->received_at_us = test_now() / NS_PER_US;
    r->environment = ENVIRONMENT_SANDBOX;
    r->flags = RECORD_AUTHENTIC | RECORD_KEY_NAMED;
    r->nonce = nonce;
    r->verdict = (uint16_t)verdict;
    r->path_size = 1;
    r->path[0] = '/';
    if (key != NULL)
        memcpy(r->key, key->id.random, sizeof r->key);
    slot_announce(g->slab, r);
    return r;
}

static void kept_await(struct gateway *g, const struct audit_record *r)
{
    while (!slot_is_kept(g->slab, r))
        sched_yield();
}

struct seen {
    uint64_t nonce;
    size_t count, unknown;
};

static bool see(void *context, const struct trail_row *row)
{
    struct seen *seen = context;

    if (row->record.kind == RECORD_REQUEST && row->record.nonce == seen->nonce) {
        seen->count++;
        seen->unknown += (row->record.flags & RECORD_OUTCOME_UNKNOWN) != 0;
    }
    return true;
}

static struct seen in_log(struct house *h, uint64_t nonce)
{
    struct trail_query query = { .limit = TRAIL_FIND_MOST };
    struct seen seen = { .nonce = nonce };
    uint64_t next;
    bool more;

    assert_int_equal(trail_find(h->a.trail, &query, see, &seen, &next, &more), OK);
    return seen;
}

/* A power cut: what was in shared memory is gone. */
static void power_cut(struct gateway *g)
{
    static const char *const names[] = { "live.seg", "sandbox.seg" };

    free(g->slab);
    g->slab = NULL;
    /* Its threads end, but nothing of what they would still write counts: the slots are open. */
    keeping_end(g);
    house_stop(g->h);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(unlink(house_path(g->h, names[i])), 0);
}

TEST(a_key_used_in_the_clear_is_revoked_in_the_store_before_its_request_goes_on)
{
    struct gateway g = gateway_open(false);
    struct store_tx *tx = NULL;
    struct audit_record *r;
    struct store_key key;
    struct phone phone;
    struct key_grant grant;
    uint64_t account = account_ready(g.h, "a@example.com", &phone);

    grant = key_made(g.h, &phone, batch_of(account, "sandbox", "bot", "10.0.0.1"));
    r = announced(&g, 5, VERDICT_PLAINTEXT_REVOKED, &grant);
    kept_await(&g, r);
    assert_int_equal(store_begin(g.h->a.store, &tx), OK);
    assert_int_equal(store_key_get(tx, grant.id.random, &key), OK);
    store_rollback(&tx);
    assert_int_equal(key.state, KEY_REVOKED);
    assert_int_equal(key.reason, KEY_REASON_PLAINTEXT);
    assert_int_equal(fixed_of(g.h, &grant).state, KEY_REVOKED);
    slot_complete(g.slab, r);
    slab_close(&g.slab);
    keeping_end(&g);
    assert_int_equal(in_log(g.h, 5).count, 1);
    free(phone.seed);
    house_close(g.h);
}

TEST(a_request_that_went_on_survives_the_loss_of_shared_memory_with_its_nonce)
{
    struct gateway g = gateway_open(true);
    struct audit_record *done, *left;
    struct gate_live live;
    struct phone phone;
    struct key_grant grant;
    uint64_t account = account_ready(g.h, "a@example.com", &phone);

    assert_true(
        segment_settings_get(publish_segment(g.h->a.publisher, ENVIRONMENT_SANDBOX)).durable);
    grant = key_made(g.h, &phone, batch_of(account, "sandbox", "bot", "10.0.0.1"));
    done = announced(&g, 1000, VERDICT_PASS, &grant);
    kept_await(&g, done);
    done->status = 200;
    slot_complete(g.slab, done);
    left = announced(&g, 1001, VERDICT_PASS, &grant);
    kept_await(&g, left);
    power_cut(&g);

    /* As at a start: first the log, then the keys. */
    {
        struct house *h = g.h;
        static const uint8_t seed[TRAIL_SEED_SIZE] = "a seed for tests, and only there";
        char problem[TRAIL_PROBLEM_SIZE], folder[96], intents[96];
        struct trail_options options = { .folder = folder, .origin = "test/audit", .seed = seed };

        snprintf(folder, sizeof folder, "%s/audit", h->folder);
        snprintf(intents, sizeof intents, "%s/intents", h->folder);
        h->a = (struct authority){ .now_ns = test_now };
        assert_int_equal(vault_open(house_path(h, "master.key"), &h->a.vault, problem), OK);
        assert_int_equal(store_open(h->database, &h->a.store, problem), OK);
        assert_int_equal(trail_open(&options, &h->a.trail, problem), OK);
        assert_int_equal(keeper_open(&h->a, intents, h->folder, true, &h->a.keeper), OK);
        assert_int_equal(publisher_open(&h->a, h->folder, 200, &h->a.publisher, problem), OK);
    }
    publish_live_get(g.h->a.publisher, ENVIRONMENT_SANDBOX, grant.id.random, &live);
    assert_int_equal(live.nonce, 1001);
    assert_int_equal(in_log(g.h, 1000).count, 1);
    assert_int_equal(in_log(g.h, 1000).unknown, 0);
    assert_int_equal(in_log(g.h, 1001).count, 1);
    assert_int_equal(in_log(g.h, 1001).unknown, 1);
    keeper_close(&g.h->a.keeper);
    free(phone.seed);
    house_close(g.h);
}

TEST(what_is_still_under_way_is_no_loss_when_only_the_authority_restarts)
{
    struct gateway g = gateway_open(true);
    struct audit_record *r = announced(&g, 77, VERDICT_PASS, NULL);

    kept_await(&g, r);
    keeping_end(&g);
    keeping(&g, true);
    assert_int_equal(in_log(g.h, 77).count, 0);
    assert_true(slot_is_kept(g.slab, r));
    slot_complete(g.slab, r);
    slab_close(&g.slab);
    keeping_end(&g);
    assert_int_equal(in_log(g.h, 77).count, 1);
    assert_int_equal(in_log(g.h, 77).unknown, 0);
    /* Back to memory: nothing is left to be kept apart. */
    keeping(&g, false);
    assert_int_equal(access(house_path(g.h, "intents/1"), F_OK), -1);
    assert_int_equal(access(house_path(g.h, "intents/0"), F_OK), -1);
    keeping_end(&g);
    house_close(g.h);
}

TEST(more_requests_than_a_file_of_intents_holds_pass_while_one_stays_under_way)
{
    struct gateway g = gateway_open(true);
    struct audit_record *long_one = announced(&g, 1, VERDICT_PASS, NULL);
    struct audit_record *batch[500];

    kept_await(&g, long_one);
    for (uint64_t round = 0; round < 120; round++) {
        for (size_t i = 0; i < 500; i++)
            batch[i] = announced(&g, 100 + round, VERDICT_PASS, NULL);
        for (size_t i = 0; i < 500; i++) {
            kept_await(&g, batch[i]);
            slot_complete(g.slab, batch[i]);
        }
    }
    power_cut(&g);
    house_start(g.h);
    keeping(&g, true);
    assert_int_equal(in_log(g.h, 1).unknown, 1);
    assert_int_equal(in_log(g.h, 100).unknown, 0);
    keeping_end(&g);
    house_close(g.h);
}

TEST(gateways_hear_when_intents_cannot_be_kept_and_when_they_can_again)
{
    struct gateway g = gateway_open(true);
    struct segment *segment = publish_segment(g.h->a.publisher, ENVIRONMENT_SANDBOX);
    char moved[96], folder[96], words[KEEPER_PROBLEM_SIZE];
    struct audit_record *r;

    snprintf(folder, sizeof folder, "%s/intents", g.h->folder);
    snprintf(moved, sizeof moved, "%s/elsewhere", g.h->folder);
    assert_int_equal(rename(folder, moved), 0);
    assert_int_equal(unlink(house_path(g.h, "elsewhere/1")), 0);
    r = announced(&g, 1, VERDICT_PASS, NULL);
    while (announced_may(segment))
        sched_yield();
    assert_false(slot_is_kept(g.slab, r));
    while (!keeper_problem(g.h->a.keeper, words))
        sched_yield();
    assert_int_equal(rename(moved, folder), 0);
    kept_await(&g, r);
    while (!announced_may(segment))
        sched_yield();
    slot_complete(g.slab, r);
    slab_close(&g.slab);
    keeping_end(&g);
    assert_false(announced_may(segment));
    house_close(g.h);
}

TEST_MAIN
