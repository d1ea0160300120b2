#include "test.h"

#include "authority/retention.h"
#include "fixture.h"

enum { BATCH = 40000, BATCHES = 6 }; /* more than a log file of 32 MiB takes */

/* A log with a whole file of records of the first ten minutes after SOME_MONDAY_NS. */
static struct house *old_house_open(void)
{
    uint8_t(*bytes)[RECORD_FIXED_SIZE + RECORD_PATH_MOST] = calloc(BATCH, sizeof *bytes);
    struct slice *records = calloc(BATCH, sizeof *records);
    struct house *h = house_open();

    for (uint64_t batch = 0; batch < BATCHES; batch++) {
        uint64_t first;

        for (uint64_t i = 0; i < BATCH; i++) {
            struct audit_record record = {
                .received_at_us = SOME_MONDAY_NS / NS_PER_US + batch * 100000000 + i,
                .kind = RECORD_REQUEST,
                .path_size = 30,
                .path = "/v2/auth/r/orders/tBTCUSD/hist",
            };

            records[i] = (struct slice){ (char *)bytes[i], record_encode(&record, bytes[i]) };
        }
        assert_int_equal(trail_append(h->a.trail, records, BATCH, &first), OK);
    }
    assert_int_equal(trail_checkpoint(h->a.trail), OK);
    free(records);
    free(bytes);
    return h;
}

static bool change_note(void *context, const struct trail_row *row)
{
    bool *told = context;

    if (row->record.kind == RECORD_CHANGE &&
        memmem(row->text.at, row->text.size, "operator uid 7", 14) != NULL)
        *told = true;
    return true;
}

TEST(a_retirement_stands_in_the_log_with_who_did_it)
{
    struct house *h = old_house_open();
    struct trail_query newest = { .limit = 5 };
    struct trail_retirement done;
    struct trail_state now;
    struct collector *c;
    uint64_t next;
    bool told = false, more;

    assert_int_equal(collector_start(&h->a, &c), OK);
    assert_int_equal(retention_apply(&h->a, "operator uid 7", SOME_MONDAY_NS / NS_PER_US, &done),
                     OK);
    assert_int_equal(done.from, done.end); /* all are younger */
    assert_int_equal(retention_apply(&h->a, "operator uid 7",
                                     SOME_MONDAY_NS / NS_PER_US + 3600000000, &done),
                     OK);
    assert_in_range(done.end, 1, BATCH * BATCHES - 1);
    trail_state_get(h->a.trail, &now);
    assert_int_equal(now.first, done.end);
    assert_int_equal(trail_find(h->a.trail, &newest, change_note, &told, &next, &more), OK);
    assert_true(told);
    collector_stop(&c);
    house_close(h);
}

TEST(records_older_than_they_are_kept_go_by_themselves)
{
    struct house *h = old_house_open();
    struct retention *r;
    struct trail_state now;
    struct collector *c;

    test_now_ns = SOME_MONDAY_NS + 31 * DAY_NS;
    assert_int_equal(collector_start(&h->a, &c), OK);
    assert_int_equal(retention_start(&h->a, 30, &r), OK);
    do {
        trail_state_get(h->a.trail, &now);
        trail_wait(h->a.trail, now.size, 20);
    } while (now.first == 0);
    retention_stop(&r);
    assert_null(r);
    collector_stop(&c);
    house_close(h);
}

TEST_MAIN
