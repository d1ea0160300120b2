/* The whole engine with contracts: whatever a crowd does, what must hold holds, to the last unit of
 * what settles them. */
#include "dealers.h"

struct watch {
    struct floor floor;
    unsigned commands;
    uint64_t opened, closed, liquidated, paid, covered, events;
};

static void watch_take(void *context, const struct event *event)
{
    struct watch *watch = context;

    if (event->kind == EVENT_POSITION) {
        watch->opened += event->position.change == POSITION_NEW;
        watch->closed += event->position.change == POSITION_CLOSED;
        watch->paid += event->position.cause == POSITION_BY_FUNDING;
    } else if (event->kind == EVENT_LIQUIDATION) {
        watch->liquidated += event->liquidation.is_sold;
    } else if (event->kind == EVENT_LEDGER) {
        watch->covered += event->row->kind == LEDGER_LOSS;
    } else if (event->kind == EVENT_CONTRACT) {
        watch->events += event->contract.is_funding;
    }
    floor_take(&watch->floor, event);
}

static void watch_apply(struct watch *watch, struct command command)
{
    const char *wrong;

    command.time_ms = watch->floor.time_ms;
    engine_apply(watch->floor.engine, &command, (struct event_sink){ watch_take, watch });
    if (++watch->commands % 5 != 0)
        return; /* a mistake stays */
    wrong = engine_check(watch->floor.engine);
    if (wrong != NULL)
        fail_msg("%s, after a command of kind %d at %llu", wrong, (int)command.kind,
                 (unsigned long long)watch->floor.time_ms);
}

static uint64_t run(uint64_t seed, struct watch *watch)
{
    uint64_t hash;

    *watch = (struct watch){ 0 };
    floor_open(&watch->floor, CROWD_ROOM);
    watch->floor.writes = false;
    watch->floor.time_ms = UINT64_C(20000) * FUNDING_DAY_MS;
    for (unsigned i = 0; i < 20000; i++) {
        if (i % 500 == 0) /* liquidated people begin anew */
            for (uint64_t c = 0; c < DEALERS_CREDITS; c++)
                watch_apply(watch, dealers_credit(c));
        watch->floor.time_ms += i % 50 == 0 ? 600000 : i % 5;
        if (engine_due_ms(watch->floor.engine) <= watch->floor.time_ms)
            watch_apply(watch, (struct command){ .kind = COMMAND_TIMER });
        watch_apply(watch, dealers_command(&seed, &watch->floor));
    }
    hash = watch->floor.events_hash;
    floor_close(&watch->floor);
    return hash;
}

TEST(what_must_hold_holds_whatever_dealers_do)
{
    static struct watch watch, again;
    uint64_t seeds[] = { 5, 81, 7 };

    for (unsigned i = 0; i < 3; i++) {
        uint64_t hash = run(seeds[i], &watch);

        print_message("# seed %llu: %llu positions, %llu closed, %llu liquidations, %llu covered, "
                      "%llu paid at %llu funding events\n",
                      (unsigned long long)seeds[i], (unsigned long long)watch.opened,
                      (unsigned long long)watch.closed, (unsigned long long)watch.liquidated,
                      (unsigned long long)watch.covered, (unsigned long long)watch.paid,
                      (unsigned long long)watch.events);
        assert_true(watch.opened > 500 && watch.closed > 500 && watch.liquidated > 20);
        assert_true(watch.events >= 8 && watch.paid > 4 && watch.covered > 20);
        if (i == 0)
            assert_true(run(seeds[0], &again) == hash);
    }
}

TEST_MAIN
