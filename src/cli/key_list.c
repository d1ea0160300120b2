#include "cli/client.h"
#include "cli/command.h"
#include "cli/reply.h"

int cli_key_list(int argc, char **argv)
{
    const char *account = NULL;
    struct client c = { 0 };
    json_t *reply = NULL;
    struct buffer path;
    int exit;
    const struct option options[] = {
        { .name = "account", .kind = OPTION_TEXT, .value = "ACCOUNT", .into = &account,
          .help = "only the keys of this account (number or e-mail address)" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey key list",
        .summary = "keys and their state, never their secrets",
        .examples = "latchkey key list --account ada@example.com\n\n"
                    "# keys that still work\n"
                    "latchkey key list --json | jq '.keys[] | select(.state == \"active\").id'\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    buffer_init(&path);
    buffer_append(&path, SLICE("/keys"));
    query_append(&path, "account", account);
    exit = client_pages(&c, path.at, "keys", &reply);
    buffer_wipe(&path);
    return client_show(&c, exit, reply, keys_print);
}
