#include "floor.h"

#define DAY_MS UINT64_C(86400000)

static void open_rich(struct floor *floor)
{
    floor_open(floor, (struct engine_limits){ .orders = 64, .accounts = 4 });
    floor_credit(floor, 1, CURRENCY_BTC, 100 * UNIT);
    floor_credit(floor, 1, CURRENCY_USD, 100000 * UNIT);
}

TEST(levels_come_best_first_on_both_sides)
{
    static const int64_t prices[] = { 103, 101, 99, 97, 102, 98, 101 };
    struct book_level bid = { .market = MARKET_BTCUSD, .bid = true };
    struct book_level ask = { .market = MARKET_BTCUSD, .bid = false };
    struct floor floor;

    open_rich(&floor);
    for (size_t i = 0; i < sizeof prices / sizeof *prices; i++)
        floor_limit(&floor, 1, prices[i] > 100 ? -UNIT : UNIT, prices[i] * UNIT);
    for (int64_t price = 101; price <= 103; price++) {
        assert_true(engine_level_next(floor.engine, &ask));
        assert_int_equal(ask.price, price * UNIT);
        assert_int_equal(ask.count, price == 101 ? 2 : 1);
        assert_int_equal(ask.amount, (price == 101 ? 2 : 1) * UNIT);
    }
    assert_false(engine_level_next(floor.engine, &ask));
    for (int64_t price = 99; price >= 97; price--) {
        assert_true(engine_level_next(floor.engine, &bid));
        assert_int_equal(bid.price, price * UNIT);
    }
    assert_false(engine_level_next(floor.engine, &bid));
    floor_close(&floor);
}

TEST(orders_of_a_book_come_in_the_order_of_their_turn)
{
    const struct order *order = NULL;
    struct floor floor;
    uint64_t ids[4];

    open_rich(&floor);
    ids[2] = floor_limit(&floor, 1, -UNIT, 102 * UNIT);
    ids[0] = floor_limit(&floor, 1, -UNIT, 101 * UNIT);
    ids[1] = floor_limit(&floor, 1, -UNIT, 101 * UNIT);
    floor_submit(&floor, (struct command){ .account = 1,
                                           .amount = -UNIT,
                                           .price = 102 * UNIT,
                                           .type = ORDER_TYPE_EXCHANGE_LIMIT,
                                           .flags = ORDER_HIDDEN });
    ids[3] = floor_limit(&floor, 1, -UNIT, 102 * UNIT);
    for (unsigned i = 0; i < 4; i++) {
        order = engine_book_order_next(floor.engine, MARKET_BTCUSD, false, order);
        assert_int_equal(order->id, ids[i]);
    }
    assert_null(engine_book_order_next(floor.engine, MARKET_BTCUSD, false, order));
    assert_null(engine_book_order_next(floor.engine, MARKET_BTCUSD, true, NULL));
    floor_close(&floor);
}

TEST(an_account_lists_its_orders_oldest_first)
{
    const struct order *order = NULL;
    struct floor floor;
    uint64_t first = 0;

    open_rich(&floor);
    for (unsigned i = 0; i < 5; i++) {
        uint64_t id = floor_limit(&floor, 1, UNIT, UNIT);

        first = i == 0 ? id : first;
    }
    floor_apply(&floor,
                (struct command){ .kind = COMMAND_CANCEL, .account = 1, .order = first + 2 });
    for (unsigned i = 0; i < 5; i++) {
        if (i == 2)
            continue;
        order = engine_account_order_next(floor.engine, 1, order);
        assert_int_equal(order->id, first + i);
    }
    assert_null(engine_account_order_next(floor.engine, 1, order));
    assert_null(engine_account_order_next(floor.engine, 99, NULL));
    assert_null(engine_account_find(floor.engine, 99));
    assert_null(engine_order_find(floor.engine, first + 2));
    floor_close(&floor);
}

TEST(a_client_id_belongs_to_an_account_and_a_day)
{
    struct command command = {
        .account = 1, .amount = UNIT, .price = UNIT, .cid = 77, .type = ORDER_TYPE_EXCHANGE_LIMIT
    };
    struct floor floor;
    uint64_t today, tomorrow;

    open_rich(&floor);
    floor.time_ms = 10 * DAY_MS;
    today = floor_submit(&floor, command);
    floor.time_ms = 11 * DAY_MS - 1;
    floor_limit(&floor, 1, UNIT, UNIT);
    floor.time_ms = 11 * DAY_MS;
    tomorrow = floor_submit(&floor, command);
    assert_int_equal(engine_order_by_cid(floor.engine, 1, 77, 10)->id, today);
    assert_int_equal(engine_order_by_cid(floor.engine, 1, 77, 11)->id, tomorrow);
    assert_null(engine_order_by_cid(floor.engine, 1, 77, 12));
    assert_null(engine_order_by_cid(floor.engine, 2, 77, 10));
    /* Without a client id an order gets its time. */
    assert_non_null(engine_order_by_cid(floor.engine, 1, 11 * DAY_MS - 1, 10));
    floor_close(&floor);
}

TEST_MAIN
