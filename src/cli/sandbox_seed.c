#include <stdlib.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/sandbox_call.h"

int cli_sandbox_seed(int argc, char **argv)
{
    const char *text = NULL;
    uint64_t seed;
    char *end;
    struct sandbox_client c = { 0 };
    const struct option options[] = {
        { .name = "SEED", .kind = OPTION_OPERAND, .required = true, .into = &text,
          .help = "a whole number" },
        SANDBOX_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey sandbox seed",
        .summary = "another random seed for the simulated traders, from now on",
        .details = "Prices do not leap: they glide within six hours to where the seed has them.\n",
        .examples = "latchkey sandbox seed 42\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    seed = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || seed > INT64_MAX) {
        fprintf(stderr, "latchkey sandbox seed: \"%s\" is no whole number\n", text);
        return COMMAND_MISUSED;
    }
    return sandbox_call(&c, "seed", json_pack("{s:I}", "seed", (json_int_t)seed));
}
