#include "floor.h"

#define SMALL ((struct engine_limits){ .orders = 64, .accounts = 8 })

/* Two people with money; 1 sells mostly, 2 buys. */
static void open_pair(struct floor *floor)
{
    floor_open(floor, SMALL);
    floor_credit(floor, 1, CURRENCY_BTC, 100 * UNIT);
    floor_credit(floor, 1, CURRENCY_USD, 1000 * UNIT);
    floor_credit(floor, 2, CURRENCY_USD, 10000 * UNIT);
    floor_clear(floor);
}

static const struct wallet *wallet(const struct floor *floor, uint64_t account, enum currency c)
{
    return &engine_account_find(floor->engine, account)->wallets[WALLET_EXCHANGE][c];
}

/* ---- Matching, told as text: commands on the left, what the engine says below. ---- */

TEST(an_order_that_meets_nobody_rests_and_locks)
{
    struct floor floor;

    open_pair(&floor);
    floor_limit(&floor, 2, 2 * UNIT, 100 * UNIT);
    assert_string_equal(floor.text, "new 2 2 of 2: ACTIVE\n"
                                    "bid 100 x 2 by 1\n"
                                    "opened 2 2 of 2: ACTIVE\n");
    assert_int_equal(wallet(&floor, 2, CURRENCY_USD)->locked, 200 * UNIT);
    assert_int_equal(wallet(&floor, 2, CURRENCY_USD)->balance, 10000 * UNIT);
    floor_close(&floor);
}

TEST(a_trade_happens_at_the_price_of_the_one_who_waited)
{
    struct floor floor;

    open_pair(&floor);
    floor_limit(&floor, 1, -3 * UNIT, 100 * UNIT);
    floor_clear(&floor);
    floor_limit(&floor, 2, 1 * UNIT, 110 * UNIT);
    assert_string_equal(floor.text, "new 2 1 of 1: ACTIVE\n"
                                    "trade 1 @ 100: 1 sells, fees 0.1 0.002\n"
                                    "row 1 BTC -1 = 99\n"
                                    "row 1 USD 100 = 1100\n"
                                    "row 1 USD -0.1 = 1099.9\n"
                                    "row 2 USD -100 = 9900\n"
                                    "row 2 BTC 1 = 1\n"
                                    "row 2 BTC -0.002 = 0.998\n"
                                    "ask 100 x 2 by 1\n"
                                    "filled 1 -2 of -3: PARTIALLY FILLED @ 100(-1)\n"
                                    "closed 2 0 of 1: EXECUTED @ 100(1)\n");
    /* What the better price saved is free again. */
    assert_int_equal(wallet(&floor, 2, CURRENCY_USD)->locked, 0);
    floor_close(&floor);
}

TEST(better_prices_go_first_and_then_older_orders)
{
    struct floor floor;

    open_pair(&floor);
    floor_limit(&floor, 1, -1 * UNIT, 102 * UNIT);
    floor_credit(&floor, 3, CURRENCY_BTC, 10 * UNIT);
    floor_limit(&floor, 3, -1 * UNIT, 101 * UNIT);
    floor_limit(&floor, 1, -1 * UNIT, 101 * UNIT);
    floor_limit(&floor, 3, -1 * UNIT, 100 * UNIT);
    floor_clear(&floor);
    floor_limit(&floor, 2, 4 * UNIT, 101 * UNIT);
    assert_non_null(strstr(floor.text, "trade 1 @ 100: 3 sells"));
    assert_true(strstr(floor.text, "trade 1 @ 101: 3 sells") <
                strstr(floor.text, "trade 1 @ 101: 1 sells"));
    assert_null(strstr(floor.text, "@ 102"));
    assert_non_null(strstr(floor.text, "bid 101 x 1 by 1\nopened 2 1 of 4: PARTIALLY FILLED @ "
                                       "101(1), PARTIALLY FILLED @ 101(1), PARTIALLY FILLED @ "
                                       "100(1)\n"));
    floor_close(&floor);
}

TEST(a_status_names_its_last_fills_latest_first)
{
    struct floor floor;

    open_pair(&floor);
    floor_limit(&floor, 1, -2 * UNIT, 100 * UNIT);
    floor_limit(&floor, 2, 1 * UNIT, 100 * UNIT);
    floor_clear(&floor);
    floor_limit(&floor, 2, 1 * UNIT, 100 * UNIT);
    assert_non_null(strstr(floor.text, "closed 1 0 of -2: EXECUTED @ 100(-1): was PARTIALLY "
                                       "FILLED @ 100(-1)\n"));
    floor_close(&floor);
}

