#include "../test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fixed.h"
#include "venue/outcome.h"

static char folder[40];
static struct venue *venue;

static void begin(void)
{
    struct venue_options options = { .folder = folder, .environment = ENVIRONMENT_SANDBOX };

    snprintf(folder, sizeof folder, "/tmp/latchkey-outcome-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(venue_open(&options, &venue), OK);
    assert_non_null(venue_account(venue, 5));
    assert_non_null(venue_account(venue, 6));
}

static void end(void)
{
    char path[64];

    assert_null(engine_check(venue_engine(venue)));
    venue_close(&venue);
    snprintf(path, sizeof path, "%s/journal", folder);
    unlink(path);
    rmdir(folder);
}

static void inject(struct injection_ask ask, uint64_t account)
{
    struct command command = { .kind = CONTROL_INJECT };
    struct injection injection;
    const char *wrong;

    assert_null(injection_make(&ask, venue_now_ms(venue), &injection));
    injection.account = account;
    injection.id = venue_controls(venue)->injection_id + 1;
    injection_encode(&injection, &command);
    assert_int_equal(venue_control(venue, command, &wrong), VENUE_DONE);
}

static struct command order(uint64_t account, int64_t amount, int64_t price)
{
    return (struct command){ .kind = COMMAND_SUBMIT,
                             .account = account,
                             .amount = amount,
                             .price = price * FIXED_ONE,
                             .type = ORDER_TYPE_EXCHANGE_LIMIT };
}

static uint64_t submit(struct command command)
{
    struct venue_effect effect;

    assert_int_equal(venue_apply(venue, command, &effect), VENUE_DONE);
    return effect.order.id;
}

TEST(a_scripted_order_is_refused_once_in_the_words_of_the_venue)
{
    struct command submit = order(5, FIXED_ONE, 100);
    char text[OUTCOME_TEXT_SIZE];
    int code;

    begin();
    assert_false(outcome_refuses(venue, &submit, SLICE_EMPTY, &code, text));
    inject((struct injection_ask){ .kind = "reject" }, 5);
    submit.account = 6;
    assert_false(outcome_refuses(venue, &submit, SLICE_EMPTY, &code, text));
    submit.account = 5;
    assert_true(outcome_refuses(venue, &submit, SLICE_EMPTY, &code, text));
    assert_int_equal(code, 10001);
    assert_string_equal(text, "Invalid order: not enough exchange balance for 1 BTCUSD at 100");
    assert_false(outcome_refuses(venue, &submit, SLICE_EMPTY, &code, text));
    inject((struct injection_ask){ .kind = "reject", .reason = "rate", .label = "x" }, 5);
    assert_false(outcome_refuses(venue, &submit, SLICE_EMPTY, &code, text));
    assert_true(outcome_refuses(venue, &submit, SLICE("x"), &code, text));
    assert_int_equal(code, 11010);
    end();
}

TEST(nobody_trades_in_a_market_that_is_halted)
{
    struct command submit = order(5, FIXED_ONE, 100);
    char text[OUTCOME_TEXT_SIZE];
    int code;

    begin();
    inject((struct injection_ask){ .kind = "halt", .symbol = "tBTCUSD" }, 6);
    assert_true(outcome_refuses(venue, &submit, SLICE_EMPTY, &code, text));
    submit.market = MARKET_ETHUSD;
    assert_false(outcome_refuses(venue, &submit, SLICE_EMPTY, &code, text));
    inject((struct injection_ask){ .kind = "maintenance" }, 0);
    assert_true(outcome_refuses(venue, &submit, SLICE_EMPTY, &code, text));
    assert_int_equal(code, 20060);
    end();
}

TEST(an_order_is_filled_as_far_as_asked)
{
    struct command buys = order(5, 2 * FIXED_ONE, 100), sells = order(5, -3 * FIXED_ONE, 200);
    uint64_t bid, ask;

    begin();
    bid = submit(buys);
    outcome_fills(venue, &buys, SLICE_EMPTY, bid);
    assert_int_equal(engine_order_find(venue_engine(venue), bid)->amount, 2 * FIXED_ONE);
    inject((struct injection_ask){ .kind = "fill", .percent = 40 * FIXED_ONE, .has_percent = true },
           5);
    outcome_fills(venue, &buys, SLICE_EMPTY, bid);
    assert_int_equal(engine_order_find(venue_engine(venue), bid)->amount, 120000000);
    outcome_fills(venue, &buys, SLICE_EMPTY, bid);
    assert_int_equal(engine_order_find(venue_engine(venue), bid)->amount, 120000000);
    inject((struct injection_ask){ .kind = "fill",
                                   .percent = 100 * FIXED_ONE,
                                   .has_percent = true },
           5);
    ask = submit(sells);
    outcome_fills(venue, &sells, SLICE_EMPTY, ask);
    assert_null(engine_order_find(venue_engine(venue), ask));
    end();
}

TEST(nobody_in_front_pays_for_the_script_of_another)
{
    struct command behind = order(5, FIXED_ONE, 100);
    uint64_t first, id;

    begin();
    first = submit(order(6, FIXED_ONE, 101));
    id = submit(behind);
    inject((struct injection_ask){ .kind = "fill",
                                   .percent = 100 * FIXED_ONE,
                                   .has_percent = true },
           5);
    outcome_fills(venue, &behind, SLICE_EMPTY, id);
    assert_int_equal(engine_order_find(venue_engine(venue), first)->amount, FIXED_ONE);
    assert_int_equal(engine_order_find(venue_engine(venue), id)->amount, FIXED_ONE);
    end();
}

TEST_MAIN
