#include "../test.h"

#include "base/fixed.h"
#include "venue/stats.h"

#include "fresh.h"

#define HOUR_MS UINT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)

static struct candles candles;
static struct sizes sizes;
static struct size_row now;
static struct buffer out;

static void trade(uint64_t time_ms, int64_t amount, int64_t price)
{
    candles_take(&candles,
                 &(struct trade){ .time_ms = time_ms,
                                  .price = price * FIXED_ONE,
                                  .amount = amount * FIXED_ONE,
                                  .value = (amount < 0 ? -amount : amount) * price * FIXED_ONE });
}

static const char *put(const char *key, struct ask_page page, uint64_t now_ms, bool last)
{
    const struct stat_sources from = { &candles, &sizes, &now };
    struct json_writer w = json_writer_of(&out);
    struct stat stat;

    buffer_wipe(&out);
    assert_true(stat_find(slice_of(key), &stat));
    stat_put(&w, &from, &stat, &page, DAY_MS, now_ms, last);
    return out.at;
}

static const struct ask_page newest = { .end_ms = UINT64_MAX, .limit = 3, .newest_first = true };

TEST(keys_are_those_of_the_document)
{
    static const char *const good[] = { "pos.size:1m:tBTCUSD:long",
                                        "pos.size:1m:tBTCUSD:short",
                                        "funding.size:1m:fUSD",
                                        "credits.size:1m:fUSD",
                                        "credits.size.sym:1m:fUSD:tBTCUSD",
                                        "vol.1d:30m:BFX",
                                        "vol.7d:30m:BFX",
                                        "vol.30d:30m:BFX",
                                        "vwap:1d:tBTCUSD" };
    static const char *const bad[] = { "",
                                       "pos.size",
                                       "pos.size:1m:tBTCUSD",
                                       "pos.size:1m:tBTCUSD:up",
                                       "pos.size:5m:tBTCUSD:long",
                                       "funding.size:1m:tBTCUSD",
                                       "funding.size:1m:fUSD:x",
                                       "vol.1d:30m:tBTCUSD",
                                       "vwap:1d:fUSD",
                                       "vwap:1h:tBTCUSD",
                                       "other:1m:fUSD" };
    struct stat stat;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(stat_find(slice_of(good[i]), &stat));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (stat_find(slice_of(bad[i]), &stat))
            fail_msg("accepted %s", bad[i]);
}

TEST(volumes_count_what_was_traded_within_their_time)
{
    candles_init(&candles, fresh_arena());
    trade(2 * DAY_MS, 3, 100);
    trade(2 * DAY_MS + HOUR_MS, -1, 100);
    assert_string_equal(put("vol.1d:30m:BFX", newest, 2 * DAY_MS + 2 * HOUR_MS, false),
                        "[[180000000,400],[178200000,400],[176400000,300]]");
    assert_string_equal(put("vol.1d:30m:BFX", newest, 3 * DAY_MS + HOUR_MS, true),
                        "[262800000,100]");
    assert_string_equal(put("vol.7d:30m:BFX", newest, 3 * DAY_MS + HOUR_MS, true),
                        "[262800000,400]");
    assert_string_equal(put("vol.1d:30m:BFX", newest, 4 * DAY_MS, true), "[345600000,0]");
}

TEST(an_average_weighs_each_price_with_its_volume)
{
    candles_init(&candles, fresh_arena());
    assert_string_equal(put("vwap:1d:tBTCUSD", newest, 4 * DAY_MS, false), "[]");
    assert_string_equal(put("vwap:1d:tBTCUSD", newest, 4 * DAY_MS, true), "[]");
    trade(2 * DAY_MS, 3, 100);
    trade(2 * DAY_MS + HOUR_MS, 1, 200);
    trade(3 * DAY_MS, 1, 300);
    assert_string_equal(put("vwap:1d:tBTCUSD", newest, 4 * DAY_MS, false),
                        "[[259200000,300],[172800000,125]]");
    assert_string_equal(put("vwap:1d:tBTCUSD", newest, 4 * DAY_MS, true), "[259200000,300]");
}

TEST(rows_stand_on_their_steps_within_the_page)
{
    struct ask_page page = { .start_ms = DAY_MS + 60000, .end_ms = DAY_MS + 180000, .limit = 10 };

    candles_init(&candles, fresh_arena());
    assert_string_equal(put("pos.size:1m:tBTCUSD:long", page, 4 * DAY_MS, false),
                        "[[86460000,0],[86520000,0],[86580000,0]]");
    page.newest_first = true;
    page.limit = 1;
    assert_string_equal(put("pos.size:1m:tBTCUSD:long", page, 4 * DAY_MS, false), "[[86580000,0]]");
    /* Before the exchange began there is nothing. */
    page.start_ms = page.end_ms = 0;
    assert_string_equal(put("pos.size:1m:tBTCUSD:long", page, 4 * DAY_MS, false), "[]");
    buffer_wipe(&out);
}

/* A row says what stood when its minute began; later nothing else was noted. */
TEST(sizes_are_those_that_stood)
{
    struct size_row *row;

    candles_init(&candles, fresh_arena());
    sizes_init(&sizes, fresh_arena());
    row = ring_push(&sizes.rows);
    *row = (struct size_row){ .time_ms = DAY_MS + 60000 };
    row = ring_push(&sizes.rows);
    *row = (struct size_row){ .time_ms = DAY_MS + 180000 };
    row->at[MARKET_BTCUSD].shorts = 2 * FIXED_ONE;
    row->at[MARKET_BTCUSD].used[1] = 5 * FIXED_ONE;
    row->lent[CURRENCY_USD] = 9 * FIXED_ONE;
    now = *row;
    now.at[MARKET_BTCUSD].longs = 3 * FIXED_ONE;
    now.at[MARKET_BTCUSD].used[0] = FIXED_ONE;
    assert_string_equal(put("pos.size:1m:tBTCUSD:short", newest, DAY_MS + 240000, false),
                        "[[86640000,2],[86580000,2],[86520000,2]]");
    assert_string_equal(put("pos.size:1m:tBTCUSD:short", newest, DAY_MS + 60000, false),
                        "[[86460000,0],[86400000,0]]");
    assert_string_equal(put("pos.size:1m:tBTCUSD:long", newest, DAY_MS + 240000, true),
                        "[86640000,3]");
    assert_string_equal(put("funding.size:1m:fUSD", newest, DAY_MS + 180000, true),
                        "[86580000,9]");
    assert_string_equal(put("credits.size:1m:fUSD", newest, DAY_MS + 180000, true),
                        "[86580000,5]");
    assert_string_equal(put("credits.size.sym:1m:fBTC:tBTCUSD", newest, DAY_MS + 240000, true),
                        "[86640000,1]");
    assert_string_equal(put("credits.size.sym:1m:fUSD:tETHUSD", newest, DAY_MS + 240000, true),
                        "[86640000,0]");
}

TEST_MAIN
