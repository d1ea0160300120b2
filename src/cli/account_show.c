#include "cli/client.h"
#include "cli/command.h"
#include "cli/reply.h"

int cli_account_show(int argc, char **argv)
{
    const char *name = NULL;
    struct client c = { 0 };
    json_t *account = NULL;
    struct buffer path;
    int exit;
    const struct option options[] = {
        { .name = "ACCOUNT", .kind = OPTION_OPERAND, .required = true, .into = &name,
          .help = "number or e-mail address" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey account show",
        .summary = "one account, its steps and its flag",
        .examples = "latchkey account show ada@example.com\n\n"
                    "# which steps are missing before a key can be made\n"
                    "latchkey account show 7 --json | jq .missing\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    buffer_init(&path);
    buffer_append(&path, SLICE("/accounts"));
    path_append(&path, name);
    exit = client_call(&c, "GET", path.at, NULL, &account);
    buffer_wipe(&path);
    return client_show(&c, exit, account, account_print);
}
