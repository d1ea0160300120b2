#include "margins.h"

/* TRADER is long 9 bitcoins at 10,000 with 9820 dollars behind it: least 4500 at that price. */
static void open_long(struct floor *floor)
{
    margins_open(floor);
    margins_stand(floor, -9 * UNIT, 10000 * UNIT);
    margins_order(floor, TRADER, ORDER_TYPE_MARKET, 9 * UNIT, 0);
    assert_int_equal(margins_position(floor, TRADER)->amount, 9 * UNIT);
}

TEST(a_position_is_closed_when_too_little_is_behind_it)
{
    struct floor floor;

    open_long(&floor);
    margins_order(&floor, TRADER, ORDER_TYPE_LIMIT, UNIT / 100, 8000 * UNIT);
    margins_stand(&floor, 20 * UNIT, 9340 * UNIT);
    margins_price(&floor, 9400 * UNIT);
    assert_non_null(margins_position(&floor, TRADER)); /* 4420 are behind it, 4230 needed */
    floor_clear(&floor);
    margins_price(&floor, 9350 * UNIT);
    assert_null(margins_position(&floor, TRADER));
    assert_non_null(strstr(floor.text, "closed 3 0.01 of 0.01: CANCELED\n"
                                       "liquidation 3 seen 9 at 9350\n"
                                       "new 3 -9 of -9: FORCED ACTIVE (note:POSCLOSE)\n"
                                       "trade -9 @ 9340: 2 buys"));
    assert_non_null(strstr(floor.text, "liquidation 3 sold 9 at 9340\n"));
    assert_non_null(strstr(floor.text, "FORCED EXECUTED @ 9340(-9)"));
    assert_true(margins_balance(&floor, TRADER, CURRENCY_USD) > 3000 * UNIT);
    floor_close(&floor);
}

TEST(only_as_much_is_closed_as_there_are_takers_and_the_rest_later)
{
    struct floor floor;

    open_long(&floor);
    margins_stand(&floor, UNIT, 9340 * UNIT);
    margins_price(&floor, 9345 * UNIT);
    assert_int_equal(margins_position(&floor, TRADER)->amount, 9 * UNIT - UNIT - UNIT / 100);
    margins_stand(&floor, 20 * UNIT, 9300 * UNIT);
    assert_non_null(margins_position(&floor, TRADER)); /* no trade has come */
    margins_price(&floor, 9310 * UNIT);
    assert_null(margins_position(&floor, TRADER));
    floor_close(&floor);
}

TEST(what_the_wallets_lack_afterwards_the_venue_bears)
{
    struct floor floor;

    open_long(&floor);
    margins_stand(&floor, 20 * UNIT, 8000 * UNIT);
    floor_clear(&floor);
    margins_price(&floor, 8500 * UNIT);
    assert_null(margins_position(&floor, TRADER));
    assert_int_equal(margins_balance(&floor, TRADER, CURRENCY_USD), 0);
    assert_true(margins_balance(&floor, ENGINE_FEE_ACCOUNT, CURRENCY_USD) < -8000 * UNIT);
    /* And he begins anew. */
    margins_credit(&floor, TRADER, WALLET_MARGIN, CURRENCY_USD, 1000);
    assert_int_equal(wallet_free(floor.engine, TRADER, WALLET_MARGIN, CURRENCY_USD), 1000 * UNIT);
    floor_close(&floor);
}

TEST(one_liquidation_can_be_the_next_ones_cause)
{
    struct floor floor;

    open_long(&floor);
    margins_stand(&floor, -8 * UNIT, 10000 * UNIT);
    margins_order(&floor, OTHER, ORDER_TYPE_LIMIT, 8 * UNIT, 10000 * UNIT);
    margins_stand(&floor, 5 * UNIT, 9300 * UNIT);
    margins_stand(&floor, 20 * UNIT, 9000 * UNIT);
    floor_clear(&floor);
    /* TRADER is sold at 9300 and 9000; that ends OTHER, who was safe until then. */
    margins_price(&floor, 9350 * UNIT);
    assert_null(position_next(floor.engine, NULL));
    floor_close(&floor);
}

TEST(interest_alone_can_be_too_much)
{
    struct floor floor;

    open_long(&floor);
    margins_stand(&floor, 20 * UNIT, 9800 * UNIT);
    floor.writes = false;
    /* 27 dollars a day. */
    for (unsigned day = 0; day < 400 && margins_position(&floor, TRADER) != NULL; day++)
        lenders_wait(&floor, DAY_MS);
    assert_null(margins_position(&floor, TRADER));
    assert_true(margins_balance(&floor, TRADER, CURRENCY_USD) > 0);
    floor_close(&floor);
}

TEST_MAIN
