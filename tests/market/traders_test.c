#include "../exchange/floor.h"

#include "market/traders.h"
#include "market/worth.h"

#define ROOM ((struct engine_limits){ .orders = 1024, .accounts = 16 })

#define BEGUN_MS 1000

static struct mood mood = { .seed = 1 };

static size_t act(struct floor *floor, uint64_t elapsed_ms, uint64_t pace_ms)
{
    struct traders_turn turn = { .mood = &mood,
                                 .market = MARKET_LTCUSD,
                                 .begun_ms = BEGUN_MS,
                                 .time_ms = BEGUN_MS + elapsed_ms,
                                 .pace_ms = pace_ms };
    struct command commands[TRADERS_COMMANDS_MOST];
    size_t count = traders_act(&turn, floor->engine, commands);

    for (size_t i = 0; i < count; i++)
        floor_apply(floor, commands[i]);
    floor_clear(floor);
    return count;
}

static uint32_t order_count(const struct floor *floor, enum trader trader)
{
    uint64_t account = trader_account(MARKET_LTCUSD, trader);

    return engine_account_find(floor->engine, account)->order_count;
}

TEST(traders_bring_their_money_and_build_their_ladders)
{
    struct floor floor;

    floor_open(&floor, ROOM);
    floor.writes = false;
    assert_true(act(&floor, 0, 1000) > 2 * TRADER_COUNT);
    for (unsigned i = 1; i < 8; i++)
        act(&floor, 1000 * i, 1000);
    assert_in_range(order_count(&floor, TRADER_MAKER_NEAR), 55, 60);
    assert_in_range(order_count(&floor, TRADER_MAKER_FAR), 55, 60);
    floor_close(&floor);
}

TEST(makers_never_take_from_each_other)
{
    struct floor floor;
    const struct order *order = NULL;
    uint64_t makers[] = { trader_account(MARKET_LTCUSD, TRADER_MAKER_NEAR),
                          trader_account(MARKET_LTCUSD, TRADER_MAKER_FAR) };

    floor_open(&floor, ROOM);
    floor.writes = false;
    for (unsigned i = 0; i < 300; i++)
        act(&floor, 30000 * i, 30000);
    for (unsigned i = 0; i < 2; i++) {
        while ((order = engine_account_order_next(floor.engine, makers[i], order)) != NULL)
            assert_true(order->flags & ORDER_POST_ONLY);
    }
    floor_close(&floor);
}

TEST(a_quiet_second_brings_few_commands)
{
    struct floor floor;
    size_t sum = 0;

    floor_open(&floor, ROOM);
    floor.writes = false;
    for (unsigned i = 0; i < 20; i++)
        act(&floor, 1000 * i, 1000);
    for (unsigned i = 20; i < 620; i++)
        sum += act(&floor, 1000 * i, 1000);
    assert_in_range(sum, 100, 5 * 600);
    floor_close(&floor);
}

TEST(a_ruined_trader_gets_a_new_stake)
{
    uint64_t noisy = trader_account(MARKET_LTCUSD, TRADER_NOISY);
    const struct wallet *dollars;
    struct floor floor;

    floor_open(&floor, ROOM);
    floor.writes = false;
    act(&floor, 0, 1000);
    for (unsigned i = 0; i < TRADER_COUNT; i++)
        floor_apply(&floor, (struct command){ .kind = COMMAND_CANCEL_ALL,
                                              .account = trader_account(MARKET_LTCUSD, i) });
    /* It pays 48 of its 50 millions for almost nothing. */
    floor_credit(&floor, 1, CURRENCY_LTC, 100 * UNIT);
    for (unsigned i = 0; i < 48; i++) {
        floor_submit(&floor, (struct command){ .account = 1,
                                               .market = MARKET_LTCUSD,
                                               .type = ORDER_TYPE_EXCHANGE_LIMIT,
                                               .amount = -UNIT,
                                               .price = 1000000 * UNIT });
        floor_submit(&floor, (struct command){ .account = noisy,
                                               .market = MARKET_LTCUSD,
                                               .type = ORDER_TYPE_EXCHANGE_IOC,
                                               .amount = UNIT,
                                               .price = 1000000 * UNIT });
    }
    dollars = &engine_account_find(floor.engine, noisy)->wallets[WALLET_EXCHANGE][CURRENCY_USD];
    assert_int_equal(dollars->balance, 2000000 * UNIT);
    act(&floor, 1000, 1000);
    assert_true(dollars->balance > 51000000 * UNIT);
    floor_close(&floor);
}

/* US dollars that rest within one side, more or less. */
static int64_t depth(const struct floor *floor)
{
    struct book_level level = { .market = MARKET_LTCUSD, .bid = true };
    int64_t sum = 0;

    while (engine_level_next(floor->engine, &level))
        sum += level.amount;
    return sum;
}

TEST(a_thin_book_is_thin_and_fills_again)
{
    struct floor floor;
    int64_t usual, thin;

    floor_open(&floor, ROOM);
    floor.writes = false;
    for (unsigned i = 1; i < 60; i++)
        act(&floor, 1000 * i, 1000);
    usual = depth(&floor);
    mood_turn(&mood, 1, PRESET_THIN, BEGUN_MS, BEGUN_MS + 60000);
    for (unsigned i = 60; i < 120; i++)
        act(&floor, 1000 * i, 1000);
    thin = depth(&floor);
    assert_true(thin < usual / 3);
    mood_turn(&mood, 1, PRESET_BALANCED, BEGUN_MS, BEGUN_MS + 120000);
    for (unsigned i = 120; i < 180; i++)
        act(&floor, 1000 * i, 1000);
    assert_true(depth(&floor) > 2 * thin);
    mood_init(&mood, 1);
    floor_close(&floor);
}

TEST(a_frozen_market_stands_as_it_is)
{
    struct floor floor;
    uint64_t hash;

    floor_open(&floor, ROOM);
    floor.writes = false;
    for (unsigned i = 1; i < 20; i++)
        act(&floor, 1000 * i, 1000);
    hash = engine_state_hash(floor.engine);
    mood_turn(&mood, 1, PRESET_FROZEN, BEGUN_MS, BEGUN_MS + 20000);
    for (unsigned i = 20; i < 100; i++)
        assert_int_equal(act(&floor, 1000 * i, 1000), 0);
    assert_true(engine_state_hash(floor.engine) == hash);
    mood_init(&mood, 1);
    floor_close(&floor);
}

TEST_MAIN
