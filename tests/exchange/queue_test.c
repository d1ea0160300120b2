#include "floor.h"

#include "exchange/queue.h"

enum { MANY = 500 };

/* An engine's room, filled with orders that are known to nobody but the queue. */
static void open_many(struct floor *floor)
{
    floor_open(floor, (struct engine_limits){ .orders = MANY, .accounts = 1 });
    for (uint64_t i = 1; i <= MANY; i++)
        floor->engine->orders[i].id = i;
}

TEST(orders_leave_in_the_order_of_their_time_and_then_of_their_age)
{
    struct floor floor;
    struct queue *queue;
    uint64_t seed = 11, latest_ms = 0, latest_id = 0;
    unsigned left = 0;

    open_many(&floor);
    queue = &floor.engine->due;
    for (unsigned i = 1; i <= MANY; i++) {
        floor.engine->orders[i].tif_ms = 1 + dice_below(&seed, 40);
        queue_insert(floor.engine, queue, &floor.engine->orders[i]);
        assert_null(queue_check(floor.engine, queue));
    }
    for (struct order *order; (order = queue_first(floor.engine, queue)) != NULL; left++) {
        assert_true(order->tif_ms > latest_ms ||
                    (order->tif_ms == latest_ms && order->id > latest_id));
        latest_ms = order->tif_ms;
        latest_id = order->id;
        queue_remove(floor.engine, queue, order);
        assert_int_equal(order->queue_slots[QUEUE_TIF], 0);
        assert_null(queue_check(floor.engine, queue));
    }
    assert_int_equal(left, MANY);
    floor_close(&floor);
}

TEST(an_order_leaves_from_anywhere_and_only_once)
{
    struct floor floor;
    struct queue *queue;
    uint64_t seed = 12;

    open_many(&floor);
    queue = &floor.engine->due;
    for (unsigned i = 1; i <= MANY; i++) {
        floor.engine->orders[i].tif_ms = dice_below(&seed, 1000);
        queue_insert(floor.engine, queue, &floor.engine->orders[i]);
    }
    for (unsigned i = 0; i < 4 * MANY; i++) {
        queue_remove(floor.engine, queue, &floor.engine->orders[1 + dice_below(&seed, MANY)]);
        assert_null(queue_check(floor.engine, queue));
    }
    assert_in_range(queue->count, 1, MANY / 10);
    floor_close(&floor);
}

TEST(the_check_sees_an_order_that_is_not_where_it_thinks)
{
    struct floor floor;
    struct queue *queue;

    open_many(&floor);
    queue = &floor.engine->due;
    for (unsigned i = 1; i <= 3; i++) {
        floor.engine->orders[i].tif_ms = i;
        queue_insert(floor.engine, queue, &floor.engine->orders[i]);
    }
    floor.engine->orders[3].tif_ms = 0;
    assert_string_equal(queue_check(floor.engine, queue),
                        "an order waits behind one that comes later");
    floor.engine->orders[3].tif_ms = 3;
    floor.engine->orders[3].queue_slots[QUEUE_TIF] = 1;
    assert_string_equal(queue_check(floor.engine, queue),
                        "an order is not where it thinks it waits");
    floor_close(&floor);
}

TEST_MAIN