TEST(a_market_order_ends_where_the_money_does)
{
    struct floor floor;

    open_pair(&floor);
    floor_limit(&floor, 1, -5 * UNIT, 1000 * UNIT);
    floor_limit(&floor, 1, -9 * UNIT, 2500 * UNIT);
    floor_clear(&floor);
    floor_submit(
        &floor,
        (struct command){ .account = 2, .amount = 10 * UNIT, .type = ORDER_TYPE_EXCHANGE_MARKET });
    assert_non_null(strstr(floor.text, "closed 2 3 of 10: INSUFFICIENT BALANCE (G1) was: "
                                       "PARTIALLY FILLED @ 2500(2), "
                                       "PARTIALLY FILLED @ 1000(5)\n"));
    assert_int_equal(wallet(&floor, 2, CURRENCY_USD)->balance, 0);
    floor_close(&floor);
}

TEST(a_market_order_that_empties_the_book_slips)
{
    struct floor floor;

    open_pair(&floor);
    floor_limit(&floor, 2, 1 * UNIT, 100 * UNIT);
    floor_clear(&floor);
    floor_submit(
        &floor,
        (struct command){ .account = 1, .amount = -2 * UNIT, .type = ORDER_TYPE_EXCHANGE_MARKET });
    assert_non_null(strstr(floor.text, "closed 1 -1 of -2: RSN_BOOK_SLIP was: PARTIALLY FILLED @ "
                                       "100(-1)\n"));
    assert_int_equal(wallet(&floor, 1, CURRENCY_BTC)->locked, 0);
    floor_close(&floor);
}

/* One ask of 2 at 100 and one of 2 at 101 stand in the book; what becomes of 3 to buy? */
static const struct fate {
    enum order_type type;
    uint64_t flags;
    int64_t price;
    uint64_t account;
    const char *end;
} fates[] = {
    { ORDER_TYPE_EXCHANGE_LIMIT, 0, 101, 2, "EXECUTED @ 101(1): was PARTIALLY FILLED @ 100(2)" },
    { ORDER_TYPE_EXCHANGE_LIMIT, 0, 100, 2, "opened 2 1 of 3: PARTIALLY FILLED @ 100(2)" },
    { ORDER_TYPE_EXCHANGE_LIMIT, 0, 99, 2, "opened 2 3 of 3: ACTIVE" },
    { ORDER_TYPE_EXCHANGE_LIMIT, ORDER_POST_ONLY, 100, 2, "closed 2 3 of 3: POSTONLY CANCELED" },
    { ORDER_TYPE_EXCHANGE_LIMIT, ORDER_POST_ONLY, 99, 2, "opened 2 3 of 3: ACTIVE" },
    { ORDER_TYPE_EXCHANGE_IOC, 0, 100, 2,
      "closed 2 1 of 3: IOC CANCELED was: PARTIALLY FILLED @ 100(2)" },
    { ORDER_TYPE_EXCHANGE_IOC, 0, 99, 2, "closed 2 3 of 3: IOC CANCELED" },
    { ORDER_TYPE_EXCHANGE_FOK, 0, 100, 2, "closed 2 3 of 3: FILLORKILL CANCELED" },
    { ORDER_TYPE_EXCHANGE_FOK, 0, 101, 2, "EXECUTED @ 101(1): was PARTIALLY FILLED @ 100(2)" },
    { ORDER_TYPE_EXCHANGE_MARKET, 0, 0, 2, "EXECUTED @ 101(1): was PARTIALLY FILLED @ 100(2)" },
    { ORDER_TYPE_EXCHANGE_LIMIT, 0, 101, 1,
      "closed 1 0 of 3: EXECUTED @ 101(1): was PARTIALLY FILLED @ 100(2)" },
    { ORDER_TYPE_EXCHANGE_LIMIT, ORDER_PROTECT_SELFMATCH, 101, 1, "closed 1 3 of 3: CANCELED" },
    { ORDER_TYPE_EXCHANGE_FOK, ORDER_PROTECT_SELFMATCH, 101, 1,
      "closed 1 3 of 3: FILLORKILL CANCELED" },
};

