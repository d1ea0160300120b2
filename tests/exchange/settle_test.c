#include "floor.h"

#include "exchange/settle.h"

#define SMALL ((struct engine_limits){ .orders = 4, .accounts = 4 })

/* 1 sells `amount` at `price`, 2 takes it; what the wallets come to. */
static void settled(int64_t amount, int64_t price, struct settlement *settlement,
                    struct floor *floor)
{
    struct order *maker, *taker;

    floor_open(floor, SMALL);
    floor_credit(floor, 1, CURRENCY_BTC, 10 * UNIT);
    floor_credit(floor, 2, CURRENCY_USD, 1000 * UNIT);
    maker = &floor->engine->orders[1];
    taker = &floor->engine->orders[2];
    *maker = (struct order){
        .account = 1, .amount = -amount, .amount_orig = -amount, .price = price, .type = 2
    };
    *taker = (struct order){
        .account = 2, .amount = 2 * amount, .amount_orig = 2 * amount, .price = price, .type = 2
    };
    settle(floor->engine, maker, taker, amount, settlement);
}

static int64_t balance(const struct floor *floor, uint64_t account, enum currency currency)
{
    return engine_account_find(floor->engine, account)->wallets[WALLET_EXCHANGE][currency].balance;
}

TEST(a_trade_moves_money_both_ways_and_charges_both)
{
    struct settlement settlement;
    struct floor floor;

    settled(2 * UNIT, 100 * UNIT, &settlement, &floor);
    assert_int_equal(settlement.count, 6);
    assert_int_equal(settlement.trade.amount, 2 * UNIT);
    assert_int_equal(settlement.trade.value, 200 * UNIT);
    assert_int_equal(balance(&floor, 1, CURRENCY_BTC), 8 * UNIT);
    assert_int_equal(balance(&floor, 1, CURRENCY_USD), 200 * UNIT - 20000000);
    assert_int_equal(balance(&floor, 2, CURRENCY_USD), 800 * UNIT);
    assert_int_equal(balance(&floor, 2, CURRENCY_BTC), 2 * UNIT - 400000);
    assert_int_equal(balance(&floor, ENGINE_FEE_ACCOUNT, CURRENCY_BTC), 400000);
    assert_int_equal(floor.engine->orders[1].state, ORDER_STATE_EXECUTED);
    assert_int_equal(floor.engine->orders[2].state, ORDER_STATE_ACTIVE);
    assert_int_equal(floor.engine->orders[2].price_avg, 100 * UNIT);
    floor_close(&floor);
}

TEST(what_rounds_to_nothing_has_no_row)
{
    struct settlement settlement;
    struct floor floor;

    settled(1, 1, &settlement, &floor);
    assert_int_equal(settlement.trade.value, 0);
    assert_int_equal(settlement.count, 3); /* what was sold, bought and charged of it */
    assert_int_equal(balance(&floor, 2, CURRENCY_BTC), 0);
    assert_int_equal(balance(&floor, ENGINE_FEE_ACCOUNT, CURRENCY_BTC), 1);
    floor_close(&floor);
}

TEST_MAIN
