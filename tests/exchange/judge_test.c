#include "floor.h"

#define SMALL ((struct engine_limits){ .orders = 4, .accounts = 2 })

/* The exchange before each row: account 1 has 10 BTC and 1000 USD, and its first order buys 1 BTC
 * at 100 USD; account 2 has 5 BTC. */
#define LIMIT      .kind = COMMAND_SUBMIT, .account = 1, .type = ORDER_TYPE_EXCHANGE_LIMIT
#define STOP       .kind = COMMAND_SUBMIT, .account = 1, .type = ORDER_TYPE_EXCHANGE_STOP
#define STOP_LIMIT .kind = COMMAND_SUBMIT, .account = 1, .type = ORDER_TYPE_EXCHANGE_STOP_LIMIT
#define TRAILING   .kind = COMMAND_SUBMIT, .account = 1, .type = ORDER_TYPE_EXCHANGE_TRAILING_STOP
#define THEIRS     100000000001
#define UPDATE     .kind = COMMAND_UPDATE, .account = 1, .order = THEIRS

static const struct {
    enum refusal why;
    struct command command;
} rows[] = {
    { REFUSAL_NONE, { LIMIT, .amount = UNIT, .price = 900 * UNIT } },
    { REFUSAL_NONE, { LIMIT, .amount = -10 * UNIT, .price = UNIT } },
    { REFUSAL_COMMAND, { .kind = 0, .account = 1 } },
    { REFUSAL_COMMAND, { .kind = 99, .account = 1 } },
    { REFUSAL_COMMAND, { .kind = COMMAND_CREDIT, .account = 0, .amount = 1 } },
    { REFUSAL_SYMBOL, { LIMIT, .market = MARKET_COUNT, .amount = UNIT, .price = UNIT } },
    { REFUSAL_TYPE, { .kind = COMMAND_SUBMIT, .account = 1, .amount = UNIT, .price = UNIT } },
    { REFUSAL_TYPE,
      { .kind = COMMAND_SUBMIT, .account = 1, .type = 15, .amount = UNIT, .price = UNIT } },
    { REFUSAL_TRADABLE, /* nobody has traded yet */
      { .kind = COMMAND_SUBMIT,
        .account = 1,
        .type = ORDER_TYPE_LIMIT,
        .amount = UNIT,
        .price = UNIT } },
    { REFUSAL_FLAGS, { LIMIT, .flags = 1, .amount = UNIT, .price = UNIT } },
    { REFUSAL_NONE,
      { LIMIT, .flags = ORDER_OCO, .amount = UNIT, .price = UNIT, .price_oco_stop = 900 * UNIT } },
    { REFUSAL_PRICE_OCO_STOP, { LIMIT, .flags = ORDER_OCO, .amount = UNIT, .price = UNIT } },
    { REFUSAL_BALANCE,
      { LIMIT, .flags = ORDER_OCO, .amount = UNIT, .price = UNIT, .price_oco_stop = 901 * UNIT } },
    { REFUSAL_FLAGS,
      { STOP, .flags = ORDER_OCO, .amount = UNIT, .price = UNIT, .price_oco_stop = UNIT } },
    { REFUSAL_NONE, { STOP, .amount = UNIT, .price = 900 * UNIT } },
    { REFUSAL_PRICE, { STOP, .amount = UNIT } },
    { REFUSAL_BALANCE, { STOP, .amount = UNIT, .price = 901 * UNIT } },
    { REFUSAL_NONE,
      { STOP_LIMIT, .amount = UNIT, .price = 901 * UNIT, .price_aux_limit = 900 * UNIT } },
    { REFUSAL_PRICE_AUX_LIMIT, { STOP_LIMIT, .amount = UNIT, .price = UNIT } },
    { REFUSAL_PRICE, { STOP_LIMIT, .amount = UNIT, .price_aux_limit = UNIT } },
    { REFUSAL_BALANCE,
      { STOP_LIMIT, .amount = UNIT, .price = UNIT, .price_aux_limit = 901 * UNIT } },
    /* Who sells follows the best bid, 100; nobody asks, and there was no trade. */
    { REFUSAL_NONE, { TRAILING, .amount = -UNIT, .price_trailing = 99 * UNIT } },
    { REFUSAL_PRICE_TRAILING, { TRAILING, .amount = -UNIT, .price_trailing = 100 * UNIT } },
    { REFUSAL_PRICE_TRAILING, { TRAILING, .amount = -UNIT } },
    { REFUSAL_PRICE_TRAILING, { TRAILING, .amount = -UNIT, .price_trailing = -1 } },
    { REFUSAL_PRICE_TRAILING, { TRAILING, .amount = UNIT, .price_trailing = UNIT } },
    { REFUSAL_FLAGS, { LIMIT, .flags = ORDER_REDUCE_ONLY, .amount = UNIT, .price = UNIT } },
    { REFUSAL_TIF, { LIMIT, .tif_ms = 1000, .amount = UNIT, .price = UNIT } },
    { REFUSAL_NONE, { LIMIT, .tif_ms = 1001, .amount = UNIT, .price = UNIT } },
    { REFUSAL_TIF, { UPDATE, .fields = UPDATE_TIF, .tif_ms = 1000 } },
    { REFUSAL_NONE, { UPDATE, .fields = UPDATE_TIF, .tif_ms = 1001 } },
    { REFUSAL_NONE, { UPDATE, .fields = UPDATE_TIF } },
    { REFUSAL_NONE, { .kind = COMMAND_TIMER } },
    { REFUSAL_GID, { LIMIT, .gid = COMMAND_CLIENT_ID_END, .amount = UNIT, .price = UNIT } },
    { REFUSAL_CID, { LIMIT, .cid = COMMAND_CLIENT_ID_END, .amount = UNIT, .price = UNIT } },
    { REFUSAL_AMOUNT, { LIMIT, .amount = 0, .price = UNIT } },
    { REFUSAL_AMOUNT, { LIMIT, .amount = INT64_MIN, .price = UNIT } },
    { REFUSAL_PRICE, { LIMIT, .amount = UNIT, .price = 0 } },
    { REFUSAL_PRICE, { LIMIT, .amount = UNIT, .price = -UNIT } },
    { REFUSAL_PRICE, { LIMIT, .amount = UNIT, .price = INT64_MAX } },
    { REFUSAL_SIZE_LEAST, { LIMIT, .amount = 3999, .price = UNIT } },
    { REFUSAL_SIZE_GREATEST, { LIMIT, .amount = 2000 * UNIT + 1, .price = UNIT } },
    { REFUSAL_BALANCE, { LIMIT, .amount = UNIT, .price = 901 * UNIT } },
    { REFUSAL_BALANCE, { LIMIT, .amount = -10 * UNIT - 1, .price = UNIT } },
    { REFUSAL_BALANCE, { LIMIT, .amount = 2000 * UNIT, .price = PRICE_GREATEST } },
    /* At market in an empty book nothing would be locked, which even a stranger could. */
    { REFUSAL_BALANCE,
      { .kind = COMMAND_SUBMIT,
        .account = 9,
        .type = ORDER_TYPE_EXCHANGE_MARKET,
        .market = MARKET_ETHUSD,
        .amount = UNIT } },
    { REFUSAL_BALANCE,
      { .kind = COMMAND_SUBMIT,
        .account = 9,
        .type = ORDER_TYPE_EXCHANGE_LIMIT,
        .amount = UNIT,
        .price = UNIT } },
    { REFUSAL_BALANCE,
      { .kind = COMMAND_SUBMIT,
        .account = 2,
        .type = ORDER_TYPE_EXCHANGE_MARKET,
        .amount = -6 * UNIT } },
    { REFUSAL_WALLET, { .kind = COMMAND_CREDIT, .account = 1, .wallet = 3, .amount = 1 } },
    { REFUSAL_CURRENCY,
      { .kind = COMMAND_CREDIT, .account = 1, .currency = CURRENCY_COUNT, .amount = 1 } },
    { REFUSAL_AMOUNT, { .kind = COMMAND_CREDIT, .account = 1, .amount = 0 } },
    { REFUSAL_AMOUNT, { .kind = COMMAND_CREDIT, .account = 1, .amount = INT64_MAX } },
    { REFUSAL_ACCOUNTS_FULL, { .kind = COMMAND_CREDIT, .account = 3, .amount = 1 } },
    { REFUSAL_AVAILABLE, { .kind = COMMAND_WITHDRAW, .account = 1, .amount = 11 * UNIT } },
    { REFUSAL_POSITION, { .kind = COMMAND_POSITION_CLAIM, .account = 1, .order = 5 } },
    { REFUSAL_POSITION, { .kind = COMMAND_POSITION_TERM, .account = 1 } },
    { REFUSAL_AMOUNT, { .kind = COMMAND_POSITION_INCREASE, .account = 1, .amount = UNIT } },
    { REFUSAL_LEVERAGE,
      { .kind = COMMAND_SUBMIT,
        .account = 1,
        .market = MARKET_BTCF0USTF0,
        .type = ORDER_TYPE_LIMIT,
        .amount = UNIT,
        .price = UNIT,
        .leverage = 101 } },
    { REFUSAL_TYPE, { LIMIT, .market = MARKET_BTCF0USTF0, .amount = UNIT, .price = UNIT } },
    { REFUSAL_SYMBOL, { .kind = COMMAND_COLLATERAL, .account = 1, .market = MARKET_BTCUSD } },
    { REFUSAL_POSITION,
      { .kind = COMMAND_COLLATERAL, .account = 1, .market = MARKET_BTCF0USTF0 } },
    { REFUSAL_WALLET,
      { .kind = COMMAND_CREDIT, .account = 1, .currency = CURRENCY_USTF0, .amount = 1 } },
    { REFUSAL_LEVERAGE, { UPDATE, .fields = UPDATE_LEVERAGE, .leverage = 5 } },
    { REFUSAL_ORDER, { .kind = COMMAND_CANCEL, .account = 1, .order = 5 } },
    { REFUSAL_ORDER, { .kind = COMMAND_CANCEL, .account = 2, .order = THEIRS } },
    { REFUSAL_NONE, { .kind = COMMAND_CANCEL, .account = 1, .order = THEIRS } },
    { REFUSAL_GID, { .kind = COMMAND_CANCEL_GROUP, .account = 1 } },
    { REFUSAL_NONE, { .kind = COMMAND_CANCEL_GROUP, .account = 9, .gid = 4 } },
    { REFUSAL_NONE, { .kind = COMMAND_CANCEL_ALL, .account = 9 } },
    { REFUSAL_ORDER, { .kind = COMMAND_UPDATE, .account = 2, .order = THEIRS } },
    { REFUSAL_COMMAND, { UPDATE } },
    { REFUSAL_COMMAND, { UPDATE, .fields = 1 << 16 } },
    { REFUSAL_AMOUNT, { UPDATE, .fields = UPDATE_AMOUNT | UPDATE_DELTA, .amount = UNIT } },
    { REFUSAL_AMOUNT, { UPDATE, .fields = UPDATE_AMOUNT } },
    { REFUSAL_AMOUNT, { UPDATE, .fields = UPDATE_AMOUNT, .amount = -UNIT } },
    { REFUSAL_AMOUNT, { UPDATE, .fields = UPDATE_DELTA, .amount = -UNIT } },
    { REFUSAL_AMOUNT, { UPDATE, .fields = UPDATE_DELTA, .amount = -2 * UNIT } },
    { REFUSAL_AMOUNT, { UPDATE, .fields = UPDATE_DELTA, .amount = INT64_MAX } },
    { REFUSAL_SIZE_LEAST, { UPDATE, .fields = UPDATE_AMOUNT, .amount = 3999 } },
    { REFUSAL_SIZE_GREATEST, { UPDATE, .fields = UPDATE_AMOUNT, .amount = 2001 * UNIT } },
    { REFUSAL_BALANCE, { UPDATE, .fields = UPDATE_AMOUNT, .amount = 10 * UNIT + 1000000 } },
    { REFUSAL_NONE, { UPDATE, .fields = UPDATE_AMOUNT, .amount = 10 * UNIT } },
    { REFUSAL_PRICE, { UPDATE, .fields = UPDATE_PRICE } },
    { REFUSAL_BALANCE, { UPDATE, .fields = UPDATE_PRICE, .price = 1001 * UNIT } },
    { REFUSAL_PRICE_AUX_LIMIT,
      { UPDATE, .fields = UPDATE_PRICE_AUX_LIMIT, .price_aux_limit = UNIT } },
    { REFUSAL_PRICE_TRAILING, { UPDATE, .fields = UPDATE_PRICE_TRAILING, .price_trailing = UNIT } },
    { REFUSAL_GID, { UPDATE, .fields = UPDATE_GID, .gid = UINT64_MAX } },
    { REFUSAL_FLAGS, { UPDATE, .fields = UPDATE_FLAGS, .flags = 2 } },
    { REFUSAL_FLAGS, { UPDATE, .fields = UPDATE_FLAGS, .flags = ORDER_CLOSE } },
};