TEST(every_type_and_flag_meets_its_fate)
{
    for (size_t i = 0; i < sizeof fates / sizeof *fates; i++) {
        const struct fate *fate = &fates[i];
        struct floor floor;

        open_pair(&floor);
        floor_limit(&floor, 1, -2 * UNIT, 100 * UNIT);
        floor_limit(&floor, 1, -2 * UNIT, 101 * UNIT);
        floor_submit(&floor, (struct command){ .account = fate->account,
                                               .amount = 3 * UNIT,
                                               .type = fate->type,
                                               .price = fate->price * UNIT,
                                               .flags = fate->flags });
        if (strstr(floor.text, fate->end) == NULL)
            fail_msg("row %zu: no \"%s\" in\n%s", i, fate->end, floor.text);
        floor_close(&floor);
    }
}

TEST(a_hidden_order_trades_and_is_never_shown)
{
    struct book_level level = { .market = MARKET_BTCUSD, .bid = false };
    struct floor floor;

    open_pair(&floor);
    floor_submit(&floor, (struct command){ .account = 1,
                                           .amount = -1 * UNIT,
                                           .price = 99 * UNIT,
                                           .type = ORDER_TYPE_EXCHANGE_LIMIT,
                                           .flags = ORDER_HIDDEN });
    floor_limit(&floor, 1, -1 * UNIT, 100 * UNIT);
    assert_null(strstr(floor.text, "ask 99"));
    assert_true(engine_level_next(floor.engine, &level));
    assert_int_equal(level.price, 100 * UNIT);
    assert_false(engine_level_next(floor.engine, &level));
    assert_int_equal(engine_book_order_next(floor.engine, MARKET_BTCUSD, false, NULL)->price,
                     100 * UNIT);
    floor_clear(&floor);
    floor_limit(&floor, 2, 1 * UNIT, 100 * UNIT);
    assert_non_null(strstr(floor.text, "trade 1 @ 99: 1 sells"));
    floor_close(&floor);
}

TEST(a_price_keeps_five_digits_and_no_more)
{
    struct floor floor;
    uint64_t id;

    open_pair(&floor);
    id = floor_limit(&floor, 2, UNIT / 100, 12345678901234);
    assert_int_equal(engine_order_find(floor.engine, id)->price, 12345000000000);
    floor_close(&floor);
}

TEST(fees_are_kept_to_the_last_unit)
{
    struct floor floor;

    open_pair(&floor);
    floor_limit(&floor, 1, -4001, 33333 * (UNIT / 1000));
    floor_limit(&floor, 2, 4001, 33333 * (UNIT / 1000));
    /* 4001 x 33.333 = 133365.333 units, rounded down; fees 133.365 and 8.002 rounded up. */
    assert_int_equal(wallet(&floor, 1, CURRENCY_USD)->balance, 1000 * UNIT + 133365 - 134);
    assert_int_equal(wallet(&floor, 2, CURRENCY_BTC)->balance, 4001 - 9);
    assert_int_equal(wallet(&floor, ENGINE_FEE_ACCOUNT, CURRENCY_USD)->balance, 134);
    assert_int_equal(wallet(&floor, ENGINE_FEE_ACCOUNT, CURRENCY_BTC)->balance, 9);
    floor_close(&floor);
}

/* ---- Updates. ---- */

static struct command update_of(uint64_t account, uint64_t order, uint64_t fields, int64_t amount,
                                int64_t price)
{
    return (struct command){ .kind = COMMAND_UPDATE,
                             .account = account,
                             .order = order,
                             .fields = fields,
                             .amount = amount,
                             .price = price };
}

/* Orders of 2 stand at 100, ours first; does ours still trade first after the update? */
static const struct {
    uint64_t fields;
    int64_t amount, price;
    bool first;
} priorities[] = {
    { UPDATE_AMOUNT, -1 * UNIT, 0, true },  { UPDATE_AMOUNT, -2 * UNIT, 0, true },
    { UPDATE_DELTA, 1 * UNIT, 0, true },    { UPDATE_AMOUNT, -3 * UNIT, 0, false },
    { UPDATE_DELTA, -1 * UNIT, 0, false },  { UPDATE_PRICE, 0, 100 * UNIT, true },
    { UPDATE_PRICE, 0, 101 * UNIT, false }, { UPDATE_GID, 0, 0, true },
};

