#include "../test.h"

#include <string.h>

#include "base/fixed.h"
#include "venue/injection.h"

static const char *make(struct injection_ask ask, struct injection *injection)
{
    return injection_make(&ask, 1000, injection);
}

TEST(each_kind_can_be_asked_for_by_its_name)
{
    for (unsigned i = 1; i < INJECTION_END; i++) {
        struct injection_ask ask = { .kind = injection_text((enum injection_kind)i) };
        struct injection made;

        if (injection_value((enum injection_kind)i) == INJECTION_VALUE_MS)
            ask.ms = 200;
        if (injection_value((enum injection_kind)i) == INJECTION_VALUE_PERCENT) {
            ask.percent = 40 * FIXED_ONE;
            ask.has_percent = true;
        }
        if (i == INJECTION_SHOCK)
            ask.symbol = "tBTCUSD";
        assert_null(make(ask, &made));
        assert_int_equal(made.kind, i);
        assert_int_equal(made.from_ms, 1000);
        assert_true(injection_acts(&made, 1000));
        assert_false(injection_acts(&made, made.until_ms));
    }
}

/* The last column: how the sentence begins that says what is wrong. */
static const struct {
    struct injection_ask ask;
    const char *wrong;
} wrongs[] = {
    { { .kind = NULL }, "kind:" },
    { { .kind = "fire" }, "kind:" },
    { { .kind = "latency" }, "ms:" },
    { { .kind = "latency", .ms = 60001 }, "ms:" },
    { { .kind = "latency", .ms = UINT64_MAX }, "ms:" },
    { { .kind = "error", .status = 404 }, "status:" },
    { { .kind = "error", .status = 1500 }, "status:" },
    { { .kind = "reject", .reason = "weather" }, "reason:" },
    { { .kind = "reject", .cid = UINT64_C(1) << 45 }, "cid:" },
    { { .kind = "reject", .cid = 4, .label = "a" }, "cid, label:" },
    { { .kind = "reject", .label = "seventeen letters" }, "label:" },
    { { .kind = "fill" }, "percent:" },
    { { .kind = "fill", .percent = 101 * FIXED_ONE, .has_percent = true }, "percent:" },
    { { .kind = "shock", .percent = 5 * FIXED_ONE, .has_percent = true }, "symbol:" },
    { { .kind = "shock", .symbol = "tBTCUSD" }, "percent:" },
    { { .kind = "shock", .symbol = "tBTCUSD", .percent = -91 * FIXED_ONE, .has_percent = true },
      "percent:" },
    { { .kind = "halt", .symbol = "tNONE" }, "symbol:" },
    { { .kind = "halt", .uses = 2 }, "uses:" },
    { { .kind = "maintenance", .symbol = "tBTCUSD" }, "symbol:" },
    { { .kind = "disconnect", .symbol = "tBTCUSD" }, "symbol:" },
    { { .kind = "disconnect", .cid = 4 }, "cid, label:" },
    { { .kind = "maintenance", .for_ms = UINT64_MAX }, "after, for:" },
    { { .kind = "maintenance", .after_ms = UINT64_MAX }, "after, for:" },
};

TEST(what_is_wrong_is_said)
{
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        struct injection made;
        const char *wrong = make(wrongs[i].ask, &made);

        assert_non_null(wrong);
        assert_int_equal(strncmp(wrong, wrongs[i].wrong, strlen(wrongs[i].wrong)), 0);
    }
}

TEST(what_strikes_one_order_strikes_once_unless_told_otherwise)
{
    struct injection made;

    assert_null(make((struct injection_ask){ .kind = "reject" }, &made));
    assert_int_equal(made.uses, 1);
    assert_null(make((struct injection_ask){ .kind = "reject", .uses = 3 }, &made));
    assert_int_equal(made.uses, 3);
    assert_null(make((struct injection_ask){ .kind = "reject", .for_ms = 500 }, &made));
    assert_int_equal(made.uses, 0);
    assert_null(make((struct injection_ask){ .kind = "error" }, &made));
    assert_int_equal(made.uses, 0);
}

TEST(a_command_brings_all_of_it_back)
{
    struct injection there = { .id = 9,
                               .kind = INJECTION_HALT,
                               .account = 4,
                               .market = MARKET_ETHBTC,
                               .from_ms = 50,
                               .until_ms = 60 },
                     back;
    struct command command = { 0 };

    injection_encode(&there, &command);
    assert_true(injection_decode(&command, &back));
    assert_memory_equal(&there, &back, sizeof there);
    there = (struct injection){ .id = 10,
                                .kind = INJECTION_FILL,
                                .account = 4,
                                .everywhere = true,
                                .value = 400000,
                                .uses = 2,
                                .from_ms = 50,
                                .until_ms = 60,
                                .cid = 77,
                                .label = "sixteen letters!" };
    command = (struct command){ 0 };
    injection_encode(&there, &command);
    assert_true(injection_decode(&command, &back));
    assert_int_equal(back.value, 400000);
    assert_int_equal(back.cid, 77);
    assert_true(back.everywhere);
    assert_memory_equal(back.label, there.label, sizeof back.label);
}

TEST(a_command_that_nobody_encoded_is_refused)
{
    struct injection made;

    assert_false(injection_decode(&(struct command){ .type = 0, .tif_ms = 9 }, &made));
    assert_false(injection_decode(&(struct command){ .type = INJECTION_END, .tif_ms = 9 }, &made));
    assert_false(injection_decode(&(struct command){ .type = INJECTION_HALT }, &made));
    assert_false(injection_decode(
        &(struct command){ .type = INJECTION_HALT, .market = MARKET_COUNT, .tif_ms = 9 }, &made));
    assert_false(injection_decode(
        &(struct command){ .type = INJECTION_LATENCY, .amount = -1, .tif_ms = 9 }, &made));
}

TEST_MAIN
