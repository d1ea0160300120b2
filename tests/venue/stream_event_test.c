#include "listener.h"

TEST(an_exchange_with_a_few_orders)
{
    listener_exchange_start();
    call_limit(2, "1", "100");
    call_limit(2, "-2", "200");
}

static const struct {
    const char *says;
    const char *hears[3]; /* NULL: nothing more */
} rows[] = {
    { "{\"event\":\"conf\",\"flags\":8}", {
          "{\"event\":\"conf\",\"status\":\"OK\",\"flags\":8}" } },
    { "{\"event\":\"conf\",\"flags\":0}", {
          "{\"event\":\"conf\",\"status\":\"OK\",\"flags\":0}" } },
    { "{\"event\":\"conf\",\"flags\":-1}",
      { "{\"event\":\"error\",\"msg\":\"conf: invalid\",\"code\":10050}" } },
    { "{\"event\":\"conf\",\"flags\":\"8\"}",
      { "{\"event\":\"error\",\"msg\":\"conf: invalid\",\"code\":10050}" } },
    { "{\"event\":\"conf\"}",
      { "{\"event\":\"error\",\"msg\":\"conf: invalid\",\"code\":10050}" } },
    { "{\"event\":\"sing\"}",
      { "{\"event\":\"error\",\"msg\":\"event: unknown\",\"code\":10000}" } },
    { "{}", { "{\"event\":\"error\",\"msg\":\"event: unknown\",\"code\":10000}" } },
    { "{\"event\":7}", { "{\"event\":\"error\",\"msg\":\"event: unknown\",\"code\":10000}" } },
    { "{\"event\":", { "{\"event\":\"error\",\"msg\":\"message: invalid\",\"code\":10000}" } },
    { "7", { "{\"event\":\"error\",\"msg\":\"message: invalid\",\"code\":10000}" } },
    { "[1,2]", { "{\"event\":\"error\",\"msg\":\"message: invalid\",\"code\":10000}" } },

    { "{\"event\":\"subscribe\",\"channel\":\"trades\",\"symbol\":\"tBTCUSD\",\"subId\":\"w\"}",
      { "{\"event\":\"subscribed\",\"channel\":\"trades\",\"chanId\":1,\"symbol\":\"tBTCUSD\","
        "\"subId\":\"w\",\"pair\":\"BTCUSD\"}",
        "[1,[]]" } },
    { "{\"event\":\"subscribe\",\"channel\":\"trades\",\"pair\":\"BTCUSD\",\"subId\":5}",
      { "{\"event\":\"error\",\"msg\":\"subscribe: dup\",\"code\":10301,\"channel\":\"trades\","
        "\"subId\":5,\"pair\":\"BTCUSD\"}" } },
    { "{\"event\":\"subscribe\",\"channel\":\"ticker\",\"pair\":\"tETHUSD\"}",
      { "{\"event\":\"subscribed\",\"channel\":\"ticker\",\"chanId\":2,\"symbol\":\"tETHUSD\","
        "\"pair\":\"ETHUSD\"}",
        "[2,[0,0,0,0,0,0,0,0,0,0]]" } },
    { "{\"event\":\"subscribe\",\"channel\":\"book\",\"symbol\":\"tBTCUSD\"}",
      { "{\"event\":\"subscribed\",\"channel\":\"book\",\"chanId\":3,\"symbol\":\"tBTCUSD\","
        "\"prec\":\"P0\",\"freq\":\"F0\",\"len\":\"25\",\"pair\":\"BTCUSD\"}",
        "[3,[[100,1,1],[200,1,-2]]]" } },
    { "{\"event\":\"subscribe\",\"channel\":\"book\",\"symbol\":\"tBTCUSD\",\"prec\":\"P0\","
      "\"freq\":\"F1\",\"len\":100,\"subId\":123}",
      { "{\"event\":\"subscribed\",\"channel\":\"book\",\"chanId\":4,\"symbol\":\"tBTCUSD\","
        "\"prec\":\"P0\",\"freq\":\"F1\",\"len\":100,\"subId\":123,\"pair\":\"BTCUSD\"}",
        "[4,[[100,1,1],[200,1,-2]]]" } },
    { "{\"event\":\"subscribe\",\"channel\":\"candles\",\"key\":\"trade:1m:tBTCUSD\"}",
      { "{\"event\":\"subscribed\",\"channel\":\"candles\",\"chanId\":5,"
        "\"key\":\"trade:1m:tBTCUSD\"}",
        "[5,[]]" } },
    { "{\"event\":\"subscribe\",\"channel\":\"status\",\"key\":\"liq:global\",\"subId\":null}",
      { "{\"event\":\"subscribed\",\"channel\":\"status\",\"chanId\":6,"
        "\"key\":\"liq:global\",\"subId\":null}" } },
    { "{\"event\":\"subscribe\",\"channel\":\"status\",\"key\":\"deriv:tBTCUSD\"}",
      { "{\"event\":\"error\",\"msg\":\"key: invalid\",\"code\":10300,\"channel\":\"status\","
        "\"key\":\"deriv:tBTCUSD\"}" } },

    { "{\"event\":\"subscribe\",\"channel\":\"book\",\"symbol\":\"LSKBTC\",\"prec\":\"P0\","
      "\"len\":\"100\"}",
      { "{\"event\":\"error\",\"msg\":\"symbol: invalid\",\"code\":10300,\"channel\":\"book\","
        "\"symbol\":\"LSKBTC\",\"prec\":\"P0\",\"len\":\"100\",\"pair\":\"SKBTC\"}" } },
    { "{\"event\":\"subscribe\",\"channel\":\"book\",\"symbol\":\"tBTCUSD\",\"prec\":\"P5\"}",
      { "{\"event\":\"error\",\"msg\":\"prec: invalid\",\"code\":10300,\"channel\":\"book\","
        "\"symbol\":\"tBTCUSD\",\"prec\":\"P5\",\"pair\":\"BTCUSD\"}" } },
    { "{\"event\":\"subscribe\",\"channel\":\"book\",\"symbol\":\"tBTCUSD\",\"freq\":\"F2\"}",
      { "{\"event\":\"error\",\"msg\":\"freq: invalid\",\"code\":10300,\"channel\":\"book\","
        "\"symbol\":\"tBTCUSD\",\"freq\":\"F2\",\"pair\":\"BTCUSD\"}" } },
    { "{\"event\":\"subscribe\",\"channel\":\"book\",\"symbol\":\"tBTCUSD\",\"len\":2}",
      { "{\"event\":\"error\",\"msg\":\"len: invalid\",\"code\":10300,\"channel\":\"book\","
        "\"symbol\":\"tBTCUSD\",\"len\":2,\"pair\":\"BTCUSD\"}" } },
    { "{\"event\":\"subscribe\",\"channel\":\"candles\",\"key\":\"trade:2m:tBTCUSD\"}",
      { "{\"event\":\"error\",\"msg\":\"key: invalid\",\"code\":10300,"
        "\"channel\":\"candles\",\"key\":\"trade:2m:tBTCUSD\"}" } },
    { "{\"event\":\"subscribe\",\"channel\":\"weather\"}",
      { "{\"event\":\"error\",\"msg\":\"channel: unknown\",\"code\":10302,"
        "\"channel\":\"weather\"}" } },
    { "{\"event\":\"subscribe\"}",
      { "{\"event\":\"error\",\"msg\":\"channel: unknown\",\"code\":10302}" } },

    { "{\"event\":\"unsubscribe\",\"chanId\":\"6\"}",
      { "{\"event\":\"unsubscribed\",\"status\":\"OK\",\"chanId\":6}" } },
    { "{\"event\":\"unsubscribe\",\"chanId\":6}",
      { "{\"event\":\"error\",\"msg\":\"unsubscribe: invalid\",\"code\":10400,\"chanId\":6}" } },
    { "{\"event\":\"unsubscribe\",\"chanId\":0}",
      { "{\"event\":\"error\",\"msg\":\"unsubscribe: invalid\",\"code\":10400,\"chanId\":0}" } },
    { "{\"event\":\"unsubscribe\"}",
      { "{\"event\":\"error\",\"msg\":\"unsubscribe: invalid\",\"code\":10400}" } },
};

