#include "test.h"

#include "fixture.h"
#include "authority/event.h"
#include "authority/notice.h"

struct seen {
    size_t count, read;
    uint64_t newest;
};

static bool see(void *context, const struct store_event *event, bool is_read)
{
    struct seen *seen = context;

    if (seen->count++ == 0)
        seen->newest = event->id;
    seen->read += is_read;
    return true;
}

static struct seen looked(struct house *h, uint64_t account, uint64_t *unread)
{
    struct seen seen = { .count = 0 };

    assert_int_equal(notices_each(&h->a, account, 0, see, &seen, unread), OK);
    return seen;
}

static void happened(struct house *h, uint64_t account)
{
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(event_write(&h->a, tx,
                                 &(struct event){ .kind = EVENT_LOGIN, .account = account }),
                     OK);
    assert_int_equal(store_commit(&tx), OK);
}

TEST(an_owner_reads_up_to_a_notice_of_his_own)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual"), unread;
    uint64_t eve = account_opened(h, "eve@example.com", "individual");
    struct seen seen;

    happened(h, ada);
    happened(h, ada);
    happened(h, eve);
    seen = looked(h, ada, &unread);
    assert_int_equal(unread, 2);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.read, 0);
    assert_int_equal(notices_read(&h->a, eve, seen.newest), OK); /* somebody else's */
    looked(h, eve, &unread);
    assert_int_equal(unread, 1);
    assert_int_equal(notices_read(&h->a, ada, seen.newest + 50), OK); /* not there yet */
    looked(h, ada, &unread);
    assert_int_equal(unread, 2);
    assert_int_equal(notices_read(&h->a, ada, seen.newest), OK);
    assert_int_equal(looked(h, ada, &unread).read, 2);
    assert_int_equal(unread, 0);
    happened(h, ada);
    looked(h, ada, &unread);
    assert_int_equal(unread, 1);
    house_close(h);
}

TEST_MAIN
