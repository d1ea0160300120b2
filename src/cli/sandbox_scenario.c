#include "base/buffer.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/sandbox_call.h"

enum { FILE_MOST_BYTES = 32 * 1024 };

int cli_sandbox_scenario(int argc, char **argv)
{
    const char *path = NULL;
    struct buffer text;
    uint64_t account = 0;
    json_t *body;
    enum err e;
    struct sandbox_client c = { 0 };
    const struct option options[] = {
        { .name = "FILE", .kind = OPTION_OPERAND, .required = true, .into = &path,
          .help = "in YAML" },
        { .name = "account", .kind = OPTION_NUMBER, .value = "N", .most = INT64_MAX,
          .into = &account, .help = "whom faults and outcomes concern [everybody]" },
        SANDBOX_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey sandbox scenario",
        .summary = "start what a scenario file says",
        .details = "A list of steps: what, to whom, after and for how many seconds.  "
                   "docs/sandbox.md has them all.\n\n"
                   "  steps:\n"
                   "    - { do: shock, symbol: tBTCUSD, percent: -8, after: 10, for: 600 }\n"
                   "    - { do: maintenance, after: 60, for: 30 }\n",
        .examples = "latchkey sandbox scenario bad-morning.yaml\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    buffer_init(&text);
    e = file_read(path, FILE_MOST_BYTES, &text);
    if (e != OK) {
        fprintf(stderr, "latchkey sandbox scenario: %s: %s\n", path, err_text(e));
        buffer_wipe(&text);
        return COMMAND_MISUSED;
    }
    body = json_pack("{s:s%}", "yaml", text.at == NULL ? "" : text.at, text.size);
    buffer_wipe(&text);
    if (body == NULL) {
        fprintf(stderr, "latchkey sandbox scenario: %s is no text in UTF-8\n", path);
        return COMMAND_MISUSED;
    }
    sandbox_put_number(body, "account", account);
    return sandbox_call(&c, "scenario", body);
}
