#include "test.h"

#include "authority/observe.h"
#include "fixture.h"
#include "gate/route.h"

static struct audit_record passed(uint64_t account, const struct key_grant *g,
                                  enum route_number route)
{
    struct audit_record r = {
        .received_at_us = test_now_ns / NS_PER_US,
        .account = account,
        .status = 200,
        .route = (uint16_t)route,
        .kind = RECORD_REQUEST,
        .environment = (uint8_t)g->id.environment,
        .flags = RECORD_AUTHENTIC | RECORD_KEY_NAMED,
    };

    memcpy(r.key, g->id.random, sizeof r.key);
    return r;
}

TEST(the_first_sandbox_order_makes_the_live_keys_of_the_account_ready)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_grant live = key_made(h, &p, batch_of(id, "live", "a", "192.0.2.1"));
    struct key_grant sandbox = key_made(h, &p, batch_of(id, "sandbox", "b", "192.0.2.2"));
    struct audit_record order = passed(id, &sandbox, ROUTE_NUMBER_ORDER_SUBMIT), other;
    struct observer o;

    other = order;
    other.status = 500;
    assert_false(observe_wants(&h->a, &other)); /* rejected by the exchange */
    other = order;
    other.flags = RECORD_KEY_NAMED;
    assert_false(observe_wants(&h->a, &other)); /* somebody who only names the key */
    other = passed(id, &live, ROUTE_NUMBER_ORDER_SUBMIT);
    assert_false(observe_wants(&h->a, &other)); /* a live order is no sandbox order */
    other = order;
    other.route = ROUTE_NUMBER_OWN; /* another venue's, and no order */
    assert_false(observe_wants(&h->a, &other));
    other.route_flags = ROUTE_COUNTS_AS_ORDER;
    assert_true(observe_wants(&h->a, &other));
    assert_true(observe_wants(&h->a, &order));
    assert_int_equal(fixed_of(h, &live).flags & GATE_KEY_SANDBOX_ORDER, 0);
    observer_init(&o, &h->a);
    assert_int_equal(observe_learn(&h->a, &o, &order), OK);
    assert_int_equal(o.spread_count, 0); /* nothing is left to do */
    observer_wipe(&o);
    assert_int_not_equal(fixed_of(h, &live).flags & GATE_KEY_SANDBOX_ORDER, 0);
    assert_false(observe_wants(&h->a, &order)); /* known now */
    free(p.seed);
    house_close(h);
}

TEST(the_wallets_call_stays_with_its_key)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_grant one = key_made(h, &p, batch_of(id, "live", "a", "192.0.2.1"));
    struct key_grant two = key_made(h, &p, batch_of(id, "live", "b", "192.0.2.2"));
    struct audit_record call = passed(id, &one, ROUTE_NUMBER_WALLETS);

    assert_true(observe_wants(&h->a, &call));
    assert_int_equal(observe_learn(&h->a, NULL, &call), OK);
    assert_false(observe_wants(&h->a, &call));
    assert_int_equal(fixed_of(h, &one).flags, GATE_KEY_WALLETS_CALLED);
    assert_int_equal(fixed_of(h, &two).flags, 0);
    free(p.seed);
    house_close(h);
}

TEST(a_key_used_in_the_clear_is_revoked_in_the_store_too)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_grant g = key_made(h, &p, batch_of(id, "live", "a", "192.0.2.1"));
    struct audit_record plain = passed(id, &g, ROUTE_NUMBER_WALLETS);
    struct key_view view;

    plain.verdict = VERDICT_PLAINTEXT_REVOKED;
    plain.status = 403;
    plain.flags |= RECORD_DRY_RUN;
    assert_false(observe_wants(&h->a, &plain)); /* a trial ends no key */
    plain.flags &= (uint8_t)~RECORD_DRY_RUN;
    assert_true(observe_wants(&h->a, &plain));
    assert_int_equal(observe_learn(&h->a, NULL, &plain), OK);
    assert_int_equal(key_view_get(&h->a, g.id.random, &view), OK);
    assert_int_equal(view.key.state, KEY_REVOKED);
    assert_string_equal(view.key.words, "used over an unencrypted connection");
    assert_int_equal(fixed_of(h, &g).reason, KEY_REASON_PLAINTEXT);
    assert_false(observe_wants(&h->a, &plain));
    free(p.seed);
    house_close(h);
}

TEST(ninety_days_without_use_end_a_key_for_ever)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_grant g = key_made(h, &p, batch_of(id, "live", "a", "192.0.2.1"));

    test_now_ns += 90 * DAY_NS;
    observe_sweep(&h->a);
    assert_int_equal(fixed_of(h, &g).state, KEY_ACTIVE); /* to the last moment */
    test_now_ns += 1;
    observe_sweep(&h->a);
    assert_int_equal(fixed_of(h, &g).state, KEY_EXPIRED);
    test_now_ns -= 80 * DAY_NS; /* a clock set back does not wake it */
    house_stop(h);
    house_start(h);
    assert_int_equal(fixed_of(h, &g).state, KEY_EXPIRED);
    free(p.seed);
    house_close(h);
}

