#include "../test.h"

#include <string.h>

#include "venue/control.h"

static struct control control;

static void take(struct command command)
{
    assert_null(control_judge(&control, &command));
    control_take(&control, &command, 500);
}

static void inject(struct injection injection, uint64_t now_ms)
{
    struct command command = { .kind = CONTROL_INJECT, .time_ms = now_ms };

    injection.id = control.injection_id + 1;
    if (injection.until_ms == 0)
        injection.until_ms = UINT64_C(1) << 40;
    injection_encode(&injection, &command);
    take(command);
}

static const struct injection *find(enum injection_kind kind, uint64_t account, uint64_t now_ms)
{
    return control_find(&control,
                        &(struct injection_target){ .kind = kind, .account = account }, now_ms);
}

TEST(clock_seed_and_preset_are_as_the_latest_command_says)
{
    control_init(&control, 3);
    assert_int_equal(control.mood.seed, 3);
    take((struct command){
        .kind = CONTROL_CLOCK, .order = 1000, .cid = 5000, .gid = 2000, .time_ms = 5000 });
    assert_int_equal(tempo_time_ms(control.tempo, 1010), 5020);
    take((struct command){ .kind = CONTROL_SEED, .order = 8, .time_ms = 6000 });
    assert_int_equal(control.mood.seed, 8);
    take((struct command){ .kind = CONTROL_PRESET, .type = PRESET_THIN, .time_ms = 6000 });
    assert_int_equal(control.mood.preset, PRESET_THIN);
    assert_int_equal(control.mood.seed, 8);
    take((struct command){ .kind = CONTROL_RESET, .order = 4 });
    assert_int_equal(control.resets, 4);
    assert_int_equal(control.changes, 4);
}

TEST(what_makes_no_sense_is_refused_and_changes_nothing)
{
    static const struct command wrongs[] = {
        { .kind = CONTROL_CLOCK, .gid = TEMPO_RATE_MOST + 1 },
        { .kind = CONTROL_PRESET, .type = PRESET_COUNT },
        { .kind = CONTROL_INJECT },
        { .kind = CONTROL_SPEND, .order = 1 },
        { .kind = CONTROL_CLEAR, .order = 1 },
        { .kind = CONTROL_LAST },
        { .kind = CONTROL_CLEAR + 1 },
    };

    control_init(&control, 3);
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        assert_non_null(control_judge(&control, &wrongs[i]));
        control_take(&control, &wrongs[i], 500);
    }
    assert_int_equal(control.changes, 0);
}

TEST(a_fault_concerns_its_account_and_one_of_the_operator_everybody)
{
    control_init(&control, 3);
    inject((struct injection){ .kind = INJECTION_ERROR, .account = 7, .value = 502 }, 0);
    assert_non_null(find(INJECTION_ERROR, 7, 10));
    assert_null(find(INJECTION_ERROR, 8, 10));
    assert_null(find(INJECTION_LATENCY, 7, 10));
    inject((struct injection){ .kind = INJECTION_LATENCY, .value = 5 }, 0);
    assert_non_null(find(INJECTION_LATENCY, 7, 10));
    assert_non_null(find(INJECTION_LATENCY, 8, 10));
}

TEST(what_is_used_up_is_gone)
{
    uint64_t id;

    control_init(&control, 3);
    inject((struct injection){ .kind = INJECTION_DISCONNECT, .account = 7, .uses = 2 }, 0);
    id = find(INJECTION_DISCONNECT, 7, 0)->id;
    take((struct command){ .kind = CONTROL_SPEND, .order = id });
    assert_int_equal(find(INJECTION_DISCONNECT, 7, 0)->uses, 1);
    take((struct command){ .kind = CONTROL_SPEND, .order = id });
    assert_null(find(INJECTION_DISCONNECT, 7, 0));
}

TEST(an_account_clears_its_own_and_the_operator_all)
{
    control_init(&control, 3);
    for (uint64_t account = 7; account < 10; account++)
        inject((struct injection){ .kind = INJECTION_CHECKSUM, .account = account }, 0);
    take((struct command){ .kind = CONTROL_CLEAR, .account = 8 });
    assert_null(find(INJECTION_CHECKSUM, 8, 0));
    assert_non_null(find(INJECTION_CHECKSUM, 7, 0));
    take((struct command){ .kind = CONTROL_CLEAR, .account = 7, .order = 1 });
    assert_null(find(INJECTION_CHECKSUM, 7, 0));
    take((struct command){ .kind = CONTROL_CLEAR });
    assert_int_equal(control.injection_count, 0);
}

TEST(an_order_is_struck_by_its_cid_or_its_label)
{
    struct injection_target target = { .kind = INJECTION_REJECT, .account = 7, .cid = 5 };

    control_init(&control, 3);
    inject((struct injection){ .kind = INJECTION_REJECT, .account = 7, .cid = 4 }, 0);
    inject((struct injection){ .kind = INJECTION_REJECT, .account = 7, .label = "slow" }, 0);
    assert_null(control_find(&control, &target, 0));
    target.cid = 4;
    assert_int_equal(control_find(&control, &target, 0)->cid, 4);
    target.cid = 0;
    target.label = SLICE("slo");
    assert_null(control_find(&control, &target, 0));
    target.label = SLICE("slow");
    assert_string_equal(control_find(&control, &target, 0)->label, "slow");
    target.label = SLICE("slower than sixteen");
    assert_null(control_find(&control, &target, 0));
}

TEST(what_concerns_the_market_is_in_the_mood)
{
    enum market btc = MARKET_BTCUSD, eth = MARKET_ETHUSD;
    struct injection_target target = { .kind = INJECTION_HALT, .account = 7, .market = &btc };

    control_init(&control, 3);
    inject((struct injection){ .kind = INJECTION_HALT,
                               .account = 9,
                               .market = MARKET_BTCUSD,
                               .from_ms = 100,
                               .until_ms = 200 },
           50);
    assert_null(control_find(&control, &target, 99));
    assert_non_null(control_find(&control, &target, 100));
    target.market = &eth;
    assert_null(control_find(&control, &target, 100));
    assert_false(mood_trading(&control.mood, MARKET_BTCUSD, 150).is_on);
    assert_true(mood_trading(&control.mood, MARKET_ETHUSD, 150).is_on);
    inject((struct injection){ .kind = INJECTION_MAINTENANCE, .from_ms = 150, .until_ms = 160 },
           50);
    assert_false(control_in_maintenance(&control, 149));
    assert_true(control_in_maintenance(&control, 150));
    assert_false(mood_trading(&control.mood, MARKET_ETHUSD, 150).is_on);
    assert_false(control_in_maintenance(&control, 160));
    take((struct command){ .kind = CONTROL_CLEAR });
    assert_true(mood_trading(&control.mood, MARKET_BTCUSD, 150).is_on);
}

TEST(there_is_room_again_when_something_has_ended)
{
    struct injection injection = { .kind = INJECTION_ERROR, .value = 500, .until_ms = 100 };
    struct command command = { .kind = CONTROL_INJECT, .time_ms = 50 };

    control_init(&control, 3);
    for (unsigned i = 0; i < CONTROL_INJECTIONS_MOST; i++)
        inject(injection, 50);
    injection.id = control.injection_id + 1;
    injection_encode(&injection, &command);
    assert_non_null(control_judge(&control, &command));
    injection.until_ms = 300;
    inject(injection, 100);
    assert_int_equal(control.injection_count, 1);
}

TEST_MAIN
