#include "test.h"

#include "fixture.h"
#include "authority/unused.h"

struct seen {
    size_t count;
    uint64_t ends_at_ns;
};

static void see(void *context, const char *id, uint64_t account, uint64_t ends_at_ns)
{
    struct seen *seen = context;

    assert_true(id[0] != '\0' && account != 0);
    seen->count++;
    seen->ends_at_ns = ends_at_ns;
}

TEST(keys_are_looked_at_a_few_at_a_time)
{
    struct house *h = house_open();
    struct phone phone;
    uint64_t account = account_ready(h, "ada@example.com", &phone), until_ns;
    struct unused_place place = { .slot = 0 };
    struct seen seen = { .count = 0 };
    struct key_grant grant;
    int turns = 0;

    key_made(h, &phone, batch_of(account, "live", "one", "192.0.2.1"));
    key_made(h, &phone, batch_of(account, "sandbox", "two", "192.0.2.2"));
    grant = key_made(h, &phone, batch_of(account, "live", "three", "192.0.2.3"));
    assert_int_equal(unused_end_get(&h->a, ENVIRONMENT_LIVE, grant.id.random),
                     test_now_ns + 90 * DAY_NS);
    until_ns = test_now_ns + 90 * DAY_NS;
    while (unused_each(&h->a, &place, 1, until_ns, 9, see, &seen))
        turns++;
    assert_int_equal(seen.count, 3);
    assert_int_equal(turns, 4); /* three keys, two ends of segments, and the last says so */
    place = (struct unused_place){ .slot = 0 };
    seen.count = 0;
    assert_false(unused_each(&h->a, &place, 100, test_now_ns, 9, see, &seen));
    assert_int_equal(seen.count, 0);
    free(phone.seed);
    house_close(h);
}

TEST_MAIN