TEST(an_update_loses_its_place_when_the_price_changes_or_the_amount_grows)
{
    for (size_t i = 0; i < sizeof priorities / sizeof *priorities; i++) {
        struct floor floor;
        uint64_t id;

        open_pair(&floor);
        floor_credit(&floor, 3, CURRENCY_BTC, 10 * UNIT);
        id = floor_limit(&floor, 1, -2 * UNIT, 100 * UNIT);
        floor_limit(&floor, 3, -2 * UNIT, 100 * UNIT);
        floor_apply(&floor, update_of(1, id, priorities[i].fields, priorities[i].amount,
                                      priorities[i].price));
        assert_int_equal(floor.why, REFUSAL_NONE);
        floor_clear(&floor);
        floor_limit(&floor, 2, UNIT / 10, 101 * UNIT);
        assert_non_null(strstr(floor.text, priorities[i].first ? ": 1 sells" : ": 3 sells"));
        floor_close(&floor);
    }
}

TEST(an_update_that_is_refused_changes_nothing)
{
    struct floor floor;
    struct order before;
    uint64_t id;

    open_pair(&floor);
    id = floor_limit(&floor, 2, 10 * UNIT, 100 * UNIT);
    before = *engine_order_find(floor.engine, id);
    floor.time_ms += 5;
    floor_apply(&floor, update_of(2, id, UPDATE_AMOUNT | UPDATE_PRICE, 20 * UNIT, 501 * UNIT));
    assert_int_equal(floor.why, REFUSAL_BALANCE);
    assert_memory_equal(&before, engine_order_find(floor.engine, id), sizeof before);
    floor_apply(&floor, update_of(2, id, UPDATE_AMOUNT | UPDATE_PRICE, 20 * UNIT, 500 * UNIT));
    assert_int_equal(floor.why, REFUSAL_NONE);
    assert_int_equal(wallet(&floor, 2, CURRENCY_USD)->locked, 10000 * UNIT);
    floor_close(&floor);
}

TEST(an_update_that_crosses_trades)
{
    struct floor floor;
    uint64_t id;

    open_pair(&floor);
    floor_limit(&floor, 1, -1 * UNIT, 100 * UNIT);
    id = floor_limit(&floor, 2, 2 * UNIT, 90 * UNIT);
    floor_clear(&floor);
    floor_apply(&floor, update_of(2, id, UPDATE_PRICE, 0, 100 * UNIT));
    assert_non_null(strstr(floor.text, "updated 2 2 of 2: ACTIVE\ntrade 1 @ 100"));
    assert_non_null(strstr(floor.text, "opened 2 1 of 2: PARTIALLY FILLED @ 100(1)\n"));
    floor_close(&floor);
}

TEST(a_filled_part_stays_in_the_original_amount_of_an_update)
{
    const struct order *order;
    struct floor floor;
    uint64_t id;

    open_pair(&floor);
    id = floor_limit(&floor, 1, -3 * UNIT, 100 * UNIT);
    floor_limit(&floor, 2, 1 * UNIT, 100 * UNIT);
    floor_apply(&floor, update_of(1, id, UPDATE_AMOUNT, -7 * UNIT, 0));
    order = engine_order_find(floor.engine, id);
    assert_int_equal(order->amount, -7 * UNIT);
    assert_int_equal(order->amount_orig, -8 * UNIT);
    floor_close(&floor);
}

/* ---- Cancelling. ---- */

TEST(a_cancel_frees_what_was_locked)
{
    struct floor floor;
    uint64_t id;

    open_pair(&floor);
    id = floor_limit(&floor, 1, -3 * UNIT, 100 * UNIT);
    floor_limit(&floor, 2, 1 * UNIT, 100 * UNIT);
    floor_clear(&floor);
    floor_apply(&floor, (struct command){ .kind = COMMAND_CANCEL, .account = 1, .order = id });
    assert_string_equal(floor.text,
                        "ask 100 x 0 by 0\n"
                        "closed 1 -2 of -3: CANCELED was: PARTIALLY FILLED @ 100(-1)\n");
    assert_int_equal(wallet(&floor, 1, CURRENCY_BTC)->locked, 0);
    floor_apply(&floor, (struct command){ .kind = COMMAND_CANCEL, .account = 1, .order = id });
    assert_int_equal(floor.why, REFUSAL_ORDER);
    floor_close(&floor);
}

