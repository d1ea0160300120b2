#include <string.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/key_ask.h"
#include "cli/reply.h"

/* With the two-person rule the first call only proposes. */
static bool has_scope(const json_t *key, const struct option_list *wanted)
{
    const json_t *list = json_object_get(key, "scopes"), *scope;
    size_t i;

    json_array_foreach(list, i, scope) {
        const char *text = reply_text(scope, "scope");

        if ((size_t)wanted->items[0].size == strlen(text) &&
            strncmp(wanted->items[0].at, text, strlen(text)) == 0)
            return true;
    }
    return false;
}

int cli_key_grant(int argc, char **argv)
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
        { .name = "scopes", .kind = OPTION_LIST, .value = "A,B", .required = true, .into = &scopes,
          .help = "positions:read, positions:write" },
        { .name = "reason", .kind = OPTION_TEXT, .value = "TEXT", .required = true,
          .into = &reason, .help = "kept in the change log" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey key grant",
        .summary = "give a key an elevated scope for some days",
        .examples = "latchkey key grant lki_live_EXAMPLE0EXAMPLE000000 --scopes positions:read \\\n"
                    "    --reason \"hedges a fund\"\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    buffer_init(&path);
    buffer_append(&path, SLICE("/keys"));
    path_append(&path, id);
    buffer_append(&path, SLICE("/grant"));
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
        printf(has_scope(key, &scopes) ? "%s has it now, on every gateway\n"
                                       : "%s: a second operator has to do the same\n",
               id);
    json_decref(key);
    return COMMAND_DONE;
}
