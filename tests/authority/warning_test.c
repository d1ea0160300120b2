#include "test.h"

#include "fixture.h"
#include "authority/event.h"
#include "authority/warning.h"

struct told {
    uint32_t days[16];
    char data[16][EVENT_DATA_SIZE];
    size_t count;
};

static bool told_keep(void *context, const struct store_event *event)
{
    struct told *told = context;
    json_t *data = json_loads(event->data, 0, NULL);

    if (event->kind == EVENT_KEY_EXPIRING && told->count < 16) {
        told->days[told->count] =
            (uint32_t)json_integer_value(json_object_get(data, "days"));
        snprintf(told->data[told->count++], EVENT_DATA_SIZE, "%s", event->data);
    }
    json_decref(data);
    return true;
}

/* A whole round; what the account was warned of until now, newest first. */
static struct told *warned(struct house *h, uint64_t account)
{
    struct warning_round round = { .stage = ROUND_RESTS };
    struct told *told = calloc(1, sizeof *told);
    struct store_tx *tx;
    bool more = true;

    for (int i = 0; more; i++) {
        assert_true(i < 100);
        assert_int_equal(warning_turn(&h->a, &round, &more), OK);
    }
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(store_events_each(tx, account, 0, 100, told_keep, told), OK);
    store_rollback(&tx);
    return told;
}

static size_t warned_count(struct house *h, uint64_t account)
{
    struct told *told = warned(h, account);
    size_t count = told->count;

    free(told);
    return count;
}

static void end_announced(struct house *h, const char *id, uint64_t ends_at_ns)
{
    struct store_tx *tx;
    struct store_key key;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(store_key_get(tx, id, &key), OK);
    key.ends_at_ns = ends_at_ns;
    key.ends_reason = KEY_REASON_OPERATOR;
    assert_int_equal(store_key_terms_set(tx, &key), OK);
    assert_int_equal(store_commit(&tx), OK);
    assert_int_equal(publish_key(h->a.publisher, id), OK);
}

TEST(an_announced_end_is_warned_of_four_times)
{
    struct house *h = house_open();
    struct phone phone;
    uint64_t account = account_ready(h, "ada@example.com", &phone), end_ns;
    struct key_grant g = key_made(h, &phone, batch_of(account, "live", "bot", "192.0.2.1"));
    struct told *told;

    end_ns = test_now_ns + 20 * DAY_NS;
    end_announced(h, g.id.random, end_ns);
    for (uint64_t left = 20; left > 0; left--) {
        test_now_ns = end_ns - left * DAY_NS;
        warned_count(h, account);
        assert_int_equal(warned_count(h, account),
                         (left <= 14) + (left <= 7) + (left <= 3) + (left <= 1));
    }
    told = warned(h, account);
    assert_int_equal(told->days[0], 1);
    assert_int_equal(told->days[1], 3);
    assert_int_equal(told->days[2], 7);
    assert_int_equal(told->days[3], 14);
    assert_non_null(strstr(told->data[0], "\"label\":\"bot\""));
    assert_non_null(strstr(told->data[0], "by the venue"));
    free(told);
    test_now_ns = end_ns + DAY_NS;
    assert_int_equal(warned_count(h, account), 4);
    free(phone.seed);
    house_close(h);
}

TEST(an_end_that_moves_is_warned_of_anew_and_a_late_round_warns_once)
{
    struct house *h = house_open();
    struct phone phone;
    uint64_t account = account_ready(h, "ada@example.com", &phone);
    struct key_grant g = key_made(h, &phone, batch_of(account, "live", "bot", "192.0.2.1"));

    end_announced(h, g.id.random, test_now_ns + 2 * DAY_NS);
    assert_int_equal(warned_count(h, account), 1); /* not also those of 14 and 7 days */
    house_stop(h);
    house_start(h);
    assert_int_equal(warned_count(h, account), 1);
    end_announced(h, g.id.random, test_now_ns + 10 * DAY_NS);
    assert_int_equal(warned_count(h, account), 2);
    end_announced(h, g.id.random, 0);
    test_now_ns += 9 * DAY_NS;
    assert_int_equal(warned_count(h, account), 2);
    assert_int_equal(key_end(&h->a, "tester", g.id.random, KEY_REVOKED, KEY_REASON_OWNER,
                             SLICE("")),
                     OK);
    free(phone.seed);
    house_close(h);
}

TEST(a_key_that_nobody_uses_is_warned_of_before_its_ninetieth_day)
{
    struct house *h = house_open();
    struct phone phone;
    uint64_t account = account_ready(h, "ada@example.com", &phone), made_ns;
    struct told *told;

    key_made(h, &phone, batch_of(account, "live", "idle bot", "192.0.2.1"));
    made_ns = test_now_ns;
    test_now_ns = made_ns + 75 * DAY_NS;
    assert_int_equal(warned_count(h, account), 0);
    test_now_ns = made_ns + 77 * DAY_NS;
    told = warned(h, account);
    assert_int_equal(told->count, 1);
    assert_non_null(strstr(told->data[0], "unused for too long"));
    assert_non_null(strstr(told->data[0], "one request keeps it alive"));
    free(told);
    test_now_ns = made_ns + 89 * DAY_NS + DAY_NS / 2;
    assert_int_equal(warned_count(h, account), 2);
    free(phone.seed);
    house_close(h);
}

TEST(rounds_rest_for_an_hour)
{
    struct house *h = house_open();
    struct warning_round round = { .stage = ROUND_RESTS };
    bool more = true;

    while (more)
        assert_int_equal(warning_turn(&h->a, &round, &more), OK);
    test_now_ns += 3599 * NS_PER_S;
    assert_int_equal(warning_turn(&h->a, &round, &more), OK);
    assert_false(more);
    test_now_ns += 2 * NS_PER_S;
    assert_int_equal(warning_turn(&h->a, &round, &more), OK);
    assert_true(more);
    house_close(h);
}

TEST(warnings_have_four_steps)
{
    assert_int_equal(warning_days(14 * DAY_NS + 1), 0);
    assert_int_equal(warning_days(14 * DAY_NS), 14);
    assert_int_equal(warning_days(7 * DAY_NS), 7);
    assert_int_equal(warning_days(2 * DAY_NS), 3);
    assert_int_equal(warning_days(1), 1);
}

TEST_MAIN
