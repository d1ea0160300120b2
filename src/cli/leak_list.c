#include "cli/client.h"
#include "cli/command.h"
#include "cli/reply.h"

static void leaks_print(const json_t *reply, FILE *out)
{
    static const char *const titles[] = { "LEAK",  "FOUND", "WHAT", "KEY",  "LABEL",
                                          "OWNER", "DONE",  "NOW",  "SEEN", NULL };
    const json_t *leak;
    struct table t;
    size_t i;

    table_init(&t, titles);
    json_array_foreach(json_object_get(reply, "leaks"), i, leak)
    {
        const char *reaction = reply_text(leak, "reaction"), *state = reply_text(leak, "key_state");

        reply_cell(&t, json_object_get(leak, "id"));
        reply_cell(&t, json_object_get(leak, "found_at"));
        reply_cell(&t, json_object_get(leak, "kind"));
        reply_cell(&t, json_object_get(leak, "key"));
        reply_cell(&t, json_object_get(leak, "label"));
        reply_cell(&t, json_object_get(leak, "email"));
        table_add_toned(&t, reaction, reply_state_tone(reaction));
        table_add_toned(&t, state, reply_state_tone(state));
        reply_cell(&t, json_object_get(leak, "sightings"));
    }
    table_print(&t, out);
    table_wipe(&t);
    if (json_array_size(json_object_get(reply, "leaks")) == 0)
        fputs("No key of ours was found in public.\n", out);
    if (json_is_integer(json_object_get(reply, "next")))
        fprintf(out, "\nOlder ones: --before %" JSON_INTEGER_FORMAT "\n",
                json_integer_value(json_object_get(reply, "next")));
}

int cli_leak_list(int argc, char **argv)
{
    const char *before = NULL;
    struct client c = { 0 };
    json_t *reply = NULL;
    struct buffer path;
    int exit;
    const struct option options[] = {
        { .name = "before",
          .kind = OPTION_TEXT,
          .value = "LEAK",
          .into = &before,
          .help = "only older ones" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey leak list",
        .summary = "keys that were found in public, the newest first",
        .examples = "latchkey leak list\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    buffer_init(&path);
    buffer_append(&path, SLICE("/leaks"));
    query_append(&path, "before", before);
    exit = client_call(&c, "GET", path.at, NULL, &reply);
    buffer_wipe(&path);
    return client_show(&c, exit, reply, leaks_print);
}
