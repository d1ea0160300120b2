#include "floor.h"

#include "exchange/stop.h"

#define SMALL ((struct engine_limits){ .orders = 64, .accounts = 8 })

/* 3 stands on both sides of BTCUSD at 98, 99 | 101, 102 with 10 each; 1 has both currencies. */
static void open_market(struct floor *floor)
{
    floor_open(floor, SMALL);
    for (uint64_t account = 1; account <= 3; account++) {
        floor_credit(floor, account, CURRENCY_BTC, 100 * UNIT);
        floor_credit(floor, account, CURRENCY_USD, 100000 * UNIT);
    }
    floor_limit(floor, 3, 10 * UNIT, 98 * UNIT);
    floor_limit(floor, 3, 10 * UNIT, 99 * UNIT);
    floor_limit(floor, 3, -10 * UNIT, 101 * UNIT);
    floor_limit(floor, 3, -10 * UNIT, 102 * UNIT);
    floor_clear(floor);
}

static uint64_t stop_of(struct floor *floor, int64_t amount, int64_t price)
{
    return floor_submit(floor, (struct command){ .account = 1,
                                                 .type = ORDER_TYPE_EXCHANGE_STOP,
                                                 .amount = amount,
                                                 .price = price * UNIT });
}

static uint64_t trailing_of(struct floor *floor, int64_t amount, int64_t distance)
{
    return floor_submit(floor, (struct command){ .account = 1,
                                                 .type = ORDER_TYPE_EXCHANGE_TRAILING_STOP,
                                                 .amount = amount,
                                                 .price_trailing = distance });
}

static uint64_t pair_of(struct floor *floor, int64_t amount, int64_t price, int64_t stop)
{
    floor_submit(floor, (struct command){ .account = 1,
                                          .type = ORDER_TYPE_EXCHANGE_LIMIT,
                                          .flags = ORDER_OCO,
                                          .amount = amount,
                                          .cid = 7,
                                          .cid_oco = 8,
                                          .price = price * UNIT,
                                          .price_oco_stop = stop * UNIT });
    return floor->order - 1; /* the stop is the younger one */
}

/* 2 takes `amount` at market: a trade at the best price. */
static void take(struct floor *floor, int64_t amount)
{
    floor_submit(floor, (struct command){
                            .account = 2, .type = ORDER_TYPE_EXCHANGE_MARKET, .amount = amount });
}

static void cancel(struct floor *floor, uint64_t account, uint64_t order)
{
    floor_apply(floor,
                (struct command){ .kind = COMMAND_CANCEL, .account = account, .order = order });
}

static const struct order *find(const struct floor *floor, uint64_t order)
{
    return engine_order_find(floor->engine, order);
}

static int64_t locked(const struct floor *floor, enum currency currency)
{
    return engine_account_find(floor->engine, 1)->wallets[WALLET_EXCHANGE][currency].locked;
}

TEST(a_stop_waits_unseen_for_a_trade_at_its_price)
{
    struct floor floor;
    uint64_t id;

    open_market(&floor);
    id = stop_of(&floor, UNIT, 101);
    /* The ask at its price is no trade. */
    assert_string_equal(floor.text, "new 1 1 of 1: ACTIVE\nopened 1 1 of 1: ACTIVE\n");
    assert_int_equal(locked(&floor, CURRENCY_USD), 101 * UNIT);
    take(&floor, -UNIT);
    assert_non_null(find(&floor, id));
    floor_clear(&floor);
    take(&floor, UNIT);
    assert_null(find(&floor, id));
    assert_non_null(strstr(floor.text, "updated 1 1 of 1: ACTIVE\ntrade 1 @ 101: 3 sells"));
    assert_non_null(strstr(floor.text, "closed 1 0 of 1: EXECUTED @ 101(1)\n"));
    assert_int_equal(locked(&floor, CURRENCY_USD), 0);
    floor_close(&floor);
}

TEST(a_stop_is_hit_at_once_when_the_latest_trade_is_there_already)
{
    struct floor floor;

    open_market(&floor);
    take(&floor, UNIT);
    assert_null(find(&floor, stop_of(&floor, UNIT, 100)));
    assert_non_null(find(&floor, stop_of(&floor, -UNIT, 100)));
    floor_close(&floor);
}

TEST(each_price_of_a_sweep_hits)
{
    struct floor floor;
    uint64_t sells;

    open_market(&floor);
    take(&floor, UNIT);
    take(&floor, 9 * UNIT); /* 101 is empty, the latest trade was there */
    floor_limit(&floor, 3, -UNIT, 100 * UNIT);
    sells = stop_of(&floor, -UNIT, 100);
    assert_non_null(find(&floor, sells));
    take(&floor, 2 * UNIT); /* first at 100, then at 102 */
    assert_int_equal(floor.engine->last_prices[MARKET_BTCUSD], 99 * UNIT);
    assert_null(find(&floor, sells));
    floor_close(&floor);
}

