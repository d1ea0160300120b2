#include "../test.h"

#include "authority/visitor.h"
#include "fixture.h"
#include "store/events.h"

static bool keep(void *context, const struct store_event *event)
{
    *(struct store_event *)context = *event;
    return false;
}

TEST(an_event_shows_the_address_and_the_browser)
{
    const struct visitor ada = { .address = SLICE("192.0.2.7"), .agent = SLICE("Browser/1") };
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    char text[SESSION_ADDRESS_SIZE];
    struct store_event got = { 0 };
    struct store_tx *tx;

    assert_string_equal(visitor_address(&ada, text), "192.0.2.7");
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(visitor_event(&h->a, tx, EVENT_LOGIN, account, &ada), OK);
    assert_int_equal(store_events_each(tx, account, 0, 1, keep, &got), OK);
    assert_string_equal(got.address, "192.0.2.7");
    assert_non_null(strstr(got.data, "\"agent\":\"Browser/1\""));
    store_rollback(&tx);
    house_close(h);
}

TEST_MAIN