/* All that is said on one connection, and what is answered, word by word. */
TEST(replies_are_those_of_the_venue)
{
    int fd = listener_open();

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        listener_say(fd, rows[i].says);
        for (size_t k = 0; k < 3 && rows[i].hears[k] != NULL; k++)
            listener_hears(fd, rows[i].hears[k]);
    }
    close(fd);
}

TEST(a_ping_is_answered_with_the_time_and_its_own_word)
{
    unsigned long long ts;
    int fd = listener_open(), size = 0;

    listener_say(fd, "{\"event\":\"ping\",\"cid\":1234}");
    assert_int_equal(sscanf(listener_hear(fd), "{\"event\":\"pong\",\"ts\":%llu,\"cid\":1234}%n",
                            &ts, &size),
                     1);
    assert_int_equal((size_t)size, heard.size);
    assert_true(ts > 1600000000000);
    listener_say(fd, "{\"event\":\"ping\"}");
    assert_int_equal(sscanf(listener_hear(fd), "{\"event\":\"pong\",\"ts\":%llu}%n", &ts, &size),
                     1);
    assert_int_equal((size_t)size, heard.size);
    close(fd);
}

TEST(the_twenty_sixth_channel_is_one_too_many)
{
    static const char *const precisions[] = { "P0", "P1", "P2", "P3", "P4", "R0" };
    static const char *const lengths[] = { "1", "25", "100", "250" };
    char request[160];
    int fd = listener_open();

    for (size_t i = 0; i < 24; i++) {
        snprintf(request, sizeof request,
                 "{\"event\":\"subscribe\",\"channel\":\"book\",\"symbol\":\"tBTCUSD\","
                 "\"prec\":\"%s\",\"len\":\"%s\"}",
                 precisions[i / 4], lengths[i % 4]);
        listener_join(fd, request);
        listener_hear(fd);
    }
    listener_join(fd, "{\"event\":\"subscribe\",\"channel\":\"ticker\",\"symbol\":\"tBTCUSD\"}");
    listener_hear(fd);
    listener_say(fd, "{\"event\":\"subscribe\",\"channel\":\"ticker\",\"symbol\":\"tETHUSD\"}");
    listener_hears(fd, "{\"event\":\"error\",\"msg\":\"subscribe: limit\",\"code\":10305,"
                       "\"channel\":\"ticker\",\"symbol\":\"tETHUSD\",\"pair\":\"ETHUSD\"}");
    close(fd);
}

