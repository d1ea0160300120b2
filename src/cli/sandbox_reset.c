#include "base/clock.h"
#include "cli/command.h"
#include "cli/moment.h"
#include "cli/options.h"
#include "cli/sandbox_call.h"

int cli_sandbox_reset(int argc, char **argv)
{
    const char *moment = NULL;
    uint64_t seed = UINT64_MAX, wall_ns = 0;
    json_t *body;
    struct sandbox_client c = { 0 };
    const struct option options[] = {
        { .name = "seed", .kind = OPTION_NUMBER, .value = "N", .most = INT64_MAX, .into = &seed,
          .help = "of the simulated traders [as before]" },
        { .name = "time", .kind = OPTION_TEXT, .value = "MOMENT", .into = &moment,
          .help = "where the clock stands still, as 2026-01-05T09:00 [the wall clock]" },
        SANDBOX_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey sandbox reset",
        .summary = "begin anew; keys stay",
        .details =
            "Accounts have their starting balances again; orders, histories and what was injected "
            "are\n"
            "gone.  With --time the clock stands still at that moment, and the same seed and\n"
            "time give the same market each time; step it with \"latchkey sandbox clock\".\n"
            "The journal before is kept as journal.before.\n",
        .examples = "latchkey sandbox reset\n\n"
                    "# the same market in every test\n"
                    "latchkey sandbox reset --seed 7 --time 2026-01-05T09:00\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    if (moment != NULL && !moment_parse(moment, clock_wall_ns(), &wall_ns)) {
        fprintf(stderr, "latchkey sandbox reset: \"%s\" is no moment; try 2026-01-05T09:00\n",
                moment);
        return COMMAND_MISUSED;
    }
    body = json_object();
    if (seed != UINT64_MAX)
        json_object_set_new(body, "seed", json_integer((json_int_t)seed));
    sandbox_put_number(body, "time_ms", wall_ns / NS_PER_MS);
    return sandbox_call(&c, "reset", body);
}
