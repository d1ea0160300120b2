#include "cli/client.h"
#include "cli/command.h"
#include "cli/review_print.h"

int cli_review_show(int argc, char **argv)
{
    const char *review = NULL;
    struct client c = { 0 };
    json_t *reply = NULL;
    struct buffer path;
    int exit;
    const struct option options[] = {
        { .name = "REVIEW", .kind = OPTION_OPERAND, .required = true, .into = &review,
          .help = "its number" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey review show",
        .summary = "one review, with its evidence",
        .details = "Documents are looked at in the console.\n",
        .examples = "latchkey review show 12\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    buffer_init(&path);
    buffer_append(&path, SLICE("/reviews"));
    path_append(&path, review);
    exit = client_call(&c, "GET", path.at, NULL, &reply);
    buffer_wipe(&path);
    return client_show(&c, exit, reply, review_print);
}
