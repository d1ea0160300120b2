#include "margins.h"

TEST(a_long_position_is_borrowed_traded_and_settled)
{
    struct floor floor;

    margins_open(&floor);
    margins_stand(&floor, -2 * UNIT, 10000 * UNIT);
    floor_clear(&floor);
    margins_order(&floor, TRADER, ORDER_TYPE_MARKET, 2 * UNIT, 0);
    assert_string_equal(floor.text, "new 3 2 of 2: ACTIVE\n"
                                    "trade 2 @ 10000: 2 sells, fees 20 40\n"
                                    "row 2 BTC -2 = 997.99998\n"
                                    "row 2 USD 20000 = 1019999.9\n"
                                    "row 2 USD -20 = 1019979.9\n"
                                    "row 3 USD -40 = 9960\n"
                                    "lent -20000 at 0.0003 for 30\n"
                                    "new loan 1 to 3 20000 at 0.0003 for 30: ACTIVE\n"
                                    "matched offer 1 980000 of 1000000: PARTIALLY FILLED at "
                                    "0.03%(20000)\n"
                                    "new position 3 BTCUSD 2 at 10000\n"
                                    "ask 10000 x 0 by 0\n"
                                    "closed 2 0 of -2: EXECUTED @ 10000(-2)\n"
                                    "closed 3 0 of 2: EXECUTED @ 10000(2)\n");
    assert_int_equal(margins_position(&floor, TRADER)->quote, -20000 * UNIT);

    /* Half of it at 10,500: half of 1000 is gained, and half of what was lent goes back. */
    margins_stand(&floor, UNIT, 10500 * UNIT);
    floor_clear(&floor);
    margins_order(&floor, TRADER, ORDER_TYPE_LIMIT, -UNIT, 10500 * UNIT);
    assert_non_null(strstr(floor.text, "row 3 USD 500 = 10460\nrow 3 USD -21 = 10439\n"));
    assert_non_null(strstr(floor.text, "changed loan 1 to 3 10000 at 0.0003 for 30: ACTIVE\n"
                                       "changed position 3 BTCUSD 1 at 10000\n"));

    /* The rest at 9,500; an hour's interest at least. */
    margins_stand(&floor, UNIT, 9500 * UNIT);
    floor_clear(&floor);
    margins_order(&floor, TRADER, ORDER_TYPE_LIMIT, -UNIT, 9500 * UNIT);
    assert_non_null(strstr(floor.text, "row 3 USD -500 = 9939\nrow 3 USD -19 = 9920\n"
                                       "row 3 USD -0.125 = 9919.875\n"));
    assert_non_null(strstr(floor.text, "closed loan 1 to 3 10000 at 0.0003 for 30: CLOSED "
                                       "(returned)\nclosed position 3 BTCUSD 0 at 10000\n"));
    assert_null(margins_position(&floor, TRADER));
    floor_close(&floor);
}

TEST(a_short_position_borrows_what_it_sells)
{
    struct floor floor;

    margins_open(&floor);
    margins_stand(&floor, 3 * UNIT, 10000 * UNIT);
    floor_clear(&floor);
    margins_order(&floor, TRADER, ORDER_TYPE_MARKET, -3 * UNIT, 0);
    assert_non_null(strstr(floor.text, "new loan 1 to 3 3 at 0.0001 for 30: ACTIVE\n"));
    assert_non_null(strstr(floor.text, "new position 3 BTCUSD -3 at 10000\n"));
    margins_price(&floor, 9000 * UNIT);
    assert_int_equal(position_worth(floor.engine, margins_position(&floor, TRADER)).pl,
                     3000 * UNIT);
    margins_stand(&floor, -3 * UNIT, 9000 * UNIT);
    margins_order(&floor, TRADER, ORDER_TYPE_LIMIT, 3 * UNIT, 9000 * UNIT);
    assert_null(margins_position(&floor, TRADER));
    /* 60 to sell, 54 to buy back, an hour of three bitcoins' interest. */
    assert_int_equal(margins_balance(&floor, TRADER, CURRENCY_USD), (13000 - 60 - 54) * UNIT);
    assert_int_equal(margins_balance(&floor, TRADER, CURRENCY_BTC), -1250);
    floor_close(&floor);
}

