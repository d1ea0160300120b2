#include "../exchange/floor.h"

#include "market/generator.h"
#include "market/lenders.h"

#define NOW_MS UINT64_C(1764000000000)

/* A day of the whole market, as a new exchange gets it. */
static void day_pass(struct floor *floor, uint64_t seed)
{
    struct command commands[GENERATOR_BATCH];
    struct generator generator;
    size_t count;

    floor_open(floor, (struct engine_limits){ .orders = 8192, .accounts = 64 });
    floor->unchecked = true;
    floor->writes = false;
    generator_init(&generator, seed, floor->engine, NOW_MS);
    while ((count = generator_next(&generator, floor->engine, NOW_MS, commands)) > 0)
        for (size_t i = 0; i < count; i++)
            if (engine_judge(floor->engine, &commands[i], NULL) == REFUSAL_NONE)
                engine_apply(floor->engine, &commands[i],
                             (struct event_sink){ floor_take, floor });
}

static unsigned count_of(const struct engine *engine, enum currency currency, bool lends)
{
    const struct offer *o = NULL;
    unsigned count = 0;

    while ((o = funding_offer_next(engine, currency, lends, o)) != NULL)
        count++;
    return count;
}

TEST(after_a_day_money_is_offered_wanted_and_lent)
{
    const struct {
        enum currency currency;
        int64_t rate;
    } lent[] = {
#define FUNDING(name, frr) { CURRENCY_##name, frr },
#include "exchange/funding.def"
#undef FUNDING
    };
    struct floor floor;

    day_pass(&floor, 11);
    for (size_t i = 0; i < sizeof lent / sizeof *lent; i++) {
        enum currency currency = lent[i].currency;
        const struct offer *ask = funding_offer_next(floor.engine, currency, true, NULL);
        const struct offer *bid = funding_offer_next(floor.engine, currency, false, NULL);

        assert_in_range(count_of(floor.engine, currency, true), LENDER_OFFERS / 2,
                        LENDER_OFFERS);
        assert_true(count_of(floor.engine, currency, false) >= 5);
        assert_non_null(ask);
        assert_non_null(bid);
        assert_non_null(funding_loan_next(floor.engine, currency, NULL));
        assert_in_range(ask->rate_real, lent[i].rate / 3, lent[i].rate * 4);
        assert_in_range(funding_frr(floor.engine, currency), lent[i].rate / 3, lent[i].rate * 4);
    }
    assert_null(engine_check(floor.engine));
    floor_close(&floor);
}

TEST(rates_stay_between_half_and_twice_of_what_is_usual)
{
    struct mood mood;

    mood_init(&mood, 5);
    for (uint64_t hour = 0; hour < 2000; hour++) {
        struct lenders_turn turn = { .mood = &mood,
                                     .currency = CURRENCY_USD,
                                     .begun_ms = 1,
                                     .time_ms = 1 + hour * 3600000 };

        assert_in_range(lenders_rate(&turn), 15000, 60000);
    }
}

TEST_MAIN
