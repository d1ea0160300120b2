#include "cli/client.h"
#include "cli/command.h"
#include "cli/reply.h"

static void reviews_print(const json_t *reply, FILE *out)
{
    static const char *const titles[] = { "REVIEW", "KIND", "STATE", "ACCOUNT",
                                          "KEY",    "OPENED", NULL };
    const json_t *review;
    struct table t;
    size_t i;

    table_init(&t, titles);
    json_array_foreach(json_object_get(reply, "reviews"), i, review)
    {
        const char *state = reply_text(review, "state");

        reply_cell(&t, json_object_get(review, "id"));
        reply_cell(&t, json_object_get(review, "kind"));
        table_add_toned(&t, state, reply_state_tone(state));
        reply_cell(&t, json_object_get(json_object_get(review, "account"), "email"));
        reply_cell(&t, json_object_get(json_object_get(review, "key"), "id"));
        reply_cell(&t, json_object_get(review, "opened_at"));
    }
    table_print(&t, out);
    table_wipe(&t);
    if (json_is_integer(json_object_get(reply, "next")))
        fprintf(out, "\nOlder ones: --before %" JSON_INTEGER_FORMAT "\n",
                json_integer_value(json_object_get(reply, "next")));
}

int cli_review_list(int argc, char **argv)
{
    const char *state = "open", *kind = NULL, *before = NULL;
    struct client c = { 0 };
    json_t *reply = NULL;
    struct buffer path;
    int exit;
    const struct option options[] = {
        { .name = "state", .kind = OPTION_CHOICE, .value = "open|decided", .into = &state,
          .help = "[open] what waits, or what was decided" },
        { .name = "kind", .kind = OPTION_CHOICE,
          .value = "document|location|elevation|flag|approval|factor", .into = &kind,
          .help = "[all of them]" },
        { .name = "before", .kind = OPTION_TEXT, .value = "REVIEW", .into = &before,
          .help = "only older ones" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey review list",
        .summary = "what people have to decide, the newest first",
        .examples = "latchkey review list\n\n"
                    "latchkey review list --state decided --kind flag\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    buffer_init(&path);
    buffer_append(&path, SLICE("/reviews"));
    query_append(&path, "state", state);
    query_append(&path, "kind", kind);
    query_append(&path, "before", before);
    exit = client_call(&c, "GET", path.at, NULL, &reply);
    buffer_wipe(&path);
    return client_show(&c, exit, reply, reviews_print);
}
