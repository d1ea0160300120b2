#include "cli/command.h"
#include "cli/options.h"
#include "cli/sandbox_call.h"

int cli_sandbox_clock(int argc, char **argv)
{
    const char *mode = NULL, *times = NULL;
    uint64_t step_s = 0;
    json_t *body;
    struct sandbox_client c = { 0 };
    const struct option options[] = {
        { .name = "MODE", .kind = OPTION_OPERAND, .into = &mode,
          .help = "real, freeze or rate; without one the clock goes on as it does" },
        { .name = "times", .kind = OPTION_TEXT, .value = "N", .into = &times,
          .help = "with rate: how many times as fast, 0.001 to 1000" },
        { .name = "step", .kind = OPTION_NUMBER, .value = "SECONDS", .most = 2592000,
          .into = &step_s, .help = "let so much time pass at once, at most 30 days" },
        SANDBOX_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey sandbox clock",
        .summary = "let the exchange's clock run, stand or step",
        .details = "All that the exchange stamps and all that its traders do follows this clock; "
                   "nonces and the\n"
                   "rates of keys follow the real one.  It never goes back: a reset does.\n",
        .examples = "latchkey sandbox clock freeze\n"
                    "latchkey sandbox clock --step 3600      # an hour passes at once\n"
                    "latchkey sandbox clock rate --times 60  # an hour a minute\n"
                    "latchkey sandbox clock real\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    body = json_object();
    sandbox_put_text(body, "mode", mode);
    sandbox_put_text(body, "rate", times);
    sandbox_put_number(body, "step_ms", step_s * 1000);
    return sandbox_call(&c, "clock", body);
}
