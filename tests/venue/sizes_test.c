#include "../test.h"

#include <stdlib.h>

#include "base/fixed.h"
#include "exchange/funding.h"
#include "venue/sizes.h"

#include "fresh.h"

#define MINUTE_MS UINT64_C(60000)

static void nobody(void *context, const struct event *event)
{
    (void)context, (void)event;
}

static void apply(struct engine *engine, struct command command)
{
    engine_apply(engine, &command, (struct event_sink){ nobody, NULL });
}

/* A loan that nothing uses, and what stood before it. */
TEST(each_minute_has_what_stood_when_it_began)
{
    struct engine_limits limits = { .orders = 4, .accounts = 4 };
    void *block = NULL;
    struct engine *engine;
    struct sizes sizes;
    struct size_row now;

    assert_int_equal(posix_memalign(&block, 64, engine_size(limits)), 0);
    memset(block, 0, engine_size(limits));
    engine = engine_init(block, limits);
    sizes_init(&sizes, fresh_arena());
    assert_null(sizes_at(&sizes, 0));
    sizes_take(&sizes, engine, MINUTE_MS + 5);
    for (uint64_t account = 1; account <= 2; account++) {
        apply(engine, (struct command){ .kind = COMMAND_CREDIT,
                                        .account = account,
                                        .wallet = account == 1 ? WALLET_FUNDING : WALLET_MARGIN,
                                        .currency = CURRENCY_USD,
                                        .amount = 1000 * FIXED_ONE });
        apply(engine, (struct command){ .kind = COMMAND_OFFER_SUBMIT,
                                        .account = account,
                                        .currency = CURRENCY_USD,
                                        .amount = (account == 1 ? 300 : -300) * FIXED_ONE,
                                        .type = OFFER_LIMIT,
                                        .price = 5000,
                                        .period = 2 });
    }
    sizes_read(engine, &now);
    assert_int_equal(now.lent[CURRENCY_USD], 300 * FIXED_ONE);
    assert_int_equal(now.at[MARKET_BTCUSD].used[1], 0);
    sizes_take(&sizes, engine, 2 * MINUTE_MS - 1);
    assert_int_equal(sizes.rows.count, 1);
    sizes_take(&sizes, engine, 4 * MINUTE_MS);
    assert_int_equal(sizes.rows.count, 2);
    assert_int_equal(sizes_at(&sizes, MINUTE_MS)->lent[CURRENCY_USD], 0);
    assert_int_equal(sizes_at(&sizes, MINUTE_MS + 1)->lent[CURRENCY_USD], 300 * FIXED_ONE);
    assert_int_equal(sizes_at(&sizes, 4 * MINUTE_MS)->time_ms, 4 * MINUTE_MS);
    assert_null(sizes_at(&sizes, 4 * MINUTE_MS + 1));
    free(block);
}

TEST_MAIN
