#include "test.h"

#include "authority/flag.h"
#include "authority/flag_keys.h"
#include "authority/hold.h"
#include "authority/key_make.h"
#include "fixture.h"
#include "store/key_pages.h"

enum { MANY = 150 }; /* more than two slices */

static const atomic_bool goes_on = false, stops = true;

/* An account with many keys: MANY - 1 active ones, of which the third is held for its place. */
struct owner {
    struct house *h;
    struct phone p;
    uint64_t account;
    struct key_grant grants[MANY];
};

static void key_add(struct owner *o, struct store_tx *tx, unsigned number)
{
    struct store_key row;

    assert_int_equal(store_key_get(tx, o->grants[0].id.random, &row), OK);
    snprintf(row.label, sizeof row.label, "bot %u", number);
    snprintf(row.label_folded, sizeof row.label_folded, "bot %u", number);
    row.ip_rules_sha256[0] = (uint8_t)number;
    row.ip_rules_sha256[1] = 1;
    test_now_ns += NS_PER_S;
    assert_int_equal(key_make(&o->h->a, tx, "tester", &row, &o->grants[number]), OK);
    if (number == 2)
        assert_int_equal(hold_add(&o->h->a, tx, "tester", row.id, KEY_REASON_LOCATION), OK);
}

static struct owner *owner_open(void)
{
    struct owner *o = calloc(1, sizeof *o);
    struct store_tx *tx;

    o->h = house_open();
    o->account = account_ready(o->h, "ada@example.com", &o->p);
    o->grants[0] = key_made(o->h, &o->p, batch_of(o->account, "sandbox", "bot", "192.0.2.1"));
    assert_int_equal(store_begin(o->h->a.store, &tx), OK);
    for (unsigned i = 1; i < MANY; i++)
        key_add(o, tx, i);
    assert_int_equal(store_commit(&tx), OK);
    for (unsigned i = 1; i < MANY; i++)
        assert_int_equal(publish_key(o->h->a.publisher, o->grants[i].id.random), OK);
    return o;
}

static void owner_close(struct owner *o)
{
    free(o->p.seed);
    house_close(o->h);
    free(o);
}

/* How many are so in the store; the gateways have to say the same. */
static uint64_t keys_in(struct owner *o, enum key_state state)
{
    const struct store_key_filter filter = { .account = o->account, .environments = ~0u,
                                             .states = 1u << state };
    struct store_tx *tx;
    uint64_t count, published = 0;

    assert_int_equal(store_begin(o->h->a.store, &tx), OK);
    assert_int_equal(store_key_count(tx, &filter, &count), OK);
    store_rollback(&tx);
    for (size_t i = 0; i < MANY; i++)
        published += fixed_of(o->h, &o->grants[i]).state == state;
    assert_int_equal(published, count);
    return count;
}

static size_t holds_of(struct owner *o, size_t number)
{
    struct key_view view;

    assert_int_equal(key_view_get(&o->h->a, o->grants[number].id.random, &view), OK);
    return view.hold_count;
}

/* As an authority leaves it that dies after the commit. */
static void flag_left(struct owner *o, enum flag_keys keys)
{
    const struct store_flag flag = { .kind = FLAG_SUSPICIOUS, .keys = keys, .reason = "odd" };
    struct store_tx *tx;

    assert_int_equal(store_begin(o->h->a.store, &tx), OK);
    assert_int_equal(store_flag_set(tx, o->account, &flag), OK);
    assert_int_equal(store_commit(&tx), OK);
}

static enum flag_kind flag_of(struct owner *o)
{
    struct account_view view;

    assert_int_equal(account_view_get(&o->h->a, o->account, &view), OK);
    return view.flag.kind;
}

TEST(many_keys_are_suspended_and_restored_but_for_those_with_another_hold)
{
    const struct flagging suspend = { SLICE("suspicious"), SLICE("suspend"), SLICE("odd") };
    struct owner *o = owner_open();

    assert_int_equal(account_flag(&o->h->a, "tester", o->account, &suspend, &o->h->r), OK);
    assert_int_equal(keys_in(o, KEY_SUSPENDED), MANY);
    assert_int_equal(holds_of(o, 1), 1);
    assert_int_equal(holds_of(o, 2), 2);
    assert_int_equal(account_unflag(&o->h->a, "tester", o->account, SLICE("fine"), &o->h->r), OK);
    assert_false(refusal_is(&o->h->r));
    assert_int_equal(keys_in(o, KEY_SUSPENDED), 1);
    assert_int_equal(keys_in(o, KEY_ACTIVE), MANY - 1);
    assert_int_equal(flag_of(o), FLAG_NONE);
    owner_close(o);
}

TEST(many_keys_are_revoked)
{
    const struct flagging revoke = { SLICE("regulatory"), SLICE("revoke"), SLICE("asked") };
    struct owner *o = owner_open();

    assert_int_equal(account_flag(&o->h->a, "tester", o->account, &revoke, &o->h->r), OK);
    assert_int_equal(keys_in(o, KEY_REVOKED), MANY);
    owner_close(o);
}

TEST(what_a_dead_authority_left_is_finished_by_the_next_one)
{
    struct owner *o = owner_open();

    flag_left(o, FLAG_KEYS_SUSPEND);
    assert_int_equal(flag_keys_resume(&o->h->a, &stops), OK);
    assert_int_equal(keys_in(o, KEY_SUSPENDED), 1);
    assert_int_equal(flag_keys_resume(&o->h->a, &goes_on), OK);
    assert_int_equal(keys_in(o, KEY_SUSPENDED), MANY);
    flag_left(o, FLAG_KEYS_LIFT);
    assert_int_equal(flag_keys_resume(&o->h->a, &goes_on), OK);
    assert_int_equal(keys_in(o, KEY_ACTIVE), MANY - 1);
    assert_int_equal(flag_of(o), FLAG_NONE);
    flag_left(o, FLAG_KEYS_REVOKE);
    assert_int_equal(flag_keys_resume(&o->h->a, &goes_on), OK);
    assert_int_equal(keys_in(o, KEY_REVOKED), MANY);
    assert_int_equal(flag_keys_resume(&o->h->a, &goes_on), OK); /* nothing is left to do */
    owner_close(o);
}

TEST(a_flag_that_leaves_the_keys_leaves_them)
{
    struct owner *o = owner_open();

    flag_left(o, FLAG_KEYS_LEAVE);
    assert_int_equal(flag_keys_resume(&o->h->a, &goes_on), OK);
    assert_int_equal(keys_in(o, KEY_ACTIVE), MANY - 1);
    assert_int_equal(flag_of(o), FLAG_SUSPICIOUS);
    owner_close(o);
}

TEST_MAIN
