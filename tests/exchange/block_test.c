#include "floor.h"

TEST(a_new_engine_is_whole_and_empty)
{
    struct floor floor;

    floor_open(&floor, (struct engine_limits){ .orders = 3, .accounts = 2 });
    assert_null(engine_check(floor.engine));
    assert_int_equal(engine_order_count(floor.engine), 0);
    assert_null(engine_account_find(floor.engine, 1));
    floor_close(&floor);
}

TEST(more_room_takes_more_memory)
{
    const struct engine_limits few = { .orders = 10, .accounts = 10 };
    const struct engine_limits many = { .orders = 1000000, .accounts = 10 };

    assert_true(engine_size(many) > engine_size(few));
    assert_int_equal(engine_size(few) % 64, 0);
}

TEST(all_of_the_room_can_be_used)
{
    struct floor floor;

    floor_open(&floor, (struct engine_limits){ .orders = 3, .accounts = 2 });
    floor_credit(&floor, 1, CURRENCY_USD, 1000 * UNIT);
    floor_credit(&floor, 2, CURRENCY_USD, 1000 * UNIT);
    for (int i = 0; i < 3; i++)
        assert_int_not_equal(floor_limit(&floor, 1, UNIT, 100 * UNIT), 0);
    assert_int_equal(floor_limit(&floor, 2, UNIT, 100 * UNIT), 0);
    assert_int_equal(floor.why, REFUSAL_ORDERS_FULL);
    floor_close(&floor);
}

TEST_MAIN
