#include "cli/client.h"
#include "cli/command.h"
#include "cli/reply.h"

static void sources_print(const json_t *reply, FILE *out)
{
    static const char *const titles[] = { "SOURCE", "KIND",  "UP TO DATE", "NEXT", "LOOKED AT",
                                          "MISSED", "FOUND", "ERROR",      NULL };
    const json_t *source;
    struct table t;
    size_t i;

    table_init(&t, titles);
    json_array_foreach(json_object_get(reply, "sources"), i, source)
    {
        const char *error = reply_text(source, "error");

        reply_cell(&t, json_object_get(source, "name"));
        reply_cell(&t, json_object_get(source, "kind"));
        reply_cell(&t, json_object_get(source, "caught_up_at"));
        reply_cell(&t, json_object_get(source, "next_at"));
        reply_cell(&t, json_object_get(source, "looked"));
        reply_cell(&t, json_object_get(source, "missed"));
        reply_cell(&t, json_object_get(source, "found"));
        table_add(&t, error == NULL || *error == '\0' ? NULL : error);
    }
    table_print(&t, out);
    table_wipe(&t);
    if (json_array_size(json_object_get(reply, "sources")) == 0)
        fputs("No scanner has told of its sources: start latchkey scanner.\n", out);
}

int cli_leak_sources(int argc, char **argv)
{
    struct client c = { 0 };
    json_t *reply = NULL;
    int exit;
    const struct option options[] = {
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey leak sources",
        .summary = "what scanners watch, since when it is looked at, and what is wrong",
        .examples = "latchkey leak sources\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    exit = client_call(&c, "GET", "/leaks/sources", NULL, &reply);
    return client_show(&c, exit, reply, sources_print);
}