TEST(stops_hit_each_other_nearest_price_first)
{
    struct floor floor;
    const char *near, *far;

    open_market(&floor);
    stop_of(&floor, 10 * UNIT, 102);
    stop_of(&floor, 10 * UNIT, 101);
    floor_clear(&floor);
    take(&floor, UNIT);
    near = strstr(floor.text, "EXECUTED @ 102(1): was PARTIALLY FILLED @ 101(9)");
    far = strstr(floor.text, "RSN_BOOK_SLIP was: PARTIALLY FILLED @ 102(9)");
    assert_true(near != NULL && far != NULL && near < far);
    floor_close(&floor);
}

TEST(a_stop_limit_becomes_a_limit_order)
{
    struct floor floor;
    uint64_t id;

    open_market(&floor);
    id = floor_submit(&floor, (struct command){ .account = 1,
                                                .type = ORDER_TYPE_EXCHANGE_STOP_LIMIT,
                                                .amount = 12 * UNIT,
                                                .price = 101 * UNIT,
                                                .price_aux_limit = 101 * UNIT });
    assert_int_equal(locked(&floor, CURRENCY_USD), 12 * 101 * UNIT);
    take(&floor, UNIT);
    assert_int_equal(find(&floor, id)->type, ORDER_TYPE_EXCHANGE_LIMIT);
    assert_int_equal(find(&floor, id)->type_previous, ORDER_TYPE_EXCHANGE_STOP_LIMIT);
    assert_int_equal(find(&floor, id)->amount, 3 * UNIT);
    assert_non_null(strstr(floor.text, "bid 101 x 3 by 1\n"));
    assert_int_equal(locked(&floor, CURRENCY_USD), 3 * 101 * UNIT);
    floor_close(&floor);
}

TEST(a_hidden_or_post_only_stop_limit_stays_what_it_is)
{
    struct floor floor;
    struct command stop = { .account = 1,
                            .type = ORDER_TYPE_EXCHANGE_STOP_LIMIT,
                            .flags = ORDER_POST_ONLY,
                            .amount = 12 * UNIT,
                            .price = 101 * UNIT,
                            .price_aux_limit = 101 * UNIT };

    open_market(&floor);
    floor_submit(&floor, stop);
    stop.flags = ORDER_HIDDEN;
    stop.price_aux_limit = 100 * UNIT;
    floor_submit(&floor, stop);
    take(&floor, UNIT);
    assert_non_null(strstr(floor.text, "closed 1 12 of 12: POSTONLY CANCELED\n"));
    assert_null(strstr(floor.text, "bid 100"));
    assert_int_equal(floor.engine->books[MARKET_BTCUSD].best_bid, price_rank(100 * UNIT));
    floor_close(&floor);
}

TEST(a_trailing_stop_follows_what_stands_across_one_way)
{
    struct floor floor;
    uint64_t id, ask;

    open_market(&floor);
    ask = floor_limit(&floor, 3, -10 * UNIT, 100 * UNIT);
    /* Not cut to five digits: the distance counts. */
    id = trailing_of(&floor, UNIT, 123456789);
    assert_int_equal(find(&floor, id)->price, 100 * UNIT + 123456789);
    floor_clear(&floor);
    floor_limit(&floor, 3, -UNIT, 9950000000);
    assert_int_equal(find(&floor, id)->price, 9950000000 + 123456789);
    assert_int_equal(locked(&floor, CURRENCY_USD), 9950000000 + 123456789);
    assert_non_null(strstr(floor.text, "updated 1 1 of 1: ACTIVE\n"));
    /* Back it does not come; it is reached without any trade. */
    cancel(&floor, 3, floor.order);
    assert_int_equal(find(&floor, id)->price, 9950000000 + 123456789);
    cancel(&floor, 3, ask);
    assert_null(find(&floor, id));
    assert_non_null(strstr(floor.text, "closed 1 0 of 1: EXECUTED @ 101(1)\n"));
    floor_close(&floor);
}

TEST(a_trailing_stop_that_sells_mirrors_it_and_can_be_given_another_distance)
{
    struct floor floor;
    uint64_t id;
    struct command update = { .kind = COMMAND_UPDATE,
                              .account = 1,
                              .fields = UPDATE_PRICE_TRAILING,
                              .price_trailing = 3 * UNIT };

    open_market(&floor);
    id = update.order = trailing_of(&floor, -UNIT, 2 * UNIT);
    assert_int_equal(find(&floor, id)->price, 97 * UNIT);
    floor_limit(&floor, 3, UNIT, 100 * UNIT);
    assert_int_equal(find(&floor, id)->price, 98 * UNIT);
    floor_apply(&floor, update);
    assert_int_equal(find(&floor, id)->price, 97 * UNIT);
    take(&floor, -12 * UNIT); /* leaves bids at 98 only */
    assert_non_null(find(&floor, id));
    take(&floor, -9 * UNIT); /* and none: the latest trade is looked at, which was at 98 */
    assert_non_null(find(&floor, id));
    floor_limit(&floor, 3, 2 * UNIT, 97 * UNIT);
    assert_null(find(&floor, id));
    floor_close(&floor);
}