/* D4: the exchange asks the gate, as it does over HTTP. */
TEST(a_book_that_is_not_open_to_all_is_refused)
{
    struct gate_settings settings;
    int fd = listener_open();

    settings = segment_settings_get(gate);
    settings.depth_open = false;
    segment_settings_set(gate, &settings);
    listener_say(fd, "{\"event\":\"subscribe\",\"channel\":\"book\","
                     "\"symbol\":\"tBTCUSD\"}");
    listener_hear(fd);
    assert_int_equal(strncmp(heard.bytes, "{\"event\":\"error\",", 17), 0);
    assert_non_null(strstr(heard.bytes, "\"code\":10300,\"channel\":\"book\""));
    listener_join(fd, "{\"event\":\"subscribe\",\"channel\":\"trades\","
                      "\"symbol\":\"tBTCUSD\"}");
    close(fd);
}

/* The end of the test before has closed books to all; here they are open at first. */
TEST(a_book_that_is_closed_to_all_ends_for_those_who_listen)
{
    struct gate_settings settings;
    char wanted[128];
    unsigned book, trades;
    int fd = listener_open();

    settings = segment_settings_get(gate);
    settings.depth_open = true;
    segment_settings_set(gate, &settings);
    book = listener_join(fd, "{\"event\":\"subscribe\",\"channel\":\"book\","
                             "\"symbol\":\"tBTCUSD\"}");
    listener_hear(fd);
    trades = listener_join(fd, "{\"event\":\"subscribe\",\"channel\":\"trades\","
                               "\"symbol\":\"tBTCUSD\"}");
    listener_hear(fd);
    settings.depth_open = false;
    segment_settings_set(gate, &settings);
    snprintf(wanted, sizeof wanted,
             "{\"event\":\"error\",\"msg\":\"api_key: permission invalid: needs depth:read\","
             "\"code\":10300,\"chanId\":%u}", book);
    do /* each is a turn, and one of them is the look that is due */
        listener_say(fd, "{\"event\":\"ping\"}");
    while (strncmp(listener_hear(fd), "{\"event\":\"pong\"", 15) == 0);
    assert_string_equal(heard.bytes, wanted);
    do
        listener_hear(fd);
    while (strncmp(heard.bytes, "{\"event\":\"pong\"", 15) == 0);
    snprintf(wanted, sizeof wanted,
             "{\"event\":\"unsubscribed\",\"status\":\"OK\",\"chanId\":%u}", book);
    assert_string_equal(heard.bytes, wanted);
    snprintf(wanted, sizeof wanted, "{\"event\":\"unsubscribe\",\"chanId\":%u}", trades);
    listener_say(fd, wanted);
    do
        listener_hear(fd);
    while (strncmp(heard.bytes, "{\"event\":\"pong\"", 15) == 0);
    assert_int_equal(strncmp(heard.bytes, "{\"event\":\"unsubscribed\"", 23), 0);
    close(fd);
}

TEST(the_end)
{
    listener_exchange_end();
}

TEST_MAIN