enum { MANY = 160 };

/* The keys of one account, sixteen at a time. */
static uint64_t many_made(struct house *h, struct key_grant grants[MANY])
{
    static char labels[MANY][8], rules[MANY][16];
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);

    for (size_t i = 0; i < MANY; i += KEY_BATCH_MOST) {
        struct key_batch batch = batch_of(id, "live", "", "");

        for (size_t k = 0; k < KEY_BATCH_MOST; k++) {
            snprintf(labels[i + k], sizeof labels[0], "k%zu", i + k);
            snprintf(rules[i + k], sizeof rules[0], "192.0.2.%zu", i + k);
            batch.keys[k] = batch.keys[0];
            batch.keys[k].label = slice_of(labels[i + k]);
            batch.keys[k].ip_rules[0] = slice_of(rules[i + k]);
            batch.keys[k].environment = i == 0 && k == 0 ? SLICE("sandbox") : SLICE("live");
        }
        batch.count = KEY_BATCH_MOST;
        test_now_ns += 30 * NS_PER_S;
        batch.proof = (struct proof){ .kind = PROOF_CODE, .code = phone_code(&p, 0) };
        assert_int_equal(key_issue(&h->a, "tester", &batch, &grants[i], &h->r), OK);
        assert_false(refusal_is(&h->r));
    }
    free(p.seed);
    return id;
}

static unsigned ready_count(struct house *h, const struct key_grant grants[MANY])
{
    unsigned count = 0;

    for (size_t i = 0; i < MANY; i++)
        count += (fixed_of(h, &grants[i]).flags & GATE_KEY_SANDBOX_ORDER) != 0;
    return count;
}

TEST(an_account_with_many_keys_is_told_in_slices_and_its_order_is_kept_first)
{
    static struct key_grant grants[MANY];
    struct house *h = house_open();
    uint64_t id = many_made(h, grants);
    struct audit_record order = passed(id, &grants[0], ROUTE_NUMBER_ORDER_SUBMIT);
    struct store_account account;
    struct store_tx *tx = NULL;
    struct observer o;
    unsigned turns = 0;
    bool more = true;

    observer_init(&o, &h->a);
    assert_int_equal(observe_learn(&h->a, &o, &order), OK);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(store_account_get(tx, id, &account), OK);
    store_rollback(&tx);
    assert_int_not_equal(account.sandbox_order_at_ns, 0);
    assert_int_equal(ready_count(h, grants), OBSERVE_KEYS);
    /* The next order of the account, before all its keys know, begins nothing anew. */
    assert_int_equal(observe_learn(&h->a, &o, &order), OK);
    assert_int_equal(o.spread_count, 1);
    while (more) {
        unsigned before = ready_count(h, grants);

        assert_int_equal(observe_go_on(&o, &more), OK);
        assert_in_range(ready_count(h, grants) - before, 1, OBSERVE_KEYS);
        turns++;
    }
    assert_int_equal(turns, (MANY - 1) / OBSERVE_KEYS);
    assert_int_equal(ready_count(h, grants), MANY);
    observer_wipe(&o);
    house_close(h);
}

TEST(keys_that_end_together_are_ended_in_slices)
{
    static struct key_grant grants[MANY];
    struct house *h = house_open();
    unsigned ended = 0, turns = 0;
    struct observer o;
    bool more = true;

    (void)many_made(h, grants);
    test_now_ns += 91 * DAY_NS;
    observer_init(&o, &h->a);
    observe_sweep_begin(&o);
    while (more) {
        unsigned now = 0;

        assert_int_equal(observe_go_on(&o, &more), OK);
        for (size_t i = 0; i < MANY; i++)
            now += fixed_of(h, &grants[i]).state == KEY_EXPIRED;
        assert_in_range(now - ended, 0, OBSERVE_KEYS);
        ended = now;
        turns++;
    }
    assert_int_equal(ended, MANY);
    assert_int_equal(turns, (MANY + OBSERVE_KEYS - 1) / OBSERVE_KEYS);
    observer_wipe(&o);
    house_close(h);
}

static void ended_count(void *context, const char *id, enum key_state state,
                        enum key_reason reason)
{
    (void)id, (void)state, (void)reason;
    ++*(unsigned *)context;
}

TEST(a_walk_over_published_keys_looks_at_so_many_and_goes_on_there)
{
    static struct key_grant grants[MANY];
    struct house *h = house_open();
    struct publish_place place = { 0 };
    unsigned seen = 0, steps = 0;
    bool more = true;

    (void)many_made(h, grants);
    while (more) {
        unsigned before = seen;

        more = publish_ended_each(h->a.publisher, test_now_ns + 91 * DAY_NS, &place, 50,
                                  ended_count, &seen);
        assert_in_range(seen - before, 0, 50);
        steps++;
    }
    assert_int_equal(seen, MANY);
    assert_int_equal(steps, 4);
    house_close(h);
}

TEST_MAIN
