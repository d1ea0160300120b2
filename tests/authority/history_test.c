#include "../test.h"

#include "authority/event.h"
#include "authority/history.h"
#include "fixture.h"

static bool note(void *context, const struct store_event *event, const char country[COUNTRY_SIZE])
{
    struct buffer *seen = context;

    buffer_printf(seen, "%s %s[%s] ", event_word(event->kind), event->address, country);
    return true;
}

TEST(history_is_what_requests_have_done)
{
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    const struct event login = { .kind = EVENT_LOGIN, .account = account, .address = "192.0.2.7" };
    const struct event failed = { .kind = EVENT_LOGIN_FAILED, .account = account,
                                  .address = "192.0.2.8" };
    const struct event own = { .kind = EVENT_ACCOUNT_FLAGGED, .account = account };
    struct buffer seen;
    struct store_tx *tx;

    buffer_init(&seen);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(event_write(&h->a, tx, &login), OK);
    assert_int_equal(event_write(&h->a, tx, &own), OK);
    assert_int_equal(event_write(&h->a, tx, &failed), OK);
    assert_int_equal(store_commit(&tx), OK);
    assert_int_equal(history_each(&h->a, account, 0, note, &seen), OK);
    assert_string_equal(seen.at, "login.failed 192.0.2.8[] login 192.0.2.7[] ");
    buffer_wipe(&seen);
    house_close(h);
}

TEST_MAIN
