#include "../exchange/floor.h"

#include "market/generator.h"
#include "market/traders.h"
#include "market/worth.h"

#define NOW_MS UINT64_C(1764000000000)
#define ROOM   ((struct engine_limits){ .orders = 8192, .accounts = 64 })

struct stage {
    struct floor floor;
    struct generator generator;
    uint64_t commands[MARKET_COUNT];
};

static void stage_open(struct stage *stage, uint64_t seed)
{
    *stage = (struct stage){ 0 };
    floor_open(&stage->floor, ROOM);
    stage->floor.unchecked = true;
    stage->floor.writes = false;
    generator_init(&stage->generator, seed, stage->floor.engine, NOW_MS);
}

static bool both_sides_stand(const struct engine *engine, enum market market)
{
    struct book_level bid = { .market = market, .bid = true };
    struct book_level ask = { .market = market, .bid = false };

    return engine_level_next(engine, &bid) && engine_level_next(engine, &ask);
}

/* One batch, as a door does it; false when nothing is due. */
static bool stage_step(struct stage *stage, uint64_t now_ms)
{
    struct command commands[GENERATOR_BATCH];
    size_t count = generator_next(&stage->generator, stage->floor.engine, now_ms, commands);

    for (size_t i = 0; i < count; i++) {
        uint64_t trader = (commands[i].account - GENERATOR_ACCOUNT_FIRST);

        if (trader < MARKET_COUNT * TRADER_COUNT)
            stage->commands[trader / TRADER_COUNT]++;
        if (engine_judge(stage->floor.engine, &commands[i], NULL) != REFUSAL_NONE)
            continue;
        floor_apply(&stage->floor, commands[i]);
    }
    return count > 0;
}

TEST(a_new_exchange_gets_a_past_of_bounded_length)
{
    struct stage stage;

    stage_open(&stage, 1);
    while (stage_step(&stage, NOW_MS))
        continue;
    for (unsigned m = 0; m < MARKET_COUNT; m++) {
        assert_in_range(stage.commands[m], 5000, 60000);
        assert_true(both_sides_stand(stage.floor.engine, (enum market)m));
    }
    assert_true(engine_started_ms(stage.floor.engine) == NOW_MS - GENERATOR_HISTORY_MS);
    assert_true(engine_time_ms(stage.floor.engine) <= NOW_MS);
    assert_true(NOW_MS - engine_time_ms(stage.floor.engine) < 2 * GENERATOR_STEP_MS);
    assert_null(engine_check(stage.floor.engine));
    floor_close(&stage.floor);
}

TEST(both_sides_of_every_book_stand_through_20000_steps)
{
    struct stage stage;
    uint64_t now_ms = NOW_MS;

    stage_open(&stage, 2);
    stage.generator.due_ms = NOW_MS;
    for (unsigned i = 0; i < 20000; i++) {
        while (!stage_step(&stage, now_ms))
            now_ms += GENERATOR_STEP_MS;
        if (i < 10 * MARKET_COUNT)
            continue; /* the first turns build the books */
        for (unsigned m = 0; m < MARKET_COUNT; m++)
            assert_true(both_sides_stand(stage.floor.engine, (enum market)m));
    }
    assert_null(engine_check(stage.floor.engine));
    floor_close(&stage.floor);
}

static unsigned level_count(const struct engine *engine, enum market market, bool bid)
{
    struct book_level level = { .market = market, .bid = bid };
    unsigned count = 0;

    while (engine_level_next(engine, &level))
        count++;
    return count;
}

TEST(books_are_deep_and_follow_what_the_pair_is_worth)
{
    struct stage stage;

    stage_open(&stage, 3);
    while (stage_step(&stage, NOW_MS))
        continue;
    for (unsigned m = 0; m < MARKET_COUNT; m++) {
        struct book_level bid = { .market = (enum market)m, .bid = true };
        struct book_level ask = { .market = (enum market)m, .bid = false };
        int64_t fair = worth_of_pair(3, (enum market)m, GENERATOR_HISTORY_MS);

        assert_true(level_count(stage.floor.engine, (enum market)m, true) >= 20);
        assert_true(level_count(stage.floor.engine, (enum market)m, false) >= 20);
        assert_true(engine_level_next(stage.floor.engine, &bid));
        assert_true(engine_level_next(stage.floor.engine, &ask));
        assert_in_range(bid.price, fair - fair / 100, fair + fair / 200);
        assert_in_range(ask.price, fair - fair / 200, fair + fair / 100);
    }
    floor_close(&stage.floor);
}

static uint64_t run_hash(uint64_t seed, uint64_t *events)
{
    struct stage stage;
    uint64_t hash;

    stage_open(&stage, seed);
    for (unsigned i = 0; i < 5000 && stage_step(&stage, NOW_MS); i++)
        continue;
    hash = engine_state_hash(stage.floor.engine);
    *events = stage.floor.events_hash;
    floor_close(&stage.floor);
    return hash;
}

TEST(the_same_seed_gives_the_same_run_and_another_seed_another)
{
    uint64_t events[3];
    uint64_t first = run_hash(7, &events[0]);

    assert_true(run_hash(7, &events[1]) == first);
    assert_true(events[1] == events[0]);
    assert_true(run_hash(8, &events[2]) != first);
    assert_true(events[2] != events[0]);
}

TEST(a_restarted_generator_goes_on_where_it_was)
{
    struct stage stage;
    struct generator again;

    stage_open(&stage, 4);
    for (unsigned i = 0; i < 70 || stage.generator.place != 0; i++) /* whole rounds */
        stage_step(&stage, NOW_MS);
    generator_init(&again, 4, stage.floor.engine, NOW_MS);
    assert_in_range(again.due_ms, engine_time_ms(stage.floor.engine), stage.generator.due_ms);
    floor_close(&stage.floor);
}

TEST(a_clock_that_jumps_neither_stops_the_traders_nor_floods_the_journal)
{
    struct stage stage;
    unsigned steps = 0;

    stage_open(&stage, 5);
    stage.generator.due_ms = NOW_MS;
    assert_true(stage_step(&stage, NOW_MS));
    while (stage_step(&stage, NOW_MS))
        continue;
    /* An hour back: they go on at the old pace. */
    assert_false(stage_step(&stage, NOW_MS - 3600000));
    assert_true(stage_step(&stage, NOW_MS - 3600000 + GENERATOR_STEP_MS));
    /* A year ahead: a day is made up. */
    while (stage_step(&stage, NOW_MS + 365 * GENERATOR_HISTORY_MS))
        steps++;
    assert_in_range(steps, 1000,
                    (MARKET_COUNT + CURRENCY_COUNT) *
                        (GENERATOR_HISTORY_MS / GENERATOR_HISTORY_STEP_MS + 60));
    floor_close(&stage.floor);
}

TEST_MAIN
