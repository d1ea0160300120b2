#include "cli/command.h"
#include "cli/options.h"
#include "cli/sandbox_call.h"

int cli_sandbox_clear(int argc, char **argv)
{
    uint64_t id = 0;
    json_t *body;
    struct sandbox_client c = { 0 };
    const struct option options[] = {
        { .name = "id", .kind = OPTION_NUMBER, .value = "N", .most = INT64_MAX, .into = &id,
          .help = "only this one" },
        SANDBOX_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey sandbox clear",
        .summary = "end what is injected",
        .examples = "latchkey sandbox clear         # all of it\n"
                    "latchkey sandbox clear --id 4  # as \"latchkey sandbox status\" numbers it\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    body = json_object();
    sandbox_put_number(body, "id", id);
    return sandbox_call(&c, "clear", body);
}
