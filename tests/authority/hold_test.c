#include "test.h"

#include "authority/event.h"
#include "authority/hold.h"
#include "fixture.h"
#include "store/events.h"

struct bench {
    struct house *h;
    struct phone p;
    uint64_t account;
    struct key_grant g;
};

static struct bench bench_open(void)
{
    struct bench b = { .h = house_open() };

    b.account = account_ready(b.h, "ada@example.com", &b.p);
    b.g = key_made(b.h, &b.p, batch_of(b.account, "live", "bot", "192.0.2.1"));
    return b;
}

static void bench_close(struct bench *b)
{
    free(b->p.seed);
    house_close(b->h);
}

static void held(struct bench *b, enum key_reason reason)
{
    struct store_tx *tx;

    test_now_ns += NS_PER_S;
    assert_int_equal(store_begin(b->h->a.store, &tx), OK);
    assert_int_equal(hold_add(&b->h->a, tx, "tester", b->g.id.random, reason), OK);
    assert_int_equal(store_commit(&tx), OK);
    assert_int_equal(publish_key(b->h->a.publisher, b->g.id.random), OK);
}

static size_t lifted(struct bench *b, enum key_reason reason)
{
    struct key_list moved = { 0 };
    struct store_tx *tx;
    size_t count;

    assert_int_equal(store_begin(b->h->a.store, &tx), OK);
    assert_int_equal(hold_lift(&b->h->a, tx, "tester", b->g.id.random, reason, &moved), OK);
    assert_int_equal(store_commit(&tx), OK);
    assert_int_equal(key_list_publish(&b->h->a, &moved), OK);
    count = moved.count;
    key_list_wipe(&moved);
    return count;
}

TEST(a_key_with_two_holds_is_active_when_both_are_lifted)
{
    struct bench b = bench_open();

    held(&b, KEY_REASON_LOCATION);
    held(&b, KEY_REASON_APPROVAL);
    assert_int_equal(fixed_of(b.h, &b.g).state, KEY_SUSPENDED);
    assert_int_equal(fixed_of(b.h, &b.g).reason, KEY_REASON_LOCATION);
    assert_int_equal(lifted(&b, KEY_REASON_LOCATION), 1);
    assert_int_equal(fixed_of(b.h, &b.g).state, KEY_SUSPENDED);
    assert_int_equal(fixed_of(b.h, &b.g).reason, KEY_REASON_APPROVAL);
    assert_int_equal(lifted(&b, KEY_REASON_LOCATION), 0);
    assert_int_equal(lifted(&b, KEY_REASON_APPROVAL), 1);
    assert_int_equal(fixed_of(b.h, &b.g).state, KEY_ACTIVE);
    bench_close(&b);
}

TEST(a_flag_neither_hides_nor_lifts_another_hold)
{
    const struct flagging f = { SLICE("regulatory"), SLICE("suspend"), SLICE("asked") };
    struct bench b = bench_open();

    held(&b, KEY_REASON_LOCATION);
    assert_int_equal(account_flag(&b.h->a, "tester", b.account, &f, &b.h->r), OK);
    assert_int_equal(lifted(&b, KEY_REASON_LOCATION), 1);
    assert_int_equal(fixed_of(b.h, &b.g).reason, KEY_REASON_FLAG);
    held(&b, KEY_REASON_APPROVAL);
    assert_int_equal(account_unflag(&b.h->a, "tester", b.account, SLICE("resolved"), &b.h->r), OK);
    assert_int_equal(fixed_of(b.h, &b.g).state, KEY_SUSPENDED);
    assert_int_equal(fixed_of(b.h, &b.g).reason, KEY_REASON_APPROVAL);
    bench_close(&b);
}

TEST(what_has_ended_is_neither_held_nor_restored)
{
    struct bench b = bench_open();

    held(&b, KEY_REASON_LOCATION);
    assert_int_equal(key_end(&b.h->a, "tester", b.g.id.random, KEY_REVOKED, KEY_REASON_OWNER,
                             SLICE("")),
                     OK);
    assert_int_equal(lifted(&b, KEY_REASON_LOCATION), 0);
    held(&b, KEY_REASON_FLAG);
    assert_int_equal(fixed_of(b.h, &b.g).state, KEY_REVOKED);
    assert_int_equal(fixed_of(b.h, &b.g).reason, KEY_REASON_OWNER);
    bench_close(&b);
}

static bool newest_kind(void *context, const struct store_event *event)
{
    *(uint32_t *)context = event->kind;
    return false;
}

/* The kind of the newest event once it is decided. */
static uint32_t settled(struct bench *b, enum key_reason reason, bool accepted)
{
    struct key_list moved = { 0 };
    struct store_tx *tx;
    uint32_t kind = 0;

    assert_int_equal(store_begin(b->h->a.store, &tx), OK);
    assert_int_equal(hold_settle(&b->h->a, tx, "tester", b->g.id.random, reason, accepted,
                                 SLICE("no papers"), &moved),
                     OK);
    assert_int_equal(store_events_each(tx, b->account, 0, 1, newest_kind, &kind), OK);
    assert_int_equal(store_commit(&tx), OK);
    assert_int_equal(key_list_publish(&b->h->a, &moved), OK);
    key_list_wipe(&moved);
    return kind;
}

TEST(a_decision_is_told_when_the_key_moves)
{
    struct bench b = bench_open();

    held(&b, KEY_REASON_LOCATION);
    held(&b, KEY_REASON_APPROVAL);
    assert_int_not_equal(settled(&b, KEY_REASON_LOCATION, true), EVENT_KEY_RESTORED);
    assert_int_equal(settled(&b, KEY_REASON_APPROVAL, true), EVENT_KEY_RESTORED);
    assert_int_equal(fixed_of(b.h, &b.g).state, KEY_ACTIVE);
    held(&b, KEY_REASON_APPROVAL);
    assert_int_equal(settled(&b, KEY_REASON_APPROVAL, false), EVENT_KEY_REVOKED);
    assert_int_equal(fixed_of(b.h, &b.g).state, KEY_REVOKED);
    assert_int_equal(fixed_of(b.h, &b.g).reason, KEY_REASON_APPROVAL);
    bench_close(&b);
}

TEST_MAIN
