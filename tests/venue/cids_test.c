#include "../test.h"

#include "venue/cids.h"

#include "fresh.h"

#define DAY UINT64_C(86400000)

static struct cids cids;

static void take(uint64_t account, uint64_t cid, uint64_t created_ms)
{
    struct command command = { .kind = COMMAND_SUBMIT, .account = account, .cid = cid };
    struct order order = { .account = account, .cid = cid, .created_ms = created_ms };

    cids_take(&cids, &(struct event){ .kind = EVENT_ORDER,
                                      .command = &command,
                                      .order = { ORDER_NEW, &order } });
}

TEST(an_id_is_used_once_by_an_account_on_a_day)
{
    cids_init(&cids, fresh_arena());
    assert_false(cids_has(&cids, 1, 7, 3));
    take(1, 7, 3 * DAY + 5);
    assert_true(cids_has(&cids, 1, 7, 3));
    assert_false(cids_has(&cids, 1, 7, 4));
    assert_false(cids_has(&cids, 1, 8, 3));
    assert_false(cids_has(&cids, 2, 7, 3));
    take(1, 7, 3 * DAY + 6); /* as an old journal may have it */
    assert_int_equal(cids.young.count, 1);
}

TEST(an_order_without_an_id_of_its_client_uses_none)
{
    struct command command = { .kind = COMMAND_SUBMIT, .cid = 7, .cid_oco = 0 };
    struct order order = { .account = 1, .cid = 1000, .placed_by = 4 };

    cids_init(&cids, fresh_arena());
    cids_take(&cids, &(struct event){ .command = &command, .order = { ORDER_NEW, &order } });
    assert_false(cids_has(&cids, 1, 7, 0));
    assert_false(cids_has(&cids, 1, 1000, 0));
    command.cid_oco = 8;
    cids_take(&cids, &(struct event){ .command = &command, .order = { ORDER_NEW, &order } });
    assert_true(cids_has(&cids, 1, 8, 0));
    assert_false(cids_has(&cids, 1, 0, 0));
}

TEST(the_latest_are_remembered_and_memory_is_bounded)
{
    cids_init(&cids, fresh_arena());
    for (uint64_t i = 1; i <= 3 * (uint64_t)CIDS_KEPT; i++)
        take(1, i, 0);
    assert_false(cids_has(&cids, 1, 1, 0));
    for (uint64_t i = 2 * (uint64_t)CIDS_KEPT + 1; i <= 3 * (uint64_t)CIDS_KEPT; i++)
        if (!cids_has(&cids, 1, i, 0))
            fail_msg("%llu is forgotten", (unsigned long long)i);
    assert_int_equal(cids.young.capacity, 2 * CIDS_KEPT);
}

TEST_MAIN