TEST(groups_and_everything_are_cancelled_at_once_and_only_the_own)
{
    struct floor floor;

    open_pair(&floor);
    for (uint64_t i = 0; i < 9; i++)
        floor_submit(&floor, (struct command){ .account = 1 + i % 2,
                                               .gid = i % 3,
                                               .amount = i % 2 == 0 ? -UNIT : UNIT,
                                               .price = (i % 2 == 0 ? 200 : 100) * UNIT,
                                               .type = ORDER_TYPE_EXCHANGE_LIMIT });
    floor_apply(&floor, (struct command){ .kind = COMMAND_CANCEL_GROUP, .account = 1, .gid = 2 });
    assert_int_equal(engine_account_find(floor.engine, 1)->order_count, 3);
    assert_int_equal(engine_account_find(floor.engine, 2)->order_count, 4);
    floor_apply(&floor, (struct command){ .kind = COMMAND_CANCEL_ALL, .account = 1 });
    assert_int_equal(engine_order_count(floor.engine), 4);
    floor_clear(&floor);
    floor_apply(&floor, (struct command){ .kind = COMMAND_CANCEL_ALL, .account = 1 });
    assert_string_equal(floor.text, "done\n");
    floor_close(&floor);
}

TEST(time_never_goes_back)
{
    struct floor floor;
    uint64_t id;

    open_pair(&floor);
    floor.time_ms = 5000;
    floor_limit(&floor, 2, UNIT, 100 * UNIT);
    floor.time_ms = 4000;
    id = floor_limit(&floor, 2, UNIT, 100 * UNIT);
    assert_int_equal(engine_order_find(floor.engine, id)->created_ms, 5000);
    assert_int_equal(engine_started_ms(floor.engine), 1000);
    floor_close(&floor);
}

TEST(places_of_finished_orders_are_used_again)
{
    struct floor floor;

    open_pair(&floor);
    for (int round = 0; round < 20; round++) {
        for (unsigned i = 0; i < SMALL.orders; i++)
            assert_true(floor_limit(&floor, 1, -UNIT, 100 * UNIT) != 0);
        assert_int_equal(floor_limit(&floor, 1, -UNIT, 100 * UNIT), 0);
        assert_int_equal(floor.why, REFUSAL_ORDERS_FULL);
        floor_apply(&floor, (struct command){ .kind = COMMAND_CANCEL_ALL, .account = 1 });
        floor_clear(&floor);
    }
    floor_close(&floor);
}

/* ---- Time in force. ---- */

static void timer_at(struct floor *floor, uint64_t time_ms)
{
    floor->time_ms = time_ms;
    floor_apply(floor, (struct command){ .kind = COMMAND_TIMER });
}

TEST(an_order_ends_when_its_time_is_over)
{
    struct floor floor;
    uint64_t first, second;

    open_pair(&floor);
    first = floor_submit(&floor, (struct command){ .account = 2,
                                                   .amount = UNIT,
                                                   .price = 100 * UNIT,
                                                   .tif_ms = 5000,
                                                   .type = ORDER_TYPE_EXCHANGE_LIMIT });
    second = floor_submit(&floor, (struct command){ .account = 1,
                                                    .amount = -UNIT,
                                                    .price = 101 * UNIT,
                                                    .tif_ms = 4000,
                                                    .type = ORDER_TYPE_EXCHANGE_LIMIT });
    assert_int_equal(engine_due_ms(floor.engine), 4000);
    assert_int_equal(engine_order_find(floor.engine, first)->tif_ms, 5000);
    floor_clear(&floor);
    timer_at(&floor, 3999);
    assert_string_equal(floor.text, "done\n");
    floor_clear(&floor);
    timer_at(&floor, 5000);
    assert_string_equal(floor.text, "ask 101 x 0 by 0\nclosed 1 -1 of -1: CANCELED\n"
                                    "bid 100 x 0 by 0\nclosed 2 1 of 1: CANCELED\n");
    assert_true(first < second && engine_due_ms(floor.engine) == UINT64_MAX);
    assert_int_equal(wallet(&floor, 2, CURRENCY_USD)->locked, 0);
    floor_close(&floor);
}

TEST(an_update_gives_an_order_more_time_or_all)
{
    struct floor floor;
    struct command update = {
        .kind = COMMAND_UPDATE, .account = 2, .fields = UPDATE_TIF, .tif_ms = 9000
    };

    open_pair(&floor);
    update.order = floor_limit(&floor, 2, UNIT, 100 * UNIT);
    floor_apply(&floor, update);
    assert_int_equal(engine_due_ms(floor.engine), 9000);
    update.tif_ms = 8000;
    floor_apply(&floor, update);
    assert_int_equal(engine_due_ms(floor.engine), 8000);
    update.tif_ms = 0;
    floor_apply(&floor, update);
    assert_int_equal(engine_due_ms(floor.engine), UINT64_MAX);
    floor_close(&floor);
}

TEST_MAIN
