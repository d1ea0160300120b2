#include "cli/client.h"
#include "cli/command.h"
#include "cli/reply.h"

int cli_key_revoke(int argc, char **argv)
{
    const char *id = NULL, *reason = NULL;
    struct client c = { 0 };
    json_t *key = NULL;
    struct buffer path;
    int exit;
    const struct option options[] = {
        { .name = "KEY", .kind = OPTION_OPERAND, .required = true, .into = &id,
          .help = "the key id" },
        { .name = "reason", .kind = OPTION_TEXT, .value = "TEXT", .required = true,
          .into = &reason, .help = "kept with the key and in the change log" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey key revoke",
        .summary = "end a key for good, at once, on every gateway",
        .examples = "latchkey key revoke lki_test_EXAMPLE0EXAMPLE000000 --reason \"bot retired\"\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    buffer_init(&path);
    buffer_append(&path, SLICE("/keys"));
    path_append(&path, id);
    buffer_append(&path, SLICE("/revoke"));
    exit = client_call(&c, "POST", path.at, json_pack("{s:s}", "reason", reason), &key);
    buffer_wipe(&path);
    if (exit != COMMAND_DONE)
        return exit;
    if (c.json)
        client_print(key);
    else
        printf("%s is %s: no gateway lets it pass any more\n", id, reply_text(key, "state"));
    json_decref(key);
    return COMMAND_DONE;
}