TEST(a_pair_locks_once_and_the_limit_filled_in_part_ends_the_stop)
{
    struct floor floor;
    uint64_t id;

    open_market(&floor);
    id = pair_of(&floor, -2 * UNIT, 100, 90);
    assert_int_equal(find(&floor, id)->cid, 7);
    assert_int_equal(find(&floor, id + 1)->cid, 8);
    assert_true(find(&floor, id + 1)->placed_by == id);
    assert_int_equal(find(&floor, id + 1)->type, ORDER_TYPE_EXCHANGE_STOP);
    assert_int_equal(locked(&floor, CURRENCY_BTC), 2 * UNIT);
    floor_clear(&floor);
    take(&floor, UNIT);
    assert_non_null(strstr(floor.text, "closed 1 -2 of -2: CANCELED\n"));
    assert_null(find(&floor, id + 1));
    assert_int_equal(find(&floor, id)->amount, -UNIT);
    assert_int_equal(locked(&floor, CURRENCY_BTC), UNIT);
    floor_close(&floor);
}

TEST(a_pair_whose_stop_is_hit_loses_its_limit_order)
{
    struct floor floor;
    uint64_t id;

    open_market(&floor);
    id = pair_of(&floor, UNIT, 90, 101);
    assert_int_equal(locked(&floor, CURRENCY_USD), 101 * UNIT);
    take(&floor, UNIT);
    assert_null(find(&floor, id));
    assert_null(find(&floor, id + 1));
    assert_non_null(strstr(floor.text, "bid 90 x 0 by 0\nclosed 1 1 of 1: CANCELED\n"));
    assert_non_null(strstr(floor.text, "closed 1 0 of 1: EXECUTED @ 101(1)\n"));
    floor_close(&floor);
}

TEST(a_pair_ends_together_however_it_ends)
{
    struct floor floor;
    uint64_t id;

    open_market(&floor);
    id = pair_of(&floor, UNIT, 90, 110);
    cancel(&floor, 1, id + 1);
    assert_null(find(&floor, id));
    id = pair_of(&floor, UNIT, 90, 110);
    cancel(&floor, 1, id);
    assert_null(find(&floor, id + 1));
    pair_of(&floor, UNIT, 90, 110);
    pair_of(&floor, UNIT, 91, 111);
    floor_apply(&floor, (struct command){ .kind = COMMAND_CANCEL_ALL, .account = 1 });
    assert_int_equal(engine_order_count(floor.engine), 4);
    id = pair_of(&floor, UNIT, 105, 110); /* takes at once */
    assert_null(find(&floor, id + 1));
    assert_int_equal(locked(&floor, CURRENCY_USD), 0);
    floor_close(&floor);
}

TEST(each_of_a_pair_is_updated_within_what_both_need)
{
    struct floor floor;
    struct command update = {
        .kind = COMMAND_UPDATE, .account = 1, .fields = UPDATE_PRICE, .price = 2000 * UNIT
    };

    open_market(&floor);
    update.order = pair_of(&floor, 50 * UNIT, 90, 110) + 1;
    assert_int_equal(locked(&floor, CURRENCY_USD), 5500 * UNIT);
    floor_apply(&floor, update);
    assert_int_equal(floor.why, REFUSAL_NONE);
    assert_int_equal(locked(&floor, CURRENCY_USD), 100000 * UNIT);
    update.price = 2001 * UNIT;
    floor_apply(&floor, update);
    assert_int_equal(floor.why, REFUSAL_BALANCE);
    update.price = 80 * UNIT;
    floor_apply(&floor, update);
    assert_int_equal(locked(&floor, CURRENCY_USD), 4500 * UNIT);
    floor_close(&floor);
}

TEST(an_update_lets_a_stop_wait_for_another_price)
{
    struct floor floor;
    struct command update = { .kind = COMMAND_UPDATE,
                              .account = 1,
                              .fields = UPDATE_PRICE | UPDATE_TIF,
                              .price = 105 * UNIT,
                              .tif_ms = 5000 };

    open_market(&floor);
    take(&floor, UNIT);
    update.order = stop_of(&floor, UNIT, 110);
    floor_apply(&floor, update);
    assert_int_equal(find(&floor, update.order)->price, 105 * UNIT);
    assert_int_equal(engine_due_ms(floor.engine), 5000);
    update.price = 101 * UNIT; /* where the latest trade was */
    floor_apply(&floor, update);
    assert_null(find(&floor, update.order));
    floor_close(&floor);
}

TEST_MAIN
