#include <inttypes.h>

#include "base/clock.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/moment.h"
#include "cli/reply.h"

static void retired_print(const json_t *reply, FILE *out)
{
    json_int_t from = json_integer_value(json_object_get(reply, "from"));
    json_int_t end = json_integer_value(json_object_get(reply, "end"));
    bool dry = json_is_true(json_object_get(reply, "dry_run"));

    if (from == end)
        fprintf(out, "nothing to retire: no whole log file is older than that\n");
    else
        fprintf(out, "records %" JSON_INTEGER_FORMAT " to %" JSON_INTEGER_FORMAT " %s\n", from,
                end - 1, dry ? "would be retired" : "are retired; their tree is kept");
}

int cli_audit_retire(int argc, char **argv)
{
    const char *before = NULL;
    bool dry_run = false;
    struct client c = { 0 };
    char when[CLOCK_TEXT_SIZE];
    json_t *reply = NULL;
    uint64_t before_ns;
    int exit;
    const struct option options[] = {
        { .name = "before",
          .kind = OPTION_TEXT,
          .required = true,
          .value = "MOMENT",
          .into = &before,
          .help =
              "records received before then: 400d (ago), 2026-11-23 or 2026-11-23T10:00 (UTC)" },
        { .name = "dry-run",
          .kind = OPTION_SWITCH,
          .into = &dry_run,
          .help = "only say which records would go" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey audit retire",
        .summary = "stop keeping the oldest audit records, but keep their tree",
        .details =
            "They go by whole log files (32 MiB, some 180,000 records) and cannot be brought\n"
            "back: copy the audit folder or export them first.  What was signed still verifies,\n"
            "and the log says who retired them.  To have it done by itself, start the authority\n"
            "with --audit-keep DAYS.\n",
        .examples = "latchkey audit retire --before 2025-01-01 --dry-run\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    if (!moment_parse(before, clock_wall_ns(), &before_ns)) {
        fprintf(stderr,
                "%s: --before \"%s\" is no moment; write 400d, 2026-11-23 or "
                "2026-11-23T10:00\n",
                syntax.command, before);
        return COMMAND_MISUSED;
    }
    clock_format(before_ns, when);
    exit = client_call(&c, "POST", "/audit/retire",
                       json_pack("{s:s, s:b}", "before", when, "dry_run", (int)dry_run), &reply);
    return client_show(&c, exit, reply, retired_print);
}
