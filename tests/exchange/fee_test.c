#include "floor.h"

#define DAY_MS UINT64_C(86400000)

/* 1 sells to 2, who buys, a bitcoin for 100,000 dollars each time. */
static void open_rich(struct floor *floor, bool tiers)
{
    floor_open(floor, (struct engine_limits){ .orders = 8, .accounts = 4 });
    floor->time_ms = 20000 * DAY_MS;
    floor->writes = false;
    for (uint64_t account = 1; account <= 3; account++) {
        floor_credit(floor, account, CURRENCY_BTC, 10000 * UNIT);
        floor_credit(floor, account, CURRENCY_USD, 100000000 * UNIT);
    }
    if (tiers)
        floor_apply(floor, (struct command){ .kind = COMMAND_RULES, .fields = RULE_FEE_TIERS });
}

static void trade(struct floor *floor, int64_t bitcoins, uint64_t flags)
{
    floor_submit(floor, (struct command){ .account = 1,
                                          .type = ORDER_TYPE_EXCHANGE_LIMIT,
                                          .flags = flags,
                                          .amount = -bitcoins * UNIT,
                                          .price = 100000 * UNIT });
    floor_limit(floor, 2, bitcoins * UNIT, 100000 * UNIT);
}

static struct fee_tier tier(const struct floor *floor, uint64_t account)
{
    return fee_tier(floor->engine, engine_account_find(floor->engine, account),
                    MARKET_BTCUSD);
}

static int64_t volume(const struct floor *floor, uint64_t account)
{
    return fee_volume(floor->engine, engine_account_find(floor->engine, account));
}

/* Of the seller, since it was asked last. */
static int64_t sold_for(struct floor *floor)
{
    static int64_t before;
    int64_t now =
        engine_account_find(floor->engine, 1)->wallets[WALLET_EXCHANGE][CURRENCY_USD].balance;
    int64_t got = now - before;

    before = now;
    return got;
}

TEST(who_trades_more_pays_less_from_the_next_trade_on)
{
    struct floor floor;

    open_rich(&floor, true);
    sold_for(&floor);
    trade(&floor, 5, 0);
    assert_int_equal(sold_for(&floor), 499500 * UNIT); /* 0.1 % */
    assert_int_equal(volume(&floor, 1), 500000 * UNIT);
    assert_int_equal(tier(&floor, 1).maker_ppm, 800);
    trade(&floor, 5, 0);
    assert_int_equal(sold_for(&floor), 499600 * UNIT); /* 0.08 % */
    trade(&floor, 290, 0);
    sold_for(&floor);
    assert_int_equal(tier(&floor, 2).maker_ppm, 0);
    assert_int_equal(tier(&floor, 2).taker_ppm, 1000);
    assert_int_equal(tier(&floor, 3).taker_ppm, 2000);
    trade(&floor, 1, 0);
    assert_int_equal(sold_for(&floor), 100000 * UNIT);
    floor_close(&floor);
}

TEST(after_thirty_days_it_counts_no_more)
{
    struct floor floor;

    open_rich(&floor, true);
    trade(&floor, 5, 0);
    floor.time_ms += 10 * DAY_MS;
    trade(&floor, 5, 0);
    assert_int_equal(volume(&floor, 1), 1000000 * UNIT);
    floor.time_ms += 20 * DAY_MS - 1;
    floor_apply(&floor, (struct command){ .kind = COMMAND_TIMER });
    assert_int_equal(volume(&floor, 1), 1000000 * UNIT);
    floor.time_ms += 1;
    floor_apply(&floor, (struct command){ .kind = COMMAND_TIMER });
    assert_int_equal(volume(&floor, 1), 500000 * UNIT);
    floor.time_ms += 100 * DAY_MS;
    floor_apply(&floor, (struct command){ .kind = COMMAND_TIMER });
    assert_int_equal(volume(&floor, 1), 0);
    trade(&floor, 1, 0);
    assert_int_equal(volume(&floor, 1), 100000 * UNIT);
    floor_close(&floor);
}

TEST(who_waits_in_hiding_pays_like_a_taker)
{
    struct floor floor;

    open_rich(&floor, true);
    sold_for(&floor);
    trade(&floor, 1, ORDER_HIDDEN);
    assert_int_equal(sold_for(&floor), 99800 * UNIT);
    floor_close(&floor);
}

TEST(without_the_rule_everybody_pays_the_same)
{
    struct floor floor;

    open_rich(&floor, false);
    sold_for(&floor);
    trade(&floor, 300, ORDER_HIDDEN);
    assert_int_equal(sold_for(&floor), 29970000 * UNIT);
    assert_int_equal(tier(&floor, 1).maker_ppm, 1000);
    floor_apply(&floor, (struct command){ .kind = COMMAND_RULES, .fields = 1 << 20 });
    assert_int_equal(floor.why, REFUSAL_COMMAND);
    floor_close(&floor);
}

TEST_MAIN
