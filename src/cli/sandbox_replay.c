#include "cli/command.h"
#include "cli/options.h"
#include "cli/sandbox_call.h"

int cli_sandbox_replay(int argc, char **argv)
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
        .command = "latchkey sandbox replay",
        .summary = "do again what was recorded, to the same state",
        .details = "The sandbox begins anew, everything happens at once, and the clock stands "
                   "still at the end:\n"
                   "the state hash is that of the recording.\n",
        .examples = "latchkey sandbox replay before-the-bug\n"
                    "latchkey sandbox clock real  # and go on from there\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    return sandbox_call(&c, "replay", json_pack("{s:s}", "name", recording));
}
