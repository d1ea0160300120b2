#include "market/generator.h"

#include <assert.h>

#include "market/lenders.h"
#include "market/traders.h"

/* A round: each market, then each currency. */
enum { PLACES = MARKET_COUNT + CURRENCY_COUNT };

static_assert(TRADERS_COMMANDS_MOST <= GENERATOR_BATCH && LENDERS_COMMANDS_MOST <= GENERATOR_BATCH,
              "a turn of the traders fits a batch");

void generator_init(struct generator *generator, uint64_t seed, const struct engine *engine,
                    uint64_t now_ms)
{
    uint64_t earliest_ms = now_ms > GENERATOR_HISTORY_MS ? now_ms - GENERATOR_HISTORY_MS : 1;
    uint64_t stopped_ms = engine_time_ms(engine);

    *generator = (struct generator){ .step_ms = GENERATOR_STEP_MS };
    mood_init(&generator->mood, seed);
    generator->due_ms = stopped_ms > earliest_ms ? stopped_ms + 1 : earliest_ms;
}

/* While far behind, a long pause lies between two steps. */
static uint64_t pace_of(const struct generator *generator, uint64_t now_ms)
{
    return generator->due_ms + GENERATOR_HISTORY_STEP_MS < now_ms ? GENERATOR_HISTORY_STEP_MS
                                                                  : generator->step_ms;
}

/* The wall clock may jump: what is long past is not made up for, and nobody waits for it to come
 * again. */
static void clock_follow(struct generator *generator, uint64_t now_ms)
{
    if (now_ms > GENERATOR_HISTORY_MS && generator->due_ms < now_ms - GENERATOR_HISTORY_MS)
        generator->due_ms = now_ms - GENERATOR_HISTORY_MS;
    if (generator->due_ms > now_ms + GENERATOR_HISTORY_STEP_MS + generator->step_ms)
        generator->due_ms = now_ms + generator->step_ms;
}

static size_t place_act(const struct generator *generator, const struct engine *engine,
                        uint64_t pace_ms, struct command commands[GENERATOR_BATCH])
{
    if (generator->place < MARKET_COUNT) {
        struct traders_turn turn = { .mood = &generator->mood,
                                     .begun_ms = engine_started_ms(engine),
                                     .pace_ms = pace_ms,
                                     .market = (enum market)generator->place,
                                     .time_ms = generator->due_ms };

        return traders_act(&turn, engine, commands);
    }
    struct lenders_turn turn = { .mood = &generator->mood,
                                 .begun_ms = engine_started_ms(engine),
                                 .pace_ms = pace_ms,
                                 .currency = (enum currency)(generator->place - MARKET_COUNT),
                                 .time_ms = generator->due_ms };

    return lenders_act(&turn, engine, commands);
}

size_t generator_next(struct generator *generator, const struct engine *engine, uint64_t now_ms,
                      struct command commands[GENERATOR_BATCH])
{
    clock_follow(generator, now_ms);
    while (generator->due_ms <= now_ms) {
        uint64_t pace_ms = pace_of(generator, now_ms);
        size_t count = place_act(generator, engine, pace_ms, commands);

        generator->place = (generator->place + 1) % PLACES;
        if (generator->place == 0)
            generator->due_ms += pace_ms;
        if (count > 0)
            return count;
    }
    return 0;
}
