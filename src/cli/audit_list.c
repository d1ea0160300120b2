#include "cli/audit_filter.h"
#include "cli/command.h"

enum { PAGE_MOST = 1000 };

/* One page below `before` (0: from the newest).  Exit code; *reply is set when it is 0. */
static int page_get(const struct client *c, const struct audit_filter *filter, const char *command,
                    uint64_t before, uint64_t limit, json_t **reply)
{
    struct buffer path;
    char number[24];
    int exit = COMMAND_MISUSED;

    buffer_init(&path);
    buffer_append(&path, SLICE("/audit"));
    if (audit_filter_append(filter, command, &path)) {
        snprintf(number, sizeof number, "%llu", (unsigned long long)limit);
        query_append(&path, "limit", number);
        snprintf(number, sizeof number, "%llu", (unsigned long long)before);
        query_append(&path, "before", before == 0 ? NULL : number);
        exit = client_call(c, "GET", path.at, NULL, reply);
    }
    buffer_wipe(&path);
    return exit;
}

static int list(const struct client *c, const struct audit_filter *filter, const char *command,
                uint64_t limit)
{
    uint64_t before = 0, left = limit;
    struct table t;
    int exit = COMMAND_DONE;

    records_table_init(&t);
    while (left > 0) {
        json_t *reply = NULL, *records, *record;
        size_t i;

        exit = page_get(c, filter, command, before, left < PAGE_MOST ? left : PAGE_MOST, &reply);
        if (exit != COMMAND_DONE)
            break;
        records = json_object_get(reply, "records");
        if (c->json)
            records_json_print(records, stdout);
        else
            json_array_foreach(records, i, record)
                records_table_add(&t, record);
        left -= json_array_size(records) < left ? json_array_size(records) : left;
        before = (uint64_t)json_integer_value(json_object_get(reply, "next"));
        json_decref(reply);
        if (before == 0)
            break;
    }
    if (exit == COMMAND_DONE && !c->json)
        table_print(&t, stdout);
    table_wipe(&t);
    return exit;
}

int cli_audit_list(int argc, char **argv)
{
    struct audit_filter filter = { 0 };
    struct client c = { 0 };
    uint64_t limit = 50;
    const struct option options[] = {
        AUDIT_FILTER_OPTIONS(filter),
        { .name = "limit", .kind = OPTION_NUMBER, .value = "N", .least = 1, .most = 1000000,
          .into = &limit, .help = "[50] at most so many, newest first" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey audit list",
        .summary = "requests as the gate recorded them, refused ones too; newest first",
        .details = "With --json: one record a line.  Changes by the authority are listed too.\n",
        .examples = "# what did this key do in the last hour\n"
                    "latchkey audit list --key lki_test_EXAMPLE0EXAMPLE000000 --since 1h\n\n"
                    "# orders that were refused\n"
                    "latchkey audit list --path '/v2/auth/w/order/*' --status 500\n\n"
                    "# slowest of the last thousand\n"
                    "latchkey audit list --limit 1000 --json | jq -s 'max_by(.latency_us)'\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    return list(&c, &filter, syntax.command, limit);
}