static void open_before(struct floor *floor)
{
    floor_open(floor, SMALL);
    floor_credit(floor, 1, CURRENCY_BTC, 10 * UNIT);
    floor_credit(floor, 1, CURRENCY_USD, 1000 * UNIT);
    floor_credit(floor, 2, CURRENCY_BTC, 5 * UNIT);
    assert_true(floor_limit(floor, 1, UNIT, 100 * UNIT) == THEIRS);
}

TEST(each_rule_refuses_what_it_should)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct floor floor;

        open_before(&floor);
        floor_apply(&floor, rows[i].command);
        if (floor.why != rows[i].why)
            fail_msg("row %zu: %s, not %s", i, refusal_text(floor.why), refusal_text(rows[i].why));
        floor_close(&floor);
    }
}

TEST(every_refusal_has_a_row)
{
    for (unsigned why = 0; why < REFUSAL_COUNT; why++) {
        /* Tested below, and in lending_test.c, interest_test.c and collateral_test.c. */
        bool found = why == REFUSAL_ORDERS_FULL || why == REFUSAL_COLLATERAL ||
                     (why >= REFUSAL_RATE && why <= REFUSAL_LOAN);

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            found = found || rows[i].why == why;
        if (!found)
            fail_msg("no row for \"%s\"", refusal_text(why));
    }
}

TEST(an_exchange_that_is_full_says_so)
{
    struct floor floor;

    open_before(&floor);
    for (unsigned i = 1; i < SMALL.orders; i++)
        floor_limit(&floor, 1, UNIT, UNIT);
    floor_limit(&floor, 1, UNIT, UNIT);
    assert_int_equal(floor.why, REFUSAL_ORDERS_FULL);
    floor_close(&floor);
}

TEST(a_refusal_tells_the_bound_or_the_balance)
{
    struct event_refused refused;
    struct floor floor;
    struct command command = { LIMIT, .amount = UNIT, .price = 95012345678 };

    open_before(&floor);
    engine_judge(floor.engine, &command, &refused);
    assert_int_equal(refused.limit, 900 * UNIT);
    assert_int_equal(refused.price, 95012000000);
    command.amount = 1;
    engine_judge(floor.engine, &command, &refused);
    assert_int_equal(refused.limit, 4000);
    floor_close(&floor);
}

TEST_MAIN
