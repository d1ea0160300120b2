#include "test.h"

#include "fixture.h"
#include "store/events.h"

static uint64_t event_made(struct store_tx *tx, uint64_t account, uint32_t kind)
{
    struct store_event e = { .account = account, .kind = kind, .at_ns = 5,
                             .address = "192.0.2.1", .data = "{\"a\":1}" };

    memset(e.key, 'k', sizeof e.key);
    assert_int_equal(store_event_insert(tx, &e), OK);
    return e.id;
}

struct seen {
    uint64_t ids[8];
    size_t count;
};

static bool see(void *context, const struct store_event *event)
{
    struct seen *seen = context;

    seen->ids[seen->count++] = event->id;
    return true;
}

TEST(events_are_listed_newest_first_and_from_a_place_on)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com"), bob = account_made(&p, "bob@example.com");
    struct store_tx *tx = begun(&p);
    uint64_t first = event_made(tx, ada, 1), second = event_made(tx, ada, 2);
    struct store_event got;
    struct seen seen = { .count = 0 };

    event_made(tx, bob, 3);
    assert_int_equal(store_events_each(tx, ada, 0, 8, see, &seen), OK);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.ids[0], second);
    seen.count = 0;
    assert_int_equal(store_events_each(tx, ada, second, 8, see, &seen), OK);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.ids[0], first);
    assert_int_equal(store_event_get(tx, second, &got), OK);
    assert_int_equal(got.kind, 2);
    assert_string_equal(got.address, "192.0.2.1");
    assert_string_equal(got.data, "{\"a\":1}");
    assert_int_equal(got.key[15], 'k');
    assert_int_equal(store_event_get(tx, 99, &got), ERR_MISSING);
    store_rollback(&tx);
    place_close(&p);
}

TEST(what_was_read_stays_read)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com"), up_to, unread;
    struct store_tx *tx = begun(&p);
    uint64_t first = event_made(tx, ada, 1), second = event_made(tx, ada, 2);

    assert_int_equal(store_notices_unread_count(tx, ada, 100, &unread), OK);
    assert_int_equal(unread, 2);
    assert_int_equal(store_notice_read_get(tx, ada, &up_to), OK);
    assert_int_equal(up_to, 0);
    assert_int_equal(store_notice_read_set(tx, ada, second), OK);
    assert_int_equal(store_notice_read_set(tx, ada, first), OK);
    assert_int_equal(store_notice_read_get(tx, ada, &up_to), OK);
    assert_int_equal(up_to, second);
    event_made(tx, ada, 1);
    assert_int_equal(store_notices_unread_count(tx, ada, 100, &unread), OK);
    assert_int_equal(unread, 1);
    store_rollback(&tx);
    place_close(&p);
}

TEST_MAIN
