#include "cli/client.h"
#include "cli/command.h"
#include "cli/reply.h"

int cli_key_show(int argc, char **argv)
{
    const char *id = NULL;
    struct client c = { 0 };
    json_t *key = NULL;
    struct buffer path;
    int exit;
    const struct option options[] = {
        { .name = "KEY", .kind = OPTION_OPERAND, .required = true, .into = &id,
          .help = "the key id, lki_live_… or lki_test_…" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey key show",
        .summary = "one key: scopes, addresses, and what stands before its first order",
        .examples = "latchkey key show lki_test_EXAMPLE0EXAMPLE000000\n\n"
                    "# how long until it may trade\n"
                    "latchkey key show lki_live_EXAMPLE0EXAMPLE000000 --json | jq .readiness\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    buffer_init(&path);
    buffer_append(&path, SLICE("/keys"));
    path_append(&path, id);
    exit = client_call(&c, "GET", path.at, NULL, &key);
    buffer_wipe(&path);
    return client_show(&c, exit, key, key_print);
}
