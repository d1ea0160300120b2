#include "margins.h"

static const struct account *account(const struct floor *floor, uint64_t id)
{
    return engine_account_find(floor->engine, id);
}

/* TRADER is long `units` bitcoins at 10,000. */
static void go_long(struct floor *floor, int64_t amount)
{
    margins_stand(floor, -amount, 10000 * UNIT);
    margins_order(floor, TRADER, ORDER_TYPE_MARKET, amount, 0);
    assert_int_equal(margins_position(floor, TRADER)->amount, amount);
}

TEST(ten_times_what_backs_it_may_be_held_and_no_more)
{
    struct floor floor;

    margins_open(&floor);
    assert_int_equal(margin_tradable(floor.engine, TRADER, MARKET_BTCUSD, true, 0), 10 * UNIT);
    margins_order(&floor, TRADER, ORDER_TYPE_LIMIT, 10 * UNIT + 1, 10000 * UNIT);
    assert_int_equal(floor.why, REFUSAL_TRADABLE);
    margins_order(&floor, TRADER, ORDER_TYPE_LIMIT, 10 * UNIT, 10000 * UNIT);
    assert_int_equal(floor.why, REFUSAL_NONE);
    /* Either way the market goes, only one side of these can come to be. */
    margins_order(&floor, TRADER, ORDER_TYPE_LIMIT, -UNIT, 10001 * UNIT);
    assert_int_equal(floor.why, REFUSAL_NONE);
    margins_order(&floor, TRADER, ORDER_TYPE_LIMIT, UNIT / 100, 9000 * UNIT);
    assert_int_equal(floor.why, REFUSAL_TRADABLE);
    assert_int_equal(margin_of(floor.engine, TRADER).initial, 10000 * UNIT);
    /* Others' wallets back nothing, nor does money in another wallet. */
    margins_order(&floor, MAKER, ORDER_TYPE_LIMIT, UNIT / 100, 10000 * UNIT);
    assert_int_equal(floor.why, REFUSAL_TRADABLE);
    floor_close(&floor);
}

TEST(what_a_position_is_worth_follows_the_latest_trade)
{
    struct floor floor;
    struct position_worth worth;
    struct margin margin;

    margins_open(&floor);
    go_long(&floor, 5 * UNIT);
    margins_price(&floor, 10500 * UNIT);
    worth = position_worth(floor.engine, margins_position(&floor, TRADER));
    assert_int_equal(worth.pl, 2500 * UNIT);
    assert_int_equal(worth.pl_perc, 5 * UNIT);
    margin = margin_of(floor.engine, TRADER);
    assert_int_equal(margin.pl, 2500 * UNIT);
    assert_int_equal(margin.balance, 9900 * UNIT); /* the fee */
    assert_int_equal(margin.net, 12400 * UNIT);
    assert_int_equal(margin.initial, 5250 * UNIT);
    assert_int_equal(margin.least, 2625 * UNIT);
    assert_int_equal(worth.leverage, (int64_t)((__int128)52500 * UNIT * UNIT / (12400 * UNIT)));
    /* 9900 + 5 (p - 10000) = 5 p / 20 */
    assert_in_range(worth.price_liq, 844210 * UNIT / 100, 844211 * UNIT / 100);
    floor_close(&floor);
}

TEST(a_short_position_has_a_price_of_liquidation_above)
{
    struct floor floor;

    margins_open(&floor);
    margins_stand(&floor, 5 * UNIT, 10000 * UNIT);
    margins_order(&floor, TRADER, ORDER_TYPE_MARKET, -5 * UNIT, 0);
    /* 9900 + 5 (10000 - p) = 5 p / 20 */
    assert_in_range(position_worth(floor.engine, margins_position(&floor, TRADER)).price_liq,
                    1140952 * UNIT / 100, 1140953 * UNIT / 100);
    floor_close(&floor);
}

TEST(what_backs_a_position_can_not_leave)
{
    struct floor floor;
    struct command transfer = { .kind = COMMAND_TRANSFER,
                                .account = TRADER,
                                .wallet = WALLET_MARGIN,
                                .wallet_to = WALLET_EXCHANGE,
                                .currency = CURRENCY_USD };

    margins_open(&floor);
    go_long(&floor, 5 * UNIT);
    assert_int_equal(wallet_free(floor.engine, TRADER, WALLET_MARGIN, CURRENCY_USD), 4900 * UNIT);
    transfer.amount = 4900 * UNIT + 1;
    floor_apply(&floor, transfer);
    assert_int_equal(floor.why, REFUSAL_AVAILABLE);
    transfer.amount = 4900 * UNIT;
    floor_apply(&floor, transfer);
    assert_int_equal(floor.why, REFUSAL_NONE);
    assert_int_equal(account(&floor, TRADER)->wallets[WALLET_EXCHANGE][CURRENCY_USD].balance,
                     4900 * UNIT);
    floor_close(&floor);
}

TEST(an_order_that_closes_needs_no_margin)
{
    struct floor floor;

    margins_open(&floor);
    go_long(&floor, 99 * UNIT / 10);
    margins_stand(&floor, UNIT, 9700 * UNIT);
    margins_price(&floor, 9701 * UNIT);
    assert_true(margin_of(floor.engine, TRADER).net < margin_of(floor.engine, TRADER).initial);
    margins_order(&floor, TRADER, ORDER_TYPE_LIMIT, UNIT / 100, 9000 * UNIT);
    assert_int_equal(floor.why, REFUSAL_TRADABLE);
    margins_order(&floor, TRADER, ORDER_TYPE_LIMIT, -UNIT, 9700 * UNIT);
    assert_int_equal(floor.why, REFUSAL_NONE);
    assert_int_equal(margins_position(&floor, TRADER)->amount, 89 * UNIT / 10);
    floor_close(&floor);
}

