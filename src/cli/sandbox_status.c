#include "cli/command.h"
#include "cli/options.h"
#include "cli/sandbox_call.h"

int cli_sandbox_status(int argc, char **argv)
{
    bool hash = false;
    json_t *body;
    struct sandbox_client c = { 0 };
    const struct option options[] = {
        { .name = "hash", .kind = OPTION_SWITCH, .into = &hash,
          .help = "also a number that is the same for equal states" },
        SANDBOX_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey sandbox status",
        .summary = "clock, market and everything that is injected",
        .examples = "latchkey sandbox status\n\n"
                    "# two sandboxes are in the same state when these are equal\n"
                    "latchkey sandbox status --hash --json | jq -r .state_hash\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    body = json_object();
    sandbox_put_number(body, "hash", hash);
    return sandbox_call(&c, "status", body);
}
