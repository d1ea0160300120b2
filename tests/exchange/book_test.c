#include "floor.h"

#include "exchange/book.h"

static void open_rich(struct floor *floor)
{
    floor_open(floor, (struct engine_limits){ .orders = 64, .accounts = 4 });
    floor_credit(floor, 1, CURRENCY_BTC, 100 * UNIT);
    floor_credit(floor, 1, CURRENCY_USD, 100000 * UNIT);
}

static void cancel(struct floor *floor, uint64_t order)
{
    floor_apply(floor, (struct command){ .kind = COMMAND_CANCEL, .account = 1, .order = order });
}

TEST(the_best_price_follows_what_comes_and_goes)
{
    struct floor floor;
    uint64_t middle, best, worst;

    open_rich(&floor);
    assert_int_equal(book_best(floor.engine, MARKET_BTCUSD, true), 0);
    middle = floor_limit(&floor, 1, UNIT, 50 * UNIT);
    worst = floor_limit(&floor, 1, UNIT, UNIT / 1000000);
    best = floor_limit(&floor, 1, UNIT, 60 * UNIT);
    assert_int_equal(book_best(floor.engine, MARKET_BTCUSD, true), price_rank(60 * UNIT));
    assert_int_equal(book_worse(floor.engine, MARKET_BTCUSD, true, price_rank(50 * UNIT)),
                     price_rank(UNIT / 1000000));
    cancel(&floor, middle);
    cancel(&floor, best);
    assert_int_equal(book_best(floor.engine, MARKET_BTCUSD, true), price_rank(UNIT / 1000000));
    cancel(&floor, worst);
    assert_int_equal(book_best(floor.engine, MARKET_BTCUSD, true), 0);
    assert_int_equal(book_best(floor.engine, MARKET_ETHUSD, true), 0);
    floor_close(&floor);
}

TEST(a_price_that_was_bid_can_be_asked_later)
{
    struct floor floor;

    open_rich(&floor);
    cancel(&floor, floor_limit(&floor, 1, UNIT, 50 * UNIT));
    floor_limit(&floor, 1, -UNIT, 50 * UNIT);
    assert_int_equal(book_best(floor.engine, MARKET_BTCUSD, true), 0);
    assert_int_equal(book_best(floor.engine, MARKET_BTCUSD, false), price_rank(50 * UNIT));
    floor_close(&floor);
}

TEST(a_level_knows_when_it_cannot_count_further)
{
    struct floor floor;

    open_rich(&floor);
    assert_true(book_has_room(floor.engine, MARKET_BTCUSD, 1, INT64_MAX));
    floor_limit(&floor, 1, 2000 * UNIT, 1);
    assert_false(book_has_room(floor.engine, MARKET_BTCUSD, 1, INT64_MAX - 2000 * UNIT + 1));
    assert_true(book_has_room(floor.engine, MARKET_BTCUSD, 1, INT64_MAX - 2000 * UNIT));
    floor_close(&floor);
}

TEST_MAIN