TEST(an_order_at_market_goes_as_far_as_the_margin)
{
    struct floor floor;

    margins_open(&floor);
    margins_stand(&floor, -5 * UNIT, 10000 * UNIT);
    margins_stand(&floor, -5 * UNIT, 11000 * UNIT);
    floor_clear(&floor);
    margins_order(&floor, TRADER, ORDER_TYPE_MARKET, 10 * UNIT, 0);
    assert_int_equal(floor.why, REFUSAL_NONE);
    assert_non_null(strstr(floor.text, "INSUFFICIENT MARGIN was: PARTIALLY FILLED @ "));
    assert_true(margins_position(&floor, TRADER)->amount < 10 * UNIT);
    assert_true(margins_position(&floor, TRADER)->amount > 8 * UNIT);
    floor_close(&floor);
}

TEST(nobody_borrows_what_nobody_lends)
{
    struct floor floor;

    margins_open(&floor);
    floor_apply(&floor, (struct command){ .kind = COMMAND_OFFER_CANCEL_ALL, .account = LENDER });
    margins_order(&floor, TRADER, ORDER_TYPE_LIMIT, UNIT, 10000 * UNIT);
    assert_int_equal(floor.why, REFUSAL_TRADABLE);
    margins_order(&floor, TRADER, ORDER_TYPE_LIMIT, -UNIT, 10000 * UNIT);
    assert_int_equal(floor.why, REFUSAL_TRADABLE);
    floor_close(&floor);
}

/* A stop of a position, as people use it: it may only make it smaller. */
static uint64_t reduce(struct floor *floor, enum order_type type, int64_t amount, int64_t price,
                       uint64_t flags)
{
    return floor_submit(
        floor,
        (struct command){
            .account = TRADER, .type = type, .amount = amount, .price = price, .flags = flags });
}

TEST(a_reducing_order_never_opens_or_flips)
{
    struct floor floor;

    margins_open(&floor);
    floor_clear(&floor);
    reduce(&floor, ORDER_TYPE_LIMIT, -UNIT, 10000 * UNIT, ORDER_REDUCE_ONLY);
    assert_non_null(strstr(floor.text, "closed 3 -1 of -1: RSN_POS_NOTFOUND\n"));
    go_long(&floor, UNIT);
    floor_clear(&floor);
    reduce(&floor, ORDER_TYPE_LIMIT, UNIT, 10000 * UNIT, ORDER_REDUCE_ONLY);
    assert_non_null(strstr(floor.text, "closed 3 1 of 1: RSN_POS_REDUCE_INCR\n"));
    reduce(&floor, ORDER_TYPE_LIMIT, -UNIT - 1, 10000 * UNIT, ORDER_REDUCE_ONLY);
    assert_non_null(strstr(floor.text, ": RSN_POS_REDUCE_FLIP\n"));
    reduce(&floor, ORDER_TYPE_LIMIT, -UNIT, 11000 * UNIT, ORDER_REDUCE_ONLY);
    reduce(&floor, ORDER_TYPE_STOP, -UNIT, 9000 * UNIT, ORDER_REDUCE_ONLY);
    assert_int_equal(account(&floor, TRADER)->order_count, 2);
    /* Half of the position goes: both would flip it now. */
    margins_stand(&floor, UNIT / 2, 10000 * UNIT);
    floor_clear(&floor);
    margins_order(&floor, TRADER, ORDER_TYPE_LIMIT, -UNIT / 2, 10000 * UNIT);
    assert_int_equal(account(&floor, TRADER)->order_count, 0);
    floor_close(&floor);
}

TEST(a_closing_order_takes_its_amount_from_the_position)
{
    struct floor floor;

    margins_open(&floor);
    reduce(&floor, ORDER_TYPE_MARKET, 0, 0, ORDER_CLOSE);
    assert_int_equal(floor.why, REFUSAL_POSITION);
    go_long(&floor, UNIT);
    floor_clear(&floor);
    reduce(&floor, ORDER_TYPE_LIMIT, 77 * UNIT, 10500 * UNIT, ORDER_CLOSE);
    assert_non_null(strstr(floor.text, "opened 3 -1 of -1: ACTIVE (note:POSCLOSE)\n"));
    margins_stand(&floor, UNIT, 10500 * UNIT);
    assert_non_null(strstr(floor.text, "EXECUTED @ 10500(-1) was ACTIVE (note:POSCLOSE)\n"));
    assert_null(margins_position(&floor, TRADER));
    floor_close(&floor);
}

TEST(an_order_that_must_be_filled_whole_counts_on_nothing_that_may_go)
{
    struct floor floor;

    margins_open(&floor);
    go_long(&floor, UNIT);
    reduce(&floor, ORDER_TYPE_LIMIT, -UNIT, 10500 * UNIT, ORDER_REDUCE_ONLY);
    floor_clear(&floor);
    margins_order(&floor, MAKER, ORDER_TYPE_EXCHANGE_FOK, UNIT, 10500 * UNIT);
    assert_non_null(strstr(floor.text, "FILLORKILL CANCELED\n"));
    floor_close(&floor);
}

TEST_MAIN
