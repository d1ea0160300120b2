#include "../test.h"

#include <stdlib.h>

#include "base/fixed.h"
#include "venue/quotes.h"

#include "fresh.h"

#define HOUR_MS UINT64_C(3600000)

static void nobody(void *context, const struct event *event)
{
    (void)context, (void)event;
}

TEST(each_hour_has_the_prices_that_stood_when_it_began)
{
    struct engine_limits limits = { .orders = 4, .accounts = 2 };
    void *block = NULL;
    struct engine *engine;
    struct quotes quotes;
    const struct quote_row *row;
    struct command command = {
        .kind = COMMAND_CREDIT, .account = 1, .currency = CURRENCY_USD, .amount = 100 * FIXED_ONE
    };

    assert_int_equal(posix_memalign(&block, 64, engine_size(limits)), 0);
    memset(block, 0, engine_size(limits));
    engine = engine_init(block, limits);
    quotes_init(&quotes, fresh_arena());
    quotes_take(&quotes, engine, HOUR_MS + 5);
    engine_apply(engine, &command, (struct event_sink){ nobody, NULL });
    command = (struct command){ .kind = COMMAND_SUBMIT,
                                .account = 1,
                                .type = ORDER_TYPE_EXCHANGE_LIMIT,
                                .amount = FIXED_ONE,
                                .price = 7 * FIXED_ONE };
    engine_apply(engine, &command, (struct event_sink){ nobody, NULL });
    quotes_take(&quotes, engine, 2 * HOUR_MS - 1);
    assert_int_equal(quotes.rows.count, 1);
    quotes_take(&quotes, engine, 2 * HOUR_MS);
    quotes_take(&quotes, engine, 5 * HOUR_MS + 1);
    assert_int_equal(quotes.rows.count, 3);
    row = ring_at(&quotes.rows, 0);
    assert_int_equal(row->time_ms, HOUR_MS);
    assert_int_equal(row->at[MARKET_BTCUSD].bid, 0);
    row = ring_at(&quotes.rows, 1);
    assert_int_equal(row->time_ms, 2 * HOUR_MS);
    assert_int_equal(row->at[MARKET_BTCUSD].bid, 7 * FIXED_ONE);
    assert_int_equal(row->at[MARKET_BTCUSD].ask, 0);
    row = ring_at(&quotes.rows, 2);
    assert_int_equal(row->time_ms, 5 * HOUR_MS);
    free(block);
}

TEST_MAIN
