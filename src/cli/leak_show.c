#include <stdlib.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/reply.h"

static void place_rows(struct table *t, const json_t *place)
{
    const json_t *value;
    const char *name;

    reply_row(t, "", NULL);
    reply_row(t, "seen by", json_object_get(place, "origin"));
    reply_row(t, "at", json_object_get(place, "found_at"));
    json_object_foreach((json_t *)json_object_get(place, "place"), name, value)
        reply_row(t, name, value);
    json_object_foreach((json_t *)json_object_get(place, "details"), name, value)
        reply_row(t, name, value);
    reply_row(t, "around it", json_object_get(place, "excerpt"));
}

static void leak_print(const json_t *leak, FILE *out)
{
    static const char *const titles[] = { "", "", NULL };
    static const char *const rows[][2] = {
        { "leak", "id" },
        { "what", "kind" },
        { "key", "key" },
        { "label", "label" },
        { "owner", "email" },
        { "done", "reaction" },
        { "found", "found_at" },
        { "lifted", "lifted_at" },
        { "key now", "key_state" },
        { "seen", "sightings" },
        { "evidence", "evidence_sha256" },
    };
    const json_t *use = json_object_get(leak, "use_since"), *place;
    struct table t;
    size_t i;

    table_init(&t, titles);
    for (i = 0; i < sizeof rows / sizeof *rows; i++)
        reply_row(&t, rows[i][0], json_object_get(leak, rows[i][1]));
    reply_row(&t, "passed since", json_object_get(use, "passed"));
    reply_row(&t, "refused since", json_object_get(use, "refused"));
    table_add_toned(&t, "from", TONE_DIM);
    reply_list_cell(&t, json_object_get(use, "addresses"), NULL);
    json_array_foreach(json_object_get(leak, "places"), i, place) place_rows(&t, place);
    table_print(&t, out);
    table_wipe(&t);
}

int cli_leak_show(int argc, char **argv)
{
    const char *leak = NULL;
    struct client c = { 0 };
    json_t *reply = NULL;
    struct buffer path;
    int exit;
    const struct option options[] = {
        { .name = "LEAK",
          .kind = OPTION_OPERAND,
          .required = true,
          .into = &leak,
          .help = "its number" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey leak show",
        .summary = "one leak: where it was seen, what was done, what was tried since",
        .details = "--json has the evidence record as it was written, of which the audit log has "
                   "the hash.\n",
        .examples = "latchkey leak show 12\n\n"
                    "# the evidence, and its hash\n"
                    "latchkey leak show 12 --json | jq -j .evidence | sha256sum\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    buffer_init(&path);
    buffer_append(&path, SLICE("/leaks"));
    path_append(&path, leak);
    exit = client_call(&c, "GET", path.at, NULL, &reply);
    buffer_wipe(&path);
    return client_show(&c, exit, reply, leak_print);
}
