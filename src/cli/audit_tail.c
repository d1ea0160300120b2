#include "cli/audit_filter.h"
#include "cli/command.h"

/* Where a tail begins: at the present end of the log. */
static int end_get(const struct client *c, uint64_t *from)
{
    json_t *reply = NULL;
    int exit = client_call(c, "GET", "/audit?limit=1", NULL, &reply);

    if (exit == COMMAND_DONE)
        *from = (uint64_t)json_integer_value(json_object_get(reply, "size"));
    json_decref(reply);
    return exit;
}

/* Waits in the authority for the next records; returns when the authority went away. */
static int follow(const struct client *c, const struct audit_filter *filter, const char *command,
                  uint64_t from)
{
    for (;;) {
        json_t *reply = NULL, *records, *record;
        struct buffer path;
        char number[24];
        size_t i;
        int exit = COMMAND_MISUSED;

        buffer_init(&path);
        buffer_append(&path, SLICE("/audit/tail"));
        snprintf(number, sizeof number, "%llu", (unsigned long long)from);
        query_append(&path, "from", number);
        if (audit_filter_append(filter, command, &path))
            exit = client_call(c, "GET", path.at, NULL, &reply);
        buffer_wipe(&path);
        if (exit != COMMAND_DONE)
            return exit;
        records = json_object_get(reply, "records");
        if (c->json)
            records_json_print(records, stdout);
        else
            json_array_foreach(records, i, record)
                record_line_print(record, stdout);
        fflush(stdout);
        from = (uint64_t)json_integer_value(json_object_get(reply, "next"));
        json_decref(reply);
    }
}

int cli_audit_tail(int argc, char **argv)
{
    struct audit_filter filter = { 0 };
    struct client c = { 0 };
    uint64_t from = UINT64_MAX;
    const struct option options[] = {
        AUDIT_FILTER_OPTIONS(filter),
        { .name = "from", .kind = OPTION_NUMBER, .value = "INDEX", .most = INT64_MAX,
          .into = &from, .help = "start at this record instead of at the end of the log" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey audit tail",
        .summary = "requests as they happen, until Ctrl-C",
        .details = "With --json: one record a line.\n",
        .examples = "latchkey audit tail --env live\n\n"
                    "# every refusal of one key\n"
                    "latchkey audit tail --key lki_live_EXAMPLE0EXAMPLE000000 --json \\\n"
                    "    | jq -c 'select(.verdict != \"pass\")'\n",
        .options = options,
    };
    int exit = COMMAND_DONE;

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    if (from == UINT64_MAX)
        exit = end_get(&c, &from);
    return exit == COMMAND_DONE ? follow(&c, &filter, syntax.command, from) : exit;
}
