#include "cli/client.h"
#include "cli/command.h"
#include "cli/review_print.h"

int cli_review_decide(int argc, char **argv)
{
    const char *review = NULL, *outcome = NULL, *reason = "";
    struct client c = { 0 };
    json_t *reply = NULL;
    struct buffer path;
    int exit;
    const struct option options[] = {
        { .name = "REVIEW", .kind = OPTION_OPERAND, .required = true, .into = &review,
          .help = "its number" },
        { .name = "outcome", .kind = OPTION_CHOICE, .value = "accepted|rejected",
          .required = true, .into = &outcome, .help = "docs/reviews.md says what follows" },
        { .name = "reason", .kind = OPTION_TEXT, .value = "TEXT", .into = &reason,
          .help = "needed for a rejection: the owner reads it" },
        CLIENT_OPTIONS(c),
        { 0 },
    };
    const struct syntax syntax = {
        .command = "latchkey review decide",
        .summary = "accept or reject what a review is about",
        .examples = "latchkey review decide 12 --outcome accepted\n\n"
                    "latchkey review decide 13 --outcome rejected --reason \"page 2 is missing\"\n",
        .options = options,
    };

    OPTIONS_OR_RETURN(&syntax, argc, argv);
    buffer_init(&path);
    buffer_append(&path, SLICE("/reviews"));
    path_append(&path, review);
    buffer_append(&path, SLICE("/decide"));
    exit = client_call(&c, "POST", path.at,
                       json_pack("{s:s, s:s}", "outcome", outcome, "reason", reason), &reply);
    buffer_wipe(&path);
    return client_show(&c, exit, reply, review_print);
}