TEST(a_larger_order_closes_one_position_and_opens_another)
{
    struct floor floor;
    uint64_t before;

    margins_open(&floor);
    margins_stand(&floor, -UNIT, 10000 * UNIT);
    margins_order(&floor, TRADER, ORDER_TYPE_MARKET, UNIT, 0);
    before = floor.position;
    margins_stand(&floor, 3 * UNIT, 10100 * UNIT);
    floor_clear(&floor);
    margins_order(&floor, TRADER, ORDER_TYPE_MARKET, -3 * UNIT, 0);
    assert_non_null(strstr(floor.text, "row 3 USD 100 = 10080\n"));
    assert_non_null(strstr(floor.text, "closed position 3 BTCUSD 0 at 10000\n"));
    assert_non_null(strstr(floor.text, "new position 3 BTCUSD -2 at 10100\n"));
    assert_int_not_equal(margins_position(&floor, TRADER)->id, before);
    floor_close(&floor);
}

TEST(two_who_trade_on_margin_with_each_other_both_have_positions)
{
    struct floor floor;

    margins_open(&floor);
    margins_order(&floor, TRADER, ORDER_TYPE_LIMIT, -UNIT, 10000 * UNIT);
    margins_order(&floor, OTHER, ORDER_TYPE_LIMIT, UNIT, 10000 * UNIT);
    assert_int_equal(margins_position(&floor, TRADER)->amount, -UNIT);
    assert_int_equal(margins_position(&floor, OTHER)->amount, UNIT);
    /* Each with the other one again: nothing is left. */
    margins_order(&floor, TRADER, ORDER_TYPE_LIMIT, UNIT, 10000 * UNIT);
    margins_order(&floor, OTHER, ORDER_TYPE_LIMIT, -UNIT, 10000 * UNIT);
    assert_null(position_next(floor.engine, NULL));
    /* And with itself. */
    margins_order(&floor, TRADER, ORDER_TYPE_LIMIT, UNIT, 10000 * UNIT);
    margins_order(&floor, TRADER, ORDER_TYPE_LIMIT, -UNIT, 10000 * UNIT);
    assert_null(position_next(floor.engine, NULL));
    floor_close(&floor);
}

static void claim(struct floor *floor, int64_t amount)
{
    floor_apply(floor, (struct command){ .kind = COMMAND_POSITION_CLAIM,
                                         .account = TRADER,
                                         .order = margins_position(floor, TRADER)->id,
                                         .amount = amount });
}

TEST(who_pays_what_a_position_owes_may_have_what_it_holds)
{
    struct floor floor;

    margins_open(&floor);
    margins_stand(&floor, -2 * UNIT, 10000 * UNIT);
    margins_order(&floor, TRADER, ORDER_TYPE_MARKET, 2 * UNIT, 0);
    claim(&floor, 0);
    assert_int_equal(floor.why, REFUSAL_AVAILABLE); /* 20,000 are owed */
    claim(&floor, UNIT / 2);
    assert_int_equal(floor.why, REFUSAL_NONE);
    assert_int_equal(margins_position(&floor, TRADER)->amount, 3 * UNIT / 2);
    assert_int_equal(margins_balance(&floor, TRADER, CURRENCY_BTC), UNIT / 2);
    margins_credit(&floor, TRADER, WALLET_MARGIN, CURRENCY_USD, 20000);
    claim(&floor, 0);
    assert_null(margins_position(&floor, TRADER));
    assert_int_equal(margins_balance(&floor, TRADER, CURRENCY_BTC), 2 * UNIT);
    floor_close(&floor);
}

static void increase(struct floor *floor, int64_t amount)
{
    floor_apply(floor, (struct command){ .kind = COMMAND_POSITION_INCREASE,
                                         .account = TRADER,
                                         .market = MARKET_BTCUSD,
                                         .amount = amount });
}

TEST(what_the_wallet_has_can_become_a_position)
{
    struct floor floor;

    margins_open(&floor);
    increase(&floor, UNIT);
    assert_int_equal(floor.why, REFUSAL_AVAILABLE); /* no bitcoin is there */
    margins_credit(&floor, TRADER, WALLET_MARGIN, CURRENCY_BTC, 1);
    increase(&floor, UNIT);
    assert_int_equal(floor.why, REFUSAL_NONE);
    assert_int_equal(margins_position(&floor, TRADER)->amount, UNIT);
    assert_int_equal(margins_balance(&floor, TRADER, CURRENCY_BTC), 0);
    assert_int_equal(margins_balance(&floor, TRADER, CURRENCY_USD), 20000 * UNIT);
    increase(&floor, -UNIT);
    assert_int_equal(floor.why, REFUSAL_AMOUNT); /* the other way round is a claim */
    floor_apply(&floor, (struct command){ .kind = COMMAND_POSITION_TERM,
                                          .account = TRADER,
                                          .market = MARKET_BTCUSD,
                                          .fields = 1 });
    assert_true(margins_position(&floor, TRADER)->is_term);
    floor_close(&floor);
}

TEST_MAIN
