#include "cli/client.h"
#include "cli/command.h"
#include "cli/key_ask.h"
#include "cli/reply.h"

int cli_key_ungrant(int argc, char **argv)
{
    struct option_list scopes = { .count = 0 };
    const char *id = NULL, *reason = NULL;
    struct client c = { 0 };
    json_t *key = NULL;
    struct buffer path;
    int exit;
    const struct option options[] = {
        { .name = "KEY", .kind = OPTION_OPERAND, .required = true, .into = &id,
          .help = "the key id" },
        { .name = "scopes", .kind = OPTION_LIST, .value = "A,B", .into = &scopes,
          .help = "[all of them] positions:read, positions:write" },
        { .name = "reason", .kind = OPTION_TEXT, .value = "TEXT", .required = true,
          .into = &reason, .help = "kept in the change log" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey key ungrant",
        .summary = "take elevated scopes back from a key, at once",
        .examples = "latchkey key ungrant lki_live_EXAMPLE0EXAMPLE000000 \\\n"
                    "    --reason \"contract ended\"\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    buffer_init(&path);
    buffer_append(&path, SLICE("/keys"));
    path_append(&path, id);
    buffer_append(&path, SLICE("/ungrant"));
    exit = client_call(&c, "POST", path.at,
                       json_pack("{s:o, s:s}", "scopes", key_list_json(&scopes), "reason",
                                 reason),
                       &key);
    buffer_wipe(&path);
    if (exit != COMMAND_DONE)
        return exit;
    if (c.json)
        client_print(key);
    else
        printf("%s is without it now, on every gateway\n", id);
    json_decref(key);
    return COMMAND_DONE;
}
