#include "cli/command.h"
#include "cli/options.h"
#include "cli/sandbox_call.h"

int cli_sandbox_record(int argc, char **argv)
{
    const char *recording = NULL;
    struct sandbox_client c = { 0 };
    const struct option options[] = {
        { .name = "NAME", .kind = OPTION_OPERAND, .required = true, .into = &recording,
          .help = "of a-z, 0-9 and -" },
        SANDBOX_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey sandbox record",
        .summary = "keep everything since the beginning under a name",
        .details =
            "All commands of all accounts and of the market, in the exchange's data folder.\n",
        .examples = "latchkey sandbox record before-the-bug\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    return sandbox_call(&c, "record", json_pack("{s:s}", "name", recording));
}
