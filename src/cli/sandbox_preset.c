#include "cli/command.h"
#include "cli/options.h"
#include "cli/sandbox_call.h"

int cli_sandbox_preset(int argc, char **argv)
{
    const char *preset = NULL;
    struct sandbox_client c = { 0 };
    const struct option options[] = {
        { .name = "PRESET", .kind = OPTION_OPERAND, .required = true, .into = &preset,
          .help = "one of those above" },
        SANDBOX_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey sandbox preset",
        .summary = "how the market behaves, from now on",
        .details = "  balanced     as it begins\n"
                   "  quiet        little happens\n"
                   "  trend        one percent up each hour\n"
                   "  volatile     four times the movement, thinner books, wider spreads\n"
                   "  thin         a tenth of the depth, three times the spread\n"
                   "  flash-crash  a fifth is lost within a minute, and comes back\n"
                   "  frozen       the simulated traders do nothing\n",
        .examples = "latchkey sandbox preset volatile\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    return sandbox_call(&c, "preset", json_pack("{s:s}", "preset", preset));
}
