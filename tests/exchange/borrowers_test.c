/* The whole engine with positions, credits and liquidations: whatever a crowd does, what must hold
 * holds, to the last unit of each currency. */
#include "borrowers.h"

struct watch {
    struct floor floor;
    unsigned commands;
    uint64_t opened, closed, liquidated, credits, losses, short_of_margin;
};

static void watch_take(void *context, const struct event *event)
{
    struct watch *watch = context;

    if (event->kind == EVENT_POSITION) {
        watch->opened += event->position.change == POSITION_NEW;
        watch->closed += event->position.change == POSITION_CLOSED;
    } else if (event->kind == EVENT_LIQUIDATION) {
        watch->liquidated += event->liquidation.is_sold;
    } else if (event->kind == EVENT_LOAN) {
        watch->credits += event->loan.loan->position != 0 && event->loan.change == FUNDING_NEW;
    } else if (event->kind == EVENT_LEDGER) {
        watch->losses += event->row->kind == LEDGER_LOSS;
    } else if (event->kind == EVENT_ORDER) {
        watch->short_of_margin += event->order.order->state == ORDER_STATE_INSUFFICIENT_MARGIN;
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
    for (uint64_t i = 0; i < BORROWERS_CREDITS; i++)
        watch_apply(watch, borrowers_credit(i));
    for (unsigned i = 0; i < 20000; i++) {
        watch->floor.time_ms += i % 50 == 0 ? 600000 : i % 5;
        if (engine_due_ms(watch->floor.engine) <= watch->floor.time_ms)
            watch_apply(watch, (struct command){ .kind = COMMAND_TIMER });
        watch_apply(watch, borrowers_command(&seed, &watch->floor));
        if (i % 500 == 0) /* liquidated people begin anew */
            for (uint64_t c = 0; c < BORROWERS_CREDITS; c++)
                watch_apply(watch, borrowers_credit(c));
    }
    hash = watch->floor.events_hash;
    floor_close(&watch->floor);
    return hash;
}

TEST(what_must_hold_holds_whatever_borrowers_do)
{
    static struct watch watch, again;
    uint64_t seeds[] = { 5, 81 };

    for (unsigned i = 0; i < 2; i++) {
        uint64_t hash = run(seeds[i], &watch);

        print_message("# seed %llu: %llu positions, %llu closed, %llu liquidations, %llu credits, "
                      "%llu losses, %llu short of margin\n",
                      (unsigned long long)seeds[i], (unsigned long long)watch.opened,
                      (unsigned long long)watch.closed, (unsigned long long)watch.liquidated,
                      (unsigned long long)watch.credits, (unsigned long long)watch.losses,
                      (unsigned long long)watch.short_of_margin);
        assert_true(watch.opened > 500 && watch.closed > 500 && watch.liquidated > 20);
        assert_true(watch.credits > 300 && watch.short_of_margin > 0 && watch.losses > 0);
        if (i == 0)
            assert_true(run(seeds[0], &again) == hash);
    }
}

TEST_MAIN
