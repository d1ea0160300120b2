#include "cli/client.h"
#include "cli/command.h"
#include "cli/reply.h"

static void segments_print(const json_t *segments)
{
    static const char *const titles[] = { "SEGMENT",    "KEYS", "CAPACITY", "FREE SLOTS",
                                          "ALL SLOTS", "PATH", NULL };
    static const char *const fields[] = { "environment", "keys",        "capacity",
                                          "slots_free",  "slots_total", "path" };
    const json_t *segment;
    struct table t;
    size_t i;

    table_init(&t, titles);
    json_array_foreach(segments, i, segment)
        for (size_t f = 0; f < sizeof fields / sizeof *fields; f++)
            reply_cell(&t, json_object_get(segment, fields[f]));
    table_print(&t, stdout);
    table_wipe(&t);
}

static void status_print(const json_t *status)
{
    static const char *const two_columns[] = { "", "", NULL };
    const json_t *audit = json_object_get(status, "audit");
    const json_t *problems = json_object_get(status, "problems"), *problem;
    bool colours = terminal_colours(stdout);
    struct table t;
    size_t i;

    table_init(&t, two_columns);
    reply_row(&t, "version", json_object_get(status, "version"));
    reply_row(&t, "started", json_object_get(status, "started_at"));
    reply_row(&t, "accounts", json_object_get(status, "accounts"));
    reply_row(&t, "keys", json_object_get(status, "keys"));
    reply_row(&t, "audit log", json_object_get(audit, "directory"));
    reply_row(&t, "records on disk", json_object_get(audit, "on_disk"));
    reply_row(&t, "records signed", json_object_get(audit, "checkpoint_size"));
    reply_row(&t, "mails waiting",
              json_object_get(json_object_get(status, "mail"), "waiting"));
    reply_row(&t, "master key",
              json_object_get(json_object_get(status, "master_key"), "key"));
    reply_row(&t, "behind by ms", json_object_get(audit, "lag_ms"));
    table_print(&t, stdout);
    table_wipe(&t);
    putchar('\n');
    segments_print(json_object_get(status, "segments"));
    putchar('\n');
    json_array_foreach(problems, i, problem)
        printf("%sproblem: %s%s\n", tone_begin(TONE_BAD, colours), reply_text(problem, "message"),
               tone_end(TONE_BAD, colours));
    if (json_array_size(problems) == 0)
        printf("%sno problems%s\n", tone_begin(TONE_GOOD, colours), tone_end(TONE_GOOD, colours));
}

int cli_status(int argc, char **argv)
{
    struct client c = { 0 };
    json_t *status = NULL;
    bool problems;
    int exit;
    const struct option options[] = { CLIENT_OPTIONS(c), { 0 } };
    const struct syntax syntax = {
        .command = "latchkey status",
        .summary = "is everything well: authority, segments, audit log",
        .details = "Exits with 1 while there is a problem, so a monitor needs no parsing.\n",
        .examples = "latchkey status\n\nlatchkey status --json | jq .problems\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    exit = client_call(&c, "GET", "/status", NULL, &status);
    if (exit != COMMAND_DONE)
        return exit;
    problems = json_array_size(json_object_get(status, "problems")) > 0;
    if (c.json)
        client_print(status);
    else
        status_print(status);
    json_decref(status);
    return problems ? COMMAND_REFUSED : COMMAND_DONE;
}
